/** Adam that finds its rate by itself, from how far all parameters have come (Mishchenko and Defazio 2023). */
import { fromTypedArray, keep, noGrad, type Tensor, zeros } from '@gtc/tensor';
import { checkSettings, groupsOf } from './optimizer.js';
import type { Values } from './rules.js';

/** Settings of {@link Prodigy}. */
export interface ProdigyOptions {
  /** Factor of the rate that is found. Default: 1. */
  readonly lr?: number;
  /** Default: [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Memory of distances. Default: `√β₂`. */
  readonly beta3?: number | null;
  /** First guess of the distance to the solution. */
  readonly d0?: number;
  readonly dCoef?: number;
  /** Greatest growth of the guess in a step. */
  readonly growthRate?: number;
  readonly weightDecay?: number;
  readonly biasCorrection?: boolean;
  readonly safeguardWarmup?: boolean;
  readonly eps?: number;
}

interface State {
  readonly s: Tensor;
  readonly start: Tensor;
  readonly expAvg: Tensor;
  readonly expAvgSq: Tensor;
}

/** @see createOptimizer */
export class Prodigy {
  readonly params: readonly Tensor[];
  readonly options: Required<Omit<ProdigyOptions, 'beta3'>> & { readonly beta3: number };
  readonly #states = new Map<Tensor, State>();
  #step = 0;
  #d: number;
  #most: number;
  #numerator = 0;

  constructor(params: readonly Tensor[], options: ProdigyOptions = {}) {
    this.params = groupsOf(params).flatMap(group => group.params);
    checkSettings({ ...options });
    const { betas = [0.9, 0.999], beta3, ...rest } = options;
    this.options = {
      betas,
      beta3: beta3 ?? Math.sqrt(betas[1]),
      lr: 1,
      d0: 1e-6,
      dCoef: 1,
      growthRate: Number.POSITIVE_INFINITY,
      weightDecay: 0,
      biasCorrection: false,
      safeguardWarmup: false,
      eps: 1e-8,
      ...rest,
    };
    this.#d = this.options.d0;
    this.#most = this.options.d0;
  }

  /** The guess of the distance to the solution, by which the rate is multiplied. */
  get d(): number {
    return this.#d;
  }

  #stateOf(parameter: Tensor): State {
    const known = this.#states.get(parameter);
    if (known !== undefined) return known;
    const made = (): Tensor => keep(zeros(parameter.shape, { dtype: parameter.dtype }));
    const state = { s: made(), start: keep(parameter.detach().clone()), expAvg: made(), expAvgSq: made() };
    this.#states.set(parameter, state);
    return state;
  }

  /** One step for all parameters that have a gradient. */
  step(): void {
    const { lr, betas, beta3, d0, dCoef, growthRate, biasCorrection, weightDecay, eps } = this.options;
    const [beta1, beta2] = betas;
    this.#step++;
    const correction = biasCorrection ? (1 - beta1 ** this.#step) / Math.sqrt(1 - beta2 ** this.#step) : 1;
    const [d, rate] = [this.#d, (this.#d * lr) / correction];
    const moved = this.params.filter(parameter => parameter.grad !== null);
    this.#numerator *= beta3;
    let distance = 0;
    for (const parameter of moved) distance += this.#observe(parameter, rate);
    if (distance === 0) return;
    const guess = (dCoef * this.#numerator) / distance;
    const first = d === d0 ? Math.max(d, guess) : d;
    this.#most = Math.max(this.#most, guess);
    this.#d = Math.min(this.#most, first * growthRate);
    for (const parameter of moved) {
      const { expAvg, expAvgSq } = this.#stateOf(parameter);
      const p = (parameter.data as Values).slice();
      const [m, v] = [expAvg.data as Values, expAvgSq.data as Values];
      for (let i = 0; i < p.length; i++) p[i] = p[i]! * (1 - rate * weightDecay) - (rate * m[i]!) / (Math.sqrt(v[i]!) + this.#d * eps);
      noGrad(() => parameter.copy_(fromTypedArray(p, parameter.shape)));
    }
  }

  /** Takes in a gradient. @returns the share of the parameter in the denominator of the guess */
  #observe(parameter: Tensor, rate: number): number {
    const { betas, beta3, d0, safeguardWarmup } = this.options;
    const [beta1, beta2] = betas;
    const { s, start, expAvg, expAvgSq } = this.#stateOf(parameter);
    const [g, p, p0] = [parameter.grad!, parameter, start].map(x => x.contiguous().data as Values) as [Values, Values, Values];
    const [sums, m, v] = [s.data as Values, expAvg.data as Values, expAvgSq.data as Values];
    const d = this.#d;
    const weight = (d / d0) * (safeguardWarmup ? d : rate);
    let distance = 0;
    for (let i = 0; i < g.length; i++) {
      this.#numerator += (d / d0) * rate * g[i]! * (p0[i]! - p[i]!);
      m[i] = beta1 * m[i]! + d * (1 - beta1) * g[i]!;
      v[i] = beta2 * v[i]! + d * d * (1 - beta2) * g[i]! * g[i]!;
      sums[i] = beta3 * sums[i]! + weight * g[i]!;
      distance += Math.abs(sums[i]!);
    }
    return distance;
  }

  /** Forgets gradients. */
  zeroGrad(): void {
    for (const parameter of this.params) parameter.grad = null;
  }
}
