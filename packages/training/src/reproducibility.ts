/** Reproducible runs: seeds, states of random generators and hashes of what a run depended on. Mirrors `hf_gtc.training.reproducibility`. */
import { createFrom, fillFrom, nonEmpty, notNull, oneOf, parseEnum, pythonRepr, validate, valuesOf } from '@gtc/errors';
import { hexDigest } from '@gtc/tensor/hash';
import { PythonRandom } from '@gtc/tensor/random';
import {
  ChecksumType,
  DeterminismLevel,
  EnvironmentInfo,
  ReproducibilityConfig,
  ReproducibilityStats,
  RNGState,
  SeedComponent,
  SeedConfig,
} from './internal/reproducibility/configs.js';
import { decodePythonState, encodePythonState } from './internal/reproducibility/python-state.js';

export {
  ChecksumType,
  DeterminismLevel,
  EnvironmentInfo,
  ReproducibilityConfig,
  ReproducibilityStats,
  RNGState,
  SeedComponent,
  SeedConfig,
  VALID_CHECKSUM_TYPES,
  VALID_DETERMINISM_LEVELS,
  VALID_SEED_COMPONENTS,
} from './internal/reproducibility/configs.js';
export {} from './internal/reproducibility/python-state.js';

/** @throws {ValidationError} naming every broken rule */
export function validateSeedConfig(config: SeedConfig): void {
  validate(SeedConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateReproducibilityConfig(config: ReproducibilityConfig): void {
  validate(ReproducibilityConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEnvironmentInfo(info: EnvironmentInfo): void {
  validate(EnvironmentInfo, info, 'info');
}

/** @throws {ValidationError} naming every broken rule */
export function validateRngState(state: RNGState): void {
  validate(RNGState, state, 'state');
}

/** @throws {ValidationError} naming every broken rule */
export function validateReproducibilityStats(stats: ReproducibilityStats): void {
  validate(ReproducibilityStats, stats, 'stats');
}

/** Settles a {@link ReproducibilityConfig}. @throws {ValidationError} naming every broken rule */
export function createReproducibilityConfig(
  options: Partial<Omit<ReproducibilityConfig, 'seedConfig'>> & { readonly seedConfig?: SeedConfig | null } = {},
): ReproducibilityConfig {
  return createFrom(ReproducibilityConfig, { ...options, seedConfig: options.seedConfig ?? createFrom(SeedConfig) });
}

/** Seed components in ascending order. */
export function listSeedComponents(): SeedComponent[] {
  return valuesOf(SeedComponent);
}

/** Determinism levels in ascending order. */
export function listDeterminismLevels(): DeterminismLevel[] {
  return valuesOf(DeterminismLevel);
}

/** Checksum types in ascending order. */
export function listChecksumTypes(): ChecksumType[] {
  return valuesOf(ChecksumType);
}

/** @throws {ValidationError} naming the values of {@link SeedComponent} */
export function getSeedComponent(name: string): SeedComponent {
  return parseEnum(SeedComponent, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link DeterminismLevel} */
export function getDeterminismLevel(name: string): DeterminismLevel {
  return parseEnum(DeterminismLevel, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ChecksumType} */
export function getChecksumType(name: string): ChecksumType {
  return parseEnum(ChecksumType, name, 'name');
}

/**
 * Settles an {@link RNGState}. @throws {ValidationError} when no state is given
 *
 * @remarks Python: `hf_gtc.training.reproducibility.create_rng_state(python_state=, numpy_state=, torch_state=, cuda_state=)`.
 */
export function createRngState(options: Partial<RNGState> = {}): RNGState {
  return createFrom(RNGState, { pythonState: null, ...options });
}

/**
 * Settles a {@link SeedConfig}; without components all are meant. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.reproducibility.create_seed_config(seed=, components=, deterministic_algorithms=)`.
 */
export function createSeedConfig(options: { readonly [K in keyof SeedConfig]?: SeedConfig[K] | null } = {}): SeedConfig {
  return createFrom(SeedConfig, { ...options, components: options.components ?? Object.values(SeedComponent) } as SeedConfig);
}

/**
 * Settles an {@link EnvironmentInfo}; versions of Python libraries are given by the caller. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.reproducibility.create_environment_info(python_version=, torch_version=, cuda_version=, transformers_version=)`.
 */
export function createEnvironmentInfo(options: Partial<EnvironmentInfo> = {}): EnvironmentInfo {
  return createFrom(EnvironmentInfo, options);
}

/**
 * Settles a {@link ReproducibilityStats}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.reproducibility.create_reproducibility_stats(seed=, determinism_level=, env_hash=, config_hash=)`.
 */
export function createReproducibilityStats(options: Partial<ReproducibilityStats> = {}): ReproducibilityStats {
  return createFrom(ReproducibilityStats, options);
}

/** The stream that stands for Python's `random` module. */
const shared: PythonRandom = new PythonRandom(0);

/**
 * The shared stream that {@link setAllSeeds} and {@link setRngState} steer.
 *
 * @remarks Python: the module `random`.
 * @example sharedRandom() === sharedRandom() // => true
 */
export function sharedRandom(): PythonRandom {
  return shared;
}

/**
 * Seeds the shared generator; the components of Python libraries that do not exist here are reported as not seeded.
 *
 * @returns for each component, whether it was seeded
 * @throws {ValidationError} unless components is not empty, seed is non-negative
 * @remarks Python: `hf_gtc.training.reproducibility.set_all_seeds(config)`.
 */
export function setAllSeeds(config: SeedConfig): Record<string, boolean> {
  validate(SeedConfig, config);
  if (config.components.includes('python')) shared.seed(config.seed);
  return Object.fromEntries(config.components.map(component => [component, component === 'python']));
}

/**
 * States of the generators asked for: the shared one as `random.getstate()` pickled, so that Python can go on from it. The generators of Python
 * libraries have none here.
 *
 * @remarks Python: `hf_gtc.training.reproducibility.get_rng_state(components=)`.
 */
export function getRngState({ components = null }: { readonly components?: readonly SeedComponent[] | null } = {}): RNGState {
  const wanted = components ?? Object.values(SeedComponent);
  return fillFrom(RNGState, { pythonState: wanted.includes('python') ? encodePythonState(shared.getState()) : null });
}

/**
 * Sets the shared generator to a state, from Python or from here.
 *
 * @returns for each state given, whether it was set
 * @throws {FormatError} for bytes that are no pickled state of Python's `random`
 * @remarks Python: `random.setstate(pickle.loads(state))`; only the integers, tuples and None of such a state are read, nothing is executed.
 */
export function setRngState(state: RNGState): Record<string, boolean> {
  notNull(state, 'state');
  if (state.pythonState !== null) shared.setState(decodePythonState(state.pythonState));
  const given = { python: state.pythonState, numpy: state.numpyState, torch: state.torchState, cuda: state.cudaState };
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, bytes]) => bytes !== null)
      .map(([component]) => [component, component === 'python']),
  );
}

const digest = (parts: readonly (readonly [string, string])[], checksumType: ChecksumType): string =>
  hexDigest(checksumType === 'xxhash' ? 'xxh64' : checksumType, parts.map(([name, value]) => `${name}=${value}`).join('|'));

/**
 * Hash of a configuration's fields, the components in ascending order. MD5 and XXH64 are checksums only.
 *
 * @remarks Python: `hf_gtc.training.reproducibility.compute_config_hash(config, checksum_type=)`; the same text.
 */
export function computeConfigHash(
  config: ReproducibilityConfig,
  { checksumType = ChecksumType.SHA256 }: { readonly checksumType?: ChecksumType } = {},
): string {
  const { seedConfig, determinismLevel, logEnvironment, saveRngState } = notNull(config, 'config');
  return digest(
    [
      ['seed', String(seedConfig.seed)],
      ['deterministic_algorithms', pythonRepr(seedConfig.deterministicAlgorithms)],
      ['components', [...seedConfig.components].sort().join(',')],
      ['determinism_level', determinismLevel],
      ['log_environment', pythonRepr(logEnvironment)],
      ['save_rng_state', pythonRepr(saveRngState)],
    ],
    checksumType,
  );
}

/**
 * Hash of the versions that a run depended on.
 *
 * @remarks Python: `hf_gtc.training.reproducibility.compute_environment_hash(info, checksum_type=)`; the same text.
 * @example computeEnvironmentHash({ pythonVersion: '3.11.5', torchVersion: '2.', cudaVersion: null, transformersVersion: null }, { checksumType: 'xxhash' }) // => '5178fcd0efdb2600'
 */
export function computeEnvironmentHash(info: EnvironmentInfo, { checksumType = ChecksumType.SHA256 }: { readonly checksumType?: ChecksumType } = {}): string {
  const { pythonVersion, torchVersion, cudaVersion, transformersVersion } = notNull(info, 'info');
  return digest(
    [
      ['python', pythonVersion],
      ['torch', torchVersion || 'None'],
      ['cuda', cudaVersion || 'None'],
      ['transformers', transformersVersion || 'None'],
    ],
    checksumType,
  );
}

/**
 * Compares the SHA-256 hashes of a configuration and, when both are given, of an environment.
 *
 * @returns whether all match, and what does not
 * @throws {ValidationError} unless expectedConfigHash is not empty
 * @remarks Python: `hf_gtc.training.reproducibility.verify_reproducibility(config, expected_config_hash, expected_env_hash=, current_env=)`.
 */
export function verifyReproducibility(
  config: ReproducibilityConfig,
  expectedConfigHash: string,
  { expectedEnvHash = null, currentEnv = null }: { readonly expectedEnvHash?: string | null; readonly currentEnv?: EnvironmentInfo | null } = {},
): [matches: boolean, problems: string[]] {
  notNull(config, 'config');
  nonEmpty(expectedConfigHash, 'expectedConfigHash');
  const problems: string[] = [];
  const compare = (name: string, expected: string, got: string): void => {
    if (got !== expected) problems.push(`${name} mismatch: expected ${expected}, got ${got}`);
  };
  compare('config_hash', expectedConfigHash, computeConfigHash(config));
  if (expectedEnvHash !== null && currentEnv !== null) compare('env_hash', expectedEnvHash, computeEnvironmentHash(currentEnv));
  return [problems.length === 0, problems];
}

/**
 * What identifies a run, as text.
 *
 * @remarks Python: `hf_gtc.training.reproducibility.format_reproducibility_stats(stats)`; the same text.
 */
export function formatReproducibilityStats(stats: ReproducibilityStats): string {
  const { seed, determinismLevel, envHash, configHash } = notNull(stats, 'stats');
  return [
    'Reproducibility Stats:',
    `  Seed: ${seed}`,
    `  Determinism: ${determinismLevel}`,
    `  Environment Hash: ${envHash}`,
    `  Config Hash: ${configHash}`,
  ].join('\n');
}

/**
 * Versions as text.
 *
 * @remarks Python: `hf_gtc.training.reproducibility.format_environment_info(info)`; the same text.
 */
export function formatEnvironmentInfo(info: EnvironmentInfo): string {
  const { pythonVersion, torchVersion, cudaVersion, transformersVersion } = notNull(info, 'info');
  return [
    'Environment Information:',
    `  Python: ${pythonVersion}`,
    `  PyTorch: ${torchVersion || 'Not installed'}`,
    `  CUDA: ${cudaVersion || 'Not available'}`,
    `  Transformers: ${transformersVersion || 'Not installed'}`,
  ].join('\n');
}

/**
 * A configuration for `training` (partly deterministic), `evaluation` or `debugging` (fully, with the seed 0).
 *
 * @throws {ValidationError} unless useCase is known
 * @remarks Python: `hf_gtc.training.reproducibility.get_recommended_reproducibility_config(use_case=, has_gpu=)`.
 */
export function getRecommendedReproducibilityConfig({
  useCase = 'training',
  hasGpu = true,
}: {
  readonly useCase?: string;
  readonly hasGpu?: boolean;
} = {}): ReproducibilityConfig {
  oneOf(useCase, 'useCase', ['training', 'evaluation', 'debugging']);
  const strict = useCase !== 'training';
  return createReproducibilityConfig({
    seedConfig: createSeedConfig({
      seed: useCase === 'debugging' ? 0 : 42,
      components: Object.values(SeedComponent).filter(component => hasGpu || component !== 'cuda'),
      deterministicAlgorithms: strict,
    }),
    determinismLevel: strict ? 'full' : 'partial',
  });
}
