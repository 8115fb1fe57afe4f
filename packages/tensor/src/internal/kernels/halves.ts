/** Conversions between floats and numbers of sixteen bits: which run in WebAssembly. */
import type { TypedArray } from '../../dtypes.js';
import { withFrame } from './frame.js';
import { wasm } from './wasm.js';

/** Fewer numbers than this are converted before a kernel would have started. */
const WORTHWHILE = 512;
const NAMES = { float16: 'Float16', bfloat16: 'Bfloat16' } as const;

/** Converts all elements of one array into another; false where no kernel did it. */
export function halfKernel(way: 'encode' | 'decode', dtype: 'float16' | 'bfloat16', from: TypedArray, to: TypedArray): boolean {
  const kernels = from.length < WORTHWHILE ? null : wasm();
  if (kernels === null) return false;
  return withFrame(frame => {
    const [x, y] = [frame.input(from), frame.output(to)];
    return () => kernels[`${way}${NAMES[dtype]}`](x, y, from.length);
  });
}
