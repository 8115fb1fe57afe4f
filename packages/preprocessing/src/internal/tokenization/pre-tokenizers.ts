/** How a text is cut before the model sees it: the pre-tokenizers of `tokenizer.json`. */
import { NUMBER, PUNCTUATION, WHITE_SPACE } from '../regex/characters.js';
import { Regex } from '../regex/regex.js';
import type { AlignedText } from './aligned-text.js';
import { componentAt, countAt, flagAt, type JsonRecord, listAt, oneOfAt, type Reader, refuse, textAt } from './json.js';
import { toBytes } from './normalizers.js';
import { literal, type Pattern, patternAt } from './pattern.js';
import { pieceEnd, type ScanRules, scanRules, Units } from './scanner.js';
import { scriptOf } from './scripts.js';

/** Cuts one piece into pieces; empty ones are dropped by who calls. */
export type PreTokenizer = (piece: AlignedText) => readonly AlignedText[];

/** What happens to the text that a cut is made at. */
type Behavior = (typeof BEHAVIORS)[number];
const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;

/** A stretch of a text and whether the pattern matched it. */
type Stretch = readonly [start: number, end: number, matched: boolean];

/** The whole text in stretches. */
function stretchesOf(text: string, pattern: Pattern, invert: boolean): Stretch[] {
  const stretches: Stretch[] = [];
  let last = 0;
  for (const [start, end] of pattern(text)) {
    if (start > last) stretches.push([last, start, invert]);
    stretches.push([start, end, !invert]);
    last = end;
  }
  if (last < text.length) stretches.push([last, text.length, invert]);
  return stretches;
}

/** Joins a stretch with the one before it where `joins` says so. */
function join(stretches: readonly Stretch[], joins: (before: Stretch, stretch: Stretch) => boolean): Stretch[] {
  const joined: Stretch[] = [];
  let before: Stretch | null = null;
  for (const stretch of stretches) {
    const last = joined.at(-1);
    if (last !== undefined && before !== null && joins(before, stretch)) joined[joined.length - 1] = [last[0], stretch[1], last[2]];
    else joined.push(stretch);
    before = stretch;
  }
  return joined;
}

const JOINS: Readonly<Record<Behavior, (stretches: readonly Stretch[]) => readonly Stretch[]>> = {
  Removed: stretches => stretches.filter(([, , matched]) => !matched),
  Isolated: stretches => stretches,
  Contiguous: stretches => join(stretches, ([, , before], [, , matched]) => before === matched),
  MergedWithPrevious: stretches => join(stretches, ([, , before], [, , matched]) => matched && !before),
  MergedWithNext: stretches => {
    const mirrored = [...stretches].reverse().map(([start, end, matched]): Stretch => [-end, -start, matched]);
    return join(mirrored, ([, , before], [, , matched]) => matched && !before)
      .map(([start, end, matched]): Stretch => [-end, -start, matched])
      .reverse();
  },
};

/** Cuts at a pattern. */
const cutAt =
  (pattern: Pattern, behavior: Behavior, invert = false): PreTokenizer =>
  piece =>
    JOINS[behavior](stretchesOf(piece.text, pattern, invert)).map(([start, end]) => piece.slice(start, end));

/** Each character of a kind, as a pattern. */
const charactersOf =
  (holds: (codePoint: number) => boolean): Pattern =>
  text => {
    const found: [number, number][] = [];
    for (let at = 0; at < text.length; ) {
      const codePoint = text.codePointAt(at)!;
      const end = at + (codePoint > 0xffff ? 2 : 1);
      if (holds(codePoint)) found.push([at, end]);
      at = end;
    }
    return found;
  };

const spaces = charactersOf(codePoint => WHITE_SPACE.has(codePoint));
const marks = charactersOf(codePoint => PUNCTUATION.has(codePoint));
const digits = charactersOf(codePoint => NUMBER.has(codePoint));
const words = new Regex('\\w+|[^\\w\\s]+');

/** The pattern of GPT-2 (Radford et al. 2019). */
export const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** The places that a pattern of the family cuts a text into, found by the scanner. */
function scanned(rules: ScanRules): Pattern {
  const units = new Units();
  return text => {
    const places: [number, number][] = [];
    units.load(text);
    for (let at = 0; at < text.length; ) {
      const end = pieceEnd(units, at, rules);
      places.push([at, end]);
      at = end;
    }
    return places;
  };
}
const gpt2 = scanned(scanRules(GPT2_PATTERN)!);

/** A pattern; one of the family is found by the scanner. */
function splitPatternAt(value: unknown, path: string): Pattern {
  const regex = typeof value === 'object' && value !== null ? (value as { readonly Regex?: unknown }).Regex : null;
  const rules = typeof regex === 'string' ? scanRules(regex) : null;
  return rules === null ? patternAt(value, path) : scanned(rules);
}

const inTurn =
  (steps: readonly PreTokenizer[]): PreTokenizer =>
  piece =>
    steps.reduce<readonly AlignedText[]>((pieces, step) => pieces.flatMap(each => step(each)).filter(each => each.text !== ''), [piece]);

const byteLevel: Reader<PreTokenizer> = (json, path) => {
  const addPrefixSpace = flagAt(json['add_prefix_space'], `${path}.add_prefix_space`, true);
  const cut = flagAt(json['use_regex'], `${path}.use_regex`, true) ? cutAt(gpt2, 'Isolated') : null;
  return piece => {
    const spaced = addPrefixSpace && !piece.text.startsWith(' ') ? piece.prepend(' ') : piece;
    return (cut === null ? [spaced] : cut(spaced)).map(toBytes);
  };
};

/** How a Metaspace component is described; files before version 0.15 say `add_prefix_space`. */
export interface Metaspace {
  readonly replacement: string;
  readonly scheme: 'always' | 'first' | 'never';
  readonly split: boolean;
}

/** Reads a Metaspace component. @throws {FormatError} naming the part that is wrong */
export function metaspaceAt(json: JsonRecord, path: string): Metaspace {
  const replacement = textAt(json['replacement'] ?? '▁', `${path}.replacement`);
  if ([...replacement].length !== 1) return refuse(`${path}.replacement`, 'one character', replacement);
  const older = json['add_prefix_space'];
  const scheme =
    json['prepend_scheme'] === undefined && older !== undefined
      ? flagAt(older, `${path}.add_prefix_space`)
        ? 'always'
        : 'never'
      : oneOfAt(json['prepend_scheme'] ?? 'always', `${path}.prepend_scheme`, ['always', 'first', 'never']);
  return { replacement, scheme, split: flagAt(json['split'], `${path}.split`, true) };
}

const metaspace: Reader<PreTokenizer> = (json, path) => {
  const { replacement, scheme, split } = metaspaceAt(json, path);
  const [blank, cut] = [literal(' '), cutAt(literal(replacement), 'MergedWithNext')];
  return piece => {
    const replaced = piece.replaceRanges(blank(piece.text), replacement);
    const needed = !replaced.text.startsWith(replacement) && (scheme === 'always' || (scheme === 'first' && replaced.origin === 0));
    const marked = needed ? replaced.prepend(replacement) : replaced;
    return split ? cut(marked) : [marked];
  };
};

const fixedLength: Reader<PreTokenizer> = (json, path) => {
  const length = countAt(json['length'] ?? 5, `${path}.length`);
  if (length === 0) return refuse(`${path}.length`, 'positive', length);
  return piece => {
    const pieces: AlignedText[] = [];
    for (let start = 0; start < piece.text.length; ) {
      let end = start;
      for (let i = 0; i < length && end < piece.text.length; i++) end += piece.text.codePointAt(end)! > 0xffff ? 2 : 1;
      pieces.push(piece.slice(start, end));
      start = end;
    }
    return pieces;
  };
};

/** Cuts where the script changes; blanks belong to either side, and what stands before the first script is dropped as the library does. */
const unicodeScripts: PreTokenizer = piece => {
  const cuts: number[] = [];
  let last: string | null = null;
  for (let at = 0; at < piece.text.length; ) {
    const codePoint = piece.text.codePointAt(at)!;
    const script = scriptOf(codePoint);
    if (script !== null && last !== script) cuts.push(at);
    if (script !== null) last = script;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return cuts.map((start, i) => piece.slice(start, cuts[i + 1] ?? piece.text.length));
};

const READERS: Readonly<Record<string, Reader<PreTokenizer>>> = {
  BertPreTokenizer: () => inTurn([cutAt(spaces, 'Removed'), cutAt(marks, 'Isolated')]),
  ByteLevel: byteLevel,
  CharDelimiterSplit: (json, path) => {
    const delimiter = textAt(json['delimiter'], `${path}.delimiter`);
    return [...delimiter].length === 1 ? cutAt(literal(delimiter), 'Removed') : refuse(`${path}.delimiter`, 'one character', delimiter);
  },
  Digits: (json, path) => cutAt(digits, flagAt(json['individual_digits'], `${path}.individual_digits`, false) ? 'Isolated' : 'Contiguous'),
  FixedLength: fixedLength,
  Metaspace: metaspace,
  Punctuation: (json, path) => cutAt(marks, oneOfAt(json['behavior'] ?? 'Isolated', `${path}.behavior`, BEHAVIORS)),
  Sequence: (json, path, depth) =>
    inTurn(listAt(json['pretokenizers'], `${path}.pretokenizers`).map((item, i) => preTokenizerAt(item, `${path}.pretokenizers[${i}]`, depth))),
  Split: (json, path) =>
    cutAt(
      splitPatternAt(json['pattern'], `${path}.pattern`),
      oneOfAt(json['behavior'], `${path}.behavior`, BEHAVIORS),
      flagAt(json['invert'], `${path}.invert`, false),
    ),
  UnicodeScripts: () => unicodeScripts,
  Whitespace: () => cutAt(text => words.matches(text), 'Removed', true),
  WhitespaceSplit: () => cutAt(spaces, 'Removed'),
};

/** The pre-tokenizer that a description asks for. @throws {FormatError} naming the part that is wrong */
export function preTokenizerAt(value: unknown, path = 'pre_tokenizer', depth = 0): PreTokenizer {
  return componentAt(value, path, READERS, depth);
}
