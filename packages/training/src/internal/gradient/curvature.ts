/** Curvature of a loss: products with the Hessian, its greatest eigenvalue and its trace. */
import { integer, positive } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { grad, type Tensor } from '@gtc/tensor';

/** A Hessian as what it makes of vectors over all parameters, flattened one after the other. */
export interface Hessian {
  readonly size: number;
  /** @param vector `[size]` */
  product(vector: Tensor): Tensor;
}

const flat = (parts: readonly Tensor[]): Tensor =>
  gtc.cat(
    parts.map(part => part.flatten()),
    { axis: 0 },
  );

/**
 * The second derivatives of a loss by parameters, as products with vectors; nothing is formed in full.
 *
 * @param loss a scalar, computed from the parameters
 * @remarks Pearlmutter 1994. Python: `torch.autograd.grad` of a gradient's product; within 1e-9.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const p = tensor([1, 2], { dtype: 'float64', requiresGrad: true });
 * hessianOf(p.mul(p).mul(p).sum(), [p]).product(tensor([1, 0], { dtype: 'float64' })).tolist() // => [6, 0]
 */
export function hessianOf(loss: Tensor, params: readonly Tensor[]): Hessian {
  const leaves = [...params];
  const gradients = grad([loss], leaves, { createGraph: true, allowUnused: true }).map((each, i) => each ?? gtc.zerosLike(leaves[i]!.detach()));
  const gradient = flat(gradients);
  return {
    size: gradient.size,
    product(vector) {
      if (!gradient.requiresGrad) return gtc.zerosLike(gradient);
      const products = grad([gtc.sum(gtc.mul(gradient, vector))], leaves, { retainGraph: true, allowUnused: true });
      return flat(products.map((each, i) => each ?? gtc.zerosLike(leaves[i]!.detach()))).detach();
    },
  };
}

/** Options of {@link hessianTopEigenvalue}. */
export interface EigenvalueOptions {
  /** Default: 1,000. */
  readonly iterations?: number;
  /** Change of the eigenvalue, as a share, at which the search ends. Default: 1e-12. */
  readonly tolerance?: number;
}

/**
 * The eigenvalue of greatest magnitude of the second derivatives, by power iteration, and the trace, which is exact.
 *
 * @throws {ValidationError} unless `iterations` is a positive integer
 * @remarks Python: `PyHessian`'s `eigenvalues(top_n=1)`; within 1e-7 of `torch.linalg.eigvalsh` of the full Hessian.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const p = tensor([1, 1], { dtype: 'float64', requiresGrad: true });
 * hessianTopEigenvalue(p.mul(p).mul(tensor([1, 3], { dtype: 'float64' })).sum(), [p]).trace // => 8
 */
export function hessianTopEigenvalue(
  loss: Tensor,
  params: readonly Tensor[],
  { iterations = 1000, tolerance = 1e-12 }: EigenvalueOptions = {},
): { readonly topEigenvalue: number; readonly trace: number } {
  positive(integer(iterations, 'iterations'), 'iterations');
  const hessian = hessianOf(loss, params);
  const { size } = hessian;
  const { dtype } = params[0]!;
  const basis = (i: number): Tensor =>
    gtc.tensor(
      Array.from({ length: size }, (_, at) => Number(at === i)),
      { dtype },
    );
  const diagonal = Array.from({ length: size }, (_, i) => hessian.product(basis(i)).at(i) as number);
  const trace = diagonal.reduce((a, b) => a + b, 0);
  let vector = gtc.tensor(
    Array.from({ length: size }, (_, i) => 1 + 0.1 * Math.sin(i + 1)),
    { dtype },
  );
  let value = 0;
  for (let i = 0; i < iterations; i++) {
    vector = gtc.div(vector, gtc.vectorNorm(vector));
    const image = hessian.product(vector);
    const next = gtc.sum(gtc.mul(vector, image)).item() as number;
    const done = Math.abs(next - value) <= tolerance * Math.abs(next);
    value = next;
    if (done || (gtc.vectorNorm(image).item() as number) === 0) break;
    vector = image;
  }
  return { topEigenvalue: value, trace };
}
