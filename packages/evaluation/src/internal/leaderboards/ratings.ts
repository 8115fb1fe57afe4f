/** Strengths of players from games: Elo's updates, and the models of Bradley and Terry and of Plackett and Luce, with intervals. */
import { finite, inRange, integer, nonEmpty, nonNegative, oneOf, positive, ValidationError } from '@gtc/errors';
import { tensor } from '@gtc/tensor';
import { normalCdf } from '@gtc/tensor/distributions';
import { inv } from '@gtc/tensor/linalg';
import { NumpyRandom } from '@gtc/tensor/random';
import { normalQuantile } from '@gtc/tensor/special';
import { mean, sum } from '@gtc/tensor/statistics';
import { percentileOfSorted } from '../comparison/descriptive.js';
import { sigmoid } from '../logistic.js';

/** Two players and what the first one made of it: 1 a win, 0 a loss, 0.5 a tie. */
export type Game = readonly [first: number, second: number, outcome: number];
/** A winner and a loser. */
export type Win = readonly [winner: number, loser: number];

/** A player's number. @throws {ValidationError} for any other */
const player = (value: number, name: string, numPlayers: number): number => inRange(integer(value, name), name, { min: 0, below: numPlayers });

function checkGames(games: readonly Game[], numPlayers: number): void {
  nonEmpty(games, 'games');
  inRange(integer(numPlayers, 'numPlayers'), 'numPlayers', { min: 2 });
  games.forEach(([a, b, outcome], i) => {
    player(a, `games[${i}][0]`, numPlayers);
    player(b, `games[${i}][1]`, numPlayers);
    oneOf(outcome, `games[${i}][2]`, [0, 0.5, 1]);
    if (a === b) throw new ValidationError(`games[${i}] must be of two players, got ${a} twice`, { parameter: 'games', received: a });
  });
}

/** Options of {@link eloRatings}. */
export interface EloOptions {
  /** How far a game moves a rating at most; 32 by default. */
  readonly kFactor?: number;
  /** 1000 by default. */
  readonly initial?: number;
  /** A player who is stronger by this wins ten to one; 400 by default. */
  readonly scale?: number;
}

/**
 * Points that a player may expect of a game, by both Elo ratings.
 *
 * @throws {ValidationError} for a scale that is not positive
 * @remarks Python: `1 / (1 + 10 ** ((opponent - rating) / scale))`.
 * @example expectedScore(1500, 1500) // => 0.5
 */
export function expectedScore(rating: number, opponent: number, { scale = 400 }: { readonly scale?: number } = {}): number {
  positive(scale, 'scale');
  return 1 / (1 + 10 ** ((opponent - rating) / scale));
}

/**
 * Elo ratings after games in order. They depend on the order; {@link arenaRatings} do not.
 *
 * @throws {ValidationError} for no game, an unknown player, or an outcome other than 0, 0.5 and 1
 * @remarks Python: online updates as in FastChat's `compute_elo`.
 * @example eloRatings([[0, 1, 1]], 2) // => [1016, 984]
 */
export function eloRatings(games: readonly Game[], numPlayers: number, { kFactor = 32, initial = 1000, scale = 400 }: EloOptions = {}): number[] {
  checkGames(games, numPlayers);
  positive(kFactor, 'kFactor');
  positive(scale, 'scale');
  const ratings = new Array<number>(numPlayers).fill(finite(initial, 'initial'));
  for (const [a, b, outcome] of games) {
    const expected = expectedScore(ratings[a]!, ratings[b]!, { scale });
    ratings[a]! += kFactor * (outcome - expected);
    ratings[b]! -= kFactor * (outcome - expected);
  }
  return ratings;
}

/** How often each player beat each other one, ties by half. */
type Table = readonly number[][];

function tableOf(games: readonly Game[], numPlayers: number): number[][] {
  const table = Array.from({ length: numPlayers }, () => new Array<number>(numPlayers).fill(0));
  for (const [a, b, outcome] of games) {
    table[a]![b]! += outcome;
    table[b]![a]! += 1 - outcome;
  }
  return table;
}

/** Whether wins lead from every player to every other one, without which no finite strengths are the most likely (Ford 1957). */
function connected(table: Table): boolean {
  const reaches = (follows: (from: number, to: number) => boolean): boolean => {
    const seen = new Set([0]);
    for (const from of seen) for (const to of table.keys()) if (follows(from, to)) seen.add(to);
    return seen.size === table.length;
  };
  return reaches((from, to) => table[from]![to]! > 0) && reaches((from, to) => table[to]![from]! > 0);
}

/** Gradient and curvature of the penalised log-likelihood at some strengths. */
function slopes(table: Table, strengths: readonly number[], alpha: number): { gradient: number[]; curvature: number[][] } {
  const n = table.length;
  const gradient = strengths.map(value => -2 * alpha * value);
  const curvature = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_unused, j) => (i === j ? 2 * alpha : 0)));
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const games = table[i]![j]! + table[j]![i]!;
      if (games === 0) continue;
      const p = sigmoid(strengths[i]! - strengths[j]!);
      const pull = table[i]![j]! - games * p;
      const bend = games * p * (1 - p);
      gradient[i]! += pull;
      gradient[j]! -= pull;
      curvature[i]![i]! += bend;
      curvature[j]![j]! += bend;
      curvature[i]![j]! -= bend;
      curvature[j]![i]! -= bend;
    }
  }
  return { gradient, curvature };
}

/** The inverse of the curvature on strengths whose sum is 0. */
function covarianceOf(curvature: readonly number[][]): number[][] {
  const n = curvature.length;
  // One over n in all places lifts the direction that games say nothing of, and is taken away again.
  const lifted = curvature.map(row => row.map(value => value + 1 / n));
  return (inv(tensor(lifted, { dtype: 'float64' })).tolist() as number[][]).map(row => row.map(value => value - 1 / n));
}

/** The most likely strengths, with mean 0, by Newton's steps. */
function strengthsOf(table: Table, alpha: number): { params: number[]; covariance: number[][] } {
  let params = table.map(() => 0);
  let covariance: number[][] = [];
  for (let step = 0; step < 200; step++) {
    const { gradient, curvature } = slopes(table, params, alpha);
    covariance = covarianceOf(curvature);
    const move = covariance.map(row => sum(row.map((value, j) => value * gradient[j]!)));
    // Long steps are cut: far out the curvature is of no use.
    const longest = Math.max(...move.map(Math.abs));
    const scale = longest > 2 ? 2 / longest : 1;
    params = params.map((value, i) => value + scale * move[i]!);
    if (longest < 1e-13) break;
  }
  const centre = mean(params);
  return { params: params.map(value => value - centre), covariance };
}

/** What {@link bradleyTerry} finds. */
export interface BradleyTerryResult {
  /** Log strengths with mean 0: the first beats the second with probability `1 / (1 + exp(second - first))`. */
  readonly params: number[];
  /** Their standard errors. */
  readonly se: number[];
  /** Intervals of 95 % by the normal law. */
  readonly intervals: [low: number, high: number][];
  readonly logLikelihood: number;
}

/** Options of {@link bradleyTerry}. */
export interface BradleyTerryOptions {
  /** Weight of the penalty `alpha Σ params²`, which keeps strengths finite; 0 by default. */
  readonly alpha?: number;
}

const Z95 = normalQuantile(0.975);

/**
 * The strengths under which wins are most likely (Bradley and Terry 1952).
 *
 * @param wins winner and loser of each game
 * @throws {ValidationError} for no game, an unknown player, or, without a penalty, players between whom no wins lead both ways
 * @remarks Python: `choix.ilsr_pairwise(n, wins)`; with alpha `choix.opt_pairwise(n, wins, alpha)`.
 * @example bradleyTerry([[0, 1], [1, 0]], 2).params // => [0, 0]
 */
export function bradleyTerry(wins: readonly Win[], numPlayers: number, { alpha = 0 }: BradleyTerryOptions = {}): BradleyTerryResult {
  const games = wins.map(([winner, loser]): Game => [winner, loser, 1]);
  checkGames(games, numPlayers);
  nonNegative(alpha, 'alpha');
  const table = tableOf(games, numPlayers);
  assertFinite(table, alpha, 'wins');
  const { params, covariance } = strengthsOf(table, alpha);
  const se = covariance.map((row, i) => Math.sqrt(row[i]!));
  const logLikelihood = sum(wins.map(([winner, loser]) => -Math.log1p(Math.exp(params[loser]! - params[winner]!))));
  return { params, se, intervals: params.map((value, i) => [value - Z95 * se[i]!, value + Z95 * se[i]!]), logLikelihood };
}

/** @throws {ValidationError} where strengths would be infinite */
function assertFinite(table: Table, alpha: number, parameter: string): void {
  if (alpha === 0 && !connected(table))
    throw new ValidationError(
      `${parameter} must lead from every player to every other one, or alpha must be positive: else no finite strengths are the most likely`,
      {
        parameter,
        received: alpha,
      },
    );
}

/** A rated player. */
export interface ArenaRating {
  readonly player: number;
  readonly rating: number;
  /** Interval by the bootstrap, or by the curvature of the likelihood. */
  readonly low: number;
  readonly high: number;
  readonly games: number;
  /** One and the number of players whose interval lies wholly above. */
  readonly rank: number;
}

/** Options of {@link arenaRatings}. */
export interface ArenaOptions {
  /** A player stronger by this wins `base` to one; 400 by default. */
  readonly scale?: number;
  /** 10 by default. */
  readonly base?: number;
  /** Mean of all ratings; 1000 by default. */
  readonly initRating?: number;
  /** A player whose rating is fixed instead of the mean, and at what. */
  readonly anchor?: { readonly player: number; readonly rating: number } | null;
  /** Of the intervals; 0.95 by default. */
  readonly level?: number;
  /** Games are drawn again so often for the intervals; 0, the default, takes the curvature of the likelihood instead. */
  readonly nBootstrap?: number;
  readonly seed?: number | null;
  /** Weight of a penalty, without which every player needs a loss and a win; 0 by default. */
  readonly alpha?: number;
}

/**
 * Ratings as of chatbot arenas: Bradley and Terry's strengths on Elo's scale, ties as half a win, with intervals and ranks.
 *
 * @throws {ValidationError} for no game, an unknown player, outcomes other than 0, 0.5 and 1, or players whose strength would be infinite
 * @remarks Python: FastChat's `compute_mle_elo` with `sklearn.linear_model.LogisticRegression(fit_intercept=False)`.
 * @example arenaRatings([[0, 1, 1], [0, 1, 0]], 2).map(entry => entry.rating) // => [1000, 1000]
 */
export function arenaRatings(
  games: readonly Game[],
  numPlayers: number,
  { scale = 400, base = 10, initRating = 1000, anchor = null, level = 0.95, nBootstrap = 0, seed = 0, alpha = 0 }: ArenaOptions = {},
): ArenaRating[] {
  checkGames(games, numPlayers);
  positive(scale, 'scale');
  inRange(base, 'base', { above: 1 });
  inRange(level, 'level', { above: 0, below: 1 });
  nonNegative(integer(nBootstrap, 'nBootstrap'), 'nBootstrap');
  nonNegative(alpha, 'alpha');
  if (anchor !== null) player(anchor.player, 'anchor.player', numPlayers);
  const unit = scale / Math.log(base);
  const table = tableOf(games, numPlayers);
  assertFinite(table, alpha, 'games');
  const rated = (params: readonly number[]): number[] => {
    const shift = anchor === null ? initRating : anchor.rating - unit * params[anchor.player]!;
    return params.map(value => unit * value + shift);
  };
  const { params, covariance } = strengthsOf(table, alpha);
  const ratings = rated(params);
  const reach = normalQuantile((1 + level) / 2);
  const variance = (i: number): number => {
    if (anchor === null) return covariance[i]![i]!;
    return covariance[i]![i]! + covariance[anchor.player]![anchor.player]! - 2 * covariance[i]![anchor.player]!;
  };
  const bounds =
    nBootstrap > 0
      ? bootstrapBounds(games, numPlayers, { nBootstrap, seed, level, alpha }, rated)
      : ratings.map((rating, i): [number, number] => {
          const error = reach * unit * Math.sqrt(Math.max(0, variance(i)));
          return [rating - error, rating + error];
        });
  return ratings.map((rating, i) => ({
    player: i,
    rating,
    low: bounds[i]![0],
    high: bounds[i]![1],
    games: games.filter(([a, b]) => a === i || b === i).length,
    rank: 1 + bounds.filter(([low]) => low > bounds[i]![1]).length,
  }));
}

/** What little penalty keeps a draw's strengths finite in which somebody never lost. */
const DRAW_PENALTY = 1e-3;

/** Percentiles of the ratings over games drawn again. */
function bootstrapBounds(
  games: readonly Game[],
  numPlayers: number,
  { nBootstrap, seed, level, alpha }: { nBootstrap: number; seed: number | null; level: number; alpha: number },
  rated: (params: readonly number[]) => number[],
): [number, number][] {
  const random = new NumpyRandom(seed);
  const places = new Int32Array(games.length);
  const draws = Array.from({ length: nBootstrap }, () => {
    random.integersInto(places, 0, games.length);
    const table = tableOf(
      Array.from(places, i => games[i]!),
      numPlayers,
    );
    return rated(strengthsOf(table, alpha === 0 && !connected(table) ? DRAW_PENALTY : alpha).params);
  });
  return Array.from({ length: numPlayers }, (_, i) => {
    const sorted = draws.map(ratings => ratings[i]!).sort((a, b) => a - b);
    return [percentileOfSorted(sorted, (1 - level) / 2), percentileOfSorted(sorted, (1 + level) / 2)];
  });
}

/**
 * Probability that the first player beats the second, by their log strengths.
 *
 * @remarks Python: `choix.probabilities([0, 1], params)[0]`.
 * @example winProbability(0, 0) // => 0.5
 */
export function winProbability(first: number, second: number): number {
  return sigmoid(first - second);
}

/**
 * Probability that the first player truly is stronger, by two estimates and their standard errors.
 *
 * @throws {ValidationError} for negative errors
 * @remarks Python: `scipy.stats.norm.cdf((a - b) / hypot(seA, seB))`, of independent estimates.
 * @example probabilityStronger(1, 0.2, 1, 0.2) // => 0.5
 */
export function probabilityStronger(first: number, firstError: number, second: number, secondError: number): number {
  nonNegative(firstError, 'firstError');
  nonNegative(secondError, 'secondError');
  return normalCdf((first - second) / Math.hypot(firstError, secondError));
}

/**
 * Strengths of items from rankings, best first (Plackett 1975, Luce 1959), by Luce's spectral iteration with `alpha` pseudo-wins of everybody over everybody.
 *
 * @param rankings items of each ranking, best first; not all need be ranked
 * @returns log strengths with mean 0
 * @throws {ValidationError} for no ranking, an unknown item or one ranked twice, or a negative alpha
 * @remarks Python: `choix.ilsr_rankings(n, rankings, alpha=)`.
 * @example plackettLuce([[0, 1], [1, 0]], 2) // => [0, 0]
 */
export function plackettLuce(rankings: readonly (readonly number[])[], numItems: number, { alpha = 0.01 }: BradleyTerryOptions = {}): number[] {
  nonEmpty(rankings, 'rankings');
  inRange(integer(numItems, 'numItems'), 'numItems', { min: 2 });
  nonNegative(alpha, 'alpha');
  rankings.forEach((ranking, i) => {
    ranking.forEach((item, j) => {
      player(item, `rankings[${i}][${j}]`, numItems);
    });
    if (new Set(ranking).size < ranking.length)
      throw new ValidationError(`rankings[${i}] must name an item once, got ${ranking.join(', ')}`, { parameter: 'rankings', received: ranking });
  });
  // Weights have the mean 1, which is what alpha is measured against.
  let weights = new Array<number>(numItems).fill(1);
  for (let step = 0; step < 10_000; step++) {
    const rates = Array.from({ length: numItems }, () => new Array<number>(numItems).fill(alpha));
    for (const ranking of rankings) {
      let rest = sum(ranking.map(item => weights[item]!));
      ranking.forEach((winner, place) => {
        for (const loser of ranking.slice(place + 1)) rates[loser]![winner]! += 1 / rest;
        rest -= weights[winner]!;
      });
    }
    const next = stationary(rates).map(share => share * numItems);
    const moved = Math.max(...next.map((weight, i) => Math.abs(Math.log(weight) - Math.log(weights[i]!))));
    weights = next;
    if (moved < 1e-12) break;
  }
  const logs = weights.map(Math.log);
  const centre = mean(logs);
  return logs.map(value => value - centre);
}

/** Shares of time that a walk with these rates spends in each place, by elimination (Grassmann, Taksar and Heyman 1985), which subtracts nothing. */
function stationary(rates: readonly number[][]): number[] {
  const n = rates.length;
  const a = rates.map(row => [...row]);
  const out = new Array<number>(n).fill(0);
  for (let k = n - 1; k > 0; k--) {
    out[k] = sum(a[k]!.slice(0, k));
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) if (i !== j) a[i]![j]! += (a[i]![k]! * a[k]![j]!) / out[k]!;
  }
  const shares = [1];
  for (let k = 1; k < n; k++) shares.push(sum(shares.map((share, i) => share * a[i]![k]!)) / out[k]!);
  const total = sum(shares);
  return shares.map(share => share / total);
}
