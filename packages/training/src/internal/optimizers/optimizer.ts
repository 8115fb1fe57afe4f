/** Optimizers: groups of parameters, their states, and a rule. */
import { nonEmpty, ShapeError, StateError, show, ValidationError } from '@gtc/errors';
import { fromTypedArray, full, keep, noGrad, type Tensor, zeros } from '@gtc/tensor';
import { type AdamWOptions, adamwStep } from '@gtc/tensor/nn';
import { ADAPTIVE } from './adaptive.js';
import { DESCENT } from './descent.js';
import { MATRIX } from './matrix.js';
import type { Rule, Slot, Values } from './rules.js';

const RULES: Readonly<Record<string, Rule>> = { ...ADAPTIVE, ...DESCENT, ...MATRIX };

/** Names of rules of one parameter at a time. */
export const RULE_NAMES: readonly string[] = Object.keys(RULES);

/** Settings of an optimizer, by the names of torch in camelCase; what is not given has torch's default. */
export interface OptimizerSettings {
  readonly lr?: number | null;
  readonly betas?: readonly number[];
  readonly eps?: number | readonly (number | null)[];
  readonly weightDecay?: number;
  readonly momentum?: number;
  /** Goes up instead of down. */
  readonly maximize?: boolean;
  readonly [name: string]: unknown;
}

/** Parameters with settings of their own. */
export interface ParameterGroup extends OptimizerSettings {
  readonly params: readonly Tensor[];
}

/** What an optimizer remembers, in torch's form: parameters are numbered through all groups. */
export interface OptimizerState {
  readonly state: Readonly<Record<string, Readonly<Record<string, number | Tensor>>>>;
  readonly paramGroups: readonly (OptimizerSettings & { readonly params: readonly number[] })[];
}

/** Settings that lie in [0, 1). */
const SHARES = ['beta', 'beta1', 'momentum', 'dampening', 'alpha', 'rho'];
/** Settings that are not negative. */
const AMOUNTS = ['lr', 'weightDecay', 'eps1', 'eps2', 'lrDecay', 'initialAccumulatorValue', 'matrixEps', 'trustCoefficient', 'd0'];

/** @throws {ValidationError} for a rate, decay or eps below 0, or a share outside [0, 1) */
export function checkSettings(options: OptimizerSettings): void {
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new ValidationError(`${name} must be ${expected}, got ${show(value)}`, { parameter: name, received: value, expected });
  };
  for (const name of AMOUNTS) {
    const value = options[name];
    if (value !== undefined && value !== null && !(typeof value === 'number' && value >= 0)) refuse(name, value, 'a number from 0 on');
  }
  for (const [i, value] of [options.eps ?? []].flat().entries())
    if (value !== null && !((value as number) >= 0)) refuse(Array.isArray(options.eps) ? `eps[${i}]` : 'eps', value, 'a number from 0 on');
  for (const name of SHARES) {
    const value = options[name];
    // Adam's `beta1` may be left out, and RMSprop's and Adadelta's averages may keep all.
    if (typeof value === 'number' && !(value >= 0 && value <= 1)) refuse(name, value, 'in [0, 1]');
  }
  for (const [i, value] of (options.betas ?? []).entries()) if (!(value >= 0 && value < 1)) refuse(`betas[${i}]`, value, 'in [0, 1)');
}

/** Groups from what the user gave. */
export function groupsOf(params: readonly Tensor[] | readonly ParameterGroup[]): ParameterGroup[] {
  nonEmpty(params, 'params');
  const grouped = (params as readonly (Tensor | ParameterGroup)[]).every((each): each is ParameterGroup => 'params' in each);
  const groups = grouped ? (params as readonly ParameterGroup[]) : [{ params: params as readonly Tensor[] }];
  const seen = new Set<Tensor>();
  for (const parameter of groups.flatMap(group => group.params)) {
    if (seen.has(parameter)) throw new ValidationError('params must hold each parameter once', { parameter: 'params' });
    seen.add(parameter);
    if (!parameter.dtype.startsWith('float'))
      throw new ValidationError(`params must be float32 or float64, got ${parameter.dtype}`, { parameter: 'params', received: parameter.dtype });
  }
  return [...groups];
}

interface Entry {
  step: number;
  readonly tensors: Map<string, Tensor>;
}

/** Parameters and what moves them. */
export class Optimizer {
  /** Settled settings by group; `lr` and others may be written between steps. */
  readonly paramGroups: (Record<string, unknown> & { lr: number | null; readonly params: readonly Tensor[] })[];
  readonly type: string;
  readonly #rule: Rule;
  readonly #entries = new Map<Tensor, Entry>();

  /** @see createOptimizer */
  constructor(type: string, params: readonly Tensor[] | readonly ParameterGroup[], options: OptimizerSettings = {}) {
    this.type = type;
    this.#rule = RULES[type]!;
    const { defaults, takes } = this.#rule;
    this.paramGroups = groupsOf(params).map(group => {
      const settled = { ...defaults, maximize: false, ...options, ...group };
      const unknown = Object.keys(settled).find(name => !(name in defaults) && name !== 'maximize' && name !== 'params');
      if (unknown !== undefined)
        throw new ValidationError(`${type} has no setting ${unknown}; it has ${Object.keys(defaults).join(', ')}`, { parameter: unknown });
      checkSettings(settled);
      for (const { shape } of group.params) {
        const complaint = takes?.(shape) ?? null;
        if (complaint !== null)
          throw new ShapeError(`${type} takes ${complaint}, got a parameter of shape [${shape.join(', ')}]`, { parameter: 'params', received: shape });
      }
      return settled as never;
    });
  }

  /** All parameters, group by group. */
  get params(): readonly Tensor[] {
    return this.paramGroups.flatMap(group => group.params);
  }

  #entryOf(parameter: Tensor): Entry {
    const known = this.#entries.get(parameter);
    if (known !== undefined) return known;
    const made = { step: 0, tensors: new Map<string, Tensor>() };
    this.#entries.set(parameter, made);
    return made;
  }

  #slotOf(parameter: Tensor, entry: Entry, maximize: boolean): Slot {
    const gradient = parameter.grad!;
    if (gradient.shape.join() !== parameter.shape.join() || gradient.dtype !== parameter.dtype)
      throw new ShapeError(
        `the gradient must be like its parameter, [${parameter.shape.join(', ')}] ${parameter.dtype}, got [${gradient.shape.join(', ')}] ${gradient.dtype}`,
        {
          parameter: 'grad',
          received: gradient.shape,
        },
      );
    const values = (gradient.contiguous().data as Values).slice();
    return {
      p: parameter.data as Values,
      g: maximize ? values.map(value => -value) : values,
      shape: parameter.shape,
      step: entry.step,
      parameter,
      state: (name, { fill = 0, shape = parameter.shape, from } = {}) => {
        const known = entry.tensors.get(name);
        if (known !== undefined) return known.data as Values;
        const { dtype } = parameter;
        const made = keep(from === undefined ? (fill === 0 ? zeros(shape, { dtype }) : full(shape, fill, { dtype })) : fromTypedArray(from.slice(), shape));
        entry.tensors.set(name, made);
        return made.data as Values;
      },
    };
  }

  /**
   * One step for each parameter that has a gradient.
   *
   * @throws {ShapeError} for a gradient that is not like its parameter
   * @remarks Python: `optimizer.step()`.
   */
  step(): void {
    noGrad(() => {
      for (const { params, maximize, ...options } of this.paramGroups)
        for (const parameter of params) {
          if (parameter.grad === null) continue;
          const entry = this.#entryOf(parameter);
          if (this.#fused(parameter, entry, options, Boolean(maximize))) continue;
          entry.step++;
          const slot = this.#slotOf(parameter, entry, Boolean(maximize));
          this.#rule.update(slot, options as never);
          // A view is read as a copy, which goes back.
          if (parameter.data !== slot.p) parameter.copy_(fromTypedArray(slot.p, parameter.shape));
        }
    });
  }

  /** AdamW by the kernel of `@gtc/tensor`; false where that does not apply. */
  #fused(parameter: Tensor, entry: Entry, options: Record<string, unknown>, maximize: boolean): boolean {
    if (this.type !== 'adamw' || maximize || options['amsgrad'] === true || !parameter.isContiguous() || parameter.grad!.dtype !== parameter.dtype)
      return false;
    const moment = (name: string): Tensor => {
      const known = entry.tensors.get(name);
      if (known !== undefined) return known;
      const made = keep(zeros(parameter.shape, { dtype: parameter.dtype }));
      entry.tensors.set(name, made);
      return made;
    };
    const state = { step: entry.step, expAvg: moment('expAvg'), expAvgSq: moment('expAvgSq') };
    adamwStep(parameter, state, options as AdamWOptions);
    entry.step = state.step;
    return true;
  }

  /**
   * Takes the gradients of a loss of sampled labels into Sophia's estimate of the curvature.
   *
   * @throws {StateError} for another optimizer
   * @remarks Liu et al. 2023, Gauss-Newton-Bartlett: every ten steps or so, with labels drawn from the model's own scores.
   */
  updateHessian(): void {
    if (this.type !== 'sophiag') throw new StateError(`${this.type} keeps no estimate of the curvature`);
    for (const { params, betas } of this.paramGroups)
      for (const parameter of params) {
        if (parameter.grad === null) continue;
        const { g, state } = this.#slotOf(parameter, this.#entryOf(parameter), false);
        const [h, beta2] = [state('hessian'), (betas as readonly number[])[1]!];
        for (let i = 0; i < h.length; i++) h[i] = beta2 * h[i]! + (1 - beta2) * g[i]! * g[i]!;
      }
  }

  /** Forgets gradients. @remarks Python: `optimizer.zero_grad()`. */
  zeroGrad(): void {
    for (const parameter of this.params) parameter.grad = null;
  }

  /** What is needed to go on as if nothing had happened; the tensors are copies. @remarks Python: `optimizer.state_dict()`. */
  stateDict(): OptimizerState {
    const numbers = new Map(this.params.map((parameter, i) => [parameter, i]));
    const state = Object.fromEntries(
      [...this.#entries].map(([parameter, { step, tensors }]) => [
        String(numbers.get(parameter)!),
        { step, ...Object.fromEntries([...tensors].map(([name, x]) => [name, keep(x.clone())])) },
      ]),
    );
    const paramGroups = this.paramGroups.map(({ params, ...options }) => ({ ...options, params: params.map(parameter => numbers.get(parameter)!) }));
    return { state, paramGroups };
  }

  /**
   * Goes on from a state.
   *
   * @throws {StateError} when groups or shapes are not those of this optimizer; nothing is taken over then
   * @remarks Python: `optimizer.load_state_dict(state)`.
   */
  loadStateDict({ state, paramGroups }: OptimizerState): void {
    const { params } = this;
    const sizes = (groups: readonly { readonly params: readonly unknown[] }[]): string => groups.map(group => group.params.length).join(', ');
    if (sizes(paramGroups) !== sizes(this.paramGroups))
      throw new StateError(`the state has groups of ${sizes(paramGroups)} parameters, this optimizer of ${sizes(this.paramGroups)}`, { parameter: 'state' });
    const fresh = Object.entries(state).map(([number, { step, ...tensors }]) => {
      const parameter = params[Number(number)];
      for (const [name, x] of Object.entries(tensors)) {
        const own =
          parameter === undefined || (typeof x === 'object' && /^(expAvg|expAvgSq|momentumBuffer)$/.test(name) && x.shape.join() !== parameter.shape.join());
        if (own) throw new StateError(`${name} of parameter ${number} does not fit`, { parameter: 'state' });
      }
      const copies = Object.entries(tensors as Readonly<Record<string, Tensor>>).map(([name, x]) => [name, keep(x.clone())] as const);
      return [parameter!, { step: step as number, tensors: new Map(copies) }] as const;
    });
    this.#entries.clear();
    for (const [parameter, entry] of fresh) this.#entries.set(parameter, entry);
    for (const [i, { params: _, ...options }] of paramGroups.entries()) Object.assign(this.paramGroups[i]!, options);
  }
}
