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
}

type Place = (head: number) => number;

const placed = (frame: Frame, { data, starts }: Heads): Place => {
  const base = frame.input(data);
  return head => base + 4 * starts[head]!;
};

const sizesOf = ({ queries, keys, width, valueWidth, scale }: AttentionCall): readonly number[] => [queries, keys, width, valueWidth, scale];

/** Computes all heads into `out` (`[heads, queries, valueWidth]`) and `logSums` (`[heads, queries]`); false where no kernel did it. */
export function attentionKernel(call: AttentionCall, out: NumberArray, logSums: NumberArray): boolean {
  const { q, k, v, mask, queries, keys, valueWidth, isCausal } = call;
  const kernels = kernelsFor(q.starts.length * queries * keys, q.data, k.data, v.data);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [qAt, kAt, vAt] = [placed(frame, q), placed(frame, k), placed(frame, v)];
    const maskAt = mask === null ? () => 0 : placed(frame, mask);
    const [to, sums] = [frame.output(out), frame.output(logSums)];
    const argsOf = (h: number, room: number): number[] => [
      ...[qAt(h), 4 * q.row, kAt(h), 4 * k.row, vAt(h), 4 * v.row],
      ...[to + 4 * h * queries * valueWidth, 4 * valueWidth, sums + 4 * h * queries],
      ...sizesOf(call),
      ...[maskAt(h), 4 * (mask?.row ?? 0), isCausal ? 1 : 0, room],
    ];
    return runAll(kernels, 'attention', q.starts.length, queries * keys * valueWidth, argsOf);
  });
}

/** Gradients of {@link attentionKernel}, each `[heads, rows, width]`, zeros on entry; false where no kernel computed them. */
export function attentionBackwardKernel(
  call: AttentionCall,
  forth: { readonly out: NumberArray; readonly logSums: NumberArray; readonly gradient: NumberArray },
  back: { readonly q: NumberArray; readonly k: NumberArray; readonly v: NumberArray },
): boolean {
  const { q, k, v, mask, queries, keys, width, valueWidth, isCausal } = call;
  const kernels = kernelsFor(q.starts.length * queries * keys, q.data, k.data, v.data, forth.gradient);
  if (kernels === null) return false;
  return withFrame(frame => {
    const [qAt, kAt, vAt] = [placed(frame, q), placed(frame, k), placed(frame, v)];
    const maskAt = mask === null ? () => 0 : placed(frame, mask);
    const [g, out, sums] = [frame.input(forth.gradient), frame.input(forth.out), frame.input(forth.logSums)];
    const [dq, dk, dv] = [frame.inOut(back.q), frame.inOut(back.k), frame.inOut(back.v)];
    const rowsOf = (h: number, length: number, wide: number): number => 4 * h * length * wide;
    const argsOf = (h: number, room: number): number[] => [
      ...[g + rowsOf(h, queries, valueWidth), 4 * valueWidth, out + rowsOf(h, queries, valueWidth), 4 * valueWidth, sums + rowsOf(h, queries, 1)],
      ...[qAt(h), 4 * q.row, kAt(h), 4 * k.row, vAt(h), 4 * v.row],
      ...[dq + rowsOf(h, queries, width), 4 * width, dk + rowsOf(h, keys, width), 4 * width, dv + rowsOf(h, keys, valueWidth), 4 * valueWidth],
      ...sizesOf(call),
      ...[maskAt(h), 4 * (mask?.row ?? 0), isCausal ? 1 : 0, room],
    ];
    return runAll(kernels, 'attentionBackward', q.starts.length, queries * keys * valueWidth, argsOf);
  });
}
