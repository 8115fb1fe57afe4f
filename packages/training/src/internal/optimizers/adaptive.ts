/** Rules that scale each element by what its gradients were: Adam and its kin. */
import { lerp, meanSquare, norm, penalize, type Rule, type Slot, shrink } from './rules.js';

type Betas = readonly [number, number];
interface AdamOptions {
  readonly lr: number;
  readonly betas: Betas;
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
}
const ADAM = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false };

/** `1 - β^t` */
const debias = (beta: number, step: number): number => 1 - beta ** step;

function moments({ g, state }: Slot, [beta1, beta2]: Betas): { readonly m: Slot['p']; readonly v: Slot['p'] } {
  const [m, v] = [state('expAvg'), state('expAvgSq')];
  lerp(m, g, 1 - beta1);
  meanSquare(v, g, beta2);
  return { m, v };
}

function adam(slot: Slot, { lr, betas, eps, amsgrad }: AdamOptions): void {
  const { p, step, state } = slot;
  const { m, v } = moments(slot, betas);
  const [bias1, root2] = [debias(betas[0], step), Math.sqrt(debias(betas[1], step))];
  const most = amsgrad ? state('maxExpAvgSq') : v;
  for (let i = 0; i < p.length; i++) {
    if (amsgrad) most[i] = Math.max(most[i]!, v[i]!);
    p[i] = p[i]! - ((lr / bias1) * m[i]!) / (Math.sqrt(most[i]!) / root2 + eps);
  }
}

interface NAdamOptions extends AdamOptions {
  readonly momentumDecay: number;
  readonly decoupledWeightDecay: boolean;
}

/** Decay of weights in either of its forms. */
function decayed(slot: Slot, { lr, weightDecay, decoupledWeightDecay }: Pick<NAdamOptions, 'lr' | 'weightDecay' | 'decoupledWeightDecay'>): void {
  if (decoupledWeightDecay) shrink(slot, lr * weightDecay);
  else penalize(slot, weightDecay);
}

function nadam(slot: Slot, options: NAdamOptions): void {
  const { lr, betas, eps, momentumDecay } = options;
  decayed(slot, options);
  const { p, g, step, state } = slot;
  const { m, v } = moments(slot, betas);
  const momentum = (t: number): number => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  const product = state('muProduct', { fill: 1, shape: [1] });
  const [now, next] = [momentum(step), momentum(step + 1)];
  // The reference keeps the product in single precision.
  product[0] = Math.fround(product[0]! * Math.fround(now));
  const bias2 = debias(betas[1], step);
  const [own, ahead] = [(lr * (1 - now)) / (1 - product[0]!), (lr * next) / (1 - product[0]! * next)];
  for (let i = 0; i < p.length; i++) p[i] = p[i]! - (own * g[i]! + ahead * m[i]!) / (Math.sqrt(v[i]! / bias2) + eps);
}

function radam(slot: Slot, options: NAdamOptions): void {
  const { lr, betas, eps } = options;
  decayed(slot, options);
  const { p, step } = slot;
  const { m, v } = moments(slot, betas);
  const [bias1, bias2] = [debias(betas[0], step), debias(betas[1], step)];
  const most = 2 / (1 - betas[1]) - 1;
  const length = most - (2 * step * betas[1] ** step) / bias2;
  // Below this the variance of the scale has no bound, and there is none.
  const rectified = length > 5 ? Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length)) : null;
  for (let i = 0; i < p.length; i++) {
    const scale = rectified === null ? 1 : (rectified * Math.sqrt(bias2)) / (Math.sqrt(v[i]!) + eps);
    p[i] = p[i]! - (lr / bias1) * m[i]! * scale;
  }
}

interface RmspropOptions {
  readonly lr: number;
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly centered: boolean;
}

function rmsprop(slot: Slot, { lr, alpha, eps, weightDecay, momentum, centered }: RmspropOptions): void {
  penalize(slot, weightDecay);
  const { p, g, state } = slot;
  const squares = state('squareAvg');
  meanSquare(squares, g, alpha);
  const means = centered ? state('gradAvg') : null;
  if (means) lerp(means, g, 1 - alpha);
  const buffer = momentum > 0 ? state('momentumBuffer') : null;
  for (let i = 0; i < p.length; i++) {
    const spread = Math.sqrt(means ? squares[i]! - means[i]! * means[i]! : squares[i]!) + eps;
    const move = g[i]! / spread;
    if (buffer) buffer[i] = momentum * buffer[i]! + move;
    p[i] = p[i]! - lr * (buffer ? buffer[i]! : move);
  }
}

interface DecayOptions {
  readonly lr: number;
  readonly weightDecay: number;
}

function adan(
  slot: Slot,
  {
    lr,
    betas: [beta1, beta2, beta3],
    eps,
    weightDecay,
    weightDecouple,
  }: DecayOptions & { readonly betas: readonly [number, number, number]; readonly eps: number; readonly weightDecouple: boolean },
): void {
  const { p, g, step, state } = slot;
  const [m, d, v] = [state('expAvg'), state('expAvgDiff'), state('expAvgSq')];
  const before = state('previousGrad', { from: g });
  const [bias1, bias2, root3] = [debias(beta1, step), debias(beta2, step), Math.sqrt(debias(beta3, step))];
  if (weightDecouple) shrink(slot, lr * weightDecay);
  for (let i = 0; i < p.length; i++) {
    const change = g[i]! - before[i]!;
    m[i] = m[i]! + (g[i]! - m[i]!) * (1 - beta1);
    d[i] = d[i]! + (change - d[i]!) * (1 - beta2);
    const ahead = g[i]! + beta2 * change;
    v[i] = beta3 * v[i]! + (1 - beta3) * ahead * ahead;
    const moved = p[i]! - (lr * (m[i]! / bias1 + (beta2 * d[i]!) / bias2)) / (Math.sqrt(v[i]!) / root3 + eps);
    p[i] = weightDecouple ? moved : moved / (1 + lr * weightDecay);
    before[i] = g[i]!;
  }
}

function adabelief(slot: Slot, { lr, betas: [beta1, beta2], eps, weightDecay }: AdamOptions): void {
  shrink(slot, lr * weightDecay);
  const { p, g, step, state } = slot;
  const [m, v] = [state('expAvg'), state('expAvgVar')];
  const [bias1, root2] = [debias(beta1, step), Math.sqrt(debias(beta2, step))];
  lerp(m, g, 1 - beta1);
  for (let i = 0; i < p.length; i++) {
    const surprise = g[i]! - m[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * surprise * surprise + eps;
    p[i] = p[i]! - ((lr / bias1) * m[i]!) / (Math.sqrt(v[i]!) / root2 + eps);
  }
}

function adopt(slot: Slot, { lr, betas: [beta1, beta2], eps, weightDecay }: AdamOptions): void {
  penalize(slot, weightDecay);
  const { p, g, step, state } = slot;
  const [m, v] = [state('expAvg'), state('expAvgSq')];
  const most = step ** 0.25;
  for (let i = 0; i < p.length; i++) {
    // The scale is that of the gradients before, so that it knows nothing of this one.
    if (step > 1) {
      const scaled = Math.min(most, Math.max(-most, g[i]! / Math.max(Math.sqrt(v[i]!), eps)));
      m[i] = m[i]! + (scaled - m[i]!) * (1 - beta1);
      p[i] = p[i]! - lr * m[i]!;
    }
    v[i] = step === 1 ? g[i]! * g[i]! : beta2 * v[i]! + (1 - beta2) * g[i]! * g[i]!;
  }
}

function lion({ p, g, state }: Slot, { lr, betas: [beta1, beta2], weightDecay }: AdamOptions): void {
  const m = state('expAvg');
  for (let i = 0; i < p.length; i++) {
    p[i] = p[i]! * (1 - lr * weightDecay) - lr * Math.sign(beta1 * m[i]! + (1 - beta1) * g[i]!);
    m[i] = beta2 * m[i]! + (1 - beta2) * g[i]!;
  }
}

/** Greatest norm of a weight by which LAMB scales. */
const LAMB_CLAMP = 10;

function lamb(slot: Slot, { lr, betas, eps, weightDecay }: AdamOptions): void {
  const { p, step } = slot;
  const { m, v } = moments(slot, betas);
  shrink(slot, lr * weightDecay);
  const moves = m.map((value, i) => value / (Math.sqrt(v[i]!) + eps));
  const [weight, move] = [Math.min(norm(p), LAMB_CLAMP), norm(moves)];
  const trust = weight === 0 || move === 0 ? 1 : weight / (move + eps);
  for (let i = 0; i < p.length; i++) p[i] = p[i]! - (lr / debias(betas[0], step)) * trust * moves[i]!;
}

interface SophiaOptions extends AdamOptions {
  readonly rho: number;
  readonly batchSize: number;
}

function sophia(slot: Slot, { lr, betas, rho, weightDecay, batchSize }: SophiaOptions): void {
  shrink(slot, lr * weightDecay);
  const { p, g, state } = slot;
  const [m, h] = [state('expAvg'), state('hessian')];
  lerp(m, g, 1 - betas[0]);
  for (let i = 0; i < p.length; i++) p[i] = p[i]! - lr * Math.sign(m[i]!) * Math.min(1, Math.abs(m[i]!) / (rho * batchSize * h[i]! + 1e-15));
}

interface GrokOptions extends AdamOptions {
  readonly grokfastAlpha: number;
  readonly grokfastLamb: number;
  readonly normalizeLr: boolean;
}

function grokfast(slot: Slot, { lr: given, betas, eps, weightDecay, grokfastAlpha, grokfastLamb, normalizeLr }: GrokOptions): void {
  const lr = normalizeLr ? given / (1 + grokfastLamb) : given;
  shrink(slot, lr * weightDecay);
  const { p, g, step, state } = slot;
  const slow = state('grokExpAvg', { from: g });
  lerp(slow, g, 1 - grokfastAlpha);
  for (let i = 0; i < g.length; i++) g[i] = g[i]! + grokfastLamb * slow[i]!;
  const { m, v } = moments(slot, betas);
  const [bias1, root2] = [debias(betas[0], step), Math.sqrt(debias(betas[1], step))];
  for (let i = 0; i < p.length; i++) p[i] = p[i]! - ((lr / bias1) * m[i]!) / Math.max(Math.sqrt(v[i]!) / root2, eps);
}

interface FreeOptions extends AdamOptions {
  readonly warmupSteps: number;
  readonly r: number;
  readonly weightLrPower: number;
}

/** AdamW without a schedule, at the points where it trains (Defazio et al. 2024). */
function scheduleFree({ p, g, step, state }: Slot, { lr, betas: [beta1, beta2], eps, weightDecay, warmupSteps, r, weightLrPower }: FreeOptions): void {
  const [z, v] = [state('z', { from: p }), state('expAvgSq')];
  const totals = state('totals', { shape: [2] });
  const rate = step <= warmupSteps ? (lr * step) / warmupSteps : lr;
  totals[0] = Math.max(totals[0]!, rate);
  const weight = step ** r * totals[0]! ** weightLrPower;
  totals[1] = totals[1]! + weight;
  const share = totals[1] === 0 ? 0 : weight / totals[1]!;
  meanSquare(v, g, beta2);
  const bias2 = debias(beta2, step);
  for (let i = 0; i < p.length; i++) {
    const move = g[i]! / (Math.sqrt(v[i]! / bias2) + eps) + weightDecay * p[i]!;
    p[i] = p[i]! + (z[i]! - p[i]!) * share + rate * (beta1 * (1 - share) - 1) * move;
    z[i] = z[i]! - rate * move;
  }
}

/** Rules by name in lower case. */
export const ADAPTIVE: Readonly<Record<string, Rule>> = {
  adabelief: { defaults: { ...ADAM, eps: 1e-16 }, update: adabelief },
  adadelta: {
    defaults: { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 },
    update: (slot, { lr, rho, eps, weightDecay }: DecayOptions & { readonly rho: number; readonly eps: number }) => {
      penalize(slot, weightDecay);
      const { p, g, state } = slot;
      const [squares, moves] = [state('squareAvg'), state('accDelta')];
      meanSquare(squares, g, rho);
      for (let i = 0; i < p.length; i++) {
        const move = (Math.sqrt(moves[i]! + eps) / Math.sqrt(squares[i]! + eps)) * g[i]!;
        moves[i] = rho * moves[i]! + (1 - rho) * move * move;
        p[i] = p[i]! - lr * move;
      }
    },
  },
  adagrad: {
    defaults: { lr: 1e-2, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 },
    update: (
      slot,
      {
        lr,
        lrDecay,
        weightDecay,
        initialAccumulatorValue,
        eps,
      }: DecayOptions & { readonly lrDecay: number; readonly initialAccumulatorValue: number; readonly eps: number },
    ) => {
      penalize(slot, weightDecay);
      const { p, g, step, state } = slot;
      const sums = state('sum', { fill: initialAccumulatorValue });
      const rate = lr / (1 + (step - 1) * lrDecay);
      for (let i = 0; i < p.length; i++) {
        sums[i] = sums[i]! + g[i]! * g[i]!;
        p[i] = p[i]! - (rate * g[i]!) / (Math.sqrt(sums[i]!) + eps);
      }
    },
  },
  adam: {
    defaults: ADAM,
    update: (slot, options: AdamOptions) => {
      penalize(slot, options.weightDecay);
      adam(slot, options);
    },
  },
  adamax: {
    defaults: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 },
    update: (slot, { lr, betas: [beta1, beta2], eps, weightDecay }: AdamOptions) => {
      penalize(slot, weightDecay);
      const { p, g, step, state } = slot;
      const [m, most] = [state('expAvg'), state('expInf')];
      lerp(m, g, 1 - beta1);
      for (let i = 0; i < p.length; i++) {
        most[i] = Math.max(beta2 * most[i]!, Math.abs(g[i]!) + eps);
        p[i] = p[i]! - ((lr / debias(beta1, step)) * m[i]!) / most[i]!;
      }
    },
  },
  adamw: {
    defaults: { ...ADAM, weightDecay: 1e-2 },
    update: (slot, options: AdamOptions) => {
      shrink(slot, options.lr * options.weightDecay);
      adam(slot, options);
    },
  },
  adamwschedulefree: { defaults: { ...ADAM, lr: 2.5e-3, warmupSteps: 0, r: 0, weightLrPower: 2 }, update: scheduleFree },
  adan: { defaults: { lr: 1e-3, betas: [0.98, 0.92, 0.99], eps: 1e-8, weightDecay: 0, weightDecouple: false }, update: adan },
  adopt: { defaults: { lr: 1e-3, betas: [0.9, 0.9999], eps: 1e-6, weightDecay: 0 }, update: adopt },
  grokfastadamw: {
    defaults: { lr: 1e-4, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, grokfastAlpha: 0.98, grokfastLamb: 2, normalizeLr: true },
    update: grokfast,
  },
  lamb: { defaults: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weightDecay: 0 }, update: lamb },
  lion: { defaults: { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 }, update: lion },
  nadam: { defaults: { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 4e-3, decoupledWeightDecay: false }, update: nadam },
  radam: { defaults: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupledWeightDecay: false }, update: radam },
  rmsprop: { defaults: { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false }, update: rmsprop },
  sophiag: { defaults: { lr: 1e-4, betas: [0.965, 0.99], rho: 0.04, weightDecay: 0.1, batchSize: 1 }, update: sophia },
  tiger: {
    defaults: { lr: 1e-3, beta: 0.965, weightDecay: 0.01 },
    update: (slot, { lr, beta, weightDecay }: DecayOptions & { readonly beta: number }) => {
      shrink(slot, lr * weightDecay);
      const { p, g, state } = slot;
      const m = state('expAvg');
      lerp(m, g, 1 - beta);
      for (let i = 0; i < p.length; i++) p[i] = p[i]! - lr * Math.sign(m[i]!);
    },
  },
};
