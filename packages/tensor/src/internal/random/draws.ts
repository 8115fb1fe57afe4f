/** Draws of tensors from distributions. */
import { type Tensor, wrap } from '../../tensor.js';
import { TorchGenerator } from './torch.js';

/** Options of {@link multinomial}. */
export interface MultinomialOptions {
  /** Whether a number may be drawn again. */
  readonly replacement?: boolean;
  /** The stream of random numbers; a fresh one of torch's with seed 0 by default. */
  readonly generator?: TorchGenerator;
}

/**
 * Numbers of the elements of a vector of weights, drawn in proportion to them.
 *
 * @param weights non-negative, not all zero
 * @throws {ValidationError} for weights that are no distribution, or more draws than there are positive weights without replacement
 * @remarks Python: `torch.multinomial(weights, count, replacement)`; the same draws.
 * @example multinomial(tensor([0, 1]), 1).tolist() // => [1]
 */
export function multinomial(weights: Tensor, count: number, { replacement = false, generator = new TorchGenerator(0) }: MultinomialOptions = {}): Tensor {
  return wrap(generator.multinomial(weights.tolist() as number[], count, { replacement }), [count], 'int32');
}
