/** Scopes: what is made inside is freed at the end, unless it is handed out. */
import { StateError } from '@gtc/errors';
import type { TypedArray } from '../../dtypes.js';
import { freeArray } from './heap.js';

/** What a scope knows of a buffer. */
export interface Freeable {
  readonly data: TypedArray;
  free(): void;
}

/** What a scope knows of a tensor that collects a gradient. */
export interface Collector {
  readonly storage: Freeable;
  readonly grad: { readonly storage: Freeable } | null;
}

interface Scope {
  readonly storages: Set<Freeable>;
  /** Arrays, those that no storage holds included. */
  readonly arrays: Set<TypedArray>;
  /** Leaves whose gradient a pass in the scope has added to. */
  readonly leaves: Set<Collector>;
  readonly outer: Scope | null;
}

let current: Scope | null = null;

/** Notes a new array in the scope that is open. */
export function enterArray(data: TypedArray): void {
  current?.arrays.add(data);
}

/** Notes a buffer in the scope that is open: it is freed at the end. */
export function enter(storage: Freeable): void {
  if (current === null) return;
  current.storages.add(storage);
  current.arrays.add(storage.data);
}

/** Notes a leaf whose gradient outlives the scope for as long as it is the leaf's. */
export function enterLeaf(leaf: Collector): void {
  current?.leaves.add(leaf);
}

/** Takes a buffer out of every scope: its owner frees it, or the garbage collector. */
export function release(storage: Freeable): void {
  for (let scope = current; scope !== null; scope = scope.outer) {
    scope.storages.delete(storage);
    scope.arrays.delete(storage.data);
  }
}

function moveOut(storage: Freeable, { storages, arrays, outer }: Scope): void {
  if (!storages.delete(storage)) return;
  arrays.delete(storage.data);
  outer?.storages.add(storage);
  outer?.arrays.add(storage.data);
}

/**
 * Runs a function and frees the buffers made in it.
 *
 * @param survivors buffers that a result holds on to; they move to the scope outside
 * @throws {StateError} for a function that returns a promise
 */
export function runScope<T>(run: () => T, survivors: (result: T) => Iterable<Freeable>): T {
  const scope: Scope = { storages: new Set(), arrays: new Set(), leaves: new Set(), outer: current };
  current = scope;
  try {
    const result = run();
    if (result instanceof Promise) throw new StateError('scope: the function must not be asynchronous; what it makes after the first await would not be freed');
    for (const storage of survivors(result)) moveOut(storage, scope);
    for (const leaf of scope.leaves) {
      if (scope.storages.has(leaf.storage)) continue;
      if (leaf.grad !== null) moveOut(leaf.grad.storage, scope);
      scope.outer?.leaves.add(leaf);
    }
    return result;
  } finally {
    current = scope.outer;
    for (const storage of scope.storages) storage.free();
    for (const data of scope.arrays) freeArray(data);
  }
}
