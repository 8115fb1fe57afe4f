/** The linear algebra of the autograd programs, where it differs from a function of ours. */
import * as linalgModule from './linalg.js';
import type { Tensor } from './tensor.js';

type T = Tensor;
const plain = Object.fromEntries(
  ['solve', 'inv', 'det', 'cholesky', 'svdvals', 'eigvalsh', 'pinv', 'matrixExp', 'choleskySolve', 'solveTriangular'].map(name => [
    `linalg.${name}`,
    (linalgModule as unknown as Record<string, never>)[name],
  ]),
);

/** Operations by the names of the programs. */
export const linalg: Readonly<Record<string, never>> = {
  ...plain,
  'linalg.logabsdet': (a: T) => linalgModule.slogdet(a).logabsdet,
  'linalg.qrR': (a: T) => linalgModule.qr(a).r.abs(),
  'linalg.matrixPower': (a: T, { n }: { n: number }) => linalgModule.matrixPower(a, n),
  'linalg.nuclearNorm': (a: T) => linalgModule.matrixNorm(a, { ord: 'nuc' }),
  'linalg.spectralNorm': (a: T) => linalgModule.matrixNorm(a, { ord: 2 }),
  'linalg.lstsq': (a: T, b: T) => linalgModule.lstsq(a, b).solution,
  'linalg.multiDot': (...args: unknown[]) => linalgModule.multiDot(args.slice(0, -1) as T[]),
} as never;
