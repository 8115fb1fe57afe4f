/** Replays golden vectors: calls recorded from the Python original, one check each. */
import { show } from '@gtc/errors';
import { type Case, check } from './case.js';
import { isArrayLike, numeric, sameNumber, type Tolerance } from './compare.js';
import { camelCase, decode, isJsonObject, type Json, type JsonObject, markerOf, nest, parseTime } from './encoding.js';
import { locate, readJson } from './files.js';

/** The tolerance of golden vectors. */
export const PARITY_TOLERANCE: Tolerance = { rtol: 1e-9, atol: 1e-12 };

/** One recorded call. */
export interface Vector {
  readonly id: string;
  readonly fn: string;
  readonly args: readonly Json[];
  readonly kwargs?: JsonObject;
  readonly result?: Json;
  readonly raises?: { readonly type: string; readonly message: string; readonly param?: string };
  readonly after?: { readonly args: readonly Json[] };
  readonly before?: readonly Pick<Vector, 'fn' | 'args' | 'kwargs'>[];
  readonly volatile?: readonly string[];
  readonly unordered?: readonly string[];
  readonly erratum?: string;
}

type Module = Readonly<Record<string, unknown>>;
type Call = (...args: unknown[]) => unknown;

/** `Class.member` of the original is the function `classMember(instance)`. */
function functionName(fn: string): string {
  const [owner, member] = fn.split('.') as [string, string?];
  if (member === undefined) return camelCase(fn);
  return owner[0]!.toLowerCase() + owner.slice(1) + camelCase(`x_${member}`).slice(1);
}

function find(module: Module, fn: string): Call {
  const name = functionName(fn);
  const found = module[name] ?? module[`${name}_`];
  check(typeof found === 'function', `${name} is not exported`);
  return found as Call;
}

/**
 * The checks for `<domain>/<file>`, one for each vector without erratum; vectors with an erratum are proven elsewhere.
 *
 * Vectors come from `../evidence/parity/<file>.json` seen from `base`, or from `$GTC_PARITY_DIR/<domain>/<file>.json`.
 *
 * @param path `<domain>/<file>` in the original's spelling, `evaluation/metrics`
 * @param module the module's exports
 * @param base `import.meta.url` of the test file
 */
export function parityCases(path: string, module: Module, base: string): Case[] {
  const file = locate('GTC_PARITY_DIR', `${path}.json`, `../evidence/parity/${path.split('/').pop()}.json`, base);
  if (file.missing !== null) return [file.missing];
  const { vectors } = readJson(file.url) as unknown as { vectors: Vector[] };
  return vectors.filter(vector => vector.erratum === undefined).map(vector => ({ name: `${vector.fn} ${vector.id}`, run: () => replay(module, vector) }));
}

/** Makes one recorded call and compares; throws when it differs. */
export async function replay(module: Module, vector: Vector): Promise<void> {
  const call = find(module, vector.fn);
  const reset = vector.before === undefined ? undefined : (module['clearRegistry'] as Call | undefined);
  reset?.();
  for (const earlier of vector.before ?? []) await invoke(find(module, earlier.fn), earlier);
  const outcome = await invoke(call, vector);
  reset?.();
  if (vector.raises !== undefined) return expectRefusal(vector.raises, outcome);
  if ('error' in outcome) throw outcome.error;
  expectResult(vector, outcome);
}

type Outcome = { readonly args: unknown[] } & ({ readonly error: unknown } | { readonly result: unknown });

async function invoke(call: Call, { args: encoded, kwargs = {} }: Pick<Vector, 'args' | 'kwargs'>): Promise<Outcome> {
  const args = encoded.map(decode);
  const named = Object.entries(kwargs).map(([key, value]) => [camelCase(key), decode(value)] as const);
  try {
    return { args, result: await drain(await call(...args, ...(named.length > 0 ? [Object.fromEntries(named)] : []))) };
  } catch (error) {
    return { args, error };
  }
}

/** Runs a generator to its end: a lazy function may refuse only there. */
async function drain(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null || typeof (value as Iterator<unknown>).next !== 'function') return value;
  const items: unknown[] = [];
  for await (const item of value as AsyncIterable<unknown>) items.push(item);
  return items;
}

function expectRefusal(raises: NonNullable<Vector['raises']>, outcome: Outcome): void {
  check('error' in outcome, `expected ${raises.type} (${raises.message}), got ${show('result' in outcome ? outcome.result : undefined)}`);
  const error = outcome.error as Error & { code?: unknown };
  check(error instanceof Error && typeof error.code === 'string', `threw ${String(error)}, which has no code`);
  const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  check(raises.param === undefined || letters(error.message).includes(letters(raises.param)), `message '${error.message}' does not name ${raises.param}`);
}

function expectResult(vector: Vector, outcome: Outcome & { readonly result: unknown }): void {
  const want = forget(vector.result!, vector.volatile ?? []);
  const unordered = (vector.unordered ?? []).map(pointer => steps(pointer));
  const found =
    differs(want, outcome.result, '$', unordered) ??
    (vector.result === null && vector.after ? differs(vector.after.args as Json, outcome.args, 'arguments', []) : null);
  check(found === null, found ?? '');
}

const ANY = '$any';

function steps(pointer: string): string[] {
  const path = pointer.split('/').slice(1);
  return path.map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Replaces what a clock or a generator of ids wrote by a marker that any value satisfies. */
function forget(result: Json, pointers: readonly string[]): Json {
  const root = { result: structuredClone(result) } as { result: Json };
  for (const pointer of pointers) {
    const path = ['result', ...steps(pointer)];
    while (['$datetime', '$timedelta', '$float', '$int', 'value'].includes(path.at(-1)!)) path.pop();
    const last = path.pop()!;
    const parent = path.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], root);
    if (parent !== undefined && parent !== null) (parent as Record<string, unknown>)[last] = { [ANY]: true };
  }
  return root.result;
}

/** Where `got` differs from an encoded expectation, or null. */
export function differs(want: Json, got: unknown, at: string, unordered: readonly (readonly string[])[]): string | null {
  const wrong = (expected: string): string => `${at}: expected ${expected}, got ${show(got)}`;
  if (Array.isArray(want)) return differsInList(want, got, at, unordered);
  if (!isJsonObject(want)) return differsInScalar(want, got, at);
  if (ANY in want) return got === undefined ? wrong('a value') : null;
  const inner = unordered.filter(path => path.length > 0);
  switch (markerOf(want)) {
    case '$float':
    case '$int':
      return differsInScalar(decode(want) as Json, got, at);
    case '$enum':
      return differs(want['value']!, got, at, inner);
    case '$set':
      return got instanceof Set || isArrayLike(got) ? differsInList(want['$set'] as Json[], [...(got as Iterable<unknown>)], at, [[]]) : wrong('a set');
    case '$bytes':
      return got instanceof Uint8Array && Buffer.from(got).toString('base64') === want['$bytes'] ? null : wrong('bytes');
    case '$datetime':
      return Number(new Date(got as string)) === Number(parseTime(want['$datetime'] as string)) ? null : wrong(String(want['$datetime']));
    case '$iter':
      return differsInList(want['$iter'] as Json[], got, at, unordered);
    case '$timedelta':
      return differsInScalar(want['$timedelta']!, got, at);
    case '$regex':
      return got instanceof RegExp ? null : wrong('a RegExp');
    case '$fn':
      return typeof got === 'function' ? null : wrong('a function');
    case '$array':
      return differs(nestedArray(want), got, at, []);
    case '$dataset':
      return differsInRecord(Object.entries(want['$dataset'] as JsonObject), columnsOf(got), at, inner, true);
    case '$datasetDict':
      return differsInRecord(Object.entries(want['$datasetDict'] as JsonObject), got, at, inner, true);
    case '$map':
      return differsInMap(want, got, at, inner);
    case '$type':
      return differsInRecord(Object.entries(want['fields'] as JsonObject), got, at, stripped(inner), false);
    default:
      return differsInRecord(Object.entries(want), got, at, inner, true);
  }
}

function nestedArray(want: JsonObject): Json {
  const { shape, data } = want['$array'] as unknown as { shape: number[]; data: Json[] };
  return nest(data, shape) as Json;
}

function columnsOf(value: unknown): unknown {
  const { toColumns } = (value ?? {}) as { toColumns?: () => unknown };
  return typeof toColumns === 'function' ? toColumns.call(value) : value;
}

function stripped(paths: readonly (readonly string[])[]): (readonly string[])[] {
  return paths.map(path => (path[0] === 'fields' ? path.slice(1) : path));
}

function differsInScalar(want: Json, got: unknown, at: string): string | null {
  const wanted = numeric(want);
  const number = numeric(got);
  const same = wanted === undefined ? (want ?? null) === (got ?? null) : number !== undefined && sameNumber(wanted, number, PARITY_TOLERANCE);
  return same ? null : `${at}: expected ${show(want)}, got ${show(got)}`;
}

function differsInList(want: readonly Json[], got: unknown, at: string, unordered: readonly (readonly string[])[]): string | null {
  const source = got instanceof Set ? [...got] : isArrayLike(got) ? got : toArray(got);
  if (source === null) return `${at}: expected an array, got ${show(got)}`;
  if (source.length !== want.length) return `${at}: expected ${want.length} items, got ${source.length}`;
  const sorted = unordered.some(path => path.length === 0);
  const key = (item: unknown): string => JSON.stringify(item) ?? '';
  const order = <V>(items: ArrayLike<V>): V[] => (sorted ? Array.from(items).sort((a, b) => (key(a) < key(b) ? -1 : 1)) : Array.from(items));
  const items = order(source);
  for (const [i, expected] of order(want).entries()) {
    const below = unordered.filter(path => path[0] === String(i)).map(path => path.slice(1));
    const found = differs(expected, items[i], `${at}[${i}]`, below);
    if (found !== null) return found;
  }
  return null;
}

function toArray(value: unknown): ArrayLike<unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (typeof (value as { toArray?: unknown }).toArray === 'function') return (value as { toArray: () => unknown[] }).toArray();
  return Symbol.iterator in value ? [...(value as Iterable<unknown>)] : null;
}

function differsInMap(want: JsonObject, got: unknown, at: string, unordered: readonly (readonly string[])[]): string | null {
  const entries = want['$map'] as [Json, Json][];
  if (decode(want) instanceof Map) {
    if (!(got instanceof Map)) return `${at}: expected a Map, got ${show(got)}`;
    return differsInList(
      entries,
      [...got].map(([key, value]) => [isArrayLike(key) ? Array.from(key) : key, value]),
      at,
      [[]],
    );
  }
  return differsInRecord(
    entries.map(([key, value]) => [String(decode(key)), value]),
    got,
    at,
    unordered,
    true,
  );
}

/** Keys of a fixed record may be camelCase; keys that are data are verbatim: both are read. */
function differsInRecord(
  entries: readonly (readonly [string, Json])[],
  got: unknown,
  at: string,
  unordered: readonly (readonly string[])[],
  exact: boolean,
): string | null {
  if (typeof got !== 'object' || got === null || isArrayLike(got)) return `${at}: expected an object, got ${show(got)}`;
  const record = got instanceof Map ? Object.fromEntries(got) : (got as Record<string, unknown>);
  for (const [key, expected] of entries) {
    const name = Object.hasOwn(record, key) ? key : key in record ? key : camelCase(key);
    const below = unordered.filter(path => path[0] === key).map(path => path.slice(1));
    const found = differs(expected, record[name], `${at}.${name}`, below);
    if (found !== null) return found;
  }
  const count = Object.values(record).filter(value => typeof value !== 'function').length;
  return exact && count !== entries.length ? `${at}: expected ${entries.length} keys, got ${count}` : null;
}
