/** Orders in which torch's samplers visit a data set. */
import { inRange, integer, nonNegative, positive, ValidationError } from '@gtc/errors';
import { TorchGenerator } from './torch.js';

/** Where a sampler draws from. */
export interface SamplerOptions {
  /** Default: a generator seeded with 0. */
  readonly generator?: TorchGenerator;
  /** Whether an index may come again. */
  readonly replacement?: boolean;
  /** How many indices. Default: the length. */
  readonly numSamples?: number;
}

/** Indices that are drawn in one call when they may come again. */
const CHUNK = 32;

/**
 * Indices of a data set in random order.
 *
 * @remarks Python: `list(torch.utils.data.RandomSampler(range(length), replacement, num_samples, generator))`.
 * @example randomSampler(3, { generator: new TorchGenerator(0) }) // => [2, 0, 1]
 */
export function randomSampler(length: number, { generator = new TorchGenerator(0), replacement = false, numSamples = length }: SamplerOptions = {}): number[] {
  positive(integer(length, 'length'), 'length');
  nonNegative(integer(numSamples, 'numSamples'), 'numSamples');
  const order: number[] = [];
  if (replacement) while (order.length < numSamples) order.push(...generator.randint(0, length, Math.min(CHUNK, numSamples - order.length)));
  else while (order.length < numSamples) order.push(...generator.randperm(length));
  return order.slice(0, numSamples);
}

/**
 * Indices in proportion to weights.
 *
 * @throws {ValidationError} for weights that are no distribution
 * @remarks Python: `list(torch.utils.data.WeightedRandomSampler(weights, num_samples, replacement, generator))`.
 * @example weightedRandomSampler([0, 1], 3) // => [1, 1, 1]
 */
export function weightedRandomSampler(
  weights: readonly number[],
  numSamples: number,
  { generator = new TorchGenerator(0), replacement = true }: Omit<SamplerOptions, 'numSamples'> = {},
): number[] {
  return Array.from(generator.multinomial(weights, positive(integer(numSamples, 'numSamples'), 'numSamples'), { replacement }));
}

/** The share of one process among several. */
export interface DistributedSamplerOptions {
  readonly numReplicas: number;
  readonly rank: number;
  /** Default: true. */
  readonly shuffle?: boolean;
  /** Default: 0. */
  readonly seed?: number;
  /** Added to the seed, so that each epoch has an order of its own. Default: 0. */
  readonly epoch?: number;
  /** Leave out what does not come out even, instead of repeating the first indices. Default: false. */
  readonly dropLast?: boolean;
}

/**
 * The indices that one of several processes visits.
 *
 * @throws {ValidationError} for a rank outside the replicas
 * @remarks Python: `list(torch.utils.data.DistributedSampler(range(length), num_replicas, rank, shuffle, seed, drop_last))` after `set_epoch(epoch)`.
 * @example distributedSampler(5, { numReplicas: 2, rank: 1, shuffle: false }) // => [1, 3, 0]
 */
export function distributedSampler(length: number, options: DistributedSamplerOptions): number[] {
  const { numReplicas, rank, shuffle = true, seed = 0, epoch = 0, dropLast = false } = options;
  positive(integer(length, 'length'), 'length');
  positive(integer(numReplicas, 'numReplicas'), 'numReplicas');
  inRange(integer(rank, 'rank'), 'rank', { min: 0, max: numReplicas - 1 });
  const order = shuffle ? Array.from(new TorchGenerator(seed + epoch).randperm(length)) : Array.from({ length }, (_, i) => i);
  const each = dropLast && length % numReplicas !== 0 ? Math.ceil((length - numReplicas) / numReplicas) : Math.ceil(length / numReplicas);
  const total = each * numReplicas;
  if (total === 0)
    throw new ValidationError(`length must be at least ${numReplicas} when the last are dropped, got ${length}`, { parameter: 'length', received: length });
  return Array.from({ length: each }, (_, i) => order[(rank + i * numReplicas) % length]!);
}
