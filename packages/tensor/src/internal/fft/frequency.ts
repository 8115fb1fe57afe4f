/** Frequencies of spectra, and what goes with them. */
import { type Tensor, wrap } from '../../tensor.js';
import { axesOf } from '../core/shape.js';
import { add, mul, sub } from '../elementwise/arithmetic.js';
import { roll } from '../shape/rearrange.js';
import { type Complex, lengthOf } from './transform.js';

/**
 * Frequencies of the values of {@link fft}, in cycles per unit of the spacing.
 *
 * @param options `d` spacing of the samples
 * @remarks Python: `numpy.fft.fftfreq(n, d)`.
 * @example fftfreq(4).tolist() // => [0, 0.25, -0.5, -0.25]
 */
export function fftfreq(n: number, { d = 1 }: { readonly d?: number } = {}): Tensor {
  const half = Math.floor((lengthOf('fftfreq', n) - 1) / 2);
  return wrap(
    Float64Array.from({ length: n }, (_, k) => (k <= half ? k : k - n) / (n * d)),
    [n],
    'float64',
  );
}

/**
 * Frequencies of the values of {@link rfft}.
 *
 * @remarks Python: `numpy.fft.rfftfreq(n, d)`.
 * @example rfftfreq(4).tolist() // => [0, 0.25, 0.5]
 */
export function rfftfreq(n: number, { d = 1 }: { readonly d?: number } = {}): Tensor {
  const length = Math.floor(lengthOf('rfftfreq', n) / 2) + 1;
  return wrap(
    Float64Array.from({ length }, (_, k) => k / (n * d)),
    [length],
    'float64',
  );
}

/**
 * The frequency 0 moved to the middle.
 *
 * @param options `axes`, all by default
 * @remarks Python: `numpy.fft.fftshift(x, axes)`.
 * @example fftshift(tensor([0, 1, -1])).tolist() // => [-1, 0, 1]
 */
export function fftshift(x: Tensor, { axes }: { readonly axes?: readonly number[] } = {}): Tensor {
  const found = axesOf(axes, x.ndim, 'fftshift');
  return roll(
    x,
    found.map(axis => Math.floor(x.shape[axis]! / 2)),
    { axis: found },
  );
}

/**
 * The inverse of {@link fftshift}.
 *
 * @remarks Python: `numpy.fft.ifftshift(x, axes)`.
 * @example ifftshift(tensor([-1, 0, 1])).tolist() // => [0, 1, -1]
 */
export function ifftshift(x: Tensor, { axes }: { readonly axes?: readonly number[] } = {}): Tensor {
  const found = axesOf(axes, x.ndim, 'ifftshift');
  return roll(
    x,
    found.map(axis => -Math.floor(x.shape[axis]! / 2)),
    { axis: found },
  );
}

/** The product of complex pairs. */
export function complexMul(a: Complex, b: Complex): Complex {
  return { re: sub(mul(a.re, b.re), mul(a.im, b.im)), im: add(mul(a.re, b.im), mul(a.im, b.re)) };
}

/**
 * A length not below `n` whose transform is fast: of the factors 2, 3 and 5.
 *
 * @remarks Python: `scipy.fft.next_fast_len(n, real=True)`.
 * @example nextFastLen(7) // => 8
 */
export function nextFastLen(n: number): number {
  for (let length = lengthOf('nextFastLen', n); ; length++) {
    let rest = length;
    for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return length;
  }
}
