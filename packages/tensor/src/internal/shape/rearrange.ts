/** Elements turned, shifted, repeated, padded and laid out along diagonals. */
import { integer, oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { recordView } from '../autograd/views.js';
import { type Axes, axesOf, axisOf, count, showShape } from '../core/shape.js';
import { div, sub } from '../elementwise/arithmetic.js';
import { where } from '../elementwise/comparison.js';
import { addFlat } from '../indexing/flat.js';
import { indexSelect } from '../indexing/gather.js';
import { sum } from '../reductions/sums.js';
import { cat, slice } from './join.js';
import { contiguous, diagonal, expand, permute, reshape, swapaxes } from './views.js';

const integersUpTo = (length: number, of: (i: number) => number): Tensor =>
  wrap(
    Int32Array.from({ length }, (_, i) => of(i)),
    [length],
    'int32',
  );

/**
 * Axes read backwards, as a view.
 *
 * @param options `axis` which of them; all by default
 * @remarks Python: `numpy.flip(x, axis)`; torch copies.
 * @example flip(tensor([1, 2, 3])).tolist() // => [3, 2, 1]
 */
export function flip(x: Tensor, { axis }: { readonly axis?: Axes } = {}): Tensor {
  const axes = axesOf(axis, x.ndim, 'flip');
  const offset = axes.reduce((at, k) => at + Math.max(0, x.shape[k]! - 1) * x.strides[k]!, x.offset);
  const geometry = { shape: x.shape, strides: x.strides.map((stride, k) => (axes.includes(k) ? -stride : stride)), offset };
  return recordView('flip', x, geometry, g => flip(g, { axis: axes }));
}

/**
 * Elements shifted around an axis, or around all of them in row-major order.
 *
 * @param shift how far, for each axis
 * @remarks Python: `torch.roll(x, shift, axis)`.
 * @example roll(tensor([1, 2, 3]), 1).tolist() // => [3, 1, 2]
 */
export function roll(x: Tensor, shift: Axes, { axis }: { readonly axis?: Axes } = {}): Tensor {
  const shifts = [shift].flat();
  if (axis === undefined)
    return reshape(
      roll(
        reshape(x, [-1]),
        shifts.reduce((a, b) => a + b, 0),
        { axis: 0 },
      ),
      x.shape,
    );
  const axes = [axis].flat().map(each => axisOf(each, x.ndim, 'roll'));
  if (axes.length !== shifts.length) throw new ShapeError(`roll: ${shifts.length} shifts for ${axes.length} axes`, { parameter: 'shift', received: shift });
  return axes.reduce((turned, at, k) => {
    const length = turned.shape[at]!;
    const by = length === 0 ? 0 : ((integer(shifts[k]!, 'shift') % length) + length) % length;
    return by === 0 ? contiguous(turned) : cat([slice(turned, at, length - by, length), slice(turned, at, 0, length - by)], { axis: at });
  }, x);
}

/**
 * A quarter turn from the first towards the second axis, `k` times.
 *
 * @remarks Python: `torch.rot90(x, k, axes)`.
 * @example rot90(tensor([[1, 2], [3, 4]])).tolist() // => [[2, 4], [1, 3]]
 */
export function rot90(x: Tensor, k = 1, { axes = [0, 1] }: { readonly axes?: readonly [number, number] } = {}): Tensor {
  const [a, b] = axesOf(axes, x.ndim, 'rot90') as [number, number];
  const turns = ((integer(k, 'k') % 4) + 4) % 4;
  if (turns === 0) return x;
  if (turns === 2) return flip(x, { axis: [a, b] });
  return turns === 1 ? flip(swapaxes(x, a, b), { axis: a }) : swapaxes(flip(x, { axis: a }), a, b);
}

/**
 * Each element of an axis repeated in place; of all elements in row-major order without an axis.
 *
 * @param repeats how often, for all or for each index
 * @remarks Python: `numpy.repeat(x, repeats, axis)`, `torch.repeat_interleave`.
 * @example repeat(tensor([1, 2]), 2).tolist() // => [1, 1, 2, 2]
 */
export function repeat(x: Tensor, repeats: Axes, { axis }: { readonly axis?: number } = {}): Tensor {
  if (axis === undefined) return repeat(reshape(x, [-1]), repeats, { axis: 0 });
  const at = axisOf(axis, x.ndim, 'repeat');
  const length = x.shape[at]!;
  const times = typeof repeats === 'number' ? new Array<number>(length).fill(repeats) : repeats;
  if (times.length !== length)
    throw new ShapeError(`repeat: ${times.length} repeats for an axis of length ${length}`, { parameter: 'repeats', received: repeats });
  const index = times.flatMap((n, i) => new Array<number>(count(n, 'repeats')).fill(i));
  return indexSelect(
    x,
    at,
    integersUpTo(index.length, i => index[i]!),
  );
}

/**
 * The whole tensor repeated along its axes; new axes come first.
 *
 * @param reps how often, for the last axes
 * @remarks Python: `numpy.tile(x, reps)`, `x.repeat(...)` of torch.
 * @example tile(tensor([1, 2]), 2).tolist() // => [1, 2, 1, 2]
 */
export function tile(x: Tensor, reps: Axes): Tensor {
  const times = [reps].flat().map(n => count(n, 'reps'));
  const ndim = Math.max(x.ndim, times.length);
  const shape = [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];
  const all = [...new Array<number>(ndim - times.length).fill(1), ...times];
  const spread = expand(
    reshape(
      x,
      shape.flatMap(length => [1, length]),
    ),
    shape.flatMap((length, axis) => [all[axis]!, length]),
  );
  return reshape(
    contiguous(spread),
    shape.map((length, axis) => length * all[axis]!),
  );
}

/** How the elements beyond an edge follow from those within. */
export type PadMode = 'constant' | 'edge' | 'reflect' | 'symmetric' | 'wrap';

/** Index of the element that stands at a position outside, for an axis of a length. */
const BEYOND: Readonly<Record<Exclude<PadMode, 'constant'>, (i: number, length: number) => number>> = {
  edge: (i, length) => Math.min(Math.max(i, 0), length - 1),
  wrap: (i, length) => ((i % length) + length) % length,
  reflect: (i, length) => {
    const period = Math.max(1, 2 * (length - 1));
    const at = ((i % period) + period) % period;
    return Math.min(at, period - at);
  },
  symmetric: (i, length) => {
    const at = ((i % (2 * length)) + 2 * length) % (2 * length);
    return Math.min(at, 2 * length - 1 - at);
  },
};

/**
 * Elements added before and after each axis.
 *
 * @param widths pair `[before, after]` for each axis
 * @param options `mode`, and the `value` of mode 'constant'
 * @throws {ValidationError} for a negative width, or one that 'reflect' cannot fill from the axis
 * @remarks Python: `numpy.pad(x, widths, mode)`; mode 'reflect' refuses widths of the axis' length and more, as torch does.
 * @example pad(tensor([1, 2]), [[1, 0]], { value: 9 }).tolist() // => [9, 1, 2]
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  { mode = 'constant', value = 0 }: { readonly mode?: PadMode; readonly value?: number } = {},
): Tensor {
  oneOf(mode, 'mode', ['constant', ...Object.keys(BEYOND)]);
  if (widths.length !== x.ndim) throw new ShapeError(`pad: ${widths.length} pairs of widths for ${x.ndim} axes`, { parameter: 'widths', received: widths });
  return widths.reduce((padded, [before, after], axis) => {
    const length = x.shape[axis]!;
    if (count(before, 'widths') + count(after, 'widths') === 0) return padded;
    if (mode === 'constant') {
      const edge = (width: number): Tensor =>
        expand(
          tensor(value, { dtype: x.dtype }),
          padded.shape.map((each, k) => (k === axis ? width : each)),
        );
      return cat([edge(before), padded, edge(after)], { axis });
    }
    if (length === 0 || (mode === 'reflect' && Math.max(before, after) >= length))
      throw new ValidationError(`pad: widths ${before} and ${after} exceed what mode '${mode}' finds in an axis of length ${length}`, {
        parameter: 'widths',
        received: widths,
      });
    return indexSelect(
      padded,
      axis,
      integersUpTo(before + length + after, i => BEYOND[mode](i - before, length)),
    );
  }, contiguous(x));
}

/** Keeps elements by row and column. */
function keepTriangle(name: string, x: Tensor, keep: (row: number, column: number) => boolean): Tensor {
  if (x.ndim < 2) throw new ShapeError(`${name}: needs at least 2 axes, got shape ${showShape(x.shape)}`, { parameter: 'x', received: x.shape });
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const mask = Uint8Array.from({ length: rows * columns }, (_, i) => Number(keep(Math.floor(i / columns), i % columns)));
  return where(wrap(mask, [rows, columns], 'bool'), x, tensor(0, { dtype: x.dtype }));
}

/**
 * The lower triangle of matrices, zeros above.
 *
 * @param options `k` diagonal up to which elements stay
 * @remarks Python: `torch.tril(x, k)`.
 * @example tril(tensor([[1, 2], [3, 4]])).tolist() // => [[1, 0], [3, 4]]
 */
export function tril(x: Tensor, { k = 0 }: { readonly k?: number } = {}): Tensor {
  return keepTriangle('tril', x, (row, column) => column - row <= k);
}

/**
 * The upper triangle of matrices, zeros below.
 *
 * @param options `k` diagonal from which elements stay
 * @remarks Python: `torch.triu(x, k)`.
 * @example triu(tensor([[1, 2], [3, 4]])).tolist() // => [[1, 2], [0, 4]]
 */
export function triu(x: Tensor, { k = 0 }: { readonly k?: number } = {}): Tensor {
  return keepTriangle('triu', x, (row, column) => column - row >= k);
}

/**
 * Matrices with the last axis along a diagonal, zeros elsewhere.
 *
 * @param options `offset` of the diagonal
 * @remarks Python: `torch.diag_embed(x, offset)`.
 * @example diagEmbed(tensor([1, 2])).tolist() // => [[1, 0], [0, 2]]
 */
export function diagEmbed(x: Tensor, { offset = 0 }: { readonly offset?: number } = {}): Tensor {
  const length = x.shape.at(-1)!;
  const side = length + Math.abs(integer(offset, 'offset'));
  const shape = [...x.shape.slice(0, -1), side, side];
  const [down, right] = [Math.max(0, -offset), Math.max(0, offset)];
  const positions = Int32Array.from({ length: x.size }, (_, i) => {
    const at = i % length;
    return Math.floor(i / length) * side * side + (at + down) * side + at + right;
  });
  return addFlat(x, positions, shape, 'diagEmbed');
}

/**
 * A matrix with a vector as diagonal, or the diagonal of a matrix.
 *
 * @param options `k` which diagonal
 * @remarks Python: `torch.diag(x, k)`.
 * @example diag(tensor([[1, 2], [3, 4]])).tolist() // => [1, 4]
 */
export function diag(x: Tensor, { k = 0 }: { readonly k?: number } = {}): Tensor {
  if (x.ndim === 1) return diagEmbed(x, { offset: k });
  if (x.ndim !== 2) throw new ShapeError(`diag: needs 1 or 2 axes, got shape ${showShape(x.shape)}`, { parameter: 'x', received: x.shape });
  return contiguous(diagonal(x, { offset: k }));
}

/**
 * The sum of a diagonal.
 *
 * @remarks Python: `numpy.trace(x, offset)`.
 * @example trace(tensor([[1, 2], [3, 4]])).item() // => 5
 */
export function trace(x: Tensor, { offset = 0 }: { readonly offset?: number } = {}): Tensor {
  return sum(diagonal(x, { offset }), { axis: -1 });
}

/**
 * Differences of neighbours along an axis, `n` times.
 *
 * @remarks Python: `torch.diff(x, n, axis)`.
 * @example diff(tensor([1, 4, 9])).tolist() // => [3, 5]
 */
export function diff(x: Tensor, { n = 1, axis = -1 }: { readonly n?: number; readonly axis?: number } = {}): Tensor {
  const at = axisOf(axis, x.ndim, 'diff');
  let result = x;
  for (let k = 0; k < count(n, 'n'); k++) result = sub(slice(result, at, 1, result.shape[at]!), slice(result, at, 0, Math.max(0, result.shape[at]! - 1)));
  return result;
}

/**
 * Slopes along an axis: central differences within, one-sided at the edges.
 *
 * @param options `spacing` between neighbours
 * @remarks Python: `numpy.gradient(x, spacing, axis=axis)`.
 * @example gradient(tensor([1, 4, 9])).tolist() // => [3, 4, 5]
 */
export function gradient(x: Tensor, { spacing = 1, axis = -1 }: { readonly spacing?: number; readonly axis?: number } = {}): Tensor {
  const at = axisOf(axis, x.ndim, 'gradient');
  const length = x.shape[at]!;
  if (length < 2)
    throw new ShapeError(`gradient: axis ${axis} needs at least 2 elements, got shape ${showShape(x.shape)}`, { parameter: 'x', received: x.shape });
  const slope = (from: readonly [number, number], to: readonly [number, number], steps: number): Tensor =>
    div(sub(slice(x, at, ...to), slice(x, at, ...from)), steps * spacing);
  const inner = slope([0, length - 2], [2, length], 2);
  return cat([slope([0, 1], [1, 2], 1), inner, slope([length - 2, length - 1], [length - 1, length], 1)], { axis: at });
}

/**
 * Coordinates of a grid, one tensor for each axis.
 *
 * @param vectors positions along each axis
 * @param options `indexing` 'ij' (rows first) or 'xy' (columns first)
 * @remarks Python: `torch.meshgrid(*vectors, indexing='ij')`.
 * @example meshgrid([tensor([1, 2]), tensor([3, 4])])[1].tolist() // => [[3, 4], [3, 4]]
 */
export function meshgrid(vectors: readonly Tensor[], { indexing = 'ij' }: { readonly indexing?: 'ij' | 'xy' } = {}): Tensor[] {
  const swap = oneOf(indexing, 'indexing', ['ij', 'xy']) === 'xy' && vectors.length > 1;
  const place = (k: number): number => (swap && k < 2 ? 1 - k : k);
  const shape = new Array<number>(vectors.length);
  for (const [k, vector] of vectors.entries()) shape[place(k)] = vector.size;
  return vectors.map((vector, k) =>
    expand(
      reshape(
        vector,
        shape.map((_, axis) => (axis === place(k) ? vector.size : 1)),
      ),
      shape,
    ),
  );
}

/**
 * Every choice of one element from each vector, as rows.
 *
 * @remarks Python: `torch.cartesian_prod(...)`.
 * @example cartesianProd([tensor([1, 2]), tensor([3, 4])]).tolist() // => [[1, 3], [1, 4], [2, 3], [2, 4]]
 */
export function cartesianProd(vectors: readonly Tensor[]): Tensor {
  const columns = meshgrid(vectors).map(grid => reshape(grid, [-1, 1]));
  return vectors.length === 1 ? reshape(columns[0]!, [-1]) : cat(columns, { axis: 1 });
}

/**
 * Every choice of `r` elements of a vector in their order, as rows.
 *
 * @remarks Python: `torch.combinations(x, r)`.
 * @example combinations(tensor([1, 2, 3]), 2).tolist() // => [[1, 2], [1, 3], [2, 3]]
 */
export function combinations(x: Tensor, r = 2): Tensor {
  const rows: number[][] = [];
  const choose = (from: number, chosen: readonly number[]): void => {
    if (chosen.length === r) rows.push([...chosen]);
    else for (let i = from; i < x.size; i++) choose(i + 1, [...chosen, i]);
  };
  choose(0, []);
  const flat = rows.flat();
  return reshape(
    indexSelect(
      x,
      0,
      integersUpTo(flat.length, i => flat[i]!),
    ),
    [rows.length, count(r, 'r')],
  );
}

/**
 * Channels spread over pixels: `[..., C·r², H, W]` becomes `[..., C, H·r, W·r]`.
 *
 * @remarks Python: `torch.nn.functional.pixel_shuffle(x, r)`.
 * @example pixelShuffle(reshape(arange(4), [4, 1, 1]), 2).tolist() // => [[[0, 1], [2, 3]]]
 */
export function pixelShuffle(x: Tensor, r: number): Tensor {
  const [channels, height, width] = x.shape.slice(-3) as [number, number, number];
  const lead = x.shape.slice(0, -3);
  if (x.ndim < 3 || channels % (r * r) !== 0)
    throw new ShapeError(`pixelShuffle: ${showShape(x.shape)} needs a multiple of ${r * r} channels`, { parameter: 'x', received: x.shape });
  const k = lead.length;
  const axes = [...lead.keys(), k, k + 3, k + 1, k + 4, k + 2];
  return reshape(permute(reshape(x, [...lead, channels / (r * r), r, r, height, width]), axes), [...lead, channels / (r * r), height * r, width * r]);
}

/**
 * Pixels gathered into channels: `[..., C, H·r, W·r]` becomes `[..., C·r², H, W]`.
 *
 * @remarks Python: `torch.nn.functional.pixel_unshuffle(x, r)`.
 * @example pixelUnshuffle(tensor([[[0, 1], [2, 3]]]), 2).shape // => [4, 1, 1]
 */
export function pixelUnshuffle(x: Tensor, r: number): Tensor {
  const [channels, height, width] = x.shape.slice(-3) as [number, number, number];
  const lead = x.shape.slice(0, -3);
  if (x.ndim < 3 || height % r !== 0 || width % r !== 0)
    throw new ShapeError(`pixelUnshuffle: ${showShape(x.shape)} needs height and width that ${r} divides`, { parameter: 'x', received: x.shape });
  const k = lead.length;
  const axes = [...lead.keys(), k, k + 2, k + 4, k + 1, k + 3];
  return reshape(permute(reshape(x, [...lead, channels, height / r, r, width / r, r]), axes), [...lead, channels * r * r, height / r, width / r]);
}
