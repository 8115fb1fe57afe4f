/** One step of Adam with decoupled decay of weights, in place. */
import { ShapeError, StateError } from '@gtc/errors';
import { zeros } from '../../creation.js';
import type { Tensor } from '../../tensor.js';
import { release } from '../core/scope.js';
import { showShape } from '../core/shape.js';
import type { NumberArray } from '../core/storage.js';
import { kernelsFor } from '../kernels/elementwise.js';
import { withFrame } from '../kernels/frame.js';

/** What Adam remembers of a parameter. */
export interface AdamWState {
  /** Steps taken. */
  step: number;
  /** Running mean of the gradient. */
  readonly expAvg: Tensor;
  /** Running mean of its square. */
  readonly expAvgSq: Tensor;
}

/** Settings of a step; defaults are torch's. */
export interface AdamWOptions {
  /** Default: 1e-3. */
  readonly lr?: number;
  /** Default: [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default: 1e-8. */
  readonly eps?: number;
  /** Default: 0.01. */
  readonly weightDecay?: number;
}

/**
 * The state of a parameter before the first step: zeros.
 *
 * @remarks Python: what `torch.optim.AdamW` keeps in `state[parameter]`.
 * @example adamwState(zeros([2])).expAvg.tolist() // => [0, 0]
 */
export function adamwState({ shape, dtype }: Tensor): AdamWState {
  const state = { step: 0, expAvg: zeros(shape, { dtype }), expAvgSq: zeros(shape, { dtype }) };
  release(state.expAvg.storage);
  release(state.expAvgSq.storage);
  return state;
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019): `p <- p (1 - lr weightDecay)`, then `p <- p - lr m̂ / (√v̂ + eps)` with the bias-corrected running
 * means of the gradient and of its square.
 *
 * @param parameter float32 or float64, contiguous, with a gradient of its shape; written in place
 * @param state what {@link adamwState} gave; written in place
 * @throws {StateError} without a gradient
 * @throws {ShapeError} when gradient or state have another shape
 * @remarks Python: one step of `torch.optim.AdamW` for one parameter; within 1e-6 relative.
 * @example
 * const p = tensor([1], { requiresGrad: true });
 * p.mul(2).sum().backward();
 * adamwStep(p, adamwState(p), { lr: 0.5, weightDecay: 0 });
 * p.at(0) // => 0.5
 */
export function adamwStep(parameter: Tensor, state: AdamWState, options: AdamWOptions = {}): void {
  const { grad, shape } = parameter;
  if (grad === null) throw new StateError('adamwStep: the parameter has no gradient; call backward() first');
  for (const each of [grad, state.expAvg, state.expAvgSq])
    if (showShape(each.shape) !== showShape(shape) || each.dtype !== parameter.dtype)
      throw new ShapeError(
        `adamwStep: gradient and state must be like the parameter, ${showShape(shape)} ${parameter.dtype}, got ${showShape(each.shape)} ${each.dtype}`,
        { parameter: 'state', received: each.shape },
      );
  state.step++;
  const arrays = [parameter.storage.data, grad.data, state.expAvg.storage.data, state.expAvgSq.storage.data] as NumberArray[];
  const [p, g, m, v] = arrays as [NumberArray, NumberArray, NumberArray, NumberArray];
  stepArrays(p, g, m, v, state.step, options);
  for (const { storage } of [parameter, state.expAvg, state.expAvgSq]) storage.version++;
}

function stepArrays(
  p: NumberArray,
  g: NumberArray,
  m: NumberArray,
  v: NumberArray,
  step: number,
  { lr = 1e-3, betas: [beta1, beta2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 }: AdamWOptions,
): void {
  const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
  const kernels = kernelsFor(p.length, p, g, m, v);
  const done =
    kernels !== null &&
    withFrame(frame => {
      const [pAt, gAt, mAt, vAt] = [frame.inOut(p), frame.input(g), frame.inOut(m), frame.inOut(v)];
      return () => kernels.adamw(pAt, gAt, mAt, vAt, p.length, lr, beta1, beta2, eps, weightDecay, correction1, correction2);
    });
  if (done) return;
  const root = Math.sqrt(correction2);
  for (let i = 0; i < p.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! * g[i]!;
    p[i] = p[i]! * (1 - lr * weightDecay) - ((lr / correction1) * m[i]!) / (Math.sqrt(v[i]!) / root + eps);
  }
}
