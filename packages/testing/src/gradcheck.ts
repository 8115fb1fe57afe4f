/** Compares a gradient with central differences. */
import { sameLength } from '@gtc/errors';
import { check } from './case.js';

/** Tolerances of {@link gradcheck}; the defaults suit double precision. */
export interface GradcheckOptions {
  /** Step of the difference. */
  readonly eps?: number;
  readonly atol?: number;
  readonly rtol?: number;
}

/**
 * Checks `gradient` against `(f(x + eps e) - f(x - eps e)) / (2 eps)` in every coordinate.
 *
 * @param f a function of a double-precision vector
 * @param x where to check
 * @param gradient the gradient claimed at `x`, of the same length
 * @throws {CheckError} naming the first coordinate that disagrees
 * @remarks Python: `torch.autograd.gradcheck`.
 * @example gradcheck(([a, b]) => a * a * b, [3, 2], [12, 9]) // => undefined
 */
export function gradcheck(
  f: (x: number[]) => number,
  x: ArrayLike<number>,
  gradient: ArrayLike<number>,
  { eps = 1e-6, atol = 1e-5, rtol = 1e-3 }: GradcheckOptions = {},
): void {
  sameLength({ x, gradient });
  for (let i = 0; i < x.length; i++) {
    const moved = (step: number): number => f(Array.from(x, (value, j) => (j === i ? value + step : value)));
    const numeric = (moved(eps) - moved(-eps)) / (2 * eps);
    check(Math.abs(numeric - gradient[i]!) <= atol + rtol * Math.abs(numeric), `coordinate ${i}: gradient ${gradient[i]}, central difference ${numeric}`);
  }
}
