/** Random streams that equal those of the Python libraries, draw for draw: Python's own, numpy's old and new, torch's on the CPU. */
export {
  type BitGenerator,
  type BitSeed,
  Mt19937Bits,
  Pcg64,
  Pcg64Dxsm,
  Philox,
  Sfc64,
} from './internal/random/bit-generators.js';
export type { ChoiceOptions } from './internal/random/choice.js';
export { type GeneratorChoiceOptions, type IntegerArrayOptions, NumpyRandom } from './internal/random/generator.js';
export { type ChoicesOptions, PythonRandom, type PythonRandomState } from './internal/random/python.js';
export type { PythonSeed } from './internal/random/python-seed.js';
export { NumpyRandomState } from './internal/random/random-state.js';
export {
  type DistributedSamplerOptions,
  distributedSampler,
  randomSampler,
  type SamplerOptions,
  weightedRandomSampler,
} from './internal/random/samplers.js';
export { type Entropy, SeedSequence } from './internal/random/seed-sequence.js';
export { TorchGenerator } from './internal/random/torch.js';
