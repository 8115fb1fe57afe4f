/** Interprets the programs of the autograd evidence: steps of named operations over leaves and constants. */
import * as fft from './fft.js';
import * as gtc from './index.js';
import { linalg } from './linalg.fixture.js';
import * as nn from './nn.js';

type T = gtc.Tensor;
type Options = Readonly<Record<string, never>>;
type Step = { readonly op: string; readonly in: readonly string[]; readonly out: string | readonly string[]; readonly options?: Options };

/** A program as a file gives it, decoded. */
export interface Program {
  readonly leaves: Readonly<Record<string, T>>;
  readonly consts?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
  readonly output: string;
  readonly gradOut?: T;
}

/** An operation of a program: inputs, then one options object. */
export type ProgramOperation = (...args: never[]) => T | readonly T[];

const all = gtc as unknown as Record<string, (...args: unknown[]) => T>;
/** Options by name, in order, as positional arguments of an operation. */
const positional =
  (name: string, ...keys: string[]) =>
  (...args: unknown[]): T => {
    const options = args.pop() as Record<string, unknown>;
    const rest = Object.fromEntries(Object.entries(options).filter(([key]) => !keys.includes(key)));
    return (all[name] ?? (nn as unknown as Record<string, (...more: unknown[]) => T>)[name]!)(...args, ...keys.map(key => options[key]), rest);
  };
/** An operation along an axis that stands between its operands. */
const along =
  (name: string, ...keys: string[]) =>
  (x: T, ...args: unknown[]): T => {
    const { axis, ...rest } = args.pop() as Record<string, unknown> & { axis: number };
    const given = keys.map(key => rest[key]);
    for (const key of keys) delete rest[key];
    return all[name]!(x, axis, ...args, ...given, rest);
  };
const values =
  (of: (...args: never[]) => { readonly values: T }) =>
  (...args: never[]): T =>
    of(...args).values;
const without =
  (of: (...args: never[]) => T) =>
  (...args: unknown[]): T =>
    of(...(args.slice(0, -1) as never[]));
const withWeights =
  (of: (x: T, shape: readonly number[], options: object) => T) =>
  (x: T, ...args: unknown[]): T => {
    const options = args.pop() as object;
    return of(x, [x.shape.at(-1)!], { weight: args[0] as T, bias: args[1] as T, ...options });
  };

/** Operations whose arguments differ from ours in order or shape. */
const SPECIAL: Readonly<Record<string, ProgramOperation>> = {
  clip: (x: T, { min = null, max = null }: { min?: number | null; max?: number | null }) => gtc.clip(x, min, max),
  clipTensor: without(gtc.clip as never),
  var: gtc.variance as ProgramOperation,
  quantile: positional('quantile', 'q'),
  cumsum: positional('cumsum', 'axis'),
  cumprod: positional('cumprod', 'axis'),
  logcumsumexp: positional('logcumsumexp', 'axis'),
  cummax: (x: T, { axis }: { axis: number }) => gtc.cummax(x, axis).values,
  sort: values(gtc.sort as never),
  topk: (x: T, { k, ...rest }: { k: number }) => gtc.topk(x, k, rest).values,
  kthvalue: (x: T, { k, ...rest }: { k: number }) => gtc.kthvalue(x, k, rest).values,
  reshape: positional('reshape', 'shape'),
  permute: positional('permute', 'axes'),
  swapaxes: positional('swapaxes', 'a', 'b'),
  unsqueeze: positional('unsqueeze', 'axis'),
  expand: positional('expand', 'shape'),
  roll: positional('roll', 'shift'),
  rot90: positional('rot90', 'k'),
  repeat: positional('repeat', 'repeats'),
  tile: positional('tile', 'reps'),
  pad: (x: T, { pad, ...rest }: { pad: number[] }) => nn.padLast(x, pad, rest),
  unfold: positional('unfold', 'axis', 'size', 'step'),
  asType: positional('astype', 'dtype'),
  get: (x: T, { index }: { index: gtc.Index[] }) => gtc.get(x, ...index),
  cat: (...args: unknown[]) => gtc.cat(args.slice(0, -1) as T[], args.at(-1) as object),
  stack: (...args: unknown[]) => gtc.stack(args.slice(0, -1) as T[], args.at(-1) as object),
  split: (x: T, { sizes, ...rest }: { sizes: number[] }) => gtc.split(x, sizes, rest),
  gather: along('gather'),
  scatter: along('scatter'),
  scatterAdd: along('scatterAdd'),
  scatterReduce: (x: T, index: T, source: T, { axis, reduce, ...rest }: { axis: number; reduce: gtc.Reduce }) =>
    gtc.scatterReduce(x, axis, index, source, reduce, rest),
  indexSelect: along('indexSelect'),
  indexAdd: along('indexAdd'),
  indexCopy: along('indexCopy'),
  indexFill: along('indexFill', 'value'),
  takeAlongAxis: positional('takeAlongAxis', 'axis'),
  getArrays: (...args: unknown[]) => gtc.get(...(args.slice(0, -1) as [T, ...T[]])),
  putArrays: (x: T, value: T, ...rest: unknown[]) => gtc.putArrays(x, rest.slice(0, -1) as T[], value, rest.at(-1) as object),
  maskedFill: positional('maskedFill', 'value'),
  tensordot: positional('tensordot', 'axes'),
  linear: without(gtc.linear as never),
  bilinear: without(gtc.bilinear as never),
  einsum: (...args: unknown[]) => gtc.einsum((args.at(-1) as { equation: string }).equation, ...(args.slice(0, -1) as T[])),
  layerNorm: withWeights(nn.layerNorm),
  rmsNorm: withWeights(nn.rmsNorm),
  groupNorm: (x: T, weight: T, bias: T, { groups, ...rest }: { groups: number }) => nn.groupNorm(x, groups, { weight, bias, ...rest }),
  batchNormTrain: (x: T, weight: T, bias: T, options: object) => nn.batchNorm(x, { weight, bias, training: true, ...options }),
  conv1d: (...args: unknown[]) =>
    args.length === 3 ? nn.conv1d(args[0] as T, args[1] as T, null, args[2] as object) : nn.conv1d(...(args as [T, T, T, object])),
  conv2d: (...args: unknown[]) =>
    args.length === 3 ? nn.conv2d(args[0] as T, args[1] as T, null, args[2] as object) : nn.conv2d(...(args as [T, T, T, object])),
  avgPool1d: positional('avgPool1d', 'size'),
  maxPool1d: positional('maxPool1d', 'size'),
  scaledDotProductAttention: (q: T, k: T, v: T, ...rest: unknown[]) =>
    nn.scaledDotProductAttention(q, k, v, { ...(rest.length === 2 ? { mask: rest[0] as T } : {}), ...(rest.at(-1) as object) }),
  crossEntropy: (x: T, target: T, ...rest: unknown[]) =>
    nn.crossEntropy(x, target, { ...(rest.length === 2 ? { weight: rest[0] as T } : {}), ...(rest.at(-1) as object) }),
  klDiv: (x: T, target: T) => nn.klDiv(x, target, { reduction: 'batchmean' }),
  fill: positional('fullLike', 'value'),
  copy: (_x: T, value: T) => value.clone(),
  detach: (x: T) => x.detach(),
  'fft.rfftPower': (x: T) => {
    const { re, im } = fft.rfft(x);
    return re.square().add(im.square());
  },
  'fft.rfftReal': (x: T) => fft.rfft(x).re,
  'fft.rfftImag': (x: T) => fft.rfft(x).im,
  'fft.irfftOf': (re: T, im: T, { n }: { n: number }) => fft.irfft({ re, im }, { n }),
  fftConvolveFull: (a: T, b: T) => fft.fftConvolve(a, b),
  ...linalg,
};

/** Every operation a program may name. */
export const OPERATIONS: Readonly<Record<string, ProgramOperation>> = {
  ...(gtc as unknown as Record<string, ProgramOperation>),
  ...(nn as unknown as Record<string, ProgramOperation>),
  ...SPECIAL,
};

/** One step: the results by the names that it gives them. */
export function runStep({ op, in: inputs, out, options = {} }: Step, scope: Map<string, unknown>): void {
  const operation = OPERATIONS[op];
  if (operation === undefined) throw new Error(`no operation '${op}'`);
  const result = operation(...([...inputs.map(name => scope.get(name)), options] as never[]));
  if (typeof out === 'string') scope.set(out, result);
  else for (const [i, name] of out.entries()) scope.set(name, (result as readonly T[])[i]);
}

/** Runs a program over leaves that require gradients; `asIs` takes them as they are given. */
export function runProgram({ leaves, consts = {}, steps, output }: Program, asIs = false): { y: T; leaves: Record<string, T> } {
  const trainable = Object.fromEntries(Object.entries(leaves).map(([name, x]) => [name, asIs || x.requiresGrad ? x : x.requiresGrad_()]));
  const scope = new Map<string, unknown>([...Object.entries(consts), ...Object.entries(trainable)]);
  for (const step of steps) runStep(step, scope);
  return { y: scope.get(output) as T, leaves: trainable };
}
