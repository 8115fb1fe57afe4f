/** Products through a BLAS library of the system: only where the optional peer `koffi` and a library are there; silence otherwise. */
import type { NumberArray } from '../core/storage.js';
import type { Matrix, Sizes } from './gemm.js';
import { threadCount } from './threads.js';

const [ROW_MAJOR, AS_IS, TRANSPOSED] = [101, 111, 112];
/** Names under which systems know OpenBLAS; `GTC_BLAS` names another library. */
const LIBRARIES = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll'];
/** Fewer multiplications than this are done before a foreign call would have been. */
const WORTHWHILE = 32_768;

/** Kernels of OpenBLAS for processors without 256-bit vectors, also taken where it does not know the processor: WebAssembly is no slower. */
const NARROW = ['Prescott', 'Core2', 'Penryn', 'Dunnington', 'Nehalem', 'Atom', 'Athlon', 'Opteron', 'Opteron_SSE3', 'Barcelona', 'Bobcat'];

type ForeignGemm = (...args: readonly (number | bigint | NumberArray)[]) => void;

interface Blas {
  readonly float32: ForeignGemm;
  readonly float64: ForeignGemm;
  readonly setThreads: ((count: number) => void) | null;
}

interface Koffi {
  load(path: string): { func(prototype: string): (...args: never[]) => void };
}

interface NodeProcess {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (name: string) => unknown;
}

let blas: Blas | null | undefined;
let enabled = true;

function requireKoffi({ getBuiltinModule }: NodeProcess): Koffi | null {
  const node = getBuiltinModule?.('node:module') as { createRequire(from: string): (name: string) => unknown } | undefined;
  try {
    return (node?.createRequire(import.meta.url)('koffi') as Koffi | undefined) ?? null;
  } catch {
    return null;
  }
}

function open(koffi: Koffi, path: string): Blas | null {
  try {
    const library = koffi.load(path);
    if (NARROW.includes(coreOf(library))) return null;
    const gemm = (letter: string, type: string): ForeignGemm =>
      library.func(
        `void cblas_${letter}gemm(int order, int transA, int transB, int m, int n, int k, ${type} alpha, void *a, int lda, void *b, int ldb, ${type} beta, void *c, int ldc)`,
      ) as unknown as ForeignGemm;
    return { float32: gemm('s', 'float'), float64: gemm('d', 'double'), setThreads: threadSetter(library) };
  } catch {
    return null;
  }
}

/** The processor for which OpenBLAS chose its kernels; empty for other libraries. */
function coreOf(library: ReturnType<Koffi['load']>): string {
  try {
    return (library.func('const char *openblas_get_corename()') as unknown as () => string)();
  } catch {
    return '';
  }
}

/** OpenBLAS takes the number of threads by a function of its own, which other libraries lack. */
function threadSetter(library: ReturnType<Koffi['load']>): Blas['setThreads'] {
  try {
    return library.func('void openblas_set_num_threads(int count)') as unknown as (count: number) => void;
  } catch {
    return null;
  }
}

function findBlas(): Blas | null {
  const { process } = globalThis as { process?: NodeProcess };
  if (process === undefined) return null;
  const named = process.env?.['GTC_BLAS'];
  if (named === '') return null;
  const koffi = requireKoffi(process);
  if (koffi === null) return null;
  for (const path of named === undefined ? LIBRARIES : [named]) {
    const found = open(koffi, path);
    if (found !== null) return found;
  }
  return null;
}

/** The library, looked for once; null where there is none or it is switched off. */
export function nativeBlas(): Blas | null {
  if (!enabled) return null;
  if (blas === undefined) blas = findBlas();
  return blas;
}

/** Switches the library off or on. */
export function allowNative(on: boolean): void {
  enabled = on;
}

/** How a matrix is handed over: as it lies, or as the transpose of what lies there; null where its elements have gaps along both axes. */
function layout({ row, column }: Matrix, rows: number, columns: number): readonly [order: number, leading: number] | null {
  if (column === 1 && row >= Math.max(1, columns)) return [AS_IS, row];
  if (row === 1 && column >= Math.max(1, rows)) return [TRANSPOSED, column];
  return null;
}

let threads = 0;

/** Computes a product with the library; false where it cannot. */
export function nativeProduct(a: Matrix, b: Matrix, c: NumberArray, at: number, [m, k, n]: Sizes, bias: NumberArray | null): boolean {
  // For vectors libraries have functions of other names, and memory sets the pace.
  if (m === 1 || n === 1 || m * k * n < WORTHWHILE) return false;
  const library = nativeBlas();
  if (library === null) return false;
  const [left, right] = [layout(a, m, k), layout(b, k, n)];
  if (left === null || right === null) return false;
  if (threads !== threadCount()) {
    threads = threadCount();
    library.setThreads?.(threads);
  }
  // The product is added to what stands in C.
  if (bias !== null) for (let i = 0; i < m; i++) c.set(bias, at + i * n);
  const call = c instanceof Float64Array ? library.float64 : library.float32;
  call(
    ROW_MAJOR,
    left[0],
    right[0],
    m,
    n,
    k,
    1,
    a.data.subarray(a.offset),
    left[1],
    b.data.subarray(b.offset),
    right[1],
    bias === null ? 0 : 1,
    c.subarray(at),
    n,
  );
  return true;
}
