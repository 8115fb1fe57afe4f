/** Requests to the hub's API: endpoint, token, pages, and errors with a reason. */
import { inRange, NotFoundError, nonEmpty, StateError, UnsafeInputError, ValidationError } from '@gtc/errors';

/** What every call to the hub takes. */
export interface HubOptions {
  /** Base URL; `HF_ENDPOINT`, else the public hub. */
  readonly endpoint?: string;
  /** Access token; `HF_TOKEN`, else none. It goes to the endpoint only. */
  readonly token?: string | null;
  /** What makes the requests; the platform's by default. */
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables, where the platform has them. */
const environment = (): Environment => (globalThis as { process?: { env?: Environment } }).process?.env ?? {};

const isOn = (value: string | undefined): boolean => /^(1|true|yes|on)$/i.test(value ?? '');

function endpointOf({ endpoint }: HubOptions): string {
  return (endpoint ?? environment()['HF_ENDPOINT'] ?? 'https://huggingface.co').replace(/\/+$/, '');
}

/**
 * An answer of the hub.
 *
 * @param what in words, for errors: `model card for gpt2`
 * @throws {NotFoundError} for 404
 * @throws {StateError} when offline mode is on, the hub cannot be reached, or it refuses
 */
async function request(url: string, what: string, options: HubOptions): Promise<Response> {
  const fail = (reason: string, cause?: unknown): StateError => new StateError(`cannot fetch ${what}: ${reason}`, { parameter: 'fetch', received: url, cause });
  if (options.fetch === undefined && isOn(environment()['HF_HUB_OFFLINE'])) throw fail('offline mode is on (HF_HUB_OFFLINE)');
  const token = options.token ?? environment()['HF_TOKEN'];
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(url, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fail(error instanceof Error ? error.message : String(error), error);
  }
  if (response.ok) return response;
  const reason = response.headers.get('x-error-message') ?? response.headers.get('x-error-code') ?? `status ${response.status}`;
  if (response.status === 404) throw new NotFoundError(`${what} was not found: ${reason}`, { parameter: 'fetch', received: url });
  throw fail(reason);
}

/** The JSON at a path of the API. */
export async function getJson(path: string, what: string, options: HubOptions): Promise<unknown> {
  return (await request(`${endpointOf(options)}${path}`, what, options)).json();
}

/** The text of a file of a repository. */
export async function getText(path: string, what: string, options: HubOptions): Promise<string> {
  return (await request(`${endpointOf(options)}${path}`, what, options)).text();
}

/** Parameters of a listing; what is null is left out. */
export type Query = Readonly<Record<string, string | number | null>>;

/** Entries of a listing, page after page; a next page on another host is refused, since the token would go there. */
export async function* listEntries(path: string, query: Query, what: string, options: HubOptions): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const endpoint = endpointOf(options);
  const given = Object.entries(query).filter(([, value]) => value !== null);
  let url: string | null = `${endpoint}${path}?${new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]))}`;
  while (url !== null) {
    const response: Response = await request(url, what, options);
    for (const entry of (await response.json()) as unknown[]) yield entry as Readonly<Record<string, unknown>>;
    const next = /<([^>]+)>\s*;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
    if (next !== null && new URL(next).origin !== new URL(endpoint).origin)
      throw new UnsafeInputError(`the next page of ${what} is on another host: ${next}`, { parameter: 'link', received: next });
    url = next;
  }
}

/** Hub name of a sort order. */
const SORTS: Readonly<Record<string, string>> = { created: 'createdAt', lastModified: 'lastModified', likes: 'likes', downloads: 'downloads' };

/** @throws {ValidationError} for a limit outside 1 to 100 or an unknown order */
export function sortParameter(sort: string, allowed: readonly string[], limit: number): string {
  inRange(limit, 'limit', { min: 1, max: 100 });
  if (!allowed.includes(sort))
    throw new ValidationError(`sort must be one of ${[...allowed].sort().join(', ')}, got '${sort}'`, { parameter: 'sort', received: sort });
  return SORTS[sort]!;
}

/** @throws {ValidationError} for an id that no repository can have */
export function checkRepoId(repoId: string, name: string): string {
  if (!/^(?:[\w.-]{1,96}\/)?[\w.-]{1,96}$/.test(nonEmpty(repoId, name)) || /(^|\/)[-.]|[-.](\/|$)|--|\.\./.test(repoId))
    throw new ValidationError(`${name} must be a name or owner/name of letters, digits, '-', '_' and '.', got '${repoId}'`, {
      parameter: name,
      received: repoId,
    });
  return repoId;
}

/** The first entries of a listing. */
export async function take<V>(entries: AsyncIterable<V>, limit: number): Promise<V[]> {
  const taken: V[] = [];
  for await (const entry of entries) {
    taken.push(entry);
    if (taken.length >= limit) break;
  }
  return taken;
}

/** A text field of an entry, or null. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A count of an entry, 0 where it is missing. */
export const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
