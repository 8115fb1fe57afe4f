/** Draws of tensors from distributions. */
import { ValidationError } from '@gtc/errors';
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
 * @remarks Python: `torch.multinomial(weights, count, replacement)`; the stream of draws is our own.
 * @example multinomial(tensor([0, 1]), 1).tolist() // => [1]
 */
export function multinomial(weights: Tensor, count: number, { replacement = false, generator = new TorchGenerator(0) }: MultinomialOptions = {}): Tensor {
  const values = Float64Array.from(weights.tolist() as number[]);
  if (values.some(value => !(value >= 0 && Number.isFinite(value))))
    throw new ValidationError('multinomial: weights must be finite and non-negative', { parameter: 'weights', received: values.find(value => !(value >= 0)) });
  const positive = values.filter(value => value > 0).length;
  if (positive === 0) throw new ValidationError('multinomial: weights must not all be zero', { parameter: 'weights', received: 0 });
  if (!replacement && count > positive)
    throw new ValidationError(`multinomial: cannot draw ${count} of ${positive} without replacement`, { parameter: 'count', received: count });
  const drawn = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const target = generator.double() * values.reduce((sum, value) => sum + value, 0);
    let [at, reached] = [0, values[0]!];
    while (reached <= target || values[at] === 0) reached += values[++at]!;
    drawn[i] = at;
    if (!replacement) values[at] = 0;
  }
  return wrap(drawn, [count], 'int32');
}
