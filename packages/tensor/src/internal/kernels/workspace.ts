/** Room for the packed panels of a product, one for each thread. */

import type { TypedArray } from '../../dtypes.js';
import { pooledArray } from '../core/heap.js';
import type { Wasm } from './wasm.js';

const rooms: (TypedArray | undefined)[] = [];

/** The address of a thread's room; 0 where the memory is full. */
export function workspace(kernels: Wasm, thread = 0): number {
  rooms[thread] ??= pooledArray('uint8', kernels.gemmWorkspace(), false) ?? undefined;
  return rooms[thread]?.byteOffset ?? 0;
}
