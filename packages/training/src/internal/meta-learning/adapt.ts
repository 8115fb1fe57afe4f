/** Learning to adapt: gradients through steps of gradient descent, and losses of episodes. */
import { positive, ShapeError, ValidationError } from '@gtc/errors';
import { grad, matmul, matrixTranspose, mul, neg, normalize, sub, sum, type Tensor, tensor } from '@gtc/tensor';
import { crossEntropy, nllLoss } from '@gtc/tensor/nn';

/** Loss of a model with given parameters, a scalar that they can be differentiated through. */
export type ParameterLoss = (params: readonly Tensor[]) => Tensor;

/** How a model is adapted to a task. */
export interface AdaptOptions {
  /** Step size of the inner steps. */
  readonly innerLr: number;
  /** Inner steps of gradient descent. */
  readonly innerSteps?: number;
}

/** Parameters after some steps of gradient descent. */
function adapt(params: readonly Tensor[], loss: ParameterLoss, { innerLr, innerSteps = 1 }: AdaptOptions, createGraph: boolean): Tensor[] {
  positive(innerLr, 'innerLr');
  positive(innerSteps, 'innerSteps');
  let adapted = [...params];
  for (let step = 0; step < innerSteps; step++) {
    const gradients = grad([loss(adapted)], adapted, { createGraph });
    adapted = adapted.map((param, i) => sub(param, mul(gradients[i]!, innerLr)));
  }
  return adapted;
}

/** What one task says of the parameters that all tasks start from. */
export interface MetaGradient {
  /** Loss on the query set after adaptation. */
  readonly queryLoss: Tensor;
  /** Its gradient by each of the parameters before adaptation. */
  readonly gradients: readonly Tensor[];
  /** Parameters after adaptation. */
  readonly adapted: readonly Tensor[];
}

/**
 * The gradient of MAML for one task: adapt the parameters to the support set, and differentiate the loss on the query set through the
 * adaptation. Sum it over tasks and step.
 *
 * @param params starting point; not modified
 * @param support loss on the support set @param query loss on the query set
 * @param options `firstOrder` takes the inner gradients as constants, which saves the second derivatives
 * @throws {ValidationError} unless `innerLr` and `innerSteps` are positive
 * @remarks Finn et al. 2017. Python: `torch.autograd.grad(create_graph=True)` in a loop, or `higher`; within 1e-9.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const loss = (params) => params[0].mul(params[0]).sum();
 * mamlGradient([tensor([1])], loss, loss, { innerLr: 0.1 }).adapted[0].item().toFixed(1) // => '0.8'
 */
export function mamlGradient(
  params: readonly Tensor[],
  support: ParameterLoss,
  query: ParameterLoss,
  options: AdaptOptions & { readonly firstOrder?: boolean },
): MetaGradient {
  const leaves = params.map(param => param.detach().requiresGrad_());
  const adapted = adapt(leaves, support, options, options.firstOrder !== true);
  const queryLoss = query(adapted);
  return { queryLoss: queryLoss.detach(), gradients: grad([queryLoss], leaves) as Tensor[], adapted: adapted.map(param => param.detach()) };
}

/**
 * The direction of Reptile for one task: from the parameters that gradient descent ends at to those that it starts from.
 *
 * @returns for each parameter `before - after`, to be stepped against like a gradient
 * @throws {ValidationError} unless `innerLr` and `innerSteps` are positive
 * @remarks Nichol et al. 2018; within 1e-9 of torch.
 */
export function reptileDirection(params: readonly Tensor[], loss: ParameterLoss, options: AdaptOptions): Tensor[] {
  const leaves = params.map(param => param.detach().requiresGrad_());
  return adapt(leaves, loss, options, false).map((after, i) => sub(leaves[i]!, after).detach());
}

/** Labels as numbers of classes, each with examples. */
function classesOf(support: Tensor, labels: Tensor): readonly (readonly number[])[] {
  ShapeError.check({ support: [support, ['examples', 'dimensions']], supportLabels: [labels, [support.shape[0]!]] });
  const rows: number[][] = [];
  (labels.tolist() as (number | bigint)[]).forEach((label, row) => {
    if (Number(label) < 0) throw new ValidationError(`supportLabels must not be negative, got ${label}`, { parameter: 'supportLabels', received: label });
    (rows[Number(label)] ??= []).push(row);
  });
  const missing = Array.from({ length: rows.length }, (_, label) => label).find(label => rows[label] === undefined);
  if (missing !== undefined)
    throw new ValidationError(`supportLabels must hold every class, and class ${missing} has no example`, { parameter: 'supportLabels', received: missing });
  return rows;
}

/** For each class the weights that average or add up its examples, `[classes, examples]`. */
function membership(rows: readonly (readonly number[])[], support: Tensor, mean: boolean): Tensor {
  const examples = support.shape[0]!;
  const weights = rows.map(members => Array.from({ length: examples }, (_, row) => (members.includes(row) ? 1 / (mean ? members.length : 1) : 0)));
  return tensor(weights, { dtype: support.dtype });
}

/** A loss of an episode and what it comes from; tensors can be differentiated through. */
export interface PrototypicalLoss {
  /** Mean of the examples of each class, `[classes, dimensions]`. */
  readonly prototypes: Tensor;
  readonly loss: Tensor;
  /** Share of queries whose nearest prototype is that of their class. */
  readonly accuracy: number;
}

/**
 * Cross-entropy of queries under their squared distances to the mean of each class: `softmax(-‖q - c_k‖²)`.
 *
 * @param support `[examples, dimensions]` @param supportLabels `[examples]`, classes from 0 on, each with an example
 * @param query `[queries, dimensions]` @param queryLabels `[queries]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} for a class without an example
 * @remarks Snell et al. 2017; within 1e-9 of torch.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const labels = tensor([0, 1], { dtype: 'int32' });
 * prototypicalLoss(tensor([[0, 0], [4, 0]]), labels, tensor([[1, 0], [3, 0]]), labels).accuracy // => 1
 */
export function prototypicalLoss(support: Tensor, supportLabels: Tensor, query: Tensor, queryLabels: Tensor): PrototypicalLoss {
  const rows = classesOf(support, supportLabels);
  ShapeError.check({ query: [query, ['queries', support.shape[1]!]], queryLabels: [queryLabels, [query.shape[0]!]] });
  const prototypes = matmul(membership(rows, support, true), support);
  const differences = sub(query.unsqueeze(1), prototypes.unsqueeze(0));
  const scores = neg(sum(mul(differences, differences), { axis: -1 }));
  const nearest = scores.argmax({ axis: 1 }).tolist() as number[];
  const wanted = queryLabels.tolist() as (number | bigint)[];
  const accuracy = nearest.filter((label, i) => Number(label) === Number(wanted[i])).length / nearest.length;
  return { prototypes, loss: crossEntropy(scores, queryLabels), accuracy };
}

/** A loss of an episode and what it comes from; tensors can be differentiated through. */
export interface MatchingLoss {
  /** Share of its attention that each query gives to each class, `[queries, classes]`. */
  readonly probabilities: Tensor;
  readonly loss: Tensor;
}

/**
 * Log loss of queries that attend to the examples by cosine similarity, and to a class by the sum over its examples.
 *
 * @param support `[examples, dimensions]` @param supportLabels `[examples]`, classes from 0 on, each with an example
 * @param query `[queries, dimensions]` @param queryLabels `[queries]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} for a class without an example
 * @remarks Vinyals et al. 2016, without the embeddings that look at the whole set; within 1e-9 of torch.
 */
export function matchingNetworkLoss(support: Tensor, supportLabels: Tensor, query: Tensor, queryLabels: Tensor): MatchingLoss {
  const rows = classesOf(support, supportLabels);
  ShapeError.check({ query: [query, ['queries', support.shape[1]!]], queryLabels: [queryLabels, [query.shape[0]!]] });
  const attention = matmul(normalize(query, { axis: 1 }), matrixTranspose(normalize(support, { axis: 1 }))).softmax({ axis: 1 });
  const probabilities = matmul(attention, matrixTranspose(membership(rows, support, false)));
  return { probabilities, loss: nllLoss(probabilities.log(), queryLabels) };
}
