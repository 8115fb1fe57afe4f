/** The closed forms of model editing: the least changes of a matrix after which given keys have given values. */
import { positive, ShapeError } from '@gtc/errors';
import { add, matmul, mul, sub, sum, type Tensor, unsqueeze } from '@gtc/tensor';
import { inv, solve } from '@gtc/tensor/linalg';

/** @throws {ShapeError} unless a tensor has this shape */
function check(x: Tensor, name: string, shape: readonly number[]): void {
  if (x.shape.join() !== shape.join())
    throw new ShapeError(`${name} must be [${shape.join(', ')}], got [${x.shape.join(', ')}]`, { parameter: name, received: x.shape });
}

/**
 * ROME's rank-one update (Meng et al. 2022): the matrix nearest to `weight`, in the metric of the keys' covariance, that maps `key` to `value`.
 *
 * @param weight `[out, in]`
 * @param covariance of keys, `E[k kᵀ]`, `[in, in]`
 * @param key `[in]`
 * @param value `[out]`
 * @throws {ShapeError} for sizes that do not fit
 * @throws {NumericError} for a singular covariance
 * @remarks Python: `W + outer(v - W @ k, solve(C, k)) / (solve(C, k) @ k)`.
 * @example
 * import { eye, tensor } from '@gtc/tensor';
 * romeUpdate(eye(2), eye(2), tensor([1, 0]), tensor([0, 3])).tolist() // => [[0, 0], [3, 1]]
 */
export function romeUpdate(weight: Tensor, covariance: Tensor, key: Tensor, value: Tensor): Tensor {
  const [out = 0, width = 0] = weight.shape;
  check(weight, 'weight', [out, width]);
  check(covariance, 'covariance', [width, width]);
  check(key, 'key', [width]);
  check(value, 'value', [out]);
  const direction = solve(covariance, key);
  const change = matmul(unsqueeze(sub(value, matmul(weight, key)), 1), unsqueeze(direction, 0));
  return add(weight, mul(change, 1 / (sum(mul(direction, key)).item() as number)));
}

/** What {@link memitUpdate} finds. */
export interface MemitUpdate {
  /** What is added to the weight. */
  readonly delta: Tensor;
  readonly weight: Tensor;
}

/**
 * MEMIT's update for many facts at once (Meng et al. 2023): least squares between the new values and what the matrix does to other keys.
 *
 * @param weight `[out, in]`
 * @param covariance of keys, `[in, in]`
 * @param keys `[in, facts]`
 * @param values `[out, facts]`
 * @param options lambda, the weight of the other keys; 15,000 in the paper
 * @throws {ShapeError} for sizes that do not fit
 * @throws {ValidationError} for a lambda that is not positive
 * @remarks Python: `(V - W @ K) @ K.T @ inv(lam * C + K @ K.T)`.
 * @example
 * import { eye, tensor } from '@gtc/tensor';
 * memitUpdate(eye(2), eye(2), tensor([[1], [0]]), tensor([[0], [3]]), { lambda: 1 }).delta.tolist() // => [[-0.5, 0], [1.5, 0]]
 */
export function memitUpdate(
  weight: Tensor,
  covariance: Tensor,
  keys: Tensor,
  values: Tensor,
  { lambda = 15_000 }: { readonly lambda?: number } = {},
): MemitUpdate {
  const [out = 0, width = 0] = weight.shape;
  const facts = keys.shape[1] ?? 0;
  check(weight, 'weight', [out, width]);
  check(covariance, 'covariance', [width, width]);
  check(keys, 'keys', [width, facts]);
  check(values, 'values', [out, facts]);
  positive(lambda, 'lambda');
  const residual = sub(values, matmul(weight, keys));
  const metric = add(mul(covariance, lambda), matmul(keys, keys.transpose()));
  const delta = matmul(matmul(residual, keys.transpose()), inv(metric));
  return { delta, weight: add(weight, delta) };
}
