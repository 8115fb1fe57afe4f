/** Rules that go down the gradient with one rate for all elements, or one that only signs change. */
import { norm, penalize, type Rule, type Slot, type Values } from './rules.js';

interface SgdOptions {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/** A step down, with the momentum of a buffer where there is one. */
function descend({ p, g }: Slot, buffer: Values | null, { lr, momentum, dampening, nesterov }: SgdOptions, isFirst: boolean): void {
  for (let i = 0; i < p.length; i++) {
    // Stored in between, as torch rounds.
    if (buffer && !isFirst) {
      buffer[i]! *= momentum;
      buffer[i]! += (1 - dampening) * g[i]!;
    }
    p[i] = p[i]! - lr * (buffer ? (nesterov ? g[i]! + momentum * buffer[i]! : buffer[i]!) : g[i]!);
  }
}

function sgd(slot: Slot, options: SgdOptions): void {
  penalize(slot, options.weightDecay);
  // The first gradient is the first momentum.
  descend(slot, options.momentum === 0 ? null : slot.state('momentumBuffer', { from: slot.g }), options, slot.step === 1);
}

interface LarsOptions extends SgdOptions {
  readonly trustCoefficient: number;
}

function lars(slot: Slot, options: LarsOptions): void {
  const { p, g, shape, state } = slot;
  const { momentum, weightDecay, trustCoefficient } = options;
  if (shape.length > 1) {
    const weight = norm(p);
    const whole = norm(g) + weightDecay * weight;
    const trust = weight > 0 && whole > 0 ? (trustCoefficient * weight) / whole : 1;
    for (let i = 0; i < p.length; i++) g[i] = (g[i]! + weightDecay * p[i]!) * trust;
  }
  descend(slot, momentum === 0 ? null : state('momentumBuffer'), options, false);
}

interface RpropOptions {
  readonly lr: number;
  readonly etas: readonly [number, number];
  readonly stepSizes: readonly [number, number];
}

function rprop({ p, g, state }: Slot, { lr, etas: [less, more], stepSizes: [least, most] }: RpropOptions): void {
  const [before, sizes] = [state('prev'), state('stepSize', { fill: lr })];
  for (let i = 0; i < p.length; i++) {
    const agree = g[i]! * before[i]!;
    sizes[i] = Math.min(most, Math.max(least, sizes[i]! * (agree > 0 ? more : agree < 0 ? less : 1)));
    // After a change of sign the step stays out, and the next one is not taken for another.
    if (agree < 0) g[i] = 0;
    p[i] = p[i]! - Math.sign(g[i]!) * sizes[i]!;
    before[i] = g[i]!;
  }
}

interface AsgdOptions {
  readonly lr: number;
  readonly lambd: number;
  readonly alpha: number;
  readonly t0: number;
  readonly weightDecay: number;
}

function asgd(slot: Slot, { lr, lambd, alpha, t0, weightDecay }: AsgdOptions): void {
  penalize(slot, weightDecay);
  const { p, g, step, state } = slot;
  const [mean, rates] = [state('ax'), state('eta', { fill: Math.fround(lr), shape: [1] })];
  const weight = 1 / Math.max(1, step - 1 - t0);
  for (let i = 0; i < p.length; i++) {
    p[i] = p[i]! * (1 - lambd * rates[0]!) - rates[0]! * g[i]!;
    mean[i] = weight === 1 ? p[i]! : mean[i]! + (p[i]! - mean[i]!) * weight;
  }
  // The reference keeps the rate in single precision.
  rates[0] = Math.fround(lr / (1 + lambd * lr * step) ** alpha);
}

/** Rules by name in lower case. */
export const DESCENT: Readonly<Record<string, Rule>> = {
  asgd: { defaults: { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0 }, update: asgd },
  lars: { defaults: { lr: 1e-3, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false, trustCoefficient: 1e-3 }, update: lars },
  rprop: { defaults: { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50] }, update: rprop },
  sgd: { defaults: { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false }, update: sgd },
};
