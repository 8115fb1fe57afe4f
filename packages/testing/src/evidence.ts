/** Runs evidence: inputs and answers of the libraries that practitioners trust, one check for each case. */
import { show } from '@gtc/errors';
import { type Case, check } from './case.js';
import { differs, type Tolerance } from './compare.js';
import { isJsonObject, type Json, type JsonObject, nest } from './encoding.js';
import { locate, readJson } from './files.js';

/** One case of a topic. */
export interface EvidenceCase {
  readonly name: string;
  readonly call: string;
  readonly input: JsonObject;
  readonly expect?: Json;
  readonly raises?: string;
  readonly tolerance?: Partial<Tolerance>;
  readonly rtol?: number;
  readonly atol?: number;
}

/** A topic file. */
export interface Topic {
  readonly topic: string;
  readonly source: { readonly library: string; readonly version: string };
  readonly tolerance: Tolerance;
  readonly cases: readonly EvidenceCase[];
}

/** Decoded input of a case. */
export type Input = Readonly<Record<string, never>>;
/** Answers a case: the value is compared with what the library answered. */
export type Answer = (input: Input, evidence: EvidenceCase) => unknown;

/** The error codes that satisfy each category of refusal. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  value: ['invalid_value', 'shape_mismatch'],
  range: ['invalid_value'],
  nonfinite: ['invalid_value'],
  invalid_argument: ['invalid_value', 'shape_mismatch'],
  axis: ['invalid_value'],
  index: ['invalid_value'],
  dtype: ['invalid_value'],
  cycle: ['invalid_value'],
  shape: ['shape_mismatch'],
  shape_mismatch: ['shape_mismatch'],
  key: ['not_found'],
  unknown_name: ['not_found'],
  'not-found': ['not_found'],
  malformed_file: ['malformed_input'],
  malformed_input: ['malformed_input'],
  format: ['malformed_input'],
  parse: ['malformed_input'],
  template: ['malformed_input'],
  unsupported: ['unsupported'],
  unsafe_pickle: ['unsafe_input'],
  forbidden: ['unsafe_input'],
  state: ['invalid_state'],
  autograd: ['invalid_state'],
  singular: ['numeric'],
  notPositiveDefinite: ['numeric'],
};

const FLOATS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY, '-0': -0 };

/** Evidence values: `{dtype, shape, data}` becomes nested arrays, markers become numbers, bigints and bytes. */
export function decodeEvidence(value: Json): unknown {
  if (Array.isArray(value)) return value.map(decodeEvidence);
  if (!isJsonObject(value)) return value;
  if ('$float' in value) return FLOATS[value['$float'] as string];
  if ('$int' in value || '$bigint' in value) return BigInt((value['$int'] ?? value['$bigint']) as string);
  if ('bigint' in value && Object.keys(value).length === 1) return BigInt(value['bigint'] as string);
  if ('$b64' in value) return new Uint8Array(Buffer.from(value['$b64'] as string, 'base64'));
  if ('$bytes' in value) return new Uint8Array(Buffer.from(value['$bytes'] as string, 'hex'));
  if ('dtype' in value && 'shape' in value && 'data' in value) return nest((value['data'] as Json[]).map(decodeEvidence), value['shape'] as number[]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decodeEvidence(item)]));
}

/** A case's own tolerance beats the topic's. */
export function toleranceOf(topic: Topic, { tolerance, rtol, atol }: EvidenceCase): Tolerance {
  return { rtol: tolerance?.rtol ?? rtol ?? topic.tolerance.rtol, atol: tolerance?.atol ?? atol ?? topic.tolerance.atol };
}

/**
 * The checks for `<domain>/<topic>`, one for each case, none left out: a call without an answer fails.
 *
 * Cases come from `../evidence/<topic>.json` seen from `base`, or from `$GTC_EVIDENCE_DIR/<domain>/<topic>.json`.
 *
 * @param path `<domain>/<topic>`
 * @param answers for each `call` of the topic, what computes its answer
 * @param base `import.meta.url` of the test file
 * @param here where the file lies beside the package, when that is not `../evidence/<topic>.json`
 */
export function evidenceCases(
  path: string,
  answers: Readonly<Record<string, Answer>>,
  base: string,
  here: string = `../evidence/${path.split('/').pop()}.json`,
): Case[] {
  const file = locate('GTC_EVIDENCE_DIR', `${path}.json`, here, base);
  if (file.missing !== null) return [file.missing];
  const topic = readJson(file.url) as unknown as Topic;
  return topic.cases.map((evidence, i) => ({ name: `${i + 1}. ${evidence.name}`, run: () => runCase(topic, evidence, answers) }));
}

async function runCase(topic: Topic, evidence: EvidenceCase, answers: Readonly<Record<string, Answer>>): Promise<void> {
  const answer = Object.hasOwn(answers, evidence.call) ? answers[evidence.call] : undefined;
  check(answer !== undefined, `no answer for call '${evidence.call}'`);
  const input = decodeEvidence(evidence.input) as Input;
  if (evidence.raises !== undefined) return expectRefusal(evidence.raises, () => answer(input, evidence));
  const found = differs(decodeEvidence(evidence.expect!), await answer(input, evidence), toleranceOf(topic, evidence));
  check(found === null, found ?? '');
}

async function expectRefusal(category: string, call: () => unknown): Promise<void> {
  const codes = CODES[category];
  check(codes !== undefined, `unknown category of refusal '${category}'`);
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return check(codes.includes(code ?? ''), `expected ${codes.join(' or ')}, got ${code ?? 'an error without code'}: ${message}`);
  }
  check(false, `expected a refusal (${category}), got ${show(result)}`);
}
