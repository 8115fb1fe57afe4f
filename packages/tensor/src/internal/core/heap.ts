/**
 * One WebAssembly memory for the elements of larger tensors, with free lists by size. Shared and growing where the platform has shared memory
 * (windows on it never detach), else of a fixed size whose untouched pages cost nothing. What does not fit lies on the JavaScript heap.
 */
import { type DType, storageOf, type TypedArray } from '../../dtypes.js';

const PAGE = 65536;
const MAX_PAGES = 65536;
const FIRST_PAGES = 256;
/** Pages of a memory that cannot grow, tried in halves. */
const FIXED_PAGES = 16384;
/** Smaller buffers are the JavaScript engine's business, which it does well. */
export const POOLED_BYTES = 2048;
/** The first bytes belong to the constants of the kernels. */
const CONSTANTS = PAGE;
/** Vectors may be read, never written, up to this far beyond the last element. */
const SLACK = 64;

/** What the memory of tensors holds, in bytes. */
export interface MemoryReport {
  /** Buffers in use. */
  readonly buffers: number;
  readonly bytes: number;
  /** Most that was ever in use at once. */
  readonly peak: number;
  /** Freed and waiting to be used again. */
  readonly pooled: number;
}

interface Heap {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** First byte that was never handed out; memory beyond is zero. */
  top: number;
  end: number;
  /** Each growth of a shared memory gives another buffer object over the same bytes. */
  readonly known: WeakSet<ArrayBufferLike>;
  buffer: ArrayBufferLike;
}

let heap: Heap | null | undefined;
const free = new Map<number, number[]>();
const report = { buffers: 0, bytes: 0, peak: 0, pooled: 0 };

interface Block {
  readonly address: number;
  readonly bytes: number;
}

const blocks = new WeakMap<TypedArray, Block>();
const forgotten = new FinalizationRegistry<Block>(giveBack);

/** The memory, made on first use; null where the platform gives none. */
export function heapOf(): Heap | null {
  if (heap === undefined) heap = openHeap();
  return heap;
}

function openHeap(): Heap | null {
  const shared = typeof SharedArrayBuffer === 'function';
  for (let pages = shared ? FIRST_PAGES : FIXED_PAGES; pages >= FIRST_PAGES; pages /= 2) {
    try {
      const memory = new WebAssembly.Memory(shared ? { initial: pages, maximum: MAX_PAGES, shared } : { initial: pages, maximum: pages });
      const { buffer } = memory;
      return { memory, shared, top: CONSTANTS, end: pages * PAGE, known: new WeakSet([buffer]), buffer };
    } catch {
      // Less address space than asked for: half of it may do.
    }
  }
  return null;
}

/** Sizes in eight steps for each doubling, so that buffers of about one size can take each other's place. */
function classOf(bytes: number): number {
  const step = Math.max(64, 2 ** (29 - Math.clz32(bytes - 1)));
  return Math.ceil(bytes / step) * step;
}

/** Makes room at the end of the memory. */
function grow(to: Heap, bytes: number): boolean {
  const wanted = Math.ceil((to.top + bytes + SLACK - to.end) / PAGE);
  if (wanted <= 0) return true;
  if (!to.shared) return false;
  const room = MAX_PAGES - to.end / PAGE;
  if (wanted > room) return false;
  try {
    const pages = Math.min(room, Math.max(wanted, Math.ceil(to.end / PAGE / 4)));
    to.memory.grow(pages);
    to.end += pages * PAGE;
    to.buffer = to.memory.buffer;
    to.known.add(to.buffer);
    return true;
  } catch {
    return false;
  }
}

/** A buffer of elements in the memory, or null where it has to lie elsewhere. */
export function pooledArray(dtype: DType, size: number, zeroed: boolean): TypedArray | null {
  const constructor = storageOf(dtype);
  const length = size * constructor.BYTES_PER_ELEMENT;
  if (length < POOLED_BYTES || length > MAX_PAGES * PAGE) return null;
  const place = heapOf();
  if (place === null) return null;
  const bytes = classOf(length);
  const list = free.get(bytes);
  let address = list?.pop();
  const used = address !== undefined;
  if (address === undefined) {
    if (!grow(place, bytes)) return null;
    address = place.top;
    place.top += bytes;
  } else report.pooled -= bytes;
  const data = new constructor(place.buffer, address, size);
  if (used && zeroed) data.fill(0 as never);
  const block = { address, bytes };
  blocks.set(data, block);
  forgotten.register(data, block, data);
  report.buffers++;
  report.bytes += bytes;
  report.peak = Math.max(report.peak, report.bytes);
  return data;
}

function giveBack({ address, bytes }: Block): void {
  const list = free.get(bytes);
  if (list === undefined) free.set(bytes, [address]);
  else list.push(address);
  report.buffers--;
  report.bytes -= bytes;
  report.pooled += bytes;
}

/** Frees a buffer; the array must not be used any more. */
export function freeArray(data: TypedArray): void {
  const block = blocks.get(data);
  if (block === undefined) return;
  blocks.delete(data);
  forgotten.unregister(data);
  giveBack(block);
}

/** Where an array lies in the memory, in bytes; 0 for one that lies elsewhere. */
export function addressOf(data: TypedArray): number {
  if (heap === undefined || heap === null) return 0;
  const { buffer } = data;
  return buffer === heap.buffer || heap.known.has(buffer) ? data.byteOffset : 0;
}

/** What is in use and what was freed. */
export function memoryReport(): MemoryReport {
  return { ...report };
}
