/** Images at other sizes and through grids of coordinates. Layout is `[N, C, ...positions]`. */
import { oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { showShape } from '../core/shape.js';
import { abs, add, mul, sub } from '../elementwise/arithmetic.js';
import { ge, le, logicalAnd, where } from '../elementwise/comparison.js';
import { clip, floor, round } from '../elementwise/rounding.js';
import { takeFlat } from '../indexing/flat.js';
import { matmul } from '../products/matmul.js';
import { stack } from '../shape/join.js';
import { expand, matrixTranspose, moveaxis, reshape, unsqueeze } from '../shape/views.js';
import { type PerAxis, perAxis } from './conv.js';

/** How values between positions are found. */
export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'bicubic' | 'area';

/** Options of {@link interpolate}; one of `size` and `scaleFactor` is needed. */
export interface InterpolateOptions {
  /** Lengths of the position axes of the result. */
  readonly size?: PerAxis;
  /** The result's lengths over the input's. */
  readonly scaleFactor?: PerAxis;
  /** Default: 'nearest'. */
  readonly mode?: InterpolateMode;
  /** Whether the first and last positions of both lie on each other, for linear and cubic modes. */
  readonly alignCorners?: boolean;
  /** Whether windows widen when the result is smaller, for bilinear and bicubic. */
  readonly antialias?: boolean;
  /** Whether the scale follows from the lengths, not from `scaleFactor`. */
  readonly recomputeScaleFactor?: boolean;
}

/** Keys' cubic kernel (1981). */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

const triangle = (distance: number): number => Math.max(0, 1 - Math.abs(distance));

/** The weights with which one output position reads input positions. */
type Row = readonly (readonly [position: number, weight: number])[];

interface Axis {
  readonly input: number;
  readonly output: number;
  /** Input positions for one output position. */
  readonly scale: number;
  readonly alignCorners: boolean;
  readonly antialias: boolean;
}

const inside = (position: number, { input }: Axis): number => Math.min(Math.max(position, 0), input - 1);

/** Input coordinate of an output position. */
function coordinate(i: number, { input, output, scale, alignCorners }: Axis, low: number): number {
  if (alignCorners) return output > 1 ? (i * (input - 1)) / (output - 1) : 0;
  return Math.max(low, scale * (i + 0.5) - 0.5);
}

/** Weights of a kernel that widens with the scale: how images are made smaller without aliasing. */
function widened(i: number, axis: Axis, kernel: (distance: number) => number, support: number): Row {
  const stretch = axis.alignCorners && axis.output > 1 ? Math.max(1, (axis.input - 1) / (axis.output - 1)) : Math.max(1, axis.scale);
  const step = axis.alignCorners ? (axis.output > 1 ? (axis.input - 1) / (axis.output - 1) : 0) : axis.scale;
  const center = step * (i + 0.5);
  const first = Math.max(Math.floor(center - support * stretch + 0.5), 0);
  const last = Math.min(Math.floor(center + support * stretch + 0.5), axis.input);
  const row = Array.from({ length: last - first }, (_, k) => [first + k, kernel((first + k - center + 0.5) / stretch)] as const);
  const total = row.reduce((sum, [, weight]) => sum + weight, 0);
  return row.map(([position, weight]) => [position, weight / total] as const);
}

const ROWS: Readonly<Record<string, (i: number, axis: Axis) => Row>> = {
  nearest: (i, axis) => [[Math.min(Math.floor(i * axis.scale), axis.input - 1), 1]],
  'nearest-exact': (i, axis) => [[Math.min(Math.floor((i + 0.5) * axis.scale), axis.input - 1), 1]],
  linear: (i, axis) => {
    if (axis.antialias) return widened(i, axis, triangle, 1);
    const at = coordinate(i, axis, 0);
    const low = Math.min(Math.floor(at), axis.input - 1);
    return [
      [low, 1 - (at - low)],
      [inside(low + 1, axis), at - low],
    ];
  },
  cubic: (i, axis) => {
    if (axis.antialias) return widened(i, axis, distance => cubic(distance, -0.5), 2);
    const at = coordinate(i, axis, Number.NEGATIVE_INFINITY);
    const low = Math.floor(at);
    return [-1, 0, 1, 2].map(k => [inside(low + k, axis), cubic(at - low - k, -0.75)] as const);
  },
  area: (i, { input, output }) => {
    const [from, to] = [Math.floor((i * input) / output), Math.ceil(((i + 1) * input) / output)];
    return Array.from({ length: to - from }, (_, k) => [from + k, 1 / (to - from)] as const);
  },
};

const FAMILY: Readonly<Record<InterpolateMode, readonly [rows: string, axes: readonly number[]]>> = {
  nearest: ['nearest', [1, 2, 3]],
  'nearest-exact': ['nearest-exact', [1, 2, 3]],
  linear: ['linear', [1]],
  bilinear: ['linear', [2]],
  trilinear: ['linear', [3]],
  bicubic: ['cubic', [2]],
  area: ['area', [1, 2, 3]],
};

/** The matrix `[output, input]` that resamples one axis. */
function matrixOf(rows: (i: number, axis: Axis) => Row, axis: Axis, dtype: Tensor['dtype']): Tensor {
  const data = new Float64Array(axis.output * axis.input);
  for (let i = 0; i < axis.output; i++) for (const [position, weight] of rows(i, axis)) data[i * axis.input + position]! += weight;
  return wrap(data, [axis.output, axis.input], 'float64').astype(dtype);
}

/**
 * An input at other lengths of its position axes.
 *
 * @param x `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`
 * @throws {ValidationError} for a mode that does not go with the number of axes, or unless one of `size` and `scaleFactor` is given
 * @remarks Python: `torch.nn.functional.interpolate(x, size, scale_factor, mode, align_corners, recompute_scale_factor, antialias)`.
 * @example interpolate(tensor([[[1, 2]]]), { size: 4 }).tolist() // => [[[1, 1, 2, 2]]]
 */
export function interpolate(
  x: Tensor,
  { size, scaleFactor, mode = 'nearest', alignCorners = false, antialias = false, recomputeScaleFactor = false }: InterpolateOptions = {},
): Tensor {
  const axes = x.ndim - 2;
  const [family, allowed] = FAMILY[oneOf(mode, 'mode', Object.keys(FAMILY) as InterpolateMode[])];
  if (!allowed.includes(axes))
    throw new ShapeError(`interpolate: mode '${mode}' does not go with an input of shape ${showShape(x.shape)}`, { parameter: 'mode', received: mode });
  if ((size === undefined) === (scaleFactor === undefined))
    throw new ValidationError('interpolate: one of size and scaleFactor must be given', { parameter: 'size', received: size });
  if (alignCorners && !['linear', 'cubic'].includes(family))
    throw new ValidationError(`interpolate: alignCorners does not go with mode '${mode}'`, { parameter: 'alignCorners', received: alignCorners });
  const factors = scaleFactor === undefined ? null : typeof scaleFactor === 'number' ? new Array<number>(axes).fill(scaleFactor) : scaleFactor;
  const outputs = size === undefined ? factors!.map((factor, i) => Math.floor(x.shape[i + 2]! * factor)) : perAxis(size, axes, 'size', 'interpolate', 1);
  if (outputs.length !== axes || outputs.some(length => !(length >= 1)))
    throw new ValidationError(`interpolate: the result must have ${axes} positive lengths, got ${showShape(outputs)}`, {
      parameter: 'scaleFactor',
      received: scaleFactor,
    });
  return outputs
    .reduce((y, output, i) => {
      const [at, input] = [i + 2, x.shape[i + 2]!];
      const scale = factors !== null && !recomputeScaleFactor ? 1 / factors[i]! : input / output;
      const matrix = matrixOf(ROWS[family]!, { input, output, scale, alignCorners, antialias }, x.dtype);
      return moveaxis(matmul(moveaxis(y, at, -1), matrixTranspose(matrix)), -1, at);
    }, x)
    .contiguous();
}

/** Options of {@link gridSample}. */
export interface GridSampleOptions {
  /** Default: 'bilinear'. */
  readonly mode?: 'bilinear' | 'nearest' | 'bicubic';
  /** What lies outside the image. Default: 'zeros'. */
  readonly paddingMode?: 'zeros' | 'border' | 'reflection';
  /** Whether -1 and 1 are the centres of the outer pixels instead of their edges. */
  readonly alignCorners?: boolean;
}

/** Coordinates folded back into a range by reflection at its ends. */
function reflect(x: Tensor, low: number, high: number): Tensor {
  if (low === high) return mul(x, 0);
  const span = high - low;
  const distance = abs(sub(x, low));
  const turns = floor(distance.detach().div(span));
  const rest = sub(distance, mul(turns, span));
  const odd = turns.remainder(2);
  return add(where(odd.eq(0), rest, sub(span, rest)), low);
}

/** Pixel coordinates of grid coordinates in [-1, 1]. */
const pixels = (x: Tensor, length: number, alignCorners: boolean): Tensor =>
  alignCorners ? mul(add(x, 1), (length - 1) / 2) : sub(mul(add(x, 1), length / 2), 0.5);

/** Coordinates brought into the image, where the padding mode asks for it. */
function bound(x: Tensor, length: number, { paddingMode = 'zeros', alignCorners = false }: GridSampleOptions): Tensor {
  if (paddingMode === 'border') return clip(x, 0, length - 1);
  if (paddingMode === 'reflection') return clip(alignCorners ? reflect(x, 0, length - 1) : reflect(x, -0.5, length - 0.5), 0, length - 1);
  return x;
}

/** Pixels at whole coordinates, zeros outside: `[N, C, H', W']`. */
function read(x: Tensor, row: Tensor, column: Tensor): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const [, outRows, outColumns] = row.shape as [number, number, number];
  const [rows, columns] = [numbersOf(row), numbersOf(column)];
  const area = outRows * outColumns;
  const valid = logicalAnd(logicalAnd(ge(row, 0), le(row, height - 1)), logicalAnd(ge(column, 0), le(column, width - 1)));
  const positions = new Int32Array(n * channels * area);
  for (let example = 0; example < n; example++)
    for (let channel = 0; channel < channels; channel++)
      for (let i = 0; i < area; i++) {
        const [r, c] = [rows[example * area + i]!, columns[example * area + i]!];
        const ok = r >= 0 && r < height && c >= 0 && c < width;
        positions[(example * channels + channel) * area + i] = ok ? ((example * channels + channel) * height + r) * width + c : 0;
      }
  const values = takeFlat(x, positions, [n, channels, outRows, outColumns], 'gridSample');
  return where(unsqueeze(valid, 1), values, tensor(0, { dtype: x.dtype }));
}

/** Keys' kernel of a tensor of distances. */
function cubicWeight(distance: Tensor, near: boolean): Tensor {
  const [x, a] = [abs(distance), -0.75];
  if (near) return add(mul(mul(sub(mul(x, a + 2), a + 3), x), x), 1);
  return mul(sub(mul(add(mul(sub(x, 5), x), 8), x), 4), a);
}

/**
 * An image read at the coordinates of a grid; both get gradients.
 *
 * @param x `[N, C, H, W]`
 * @param grid `[N, H', W', 2]`, pairs `(x, y)` in [-1, 1]
 * @returns `[N, C, H', W']`
 * @remarks Python: `torch.nn.functional.grid_sample(x, grid, mode, padding_mode, align_corners)`.
 * @example gridSample(tensor([[[[1, 2]]]]), tensor([[[[0, 0]]]])).item() // => 1.5
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = 'bilinear', alignCorners = false } = options;
  oneOf(mode, 'mode', ['bilinear', 'nearest', 'bicubic']);
  oneOf(options.paddingMode ?? 'zeros', 'paddingMode', ['zeros', 'border', 'reflection']);
  if (x.ndim !== 4 || grid.ndim !== 4 || grid.shape[3] !== 2 || grid.shape[0] !== x.shape[0])
    throw new ShapeError(`gridSample: a grid of shape ${showShape(grid.shape)} does not fit an image of shape ${showShape(x.shape)}`, {
      parameter: 'grid',
      received: grid.shape,
    });
  const [height, width] = x.shape.slice(2) as [number, number];
  const column = pixels(grid.get('...', 0), width, alignCorners);
  const row = pixels(grid.get('...', 1), height, alignCorners);
  if (mode === 'bicubic') return bicubic(x, row, column, options);
  const [r, c] = [bound(row, height, options), bound(column, width, options)];
  if (mode === 'nearest') return read(x, round(r.detach()), round(c.detach()));
  const [top, left] = [floor(r.detach()), floor(c.detach())];
  const [down, right] = [sub(r, top), sub(c, left)];
  const corner = (i: number, j: number): Tensor => {
    const weight = mul(i === 0 ? sub(1, down) : down, j === 0 ? sub(1, right) : right);
    return mul(read(x, add(top, i), add(left, j)), unsqueeze(weight, 1));
  };
  return add(add(corner(0, 0), corner(0, 1)), add(corner(1, 0), corner(1, 1)));
}

/** Sixteen pixels around each coordinate; the padding mode acts on each of them. */
function bicubic(x: Tensor, row: Tensor, column: Tensor, options: GridSampleOptions): Tensor {
  const [height, width] = x.shape.slice(2) as [number, number];
  const [top, left] = [floor(row.detach()), floor(column.detach())];
  const [down, right] = [sub(row, top), sub(column, left)];
  const weights = (rest: Tensor): Tensor[] => [-1, 0, 1, 2].map(k => cubicWeight(sub(rest, k), k === 0 || k === 1));
  const [vertical, horizontal] = [weights(down), weights(right)];
  const parts = [-1, 0, 1, 2].flatMap((i, a) =>
    [-1, 0, 1, 2].map((j, b) => {
      const pixel = read(x, round(bound(add(top, i), height, options)), round(bound(add(left, j), width, options)));
      return mul(pixel, unsqueeze(mul(vertical[a]!, horizontal[b]!), 1));
    }),
  );
  return parts.reduce(add);
}

/**
 * The grid of an affine map, for {@link gridSample}.
 *
 * @param theta `[N, 2, 3]`
 * @param size `[N, C, H, W]` of the image
 * @returns `[N, H, W, 2]`
 * @remarks Python: `torch.nn.functional.affine_grid(theta, size, align_corners)`.
 * @example affineGrid(tensor([[[1, 0, 0], [0, 1, 0]]]), [1, 1, 1, 1]).tolist() // => [[[[0, 0]]]]
 */
export function affineGrid(theta: Tensor, size: readonly number[], { alignCorners = false }: { readonly alignCorners?: boolean } = {}): Tensor {
  const [n, , height, width] = size as [number, number, number, number];
  if (theta.ndim !== 3 || theta.shape[0] !== n || theta.shape[1] !== 2 || theta.shape[2] !== 3)
    throw new ShapeError(`affineGrid: theta must be [${n}, 2, 3], got ${showShape(theta.shape)}`, { parameter: 'theta', received: theta.shape });
  const line = (length: number): Float64Array =>
    Float64Array.from({ length }, (_, i) => (alignCorners ? (length > 1 ? -1 + (2 * i) / (length - 1) : 0) : (2 * i + 1) / length - 1));
  const vector = (values: Float64Array, shape: readonly number[]): Tensor =>
    expand(reshape(wrap(values, [values.length], 'float64').astype(theta.dtype), shape), [height, width]);
  const points = stack([vector(line(width), [1, width]), vector(line(height), [height, 1]), expand(tensor(1, { dtype: theta.dtype }), [height, width])], {
    axis: -1,
  });
  return reshape(matmul(reshape(points, [1, height * width, 3]), matrixTranspose(theta)), [n, height, width, 2]);
}
