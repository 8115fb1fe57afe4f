/** Spaces on the hub: search, what they are and whether they run. Mirrors `hf_gtc.hub.spaces`. */
import { type Definition, isValueOf, parseEnum, valuesOf } from '@gtc/errors';
import { checkRepoId, countOf, getJson, type HubOptions, listEntries, sortParameter, take, textOf } from './internal/client/request.js';

/** What a space is made with. */
export const SpaceSDK = { GRADIO: 'gradio', STREAMLIT: 'streamlit', DOCKER: 'docker', STATIC: 'static' } as const;
export type SpaceSDK = (typeof SpaceSDK)[keyof typeof SpaceSDK];

/** Whether a space runs. */
export const SpaceStage = {
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
  BUILDING: 'BUILDING',
  NO_APP_FILE: 'NO_APP_FILE',
  CONFIG_ERROR: 'CONFIG_ERROR',
} as const;
export type SpaceStage = (typeof SpaceStage)[keyof typeof SpaceStage];

/** Machines that a space can have. */
export const SpaceHardware = {
  CPU_BASIC: 'cpu-basic',
  CPU_UPGRADE: 'cpu-upgrade',
  T4_SMALL: 't4-small',
  T4_MEDIUM: 't4-medium',
  A10G_SMALL: 'a10g-small',
  A10G_LARGE: 'a10g-large',
  A100_LARGE: 'a100-large',
} as const;
export type SpaceHardware = (typeof SpaceHardware)[keyof typeof SpaceHardware];

/** Values of {@link SpaceSDK}. */
export const VALID_SDKS: ReadonlySet<SpaceSDK> = new Set(Object.values(SpaceSDK));

/** Values of {@link SpaceHardware}. */
export const VALID_HARDWARE: ReadonlySet<SpaceHardware> = new Set(Object.values(SpaceHardware));

/** A space on the hub. */
export interface SpaceInfo {
  readonly spaceId: string;
  readonly author: string;
  readonly title: string | null;
  readonly sdk: string | null;
  readonly likes: number;
  readonly emoji: string | null;
  readonly hardware: string | null;
}

/** Defaults and rules of {@link SpaceInfo}. */
export const SpaceInfo: Definition<SpaceInfo> = {
  name: 'SpaceInfo',
  fields: {
    spaceId: { kind: 'string' },
    author: { kind: 'string' },
    title: { kind: 'string', nullable: true },
    sdk: { kind: 'string', nullable: true },
    likes: { kind: 'int' },
    emoji: { kind: 'string', nullable: true },
    hardware: { kind: 'string', nullable: true },
  },
};

/** How a space runs. */
export interface SpaceRuntime {
  readonly stage: string | null;
  readonly hardware: string | null;
  readonly sdkVersion: string | null;
}

/** Defaults and rules of {@link SpaceRuntime}. */
export const SpaceRuntime: Definition<SpaceRuntime> = {
  name: 'SpaceRuntime',
  fields: {
    stage: { kind: 'string', nullable: true },
    hardware: { kind: 'string', nullable: true },
    sdkVersion: { kind: 'string', nullable: true },
  },
};

/** Sdks in ascending order. */
export function listSdks(): SpaceSDK[] {
  return valuesOf(SpaceSDK);
}

/** Hardware tiers in ascending order. */
export function listHardwareTiers(): SpaceHardware[] {
  return valuesOf(SpaceHardware);
}

/** Whether the text is a value of {@link SpaceSDK}. */
export function validateSdk(sdk: string): boolean {
  return isValueOf(SpaceSDK, sdk);
}

/** Whether the text is a value of {@link SpaceHardware}. */
export function validateHardware(hardware: string): boolean {
  return isValueOf(SpaceHardware, hardware);
}

type Entry = Readonly<Record<string, unknown>>;

/** What a search for spaces looks for. */
export interface SpaceSearch extends HubOptions {
  readonly query?: string | null;
  readonly sdk?: string | null;
  readonly author?: string | null;
  /** At most so many, 1 to 100. */
  readonly limit?: number;
  /** `likes`, `created` or `lastModified`, the greatest first. */
  readonly sort?: string;
}

const field = (entry: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Entry)[key] : undefined), entry);

function toSpace(entry: Entry): SpaceInfo {
  const spaceId = textOf(entry['id']) ?? '';
  return {
    spaceId,
    author: textOf(entry['author']) ?? spaceId.split('/')[0]!,
    title: textOf(field(entry, 'cardData', 'title')),
    sdk: textOf(entry['sdk']),
    likes: countOf(entry['likes']),
    emoji: textOf(field(entry, 'cardData', 'emoji')),
    hardware: textOf(field(entry, 'runtime', 'hardware', 'current')),
  };
}

const checkSdk = (sdk: string | null): string | null => (sdk === null ? null : parseEnum(SpaceSDK, sdk, 'sdk'));

/**
 * Spaces that fit a search, the greatest by the order first.
 *
 * @throws {ValidationError} for an unknown SDK or order, or a limit outside 1 to 100
 * @throws {StateError} when the hub cannot be reached
 * @remarks Python: `hf_gtc.hub.spaces.search_spaces(query=, sdk=, author=, limit=, sort=)`; `huggingface_hub.list_spaces`.
 */
export function searchSpaces({ query = null, sdk = null, author = null, limit = 10, sort = 'likes', ...options }: SpaceSearch = {}): Promise<SpaceInfo[]> {
  const order = sortParameter(sort, ['likes', 'created', 'lastModified'], limit);
  const filter = checkSdk(sdk);
  return take(listEntries('/api/spaces', { search: query, filter, author, sort: order, direction: -1, limit, full: 'true' }, 'spaces', options), limit).then(
    found => found.map(toSpace),
  );
}

/**
 * All spaces of an SDK or author, page after page, the most liked first.
 *
 * @throws {ValidationError} for an unknown SDK, when the iteration begins
 * @throws {StateError} when the hub cannot be reached
 * @remarks Python: `hf_gtc.hub.spaces.iter_spaces(sdk=, author=)`.
 */
export async function* iterSpaces({ sdk = null, author = null, ...options }: Omit<SpaceSearch, 'query' | 'limit' | 'sort'> = {}): AsyncGenerator<SpaceInfo> {
  const query = { filter: checkSdk(sdk), author, sort: 'likes', direction: -1, full: 'true' };
  for await (const entry of listEntries('/api/spaces', query, 'spaces', options)) yield toSpace(entry);
}

/**
 * A space by its id, `owner/name`.
 *
 * @throws {ValidationError} for an id that no repository can have
 * @throws {NotFoundError} for an unknown space
 * @remarks Python: `hf_gtc.hub.spaces.get_space_info(space_id)`; `huggingface_hub.space_info`.
 */
export function getSpaceInfo(spaceId: string, options: HubOptions = {}): Promise<SpaceInfo> {
  return getJson(`/api/spaces/${checkRepoId(spaceId, 'spaceId')}`, `space ${spaceId}`, options).then(entry => toSpace(entry as Entry));
}

/**
 * How a space runs.
 *
 * @throws {ValidationError} for an id that no repository can have
 * @throws {NotFoundError} for an unknown space
 * @remarks Python: `hf_gtc.hub.spaces.get_space_runtime(space_id)`; `huggingface_hub.get_space_runtime`.
 */
export function getSpaceRuntime(spaceId: string, options: HubOptions = {}): Promise<SpaceRuntime> {
  return getJson(`/api/spaces/${checkRepoId(spaceId, 'spaceId')}/runtime`, `runtime of space ${spaceId}`, options).then(entry => ({
    stage: textOf(field(entry, 'stage')),
    hardware: textOf(field(entry, 'hardware', 'current')),
    sdkVersion: textOf(field(entry, 'sdkVersion')),
  }));
}
