/** Ids without tokens and places: the same as the whole pipeline gives, many times faster. */
import { PUNCTUATION, WHITE_SPACE } from '../regex/characters.js';
import { Regex } from '../regex/regex.js';
import { AlignedText } from './aligned-text.js';
import { Bpe } from './bpe.js';
import { ByteBpe, type IdList } from './byte-bpe.js';
import { BYTE_CHARACTERS } from './byte-level.js';
import { byteLevelCut } from './byte-level-cut.js';
import type { Model } from './model.js';
import type { Normalizer } from './normalizers.js';
import type { Components } from './pipeline.js';
import type { PreTokenizer } from './pre-tokenizers.js';
import { scanRules } from './scanner.js';

/** Adds the ids of a stretch of a text that no added token is in. */
export type QuickIds = (text: string, out: IdList) => void;

/** What a quick way is made from. */
export interface QuickSource {
  readonly model: Model;
  readonly components: Components;
  readonly normalizer: Normalizer | null;
  readonly preTokenizer: PreTokenizer | null;
}

/** A quick way for a byte-level BPE model, or null where the model or its cut is of another kind. */
function byteLevelIds({ model, components, normalizer }: QuickSource): QuickIds | null {
  const cut = byteLevelCut(components.pre_tokenizer);
  if (cut === null || !(model instanceof Bpe)) return null;
  const { dropout, continuingSubwordPrefix, endOfWordSuffix, unkToken, byteFallback, ignoreMerges } = model.options;
  const { vocabulary } = model;
  const byteIds = Int32Array.from(BYTE_CHARACTERS, character => vocabulary.idOf(character) ?? -1);
  const complete = byteIds.every(id => id >= 0);
  if (dropout || continuingSubwordPrefix !== null || endOfWordSuffix !== null || (!complete && (unkToken !== null || byteFallback))) return null;
  const spell = (bytes: Uint8Array): string => Array.from(bytes, byte => BYTE_CHARACTERS[byte]!).join('');
  const bpe = new ByteBpe({ byteIds, merges: model.table, whole: ignoreMerges ? bytes => vocabulary.idOf(spell(bytes)) : null });
  const encode = encoderOf(cut.pattern, bpe);
  return (text, out) => {
    const normalized = normalizer === null ? text : normalizer(new AlignedText(text)).text;
    if (normalized !== '') encode(cut.addPrefixSpace && !normalized.startsWith(' ') ? ` ${normalized}` : normalized, out);
  };
}

function encoderOf(pattern: string | null, bpe: ByteBpe): QuickIds {
  if (pattern === null) return (text, out) => bpe.encodePlaces(text, [[0, text.length]], out);
  const rules = scanRules(pattern);
  if (rules !== null) return (text, out) => bpe.encodeByRules(text, rules, out);
  const regex = new Regex(pattern);
  return (text, out) => {
    const places: [number, number][] = [];
    let last = 0;
    for (const [start, end] of regex.matches(text)) {
      if (start > last) places.push([last, start]);
      if (end > start) places.push([start, end]);
      last = end;
    }
    if (last < text.length) places.push([last, text.length]);
    bpe.encodePlaces(text, places, out);
  };
}

type Json = Readonly<Record<string, unknown>>;
/** Components that do to words between white space what they do to the whole text. */
const WORDWISE_CUTS = ['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit'];
const WORDWISE_NORMALIZERS = ['BertNormalizer', 'Lowercase', 'NFC', 'NFD', 'NFKC', 'NFKD', 'StripAccents'];

function isWordwise(component: unknown, types: readonly string[], list: string): boolean {
  const json = component as Json;
  if (json['type'] === 'Sequence') return (json[list] as unknown[]).every(item => isWordwise(item, types, list));
  return types.includes(json['type'] as string);
}

/** Normalizers that never join a character with a mark after it, so that a text may be cut at marks of punctuation first. */
const DECOMPOSING = ['BertNormalizer', 'Lowercase', 'NFD', 'NFKD', 'StripAccents'];
const isAsciiPunctuation = (unit: number): boolean => unit < 0x7f && unit > 0x20 && PUNCTUATION.has(unit);

const WORDS_KEPT = 200_000;
const LONGEST_KEPT = 256;

/** A quick way for tokenizers that cut at white space first: words that were met before are looked up. */
function wordwiseIds({ model, components, normalizer, preTokenizer }: QuickSource): QuickIds | null {
  const { pre_tokenizer: cut, normalizer: change } = components;
  if (preTokenizer === null || !isWordwise(cut, WORDWISE_CUTS, 'pretokenizers')) return null;
  if ((change !== null && !isWordwise(change, WORDWISE_NORMALIZERS, 'normalizers')) || (model instanceof Bpe && model.options.dropout)) return null;
  const known = new Map<string, readonly number[]>();
  const idsOf = (word: string): readonly number[] => {
    const aligned = new AlignedText(word);
    const pieces = preTokenizer(normalizer === null ? aligned : normalizer(aligned));
    return pieces.flatMap(({ text }) => (text === '' ? [] : model.tokenize(text).map(({ id }) => id)));
  };
  const add = (word: string, out: IdList): void => {
    let ids = known.get(word);
    if (ids === undefined) {
      ids = idsOf(word);
      if (known.size >= WORDS_KEPT) known.clear();
      if (word.length <= LONGEST_KEPT) known.set(word, ids);
    }
    out.reserve(ids.length);
    for (let i = 0; i < ids.length; i++) out.data[out.length++] = ids[i]!;
  };
  const isSpace = (unit: number): boolean => unit === 0x20 || (unit < 0x80 ? unit >= 9 && unit <= 13 : WHITE_SPACE.has(unit));
  const isolates = (cut as Json)['type'] === 'BertPreTokenizer' && (change === null || isWordwise(change, DECOMPOSING, 'normalizers'));
  const ends = (unit: number): boolean => isSpace(unit) || (isolates && isAsciiPunctuation(unit));
  return (text, out) => {
    for (let at = 0; at < text.length; ) {
      const start = at;
      while (at < text.length && !ends(text.charCodeAt(at))) at++;
      if (at > start) add(text.slice(start, at), out);
      else if (!isSpace(text.charCodeAt(at++))) add(text[start]!, out);
    }
  };
}

/** A quick way for a tokenizer, or null where there is none. */
export function quickIdsOf(source: QuickSource): QuickIds | null {
  return byteLevelIds(source) ?? wordwiseIds(source);
}
