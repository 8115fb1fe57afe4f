/** Adapters joined to one, and ranks given out. */
import { inRange, NotFoundError, nonEmpty, oneOf, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { add, matmul, mul, type Tensor } from '@gtc/tensor';
import { svd } from '@gtc/tensor/linalg';

/** A low-rank adapter of one layer: `scaling · B A`. */
export interface LoraPair {
  /** `[r, in]` */
  readonly a: Tensor;
  /** `[out, r]` */
  readonly b: Tensor;
  readonly scaling: number;
}

/** Ways to join adapters. */
const WAYS = ['linear', 'cat', 'svd', 'ties', 'ties_svd', 'magnitude_prune', 'magnitude_prune_svd'] as const;
/** A way to join adapters. */
export type CombinationType = (typeof WAYS)[number];

/** Options of {@link addWeightedAdapter}. */
export interface CombineOptions {
  readonly combinationType?: CombinationType;
  /** Share of the numbers that 'ties' and 'magnitude_prune' keep, the greatest. */
  readonly density?: number;
  /** Rank of what a decomposition makes. Default: the greatest of the adapters'. */
  readonly svdRank?: number | null;
}

/** The greatest numbers of a tensor, as many as a share of them; the others zero. */
function trimmed(x: Tensor, density: number): Tensor {
  if (density >= 1) return x;
  const kept = Math.floor(density * x.size);
  const flat = x.flatten();
  const { indices } = gtc.topk(gtc.abs(flat), kept);
  const mask = gtc.scatter(gtc.zerosLike(flat), 0, indices, 1);
  return mul(flat, mask).reshape(x.shape);
}

const weighted = (tensors: readonly Tensor[], weights: readonly number[]): Tensor => tensors.map((x, i) => mul(x, weights[i]!)).reduce((sum, x) => add(sum, x));

/** Means over those that agree with the sign of the sum (Yadav et al. 2023). */
function elected(tensors: readonly Tensor[], weights: readonly number[], density: number): Tensor {
  const kept = tensors.map(x => trimmed(x, density));
  const sign = gtc.where(
    gtc.ge(
      kept.reduce((sum, x) => add(sum, x)),
      0,
    ),
    gtc.tensor(1),
    gtc.tensor(-1),
  );
  const agree = kept.map(x => gtc.eq(gtc.sign(x), sign).astype('float32'));
  const sum = kept.map((x, i) => mul(mul(x, weights[i]!), agree[i]!)).reduce((all, x) => add(all, x));
  return gtc.div(
    sum,
    gtc.clip(
      agree.reduce((all, x) => add(all, x)),
      1,
      Number.POSITIVE_INFINITY,
    ),
  );
}

const joined = (way: string, tensors: readonly Tensor[], weights: readonly number[], density: number): Tensor => {
  if (way.startsWith('ties')) return elected(tensors, weights, density);
  return weighted(way.startsWith('magnitude_prune') ? tensors.map(x => trimmed(x, density)) : tensors, weights);
};

/**
 * One adapter from several: their sum ('linear' of the factors, 'cat' exactly, 'svd' cut to a rank), what their signs agree on ('ties'), or their
 * greatest numbers ('magnitude_prune'); the latter of the products with `_svd`.
 *
 * @param adapters of one layer
 * @param weights one for each; negative ones take away
 * @returns an adapter whose `scaling` is 1
 * @throws {ValidationError} for no adapters, weights that are not as many, a way that is not known, a density outside [0, 1], different ranks where
 *   factors are added
 * @remarks Python: `model.add_weighted_adapter(adapters, weights, name, combination_type, svd_rank, density)` of `peft`; products within 1e-4.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const one = { a: tensor([[1, 2]]), b: tensor([[3]]), scaling: 1 };
 * const { a, b } = addWeightedAdapter([one, one], [1, 1], { combinationType: 'cat' });
 * b.matmul(a).tolist() // => [[6, 12]]
 */
export function addWeightedAdapter(
  adapters: readonly LoraPair[],
  weights: readonly number[],
  { combinationType = 'linear', density = 1, svdRank = null }: CombineOptions = {},
): LoraPair {
  sameLength({ adapters: nonEmpty(adapters, 'adapters'), weights });
  oneOf(combinationType, 'combinationType', WAYS);
  inRange(density, 'density', { min: 0, max: 1 });
  const ranks = adapters.map(({ a }) => a.shape[0]!);
  for (const [i, { a, b }] of adapters.entries())
    ShapeError.check({ [`adapters[${i}].a`]: [a, ['r', adapters[0]!.a.shape[1]!]], [`adapters[${i}].b`]: [b, [adapters[0]!.b.shape[0]!, ranks[i]!]] });
  if (combinationType === 'cat') {
    const scaled = adapters.map(({ a, scaling }, i) => mul(a, weights[i]! * scaling));
    const bs = adapters.map(({ b }) => b);
    return { a: gtc.cat(scaled, { axis: 0 }), b: gtc.cat(bs, { axis: 1 }), scaling: 1 };
  }
  if (combinationType.endsWith('svd')) {
    const deltas = adapters.map(({ a, b, scaling }) => mul(matmul(b, a), scaling));
    const { u, s, vh } = svd(joined(combinationType, deltas, weights, density));
    const rank = svdRank ?? Math.max(...ranks);
    return { a: vh.get(`:${rank}`).contiguous(), b: mul(u.get(':', `:${rank}`), s.get(`:${rank}`)), scaling: 1 };
  }
  if (new Set(ranks).size > 1)
    throw new ValidationError(`adapters must have one rank for '${combinationType}', got ${ranks.join(', ')}; 'cat' and 'svd' take different ones`, {
      parameter: 'adapters',
    });
  const shares = adapters.map(({ scaling }, i) => weights[i]! * scaling);
  const roots = shares.map(share => Math.sqrt(Math.abs(share)));
  const signed = roots.map((root, i) => (shares[i]! >= 0 ? root : -root));
  return {
    a: joined(
      combinationType,
      adapters.map(({ a }) => a),
      signed,
      density,
    ),
    b: joined(
      combinationType,
      adapters.map(({ b }) => b),
      roots,
      density,
    ),
    scaling: 1,
  };
}

/**
 * How far the factors of AdaLoRA are from orthogonal: what keeps its singular values meaning something.
 *
 * @param factors `lora_A` `[r, in]` and `lora_B` `[out, r]` by name
 * @returns the mean Frobenius norm of `A Aᵀ - I` and `Bᵀ B - I`, times the weight
 * @throws {NotFoundError} when no name is a factor's
 * @remarks Zhang et al. 2023. Python: the regulariser of `peft.AdaLoraModel.forward`; within 5e-5.
 * @example
 * import { eye } from '@gtc/tensor';
 * adaloraOrthogonalLoss({ 'fc.lora_A': eye(2) }).item() // => 0
 */
export function adaloraOrthogonalLoss(factors: Readonly<Record<string, Tensor>>, { weight = 0.5 }: { readonly weight?: number } = {}): Tensor {
  const distances = Object.entries(factors).flatMap(([name, x]) => {
    if (!/lora_[AB]/.test(name)) return [];
    const gram = name.includes('lora_A') ? matmul(x, gtc.matrixTranspose(x)) : matmul(gtc.matrixTranspose(x), x);
    return [gtc.vectorNorm(gtc.sub(gram, gtc.eye(gram.shape[0]!)).flatten())];
  });
  if (distances.length === 0) throw NotFoundError.of('factor', 'lora_A', Object.keys(factors));
  return mul(
    distances.reduce((sum, x) => add(sum, x)),
    weight / distances.length,
  );
}

/** The plan by which AdaLoRA gives out ranks. */
export interface BudgetPlan {
  readonly initR: number;
  readonly targetR: number;
  /** Adapted layers. */
  readonly modules: number;
  /** Steps at the start and at the end that keep what there is. */
  readonly tinit: number;
  readonly tfinal: number;
  /** Steps between cuts. */
  readonly deltaT: number;
  readonly totalStep: number;
}

/**
 * Ranks that AdaLoRA has to give out at a step, all layers together, and whether it cuts then.
 *
 * @throws {ValidationError} when start and end leave no step between
 * @remarks Zhang et al. 2023. Python: `peft`'s `RankAllocator.budget_schedule(step)`; exact.
 * @example adaloraBudget(0, { initR: 4, targetR: 2, modules: 3, tinit: 2, tfinal: 5, deltaT: 1, totalStep: 20 }) // => { budget: 12, cuts: false }
 */
export function adaloraBudget(
  step: number,
  { initR, targetR, modules, tinit, tfinal, deltaT, totalStep }: BudgetPlan,
): { readonly budget: number; readonly cuts: boolean } {
  if (totalStep <= tinit + tfinal)
    throw new ValidationError(`totalStep must be more than tinit + tfinal (${tinit + tfinal}), got ${totalStep}`, {
      parameter: 'totalStep',
      received: totalStep,
    });
  const [first, last] = [initR * modules, targetR * modules];
  if (step <= tinit) return { budget: first, cuts: false };
  if (step > totalStep - tfinal) return { budget: last, cuts: true };
  const left = 1 - (step - tinit) / (totalStep - tfinal - tinit);
  return { budget: Math.trunc((first - last) * left ** 3 + last), cuts: step % deltaT === 0 };
}
