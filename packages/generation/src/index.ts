/** Prompting, chat templates, sampling, constrained decoding and tool calls. */
export * from './chat.js';
export * from './constraints.js';
export * from './diffusers.js';
export * from './prompting.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export {
  CoTConfig as PromptingCoTConfig,
  createCotConfig as createPromptingCotConfig,
  createFewShotConfig as createPromptingFewShotConfig,
  createFewShotExample as createPromptingFewShotExample,
  createPromptConfig as createPromptingPromptConfig,
  createPromptStats as createPromptingPromptStats,
  createPromptTemplate as createPromptingPromptTemplate,
  estimatePromptTokens as estimatePromptingTokens,
  FewShotConfig as PromptingFewShotConfig,
  FewShotExample as PromptingFewShotExample,
  formatPrompt as formatPromptingPrompt,
  formatPromptStats as formatPromptingStats,
  getRecommendedPromptConfig as getRecommendedPromptingConfig,
  PromptConfig as PromptingPromptConfig,
  PromptStats as PromptingPromptStats,
  PromptTemplate as PromptingPromptTemplate,
  truncatePrompt as truncatePromptByLength,
  validateCotConfig as validatePromptingCotConfig,
  validateFewShotConfig as validatePromptingFewShotConfig,
  validatePromptTemplate as validatePromptingTemplate,
} from './prompting.js';
export * from './prompts.js';
export {
  createCotConfig,
  createFewShotConfig,
  createFewShotExample,
  createPromptConfig,
  createPromptStats,
  createPromptTemplate,
  estimatePromptTokens,
  FewShotConfig,
  FewShotExample,
  formatPrompt,
  formatPromptStats,
  getRecommendedPromptConfig,
  PromptConfig,
  PromptStats,
  PromptTemplate,
  truncatePrompt,
  validateCotConfig,
  validateFewShotConfig,
  validatePromptTemplate,
} from './prompts.js';
export * from './sampling.js';
export * from './structured.js';
export { getOutputFormat, listOutputFormats, OutputFormat, VALID_OUTPUT_FORMATS } from './structured.js';
export * from './tools.js';
