/** How compact and how far apart clusters of points are. */
import { nonEmpty, oneOf, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { cosine, mean, sum } from '@gtc/tensor/statistics';
import { type Labels, uniqueLabels } from './labels.js';

/** A point for each row. */
export type Points = readonly (readonly number[])[];
/** How far points are from each other. */
export type Distance = 'euclidean' | 'manhattan' | 'cosine';

const euclidean = (a: readonly number[], b: readonly number[]): number => Math.sqrt(sum(a.map((x, j) => (x - b[j]!) ** 2)));

const DISTANCES: Readonly<Record<Distance, (a: readonly number[], b: readonly number[]) => number>> = {
  euclidean,
  manhattan: (a, b) => sum(a.map((x, j) => Math.abs(x - b[j]!))),
  cosine: (a, b) => Math.min(2, Math.max(0, 1 - cosine(a, b))),
};

interface Clusters {
  readonly codes: readonly number[];
  readonly sizes: readonly number[];
}

/** @throws {ValidationError | ShapeError} unless there are at least two clusters, one of them larger than a point, of points of one length */
function clustersOf(x: Points, labels: Labels): Clusters {
  nonEmpty(x, 'x');
  const n = sameLength({ x, labels });
  for (const [i, row] of x.entries()) {
    if (row.length !== x[0]!.length)
      throw new ShapeError(`x must have ${x[0]!.length} columns in every row, got ${row.length} in row ${i}`, { parameter: 'x', received: row.length });
    const odd = row.find(value => !Number.isFinite(value));
    if (odd !== undefined) throw new ValidationError(`x must be finite, got ${odd} in row ${i}`, { parameter: 'x', received: odd });
  }
  const distinct = uniqueLabels(labels);
  if (distinct.length < 2 || distinct.length > n - 1)
    throw new ValidationError(`labels must name from 2 to ${n - 1} clusters of ${n} points, got ${distinct.length}`, {
      parameter: 'labels',
      received: distinct.length,
    });
  const index = new Map(distinct.map((label, code) => [label, code]));
  const codes = Array.from(labels, label => index.get(label)!);
  const sizes = distinct.map((_, code) => codes.filter(value => value === code).length);
  return { codes, sizes };
}

const centreOf = (points: Points): number[] => points[0]!.map((_, j) => mean(points.map(row => row[j]!)));
const membersOf = (x: Points, codes: readonly number[], code: number): Points => x.filter((_, i) => codes[i] === code);

/** Options of {@link silhouetteScore}. */
export interface SilhouetteOptions {
  /** 'euclidean' by default. */
  readonly metric?: Distance;
}

/**
 * How much nearer each point is to its own cluster than to the next one, from -1 to 1; 0 for a cluster of one point.
 *
 * @throws {ValidationError} for fewer than two clusters, as many as points, values that are not finite, or an unknown distance
 * @throws {ShapeError} for rows of unequal length
 * @remarks Python: `sklearn.metrics.silhouette_samples(X, labels, metric=)`.
 * @example silhouetteSamples([[0], [1], [9]], [0, 0, 1])[2] // => 0
 */
export function silhouetteSamples(x: Points, labels: Labels, { metric = 'euclidean' }: SilhouetteOptions = {}): Float64Array {
  const distance = DISTANCES[oneOf(metric, 'metric', Object.keys(DISTANCES) as Distance[])];
  const { codes, sizes } = clustersOf(x, labels);
  const totals = Array.from({ length: x.length }, () => new Float64Array(sizes.length));
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      const apart = distance(x[i]!, x[j]!);
      totals[i]![codes[j]!]! += apart;
      totals[j]![codes[i]!]! += apart;
    }
  }
  return Float64Array.from(totals, (sums, i) => {
    const own = codes[i]!;
    const within = sums[own]! / (sizes[own]! - 1);
    const next = Math.min(...sizes.flatMap((size, code) => (code === own ? [] : [sums[code]! / size])));
    return (next - within) / Math.max(within, next) || 0;
  });
}

/**
 * Mean of {@link silhouetteSamples}.
 *
 * @throws {ValidationError} as `silhouetteSamples`
 * @remarks Python: `sklearn.metrics.silhouette_score(X, labels, metric=)`.
 * @example silhouetteScore([[0], [0], [9], [9]], [0, 0, 1, 1]) // => 1
 */
export function silhouetteScore(x: Points, labels: Labels, options: SilhouetteOptions = {}): number {
  return mean([...silhouetteSamples(x, labels, options)]);
}

/**
 * Spread between clusters over spread within; 1 where there is none within.
 *
 * @throws {ValidationError} as {@link silhouetteSamples}
 * @remarks Python: `sklearn.metrics.calinski_harabasz_score(X, labels)`.
 * @example calinskiHarabaszScore([[0], [2], [8], [10]], [0, 0, 1, 1]) // => 32
 */
export function calinskiHarabaszScore(x: Points, labels: Labels): number {
  const { codes, sizes } = clustersOf(x, labels);
  const centre = centreOf(x);
  let [between, within] = [0, 0];
  for (const [code, size] of sizes.entries()) {
    const members = membersOf(x, codes, code);
    const own = centreOf(members);
    between += size * euclidean(own, centre) ** 2;
    within += sum(members.map(row => euclidean(row, own) ** 2));
  }
  return within === 0 ? 1 : (between * (x.length - sizes.length)) / (within * (sizes.length - 1));
}

/**
 * Mean over clusters of the worst ratio of spread to distance; lower is better, 0 where points or centres coincide.
 *
 * @throws {ValidationError} as {@link silhouetteSamples}
 * @remarks Python: `sklearn.metrics.davies_bouldin_score(X, labels)`.
 * @example daviesBouldinScore([[0], [2], [8], [10]], [0, 0, 1, 1]) // => 0.25
 */
export function daviesBouldinScore(x: Points, labels: Labels): number {
  const { codes, sizes } = clustersOf(x, labels);
  const centres = sizes.map((_, code) => centreOf(membersOf(x, codes, code)));
  const spreads = sizes.map((_, code) => mean(membersOf(x, codes, code).map(row => euclidean(row, centres[code]!))));
  const apart = centres.map(a => centres.map(b => euclidean(a, b)));
  const tiny = (value: number): boolean => value <= 1e-8;
  if (spreads.every(tiny) || apart.flat().every(tiny)) return 0;
  return mean(spreads.map((a, i) => Math.max(...spreads.map((b, j) => (apart[i]![j] === 0 ? 0 : (a + b) / apart[i]![j]!)))));
}

/**
 * Sum of squared distances of points to the centres of their clusters.
 *
 * @throws {ValidationError} as {@link silhouetteSamples}
 * @remarks Python: `sklearn.cluster.KMeans(...).fit(X).inertia_` of the same clusters.
 * @example inertia([[0], [2], [8], [10]], [0, 0, 1, 1]) // => 4
 */
export function inertia(x: Points, labels: Labels): number {
  const { codes, sizes } = clustersOf(x, labels);
  return sum(
    sizes.map((_, code) => {
      const members = membersOf(x, codes, code);
      const centre = centreOf(members);
      return sum(members.map(row => euclidean(row, centre) ** 2));
    }),
  );
}
