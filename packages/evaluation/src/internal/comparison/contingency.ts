/** Tests of counts: of two answers to the same items, and of independence. */
import { integer, nonNegative, ShapeError, ValidationError } from '@gtc/errors';
import { binomialCdf, chiSquareSf } from '@gtc/tensor/distributions';
import { logGamma } from '@gtc/tensor/special';
import { sum } from '@gtc/tensor/statistics';
import type { Sample, TestResult } from './result.js';
import { table as rowsOf } from './result.js';

/** Counts, a row for each answer of the first, a column for each of the second. */
export type CountTable = readonly Sample[];

/** A table of whole counts. @throws {ValidationError | ShapeError} unless it is one */
function counts(table: CountTable, size: number | null): number[][] {
  const rows = rowsOf(table, 'table', 2);
  rows.forEach((row, i) => {
    for (const [j, value] of row.entries()) nonNegative(integer(value, `table[${i}][${j}]`), `table[${i}][${j}]`);
  });
  if (rows.length < 2 || (size !== null && (rows.length !== size || rows[0]!.length !== size)))
    throw new ShapeError(`table must be ${size === null ? 'at least 2 x 2' : `${size} x ${size}`}, got ${rows.length} x ${rows[0]!.length}`, {
      parameter: 'table',
      received: rows.length,
    });
  return rows;
}

/** Options of {@link mcnemarTest}. */
export interface McnemarOptions {
  /** The binomial law of the items that only one answered right; false takes chi squared. True by default. */
  readonly exact?: boolean;
  /** One off the difference, for chi squared; true by default. */
  readonly correction?: boolean;
}

/**
 * McNemar's test that two classifiers are right equally often.
 *
 * @param table items that both answered right, only the first, only the second, neither: `[[both, first], [second, neither]]`
 * @returns the smaller count where exact, else chi squared; NaN where no item tells them apart
 * @throws {ValidationError | ShapeError} for anything but 2 x 2 counts
 * @remarks Python: `statsmodels.stats.contingency_tables.mcnemar(table, exact=, correction=)`.
 * @example mcnemarTest([[10, 2], [2, 5]]).pValue // => 1
 */
export function mcnemarTest(table: CountTable, { exact = true, correction = true }: McnemarOptions = {}): TestResult {
  const [[, b], [c]] = counts(table, 2) as [[number, number], [number, number]];
  if (exact) {
    const statistic = Math.min(b, c);
    return { statistic, pValue: b === c ? 1 : Math.min(1, 2 * binomialCdf(statistic, b + c, 0.5)) };
  }
  const statistic = (Math.abs(b - c) - Number(correction)) ** 2 / (b + c);
  return { statistic, pValue: Number.isNaN(statistic) ? statistic : chiSquareSf(statistic, 1) };
}

/** Counts that independence would give. */
function expectedOf(rows: readonly number[][]): number[][] {
  const totals = rows.map(sum);
  const columns = rows[0]!.map((_, j) => sum(rows.map(row => row[j]!)));
  const all = sum(totals);
  return totals.map(total => columns.map(column => (total * column) / all));
}

/** Options of {@link chiSquareTest}. */
export interface ChiSquareOptions {
  /** Moves counts of a 2 x 2 table half a count towards independence (Yates); true by default. */
  readonly correction?: boolean;
  /** Pearson's sum of squares, or twice the log likelihood ratio (the G-test). */
  readonly statistic?: 'pearson' | 'log-likelihood';
}

/**
 * Chi squared test of independence.
 *
 * @throws {ValidationError | ShapeError} for anything but counts, or an empty row or column
 * @remarks Python: `scipy.stats.chi2_contingency(table, correction=, lambda_=)`.
 * @example chiSquareTest([[10, 10], [10, 10]]) // => { statistic: 0, pValue: 1, df: 1 }
 */
export function chiSquareTest(
  table: CountTable,
  { correction = true, statistic: kind = 'pearson' }: ChiSquareOptions = {},
): TestResult & { readonly df: number } {
  const rows = counts(table, null);
  const expected = expectedOf(rows);
  if (expected.flat().some(value => value === 0)) throw new ValidationError('table must have no empty row or column', { parameter: 'table', received: table });
  const df = (rows.length - 1) * (rows[0]!.length - 1);
  const observed = rows.map((row, i) =>
    row.map((value, j) => {
      const rest = expected[i]![j]! - value;
      return correction && df === 1 ? value + Math.sign(rest) * Math.min(0.5, Math.abs(rest)) : value;
    }),
  );
  const terms = observed.flatMap((row, i) =>
    row.map((value, j) => {
      const wanted = expected[i]![j]!;
      if (kind === 'pearson') return (value - wanted) ** 2 / wanted;
      return value === 0 ? 0 : 2 * value * Math.log(value / wanted);
    }),
  );
  const statistic = sum(terms);
  return { statistic, pValue: chiSquareSf(statistic, df), df };
}

/**
 * Cramér's V: association from 0 to 1.
 *
 * @throws {ValidationError | ShapeError} as {@link chiSquareTest}
 * @remarks Python: `scipy.stats.contingency.association(table, method='cramer')`.
 * @example cramersV([[10, 0], [0, 10]]) // => 1
 */
export function cramersV(table: CountTable): number {
  const rows = counts(table, null);
  const { statistic } = chiSquareTest(table, { correction: false });
  return Math.sqrt(statistic / sum(rows.flat()) / (Math.min(rows.length, rows[0]!.length) - 1));
}

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/** Probabilities as small as another's, but for rounding. */
const NEAR_EQUAL = 1 + 1e-7;

/**
 * Fisher's exact test of a 2 x 2 table, two-sided. The statistic is the odds ratio of the sample.
 *
 * @throws {ValidationError | ShapeError} for anything but 2 x 2 counts
 * @remarks Python: `scipy.stats.fisher_exact(table)`.
 * @example fisherExact([[1, 1], [1, 1]]) // => { statistic: 1, pValue: 1 }
 */
export function fisherExact(table: CountTable): TestResult {
  const [[a, b], [c, d]] = counts(table, 2) as [[number, number], [number, number]];
  const [row, column, n] = [a + b, a + c, a + b + c + d];
  if (row === 0 || column === 0 || row === n || column === n) return { statistic: Number.NaN, pValue: 1 };
  const share = (k: number): number => Math.exp(logChoose(column, k) + logChoose(n - column, row - k) - logChoose(n, row));
  const most = share(a) * NEAR_EQUAL;
  const shares = Array.from({ length: Math.min(row, column) - Math.max(0, row + column - n) + 1 }, (_, i) => share(Math.max(0, row + column - n) + i));
  return { statistic: (a * d) / (b * c), pValue: Math.min(1, sum(shares.filter(value => value <= most))) };
}

/** Places at which the probability is first looked for, evenly over [0, 1]. */
const GRID = 1000;

/** The largest value of a smooth function on [0, 1], by a grid and golden sections. */
function maximum(f: (x: number) => number): number {
  const values = Array.from({ length: GRID - 1 }, (_, i) => f((i + 1) / GRID));
  const best = values.indexOf(Math.max(...values)) + 1;
  let [low, high] = [(best - 1) / GRID, (best + 1) / GRID];
  const golden = (Math.sqrt(5) - 1) / 2;
  while (high - low > 1e-10) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (f(left) < f(right)) low = left;
    else high = right;
  }
  return f((low + high) / 2);
}

/**
 * Barnard's exact test of a 2 x 2 table, two-sided, with the pooled Wald statistic: unlike Fisher's it fixes the column totals only.
 *
 * @throws {ValidationError | ShapeError} for anything but 2 x 2 counts
 * @remarks Python: `scipy.stats.barnard_exact(table)`; within 1e-9.
 * @example barnardExact([[5, 5], [5, 5]]).statistic // => 0
 */
export function barnardExact(table: CountTable): TestResult {
  const [[a, b], [c, d]] = counts(table, 2) as [[number, number], [number, number]];
  const [n, m] = [a + c, b + d];
  if (n === 0 || m === 0 || a + b === 0 || c + d === 0) return { statistic: Number.NaN, pValue: 1 };
  // Compared to the last digit, as scipy does; mirror images may then fall on either side.
  const wald = (x: number, y: number): number => {
    const pooled = (x + y) / (n + m);
    return x / n === y / m ? 0 : (x / n - y / m) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  };
  const statistic = wald(a, b);
  const extreme: [successes: number, ways: number][] = [];
  for (let x = 0; x <= n; x++)
    for (let y = 0; y <= m; y++) if (Math.abs(wald(x, y)) >= Math.abs(statistic)) extreme.push([x + y, logChoose(n, x) + logChoose(m, y)]);
  const chance = (p: number): number => sum(extreme.map(([k, ways]) => Math.exp(ways + k * Math.log(p) + (n + m - k) * Math.log1p(-p))));
  return { statistic, pValue: Math.min(1, maximum(chance)) };
}

/**
 * Cochran's Q: whether several classifiers are right equally often on the same items.
 *
 * @param hits a row for each item, a column for each classifier, 1 where it was right
 * @returns NaN where no item tells them apart
 * @throws {ValidationError | ShapeError} for values other than 0 and 1, fewer than two classifiers, or rows of unequal length
 * @remarks Python: `statsmodels.stats.contingency_tables.cochrans_q(hits)`.
 * @example cochranQ([[1, 0], [0, 1]]) // => { statistic: 0, pValue: 1 }
 */
export function cochranQ(hits: readonly Sample[]): TestResult {
  const rows = rowsOf(hits, 'hits', 2);
  const odd = rows.flat().find(value => value !== 0 && value !== 1);
  if (odd !== undefined) throw new ValidationError(`hits must be 0 or 1, got ${odd}`, { parameter: 'hits', received: odd });
  const k = rows[0]!.length;
  const columns = rows[0]!.map((_, j) => sum(rows.map(row => row[j]!)));
  const total = sum(columns);
  const statistic = ((k - 1) * (k * sum(columns.map(x => x * x)) - total ** 2)) / (k * total - sum(rows.map(row => sum(row) ** 2)));
  return { statistic, pValue: Number.isNaN(statistic) ? statistic : chiSquareSf(statistic, k - 1) };
}
