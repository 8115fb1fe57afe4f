/** Reductions, softmax and norms of rows of float32 numbers that lie side by side: which run in WebAssembly. */
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
