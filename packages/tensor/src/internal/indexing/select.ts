/** Numpy's indexing: integers, slices, new axes, masks and index arrays, read as views where that is possible. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { isFloating } from '../../dtypes.js';
import { type Geometry, Tensor, tensor } from '../../tensor.js';
import { writeInPlace } from '../autograd/in-place.js';
import { recordStrided } from '../autograd/views.js';
import { numbersOf } from '../core/elements.js';
import { broadcastShapes, broadcastStrides, rowMajor, showShape, sizeOf } from '../core/shape.js';
import { walk } from '../core/walk.js';
import { expand } from '../shape/views.js';
import { fromFront, indicesOf, putFlat, takeFlat } from './flat.js';

/**
 * One entry of an index: an integer, a slice `'start:stop:step'`, `'...'` for the axes in between, null for a new axis, a bool tensor as mask or
 * an integer tensor.
 */
export type Index = number | string | null | Tensor;

interface Plan {
  /** The view behind integers, slices and new axes; index arrays find their whole axes in it. */
  readonly view: Geometry;
  /** Arrays and the axes of the view that they select from; empty when the view is the answer. */
  readonly arrays: readonly { readonly axis: number; readonly values: ArrayLike<number>; readonly shape: readonly number[] }[];
}

const refuse = (message: string, received: unknown): never => {
  throw new ValidationError(`get: ${message}`, { parameter: 'index', received });
};

/** The parts of a slice; null for those that are not given. */
interface Slice {
  readonly from: number | null;
  readonly to: number | null;
  readonly step: number;
}

/** Slices that were read, so that loops do not read theirs again; forgotten when there are many. */
const slices = new Map<string, Slice>();
const MOST_SLICES = 1024;

function readSlice(text: string): Slice {
  const parts = text.split(':');
  if (parts.length < 2 || parts.length > 3 || !parts.every(part => /^\s*(-?\d{1,15})?\s*$/.test(part)))
    return refuse(`'${text}' is no slice; write 'start:stop:step', each part an integer or empty`, text);
  const [from = null, to = null, by = null] = parts.map(part => (part.trim() === '' ? null : Number(part)));
  if (by === 0) return refuse(`the step of slice '${text}' must not be zero`, text);
  const slice = { from, to, step: by ?? 1 };
  if (slices.size >= MOST_SLICES) slices.clear();
  slices.set(text, slice);
  return slice;
}

/** Start, count and step of a slice of an axis. */
function sliceOf(text: string, length: number): { start: number; count: number; step: number } {
  const { from, to, step } = slices.get(text) ?? readSlice(text);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (value: number): number => Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const start = from === null ? (step > 0 ? low : high) : clamp(from);
  const stop = to === null ? (step > 0 ? high : low) : clamp(to);
  return { start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
}

/** A mask as one index array for each of its axes. */
export function maskPositions(mask: Tensor): number[][] {
  const columns: number[][] = mask.shape.map(() => []);
  const data = numbersOf(mask);
  const strides = rowMajor(mask.shape);
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    for (const [axis, stride] of strides.entries()) columns[axis]!.push(Math.floor(i / stride) % mask.shape[axis]!);
  }
  return columns;
}

const axesTaken = (entry: Index): number => (entry === null || entry === '...' ? 0 : entry instanceof Tensor && entry.dtype === 'bool' ? entry.ndim : 1);

/** Fills in the axes that `'...'` and a short index stand for. */
function complete(index: readonly Index[], ndim: number): Index[] {
  if (index.filter(entry => entry === '...').length > 1) refuse("'...' may occur once", index);
  const missing = ndim - index.reduce<number>((sum, entry) => sum + axesTaken(entry), 0);
  if (missing < 0) refuse(`${ndim - missing} indices for ${ndim} axes`, index);
  const at = index.indexOf('...');
  const fill = new Array<Index>(missing).fill(':');
  return at < 0 ? [...index, ...fill] : [...index.slice(0, at), ...fill, ...index.slice(at + 1)];
}

function plan(x: Geometry, index: readonly Index[]): Plan {
  const entries = complete(index, x.shape.length);
  // Beside arrays an integer is an array without axes, which matters for where the new axes go.
  const advanced = entries.some(entry => entry instanceof Tensor);
  const [shape, strides]: [number[], number[]] = [[], []];
  const arrays: Plan['arrays'][number][] = [];
  let { offset } = x;
  let axis = 0;
  const keep = (length: number, stride: number): void => {
    shape.push(length);
    strides.push(stride);
  };
  const select = (values: ArrayLike<number>, of: readonly number[]): void => {
    const length = x.shape[axis]!;
    arrays.push({ axis: shape.length, values: Array.from(values, value => fromFront(value, length, axis, 'get')), shape: of });
    keep(length, x.strides[axis++]!);
  };
  for (const entry of entries) {
    if (entry === null) keep(1, 0);
    else if (typeof entry === 'string') {
      const { start, count, step } = sliceOf(entry, x.shape[axis]!);
      offset += count === 0 ? 0 : start * x.strides[axis]!;
      keep(count, step * x.strides[axis++]!);
    } else if (typeof entry === 'number') {
      if (!Number.isInteger(entry)) refuse(`an index must be an integer, got ${entry}`, entry);
      if (advanced) select([entry], []);
      else offset += fromFront(entry, x.shape[axis]!, axis, 'get') * x.strides[axis++]!;
    } else if (entry.dtype === 'bool') {
      const covered = x.shape.slice(axis, axis + entry.ndim);
      if (showShape(covered) !== showShape(entry.shape))
        refuse(`a mask of shape ${showShape(entry.shape)} does not cover axes of shape ${showShape(covered)}`, entry);
      if (entry.ndim === 0) {
        arrays.push({ axis: shape.length, values: entry.toBoolean() ? [0] : [], shape: [entry.toBoolean() ? 1 : 0] });
        keep(1, 0);
      }
      for (const column of maskPositions(entry)) select(column, [column.length]);
    } else {
      if (isFloating(entry.dtype)) refuse(`an index tensor must be of integers or bools, got ${entry.dtype}`, entry);
      select(indicesOf(entry, 'get'), entry.shape);
    }
  }
  return { view: { shape, strides, offset }, arrays };
}

/** The shape of an advanced selection and, for each of its elements, the position in the view. */
function resolve({ view, arrays }: Plan): { shape: number[]; positions: Int32Array } {
  let common: readonly number[];
  try {
    common = broadcastShapes(arrays.map(({ shape }) => shape));
  } catch {
    common = refuse(`index arrays of shapes ${arrays.map(({ shape }) => showShape(shape)).join(' and ')} do not broadcast together`, arrays);
  }
  const taken = new Set(arrays.map(({ axis }) => axis));
  const [first, last] = [Math.min(...taken), Math.max(...taken)];
  const adjacent = last - first + 1 === taken.size;
  const rest = view.shape.map((_, axis) => axis).filter(axis => !taken.has(axis));
  const before = adjacent ? rest.filter(axis => axis < first) : [];
  const after = rest.filter(axis => !before.includes(axis));
  const steps = rowMajor(view.shape);
  const lengths = (axes: readonly number[]): number[] => axes.map(axis => view.shape[axis]!);
  const strides = (axes: readonly number[]): number[] => axes.map(axis => steps[axis]!);
  const shape = [...lengths(before), ...common, ...lengths(after)];
  const bases = new Int32Array(sizeOf(common));
  for (const { axis, values, shape: own } of arrays) {
    walk(
      common,
      [
        { strides: broadcastStrides(own, rowMajor(own), common), offset: 0 },
        { strides: rowMajor(common), offset: 0 },
      ],
      ([a, b], [stepA, stepB], n) => {
        for (let i = 0; i < n; i++) bases[b! + i * stepB!]! += values[a! + i * stepA!]! * steps[axis]!;
      },
    );
  }
  const positions = new Int32Array(sizeOf(shape));
  const middle = rowMajor(common);
  const outer = { strides: [...strides(before), ...common.map(() => 0), ...strides(after)], offset: 0 };
  const inner = { strides: [...before.map(() => 0), ...middle, ...after.map(() => 0)], offset: 0 };
  walk(shape, [outer, inner, { strides: rowMajor(shape), offset: 0 }], ([a, b, o], [stepA, stepB, stepO], n) => {
    for (let i = 0; i < n; i++) positions[o! + i * stepO!] = a! + i * stepA! + bases[b! + i * stepB!]!;
  });
  return { shape, positions };
}

/** The view of a plan; its gradient goes where the same index reads in row-major order. */
function viewBy(x: Tensor, index: readonly Index[]): Tensor {
  return recordStrided('get', x, (strides, offset) => plan({ shape: x.shape, strides, offset }, index).view);
}

/**
 * Part of a tensor. Integers, slices and new axes give a view; masks and index arrays copy, their axes standing where the arrays stood, or first
 * when the arrays are apart, as in numpy.
 *
 * @param index entries for the leading axes; the rest is taken whole
 * @throws {ValidationError} for an index out of range, too many of them, a mask of another shape
 * @remarks Python: `x[index]`.
 * @example get(tensor([[1, 2, 3], [4, 5, 6]]), ':', '::-1').tolist() // => [[3, 2, 1], [6, 5, 4]]
 * @example get(tensor([10, 20, 30]), tensor([2, 0], { dtype: 'int32' })).tolist() // => [30, 10]
 */
export function get(x: Tensor, ...index: Index[]): Tensor {
  const found = plan(x, index);
  const view = viewBy(x, index);
  if (found.arrays.length === 0) return view;
  const { shape, positions } = resolve(found);
  return takeFlat(view, positions, shape, 'get');
}

/**
 * Writes into part of a tensor, in place; of several values for one position the last one stays.
 *
 * @param index as in {@link get}
 * @param value number, or tensor that broadcasts to the part
 * @returns the tensor
 * @throws {ShapeError} when the value does not broadcast
 * @remarks Python: `x[index] = value`.
 * @example set(zeros([3]), ['1:'], 7).tolist() // => [0, 7, 7]
 */
export function set(x: Tensor, index: readonly Index[], value: Tensor | number): Tensor {
  const found = plan(x, index);
  const view = viewBy(x, index);
  const source = typeof value === 'number' ? tensor(value, { dtype: x.dtype }) : value;
  if (found.arrays.length === 0) {
    writeInPlace(view, source, 'set');
    return x;
  }
  const { shape, positions } = resolve(found);
  if (showShape(broadcastShapes([shape, source.shape], 'set')) !== showShape(shape))
    throw new ShapeError(`set: a value of shape ${showShape(source.shape)} does not fit a part of shape ${showShape(shape)}`, { parameter: 'value' });
  writeInPlace(view, putFlat(view, positions, expand(source, shape).astype(x.dtype), 'set'), 'set');
  return x;
}
