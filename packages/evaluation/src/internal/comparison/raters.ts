/** How far several raters agree. */
import { integer, nonNegative, oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { sum } from '@gtc/tensor/statistics';
import { type Sample, table } from './result.js';

/** Options of {@link fleissKappa}. */
export interface FleissOptions {
  /** Chance agreement by the shares of the categories (Fleiss 1971), or of equal shares (Randolph 2005). */
  readonly method?: 'fleiss' | 'randolph';
}

/**
 * Agreement of several raters beyond chance.
 *
 * @param counts a row for each item, a column for each category: how many raters chose it; the same number of raters for each item, at least two
 * @throws {ValidationError | ShapeError} for counts that are not whole, or items with different numbers of raters
 * @remarks Python: `statsmodels.stats.inter_rater.fleiss_kappa(table, method=)`.
 * @example fleissKappa([[3, 0], [0, 3]]) // => 1
 */
export function fleissKappa(counts: readonly Sample[], { method = 'fleiss' }: FleissOptions = {}): number {
  const rows = table(counts, 'counts', 1);
  oneOf(method, 'method', ['fleiss', 'randolph'] as const);
  rows.forEach((row, i) => {
    for (const [j, value] of row.entries()) nonNegative(integer(value, `counts[${i}][${j}]`), `counts[${i}][${j}]`);
  });
  const raters = sum(rows[0]!);
  const odd = rows.findIndex(row => sum(row) !== raters);
  if (odd >= 0 || raters < 2)
    throw new ValidationError(
      `counts must name the same number of raters, at least two, in every row, got ${sum(rows[Math.max(0, odd)]!)} in row ${Math.max(0, odd)}`,
      {
        parameter: 'counts',
        received: counts,
      },
    );
  const observed = sum(rows.map(row => (sum(row.map(x => x * x)) - raters) / (raters * (raters - 1)))) / rows.length;
  const shares = rows[0]!.map((_, j) => sum(rows.map(row => row[j]!)) / (rows.length * raters));
  const chance = method === 'fleiss' ? sum(shares.map(share => share * share)) : 1 / shares.length;
  return (observed - chance) / (1 - chance);
}

/** Squared distance of two values, of which the marginal counts are known. */
type Metric = (i: number, j: number, values: readonly number[], counts: readonly number[]) => number;

const METRICS: Readonly<Record<MeasurementLevel, Metric>> = {
  nominal: (i, j) => Number(i !== j),
  ordinal: (i, j, _values, counts) => {
    const [low, high] = [Math.min(i, j), Math.max(i, j)];
    return (sum(counts.slice(low, high + 1)) - (counts[low]! + counts[high]!) / 2) ** 2;
  },
  interval: (i, j, values) => (values[i]! - values[j]!) ** 2,
  ratio: (i, j, values) => (values[i] === values[j] ? 0 : ((values[i]! - values[j]!) / (values[i]! + values[j]!)) ** 2),
};

/** What differences of ratings mean: none, their order, their size, their ratio. */
export type MeasurementLevel = 'nominal' | 'ordinal' | 'interval' | 'ratio';

/**
 * Krippendorff's alpha: agreement beyond chance of any number of raters, with ratings missing.
 *
 * @param reliabilityData a row for each rater, a column for each item; NaN where a rating is missing
 * @throws {ValidationError | ShapeError} for rows of unequal length, an unknown level, or ratings of which fewer than two differ
 * @remarks Python: `krippendorff.alpha(reliability_data=, level_of_measurement=)`.
 * @example krippendorffAlpha([[1, 2, 3], [1, 2, 3]]) // => 1
 */
export function krippendorffAlpha(reliabilityData: readonly Sample[], { level = 'interval' }: { readonly level?: MeasurementLevel } = {}): number {
  const metric = METRICS[oneOf(level, 'level', Object.keys(METRICS) as MeasurementLevel[])];
  const items = reliabilityData[0]?.length ?? 0;
  const short = reliabilityData.findIndex(row => row.length !== items);
  if (short >= 0)
    throw new ShapeError(`reliabilityData must have ${items} columns in every row, got ${reliabilityData[short]!.length} in row ${short}`, {
      parameter: 'reliabilityData',
      received: short,
    });
  const ratings = Array.from({ length: items }, (_, j) => reliabilityData.map(row => row[j]!).filter(value => !Number.isNaN(value)));
  const pairable = ratings.filter(values => values.length > 1);
  const values = [...new Set(pairable.flat())].sort((a, b) => a - b);
  if (values.length < 2)
    throw new ValidationError('reliabilityData must hold at least two different ratings of items that were rated twice', {
      parameter: 'reliabilityData',
      received: values,
    });
  const coincidences = values.map(() => values.map(() => 0));
  for (const unit of pairable) {
    const codes = unit.map(value => values.indexOf(value));
    for (const [a, i] of codes.entries()) for (const [b, j] of codes.entries()) if (a !== b) coincidences[i]![j]! += 1 / (unit.length - 1);
  }
  const counts = coincidences.map(sum);
  const total = sum(counts);
  let [observed, expected] = [0, 0];
  for (const i of values.keys()) {
    for (const j of values.keys()) {
      const distance = metric(i, j, values, counts);
      observed += coincidences[i]![j]! * distance;
      expected += (i === j ? counts[i]! * (counts[i]! - 1) : counts[i]! * counts[j]!) * distance;
    }
  }
  return 1 - ((total - 1) * observed) / expected;
}
