/** Memory of tensors: scopes that free what is made in them, and what is in use. */
import type { GraphNode } from './internal/autograd/graph.js';
import { type MemoryReport, memoryReport } from './internal/core/heap.js';
import { release, runScope } from './internal/core/scope.js';
import type { Storage } from './internal/core/storage.js';
import { Tensor } from './tensor.js';

export type { MemoryReport } from './internal/core/heap.js';

/** Buffers that a value holds on to: tensors in arrays, maps, sets and the own fields of objects, and what their gradients will need. */
function* storagesOf(value: unknown, seen: Set<unknown>): Generator<Storage> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) {
    yield value.storage;
    if (value.grad !== null) yield value.grad.storage;
    yield* behind(value.node, seen);
  } else if (value instanceof Map) for (const each of value.values()) yield* storagesOf(each, seen);
  else if (value instanceof Set) for (const each of value) yield* storagesOf(each, seen);
  else for (const each of Object.values(value)) yield* storagesOf(each, seen);
}

/** Buffers that a walk over a graph reads. */
function* behind(root: GraphNode | null, seen: Set<unknown>): Generator<Storage> {
  const stack = root === null ? [] : [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const { tensor } of node.saved) yield tensor.storage;
    if (node.leaf !== null) yield node.leaf.storage;
    for (const { node: source } of node.inputs) if (source !== null) stack.push(source);
  }
}

/**
 * Runs a function and frees every tensor made in it, except those that its result holds (in arrays, maps, sets and objects too), those that
 * were given to {@link keep}, parameters, and gradients that leaves hold at the end. Scopes nest: what leaves one belongs to the next outside.
 * A tensor that was freed throws when it is read.
 *
 * @returns what the function returns
 * @throws {StateError} for an asynchronous function
 * @remarks Python: reference counting does this; TensorFlow.js calls it `tidy`.
 * @example scope(() => tensor([1, 2]).mul(3).sum()).item() // => 9
 */
export function scope<T>(run: () => T): T {
  return runScope(run, result => storagesOf(result, new Set()));
}

/**
 * Takes tensors out of the scopes that are open: they live until they are disposed of or nobody holds them.
 *
 * @param value a tensor, or an object, array, map or set that holds tensors
 * @returns the value
 * @example
 * const kept: Tensor[] = [];
 * scope(() => void kept.push(keep(tensor([7]))));
 * kept[0].item() // => 7
 */
export function keep<T>(value: T): T {
  for (const storage of storagesOf(value, new Set())) release(storage);
  return value;
}

/**
 * Memory that tensors of 2 kB and more use; smaller ones lie on the JavaScript heap and are not counted.
 *
 * @remarks Python: `torch.cuda.memory_stats()` for the caching allocator of a GPU.
 * @example memory().bytes >= 0 // => true
 */
export function memory(): MemoryReport {
  return memoryReport();
}
