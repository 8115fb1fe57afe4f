/** Attribution by gradients: plain, along a path, with other rules for activations, and of layers. */
import { inRange, integer, nonNegative, oneOf, positive, ShapeError, UnsupportedError, ValidationError } from '@gtc/errors';
import { abs, add, cat, mean, mul, relu, sub, sum, type Tensor, tensor, where, zerosLike } from '@gtc/tensor';
import { customFunction, enableGrad, grad, noGrad } from '@gtc/tensor/autograd';
import * as nn from '@gtc/tensor/nn';
import { NumpyRandom } from '@gtc/tensor/random';
import { withForwards, withHooks } from './hooks.js';

/** A network: scores `[batch, classes]`, or `[batch]`, of inputs `[batch, ...]`. */
export type ScoreFunction = (x: Tensor) => Tensor;
/** A network whose modules can be listened to. */
export type ScoreModule = nn.Module & { forward(x: Tensor): Tensor };

/** Which class is explained; null for networks with one score. */
export interface TargetOptions {
  readonly target?: number | null;
}

/** A leaf with the elements of a tensor. */
const leafOf = (x: Tensor): Tensor => x.detach().clone().requiresGrad_();

/** The score of the target of each sample, `[batch]`. @throws {ValidationError | ShapeError} for outputs that have none */
function scoresOf(output: Tensor, target: number | null, batch: number): Tensor {
  if (output.shape[0] !== batch || output.ndim > 2)
    throw new ShapeError(`the network must give scores [${batch}, classes] or [${batch}], got [${output.shape.join(', ')}]`, {
      parameter: 'network',
      received: output.shape,
    });
  if (output.ndim === 1) {
    if (target !== null)
      throw new ValidationError(`target must be null for a network with one score, got ${target}`, { parameter: 'target', received: target });
    return output;
  }
  if (target === null)
    throw new ValidationError(`target must be a class from 0 to ${output.shape[1]! - 1}, got null`, { parameter: 'target', received: target });
  inRange(integer(target, 'target'), 'target', { min: 0, below: output.shape[1]! });
  return output.get(':', target);
}

/** The gradient of the target's score by the input. */
function gradientOf(network: ScoreFunction, x: Tensor, target: number | null): Tensor {
  const leaf = leafOf(x);
  return grad([sum(scoresOf(network(leaf), target, x.shape[0]!))], [leaf])[0]!;
}

/** What stands for absence: a number in all places, or an input of the same shape. @throws {ShapeError} for any other */
export function baselineOf(x: Tensor, baseline: Tensor | number): Tensor {
  if (typeof baseline === 'number') return add(zerosLike(x), baseline);
  if (baseline.shape.join() !== x.shape.join())
    throw new ShapeError(`baseline must have the shape [${x.shape.join(', ')}] of x, got [${baseline.shape.join(', ')}]`, {
      parameter: 'baseline',
      received: baseline.shape,
    });
  return baseline;
}

/** How the path is cut: Gauss and Legendre's rule, or Riemann's sums. */
export type PathMethod = 'gausslegendre' | 'riemann_right' | 'riemann_left' | 'riemann_middle' | 'riemann_trapezoid';

/** Places on [0, 1] and their weights. */
interface Rule {
  readonly places: number[];
  readonly weights: number[];
}

/** Nodes and weights of Gauss and Legendre's rule with n points, by Newton's steps from Tricomi's first digits. */
function gaussLegendre(n: number): Rule {
  const places: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 100; step++) {
      let [before, value] = [1, x];
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      if (n === 1) before = 1;
      slope = (n * (x * value - before)) / (x * x - 1);
      const move = value / slope;
      x -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    places.unshift((1 + x) / 2);
    weights.unshift(1 / ((1 - x * x) * slope * slope));
  }
  return { places, weights };
}

const spaced = (from: number, to: number, n: number): number[] => Array.from({ length: n }, (_, i) => (n === 1 ? from : from + ((to - from) * i) / (n - 1)));

const RULES: Readonly<Record<PathMethod, (n: number) => Rule>> = {
  gausslegendre: gaussLegendre,
  riemann_right: n => ({ places: spaced(1 / n, 1, n), weights: new Array<number>(n).fill(1 / n) }),
  riemann_left: n => ({ places: spaced(0, 1 - 1 / n, n), weights: new Array<number>(n).fill(1 / n) }),
  riemann_middle: n => ({ places: spaced(1 / (2 * n), 1 - 1 / (2 * n), n), weights: new Array<number>(n).fill(1 / n) }),
  riemann_trapezoid: n => ({ places: spaced(0, 1, n), weights: Array.from({ length: n }, (_, i) => (i === 0 || i === n - 1 ? 0.5 : 1) / n) }),
};

/** Options of {@link integratedGradients}. */
export interface IntegratedGradientsOptions extends TargetOptions {
  /** What stands for absence; 0 by default. */
  readonly baseline?: Tensor | number;
  /** 50 by default. */
  readonly nSteps?: number;
  /** 'gausslegendre' by default. */
  readonly method?: PathMethod;
  /** Whether the mean gradient is multiplied by the way from the baseline; true by default. */
  readonly multiplyByInputs?: boolean;
}

/** What {@link integratedGradients} finds. */
export interface IntegratedGradients {
  /** Of the shape of the input. */
  readonly attributions: Tensor;
  /** How far the sums of attributions are from the differences of scores that they share out; `[batch]`. */
  readonly convergenceDelta: Tensor;
}

const point = (from: Tensor, way: Tensor, share: number): Tensor => add(from, mul(way, share));
const sumRows = (x: Tensor): Tensor => (x.ndim === 1 ? x : sum(x.reshape([x.shape[0]!, -1]), { axis: 1 }));

/**
 * Integrated gradients (Sundararajan, Taly and Yan 2017): gradients along the straight way from a baseline.
 *
 * @param x inputs `[batch, ...]`
 * @throws {ShapeError} for a baseline of another shape, or a network that gives no scores
 * @throws {ValidationError} for a target out of range, no steps, or an unknown method
 * @remarks Python: `captum.attr.IntegratedGradients(f).attribute(x, baselines, target=, n_steps=, method=, return_convergence_delta=True)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * integratedGradients(x => x.mul(3).sum({ axis: 1 }), tensor([[1, 2]], { dtype: 'float64' })).attributions.tolist() // => [[3, 6]]
 */
export function integratedGradients(
  network: ScoreFunction,
  x: Tensor,
  { target = null, baseline = 0, nSteps = 50, method = 'gausslegendre', multiplyByInputs = true }: IntegratedGradientsOptions = {},
): IntegratedGradients {
  positive(integer(nSteps, 'nSteps'), 'nSteps');
  const { places, weights } = RULES[oneOf(method, 'method', Object.keys(RULES) as PathMethod[])](nSteps);
  const from = baselineOf(x, baseline);
  const way = sub(x, from);
  const total = places.reduce((all, place, i) => add(all, mul(gradientOf(network, point(from, way, place), target), weights[i]!)), zerosLike(x));
  const attributions = multiplyByInputs ? mul(total, way) : total;
  const batch = x.shape[0]!;
  const difference = noGrad(() => sub(scoresOf(network(x), target, batch), scoresOf(network(from), target, batch)));
  return { attributions, convergenceDelta: sub(sumRows(attributions), difference) };
}

/** Options of {@link saliency}. */
export interface SaliencyOptions extends TargetOptions {
  /** Sizes alone, without signs; true by default. */
  readonly absolute?: boolean;
}

/**
 * The gradient of a score by the input (Simonyan, Vedaldi and Zisserman 2014).
 *
 * @throws {ValidationError | ShapeError} as {@link integratedGradients}
 * @remarks Python: `captum.attr.Saliency(f).attribute(x, target=, abs=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * saliency(x => x.mul(-3).sum({ axis: 1 }), tensor([[1, 2]])).tolist() // => [[3, 3]]
 */
export function saliency(network: ScoreFunction, x: Tensor, { target = null, absolute = true }: SaliencyOptions = {}): Tensor {
  const found = gradientOf(network, x, target);
  return absolute ? abs(found) : found;
}

/**
 * The gradient times the input.
 *
 * @throws {ValidationError | ShapeError} as {@link integratedGradients}
 * @remarks Python: `captum.attr.InputXGradient(f).attribute(x, target=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * inputXGradient(x => x.mul(3).sum({ axis: 1 }), tensor([[1, 2]])).tolist() // => [[3, 6]]
 */
export function inputXGradient(network: ScoreFunction, x: Tensor, { target = null }: TargetOptions = {}): Tensor {
  return mul(gradientOf(network, x, target), x);
}

/** Options of {@link smoothGrad}. */
export interface SmoothGradOptions extends SaliencyOptions {
  /** 25 by default. */
  readonly nSamples?: number;
  /** Deviation of the noise; 0.1 by default. */
  readonly stdev?: number;
  /** Seed of numpy's `default_rng`; 0 by default. */
  readonly seed?: number | null;
}

/**
 * Saliency, averaged over inputs with normal noise (Smilkov et al. 2017).
 *
 * @throws {ValidationError | ShapeError} as {@link integratedGradients}, or for no samples
 * @remarks Python: `captum.attr.NoiseTunnel(Saliency(f)).attribute(x, nt_type='smoothgrad', nt_samples=, stdevs=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * smoothGrad(x => x.mul(3).sum({ axis: 1 }), tensor([[1, 2]])).tolist() // => [[3, 3]]
 */
export function smoothGrad(network: ScoreFunction, x: Tensor, { nSamples = 25, stdev = 0.1, seed = 0, ...options }: SmoothGradOptions = {}): Tensor {
  positive(integer(nSamples, 'nSamples'), 'nSamples');
  nonNegative(stdev, 'stdev');
  const random = new NumpyRandom(seed);
  let total = zerosLike(x);
  for (let i = 0; i < nSamples; i++) {
    const noise = tensor(
      Array.from({ length: x.size }, () => stdev * random.standardNormal()),
      { dtype: x.dtype },
    ).reshape([...x.shape]);
    total = add(total, saliency(network, add(x, noise), options));
  }
  return mul(total, 1 / nSamples);
}

/** Modules inside a network, of the given kinds. @throws {UnsupportedError} where there are none */
function modulesOf(network: nn.Module, kinds: readonly (abstract new (...args: never[]) => nn.Module)[], what: string): nn.Module[] {
  const found = network.namedModules().flatMap(([, module]) => (kinds.some(kind => module instanceof kind) ? [module] : []));
  if (found.length === 0)
    throw new UnsupportedError(`${what} needs a network with modules of ${kinds.map(kind => kind.name).join(', ')}, and this one has none`, {
      parameter: 'network',
    });
  return found;
}

/** The gradient of a network whose rectifiers pass another one back. */
function rectified(network: ScoreModule, x: Tensor, target: number | null, back: (gradient: Tensor, input: Tensor) => Tensor): Tensor {
  const rule = customFunction({ forward: input => relu(input), backward: back });
  return withForwards(
    modulesOf(network, [nn.ReLU], 'this attribution'),
    (_module, _forward, [input]) => rule(input as Tensor),
    () => gradientOf(input => network.forward(input), x, target),
  );
}

/**
 * Guided backpropagation (Springenberg et al. 2015): rectifiers let only positive gradients back, and only where they were open.
 *
 * @throws {UnsupportedError} for a network without `nn.ReLU`
 * @throws {ValidationError | ShapeError} as {@link integratedGradients}
 * @remarks Python: `captum.attr.GuidedBackprop(model).attribute(x, target=)`.
 */
export function guidedBackprop(network: ScoreModule, x: Tensor, { target = null }: TargetOptions = {}): Tensor {
  return rectified(network, x, target, (g, input) => where(input.gt(0), relu(g), zerosLike(g)));
}

/**
 * Deconvolution (Zeiler and Fergus 2014): rectifiers let only positive gradients back.
 *
 * @throws {UnsupportedError} for a network without `nn.ReLU`
 * @throws {ValidationError | ShapeError} as {@link integratedGradients}
 * @remarks Python: `captum.attr.Deconvolution(model).attribute(x, target=)`.
 */
export function deconvolution(network: ScoreModule, x: Tensor, { target = null }: TargetOptions = {}): Tensor {
  return rectified(network, x, target, g => relu(g));
}

/** Activations that act on each element alone. */
const ACTIVATIONS = [nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.LeakyReLU] as const;

/** Differences of inputs below this are none: the slope takes the place of the ratio. */
const TINY = 1e-10;

/**
 * DeepLift with the rescale rule (Shrikumar, Greenside and Kundaje 2017): activations pass back the ratio of differences from a baseline instead of a slope.
 *
 * @param options target; baseline, 0 by default
 * @throws {UnsupportedError} for a network without activations as modules
 * @throws {ValidationError | ShapeError} as {@link integratedGradients}
 * @remarks Python: `captum.attr.DeepLift(model).attribute(x, baselines, target=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * import * as nn from '@gtc/tensor/nn';
 * deepLift(new nn.Sequential(new nn.ReLU()), tensor([[3, -1]]), { target: 0 }).tolist() // => [[3, 0]]
 */
export function deepLift(
  network: ScoreModule,
  x: Tensor,
  { target = null, baseline = 0 }: TargetOptions & { readonly baseline?: Tensor | number } = {},
): Tensor {
  const from = baselineOf(x, baseline);
  const batch = x.shape[0]!;
  const halves = (both: Tensor): [Tensor, Tensor] => [both.get(`:${batch}`), both.get(`${batch}:`)];
  const around = (_module: nn.Module, forward: (...inputs: unknown[]) => unknown, inputs: unknown[]): unknown => {
    const [input] = inputs as [Tensor];
    const rule = customFunction({
      forward: both => forward(both) as Tensor,
      backward: (g, both) => {
        const { output, slope } = enableGrad(() => {
          const leaf = leafOf(both);
          const y = forward(leaf) as Tensor;
          return { output: y, slope: grad([sum(y)], [leaf])[0]! };
        });
        const [own, base] = halves(both.detach());
        const [ownOut, baseOut] = halves(output.detach());
        const step = sub(own, base);
        const flat = abs(step).lt(TINY);
        const ratio = where(flat, halves(slope)[0], sub(ownOut, baseOut).div(where(flat, add(zerosLike(step), 1), step)));
        const [upper, lower] = halves(g);
        return cat([mul(upper, ratio), zerosLike(lower)]);
      },
    });
    return rule(input);
  };
  const gradient = withForwards(modulesOf(network, ACTIVATIONS, 'DeepLift'), around, () => {
    const leaf = leafOf(cat([x, from]));
    const scores = scoresOf(network.forward(leaf), target, 2 * batch);
    return grad([sum(scores.get(`:${batch}`))], [leaf])[0]!;
  });
  return mul(halves(gradient)[0], sub(x, from));
}

/** What a layer gave, and the gradient of the target's score by it. */
function atLayer(network: ScoreModule, layer: nn.Module, x: Tensor, target: number | null): { activation: Tensor; gradient: Tensor } {
  let seen: Tensor | null = null;
  const scores = withHooks(
    new Map([
      [
        layer,
        output => {
          seen = leafOf(output);
          return seen;
        },
      ],
    ]),
    () => scoresOf(network.forward(x), target, x.shape[0]!),
  );
  if (seen === null) throw new ValidationError('layer must be a module that the network runs through', { parameter: 'layer', received: layer });
  return { activation: (seen as Tensor).detach(), gradient: grad([sum(scores)], [seen])[0]! };
}

/**
 * What a layer gives.
 *
 * @throws {ValidationError} for a layer that the network does not run through
 * @remarks Python: `captum.attr.LayerActivation(model, layer).attribute(x)`.
 */
export function layerActivation(network: ScoreModule, layer: nn.Module, x: Tensor): Tensor {
  let seen: Tensor | null = null;
  const hook = (output: Tensor): undefined => {
    seen = output;
  };
  noGrad(() => withHooks(new Map([[layer, hook]]), () => network.forward(x)));
  if (seen === null) throw new ValidationError('layer must be a module that the network runs through', { parameter: 'layer', received: layer });
  return seen;
}

/**
 * Conductance (Dhamdhere, Sundararajan and Yan 2019): what of the integrated gradients flows through each unit of a layer.
 *
 * @param options as {@link integratedGradients}
 * @throws {ValidationError | ShapeError} as {@link integratedGradients}, or for a layer that the network does not run through
 * @remarks Python: `captum.attr.LayerConductance(model, layer).attribute(x, baselines, target=, n_steps=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * import * as nn from '@gtc/tensor/nn';
 * const layer = new nn.ReLU();
 * layerConductance(new nn.Sequential(layer), layer, tensor([[3, -1]]), { target: 0, method: 'riemann_trapezoid' }).tolist() // => [[3, 0]]
 */
export function layerConductance(
  network: ScoreModule,
  layer: nn.Module,
  x: Tensor,
  { target = null, baseline = 0, nSteps = 50, method = 'gausslegendre' }: Omit<IntegratedGradientsOptions, 'multiplyByInputs'> = {},
): Tensor {
  positive(integer(nSteps, 'nSteps'), 'nSteps');
  const { places } = RULES[oneOf(method, 'method', Object.keys(RULES) as PathMethod[])](nSteps + 1);
  const from = baselineOf(x, baseline);
  const way = sub(x, from);
  const steps = places.map(place => atLayer(network, layer, point(from, way, place), target));
  return steps
    .slice(1)
    .map((step, i) => mul(sub(step.activation, steps[i]!.activation), steps[i]!.gradient))
    .reduce((total, part) => add(total, part));
}

/** Options of {@link gradCam}. */
export interface GradCamOptions extends TargetOptions {
  /** Leaves out what speaks against the target; false by default. */
  readonly reluAttributions?: boolean;
}

/**
 * Grad-CAM (Selvaraju et al. 2017): the channels of a layer, weighed by the mean of their gradients.
 *
 * @param layer whose output is `[batch, channels, ...]`
 * @returns `[batch, 1, ...]`
 * @throws {ValidationError | ShapeError} as {@link layerConductance}, or for a layer without places
 * @remarks Python: `captum.attr.LayerGradCam(model, layer).attribute(x, target=, relu_attributions=)`.
 * @example
 * import { ones } from '@gtc/tensor';
 * import * as nn from '@gtc/tensor/nn';
 * const layer = new nn.Conv2d(1, 2, 3);
 * gradCam(new nn.Sequential(layer, new nn.Flatten()), layer, ones([1, 1, 5, 5]), { target: 0 }).shape // => [1, 1, 3, 3]
 */
export function gradCam(network: ScoreModule, layer: nn.Module, x: Tensor, { target = null, reluAttributions = false }: GradCamOptions = {}): Tensor {
  const { activation, gradient } = atLayer(network, layer, x, target);
  if (activation.ndim < 3)
    throw new ShapeError(`the layer must give [batch, channels, ...], got [${activation.shape.join(', ')}]`, {
      parameter: 'layer',
      received: activation.shape,
    });
  const places = activation.shape.slice(2).map((_, i) => i + 2);
  const weights = mean(gradient, { axis: places, keepdims: true });
  const map = sum(mul(weights, activation), { axis: 1, keepdims: true });
  return reluAttributions ? relu(map) : map;
}
