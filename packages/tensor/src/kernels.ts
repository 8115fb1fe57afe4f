/** Which kernels compute: WebAssembly with or without fused products, plain TypeScript, a BLAS library of the system, and how many threads. */
import { oneOf } from '@gtc/errors';
import { heapOf } from './internal/core/heap.js';
import { allowNative, nativeBlas } from './internal/kernels/native.js';
import { readyThreads, threadCount } from './internal/kernels/threads.js';
import { running, selectWasm } from './internal/kernels/wasm.js';

export { setThreads } from './internal/kernels/threads.js';

/** Choices of {@link useBackend}, the plainest first. */
export const BACKENDS = ['js', 'wasm', 'wasm-relaxed', 'native'] as const;
/** `js` loops in TypeScript; `wasm` WebAssembly with SIMD; `wasm-relaxed` with fused multiply-add as well; `native` a BLAS library for products. */
export type Backend = (typeof BACKENDS)[number];

/** What the platform offers and what is in use. */
export interface KernelInfo {
  /** The best backend that is in use. */
  readonly backend: Backend;
  /** Whether the memory is shared, so that threads can work on it. */
  readonly shared: boolean;
  readonly threads: number;
  /** How many of them take part now; workers need a moment to start. */
  readonly ready: number;
}

/**
 * Chooses the best backend that may be used; one that the platform lacks is passed over. By default all may. `native` needs the optional peer `koffi` and
 * OpenBLAS, found by its usual names or by `GTC_BLAS`; one that chose kernels without 256-bit vectors is passed over too (`OPENBLAS_CORETYPE` corrects
 * a library that does not know the processor).
 *
 * @returns the backend that is in use now
 * @throws {ValidationError} for a name that is none of {@link BACKENDS}
 * @remarks Python: `torch.backends`.
 * @example useBackend('js') // => 'js'
 */
export function useBackend(backend: Backend): Backend {
  oneOf(backend, 'backend', BACKENDS);
  allowNative(backend === 'native');
  selectWasm(backend === 'js' ? 'off' : backend === 'wasm' ? 'plain' : 'relaxed');
  return kernelInfo().backend;
}

/**
 * What computes now.
 *
 * @remarks Python: `torch.__config__.show()`.
 * @example
 * useBackend('js');
 * kernelInfo().backend // => 'js'
 */
export function kernelInfo(): KernelInfo {
  const shared = heapOf()?.shared ?? false;
  const about = { shared, threads: threadCount(), ready: readyThreads() };
  if (nativeBlas() !== null) return { backend: 'native', ...about };
  const compiled = running();
  return { backend: compiled === null ? 'js' : compiled.relaxed ? 'wasm-relaxed' : 'wasm', ...about };
}
