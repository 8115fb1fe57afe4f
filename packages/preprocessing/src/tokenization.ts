/** Tokenizer settings, and what tokens say about a tokenizer: coverage, fertility, length. Mirrors `hf_gtc.preprocessing.tokenization`. */
import {
  createFrom,
  type Definition,
  type Draft,
  formatCount,
  formatFixed,
  isValueOf,
  NotFoundError,
  nonEmpty,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  splitWords,
  textLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

export type { AddedToken } from './internal/tokenization/added-tokens.js';
export { DecodeStream } from './internal/tokenization/decode-stream.js';
export type { OffsetUnit } from './internal/tokenization/offsets.js';
export { PaddingOptions, TruncationOptions, type TruncationStrategy } from './internal/tokenization/options.js';
export type { TextInput } from './internal/tokenization/pipeline.js';
export { serveTokenizer, TokenizerPool, type TokenizerPort } from './internal/tokenization/pool.js';
export { type BatchEncoding, type CallOptions, PreTrainedTokenizer, PreTrainedTokenizerOptions } from './internal/tokenization/pretrained.js';
export { type SentencePiece, SentencePieceModel, type SentencePieceOptions } from './internal/tokenization/sentencepiece.js';
export type { ModelPiece, PieceType } from './internal/tokenization/sentencepiece-file.js';
export { NewToken } from './internal/tokenization/special-ids.js';
export { readTiktokenRanks, type SpecialOptions, TiktokenEncoding, type TiktokenOptions } from './internal/tokenization/tiktoken.js';
export { Encoding } from './internal/tokenization/tokenized.js';
export {
  calculateVocabFertility,
  type EncodeOptions,
  type Token,
  Tokenizer,
  TokenizerOptions,
  type TokenTensors,
} from './internal/tokenization/tokenizer.js';

/** Roles and the tokens that stand for them unless told otherwise. */
const DEFAULT_SPECIAL_TOKENS: Readonly<Record<string, string>> = {
  pad: '[PAD]',
  unk: '[UNK]',
  bos: '[BOS]',
  eos: '[EOS]',
  sep: '[SEP]',
  cls: '[CLS]',
  mask: '[MASK]',
};

function roleProblem(specialTokens: Readonly<Record<string, string>>): string | null {
  const unknown = Object.keys(specialTokens).find(role => !isValueOf(SpecialTokenType, role));
  return unknown === undefined ? null : `specialTokens (special token type) must be one of ${valuesOf(SpecialTokenType).join(', ')}, got '${unknown}'`;
}

const TOKENIZERS: Readonly<Record<string, Draft<TokenizerConfig>>> = {
  gpt: { tokenizerType: 'bpe', vocabSize: 50257, specialTokens: { pad: '<|endoftext|>', unk: '<|endoftext|>', bos: '<|endoftext|>', eos: '<|endoftext|>' } },
  bert: { tokenizerType: 'wordpiece', vocabSize: 30522, specialTokens: { pad: '[PAD]', unk: '[UNK]', cls: '[CLS]', sep: '[SEP]', mask: '[MASK]' } },
};
const SENTENCE_TOKENS = { pad: '<pad>', unk: '<unk>', bos: '<s>', eos: '</s>' };
const TASKS: Readonly<Record<string, Draft<TokenizerConfig>>> = {
  general: { tokenizerType: 'bpe', vocabSize: 32000, specialTokens: { ...SENTENCE_TOKENS, sep: '</s>', cls: '<s>', mask: '<mask>' } },
  code: { tokenizerType: 'bpe', vocabSize: 50000, specialTokens: SENTENCE_TOKENS },
  translation: { tokenizerType: 'sentencepiece', vocabSize: 64000, specialTokens: SENTENCE_TOKENS },
  multilingual: { tokenizerType: 'sentencepiece', vocabSize: 128000, specialTokens: SENTENCE_TOKENS },
};
const SPECIAL_PATTERNS = ['^\\[.*\\]$', '^<.*>$', '^<\\|.*\\|>$'];
const WORD = '\\p{L}\\p{N}_';
const ESCAPES: Readonly<Record<string, readonly [outside: string, inClass: string]>> = {
  '\\w': [`[${WORD}]`, WORD],
  '\\W': [`[^${WORD}]`, `\\W`],
  '\\d': ['\\p{Nd}', '\\p{Nd}'],
  '\\D': ['\\P{Nd}', '\\P{Nd}'],
  '\\b': [`(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`, '\\b'],
};

/** Kinds of tokenizers. */
export const TokenizerType = { BPE: 'bpe', WORDPIECE: 'wordpiece', UNIGRAM: 'unigram', SENTENCEPIECE: 'sentencepiece', TIKTOKEN: 'tiktoken' } as const;
export type TokenizerType = (typeof TokenizerType)[keyof typeof TokenizerType];

/** Roles of special tokens. */
export const SpecialTokenType = { PAD: 'pad', UNK: 'unk', BOS: 'bos', EOS: 'eos', SEP: 'sep', CLS: 'cls', MASK: 'mask' } as const;
export type SpecialTokenType = (typeof SpecialTokenType)[keyof typeof SpecialTokenType];

/** What is measured of a vocabulary. */
export const VocabAnalysisMetric = { COVERAGE: 'coverage', FERTILITY: 'fertility', UNKNOWN_RATE: 'unknown_rate' } as const;
export type VocabAnalysisMetric = (typeof VocabAnalysisMetric)[keyof typeof VocabAnalysisMetric];

/** Values of {@link TokenizerType}. */
export const VALID_TOKENIZER_TYPES: ReadonlySet<TokenizerType> = new Set(Object.values(TokenizerType));

/** Values of {@link SpecialTokenType}. */
export const VALID_SPECIAL_TOKEN_TYPES: ReadonlySet<SpecialTokenType> = new Set(Object.values(SpecialTokenType));

/** Values of {@link VocabAnalysisMetric}. */
export const VALID_VOCAB_ANALYSIS_METRICS: ReadonlySet<VocabAnalysisMetric> = new Set(Object.values(VocabAnalysisMetric));

/** A tokenizer to build. */
export interface TokenizerConfig {
  readonly tokenizerType: TokenizerType;
  readonly vocabSize: number;
  /** Text of each role. */
  readonly specialTokens: Readonly<Record<string, string>>;
}

/** Defaults and rules of {@link TokenizerConfig}. */
export const TokenizerConfig: Definition<TokenizerConfig> = {
  name: 'TokenizerConfig',
  fields: {
    tokenizerType: { kind: 'enum', of: TokenizerType, default: TokenizerType.BPE },
    vocabSize: { kind: 'int', default: 32000, positive: true },
    specialTokens: { kind: 'record', of: { kind: 'string' }, default: DEFAULT_SPECIAL_TOKENS },
  },
  rules: [({ specialTokens }) => roleProblem(specialTokens)],
};

/** What a vocabulary does with a text. */
export interface VocabStats {
  readonly vocabSize: number;
  /** Share of distinct tokens in the vocabulary, 0 to 1. */
  readonly coverage: number;
  /** In characters. */
  readonly avgTokenLength: number;
  /** Share of unknown tokens, 0 to 1. */
  readonly unknownRate: number;
}

/** Defaults and rules of {@link VocabStats}. */
export const VocabStats: Definition<VocabStats> = {
  name: 'VocabStats',
  fields: {
    vocabSize: { kind: 'int', positive: true },
    coverage: { kind: 'float', default: 1.0, min: 0, max: 1 },
    avgTokenLength: { kind: 'float', default: 4.0, nonNegative: true },
    unknownRate: { kind: 'float', default: 0.0, min: 0, max: 1 },
  },
};

/** A tokenized text. */
export interface TokenizationResult {
  readonly tokens: readonly string[];
  readonly tokenIds: readonly number[];
  /** Start and end of each token in the text. */
  readonly offsets: readonly (readonly [start: number, end: number])[];
  /** Whether a token is special. */
  readonly specialMask: readonly boolean[];
}

/** Defaults and rules of {@link TokenizationResult}. */
export const TokenizationResult: Definition<TokenizationResult> = {
  name: 'TokenizationResult',
  fields: {
    tokens: { kind: 'array', of: { kind: 'string' } },
    tokenIds: { kind: 'array', of: { kind: 'int' } },
    offsets: { kind: 'array', of: { kind: 'any' } },
    specialMask: { kind: 'array', of: { kind: 'bool' } },
  },
  rules: [
    ({ tokens, tokenIds, offsets, specialMask }) =>
      new Set([tokens.length, tokenIds.length, offsets.length, specialMask.length]).size > 1
        ? `tokens, tokenIds, offsets and specialMask must have the same length, got ${tokens.length}, ${tokenIds.length}, ${offsets.length} and ${specialMask.length}`
        : null,
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateTokenizerConfig(config: TokenizerConfig): void {
  validate(TokenizerConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateVocabStats(stats: VocabStats): void {
  validate(VocabStats, stats, 'stats');
}

/** @throws {ValidationError} naming every broken rule */
export function validateTokenizationResult(result: TokenizationResult): void {
  validate(TokenizationResult, result, 'result');
}

/** Settles a {@link TokenizerConfig}. @throws {ValidationError} naming every broken rule */
export function createTokenizerConfig(options: Partial<TokenizerConfig> = {}): TokenizerConfig {
  return createFrom(TokenizerConfig, options);
}

/** Settles a {@link VocabStats}. @throws {ValidationError} naming every broken rule */
export function createVocabStats(vocabSize: VocabStats['vocabSize'], options: Partial<Omit<VocabStats, 'vocabSize'>> = {}): VocabStats {
  return createFrom(VocabStats, { ...options, vocabSize });
}

/** Tokenizer types in ascending order. */
export function listTokenizerTypes(): TokenizerType[] {
  return valuesOf(TokenizerType);
}

/** @throws {ValidationError} naming the values of {@link TokenizerType} */
export function getTokenizerType(name: string): TokenizerType {
  return parseEnum(TokenizerType, name, 'name');
}

/** Special token types in ascending order. */
export function listSpecialTokenTypes(): SpecialTokenType[] {
  return valuesOf(SpecialTokenType);
}

/** @throws {ValidationError} naming the values of {@link SpecialTokenType} */
export function getSpecialTokenType(name: string): SpecialTokenType {
  return parseEnum(SpecialTokenType, name, 'name');
}

/** Vocab analysis metrics in ascending order. */
export function listVocabAnalysisMetrics(): VocabAnalysisMetric[] {
  return valuesOf(VocabAnalysisMetric);
}

/** @throws {ValidationError} naming the values of {@link VocabAnalysisMetric} */
export function getVocabAnalysisMetric(name: string): VocabAnalysisMetric {
  return parseEnum(VocabAnalysisMetric, name, 'name');
}

/** A pattern in Python's sense: words, digits and their boundaries are those of Unicode. @throws {ValidationError} for what is no pattern */
function compilePattern(pattern: string, name: string, flags: string): RegExp {
  let inClass = false;
  const source = pattern.replace(/\\[\s\S]|[[\]]/g, part => {
    if (part === '[' || part === ']') inClass = part === '[';
    return ESCAPES[part]?.[inClass ? 1 : 0] ?? part;
  });
  try {
    return new RegExp(source, `${flags}u`);
  } catch (error) {
    throw new ValidationError(`${name} must be a regular expression, got '${pattern}'`, { parameter: name, received: pattern, cause: error });
  }
}

const meanLength = (tokens: readonly string[]): number =>
  tokens.length === 0 ? 0 : tokens.reduce((total, token) => total + textLength(token), 0) / tokens.length;

/**
 * How a vocabulary fits tokens. Without tokens the coverage is 1.
 *
 * @remarks Python: `hf_gtc.preprocessing.tokenization.analyze_vocabulary(tokens, vocabulary, unk_token=)`.
 */
export function analyzeVocabulary(
  tokens: readonly string[],
  vocabulary: readonly string[],
  { unkToken = '[UNK]' }: { readonly unkToken?: string } = {},
): VocabStats {
  const size = Math.max(1, new Set(notNull(vocabulary, 'vocabulary')).size);
  if (notNull(tokens, 'tokens').length === 0) return { vocabSize: size, coverage: 1, avgTokenLength: 0, unknownRate: 0 };
  const known = new Set(vocabulary);
  const distinct = [...new Set(tokens)];
  return {
    vocabSize: size,
    coverage: distinct.filter(token => known.has(token)).length / distinct.length,
    avgTokenLength: meanLength(tokens),
    unknownRate: tokens.filter(token => token === unkToken).length / tokens.length,
  };
}

/**
 * Tokens to a word; 0 without words or tokens. A word is a run of letters, digits and underscores, which does not hold for scripts without spaces: give
 * a pattern of your own for those.
 *
 * @param wordPattern a regular expression; `\w`, `\d` and `\b` are those of Unicode, as in Python
 * @remarks Python: `hf_gtc.preprocessing.tokenization.calculate_fertility(text, tokens, word_pattern=)`; within 1e-12.
 * @example calculateFertility('hello', ['hello']) // => 1
 */
export function calculateFertility(text: string, tokens: readonly string[], { wordPattern = '\\b\\w+\\b' }: { readonly wordPattern?: string } = {}): number {
  notNull(text, 'text');
  if (notNull(tokens, 'tokens').length === 0) return 0;
  const words = [...text.matchAll(compilePattern(wordPattern, 'wordPattern', 'g'))].length;
  return words === 0 ? 0 : tokens.length / words;
}

/**
 * Tokens of a text, at a guess: characters over those of a token, and the special tokens.
 *
 * @throws {ValidationError} unless avgCharsPerToken is positive
 * @remarks Python: `hf_gtc.preprocessing.tokenization.estimate_sequence_length(text, avg_chars_per_token=, include_special_tokens=)`.
 * @example estimateSequenceLength('') // => 2
 */
export function estimateSequenceLength(
  text: string,
  { avgCharsPerToken = 4.0, includeSpecialTokens = 2 }: { readonly avgCharsPerToken?: number; readonly includeSpecialTokens?: number } = {},
): number {
  positive(avgCharsPerToken, 'avgCharsPerToken');
  nonNegative(includeSpecialTokens, 'includeSpecialTokens');
  return Math.ceil(textLength(notNull(text, 'text')) / avgCharsPerToken) + includeSpecialTokens;
}

/**
 * Several tokenizations of one text side by side.
 *
 * @returns for each, how many tokens, tokens to a word, characters of a token and characters of the text to a token
 * @throws {ValidationError} unless tokenizations is not empty
 * @remarks Python: `hf_gtc.preprocessing.tokenization.compare_tokenizers(text, tokenizations)`.
 */
export function compareTokenizers(text: string, tokenizations: Readonly<Record<string, readonly string[]>>): Record<string, TokenizerComparison> {
  notNull(text, 'text');
  nonEmpty(notNull(tokenizations, 'tokenizations'), 'tokenizations');
  return Object.fromEntries(
    Object.entries(tokenizations).map(([name, tokens]) => [
      name,
      {
        tokenCount: tokens.length,
        fertility: calculateFertility(text, tokens),
        avgTokenLength: meanLength(tokens),
        compressionRatio: tokens.length === 0 ? 0 : textLength(text) / tokens.length,
      },
    ]),
  );
}

/** What {@link compareTokenizers} tells of one tokenizer. */
export interface TokenizerComparison {
  readonly tokenCount: number;
  readonly fertility: number;
  readonly avgTokenLength: number;
  readonly compressionRatio: number;
}

/**
 * Which tokens look special: in square brackets or angle brackets, unless patterns say otherwise.
 *
 * @param specialPatterns regular expressions, each matched from the token's start
 * @remarks Python: `hf_gtc.preprocessing.tokenization.detect_special_tokens(tokens, special_patterns=)`.
 * @example detectSpecialTokens(['󢆊']) // => [false]
 */
export function detectSpecialTokens(
  tokens: readonly string[],
  { specialPatterns = null }: { readonly specialPatterns?: readonly string[] | null } = {},
): boolean[] {
  const patterns = (specialPatterns ?? SPECIAL_PATTERNS).map(pattern => compilePattern(pattern, 'specialPatterns', 'y'));
  return notNull(tokens, 'tokens').map(token =>
    patterns.some(pattern => {
      pattern.lastIndex = 0;
      return pattern.test(token);
    }),
  );
}

/**
 * A vocabulary's figures, as text.
 *
 * @remarks Python: `hf_gtc.preprocessing.tokenization.format_vocab_stats(stats)`; the same text.
 */
export function formatVocabStats(stats: VocabStats): string {
  const { vocabSize, coverage, avgTokenLength, unknownRate } = notNull(stats, 'stats');
  return [
    'Vocabulary Statistics',
    '='.repeat(40),
    `Vocabulary size:     ${formatCount(vocabSize)}`,
    `Coverage:            ${formatFixed(coverage * 100, 1)}%`,
    `Avg token length:    ${formatFixed(avgTokenLength, 2)}`,
    `Unknown rate:        ${formatFixed(unknownRate * 100, 2)}%`,
  ].join('\n');
}

/**
 * A tokenizer for a task, or that of a model family.
 *
 * @param task `general`, `code`, `translation` or `multilingual`
 * @param modelFamily `transformer`, or `gpt` or `bert`, whose tokenizers are theirs whatever the task
 * @throws {ValidationError} unless task and modelFamily are known
 * @remarks Python: `hf_gtc.preprocessing.tokenization.get_recommended_tokenizer_config(task=, model_family=)`.
 * @example getRecommendedTokenizerConfig({ task: 'code' }).vocabSize // => 50000
 */
export function getRecommendedTokenizerConfig({
  task = 'general',
  modelFamily = 'transformer',
}: {
  readonly task?: string;
  readonly modelFamily?: string;
} = {}): TokenizerConfig {
  oneOf(task, 'task', Object.keys(TASKS));
  oneOf(modelFamily, 'modelFamily', ['transformer', ...Object.keys(TOKENIZERS)]);
  return createFrom(TokenizerConfig, TOKENIZERS[modelFamily] ?? TASKS[task]!);
}

/**
 * A text made even: composed (NFC), white space reduced to single spaces, lowercased.
 *
 * @remarks Python: `hf_gtc.preprocessing.tokenization.preprocess_text(text, lowercase=, strip_whitespace=, unicode_normalize=)`; the same text.
 * @example preprocessText('') // => ''
 */
export function preprocessText(
  text: string,
  {
    lowercase = true,
    stripWhitespace = true,
    unicodeNormalize = true,
  }: { readonly lowercase?: boolean; readonly stripWhitespace?: boolean; readonly unicodeNormalize?: boolean } = {},
): string {
  const composed = unicodeNormalize ? notNull(text, 'text').normalize('NFC') : notNull(text, 'text');
  const stripped = stripWhitespace ? splitWords(composed).join(' ') : composed;
  return lowercase ? stripped.toLowerCase() : stripped;
}

/** How a {@link TextTokenizer} treats a batch. */
export interface BatchOptions {
  /** Tokens at most. */
  readonly maxLength: number;
  readonly padding: boolean | 'longest' | 'max_length';
  readonly truncation: boolean;
  /** Kind of arrays, where the tokenizer knows several. */
  readonly returnTensors?: string;
}

/** A tokenizer that is called with texts and answers with named arrays, as those of transformers are. */
export type TextTokenizer<E> = (texts: readonly string[], options: BatchOptions) => E;

/**
 * Tokenizes texts with a tokenizer: the answer is whatever that tokenizer gives.
 *
 * @throws {ValidationError} unless texts is not empty, maxLength is positive
 * @remarks Python: `hf_gtc.preprocessing.tokenization.tokenize_batch(texts, tokenizer, max_length=, padding=, truncation=, return_tensors=)`.
 */
export function tokenizeBatch<E>(
  texts: readonly string[],
  tokenizer: TextTokenizer<E>,
  {
    maxLength = 512,
    padding = true,
    truncation = true,
    returnTensors = 'pt',
  }: { readonly maxLength?: number; readonly padding?: BatchOptions['padding']; readonly truncation?: boolean; readonly returnTensors?: string } = {},
): E {
  nonEmpty(notNull(texts, 'texts'), 'texts');
  positive(maxLength, 'maxLength');
  return notNull(tokenizer, 'tokenizer')(texts, { maxLength, padding, truncation, returnTensors });
}

/**
 * A function that tokenizes a batch of examples, given as columns, to a fixed length, and carries the labels along.
 *
 * @param labelColumn null leaves labels out
 * @throws {ValidationError} unless maxLength is positive, textColumn is not empty
 * @remarks Python: `hf_gtc.preprocessing.tokenization.create_preprocessing_function(tokenizer, text_column=, label_column=, max_length=)`.
 * @example createPreprocessingFunction(texts => ({ lengths: texts.map(text => text.length) }))({ text: ['ab'], label: [1] }) // => { lengths: [2], labels: [1] }
 */
export function createPreprocessingFunction<E extends object>(
  tokenizer: TextTokenizer<E>,
  {
    textColumn = 'text',
    labelColumn = 'label',
    maxLength = 512,
  }: { readonly textColumn?: string; readonly labelColumn?: string | null; readonly maxLength?: number } = {},
): (examples: Readonly<Record<string, readonly unknown[]>>) => E & { readonly labels?: readonly unknown[] } {
  nonEmpty(textColumn, 'textColumn');
  positive(maxLength, 'maxLength');
  return examples => {
    const texts = examples[textColumn];
    if (texts === undefined) throw NotFoundError.of('textColumn', textColumn, Object.keys(examples));
    const encoded = tokenizer(texts as readonly string[], { maxLength, padding: 'max_length', truncation: true });
    const labels = labelColumn === null ? undefined : examples[labelColumn];
    return labels === undefined ? encoded : { ...encoded, labels };
  };
}
