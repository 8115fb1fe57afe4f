/** Normalisation of rows of float32 numbers that lie side by side, and its way back. */
import { type NumberArray, scratch, scratchDirty } from '../core/storage.js';
import { kernelsFor } from './elementwise.js';
import { withFrame } from './frame.js';

/** What is normalised: rows of length `n`, with the factor and the summand of each position. */
export interface NormRows {
  readonly data: NumberArray;
  readonly weight: NumberArray | null;
  readonly bias: NumberArray | null;
  readonly rows: number;
  readonly n: number;
  /** Whether the mean is taken out. */
  readonly centred: boolean;
}

/** Normalised rows, with the mean and the reciprocal deviation of each. */
export interface Normed {
  readonly y: NumberArray;
  readonly means: NumberArray;
  readonly scales: NumberArray;
}

/** Normalises rows; null where no kernel did it. */
export function normKernel({ data, weight, bias, rows, n, centred }: NormRows, eps: number): Normed | null {
  const kernels = n === 0 ? null : kernelsFor(rows * n, data);
  if (kernels === null) return null;
  const result: Normed = { y: scratchDirty('float32', rows * n), means: scratchDirty('float32', rows), scales: scratchDirty('float32', rows) };
  const done = withFrame(frame => {
    const [x, w, b] = [frame.input(data), weight === null ? 0 : frame.input(weight), bias === null ? 0 : frame.input(bias)];
    const [y, means, scales] = [frame.output(result.y), frame.output(result.means), frame.output(result.scales)];
    return () => kernels.normRows(x, w, b, y, means, scales, rows, n, eps, centred ? 1 : 0);
  });
  return done ? result : null;
}

/** Gradients of a normalisation of rows; null where no kernel computed them. */
export function normBackwardKernel(
  { data, weight, bias, rows, n, centred }: NormRows,
  means: NumberArray,
  scales: NumberArray,
  gradient: NumberArray,
): { readonly x: NumberArray; readonly weight: NumberArray | null; readonly bias: NumberArray | null } | null {
  const kernels = kernelsFor(rows * n, data, gradient);
  if (kernels === null) return null;
  const result = {
    x: scratchDirty('float32', rows * n),
    weight: weight === null ? null : scratch('float32', n),
    bias: bias === null ? null : scratch('float32', n),
  };
  const done = withFrame(frame => {
    const [g, x, w] = [frame.input(gradient), frame.input(data), weight === null ? 0 : frame.input(weight)];
    const [m, s] = [frame.input(means), frame.input(scales)];
    const [dw, db] = [result.weight === null ? 0 : frame.inOut(result.weight), result.bias === null ? 0 : frame.inOut(result.bias)];
    const out = frame.output(result.x);
    return () => kernels.normBackwardRows(g, x, w, m, s, out, dw, db, rows, n, centred ? 1 : 0);
  });
  return done ? result : null;
}
