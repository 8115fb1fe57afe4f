/** Search over machine-learning patterns in TypeScript, Python and Rust, with their proof. */
export { type AnswerOptions, formatCode, formatMarkdown, formatText, plainResult, proofText, reasonsText, type Style, type TextOptions } from './answer.js';
export { codeOf, type Equivalents, equivalentsOf } from './equivalents.js';
export type { Corpus, EvidenceProof, Language, ModuleInfo, Pattern, PatternKind, Proof } from './pattern.js';
export { type Explanation, Oracle, type Ranking, type Reasons, type Result, type SearchOptions } from './search.js';
export {
  buildIndex,
  decodeIndex,
  decodeMeanings,
  encodeIndex,
  encodeMeanings,
  INDEX_VERSION,
  IndexBuilder,
  type IndexedSources,
  type IndexInfo,
  MODULE_FIELDS,
  nameTerm,
  PATTERN_FIELDS,
  packMeanings,
  SearchIndex,
} from './search-index.js';
export { originOf, readIndex, readVectors, writeIndex, writeWhole } from './store.js';
export { type Embedder, plainWords, unit, WordVectors } from './vectors.js';
export { spellingKey, splitIdentifier, stem, synonymsOf, tokensOf, wordsOf } from './words.js';
