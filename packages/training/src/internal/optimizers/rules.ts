/** What an optimizer does with one parameter: a rule over plain arrays. */
import type { Tensor } from '@gtc/tensor';

/** Elements of a parameter, its gradient or its state. */
export type Values = Float32Array | Float64Array;

/** A parameter at a step. */
export interface Slot {
  /** Elements, written in place. */
  readonly p: Values;
  /** A copy of the gradient, negated when maximising, that the rule may write over. */
  readonly g: Values;
  readonly shape: readonly number[];
  /** Steps of this parameter, this one included. */
  readonly step: number;
  /** A tensor of the state, as large as the parameter and zero at first unless said otherwise. */
  readonly state: (name: string, options?: { readonly fill?: number; readonly shape?: readonly number[]; readonly from?: Values }) => Values;
  /** The tensors themselves, for rules that have kernels. */
  readonly parameter: Tensor;
}

/** A rule of one parameter at a time. */
export interface Rule {
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Refuses parameters that the rule has no use for. */
  readonly takes?: (shape: readonly number[]) => string | null;
  readonly update: (slot: Slot, options: never) => void;
}

/** `x <- x + (y - x) w` */
export function lerp(x: Values, y: Values, w: number): void {
  for (let i = 0; i < x.length; i++) x[i] = x[i]! + (y[i]! - x[i]!) * w;
}

/** `x <- b x + (1 - b) y²` */
export function meanSquare(x: Values, y: Values, b: number): void {
  for (let i = 0; i < x.length; i++) x[i] = b * x[i]! + (1 - b) * y[i]! * y[i]!;
}

/** Length of a vector. */
export function norm(x: Values): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum);
}

/** Root mean square. */
export const rms = (x: Values): number => norm(x) / Math.sqrt(x.length);

/** Weights shrink: `p <- p (1 - share)`. */
export function shrink({ p }: Slot, share: number): void {
  if (share !== 0) for (let i = 0; i < p.length; i++) p[i] = p[i]! * (1 - share);
}

/** An L2 penalty: `g <- g + decay p`. */
export function penalize({ p, g }: Slot, decay: number): void {
  if (decay !== 0) for (let i = 0; i < p.length; i++) g[i] = g[i]! + decay * p[i]!;
}
