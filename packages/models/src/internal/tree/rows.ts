/** Rows of features as trees read them. */
import { finite, nonEmpty, sameLength } from '@gtc/errors';

/** Rows of features. */
export type Rows = readonly ArrayLike<number>[];

/**
 * Rows in single precision, as scikit-learn reads them.
 *
 * @param width of the rows that a model was fitted to; null to take that of the first row
 * @throws {ValidationError} for no rows, empty ones, or a feature that is not finite
 * @throws {ShapeError} for a row of another width
 */
export function singlePrecision(x: Rows, width: number | null): Float32Array[] {
  nonEmpty(x, 'x');
  return x.map((row, i) => {
    if (width === null) nonEmpty(row, `x[${i}]`);
    sameLength({ [width === null ? 'x[0]' : 'x of fit']: { length: width ?? x[0]!.length }, [`x[${i}]`]: row });
    return Float32Array.from(row, value => finite(value, `x[${i}]`));
  });
}
