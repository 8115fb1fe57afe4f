/** Gradients: of results by tensors, of functions, recorded or not. Semantics are those of PyTorch. */
import { StateError, ValidationError } from '@gtc/errors';
import { onesLike, zerosLike } from './creation.js';
import { isFloating } from './dtypes.js';
import { type Arithmetic, type BackwardOptions, type GraphNode, isRecording, record, runBackward, seed, withRecording } from './internal/autograd/graph.js';
import { axesOf, showShape } from './internal/core/shape.js';
import { add, mul } from './internal/elementwise/arithmetic.js';
import { set } from './internal/indexing/select.js';
import { sum } from './internal/reductions/sums.js';
import { stack } from './internal/shape/join.js';
import { reshape } from './internal/shape/views.js';
import { type Tensor, tensor } from './tensor.js';

export { type OperationListener, observeOperations } from './internal/autograd/graph.js';

/** Sums a gradient over the axes along which its input was repeated, and gives it the input's type. */
function conform(gradient: Tensor, shape: readonly number[], dtype: Tensor['dtype']): Tensor {
  const typed = gradient.dtype === dtype ? gradient : gradient.astype(dtype);
  if (showShape(typed.shape) === showShape(shape)) return typed;
  const lead = typed.ndim - shape.length;
  const repeated = axesOf(undefined, typed.ndim, 'backward').filter(axis => axis < lead || (shape[axis - lead] === 1 && typed.shape[axis] !== 1));
  return reshape(sum(typed, { axis: repeated }), shape);
}

const ARITHMETIC: Arithmetic = { add, conform };

/**
 * Walks the graph from a result and adds the gradients of its leaves to their `grad`.
 *
 * @param options `gradOut` gradient of the result, needed unless it has one element; `retainGraph`, `createGraph`
 * @throws {StateError} without a graph, or on a second walk over freed values
 * @remarks Python: `y.backward(gradient, retain_graph, create_graph)`.
 * @example
 * const x = tensor([3], { requiresGrad: true });
 * backward(square(x));
 * x.grad.tolist() // => [6]
 */
export function backward(output: Tensor, { gradOut, ...options }: BackwardOptions & { readonly gradOut?: Tensor } = {}): void {
  const start = seed(output, gradOut ?? null, 'backward', onesLike);
  runBackward([[output.node!, start]], ARITHMETIC, options);
}

/** How {@link grad} starts and what it does with inputs that play no part. */
export interface GradOptions extends BackwardOptions {
  /** Gradients of the outputs; needed for those of more than one element. */
  readonly gradOutputs?: readonly (Tensor | null)[];
  /** Give null for an input that plays no part. */
  readonly allowUnused?: boolean;
}

/**
 * Gradients of outputs by inputs, added up over the outputs; no `grad` is touched.
 *
 * @throws {StateError} for an input that plays no part, unless `allowUnused`
 * @remarks Python: `torch.autograd.grad(outputs, inputs)`.
 * @example
 * const x = tensor([3], { requiresGrad: true });
 * grad([square(x)], [x])[0].tolist() // => [6]
 */
export function grad(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  { gradOutputs = [], allowUnused = false, ...options }: GradOptions = {},
): (Tensor | null)[] {
  const starts = outputs.map((output, i) => [output, seed(output, gradOutputs[i] ?? null, 'grad', onesLike)] as const);
  const nodes = inputs.map((input, i) => {
    if (input.node === null) throw new StateError(`grad: the input at index ${i} does not require gradients`);
    return input.node;
  });
  const found = runBackward(
    starts.map(([output, start]) => [output.node!, start] as const),
    ARITHMETIC,
    options,
    new Set<GraphNode>(nodes),
  );
  return nodes.map((node, i) => {
    const gradient = found.get(node) ?? null;
    if (gradient === null && !allowUnused)
      throw new StateError(`grad: the input at index ${i} plays no part in the outputs; pass allowUnused: true to get null for it`);
    return gradient;
  });
}

/**
 * Runs a function without recording operations.
 *
 * @remarks Python: `with torch.no_grad():`.
 * @example noGrad(() => square(tensor([2], { requiresGrad: true }))).requiresGrad // => false
 */
export function noGrad<T>(run: () => T): T {
  return withRecording(false, run);
}

/**
 * Runs a function with operations recorded, inside {@link noGrad} too.
 *
 * @remarks Python: `with torch.enable_grad():`.
 * @example noGrad(() => enableGrad(() => square(tensor([2], { requiresGrad: true })))).requiresGrad // => true
 */
export function enableGrad<T>(run: () => T): T {
  return withRecording(true, run);
}

/**
 * Whether operations are being recorded.
 *
 * @remarks Python: `torch.is_grad_enabled()`.
 * @example isGradEnabled() // => true
 */
export function isGradEnabled(): boolean {
  return isRecording();
}

/** A function with a gradient of one's own. */
export interface CustomFunction {
  /** The result; runs unrecorded. */
  readonly forward: (...inputs: Tensor[]) => Tensor;
  /** Gradients of the inputs from that of the result; null for none. */
  readonly backward: (gradient: Tensor, ...inputs: Tensor[]) => Tensor | null | readonly (Tensor | null)[];
}

/**
 * A function whose gradient is given instead of derived.
 *
 * @remarks Python: a subclass of `torch.autograd.Function`.
 * @example
 * const roundThrough = customFunction({ forward: x => round(x), backward: g => g });
 * const x = tensor([1.4], { requiresGrad: true });
 * grad([sum(roundThrough(x))], [x])[0].tolist() // => [1]
 */
export function customFunction({ forward, backward: rule }: CustomFunction): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const made = noGrad(() => forward(...inputs.map(input => input.detach())));
    const y = inputs.some(({ storage }) => storage === made.storage) ? made.clone() : made.detach();
    return record(
      'customFunction',
      y,
      inputs,
      g => {
        const given = rule(g, ...inputs);
        return Array.isArray(given) ? given : [given as Tensor | null];
      },
      inputs,
    );
  };
}

/**
 * Runs a function without keeping what its gradient needs; it runs again during the backward pass.
 *
 * @remarks Python: `torch.utils.checkpoint.checkpoint(fn, *inputs)`.
 * @example
 * const x = tensor([2], { requiresGrad: true });
 * grad([checkpoint(y => square(y), x)], [x])[0].tolist() // => [4]
 */
export function checkpoint(fn: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): Tensor {
  const y = noGrad(() => fn(...inputs)).detach();
  const rule = (g: Tensor, needs: readonly boolean[]): (Tensor | null)[] =>
    enableGrad(() => {
      const again = inputs.map((input, i) => (needs[i] ? input.detach().requiresGrad_() : input.detach()));
      const wanted = again.filter((_, i) => needs[i]);
      const output = fn(...again);
      if (!output.requiresGrad) return again.map(() => null);
      const found = grad([output], wanted, { gradOutputs: [g], allowUnused: true });
      return needs.map(need => (need ? found.shift()! : null));
    });
  return record('checkpoint', y, inputs, rule, inputs);
}

/** A leaf with the elements of a tensor. */
const leafOf = (x: Tensor): Tensor => x.clone().detach().requiresGrad_();

/**
 * The derivative of every element of a result by every element of an input: `[...result, ...input]`.
 *
 * @remarks Python: `torch.autograd.functional.jacobian(fn, x)`.
 * @example jacobian(x => mul(x, 2), tensor([1, 5])).tolist() // => [[2, 0], [0, 2]]
 */
export function jacobian(fn: (x: Tensor) => Tensor, x: Tensor, { createGraph = false }: { readonly createGraph?: boolean } = {}): Tensor {
  const input = createGraph ? x : leafOf(x);
  const y = fn(input);
  const rows = Array.from({ length: y.size }, (_, i) => {
    const unit = zerosLike(y);
    set(reshape(unit, [-1]), [i], 1);
    if (!y.requiresGrad) return zerosLike(input);
    return grad([y], [input], { gradOutputs: [unit], retainGraph: true, createGraph, allowUnused: true })[0] ?? zerosLike(input);
  });
  return rows.length === 0 ? reshape(zerosLike(y), [...y.shape, ...x.shape]) : reshape(stack(rows), [...y.shape, ...x.shape]);
}

/**
 * The second derivatives of a function of one value: `[...x, ...x]`.
 *
 * @remarks Python: `torch.autograd.functional.hessian(fn, x)`.
 * @example hessian(x => sum(square(x)), tensor([1, 5])).tolist() // => [[2, 0], [0, 2]]
 */
export function hessian(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  return jacobian(input => grad([fn(input)], [input], { createGraph: true })[0]!, x);
}

/**
 * The second derivatives of a function of one value times a vector.
 *
 * @remarks Python: `torch.autograd.functional.hvp(fn, x, v)[1]`.
 * @example hvp(x => sum(square(x)), tensor([1, 5]), tensor([1, 1])).tolist() // => [2, 2]
 */
export function hvp(fn: (x: Tensor) => Tensor, x: Tensor, v: Tensor): Tensor {
  const input = leafOf(x);
  const [first] = grad([fn(input)], [input], { createGraph: true });
  const slope = sum(mul(first!, v));
  return slope.requiresGrad ? (grad([slope], [input], { allowUnused: true })[0] ?? zerosLike(x)) : zerosLike(x);
}

/**
 * The derivative of a function along a direction, by two backward passes.
 *
 * @remarks Python: `torch.autograd.functional.jvp(fn, x, v)[1]`.
 * @example jvp(x => square(x), tensor([1, 5]), tensor([1, 1])).tolist() // => [2, 10]
 */
export function jvp(fn: (x: Tensor) => Tensor, x: Tensor, v: Tensor): Tensor {
  const input = leafOf(x);
  const y = fn(input);
  const weights = zerosLike(y).requiresGrad_();
  const [pulled] = grad([y], [input], { gradOutputs: [weights], createGraph: true });
  return grad([sum(mul(pulled!, v))], [weights])[0]!;
}

/** How closely {@link gradcheck} looks. */
export interface GradcheckOptions {
  /** Step of the differences. Default: 1e-6. */
  readonly eps?: number;
  /** Default: 1e-5. */
  readonly atol?: number;
  /** Default: 1e-3. */
  readonly rtol?: number;
}

/**
 * Compares gradients of a function with central differences.
 *
 * @param inputs float64 tensors; gradients are checked for each
 * @returns true
 * @throws {ValidationError} naming input, element and both numbers where they differ
 * @remarks Python: `torch.autograd.gradcheck(fn, inputs)`.
 * @example gradcheck(x => sum(square(x)), [tensor([1, 2], { dtype: 'float64' })]) // => true
 */
export function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { eps = 1e-6, atol = 1e-5, rtol = 1e-3 }: GradcheckOptions = {},
): true {
  if (inputs.some(({ dtype }) => !isFloating(dtype)))
    throw new ValidationError('gradcheck: inputs must be floating, float64 for exact differences', { parameter: 'inputs' });
  const leaves = inputs.map(leafOf);
  const y = fn(...leaves);
  const weights = tensor(
    Array.from({ length: y.size }, (_, i) => 1 + (i % 3) / 4),
    { dtype: y.dtype },
  ).reshape(y.shape);
  const value = (at: readonly Tensor[]): number => Number(noGrad(() => sum(mul(fn(...at), weights))).item());
  const gradients = grad([sum(mul(y, weights))], leaves, { allowUnused: true });
  for (const [k, leaf] of leaves.entries()) {
    const found = (gradients[k] ?? zerosLike(leaf)).data;
    for (let i = 0; i < leaf.size; i++) {
      const shifted = (by: number): Tensor[] =>
        leaves.map((each, j) => {
          const copy = each.detach().clone();
          if (j === k) copy.data[i] = Number(copy.data[i]) + by;
          return copy;
        });
      const slope = (value(shifted(eps)) - value(shifted(-eps))) / (2 * eps);
      const got = Number(found[i]);
      if (!(Math.abs(got - slope) <= atol + rtol * Math.abs(slope)))
        throw new ValidationError(`gradcheck: input ${k}, element ${i}: the gradient is ${got}, differences give ${slope}`, {
          parameter: `inputs[${k}]`,
          received: got,
        });
    }
  }
  return true;
}
