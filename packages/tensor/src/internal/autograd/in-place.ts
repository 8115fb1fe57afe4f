/** Writing a result into an existing tensor: what may be written to, and the history that follows. */
import { ShapeError, StateError, ValidationError } from '@gtc/errors';
import { isFloating, promoteTypes } from '../../dtypes.js';
import type { Tensor } from '../../tensor.js';
import { convert, copyElements } from '../core/elements.js';
import { broadcastShapes, broadcastStrides, rowMajor, showShape } from '../core/shape.js';
import { GraphNode, isRecording, watchInstead } from './graph.js';
import { eraseThrough, geometryOf, readThrough } from './views.js';

/** Refuses tensors that must not be written to: leaves that are being trained, and views that repeat elements. */
function checkWritable(target: Tensor, operation: string): void {
  const { base, shape, strides } = target;
  if (shape.some((length, axis) => length > 1 && strides[axis] === 0))
    throw new ValidationError(`${operation}: the target repeats elements (it was expanded); clone() it before writing`, {
      parameter: 'target',
      received: shape,
    });
  if (!isRecording()) return;
  const trained = base ?? target;
  if (trained.requiresGrad && trained.isLeaf)
    throw new StateError(`${operation}: a ${base === null ? '' : 'view of a '}leaf that requires gradients is written in place; do it inside noGrad`);
}

/** Whether a result of one type may be kept in a tensor of another: integers take no fractions, bool takes bool. */
function fits(from: Tensor['dtype'], to: Tensor['dtype']): boolean {
  if (isFloating(to)) return true;
  return !isFloating(from) && (to !== 'bool' || from === 'bool') && (promoteTypes(from, to) === to || to !== 'bool');
}

/**
 * Copies a result into a tensor; the result may broadcast to it and is converted to its type.
 *
 * @returns the target
 */
export function writeInPlace(target: Tensor, result: Tensor, operation: string): Tensor {
  const { shape, strides, offset, dtype, storage, base } = target;
  checkWritable(target, operation);
  const common = broadcastShapes([shape, result.shape], operation);
  if (showShape(common) !== showShape(shape))
    throw new ShapeError(`${operation}: a result of shape ${showShape(common)} does not fit the target of shape ${showShape(shape)}`, { parameter: 'target' });
  if (!fits(result.dtype, dtype))
    throw new ValidationError(`${operation}: a result of dtype ${result.dtype} does not fit the target's dtype ${dtype}`, {
      parameter: 'dtype',
      received: dtype,
    });
  // A contiguous copy first: the target may overlap what it is written from.
  const values = convert(result.data, result.dtype, dtype);
  const from = { strides: broadcastStrides(result.shape, rowMajor(result.shape), shape), offset: 0 };
  copyElements(values, from, storage.data, { strides, offset }, shape);
  storage.version++;
  const owner = base ?? target;
  if (!isRecording() || !(result.requiresGrad || owner.requiresGrad)) return target;
  const { node } = result;
  if (base === null && result.dtype === dtype && showShape(result.shape) === showShape(shape)) {
    watchInstead(node, result, target);
    target.setNode(node, { rebase: true });
    return target;
  }
  const [whole, part] = [geometryOf(owner), geometryOf(target)];
  const inputs = [owner, result].map(input => ({ node: input.node, shape: input.shape, dtype: input.dtype }));
  const rule = (gradient: Tensor): readonly Tensor[] => [eraseThrough(gradient, whole, part), readThrough(gradient, whole, part)];
  owner.setNode(new GraphNode(operation, inputs, rule), { rebase: true });
  return target;
}
