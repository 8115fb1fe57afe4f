/** Sums, products, means and spreads over axes. */
import { ValidationError } from '@gtc/errors';
import { isFloating } from '../../dtypes.js';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { axesOf, axisOf, sizeOf } from '../core/shape.js';
import { type NumberArray, scratchDirty } from '../core/storage.js';
import { abs, add, div, maximum, mul, pow, square, sub } from '../elementwise/arithmetic.js';
import { eq, floatsOnly, isfinite, isnan, ne, where } from '../elementwise/comparison.js';
import { exp, log, sqrt } from '../elementwise/exponential.js';
import { get } from '../indexing/select.js';
import { rowKernel } from '../kernels/rows.js';
import { reshape } from '../shape/views.js';
import { amax, amin } from './extremes.js';
import { lanesOf, overLanes, type ReduceOptions, reducedShape, reduceLanes } from './lanes.js';

/** Below this many, elements are added one after the other. */
const BLOCK = 64;

/** A sum whose rounding error grows with the logarithm of the length. */
function pairwise(data: NumberArray, start: number, end: number): number {
  if (end - start > 2 * BLOCK) {
    const middle = start + Math.floor((end - start) / 2);
    return pairwise(data, start, middle) + pairwise(data, middle, end);
  }
  let total = 0;
  for (let i = start; i < end; i++) total += data[i]!;
  return total;
}

/** Sums of integers, exact: int64, wrapping as int64 does. */
function integerSum(x: Tensor, options: ReduceOptions): Tensor {
  const { data, length, count, shape } = lanesOf(x.dtype === 'int64' ? wrap(new Int32Array(x.size), x.shape, 'int32') : x, options, 'sum');
  const big = x.dtype === 'int64' ? bigLanes(x, options) : null;
  const out = new BigInt64Array(count);
  for (let lane = 0; lane < count; lane++) {
    let total = 0n;
    for (let i = lane * length; i < (lane + 1) * length; i++) total += big === null ? BigInt(data[i]!) : big[i]!;
    out[lane] = total;
  }
  return wrap(out, shape, 'int64');
}

/** Elements of int64 lanes. */
function bigLanes(x: Tensor, { axis }: ReduceOptions): BigInt64Array {
  const axes = [...axesOf(axis, x.ndim, 'sum')].sort((a, b) => a - b);
  const rest = Array.from({ length: x.ndim }, (_, k) => k).filter(k => !axes.includes(k));
  return x.detach().permute([...rest, ...axes]).data as BigInt64Array;
}

/**
 * The sum over axes; 0 of nothing. Integers and bools add up exactly to int64.
 *
 * @param options `axis` which axes, all by default; `keepdims` keeps them with length 1
 * @remarks Python: `torch.sum(x, axis, keepdim)`.
 * @example sum(tensor([[1, 2], [3, 4]]), { axis: 0 }).tolist() // => [4, 6]
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  if (!isFloating(x.dtype)) return integerSum(x, options);
  const { shape } = x;
  return record('sum', floatSum(x, options), [x], g => [overLanes(g, shape, options.axis, 'sum')]);
}

/** Sums of floating elements without a history. */
function floatSum(x: Tensor, options: ReduceOptions): Tensor {
  return columnSums(x, options) ?? reduceLanes(lanesOf(x, options, 'sum'), x.dtype, pairwise, 'sumRows');
}

/** Sums over the first axes of float32 numbers that lie side by side, without turning them into lanes; null where that does not serve. */
function columnSums(x: Tensor, { axis, keepdims = false }: ReduceOptions): Tensor | null {
  const axes = axesOf(axis, x.ndim, 'sum');
  if (x.dtype !== 'float32' || axes.length === 0 || axes.length === x.ndim || axes.some(each => each >= axes.length) || !x.isContiguous()) return null;
  const kept = x.shape.slice(axes.length);
  const out = scratchDirty('float32', sizeOf(kept));
  if (!rowKernel('sumColumns', numbersOf(x), out, sizeOf(x.shape.slice(0, axes.length)), out.length)) return null;
  return wrap(out, reducedShape(x.shape, axes, keepdims), 'float32');
}

/** Number of elements behind each value of a reduction. */
function countOf(x: Tensor, { axis }: ReduceOptions, operation: string): number {
  return sizeOf(axesOf(axis, x.ndim, operation).map(each => x.shape[each]!));
}

/** A mean's options: `dtype` of the result, needed for integers. */
export interface MeanOptions extends ReduceOptions {
  readonly dtype?: Tensor['dtype'];
}

/**
 * The mean over axes; NaN of nothing.
 *
 * @throws {ValidationError} for integers and bools without `dtype`
 * @remarks Python: `torch.mean(x, axis, keepdim)`.
 * @example mean(tensor([1, 2, 6])).item() // => 3
 */
export function mean(x: Tensor, { dtype, ...options }: MeanOptions = {}): Tensor {
  const values = dtype === undefined ? x : x.astype(dtype);
  floatsOnly('mean', values);
  const n = countOf(values, options, 'mean');
  const { shape } = values;
  const y =
    values.dtype === 'float32'
      ? div(floatSum(values, options), n)
      : reduceLanes(lanesOf(values, options, 'mean'), values.dtype, (data, start, end) => pairwise(data, start, end) / n);
  return record('mean', y, [values], g => [div(overLanes(g, shape, options.axis, 'mean'), n)]);
}

/**
 * The product over axes; 1 of nothing. Products of integers are int64.
 *
 * @remarks Python: `torch.prod(x, axis)`.
 * @example prod(tensor([2, 3, 4])).item() // => 24
 */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  const lanes = lanesOf(x, options, 'prod');
  if (x.requiresGrad && lanes.data.includes(0)) return foldedProduct(x, options);
  const y = reduceLanes(lanes, isFloating(x.dtype) ? x.dtype : 'int64', (data, start, end) => {
    let product = 1;
    for (let i = start; i < end; i++) product *= data[i]!;
    return product;
  });
  const { shape } = x;
  return record('prod', y, [x], g => [div(overLanes(mul(g, y), shape, options.axis, 'prod'), x)], [x, y]);
}

/** A product factor by factor, whose gradient is right where factors are zero. */
function foldedProduct(x: Tensor, { axis, keepdims = false }: ReduceOptions): Tensor {
  const axes = [...axesOf(axis, x.ndim, 'prod')].sort((a, b) => b - a);
  const product = axes.reduce((left, at) => {
    const parts = Array.from({ length: left.shape[at]! }, (_, i) => get(left, ...new Array<string>(at).fill(':'), i));
    return parts.reduce(mul);
  }, x);
  return keepdims
    ? reshape(
        product,
        x.shape.map((length, at) => (axes.includes(at) ? 1 : length)),
      )
    : product;
}

/** A spread's options: `correction` is taken off the count; 1 gives the unbiased estimate, 0 numpy's default. */
export interface SpreadOptions extends ReduceOptions {
  readonly correction?: number;
}

/**
 * The variance over axes, by the mean of squared distances from the mean.
 *
 * @remarks Python: `torch.var(x, axis, correction=1)`.
 * @example variance(tensor([1, 2, 3, 4])).item() // => 1.6666666269302368
 */
export function variance(x: Tensor, { correction = 1, ...options }: SpreadOptions = {}): Tensor {
  return varMean(x, { correction, ...options }).var;
}

/**
 * Variance and mean over axes.
 *
 * @remarks Python: `torch.var_mean(x, axis, correction=1)`.
 * @example varMean(tensor([1, 3])).mean.item() // => 2
 */
export function varMean(x: Tensor, { correction = 1, ...options }: SpreadOptions = {}): { var: Tensor; mean: Tensor } {
  floatsOnly('var', x);
  const center = mean(x, { ...options, keepdims: true });
  const n = countOf(x, options, 'var');
  const spread = sum(square(sub(x, center)), options);
  return { var: div(spread, Math.max(0, n - correction)), mean: options.keepdims ? center : reshape(center, spread.shape) };
}

/**
 * The standard deviation over axes.
 *
 * @remarks Python: `torch.std(x, axis, correction=1)`.
 * @example std(tensor([1, 3]), { correction: 0 }).item() // => 1
 */
export function std(x: Tensor, options: SpreadOptions = {}): Tensor {
  return sqrt(variance(x, options));
}

/** Elements that are not NaN, counted over axes, in the tensor's type. */
const present = (x: Tensor, options: ReduceOptions): Tensor => sum(ne(isnan(x), 1).astype(x.dtype), options);

/**
 * The sum of elements that are not NaN.
 *
 * @remarks Python: `torch.nansum(x, axis)`.
 * @example nansum(tensor([1, NaN, 2])).item() // => 3
 */
export function nansum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return sum(where(isnan(x), tensor(0, { dtype: x.dtype }), x), options);
}

/**
 * The product of elements that are not NaN.
 *
 * @remarks Python: `numpy.nanprod(x, axis)`.
 * @example nanprod(tensor([3, NaN, 2])).item() // => 6
 */
export function nanprod(x: Tensor, options: ReduceOptions = {}): Tensor {
  return prod(where(isnan(x), tensor(1, { dtype: x.dtype }), x), options);
}

/**
 * The mean of elements that are not NaN.
 *
 * @remarks Python: `torch.nanmean(x, axis)`.
 * @example nanmean(tensor([1, NaN, 3])).item() // => 2
 */
export function nanmean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return div(nansum(x, options), present(x, options));
}

/**
 * The variance of elements that are not NaN; NaN where no more than `correction` are left.
 *
 * @remarks Python: `numpy.nanvar(x, axis, ddof=correction)`.
 * @example nanvar(tensor([1, NaN, 3])).item() // => 2
 */
export function nanvar(x: Tensor, { correction = 1, ...options }: SpreadOptions = {}): Tensor {
  const center = nanmean(x, { ...options, keepdims: true });
  const n = sub(present(x, options), correction);
  const spread = div(nansum(square(sub(x, center)), options), n);
  return where(ne(maximum(n, 0), n), Number.NaN, where(eq(n, 0), Number.NaN, spread));
}

/**
 * The standard deviation of elements that are not NaN.
 *
 * @remarks Python: `numpy.nanstd(x, axis, ddof=correction)`.
 * @example nanstd(tensor([1, NaN, 3]), { correction: 0 }).item() // => 1
 */
export function nanstd(x: Tensor, options: SpreadOptions = {}): Tensor {
  return sqrt(nanvar(x, options));
}

/**
 * `log Σ wᵢ e^xᵢ` over axes without overflow; -Infinity of nothing.
 *
 * @param options `weights` of the terms, of a shape that broadcasts
 * @remarks Python: `torch.logsumexp(x, axis)`, `scipy.special.logsumexp(x, axis, b=weights)`.
 * @example logsumexp(tensor([1000, 1000], { dtype: 'float64' })).item() // => 1000.6931471805599
 */
export function logsumexp(x: Tensor, { weights, ...options }: ReduceOptions & { readonly weights?: Tensor } = {}): Tensor {
  floatsOnly('logsumexp', x);
  const open = { ...options, keepdims: true };
  if (countOf(x, options, 'logsumexp') === 0) return log(sum(exp(x), options));
  const highest = amax(x.detach(), open);
  const shift = where(isfinite(highest), highest, tensor(0, { dtype: x.dtype }));
  const terms = exp(sub(x, shift));
  const total = add(log(sum(weights === undefined ? terms : mul(terms, weights), open)), shift);
  return options.keepdims ? total : reshape(total, reducedShape(x.shape, axesOf(options.axis, x.ndim, 'logsumexp')));
}

/**
 * The p-norm over axes: `(Σ |xᵢ|^p)^(1/p)`; `p = 0` counts, infinities give the largest and the smallest magnitude. Scaled, so that squares
 * do not overflow.
 *
 * @param options `ord` p, 2 by default
 * @remarks Python: `torch.linalg.vector_norm(x, ord, axis)`.
 * @example vectorNorm(tensor([3, 4])).item() // => 5
 */
export function vectorNorm(x: Tensor, { ord = 2, ...options }: ReduceOptions & { readonly ord?: number } = {}): Tensor {
  floatsOnly('vectorNorm', x);
  const size = abs(x);
  if (ord === Number.POSITIVE_INFINITY) return amax(size, options);
  if (ord === Number.NEGATIVE_INFINITY) return amin(size, options);
  if (ord === 0) return sum(ne(x, 0).astype(x.dtype), options);
  if (ord === 1) return sum(size, options);
  if (countOf(x, options, 'vectorNorm') === 0) return sum(size, options);
  const open = { ...options, keepdims: true };
  const largest = amax(size.detach(), open);
  const scale = where(eq(mul(isfinite(largest).astype(x.dtype), largest), 0), tensor(1, { dtype: x.dtype }), largest);
  const parts = pow(div(size, scale), ord);
  const total = sum(parts, open);
  // At the zero vector the gradient is 0, as in torch.
  const safe = where(eq(total, 0), tensor(1, { dtype: x.dtype }), total);
  const norm = mul(where(eq(total, 0), tensor(0, { dtype: x.dtype }), pow(safe, 1 / ord)), scale);
  return options.keepdims ? norm : reshape(norm, reducedShape(x.shape, axesOf(options.axis, x.ndim, 'vectorNorm')));
}

/**
 * The number of elements that are not zero, over axes.
 *
 * @remarks Python: `torch.count_nonzero(x, axis)`.
 * @example countNonzero(tensor([0, 2, 3])).item() // => 2
 */
export function countNonzero(x: Tensor, options: ReduceOptions = {}): Tensor {
  return sum(ne(x, 0), options);
}

/**
 * The weighted mean over axes.
 *
 * @param options `weights` one for each element, or a vector for one axis
 * @throws {ValidationError} when weights add up to zero
 * @remarks Python: `numpy.average(x, axis, weights)`.
 * @example average(tensor([1, 5]), { weights: tensor([3, 1]) }).item() // => 2
 */
export function average(x: Tensor, { weights, ...options }: ReduceOptions & { readonly weights?: Tensor } = {}): Tensor {
  if (weights === undefined) return mean(x, options);
  const vector = weights.ndim === 1 && x.ndim > 1 && typeof options.axis === 'number';
  const at = vector ? axisOf(options.axis as number, x.ndim, 'average') : 0;
  const wide = vector
    ? reshape(
        weights,
        x.shape.map((_, axis) => (axis === at ? -1 : 1)),
      )
    : weights;
  const total = sum(mul(wide, tensor(1, { dtype: x.dtype }).expand(x.shape)), options);
  if (total.data.some(value => Number(value) === 0))
    throw new ValidationError('average: weights must not add up to zero', { parameter: 'weights', received: 0 });
  return div(sum(mul(x, wide), options), total);
}
