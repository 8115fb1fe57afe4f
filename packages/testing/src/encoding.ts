/** Values of Python as the golden vectors and the evidence write them in JSON. */
import { FormatError } from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';

/** JSON as parsed. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** True for a JSON object, false for arrays and null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `snake_case` to `camelCase`; leading underscores stay.
 *
 * @example camelCase('max_ngram') // => 'maxNgram'
 */
export function camelCase(name: string): string {
  const head = /^_*/.exec(name)![0];
  return head + name.slice(head.length).replace(/_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const FLOATS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY };

/** A time without zone is UTC. */
export function parseTime(text: string): Date {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

/** Row-major values cut into nested arrays. */
export function nest<V>(flat: readonly V[], shape: readonly number[]): unknown {
  if (shape.length === 0) return flat[0];
  if (shape.length === 1) return flat;
  const [rows = 0, ...inner] = shape;
  const step = rows === 0 ? 0 : flat.length / rows;
  return Array.from({ length: rows }, (_, row) => nest(flat.slice(row * step, (row + 1) * step), inner));
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** What the functions that vectors pass by name do. */
const CALLABLES: Readonly<Record<string, (value: never) => unknown>> = {
  identity: value => value,
  len: (value: string | ArrayLike<unknown>) => (typeof value === 'string' ? [...value].length : value.length),
  upper: (value: string | string[]) => (typeof value === 'string' ? value.toUpperCase() : value.map(item => item.toUpperCase())),
  double: (value: number | number[]) => (typeof value === 'number' ? 2 * value : value.map(item => 2 * item)),
  isEven: (value: number) => value % 2 === 0,
  isTruthy: (value: unknown) => Boolean(value) && !(typeof value === 'object' && Object.keys(value as object).length === 0),
  constTrue: () => true,
  constFalse: () => false,
  constEmpty: () => [],
  constText: () => 'text',
  accuracyHalf: () => ({ accuracy: 0.5 }),
  raiseValueError: () => {
    throw new RangeError('boom');
  },
};

/** One decoder for each marker key; the first marker present decides. */
const DECODERS: Readonly<Record<string, (node: JsonObject) => unknown>> = {
  $float: node => FLOATS[node['$float'] as string],
  $int: node => (Number.isSafeInteger(Number(node['$int'])) ? Number(node['$int']) : BigInt(node['$int'] as string)),
  $enum: node => decode(node['value']!),
  $type: node => Object.fromEntries(Object.entries(node['fields'] as JsonObject).map(([key, value]) => [camelCase(key), decode(value)])),
  $set: node => new Set((node['$set'] as Json[]).map(decode)),
  $bytes: node => fromBase64(node['$bytes'] as string),
  $datetime: node => parseTime(node['$datetime'] as string),
  $timedelta: node => node['$timedelta'],
  $iter: node => (node['$iter'] as Json[]).map(decode),
  $rng: node => new PythonRandom(node['$rng'] as number),
  $regex: node => new RegExp(node['$regex'] as string, (node['flags'] as number) & 2 ? 'iu' : 'u'),
  $dataset: node => decode(node['$dataset']!),
  $datasetDict: node => decode(node['$datasetDict']!),
  $array: node => {
    const array = node['$array'] as { shape: number[]; data: Json[] };
    return nest(array.data.map(decode), array.shape);
  },
  $map: node => decodeMap(node['$map'] as [Json, Json][]),
  $fn: node => {
    const callable = CALLABLES[node['$fn'] as string];
    if (callable === undefined) throw new FormatError(`vectors name an unknown callable '${String(node['$fn'])}'`, { parameter: '$fn' });
    return callable;
  },
};

/** A plain object unless a key is a compound value. */
function decodeMap(entries: readonly (readonly [Json, Json])[]): unknown {
  const decoded = entries.map(([key, value]) => [decode(key), decode(value)] as const);
  const simple = decoded.every(([key]) => key === null || typeof key !== 'object');
  return simple ? Object.fromEntries(decoded.map(([key, value]) => [String(key), value])) : new Map(decoded);
}

/** The marker of an encoded value, if it has one. */
export function markerOf(node: JsonObject): string | undefined {
  return Object.keys(DECODERS).find(marker => Object.hasOwn(node, marker));
}

/** An encoded Python value as the TypeScript value that a caller would pass. */
export function decode(value: Json): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (!isJsonObject(value)) return value;
  const marker = markerOf(value);
  return marker === undefined ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)])) : DECODERS[marker]!(value);
}
