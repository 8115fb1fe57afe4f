/** Runs tasks on a language model, as lm-evaluation-harness does. */
import { integer, nonEmpty, nonNegative, UnsupportedError, utf8Length, ValidationError } from '@gtc/errors';
import { hexDigest } from '@gtc/tensor/hash';
import { NumpyRandom, PythonRandom } from '@gtc/tensor/random';
import { mean, sum } from '@gtc/tensor/statistics';
import { type LanguageModel, type Likelihood, type LikelihoodRequest, rollingLogLikelihood, scoreContinuations } from '../benchmarks/likelihood.js';
import { variance } from '../comparison/result.js';
import { argmax } from '../metrics/argsort.js';
import {
  choicesOf,
  type GenerationTask,
  type HarnessTask,
  type MultipleChoiceTask,
  type PerplexityTask,
  promptOf,
  type TaskDoc,
  targetOf,
  validateTask,
} from './tasks.js';

/** A model that can be asked. */
export interface HarnessModel {
  /** Shown in reports. */
  readonly name: string;
  /** Scores of next tokens; needed by multiple choice and perplexity. */
  readonly logits?: LanguageModel;
  /** Token ids of a text, without special tokens; needed with `logits`. */
  readonly encode?: (text: string) => readonly number[] | Promise<readonly number[]>;
  /** Precedes texts that have no context, such as the beginning or end of text; needed with `logits`. */
  readonly prefixToken?: number;
  /** Most tokens that the model reads; 1,024 by default. */
  readonly maxLength?: number;
  /** Goes on from a prompt; needed by generation. Ends before the first of the stop texts, or they are cut off. */
  readonly generate?: (prompt: string, options: { readonly stop: readonly string[]; readonly maxTokens: number }) => string | Promise<string>;
  /** A digest of the tokenizer's file. Without it one is made of how it cuts a sample of texts. */
  readonly tokenizerHash?: string;
}

/** Keeps answers of earlier runs, by key: a Map, or a store of the user's own. */
export interface RequestCache {
  get(key: string): string | undefined | Promise<string | undefined>;
  set(key: string, value: string): unknown;
}

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** Examples before each question; 0 by default. */
  readonly numFewshot?: number;
  /** Only so many documents of each task; all when null. */
  readonly limit?: number | null;
  /** 8 by default. */
  readonly batchSize?: number;
  /** Seed of the examples drawn; 1234 by default, as in lm-eval. */
  readonly seed?: number;
  /** Answers that are known are not asked again, so that a run that was cut off goes on. Keys hold the model's name. */
  readonly cache?: RequestCache | null;
  /** Called after each document. */
  readonly onProgress?: (done: { readonly task: string; readonly documents: number; readonly of: number }) => void;
}

/** A figure with its standard error. */
export interface HarnessScore {
  readonly value: number;
  readonly stderr: number;
}

/** What came of one document. */
export interface HarnessSample {
  readonly docId: number;
  readonly prompt: string;
  readonly target: string;
  /** Log-likelihood of each choice, the text written, or the log-likelihood of the text. */
  readonly responses: readonly (number | string)[];
  readonly metrics: Readonly<Record<string, number>>;
}

/** Scores of a task, and all that is needed to get them again. */
export interface HarnessTaskReport {
  readonly task: string;
  readonly version: number;
  readonly numFewshot: number;
  readonly numDocs: number;
  readonly scores: Readonly<Record<string, HarnessScore>>;
  /** First digits of the SHA-256 of templates, description and examples. */
  readonly promptHash: string;
  readonly samples: readonly HarnessSample[];
}

/** What {@link evaluate} returns. */
export interface HarnessReport {
  readonly model: string;
  /** First digits of the SHA-256 of the tokenizer. */
  readonly tokenizerHash: string;
  readonly seed: number;
  readonly tasks: readonly HarnessTaskReport[];
}

const digest = (text: string): string => hexDigest('sha256', text).slice(0, 16);

/** Texts that tell tokenizers apart: spaces, digits, case, scripts, signs. */
const SAMPLE = [
  'Hello world',
  '  two  spaces\n\ttab',
  '0123456789',
  "It's CamelCase_and-dashes",
  'naïve café, Москва, 東京, שלום',
  '🙂 ∑ ≤ …',
  'def f(x): return x**2',
];

/** A digest of a tokenizer: the one given, or of how it cuts the sample. */
async function tokenizerHashOf({ tokenizerHash, encode }: HarnessModel): Promise<string> {
  if (tokenizerHash !== undefined) return tokenizerHash.slice(0, 16);
  if (encode === undefined) return 'none';
  const cut: (readonly number[])[] = [];
  for (const text of SAMPLE) cut.push([...(await encode(text))]);
  return digest(JSON.stringify(cut));
}

/** All of a task that decides prompts. */
function promptHashOf(task: HarnessTask, numFewshot: number, seed: number): string {
  const { docs: _, fewshotDocs, ...rest } = task;
  const settings = Object.entries(rest).map(([key, value]) => [key, value instanceof RegExp ? String(value) : value]);
  return digest(JSON.stringify([settings.sort(), fewshotDocs ?? null, numFewshot, numFewshot > 0 ? seed : null]));
}

/** The example texts before the prompt of a document; each task draws from its own stream. */
function* prompts(task: MultipleChoiceTask | GenerationTask, docs: readonly TaskDoc[], numFewshot: number, seed: number): Generator<string> {
  const random = new PythonRandom(seed);
  const delimiter = task.targetDelimiter ?? ' ';
  for (const doc of docs) {
    const pool = (task.fewshotDocs ?? task.docs).filter(other => other !== doc);
    if (numFewshot > pool.length)
      throw new ValidationError(`${task.name}: numFewshot must be at most ${pool.length}, the documents that examples are drawn from, got ${numFewshot}`, {
        parameter: 'numFewshot',
        received: numFewshot,
      });
    const shown = random.sample(pool, numFewshot).map(other => `${promptOf(task, other)}${delimiter}${targetOf(task, other, task.name)}\n\n`);
    yield `${task.description === undefined ? '' : `${task.description}\n\n`}${shown.join('')}${promptOf(task, doc)}`;
  }
}

/** What a run keeps at hand. */
interface Run {
  readonly model: HarnessModel;
  readonly options: Required<Omit<EvaluateOptions, 'cache' | 'limit' | 'onProgress'>> & { readonly cache: RequestCache | null };
  readonly progress: (documents: number) => void;
}

/** The parts that a task needs. @throws {UnsupportedError} naming the one that is missing */
function need<K extends keyof HarnessModel>(model: HarnessModel, task: HarnessTask, ...keys: readonly K[]): Required<Pick<HarnessModel, K>> {
  const missing = keys.find(key => model[key] === undefined);
  if (missing !== undefined)
    throw new UnsupportedError(`${task.name}: a task of type ${task.type} needs model.${missing}`, { parameter: 'model', received: missing });
  return model as unknown as Required<Pick<HarnessModel, K>>;
}

/** An answer from the cache, or a new one that goes there. */
async function remembered<V>({ model, options: { cache } }: Run, key: unknown, ask: () => Promise<V>): Promise<V> {
  if (cache === null) return ask();
  const name = hexDigest('sha256', JSON.stringify([model.name, key]));
  const known = await cache.get(name);
  if (known !== undefined) return JSON.parse(known) as V;
  const found = await ask();
  await cache.set(name, JSON.stringify(found));
  return found;
}

/** A context, encoded once, and its continuations as tokens; white space at the end of the context goes to the continuation, as tokenizers expect it. */
async function requestsOf(
  { encode, prefixToken }: Required<Pick<HarnessModel, 'encode' | 'prefixToken'>>,
  context: string,
  continuations: readonly string[],
): Promise<LikelihoodRequest[]> {
  const bare = context.trimEnd();
  const before = bare === '' ? [] : await encode(bare);
  const requests: LikelihoodRequest[] = [];
  for (const continuation of continuations) {
    const whole = await encode(context + continuation);
    // Where both are cut apart, the continuation is what follows the context's tokens.
    const rest = whole.slice(before.length);
    requests.push({ context: before.length === 0 ? [prefixToken] : before, continuation: rest.length === 0 ? whole.slice(-1) : rest });
  }
  return requests;
}

async function runChoices(run: Run, task: MultipleChoiceTask, docs: readonly TaskDoc[]): Promise<HarnessSample[]> {
  const { logits, encode, prefixToken } = need(run.model, task, 'logits', 'encode', 'prefixToken');
  const { numFewshot, seed, batchSize } = run.options;
  const contexts = [...prompts(task, docs, numFewshot, seed)];
  const samples: HarnessSample[] = [];
  for (const [docId, doc] of docs.entries()) {
    const { choices, gold } = choicesOf(doc, task, `${task.name}: docs[${docId}]`);
    const prompt = contexts[docId]!;
    const delimiter = task.targetDelimiter ?? ' ';
    const requests = await requestsOf(
      { encode, prefixToken },
      prompt,
      choices.map(choice => `${delimiter}${choice}`),
    );
    const found = await remembered<Likelihood[]>(run, ['loglikelihood', requests], () =>
      scoreContinuations(logits, requests, { batchSize, maxLength: run.model.maxLength ?? 1024 }),
    );
    const scores = found.map(each => each.logLikelihood);
    const right = (pick: number): number => Number(pick === gold);
    samples.push({
      docId,
      prompt,
      target: choices[gold]!,
      responses: scores,
      metrics: {
        acc: right(argmax(scores)),
        acc_norm: right(argmax(scores.map((score, i) => score / [...choices[i]!].length))),
        acc_bytes: right(argmax(scores.map((score, i) => score / utf8Length(choices[i]!)))),
      },
    });
    run.progress(docId + 1);
  }
  return samples;
}

/** The last match of a pattern, its first group where it has one; the text without white space around it by default. */
function extracted(text: string, pattern: RegExp | undefined): string {
  if (pattern === undefined) return text.trim();
  const global = pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`);
  const last = [...text.matchAll(global)].at(-1);
  return (last?.[1] ?? last?.[0] ?? '').trim();
}

/** Text up to the first of the ends. */
function upTo(text: string, ends: readonly string[]): string {
  const places = ends
    .filter(end => end !== '')
    .map(end => text.indexOf(end))
    .filter(place => place >= 0);
  return places.length === 0 ? text : text.slice(0, Math.min(...places));
}

async function runGeneration(run: Run, task: GenerationTask, docs: readonly TaskDoc[]): Promise<HarnessSample[]> {
  const { generate } = need(run.model, task, 'generate');
  const { numFewshot, seed } = run.options;
  const stop = task.until ?? ['\n'];
  const settings = { stop, maxTokens: task.maxTokens ?? 64 };
  const contexts = [...prompts(task, docs, numFewshot, seed)];
  const samples: HarnessSample[] = [];
  for (const [docId, doc] of docs.entries()) {
    const prompt = contexts[docId]!;
    const target = targetOf(task, doc, task.name);
    const written = await remembered(run, ['generate_until', prompt, settings], async () => upTo(await generate(prompt, settings), stop));
    samples.push({ docId, prompt, target, responses: [written], metrics: { exact_match: Number(extracted(written, task.extract) === target.trim()) } });
    run.progress(docId + 1);
  }
  return samples;
}

async function runPerplexity(run: Run, task: PerplexityTask, docs: readonly TaskDoc[]): Promise<HarnessSample[]> {
  const { logits, encode, prefixToken } = need(run.model, task, 'logits', 'encode', 'prefixToken');
  const samples: HarnessSample[] = [];
  for (const [docId, doc] of docs.entries()) {
    const text = promptOf(task, doc);
    const ids = await encode(text);
    const logLikelihood = await remembered(run, ['loglikelihood_rolling', ids], () =>
      rollingLogLikelihood(logits, ids, { prefixToken, maxLength: run.model.maxLength ?? 1024, batchSize: run.options.batchSize }),
    );
    samples.push({
      docId,
      prompt: text,
      target: '',
      responses: [logLikelihood],
      metrics: { logLikelihood, words: text.split(/\s+/u).length, bytes: utf8Length(text) },
    });
    run.progress(docId + 1);
  }
  return samples;
}

/** Draws by which the error of a figure of all documents is estimated. */
const DRAWS = 1000;

/** A figure of all documents, with the deviation that drawing documents again gives it. */
function drawnAgain(samples: readonly HarnessSample[], figure: (samples: readonly HarnessSample[]) => number, seed: number): HarnessScore {
  const random = new NumpyRandom(seed);
  const places = new Int32Array(samples.length);
  const draws = Array.from({ length: DRAWS }, () => figure(Array.from(random.integersInto(places, 0, samples.length), i => samples[i]!)));
  return { value: figure(samples), stderr: samples.length < 2 ? Number.NaN : Math.sqrt(variance(draws)) };
}

function scoresOf(task: HarnessTask, samples: readonly HarnessSample[], seed: number): Record<string, HarnessScore> {
  if (task.type === 'loglikelihood_rolling') {
    const loss =
      (unit: 'words' | 'bytes') =>
      (of: readonly HarnessSample[]): number =>
        -sum(of.map(s => s.metrics['logLikelihood']!)) / sum(of.map(s => s.metrics[unit]!));
    const figures = {
      word_perplexity: (of: readonly HarnessSample[]) => Math.exp(loss('words')(of)),
      byte_perplexity: (of: readonly HarnessSample[]) => Math.exp(loss('bytes')(of)),
      bits_per_byte: (of: readonly HarnessSample[]) => loss('bytes')(of) / Math.LN2,
    };
    return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, drawnAgain(samples, figure, seed)]));
  }
  return Object.fromEntries(
    Object.keys(samples[0]!.metrics).map(name => {
      const values = samples.map(sample => sample.metrics[name]!);
      return [name, { value: mean(values), stderr: values.length < 2 ? Number.NaN : Math.sqrt(variance(values) / values.length) }];
    }),
  );
}

const RUNNERS = { multiple_choice: runChoices, generate_until: runGeneration, loglikelihood_rolling: runPerplexity } as const;

/**
 * Scores a model in tasks: multiple choice by log-likelihood (`acc`, and `acc_norm` by the length of choices), generation (`exact_match`) and perplexity,
 * with examples drawn by a seed, standard errors, and the hashes of prompts and tokenizer by which a score can be compared with another.
 *
 * @throws {ValidationError} naming the task, the document and the field, or for options out of range
 * @throws {UnsupportedError} for a task that needs a part which the model lacks
 * @remarks Python: `lm_eval.simple_evaluate(model, tasks=, num_fewshot=, limit=)`.
 */
export async function evaluate(
  model: HarnessModel,
  tasks: readonly HarnessTask[],
  { numFewshot = 0, limit = null, batchSize = 8, seed = 1234, cache = null, onProgress = () => undefined }: EvaluateOptions = {},
): Promise<HarnessReport> {
  nonEmpty(model.name, 'model.name');
  nonEmpty(tasks, 'tasks');
  nonNegative(integer(numFewshot, 'numFewshot'), 'numFewshot');
  if (limit !== null && integer(limit, 'limit') < 1) throw new ValidationError(`limit must be positive, got ${limit}`, { parameter: 'limit', received: limit });
  for (const task of tasks) validateTask(task);
  const tokenizerHash = await tokenizerHashOf(model);
  const reports: HarnessTaskReport[] = [];
  for (const task of tasks) {
    const docs = task.docs.slice(0, limit ?? undefined);
    const run: Run = {
      model,
      options: { numFewshot, batchSize, seed, cache },
      progress: documents => onProgress({ task: task.name, documents, of: docs.length }),
    };
    const samples = await RUNNERS[task.type](run, task as never, docs);
    reports.push({
      task: task.name,
      version: task.version ?? 1,
      numFewshot: task.type === 'loglikelihood_rolling' ? 0 : numFewshot,
      numDocs: docs.length,
      scores: scoresOf(task, samples, seed),
      promptHash: promptHashOf(task, numFewshot, seed),
      samples,
    });
  }
  return { model: model.name, tokenizerHash, seed, tasks: reports };
}
