/** Curriculum learning: how hard samples are, how fast they get harder, and which are drawn. Mirrors `hf_gtc.training.curriculum`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nonEmpty,
  nonNegative,
  oneOf,
  parseEnum,
  positive,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** What makes a sample hard. */
export const DifficultyMetric = { LENGTH: 'length', PERPLEXITY: 'perplexity', LOSS: 'loss', CONFIDENCE: 'confidence', MANUAL: 'manual' } as const;
export type DifficultyMetric = (typeof DifficultyMetric)[keyof typeof DifficultyMetric];

/** How difficulty grows. */
export const PacingFunction = { LINEAR: 'linear', EXPONENTIAL: 'exponential', STEP: 'step', SELF_PACED: 'self_paced', COMPETENCE: 'competence' } as const;
export type PacingFunction = (typeof PacingFunction)[keyof typeof PacingFunction];

/** How samples are drawn. */
export const SamplingStrategy = { THRESHOLD: 'threshold', WEIGHTED: 'weighted', PROBABILISTIC: 'probabilistic' } as const;
export type SamplingStrategy = (typeof SamplingStrategy)[keyof typeof SamplingStrategy];

/** Values of {@link DifficultyMetric}. */
export const VALID_DIFFICULTY_METRICS: ReadonlySet<DifficultyMetric> = new Set(Object.values(DifficultyMetric));

/** Values of {@link PacingFunction}. */
export const VALID_PACING_FUNCTIONS: ReadonlySet<PacingFunction> = new Set(Object.values(PacingFunction));

/** Values of {@link SamplingStrategy}. */
export const VALID_SAMPLING_STRATEGIES: ReadonlySet<SamplingStrategy> = new Set(Object.values(SamplingStrategy));

/** How difficulty is measured. */
export interface DifficultyConfig {
  readonly metric: DifficultyMetric;
  readonly normalize: boolean;
  readonly buckets: number;
  readonly ascending: boolean;
}

/** Defaults and rules of {@link DifficultyConfig}. */
export const DifficultyConfig: Definition<DifficultyConfig> = {
  name: 'DifficultyConfig',
  fields: {
    metric: { kind: 'enum', of: DifficultyMetric, default: DifficultyMetric.LENGTH },
    normalize: { kind: 'bool', default: true },
    buckets: { kind: 'int', default: 10, positive: true },
    ascending: { kind: 'bool', default: true },
  },
};

/** How difficulty grows. */
export interface PacingConfig {
  readonly function: PacingFunction;
  readonly initialDifficulty: number;
  readonly targetDifficulty: number;
  readonly warmupSteps: number;
}

/** Defaults and rules of {@link PacingConfig}. */
export const PacingConfig: Definition<PacingConfig> = {
  name: 'PacingConfig',
  fields: {
    function: { kind: 'enum', of: PacingFunction, default: PacingFunction.LINEAR },
    initialDifficulty: { kind: 'float', default: 0, min: 0, max: 1 },
    targetDifficulty: { kind: 'float', default: 1, min: 0, max: 1 },
    warmupSteps: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** A curriculum. */
export interface CurriculumConfig {
  readonly difficultyConfig: DifficultyConfig;
  readonly pacingConfig: PacingConfig;
  readonly samplingStrategy: SamplingStrategy;
}

/** Defaults and rules of {@link CurriculumConfig}. */
export const CurriculumConfig: Definition<CurriculumConfig> = {
  name: 'CurriculumConfig',
  fields: {
    difficultyConfig: { kind: 'config', of: DifficultyConfig },
    pacingConfig: { kind: 'config', of: PacingConfig },
    samplingStrategy: { kind: 'enum', of: SamplingStrategy, default: SamplingStrategy.THRESHOLD },
  },
};

/** How far a curriculum is. */
export interface CurriculumStats {
  readonly currentDifficulty: number;
  readonly samplesSeen: number;
  readonly competenceScore: number;
  readonly curriculumProgress: number;
}

/** Defaults and rules of {@link CurriculumStats}. */
export const CurriculumStats: Definition<CurriculumStats> = {
  name: 'CurriculumStats',
  fields: {
    currentDifficulty: { kind: 'float', default: 0, min: 0, max: 1 },
    samplesSeen: { kind: 'int', default: 0, nonNegative: true },
    competenceScore: { kind: 'float', default: 0, min: 0, max: 1 },
    curriculumProgress: { kind: 'float', default: 0, min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateDifficultyConfig(config: DifficultyConfig): void {
  validate(DifficultyConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePacingConfig(config: PacingConfig): void {
  validate(PacingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCurriculumConfig(config: CurriculumConfig): void {
  validate(CurriculumConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCurriculumStats(stats: CurriculumStats): void {
  validate(CurriculumStats, stats, 'stats');
}

/** Settles a {@link DifficultyConfig}. @throws {ValidationError} naming every broken rule */
export function createDifficultyConfig(options: Partial<DifficultyConfig> = {}): DifficultyConfig {
  return createFrom(DifficultyConfig, options);
}

/** Settles a {@link PacingConfig}. @throws {ValidationError} naming every broken rule */
export function createPacingConfig(options: Partial<PacingConfig> = {}): PacingConfig {
  return createFrom(PacingConfig, options);
}

/** Settles a {@link CurriculumStats}. @throws {ValidationError} naming every broken rule */
export function createCurriculumStats(options: Partial<CurriculumStats> = {}): CurriculumStats {
  return createFrom(CurriculumStats, options);
}

/** Difficulty metrics in ascending order. */
export function listDifficultyMetrics(): DifficultyMetric[] {
  return valuesOf(DifficultyMetric);
}

/** Pacing functions in ascending order. */
export function listPacingFunctions(): PacingFunction[] {
  return valuesOf(PacingFunction);
}

/** Sampling strategies in ascending order. */
export function listSamplingStrategies(): SamplingStrategy[] {
  return valuesOf(SamplingStrategy);
}

/** @throws {ValidationError} naming the difficulty metrics */
export function getDifficultyMetric(name: string): DifficultyMetric {
  return parseEnum(DifficultyMetric, name, 'metric');
}

/** @throws {ValidationError} naming the pacing functions */
export function getPacingFunction(name: string): PacingFunction {
  return parseEnum(PacingFunction, name, 'pacingFunction');
}

/** @throws {ValidationError} naming the sampling strategies */
export function getSamplingStrategy(name: string): SamplingStrategy {
  return parseEnum(SamplingStrategy, name, 'samplingStrategy');
}

/**
 * Settles a curriculum. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.curriculum.create_curriculum_config(metric=, normalize=, buckets=, ascending=, function=, initial_difficulty=, target_difficulty=, warmup_steps=, sampling_strategy=)`.
 */
export function createCurriculumConfig({
  metric,
  normalize,
  buckets,
  ascending,
  samplingStrategy,
  ...pacing
}: Partial<DifficultyConfig & PacingConfig & Pick<CurriculumConfig, 'samplingStrategy'>> = {}): CurriculumConfig {
  return createFrom(CurriculumConfig, {
    difficultyConfig: createFrom(DifficultyConfig, { metric, normalize, buckets, ascending }),
    pacingConfig: createFrom(PacingConfig, pacing),
    samplingStrategy: samplingStrategy ?? 'threshold',
  });
}

/**
 * Place of a value between the least and the greatest, in [0, 1]; the other way round where less is harder.
 *
 * @throws {ValidationError} unless `minValue` is less than `maxValue`
 * @remarks Python: `hf_gtc.training.curriculum.calculate_sample_difficulty(value, min_value, max_value, ascending=)`; within 1e-12.
 * @example calculateSampleDifficulty(110, 0, 100) // => 1
 */
export function calculateSampleDifficulty(
  value: number,
  minValue: number,
  maxValue: number,
  { ascending = true }: { readonly ascending?: boolean } = {},
): number {
  if (minValue >= maxValue)
    throw new ValidationError(`minValue must be less than maxValue (${maxValue}), got ${minValue}`, { parameter: 'minValue', received: minValue });
  const place = Math.min(1, Math.max(0, (value - minValue) / (maxValue - minValue)));
  return ascending ? place : 1 - place;
}

/**
 * How well a model does: twice the target over target and smoothed loss, at most 1.
 *
 * @param options `smoothing` in (0, 1] of the moving mean, which starts at the first loss
 * @throws {ValidationError} for no losses, a target that is not positive or a smoothing outside (0, 1]
 * @remarks Python: `hf_gtc.training.curriculum.calculate_competence_score(recent_losses, target_loss=, smoothing=)`; within 1e-12.
 * @example calculateCompetenceScore([0]) // => 1
 */
export function calculateCompetenceScore(
  recentLosses: readonly number[],
  { targetLoss = 0.1, smoothing = 0.9 }: { readonly targetLoss?: number; readonly smoothing?: number } = {},
): number {
  nonEmpty(recentLosses, 'recentLosses');
  positive(targetLoss, 'targetLoss');
  inRange(smoothing, 'smoothing', { above: 0, max: 1 });
  const smoothed = recentLosses.reduce((mean, loss) => smoothing * mean + (1 - smoothing) * loss);
  return Math.min(1, (targetLoss / (targetLoss + smoothed)) * 2);
}

/** Share of the way to the target at a share of the steps. */
function pace(pacing: PacingFunction, progress: number, competence: number): number {
  switch (pacing) {
    case 'linear':
      return progress;
    case 'exponential':
      return 1 - Math.exp(-3 * progress);
    case 'step':
      return Math.min(1, (Math.floor(progress * 5) + 1) / 5);
    case 'self_paced':
      return competence;
    case 'competence':
      return Math.sqrt(progress) * (0.5 + 0.5 * competence);
  }
}

/**
 * Difficulty at a step, from the initial one during warm-up to the target: evenly, fast at first (`exponential`), in fifths (`step`), as the competence says
 * (`self_paced`), or with the square root of the steps, halved for a model that can do nothing (`competence`).
 *
 * @throws {ValidationError} for no steps or a step outside [0, totalSteps]
 * @remarks Python: `hf_gtc.training.curriculum.get_difficulty_at_step(config, current_step, total_steps, competence_score=)`; within 1e-12.
 * @example getDifficultyAtStep(createPacingConfig(), 500, 1000) // => 0.5
 */
export function getDifficultyAtStep(
  config: PacingConfig,
  currentStep: number,
  totalSteps: number,
  { competenceScore = 0 }: { readonly competenceScore?: number } = {},
): number {
  positive(totalSteps, 'totalSteps');
  nonNegative(currentStep, 'currentStep');
  if (currentStep > totalSteps)
    throw new ValidationError(`currentStep must be at most totalSteps (${totalSteps}), got ${currentStep}`, {
      parameter: 'currentStep',
      received: currentStep,
    });
  const { initialDifficulty, targetDifficulty, warmupSteps } = config;
  if (currentStep < warmupSteps) return initialDifficulty;
  const steps = totalSteps - warmupSteps;
  const progress = steps > 0 ? (currentStep - warmupSteps) / steps : 1;
  return initialDifficulty + (targetDifficulty - initialDifficulty) * pace(config.function, progress, competenceScore);
}

/**
 * Weights of samples: 1 up to the current difficulty and 0 beyond (`threshold`), falling with the distance beyond (`weighted`), or a sigmoid of the distance
 * (`probabilistic`).
 *
 * @param options `temperature` of the fall
 * @throws {ValidationError} for no samples, a difficulty outside [0, 1] or a temperature that is not positive
 * @remarks Python: `hf_gtc.training.curriculum.calculate_sample_weights(difficulties, current_difficulty, strategy, temperature=)`.
 * @example calculateSampleWeights([0.2, 0.75], 0.5, 'weighted') // => [1, 0.75]
 */
export function calculateSampleWeights(
  difficulties: readonly number[],
  currentDifficulty: number,
  strategy: SamplingStrategy,
  { temperature = 1 }: { readonly temperature?: number } = {},
): number[] {
  nonEmpty(difficulties, 'difficulties');
  inRange(currentDifficulty, 'currentDifficulty', { min: 0, max: 1 });
  positive(temperature, 'temperature');
  parseEnum(SamplingStrategy, strategy, 'strategy');
  return difficulties.map(difficulty => {
    const beyond = (difficulty - currentDifficulty) / temperature;
    if (strategy === 'probabilistic') return 1 / (1 + Math.exp(beyond));
    if (beyond <= 0) return 1;
    return strategy === 'threshold' ? 0 : Math.max(0, 1 - beyond);
  });
}

/**
 * How far a curriculum is, as text.
 *
 * @remarks Python: `hf_gtc.training.curriculum.format_curriculum_stats(stats)`; the same text.
 */
export function formatCurriculumStats(stats: CurriculumStats): string {
  return [
    'Curriculum Stats:',
    `  Difficulty: ${formatFixed(stats.currentDifficulty * 100, 1)}%`,
    `  Samples: ${stats.samplesSeen}`,
    `  Competence: ${formatFixed(stats.competenceScore * 100, 1)}%`,
    `  Progress: ${formatFixed(stats.curriculumProgress * 100, 1)}%`,
  ].join('\n');
}

const RECOMMENDED: Readonly<Record<string, Parameters<typeof createCurriculumConfig>[0]>> = {
  classification: { metric: 'confidence', initialDifficulty: 0.2 },
  generation: { function: 'exponential', initialDifficulty: 0.1, samplingStrategy: 'weighted' },
  translation: { function: 'competence', initialDifficulty: 0.1, samplingStrategy: 'probabilistic' },
  summarization: { metric: 'perplexity', function: 'self_paced', initialDifficulty: 0.2, samplingStrategy: 'weighted' },
  qa: { metric: 'loss', function: 'step' },
};

/**
 * A curriculum that suits a task.
 *
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.training.curriculum.get_recommended_curriculum_config(task_type)`.
 * @example getRecommendedCurriculumConfig('qa').pacingConfig.function // => 'step'
 */
export function getRecommendedCurriculumConfig(taskType: string): CurriculumConfig {
  return createCurriculumConfig(RECOMMENDED[oneOf(taskType, 'taskType', Object.keys(RECOMMENDED))]);
}
