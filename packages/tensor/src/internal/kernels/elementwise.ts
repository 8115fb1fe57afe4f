/** Loops over float32 numbers that lie side by side: which run in WebAssembly. */
import type { NumberArray } from '../core/storage.js';
import { withFrame } from './frame.js';
import { type BinaryKernel, type NumberKernel, type UnaryKernel, type Wasm, wasm } from './wasm.js';

/** Fewer numbers than this are done before a kernel would have started. */
export const WORTHWHILE = 512;

/** The kernels, where an operation on so many float32 numbers is worth a call. */
export function kernelsFor(size: number, ...arrays: readonly NumberArray[]): Wasm | null {
  return size >= WORTHWHILE && arrays.every(data => data instanceof Float32Array) ? wasm() : null;
}

/** `out[i] = f(data[from + i])`; false where no kernel did it. */
export function unaryKernel(name: UnaryKernel, data: NumberArray, from: number, out: NumberArray): boolean {
  const kernels = kernelsFor(out.length, data, out);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [x, y] = [frame.input(data, from, out.length), frame.output(out)];
    return () => kernels[name](x, y, out.length);
  });
}

/** Functions of two numbers that have forms for a number on the left and on the right. */
const WITH_NUMBER: Readonly<Partial<Record<BinaryKernel, readonly [left: NumberKernel, right: NumberKernel]>>> = {
  add: ['addNumber', 'addNumber'],
  sub: ['subFromNumber', 'subNumber'],
  mul: ['mulNumber', 'mulNumber'],
  div: ['divFromNumber', 'divNumber'],
  maximum: ['maximumNumber', 'maximumNumber'],
  minimum: ['minimumNumber', 'minimumNumber'],
};

/** An operand of a run: its buffer, the steps between its elements, and where its rows start. */
export interface Side {
  readonly data: NumberArray;
  readonly step: number;
}

/** Visits the runs of an operation: the position of both operands and of the result, and the number of elements. */
export type Runs = (run: (i: number, j: number, o: number, length: number) => void) => void;

/** Combines two operands run by run; false where no kernel did it. Steps are 1 or 0 (a number that repeats along the run). */
export function binaryKernel(kernels: Wasm, name: BinaryKernel, a: Side, b: Side, out: NumberArray, runs: Runs): boolean {
  const number = WITH_NUMBER[name];
  const plain = a.step === 1 && b.step === 1;
  if (!(plain || (number !== undefined && a.step + b.step === 1))) return false;
  return withFrame(frame => {
    const [x, y, z] = [frame.input(a.data), frame.input(b.data), frame.output(out)];
    if (plain) return () => runs((i, j, o, length) => kernels[name](x + 4 * i, y + 4 * j, z + 4 * o, length));
    const [left, right] = number!;
    if (a.step === 1) return () => runs((i, j, o, length) => kernels[right](x + 4 * i, b.data[j]!, z + 4 * o, length));
    return () => runs((i, j, o, length) => kernels[left](y + 4 * j, a.data[i]!, z + 4 * o, length));
  });
}
