/** Tensors that follow from a rule: constants, ranges, grids, identities. */
import { integer, ValidationError } from '@gtc/errors';
import type { DType } from './dtypes.js';
import { convert } from './internal/core/elements.js';
import { checkShape, count, rowMajor, showShape, sizeOf } from './internal/core/shape.js';
import { allocate, allocateDirty } from './internal/core/storage.js';
import { fromFront, indicesOf } from './internal/indexing/flat.js';
import { type Tensor, type TensorOptions, wrap } from './tensor.js';

/** A row-major tensor whose elements a function of the position gives. */
function build(shape: readonly number[], dtype: DType, of: (position: number) => number): Tensor {
  const data = allocate(dtype, sizeOf(shape));
  const numbers = dtype === 'float32' || dtype === 'float64' ? (data as Float32Array | Float64Array) : new Float64Array(data.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = of(i);
  return wrap(numbers === data ? data : convert(numbers, 'float64', dtype), shape, dtype);
}

/**
 * All zeros.
 *
 * @throws {ShapeError} for a negative or fractional length
 * @remarks Python: `torch.zeros(shape)`.
 * @example zeros([2, 2]).tolist() // => [[0, 0], [0, 0]]
 */
export function zeros(shape: readonly number[], { dtype = 'float32', requiresGrad = false }: TensorOptions = {}): Tensor {
  return wrap(allocate(dtype, sizeOf(checkShape(shape, 'zeros'))), shape, dtype).requiresGrad_(requiresGrad);
}

/**
 * One value everywhere.
 *
 * @remarks Python: `torch.full(shape, value)`.
 * @example full([3], 7).tolist() // => [7, 7, 7]
 */
export function full(shape: readonly number[], value: number, { dtype = 'float32', requiresGrad = false }: TensorOptions = {}): Tensor {
  const [element] = convert(Float64Array.of(value), 'float64', dtype);
  const data = allocate(dtype, sizeOf(checkShape(shape, 'full')));
  return wrap(data.fill(element as never), shape, dtype).requiresGrad_(requiresGrad);
}

/**
 * All ones.
 *
 * @remarks Python: `torch.ones(shape)`.
 * @example ones([2]).tolist() // => [1, 1]
 */
export function ones(shape: readonly number[], options: TensorOptions = {}): Tensor {
  return full(shape, 1, options);
}

/**
 * A tensor to be filled; its elements are what the memory held.
 *
 * @remarks Python: `torch.empty(shape)`.
 * @example empty([2, 3]).shape // => [2, 3]
 */
export function empty(shape: readonly number[], { dtype = 'float32', requiresGrad = false }: TensorOptions = {}): Tensor {
  return wrap(allocateDirty(dtype, sizeOf(checkShape(shape, 'empty'))), shape, dtype).requiresGrad_(requiresGrad);
}

const like = (x: Tensor, options: TensorOptions): TensorOptions => ({ dtype: x.dtype, ...options });

/**
 * Zeros of a tensor's shape and type.
 *
 * @remarks Python: `torch.zeros_like(x)`.
 * @example zerosLike(tensor([1, 2])).tolist() // => [0, 0]
 */
export function zerosLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return zeros(x.shape, like(x, options));
}

/**
 * Ones of a tensor's shape and type.
 *
 * @remarks Python: `torch.ones_like(x)`.
 * @example onesLike(tensor([1, 2])).tolist() // => [1, 1]
 */
export function onesLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return full(x.shape, 1, like(x, options));
}

/**
 * One value in a tensor's shape and type.
 *
 * @remarks Python: `torch.full_like(x, value)`.
 * @example fullLike(tensor([1, 2]), 5).tolist() // => [5, 5]
 */
export function fullLike(x: Tensor, value: number, options: TensorOptions = {}): Tensor {
  return full(x.shape, value, like(x, options));
}

/** Numbers in front and options behind: `f(1, 2, { dtype })` as well as `f(1, { dtype })`. */
function split<O extends object>(
  args: readonly (number | O | undefined)[],
): { readonly numbers: readonly (number | undefined)[]; readonly options: Partial<O> } {
  const options = args.find(arg => typeof arg === 'object') as O | undefined;
  return { numbers: args.filter(arg => typeof arg !== 'object') as (number | undefined)[], options: options ?? {} };
}

/**
 * Evenly spaced numbers from `start` up to, not including, `stop`: `start + i · step`. With one number from 0.
 *
 * @param args `stop`, or `start, stop`, or `start, stop, step`; options last
 * @throws {ValidationError} for a step of zero
 * @remarks Python: `torch.arange(start, stop, step)`; int32 where all three are integers, else float32.
 * @example arange(3).tolist() // => [0, 1, 2]
 * @example arange(1, 2, 0.5, { dtype: 'float64' }).tolist() // => [1, 1.5]
 */
export function arange(...args: readonly [number, ...(number | TensorOptions)[]]): Tensor {
  const { numbers, options } = split<TensorOptions>(args);
  const [from, to] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0]!, numbers[1]!];
  const step = numbers[2] ?? 1;
  if (step === 0 || ![from, to, step].every(Number.isFinite))
    throw new ValidationError(`arange: step must not be zero and bounds must be finite, got ${from}, ${to}, ${step}`, { parameter: 'step', received: step });
  const integral = [from, to, step].every(Number.isInteger);
  return build([Math.max(0, Math.ceil((to - from) / step))], options.dtype ?? (integral ? 'int32' : 'float32'), i => from + i * step);
}

/**
 * `count` evenly spaced numbers from `start` to `stop`.
 *
 * @param options `endpoint` whether `stop` is the last of them
 * @remarks Python: `numpy.linspace(start, stop, count)`.
 * @example linspace(0, 1, 5).tolist() // => [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(
  start: number,
  stop: number,
  points: number,
  { dtype = 'float32', endpoint = true }: TensorOptions & { readonly endpoint?: boolean } = {},
): Tensor {
  const gaps = count(points, 'count') - (endpoint ? 1 : 0);
  const step = gaps > 0 ? (stop - start) / gaps : 0;
  return build([points], dtype, i => (endpoint && i > 0 && i === points - 1 ? stop : start + i * step));
}

/**
 * Powers of a base with evenly spaced exponents.
 *
 * @remarks Python: `numpy.logspace(start, stop, count)`.
 * @example logspace(0, 2, 3).tolist() // => [1, 10, 100]
 */
export function logspace(
  start: number,
  stop: number,
  points: number,
  { dtype = 'float32', base = 10 }: TensorOptions & { readonly base?: number } = {},
): Tensor {
  const exponents = linspace(start, stop, points, { dtype: 'float64' }).data;
  return build([points], dtype, i => base ** Number(exponents[i]));
}

/**
 * Numbers from `start` to `stop` with one ratio between neighbours.
 *
 * @throws {ValidationError} when a bound is zero or their signs differ
 * @remarks Python: `numpy.geomspace(start, stop, count)`.
 * @example geomspace(1, 8, 4).tolist() // => [1, 2, 4, 8]
 */
export function geomspace(start: number, stop: number, points: number, { dtype = 'float32' }: TensorOptions = {}): Tensor {
  if (!(start * stop > 0))
    throw new ValidationError(`geomspace: bounds must be of one sign and not zero, got ${start} and ${stop}`, { parameter: 'start', received: start });
  const [sign, low, high] = [Math.sign(start), Math.log10(Math.abs(start)), Math.log10(Math.abs(stop))];
  const exponents = linspace(low, high, points, { dtype: 'float64' }).data;
  return build([points], dtype, i => (i === 0 ? start : i === points - 1 ? stop : sign * 10 ** Number(exponents[i])));
}

/**
 * Ones on a diagonal.
 *
 * @param args `rows`, or `rows, columns`; options last: `k` which diagonal
 * @remarks Python: `numpy.eye(rows, columns, k)`.
 * @example eye(2).tolist() // => [[1, 0], [0, 1]]
 * @example eye(2, 3, { k: 1 }).tolist() // => [[0, 1, 0], [0, 0, 1]]
 */
export function eye(...args: readonly [number, ...(number | DiagonalOptions)[]]): Tensor {
  const { numbers, options } = split<DiagonalOptions>(args);
  const [rows, columns] = checkShape([numbers[0]!, numbers[1] ?? numbers[0]!], 'eye') as [number, number];
  const { dtype = 'float32', k = 0 } = options;
  return build([rows, columns], dtype, i => Number((i % columns) - Math.floor(i / columns) === k));
}

/** Element type, and which diagonal counts from 0 as the main one. */
export interface DiagonalOptions extends TensorOptions {
  readonly k?: number;
}

/**
 * Ones up to a diagonal, zeros above.
 *
 * @param args `rows`, or `rows, columns`, or `rows, columns, k`; options last
 * @remarks Python: `numpy.tri(rows, columns, k)`.
 * @example tri(2).tolist() // => [[1, 0], [1, 1]]
 */
export function tri(...args: readonly [number, ...(number | DiagonalOptions)[]]): Tensor {
  const { numbers, options } = split<DiagonalOptions>(args);
  const [rows, columns] = checkShape([numbers[0]!, numbers[1] ?? numbers[0]!], 'tri') as [number, number];
  const k = numbers[2] ?? options.k ?? 0;
  return build([rows, columns], options.dtype ?? 'float32', i => Number((i % columns) - Math.floor(i / columns) <= k));
}

/**
 * Powers of a vector as columns, the highest first.
 *
 * @remarks Python: `numpy.vander(x, columns)`.
 * @example vander(tensor([2, 3]), 3).tolist() // => [[4, 2, 1], [9, 3, 1]]
 */
export function vander(x: Tensor, columns: number = x.size, { increasing = false }: { readonly increasing?: boolean } = {}): Tensor {
  const values = x.data;
  return build([x.size, columns], x.dtype, i => Number(values[Math.floor(i / columns)]) ** (increasing ? i % columns : columns - 1 - (i % columns)));
}

/**
 * Ones at class numbers along a new last axis.
 *
 * @param classes length of the new axis; one more than the largest number by default
 * @throws {ValidationError} for a number outside [0, classes)
 * @remarks Python: `torch.nn.functional.one_hot(x, classes)`.
 * @example oneHot(tensor([0, 2], { dtype: 'int32' }), 3).tolist() // => [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(x: Tensor, classes?: number): Tensor {
  const labels = Array.from(indicesOf(x, 'oneHot'));
  const width = classes ?? labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const data = new BigInt64Array(labels.length * width);
  for (const [i, label] of labels.entries()) data[i * width + fromFront(label, width, x.ndim, 'oneHot', false)] = 1n;
  return wrap(data, [...x.shape, width], 'int64');
}

/**
 * The index along each axis at every place of a grid: `[axes, ...shape]`.
 *
 * @remarks Python: `numpy.indices(shape)`.
 * @example indices([2, 2]).tolist() // => [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
 */
export function indices(shape: readonly number[]): Tensor {
  const size = sizeOf(checkShape(shape, 'indices'));
  const strides = rowMajor(shape);
  return build([shape.length, ...shape], 'int32', i => {
    const axis = Math.floor(i / size);
    return Math.floor((i % size) / strides[axis]!) % shape[axis]!;
  });
}

/**
 * A tensor whose elements a function of the indices gives.
 *
 * @remarks Python: `numpy.fromfunction(f, shape)`, called once for each element.
 * @example fromFunction((i, j) => 10 * i + j, [2, 2]).tolist() // => [[0, 1], [10, 11]]
 */
export function fromFunction(f: (...index: number[]) => number, shape: readonly number[], { dtype = 'float32' }: TensorOptions = {}): Tensor {
  const strides = rowMajor(checkShape(shape, 'fromFunction'));
  return build(shape, dtype, i => f(...strides.map((stride, axis) => Math.floor(i / stride) % shape[axis]!)));
}

/** Rows and columns of the places that a triangle keeps. */
function triangle(rows: number, columns: number, keep: (row: number, column: number) => boolean): [Tensor, Tensor] {
  checkShape([rows, columns], 'triangle');
  const places = Array.from({ length: rows * columns }, (_, i) => i).filter(i => keep(Math.floor(i / columns), i % columns));
  const vector = (of: (i: number) => number): Tensor => wrap(Int32Array.from(places, of), [places.length], 'int32');
  return [vector(i => Math.floor(i / columns)), vector(i => i % columns)];
}

/**
 * Rows and columns of the lower triangle.
 *
 * @param k diagonal up to which places count
 * @remarks Python: `numpy.tril_indices(rows, k, columns)`.
 * @example trilIndices(2).map(axis => axis.tolist()) // => [[0, 1, 1], [0, 0, 1]]
 */
export function trilIndices(rows: number, columns: number = rows, k = 0): [Tensor, Tensor] {
  return triangle(rows, columns, (row, column) => column - row <= k);
}

/**
 * Rows and columns of the upper triangle.
 *
 * @param k diagonal from which places count
 * @remarks Python: `numpy.triu_indices(rows, k, columns)`.
 * @example triuIndices(2).map(axis => axis.tolist()) // => [[0, 0, 1], [0, 1, 1]]
 */
export function triuIndices(rows: number, columns: number = rows, k = 0): [Tensor, Tensor] {
  return triangle(rows, columns, (row, column) => column - row >= k);
}

/**
 * Indices along each axis of row-major positions.
 *
 * @throws {ValidationError} for a position outside the shape
 * @remarks Python: `numpy.unravel_index(positions, shape)`.
 * @example unravelIndex(tensor([5], { dtype: 'int32' }), [2, 3]).map(axis => axis.tolist()) // => [[1], [2]]
 */
export function unravelIndex(positions: Tensor, shape: readonly number[]): Tensor[] {
  const size = sizeOf(checkShape(shape, 'unravelIndex'));
  const values = Array.from(indicesOf(positions, 'unravelIndex'), value => fromFront(value, size, 0, 'unravelIndex'));
  return rowMajor(shape).map((stride, axis) =>
    wrap(
      Int32Array.from(values, value => Math.floor(value / stride) % shape[axis]!),
      positions.shape,
      'int32',
    ),
  );
}

/**
 * Row-major positions of indices along each axis.
 *
 * @throws {ValidationError} for an index outside its axis
 * @remarks Python: `numpy.ravel_multi_index(indices, shape)`.
 * @example ravelMultiIndex([tensor([1], { dtype: 'int32' }), tensor([2], { dtype: 'int32' })], [2, 3]).tolist() // => [5]
 */
export function ravelMultiIndex(multi: readonly Tensor[], shape: readonly number[]): Tensor {
  if (multi.length !== shape.length)
    throw new ValidationError(`ravelMultiIndex: ${multi.length} index tensors for shape ${showShape(shape)}`, { parameter: 'indices', received: multi.length });
  const strides = rowMajor(checkShape(shape, 'ravelMultiIndex'));
  const columns = multi.map(each => indicesOf(each, 'ravelMultiIndex'));
  const first = multi[0]!;
  const at = (i: number): number =>
    columns.reduce((sum, column, axis) => sum + fromFront(integer(column[i]!, 'indices'), shape[axis]!, axis, 'ravelMultiIndex', false) * strides[axis]!, 0);
  return wrap(
    Int32Array.from({ length: first.size }, (_, i) => at(i)),
    first.shape,
    'int32',
  );
}
