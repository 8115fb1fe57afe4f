/** Hyperparameter search: spaces, seeded draws and the next point to try. Mirrors `hf_gtc.training.hyperopt`. */
import {
  allNonNegative,
  allPositive,
  createFrom,
  type Definition,
  finite,
  formatFixed,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  validate,
  valuesOf,
} from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';

type Row = readonly [name: string, paramType: ParameterType, low: number, high: number];

const spaces = (rows: readonly Row[]): ParameterSpace[] => rows.map(([name, paramType, low, high]) => ({ name, paramType, low, high, choices: null }));

const RECOMMENDED: Readonly<Record<string, Partial<HyperoptConfig>>> = {
  classification: {
    algorithm: 'tpe',
    parameterSpaces: spaces([
      ['learning_rate', 'log_uniform', 1e-5, 1e-2],
      ['batch_size', 'discrete', 16, 128],
      ['weight_decay', 'log_uniform', 1e-6, 1e-2],
      ['warmup_ratio', 'continuous', 0, 0.2],
    ]),
    nTrials: 50,
    timeoutSeconds: 7200,
    direction: 'maximize',
  },
  generation: {
    algorithm: 'tpe',
    parameterSpaces: spaces([
      ['learning_rate', 'log_uniform', 1e-6, 1e-3],
      ['batch_size', 'discrete', 4, 64],
      ['gradient_accumulation', 'discrete', 1, 16],
      ['max_grad_norm', 'continuous', 0.5, 2],
    ]),
    timeoutSeconds: 14400,
  },
  fine_tuning: {
    algorithm: 'bayesian',
    parameterSpaces: spaces([
      ['learning_rate', 'log_uniform', 1e-6, 5e-4],
      ['lora_r', 'discrete', 4, 64],
      ['lora_alpha', 'discrete', 8, 128],
      ['lora_dropout', 'continuous', 0, 0.3],
    ]),
    nTrials: 30,
  },
  pretraining: {
    algorithm: 'hyperband',
    parameterSpaces: spaces([
      ['learning_rate', 'log_uniform', 1e-5, 1e-3],
      ['batch_size', 'discrete', 32, 512],
      ['warmup_steps', 'discrete', 100, 2000],
      ['weight_decay', 'log_uniform', 1e-5, 0.1],
    ]),
    nTrials: 20,
    timeoutSeconds: 28800,
  },
  rl: {
    algorithm: 'cmaes',
    parameterSpaces: spaces([
      ['learning_rate', 'log_uniform', 1e-6, 1e-3],
      ['ppo_epochs', 'discrete', 1, 8],
      ['gamma', 'continuous', 0.9, 0.999],
      ['clip_range', 'continuous', 0.1, 0.4],
    ]),
    nTrials: 40,
    timeoutSeconds: 7200,
    direction: 'maximize',
  },
};

/** How the next point is chosen. */
export const SearchAlgorithm = { GRID: 'grid', RANDOM: 'random', BAYESIAN: 'bayesian', TPE: 'tpe', CMAES: 'cmaes', HYPERBAND: 'hyperband' } as const;
export type SearchAlgorithm = (typeof SearchAlgorithm)[keyof typeof SearchAlgorithm];

/** Kinds of parameters. */
export const ParameterType = { CONTINUOUS: 'continuous', DISCRETE: 'discrete', CATEGORICAL: 'categorical', LOG_UNIFORM: 'log_uniform' } as const;
export type ParameterType = (typeof ParameterType)[keyof typeof ParameterType];

/** Which values are better. */
export const ObjectiveDirection = { MINIMIZE: 'minimize', MAXIMIZE: 'maximize' } as const;
export type ObjectiveDirection = (typeof ObjectiveDirection)[keyof typeof ObjectiveDirection];

/** Values of {@link SearchAlgorithm}. */
export const VALID_SEARCH_ALGORITHMS: ReadonlySet<SearchAlgorithm> = new Set(Object.values(SearchAlgorithm));

/** Values of {@link ParameterType}. */
export const VALID_PARAMETER_TYPES: ReadonlySet<ParameterType> = new Set(Object.values(ParameterType));

/** Values of {@link ObjectiveDirection}. */
export const VALID_OBJECTIVE_DIRECTIONS: ReadonlySet<ObjectiveDirection> = new Set(Object.values(ObjectiveDirection));

/** One parameter and its range. */
export interface ParameterSpace {
  readonly name: string;
  readonly paramType: ParameterType;
  readonly low: number | null;
  readonly high: number | null;
  /** Of a categorical parameter. */
  readonly choices: readonly string[] | null;
}

/** Defaults and rules of {@link ParameterSpace}. */
export const ParameterSpace: Definition<ParameterSpace> = {
  name: 'ParameterSpace',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    paramType: { kind: 'enum', of: ParameterType },
    low: { kind: 'float', default: null, nullable: true },
    high: { kind: 'float', default: null, nullable: true },
    choices: { kind: 'array', of: { kind: 'string' }, default: null, nullable: true },
  },
  rules: [
    ({ paramType, choices }) =>
      paramType === 'categorical' && (choices === null || choices.length === 0) ? 'choices of a categorical parameter cannot be empty' : null,
    ({ paramType, low, high }) =>
      paramType !== 'categorical' && (low === null || high === null) ? `low and high are required for a ${paramType} parameter` : null,
    ({ paramType, low, high }) =>
      paramType !== 'categorical' && low !== null && high !== null && low >= high ? `low must be less than high ${high}, got ${low}` : null,
    ({ paramType, low }) => (paramType === 'log_uniform' && low !== null && low <= 0 ? `low of a log_uniform parameter must be positive, got ${low}` : null),
  ],
};

/** A search. */
export interface HyperoptConfig {
  readonly algorithm: SearchAlgorithm;
  readonly parameterSpaces: readonly ParameterSpace[];
  readonly nTrials: number;
  readonly timeoutSeconds: number;
  readonly direction: ObjectiveDirection;
}

/** Defaults and rules of {@link HyperoptConfig}. */
export const HyperoptConfig: Definition<HyperoptConfig> = {
  name: 'HyperoptConfig',
  fields: {
    algorithm: { kind: 'enum', of: SearchAlgorithm, default: SearchAlgorithm.RANDOM },
    parameterSpaces: {
      kind: 'array',
      of: { kind: 'config', of: ParameterSpace },
      default: [{ name: 'learning_rate', paramType: 'log_uniform', low: 1e-5, high: 0.1, choices: null }],
      nonEmpty: true,
    },
    nTrials: { kind: 'int', default: 100, positive: true },
    timeoutSeconds: { kind: 'int', default: 3600, positive: true },
    direction: { kind: 'enum', of: ObjectiveDirection, default: ObjectiveDirection.MINIMIZE },
  },
};

/** One point that was tried. */
export interface TrialResult {
  /** Values by parameter. */
  readonly params: Readonly<Record<string, number | string>>;
  readonly objectiveValue: number;
  readonly trialNumber: number;
  readonly durationSeconds: number;
}

/** Defaults and rules of {@link TrialResult}. */
export const TrialResult: Definition<TrialResult> = {
  name: 'TrialResult',
  fields: {
    params: { kind: 'record', of: { kind: 'any' }, nonEmpty: true },
    objectiveValue: { kind: 'float' },
    trialNumber: { kind: 'int', positive: true },
    durationSeconds: { kind: 'float', default: 0.0, nonNegative: true },
  },
};

/** What a search found. */
export interface HyperoptStats {
  readonly totalTrials: number;
  readonly bestValue: number;
  readonly bestParams: Readonly<Record<string, number | string>>;
  /** Best value after each trial. */
  readonly convergenceCurve: readonly number[];
}

/** Defaults and rules of {@link HyperoptStats}. */
export const HyperoptStats: Definition<HyperoptStats> = {
  name: 'HyperoptStats',
  fields: {
    totalTrials: { kind: 'int', default: 0, nonNegative: true },
    bestValue: { kind: 'float', default: Number.POSITIVE_INFINITY },
    bestParams: { kind: 'record', of: { kind: 'any' }, default: { placeholder: 0 }, nonEmpty: true },
    convergenceCurve: { kind: 'array', of: { kind: 'float' }, default: [] },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateParameterSpace(space: ParameterSpace): void {
  validate(ParameterSpace, space, 'space');
}

/** @throws {ValidationError} naming every broken rule */
export function validateHyperoptConfig(config: HyperoptConfig): void {
  validate(HyperoptConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTrialResult(result: TrialResult): void {
  validate(TrialResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateHyperoptStats(stats: HyperoptStats): void {
  validate(HyperoptStats, stats, 'stats');
}

/** Settles a {@link TrialResult}. @throws {ValidationError} naming every broken rule */
export function createTrialResult(
  params: TrialResult['params'],
  objectiveValue: TrialResult['objectiveValue'],
  trialNumber: TrialResult['trialNumber'],
  options: Partial<Omit<TrialResult, 'params' | 'objectiveValue' | 'trialNumber'>> = {},
): TrialResult {
  return createFrom(TrialResult, { ...options, params, objectiveValue, trialNumber });
}

/** Search algorithms in ascending order. */
export function listSearchAlgorithms(): SearchAlgorithm[] {
  return valuesOf(SearchAlgorithm);
}

/** Parameter types in ascending order. */
export function listParameterTypes(): ParameterType[] {
  return valuesOf(ParameterType);
}

/** Objective directions in ascending order. */
export function listObjectiveDirections(): ObjectiveDirection[] {
  return valuesOf(ObjectiveDirection);
}

/** @throws {ValidationError} naming the values of {@link SearchAlgorithm} */
export function getSearchAlgorithm(name: string): SearchAlgorithm {
  return parseEnum(SearchAlgorithm, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ParameterType} */
export function getParameterType(name: string): ParameterType {
  return parseEnum(ParameterType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ObjectiveDirection} */
export function getObjectiveDirection(name: string): ObjectiveDirection {
  return parseEnum(ObjectiveDirection, name, 'name');
}

/**
 * Settles a {@link ParameterSpace}, by default a continuous one. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.hyperopt.create_parameter_space(name, param_type=, low=, high=, choices=)`.
 */
export function createParameterSpace(name: string, options: Partial<Omit<ParameterSpace, 'name'>> = {}): ParameterSpace {
  return createFrom(ParameterSpace, { paramType: 'continuous', ...options, name });
}

/**
 * Settles a {@link HyperoptConfig}; without spaces it searches the learning rate. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.hyperopt.create_hyperopt_config(algorithm=, parameter_spaces=, n_trials=, timeout_seconds=, direction=)`.
 */
export function createHyperoptConfig(options: { readonly [K in keyof HyperoptConfig]?: HyperoptConfig[K] | null } = {}): HyperoptConfig {
  const { parameterSpaces, ...rest } = options;
  return createFrom(HyperoptConfig, (parameterSpaces ? { ...rest, parameterSpaces } : rest) as Partial<HyperoptConfig>);
}

/**
 * Settles a {@link HyperoptStats}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.hyperopt.create_hyperopt_stats(total_trials=, best_value=, best_params=, convergence_curve=)`.
 */
export function createHyperoptStats(options: { readonly [K in keyof HyperoptStats]?: HyperoptStats[K] | null } = {}): HyperoptStats {
  const { bestParams, ...rest } = options;
  return createFrom(HyperoptStats, (bestParams ? { ...rest, bestParams } : rest) as Partial<HyperoptStats>);
}

/** The range of a numeric parameter, in the scale in which it is drawn. */
function rangeOf(space: ParameterSpace): readonly [low: number, high: number] {
  validate(ParameterSpace, { ...space, name: space.name === '' ? '-' : space.name }, 'space');
  const { low, high } = space as { low: number; high: number };
  return space.paramType === 'log_uniform' ? [Math.log(low), Math.log(high)] : [low, high];
}

/** A value of a parameter from its place in the range. */
function valueAt({ paramType }: ParameterSpace, place: number): number {
  if (paramType === 'log_uniform') return Math.exp(place);
  return paramType === 'discrete' ? Math.trunc(place) : place;
}

function draw(space: ParameterSpace, random: PythonRandom): number | string {
  const [low, high] = rangeOf(space);
  if (space.paramType === 'categorical') return random.choice(space.choices!);
  if (space.paramType === 'discrete') return random.randint(Math.trunc(low), Math.trunc(high));
  return valueAt(space, random.uniform(low, high));
}

/**
 * One draw from each space: uniform, uniform in the logarithm, integer, or a choice. The same seed gives the draws of Python's `random`.
 *
 * @param seed without one every call differs
 * @returns values by parameter
 * @throws {ValidationError} for no spaces or a space whose bounds or choices are missing
 * @remarks Python: `hf_gtc.training.hyperopt.sample_parameters(spaces, seed=)`.
 * @example Object.keys(sampleParameters([createParameterSpace('lr', { low: 1e-5, high: 1e-3 })], { seed: 42 })) // => ['lr']
 */
export function sampleParameters(spaces: readonly ParameterSpace[], { seed = null }: { readonly seed?: number | null } = {}): Record<string, number | string> {
  const random = new PythonRandom(seed);
  return Object.fromEntries(nonEmpty(spaces, 'spaces').map(space => [space.name, draw(space, random)]));
}

/**
 * How much better a value is than the best before, as a share of that one; 0 where that was 0.
 *
 * @remarks Python: `hf_gtc.training.hyperopt.calculate_improvement(current_value, best_value, direction)`; within 1e-12.
 * @example calculateImprovement(0, 0.1, 'minimize') // => 1
 */
export function calculateImprovement(currentValue: number, bestValue: number, direction: ObjectiveDirection): number {
  notNull(direction, 'direction');
  if (bestValue === 0) return 0;
  return (direction === 'minimize' ? bestValue - currentValue : currentValue - bestValue) / Math.abs(bestValue);
}

/**
 * Trials that the time left allows, at most those left to do; before the first trial, all of them.
 *
 * @throws {ValidationError} unless timeoutSeconds and totalTrials are positive, completedTrials and elapsedSeconds are non-negative
 * @remarks Python: `hf_gtc.training.hyperopt.estimate_remaining_trials(elapsed_seconds, completed_trials, total_trials, timeout_seconds)`.
 * @example estimateRemainingTrials(1, 8, 3, 494) // => -5
 */
export function estimateRemainingTrials(elapsedSeconds: number, completedTrials: number, totalTrials: number, timeoutSeconds: number): number {
  allNonNegative({ elapsedSeconds, completedTrials });
  allPositive({ totalTrials, timeoutSeconds });
  finite(elapsedSeconds, 'elapsedSeconds');
  if (completedTrials === 0) return totalTrials;
  const timeLeft = Math.max(0, timeoutSeconds - elapsedSeconds);
  const affordable = elapsedSeconds === 0 ? Number.POSITIVE_INFINITY : Math.trunc(timeLeft / (elapsedSeconds / completedTrials));
  return Math.min(totalTrials - completedTrials, affordable);
}

/** Ten points between the ends; trial k takes each parameter's point k. */
function gridPoint(space: ParameterSpace, trial: number): number | string {
  const [low, high] = rangeOf(space);
  if (space.paramType === 'categorical') return space.choices![trial % space.choices!.length]!;
  const whole = space.paramType === 'discrete';
  const steps = whole ? Math.min(10, Math.trunc(high) - Math.trunc(low) + 1) : 10;
  return valueAt(space, low + ((high - low) * (trial % steps)) / Math.max(1, steps - 1));
}

/** A Gaussian step of a tenth of the range from the best point; one draw in five is anywhere. */
function nearBest(space: ParameterSpace, best: number | string | undefined, random: PythonRandom): number | string {
  if (best === undefined || random.random() < 0.2) return draw(space, random);
  const [low, high] = rangeOf(space);
  if (space.paramType === 'categorical') return best;
  const centre = space.paramType === 'log_uniform' ? Math.log(best as number) : (best as number);
  return valueAt(space, Math.min(high, Math.max(low, random.gauss(centre, 0.1 * (high - low)))));
}

/**
 * The next point to try: `grid` walks ten points of each range, `random` and `hyperband` draw; `bayesian`, `tpe` and `cmaes` step from the best trial
 * by a Gaussian of a
 * tenth of the range, and draw anywhere one time in five and where there is no history.
 *
 * @param seed without one every call differs
 * @returns values by parameter
 * @throws {ValidationError} for a space whose bounds or choices are missing
 * @remarks Python: `hf_gtc.training.hyperopt.suggest_next_params(config, history, seed=)`.
 * @example Object.keys(suggestNextParams(createHyperoptConfig({ parameterSpaces: [createParameterSpace('lr', { low: 1e-5, high: 1e-3 })] }), [], { seed: 42 })) // => ['lr']
 */
export function suggestNextParams(
  config: HyperoptConfig,
  history: readonly TrialResult[],
  { seed = null }: { readonly seed?: number | null } = {},
): Record<string, number | string> {
  const { algorithm, parameterSpaces, direction } = notNull(config, 'config');
  if (algorithm === 'grid') return Object.fromEntries(parameterSpaces.map(space => [space.name, gridPoint(space, history.length)]));
  if (algorithm === 'random' || algorithm === 'hyperband' || history.length === 0) return sampleParameters(parameterSpaces, { seed });
  const sign = direction === 'minimize' ? 1 : -1;
  const best = history.reduce((a, b) => (sign * b.objectiveValue < sign * a.objectiveValue ? b : a));
  const random = new PythonRandom(seed);
  return Object.fromEntries(parameterSpaces.map(space => [space.name, nearBest(space, best.params[space.name], random)]));
}

/**
 * What a search found, as text.
 *
 * @remarks Python: `hf_gtc.training.hyperopt.format_hyperopt_stats(stats)`; the same text.
 */
export function formatHyperoptStats(stats: HyperoptStats): string {
  const { totalTrials, bestValue, bestParams, convergenceCurve } = notNull(stats, 'stats');
  const params = Object.keys(bestParams)
    .sort()
    .map(name => `${name}=${bestParams[name]}`);
  const curve = convergenceCurve.slice(-5).map(value => formatFixed(value, 4));
  return [
    'Hyperopt Stats:',
    `  Trials: ${totalTrials}`,
    `  Best Value: ${formatFixed(bestValue, 4)}`,
    `  Best Params: {${params.join(', ')}}`,
    ...(curve.length > 0 ? [`  Convergence (last 5): [${curve.join(', ')}]`] : []),
  ].join('\n');
}

/**
 * A search for a kind of training.
 *
 * @throws {ValidationError} for another kind of training
 * @remarks Python: `hf_gtc.training.hyperopt.get_recommended_hyperopt_config(task_type)`.
 */
export function getRecommendedHyperoptConfig(taskType: string): HyperoptConfig {
  return createHyperoptConfig(RECOMMENDED[oneOf(taskType, 'taskType', Object.keys(RECOMMENDED))]!);
}
