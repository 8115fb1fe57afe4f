/** Versions of models: SemVer, their order, and what changed. Mirrors `hf_gtc.hub.versioning`. */
import { createFrom, type Definition, formatFloat, nonEmpty, notNull, oneOf, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';

const SCHEMES: Readonly<Record<string, VersionScheme>> = { model: 'semantic', dataset: 'date_based', library: 'semantic' };

/** Ways to number versions. */
export const VersionScheme = { SEMANTIC: 'semantic', DATE_BASED: 'date_based', INCREMENTAL: 'incremental', GIT_HASH: 'git_hash' } as const;
export type VersionScheme = (typeof VersionScheme)[keyof typeof VersionScheme];

/** What a change means for users. */
export const ChangeType = { MAJOR: 'major', MINOR: 'minor', PATCH: 'patch', PRE_RELEASE: 'pre_release' } as const;
export type ChangeType = (typeof ChangeType)[keyof typeof ChangeType];

/** What is compared. */
export const DiffType = { CONFIG: 'config', WEIGHTS: 'weights', TOKENIZER: 'tokenizer', ALL: 'all' } as const;
export type DiffType = (typeof DiffType)[keyof typeof DiffType];

/** Values of {@link VersionScheme}. */
export const VALID_VERSION_SCHEMES: ReadonlySet<VersionScheme> = new Set(Object.values(VersionScheme));

/** Values of {@link ChangeType}. */
export const VALID_CHANGE_TYPES: ReadonlySet<ChangeType> = new Set(Object.values(ChangeType));

/** Values of {@link DiffType}. */
export const VALID_DIFF_TYPES: ReadonlySet<DiffType> = new Set(Object.values(DiffType));

/** A SemVer version. */
export interface VersionInfo {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly preRelease: string | null;
  readonly buildMetadata: string | null;
}

/** Defaults and rules of {@link VersionInfo}. */
export const VersionInfo: Definition<VersionInfo> = {
  name: 'VersionInfo',
  fields: {
    major: { kind: 'int', default: 0, nonNegative: true },
    minor: { kind: 'int', default: 0, nonNegative: true },
    patch: { kind: 'int', default: 0, nonNegative: true },
    preRelease: { kind: 'string', default: null, nullable: true, nonEmpty: true },
    buildMetadata: { kind: 'string', default: null, nullable: true, nonEmpty: true },
  },
};

/** How versions are kept. */
export interface VersionConfig {
  readonly scheme: VersionScheme;
  readonly autoIncrement: boolean;
  readonly trackChanges: boolean;
  readonly requireChangelog: boolean;
}

/** Defaults and rules of {@link VersionConfig}. */
export const VersionConfig: Definition<VersionConfig> = {
  name: 'VersionConfig',
  fields: {
    scheme: { kind: 'enum', of: VersionScheme, default: 'semantic' },
    autoIncrement: { kind: 'bool', default: true },
    trackChanges: { kind: 'bool', default: true },
    requireChangelog: { kind: 'bool', default: false },
  },
};

/** What changed between two versions. */
export interface ModelDiff {
  readonly changedFiles: readonly string[];
  readonly addedParams: number;
  readonly removedParams: number;
  /** Old and new value by field. */
  readonly configChanges: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
}

/** Defaults and rules of {@link ModelDiff}. */
export const ModelDiff: Definition<ModelDiff> = {
  name: 'ModelDiff',
  fields: {
    changedFiles: { kind: 'array', of: { kind: 'string', nonEmpty: true }, default: [] },
    addedParams: { kind: 'int', default: 0, nonNegative: true },
    removedParams: { kind: 'int', default: 0, nonNegative: true },
    configChanges: { kind: 'record', of: { kind: 'any' }, default: {} },
  },
};

/** Versions of a model. */
export interface VersionStats {
  readonly totalVersions: number;
  readonly latestVersion: string;
  readonly releaseFrequencyDays: number | null;
}

/** Defaults and rules of {@link VersionStats}. */
export const VersionStats: Definition<VersionStats> = {
  name: 'VersionStats',
  fields: {
    totalVersions: { kind: 'int', default: 0, nonNegative: true },
    latestVersion: { kind: 'string', default: '0.0.0', nonEmpty: true },
    releaseFrequencyDays: { kind: 'float', default: null, nullable: true, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateVersionInfo(info: VersionInfo): void {
  validate(VersionInfo, info, 'info');
}

/** @throws {ValidationError} naming every broken rule */
export function validateVersionConfig(config: VersionConfig): void {
  validate(VersionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateModelDiff(diff: ModelDiff): void {
  validate(ModelDiff, diff, 'diff');
}

/** @throws {ValidationError} naming every broken rule */
export function validateVersionStats(stats: VersionStats): void {
  validate(VersionStats, stats, 'stats');
}

/** Settles a {@link VersionInfo}. @throws {ValidationError} naming every broken rule */
export function createVersionInfo(options: Partial<VersionInfo> = {}): VersionInfo {
  return createFrom(VersionInfo, options);
}

/** Settles a {@link VersionConfig}. @throws {ValidationError} naming every broken rule */
export function createVersionConfig(options: Partial<VersionConfig> = {}): VersionConfig {
  return createFrom(VersionConfig, options);
}

/** Settles a {@link VersionStats}. @throws {ValidationError} naming every broken rule */
export function createVersionStats(options: Partial<VersionStats> = {}): VersionStats {
  return createFrom(VersionStats, options);
}

/** Version schemes in ascending order. */
export function listVersionSchemes(): VersionScheme[] {
  return valuesOf(VersionScheme);
}

/** Change types in ascending order. */
export function listChangeTypes(): ChangeType[] {
  return valuesOf(ChangeType);
}

/** Diff types in ascending order. */
export function listDiffTypes(): DiffType[] {
  return valuesOf(DiffType);
}

/** @throws {ValidationError} naming the values of {@link VersionScheme} */
export function getVersionScheme(name: string): VersionScheme {
  return parseEnum(VersionScheme, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ChangeType} */
export function getChangeType(name: string): ChangeType {
  return parseEnum(ChangeType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link DiffType} */
export function getDiffType(name: string): DiffType {
  return parseEnum(DiffType, name, 'name');
}

/**
 * Settles a {@link ModelDiff}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.versioning.create_model_diff(changed_files=, added_params=, removed_params=, config_changes=)`.
 */
export function createModelDiff(options: { readonly [K in keyof ModelDiff]?: ModelDiff[K] | null } = {}): ModelDiff {
  return createFrom(ModelDiff, { ...options, changedFiles: options.changedFiles ?? [], configChanges: options.configChanges ?? {} } as Partial<ModelDiff>);
}

/**
 * A version from its text, with or without a leading `v`.
 * Source: Semantic Versioning 2.0.0.
 *
 * @throws {ValidationError} for no text or one that is no version
 * @remarks Python: `hf_gtc.hub.versioning.parse_version(version_string)`.
 */
export function parseVersion(versionString: string): VersionInfo {
  const found = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/.exec(nonEmpty(versionString, 'versionString'));
  if (found === null)
    throw new ValidationError(`versionString must be MAJOR.MINOR.PATCH[-pre][+build]: invalid version format '${versionString}'`, {
      parameter: 'versionString',
      received: versionString,
    });
  const [, major, minor, patch, preRelease = null, buildMetadata = null] = found;
  return createFrom(VersionInfo, { major: Number(major), minor: Number(minor), patch: Number(patch), preRelease, buildMetadata });
}

const order = <V extends number | string>(a: V, b: V): number => (a < b ? -1 : a > b ? 1 : 0);

/** SemVer's order of identifiers: numbers by value and before words, a longer list after its beginning. */
function comparePreReleases(a: string, b: string): number {
  const [as, bs] = [a.split('.'), b.split('.')];
  for (const [index, x] of as.entries()) {
    const y = bs[index];
    if (y === undefined) return 1;
    const [nx, ny] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    const found = nx && ny ? order(Number(x), Number(y)) : nx !== ny ? (nx ? -1 : 1) : order(x, y);
    if (found !== 0) return found;
  }
  return order(as.length, bs.length);
}

/**
 * −1, 0 or 1 as the first version comes before, with or after the second; a pre-release comes before its release, build metadata does not count.
 * Source: Semantic Versioning 2.0.0, item 11.
 *
 * @remarks Python: `hf_gtc.hub.versioning.compare_versions(version_a, version_b)`.
 * @example compareVersions({ major: 1, minor: 0, patch: 2, preRelease: null, buildMetadata: null }, { major: 1, minor: 0, patch: 1, preRelease: null, buildMetadata: null }) // => 1
 */
export function compareVersions(versionA: VersionInfo, versionB: VersionInfo): number {
  notNull(versionA, 'versionA');
  notNull(versionB, 'versionB');
  const core = order(versionA.major, versionB.major) || order(versionA.minor, versionB.minor) || order(versionA.patch, versionB.patch);
  if (core !== 0) return core;
  const [a, b] = [versionA.preRelease, versionB.preRelease];
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return comparePreReleases(a, b);
}

/**
 * The next version after a change: what is below it starts at 0 and loses its pre-release; a pre-release counts up its last number, `alpha.1` first.
 *
 * @throws {ValidationError} unless changeType is known
 * @remarks Python: `hf_gtc.hub.versioning.increment_version(version, change_type)`.
 */
export function incrementVersion(version: VersionInfo, changeType: string): VersionInfo {
  const { major, minor, patch, preRelease, buildMetadata } = notNull(version, 'version');
  const bump = parseEnum(ChangeType, changeType, 'changeType');
  if (bump === 'major') return createFrom(VersionInfo, { major: major + 1 });
  if (bump === 'minor') return createFrom(VersionInfo, { major, minor: minor + 1 });
  if (bump === 'patch') return createFrom(VersionInfo, { major, minor, patch: patch + 1 });
  const counted = /^(.*\.)(\d+)$/.exec(preRelease ?? '');
  const next = preRelease === null ? 'alpha.1' : counted === null ? `${preRelease}.1` : `${counted[1]}${Number(counted[2]) + 1}`;
  return createFrom(VersionInfo, { major, minor, patch, preRelease: next, buildMetadata });
}

/**
 * What changed: files by their hashes, parameters by their counts, fields of the configuration by their values.
 *
 * @remarks Python: `hf_gtc.hub.versioning.calculate_model_diff(old_files, new_files, old_params=, new_params=, old_config=, new_config=)`.
 */
export function calculateModelDiff(
  oldFiles: Readonly<Record<string, string>>,
  newFiles: Readonly<Record<string, string>>,
  {
    oldParams = 0,
    newParams = 0,
    oldConfig = null,
    newConfig = null,
  }: {
    readonly oldParams?: number;
    readonly newParams?: number;
    readonly oldConfig?: Readonly<Record<string, unknown>> | null;
    readonly newConfig?: Readonly<Record<string, unknown>> | null;
  } = {},
): ModelDiff {
  notNull(oldFiles, 'oldFiles');
  notNull(newFiles, 'newFiles');
  const names = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const value = (fields: Readonly<Record<string, unknown>>, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : null);
  const [before, after] = [oldConfig ?? {}, newConfig ?? {}];
  const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
  return {
    changedFiles: names(oldFiles, newFiles)
      .filter(name => value(oldFiles, name) !== value(newFiles, name))
      .sort(),
    addedParams: Math.max(0, newParams - oldParams),
    removedParams: Math.max(0, oldParams - newParams),
    configChanges: Object.fromEntries(
      names(before, after)
        .filter(name => !same(value(before, name), value(after, name)))
        .map(name => [name, [value(before, name), value(after, name)] as const]),
    ),
  };
}

/**
 * Whether a version is the next one after a change; of a pre-release only the core must stay.
 *
 * @throws {ValidationError} unless changeType is known
 * @remarks Python: `hf_gtc.hub.versioning.validate_version_bump(current, proposed, change_type)`.
 * @example validateVersionBump({ major: 1, minor: 2, patch: 3, preRelease: null, buildMetadata: null }, { major: 2, minor: 0, patch: 0, preRelease: null, buildMetadata: null }, 'major') // => true
 */
export function validateVersionBump(current: VersionInfo, proposed: VersionInfo, changeType: string): boolean {
  notNull(current, 'current');
  notNull(proposed, 'proposed');
  const sameCore = ({ major, minor, patch }: VersionInfo): boolean => major === proposed.major && minor === proposed.minor && patch === proposed.patch;
  return changeType === 'pre_release' ? sameCore(current) && proposed.preRelease !== null : sameCore(incrementVersion(current, changeType));
}

/**
 * Versions of a model as text.
 *
 * @remarks Python: `hf_gtc.hub.versioning.format_version_stats(stats)`; the same text.
 */
export function formatVersionStats(stats: VersionStats): string {
  const { totalVersions, latestVersion, releaseFrequencyDays } = stats;
  return [
    'Version Statistics:',
    `  Total versions: ${totalVersions} versions`,
    `  Latest version: ${latestVersion}`,
    `  Release frequency: ${releaseFrequencyDays === null ? 'N/A' : `${formatFloat(releaseFrequencyDays)} days`}`,
  ].join('\n');
}

/**
 * A version as text, `1.2.3-alpha.1+build`.
 *
 * @remarks Python: `hf_gtc.hub.versioning.format_version(version)`; the same text.
 * @example formatVersion({ major: 0, minor: 0, patch: 0, preRelease: null, buildMetadata: null }) // => '0.0.0'
 */
export function formatVersion(version: VersionInfo): string {
  const { major, minor, patch, preRelease, buildMetadata } = version;
  return `${major}.${minor}.${patch}${preRelease ? `-${preRelease}` : ''}${buildMetadata ? `+${buildMetadata}` : ''}`;
}

/**
 * How a model, dataset or library is versioned; a team of five or more keeps a changelog.
 *
 * @throws {ValidationError} unless teamSize is positive, projectType is known
 * @remarks Python: `hf_gtc.hub.versioning.get_recommended_version_config(project_type=, team_size=)`.
 */
export function getRecommendedVersionConfig({
  projectType = 'model',
  teamSize = 1,
}: {
  readonly projectType?: string;
  readonly teamSize?: number;
} = {}): VersionConfig {
  positive(teamSize, 'teamSize');
  const scheme = SCHEMES[oneOf(projectType, 'projectType', Object.keys(SCHEMES))]!;
  return createFrom(VersionConfig, { scheme, requireChangelog: teamSize >= 5 });
}
