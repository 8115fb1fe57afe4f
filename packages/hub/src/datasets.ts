/** Datasets on the hub: how they are loaded, their size, hash, format and schema. Mirrors `hf_gtc.hub.datasets`. */
import {
  allNonNegative,
  createFrom,
  type Definition,
  formatCount,
  formatFixed,
  inRange,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  validate,
  valuesOf,
} from '@gtc/errors';
import { hexDigest } from '@gtc/tensor/hash';
import { checkRepoId, countOf, getJson, type HubOptions, textOf } from './internal/client/request.js';

const ENDINGS: Readonly<Record<DatasetFormat, readonly string[]>> = {
  parquet: ['.parquet', '.pq'],
  json: ['.json', '.jsonl'],
  csv: ['.csv', '.tsv'],
  arrow: ['.arrow', '.feather'],
  webdataset: ['.tar', '.tar.gz', '.tgz'],
};

const STREAMING: Readonly<Record<string, StreamingMode>> = { small: 'disabled', medium: 'basic', large: 'shuffled' };

const SPLITS: Readonly<Record<string, SplitType>> = { training: 'train', evaluation: 'validation', inference: 'test' };

/** Formats of files. */
export const DatasetFormat = { PARQUET: 'parquet', JSON: 'json', CSV: 'csv', ARROW: 'arrow', WEBDATASET: 'webdataset' } as const;
export type DatasetFormat = (typeof DatasetFormat)[keyof typeof DatasetFormat];

/** Parts of a dataset. */
export const SplitType = { TRAIN: 'train', VALIDATION: 'validation', TEST: 'test', ALL: 'all' } as const;
export type SplitType = (typeof SplitType)[keyof typeof SplitType];

/** Whether rows are read as they are needed. */
export const StreamingMode = { DISABLED: 'disabled', BASIC: 'basic', SHUFFLED: 'shuffled' } as const;
export type StreamingMode = (typeof StreamingMode)[keyof typeof StreamingMode];

/** Values of {@link DatasetFormat}. */
export const VALID_FORMATS: ReadonlySet<DatasetFormat> = new Set(Object.values(DatasetFormat));

/** Values of {@link SplitType}. */
export const VALID_SPLITS: ReadonlySet<SplitType> = new Set(Object.values(SplitType));

/** Values of {@link StreamingMode}. */
export const VALID_STREAMING_MODES: ReadonlySet<StreamingMode> = new Set(Object.values(StreamingMode));

/** How a dataset is loaded. */
export interface DatasetConfig {
  readonly name: string;
  readonly subset: string | null;
  readonly split: SplitType;
  readonly streaming: StreamingMode;
  readonly trustRemoteCode: boolean;
}

/** Defaults and rules of {@link DatasetConfig}. */
export const DatasetConfig: Definition<DatasetConfig> = {
  name: 'DatasetConfig',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    subset: { kind: 'string', default: null, nullable: true },
    split: { kind: 'enum', of: SplitType, default: 'train' },
    streaming: { kind: 'enum', of: StreamingMode, default: 'disabled' },
    trustRemoteCode: { kind: 'bool', default: false },
  },
};

/** How files are fetched. */
export interface DownloadConfig {
  readonly cacheDir: string | null;
  readonly forceDownload: boolean;
  readonly resumeDownload: boolean;
  readonly maxRetries: number;
}

/** Defaults and rules of {@link DownloadConfig}. */
export const DownloadConfig: Definition<DownloadConfig> = {
  name: 'DownloadConfig',
  fields: {
    cacheDir: { kind: 'string', default: null, nullable: true },
    forceDownload: { kind: 'bool', default: false },
    resumeDownload: { kind: 'bool', default: true },
    maxRetries: { kind: 'int', default: 3, nonNegative: true },
  },
};

/** How files are sent. */
export interface UploadConfig {
  readonly repoId: string;
  readonly private: boolean;
  readonly commitMessage: string;
  readonly createPr: boolean;
}

/** Defaults and rules of {@link UploadConfig}. */
export const UploadConfig: Definition<UploadConfig> = {
  name: 'UploadConfig',
  fields: {
    repoId: { kind: 'string', nonEmpty: true },
    private: { kind: 'bool', default: false },
    commitMessage: { kind: 'string', default: 'Upload dataset', nonEmpty: true },
    createPr: { kind: 'bool', default: false },
  },
};

/** What a dataset holds. */
export interface DatasetStats {
  readonly numRows: number;
  readonly numColumns: number;
  readonly sizeBytes: number;
  /** Types by column. */
  readonly features: Readonly<Record<string, string>>;
}

/** Defaults and rules of {@link DatasetStats}. */
export const DatasetStats: Definition<DatasetStats> = {
  name: 'DatasetStats',
  fields: {
    numRows: { kind: 'int', default: 0, nonNegative: true },
    numColumns: { kind: 'int', default: 0, nonNegative: true },
    sizeBytes: { kind: 'int', default: 0, nonNegative: true },
    features: { kind: 'record', of: { kind: 'string' }, default: {} },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateDatasetConfig(config: DatasetConfig): void {
  validate(DatasetConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDownloadConfig(config: DownloadConfig): void {
  validate(DownloadConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateUploadConfig(config: UploadConfig): void {
  validate(UploadConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDatasetStats(stats: DatasetStats): void {
  validate(DatasetStats, stats, 'stats');
}

/** Settles a {@link DatasetConfig}. @throws {ValidationError} naming every broken rule */
export function createDatasetConfig(name: DatasetConfig['name'], options: Partial<Omit<DatasetConfig, 'name'>> = {}): DatasetConfig {
  return createFrom(DatasetConfig, { ...options, name });
}

/** Settles a {@link DownloadConfig}. @throws {ValidationError} naming every broken rule */
export function createDownloadConfig(options: Partial<DownloadConfig> = {}): DownloadConfig {
  return createFrom(DownloadConfig, options);
}

/** Settles a {@link UploadConfig}. @throws {ValidationError} naming every broken rule */
export function createUploadConfig(repoId: UploadConfig['repoId'], options: Partial<Omit<UploadConfig, 'repoId'>> = {}): UploadConfig {
  return createFrom(UploadConfig, { ...options, repoId });
}

/** Formats in ascending order. */
export function listFormats(): DatasetFormat[] {
  return valuesOf(DatasetFormat);
}

/** Splits in ascending order. */
export function listSplits(): SplitType[] {
  return valuesOf(SplitType);
}

/** Streaming modes in ascending order. */
export function listStreamingModes(): StreamingMode[] {
  return valuesOf(StreamingMode);
}

/** @throws {ValidationError} naming the values of {@link DatasetFormat} */
export function getFormat(name: string): DatasetFormat {
  return parseEnum(DatasetFormat, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link SplitType} */
export function getSplit(name: string): SplitType {
  return parseEnum(SplitType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link StreamingMode} */
export function getStreamingMode(name: string): StreamingMode {
  return parseEnum(StreamingMode, name, 'name');
}

/**
 * Settles a {@link DatasetStats}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.datasets.create_dataset_stats(num_rows=, num_columns=, size_bytes=, features=)`.
 */
export function createDatasetStats(options: { readonly [K in keyof DatasetStats]?: DatasetStats[K] | null } = {}): DatasetStats {
  return createFrom(DatasetStats, { ...options, features: options.features ?? {} } as Partial<DatasetStats>);
}

/**
 * Bytes to fetch: rows times bytes of a row times the compression ratio, rounded down.
 *
 * @throws {ValidationError} unless compressionRatio is between 0 and 1, got -0.1, numRows and avgRowSizeBytes are non-negative
 * @remarks Python: `hf_gtc.hub.datasets.estimate_download_size(num_rows, avg_row_size_bytes=, compression_ratio=)`.
 * @example estimateDownloadSize(19) // => 5836
 */
export function estimateDownloadSize(
  numRows: number,
  { avgRowSizeBytes = 1024, compressionRatio = 0.3 }: { readonly avgRowSizeBytes?: number; readonly compressionRatio?: number } = {},
): number {
  allNonNegative({ numRows, avgRowSizeBytes });
  inRange(compressionRatio, 'compressionRatio', { min: 0, max: 1 });
  return Math.trunc(numRows * avgRowSizeBytes * compressionRatio);
}

/**
 * Digest of bytes or of a text in UTF-8, as hexadecimal digits.
 *
 * @throws {ValidationError} unless algorithm is known
 * @remarks Python: `hf_gtc.hub.datasets.calculate_dataset_hash(data, algorithm=)`; the same text.
 * @example calculateDatasetHash('', { algorithm: 'md5' }) // => 'd41d8cd98f00b204e9800998ecf8427e'
 */
export function calculateDatasetHash(data: Uint8Array | string, { algorithm = 'sha256' }: { readonly algorithm?: string } = {}): string {
  notNull(data, 'data');
  return hexDigest(oneOf<'sha256' | 'sha1' | 'md5'>(algorithm, 'algorithm', ['sha256', 'sha1', 'md5']), data);
}

/**
 * Whether a file's name has an ending of the format.
 *
 * @throws {ValidationError} unless expectedFormat is known
 * @remarks Python: `hf_gtc.hub.datasets.validate_dataset_format(file_path, expected_format)`.
 * @example validateDatasetFormat('.json', 'json') // => true
 */
export function validateDatasetFormat(filePath: string, expectedFormat: string): boolean {
  nonEmpty(filePath, 'filePath');
  const name = filePath.toLowerCase();
  return ENDINGS[parseEnum(DatasetFormat, expectedFormat, 'expectedFormat')].some(ending => name.endsWith(ending));
}

/** How a column of two schemas compares. */
export interface ColumnComparison {
  readonly status: 'match' | 'type_mismatch' | 'only_in_a' | 'only_in_b';
  readonly typeA: string | null;
  readonly typeB: string | null;
}

/**
 * Columns of two schemas side by side.
 *
 * @remarks Python: `hf_gtc.hub.datasets.compare_dataset_schemas(schema_a, schema_b)`.
 */
export function compareDatasetSchemas(schemaA: Readonly<Record<string, string>>, schemaB: Readonly<Record<string, string>>): Record<string, ColumnComparison> {
  notNull(schemaA, 'schemaA');
  notNull(schemaB, 'schemaB');
  const compare = (name: string): ColumnComparison => {
    const typeA = Object.hasOwn(schemaA, name) ? schemaA[name]! : null;
    const typeB = Object.hasOwn(schemaB, name) ? schemaB[name]! : null;
    const status = typeA === null ? 'only_in_b' : typeB === null ? 'only_in_a' : typeA === typeB ? 'match' : 'type_mismatch';
    return { status, typeA, typeB };
  };
  return Object.fromEntries([...new Set([...Object.keys(schemaA), ...Object.keys(schemaB)])].map(name => [name, compare(name)]));
}

function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const step = Math.min(3, Math.floor(Math.log(bytes) / Math.log(1024)));
  return `${formatFixed(bytes / 1024 ** step, 2)} ${['bytes', 'KB', 'MB', 'GB'][step]}`;
}

/**
 * What a dataset holds, as text, columns by name.
 *
 * @remarks Python: `hf_gtc.hub.datasets.format_dataset_stats(stats)`; the same text.
 */
export function formatDatasetStats(stats: DatasetStats): string {
  const { numRows, numColumns, sizeBytes, features } = stats;
  const names = Object.keys(features).sort();
  return [
    'Dataset Statistics:',
    `  Rows: ${formatCount(numRows)} rows`,
    `  Columns: ${numColumns}`,
    `  Size: ${formatSize(sizeBytes)}`,
    ...(names.length > 0 ? ['  Features:', ...names.map(name => `    ${name}: ${features[name]}`)] : []),
  ].join('\n');
}

/**
 * How to load a dataset of a size for a use; the name is a placeholder to be replaced.
 *
 * @throws {ValidationError} unless useCase and datasetSize are known
 * @remarks Python: `hf_gtc.hub.datasets.get_recommended_dataset_config(dataset_size=, use_case=)`.
 */
export function getRecommendedDatasetConfig({
  datasetSize = 'small',
  useCase = 'training',
}: {
  readonly datasetSize?: string;
  readonly useCase?: string;
} = {}): DatasetConfig {
  const streaming = STREAMING[oneOf(datasetSize, 'datasetSize', Object.keys(STREAMING))]!;
  const split = SPLITS[oneOf(useCase, 'useCase', Object.keys(SPLITS))]!;
  return createFrom(DatasetConfig, { name: '__placeholder__', split, streaming });
}

/** What the hub tells of a dataset. */
export interface DatasetMetadata {
  readonly datasetId: string;
  readonly author: string | null;
  readonly license: string | null;
  /** Codes of languages. */
  readonly languages: readonly string[];
  readonly taskCategories: readonly string[];
  readonly downloads: number;
  readonly likes: number;
  /** ISO 8601. */
  readonly lastModified: string | null;
  readonly isPrivate: boolean;
  /** Whether access has to be asked for. */
  readonly isGated: boolean;
}

/** Defaults and rules of {@link DatasetMetadata}. */
export const DatasetMetadata: Definition<DatasetMetadata> = {
  name: 'DatasetMetadata',
  fields: {
    datasetId: { kind: 'string', nonEmpty: true },
    author: { kind: 'string', default: null, nullable: true },
    license: { kind: 'string', default: null, nullable: true },
    languages: { kind: 'array', of: { kind: 'string' }, default: [] },
    taskCategories: { kind: 'array', of: { kind: 'string' }, default: [] },
    downloads: { kind: 'int', default: 0, nonNegative: true },
    likes: { kind: 'int', default: 0, nonNegative: true },
    lastModified: { kind: 'string', default: null, nullable: true },
    isPrivate: { kind: 'bool', default: false },
    isGated: { kind: 'bool', default: false },
  },
};

/**
 * What the hub tells of a dataset.
 *
 * @throws {ValidationError} for an id that no dataset can have
 * @throws {NotFoundError} for a dataset that does not exist
 * @throws {StateError} when the hub cannot be reached
 */
export async function getDatasetMetadata(datasetId: string, options: HubOptions = {}): Promise<DatasetMetadata> {
  const entry = (await getJson(`/api/datasets/${checkRepoId(datasetId, 'datasetId')}`, `dataset ${datasetId}`, options)) as Readonly<Record<string, unknown>>;
  const tags = Array.isArray(entry['tags']) ? entry['tags'].filter((tag): tag is string => typeof tag === 'string') : [];
  const tagged = (prefix: string): string[] => tags.filter(tag => tag.startsWith(prefix)).map(tag => tag.slice(prefix.length));
  return createFrom(DatasetMetadata, {
    datasetId: textOf(entry['id']) ?? datasetId,
    author: textOf(entry['author']),
    license: tagged('license:')[0] ?? null,
    languages: tagged('language:'),
    taskCategories: tagged('task_categories:'),
    downloads: countOf(entry['downloads']),
    likes: countOf(entry['likes']),
    lastModified: textOf(entry['lastModified']),
    isPrivate: entry['private'] === true,
    isGated: entry['gated'] !== undefined && entry['gated'] !== false,
  });
}
