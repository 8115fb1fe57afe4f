/** Linear algebra on stacks of matrices, in double precision inside; results come in the type of the operands. */

export {
  type ComplexPair,
  cond,
  type Eigh,
  eig,
  eigh,
  eigvals,
  eigvalsh,
  type Lstsq,
  lstsq,
  matrixNorm,
  matrixRank,
  pinv,
  type SvdResult,
  svd,
  svdvals,
} from './internal/linalg/decompose.js';
export { matrixExp, matrixLog, matrixPower, matrixSqrt, orthogonalProcrustes, solveToeplitz } from './internal/linalg/functions.js';
export { cholesky, choleskySolve, det, inv, lu, qr, slogdet, solve, solveTriangular } from './internal/linalg/solve.js';
export { multiDot } from './internal/products/matmul.js';
export { vectorNorm } from './internal/reductions/sums.js';
