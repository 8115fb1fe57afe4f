/** A registry of model versions: stages, transitions and comparisons. Mirrors `hf_gtc.hub.registry`. */
import { createFrom, type Definition, formatFloat, nonEmpty, notNull, parseEnum, positive, roundTo, ValidationError, validate, valuesOf } from '@gtc/errors';

/** Where a version stands. */
export const ModelStage = { DEVELOPMENT: 'development', STAGING: 'staging', PRODUCTION: 'production', ARCHIVED: 'archived' } as const;
export type ModelStage = (typeof ModelStage)[keyof typeof ModelStage];

/** Ways to number versions. */
export const VersioningScheme = { SEMANTIC: 'semantic', TIMESTAMP: 'timestamp', INCREMENTAL: 'incremental', HASH: 'hash' } as const;
export type VersioningScheme = (typeof VersioningScheme)[keyof typeof VersioningScheme];

/** Why a version changes its stage. */
export const TransitionAction = { PROMOTE: 'promote', DEMOTE: 'demote', ARCHIVE: 'archive', ROLLBACK: 'rollback' } as const;
export type TransitionAction = (typeof TransitionAction)[keyof typeof TransitionAction];

/** Values of {@link ModelStage}. */
export const VALID_STAGES: ReadonlySet<ModelStage> = new Set(Object.values(ModelStage));

/** Values of {@link VersioningScheme}. */
export const VALID_VERSIONING_SCHEMES: ReadonlySet<VersioningScheme> = new Set(Object.values(VersioningScheme));

/** Values of {@link TransitionAction}. */
export const VALID_TRANSITION_ACTIONS: ReadonlySet<TransitionAction> = new Set(Object.values(TransitionAction));

/** A version of a model. */
export interface ModelVersion {
  readonly versionId: string;
  readonly stage: ModelStage;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: readonly string[];
  readonly description: string;
}

/** Defaults and rules of {@link ModelVersion}. */
export const ModelVersion: Definition<ModelVersion> = {
  name: 'ModelVersion',
  fields: {
    versionId: { kind: 'string', nonEmpty: true },
    stage: { kind: 'enum', of: ModelStage, default: 'development' },
    createdAt: { kind: 'string', nonEmpty: true },
    metrics: { kind: 'record', of: { kind: 'float' }, default: {} },
    tags: { kind: 'array', of: { kind: 'string' }, default: [] },
    description: { kind: 'string', default: '' },
  },
};

/** How a registry keeps versions. */
export interface RegistryConfig {
  readonly versioningScheme: VersioningScheme;
  readonly autoArchive: boolean;
  /** Days. */
  readonly retentionPolicy: number;
  readonly requireApproval: boolean;
}

/** Defaults and rules of {@link RegistryConfig}. */
export const RegistryConfig: Definition<RegistryConfig> = {
  name: 'RegistryConfig',
  fields: {
    versioningScheme: { kind: 'enum', of: VersioningScheme, default: 'semantic' },
    autoArchive: { kind: 'bool', default: true },
    retentionPolicy: { kind: 'int', default: 90, nonNegative: true },
    requireApproval: { kind: 'bool', default: false },
  },
};

/** A change of stage. */
export interface TransitionRequest {
  readonly modelName: string;
  readonly fromStage: ModelStage;
  readonly toStage: ModelStage;
  readonly action: TransitionAction;
  readonly approvalRequired: boolean;
}

/** Defaults and rules of {@link TransitionRequest}. */
export const TransitionRequest: Definition<TransitionRequest> = {
  name: 'TransitionRequest',
  fields: {
    modelName: { kind: 'string', nonEmpty: true },
    fromStage: { kind: 'enum', of: ModelStage },
    toStage: { kind: 'enum', of: ModelStage },
    action: { kind: 'enum', of: TransitionAction, default: 'promote' },
    approvalRequired: { kind: 'bool', default: false },
  },
  rules: [({ fromStage, toStage }) => (fromStage === toStage ? `fromStage and toStage must be different, got ${fromStage} twice` : null)],
};

/** What a registry holds. */
export interface RegistryStats {
  readonly totalModels: number;
  readonly versionsByStage: Readonly<Record<string, number>>;
  readonly storageUsedGb: number;
  readonly transitionsCount: number;
}

/** Defaults and rules of {@link RegistryStats}. */
export const RegistryStats: Definition<RegistryStats> = {
  name: 'RegistryStats',
  fields: {
    totalModels: { kind: 'int', default: 0, nonNegative: true },
    versionsByStage: { kind: 'record', of: { kind: 'int', nonNegative: true }, default: {} },
    storageUsedGb: { kind: 'float', default: 0.0, nonNegative: true },
    transitionsCount: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateModelVersion(version: ModelVersion): void {
  validate(ModelVersion, version, 'version');
}

/** @throws {ValidationError} naming every broken rule */
export function validateRegistryConfig(config: RegistryConfig): void {
  validate(RegistryConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTransitionRequest(request: TransitionRequest): void {
  validate(TransitionRequest, request, 'request');
}

/** @throws {ValidationError} naming every broken rule */
export function validateRegistryStats(stats: RegistryStats): void {
  validate(RegistryStats, stats, 'stats');
}

/** Settles a {@link RegistryConfig}. @throws {ValidationError} naming every broken rule */
export function createRegistryConfig(options: Partial<RegistryConfig> = {}): RegistryConfig {
  return createFrom(RegistryConfig, options);
}

/** Settles a {@link TransitionRequest}. @throws {ValidationError} naming every broken rule */
export function createTransitionRequest(
  modelName: TransitionRequest['modelName'],
  fromStage: TransitionRequest['fromStage'],
  toStage: TransitionRequest['toStage'],
  options: Partial<Omit<TransitionRequest, 'modelName' | 'fromStage' | 'toStage'>> = {},
): TransitionRequest {
  return createFrom(TransitionRequest, { ...options, modelName, fromStage, toStage });
}

/** Stages in ascending order. */
export function listStages(): ModelStage[] {
  return valuesOf(ModelStage);
}

/** Versioning schemes in ascending order. */
export function listVersioningSchemes(): VersioningScheme[] {
  return valuesOf(VersioningScheme);
}

/** Transition actions in ascending order. */
export function listTransitionActions(): TransitionAction[] {
  return valuesOf(TransitionAction);
}

/** @throws {ValidationError} naming the values of {@link ModelStage} */
export function getStage(name: string): ModelStage {
  return parseEnum(ModelStage, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link VersioningScheme} */
export function getVersioningScheme(name: string): VersioningScheme {
  return parseEnum(VersioningScheme, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link TransitionAction} */
export function getTransitionAction(name: string): TransitionAction {
  return parseEnum(TransitionAction, name, 'name');
}

/**
 * Settles a {@link ModelVersion}, made now unless told otherwise. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.registry.create_model_version(version_id, stage=, created_at=, metrics=, tags=, description=)`.
 */
export function createModelVersion(
  versionId: string,
  options: { readonly [K in keyof Omit<ModelVersion, 'versionId'>]?: ModelVersion[K] | null } = {},
): ModelVersion {
  return createFrom(ModelVersion, {
    ...options,
    versionId,
    createdAt: options.createdAt || new Date().toISOString(),
    metrics: options.metrics ?? {},
    tags: options.tags ?? [],
  } as ModelVersion);
}

/**
 * Settles a {@link RegistryStats}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.registry.create_registry_stats(total_models=, versions_by_stage=, storage_used_gb=, transitions_count=)`.
 */
export function createRegistryStats(options: { readonly [K in keyof RegistryStats]?: RegistryStats[K] | null } = {}): RegistryStats {
  return createFrom(RegistryStats, { ...options, versionsByStage: options.versionsByStage ?? {} } as Partial<RegistryStats>);
}

/** Versions by model, in the order of registration. One registry for the process. */
const registry: Map<string, ModelVersion[]> = new Map();

/** Where a version lies. @throws {ValidationError} for an unknown model or version */
function find(modelName: string, versionId: string, idName: string): readonly [versions: ModelVersion[], index: number] {
  nonEmpty(modelName, 'modelName');
  nonEmpty(versionId, idName);
  const versions = registry.get(modelName) ?? [];
  const index = versions.findIndex(version => version.versionId === versionId);
  if (index < 0)
    throw new ValidationError(`${idName} '${versionId}' was not found for the model ('modelName') '${modelName}'`, { parameter: idName, received: versionId });
  return [versions, index];
}

/**
 * Keeps a version of a model; one with the same id takes the place of the old.
 *
 * @returns the version
 * @throws {ValidationError} unless modelName, createdAt and versionId are not empty
 * @remarks Python: `hf_gtc.hub.registry.register_model(model_name, version)`.
 */
export function registerModel(modelName: string, version: ModelVersion): ModelVersion {
  nonEmpty(modelName, 'modelName');
  validate(ModelVersion, version, 'version');
  const versions = registry.get(modelName) ?? [];
  const index = versions.findIndex(known => known.versionId === version.versionId);
  registry.set(modelName, index < 0 ? [...versions, version] : versions.with(index, version));
  return version;
}

/**
 * A version of a model, or null.
 *
 * @throws {ValidationError} unless versionId and modelName are not empty
 * @remarks Python: `hf_gtc.hub.registry.get_model_version(model_name, version_id)`.
 */
export function getModelVersion(modelName: string, versionId: string): ModelVersion | null {
  nonEmpty(modelName, 'modelName');
  nonEmpty(versionId, 'versionId');
  return registry.get(modelName)?.find(version => version.versionId === versionId) ?? null;
}

/**
 * Versions of a model, those of one stage if it is given; none for an unknown model.
 *
 * @throws {ValidationError} unless modelName is not empty, stage is known
 * @remarks Python: `hf_gtc.hub.registry.list_model_versions(model_name, stage=)`.
 */
export function listModelVersions(modelName: string, { stage = null }: { readonly stage?: string | null } = {}): ModelVersion[] {
  nonEmpty(modelName, 'modelName');
  const wanted = stage === null ? null : parseEnum(ModelStage, stage, 'stage');
  return (registry.get(modelName) ?? []).filter(version => wanted === null || version.stage === wanted);
}

/**
 * Moves a version to a stage.
 *
 * @returns the version as it is now
 * @throws {ValidationError} for an unknown model, version, stage or action
 * @remarks Python: `hf_gtc.hub.registry.transition_stage(model_name, version_id, to_stage, action=)`.
 */
export function transitionStage(
  modelName: string,
  versionId: string,
  toStage: string,
  { action = 'promote' }: { readonly action?: string } = {},
): ModelVersion {
  nonEmpty(modelName, 'modelName');
  nonEmpty(versionId, 'versionId');
  const stage = parseEnum(ModelStage, toStage, 'toStage');
  parseEnum(TransitionAction, action, 'action');
  const [versions, index] = find(modelName, versionId, 'versionId');
  const moved = Object.freeze({ ...versions[index]!, stage });
  registry.set(modelName, versions.with(index, moved));
  return moved;
}

/**
 * The version that a model goes back to; its stage stays, move it with {@link transitionStage}.
 *
 * @throws {ValidationError} for an unknown model or version
 * @remarks Python: `hf_gtc.hub.registry.rollback_version(model_name, to_version_id)`.
 */
export function rollbackVersion(modelName: string, toVersionId: string): ModelVersion {
  const [versions, index] = find(modelName, toVersionId, 'toVersionId');
  return versions[index]!;
}

/** A metric of two versions. */
export interface MetricComparison {
  readonly versionA: number;
  readonly versionB: number;
  /** `b − a`, rounded to six decimals. */
  readonly diff: number;
}

/**
 * Metrics of two versions side by side; a missing one counts 0.
 *
 * @remarks Python: `hf_gtc.hub.registry.compare_versions(version_a, version_b)`.
 */
export function compareVersions(versionA: ModelVersion, versionB: ModelVersion): Record<string, MetricComparison> {
  notNull(versionA, 'versionA');
  notNull(versionB, 'versionB');
  const value = ({ metrics }: ModelVersion, name: string): number => (Object.hasOwn(metrics, name) ? metrics[name]! : 0);
  const names = [...new Set([...Object.keys(versionA.metrics), ...Object.keys(versionB.metrics)])];
  return Object.fromEntries(
    names.map(name => {
      const [a, b] = [value(versionA, name), value(versionB, name)];
      return [name, { versionA: a, versionB: b, diff: roundTo(b - a, 6) }];
    }),
  );
}

/**
 * What a registry holds, as text.
 *
 * @remarks Python: `hf_gtc.hub.registry.format_registry_stats(stats)`; the same text.
 */
export function formatRegistryStats(stats: RegistryStats): string {
  const { totalModels, versionsByStage, storageUsedGb, transitionsCount } = stats;
  const stages = Object.keys(versionsByStage).sort();
  return [
    'Registry Statistics:',
    `  Total models: ${totalModels} models`,
    `  Storage used: ${formatFloat(storageUsedGb)} GB`,
    `  Total transitions: ${transitionsCount}`,
    ...(stages.length > 0 ? ['  Versions by stage:', ...stages.map(stage => `    ${stage}: ${versionsByStage[stage]}`)] : []),
  ].join('\n');
}

/**
 * A registry for a team: approval for more than five people or where compliance is required, which keeps versions for a year.
 *
 * @throws {ValidationError} unless teamSize is positive
 * @remarks Python: `hf_gtc.hub.registry.get_recommended_registry_config(team_size=, compliance_required=)`.
 */
export function getRecommendedRegistryConfig({
  teamSize = 1,
  complianceRequired = false,
}: {
  readonly teamSize?: number;
  readonly complianceRequired?: boolean;
} = {}): RegistryConfig {
  positive(teamSize, 'teamSize');
  return createFrom(RegistryConfig, { requireApproval: complianceRequired || teamSize > 5, retentionPolicy: complianceRequired ? 365 : 90 });
}

/**
 * Forgets every model.
 *
 * @remarks Python: `hf_gtc.hub.registry.clear_registry()`.
 */
export function clearRegistry(): void {
  registry.clear();
}
