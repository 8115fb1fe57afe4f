/** Applies functions of one or two numbers to tensors, element by element, with promotion, broadcasting and gradients. */
import { ValidationError } from '@gtc/errors';
import { type DType, isFloating, promoteTypes, resultType } from '../../dtypes.js';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { isRecording, record } from '../autograd/graph.js';
import { convert, numbersOf, operandOf } from '../core/elements.js';
import { broadcastShapes, broadcastStrides, isRowMajor, rowMajor, sizeOf } from '../core/shape.js';
import { allocate, fromNumbers, type NumberArray, scratchDirty } from '../core/storage.js';
import { merge, type Strided, walk } from '../core/walk.js';
import { binaryKernel, kernelsFor, type Side, unaryKernel, WORTHWHILE } from '../kernels/elementwise.js';
import type { BinaryKernel, UnaryKernel } from '../kernels/wasm.js';

/** A tensor, or a number that takes part without deciding the type. */
export type Operandish = Tensor | number;

/** What integers and bools become: themselves, float32, bool, or a refusal. */
type OnIntegers = 'keep' | 'float' | 'bool' | 'refuse';

/** A function of one number with its derivative. */
export interface Unary {
  readonly name: string;
  readonly of: (x: number) => number;
  /** The same for many float32 numbers at once. */
  readonly kernel?: UnaryKernel;
  /** The same for narrower integers. */
  readonly int?: (x: number) => number;
  /** The same for int64; without it they pass through doubles. */
  readonly big?: (x: bigint) => bigint;
  /** Type of the result; by default integers become float32. */
  readonly integers?: OnIntegers;
  /** Gradient of the input from that of the result; constants (null) have none. */
  readonly rule?: (gradient: Tensor, x: Tensor, y: Tensor) => Tensor;
  /** Which of input and result the rule reads. */
  readonly reads?: 'x' | 'y' | 'none';
}

/** Type in which a function of one number answers. */
function unaryType({ name, integers = 'float' }: Unary, dtype: DType): DType {
  if (integers === 'bool') return 'bool';
  if (isFloating(dtype)) return dtype;
  if (integers === 'refuse') throw new ValidationError(`${name}: dtype must be floating, got ${dtype}`, { parameter: 'dtype', received: dtype });
  return integers === 'keep' ? dtype : 'float32';
}

/** Applies a function to each element. */
export function unary(op: Unary, x: Tensor): Tensor {
  const dtype = unaryType(op, x.dtype);
  const y = wrap(x.dtype === 'int64' && op.big !== undefined ? mapBig(op.big, x) : fromNumbers(map(op, x, dtype), dtype), x.shape, dtype);
  const { rule, reads = 'x' } = op;
  if (rule === undefined) return y;
  return record(op.name, y, [x], g => [rule(g, x, y)], [reads === 'x' && x, reads === 'y' && y]);
}

function map({ of, int = of, kernel }: Unary, x: Tensor, dtype: DType): NumberArray {
  const { data, strides, offset } = operandOf(x);
  const out = scratchDirty(dtype, x.size);
  const { shape } = x;
  if (kernel !== undefined && isRowMajor(shape, strides) && unaryKernel(kernel, data, offset, out)) return out;
  const f = isFloating(x.dtype) ? of : int;
  walk(
    shape,
    [
      { strides, offset },
      { strides: rowMajor(shape), offset: 0 },
    ],
    ([a, o], [step, by], length) => {
      for (let i = 0; i < length; i++) out[o! + i * by!] = f(data[a! + i * step!]!);
    },
  );
  return out;
}

const mapBig = (f: (x: bigint) => bigint, x: Tensor): BigInt64Array => (x.data as BigInt64Array).map(f);

/**
 * The way back of a function in one pass over its gradient and the value that its derivative is written in; null where it has to be spelled out
 * in operations: for higher derivatives, and where no kernel serves the type or the layout.
 */
export function fusedBackward(name: BinaryKernel, gradient: Tensor, value: Tensor): Tensor | null {
  if (isRecording() || gradient.dtype !== 'float32' || value.dtype !== 'float32') return null;
  const { shape, size } = value;
  const [g, v] = [gradient, value].map(each => ({ data: numbersOf(each), step: 1 })) as [Side, Side];
  const out = scratchDirty('float32', size);
  const kernels = kernelsFor(size, g.data, v.data, out);
  return kernels !== null && gradient.size === size && binaryKernel(kernels, name, g, v, out, run => run(0, 0, 0, size)) ? wrap(out, shape, 'float32') : null;
}

/** Combines a run of elements of two operands, each with its own start and step, into a run of results. */
export type Run = (
  left: NumberArray,
  i: number,
  stepI: number,
  right: NumberArray,
  j: number,
  stepJ: number,
  out: NumberArray,
  o: number,
  length: number,
) => void;

/** A function of two numbers with its derivatives. */
export interface Binary {
  readonly name: string;
  readonly of: (a: number, b: number) => number;
  /** The same for a run of floating elements: a loop of its own, which the engine can specialise. */
  readonly run?: Run;
  /** The same for many float32 numbers at once. */
  readonly kernel?: BinaryKernel;
  /** The same where both are narrow integers and the result is one. */
  readonly int?: (a: number, b: number) => number;
  /** The same for int64. */
  readonly big?: (a: bigint, b: bigint) => bigint | boolean;
  /** Type of the result; by default that of promotion. */
  readonly integers?: OnIntegers;
  /** Gradients of both inputs; null where none is needed. */
  readonly rule?: (gradient: Tensor, a: Tensor, b: Tensor, y: Tensor, needs: readonly boolean[]) => readonly (Tensor | null)[];
  /** What the rule reads for the gradient of the first and of the second operand. */
  readonly reads?: readonly [string, string];
}

/** Type in which a function of two numbers answers. */
function binaryType({ integers = 'keep' }: Binary, common: DType): DType {
  if (integers === 'bool') return 'bool';
  return integers === 'float' && !isFloating(common) ? 'float32' : common;
}

/** Elements of a run from which on a kernel is called for it. */
const SHORT_RUN = 32;

/** A number as a tensor of the type in which an operation computes. */
export function lift(value: Operandish, common: DType): Tensor {
  if (typeof value !== 'number') return value;
  if (common === 'float64') return wrap(Float64Array.of(value), [], common);
  if (isFloating(common)) return wrap(Float32Array.of(value), [], 'float32');
  return tensor(value, { dtype: common });
}

/** Applies a function to elements of two operands that broadcast together. */
export function binary(op: Binary, left: Operandish, right: Operandish): Tensor {
  const common = resultType(left, right);
  const [a, b] = [lift(left, common), lift(right, common)];
  const dtype = binaryType(op, common);
  const shape = b.ndim === 0 ? a.shape : broadcastShapes([a.shape, b.shape], op.name);
  const y = wrap(common === 'int64' && op.big !== undefined ? combineBig(op.big, a, b, shape, dtype) : combine(op, a, b, shape, common, dtype), shape, dtype);
  const { rule, reads = ['', ''] } = op;
  if (rule === undefined) return y;
  const read = (what: string): boolean => (a.requiresGrad && reads[0].includes(what)) || (b.requiresGrad && reads[1].includes(what));
  return record(op.name, y, [a, b], (g, needs) => rule(g, a, b, y, needs), [read('a') && a, read('b') && b, read('y') && y]);
}

function combine(op: Binary, a: Tensor, b: Tensor, shape: readonly number[], common: DType, dtype: DType) {
  const f = op.int !== undefined && !isFloating(common) ? op.int : op.of;
  const [x, y] = [operandOf(a), operandOf(b)];
  const out = scratchDirty(dtype, sizeOf(shape));
  const run = isFloating(common) ? op.run : undefined;
  if (
    run !== undefined &&
    out.length < WORTHWHILE &&
    a.size === out.length &&
    b.size === out.length &&
    isRowMajor(a.shape, x.strides) &&
    isRowMajor(b.shape, y.strides)
  ) {
    run(x.data, x.offset, 1, y.data, y.offset, 1, out, 0, out.length);
    return fromNumbers(out, dtype);
  }
  const places = [
    { strides: broadcastStrides(a.shape, x.strides, shape), offset: x.offset },
    { strides: broadcastStrides(b.shape, y.strides, shape), offset: y.offset },
    { strides: rowMajor(shape), offset: 0 },
  ];
  const [left, right] = [x.data, y.data];
  if (op.kernel !== undefined && combineByKernel(op.kernel, left, right, out, shape, places)) return fromNumbers(out, dtype);
  walk(shape, places, ([i, j, o], [stepI, stepJ, stepO], length) => {
    if (run !== undefined && (stepO === 1 || length === 1)) run(left, i!, stepI!, right, j!, stepJ!, out, o!, length);
    else for (let k = 0; k < length; k++) out[o! + k * stepO!] = f(left[i! + k * stepI!]!, right[j! + k * stepJ!]!);
  });
  return fromNumbers(out, dtype);
}

/** Runs a kernel along the last axis that stays after merging; false where none fits. */
function combineByKernel(name: BinaryKernel, left: NumberArray, right: NumberArray, out: NumberArray, shape: readonly number[], places: readonly Strided[]) {
  const kernels = kernelsFor(out.length, left, right, out);
  if (kernels === null) return false;
  const { lengths, strides } = merge(shape, places);
  const inner = lengths.length - 1;
  // Short runs cost more in calls than they save.
  if (lengths[inner]! < SHORT_RUN || strides[2]![inner] !== 1) return false;
  const side = (data: NumberArray, k: number) => ({ data, step: strides[k]![inner]! });
  return binaryKernel(kernels, name, side(left, 0), side(right, 1), out, run => walk(shape, places, ([i, j, o], _, length) => run(i!, j!, o!, length)));
}

function combineBig(f: (a: bigint, b: bigint) => bigint | boolean, a: Tensor, b: Tensor, shape: readonly number[], dtype: DType) {
  const [left, right] = [a, b].map(each => convert(each.data, each.dtype, 'int64') as BigInt64Array) as [BigInt64Array, BigInt64Array];
  const out = allocate(dtype, sizeOf(shape));
  const places = [a, b].map(each => ({ strides: broadcastStrides(each.shape, rowMajor(each.shape), shape), offset: 0 }));
  walk(shape, [...places, { strides: rowMajor(shape), offset: 0 }], ([i, j, o], [stepI, stepJ, stepO], length) => {
    for (let k = 0; k < length; k++) {
      const value = f(left[i! + k * stepI!]!, right[j! + k * stepJ!]!);
      out[o! + k * stepO!] = (typeof value === 'boolean' ? Number(value) : value) as never;
    }
  });
  return out;
}

/** Refuses operands that are not of integers. */
export function integersOnly(operation: string, ...operands: readonly Operandish[]): void {
  const dtype = operands.map(operand => (typeof operand === 'number' ? (Number.isInteger(operand) ? 'int64' : 'float32') : operand.dtype)).reduce(promoteTypes);
  if (isFloating(dtype))
    throw new ValidationError(`${operation}: dtype must be an integer type or bool, got ${dtype}`, { parameter: 'dtype', received: dtype });
}
