/** Collections of models, datasets, spaces and papers. Mirrors `hf_gtc.hub.collections`. */
import { createFrom, type Definition, nonEmpty, parseEnum, validate, valuesOf } from '@gtc/errors';

/** Orders of a collection. */
export type SortOption = 'position' | 'created' | 'updated' | 'likes' | 'downloads';

/** What an item is. */
export const CollectionItemType = { MODEL: 'model', DATASET: 'dataset', SPACE: 'space', PAPER: 'paper' } as const;
export type CollectionItemType = (typeof CollectionItemType)[keyof typeof CollectionItemType];

/** How a collection looks. */
export const CollectionTheme = { DEFAULT: 'default', MINIMAL: 'minimal', GRID: 'grid', LIST: 'list' } as const;
export type CollectionTheme = (typeof CollectionTheme)[keyof typeof CollectionTheme];

/** Values of {@link CollectionItemType}. */
export const VALID_ITEM_TYPES: ReadonlySet<CollectionItemType> = new Set(Object.values(CollectionItemType));

/** Values of {@link CollectionTheme}. */
export const VALID_THEMES: ReadonlySet<CollectionTheme> = new Set(Object.values(CollectionTheme));

/** Values of {@link SortOption}. */
export const VALID_SORT_OPTIONS: ReadonlySet<string> = new Set(['created', 'downloads', 'likes', 'position', 'updated']);

/** A collection. */
export interface CollectionConfig {
  readonly title: string;
  readonly description: string;
  readonly private: boolean;
  readonly theme: CollectionTheme;
  readonly namespace: string;
}

/** Defaults and rules of {@link CollectionConfig}. */
export const CollectionConfig: Definition<CollectionConfig> = {
  name: 'CollectionConfig',
  fields: {
    title: { kind: 'string', nonEmpty: true, maxLength: 100 },
    description: { kind: 'string', default: '' },
    private: { kind: 'bool', default: false },
    theme: { kind: 'enum', of: CollectionTheme, default: 'default' },
    namespace: { kind: 'string', default: 'default', nonEmpty: true },
  },
};

/** An item of a collection. */
export interface CollectionItem {
  /** `owner/name`; a paper has its number. */
  readonly itemId: string;
  readonly itemType: CollectionItemType;
  readonly note: string;
  readonly position: number;
}

/** Defaults and rules of {@link CollectionItem}. */
export const CollectionItem: Definition<CollectionItem> = {
  name: 'CollectionItem',
  fields: {
    itemId: { kind: 'string', nonEmpty: true },
    itemType: { kind: 'enum', of: CollectionItemType, default: 'model' },
    note: { kind: 'string', default: '' },
    position: { kind: 'int', default: 0, nonNegative: true },
  },
  rules: [({ itemId, itemType }) => (itemType === 'paper' || itemId.includes('/') ? null : `itemId must be owner/name, got '${itemId}'`)],
};

/** What the hub knows of a collection. */
export interface CollectionMetadata {
  readonly slug: string;
  readonly itemCount: number;
  readonly likes: number;
  readonly isFeatured: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Defaults and rules of {@link CollectionMetadata}. */
export const CollectionMetadata: Definition<CollectionMetadata> = {
  name: 'CollectionMetadata',
  fields: {
    slug: { kind: 'string' },
    itemCount: { kind: 'int' },
    likes: { kind: 'int' },
    isFeatured: { kind: 'bool' },
    createdAt: { kind: 'string' },
    updatedAt: { kind: 'string' },
  },
};

/** A search for collections. */
export interface CollectionQuery {
  readonly owner: string | null;
  readonly item: string | null;
  readonly sort: SortOption;
  readonly limit: number;
}

/** Defaults and rules of {@link CollectionQuery}. */
export const CollectionQuery: Definition<CollectionQuery> = {
  name: 'CollectionQuery',
  fields: {
    owner: { kind: 'string', default: null, nullable: true },
    item: { kind: 'string', default: null, nullable: true },
    sort: { kind: 'string', oneOf: VALID_SORT_OPTIONS, default: 'likes' },
    limit: { kind: 'int', default: 20, positive: true, max: 100 },
  },
};

/** What a collection holds. */
export interface CollectionStats {
  readonly totalModels: number;
  readonly totalDatasets: number;
  readonly totalSpaces: number;
  readonly totalPapers: number;
  readonly totalLikes: number;
  readonly totalDownloads: number;
}

/** Defaults and rules of {@link CollectionStats}. */
export const CollectionStats: Definition<CollectionStats> = {
  name: 'CollectionStats',
  fields: {
    totalModels: { kind: 'int', default: 0, nonNegative: true },
    totalDatasets: { kind: 'int', default: 0, nonNegative: true },
    totalSpaces: { kind: 'int', default: 0, nonNegative: true },
    totalPapers: { kind: 'int', default: 0, nonNegative: true },
    totalLikes: { kind: 'int', default: 0, nonNegative: true },
    totalDownloads: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateCollectionConfig(config: CollectionConfig): void {
  validate(CollectionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCollectionItem(item: CollectionItem): void {
  validate(CollectionItem, item, 'item');
}

/** Settles a {@link CollectionConfig}. @throws {ValidationError} naming every broken rule */
export function createCollectionConfig(title: CollectionConfig['title'], options: Partial<Omit<CollectionConfig, 'title'>> = {}): CollectionConfig {
  return createFrom(CollectionConfig, { ...options, title });
}

/** Settles a {@link CollectionItem}. @throws {ValidationError} naming every broken rule */
export function createCollectionItem(itemId: CollectionItem['itemId'], options: Partial<Omit<CollectionItem, 'itemId'>> = {}): CollectionItem {
  return createFrom(CollectionItem, { ...options, itemId });
}

/** Settles a {@link CollectionQuery}. @throws {ValidationError} naming every broken rule */
export function createCollectionQuery(options: Partial<CollectionQuery> = {}): CollectionQuery {
  return createFrom(CollectionQuery, options);
}

/** Settles a {@link CollectionStats}. @throws {ValidationError} naming every broken rule */
export function createCollectionStats(options: Partial<CollectionStats> = {}): CollectionStats {
  return createFrom(CollectionStats, options);
}

/** Item types in ascending order. */
export function listItemTypes(): CollectionItemType[] {
  return valuesOf(CollectionItemType);
}

/** Themes in ascending order. */
export function listThemes(): CollectionTheme[] {
  return valuesOf(CollectionTheme);
}

/** @throws {ValidationError} naming the values of {@link CollectionItemType} */
export function getItemType(name: string): CollectionItemType {
  return parseEnum(CollectionItemType, name, 'name');
}

/**
 * Orders in ascending order of their names.
 *
 * @remarks Python: `hf_gtc.hub.collections.list_sort_options()`.
 * @example listSortOptions() // => ['created', 'downloads', 'likes', 'position', 'updated']
 */
export function listSortOptions(): string[] {
  return [...VALID_SORT_OPTIONS].sort();
}

/**
 * The path of a collection: owner, title in lower case with dashes for spaces and without other marks, id.
 *
 * @throws {ValidationError} unless title, uniqueId and namespace are not empty
 * @remarks Python: `hf_gtc.hub.collections.format_collection_slug(namespace, title, unique_id)`; the same text.
 */
export function formatCollectionSlug(namespace: string, title: string, uniqueId: string): string {
  nonEmpty(namespace, 'namespace');
  nonEmpty(title, 'title');
  nonEmpty(uniqueId, 'uniqueId');
  const slug = title
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace(/[^\p{L}\p{N}-]/gu, '');
  return `${namespace}/${slug}-${uniqueId}`;
}

/**
 * How much a collection weighs: 2 for a model, 1.5 for a dataset, 1 for a space, 0.5 for a paper, 0.1 for a like, 0.001 for a download.
 *
 * @remarks Python: `hf_gtc.hub.collections.calculate_collection_score(stats)`; within 1e-12.
 * @example calculateCollectionScore({ totalModels: 11, totalDatasets: 0, totalSpaces: 0, totalPapers: 0, totalLikes: 0, totalDownloads: 0 }) // => 22
 */
export function calculateCollectionScore(stats: CollectionStats): number {
  const { totalModels, totalDatasets, totalSpaces, totalPapers, totalLikes, totalDownloads } = stats;
  return 2 * totalModels + 1.5 * totalDatasets + totalSpaces + 0.5 * totalPapers + 0.1 * totalLikes + 0.001 * totalDownloads;
}
