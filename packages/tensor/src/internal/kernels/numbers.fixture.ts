/** Reproducible numbers for tests of kernels. */

import { fromTypedArray, type Tensor } from '../../tensor.js';
import { TorchGenerator } from '../random/torch.js';

/** Draws tensors from a seed. */
export class Generator {
  readonly #seed: number;
  readonly #random: TorchGenerator;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new TorchGenerator(seed);
  }

  normal(shape: readonly number[], { scale = 1, mean = 0 }: { readonly scale?: number; readonly mean?: number } = {}): Tensor {
    const size = shape.reduce((product, length) => product * length, 1);
    return fromTypedArray(
      Float32Array.from(this.#random.normal(size), value => mean + scale * value),
      shape,
    );
  }

  /** The same numbers in every call for a shape. */
  fixed(shape: readonly number[]): Tensor {
    return new Generator(this.#seed + shape.reduce((sum, length) => 31 * sum + length, 7)).normal(shape);
  }
}
