/** Rows of a dataset of the hub, page by page, from its server of rows (`/splits` and `/rows`). */
import { NotFoundError, StateError } from '@gtc/errors';

/** One row: values by column. */
export type HubRow = Readonly<Record<string, unknown>>;

/** Where rows are read and how. */
export interface HubRowsOptions {
  readonly endpoint?: string;
  readonly token?: string | null;
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
  /** Pages requested ahead of the one that is read. */
  readonly ahead: number;
}

const PAGE = 100;

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function failure(dataset: string, reason: string, cause?: unknown): StateError {
  return new StateError(`cannot stream dataset '${dataset}': ${reason}`, { parameter: 'datasetName', received: dataset, cause });
}

/** The JSON object at a path; anything else is an error that names the dataset. */
async function ask(dataset: string, path: string, query: Readonly<Record<string, string>>, options: HubRowsOptions): Promise<JsonObject> {
  const { endpoint = 'https://datasets-server.huggingface.co', token = null, signal } = options;
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(`${endpoint}${path}?${new URLSearchParams({ dataset, ...query })}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw failure(dataset, error instanceof Error ? error.message : String(error), error);
  }
  const answer: unknown = await response.json().catch(() => null);
  const reason = isObject(answer) && typeof answer['error'] === 'string' ? answer['error'] : `status ${response.status}`;
  if (response.status === 404) throw new NotFoundError(`dataset '${dataset}' was not found: ${reason}`, { parameter: 'datasetName', received: dataset });
  if (!response.ok) throw failure(dataset, reason);
  if (!isObject(answer)) throw failure(dataset, 'the answer is no JSON');
  return answer;
}

function listOf(dataset: string, answer: JsonObject, name: string): JsonObject[] {
  const list = answer[name];
  if (!Array.isArray(list) || !list.every(isObject)) throw failure(dataset, `the answer has no list of ${name}`);
  return list;
}

/** The first configuration that has a split. */
async function configOf(dataset: string, split: string, options: HubRowsOptions): Promise<string> {
  const splits = listOf(dataset, await ask(dataset, '/splits', {}, options), 'splits');
  const found = splits.find(entry => entry['split'] === split);
  if (found !== undefined) return String(found['config']);
  throw NotFoundError.of('split', split, new Set(splits.map(entry => String(entry['split']))));
}

/** All rows of a split, as many pages requested ahead as asked. */
export async function* hubRows(dataset: string, split: string, options: HubRowsOptions): AsyncGenerator<HubRow> {
  const config = await configOf(dataset, split, options);
  const page = (offset: number): Promise<JsonObject> => {
    const answer = ask(dataset, '/rows', { config, split, offset: String(offset), length: String(PAGE) }, options);
    answer.catch(() => undefined); // a page that nobody comes to read may fail unheard
    return answer;
  };
  const pages = [page(0)];
  let total = PAGE;
  for (let next = PAGE; pages.length > 0; ) {
    const answer = await pages.shift()!;
    total = Number(answer['num_rows_total'] ?? total);
    const request = (most: number): void => {
      for (; pages.length < most && next < total; next += PAGE) pages.push(page(next));
    };
    request(options.ahead);
    for (const { row } of listOf(dataset, answer, 'rows')) yield row as HubRow;
    request(1);
  }
}
