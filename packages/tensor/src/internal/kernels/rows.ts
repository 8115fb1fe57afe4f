/** Reductions, softmax and norms of rows of float32 numbers that lie side by side: which run in WebAssembly. */
import type { TypedArray } from '../../dtypes.js';
import type { NumberArray } from '../core/storage.js';
import { kernelsFor } from './elementwise.js';
import { withFrame } from './frame.js';

/** Kernels from rows to one number each, or to rows. */
export type RowKernel = 'sumRows' | 'maxRows' | 'minRows' | 'sumColumns' | 'softmaxRows' | 'logSoftmaxRows';

/** Runs a kernel over rows of length `n`; false where none did it. */
export function rowKernel(name: RowKernel, data: NumberArray, out: NumberArray, rows: number, n: number): boolean {
  const kernels = n === 0 ? null : kernelsFor(rows * n, data, out);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [x, y] = [frame.input(data, 0, rows * n), frame.output(out)];
    return () => kernels[name](x, y, rows, n);
  });
}

/** Runs the way back of a softmax over rows of length `n`; false where no kernel did it. */
export function rowBackwardKernel(
  name: 'softmaxBackwardRows' | 'logSoftmaxBackwardRows',
  gradient: NumberArray,
  y: NumberArray,
  out: NumberArray,
  rows: number,
  n: number,
): boolean {
  const kernels = n === 0 ? null : kernelsFor(rows * n, gradient, y, out);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [g, from, to] = [frame.input(gradient), frame.input(y), frame.output(out)];
    return () => kernels[name](g, from, to, rows, n);
  });
}

/** Copies rows of a table; indices lie within it. false where no kernel did it. */
export function gatherKernel(table: TypedArray, index: Int32Array, out: TypedArray, width: number): boolean {
  if (!(table instanceof Float32Array && out instanceof Float32Array)) return false;
  const kernels = kernelsFor(out.length, table, out);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [from, at, to] = [frame.input(table), frame.input(index), frame.output(out)];
    return () => kernels.gatherRows(from, at, to, index.length, 4 * width);
  });
}
