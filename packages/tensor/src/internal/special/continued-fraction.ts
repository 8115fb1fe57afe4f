/** Continued fractions. */
import { NumericError } from '@gtc/errors';

/** After so many terms a series or a fraction is given up. */
export const MAX_TERMS = 10_000;
const TINY = 1e-300;

/** Lentz's algorithm for `1 / (1 + a₁ / (1 + a₂ / (1 + ...)))`. */
export function continuedFraction(coefficient: (k: number) => number): number {
  let c = 1;
  let d = 0;
  let fraction = 1;
  for (let k = 1; k <= MAX_TERMS; k++) {
    const a = coefficient(k);
    d = 1 / nonZero(1 + a * d);
    c = nonZero(1 + a / c);
    const delta = c * d;
    fraction *= delta;
    // Both may settle a digit beside each other, and stay there.
    if (Math.abs(delta - 1) <= 2 * Number.EPSILON) return 1 / fraction;
  }
  throw new NumericError(`continued fraction did not converge in ${MAX_TERMS} terms`);
}

function nonZero(x: number): number {
  return Math.abs(x) < TINY ? TINY : x;
}
