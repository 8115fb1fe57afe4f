/** Search for models and datasets on the hub. Mirrors `hf_gtc.hub.search`. */
import type { Definition } from '@gtc/errors';
import { countOf, type HubOptions, listEntries, sortParameter, take, textOf } from './internal/client/request.js';

/** A model on the hub. */
export interface ModelInfo {
  readonly modelId: string;
  readonly downloads: number;
  readonly likes: number;
  /** Its task. */
  readonly pipelineTag: string | null;
  readonly libraryName: string | null;
}

/** Defaults and rules of {@link ModelInfo}. */
export const ModelInfo: Definition<ModelInfo> = {
  name: 'ModelInfo',
  fields: {
    modelId: { kind: 'string' },
    downloads: { kind: 'int' },
    likes: { kind: 'int' },
    pipelineTag: { kind: 'string', nullable: true },
    libraryName: { kind: 'string', nullable: true },
  },
};

/** A dataset on the hub. */
export interface DatasetInfo {
  readonly datasetId: string;
  readonly downloads: number;
  readonly likes: number;
  readonly taskCategories: readonly string[];
}

/** Defaults and rules of {@link DatasetInfo}. */
export const DatasetInfo: Definition<DatasetInfo> = {
  name: 'DatasetInfo',
  fields: {
    datasetId: { kind: 'string' },
    downloads: { kind: 'int' },
    likes: { kind: 'int' },
    taskCategories: { kind: 'array', of: { kind: 'string' } },
  },
};

const SORTS = ['downloads', 'likes', 'created', 'lastModified'];

/** What a search for models looks for. */
export interface ModelSearch extends HubOptions {
  readonly query?: string | null;
  readonly task?: string | null;
  readonly library?: string | null;
  /** At most so many, 1 to 100. */
  readonly limit?: number;
  /** `downloads`, `likes`, `created` or `lastModified`, the greatest first. */
  readonly sort?: string;
}

const toModel = (entry: Readonly<Record<string, unknown>>): ModelInfo => ({
  modelId: textOf(entry['id']) ?? textOf(entry['modelId']) ?? '',
  downloads: countOf(entry['downloads']),
  likes: countOf(entry['likes']),
  pipelineTag: textOf(entry['pipeline_tag']),
  libraryName: textOf(entry['library_name']),
});

const toDataset = (entry: Readonly<Record<string, unknown>>): DatasetInfo => {
  const tags = Array.isArray(entry['tags']) ? (entry['tags'] as unknown[]) : [];
  return {
    datasetId: textOf(entry['id']) ?? '',
    downloads: countOf(entry['downloads']),
    likes: countOf(entry['likes']),
    taskCategories: tags.flatMap(tag => (typeof tag === 'string' && tag.startsWith('task_categories:') ? [tag.slice('task_categories:'.length)] : [])),
  };
};

/**
 * Models that fit a search, the greatest by the order first.
 *
 * @throws {ValidationError} for a limit outside 1 to 100 or an unknown order
 * @throws {StateError} when the hub cannot be reached
 * @remarks Python: `hf_gtc.hub.search.search_models(query=, task=, library=, limit=, sort=)`; `huggingface_hub.list_models`.
 */
export function searchModels({
  query = null,
  task = null,
  library = null,
  limit = 10,
  sort = 'downloads',
  ...options
}: ModelSearch = {}): Promise<ModelInfo[]> {
  const order = sortParameter(sort, SORTS, limit);
  const entries = listEntries('/api/models', { search: query, pipeline_tag: task, filter: library, sort: order, direction: -1, limit }, 'models', options);
  return take(entries, limit).then(found => found.map(toModel));
}

/**
 * Datasets that fit a search, the greatest by the order first.
 *
 * @throws {ValidationError} for a limit outside 1 to 100 or an unknown order
 * @throws {StateError} when the hub cannot be reached
 * @remarks Python: `hf_gtc.hub.search.search_datasets(query=, task=, limit=, sort=)`; `huggingface_hub.list_datasets`.
 */
export function searchDatasets({
  query = null,
  task = null,
  limit = 10,
  sort = 'downloads',
  ...options
}: Omit<ModelSearch, 'library'> = {}): Promise<DatasetInfo[]> {
  const order = sortParameter(sort, SORTS, limit);
  const filter = task === null ? null : `task_categories:${task}`;
  return take(listEntries('/api/datasets', { search: query, filter, sort: order, direction: -1, limit }, 'datasets', options), limit).then(found =>
    found.map(toDataset),
  );
}

/**
 * All models of a task or library, page after page, the most downloaded first.
 *
 * @throws {StateError} when the hub cannot be reached
 * @remarks Python: `hf_gtc.hub.search.iter_models(task=, library=)`.
 */
export async function* iterModels({ task = null, library = null, ...options }: Omit<ModelSearch, 'query' | 'limit' | 'sort'> = {}): AsyncGenerator<ModelInfo> {
  const query = { pipeline_tag: task, filter: library, sort: 'downloads', direction: -1 };
  for await (const entry of listEntries('/api/models', query, 'models', options)) yield toModel(entry);
}
