/** Definitions of reproducibility. */
import type { Definition } from '@gtc/errors';

/** Libraries with a random generator of their own. */
export const SeedComponent = { PYTHON: 'python', NUMPY: 'numpy', TORCH: 'torch', CUDA: 'cuda', TRANSFORMERS: 'transformers' } as const;
export type SeedComponent = (typeof SeedComponent)[keyof typeof SeedComponent];

/** How strictly a run must repeat. */
export const DeterminismLevel = { NONE: 'none', PARTIAL: 'partial', FULL: 'full' } as const;
export type DeterminismLevel = (typeof DeterminismLevel)[keyof typeof DeterminismLevel];

/** Hashes. */
export const ChecksumType = { MD5: 'md5', SHA256: 'sha256', XXHASH: 'xxhash' } as const;
export type ChecksumType = (typeof ChecksumType)[keyof typeof ChecksumType];

/** Values of {@link SeedComponent}. */
export const VALID_SEED_COMPONENTS: ReadonlySet<SeedComponent> = new Set(Object.values(SeedComponent));

/** Values of {@link DeterminismLevel}. */
export const VALID_DETERMINISM_LEVELS: ReadonlySet<DeterminismLevel> = new Set(Object.values(DeterminismLevel));

/** Values of {@link ChecksumType}. */
export const VALID_CHECKSUM_TYPES: ReadonlySet<ChecksumType> = new Set(Object.values(ChecksumType));

/** A seed and what it is given to. */
export interface SeedConfig {
  readonly seed: number;
  readonly components: readonly SeedComponent[];
  readonly deterministicAlgorithms: boolean;
}

/** Defaults and rules of {@link SeedConfig}. */
export const SeedConfig: Definition<SeedConfig> = {
  name: 'SeedConfig',
  fields: {
    seed: { kind: 'int', default: 42, nonNegative: true },
    components: { kind: 'array', of: { kind: 'enum', of: SeedComponent }, default: Object.values(SeedComponent), nonEmpty: true },
    deterministicAlgorithms: { kind: 'bool', default: false },
  },
};

/** What a run does to be repeatable. */
export interface ReproducibilityConfig {
  readonly seedConfig: SeedConfig;
  readonly determinismLevel: DeterminismLevel;
  readonly logEnvironment: boolean;
  readonly saveRngState: boolean;
}

/** Defaults and rules of {@link ReproducibilityConfig}. */
export const ReproducibilityConfig: Definition<ReproducibilityConfig> = {
  name: 'ReproducibilityConfig',
  fields: {
    seedConfig: { kind: 'config', of: SeedConfig },
    determinismLevel: { kind: 'enum', of: DeterminismLevel, default: DeterminismLevel.PARTIAL },
    logEnvironment: { kind: 'bool', default: true },
    saveRngState: { kind: 'bool', default: true },
  },
};

/** Versions that a run depended on; null means not installed. */
export interface EnvironmentInfo {
  readonly pythonVersion: string;
  readonly torchVersion: string | null;
  readonly cudaVersion: string | null;
  readonly transformersVersion: string | null;
}

/** Defaults and rules of {@link EnvironmentInfo}. */
export const EnvironmentInfo: Definition<EnvironmentInfo> = {
  name: 'EnvironmentInfo',
  fields: {
    pythonVersion: { kind: 'string', nonEmpty: true },
    torchVersion: { kind: 'string', default: null, nullable: true },
    cudaVersion: { kind: 'string', default: null, nullable: true },
    transformersVersion: { kind: 'string', default: null, nullable: true },
  },
};

/** States of random generators, as bytes. */
export interface RNGState {
  /** A pickled `random.getstate()` */
  readonly pythonState: Uint8Array | null;
  readonly numpyState: Uint8Array | null;
  readonly torchState: Uint8Array | null;
  readonly cudaState: Uint8Array | null;
}

/** Defaults and rules of {@link RNGState}. */
export const RNGState: Definition<RNGState> = {
  name: 'RNGState',
  fields: {
    pythonState: { kind: 'any' },
    numpyState: { kind: 'any', default: null, nullable: true },
    torchState: { kind: 'any', default: null, nullable: true },
    cudaState: { kind: 'any', default: null, nullable: true },
  },
  rules: [state => (Object.values(state).some(bytes => bytes !== null) ? null : 'at least one RNG state must be given, pythonState for example')],
};

/** What identifies a run. */
export interface ReproducibilityStats {
  readonly seed: number;
  readonly determinismLevel: DeterminismLevel;
  readonly envHash: string;
  readonly configHash: string;
}

/** Defaults and rules of {@link ReproducibilityStats}. */
export const ReproducibilityStats: Definition<ReproducibilityStats> = {
  name: 'ReproducibilityStats',
  fields: {
    seed: { kind: 'int', default: 42, nonNegative: true },
    determinismLevel: { kind: 'enum', of: DeterminismLevel, default: DeterminismLevel.PARTIAL },
    envHash: { kind: 'string', nonEmpty: true },
    configHash: { kind: 'string', nonEmpty: true },
  },
};
