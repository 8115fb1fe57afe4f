/** Runs the cases of a tensor topic: builds tensors from what the file says, and compares values, types, shapes and signs of zero. */
import { readFileSync } from 'node:fs';
import { type Case, type EvidenceCase, evidenceCases } from '@gtc/testing';
import { type DType, type Nested, Tensor, tensor } from './index.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Record_ = { readonly [key: string]: Json };

const FLOATS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY };
const isRecord = (value: unknown): value is Record_ => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A number, marker or bool as it stands in a file. */
export function scalarOf(value: Json): number | bigint | boolean {
  if (isRecord(value)) return '$float' in value ? FLOATS[value['$float'] as string]! : BigInt((value['$int'] ?? value['$bigint']) as string);
  return value as number | boolean;
}

/** Tensors of a safetensors file beside a topic. */
export function sideFile(url: URL): ReadonlyMap<string, Tensor> {
  const bytes = readFileSync(url);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  const read = ({ dtype, shape, data_offsets: [from, to] }: { dtype: string; shape: number[]; data_offsets: [number, number] }): Tensor => {
    const own = new Uint8Array(bytes.subarray(8 + length + from, 8 + length + to)).buffer;
    return dtype === 'F64' ? tensor(new Float64Array(own), { dtype: 'float64' }).reshape(shape) : tensor(new Float32Array(own)).reshape(shape);
  };
  return new Map(Object.entries(header).flatMap(([name, entry]) => (name === '__metadata__' ? [] : [[name, read(entry)]])));
}

/** What a file's value stands for: tensors, views, patterns and plain values. */
export function decode(value: Json, side: ReadonlyMap<string, Tensor> = new Map()): unknown {
  if (Array.isArray(value)) return value.map(item => decode(item, side));
  if (!isRecord(value)) return value;
  if ('$float' in value || '$int' in value || '$bigint' in value) return scalarOf(value);
  if ('$tensor' in value) return side.get(value['$tensor'] as string);
  if ('$view' in value) return viewOf(value['$view'] as Record_, side);
  if ('pattern' in value) return patternOf(value);
  if ('re' in value && 'im' in value) return { re: decode(value['re']!, side), im: decode(value['im']!, side) };
  if ('dtype' in value && 'data' in value)
    return tensor((value['data'] as readonly Json[]).map(scalarOf) as Nested, { dtype: value['dtype'] as DType }).reshape(value['shape'] as number[]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, side)]));
}

function patternOf({ pattern, shape }: Record_): Tensor {
  const [n, k, m, o, d] = pattern as [number, number, number, number, number];
  const values = Float32Array.from({ length: n }, (_, i) => (((i * k) % m) - o) / d);
  return tensor(values).reshape((shape as number[] | undefined) ?? [n]);
}

function viewOf({ of, get, permute, expand }: Record_, side: ReadonlyMap<string, Tensor>): Tensor {
  let x = decode(of!, side) as Tensor;
  if (get !== undefined) x = x.get(...(get as (number | string)[]));
  if (permute !== undefined) x = x.permute(permute as number[]);
  if (expand === undefined) return x;
  // The files repeat a slice of an array that has the full shape, which shows in the strides.
  const whole = x.expand(expand as number[]).contiguous();
  return whole.get(...x.shape.map(length => `:${length}`)).expand(expand as number[]);
}

/** Row-major values cut into nested arrays. */
function nest(flat: readonly unknown[], [length, ...inner]: readonly number[]): unknown {
  if (length === undefined) return flat[0];
  const step = flat.length / Math.max(1, length);
  return Array.from({ length }, (_, i) => nest(flat.slice(i * step, (i + 1) * step), inner));
}

/** Whether a type of the file, which may be one that we do not have, holds fractions. */
const fractional = (dtype: string): boolean => /^b?float/.test(dtype);

/** A complex result. */
const isPair = (got: unknown): got is { re: Tensor; im: Tensor } => typeof got === 'object' && got !== null && 're' in got && 'im' in got;

/** Numbers of a result, with -0 told from 0 by a text where the library's answer is exactly zero. */
function plain(got: unknown, want: Json, signedZeros: boolean): unknown {
  if (got instanceof Tensor) {
    if (typeof want === 'number') return Math.fround(want) === got.item() ? want : got.item();
    if (!isRecord(want) || !('dtype' in want)) return got.tolist();
    const dtype = want['dtype'] as DType;
    // Widths of integers are not compared; numpy has no bfloat16 and gives such values as float32.
    const kind = (type: DType): string => (type === 'bfloat16' ? 'float32' : type.startsWith('float') || type === 'bool' ? type : 'integer');
    if (got.dtype !== dtype && kind(got.dtype) !== kind(dtype)) throw new Error(`dtype is ${got.dtype}, expected ${dtype}`);
    if (got.shape.join() !== (want['shape'] as number[]).join()) throw new Error(`shape is [${got.shape}], expected [${want['shape'] as number[]}]`);
    const flat = got.reshape([-1]).tolist() as number[];
    for (const [i, value] of signedZeros ? (want['data'] as readonly Json[]).entries() : [])
      if (value === 0 && !Object.is(value, flat[i]) && flat[i] === 0 && fractional(dtype))
        throw new Error(`element ${i} is ${Object.is(flat[i], -0) ? '-0' : '0'}`);
    // Singles and halves are written as the shortest decimals that read back to them.
    const shown = (want['data'] as readonly Json[]).map((value, i) =>
      fractional(dtype) && typeof value === 'number' && Math.fround(value) === flat[i] ? value : flat[i]!,
    );
    return dtype === 'float64' ? got.tolist() : nest(shown, got.shape);
  }
  if (Array.isArray(got)) return got.map((item, i) => plain(item, (want as readonly Json[] | null)?.[i] ?? null, signedZeros));
  if (isPair(got) && isRecord(want) && 're' in want)
    return { dtype: want['dtype'], shape: got.re.shape, re: plain(got.re, want['re']!, signedZeros), im: plain(got.im, want['im']!, signedZeros) };
  if (typeof got === 'object' && got !== null)
    return Object.fromEntries(Object.entries(got).map(([key, item]) => [key, plain(item, (want as Record_)[key] ?? null, signedZeros)]));
  return got;
}

/** An operation whose refusal must say certain words. */
function saying({ messageContains = [] }: { readonly messageContains?: readonly string[] }, operation: Operation): Operation {
  return (...args) => {
    try {
      return operation(...args);
    } catch (error) {
      const missing = messageContains.filter(words => !(error as Error).message.includes(words));
      if (missing.length > 0) throw new Error(`the message lacks ${missing.join(', ')}: ${(error as Error).message}`);
      throw error;
    }
  };
}

/** An operation of a topic; takes decoded arguments and options. */
export type Operation = (...args: never[]) => unknown;

/**
 * The checks of a topic, one for each case.
 *
 * @param first what stands before the arguments, from the case
 * @param operations by the name of the call; what they return is compared with `expect.y`, or with `expect` by names
 */
export function tensorCases(
  topic: string,
  operations: Readonly<Record<string, Operation>>,
  base: string,
  first: (evidence: { readonly [key: string]: Json }) => unknown[] = () => [],
): Case[] {
  const folder = process.env['GTC_EVIDENCE_DIR'];
  const beside = (file: string): URL => new URL(`../evidence/tensor/${file}`, import.meta.url);
  const sidePath = folder === undefined || folder === '' ? beside(`${topic}.safetensors`) : new URL(`file://${folder}/tensor/${topic}.safetensors`);
  let side: ReadonlyMap<string, Tensor> | null = null;
  const answer = (operation: Operation) => (_: unknown, evidence: EvidenceCase) => {
    const { input, expect } = evidence;
    side ??= JSON.stringify(input).includes('"$tensor"') ? sideFile(sidePath) : null;
    const args = ((input['args'] ?? []) as readonly Json[]).map(item => decode(item, side ?? new Map()));
    const options = input['options'] === undefined ? [] : [decode(input['options'] as Json, side ?? new Map())];
    const show = (got: unknown): unknown => {
      const named =
        got !== null && typeof got === 'object' && !(got instanceof Tensor) && !Array.isArray(got) && !(isRecord(expect) && 'y' in expect && !('y' in got));
      return plain(named ? got : { y: got }, (expect ?? null) as Json, topic === 'elementwise');
    };
    const got = saying(evidence as never, operation)(...([...first(evidence as never), ...args, ...options] as never[]));
    return got instanceof Promise ? got.then(show) : show(got);
  };
  const answers = Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, answer(operation)]));
  return evidenceCases(`tensor/${topic}`, answers as never, base, beside(`${topic}.json`).href);
}
