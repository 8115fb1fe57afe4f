/** The graph of operations behind a tensor, and the pass that walks it backwards. Semantics are those of PyTorch. */
import { ShapeError, StateError } from '@gtc/errors';
import { isFloating } from '../../dtypes.js';
import type { Tensor } from '../../tensor.js';
import { enterLeaf } from '../core/scope.js';
import { isRowMajor, showShape } from '../core/shape.js';

/** Computes the gradients of an operation's inputs from that of its result; null where an input needs none. */
export type Rule = (gradient: Tensor, needs: readonly boolean[]) => readonly (Tensor | null)[];
/** May replace a gradient on its way. */
export type Hook = (gradient: Tensor) => Tensor | null | undefined;

/** A value that a rule will read, and the version it had. */
interface Saved {
  readonly tensor: Tensor;
  readonly version: number;
}

/** How an input looked: its gradient is brought to this form. */
interface Input {
  readonly node: GraphNode | null;
  readonly shape: readonly number[];
  readonly dtype: Tensor['dtype'];
}

let created = 0;

/** One recorded operation, or a leaf that collects its gradient. */
export class GraphNode {
  readonly name: string;
  /** Order of creation, which is a topological order. */
  readonly id: number = created++;
  readonly inputs: readonly Input[];
  /** Null once the graph was freed. */
  rule: Rule | null;
  saved: readonly Saved[];
  readonly hooks: Hook[] = [];
  /** For leaves: the tensor whose `grad` grows. */
  readonly leaf: Tensor | null;
  /** Result whose gradient is kept although it is no leaf. */
  retained: Tensor | null = null;

  constructor(name: string, inputs: readonly Input[], rule: Rule | null, saved: readonly Saved[] = [], leaf: Tensor | null = null) {
    this.name = name;
    this.inputs = inputs;
    this.rule = rule;
    this.saved = saved;
    this.leaf = leaf;
  }
}

let recording = true;

/** Whether operations are being recorded. */
export function isRecording(): boolean {
  return recording;
}

/** Runs a function with recording switched on or off. */
export function withRecording<T>(on: boolean, run: () => T): T {
  const before = recording;
  recording = on;
  try {
    return run();
  } finally {
    recording = before;
  }
}

/** Told of every differentiable operation: its name, its result and what it was computed from. */
export type OperationListener = (name: string, result: Tensor, inputs: readonly Tensor[]) => void;

const listeners = new Set<OperationListener>();

/**
 * Tells a listener of every differentiable operation from now on, recorded or not: what profilers count and time.
 *
 * @returns what ends it
 * @remarks Python: `torch.utils._python_dispatch.TorchDispatchMode`, as `torch.utils.flop_counter` uses it.
 * @example
 * const names: string[] = [];
 * const stop = observeOperations(name => names.push(name));
 * ones([2, 2]).matmul(ones([2, 2]));
 * stop();
 * names // => ['matmul']
 */
export function observeOperations(listener: OperationListener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Records an operation behind its result when an input requires gradients. */
export function record(name: string, result: Tensor, inputs: readonly Tensor[], rule: Rule, saved: readonly (Tensor | false)[] = []): Tensor {
  if (listeners.size > 0) for (const listener of listeners) listener(name, result, inputs);
  if (!recording || !inputs.some(input => input.requiresGrad) || !isFloating(result.dtype)) return result;
  const kept = saved.filter(tensor => tensor !== false).map(tensor => ({ tensor, version: tensor.storage.version }));
  const from = inputs.map(input => ({ node: input.node, shape: input.shape, dtype: input.dtype }));
  result.setNode(new GraphNode(name, from, rule, kept));
  return result;
}

/** Watches a written tensor in place of the result that was copied into it. */
export function watchInstead(node: GraphNode | null, result: Tensor, target: Tensor): void {
  if (node !== null) node.saved = node.saved.map(each => (each.tensor === result ? { tensor: target, version: target.storage.version } : each));
}

/** Options of a backward pass. */
export interface BackwardOptions {
  /** Keep saved values so that the graph can be walked again. Default: `createGraph`. */
  readonly retainGraph?: boolean;
  /** Record the pass itself, for higher derivatives. */
  readonly createGraph?: boolean;
}

const fail = (message: string): StateError => new StateError(`backward: ${message}`);

/** The gradient with which a pass starts: the one given, or 1 for a single element. */
export function seed(output: Tensor, gradient: Tensor | null, operation: string, one: (of: Tensor) => Tensor): Tensor {
  if (!output.requiresGrad) throw new StateError(`${operation}: the output does not require gradients; none of its inputs has requiresGrad`);
  if (gradient === null) {
    if (output.size !== 1)
      throw new StateError(`${operation}: only a result of one element starts by itself; pass gradOut for shape ${showShape(output.shape)}`);
    return one(output);
  }
  if (showShape(gradient.shape) !== showShape(output.shape))
    throw new ShapeError(`${operation}: gradOut ${showShape(gradient.shape)} must have the output's shape ${showShape(output.shape)}`, {
      parameter: 'gradOut',
    });
  return gradient;
}

/** Nodes from which a pass starts, with their gradients. */
type Starts = readonly (readonly [GraphNode, Tensor])[];

/** What a pass needs of the operations on tensors. */
export interface Arithmetic {
  readonly add: (a: Tensor, b: Tensor) => Tensor;
  /** Brings a gradient to an input's shape and element type. */
  readonly conform: (gradient: Tensor, shape: readonly number[], dtype: Tensor['dtype']) => Tensor;
}

/**
 * Walks the graph from its outputs; gradients of leaves are added to `grad`, unless only some nodes are wanted, whose gradients are returned.
 */
export function runBackward(
  starts: Starts,
  { add, conform }: Arithmetic,
  { createGraph = false, retainGraph = createGraph }: BackwardOptions,
  wanted: ReadonlySet<GraphNode> | null = null,
): Map<GraphNode, Tensor> {
  const order = reachable(starts.map(([node]) => node));
  const useful = wanted === null ? null : leadingTo(order, wanted);
  const gradients = new Map<GraphNode, Tensor>();
  const found = new Map<GraphNode, Tensor>();
  const give = (node: GraphNode, gradient: Tensor): void => {
    const known = gradients.get(node);
    gradients.set(node, known === undefined ? gradient : add(known, gradient));
  };
  return withRecording(createGraph, () => {
    for (const [node, gradient] of starts) give(node, gradient);
    for (const node of order) {
      let gradient = gradients.get(node);
      gradients.delete(node);
      if (gradient === undefined || (useful !== null && !useful.has(node))) continue;
      for (const hook of node.hooks) gradient = hook(gradient) ?? gradient;
      if (wanted?.has(node)) found.set(node, gradient);
      if (wanted === null && node.retained !== null) node.retained.grad = gradient;
      if (node.leaf !== null) {
        if (wanted === null) {
          node.leaf.grad = node.leaf.grad === null ? ownCopy(gradient) : add(node.leaf.grad, gradient);
          enterLeaf(node.leaf);
        }
        continue;
      }
      const needs = node.inputs.map(input => input.node !== null && (useful === null || useful.has(input.node)));
      if (!needs.includes(true)) continue;
      const results = ruleOf(node)(gradient, needs);
      for (const [i, { node: source, shape, dtype }] of node.inputs.entries()) {
        const part = results[i];
        if (needs[i] && source !== null && part !== null && part !== undefined) give(source, conform(part, shape, dtype));
      }
      if (!retainGraph && node.saved.length > 0) {
        node.rule = null;
        node.saved = [];
      }
    }
    return found;
  });
}

/** A gradient that a user may write into without changing another: views and constants of the pass are copied. */
function ownCopy(gradient: Tensor): Tensor {
  const own = gradient.base === null && isRowMajor(gradient.shape, gradient.strides);
  return own && gradient.requiresGrad ? gradient : gradient.clone();
}

/** The rule of a node whose saved values are still what they were. */
function ruleOf({ name, rule, saved }: GraphNode): Rule {
  if (rule === null) throw fail(`the saved values of ${name} were freed by an earlier pass; pass retainGraph: true there to walk the graph a second time`);
  for (const { tensor, version } of saved)
    if (tensor.storage.version !== version)
      throw fail(
        `a value of shape ${showShape(tensor.shape)} that ${name} needs was modified in place: it is at version ${tensor.storage.version}, expected version ${version}`,
      );
  return rule;
}

/** All nodes behind some nodes, later ones first. */
function reachable(roots: readonly GraphNode[]): GraphNode[] {
  const seen = new Set<GraphNode>(roots);
  const stack = [...seen];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const { node: source } of node.inputs) {
      if (source === null || seen.has(source)) continue;
      seen.add(source);
      stack.push(source);
    }
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

/** Those of the nodes from which a wanted one is reached. */
function leadingTo(order: readonly GraphNode[], wanted: ReadonlySet<GraphNode>): Set<GraphNode> {
  const useful = new Set<GraphNode>();
  for (const node of [...order].reverse())
    if (wanted.has(node) || node.inputs.some(({ node: source }) => source !== null && useful.has(source))) useful.add(node);
  return useful;
}
