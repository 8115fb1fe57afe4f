/** Tokenizers of GGUF files as `tokenizer.json` describes them (the keys `tokenizer.ggml.*` of GGUF's specification). */
import { FormatError, show, UnsupportedError } from '@gtc/errors';
import { piecesJson } from './conversions.js';
import { GPT2_PATTERN } from './pre-tokenizers.js';
import type { ModelPiece } from './sentencepiece-file.js';
import { SPACE_MARK } from './sentencepiece-normalize.js';

type Json = Readonly<Record<string, unknown>>;
type Metadata = ReadonlyMap<string, unknown>;

const LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN2 = LLAMA3.replace('\\p{N}{1,3}', '\\p{N}');
/** Letters with case, which DeepSeek lists one by one. */
const CASED = '[\\p{Lu}\\p{Ll}\\p{Lt}]';
const IDEOGRAPHS = '[一-龥\u0800-一가-\ud7ff]+';

const split = (pattern: string): Json => ({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false });
const PUNCTUATION = split('[\\p{P}\\$\\+<=>\\^~\\|`]+');
const DIGITS: Json = { type: 'Digits', individual_digits: true };
const GPT2 = split(GPT2_PATTERN);

/** What cuts a text before BPE, by the name in `tokenizer.ggml.pre`. */
const CUTS: Readonly<Record<string, readonly Json[]>> = {
  default: [PUNCTUATION, GPT2, split('\\p{N}+'), split('[0-9]{3}')],
  'gpt-2': [GPT2],
  mpt: [GPT2],
  olmo: [GPT2],
  'phi-2': [GPT2],
  'roberta-bpe': [GPT2],
  'llama-bpe': [split(LLAMA3)],
  llama3: [split(LLAMA3)],
  qwen2: [split(QWEN2)],
  stablelm2: [split(QWEN2)],
  'deepseek-r1-qwen': [split(QWEN2)],
  'deepseek-coder': [split('[\\r\\n]'), split('\\s?\\p{L}+'), split('\\s?\\p{P}+'), split(IDEOGRAPHS), DIGITS],
  'deepseek-llm': [split('[\\r\\n]'), split(`\\s?${CASED}+`), split('\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+'), split('\\s+\\z'), split(IDEOGRAPHS), DIGITS],
  falcon: [PUNCTUATION, GPT2, split('[0-9]{3}')],
  'command-r': [DIGITS, GPT2],
  refact: [DIGITS, GPT2],
  smollm: [DIGITS, GPT2],
  starcoder: [DIGITS, GPT2],
};
/** Pre-tokenizers whose words are one token where the vocabulary has them, and whose texts begin with a token. */
const LLAMA3_NAMES = ['llama-bpe', 'llama3'];

/** Types of tokens, by their numbers in `tokenizer.ggml.token_type`. */
const TYPES = ['normal', 'normal', 'unknown', 'control', 'user_defined', 'unused', 'byte'] as const;

function wrong(key: string, expected: string, received: unknown): never {
  const parameter = `tokenizer.ggml.${key}`;
  throw new FormatError(`gguf: ${parameter} must be ${expected}, got ${show(received)}`, { parameter, expected, received });
}

/** Reads the values that begin with `tokenizer.ggml.`. */
class Keys {
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  get(key: string): unknown {
    return this.#metadata.get(`tokenizer.ggml.${key}`);
  }

  text(key: string, fallback?: string): string {
    const value = this.get(key) ?? fallback;
    return typeof value === 'string' ? value : wrong(key, 'a text', value);
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback;
    return typeof value === 'boolean' ? value : wrong(key, 'true or false', value);
  }

  /** A list of texts or numbers; of a length, where one is given. */
  list<T extends string | number>(key: string, type: 'string' | 'number', fallback?: readonly T[], length?: number): readonly T[] {
    const value = this.get(key) ?? fallback;
    if (!Array.isArray(value) || value.some(item => typeof item !== type)) return wrong(key, `a list of ${type === 'string' ? 'texts' : 'numbers'}`, value);
    if (length !== undefined && value.length !== length) return wrong(key, `as long as the ${length} tokens`, value.length);
    return value as T[];
  }

  /** The id of a token with a meaning; null where none has it. */
  id(key: string, count: number): number | null {
    const value = this.get(key) ?? null;
    if (value !== null && !(Number.isInteger(value) && (value as number) >= 0 && (value as number) < count)) return wrong(key, `an id below ${count}`, value);
    return value as number | null;
  }
}

/** Tokens before and after a text. */
function template(tokens: readonly string[], before: number | null, after: number | null): Json | null {
  if (before === null && after === null) return null;
  const special = (id: number | null): Json[] => (id === null ? [] : [{ SpecialToken: { id: tokens[id], type_id: 0 } }]);
  const ids = [...new Set([before, after])].filter(id => id !== null);
  return {
    type: 'TemplateProcessing',
    single: [...special(before), { Sequence: { id: 'A', type_id: 0 } }, ...special(after)],
    pair: [...special(before), { Sequence: { id: 'A', type_id: 0 } }, ...special(after), { Sequence: { id: 'B', type_id: 1 } }, ...special(after)],
    special_tokens: Object.fromEntries(ids.map(id => [tokens[id]!, { id: tokens[id], ids: [id], tokens: [tokens[id]] }])),
  };
}

const vocabularyOf = (tokens: readonly string[]): Json =>
  Object.assign(Object.create(null) as object, Object.fromEntries(tokens.map((token, id) => [token, id])));

function addedTokens(tokens: readonly string[], types: readonly number[]): Json[] {
  return tokens.flatMap((content, id) => {
    const type = TYPES[types[id]!];
    const isAdded = (type === 'control' || type === 'user_defined') && content !== '';
    return isAdded ? [{ id, content, special: type === 'control', normalized: false }] : [];
  });
}

function byteLevelJson(keys: Keys, tokens: readonly string[], types: readonly number[]): Json {
  const name = keys.text('pre', 'default');
  const cuts = Object.hasOwn(CUTS, name) ? CUTS[name]! : undefined;
  if (cuts === undefined)
    throw new UnsupportedError(`gguf: the pre-tokenizer ${show(name)} is not known, known are ${Object.keys(CUTS).join(', ')}`, {
      parameter: 'tokenizer.ggml.pre',
      received: name,
    });
  const isLlama3 = LLAMA3_NAMES.includes(name);
  const bytes = { type: 'ByteLevel', add_prefix_space: keys.flag('add_space_prefix', false), trim_offsets: true, use_regex: false };
  return {
    added_tokens: addedTokens(tokens, types),
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...cuts, bytes] },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    post_processor: ends(keys, tokens, isLlama3, false),
    model: { type: 'BPE', vocab: vocabularyOf(tokens), merges: keys.list('merges', 'string'), ignore_merges: isLlama3 },
  };
}

/** What the file says of tokens at the beginning and the end, or what llama.cpp does where it says nothing. */
function ends(keys: Keys, tokens: readonly string[], addsBos: boolean, addsEos: boolean): Json | null {
  const at = (flag: string, key: string, fallback: boolean): number | null => (keys.flag(flag, fallback) ? keys.id(key, tokens.length) : null);
  return template(tokens, at('add_bos_token', 'bos_token_id', addsBos), at('add_eos_token', 'eos_token_id', addsEos));
}

function scoredJson(keys: Keys, tokens: readonly string[], types: readonly number[], algorithm: 'bpe' | 'unigram'): Json {
  const scores = keys.list<number>('scores', 'number', undefined, tokens.length);
  const pieces = tokens.map((piece, id): ModelPiece => ({ piece, score: scores[id]!, type: TYPES[types[id]!] ?? 'normal' }));
  const bytes = keys.list<number>('precompiled_charsmap', 'number', []);
  const json = piecesJson({
    pieces,
    algorithm,
    byteFallback: pieces.some(({ type }) => type === 'byte'),
    unkId: keys.id('unknown_token_id', tokens.length) ?? 0,
    mapBytes: Uint8Array.from(bytes),
    addDummyPrefix: keys.flag('add_space_prefix', true),
    removeExtraWhitespaces: keys.flag('remove_extra_whitespaces', algorithm === 'unigram'),
  });
  return { ...json, post_processor: ends(keys, tokens, algorithm === 'bpe', algorithm === 'unigram') };
}

/** Tokens of BERT begin with a blank's mark where a word does; `tokenizer.json` marks the others. */
function wordPieceJson(keys: Keys, stored: readonly string[], types: readonly number[]): Json {
  const tokens = stored.map((token, id) => {
    if (token.startsWith(SPACE_MARK)) return token.slice(SPACE_MARK.length);
    const isWord = TYPES[types[id]!] !== 'normal' || /^\[.+\]$/.test(token);
    return isWord ? token : `##${token}`;
  });
  const count = tokens.length;
  const unknown = keys.id('unknown_token_id', count) ?? tokens.indexOf('[UNK]');
  if (unknown < 0) return wrong('unknown_token_id', 'the id of the unknown token', undefined);
  // The specification itself spells the separator's key so.
  const separator = keys.id('seperator_token_id', count) ?? keys.id('eos_token_id', count);
  return {
    added_tokens: addedTokens(tokens, types),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    post_processor: template(tokens, keys.id('cls_token_id', count) ?? keys.id('bos_token_id', count), separator),
    model: { type: 'WordPiece', vocab: vocabularyOf(tokens), unk_token: tokens[unknown], continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
  };
}

/** The tokenizer of a file's metadata. */
export function ggufJson(metadata: Metadata): Json {
  const keys = new Keys(metadata);
  const model = keys.text('model');
  const tokens = keys.list<string>('tokens', 'string');
  const types = keys.list<number>('token_type', 'number', Array<number>(tokens.length).fill(1), tokens.length);
  switch (model) {
    case 'gpt2':
      return byteLevelJson(keys, tokens, types);
    case 'llama':
      return scoredJson(keys, tokens, types, 'bpe');
    case 't5':
      return scoredJson(keys, tokens, types, 'unigram');
    case 'bert':
      return wordPieceJson(keys, tokens, types);
    default:
      throw new UnsupportedError(`gguf: the tokenizer ${show(model)} is not known, known are gpt2, llama, t5, bert`, {
        parameter: 'tokenizer.ggml.model',
        received: model,
      });
  }
}
