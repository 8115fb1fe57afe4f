/** `gtc run serve-model`: a language model behind the completions interface that OpenAI's clients speak, on this machine alone. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { FormatError, GtcError, NotFoundError, ValidationError } from '@gtc/errors';
import { generateStream } from '@gtc/inference/decoding';
import { bodyOf, refusalOf } from '@gtc/oracle/guard';
import { listen } from '../listen.js';
import { DEFAULTS } from './data.js';
import { type LanguageModel, readLanguageModel } from './language-model.js';
import type { Recipe, RecipeOptions, RecipeResult, Surroundings } from './recipe.js';

const [DEFAULT_TOKENS, MOST_TOKENS] = [64, 4096];

/** What a client asks for. */
interface Wanted {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly stream: boolean;
}

function numberIn(body: Readonly<Record<string, unknown>>, key: string, fallback: number, least: number, most: number): number {
  const value = body[key] ?? fallback;
  if (typeof value !== 'number' || !(value >= least && value <= most))
    throw new ValidationError(`${key} must be a number from ${least} to ${most}, got ${JSON.stringify(value)}`, { parameter: key, received: value });
  return value;
}

/** @throws {FormatError} for what is no object @throws {ValidationError} naming the field that is wrong */
function wantedOf(text: string): Wanted {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text);
  } catch {
    throw new FormatError('the body must be JSON', { parameter: 'body' });
  }
  const { prompt, stream = false } = body ?? {};
  if (typeof prompt !== 'string' || prompt === '')
    throw new ValidationError('prompt must be a text that is not empty', { parameter: 'prompt', received: prompt });
  const stop = [body['stop'] ?? []].flat();
  if (!stop.every((each): each is string => typeof each === 'string' && each !== ''))
    throw new ValidationError('stop must be texts', { parameter: 'stop', received: stop });
  return {
    prompt,
    maxTokens: Math.floor(numberIn(body, 'max_tokens', DEFAULT_TOKENS, 1, MOST_TOKENS)),
    temperature: numberIn(body, 'temperature', 1, 0, 2),
    topP: numberIn(body, 'top_p', 1, 0.001, 1),
    seed: Math.floor(numberIn(body, 'seed', 0, 0, Number.MAX_SAFE_INTEGER)),
    stop,
    stream: stream === true,
  };
}

/** A piece of text, and why it is the last. */
interface Piece {
  readonly text: string;
  readonly reason: 'stop' | 'length' | null;
  readonly tokens: number;
}

/** The continuation piece by piece. What could become a stop text is held back until it is told apart. */
async function* pieces({ model, tokenizer, config }: LanguageModel, ids: readonly number[], wanted: Wanted, signal: AbortSignal): AsyncGenerator<Piece> {
  const { maxTokens, temperature, topP, seed, stop } = wanted;
  const eosTokenId = (config['eos_token_id'] ?? null) as number | null;
  const drawing = temperature === 0 ? {} : { doSample: true, temperature, topP, seed };
  const decoder = tokenizer.decodeStream();
  const longest = Math.max(0, ...stop.map(each => each.length));
  let [held, tokens] = ['', 0];
  for await (const { tokenId } of generateStream(model, [ids], { maxNewTokens: maxTokens, eosTokenId, signal, ...drawing })) {
    tokens++;
    held += decoder.push(tokenId);
    const ends = stop.map(each => held.indexOf(each)).filter(at => at >= 0);
    if (ends.length > 0) {
      yield { text: held.slice(0, Math.min(...ends)), reason: 'stop', tokens };
      return;
    }
    const free = held.length - longest + (longest > 0 ? 1 : 0);
    if (free <= 0) continue;
    yield { text: held.slice(0, free), reason: null, tokens };
    held = held.slice(free);
  }
  yield { text: held + decoder.flush(), reason: tokens < maxTokens ? 'stop' : 'length', tokens };
}

/** Answers requests; completions one after another. */
class ModelServer {
  readonly #base: LanguageModel;
  readonly #name: string;
  /** The completion that is being written, or was. */
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(base: LanguageModel, name: string) {
    this.#base = base;
    this.#name = name;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (status: number, value: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    try {
      const refusal = refusalOf(request);
      const way = `${request.method} ${new URL(request.url ?? '/', 'http://localhost').pathname}`;
      if (refusal !== null) json(403, { error: { message: refusal } });
      else if (way === 'GET /health') json(200, { status: 'ok' });
      else if (way === 'GET /v1/models') json(200, { object: 'list', data: [{ id: this.#name, object: 'model', owned_by: 'local' }] });
      else if (way === 'POST /v1/completions') await this.#complete(wantedOf(await bodyOf(request)), response);
      else throw new NotFoundError(`there is no ${way}`, { parameter: 'url' });
    } catch (error) {
      const status = !GtcError.is(error) ? 500 : error.code === 'not_found' ? 404 : 400;
      if (response.headersSent) response.destroy(error as Error);
      else json(status, { error: { message: (error as Error).message.split('\n')[0], type: GtcError.is(error) ? error.code : 'internal' } });
    }
  }

  async #complete(wanted: Wanted, response: ServerResponse): Promise<void> {
    const ids = [...this.#base.tokenizer.encodeIds(wanted.prompt)];
    const limit = Number(this.#base.config['max_position_embeddings'] ?? Number.POSITIVE_INFINITY);
    if (ids.length + wanted.maxTokens > limit)
      throw new ValidationError(`the prompt has ${ids.length} tokens; with max_tokens ${wanted.maxTokens} that is more than the ${limit} of the model`, {
        parameter: 'prompt',
      });
    const controller = new AbortController();
    response.once('close', () => controller.abort());
    const written = this.#last.then(() => this.#write(wanted, ids, response, controller.signal));
    this.#last = Promise.allSettled([written]);
    await written;
  }

  async #write(wanted: Wanted, ids: readonly number[], response: ServerResponse, signal: AbortSignal): Promise<void> {
    const id = `cmpl-${++this.#count}`;
    const frame = (text: string, reason: Piece['reason']) => ({
      id,
      object: 'text_completion',
      model: this.#name,
      choices: [{ index: 0, text, finish_reason: reason, logprobs: null }],
    });
    let [text, tokens, reason]: [string, number, Piece['reason']] = ['', 0, null];
    if (wanted.stream) response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    for await (const piece of pieces(this.#base, ids, wanted, signal)) {
      if (wanted.stream) response.write(`data: ${JSON.stringify(frame(piece.text, piece.reason))}\n\n`);
      text += piece.text;
      ({ tokens, reason } = piece);
    }
    if (wanted.stream) response.end('data: [DONE]\n\n');
    else {
      const usage = { prompt_tokens: ids.length, completion_tokens: tokens, total_tokens: ids.length + tokens };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...frame(text, reason), usage }));
    }
  }
}

async function run(options: RecipeOptions, { files, progress, now, signal }: Surroundings): Promise<RecipeResult> {
  const begin = now();
  const base = await readLanguageModel(files, options.base);
  base.model.eval();
  const name = basename(options.base);
  const model = new ModelServer(base, name);
  const address = await listen(
    (request, response) => model.answer(request, response),
    options.port,
    signal,
    at => progress.log(`${name} answers at ${at}/v1/completions (Ctrl-C ends)`),
  );
  const json = { recipe: 'serve-model', model: name, address, seconds: { all: (now() - begin) / 1000 } };
  return { json, text: `${name} was served at ${address} for ${json.seconds.all.toFixed(0)} s\n` };
}

/** Serves a language model. */
export const serveModel: Recipe = {
  defaults: { ...DEFAULTS, port: 4690 },
  run,
};
