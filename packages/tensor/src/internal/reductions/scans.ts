/** Running sums, products and extremes along an axis, and the softmax family. */
import { isFloating } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { isRecording, record } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { axisOf } from '../core/shape.js';
import { type NumberArray, scratchDirty } from '../core/storage.js';
import { add, div, maximum, mul, neg, sub } from '../elementwise/arithmetic.js';
import { floatsOnly } from '../elementwise/comparison.js';
import { exp, log } from '../elementwise/exponential.js';
import { takeAlongAxis } from '../indexing/gather.js';
import { get } from '../indexing/select.js';
import { rowBackwardKernel } from '../kernels/rows.js';
import { stack } from '../shape/join.js';
import { flip } from '../shape/rearrange.js';
import { contiguous } from '../shape/views.js';
import type { ValuesAndIndices } from './extremes.js';
import { lanesOf, mapLanes } from './lanes.js';
import { sum } from './sums.js';

/** Fills lanes with a fold of all elements so far. */
const running =
  (start: number, fold: (total: number, value: number) => number) =>
  (data: NumberArray, out: NumberArray, from: number, to: number): void => {
    let total = start;
    for (let i = from; i < to; i++) {
      total = fold(total, data[i]!);
      out[i] = total;
    }
  };

const scanType = (x: Tensor): Tensor['dtype'] => (isFloating(x.dtype) ? x.dtype : 'int64');

/** A scan from the other end. */
const reversed = (x: Tensor, axis: number, scan: (x: Tensor) => Tensor): Tensor => contiguous(flip(scan(flip(x, { axis })), { axis }));

/**
 * Running sums along an axis; integers give int64.
 *
 * @remarks Python: `torch.cumsum(x, axis)`.
 * @example cumsum(tensor([1, 2, 3]), 0).tolist() // => [1, 3, 6]
 */
export function cumsum(x: Tensor, axis: number): Tensor {
  const y = mapLanes(
    x,
    axis,
    'cumsum',
    scanType(x),
    running(0, (total, value) => total + value),
  );
  return record('cumsum', y, [x], g => [reversed(g, axis, part => cumsum(part, axis))]);
}

/**
 * Running products along an axis; integers give int64.
 *
 * @remarks Python: `torch.cumprod(x, axis)`.
 * @example cumprod(tensor([1, 2, 3]), 0).tolist() // => [1, 2, 6]
 */
export function cumprod(x: Tensor, axis: number): Tensor {
  const at = axisOf(axis, x.ndim, 'cumprod');
  if (x.requiresGrad && x.ndim > 0 && lanesOf(x, { axis: at }, 'cumprod').data.includes(0)) return foldedProducts(x, at);
  const y = mapLanes(
    x,
    at,
    'cumprod',
    scanType(x),
    running(1, (total, value) => total * value),
  );
  return record(
    'cumprod',
    y,
    [x],
    g => [
      div(
        reversed(mul(g, y), at, part => cumsum(part, at)),
        x,
      ),
    ],
    [x, y],
  );
}

/** Running products factor by factor, whose gradient is right where factors are zero. */
function foldedProducts(x: Tensor, axis: number): Tensor {
  const parts = Array.from({ length: x.shape[axis]! }, (_, i) => get(x, ...new Array<string>(axis).fill(':'), i));
  const products: Tensor[] = [];
  for (const part of parts) products.push(products.length === 0 ? part : mul(products.at(-1)!, part));
  return stack(products, { axis });
}

/**
 * `log Σ e^x` of all elements so far along an axis.
 *
 * @remarks Python: `torch.logcumsumexp(x, axis)`.
 * @example logcumsumexp(tensor([0, -Infinity]), 0).tolist() // => [0, 0]
 */
export function logcumsumexp(x: Tensor, axis: number): Tensor {
  floatsOnly('logcumsumexp', x);
  const y = mapLanes(x, axis, 'logcumsumexp', x.dtype, logRunning);
  const rule = (g: Tensor): Tensor[] => {
    // Positive and negative parts apart, in logarithms, so that nothing overflows.
    const part = (sign: Tensor): Tensor =>
      exp(
        add(
          reversed(sub(log(maximum(sign, 0)), y), axis, each => logcumsumexp(each, axis)),
          x,
        ),
      );
    return [sub(part(g), part(neg(g)))];
  };
  return record('logcumsumexp', y, [x], rule, [x, y]);
}

/** The running sum of exponentials, relative to the largest exponent so far. */
function logRunning(data: NumberArray, out: NumberArray, from: number, to: number): void {
  let highest = Number.NEGATIVE_INFINITY;
  let total = 0;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    if (value > highest) {
      total = total * Math.exp(highest - value) + 1;
      highest = value;
    } else if (Number.isNaN(value)) total = Number.NaN;
    else if (value > Number.NEGATIVE_INFINITY) total += value === highest ? 1 : Math.exp(value - highest);
    out[i] = total === 0 ? Number.NEGATIVE_INFINITY : highest + Math.log(total);
  }
}

/** A running extreme: values by the index of the last one that was at least as good. */
function runningExtreme(name: string, x: Tensor, axis: number, beats: (value: number, best: number) => boolean): ValuesAndIndices {
  const indices = mapLanes(x, axis, name, 'int32', (data, out, from, to) => {
    let best = from;
    for (let i = from; i < to; i++) {
      if (!Number.isNaN(data[best]!) && (beats(data[i]!, data[best]!) || Number.isNaN(data[i]!))) best = i;
      else if (Number.isNaN(data[best]!) && Number.isNaN(data[i]!)) best = i;
      out[i] = best - from;
    }
  });
  return x.ndim === 0 ? { values: x.clone(), indices } : { values: takeAlongAxis(x, indices, axis), indices };
}

/**
 * Running largest elements along an axis and their indices; of equal ones the last.
 *
 * @remarks Python: `torch.cummax(x, axis)`.
 * @example cummax(tensor([1, 3, 2]), 0).values.tolist() // => [1, 3, 3]
 */
export function cummax(x: Tensor, axis: number): ValuesAndIndices {
  return runningExtreme('cummax', x, axis, (value, best) => value >= best);
}

/**
 * Running smallest elements along an axis and their indices; of equal ones the last.
 *
 * @remarks Python: `torch.cummin(x, axis)`.
 * @example cummin(tensor([2, 3, 1]), 0).values.tolist() // => [2, 2, 1]
 */
export function cummin(x: Tensor, axis: number): ValuesAndIndices {
  return runningExtreme('cummin', x, axis, (value, best) => value <= best);
}

/** Largest element of a range. */
function highestOf(data: NumberArray, from: number, to: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) if (data[i]! > highest || Number.isNaN(data[i]!)) highest = data[i]!;
  return highest;
}

/** The way back through softmax along the last axis in one pass; null where it has to be spelled out in operations. */
function rowBackward(name: 'softmaxBackwardRows' | 'logSoftmaxBackwardRows', gradient: Tensor, y: Tensor, axis: number): Tensor | null {
  if (isRecording() || y.ndim === 0 || y.dtype !== 'float32' || gradient.dtype !== 'float32' || axisOf(axis, y.ndim, 'softmax') !== y.ndim - 1) return null;
  const n = y.shape.at(-1)!;
  const out = scratchDirty('float32', y.size);
  return rowBackwardKernel(name, numbersOf(gradient), numbersOf(y), out, y.size / n, n) ? wrap(out, y.shape, 'float32') : null;
}

/**
 * `e^x` over the sum of `e^x` along an axis; without overflow.
 *
 * @throws {ValidationError} for integers
 * @remarks Python: `torch.softmax(x, axis)`.
 * @example softmax(tensor([0, 0])).tolist() // => [0.5, 0.5]
 */
export function softmax(x: Tensor, { axis = -1 }: { readonly axis?: number } = {}): Tensor {
  floatsOnly('softmax', x);
  const y = mapLanes(
    x,
    axis,
    'softmax',
    x.dtype,
    (data, out, from, to) => {
      const highest = highestOf(data, from, to);
      const values = new Float64Array(to - from);
      let total = 0;
      for (let i = from; i < to; i++) {
        values[i - from] = Math.exp(data[i]! - highest);
        total += values[i - from]!;
      }
      for (let i = from; i < to; i++) out[i] = values[i - from]! / total;
    },
    'softmaxRows',
  );
  const rule = (g: Tensor): Tensor => rowBackward('softmaxBackwardRows', g, y, axis) ?? mul(y, sub(g, sum(mul(g, y), { axis, keepdims: true })));
  return record('softmax', y, [x], g => [rule(g)], [y]);
}

/**
 * The logarithm of {@link softmax}.
 *
 * @throws {ValidationError} for integers
 * @remarks Python: `torch.log_softmax(x, axis)`.
 * @example logSoftmax(tensor([5])).tolist() // => [0]
 */
export function logSoftmax(x: Tensor, { axis = -1 }: { readonly axis?: number } = {}): Tensor {
  floatsOnly('logSoftmax', x);
  const y = mapLanes(
    x,
    axis,
    'logSoftmax',
    x.dtype,
    (data, out, from, to) => {
      const highest = highestOf(data, from, to);
      let total = 0;
      for (let i = from; i < to; i++) total += Math.exp(data[i]! - highest);
      const logTotal = Math.log(total);
      for (let i = from; i < to; i++) out[i] = data[i]! - highest - logTotal;
    },
    'logSoftmaxRows',
  );
  const rule = (g: Tensor): Tensor => rowBackward('logSoftmaxBackwardRows', g, y, axis) ?? sub(g, mul(exp(y), sum(g, { axis, keepdims: true })));
  return record('logSoftmax', y, [x], g => [rule(g)], [y]);
}

/**
 * {@link softmax} of `-x`.
 *
 * @remarks Python: `torch.nn.functional.softmin(x, axis)`.
 * @example softmin(tensor([0, 0])).tolist() // => [0.5, 0.5]
 */
export function softmin(x: Tensor, options: { readonly axis?: number } = {}): Tensor {
  return softmax(neg(x), options);
}
