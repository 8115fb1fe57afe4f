/** Einstein's summation: products of tensors summed over labelled axes. */
import { nonEmpty, ShapeError, ValidationError } from '@gtc/errors';
import { promoteTypes } from '../../dtypes.js';
import type { Tensor } from '../../tensor.js';
import { showShape, sizeOf } from '../core/shape.js';
import { sum } from '../reductions/sums.js';
import { diagonal, expand, permute, reshape } from '../shape/views.js';
import { bmm } from './matmul.js';

/** A tensor whose axes have names. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

const refuse = (equation: string, why: string): never => {
  throw new ValidationError(`einsum: ${why} in '${equation}'`, { parameter: 'equation', received: equation });
};

/** Labels of one operand; the axes behind '...' get names that no letter has. */
function labelsOf(term: string, ndim: number, equation: string): string[] {
  if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) refuse(equation, `'${term}' is not made of letters and one '...'`);
  const [before, after] = term.split('...') as [string, string | undefined];
  if (after === undefined) {
    if (before.length !== ndim)
      throw new ShapeError(`einsum: '${term}' names ${before.length} axes of an operand with ${ndim} in '${equation}'`, { parameter: 'operands' });
    return [...before];
  }
  const hidden = ndim - before.length - after.length;
  if (hidden < 0) throw new ShapeError(`einsum: '${term}' names more axes than the operand's ${ndim} in '${equation}'`, { parameter: 'operands' });
  return [...before, ...Array.from({ length: hidden }, (_, i) => `…${hidden - i}`), ...after];
}

/** Labels of operands and result. */
function parse(equation: string, operands: readonly Tensor[]): { inputs: string[][]; output: string[] } {
  const [left, right, more] = equation.replaceAll(/\s/g, '').split('->') as [string, string | undefined, string | undefined];
  const terms = left.split(',');
  if (more !== undefined) refuse(equation, "'->' occurs twice");
  if (terms.length !== operands.length) refuse(equation, `${terms.length} terms for ${operands.length} operands`);
  const inputs = terms.map((term, i) => labelsOf(term, operands[i]!.ndim, equation));
  const hidden = [...new Set(inputs.flat().filter(label => label.startsWith('…')))].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  const letters = inputs.flat().filter(label => !label.startsWith('…'));
  if (right === undefined)
    return { inputs, output: [...hidden, ...[...new Set(letters)].filter(label => letters.indexOf(label) === letters.lastIndexOf(label)).sort()] };
  const output = labelsOf(right, right.includes('...') ? right.length - 3 + hidden.length : right.length, equation);
  for (const label of output) if (!inputs.flat().includes(label)) refuse(equation, `the result's axis '${label}' occurs in no operand`);
  if (new Set(output).size !== output.length) refuse(equation, 'the result names an axis twice');
  return { inputs, output };
}

/** A repeated label means the diagonal. */
function withoutRepeats({ x, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]!);
  if (x.shape[first] !== x.shape[second])
    throw new ShapeError(`einsum: axis '${labels[second]}' has lengths ${x.shape[first]} and ${x.shape[second]} in ${showShape(x.shape)}`, {
      parameter: 'operands',
    });
  const rest = labels.filter((_, i) => i !== first && i !== second);
  return withoutRepeats({ x: diagonal(x, { axis1: first, axis2: second }), labels: [...rest, labels[second]!] });
}

/** Sums out labels that nothing else needs. */
function sumOut({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axis = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  return axis.length === 0 ? { x, labels } : { x: sum(x, { axis }).astype(x.dtype), labels: labels.filter(label => needed.has(label)) };
}

/** The axes of a tensor in the order of labels; missing ones have length 1. */
function arrange({ x, labels }: Labelled, order: readonly string[]): Tensor {
  const present = order.filter(label => labels.includes(label));
  const turned = permute(
    x,
    present.map(label => labels.indexOf(label)),
  );
  return reshape(
    turned,
    order.map(label => (labels.includes(label) ? x.shape[labels.indexOf(label)]! : 1)),
  );
}

/** The product of two tensors, summed over labels that nothing else needs, as a batched matrix product. */
function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Labelled {
  const [left, right] = [a, b].map(each => sumOut(each, new Set([...needed, ...(each === a ? b : a).labels]))) as [Labelled, Labelled];
  const shared = left.labels.filter(label => right.labels.includes(label));
  const batch = shared.filter(label => needed.has(label));
  const inner = shared.filter(label => !needed.has(label));
  const rows = left.labels.filter(label => !shared.includes(label));
  const columns = right.labels.filter(label => !shared.includes(label));
  const size = (labels: readonly string[]): number => sizeOf(labels.map(label => sizes.get(label)!));
  const full = (each: Labelled, order: readonly string[]): Tensor => {
    const own = new Set(each.labels);
    return expand(
      arrange(each, order),
      order.map(label => (own.has(label) ? sizes.get(label)! : 1)),
    );
  };
  const p = reshape(full(left, [...batch, ...rows, ...inner]), [size(batch), size(rows), size(inner)]);
  const q = reshape(full(right, [...batch, ...inner, ...columns]), [size(batch), size(inner), size(columns)]);
  const labels = [...batch, ...rows, ...columns];
  return {
    x: reshape(
      bmm(p, q),
      labels.map(label => sizes.get(label)!),
    ),
    labels,
  };
}

/** Length of every label; axes of length 1 broadcast. */
function sizesOf(operands: readonly Labelled[], equation: string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { x, labels } of operands)
    for (const [axis, label] of labels.entries()) {
      const [known, length] = [sizes.get(label) ?? 1, x.shape[axis]!];
      if (known !== 1 && length !== 1 && known !== length)
        throw new ShapeError(
          `einsum: axis '${label}' has lengths ${known} and ${length} in '${equation}', operands ${operands.map(each => showShape(each.x.shape)).join(' and ')}`,
          {
            parameter: 'operands',
          },
        );
      sizes.set(label, known === 1 ? length : known);
    }
  return sizes;
}

/** The two operands whose product is smallest. */
function cheapest(operands: readonly Labelled[], output: readonly string[], sizes: ReadonlyMap<string, number>): readonly [number, number] {
  let [best, least]: [readonly [number, number], number] = [[0, 1], Number.POSITIVE_INFINITY];
  for (let i = 0; i < operands.length; i++)
    for (let j = i + 1; j < operands.length; j++) {
      const others = new Set([...output, ...operands.filter((_, k) => k !== i && k !== j).flatMap(({ labels }) => labels)]);
      const union = new Set([...operands[i]!.labels, ...operands[j]!.labels]);
      const left = sizeOf([...union].filter(label => others.has(label)).map(label => sizes.get(label)!));
      const work = sizeOf([...union].map(label => sizes.get(label)!));
      if (work + left < least) [best, least] = [[i, j], work + left];
    }
  return best;
}

/**
 * Products of tensors, summed over the axes whose labels the result lacks. Two operands at a time, the cheapest first, as matrix products.
 *
 * @param equation `'ij,jk->ik'`: a letter for each axis, `'...'` for the rest; without `'->'` the labels that occur once, in order
 * @throws {ValidationError} for an equation that does not fit the operands
 * @throws {ShapeError} when one label has two lengths
 * @remarks Python: `torch.einsum(equation, ...operands)`, `numpy.einsum`.
 * @example einsum('ij,j->i', tensor([[1, 2], [3, 4]]), tensor([1, 1])).tolist() // => [3, 7]
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const { inputs, output } = parse(equation, nonEmpty(operands, 'operands'));
  const dtype = operands.map(x => x.dtype).reduce(promoteTypes);
  let parts: Labelled[] = operands.map((x, i) => withoutRepeats({ x: x.astype(dtype), labels: inputs[i]! }));
  const sizes = sizesOf(parts, equation);
  // An axis of length 1 that broadcasts is no factor of the product: it goes.
  parts = parts.map(({ x, labels }) => {
    const stays = labels.map((label, axis) => x.shape[axis] === sizes.get(label));
    return {
      x: reshape(
        x,
        x.shape.filter((_, axis) => stays[axis]),
      ),
      labels: labels.filter((_, axis) => stays[axis]),
    };
  });
  while (parts.length > 1) {
    const [i, j] = cheapest(parts, output, sizes);
    const rest = parts.filter((_, k) => k !== i && k !== j);
    const needed = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
    parts = [...rest, contract(parts[i]!, parts[j]!, needed, sizes)];
  }
  const [last] = parts as [Labelled];
  return expand(
    arrange(sumOut(last, new Set(output)), output),
    output.map(label => sizes.get(label)!),
  );
}
