/** Dense arrays: row-major typed storage with a shape. */
import { integer, nonNegative, ShapeError, ValidationError } from '@gtc/errors';

/** Name of an element type. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8';
/** Storage of a {@link Tensor}. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

interface Storage {
  new (length: number): TypedArray;
  from(values: ArrayLike<number>): TypedArray;
}
const STORAGE: Readonly<Record<DType, Storage>> = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

/** Numbers nested in arrays, each level one axis. */
export type Nested = number | readonly Nested[];

/**
 * An n-dimensional array.
 *
 * @remarks Python: `numpy.ndarray` in C order, `torch.Tensor` on the CPU.
 */
export class Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Elements in row-major order; shared with whoever passed them in. */
  readonly data: TypedArray;

  constructor(data: TypedArray, shape: readonly number[], dtype: DType) {
    const size = sizeOf(shape);
    if (data.length !== size)
      throw new ShapeError(`data must have ${size} elements for shape [${shape.join(', ')}], got ${data.length}`, { parameter: 'data', received: data.length });
    this.data = data;
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length;
  }

  /**
   * One element; negative indices count from the end.
   *
   * @throws {ShapeError} when the number of indices is not the number of axes
   * @throws {ValidationError} when an index lies outside its axis
   */
  at(...index: number[]): number {
    if (index.length !== this.ndim)
      throw new ShapeError(`at needs ${this.ndim} indices for shape [${this.shape.join(', ')}], got ${index.length}`, { parameter: 'index', received: index });
    let offset = 0;
    for (const [axis, i] of index.entries()) {
      const length = this.shape[axis]!;
      const position = i < 0 ? i + length : i;
      if (!(Number.isInteger(position) && position >= 0 && position < length)) {
        throw new ValidationError(`index must be an integer in [${-length}, ${length - 1}] on axis ${axis}, got ${i}`, { parameter: 'index', received: i });
      }
      offset = offset * length + position;
    }
    return this.data[offset]!;
  }

  /** The same elements under another shape; one size may be -1 and is inferred. */
  reshape(...shape: number[]): Tensor {
    const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
    const inferred = shape.map(size => (size === -1 && known > 0 ? this.size / known : size));
    if (inferred.some(size => !Number.isInteger(size) || size < 0) || sizeOf(inferred) !== this.size) {
      throw new ShapeError(`reshape: [${this.shape.join(', ')}] does not fit [${shape.join(', ')}]`, { parameter: 'shape', received: shape });
    }
    return new Tensor(this.data, inferred, this.dtype);
  }

  /** Nested arrays; a number for a tensor without axes. */
  tolist(): Nested {
    const build = (axis: number, offset: number, stride: number): Nested => {
      if (axis === this.ndim) return this.data[offset]!;
      const length = this.shape[axis]!;
      const step = length === 0 ? 0 : stride / length;
      return Array.from({ length }, (_, i) => build(axis + 1, offset + i * step, step));
    };
    return build(0, 0, this.size);
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * nonNegative(integer(size, 'shape'), 'shape'), 1);
}

/**
 * A tensor from nested arrays.
 *
 * @throws {ShapeError} when the nesting is ragged
 * @remarks Python: `torch.tensor(values)`.
 * @example tensor([[1, 2], [3, 4]]).at(1, 0) // => 3
 */
export function tensor(values: Nested, { dtype = 'float32' }: { readonly dtype?: DType } = {}): Tensor {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const collect = (value: Nested, axis: number): void => {
    if (typeof value === 'number' && axis === shape.length) flat.push(value);
    else if (Array.isArray(value) && value.length === shape[axis]) for (const item of value) collect(item, axis + 1);
    else throw new ShapeError(`values must nest evenly: expected [${shape.join(', ')}], found another length at depth ${axis}`, { parameter: 'values' });
  };
  collect(values, 0);
  return new Tensor(STORAGE[dtype].from(flat), shape, dtype);
}

/**
 * All zeros.
 *
 * @remarks Python: `torch.zeros(shape)`.
 * @example zeros([2, 2]).tolist() // => [[0, 0], [0, 0]]
 */
export function zeros(shape: readonly number[], { dtype = 'float32' }: { readonly dtype?: DType } = {}): Tensor {
  return new Tensor(new STORAGE[dtype](sizeOf(shape)), shape, dtype);
}

/**
 * One value everywhere.
 *
 * @remarks Python: `torch.full(shape, value)`.
 * @example full([3], 7).tolist() // => [7, 7, 7]
 */
export function full(shape: readonly number[], value: number, options: { readonly dtype?: DType } = {}): Tensor {
  const result = zeros(shape, options);
  result.data.fill(value);
  return result;
}
