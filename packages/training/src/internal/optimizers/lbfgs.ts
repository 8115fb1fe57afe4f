/** The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno, with torch's rules of when to stop (Nocedal and Wright 2006). */
import { integer, oneOf, positive } from '@gtc/errors';
import { fromTypedArray, noGrad, type Tensor } from '@gtc/tensor';
import { groupsOf } from './optimizer.js';
import type { Values } from './rules.js';

/** Settings of {@link LBFGS}. */
export interface LbfgsOptions {
  /** Default: 1. */
  readonly lr?: number;
  /** Iterations of a step. Default: 20. */
  readonly maxIter?: number;
  /** Evaluations of a step. Default: `1.25 maxIter`. */
  readonly maxEval?: number | null;
  readonly toleranceGrad?: number;
  readonly toleranceChange?: number;
  readonly historySize?: number;
  readonly lineSearchFn?: 'strong_wolfe' | null;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const largest = (a: Float64Array): number => a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** A point of a line search: the step, the loss, the gradient, and its slope along the direction. */
interface Point {
  readonly t: number;
  readonly f: number;
  readonly g: Float64Array;
  readonly slope: number;
}

/** The least point of the cubic through two points with slopes, within bounds. */
function cubicMinimum(a: Point, b: Point, bounds: readonly [number, number] = a.t <= b.t ? [a.t, b.t] : [b.t, a.t]): number {
  const [low, high] = bounds;
  const d1 = a.slope + b.slope - (3 * (a.f - b.f)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (square < 0) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const at =
    a.t <= b.t
      ? b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
      : a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2));
  return Math.min(Math.max(at, low), high);
}

const [ARMIJO, CURVATURE] = [1e-4, 0.9];

/** A step that lowers the loss enough and flattens the slope enough, by the strong conditions of Wolfe; the best of `most` searches where none does. */
function strongWolfe(
  evaluate: (t: number) => Point,
  start: Point,
  first: number,
  length: number,
  toleranceChange: number,
  most: number,
): Point & { readonly evaluations: number } {
  let evaluations = 1;
  let previous: Point = start;
  let now = evaluate(first);
  let bracket: Point[] | null = null;
  let done = false;
  let searches = 0;
  while (searches < most) {
    if (now.f > start.f + ARMIJO * now.t * start.slope || (searches > 1 && now.f >= previous.f)) {
      bracket = [previous, now];
      break;
    }
    if (Math.abs(now.slope) <= -CURVATURE * start.slope) {
      bracket = [now];
      done = true;
      break;
    }
    if (now.slope >= 0) {
      bracket = [previous, now];
      break;
    }
    const next = cubicMinimum(previous, now, [now.t + 0.01 * (now.t - previous.t), now.t * 10]);
    previous = now;
    now = evaluate(next);
    evaluations++;
    searches++;
  }
  bracket ??= [start, now];
  let stuck = false;
  while (!done && searches < most) {
    const [low, high] = bracket[0]!.f <= bracket.at(-1)!.f ? [0, 1] : [1, 0];
    const [a, b] = [bracket[0]!, bracket[1]!];
    if (Math.abs(b.t - a.t) * length < toleranceChange) break;
    let t = cubicMinimum(a, b);
    const [least, furthest] = [Math.min(a.t, b.t), Math.max(a.t, b.t)];
    const margin = 0.1 * (furthest - least);
    // Too near an edge twice in a row, or beyond it: keep away from it.
    if (Math.min(furthest - t, t - least) < margin) {
      if (stuck || t >= furthest || t <= least) {
        t = Math.abs(t - furthest) < Math.abs(t - least) ? furthest - margin : least + margin;
        stuck = false;
      } else stuck = true;
    } else stuck = false;
    const point = evaluate(t);
    evaluations++;
    searches++;
    if (point.f > start.f + ARMIJO * t * start.slope || point.f >= bracket[low]!.f) {
      bracket[high] = point;
      continue;
    }
    if (Math.abs(point.slope) <= -CURVATURE * start.slope) done = true;
    else if (point.slope * (bracket[high]!.t - bracket[low]!.t) >= 0) bracket[high] = bracket[low]!;
    bracket[low] = point;
  }
  const best = bracket.length === 1 || bracket[0]!.f <= bracket[1]!.f ? bracket[0]! : bracket[1]!;
  return { ...best, evaluations };
}

/**
 * L-BFGS: steps by the curvature that the last gradients show.
 *
 * @remarks Python: `torch.optim.LBFGS(params, lr=1, max_iter=20, line_search_fn=None)`; within 1e-6.
 */
export class LBFGS {
  readonly params: readonly Tensor[];
  readonly options: Required<Omit<LbfgsOptions, 'maxEval'>> & { readonly maxEval: number };
  #direction: Float64Array | null = null;
  #t = 0;
  #iterations = 0;
  #previous: { readonly g: Float64Array; readonly f: number } | null = null;
  #scale = 1;
  readonly #history: { readonly y: Float64Array; readonly s: Float64Array; readonly rho: number }[] = [];

  constructor(params: readonly Tensor[], options: LbfgsOptions = {}) {
    this.params = groupsOf(params).flatMap(group => group.params);
    const maxIter = positive(integer(options.maxIter ?? 20, 'maxIter'), 'maxIter');
    if (options.lineSearchFn != null) oneOf(options.lineSearchFn, 'lineSearchFn', ['strong_wolfe']);
    this.options = {
      lr: positive(options.lr ?? 1, 'lr'),
      maxIter,
      maxEval: options.maxEval ?? Math.floor((maxIter * 5) / 4),
      toleranceGrad: options.toleranceGrad ?? 1e-7,
      toleranceChange: options.toleranceChange ?? 1e-9,
      historySize: positive(integer(options.historySize ?? 100, 'historySize'), 'historySize'),
      lineSearchFn: options.lineSearchFn ?? null,
    };
  }

  #gathered(of: (parameter: Tensor) => Tensor | null): Float64Array {
    const parts = this.params.map(parameter => of(parameter)?.contiguous().data as Values | undefined);
    const whole = new Float64Array(this.params.reduce((sum, { size }) => sum + size, 0));
    let at = 0;
    for (const [i, part] of parts.entries()) {
      if (part !== undefined) whole.set(part, at);
      at += this.params[i]!.size;
    }
    return whole;
  }

  #place(x: Float64Array): void {
    let at = 0;
    noGrad(() => {
      for (const parameter of this.params) {
        const part = x.slice(at, at + parameter.size);
        parameter.copy_(fromTypedArray(part, parameter.shape));
        at += parameter.size;
      }
    });
  }

  /** The direction that the history of curvature gives for a gradient. */
  #turned(g: Float64Array): Float64Array {
    const q = g.map(value => -value);
    const shares = this.#history.map(() => 0);
    for (let i = this.#history.length - 1; i >= 0; i--) {
      const { y, s, rho } = this.#history[i]!;
      shares[i] = dot(s, q) * rho;
      for (let j = 0; j < q.length; j++) q[j] = q[j]! - shares[i]! * y[j]!;
    }
    for (let j = 0; j < q.length; j++) q[j] = q[j]! * this.#scale;
    for (const [i, { y, s, rho }] of this.#history.entries()) {
      const share = shares[i]! - dot(y, q) * rho;
      for (let j = 0; j < q.length; j++) q[j] = q[j]! + share * s[j]!;
    }
    return q;
  }

  #remember(g: Float64Array): void {
    const y = g.map((value, i) => value - this.#previous!.g[i]!);
    const s = this.#direction!.map(value => value * this.#t);
    const curvature = dot(y, s);
    if (curvature <= 1e-10) return;
    if (this.#history.length === this.options.historySize) this.#history.shift();
    this.#history.push({ y, s, rho: 1 / curvature });
    this.#scale = curvature / dot(y, y);
  }

  /**
   * Several iterations.
   *
   * @param closure forgets gradients, computes the loss, calls `backward` and gives the loss
   * @returns the loss before the step
   * @remarks Python: `optimizer.step(closure)`.
   */
  step(closure: () => Tensor): number {
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = this.options;
    const measured = (): { readonly f: number; readonly g: Float64Array } => ({ f: closure().item() as number, g: this.#gathered(({ grad }) => grad) });
    let { f, g } = measured();
    const first = f;
    let evaluations = 1;
    for (let iteration = 1; iteration <= maxIter && largest(g) > toleranceGrad; iteration++) {
      this.#iterations++;
      if (this.#direction === null) this.#direction = g.map(value => -value);
      else {
        this.#remember(g);
        this.#direction = this.#turned(g);
      }
      this.#previous = { g, f };
      const sum = g.reduce((total, value) => total + Math.abs(value), 0);
      this.#t = this.#iterations === 1 ? Math.min(1, 1 / sum) * lr : lr;
      const slope = dot(g, this.#direction);
      if (slope > -toleranceChange) break;
      const [from, direction] = [this.#gathered(parameter => parameter), this.#direction];
      const move = (t: number): void => this.#place(from.map((value, i) => value + t * direction[i]!));
      const last = f;
      if (lineSearchFn === null) {
        move(this.#t);
        if (iteration < maxIter) {
          ({ f, g } = measured());
          evaluations++;
        }
      } else {
        const evaluate = (t: number): Point => {
          move(t);
          const found = measured();
          return { t, ...found, slope: dot(found.g, direction) };
        };
        const found = strongWolfe(evaluate, { t: 0, f, g, slope }, this.#t, largest(direction), toleranceChange, maxEval - evaluations);
        ({ f, g } = found);
        this.#t = found.t;
        evaluations += found.evaluations;
        move(found.t);
      }
      if (evaluations >= maxEval || largest(direction) * this.#t <= toleranceChange || Math.abs(f - last) < toleranceChange) break;
    }
    return first;
  }

  /** Forgets gradients. */
  zeroGrad(): void {
    for (const parameter of this.params) parameter.grad = null;
  }
}
