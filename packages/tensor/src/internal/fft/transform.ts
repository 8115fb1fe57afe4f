/** Fourier transforms of tensors; complex tensors are pairs of real and imaginary parts. */
import { integer, oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { isFloating } from '../../dtypes.js';
import { Tensor, tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { axesOf, axisOf, showShape } from '../core/shape.js';
import { mul, neg } from '../elementwise/arithmetic.js';
import { cat, slice } from '../shape/join.js';
import { flip } from '../shape/rearrange.js';
import { contiguous, expand, moveaxis } from '../shape/views.js';
import { transformOf } from './plan.js';

/** A complex tensor: real and imaginary parts of one shape and type. */
export interface Complex {
  readonly re: Tensor;
  readonly im: Tensor;
}

/** How a transform is scaled: not, by `1 / √n`, or by `1 / n` on the way forward; the way back makes up for it. */
export type FftNorm = 'backward' | 'ortho' | 'forward';

/** Options of a transform along one axis. */
export interface FftOptions {
  /** Length; the axis is cut or filled with zeros. Default: that of the axis. */
  readonly n?: number;
  /** Default: the last. */
  readonly axis?: number;
  /** Default: 'backward'. */
  readonly norm?: FftNorm;
}

/** Real tensors have no imaginary part. */
function complexOf(x: Tensor | Complex, operation: string): Complex {
  if (!(x instanceof Tensor)) {
    if (showShape(x.re.shape) !== showShape(x.im.shape))
      throw new ShapeError(`${operation}: real and imaginary part differ in shape, ${showShape(x.re.shape)} and ${showShape(x.im.shape)}`, { parameter: 'x' });
    return x;
  }
  const re = isFloating(x.dtype) ? x : x.astype('float64');
  return { re, im: expand(tensor(0, { dtype: re.dtype }), re.shape) };
}

/** Applies the transform of a direction to the last axis, scaled. */
function lanes({ re, im }: Complex, sign: 1 | -1, scale: number): Complex {
  const n = re.shape.at(-1)!;
  const [real, imaginary] = [Float64Array.from(numbersOf(re)), Float64Array.from(numbersOf(im))];
  const transform = transformOf(n, sign);
  for (let start = 0; start < real.length; start += n) transform(real.subarray(start, start + n), imaginary.subarray(start, start + n));
  if (scale !== 1)
    for (let i = 0; i < real.length; i++) {
      real[i]! *= scale;
      imaginary[i]! *= scale;
    }
  return { re: wrap(real, re.shape, 'float64').astype(re.dtype), im: wrap(imaginary, re.shape, 'float64').astype(re.dtype) };
}

/** The transform of the last axis with gradients: those of a linear map are the transform in the other direction. */
function dft(x: Complex, sign: 1 | -1, scale: number): Complex {
  const raw = lanes({ re: x.re.detach(), im: x.im.detach() }, sign, scale);
  const back = (re: Tensor, im: Tensor): Tensor[] => {
    const pulled = dft({ re, im }, -sign as 1 | -1, scale);
    return [pulled.re, pulled.im];
  };
  return {
    re: record('fft', raw.re, [x.re, x.im], g => back(g, mul(g, 0))),
    im: record('fft', raw.im, [x.re, x.im], g => back(mul(g, 0), g)),
  };
}

/** Scale of a transform of length `n` on the way forward or back. */
function scaleOf(norm: FftNorm, n: number, forward: boolean): number {
  if (oneOf(norm, 'norm', ['backward', 'ortho', 'forward']) === 'ortho') return 1 / Math.sqrt(n);
  return (norm === 'forward') === forward ? 1 / n : 1;
}

const both = ({ re, im }: Complex, of: (part: Tensor) => Tensor): Complex => ({ re: of(re), im: of(im) });

/** An axis cut or filled with zeros to a length. */
export function resize(x: Tensor, axis: number, n: number): Tensor {
  const length = x.shape[axis]!;
  if (length === n) return x;
  if (length > n) return slice(x, axis, 0, n);
  return cat(
    [
      x,
      expand(
        tensor(0, { dtype: x.dtype }),
        x.shape.map((each, k) => (k === axis ? n - length : each)),
      ),
    ],
    { axis },
  );
}

/** Length of a transform, checked. */
export function lengthOf(operation: string, n: number): number {
  if (!(integer(n, 'n') >= 1)) throw new ValidationError(`${operation}: n must be at least 1, got ${n}`, { parameter: 'n', received: n });
  return n;
}

function along(operation: string, x: Complex, { n, axis = -1, norm = 'backward' }: FftOptions, forward: boolean): Complex {
  const at = axisOf(axis, x.re.ndim, operation);
  const length = lengthOf(operation, n ?? x.re.shape[at] ?? 0);
  const turned = both(x, part => contiguous(moveaxis(resize(part, at, length), at, -1)));
  return both(dft(turned, forward ? -1 : 1, scaleOf(norm, length, forward)), part => contiguous(moveaxis(part, -1, at)));
}

/**
 * `X[k] = Σ x[t] e^(-2πi k t / n)` along an axis, of any length.
 *
 * @param x real tensor or complex pair
 * @throws {ValidationError} for a length below 1
 * @remarks Python: `numpy.fft.fft(x, n, axis, norm)`.
 * @example fft(tensor([1, 1])).re.tolist() // => [2, 0]
 */
export function fft(x: Tensor | Complex, options: FftOptions = {}): Complex {
  return along('fft', complexOf(x, 'fft'), options, true);
}

/**
 * The inverse of {@link fft}.
 *
 * @remarks Python: `numpy.fft.ifft(x, n, axis, norm)`.
 * @example ifft(fft(tensor([1, 2]))).re.tolist() // => [1, 2]
 */
export function ifft(x: Tensor | Complex, options: FftOptions = {}): Complex {
  return along('ifft', complexOf(x, 'ifft'), options, false);
}

/** Refuses a complex pair where a real tensor has to be. */
function realOnly(operation: string, x: Tensor | Complex): Tensor {
  if (!(x instanceof Tensor)) throw new ValidationError(`${operation}: x must be real, got a complex pair`, { parameter: 'x', received: 'complex' });
  return x;
}

/**
 * The first `n / 2 + 1` values of the transform of a real tensor; the others are their conjugates.
 *
 * @throws {ValidationError} for a complex pair
 * @remarks Python: `numpy.fft.rfft(x, n, axis, norm)`.
 * @example rfft(tensor([1, 0, 0])).re.tolist() // => [1, 1]
 */
export function rfft(x: Tensor, options: FftOptions = {}): Complex {
  const full = along('rfft', complexOf(realOnly('rfft', x), 'rfft'), options, true);
  const at = axisOf(options.axis ?? -1, x.ndim, 'rfft');
  return both(full, part => contiguous(slice(part, at, 0, Math.floor(part.shape[at]! / 2) + 1)));
}

/** The whole spectrum of a real signal of length `n` from its first half. */
function whole({ re, im }: Complex, axis: number, n: number): Complex {
  const half = Math.floor(n / 2) + 1;
  const first = both({ re, im }, part => resize(part, axis, half));
  const mirrored = (part: Tensor): Tensor => flip(slice(part, axis, 1, n - half + 1), { axis });
  return { re: cat([first.re, mirrored(first.re)], { axis }), im: cat([first.im, neg(mirrored(first.im))], { axis }) };
}

/**
 * The real signal whose {@link rfft} this is.
 *
 * @param options `n` length of the signal, `2 (m - 1)` by default
 * @remarks Python: `numpy.fft.irfft(x, n, axis, norm)`.
 * @example irfft(rfft(tensor([1, 2, 3])), { n: 3 }).shape // => [3]
 */
export function irfft(x: Tensor | Complex, { n, axis = -1, norm = 'backward' }: FftOptions = {}): Tensor {
  const pair = complexOf(x, 'irfft');
  const at = axisOf(axis, pair.re.ndim, 'irfft');
  const length = lengthOf('irfft', n ?? 2 * (pair.re.shape[at]! - 1));
  return along('irfft', whole(pair, at, length), { axis: at, norm }, false).re;
}

/**
 * The transform of a signal whose second half is the conjugate of its first: a real spectrum.
 *
 * @remarks Python: `numpy.fft.hfft(x, n, axis, norm)`.
 * @example hfft(tensor([1, 0])).tolist() // => [1, 1]
 */
export function hfft(x: Tensor | Complex, { norm = 'backward', ...options }: FftOptions = {}): Tensor {
  const { re, im } = complexOf(x, 'hfft');
  return irfft({ re, im: neg(im) }, { ...options, norm: norm === 'backward' ? 'forward' : norm === 'forward' ? 'backward' : norm });
}

/**
 * The inverse of {@link hfft}.
 *
 * @remarks Python: `numpy.fft.ihfft(x, n, axis, norm)`.
 * @example ihfft(tensor([1, 1])).re.tolist() // => [1, 0]
 */
export function ihfft(x: Tensor, { norm = 'backward', ...options }: FftOptions = {}): Complex {
  const { re, im } = rfft(x, { ...options, norm: norm === 'backward' ? 'forward' : norm === 'forward' ? 'backward' : norm });
  return { re, im: neg(im) };
}

/** Options of a transform along several axes. */
export interface FftnOptions {
  /** Length of each axis. */
  readonly shape?: readonly number[];
  readonly axes?: readonly number[];
  readonly norm?: FftNorm;
}

function overAxes(operation: string, x: Complex, { shape, axes, norm = 'backward' }: FftnOptions, forward: boolean): Complex {
  const found = axesOf(axes ?? (shape === undefined ? undefined : shape.map((_, i) => i - shape.length)), x.re.ndim, operation);
  if (shape !== undefined && shape.length !== found.length)
    throw new ShapeError(`${operation}: ${shape.length} lengths for ${found.length} axes`, { parameter: 'shape', received: shape });
  return found.reduceRight((y, axis, i) => along(operation, y, { axis, norm, ...(shape === undefined ? {} : { n: shape[i]! }) }, forward), x);
}

/**
 * The transform along several axes.
 *
 * @param options `axes`, all by default; `shape` their lengths
 * @remarks Python: `numpy.fft.fftn(x, shape, axes, norm)`.
 * @example fftn(ones([2, 2])).re.tolist() // => [[4, 0], [0, 0]]
 */
export function fftn(x: Tensor | Complex, options: FftnOptions = {}): Complex {
  return overAxes('fftn', complexOf(x, 'fftn'), options, true);
}

/**
 * The inverse of {@link fftn}.
 *
 * @remarks Python: `numpy.fft.ifftn(x, shape, axes, norm)`.
 * @example ifftn(fftn(ones([2, 2]))).re.tolist() // => [[1, 1], [1, 1]]
 */
export function ifftn(x: Tensor | Complex, options: FftnOptions = {}): Complex {
  return overAxes('ifftn', complexOf(x, 'ifftn'), options, false);
}

/**
 * The transform along the last two axes.
 *
 * @remarks Python: `numpy.fft.fft2(x)`.
 * @example fft2(ones([2, 2])).re.tolist() // => [[4, 0], [0, 0]]
 */
export function fft2(x: Tensor | Complex, options: FftnOptions = {}): Complex {
  return fftn(x, { axes: [-2, -1], ...options });
}

/**
 * The inverse of {@link fft2}.
 *
 * @remarks Python: `numpy.fft.ifft2(x)`.
 * @example ifft2(fft2(ones([2, 2]))).re.tolist() // => [[1, 1], [1, 1]]
 */
export function ifft2(x: Tensor | Complex, options: FftnOptions = {}): Complex {
  return ifftn(x, { axes: [-2, -1], ...options });
}

/**
 * The first half of the transform of real images along the last two axes.
 *
 * @remarks Python: `numpy.fft.rfft2(x)`.
 * @example rfft2(ones([2, 2])).re.tolist() // => [[4, 0], [0, 0]]
 */
export function rfft2(x: Tensor, { shape, norm = 'backward' }: Omit<FftnOptions, 'axes'> = {}): Complex {
  const rows = rfft(x, { norm, ...(shape === undefined ? {} : { n: shape[1]! }) });
  return fft(rows, { axis: -2, norm, ...(shape === undefined ? {} : { n: shape[0]! }) });
}

/**
 * The real images whose {@link rfft2} this is.
 *
 * @param options `shape` of the images
 * @remarks Python: `numpy.fft.irfft2(x, shape)`.
 * @example irfft2(rfft2(ones([2, 2])), { shape: [2, 2] }).tolist() // => [[1, 1], [1, 1]]
 */
export function irfft2(x: Tensor | Complex, { shape, norm = 'backward' }: Omit<FftnOptions, 'axes'> = {}): Tensor {
  const columns = ifft(x, { axis: -2, norm, ...(shape === undefined ? {} : { n: shape[0]! }) });
  return irfft(columns, { norm, ...(shape === undefined ? {} : { n: shape[1]! }) });
}
