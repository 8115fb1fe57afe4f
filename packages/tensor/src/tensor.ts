/** Dense arrays with views and gradients: {@link Tensor} and what makes one from JavaScript values. */
import { ShapeError, StateError, ValidationError } from '@gtc/errors';
import { checkDtype, type DType, isFloating, storageOf, type TypedArray } from './dtypes.js';
import { GraphNode, type Hook } from './internal/autograd/graph.js';
import { viewNode } from './internal/autograd/views.js';
import { convert, copyOf, elementAt, flatten } from './internal/core/elements.js';
import { checkShape, isRowMajor, rowMajor, showShape, sizeOf } from './internal/core/shape.js';
import { duplicate, Storage } from './internal/core/storage.js';
import * as methods from './internal/methods.js';

/** Numbers, bigints or booleans nested in arrays, each level one axis. */
export type Nested = number | bigint | boolean | readonly Nested[];

/** Where a tensor's elements lie in its buffer, in elements. */
export interface Geometry {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

type Method<F> = F extends (x: Tensor, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;
type Methods = { [Name in keyof typeof methods]: Method<(typeof methods)[Name]> };

/** Every operation whose first operand is a tensor is a method too: `sum(x, { axis: 0 })` is `x.sum({ axis: 0 })`. */
export interface Tensor extends Methods {}

/** A list that nobody changes: the one given where it is frozen, as that of another tensor is. */
const frozen = (list: readonly number[]): readonly number[] => (Object.isFrozen(list) ? list : Object.freeze([...list]));

/**
 * An n-dimensional array of one element type, a window on a buffer that views share.
 *
 * @remarks Python: `torch.Tensor` on the CPU, `numpy.ndarray`.
 */
export class Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Steps between neighbours of each axis, in elements; 0 repeats, negative ones walk backwards. */
  readonly strides: readonly number[];
  /** Position of the first element in the buffer. */
  readonly offset: number;
  /** Buffer and its count of writes, shared with views. */
  readonly storage: Storage;
  readonly #ownsStorage: boolean;
  /** The tensor whose history this one shares as a view; null for one with a history of its own. */
  base: Tensor | null;
  /** Gradient that backward passes have added up; null before the first. */
  grad: Tensor | null = null;
  /** How often this tensor, as the base of views, got another history by a write in place. */
  epoch = 0;
  #seenEpoch: number;
  #node: GraphNode | null = null;
  #isTrainable = false;

  constructor(storage: Storage, dtype: DType, { shape, strides, offset }: Geometry, base: Tensor | null = null) {
    this.storage = storage;
    this.#ownsStorage = storage.claim();
    this.dtype = dtype;
    this.shape = frozen(shape);
    this.strides = frozen(strides);
    this.offset = offset;
    this.base = base;
    this.#seenEpoch = base?.epoch ?? 0;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * Elements in row-major order: the buffer itself where the tensor is all of it in that order (writes are then seen by the tensor), a copy
   * otherwise. float16 and bfloat16 are bit patterns, int64 bigints; {@link Tensor.tolist} gives numbers. A buffer of 2 kB and more is a window on
   * the memory that all tensors share: read it while the tensor lives, and `slice()` what is to be kept.
   */
  get data(): TypedArray {
    const whole = this.storage.data.length === this.size && this.isContiguous();
    return whole ? this.storage.data : copyOf(this);
  }

  /** Whether the elements lie in row-major order without gaps. */
  isContiguous(): boolean {
    return isRowMajor(this.shape, this.strides);
  }

  /**
   * One element; negative indices count from the end.
   *
   * @throws {ShapeError} when the number of indices is not the number of axes
   * @throws {ValidationError} when an index lies outside its axis
   */
  at(...index: number[]): number {
    if (index.length !== this.ndim)
      throw new ShapeError(`at needs ${this.ndim} indices for shape ${showShape(this.shape)}, got ${index.length}`, { parameter: 'index', received: index });
    let position = this.offset;
    for (const [axis, i] of index.entries()) {
      const length = this.shape[axis]!;
      const from = i < 0 ? i + length : i;
      if (!(Number.isInteger(from) && from >= 0 && from < length))
        throw new ValidationError(`index must be an integer in [${-length}, ${length - 1}] on axis ${axis}, got ${i}`, { parameter: 'index', received: i });
      position += from * this.strides[axis]!;
    }
    return Number(elementAt(this, position));
  }

  /**
   * The only element: a number, or a bigint where an int64 lies beyond 2^53.
   *
   * @throws {ValidationError} unless there is exactly one element
   */
  item(): number | bigint {
    if (this.size !== 1)
      throw new ValidationError(`item needs exactly one element, got shape ${showShape(this.shape)}`, { parameter: 'x', received: this.shape });
    return elementAt(this, this.offset);
  }

  /**
   * Whether the only element is not zero.
   *
   * @throws {ValidationError} unless there is exactly one element
   */
  toBoolean(): boolean {
    if (this.size !== 1)
      throw new ValidationError(`toBoolean: the truth of more than one element is ambiguous, got shape ${showShape(this.shape)}; use any() or all()`, {
        parameter: 'x',
        received: this.shape,
      });
    return Number(elementAt(this, this.offset)) !== 0;
  }

  /** Nested arrays of numbers, of booleans for bool; bigints beyond 2^53; a bare value for a tensor without axes. */
  tolist(): Nested {
    const build = (axis: number, position: number): Nested => {
      if (axis === this.ndim) return this.dtype === 'bool' ? Number(elementAt(this, position)) !== 0 : elementAt(this, position);
      return Array.from({ length: this.shape[axis]! }, (_, i) => build(axis + 1, position + i * this.strides[axis]!));
    };
    return build(0, this.offset);
  }

  /** `tensor([[1, 2], [3, 4]], float32)`. */
  toString(): string {
    const show = (value: Nested): string => (Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value));
    return `tensor(${this.size <= 1000 ? show(this.tolist()) : showShape(this.shape)}, ${this.dtype})`;
  }

  /** A new view of the same buffer; the history of writes is shared. */
  viewOf(geometry: Geometry): Tensor {
    return new Tensor(this.storage, this.dtype, geometry, this.base ?? this);
  }

  /** Whether backward passes reach this tensor. */
  get requiresGrad(): boolean {
    return this.#isTrainable || this.node !== null;
  }

  set requiresGrad(on: boolean) {
    if (on && !isFloating(this.dtype))
      throw new ValidationError(`requiresGrad: dtype must be floating, got ${this.dtype}`, { parameter: 'dtype', received: this.dtype });
    if (!on && !this.isLeaf) throw new StateError('requiresGrad can be switched off for leaves only; detach() gives a constant');
    if (!this.isLeaf) return;
    // A view that becomes a parameter starts a history of its own.
    if (on) this.base = null;
    this.#isTrainable = on;
    this.#node = null;
  }

  /** Switches gradients on or off and returns the tensor. */
  requiresGrad_(on = true): this {
    this.requiresGrad = on;
    return this;
  }

  /** Whether no recorded operation made this tensor. */
  get isLeaf(): boolean {
    const { node } = this;
    return node === null || node.leaf !== null;
  }

  /** The operation that made this tensor, the collector of a leaf's gradient, or null for constants. */
  get node(): GraphNode | null {
    const { base } = this;
    if (base !== null && this.#seenEpoch !== base.epoch) {
      this.#seenEpoch = base.epoch;
      this.#node = base.requiresGrad ? viewNode(base, this) : null;
    }
    if (this.#node === null && this.#isTrainable) this.#node = new GraphNode('leaf', [], null, [], this);
    return this.#node;
  }

  /** Gives this tensor another history; views of it follow when `rebase`. */
  setNode(node: GraphNode | null, { rebase = false }: { readonly rebase?: boolean } = {}): void {
    this.#node = node;
    if (rebase) this.epoch++;
    this.#seenEpoch = this.base?.epoch ?? 0;
  }

  /** Keeps the gradient of a result in `grad`, as leaves do. */
  retainGrad(): void {
    const { node } = this;
    if (node === null) throw new StateError('retainGrad needs a tensor that requires gradients');
    node.retained = this;
  }

  /**
   * Calls a function with the whole gradient of this tensor in each pass; what it returns replaces the gradient.
   *
   * @throws {StateError} for a tensor that requires no gradient
   */
  registerHook(hook: Hook): { readonly remove: () => void } {
    const { node } = this;
    if (node === null) throw new StateError('registerHook needs a tensor that requires gradients');
    node.hooks.push(hook);
    return {
      remove: () => {
        const position = node.hooks.indexOf(hook);
        if (position >= 0) node.hooks.splice(position, 1);
      },
    };
  }

  /** The same elements as a constant: shares memory, cuts the history. */
  detach(): Tensor {
    return new Tensor(this.storage, this.dtype, this);
  }

  /** Cuts this tensor's own history. */
  detach_(): this {
    if (this.base !== null) throw new StateError('detach_ would cut a view from its base; use detach()');
    this.#isTrainable = false;
    this.setNode(null, { rebase: true });
    return this;
  }

  /**
   * Gives the buffer back at once; this tensor and its views throw when they are read afterwards. Nothing has to be disposed of: the garbage
   * collector does it, and {@link scope} for whole passages. A view frees nothing, its base does.
   */
  dispose(): void {
    if (this.#ownsStorage) this.storage.free();
  }

  /** `using x = ...` disposes of a tensor at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** One tensor for each index of the first axis. */
  *[Symbol.iterator](): Iterator<Tensor> {
    for (let i = 0; i < (this.shape[0] ?? 0); i++) yield this.get(i);
  }
}

/** Methods by name. An object without a prototype is a hash table to V8; adding this many to a class's own prototype takes five times as long. */
const operations: object = Object.create(null);
for (const [name, operation] of Object.entries(methods) as [string, (...all: unknown[]) => unknown][]) {
  const method = function (this: Tensor, ...rest: unknown[]): unknown {
    return operation(this, ...rest);
  };
  Object.defineProperty(operations, name, { value: method, configurable: true, writable: true });
}
Object.setPrototypeOf(operations, Object.prototype);
Object.setPrototypeOf(Tensor.prototype, operations);

/** Element type and gradient of a new tensor. */
export interface TensorOptions {
  /** Default: that of a typed array; else float32, or bool where all values are true or false. */
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
}

/** A row-major tensor over a buffer that nothing else uses. */
export function wrap(data: TypedArray, shape: readonly number[], dtype: DType): Tensor {
  return new Tensor(new Storage(data), dtype, { shape, strides: rowMajor(shape), offset: 0 });
}

/**
 * A tensor from nested arrays or a typed array.
 *
 * @param values numbers, bigints or booleans nested evenly
 * @throws {ShapeError} when the nesting is ragged
 * @remarks Python: `torch.tensor(values)`; nested numbers are float32 unless another type is asked for, integers too; truth values are bool, so that a mask
 * is one; a typed array keeps its type, one that no type is named after is float32.
 * @example tensor([[1, 2], [3, 4]]).at(1, 0) // => 3
 * @example tensor([true, false]).dtype // => 'bool'
 * @example tensor(new Int32Array([1, 2])).dtype // => 'int32'
 */
export function tensor(values: Nested | TypedArray, { dtype, requiresGrad = false }: TensorOptions = {}): Tensor {
  const { shape, data, from, truths } = flatten(values);
  const own = BY_CLASS[values.constructor.name] ?? (truths ? 'bool' : 'float32');
  const type = checkDtype(dtype ?? own);
  return wrap(convert(data, from, type), shape, type).requiresGrad_(requiresGrad);
}

/**
 * A tensor over a copy of a typed array; the element type is that of the array.
 *
 * @param shape lengths whose product is the array's length
 * @param options `dtype` for arrays whose class leaves it open: `Uint16Array` (float16, bfloat16) and `Uint8Array` (uint8, bool)
 * @throws {ShapeError} naming length and shape
 * @remarks Python: `torch.from_numpy(data.copy()).reshape(shape)`.
 * @example fromTypedArray(new Int32Array([1, 2, 3, 4]), [2, 2]).tolist() // => [[1, 2], [3, 4]]
 */
export function fromTypedArray(data: TypedArray, shape: readonly number[] = [data.length], { dtype = dtypeOf(data) }: { readonly dtype?: DType } = {}): Tensor {
  if (sizeOf(checkShape(shape, 'fromTypedArray')) !== data.length)
    throw new ShapeError(`fromTypedArray: data of length ${data.length} does not fit shape ${showShape(shape)}`, { parameter: 'data', received: data.length });
  if (!(data instanceof storageOf(dtype)))
    throw new ValidationError(`fromTypedArray: ${dtype} is stored in ${storageOf(dtype).name}, got ${data.constructor.name}`, {
      parameter: 'data',
      received: data,
    });
  return wrap(duplicate(data, dtype), shape, dtype);
}

const BY_CLASS: Readonly<Record<string, DType>> = {
  Uint8Array: 'uint8',
  Int8Array: 'int8',
  Int16Array: 'int16',
  Int32Array: 'int32',
  BigInt64Array: 'int64',
  Float32Array: 'float32',
  Float64Array: 'float64',
};

function dtypeOf(data: TypedArray): DType {
  const dtype = BY_CLASS[data.constructor.name];
  if (dtype === undefined)
    throw new ValidationError(`dtype must be given for a ${data.constructor.name}: float16 or bfloat16`, {
      parameter: 'dtype',
      received: data.constructor.name,
    });
  return dtype;
}
