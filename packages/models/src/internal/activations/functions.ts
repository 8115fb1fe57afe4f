/** Activations by the names that `torch` and `config.json` files give them, and the gated layers made of them. */
import { oneOf, ShapeError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import * as gtc from '@gtc/tensor';

const { add, clip, div, erf, gelu, mul, relu, sigmoid, sub, tanh } = gtc;

/** Settings of the activations that have any; the others pass them over. */
export interface ActivationSettings {
  /** Of `celu` and `elu`: what far negative values tend to, negated. */
  readonly alpha?: number;
  /** Of `leaky_relu`: slope of negative values. */
  readonly slope?: number;
  /** Of `hardshrink` and `softshrink`: half the width of what becomes 0. */
  readonly lambda?: number;
  /** Of `threshold`: values up to it become `value`. */
  readonly threshold?: number;
  readonly value?: number;
}

type Activation = (x: Tensor, settings: ActivationSettings) => Tensor;

/** Mean and spread of the Gaussian that `laplace` takes its distribution from (Ma et al. 2022, Mega). */
const [LAPLACE_MEAN, LAPLACE_SPREAD] = [707_107e-6, 282_095e-6];
/** `√(2/π)` as `gelu_fast` has it. */
const FAST = 0.7978845608;
const GELU_LIMIT = 10;
/** Above this torch takes softplus for the identity. */
const SOFTPLUS_LINEAR = 20;

/** As the libraries write it; `gelu` of `@gtc/tensor` keeps the digits that `1 + erf` loses far below 0. */
const exactGelu: Activation = x => (x.dtype === 'float64' ? mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)) : gelu(x));
const tanhGelu: Activation = x => gelu(x, { approximate: 'tanh' });

/** Torch takes `1 / alpha` for the gradient from `alpha` in single precision, whatever the type of `x`. */
const celu: Activation = (x, { alpha = 1 }) => {
  const inverse = 1 / Math.fround(alpha);
  return gtc.customFunction({
    forward: value => gtc.celu(value, { alpha }),
    backward: (g, value) => mul(g, gtc.where(gtc.gt(value, 0), gtc.onesLike(value), mul(gtc.exp(mul(value, inverse)), alpha * inverse))),
  })(x);
};

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  celu,
  elu: (x, { alpha = 1 }) => gtc.elu(x, { alpha }),
  gelu: exactGelu,
  gelu_10: x => clip(exactGelu(x, {}), -GELU_LIMIT, GELU_LIMIT),
  gelu_fast: x => mul(mul(x, 0.5), add(tanh(mul(mul(x, FAST), add(mul(mul(x, x), 0.044715), 1))), 1)),
  gelu_new: tanhGelu,
  gelu_python: exactGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_tanh: tanhGelu,
  hardshrink: (x, { lambda = 0.5 }) => gtc.hardshrink(x, { lambda }),
  hardsigmoid: x => gtc.hardsigmoid(x),
  hardswish: x => gtc.hardswish(x),
  hardtanh: x => gtc.hardtanh(x),
  laplace: x => mul(add(erf(div(sub(x, LAPLACE_MEAN), LAPLACE_SPREAD * Math.SQRT2)), 1), 0.5),
  leaky_relu: (x, { slope = 0.01 }) => gtc.leakyRelu(x, { slope }),
  linear: x => x,
  logsigmoid: x => gtc.logSigmoid(x),
  mish: x => gtc.mish(x),
  quick_gelu: x => mul(x, sigmoid(mul(x, 1.702))),
  relu: x => relu(x),
  relu2: x => mul(relu(x), relu(x)),
  relu6: x => gtc.relu6(x),
  selu: x => gtc.selu(x),
  sigmoid: x => sigmoid(x),
  silu: x => gtc.silu(x),
  softplus: x => gtc.where(gtc.gt(x, SOFTPLUS_LINEAR), x, gtc.softplus(x)),
  softshrink: (x, { lambda = 0.5 }) => gtc.softshrink(x, { lambda }),
  softsign: x => gtc.softsign(x),
  swish: x => gtc.silu(x),
  tanh: x => tanh(x),
  tanhshrink: x => gtc.tanhshrink(x),
  // NaN is above no threshold, and stays.
  threshold: (x, { threshold = 0, value = 0 }) => gtc.where(gtc.le(x, threshold), gtc.fullLike(x, value), x),
};

/** Names that {@link activation} knows, in ascending order. */
export const ACTIVATION_NAMES: readonly string[] = Object.keys(ACTIVATIONS);

/**
 * An activation by name, such as the `hidden_act` of a `config.json`.
 *
 * @param x any shape
 * @returns a tensor of the same shape; gradients flow through
 * @throws {ValidationError} for a name that is not known
 * @remarks Python: `transformers.activations.ACT2FN[name]` and `torch.nn.functional`; within 1e-5 in float32, 1e-12 in float64.
 * @example
 * import { tensor } from '@gtc/tensor';
 * activation(tensor([-1, 2]), 'relu2').tolist() // => [0, 4]
 */
export function activation(x: Tensor, name: string, settings: ActivationSettings = {}): Tensor {
  return ACTIVATIONS[oneOf(name, 'name', ACTIVATION_NAMES)]!(x, settings);
}

const project = (x: Tensor, weight: Tensor, bias: Tensor | null): Tensor => gtc.linear(x, weight, bias);

const GATES: Readonly<Record<string, Activation>> = {
  bilinear: x => x,
  geglu: exactGelu,
  geglu_tanh: tanhGelu,
  glu: x => sigmoid(x),
  reglu: x => relu(x),
  swiglu: x => gtc.silu(x),
};

/** Weights of a gated layer. */
export interface GatedMlpWeights {
  /** `[inner, model]` */
  readonly gateWeight: Tensor;
  /** `[inner, model]` */
  readonly upWeight: Tensor;
  /** `[model, inner]` */
  readonly downWeight: Tensor;
  /** `[inner]` */
  readonly gateBias?: Tensor | null;
  /** `[inner]` */
  readonly upBias?: Tensor | null;
  /** `[model]` */
  readonly downBias?: Tensor | null;
}

/**
 * The gated layer of Llama and its kin: `W_down (g(W_gate x) · W_up x)`.
 *
 * @param x `[..., model]`
 * @param variant `swiglu`, `geglu`, `geglu_tanh`, `reglu`, `glu` or `bilinear`: what `g` is
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} for a variant that is not known
 * @remarks Shazeer 2020. Python: `transformers`' `LlamaMLP`; within 1e-5.
 * @example
 * import { ones } from '@gtc/tensor';
 * const weight = ones([1, 1]);
 * gatedMlp(ones([1, 1]), { gateWeight: weight, upWeight: weight, downWeight: weight }, 'bilinear').item() // => 1
 */
export function gatedMlp(x: Tensor, weights: GatedMlpWeights, variant = 'swiglu'): Tensor {
  const { gateWeight, upWeight, downWeight, gateBias = null, upBias = null, downBias = null } = weights;
  const gate = GATES[oneOf(variant, 'variant', Object.keys(GATES))]!;
  const model = x.shape.at(-1)!;
  ShapeError.check({ gateWeight: [gateWeight, ['inner', model]], upWeight: [upWeight, ['inner', model]], downWeight: [downWeight, [model, 'inner']] });
  const inner = mul(gate(project(x, gateWeight, gateBias), {}), project(x, upWeight, upBias));
  return project(inner, downWeight, downBias);
}
