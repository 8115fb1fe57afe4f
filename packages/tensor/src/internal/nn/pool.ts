/** Pooling: one value for each window of positions. Layout is `[N, C, ...positions]`. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { rowMajor, showShape, sizeOf } from '../core/shape.js';
import { div } from '../elementwise/arithmetic.js';
import { addFlat, takeFlat } from '../indexing/flat.js';
import { lanesOf, reduceLanes } from '../reductions/lanes.js';
import { sum } from '../reductions/sums.js';
import { cat, slice } from '../shape/join.js';
import { reshape } from '../shape/views.js';
import { type PerAxis, padPositions, perAxis, windowsOf } from './conv.js';

/** Where the windows of a pooling lie. */
export interface PoolOptions {
  /** Step of the windows. Default: their size. */
  readonly stride?: PerAxis;
  /** Positions added on each side, at most half a window. Default: 0. */
  readonly padding?: PerAxis;
  /** Whether a last window that reaches beyond the input counts. */
  readonly ceilMode?: boolean;
}

interface Plan {
  readonly padded: Tensor;
  readonly windows: Tensor;
  readonly outputs: number[];
  readonly size: number[];
  readonly stride: number[];
  readonly padding: number[];
}

/** Windows of an input, padded so far that the last of them is whole. */
function plan(operation: string, axes: number, x: Tensor, size: PerAxis, options: PoolOptions & { readonly dilation?: PerAxis }, value: number): Plan {
  const sizes = perAxis(size, axes, 'size', operation, 1);
  const stride = perAxis(options.stride ?? sizes, axes, 'stride', operation, 1);
  const padding = perAxis(options.padding ?? 0, axes, 'padding', operation, 0);
  const dilation = perAxis(options.dilation ?? 1, axes, 'dilation', operation, 1);
  const odd = padding.findIndex((width, i) => width > sizes[i]! / 2);
  if (odd >= 0)
    throw new ValidationError(`${operation}: padding must be at most half the window, got ${padding[odd]} for ${sizes[odd]}`, {
      parameter: 'padding',
      received: padding[odd],
    });
  const span = sizes.map((length, i) => (length - 1) * dilation[i]! + 1);
  const outputs = span.map((length, i) => {
    const [input, step, width] = [x.shape[i + 2]!, stride[i]!, padding[i]!];
    const exact = (input + 2 * width - length) / step;
    if (!options.ceilMode) return Math.floor(exact) + 1;
    // A window must start within the input or the padding before it.
    const up = Math.ceil(exact) + 1;
    return (up - 1) * step >= input + width ? up - 1 : up;
  });
  if (x.ndim !== axes + 2 || outputs.some(length => length < 1))
    throw new ShapeError(`${operation}: windows of ${showShape(sizes)} do not fit an input of shape ${showShape(x.shape)}`, {
      parameter: 'x',
      received: x.shape,
    });
  const after = outputs.map((length, i) => Math.max(padding[i]!, (length - 1) * stride[i]! + span[i]! - x.shape[i + 2]! - padding[i]!));
  const padded = padPositions(x, padding, after, value);
  return { padded, windows: windowsOf(padded, { size: sizes, stride, dilation }, outputs), outputs, size: sizes, stride, padding };
}

/** The input with a batch of its own when it has none. */
const withBatch = (axes: number, x: Tensor, of: (x: Tensor) => Tensor): Tensor => {
  if (x.ndim !== axes + 1) return of(x);
  const y = of(reshape(x, [1, ...x.shape]));
  return reshape(y, y.shape.slice(1));
};

/** Values of windows and the positions where they stood, counted within a channel. */
export interface Pooled {
  readonly y: Tensor;
  readonly indices: Tensor;
}

/** Options of a pooling by the largest element. */
export interface MaxPoolOptions extends PoolOptions {
  readonly dilation?: PerAxis;
}

/** The largest element of each window, by its position in the input. */
function largest(x: Tensor, { windows, padded, outputs, size, padding }: Plan): Pooled {
  const lanes = lanesOf(windows, { axis: size.map((_, i) => i - size.length) }, 'maxPool');
  // Positions in the padded input run through the same windows.
  const places = wrap(
    Int32Array.from({ length: padded.size }, (_, i) => i),
    padded.shape,
    'int32',
  ).asStrided(windows.shape, stridesOf(padded, windows), { offset: 0 });
  const at = lanesOf(places, { axis: size.map((_, i) => i - size.length) }, 'maxPool').data;
  const best = new Int32Array(lanes.count);
  reduceLanes({ ...lanes, shape: [lanes.count] }, 'float64', (data, start, end) => {
    let chosen = start;
    for (let i = start; i < end; i++) if (data[i]! > data[chosen]! || (Number.isNaN(data[i]!) && !Number.isNaN(data[chosen]!))) chosen = i;
    best[start / lanes.length] = at[chosen]!;
    return 0;
  });
  const from = rowMajor(padded.shape);
  const to = rowMajor(x.shape);
  const own = best.map(position =>
    x.shape.reduce((sum, _, axis) => sum + ((Math.floor(position / from[axis]!) % padded.shape[axis]!) - (axis < 2 ? 0 : padding[axis - 2]!)) * to[axis]!, 0),
  );
  const shape = [...x.shape.slice(0, 2), ...outputs];
  const area = sizeOf(x.shape.slice(2));
  return {
    y: takeFlat(x, own, shape, 'maxPool'),
    indices: wrap(
      own.map(position => position % area),
      shape,
      'int32',
    ),
  };
}

/** Strides of windows over the row-major copy of what they look at. */
function stridesOf(padded: Tensor, windows: Tensor): number[] {
  const own = rowMajor(padded.shape);
  const axisOf = (axis: number): number => (axis < padded.ndim ? axis : axis - (padded.ndim - 2));
  return windows.strides.map((stride, axis) => (padded.strides[axisOf(axis)] === 0 ? 0 : (stride / padded.strides[axisOf(axis)]!) * own[axisOf(axis)]!));
}

function maxPool(axes: number, x: Tensor, size: PerAxis, options: MaxPoolOptions): Pooled {
  const batch = x.ndim === axes + 1 ? reshape(x, [1, ...x.shape]) : x.contiguous();
  const found = largest(batch, plan(`maxPool${axes}d`, axes, batch, size, options, Number.NEGATIVE_INFINITY));
  const back = (y: Tensor): Tensor => (x.ndim === axes + 1 ? reshape(y, y.shape.slice(1)) : y);
  return { y: back(found.y), indices: back(found.indices) };
}

/**
 * The largest element of each window.
 *
 * @param x `[N, C, L]` or `[C, L]`
 * @remarks Python: `torch.nn.functional.max_pool1d(x, size, stride, padding, dilation, ceil_mode)`.
 * @example maxPool1d(tensor([[[1, 3, 2, 4]]]), 2).tolist() // => [[[3, 4]]]
 */
export function maxPool1d(x: Tensor, size: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return maxPool(1, x, size, options).y;
}

/**
 * The largest element of each window.
 *
 * @param x `[N, C, H, W]` or `[C, H, W]`
 * @remarks Python: `torch.nn.functional.max_pool2d(x, size, stride, padding, dilation, ceil_mode)`.
 * @example maxPool2d(tensor([[[[1, 3], [2, 4]]]]), 2).tolist() // => [[[[4]]]]
 */
export function maxPool2d(x: Tensor, size: PerAxis, options: MaxPoolOptions = {}): Tensor {
  return maxPool(2, x, size, options).y;
}

/**
 * As {@link maxPool1d} and {@link maxPool2d}, with the positions of the largest elements, counted within a channel.
 *
 * @remarks Python: `torch.nn.functional.max_pool2d(..., return_indices=True)`.
 * @example maxPoolWithIndices(tensor([[[1, 3, 2, 4]]]), 2).indices.tolist() // => [[[1, 3]]]
 */
export function maxPoolWithIndices(x: Tensor, size: PerAxis, options: MaxPoolOptions = {}): Pooled {
  return maxPool(typeof size === 'number' ? Math.max(1, x.ndim - 2) : size.length, x, size, options);
}

/**
 * Values put back to the positions of {@link maxPoolWithIndices}, zeros elsewhere.
 *
 * @param positions height and width of the result; those of windows without overlap by default
 * @remarks Python: `torch.nn.functional.max_unpool2d(x, indices, size)`.
 * @example maxUnpool2d(tensor([[[[4]]]]), tensor([[[[3]]]], { dtype: 'int32' }), 2).tolist() // => [[[[0, 0], [0, 4]]]]
 */
export function maxUnpool2d(x: Tensor, indices: Tensor, size: PerAxis, positions?: readonly number[]): Tensor {
  const sizes = perAxis(size, 2, 'size', 'maxUnpool2d', 1);
  const shape = [...x.shape.slice(0, 2), ...(positions ?? x.shape.slice(2).map((length, i) => length * sizes[i]!))];
  const [area, own] = [sizeOf(shape.slice(2)), sizeOf(x.shape.slice(2))];
  const at = Int32Array.from(numbersOf(indices), (position, i) => Math.floor(i / own) * area + position);
  if (at.some((position, i) => position < Math.floor(i / own) * area || position >= (Math.floor(i / own) + 1) * area))
    throw new ValidationError(`maxUnpool2d: indices must lie within ${showShape(shape.slice(2))}`, { parameter: 'indices' });
  return addFlat(x, at, shape, 'maxUnpool2d');
}

/** Options of a pooling by the mean. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as elements. Default: true. */
  readonly countIncludePad?: boolean;
  /** Divides instead of the number of elements. */
  readonly divisorOverride?: number;
}

function avgPool(axes: number, x: Tensor, size: PerAxis, options: AvgPoolOptions): Tensor {
  return withBatch(axes, x, batch => {
    const { windows, outputs, size: sizes, stride, padding } = plan(`avgPool${axes}d`, axes, batch, size, options, 0);
    const sums = sum(windows, { axis: sizes.map((_, i) => i - axes) });
    if (options.divisorOverride !== undefined) return div(sums, options.divisorOverride);
    const include = options.countIncludePad ?? true;
    // How many positions of the input (and of the padding on both sides, where it counts) each window covers along an axis.
    const counts = outputs.map((length, axis) =>
      Array.from({ length }, (_, i) => {
        const [start, input, width] = [i * stride[axis]! - padding[axis]!, batch.shape[axis + 2]!, padding[axis]!];
        const end = Math.min(start + sizes[axis]!, include ? input + width : input);
        return end - Math.max(start, include ? -width : 0);
      }),
    );
    const strides = rowMajor(outputs);
    const total = Float64Array.from({ length: sizeOf(outputs) }, (_, i) =>
      counts.reduce((n, each, axis) => n * each[Math.floor(i / strides[axis]!) % outputs[axis]!]!, 1),
    );
    return div(sums, wrap(total, outputs, 'float64').astype(x.dtype));
  });
}

/**
 * The mean of each window.
 *
 * @param x `[N, C, L]` or `[C, L]`
 * @remarks Python: `torch.nn.functional.avg_pool1d(x, size, stride, padding, ceil_mode, count_include_pad)`.
 * @example avgPool1d(tensor([[[1, 3, 2, 4]]]), 2).tolist() // => [[[2, 3]]]
 */
export function avgPool1d(x: Tensor, size: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return avgPool(1, x, size, options);
}

/**
 * The mean of each window.
 *
 * @param x `[N, C, H, W]` or `[C, H, W]`
 * @remarks Python: `torch.nn.functional.avg_pool2d(x, size, stride, padding, ceil_mode, count_include_pad, divisor_override)`.
 * @example avgPool2d(tensor([[[[1, 3], [2, 4]]]]), 2).tolist() // => [[[[2.5]]]]
 */
export function avgPool2d(x: Tensor, size: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return avgPool(2, x, size, options);
}

/**
 * The p-norm of each window, signs kept out: `(Σ x^p)^(1/p)`.
 *
 * @remarks Python: `torch.nn.functional.lp_pool1d(x, p, size, stride)`.
 * @example lpPool1d(tensor([[[3, 4]]]), 2, 2).tolist() // => [[[5]]]
 */
export function lpPool1d(x: Tensor, p: number, size: PerAxis, { stride }: { readonly stride?: PerAxis } = {}): Tensor {
  return withBatch(1, x, batch => {
    const { windows } = plan('lpPool1d', 1, batch, size, stride === undefined ? {} : { stride }, 0);
    return sum(windows.pow(p), { axis: -1 }).pow(1 / p);
  });
}

/** Start and end of the parts into which an axis is cut for so many outputs. */
const parts = (length: number, outputs: number): (readonly [number, number])[] =>
  Array.from({ length: outputs }, (_, i) => [Math.floor((i * length) / outputs), Math.ceil(((i + 1) * length) / outputs)] as const);

/** Means over the parts of one axis. */
function averageParts(x: Tensor, axis: number, outputs: number): Tensor {
  return cat(
    parts(x.shape[axis]!, outputs).map(([from, to]) => div(sum(slice(x, axis, from, to), { axis, keepdims: true }), to - from)),
    { axis },
  );
}

/**
 * Means over so many parts of the last axis.
 *
 * @remarks Python: `torch.nn.functional.adaptive_avg_pool1d(x, outputs)`.
 * @example adaptiveAvgPool1d(tensor([[[1, 3, 2, 4]]]), 2).tolist() // => [[[2, 3]]]
 */
export function adaptiveAvgPool1d(x: Tensor, outputs: number): Tensor {
  return averageParts(x, x.ndim - 1, outputs);
}

/**
 * Means over so many parts of height and width.
 *
 * @remarks Python: `torch.nn.functional.adaptive_avg_pool2d(x, outputs)`.
 * @example adaptiveAvgPool2d(tensor([[[[1, 3], [2, 4]]]]), 1).tolist() // => [[[[2.5]]]]
 */
export function adaptiveAvgPool2d(x: Tensor, outputs: PerAxis): Tensor {
  const [rows, columns] = perAxis(outputs, 2, 'outputs', 'adaptiveAvgPool2d', 1) as [number, number];
  return averageParts(averageParts(x, x.ndim - 1, columns), x.ndim - 2, rows);
}

/**
 * The largest element of so many parts of height and width, and its position within the channel.
 *
 * @remarks Python: `torch.nn.functional.adaptive_max_pool2d(x, outputs, return_indices=True)`.
 * @example adaptiveMaxPool2d(tensor([[[[1, 3], [2, 4]]]]), 1).y.tolist() // => [[[[4]]]]
 */
export function adaptiveMaxPool2d(x: Tensor, outputs: PerAxis): Pooled {
  const [rows, columns] = perAxis(outputs, 2, 'outputs', 'adaptiveMaxPool2d', 1) as [number, number];
  const [height, width] = x.shape.slice(-2) as [number, number];
  const data = numbersOf(x);
  const planes = x.size / Math.max(1, height * width);
  const positions: number[] = [];
  for (let plane = 0; plane < planes; plane++)
    for (const [top, bottom] of parts(height, rows))
      for (const [left, right] of parts(width, columns)) {
        let best = plane * height * width + top * width + left;
        for (let i = top; i < bottom; i++)
          for (let j = left; j < right; j++) {
            const at = plane * height * width + i * width + j;
            if (data[at]! > data[best]!) best = at;
          }
        positions.push(best);
      }
  const shape = [...x.shape.slice(0, -2), rows, columns];
  return {
    y: takeFlat(x, Int32Array.from(positions), shape, 'adaptiveMaxPool2d'),
    indices: wrap(
      Int32Array.from(positions, position => position % (height * width)),
      shape,
      'int32',
    ),
  };
}
