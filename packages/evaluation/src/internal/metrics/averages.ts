/** Averages over labels or samples, with the rules for undefined values. */

/** Weighted mean; the plain mean when all weights are zero. */
export function weightedMean(values: ArrayLike<number>, weights?: ArrayLike<number> | null): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const w = weights?.[i] ?? 1;
    if (w === 0) continue;
    sum += w * values[i]!;
    weight += w;
  }
  return weight === 0 && weights ? weightedMean(values) : sum / weight;
}

/** {@link weightedMean} of the values that are defined; NaN when none is. */
export function meanOfDefined(values: ArrayLike<number>, weights?: ArrayLike<number> | null): number {
  const defined = Array.from(values, (_, i) => i).filter(i => !Number.isNaN(values[i]));
  return weightedMean(
    defined.map(i => values[i]!),
    weights ? defined.map(i => weights[i]!) : null,
  );
}

/** `numerator / denominator`, or `zeroDivision` where the denominator is zero. */
export function ratios(numerator: ArrayLike<number>, denominator: ArrayLike<number>, zeroDivision: number): number[] {
  return Array.from(numerator, (value, i) => (denominator[i] === 0 ? zeroDivision : value / denominator[i]!));
}

/** Sum of an array, blocked so that the error stays small for millions of terms. */
export function blockedSum(n: number, term: (i: number) => number): number {
  let total = 0;
  for (let start = 0; start < n; start += 512) {
    const end = Math.min(n, start + 512);
    let block = 0;
    for (let i = start; i < end; i++) block += term(i);
    total += block;
  }
  return total;
}
