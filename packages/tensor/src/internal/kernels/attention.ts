/** Attention over heads of float32 rows: one kernel call for each head, without a matrix of all queries by all keys. */
import type { NumberArray } from '../core/storage.js';
import { kernelsFor } from './elementwise.js';
import { type Frame, withFrame } from './frame.js';
import { runAll } from './threads.js';

/** Heads in a buffer: where each starts, and the step between rows, in elements; numbers of a row lie side by side. */
export interface Heads {
  readonly data: NumberArray;
  readonly starts: readonly number[];
  readonly row: number;
}

/** Which weights are dropped: a function of the place of each, so that the way back drops the same without a mask having been kept. */
export interface Drop {
  /** 32 bits. */
  readonly seed: number;
  readonly p: number;
}

/** Mixes the bits of an integer (Wellons 2018, the low-bias 32-bit function). */
function mixed(x: number): number {
  let y = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  y = Math.imul(y ^ (y >>> 15), 0x846ca68b);
  return y ^ (y >>> 16);
}

const keyOf = ({ seed }: Drop, head: number): number => mixed((seed + Math.imul(head, 0x9e3779b1)) | 0);
/** Bits below which a weight is dropped. */
const limitOf = ({ p }: Drop): number => Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
const factorOf = ({ p }: Drop): number => (p === 1 ? 0 : 1 / (1 - p));

/** Factors of the weights of heads, one after the other: 0 where one is dropped. */
export function dropFactors(drop: Drop, heads: number, queries: number, keys: number): Float64Array {
  const factors = new Float64Array(heads * queries * keys);
  const [limit, factor] = [limitOf(drop), factorOf(drop)];
  let at = 0;
  for (let head = 0; head < heads; head++) {
    const key = keyOf(drop, head);
    for (let i = 0; i < queries; i++) {
      const ofQuery = mixed((key + Math.imul(i, 0x85ebca77)) | 0);
      for (let j = 0; j < keys; j++) factors[at++] = mixed((ofQuery + Math.imul(j, 0xc2b2ae3d)) | 0) >>> 0 >= limit ? factor : 0;
    }
  }
  return factors;
}

/** The last arguments of a kernel for a head. */
const endOf = ({ isCausal, drop }: AttentionCall, head: number, room: number): number[] => [
  isCausal ? 1 : 0,
  ...(drop === null ? [0, 0, 1] : [keyOf(drop, head), limitOf(drop), factorOf(drop)]),
  room,
];

/** Heads of queries, and of the keys and values that each of them reads. */
export interface AttentionCall {
  readonly q: Heads;
  readonly k: Heads;
  readonly v: Heads;
  readonly mask: Heads | null;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly scale: number;
  readonly isCausal: boolean;
  /** What drops weights; null for nothing. */
  readonly drop: Drop | null;
}

type Place = (head: number) => number;

const placed = (frame: Frame, { data, starts }: Heads): Place => {
  const base = frame.input(data);
  return head => base + 4 * starts[head]!;
};

const sizesOf = ({ queries, keys, width, valueWidth, scale }: AttentionCall): readonly number[] => [queries, keys, width, valueWidth, scale];

/** Computes all heads into `out` and `logSums` (`[heads, queries]`); false where no kernel did it. */
export function attentionKernel(call: AttentionCall, out: Heads, logSums: NumberArray): boolean {
  const { q, k, v, mask, queries, keys, valueWidth } = call;
  const kernels = kernelsFor(q.starts.length * queries * keys, q.data, k.data, v.data);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [qAt, kAt, vAt] = [placed(frame, q), placed(frame, k), placed(frame, v)];
    const maskAt = mask === null ? () => 0 : placed(frame, mask);
    const [to, sums] = [frame.output(out.data), frame.output(logSums)];
    const argsOf = (h: number, room: number): number[] => [
      ...[qAt(h), 4 * q.row, kAt(h), 4 * k.row, vAt(h), 4 * v.row],
      ...[to + 4 * out.starts[h]!, 4 * out.row, sums + 4 * h * queries],
      ...sizesOf(call),
      ...[maskAt(h), 4 * (mask?.row ?? 0), ...endOf(call, h, room)],
    ];
    return runAll(kernels, 'attention', q.starts.length, queries * keys * valueWidth, argsOf);
  });
}

/**
 * Adds gradients of {@link attentionKernel} to what is there; false where no kernel computed them.
 *
 * @param groups neighbouring heads of queries that share a head of keys and values, and so its gradient
 */
export function attentionBackwardKernel(
  call: AttentionCall,
  forth: { readonly out: Heads; readonly logSums: NumberArray; readonly gradient: Heads },
  back: { readonly q: Heads; readonly k: Heads; readonly v: Heads },
  groups: number,
): boolean {
  const { q, k, v, mask, queries, keys, valueWidth } = call;
  const kernels = kernelsFor(q.starts.length * queries * keys, q.data, k.data, v.data, forth.gradient.data);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [qAt, kAt, vAt] = [placed(frame, q), placed(frame, k), placed(frame, v)];
    const maskAt = mask === null ? () => 0 : placed(frame, mask);
    const [gAt, outAt, sums] = [placed(frame, forth.gradient), placed(frame, forth.out), frame.input(forth.logSums)];
    const into = ({ data, starts }: Heads): Place => {
      const base = frame.inOut(data);
      return head => base + 4 * starts[head]!;
    };
    const [dq, dk, dv] = [into(back.q), into(back.k), into(back.v)];
    const distinct = q.starts.length / groups;
    const argsOf = (i: number, room: number): number[] => {
      // The first head of every group, then the second: those that run together write to different places.
      const h = (i % distinct) * groups + Math.floor(i / distinct);
      return [
        ...[gAt(h), 4 * forth.gradient.row, outAt(h), 4 * forth.out.row, sums + 4 * h * queries],
        ...[qAt(h), 4 * q.row, kAt(h), 4 * k.row, vAt(h), 4 * v.row],
        ...[dq(h), 4 * back.q.row, dk(h), 4 * back.k.row, dv(h), 4 * back.v.row],
        ...sizesOf(call),
        ...[maskAt(h), 4 * (mask?.row ?? 0), ...endOf(call, h, room)],
      ];
    };
    return runAll(kernels, 'attentionBackward', q.starts.length, queries * keys * valueWidth, argsOf, distinct);
  });
}
