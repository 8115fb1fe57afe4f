/** The kernels in WebAssembly: compiled on first use, with fused products where the engine has them, over the memory of tensors. */
import { heapOf } from '../core/heap.js';
import { PLAIN, RELAXED } from './module.gen.js';

/** `y[i] = f(x[i])`; addresses in bytes. */
type Map1 = (x: number, y: number, n: number) => void;
type Map2 = (a: number, b: number, y: number, n: number) => void;
type RowMap = (x: number, y: number, rows: number, n: number) => void;
type RowMap2 = (g: number, y: number, out: number, rows: number, n: number) => void;
type Gemm = (
  m: number,
  n: number,
  k: number,
  a: number,
  aRow: number,
  aStep: number,
  b: number,
  bStep: number,
  bColumn: number,
  c: number,
  ldc: number,
  bias: number,
  accumulate: 0 | 1,
  workspace: number,
) => void;

type RowsOfBlocks = (w: number, ws: number, x: number, xs: number, y: number, rows: number, blocks: number, bias: number, workspace: number) => void;

/** Names of functions of one number. */
export type UnaryKernel =
  | 'exp'
  | 'log'
  | 'tanh'
  | 'sigmoid'
  | 'sqrt'
  | 'abs'
  | 'neg'
  | 'relu'
  | 'gelu'
  | 'geluTanh'
  | 'silu'
  | 'erf'
  | 'square'
  | 'reciprocal'
  | 'rsqrt';
/** Names of functions of two numbers; those of gradients take the gradient first. */
export type BinaryKernel =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'maximum'
  | 'minimum'
  | 'tanhBackward'
  | 'sigmoidBackward'
  | 'reluBackward'
  | 'siluBackward'
  | 'geluBackward'
  | 'geluTanhBackward';
/** Conversions between floats and numbers of sixteen bits. */
type HalfKernel = 'encodeFloat16' | 'decodeFloat16' | 'encodeBfloat16' | 'decodeBfloat16';
/** Functions of an array and a number. */
export type NumberKernel = 'addNumber' | 'subNumber' | 'subFromNumber' | 'mulNumber' | 'divNumber' | 'divFromNumber' | 'maximumNumber' | 'minimumNumber';

/** What the module exports; every argument is a number, an address or a count. */
export interface Wasm
  extends Record<UnaryKernel, Map1>,
    Record<BinaryKernel, Map2>,
    Record<NumberKernel, (a: number, b: number, y: number, n: number) => void>,
    Record<'sumRows' | 'maxRows' | 'minRows' | 'sumColumns' | 'softmaxRows' | 'logSoftmaxRows', RowMap>,
    Record<'softmaxBackwardRows' | 'logSoftmaxBackwardRows', RowMap2>,
    Record<'gemmFloat32' | 'gemmFloat64', Gemm>,
    Record<HalfKernel, Map1> {
  gemmWorkspace(): number;
  rowsTimesVector(w: number, row: number, x: number, y: number, rows: number, k: number, bias: number): void;
  vectorTimesRows(b: number, row: number, x: number, y: number, k: number, n: number, bias: number): void;
  adamw(
    p: number,
    g: number,
    m: number,
    v: number,
    n: number,
    lr: number,
    beta1: number,
    beta2: number,
    eps: number,
    decay: number,
    correction1: number,
    correction2: number,
  ): void;
  normRows(x: number, weight: number, bias: number, y: number, means: number, scales: number, rows: number, n: number, eps: number, centred: 0 | 1): void;
  normBackwardRows(
    g: number,
    x: number,
    weight: number,
    means: number,
    scales: number,
    out: number,
    dweight: number,
    dbias: number,
    rows: number,
    n: number,
    centred: 0 | 1,
  ): void;
  attentionWorkspace(): number;
  attention(
    q: number,
    qRow: number,
    k: number,
    kRow: number,
    v: number,
    vRow: number,
    out: number,
    outRow: number,
    logSums: number,
    queries: number,
    keys: number,
    width: number,
    valueWidth: number,
    scale: number,
    mask: number,
    maskRow: number,
    causal: 0 | 1,
    dropKey: number,
    dropBelow: number,
    dropFactor: number,
    workspace: number,
  ): void;
  attentionBackward(
    g: number,
    gRow: number,
    out: number,
    outRow: number,
    logSums: number,
    q: number,
    qRow: number,
    k: number,
    kRow: number,
    v: number,
    vRow: number,
    dq: number,
    dqRow: number,
    dk: number,
    dkRow: number,
    dv: number,
    dvRow: number,
    queries: number,
    keys: number,
    width: number,
    valueWidth: number,
    scale: number,
    mask: number,
    maskRow: number,
    causal: 0 | 1,
    dropKey: number,
    dropBelow: number,
    dropFactor: number,
    workspace: number,
  ): void;
  dotFloat64(x: number, y: number, n: number): number;
  addScaledFloat64(y: number, factor: number, x: number, n: number): void;
  rotateFloat64(x: number, y: number, n: number, c: number, s: number): void;
  reflectFloat64(x: number, stride: number, n: number, t: number, q: number, r: number): void;
  splitBlocks(w: number, levels: number, scales: number, blocks: number, bytes: number): void;
  quantizeEight(x: number, out: number, blocks: number): number;
  quantizeFour(x: number, out: number, blocks: number): number;
  dequantizeEight(levels: number, scales: number, y: number, blocks: number): void;
  dequantizeFour(levels: number, scales: number, y: number, blocks: number): void;
  quantizeForEight(x: number, out: number, scales: number, blocks: number): void;
  quantizeForFour(x: number, out: number, scales: number, blocks: number): void;
  rowsEight: RowsOfBlocks;
  rowsFour: RowsOfBlocks;
  gatherRows(table: number, index: number, y: number, count: number, bytes: number): void;
}

/** A compiled module and what it was compiled with. */
interface Compiled {
  readonly module: WebAssembly.Module;
  readonly relaxed: boolean;
}

const decode = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));

/** Node 20 has relaxed SIMD behind a flag that may be set while it runs. */
function allowRelaxedSimd(): void {
  const { process } = globalThis as {
    process?: { versions?: { node?: string }; getBuiltinModule?: (name: string) => { setFlagsFromString(flag: string): void } | undefined };
  };
  const major = Number(process?.versions?.node?.split('.')[0] ?? Number.NaN);
  if (major < 22) process?.getBuiltinModule?.('node:v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** The import of a memory says whether it is shared; a module for another kind of memory differs in that byte. */
function unshared(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const name = [...'memory'].map(letter => letter.charCodeAt(0));
  const at = bytes.findIndex((_, i) => name.every((code, k) => bytes[i + k] === code) && bytes[i + name.length] === 2);
  bytes[at + name.length + 1] = 1;
  return bytes;
}

/** Compiles the kernels for shared memory or not; null where the engine lacks SIMD. */
function compile(shared: boolean, { relaxed = true }: { readonly relaxed?: boolean } = {}): Compiled | null {
  if (relaxed) allowRelaxedSimd();
  for (const [source, isRelaxed] of [[RELAXED, true] as const, [PLAIN, false] as const]) {
    if (isRelaxed && !relaxed) continue;
    const bytes = shared ? decode(source) : unshared(decode(source));
    if (WebAssembly.validate(bytes)) return { module: new WebAssembly.Module(bytes), relaxed: isRelaxed };
  }
  return null;
}

/** Runs a compiled module on a memory. */
function instantiate({ module }: Compiled, memory: WebAssembly.Memory): Wasm {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Wasm;
}

/** A build that runs. */
interface Running extends Compiled {
  readonly kernels: Wasm;
}

const builds = new Map<boolean, Running | null>();
let enabled = true;
let wantsRelaxed = true;

function start(relaxed: boolean): Running | null {
  const heap = heapOf();
  const compiled = heap === null ? null : compile(heap.shared, { relaxed });
  return heap === null || compiled === null ? null : { ...compiled, kernels: instantiate(compiled, heap.memory) };
}

/** The build that is in use, with its module for workers; null where there is none or it is switched off. */
export function running(): Running | null {
  if (!enabled) return null;
  let build = builds.get(wantsRelaxed);
  if (build === undefined) {
    build = start(wantsRelaxed);
    builds.set(wantsRelaxed, build);
  }
  return build;
}

/** The kernels, or null where there are none or they are switched off. */
export function wasm(): Wasm | null {
  return running()?.kernels ?? null;
}

/** Switches between WebAssembly and the loops in TypeScript, or between the two builds. */
export function selectWasm(choice: 'off' | 'plain' | 'relaxed'): void {
  enabled = choice !== 'off';
  wantsRelaxed = choice === 'relaxed';
}
