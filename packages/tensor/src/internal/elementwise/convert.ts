/** Changing the element type. */
import { type DType, isFloating } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { convert } from '../core/elements.js';

/**
 * The elements as another type: fractions are cut towards zero, integers out of range wrap, fractions out of range saturate, NaN becomes 0;
 * 16-bit floats round once, ties to even. Gradients come back in the first type.
 *
 * @returns the tensor itself where it has the type already
 * @remarks Python: `x.to(dtype)`, `numpy.ndarray.astype`.
 * @example astype(tensor([1.9, -1.9]), 'int32').tolist() // => [1, -1]
 */
export function astype(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const y = wrap(convert(x.data, x.dtype, dtype), x.shape, dtype);
  return isFloating(dtype) ? record('astype', y, [x], g => [g]) : y;
}
