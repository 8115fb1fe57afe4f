/** The operations that are methods of a tensor: their first operand is the tensor. */
export { backward } from '../autograd.js';
export { gelu, logSigmoid, relu, sigmoid, silu, softplus } from './elementwise/activation.js';
export { abs, add, div, floorDivide, fmax, fmin, fmod, maximum, minimum, mul, neg, pow, reciprocal, remainder, square, sub } from './elementwise/arithmetic.js';
export {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  eq,
  ge,
  gt,
  isclose,
  isfinite,
  isinf,
  isnan,
  le,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  lt,
  ne,
  signbit,
} from './elementwise/comparison.js';
export { astype } from './elementwise/convert.js';
export { acosh, asinh, atanh, cosh, exp, exp2, expm1, log, log1p, log2, log10, logaddexp, rsqrt, sinh, sqrt, tanh } from './elementwise/exponential.js';
export { add_, applyInPlace, copy_, div_, fill_, mul_, sub_, zero_ } from './elementwise/in-place.js';
export { ceil, clip, floor, frac, lerp, nanToNum, round, sign, trunc } from './elementwise/rounding.js';
export { digamma, erf, erfc, erfinv, lgamma } from './elementwise/special.js';
export { acos, asin, atan, atan2, cos, hypot, sin, tan } from './elementwise/trigonometry.js';
export { gather, indexSelect, maskedFill, maskedSelect, nonzero, take, takeAlongAxis } from './indexing/gather.js';
export { indexAdd, indexCopy, indexFill, maskedScatter, put, putAlongAxis, scatter, scatterAdd, scatterReduce } from './indexing/scatter.js';
export { get, set } from './indexing/select.js';
export { addmm, bmm, dot, inner, matmul, outer, tensordot } from './products/matmul.js';
export { all, amax, amin, any, argmax, argmin, max, maxWithIndices, min, minWithIndices, nanmax, nanmin, ptp } from './reductions/extremes.js';
export { cummax, cummin, cumprod, cumsum, logcumsumexp, logSoftmax, softmax } from './reductions/scans.js';
export {
  average,
  countNonzero,
  logsumexp,
  mean,
  nanmean,
  nanprod,
  nanstd,
  nansum,
  nanvar,
  prod,
  std,
  sum,
  variance as var,
  varMean,
  vectorNorm as norm,
} from './reductions/sums.js';
export { isin, median, nanmedian, nanquantile, percentile, quantile, searchsorted } from './selection/search.js';
export { argsort, kthvalue, medianLower, mode, sort, topk, unique } from './selection/sort.js';
export { chunk, split, tensorSplit, unbind } from './shape/join.js';
export { diag, diagEmbed, diff, flip, pad, repeat, roll, rot90, tile, trace, tril, triu } from './shape/rearrange.js';
export {
  asStrided,
  broadcastTo,
  clone,
  contiguous,
  diagonal,
  expand,
  flatten,
  matrixTranspose,
  moveaxis,
  permute,
  reshape,
  squeeze,
  swapaxes,
  transpose,
  unflatten,
  unfold,
  unsqueeze,
  view,
} from './shape/views.js';
