/** Word and character error rates with alignments, as jiwer reports them. */
import { nonEmpty, ResourceError, sameLength, strip } from '@gtc/errors';
import { itemsOf } from './edit-distance.js';

/** A run of equal operations between reference and hypothesis; ends are exclusive. */
export interface AlignmentChunk {
  readonly type: 'equal' | 'substitute' | 'delete' | 'insert';
  readonly refStart: number;
  readonly refEnd: number;
  readonly hypStart: number;
  readonly hypEnd: number;
}

/** Error rates of a list of segments, counted over all of them. */
export interface ErrorRates {
  /** `(S + D + I) / N`, above 1 when much is inserted. */
  readonly wer: number;
  /** Match error rate `(S + D + I) / (N + I)`. */
  readonly mer: number;
  /** Word information lost, `1 - wip`. */
  readonly wil: number;
  /** Word information preserved, `H/N · H/P`. */
  readonly wip: number;
  readonly hits: number;
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  /** For each segment, its operations from left to right. */
  readonly alignments: AlignmentChunk[][];
}

type Items = readonly (string | number)[];

/** Cells of the table that an alignment may take: 512 MB. */
const MAX_CELLS = 2 ** 27;

/**
 * Distances `D(i, j)` between the first i items of the reference and the first j of the hypothesis.
 */
function distances(ref: Items, hyp: Items): Uint32Array {
  const width = hyp.length + 1;
  const cells = (ref.length + 1) * width;
  if (cells > MAX_CELLS)
    throw new ResourceError(`aligning ${ref.length} with ${hyp.length} items needs ${4 * cells} bytes, at most ${4 * MAX_CELLS} are used; split the segment`, {
      parameter: 'references',
      received: ref.length,
    });
  const table = new Uint32Array(cells);
  for (let j = 0; j < width; j++) table[j] = j;
  for (let i = 1; i <= ref.length; i++) {
    const row = i * width;
    table[row] = i;
    for (let j = 1; j < width; j++) {
      const diagonal = table[row - width + j - 1]! + (ref[i - 1] === hyp[j - 1] ? 0 : 1);
      const above = table[row - width + j]! + 1;
      const left = table[row + j - 1]! + 1;
      table[row + j] = diagonal < above ? (diagonal < left ? diagonal : left) : above < left ? above : left;
    }
  }
  return table;
}

/** Operations from the end: of optimal paths the one that prefers a deletion, then an insertion, then the diagonal (as rapidfuzz does). */
function operations(ref: Items, hyp: Items): AlignmentChunk['type'][] {
  const width = hyp.length + 1;
  const table = distances(ref, hyp);
  const at = (i: number, j: number): number => table[i * width + j]!;
  const found: AlignmentChunk['type'][] = [];
  let [i, j] = [ref.length, hyp.length];
  while (i > 0 && j > 0) {
    if (at(i, j) === at(i - 1, j) + 1) {
      found.push('delete');
      i--;
    } else if (j > 1 && at(i, j - 1) === at(i - 1, j - 1) - 1) {
      found.push('insert');
      j--;
    } else {
      found.push(ref[i - 1] === hyp[j - 1] ? 'equal' : 'substitute');
      i--;
      j--;
    }
  }
  for (; i > 0; i--) found.push('delete');
  for (; j > 0; j--) found.push('insert');
  return found.reverse();
}

/** The common prefix and suffix are equal in every alignment chosen; only what lies between is searched. */
function align(ref: Items, hyp: Items): AlignmentChunk[] {
  const limit = Math.min(ref.length, hyp.length);
  let prefix = 0;
  while (prefix < limit && ref[prefix] === hyp[prefix]) prefix++;
  let suffix = 0;
  while (suffix < limit - prefix && ref[ref.length - 1 - suffix] === hyp[hyp.length - 1 - suffix]) suffix++;
  const middle = operations(ref.slice(prefix, ref.length - suffix), hyp.slice(prefix, hyp.length - suffix));
  const all = [...new Array<'equal'>(prefix).fill('equal'), ...middle, ...new Array<'equal'>(suffix).fill('equal')];
  return chunksOf(all);
}

function chunksOf(types: readonly AlignmentChunk['type'][]): AlignmentChunk[] {
  const chunks: AlignmentChunk[] = [];
  let [i, j] = [0, 0];
  for (let start = 0; start < types.length; ) {
    let end = start;
    while (end < types.length && types[end] === types[start]) end++;
    const type = types[start]!;
    const refEnd = i + (type === 'insert' ? 0 : end - start);
    const hypEnd = j + (type === 'delete' ? 0 : end - start);
    chunks.push({ type, refStart: i, refEnd, hypStart: j, hypEnd });
    [i, j, start] = [refEnd, hypEnd, end];
  }
  return chunks;
}

function rates(references: readonly Items[], hypotheses: readonly Items[]): ErrorRates {
  const alignments = references.map((reference, i) => align(reference, hypotheses[i]!));
  const count = (type: AlignmentChunk['type']): number =>
    alignments.flat().reduce((sum, chunk) => sum + (chunk.type === type ? Math.max(chunk.refEnd - chunk.refStart, chunk.hypEnd - chunk.hypStart) : 0), 0);
  const [hits, substitutions, deletions, insertions] = [count('equal'), count('substitute'), count('delete'), count('insert')];
  const spoken = hits + substitutions + deletions;
  const heard = hits + substitutions + insertions;
  const errors = substitutions + deletions + insertions;
  const counts = { hits, substitutions, deletions, insertions, alignments };
  if (spoken === 0) {
    const wip = heard === 0 ? 1 : 0;
    return { wer: insertions, mer: 1 - wip, wil: 1 - wip, wip, ...counts };
  }
  const wip = heard === 0 ? 0 : (hits / spoken) * (hits / heard);
  return { wer: errors / spoken, mer: errors / (spoken + insertions), wil: 1 - wip, wip, ...counts };
}

function asList(text: string | readonly string[]): readonly string[] {
  return typeof text === 'string' ? [text] : text;
}

function checkTexts(
  references: string | readonly string[],
  hypotheses: string | readonly string[],
): { readonly refs: readonly string[]; readonly hyps: readonly string[] } {
  const [refs, hyps] = [asList(references), asList(hypotheses)];
  nonEmpty(refs, 'references');
  sameLength({ references: refs, hypotheses: hyps });
  return { refs, hyps };
}

/** Two and more of Python's white space. */
const RUN = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{2,}/g;

/** Runs of white space become one space; words are what stands between spaces, so a lone tab is part of a word. */
function wordsOf(text: string): string[] {
  return text
    .replace(RUN, ' ')
    .split(' ')
    .filter(word => strip(word) !== '');
}

/**
 * Word error rate with its relatives and the alignment behind it. Words are split at spaces and runs of white space; nothing is normalised.
 *
 * @param references what was said, one text or several
 * @param hypotheses what was recognised, as many
 * @returns rates over all segments together; for an empty reference `wer` is the number of insertions
 * @throws {ValidationError} for an empty list
 * @throws {ShapeError} when lengths differ
 * @throws {ResourceError} when a segment needs a table of more than 512 MB
 * @remarks Python: `jiwer.process_words(references, hypotheses)`; within 1e-12, the same alignment for segments up to some thousand words.
 * @example wordErrorRate('the cat sat', 'the cat sat down').wer // => 1 / 3
 */
export function wordErrorRate(references: string | readonly string[], hypotheses: string | readonly string[]): ErrorRates {
  const { refs, hyps } = checkTexts(references, hypotheses);
  return rates(refs.map(wordsOf), hyps.map(wordsOf));
}

/**
 * Character error rate: {@link wordErrorRate} over code points, with white space at both ends removed.
 *
 * @remarks Python: `jiwer.process_characters(references, hypotheses)`; within 1e-12.
 * @example characterErrorRate('naïve', 'naive').wer // => 0.2
 */
export function characterErrorRate(references: string | readonly string[], hypotheses: string | readonly string[]): ErrorRates {
  const { refs, hyps } = checkTexts(references, hypotheses);
  return rates(
    refs.map(text => itemsOf(strip(text))),
    hyps.map(text => itemsOf(strip(text))),
  );
}
