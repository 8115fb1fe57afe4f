/** Translation edit rate: edits and shifts of phrases, with Tercom's search as sacrebleu implements it. */
import { nonEmpty, splitWords, stripEnd } from '@gtc/errors';
import { referencesOf } from './bleu.js';
import { editTable, fillBand, type Operation, traceOf, type Words } from './edit-band.js';
import { separatePunctuation, unescapeEntities } from './mt-tokenizers.js';

/** Options of {@link corpusTer}. */
export interface TerOptions {
  /** Separate punctuation. */
  readonly normalized?: boolean;
  /** Remove punctuation. */
  readonly noPunct?: boolean;
  /** Apply both to East Asian text as well. */
  readonly asianSupport?: boolean;
  readonly caseSensitive?: boolean;
}

/** Tercom's limits: longest phrase that moves, farthest move, candidates tried per segment. */
const MAX_SHIFT_SIZE = 10;
const MAX_SHIFT_DISTANCE = 50;
const MAX_CANDIDATES = 1000;

const ASIAN_BLOCKS = [/[\u4e00-\u9fff\u3400-\u4dbf]/g, /[\u31c0-\u31ef\u2e80-\u2eff]/g, /[\u3300-\u33ff\uf900-\ufaff\ufe30-\ufe4f]/g, /[\u3200-\u3f22]/g];
const ASIAN_PUNCTUATION = /[\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb]/g;
const FULL_WIDTH_PUNCTUATION = /[\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09]/g;

/** Ideographs apart; runs of kana stay whole. */
function separateAsian(text: string): string {
  const blocks = ASIAN_BLOCKS.reduce((result, block) => result.replace(block, ' $& '), text);
  return blocks.replace(ASIAN_PUNCTUATION, ' $& ').replace(FULL_WIDTH_PUNCTUATION, ' $& ');
}

function tokensOf(text: string, { normalized = false, noPunct = false, asianSupport = false, caseSensitive = false }: TerOptions): string[] {
  let result = stripEnd(text);
  if (!caseSensitive) result = result.toLowerCase();
  if (normalized) {
    const plain = unescapeEntities(result.replaceAll('\n-', '').replaceAll('\n', ' '));
    result = separateWithPossessive(` ${plain} `);
    if (asianSupport) result = separateAsian(result);
  }
  if (noPunct) {
    result = result.replace(/[.,?:;!"()]/g, '');
    if (asianSupport) result = result.replace(ASIAN_PUNCTUATION, '').replace(FULL_WIDTH_PUNCTUATION, '');
  }
  return splitWords(result);
}

/** mteval's rules, with `'s` split off between the first and the second of them. */
function separateWithPossessive(text: string): string {
  const symbols = text.replace(/[{-~[-`!-&(-+:-@/]/g, ' $& ');
  const possessive = symbols.replaceAll("'s ", " 's ").replace(/'s$/, " 's");
  return separatePunctuation(possessive);
}

interface Alignment {
  /** For each word of the reference, the word of the hypothesis at or before it. */
  readonly position: readonly number[];
  readonly refWrong: readonly boolean[];
  readonly hypWrong: readonly boolean[];
}

function alignmentOf(trace: readonly Operation[]): Alignment {
  const [position, refWrong, hypWrong]: [number[], boolean[], boolean[]] = [[], [], []];
  for (const operation of trace) {
    if (operation !== 'insert') hypWrong.push(operation !== 'keep');
    if (operation !== 'delete') {
      position.push(hypWrong.length - 1);
      refWrong.push(operation !== 'keep');
    }
  }
  return { position, refWrong, hypWrong };
}

/** Moves `length` words from `start` to before the word that stands at `target`. */
function shifted(words: Words, start: number, length: number, target: number): number[] {
  const phrase = words.slice(start, start + length);
  if (target < start) return [...words.slice(0, target), ...phrase, ...words.slice(target, start), ...words.slice(start + length)];
  if (target > start + length) return [...words.slice(0, start), ...words.slice(start + length, target), ...phrase, ...words.slice(target)];
  return [...words.slice(0, start), ...words.slice(start + length, length + target), ...phrase, ...words.slice(length + target)];
}

/** Phrases that occur in both, not too far apart. */
function* commonPhrases(hyp: Words, ref: Words): Generator<readonly [hypStart: number, refStart: number, length: number]> {
  for (let i = 0; i < hyp.length; i++) {
    for (let j = Math.max(0, i - MAX_SHIFT_DISTANCE); j < ref.length && j <= i + MAX_SHIFT_DISTANCE; j++) {
      for (
        let length = 1;
        length <= MAX_SHIFT_SIZE && i + length <= hyp.length && j + length <= ref.length && hyp[i + length - 1] === ref[j + length - 1];
        length++
      )
        yield [i, j, length];
    }
  }
}

interface Shift {
  readonly rank: readonly [gain: number, length: number, start: number, target: number];
  readonly words: Words;
}

function outranks(a: Shift, b: Shift | null): boolean {
  if (b === null) return true;
  const difference = a.rank.map((value, i) => value - b.rank[i]!).find(value => value !== 0);
  return difference !== undefined && difference > 0;
}

/** Places to which a phrase may move: before each word of the hypothesis that aligns with a word of the reference's phrase. */
function* targetsOf({ position }: Alignment, refStart: number, length: number): Generator<number> {
  let previous = -1;
  for (let offset = -1; offset < length; offset++) {
    const index = refStart + offset;
    if (index >= position.length) return;
    const target = index === -1 ? 0 : position[index]! + 1;
    if (target !== previous) yield target;
    previous = target;
  }
}

/** The shift that saves most edits; ties go to the longer, earlier phrase and the nearer target. */
function bestShift(hyp: Words, ref: Words, tried: number): { readonly best: Shift | null; readonly tried: number } {
  const table = editTable(hyp.length, ref.length);
  const distance = fillBand(table, hyp, ref);
  const trial = editTable(hyp.length, ref.length);
  const alignment = alignmentOf(traceOf(table));
  let best: Shift | null = null;
  for (const [start, refStart, length] of commonPhrases(hyp, ref)) {
    if (!alignment.hypWrong.slice(start, start + length).includes(true)) continue;
    if (!alignment.refWrong.slice(refStart, refStart + length).includes(true)) continue;
    const aligned = alignment.position[refStart]!;
    if (aligned >= start && aligned < start + length) continue;
    for (const target of targetsOf(alignment, refStart, length)) {
      const words = shifted(hyp, start, length, target);
      // Rows of words before the shift stay as they are.
      const from = Math.min(start, target);
      trial.cost.set(table.cost.subarray(from * table.width, (from + 1) * table.width), from * table.width);
      const shift: Shift = { rank: [distance - fillBand(trial, words, ref, from), length, -start, -target], words };
      tried++;
      if (outranks(shift, best)) best = shift;
    }
    if (tried >= MAX_CANDIDATES) break;
  }
  return { best, tried };
}

/** Shifts greedily while they save edits, then counts edits. */
function countEdits(hypothesis: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return hypothesis.length;
  const ids = new Map([...hypothesis, ...reference].map((word, i) => [word, i]));
  const ref = reference.map(word => ids.get(word)!);
  let words: Words = hypothesis.map(word => ids.get(word)!);
  let [shifts, tried] = [0, 0];
  for (;;) {
    const step = bestShift(words, ref, tried);
    tried = step.tried;
    if (tried >= MAX_CANDIDATES || step.best === null || step.best.rank[0] <= 0) break;
    shifts++;
    words = step.best.words;
  }
  return shifts + fillBand(editTable(words.length, ref.length), words, ref);
}

/**
 * Translation edit rate of a corpus (Snover et al. 2006): edits and phrase shifts per word of the reference, in percent.
 *
 * @param hypotheses one segment each
 * @param references one list for each reference stream; edits count against the best, lengths are averaged
 * @returns 0 for identical text; above 100 when more is edited than the reference has words
 * @throws {ValidationError} for empty input
 * @throws {ShapeError} when a stream has another length
 * @remarks Python: `sacrebleu.corpus_ter(hypotheses, references, normalized=, no_punct=, case_sensitive=)`; within 1e-9.
 * @example corpusTer(['a b c d'], [['b c d a']]) // => 25
 */
export function corpusTer(hypotheses: readonly string[], references: readonly (readonly string[])[], options: TerOptions = {}): number {
  let [edits, length] = [0, 0];
  for (const [i, segment] of referencesOf(hypotheses, references).entries()) {
    const hyp = tokensOf(hypotheses[i]!, options);
    const refs = segment.map(text => tokensOf(text, options));
    edits += Math.min(...refs.map(ref => countEdits(hyp, ref)));
    length += refs.reduce((sum, ref) => sum + ref.length, 0) / refs.length;
  }
  return length > 0 ? (100 * edits) / length : edits > 0 ? 100 : 0;
}

/**
 * Translation edit rate of one segment against its references.
 *
 * @remarks Python: `sacrebleu.sentence_ter(hypothesis, references)`; within 1e-9.
 * @example sentenceTer('a b c', ['a b d']) // => 100 / 3
 */
export function sentenceTer(hypothesis: string, references: readonly string[], options: TerOptions = {}): number {
  return corpusTer(
    [hypothesis],
    nonEmpty(references, 'references').map(reference => [reference]),
    options,
  );
}
