/** Arrays and exact random streams that every domain computes with. */
export { type HashAlgorithm, hexDigest } from './hash.js';
export { type ChoicesOptions, NumpyRandom, NumpyRandomState, PythonRandom, type PythonRandomState, type PythonSeed } from './random.js';
export { erfc, incompleteBeta, logGamma, normalTwoSided, studentTwoSided } from './special.js';
export { cosine, dot, mean, norm, softmax, sum } from './statistics.js';
export { type DType, full, type Nested, Tensor, type TypedArray, tensor, zeros } from './tensor.js';
