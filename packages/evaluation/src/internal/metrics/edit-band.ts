/** Edits within a band around the diagonal, with the operations that make them: the inner loop of the translation edit rate. */

/** Half width of the band. */
const BEAM_WIDTH = 25;
const UNREACHED = 1e16;

/** How a word of the hypothesis or of the reference is dealt with. */
export type Operation = 'keep' | 'substitute' | 'delete' | 'insert';
const [KEEP, SUBSTITUTE, DELETE, INSERT] = [0, 1, 2, 3];
const OPERATIONS: readonly Operation[] = ['keep', 'substitute', 'delete', 'insert'];

/** Words as numbers, the same number for the same word. */
export type Words = readonly number[];

/** Costs and last operations of all prefixes, a row for each word of the hypothesis. */
export interface EditTable {
  readonly rows: number;
  readonly width: number;
  readonly cost: Float64Array;
  readonly step: Uint8Array;
}

/** A table of which only the row for no words is filled. */
export function editTable(rows: number, columns: number): EditTable {
  const width = columns + 1;
  const cost = new Float64Array((rows + 1) * width).fill(UNREACHED);
  const step = new Uint8Array(cost.length);
  for (let j = 0; j < width; j++) cost[j] = j;
  step.fill(INSERT, 0, width);
  return { rows, width, cost, step };
}

/**
 * Fills the rows after `from` of a table of edits within a band around the diagonal; of equal costs substitution wins over deletion over insertion.
 *
 * @returns the cost of turning all of `hyp` into all of `ref`
 */
export function fillBand({ rows, width, cost, step }: EditTable, hyp: Words, ref: Words, from = 0): number {
  const ratio = ref.length / Math.max(1, rows);
  const beam = BEAM_WIDTH < ratio / 2 ? Math.ceil(ratio / 2 + BEAM_WIDTH) : BEAM_WIDTH;
  for (let i = from + 1; i <= rows; i++) {
    const diagonal = Math.floor(i * ratio);
    const end = i === rows ? width : Math.min(width, diagonal + beam);
    const word = hyp[i - 1];
    let at = i * width;
    let j = Math.max(0, diagonal - beam);
    if (j === 0) {
      cost[at] = cost[at - width]! + 1;
      step[at] = DELETE;
      j = 1;
    }
    for (at += j; j < end; j++, at++) {
      const same = word === ref[j - 1];
      const replaced = cost[at - width - 1]! + (same ? 0 : 1);
      const deleted = cost[at - width]! + 1;
      const inserted = cost[at - 1]! + 1;
      const least = Math.min(replaced, deleted, inserted);
      cost[at] = least;
      step[at] = least === replaced ? (same ? KEEP : SUBSTITUTE) : least === deleted ? DELETE : INSERT;
    }
  }
  return cost[cost.length - 1]!;
}

/** Operations that turn the hypothesis into the reference, from the left. */
export function traceOf({ rows, width, step }: EditTable): Operation[] {
  const trace: Operation[] = [];
  let [i, j] = [rows, width - 1];
  while (i > 0 || j > 0) {
    const operation = OPERATIONS[step[i * width + j]!]!;
    trace.push(operation);
    if (operation !== 'insert') i--;
    if (operation !== 'delete') j--;
  }
  return trace.reverse();
}
