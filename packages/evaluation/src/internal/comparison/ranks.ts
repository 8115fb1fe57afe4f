/** Ranks and what tests of ranks share. */
import { sum } from '@gtc/tensor/statistics';

/** Ranks from 1, equal values share the mean of theirs. */
export function averageRanks(values: ArrayLike<number>): number[] {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks: number[] = new Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) ranks[order[k]!] = (start + 1 + end) / 2;
  }
  return ranks;
}

/** `Σ(t³ - t)` over the numbers of equal values. */
export function tieTerm(values: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  return sum([...sizes.values()].map(size => size ** 3 - size));
}
