/** Leaderboards: entries, ranks, ratings and submissions. Mirrors `hf_gtc.evaluation.leaderboards`. */
import { createFrom, formatFixed, inRange, isValueOf, NumericError, nonEmpty, notNull, parseEnum, positive, validate, valuesOf } from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

import {
  type Leaderboard,
  LeaderboardCategory,
  LeaderboardConfig,
  type LeaderboardEntry,
  LeaderboardStats,
  LeaderboardType,
  RankingMethod,
  SubmissionConfig,
  SubmissionStatus,
} from './internal/leaderboards/configs.js';

export * from './internal/leaderboards/aggregation.js';
export {
  Leaderboard,
  LeaderboardCategory,
  LeaderboardConfig,
  LeaderboardEntry,
  LeaderboardStats,
  LeaderboardType,
  type ModelScore,
  RankingMethod,
  SubmissionConfig,
  type SubmissionResult,
  SubmissionStatus,
  VALID_CATEGORIES,
  VALID_LEADERBOARD_TYPES,
  VALID_RANKING_METHODS,
  VALID_STATUSES,
} from './internal/leaderboards/configs.js';
export * from './internal/leaderboards/ratings.js';
export { getRecommendedLeaderboardConfig } from './internal/leaderboards/recommendation.js';
export { createSubmission, formatSubmission, parseSubmissionResult, validateSubmission } from './internal/leaderboards/submissions.js';

/** @throws {ValidationError} naming every broken rule */
export function validateLeaderboardConfig(config: LeaderboardConfig): void {
  validate(LeaderboardConfig, config);
}

/** Categories in ascending order. */
export function listCategories(): LeaderboardCategory[] {
  return valuesOf(LeaderboardCategory);
}

/** @throws {ValidationError} naming the categories */
export function getCategory(name: string): LeaderboardCategory {
  return parseEnum(LeaderboardCategory, name, 'category');
}

/** Submission statuses in ascending order. */
export function listSubmissionStatuses(): SubmissionStatus[] {
  return valuesOf(SubmissionStatus);
}

/** Leaderboard types in ascending order. */
export function listLeaderboardTypes(): LeaderboardType[] {
  return valuesOf(LeaderboardType);
}

/** @throws {ValidationError} naming the leaderboard types */
export function getLeaderboardType(name: string): LeaderboardType {
  return parseEnum(LeaderboardType, name, 'leaderboardType');
}

/** Ranking methods in ascending order. */
export function listRankingMethods(): RankingMethod[] {
  return valuesOf(RankingMethod);
}

/** @throws {ValidationError} naming the ranking methods */
export function getRankingMethod(name: string): RankingMethod {
  return parseEnum(RankingMethod, name, 'rankingMethod');
}

/** Settles a {@link LeaderboardConfig}. @throws {ValidationError} naming every broken rule */
export function createLeaderboardConfig(name: string, options: Partial<Omit<LeaderboardConfig, 'name'>> = {}): LeaderboardConfig {
  return createFrom(LeaderboardConfig, { name, ...options });
}

/** Settles a {@link SubmissionConfig}. @throws {ValidationError} naming every broken rule */
export function createSubmissionConfig(modelName: string, options: Partial<Omit<SubmissionConfig, 'modelName'>> = {}): SubmissionConfig {
  return createFrom(SubmissionConfig, { modelName, ...options });
}

/** @throws {ValidationError} naming every broken rule */
export function validateSubmissionConfig(config: SubmissionConfig): void {
  validate(SubmissionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLeaderboardStats(stats: LeaderboardStats): void {
  validate(LeaderboardStats, stats, 'stats');
}

/**
 * An empty leaderboard. @throws {ValidationError} naming every broken rule of the configuration
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.create_leaderboard(config)`.
 */
export function createLeaderboard(config: LeaderboardConfig): Leaderboard {
  validateLeaderboardConfig(config);
  return { config, entries: [] };
}

/**
 * Adds an entry at the end. @throws {ValidationError} without either
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.add_entry(leaderboard, entry)`.
 */
export function addEntry(leaderboard: Leaderboard, entry: LeaderboardEntry): void {
  const { entries } = notNull(leaderboard, 'leaderboard');
  notNull(entry, 'entry');
  (entries as LeaderboardEntry[]).push(entry);
}

/**
 * The first entries by rank.
 *
 * @throws {ValidationError} for a count that is not positive
 * @remarks Python: `hf_gtc.evaluation.leaderboards.get_top_entries(leaderboard, n=)`.
 */
export function getTopEntries(leaderboard: Leaderboard, { n = 10 }: { readonly n?: number } = {}): readonly LeaderboardEntry[] {
  const { entries } = notNull(leaderboard, 'leaderboard');
  positive(n, 'n');
  return [...entries].sort((a, b) => a.rank - b.rank).slice(0, n);
}

/**
 * The entry of a model, null where there is none. @throws {ValidationError} for no name
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.find_entry_by_model(leaderboard, model_name)`.
 */
export function findEntryByModel(leaderboard: Leaderboard, modelName: string): LeaderboardEntry | null {
  const { entries } = notNull(leaderboard, 'leaderboard');
  nonEmpty(modelName, 'modelName');
  return entries.find(entry => entry.modelName === modelName) ?? null;
}

/**
 * Mean of the scores of an entry, 0 without any.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.compute_average_score(entry)`; within 1e-12.
 * @example computeAverageScore({ modelName: 'm', rank: 1, scores: [], submissionDate: '', modelSize: null }) // => 0
 */
export function computeAverageScore(entry: LeaderboardEntry): number {
  const { scores } = notNull(entry, 'entry');
  return scores.length === 0 ? 0 : scores.reduce((sum, { score }) => sum + score, 0) / scores.length;
}

/**
 * The score of a metric, null where there is none. @throws {ValidationError} for no name
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.get_score_by_metric(entry, metric_name)`.
 */
export function getScoreByMetric(entry: LeaderboardEntry, metricName: string): number | null {
  const { scores } = notNull(entry, 'entry');
  nonEmpty(metricName, 'metricName');
  return scores.find(score => score.metricName === metricName)?.score ?? null;
}

/**
 * Differences of two entries in rank and mean score; of equal ones the second counts as better.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.compare_entries(entry1, entry2)`.
 */
export function compareEntries(entry1: LeaderboardEntry, entry2: LeaderboardEntry): Readonly<Record<string, unknown>> {
  notNull(entry1, 'entry1');
  notNull(entry2, 'entry2');
  const [first, second] = [computeAverageScore(entry1), computeAverageScore(entry2)];
  return {
    model1: entry1.modelName,
    model2: entry2.modelName,
    rank_difference: entry1.rank - entry2.rank,
    score_difference: first - second,
    better_ranked: entry1.rank < entry2.rank ? entry1.modelName : entry2.modelName,
    higher_score: first > second ? entry1.modelName : entry2.modelName,
  };
}

/**
 * Entries whose size is known and within bounds; all of them without bounds.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.filter_entries_by_size(entries, min_size=, max_size=)`.
 */
export function filterEntriesBySize(
  entries: readonly LeaderboardEntry[],
  { minSize = null, maxSize = null }: { readonly minSize?: number | null; readonly maxSize?: number | null } = {},
): readonly LeaderboardEntry[] {
  return notNull(entries, 'entries').filter(
    ({ modelSize }) => modelSize !== null && (minSize === null || modelSize >= minSize) && (maxSize === null || modelSize <= maxSize),
  );
}

/**
 * Whether this is a {@link LeaderboardCategory}.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.validate_category(category)`; exact.
 * @example validateCategory('llm') // => true
 */
export function validateCategory(category: string): boolean {
  return isValueOf(LeaderboardCategory, category);
}

/**
 * Whether this is a {@link SubmissionStatus}.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.validate_submission_status(status)`; exact.
 * @example validateSubmissionStatus('failed') // => true
 */
export function validateSubmissionStatus(status: string): boolean {
  return isValueOf(SubmissionStatus, status);
}

/**
 * Whether this is a {@link LeaderboardType}.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.validate_leaderboard_type(name)`; exact.
 * @example validateLeaderboardType('mteb') // => true
 */
export function validateLeaderboardType(name: string): boolean {
  return isValueOf(LeaderboardType, name);
}

/**
 * Whether this is a {@link RankingMethod}.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.validate_ranking_method(name)`; exact.
 * @example validateRankingMethod('elo') // => true
 */
export function validateRankingMethod(name: string): boolean {
  return isValueOf(RankingMethod, name);
}

/**
 * The first entries as lines of text. @throws {ValidationError} for a count that is not positive
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.format_leaderboard(leaderboard, max_entries=)`; the same text.
 */
export function formatLeaderboard(leaderboard: Leaderboard, { maxEntries = 10 }: { readonly maxEntries?: number } = {}): string {
  const { config, entries } = notNull(leaderboard, 'leaderboard');
  const lines = [`Leaderboard: ${config.name}`, `Category: ${config.category}`, `Total Entries: ${entries.length}`, ''];
  const top = getTopEntries(leaderboard, { n: maxEntries });
  if (top.length === 0) return [...lines, 'No entries yet.'].join('\n');
  return [...lines, 'Top Entries:', ...top.map(entry => `  ${entry.rank}. ${entry.modelName} (avg: ${formatFixed(computeAverageScore(entry), 4)})`)].join('\n');
}

/**
 * Count, mean and range of the mean scores, and how many entries name a size.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.compute_leaderboard_stats(leaderboard)`.
 */
export function computeLeaderboardStats(leaderboard: Leaderboard): Readonly<Record<string, unknown>> {
  const { entries } = notNull(leaderboard, 'leaderboard');
  const scores = entries.map(computeAverageScore);
  const average = scores.length === 0 ? 0 : mean(scores);
  return {
    total_entries: entries.length,
    avg_score: average,
    score_range: scores.length === 0 ? [0, 0] : [Math.min(...scores), Math.max(...scores)],
    models_with_size: entries.filter(({ modelSize }) => modelSize !== null).length,
  };
}

/**
 * An entry from scores by metric. @throws {ValidationError} for no name or a rank that is not positive
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.create_leaderboard_entry(model_name, scores, rank, submission_date, model_size=)`.
 */
export function createLeaderboardEntry(
  modelName: string,
  scores: Readonly<Record<string, number>>,
  rank: number,
  submissionDate: string,
  { modelSize = null }: { readonly modelSize?: number | null } = {},
): LeaderboardEntry {
  nonEmpty(modelName, 'modelName');
  positive(rank, 'rank');
  return {
    modelName,
    rank,
    scores: Object.entries(scores).map(([metricName, score]) => ({ metricName, score, isHigherBetter: true })),
    submissionDate,
    modelSize,
  };
}

/**
 * Entries with new ranks by mean score; equal ones keep their order.
 *
 * @param options `higherIsBetter`, whether the highest score comes first
 * @remarks Python: `hf_gtc.evaluation.leaderboards.calculate_ranking(entries, method=, higher_is_better=)`.
 * @example calculateRanking([]) // => []
 */
export function calculateRanking(
  entries: readonly LeaderboardEntry[],
  { method = 'score', higherIsBetter = true }: { readonly method?: RankingMethod; readonly higherIsBetter?: boolean } = {},
): readonly LeaderboardEntry[] {
  notNull(entries, 'entries');
  parseEnum(RankingMethod, method, 'method');
  const sign = higherIsBetter ? -1 : 1;
  return [...entries].sort((a, b) => sign * (computeAverageScore(a) - computeAverageScore(b))).map((entry, index) => ({ ...entry, rank: index + 1 }));
}

/**
 * Elo's rating after a game (Elo 1978).
 *
 * @param outcome 1 for a win, 0.5 for a draw, 0 for a loss
 * @throws {ValidationError} for an outcome outside [0, 1] or a factor that is not positive
 * @throws {NumericError} for ratings too far apart
 * @remarks Python: `hf_gtc.evaluation.leaderboards.compute_elo_rating(current_rating, opponent_rating, outcome, k_factor=)`; within 1e-12.
 * @example computeEloRating(1500, 1500, 1) // => 1516
 */
export function computeEloRating(currentRating: number, opponentRating: number, outcome: number, { kFactor = 32 }: { readonly kFactor?: number } = {}): number {
  inRange(outcome, 'outcome', { min: 0, max: 1 });
  positive(kFactor, 'kFactor');
  const odds = 10 ** ((opponentRating - currentRating) / 400);
  if (odds === Number.POSITIVE_INFINITY)
    throw new NumericError('10^((opponentRating - currentRating) / 400) is out of range', { parameter: 'opponentRating', received: opponentRating });
  return currentRating + kFactor * (outcome - 1 / (1 + odds));
}

function winner(modelA: LeaderboardEntry, modelB: LeaderboardEntry, difference: number): string {
  if (difference === 0) return 'tie';
  return difference > 0 ? modelA.modelName : modelB.modelName;
}

/**
 * Two models side by side, overall and by the metrics that both have.
 *
 * @param options `metrics`, those to compare; none unless given
 * @throws {ValidationError} for an empty name of a metric
 * @remarks Python: `hf_gtc.evaluation.leaderboards.compare_models(model_a, model_b, metrics=)`.
 * @example const [a, b] = [createLeaderboardEntry('a', { f1: 0.75 }, 1, ''), createLeaderboardEntry('b', { f1: 0.5 }, 2, '')];
 * compareModels(a, b, { metrics: ['f1'] })['winner'] // => 'a'
 */
export function compareModels(
  modelA: LeaderboardEntry,
  modelB: LeaderboardEntry,
  { metrics = null }: { readonly metrics?: readonly string[] | null } = {},
): Readonly<Record<string, unknown>> {
  notNull(modelA, 'modelA');
  notNull(modelB, 'modelB');
  const [scoreA, scoreB] = [computeAverageScore(modelA), computeAverageScore(modelB)];
  const perMetric: Record<string, unknown> = {};
  for (const metric of metrics ?? []) {
    const [a, b] = [getScoreByMetric(modelA, metric), getScoreByMetric(modelB, metric)];
    if (a !== null && b !== null) perMetric[metric] = { score_a: a, score_b: b, difference: a - b, winner: winner(modelA, modelB, a - b) };
  }
  return {
    model_a: modelA.modelName,
    model_b: modelB.modelName,
    avg_score_a: scoreA,
    avg_score_b: scoreB,
    score_difference: scoreA - scoreB,
    rank_difference: modelA.rank - modelB.rank,
    winner: winner(modelA, modelB, scoreA - scoreB),
    per_metric: perMetric,
  };
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.format_leaderboard_stats(stats)`; the same text.
 */
export function formatLeaderboardStats(stats: LeaderboardStats): string {
  const { totalModels, avgScore, topScore, lastUpdated } = notNull(stats, 'stats');
  return [
    'Leaderboard Statistics',
    '='.repeat(30),
    `Total Models: ${totalModels}`,
    `Average Score: ${formatFixed(avgScore, 4)}`,
    `Top Score: ${formatFixed(topScore, 4)}`,
    `Last Updated: ${lastUpdated}`,
  ].join('\n');
}

/**
 * A leaderboard in numbers, as of now.
 *
 * @remarks Python: `hf_gtc.evaluation.leaderboards.create_leaderboard_stats(leaderboard)`.
 */
export function createLeaderboardStats(leaderboard: Leaderboard): LeaderboardStats {
  const scores = notNull(leaderboard, 'leaderboard').entries.map(computeAverageScore);
  return {
    totalModels: scores.length,
    avgScore: scores.length === 0 ? 0 : mean(scores),
    topScore: scores.length === 0 ? 0 : Math.max(...scores),
    lastUpdated: new Date().toISOString(),
  };
}
