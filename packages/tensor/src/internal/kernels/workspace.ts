/** Room for the packed panels of a product and the blocks of attention, one for each thread. */

import type { TypedArray } from '../../dtypes.js';
import { pooledArray } from '../core/heap.js';
import type { Wasm } from './wasm.js';

const rooms: (TypedArray | undefined)[] = [];

/** The address of a thread's room; 0 where the memory is full. */
export function workspace(kernels: Wasm, thread = 0): number {
  rooms[thread] ??= pooledArray('uint8', kernels.attentionWorkspace(), false) ?? undefined;
  return rooms[thread]?.byteOffset ?? 0;
}
