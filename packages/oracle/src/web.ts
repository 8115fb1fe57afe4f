/** The web page of the oracle: search, answers in three languages, examples and recipes that run here. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GtcError, NotFoundError, nearest, ValidationError } from '@gtc/errors';
import { plainResult, proofText } from './answer.js';
import { bodyOf, refusalOf } from './guard.js';
import { runExample } from './run.js';
import type { Oracle, Result } from './search.js';

/** A piece of work that the page can start. */
export interface WebRecipe {
  readonly name: string;
  readonly summary: string;
  readonly tags: readonly string[];
  /** Runs it and tells lines as they come. */
  run(tell: (line: string) => void, signal: AbortSignal): Promise<void>;
}

/** Options of {@link handleWeb}. */
export interface WebOptions {
  readonly oracle: Oracle;
  /** Folder from which examples resolve their imports. */
  readonly folder: string;
  readonly recipes: readonly WebRecipe[];
}

const PAGE: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
};

/** The page may load and ask nothing but this server. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'content-security-policy': POLICY };

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type }).end(body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json; charset=utf-8', JSON.stringify(value));
}

function shown(result: Result): Record<string, unknown> {
  return { ...plainResult(result), proofText: proofText(result.module.proof) };
}

function search({ searchParams }: URL, { oracle }: WebOptions): unknown {
  const question = searchParams.get('q') ?? '';
  const domain = searchParams.get('domain') || undefined;
  if (domain !== undefined && !oracle.index.info.domains.includes(domain)) throw NotFoundError.of('domain', domain, oracle.index.info.domains);
  const started = performance.now();
  const results = oracle.search(question, { limit: 8, ...(domain === undefined ? {} : { domain }) });
  return { milliseconds: performance.now() - started, results: results.map(shown) };
}

function about({ oracle, recipes }: WebOptions): unknown {
  return {
    patterns: oracle.index.patternCount,
    domains: [...oracle.index.info.domains].sort(),
    recipes: recipes.map(({ name, summary, tags }) => ({ name, summary, tags })),
  };
}

async function nameIn(request: IncomingMessage): Promise<string> {
  let name: unknown;
  try {
    ({ name } = JSON.parse(await bodyOf(request, 4096)) as { name?: unknown });
  } catch (error) {
    if (GtcError.is(error)) throw error;
  }
  if (typeof name !== 'string' || name === '') throw new ValidationError('the body must be {"name": "..."}', { parameter: 'name' });
  return name;
}

async function runPattern(request: IncomingMessage, { oracle, folder }: WebOptions): Promise<unknown> {
  const name = await nameIn(request);
  const result = oracle.search(name, { limit: 1 }).find(({ why }) => why.exact);
  if (result === undefined) throw new NotFoundError(`unknown pattern '${name}'`, { parameter: 'name', received: name });
  return runExample(result.pattern.examples[0], { folder });
}

/** Lines as they come; the run ends with the connection. */
async function runRecipe(request: IncomingMessage, response: ServerResponse, { recipes }: WebOptions): Promise<void> {
  const name = await nameIn(request);
  const recipe = recipes.find(each => each.name === name);
  if (recipe === undefined) {
    const near = nearest(
      name,
      recipes.map(each => each.name),
    );
    throw new NotFoundError(`unknown recipe '${name}'${near === null ? '' : `; did you mean '${near}'?`}`, { parameter: 'name', received: name });
  }
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' });
  try {
    await recipe.run(line => void response.write(`${line}\n`), controller.signal);
  } catch (error) {
    response.write(`${(error as Error).message.split('\n')[0]}\n`);
  }
  response.end();
}

async function answer(request: IncomingMessage, response: ServerResponse, options: WebOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const way = `${request.method} ${url.pathname}`;
  const file = request.method === 'GET' && Object.hasOwn(PAGE, url.pathname) ? PAGE[url.pathname] : undefined;
  if (file !== undefined) send(response, 200, file[1], readFileSync(new URL(`../page/${file[0]}`, import.meta.url)));
  else if (way === 'GET /api/search') sendJson(response, search(url, options));
  else if (way === 'GET /api/about') sendJson(response, about(options));
  else if (way === 'POST /api/run') sendJson(response, await runPattern(request, options));
  else if (way === 'POST /api/recipe') await runRecipe(request, response, options);
  else throw new NotFoundError(`there is no ${way}`, { parameter: 'url', received: url.pathname });
}

/** Answers one request of the page; whatever goes wrong is one line with the status that fits. */
export async function handleWeb(request: IncomingMessage, response: ServerResponse, options: WebOptions): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== null) return send(response, 403, 'text/plain; charset=utf-8', `${refusal}\n`);
  try {
    await answer(request, response, options);
  } catch (error) {
    const status = GtcError.is(error) ? (error.code === 'not_found' ? 404 : 400) : 500;
    send(response, status, 'text/plain; charset=utf-8', `${(error as Error).message.split('\n')[0]}\n`);
  }
}
