/** Warpers: what a distribution is cut to before a token is drawn. */
import { inRange, integer, positive } from '@gtc/errors';
import { ascending, barAllBut, barWhere, entropyOf, kthGreatest, type LogitsProcessor, logSoftmaxRow, softmaxRow } from './row.js';

/** Options of warpers that cut. */
export interface KeepOptions {
  /** Tokens that stay at least. Default: 1. */
  readonly minTokensToKeep?: number;
}

const leastOf = ({ minTokensToKeep = 1 }: KeepOptions): number => positive(integer(minTokensToKeep, 'minTokensToKeep'), 'minTokensToKeep');

/**
 * Divides scores by a temperature.
 *
 * @throws {ValidationError} unless it is above 0
 * @remarks Python: `transformers.TemperatureLogitsWarper(temperature)`.
 * @example
 * const scores = Float32Array.of(1, 2);
 * temperatureWarper(0.5)(scores, [], 0);
 * scores // => Float32Array.of(2, 4)
 */
export function temperatureWarper(temperature: number): LogitsProcessor {
  inRange(temperature, 'temperature', { above: 0, max: Number.MAX_VALUE });
  return scores => {
    for (let id = 0; id < scores.length; id++) scores[id]! /= temperature;
  };
}

/**
 * Keeps the k greatest scores, and all that equal the least of them.
 *
 * @throws {ValidationError} unless k is a positive integer
 * @remarks Python: `transformers.TopKLogitsWarper(top_k, min_tokens_to_keep=)`.
 * @example
 * const scores = Float32Array.of(3, 1, 2);
 * topKWarper(2)(scores, [], 0);
 * scores // => Float32Array.of(3, -Infinity, 2)
 */
export function topKWarper(topK: number, options: KeepOptions = {}): LogitsProcessor {
  const wanted = Math.max(positive(integer(topK, 'topK'), 'topK'), leastOf(options));
  return scores => {
    const least = kthGreatest(scores, Math.min(wanted, scores.length));
    barWhere(scores, id => scores[id]! < least);
  };
}

/** A cut of the least likely tokens whose mass is at most a share. */
function cutTail(scores: Float32Array, share: number, least: number): void {
  const order = ascending(scores);
  const probabilities = softmaxRow(Float32Array.from(order, id => scores[id]!));
  let sum = 0;
  for (let i = 0; i < order.length - least; i++) {
    sum += probabilities[i]!;
    if (Math.fround(sum) > share) return;
    scores[order[i]!] = Number.NEGATIVE_INFINITY;
  }
}

/**
 * Keeps the likeliest tokens up to the one with which their mass reaches a share (nucleus, Holtzman et al. 2020).
 *
 * @throws {ValidationError} unless topP is in [0, 1]
 * @remarks Python: `transformers.TopPLogitsWarper(top_p, min_tokens_to_keep=)`.
 * @example
 * const scores = Float32Array.of(0, 5, 4);
 * topPWarper(0.9)(scores, [], 0);
 * scores // => Float32Array.of(-Infinity, 5, 4)
 */
export function topPWarper(topP: number, options: KeepOptions = {}): LogitsProcessor {
  inRange(topP, 'topP', { min: 0, max: 1 });
  const least = leastOf(options);
  return scores => cutTail(scores, Math.fround(1 - topP), least);
}

/** A cut of tokens below a probability, but not of the likeliest. */
function cutBelow(scores: Float32Array, floor: number, probabilities: Float32Array, least: number): void {
  const safe = kthGreatest(scores, Math.min(least, scores.length));
  barWhere(scores, id => probabilities[id]! < floor && scores[id]! < safe);
}

/**
 * Keeps tokens whose probability is at least a share of the greatest (Nguyen et al. 2024).
 *
 * @throws {ValidationError} unless minP is in [0, 1]
 * @remarks Python: `transformers.MinPLogitsWarper(min_p, min_tokens_to_keep=)`.
 */
export function minPWarper(minP: number, options: KeepOptions = {}): LogitsProcessor {
  inRange(minP, 'minP', { min: 0, max: 1 });
  const least = leastOf(options);
  return scores => {
    const probabilities = softmaxRow(scores);
    let most = 0;
    for (const p of probabilities) most = Math.max(most, p);
    cutBelow(scores, Math.fround(minP * most), probabilities, least);
  };
}

/**
 * Keeps tokens whose surprise is nearest to the entropy, up to a mass (locally typical, Meister et al. 2023).
 *
 * @throws {ValidationError} unless mass is in (0, 1)
 * @remarks Python: `transformers.TypicalLogitsWarper(mass, min_tokens_to_keep=)`.
 */
export function typicalWarper(mass: number, options: KeepOptions = {}): LogitsProcessor {
  inRange(mass, 'mass', { above: 0, below: 1 });
  const least = leastOf(options);
  return scores => {
    const logs = logSoftmaxRow(scores);
    const entropy = Math.fround(entropyOf(logs.map(Math.exp)));
    const distances = logs.map(each => Math.abs(-each - entropy));
    const order = ascending(distances);
    const probabilities = softmaxRow(Float32Array.from(order, id => scores[id]!));
    let [sum, last] = [0, 0];
    for (const p of probabilities) {
      sum += p;
      if (Math.fround(sum) >= mass) break;
      last++;
    }
    const most = distances[order[Math.min(last, order.length - 1)]!]!;
    const kept = new Set(order.subarray(0, least));
    barWhere(scores, id => distances[id]! > most && !kept.has(id));
  };
}

/**
 * Keeps tokens of at least a probability (Hewitt et al. 2022).
 *
 * @throws {ValidationError} unless epsilon is in (0, 1)
 * @remarks Python: `transformers.EpsilonLogitsWarper(epsilon, min_tokens_to_keep=)`.
 */
export function epsilonWarper(epsilon: number, options: KeepOptions = {}): LogitsProcessor {
  inRange(epsilon, 'epsilon', { above: 0, below: 1 });
  const least = leastOf(options);
  return scores => cutBelow(scores, Math.fround(epsilon), softmaxRow(scores), least);
}

/**
 * Keeps tokens of at least `min(ε, √ε · e^-entropy)` (Hewitt et al. 2022).
 *
 * @throws {ValidationError} unless epsilon is in (0, 1)
 * @remarks Python: `transformers.EtaLogitsWarper(epsilon, min_tokens_to_keep=)`.
 */
export function etaWarper(epsilon: number, options: KeepOptions = {}): LogitsProcessor {
  inRange(epsilon, 'epsilon', { above: 0, below: 1 });
  const least = leastOf(options);
  return scores => {
    const probabilities = softmaxRow(scores);
    cutBelow(scores, Math.fround(Math.min(epsilon, Math.sqrt(epsilon) * Math.exp(-entropyOf(probabilities)))), probabilities, least);
  };
}

/** Tokens that {@link topHWarper} looks at. */
const TOP_H = 100;

/**
 * Keeps the likeliest tokens whose entropy adds up to a share of the whole, the likeliest always.
 *
 * @throws {ValidationError} unless topH is in (0, 1]
 * @remarks Python: `transformers.TopHLogitsWarper(top_h)`; of the 100 likeliest tokens.
 */
export function topHWarper(topH: number): LogitsProcessor {
  inRange(topH, 'topH', { above: 0, max: 1 });
  return scores => {
    const order = ascending(scores).reverse().subarray(0, TOP_H);
    const probabilities = softmaxRow(Float32Array.from(order, id => scores[id]!));
    const most = Math.fround(entropyOf(probabilities) * topH);
    let [sum, count] = [0, 0];
    for (const p of probabilities) {
      if (p > 0) sum -= p * Math.log(p);
      if (Math.fround(sum) > most) break;
      count++;
    }
    barAllBut(scores, order.subarray(0, Math.max(1, count)));
  };
}
