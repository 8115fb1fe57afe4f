/** What tests return, and the checks and moments that they share. */
import { finite, nonEmpty, oneOf, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { normalCdf } from '@gtc/tensor/distributions';
import { mean, sum } from '@gtc/tensor/statistics';

/** A statistic and how probable one as extreme would be by chance. */
export interface TestResult {
  readonly statistic: number;
  readonly pValue: number;
}

/** Which differences count as extreme: both signs, the first being less, or greater. */
export type Alternative = 'two-sided' | 'less' | 'greater';

/** Options of tests with a direction. */
export interface AlternativeOptions {
  /** 'two-sided' by default. */
  readonly alternative?: Alternative;
}

/** The numbers of a sample. */
export type Sample = ArrayLike<number>;

/** A sample as numbers, checked. @throws {ValidationError} for no value, or one that is not finite */
export function sample(values: Sample, name: string, least = 1): number[] {
  nonEmpty(values as object, name);
  if (values.length < least)
    throw new ValidationError(`${name} must have at least ${least} values, got ${values.length}`, { parameter: name, received: values.length });
  return Array.from(values, (value, i) => finite(value, `${name}[${i}]`));
}

/** Two samples of the same items. @throws {ValidationError | ShapeError} for unequal lengths or values that are not finite */
export function pairs(a: Sample, b: Sample): [number[], number[]] {
  sameLength({ a, b });
  return [sample(a, 'a'), sample(b, 'b')];
}

/** Rows of equal length. @throws {ShapeError} where they are not */
export function table(rows: readonly Sample[], name: string, least: number): number[][] {
  nonEmpty(rows, name);
  return rows.map((row, i) => {
    if (row.length !== rows[0]!.length || row.length < least)
      throw new ShapeError(`${name} must have rows of one length of at least ${least}, got ${row.length} in row ${i}`, {
        parameter: name,
        received: row.length,
      });
    return sample(row, `${name}[${i}]`);
  });
}

/** Variance with n - `ddof` degrees of freedom. */
export function variance(values: readonly number[], ddof = 1): number {
  const centre = mean(values);
  return sum(values.map(value => (value - centre) ** 2)) / (values.length - ddof);
}

/** Probability of a statistic by its distribution function, which must be symmetric. */
export function tailsOf(statistic: number, below: (x: number) => number, alternative: Alternative): number {
  oneOf(alternative, 'alternative', ['two-sided', 'less', 'greater'] as const);
  if (alternative === 'less') return below(statistic);
  return alternative === 'greater' ? below(-statistic) : Math.min(1, 2 * below(-Math.abs(statistic)));
}

/** The same for a standard normal. */
export const normalTails = (z: number, alternative: Alternative): number => tailsOf(z, normalCdf, alternative);
