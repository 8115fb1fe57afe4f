/** The lowest point of a smooth function of a few variables. */
import { NumericError } from '@gtc/errors';
import { dot } from '@gtc/tensor/statistics';

/** Value and gradient. */
export type Smooth = (x: readonly number[]) => { readonly value: number; readonly gradient: readonly number[] };

const MOST_STEPS = 1000;

/** Broyden, Fletcher, Goldfarb and Shanno's method with steps halved until they pay; ends where the gradient is all but 0 or no step lowers the value. */
export function minimize(f: Smooth, start: readonly number[]): number[] {
  const n = start.length;
  let x = [...start];
  let { value, gradient } = f(x);
  if (!Number.isFinite(value)) throw new NumericError(`the loss is ${value} at the start`);
  // Kept positive definite: it only learns from steps along which the slope rises.
  const inverse = start.map((_, i) => start.map((_unused, j) => Number(i === j)));
  for (let step = 0; step < MOST_STEPS && Math.max(...gradient.map(Math.abs)) > 1e-12; step++) {
    const direction = inverse.map(row => -dot(row, gradient));
    const slope = dot(direction, gradient);
    const next = lineSearch(f, x, value, direction, slope);
    if (next === null) break;
    const [s, y] = [next.x.map((v, i) => v - x[i]!), next.gradient.map((g, i) => g - gradient[i]!)];
    const curvature = dot(s, y);
    if (curvature > 0) {
      const hy = inverse.map(row => dot(row, y));
      const scale = (1 + dot(y, hy) / curvature) / curvature;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) inverse[i]![j]! += scale * s[i]! * s[j]! - (hy[i]! * s[j]! + s[i]! * hy[j]!) / curvature;
    }
    ({ x, value, gradient } = next);
  }
  return x;
}

/** The first of ever shorter steps that lowers the value enough (Armijo 1966); null where rounding hides any. */
function lineSearch(
  f: Smooth,
  x: readonly number[],
  value: number,
  direction: readonly number[],
  slope: number,
): { x: number[]; value: number; gradient: readonly number[] } | null {
  for (let length = 1; length > 1e-16; length /= 2) {
    const at = x.map((v, i) => v + length * direction[i]!);
    const found = f(at);
    if (found.value <= value + 1e-4 * length * slope && found.value < value) return { x: at, ...found };
  }
  return null;
}
