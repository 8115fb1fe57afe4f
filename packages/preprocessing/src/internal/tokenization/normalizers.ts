/** What is done to a text before it is cut: the normalizers of `tokenizer.json`. */
import { type CharacterSet, IDEOGRAPH, MARK, NONSPACING, OTHER, WHITE_SPACE } from '../regex/characters.js';
import { AlignedBuilder, type AlignedText } from './aligned-text.js';
import { toByteCharacters } from './byte-level.js';
import { componentAt, flagAt, listAt, type Reader, textAt } from './json.js';
import { patternAt } from './pattern.js';
import { precompiledAt } from './precompiled.js';
import { toUnicodeForm, type UnicodeForm } from './unicode-forms.js';

/** Changes a text and keeps the places of what it changes. */
export type Normalizer = (text: AlignedText) => AlignedText;

const form =
  (name: UnicodeForm): Reader<Normalizer> =>
  () =>
  text =>
    toUnicodeForm(text, name);

/** Each character by itself, so that a capital sigma never becomes a final one. */
const lowercase: Normalizer = text =>
  text.mapCharacters(character => (character < '\x80' && (character < 'A' || character > 'Z') ? null : character.toLowerCase()));

const dropping =
  (set: CharacterSet): Normalizer =>
  text =>
    text.mapCharacters((_, codePoint) => (codePoint >= 0x300 && set.has(codePoint) ? '' : null));
const stripAccents = dropping(MARK);
/** BERT leaves marks that take space, such as vowel signs of Devanagari. */
const stripNonspacing = dropping(NONSPACING);

const strip =
  (left: boolean, right: boolean): Normalizer =>
  text => {
    const isSpace = (at: number): boolean => WHITE_SPACE.has(text.text.charCodeAt(at));
    let start = 0;
    let end = text.text.length;
    while (left && start < end && isSpace(start)) start++;
    while (right && end > start && isSpace(end - 1)) end--;
    return text.slice(start, end);
  };

const isTextControl = (codePoint: number): boolean => codePoint === 9 || codePoint === 10 || codePoint === 13;

/** Drops what cannot be shown and makes every white space a blank. */
const clean: Normalizer = text =>
  text.mapCharacters((_, codePoint) => {
    if (codePoint >= 0x20 && codePoint < 0x7f) return null;
    if (isTextControl(codePoint)) return ' ';
    if (codePoint === 0xfffd || OTHER.has(codePoint)) return '';
    return WHITE_SPACE.has(codePoint) ? ' ' : null;
  });

const setIdeographsApart: Normalizer = text => text.mapCharacters((character, codePoint) => (IDEOGRAPH.has(codePoint) ? ` ${character} ` : null));

/** What BERT does to a text (Devlin et al. 2019). */
const bert: Reader<Normalizer> = (json, path) => {
  const lowers = flagAt(json['lowercase'], `${path}.lowercase`, true);
  const accents = json['strip_accents'] ?? null;
  const steps = [
    ...(flagAt(json['clean_text'], `${path}.clean_text`, true) ? [clean] : []),
    ...(flagAt(json['handle_chinese_chars'], `${path}.handle_chinese_chars`, true) ? [setIdeographsApart] : []),
    ...((accents === null ? lowers : flagAt(accents, `${path}.strip_accents`)) ? [(text: AlignedText) => stripNonspacing(toUnicodeForm(text, 'NFD'))] : []),
    ...(lowers ? [lowercase] : []),
  ];
  return inTurn(steps);
};

/** Characters that the normalizer of machine translation drops, and those that it makes blanks (SentencePiece). */
const NMT_DROPPED = /[\x01-\x08\v\x0e-\x1f\x7f\x8f\x9f]/;
const NMT_BLANKS = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/;
const nmt: Normalizer = text => text.mapCharacters(character => (NMT_DROPPED.test(character) ? '' : NMT_BLANKS.test(character) ? ' ' : null));

const inTurn =
  (steps: readonly Normalizer[]): Normalizer =>
  text =>
    steps.reduce((current, step) => step(current), text);

const SPELLED_KEPT = 50_000;
const LONGEST_SPELLED = 64;
const spelledWords = new Map<string, string>();

/** Bytes of a text as characters; those of words are remembered. */
function spell(text: string): string {
  if (text.length > LONGEST_SPELLED) return toByteCharacters(text);
  const known = spelledWords.get(text);
  if (known !== undefined) return known;
  const spelled = toByteCharacters(text);
  if (spelledWords.size >= SPELLED_KEPT) spelledWords.clear();
  spelledWords.set(text, spelled);
  return spelled;
}

/** The characters of each byte, aligned with the character that has it. */
export const toBytes: Normalizer = text => {
  const whole = spell(text.text);
  if (whole.length === text.text.length) return text.spelled(whole);
  const builder = new AlignedBuilder();
  for (let at = 0; at < text.text.length; ) {
    const width = text.text.codePointAt(at)! > 0xffff ? 2 : 1;
    builder.push(toByteCharacters(text.text.slice(at, at + width)), text.startOf(at), text.endOf(at + width - 1));
    at += width;
  }
  return builder.build();
};

const READERS: Readonly<Record<string, Reader<Normalizer>>> = {
  NFC: form('NFC'),
  NFD: form('NFD'),
  NFKC: form('NFKC'),
  NFKD: form('NFKD'),
  Lowercase: () => lowercase,
  StripAccents: () => stripAccents,
  Strip: (json, path) => strip(flagAt(json['strip_left'], `${path}.strip_left`, true), flagAt(json['strip_right'], `${path}.strip_right`, true)),
  BertNormalizer: bert,
  Nmt: () => nmt,
  ByteLevel: () => toBytes,
  Replace: (json, path) => {
    const pattern = patternAt(json['pattern'], `${path}.pattern`);
    const content = textAt(json['content'], `${path}.content`);
    return text => text.replaceRanges(pattern(text.text), content);
  },
  Prepend: (json, path) => {
    const content = textAt(json['prepend'], `${path}.prepend`);
    return text => text.prepend(content);
  },
  Precompiled: (json, path) => precompiledAt(json['precompiled_charsmap'], `${path}.precompiled_charsmap`),
  Sequence: (json, path, depth) =>
    inTurn(listAt(json['normalizers'], `${path}.normalizers`).map((item, i) => normalizerAt(item, `${path}.normalizers[${i}]`, depth))),
};

/** The normalizer that a description asks for. @throws {FormatError} naming the part that is wrong */
export function normalizerAt(value: unknown, path = 'normalizer', depth = 0): Normalizer {
  return componentAt(value, path, READERS, depth);
}
