/** Room for the packed panels of a product and the blocks of attention, one for each thread. */

import type { TypedArray } from '../../dtypes.js';
import { pooledArray } from '../core/heap.js';
import type { Wasm } from './wasm.js';

const rooms: TypedArray[] = [];

/** The address of a thread's room; 0 where the memory is full. */
export function workspace(kernels: Wasm, thread = 0): number {
  const room = rooms[thread] ?? pooledArray('uint8', kernels.attentionWorkspace(), false);
  if (room === null) return 0;
  rooms[thread] = room;
  return room.byteOffset;
}
