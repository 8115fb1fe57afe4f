/** Neural architecture search: spaces, their cost, and the candidates that nothing beats. Mirrors `hf_gtc.training.nas`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  formatFloat,
  inRange,
  nonEmpty,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Ways through a space. */
export const SearchStrategy = {
  RANDOM: 'random',
  GRID: 'grid',
  EVOLUTIONARY: 'evolutionary',
  REINFORCEMENT: 'reinforcement',
  DIFFERENTIABLE: 'differentiable',
} as const;
export type SearchStrategy = (typeof SearchStrategy)[keyof typeof SearchStrategy];

/** What is searched. */
export const SearchSpace = { MICRO: 'micro', MACRO: 'macro', HIERARCHICAL: 'hierarchical' } as const;
export type SearchSpace = (typeof SearchSpace)[keyof typeof SearchSpace];

/** Ways to judge a candidate without training it. */
export const PerformancePredictor = { SURROGATE: 'surrogate', ZERO_COST: 'zero_cost', WEIGHT_SHARING: 'weight_sharing' } as const;
export type PerformancePredictor = (typeof PerformancePredictor)[keyof typeof PerformancePredictor];

/** Values of {@link SearchStrategy}. */
export const VALID_SEARCH_STRATEGIES: ReadonlySet<SearchStrategy> = new Set(Object.values(SearchStrategy));

/** Values of {@link SearchSpace}. */
export const VALID_SEARCH_SPACES: ReadonlySet<SearchSpace> = new Set(Object.values(SearchSpace));

/** Values of {@link PerformancePredictor}. */
export const VALID_PERFORMANCE_PREDICTORS: ReadonlySet<PerformancePredictor> = new Set(Object.values(PerformancePredictor));

function rangeIssue(name: string, [least, most]: readonly [number, number]): string | null {
  return least > most ? `the least of ${name} must be at most the greatest (${most}), got ${least}` : null;
}

/** Ranges of a space, ends included. */
export interface SearchSpaceConfig {
  readonly spaceType: SearchSpace;
  readonly numLayersRange: readonly [number, number];
  readonly hiddenDimsRange: readonly [number, number];
  readonly numHeadsRange: readonly [number, number];
}

/** Defaults and rules of {@link SearchSpaceConfig}. */
export const SearchSpaceConfig: Definition<SearchSpaceConfig> = {
  name: 'SearchSpaceConfig',
  fields: {
    spaceType: { kind: 'enum', of: SearchSpace, default: SearchSpace.MICRO },
    numLayersRange: { kind: 'array', of: { kind: 'int', positive: true }, length: 2, default: [4, 12] },
    hiddenDimsRange: { kind: 'array', of: { kind: 'int' }, length: 2, default: [256, 1024] },
    numHeadsRange: { kind: 'array', of: { kind: 'int', positive: true }, length: 2, default: [4, 16] },
  },
  rules: [
    ({ numLayersRange }) => rangeIssue('numLayersRange', numLayersRange),
    ({ hiddenDimsRange }) => rangeIssue('hiddenDimsRange', hiddenDimsRange),
    ({ numHeadsRange }) => rangeIssue('numHeadsRange', numHeadsRange),
  ],
};

/** A search. */
export interface SearchConfig {
  readonly strategy: SearchStrategy;
  readonly searchSpace: SearchSpaceConfig;
  readonly numTrials: number;
  readonly earlyStoppingPatience: number;
}

/** Defaults and rules of {@link SearchConfig}. */
export const SearchConfig: Definition<SearchConfig> = {
  name: 'SearchConfig',
  fields: {
    strategy: { kind: 'enum', of: SearchStrategy, default: SearchStrategy.RANDOM },
    searchSpace: { kind: 'config', of: SearchSpaceConfig },
    numTrials: { kind: 'int', default: 100, positive: true },
    earlyStoppingPatience: { kind: 'int', default: 10, nonNegative: true },
  },
};

/** An architecture, how good it is and what it costs. */
export interface ArchitectureCandidate {
  /** Its settings by name. */
  readonly config: unknown | number;
  readonly performance: number;
  readonly cost: number;
  /** 1 for the best. */
  readonly rank: number;
}

/** Defaults and rules of {@link ArchitectureCandidate}. */
export const ArchitectureCandidate: Definition<ArchitectureCandidate> = {
  name: 'ArchitectureCandidate',
  fields: {
    config: { kind: 'any' },
    performance: { kind: 'float', default: 0, nonNegative: true },
    cost: { kind: 'float', default: 0, nonNegative: true },
    rank: { kind: 'int', default: 1, positive: true },
  },
};

/** How a search went. */
export interface NASStats {
  readonly totalTrials: number;
  readonly bestPerformance: number;
  readonly searchTimeHours: number;
  readonly paretoFrontSize: number;
}

/** Defaults and rules of {@link NASStats}. */
export const NASStats: Definition<NASStats> = {
  name: 'NASStats',
  fields: {
    totalTrials: { kind: 'int', default: 0, nonNegative: true },
    bestPerformance: { kind: 'float', default: 0, nonNegative: true },
    searchTimeHours: { kind: 'float', default: 0, nonNegative: true },
    paretoFrontSize: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateSearchSpaceConfig(config: SearchSpaceConfig): void {
  validate(SearchSpaceConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSearchConfig(config: SearchConfig): void {
  validate(SearchConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateArchitectureCandidate(candidate: ArchitectureCandidate): void {
  validate(ArchitectureCandidate, candidate, 'candidate');
}

/** @throws {ValidationError} naming every broken rule */
export function validateNasStats(stats: NASStats): void {
  validate(NASStats, stats, 'stats');
}

/** Settles a {@link SearchSpaceConfig}. @throws {ValidationError} naming every broken rule */
export function createSearchSpaceConfig(options: Partial<SearchSpaceConfig> = {}): SearchSpaceConfig {
  return createFrom(SearchSpaceConfig, options);
}

/** Settles a {@link NASStats}. @throws {ValidationError} naming every broken rule */
export function createNasStats(options: Partial<NASStats> = {}): NASStats {
  return createFrom(NASStats, options);
}

/** Search strategies in ascending order. */
export function listSearchStrategies(): SearchStrategy[] {
  return valuesOf(SearchStrategy);
}

/** Search spaces in ascending order. */
export function listSearchSpaces(): SearchSpace[] {
  return valuesOf(SearchSpace);
}

/** Performance predictors in ascending order. */
export function listPerformancePredictors(): PerformancePredictor[] {
  return valuesOf(PerformancePredictor);
}

/** @throws {ValidationError} naming the search strategies */
export function getSearchStrategy(name: string): SearchStrategy {
  return parseEnum(SearchStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the search spaces */
export function getSearchSpace(name: string): SearchSpace {
  return parseEnum(SearchSpace, name, 'searchSpace');
}

/** @throws {ValidationError} naming the performance predictors */
export function getPerformancePredictor(name: string): PerformancePredictor {
  return parseEnum(PerformancePredictor, name, 'performancePredictor');
}

/**
 * Settles a search and its space. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.nas.create_search_config(strategy=, space_type=, num_layers_range=, hidden_dims_range=, num_heads_range=, num_trials=, early_stopping_patience=)`.
 */
export function createSearchConfig({
  strategy = 'random',
  numTrials = 100,
  earlyStoppingPatience = 10,
  ...space
}: Partial<Omit<SearchConfig, 'searchSpace'>> & Partial<SearchSpaceConfig> = {}): SearchConfig {
  parseEnum(SearchStrategy, strategy, 'strategy');
  if (space.spaceType !== undefined) parseEnum(SearchSpace, space.spaceType, 'searchSpace.spaceType');
  return createFrom(SearchConfig, { strategy, searchSpace: createSearchSpaceConfig(space), numTrials, earlyStoppingPatience });
}

/**
 * Settles a candidate. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.nas.create_architecture_candidate(config=, performance=, cost=, rank=)`.
 */
export function createArchitectureCandidate({
  config = null,
  performance = 0,
  cost = 0,
  rank = 1,
}: {
  readonly config?: ArchitectureCandidate['config'] | null;
  readonly performance?: number;
  readonly cost?: number;
  readonly rank?: number;
} = {}): ArchitectureCandidate {
  return createFrom(ArchitectureCandidate, { config: config ?? {}, performance, cost, rank });
}

/**
 * Architectures in a space: layers times widths times heads.
 *
 * @remarks Python: `hf_gtc.training.nas.calculate_search_space_size(config)`; exact.
 * @example calculateSearchSpaceSize({ spaceType: 'micro', numLayersRange: [4, 6], hiddenDimsRange: [256, 258], numHeadsRange: [4, 8] }) // => 45
 */
export function calculateSearchSpaceSize(config: SearchSpaceConfig): number {
  const { numLayersRange, hiddenDimsRange, numHeadsRange } = notNull(config, 'config');
  return [numLayersRange, hiddenDimsRange, numHeadsRange].reduce((size, [least, most]) => size * (most - least + 1), 1);
}

/**
 * What a search costs: trials times hours times the price of an hour.
 *
 * @throws {ValidationError} for hours that are not positive or a negative price
 * @remarks Python: `hf_gtc.training.nas.estimate_search_cost(config, hours_per_trial=, gpu_cost_per_hour=)`; within 1e-12.
 * @example estimateSearchCost(createSearchConfig({ numTrials: 50 }), { gpuCostPerHour: 2 }) // => 50
 */
export function estimateSearchCost(
  config: SearchConfig,
  { hoursPerTrial = 0.5, gpuCostPerHour = 1 }: { readonly hoursPerTrial?: number; readonly gpuCostPerHour?: number } = {},
): number {
  const { numTrials } = notNull(config, 'config');
  return numTrials * positive(hoursPerTrial, 'hoursPerTrial') * nonNegative(gpuCostPerHour, 'gpuCostPerHour');
}

/**
 * A candidate from what was measured of it. @throws {ValidationError} for negative measures
 *
 * @remarks Python: `hf_gtc.training.nas.evaluate_architecture(candidate_config, performance_metric, cost_metric)`.
 */
export function evaluateArchitecture(candidateConfig: ArchitectureCandidate['config'], performanceMetric: number, costMetric: number): ArchitectureCandidate {
  nonNegative(performanceMetric, 'performanceMetric');
  nonNegative(costMetric, 'costMetric');
  return createArchitectureCandidate({ config: candidateConfig, performance: performanceMetric, cost: costMetric });
}

/** Whether a is at least as good as b in both regards, and better in one. */
function dominates(a: ArchitectureCandidate, b: ArchitectureCandidate): boolean {
  return a.performance >= b.performance && a.cost <= b.cost && (a.performance > b.performance || a.cost < b.cost);
}

/**
 * The Pareto front: candidates that no other beats in performance without a higher cost, best first and ranked anew.
 *
 * @throws {ValidationError} for no candidates
 * @remarks Python: `hf_gtc.training.nas.select_pareto_optimal(candidates)`.
 * @example const [a, b] = [createArchitectureCandidate({ performance: 0.9, cost: 2 }), createArchitectureCandidate({ performance: 0.8, cost: 3 })];
 * selectParetoOptimal([a, b]).length // => 1
 */
export function selectParetoOptimal(candidates: readonly ArchitectureCandidate[]): readonly ArchitectureCandidate[] {
  nonEmpty(candidates, 'candidates');
  return candidates
    .filter(candidate => !candidates.some(other => dominates(other, candidate)))
    .sort((a, b) => b.performance - a.performance)
    .map((candidate, index) => ({ ...candidate, rank: index + 1 }));
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.training.nas.format_nas_stats(stats)`; the same text.
 */
export function formatNasStats(stats: NASStats): string {
  const { totalTrials, bestPerformance, searchTimeHours, paretoFrontSize } = notNull(stats, 'stats');
  return [
    'NAS Statistics:',
    `  Total Trials: ${totalTrials}`,
    `  Best Performance: ${formatFixed(bestPerformance * 100, 1)}%`,
    `  Search Time: ${formatFloat(searchTimeHours)} hours`,
    `  Pareto Front Size: ${paretoFrontSize}`,
  ].join('\n');
}

const BY_TASK: Readonly<Record<string, Parameters<typeof createSearchConfig>[0]>> = {
  classification: { strategy: 'evolutionary', hiddenDimsRange: [256, 768], numHeadsRange: [4, 12], earlyStoppingPatience: 15 },
  qa: { hiddenDimsRange: [256, 768], numHeadsRange: [4, 12], earlyStoppingPatience: 20 },
  generation: {
    strategy: 'differentiable',
    spaceType: 'hierarchical',
    numLayersRange: [6, 24],
    hiddenDimsRange: [512, 2048],
    numHeadsRange: [8, 32],
    numTrials: 50,
  },
  translation: {
    strategy: 'reinforcement',
    spaceType: 'macro',
    numLayersRange: [6, 18],
    hiddenDimsRange: [512, 1024],
    numHeadsRange: [8, 16],
    numTrials: 80,
    earlyStoppingPatience: 12,
  },
  summarization: {
    strategy: 'evolutionary',
    spaceType: 'hierarchical',
    numLayersRange: [6, 12],
    hiddenDimsRange: [512, 1024],
    numHeadsRange: [8, 16],
    numTrials: 60,
  },
};

/**
 * A search that suits a task.
 *
 * @throws {ValidationError} naming the tasks
 * @remarks Python: `hf_gtc.training.nas.get_recommended_nas_config(task_type)`.
 * @example getRecommendedNasConfig('generation').strategy // => 'differentiable'
 */
export function getRecommendedNasConfig(taskType: string): SearchConfig {
  return createSearchConfig(BY_TASK[oneOf(taskType, 'taskType', Object.keys(BY_TASK))]);
}

/**
 * Operations of a transformer of L layers: L(8Sd² + 4S²d) for S positions of width d. The heads change nothing.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.training.nas.estimate_architecture_cost(num_layers, hidden_dim, num_heads, sequence_length=)`; within 1e-12.
 * @example estimateArchitectureCost(4, 512, 8) // => 6442450944
 */
export function estimateArchitectureCost(
  numLayers: number,
  hiddenDim: number,
  numHeads: number,
  { sequenceLength = 512 }: { readonly sequenceLength?: number } = {},
): number {
  allPositive({ numLayers, hiddenDim, numHeads, sequenceLength });
  return numLayers * (8 * sequenceLength * hiddenDim ** 2 + 4 * sequenceLength ** 2 * hiddenDim);
}

/**
 * Performance and thrift as one number; thrift falls from 1 at 10⁸ operations to 0 at 10¹² with the logarithm.
 *
 * @param options `performanceWeight` in [0, 1]
 * @throws {ValidationError} for a performance or weight outside [0, 1] or a cost that is not positive
 * @remarks Python: `hf_gtc.training.nas.calculate_efficiency_score(performance, cost, performance_weight=)`; within 1e-12.
 * @example calculateEfficiencyScore(1, 1e12) // => 0.7
 */
export function calculateEfficiencyScore(performance: number, cost: number, { performanceWeight = 0.7 }: { readonly performanceWeight?: number } = {}): number {
  inRange(performance, 'performance', { min: 0, max: 1 });
  positive(cost, 'cost');
  inRange(performanceWeight, 'performanceWeight', { min: 0, max: 1 });
  const thrift = Math.min(1, Math.max(0, (12 - Math.log10(cost)) / 4));
  return performanceWeight * performance + (1 - performanceWeight) * thrift;
}
