/** Convolutions: windows of the input as columns, times the weights. Layout is `[N, C, ...positions]`. */
import { integer, ShapeError, ValidationError } from '@gtc/errors';
import type { Geometry, Tensor } from '../../tensor.js';
import { recordStrided, scatterInto } from '../autograd/views.js';
import { rowMajor, showShape, sizeOf } from '../core/shape.js';
import { add } from '../elementwise/arithmetic.js';
import { matmul } from '../products/matmul.js';
import { pad } from '../shape/rearrange.js';
import { contiguous, permute, reshape } from '../shape/views.js';

/** One number for every position axis, or one each. */
export type PerAxis = number | readonly number[];

/** A setting as one integer for each position axis. */
export function perAxis(value: PerAxis, axes: number, name: string, operation: string, least: number): number[] {
  const list = typeof value === 'number' ? new Array<number>(axes).fill(value) : [...value];
  if (list.length !== axes || !list.every(each => integer(each, name) >= least))
    throw new ValidationError(`${operation}: ${name} must be ${axes} integers of at least ${least}, got ${JSON.stringify(value)}`, {
      parameter: name,
      received: value,
    });
  return list;
}

/** Where windows lie: size, step, spread of their elements, for each position axis. */
export interface Windows {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

/** Every window of the position axes: `[N, C, ...outputs, ...size]`, as a view. */
export function windowsOf(x: Tensor, { size, stride, dilation }: Windows, outputs: readonly number[]): Tensor {
  return recordStrided('windows', x, (strides, offset) => ({
    shape: [...x.shape.slice(0, 2), ...outputs, ...size],
    strides: [...strides.slice(0, 2), ...strides.slice(2).map((step, i) => step * stride[i]!), ...strides.slice(2).map((step, i) => step * dilation[i]!)],
    offset,
  }));
}

/** Pads the position axes. */
export function padPositions(x: Tensor, before: readonly number[], after: readonly number[] = before, value = 0): Tensor {
  if ([...before, ...after].every(width => width === 0)) return x;
  return pad(x, [[0, 0], [0, 0], ...before.map((width, i) => [width, after[i]!] as const)], { value });
}

/** Options of a convolution. */
export interface ConvOptions {
  /** Step of the windows. Default: 1. */
  readonly stride?: PerAxis;
  /** Zeros on each side; 'same' keeps the lengths, 'valid' adds none. Default: 0. */
  readonly padding?: PerAxis | 'same' | 'valid';
  /** Distance between the elements of a window. Default: 1. */
  readonly dilation?: PerAxis;
  /** Channels are cut into so many groups that do not mix. Default: 1. */
  readonly groups?: number;
}

/** Refuses an input and weights that do not fit, and gives an unbatched input a batch of its own. */
function prepare(operation: string, axes: number, x: Tensor, weight: Tensor, groups: number, channels: number): Tensor {
  if (!(integer(groups, 'groups') > 0))
    throw new ValidationError(`${operation}: groups must be positive, got ${groups}`, { parameter: 'groups', received: groups });
  if (weight.ndim !== axes + 2 || (x.ndim !== axes + 2 && x.ndim !== axes + 1) || x.shape.at(-axes - 1) !== channels || weight.shape[0]! % groups !== 0)
    throw new ShapeError(`${operation}: input ${showShape(x.shape)} does not fit the weight ${showShape(weight.shape)} with ${groups} groups`, {
      parameter: 'weight',
      received: weight.shape,
    });
  return x.ndim === axes + 1 ? reshape(x, [1, ...x.shape]) : x;
}

/** Zeros before and after each axis. */
function paddingOf(operation: string, { size, stride, dilation }: Windows, padding: NonNullable<ConvOptions['padding']>): readonly [number[], number[]] {
  const axes = size.length;
  if (padding !== 'same') {
    const both = padding === 'valid' ? new Array<number>(axes).fill(0) : perAxis(padding as PerAxis, axes, 'padding', operation, 0);
    return [both, both];
  }
  if (stride.some(step => step !== 1))
    throw new ValidationError(`${operation}: padding 'same' needs a stride of 1, got ${showShape(stride)}`, { parameter: 'padding', received: padding });
  const total = size.map((length, i) => (length - 1) * dilation[i]!);
  const before = total.map(width => Math.floor(width / 2));
  return [before, total.map((width, i) => width - before[i]!)];
}

/** A channel's bias beside positions. */
const withBias = (y: Tensor, bias: Tensor | null | undefined, axes: number): Tensor =>
  bias ? add(y, reshape(bias, [-1, ...new Array<number>(axes).fill(1)])) : y;

function convolution(operation: string, axes: number, x: Tensor, weight: Tensor, bias: Tensor | null | undefined, options: ConvOptions): Tensor {
  const { groups = 1, padding = 0 } = options;
  const input = prepare(operation, axes, x, weight, groups, (weight.shape[1] ?? 0) * groups);
  const windows: Windows = {
    size: weight.shape.slice(2),
    stride: perAxis(options.stride ?? 1, axes, 'stride', operation, 1),
    dilation: perAxis(options.dilation ?? 1, axes, 'dilation', operation, 1),
  };
  const padded = padPositions(input, ...paddingOf(operation, windows, padding));
  const outputs = windows.size.map((length, i) => Math.floor((padded.shape[i + 2]! - (length - 1) * windows.dilation[i]! - 1) / windows.stride[i]!) + 1);
  if (outputs.some(length => length < 1))
    throw new ShapeError(`${operation}: a kernel of ${showShape(windows.size)} is larger than the padded input ${showShape(padded.shape)}`, {
      parameter: 'weight',
      received: weight.shape,
    });
  const [n, channels] = padded.shape as [number, number];
  const [out, inside, places] = [weight.shape[0]! / groups, (channels / groups) * sizeOf(windows.size), sizeOf(outputs)];
  const positions = Array.from({ length: axes }, (_, i) => i);
  // [N, C, O, K] -> [N, G, (C / G) K, O]
  const columns = permute(windowsOf(padded, windows, outputs), [0, 1, ...positions.map(i => i + 2 + axes), ...positions.map(i => i + 2)]);
  const flat = reshape(columns, [n, groups, inside, places]);
  const y = reshape(matmul(reshape(weight, [groups, out, inside]), flat), [n, groups * out, ...outputs]);
  const shifted = withBias(y, bias, axes);
  return x.ndim === axes + 1 ? reshape(shifted, shifted.shape.slice(1)) : shifted;
}

/**
 * The cross-correlation of `[N, C, L]` with kernels.
 *
 * @param x `[N, C, L]` or `[C, L]`
 * @param weight `[out, C / groups, k]`
 * @param bias `[out]`
 * @throws {ShapeError} naming input and weight
 * @remarks Python: `torch.nn.functional.conv1d(x, weight, bias, stride, padding, dilation, groups)`.
 * @example conv1d(tensor([[[1, 2, 3]]]), tensor([[[1, 1]]])).tolist() // => [[[3, 5]]]
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null | ConvOptions, options?: ConvOptions): Tensor {
  return convolve('conv1d', 1, x, weight, bias, options);
}

/**
 * The cross-correlation of `[N, C, H, W]` with kernels.
 *
 * @param x `[N, C, H, W]` or `[C, H, W]`
 * @param weight `[out, C / groups, kh, kw]`
 * @param bias `[out]`
 * @throws {ShapeError} naming input and weight
 * @remarks Python: `torch.nn.functional.conv2d(x, weight, bias, stride, padding, dilation, groups)`.
 * @example conv2d(ones([1, 1, 2, 2]), ones([1, 1, 2, 2])).item() // => 4
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null | ConvOptions, options?: ConvOptions): Tensor {
  return convolve('conv2d', 2, x, weight, bias, options);
}

/**
 * The cross-correlation of `[N, C, D, H, W]` with kernels.
 *
 * @remarks Python: `torch.nn.functional.conv3d(x, weight, bias, stride, padding, dilation, groups)`.
 * @example conv3d(ones([1, 1, 2, 2, 2]), ones([1, 1, 2, 2, 2])).item() // => 8
 */
export function conv3d(x: Tensor, weight: Tensor, bias?: Tensor | null | ConvOptions, options?: ConvOptions): Tensor {
  return convolve('conv3d', 3, x, weight, bias, options);
}

/** Bias and options, of which the bias may be left out. */
function convolve(operation: string, axes: number, x: Tensor, weight: Tensor, bias?: Tensor | null | ConvOptions, options?: ConvOptions): Tensor {
  const isBias = bias === null || bias === undefined || 'storage' in bias;
  return convolution(operation, axes, x, weight, isBias ? bias : null, (isBias ? options : bias) ?? {});
}

/** Options of a transposed convolution. */
export interface ConvTransposeOptions {
  readonly stride?: PerAxis;
  /** Positions cut off each side of the result. Default: 0. */
  readonly padding?: PerAxis;
  /** Positions added to the end of the result, fewer than the stride. Default: 0. */
  readonly outputPadding?: PerAxis;
  readonly dilation?: PerAxis;
  readonly groups?: number;
}

function transposed(operation: string, axes: number, x: Tensor, weight: Tensor, bias: Tensor | null | undefined, options: ConvTransposeOptions): Tensor {
  const { groups = 1 } = options;
  const input = prepare(operation, axes, x, weight, groups, weight.shape[0] ?? 0);
  const size = weight.shape.slice(2);
  const [stride, dilation] = [perAxis(options.stride ?? 1, axes, 'stride', operation, 1), perAxis(options.dilation ?? 1, axes, 'dilation', operation, 1)];
  const [padding, extra] = [
    perAxis(options.padding ?? 0, axes, 'padding', operation, 0),
    perAxis(options.outputPadding ?? 0, axes, 'outputPadding', operation, 0),
  ];
  const odd = extra.findIndex((length, i) => length >= Math.max(stride[i]!, dilation[i]!));
  if (odd >= 0)
    throw new ValidationError(`${operation}: outputPadding must be smaller than stride or dilation, got ${extra[odd]}`, {
      parameter: 'outputPadding',
      received: extra[odd],
    });
  const [n, channels, ...positions] = input.shape as [number, number, ...number[]];
  const [inside, out] = [channels / groups, weight.shape[1]!];
  // [G, out K, C / G] x [N, G, C / G, O] -> columns, laid back where their windows lie.
  const kernels = permute(reshape(weight, [groups, inside, out * sizeOf(size)]), [0, 2, 1]);
  const columns = matmul(kernels, reshape(input, [n, groups, inside, sizeOf(positions)]));
  const full = positions.map((length, i) => (length - 1) * stride[i]! + (size[i]! - 1) * dilation[i]! + 1 + Math.max(extra[i]!, 0));
  const layered = reshape(columns, [n, groups * out, ...size, ...positions]);
  const order = Array.from({ length: axes }, (_, i) => i);
  const laid = layWindows(contiguous(permute(layered, [0, 1, ...order.map(i => i + 2 + axes), ...order.map(i => i + 2)])), full, { size, stride, dilation });
  const cut = laid.get(':', ':', ...padding.map((width, i) => `${width}:${full[i]! - width}`));
  const shifted = withBias(contiguous(cut), bias, axes);
  return x.ndim === axes + 1 ? reshape(shifted, shifted.shape.slice(1)) : shifted;
}

/** Windows `[N, C, ...outputs, ...size]` added where they lie in `[N, C, ...positions]`: the transpose of {@link windowsOf}. */
function layWindows(windows: Tensor, positions: readonly number[], { stride, dilation }: Windows): Tensor {
  const target = [...windows.shape.slice(0, 2), ...positions];
  const strides = rowMajor(target);
  const steps = strides.slice(2);
  const through: Geometry = {
    shape: windows.shape,
    strides: [...strides.slice(0, 2), ...steps.map((step, i) => step * stride[i]!), ...steps.map((step, i) => step * dilation[i]!)],
    offset: 0,
  };
  return scatterInto(windows, { shape: target, strides, offset: 0 }, through);
}

/**
 * The gradient of {@link conv1d} by its input, as a layer: `[N, C, L]` to a longer `[N, out, L']`.
 *
 * @param weight `[C, out / groups, k]`
 * @remarks Python: `torch.nn.functional.conv_transpose1d(x, weight, bias, stride, padding, output_padding, groups, dilation)`.
 * @example convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 1]]])).tolist() // => [[[1, 3, 2]]]
 */
export function convTranspose1d(x: Tensor, weight: Tensor, bias?: Tensor | null | ConvTransposeOptions, options?: ConvTransposeOptions): Tensor {
  const isBias = bias === null || bias === undefined || 'storage' in bias;
  return transposed('convTranspose1d', 1, x, weight, isBias ? bias : null, (isBias ? options : bias) ?? {});
}

/**
 * The gradient of {@link conv2d} by its input, as a layer.
 *
 * @param weight `[C, out / groups, kh, kw]`
 * @remarks Python: `torch.nn.functional.conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation)`.
 * @example convTranspose2d(ones([1, 1, 1, 1]), ones([1, 1, 2, 2])).tolist() // => [[[[1, 1], [1, 1]]]]
 */
export function convTranspose2d(x: Tensor, weight: Tensor, bias?: Tensor | null | ConvTransposeOptions, options?: ConvTransposeOptions): Tensor {
  const isBias = bias === null || bias === undefined || 'storage' in bias;
  return transposed('convTranspose2d', 2, x, weight, isBias ? bias : null, (isBias ? options : bias) ?? {});
}

/** Where patches of an image lie. */
export interface PatchOptions {
  readonly stride?: PerAxis;
  readonly padding?: PerAxis;
  readonly dilation?: PerAxis;
}

function patches(operation: string, size: PerAxis, { stride = 1, padding = 0, dilation = 1 }: PatchOptions): Windows & { readonly padding: number[] } {
  return {
    size: perAxis(size, 2, 'size', operation, 1),
    stride: perAxis(stride, 2, 'stride', operation, 1),
    dilation: perAxis(dilation, 2, 'dilation', operation, 1),
    padding: perAxis(padding, 2, 'padding', operation, 0),
  };
}

const outputsOf = (positions: readonly number[], { size, stride, dilation }: Windows): number[] =>
  positions.map((length, i) => Math.floor((length - (size[i]! - 1) * dilation[i]! - 1) / stride[i]!) + 1);

/**
 * Patches of an image as columns: `[N, C, H, W]` to `[N, C · kh · kw, patches]`.
 *
 * @remarks Python: `torch.nn.functional.unfold(x, size, dilation, padding, stride)`.
 * @example unfoldPatches(ones([1, 1, 2, 2]), 2).shape // => [1, 4, 1]
 */
export function unfoldPatches(x: Tensor, size: PerAxis, options: PatchOptions = {}): Tensor {
  const windows = patches('unfoldPatches', size, options);
  const padded = padPositions(x, windows.padding);
  const outputs = outputsOf(padded.shape.slice(2), windows);
  const [n, channels] = x.shape as [number, number];
  return reshape(permute(windowsOf(padded, windows, outputs), [0, 1, 4, 5, 2, 3]), [n, channels * sizeOf(windows.size), sizeOf(outputs)]);
}

/**
 * Columns of patches added up to an image: the transpose of {@link unfoldPatches}.
 *
 * @param positions height and width of the image
 * @throws {ShapeError} when the number of columns does not fit
 * @remarks Python: `torch.nn.functional.fold(x, positions, size, dilation, padding, stride)`.
 * @example foldPatches(ones([1, 4, 1]), [2, 2], 2).tolist() // => [[[[1, 1], [1, 1]]]]
 */
export function foldPatches(x: Tensor, positions: PerAxis, size: PerAxis, options: PatchOptions = {}): Tensor {
  const windows = patches('foldPatches', size, options);
  const full = perAxis(positions, 2, 'positions', 'foldPatches', 1).map((length, i) => length + 2 * windows.padding[i]!);
  const outputs = outputsOf(full, windows);
  const [n = 0, rows = 0, columns = 0] = x.shape;
  if (x.ndim !== 3 || rows % sizeOf(windows.size) !== 0 || columns !== sizeOf(outputs))
    throw new ShapeError(`foldPatches: ${showShape(x.shape)} does not hold ${sizeOf(outputs)} patches of ${showShape(windows.size)}`, {
      parameter: 'x',
      received: x.shape,
    });
  const layered = permute(reshape(x, [n, rows / sizeOf(windows.size), ...windows.size, ...outputs]), [0, 1, 4, 5, 2, 3]);
  const laid = layWindows(contiguous(layered), full, windows);
  return laid.get(':', ':', ...windows.padding.map((width, i) => `${width}:${full[i]! - width}`));
}

/** How the positions beyond an edge are filled, in torch's words. */
export type PositionPadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

const PAD_MODES = { constant: 'constant', reflect: 'reflect', replicate: 'edge', circular: 'wrap' } as const;

/**
 * Positions added at the edges, or cut off by negative widths; the last axis first.
 *
 * @param widths pairs before and after, of the last axis, the one before it, ...
 * @remarks Python: `torch.nn.functional.pad(x, widths, mode='constant', value=0)`.
 * @example padLast(tensor([1, 2]), [1, 0]).tolist() // => [0, 1, 2]
 */
export function padLast(
  x: Tensor,
  widths: readonly number[],
  { mode = 'constant', value = 0 }: { readonly mode?: PositionPadMode; readonly value?: number } = {},
): Tensor {
  if (widths.length % 2 !== 0 || widths.length > 2 * x.ndim)
    throw new ShapeError(`padLast: widths must be pairs for at most ${x.ndim} axes, got ${showShape(widths)}`, { parameter: 'widths', received: widths });
  const pairs = x.shape.map((_, axis) => {
    const at = 2 * (x.ndim - 1 - axis);
    return [widths[at] ?? 0, widths[at + 1] ?? 0] as const;
  });
  const kept = x.get(...pairs.map(([before, after], axis) => `${Math.max(0, -before)}:${x.shape[axis]! - Math.max(0, -after)}`));
  return pad(
    kept,
    pairs.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const),
    { mode: PAD_MODES[mode], value },
  );
}
