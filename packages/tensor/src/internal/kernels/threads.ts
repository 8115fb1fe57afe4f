/** Worker threads that run kernels on shared memory: each waits for a call in its slot, the caller does a share itself and waits for the rest. */
import { inRange, integer } from '@gtc/errors';
import { heapOf, pooledArray } from '../core/heap.js';
import { running, type Wasm } from './wasm.js';
import { workspace } from './workspace.js';

/** Integers of a worker's slot, a cache line: call number, calls done, name, arguments. */
const SLOT = 16;
const [CALL, DONE, NAME, COUNT] = [0, 1, 2, 3];
/** Most arguments of a kernel. */
const ARGUMENTS = 32;
const MOST_THREADS = 64;

/** Kernels that are split; their place in the list is their number in a slot. */
const NAMES = ['gemmFloat32', 'gemmFloat64', 'attention', 'attentionBackward'] as const;

type Name = (typeof NAMES)[number];

/** What a worker runs: reads its slot until the process ends. */
const WORKER = `
const start = ({ module, memory, control, values, names }) => {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const slot = new Int32Array(memory.buffer, control, ${SLOT});
  const given = new Float64Array(memory.buffer, values, ${ARGUMENTS});
  Atomics.store(slot, ${DONE}, 1);
  let seen = 1;
  for (;;) {
    for (let spins = 0; Atomics.load(slot, ${CALL}) === seen; ) if (++spins > 20000) Atomics.wait(slot, ${CALL}, seen);
    seen = Atomics.load(slot, ${CALL});
    kernels[names[slot[${NAME}]]](...given.subarray(0, slot[${COUNT}]));
    Atomics.store(slot, ${DONE}, seen);
    Atomics.notify(slot, ${DONE});
  }
};
if (typeof require === 'function') start(require('node:worker_threads').workerData);
else onmessage = ({ data }) => start(data);
`;

/** Below this many multiplications a second thread costs more than it brings. */
const WORTHWHILE = 500_000;

interface Started {
  /** Which build the worker runs. */
  readonly relaxed: boolean;
  readonly slot: Int32Array;
  readonly values: Float64Array;
}

interface NodeWorkers {
  readonly Worker: new (code: string, options: { readonly eval: true; readonly workerData: unknown }) => { unref(): void };
}

let started: Started[] = [];
let wanted = 1;

/** Starts a worker on the platform's kind of thread; false where there is none. */
function launch(data: unknown): boolean {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const node = process?.getBuiltinModule?.('node:worker_threads') as NodeWorkers | undefined;
  if (node !== undefined) {
    new node.Worker(WORKER, { eval: true, workerData: data }).unref();
    return true;
  }
  if (typeof Worker !== 'function') return false;
  new Worker(URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))).postMessage(data);
  return true;
}

function startWorker(): Started | null {
  const heap = heapOf();
  const compiled = running();
  if (heap === null || !heap.shared || compiled === null) return null;
  const slots = pooledArray('int32', 512, true) as Int32Array | null;
  const numbers = pooledArray('float64', 256, true) as Float64Array | null;
  if (slots === null || numbers === null) return null;
  const slot = slots.subarray(0, SLOT);
  slot[CALL] = 1;
  // The windows are held for good: what lies under them is the worker's.
  held.push(slots, numbers);
  const launched = launch({ module: compiled.module, memory: heap.memory, control: slots.byteOffset, values: numbers.byteOffset, names: NAMES });
  return launched ? { relaxed: compiled.relaxed, slot, values: numbers } : null;
}

const held: unknown[] = [];

/**
 * Sets how many threads large products use, this one included. Without shared memory (a browser that is not cross-origin isolated) there is one.
 *
 * @returns how many there are now; workers that still start join when they are ready
 */
export function setThreads(count: number): number {
  wanted = inRange(integer(count, 'threads'), 'threads', { min: 1, max: MOST_THREADS });
  while (started.length + 1 < wanted) {
    const worker = startWorker();
    if (worker === null) break;
    started = [...started, worker];
  }
  return threadCount();
}

/** Number of threads that large products use. */
export function threadCount(): number {
  return Math.min(wanted, started.length + 1);
}

const ready = ({ slot }: Started): boolean => Atomics.load(slot, DONE) > 0;

/** Number of threads that take part in products now: this one and the workers that have started. */
export function readyThreads(): number {
  return 1 + teamOf().length;
}

/** Workers that are ready and run the build that is in use, as many as are wanted. */
function teamOf(): Started[] {
  const relaxed = running()?.relaxed;
  return started.filter(worker => worker.relaxed === relaxed && ready(worker)).slice(0, wanted - 1);
}

function send({ slot, values }: Started, name: Name, args: readonly number[]): void {
  values.set(args);
  slot[NAME] = NAMES.indexOf(name);
  slot[COUNT] = args.length;
  Atomics.add(slot, CALL, 1);
  Atomics.notify(slot, CALL);
}

function join({ slot }: Started): void {
  const call = Atomics.load(slot, CALL);
  while (Atomics.load(slot, DONE) !== call);
}

/** Workers that are ready, each with its room; none where the memory is full. */
function workersFor(kernels: Wasm): { readonly worker: Started; readonly room: number }[] {
  return teamOf()
    .map((worker, i) => ({ worker, room: workspace(kernels, i + 1) }))
    .filter(({ room }) => room > 0);
}

/**
 * Prepares calls of a kernel that do not depend on each other, to be shared by all threads.
 *
 * @param work multiplications of one call
 * @param argsOf arguments of call number `i` for a thread's workspace
 * @param together calls next to each other that may run at the same time
 * @returns what runs them; null where the memory is full
 */
export function runAll(
  kernels: Wasm,
  name: Name,
  count: number,
  work: number,
  argsOf: (i: number, room: number) => number[],
  together: number = count,
): (() => void) | null {
  const own = workspace(kernels);
  if (own === 0) return null;
  const team = work * count < WORTHWHILE ? [] : workersFor(kernels);
  const run = kernels[name] as (...args: number[]) => void;
  return () => {
    for (let next = 0; next < count; ) {
      const busy = team.slice(0, Math.min(together, count - next) - 1);
      for (const [i, { worker, room }] of busy.entries()) send(worker, name, argsOf(next + 1 + i, room));
      run(...argsOf(next, own));
      for (const { worker } of busy) join(worker);
      next += 1 + busy.length;
    }
  };
}

/** One product as a kernel sees it. */
export interface ProductCall {
  readonly gemm: 'gemmFloat32' | 'gemmFloat64';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly left: number;
  readonly aRow: number;
  readonly aStep: number;
  readonly right: number;
  readonly bStep: number;
  readonly bColumn: number;
  readonly to: number;
  readonly ldc: number;
  readonly added: number;
  readonly bytes: number;
}

/**
 * Computes a product with all threads; each element is summed in the same order as by one thread.
 *
 * @param room workspace of this thread
 * @returns false where one thread is to do it
 */
export function splitProduct(kernels: Wasm, call: ProductCall, room: number): boolean {
  const { gemm, m, n, k, left, aRow, aStep, right, bStep, bColumn, to, ldc, added, bytes } = call;
  const team = m * n * k < WORTHWHILE ? [] : workersFor(kernels);
  if (team.length === 0) return false;
  const byColumns = n >= m;
  const cuts = Array.from({ length: team.length + 2 }, (_, i) => Math.round(((byColumns ? n : m) * i) / (team.length + 1)));
  const share = (i: number, ws: number): Parameters<Wasm['gemmFloat32']> => {
    const [from, to_] = [cuts[i]!, cuts[i + 1]!];
    return byColumns
      ? [m, to_ - from, k, left, aRow, aStep, right + from * bColumn, bStep, bColumn, to + from * bytes, ldc, added === 0 ? 0 : added + from * bytes, 0, ws]
      : [to_ - from, n, k, left + from * aRow, aRow, aStep, right, bStep, bColumn, to + from * ldc, ldc, added, 0, ws];
  };
  for (const [i, { worker, room: theirs }] of team.entries()) send(worker, gemm, share(i + 1, theirs));
  kernels[gemm](...share(0, room));
  for (const { worker } of team) join(worker);
  return true;
}
