/** Cosine and sine transforms, windows, short-time transforms and convolution. */
import { inRange, integer, oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { besselI } from '../../special.js';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { scatterInto } from '../autograd/views.js';
import { numbersOf } from '../core/elements.js';
import { axisOf, rowMajor, showShape } from '../core/shape.js';
import { div, mul, neg } from '../elementwise/arithmetic.js';
import { sum } from '../reductions/sums.js';
import { cat, slice } from '../shape/join.js';
import { flip, pad } from '../shape/rearrange.js';
import { contiguous, expand, moveaxis, swapaxes, unfold, unsqueeze } from '../shape/views.js';
import { complexMul, nextFastLen } from './frequency.js';
import { type Complex, fft, ifft, irfft, resize, rfft } from './transform.js';

/** Kind and scale of a cosine or sine transform. */
export interface DctOptions {
  /** 1 to 4. Default: 2. */
  readonly type?: 1 | 2 | 3 | 4;
  /** Default: the last. */
  readonly axis?: number;
  /** 'ortho' makes the transform orthogonal. Default: 'backward'. */
  readonly norm?: 'backward' | 'ortho';
}

/** A transform as phases before and after one Fourier transform of twice the length, or so. */
interface Recipe {
  /** Length of the Fourier transform for `n` values. */
  readonly length: (n: number) => number;
  /** Angle and factor of value `t`. */
  readonly before: (t: number, n: number) => readonly [angle: number, factor: number];
  /** Angle of result `k`. */
  readonly after: (k: number, n: number) => number;
  /** Factors of value and of result that make the transform orthogonal. */
  readonly ortho: (n: number) => { readonly value: (t: number) => number; readonly result: (k: number) => number };
  /** What the inverse divides by. */
  readonly whole: (n: number) => number;
}

const one = (): number => 1;
const even =
  (scale: (n: number) => number): Recipe['ortho'] =>
  n => ({ value: one, result: () => scale(n) });
const atEnds =
  (n: number, end: number): ((t: number) => number) =>
  t =>
    t === 0 || t === n - 1 ? end : 1;

const COSINE: readonly Recipe[] = [
  {
    length: n => 2 * (n - 1),
    before: (t, n) => [0, t === 0 || t === n - 1 ? 1 : 2],
    after: () => 0,
    ortho: n => ({ value: atEnds(n, Math.SQRT2), result: k => atEnds(n, Math.SQRT1_2)(k) / Math.sqrt(2 * (n - 1)) }),
    whole: n => 2 * (n - 1),
  },
  {
    length: n => 2 * n,
    before: () => [0, 2],
    after: (k, n) => (Math.PI * k) / (2 * n),
    ortho: n => ({ value: one, result: k => (k === 0 ? Math.SQRT1_2 : 1) / Math.sqrt(2 * n) }),
    whole: n => 2 * n,
  },
  {
    length: n => 2 * n,
    before: (t, n) => [(Math.PI * t) / (2 * n), t === 0 ? 1 : 2],
    after: () => 0,
    ortho: n => ({ value: t => (t === 0 ? Math.SQRT2 : 1), result: () => 1 / Math.sqrt(2 * n) }),
    whole: n => 2 * n,
  },
  {
    length: n => 2 * n,
    before: (t, n) => [(Math.PI * t) / (2 * n), 2],
    after: (k, n) => (Math.PI * (2 * k + 1)) / (4 * n),
    ortho: even(n => 1 / Math.sqrt(2 * n)),
    whole: n => 2 * n,
  },
];

const SINE: readonly Recipe[] = [
  { length: n => 2 * (n + 1), before: () => [0, 2], after: () => 0, ortho: even(n => 1 / Math.sqrt(2 * (n + 1))), whole: n => 2 * (n + 1) },
  {
    ...COSINE[1]!,

    before: () => [0, 2],
    after: (k, n) => (Math.PI * (k + 1)) / (2 * n),
    ortho: n => ({ value: one, result: k => (k === n - 1 ? Math.SQRT1_2 : 1) / Math.sqrt(2 * n) }),
  },
  {
    ...COSINE[2]!,

    before: (t, n) => [(Math.PI * (t + 1)) / (2 * n), t === n - 1 ? 1 : 2],
    ortho: n => ({ value: t => (t === n - 1 ? Math.SQRT2 : 1), result: () => 1 / Math.sqrt(2 * n) }),
  },
  COSINE[3]!,
];

/** Where values are laid and results are taken, for each type. */
const PLACES = {
  cosine: [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ],
  sine: [
    [1, 1],
    [0, 1],
    [1, 0],
    [0, 0],
  ],
} as const;

const constants = (n: number, of: (i: number) => number, dtype: Tensor['dtype']): Tensor =>
  wrap(
    Float64Array.from({ length: n }, (_, i) => of(i)),
    [n],
    'float64',
  ).astype(dtype);

function trigonometric(
  operation: string,
  family: 'cosine' | 'sine',
  x: Tensor,
  { type = 2, axis = -1, norm = 'backward' }: DctOptions,
  inverse: boolean,
): Tensor {
  oneOf(type, 'type', [1, 2, 3, 4]);
  const ortho = oneOf(norm, 'norm', ['backward', 'ortho']) === 'ortho';
  const kind = inverse ? ([0, 2, 1, 3] as const)[type - 1]! : type - 1;
  const recipe = (family === 'cosine' ? COSINE : SINE)[kind]!;
  const [into, from] = PLACES[family][kind]!;
  const at = axisOf(axis, x.ndim, operation);
  const values = moveaxis(x, at, -1);
  const n = values.shape.at(-1)!;
  if (n < (family === 'cosine' && kind === 0 ? 2 : 1))
    throw new ShapeError(`${operation}: an axis of length ${n} is too short for type ${type}`, { parameter: 'x', received: x.shape });
  const { dtype } = x;
  const scale = recipe.ortho(n);
  const factor = (t: number): number => recipe.before(t, n)[1] * (ortho ? scale.value(t) : 1);
  const phased = {
    re: mul(
      values,
      constants(n, t => factor(t) * Math.cos(recipe.before(t, n)[0]), dtype),
    ),
    im: mul(
      values,
      constants(n, t => -factor(t) * Math.sin(recipe.before(t, n)[0]), dtype),
    ),
  };
  const length = recipe.length(n);
  const lead = (part: Tensor): Tensor => (into === 0 ? part : cat([mul(slice(part, part.ndim - 1, 0, 1), 0), part], { axis: -1 }));
  const laid = (part: Tensor): Tensor => resize(lead(part), part.ndim - 1, length);
  const spectrum = fft({ re: laid(phased.re), im: laid(phased.im) });
  const taken = (part: Tensor): Tensor => slice(part, part.ndim - 1, from, from + n);
  const turn = { re: constants(n, k => Math.cos(recipe.after(k, n)), dtype), im: constants(n, k => -Math.sin(recipe.after(k, n)), dtype) };
  const turned = complexMul({ re: taken(spectrum.re), im: taken(spectrum.im) }, turn);
  const result = family === 'cosine' ? turned.re : neg(turned.im);
  const scaled = ortho ? mul(result, constants(n, scale.result, dtype)) : inverse ? div(result, recipe.whole(n)) : result;
  return contiguous(moveaxis(scaled, -1, at));
}

/**
 * The discrete cosine transform of types 1 to 4.
 *
 * @remarks Python: `scipy.fft.dct(x, type=2, axis=-1, norm=None)`.
 * @example dct(tensor([1])).tolist() // => [2]
 */
export function dct(x: Tensor, options: DctOptions = {}): Tensor {
  return trigonometric('dct', 'cosine', x, options, false);
}

/**
 * The inverse of {@link dct}.
 *
 * @remarks Python: `scipy.fft.idct(x, type=2, axis=-1, norm=None)`.
 * @example idct(tensor([2])).tolist() // => [1]
 */
export function idct(x: Tensor, options: DctOptions = {}): Tensor {
  return trigonometric('idct', 'cosine', x, options, true);
}

/**
 * The discrete sine transform of types 1 to 4.
 *
 * @remarks Python: `scipy.fft.dst(x, type=2, axis=-1, norm=None)`.
 * @example dst(tensor([1]), { type: 1, norm: 'ortho' }).shape // => [1]
 */
export function dst(x: Tensor, options: DctOptions = {}): Tensor {
  return trigonometric('dst', 'sine', x, options, false);
}

/**
 * The inverse of {@link dst}.
 *
 * @remarks Python: `scipy.fft.idst(x, type=2, axis=-1, norm=None)`.
 * @example idst(dst(tensor([0]))).tolist() // => [0]
 */
export function idst(x: Tensor, options: DctOptions = {}): Tensor {
  return trigonometric('idst', 'sine', x, options, true);
}

/** Weights of the cosines that add up to a window. */
const COSINE_SUMS: Readonly<Record<string, readonly number[]>> = {
  boxcar: [1],
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  nuttall: [0.3635819, 0.4891775, 0.1365995, 0.0106411],
  blackmanharris: [0.35875, 0.48829, 0.14128, 0.01168],
  flattop: [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368],
};

/** Other windows: weight at `i` of `n` points. */
const SHAPES: Readonly<Record<string, (i: number, n: number, parameter: number) => number>> = {
  bartlett: (i, n) => 1 - Math.abs((2 * i) / (n - 1) - 1),
  cosine: (i, n) => Math.sin((Math.PI * (i + 0.5)) / n),
  kaiser: (i, n, beta) => besselI(0, beta * Math.sqrt(Math.max(0, 1 - ((2 * i) / (n - 1) - 1) ** 2))) / besselI(0, beta),
  gaussian: (i, n, deviation) => Math.exp(-0.5 * ((i - (n - 1) / 2) / deviation) ** 2),
  tukey: (i, n, taper) => {
    const edge = (taper * (n - 1)) / 2;
    const near = Math.min(i, n - 1 - i);
    return near >= edge ? 1 : 0.5 * (1 - Math.cos((Math.PI * near) / edge));
  },
};

const WINDOWS = [...Object.keys(COSINE_SUMS), ...Object.keys(SHAPES)];

/**
 * A window of weights.
 *
 * @param kind name, or name and parameter: `['kaiser', beta]`, `['gaussian', deviation]`, `['tukey', share of the edges]`
 * @param options `periodic` leaves out the last point of a symmetric window one longer, as transforms want it
 * @remarks Python: `scipy.signal.get_window(kind, n, fftbins=periodic)`.
 * @example window('hann', 4).tolist() // => [0, 0.5, 1, 0.5]
 */
export function window(kind: string | readonly [string, number], n: number, { periodic = true }: { readonly periodic?: boolean } = {}): Tensor {
  const [name, parameter] = typeof kind === 'string' ? [kind, Number.NaN] : kind;
  oneOf(name, 'kind', WINDOWS);
  if (!(integer(n, 'n') >= 0)) throw new ValidationError(`window: n must be non-negative, got ${n}`, { parameter: 'n', received: n });
  if (['kaiser', 'gaussian', 'tukey'].includes(name) && !Number.isFinite(parameter))
    throw new ValidationError(`window: ${name} needs a parameter, as in ['${name}', 1]`, { parameter: 'kind', received: kind });
  const points = periodic ? n + 1 : n;
  const weights = COSINE_SUMS[name];
  const of = (i: number): number => {
    if (n === 1) return 1;
    if (weights === undefined) return SHAPES[name]!(i, points, parameter);
    return weights.reduce((total, weight, k) => total + (k % 2 === 0 ? weight : -weight) * Math.cos((2 * Math.PI * k * i) / (points - 1)), 0);
  };
  return wrap(
    Float64Array.from({ length: n }, (_, i) => of(i)),
    [n],
    'float64',
  );
}

/** How a signal is cut into frames. */
export interface StftOptions {
  /** Length of the transforms. */
  readonly nFft: number;
  /** From one frame to the next. Default: a quarter of `nFft`. */
  readonly hopLength?: number;
  /** Length of the window, centred in the frame. Default: `nFft`. */
  readonly winLength?: number;
  /** Weights, ones by default. */
  readonly window?: Tensor;
  /** Whether frames are centred on their time, the signal being padded by half a frame. Default: true. */
  readonly center?: boolean;
  readonly padMode?: 'constant' | 'reflect' | 'replicate' | 'circular';
  /** Whether frames are scaled by `1 / √nFft`. */
  readonly normalized?: boolean;
  /** Whether only the first half of each spectrum is given. Default: true. */
  readonly onesided?: boolean;
}

/** Window and hop of frames, checked: the window stands in the middle of the frame. */
function frameOf(
  operation: string,
  { nFft, hopLength, winLength = nFft, window: weights }: StftOptions,
  dtype: Tensor['dtype'],
): { readonly hop: number; readonly weights: Tensor } {
  inRange(integer(nFft, 'nFft'), 'nFft', { min: 1 });
  const hop = inRange(integer(hopLength ?? Math.floor(nFft / 4), 'hopLength'), 'hopLength', { min: 1 });
  if (!(integer(winLength, 'winLength') >= 1 && winLength <= nFft))
    throw new ValidationError(`${operation}: winLength must be in [1, ${nFft}], got ${winLength}`, { parameter: 'winLength', received: winLength });
  if (weights !== undefined && weights.size !== winLength)
    throw new ShapeError(`${operation}: window of shape ${showShape(weights.shape)} must have ${winLength} elements`, {
      parameter: 'window',
      received: weights.shape,
    });
  const left = Math.floor((nFft - winLength) / 2);
  const own = (weights ?? expand(tensor(1, { dtype }), [winLength])).astype(dtype);
  return { hop, weights: pad(own, [[left, nFft - winLength - left]]) };
}

const PAD_MODES = { constant: 'constant', reflect: 'reflect', replicate: 'edge', circular: 'wrap' } as const;

/**
 * The spectra of overlapping frames of a signal.
 *
 * @param x `[time]` or `[batch, time]`
 * @returns complex `[..., frequencies, frames]`
 * @throws {ValidationError} for a window longer than the frame
 * @remarks Python: `torch.stft(x, n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex=True)`.
 * @example stft(ones([8]), { nFft: 4, center: false }).re.shape // => [3, 5]
 */
export function stft(x: Tensor, options: StftOptions): Complex {
  const { nFft, center = true, padMode = 'reflect', normalized = false, onesided = true } = options;
  const { hop, weights } = frameOf('stft', options, x.dtype);
  oneOf(padMode, 'padMode', Object.keys(PAD_MODES));
  const half = Math.floor(nFft / 2);
  const padded = center ? pad(x, [...x.shape.slice(1).map(() => [0, 0] as const), [half, half]], { mode: PAD_MODES[padMode] }) : x;
  if (padded.shape.at(-1)! < nFft)
    throw new ShapeError(`stft: a signal of shape ${showShape(x.shape)} is shorter than a frame of ${nFft}`, { parameter: 'x', received: x.shape });
  const frames = mul(unfold(padded, -1, nFft, hop), weights);
  const norm = normalized ? ('ortho' as const) : ('backward' as const);
  const { re, im } = onesided ? rfft(frames, { norm }) : fft(frames, { norm });
  return { re: contiguous(swapaxes(re, -1, -2)), im: contiguous(swapaxes(im, -1, -2)) };
}

/** Options of {@link istft}: those of the transform, and the length of the signal. */
export interface IstftOptions extends Omit<StftOptions, 'padMode'> {
  readonly length?: number;
}

/** Frames `[..., frames, n]` added where they lie in a signal of a length. */
function overlapAdd(frames: Tensor, hop: number, length: number): Tensor {
  const target = [...frames.shape.slice(0, -2), length];
  const strides = rowMajor(target);
  return scatterInto(frames, { shape: target, strides, offset: 0 }, { shape: frames.shape, strides: [...strides.slice(0, -1), hop, 1], offset: 0 });
}

/**
 * The signal whose {@link stft} this is: frames added up, divided by the squares of the windows.
 *
 * @param x complex `[frequencies, frames]` or `[batch, frequencies, frames]`
 * @throws {ValidationError} where the windows leave a gap
 * @remarks Python: `torch.istft(x, n_fft, hop_length, win_length, window, center, normalized, onesided, length)`.
 * @example istft(stft(ones([8]), { nFft: 4 }), { nFft: 4, length: 8 }).tolist() // => [1, 1, 1, 1, 1, 1, 1, 1]
 */
export function istft(x: Complex, options: IstftOptions): Tensor {
  const { nFft, center = true, normalized = false, onesided = true, length } = options;
  const { hop, weights } = frameOf('istft', options, x.re.dtype);
  const turned = { re: swapaxes(x.re, -1, -2), im: swapaxes(x.im, -1, -2) };
  if (turned.re.shape.at(-1) !== (onesided ? Math.floor(nFft / 2) + 1 : nFft))
    throw new ShapeError(`istft: ${showShape(x.re.shape)} does not hold the frequencies of frames of ${nFft}`, { parameter: 'x', received: x.re.shape });
  const norm = normalized ? ('ortho' as const) : ('backward' as const);
  const frames = mul(onesided ? irfft(turned, { n: nFft, norm }) : ifft(turned, { norm }).re, weights);
  const count = frames.shape.at(-2)!;
  const full = nFft + hop * (count - 1);
  const signal = overlapAdd(contiguous(frames), hop, full);
  const envelope = overlapAdd(contiguous(expand(unsqueeze(mul(weights, weights), 0), [count, nFft])), hop, full);
  const start = center ? Math.floor(nFft / 2) : 0;
  const stop = length === undefined ? (center ? full - Math.floor(nFft / 2) : full) : Math.min(start + length, full);
  const [part, divisor] = [slice(signal, signal.ndim - 1, start, stop), slice(envelope, 0, start, stop)];
  if (numbersOf(divisor).some(value => !(Math.abs(value) > 1e-11)))
    throw new ValidationError('istft: the windows do not cover the whole signal', { parameter: 'window', received: options.hopLength });
  const result = div(part, divisor);
  return length === undefined ? result : resize(result, result.ndim - 1, length);
}

/** Which part of a convolution is wanted: all of it, as much as the first operand, or where both overlap fully. */
export type ConvolveMode = 'full' | 'same' | 'valid';

/** The wanted part of a full convolution along an axis. */
function trim(y: Tensor, axis: number, a: number, b: number, mode: ConvolveMode, centered: number): Tensor {
  if (mode === 'full') return y;
  const length = mode === 'same' ? centered : Math.max(a, b) - Math.min(a, b) + 1;
  const start = Math.floor((y.shape[axis]! - length) / 2);
  return slice(y, axis, start, start + length);
}

/** The full convolution of vectors by its definition: windows of the padded longer one times the other, reversed. */
function direct(a: Tensor, b: Tensor): Tensor {
  const m = b.size;
  return sum(mul(unfold(pad(a, [[m - 1, m - 1]]), 0, m, 1), flip(b)), { axis: -1 });
}

/** Above this length a convolution goes by Fourier transforms. */
const DIRECT_UP_TO = 64;

const byFourier = (a: Tensor, b: Tensor): Tensor => {
  const length = a.size + b.size - 1;
  const n = nextFastLen(length);
  return slice(irfft(complexMul(rfft(a, { n }), rfft(b, { n })), { n }), 0, 0, length);
};

function vectors(operation: string, a: Tensor, b: Tensor, mode: ConvolveMode): void {
  oneOf(mode, 'mode', ['full', 'same', 'valid']);
  if (a.ndim !== 1 || b.ndim !== 1 || a.size === 0 || b.size === 0)
    throw new ShapeError(`${operation}: needs two vectors with elements, got ${showShape(a.shape)} and ${showShape(b.shape)}`, {
      parameter: 'a',
      received: a.shape,
    });
}

/**
 * The convolution of two vectors.
 *
 * @param options `mode` 'full' (default), 'same' (as long as the longer) or 'valid'
 * @remarks Python: `numpy.convolve(a, b, mode)`.
 * @example convolve(tensor([1, 2]), tensor([1, 1])).tolist() // => [1, 3, 2]
 */
export function convolve(a: Tensor, b: Tensor, { mode = 'full' }: { readonly mode?: ConvolveMode } = {}): Tensor {
  vectors('convolve', a, b, mode);
  const full = Math.min(a.size, b.size) <= DIRECT_UP_TO ? direct(a.size >= b.size ? a : b, a.size >= b.size ? b : a) : byFourier(a, b);
  return trim(full, 0, a.size, b.size, mode, Math.max(a.size, b.size));
}

/**
 * The correlation of two vectors: the convolution with the second reversed.
 *
 * @remarks Python: `numpy.correlate(a, b, mode)`, whose default is 'valid'.
 * @example correlate(tensor([1, 2, 3]), tensor([0, 1]), { mode: 'valid' }).tolist() // => [2, 3]
 */
export function correlate(a: Tensor, b: Tensor, { mode = 'valid' }: { readonly mode?: ConvolveMode } = {}): Tensor {
  return convolve(a, flip(b), { mode });
}

/**
 * The convolution of two vectors by Fourier transforms.
 *
 * @param options `mode`; 'same' is as long as the first
 * @remarks Python: `scipy.signal.fftconvolve(a, b, mode)`.
 * @example fftConvolve(tensor([1]), tensor([2])).tolist() // => [2]
 */
export function fftConvolve(a: Tensor, b: Tensor, { mode = 'full' }: { readonly mode?: ConvolveMode } = {}): Tensor {
  vectors('fftConvolve', a, b, mode);
  return trim(byFourier(a, b), 0, a.size, b.size, mode, a.size);
}

/**
 * The convolution of two matrices.
 *
 * @param options `mode`; 'same' is as large as the first
 * @remarks Python: `scipy.signal.convolve2d(a, b, mode)`.
 * @example convolve2d(tensor([[1, 2]]), tensor([[1, 1]])).tolist() // => [[1, 3, 2]]
 */
export function convolve2d(a: Tensor, b: Tensor, { mode = 'full' }: { readonly mode?: ConvolveMode } = {}): Tensor {
  oneOf(mode, 'mode', ['full', 'same', 'valid']);
  if (a.ndim !== 2 || b.ndim !== 2)
    throw new ShapeError(`convolve2d: needs two matrices, got ${showShape(a.shape)} and ${showShape(b.shape)}`, { parameter: 'a', received: a.shape });
  const [rows, columns] = b.shape as [number, number];
  const padded = pad(a, [
    [rows - 1, rows - 1],
    [columns - 1, columns - 1],
  ]);
  const full = sum(mul(unfold(unfold(padded, 0, rows, 1), 1, columns, 1), flip(b)), { axis: [-2, -1] });
  return [0, 1].reduce((y, axis) => trim(y, axis, a.shape[axis]!, b.shape[axis]!, mode, a.shape[axis]!), full);
}

/**
 * The analytic signal: the imaginary part is the Hilbert transform.
 *
 * @remarks Python: `scipy.signal.hilbert(x)`.
 * @example hilbert(tensor([1, 0, -1, 0])).im.tolist() // => [0, 1, 0, -1]
 */
export function hilbert(x: Tensor): Complex {
  const n = x.shape.at(-1)!;
  const factor = constants(n, k => (k === 0 || 2 * k === n ? 1 : 2 * k < n ? 2 : 0), x.dtype);
  const { re, im } = fft(x);
  return ifft({ re: mul(re, factor), im: mul(im, factor) });
}
