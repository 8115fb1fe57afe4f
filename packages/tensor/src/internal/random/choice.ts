/** Choosing positions, with and without weights, as both of numpy's generators do. */
import { inRange, integer, nonNegative, ValidationError } from '@gtc/errors';

/** Options of `choice`. */
export interface ChoiceOptions {
  /** Whether a position may come again. Default: true. */
  readonly replace?: boolean;
  /** Probability of each position; they add up to 1. */
  readonly p?: readonly number[] | null;
}

/** Refuses a number of draws that cannot be made. */
export function checkChoice(n: number, size: number, { replace = true, p = null }: ChoiceOptions): void {
  inRange(integer(n, 'n'), 'n', { min: 1 });
  nonNegative(integer(size, 'size'), 'size');
  if (!replace && size > n) throw new ValidationError(`size must be at most ${n} without replacement, got ${size}`, { parameter: 'size', received: size });
  if (p === null) return;
  if (p.length !== n) throw new ValidationError(`p must have ${n} probabilities, got ${p.length}`, { parameter: 'p', received: p.length });
  const odd = p.find(value => !(value >= 0));
  if (odd !== undefined) throw new ValidationError(`p must not be negative, got ${odd}`, { parameter: 'p', received: odd });
  const total = p.reduce((sum, value) => sum + value, 0);
  if (Math.abs(total - 1) > 1e-8) throw new ValidationError(`p must add up to 1, got ${total}`, { parameter: 'p', received: total });
  if (!replace && p.filter(value => value > 0).length < size)
    throw new ValidationError(`p must have ${size} positive probabilities without replacement`, { parameter: 'p', received: size });
}

/** Running sums that end in 1. */
function cumulative(p: readonly number[]): number[] {
  const sums = runningSums(p);
  return sums.map(value => value / sums.at(-1)!);
}

/** Sums of all values up to each. */
export function runningSums(values: readonly number[]): number[] {
  let sum = 0;
  return values.map(value => (sum += value));
}

/** Index of the first running sum above `x`, at most `last`. */
export function bisect(sums: readonly number[], x: number, last: number): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x < sums[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Draws positions in proportion to probabilities. */
export function weightedChoice(random: () => number, size: number, p: readonly number[]): number[] {
  const sums = cumulative(p);
  return Array.from({ length: size }, () => bisect(sums, random(), sums.length));
}

/** Draws different positions in proportion to probabilities: as many at once as are missing, those found set to 0 before the next try. */
export function weightedChoiceOnce(random: () => number, size: number, p: readonly number[]): number[] {
  const left = [...p];
  const found: number[] = [];
  while (found.length < size) {
    for (const position of found) left[position] = 0;
    found.push(...new Set(weightedChoice(random, size - found.length, left)));
  }
  return found;
}
