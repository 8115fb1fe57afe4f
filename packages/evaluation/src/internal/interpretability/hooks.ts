/** Listens to, and changes, what modules of a running network take and give. */

import { Tensor } from '@gtc/tensor';
import type * as nn from '@gtc/tensor/nn';

/** Told of what a module took and gave; a tensor that it returns takes the place of what the module gave. */
export type Hook = (output: Tensor, inputs: readonly unknown[]) => Tensor | undefined;

/** The stream that a module passes on: the tensor itself, the member `x`, or the first of several. */
function streamOf(value: unknown): Tensor | null {
  if (value instanceof Tensor) return value;
  const { x } = (value ?? {}) as { x?: unknown };
  if (x instanceof Tensor) return x;
  return Array.isArray(value) && value[0] instanceof Tensor ? value[0] : null;
}

function withStream(value: unknown, stream: Tensor): unknown {
  if (value instanceof Tensor) return stream;
  return Array.isArray(value) ? [stream, ...(value.slice(1) as unknown[])] : { ...(value as object), x: stream };
}

/** Runs a function while modules have other ways forward, which call the ones they had. */
export function withForwards<T>(
  modules: readonly nn.Module[],
  around: (module: nn.Module, forward: (...inputs: unknown[]) => unknown, inputs: unknown[]) => unknown,
  run: () => T,
): T {
  for (const module of modules) {
    const forward = (module.forward as (...inputs: unknown[]) => unknown).bind(module);
    Object.defineProperty(module, 'forward', {
      configurable: true,
      enumerable: false,
      writable: true,
      value: (...inputs: unknown[]) => around(module, forward, inputs),
    });
  }
  try {
    return run();
  } finally {
    // What is left is the method of the class.
    for (const module of modules) delete (module as { forward?: unknown }).forward;
  }
}

/** Runs a function with hooks on modules. */
export function withHooks<T>(hooks: ReadonlyMap<nn.Module, Hook>, run: () => T): T {
  return withForwards(
    [...hooks.keys()],
    (module, forward, inputs) => {
      const output = forward(...inputs);
      const stream = streamOf(output);
      const changed = stream === null ? undefined : hooks.get(module)!(stream, inputs);
      return changed === undefined ? output : withStream(output, changed);
    },
    run,
  );
}
