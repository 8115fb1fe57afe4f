/** Cosines of one vector with many: in WebAssembly where they are many, in a plain loop elsewhere; the same whole numbers. */
import { DOT } from './dot.gen.js';

/** Parts of a unit: products of whole numbers add up to the same whichever way they are added. */
const FINER = 1 << 12;
/** From this many rows on, the module is worth its compiling. */
const WORTHWHILE = 4096;
const PAGE = 1 << 16;

type Kernel = (query: number, rows: number, count: number, width: number, out: number) => void;

/** The plain form; four sums at a time, which do not wait for each other. */
export function dotRows(query: Int16Array, rows: Int8Array, sums: Int32Array): void {
  const width = query.length;
  const fours = width & ~3;
  for (let row = 0, at = 0; row < sums.length; row++, at += width) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < fours; i += 4) {
      a = (a + Math.imul(query[i]!, rows[at + i]!)) | 0;
      b = (b + Math.imul(query[i + 1]!, rows[at + i + 1]!)) | 0;
      c = (c + Math.imul(query[i + 2]!, rows[at + i + 2]!)) | 0;
      d = (d + Math.imul(query[i + 3]!, rows[at + i + 3]!)) | 0;
    }
    for (let i = fours; i < width; i++) a = (a + Math.imul(query[i]!, rows[at + i]!)) | 0;
    sums[row] = (a + b + c + d) | 0;
  }
}

/** Rows of unit vectors in eight bits, ready to be compared. */
export class Cosines {
  readonly #rows: Int8Array;
  readonly #query: Int16Array;
  readonly #sums: Int32Array;
  readonly #run: () => void;

  constructor(rows: Int8Array, count: number, { worthwhile = WORTHWHILE }: { readonly worthwhile?: number } = {}) {
    const width = count === 0 ? 0 : rows.length / count;
    const kernel = count >= worthwhile && width % 16 === 0 && width > 0 ? placed(rows, count, width) : null;
    this.#rows = kernel?.rows ?? rows;
    this.#query = kernel?.query ?? new Int16Array(width);
    this.#sums = kernel?.sums ?? new Int32Array(count);
    this.#run = kernel?.run ?? (() => dotRows(this.#query, this.#rows, this.#sums));
  }

  /** Cosines of a unit vector with every row; zeros for one of another length. */
  of(vector: Float32Array | null, cosines: Float32Array): void {
    if (vector === null || vector.length !== this.#query.length) return;
    for (let i = 0; i < vector.length; i++) this.#query[i] = Math.round(vector[i]! * FINER);
    this.#run();
    for (let row = 0; row < cosines.length; row++) cosines[row] = this.#sums[row]! / (127 * FINER);
  }
}

/** Rows, query and sums in the memory of the kernel; null where the engine has no such vectors. */
function placed(rows: Int8Array, count: number, width: number): { rows: Int8Array; query: Int16Array; sums: Int32Array; run: () => void } | null {
  const bytes = Uint8Array.from(atob(DOT), letter => letter.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  const [queryAt, rowsAt] = [16, 16 + 2 * width];
  const sumsAt = (rowsAt + rows.length + 15) & ~15;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((sumsAt + 4 * count) / PAGE) });
  const { dotRows: kernel } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports as unknown as { dotRows: Kernel };
  const inside = new Int8Array(memory.buffer, rowsAt, rows.length);
  inside.set(rows);
  return {
    rows: inside,
    query: new Int16Array(memory.buffer, queryAt, width),
    sums: new Int32Array(memory.buffer, sumsAt, count),
    run: () => kernel(queryAt, rowsAt, count, width, sumsAt),
  };
}
