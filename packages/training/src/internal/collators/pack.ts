/** Sequences cut to length, in windows, and packed together. */
import { integer, nonNegative, oneOf, positive, ValidationError } from '@gtc/errors';

/** Which of two sequences gives way. */
export type PairTruncation = 'longest_first' | 'only_first' | 'only_second';

/**
 * Two sequences cut so that together they have at most `maxLength` elements.
 *
 * @throws {ValidationError} when the one that is to give way is too short for it
 * @remarks Python: `tokenizers`' truncation of pairs, special tokens not counted; exact.
 * @example truncatePair([1, 2, 3, 4], [5, 6], { maxLength: 4 }) // => [[1, 2], [5, 6]]
 */
export function truncatePair<T>(
  first: readonly T[],
  second: readonly T[],
  { maxLength, strategy = 'longest_first' }: { readonly maxLength: number; readonly strategy?: PairTruncation },
): [T[], T[]] {
  nonNegative(integer(maxLength, 'maxLength'), 'maxLength');
  oneOf(strategy, 'strategy', ['longest_first', 'only_first', 'only_second']);
  const surplus = first.length + second.length - maxLength;
  if (surplus <= 0) return [[...first], [...second]];
  if (strategy === 'longest_first') {
    const [less, more] = [Math.min(first.length, second.length), Math.max(first.length, second.length)];
    const fits = less > maxLength ? less : Math.max(less, maxLength - less);
    const [short, long] = less + fits > maxLength ? [Math.floor(maxLength / 2), Math.ceil(maxLength / 2)] : [less, Math.min(more, fits)];
    return first.length > second.length ? [first.slice(0, long), second.slice(0, short)] : [first.slice(0, short), second.slice(0, long)];
  }
  const [name, cut] = strategy === 'only_first' ? (['first', first] as const) : (['second', second] as const);
  if (cut.length <= surplus)
    throw new ValidationError(`${name} must have more than ${surplus} elements to be cut to a whole of ${maxLength}, got ${cut.length}`, {
      parameter: name,
      received: cut.length,
    });
  const kept = cut.slice(0, cut.length - surplus);
  return strategy === 'only_first' ? [kept, [...second]] : [[...first], kept];
}

/**
 * A long sequence as windows that overlap.
 *
 * @param options `stride` elements that a window shares with the one before
 * @throws {ValidationError} unless the stride is less than the length
 * @remarks Python: `tokenizer(text, truncation=True, stride=..., return_overflowing_tokens=True)`, special tokens not counted; exact.
 * @example truncateWithOverflow([1, 2, 3, 4, 5], { maxLength: 3, stride: 1 }) // => [[1, 2, 3], [3, 4, 5]]
 */
export function truncateWithOverflow<T>(sequence: readonly T[], { maxLength, stride = 0 }: { readonly maxLength: number; readonly stride?: number }): T[][] {
  positive(integer(maxLength, 'maxLength'), 'maxLength');
  nonNegative(integer(stride, 'stride'), 'stride');
  if (stride >= maxLength)
    throw new ValidationError(`stride must be less than maxLength (${maxLength}), got ${stride}`, { parameter: 'stride', received: stride });
  const windows = [sequence.slice(0, maxLength)];
  for (let at = maxLength - stride; at + stride < sequence.length; at += maxLength - stride) windows.push(sequence.slice(at, at + maxLength));
  return windows;
}

/** Sequences that share rows. */
export interface Packed {
  readonly inputIds: number[][];
  /** Lengths of the sequences of each row, for positions that begin anew; missing where sequences are cut anywhere. */
  readonly seqLengths?: number[][];
}

/** The least space that is enough, and the bins that have it: spaces lie in [1, most]. */
class Spaces {
  readonly #bins: number[][];

  constructor(most: number) {
    this.#bins = Array.from({ length: most + 1 }, () => []);
  }

  add(space: number, bin: number): void {
    if (space > 0) this.#bins[space]!.push(bin);
  }

  /** Takes the oldest bin with the least space that is enough. */
  take(length: number): { readonly bin: number; readonly space: number } | null {
    const space = this.#bins.findIndex((bins, each) => each >= length && bins.length > 0);
    return space < 0 ? null : { bin: this.#bins[space]!.shift()!, space };
  }
}

/**
 * Sequences packed into rows of at most `maxLength` tokens: 'bfd' keeps each whole, the longest first into the fullest row that has room (what is longer
 * than a row is cut); 'wrapped' lays all end to end and cuts.
 *
 * @throws {ValidationError} for a strategy that is not known, or a length that is not a positive integer
 * @remarks Ding et al. 2024. Python: `trl.pack_dataset(dataset, seq_length, strategy)`; exact.
 * @example packSequences([[1, 2, 3], [4], [5, 6]], 4, { strategy: 'bfd' }).inputIds // => [[1, 2, 3, 4], [5, 6]]
 */
export function packSequences(
  sequences: readonly (readonly number[])[],
  maxLength: number,
  { strategy = 'bfd' }: { readonly strategy?: 'bfd' | 'wrapped' } = {},
): Packed {
  positive(integer(maxLength, 'maxLength'), 'maxLength');
  oneOf(strategy, 'strategy', ['bfd', 'wrapped']);
  if (strategy === 'wrapped') {
    const all = sequences.flat();
    return { inputIds: Array.from({ length: Math.ceil(all.length / maxLength) }, (_, i) => all.slice(i * maxLength, (i + 1) * maxLength)) };
  }
  const cut = sequences.filter(sequence => sequence.length > 0).map(sequence => sequence.slice(0, maxLength));
  const rows: number[][][] = [];
  const spaces = new Spaces(maxLength);
  for (const sequence of [...cut].sort((a, b) => b.length - a.length)) {
    const { bin, space } = spaces.take(sequence.length) ?? { bin: rows.push([]) - 1, space: maxLength };
    rows[bin]!.push(sequence);
    spaces.add(space - sequence.length, bin);
  }
  return { inputIds: rows.map(row => row.flat()), seqLengths: rows.map(row => row.map(sequence => sequence.length)) };
}
