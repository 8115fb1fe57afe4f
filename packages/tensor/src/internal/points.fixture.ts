/** Where laws test gradients. */
import { type Tensor, tensor } from '../index.js';

/** Numbers of a shape without pattern, in double precision. */
export const point = (...shape: number[]): Tensor =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + 1) + 0.13 * i),
    { dtype: 'float64' },
  ).reshape(shape);
