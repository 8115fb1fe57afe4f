/** Translation edit rate: edits and shifts of phrases, with Tercom's search as sacrebleu implements it. */
import { nonEmpty, splitWords, stripEnd } from '@gtc/errors';
import { referencesOf } from './bleu.js';
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

/** Tercom's limits: longest phrase that moves, farthest move, half width of the search band, candidates tried per segment. */
const MAX_SHIFT_SIZE = 10;
const MAX_SHIFT_DISTANCE = 50;
const BEAM_WIDTH = 25;
const MAX_CANDIDATES = 1000;
const UNREACHED = 1e16;

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

type Operation = 'keep' | 'substitute' | 'delete' | 'insert';

interface Edits {
  readonly distance: number;
  /** Operations that turn the hypothesis into the reference, from the left. */
  readonly trace: readonly Operation[];
}

/** Edit distance within a band around the diagonal; of equal costs substitution wins over deletion over insertion. */
function bandedEdits(hyp: readonly string[], ref: readonly string[]): Edits {
  const width = ref.length + 1;
  const cost = new Float64Array((hyp.length + 1) * width).fill(UNREACHED);
  const step = new Uint8Array((hyp.length + 1) * width);
  for (let j = 0; j < width; j++) [cost[j], step[j]] = [j, 3];
  const ratio = hyp.length > 0 ? ref.length / hyp.length : 1;
  const beam = BEAM_WIDTH < ratio / 2 ? Math.ceil(ratio / 2 + BEAM_WIDTH) : BEAM_WIDTH;
  for (let i = 1; i <= hyp.length; i++) {
    const diagonal = Math.floor(i * ratio);
    const end = i === hyp.length ? width : Math.min(width, diagonal + beam);
    for (let j = Math.max(0, diagonal - beam); j < end; j++) relax(cost, step, i, j, width, hyp[i - 1] === ref[j - 1]);
  }
  return { distance: cost[cost.length - 1]!, trace: traceBack(step, hyp.length, ref.length) };
}

const STEPS: readonly Operation[] = ['keep', 'substitute', 'delete', 'insert'];

function relax(cost: Float64Array, step: Uint8Array, i: number, j: number, width: number, same: boolean): void {
  const at = i * width + j;
  const above = cost[at - width]! + 1;
  if (j === 0) {
    [cost[at], step[at]] = [above, 2];
    return;
  }
  let best = cost[at]!;
  const diagonal = cost[at - width - 1]! + (same ? 0 : 1);
  const left = cost[at - 1]! + 1;
  if (best > diagonal) [best, step[at]] = [diagonal, same ? 0 : 1];
  if (best > above) [best, step[at]] = [above, 2];
  if (best > left) [best, step[at]] = [left, 3];
  cost[at] = best;
}

function traceBack(step: Uint8Array, rows: number, columns: number): Operation[] {
  const trace: Operation[] = [];
  let [i, j] = [rows, columns];
  while (i > 0 || j > 0) {
    const operation = STEPS[step[i * (columns + 1) + j]!]!;
    trace.push(operation);
    if (operation !== 'insert') i--;
    if (operation !== 'delete') j--;
  }
  return trace.reverse();
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
function shifted(words: readonly string[], start: number, length: number, target: number): string[] {
  const phrase = words.slice(start, start + length);
  if (target < start) return [...words.slice(0, target), ...phrase, ...words.slice(target, start), ...words.slice(start + length)];
  if (target > start + length) return [...words.slice(0, start), ...words.slice(start + length, target), ...phrase, ...words.slice(target)];
  return [...words.slice(0, start), ...words.slice(start + length, length + target), ...phrase, ...words.slice(length + target)];
}

/** Phrases that occur in both, not too far apart. */
function* commonPhrases(hyp: readonly string[], ref: readonly string[]): Generator<readonly [hypStart: number, refStart: number, length: number]> {
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
  readonly words: string[];
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
function bestShift(hyp: readonly string[], ref: readonly string[], tried: number): { readonly best: Shift | null; readonly tried: number } {
  const before = bandedEdits(hyp, ref);
  const alignment = alignmentOf(before.trace);
  let best: Shift | null = null;
  for (const [start, refStart, length] of commonPhrases(hyp, ref)) {
    if (!alignment.hypWrong.slice(start, start + length).includes(true)) continue;
    if (!alignment.refWrong.slice(refStart, refStart + length).includes(true)) continue;
    const aligned = alignment.position[refStart]!;
    if (aligned >= start && aligned < start + length) continue;
    for (const target of targetsOf(alignment, refStart, length)) {
      const words = shifted(hyp, start, length, target);
      const shift: Shift = { rank: [before.distance - bandedEdits(words, ref).distance, length, -start, -target], words };
      tried++;
      if (outranks(shift, best)) best = shift;
    }
    if (tried >= MAX_CANDIDATES) break;
  }
  return { best, tried };
}

/** Shifts greedily while they save edits, then counts edits. */
function countEdits(hyp: readonly string[], ref: readonly string[]): number {
  if (ref.length === 0) return hyp.length;
  let words = hyp;
  let [shifts, tried] = [0, 0];
  for (;;) {
    const step = bestShift(words, ref, tried);
    tried = step.tried;
    if (tried >= MAX_CANDIDATES || step.best === null || step.best.rank[0] <= 0) break;
    shifts++;
    words = step.best.words;
  }
  return shifts + bandedEdits(words, ref).distance;
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
