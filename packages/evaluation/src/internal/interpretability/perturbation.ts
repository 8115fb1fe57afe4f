/** Attribution by leaving features out: one, several side by side, and all orders (Shapley values), or a linear model of what happens then. */
import { inRange, integer, nonEmpty, nonNegative, positive, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor } from '@gtc/tensor';
import { noGrad } from '@gtc/tensor/autograd';
import { solve } from '@gtc/tensor/linalg';
import { NumpyRandom } from '@gtc/tensor/random';
import { sum } from '@gtc/tensor/statistics';
import { baselineOf, type ScoreFunction, type TargetOptions } from './gradients.js';

/** Options of attributions that leave features out. */
export interface AbsenceOptions extends TargetOptions {
  /** What stands for absence; 0 by default. */
  readonly baseline?: Tensor | number;
}

/** Rows of inputs as numbers, with those of the baseline. */
interface Inputs {
  readonly rows: number[][];
  readonly base: number[][];
  readonly shape: readonly number[];
  readonly scores: (rows: readonly (readonly number[])[]) => number[];
}

/** Inputs that go through the network at once. */
const AT_ONCE = 512;

function inputsOf(network: ScoreFunction, x: Tensor, { target = null, baseline = 0 }: AbsenceOptions): Inputs {
  const [batch, ...shape] = x.shape as [number, ...number[]];
  const flat = (value: Tensor): number[][] => value.reshape([batch, -1]).tolist() as number[][];
  const scores = (rows: readonly (readonly number[])[]): number[] => {
    const found: number[] = [];
    for (let start = 0; start < rows.length; start += AT_ONCE) {
      const part = rows.slice(start, start + AT_ONCE);
      const output = noGrad(() => network(tensor(part as number[][], { dtype: x.dtype }).reshape([part.length, ...shape])));
      if (output.shape[0] !== part.length || output.ndim > 2)
        throw new ShapeError(`the network must give scores [${part.length}, classes] or [${part.length}], got [${output.shape.join(', ')}]`, {
          parameter: 'network',
          received: output.shape,
        });
      if (output.ndim === 2 && target === null)
        throw new ValidationError('target must be a class for a network with several scores, got null', { parameter: 'target', received: target });
      if (output.ndim === 2) inRange(integer(target!, 'target'), 'target', { min: 0, below: output.shape[1]! });
      found.push(...((output.ndim === 2 ? output.get(':', target!) : output).tolist() as number[]));
    }
    return found;
  };
  return { rows: flat(x), base: flat(baselineOf(x, baseline)), shape: x.shape, scores };
}

const asTensor = (rows: readonly (readonly number[])[], x: Tensor): Tensor => tensor(rows as number[][], { dtype: x.dtype }).reshape([...x.shape]);

/**
 * How much a score falls when each feature alone is replaced by the baseline.
 *
 * @throws {ShapeError} for a baseline of another shape, or a network that gives no scores
 * @throws {ValidationError} for a target out of range
 * @remarks Python: `captum.attr.FeatureAblation(f).attribute(x, baselines, target=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * featureAblation(x => x.mul(3).sum({ axis: 1 }), tensor([[1, 2]])).tolist() // => [[3, 6]]
 */
export function featureAblation(network: ScoreFunction, x: Tensor, options: AbsenceOptions = {}): Tensor {
  const { rows, base, scores } = inputsOf(network, x, options);
  const full = scores(rows);
  return asTensor(
    rows.map((row, i) => {
      const without = scores(row.map((_, j) => row.map((value, k) => (k === j ? base[i]![k]! : value))));
      return without.map(score => full[i]! - score);
    }),
    x,
  );
}

/** Options of {@link occlusion}. */
export interface OcclusionOptions extends AbsenceOptions {
  /** Size of the window along each axis of a sample. */
  readonly window: readonly number[];
  /** By how much the window moves along each axis; 1 by default. */
  readonly strides?: readonly number[];
}

/** First places of a window along an axis; the last one ends at the edge. */
function starts(size: number, window: number, stride: number): number[] {
  const count = 1 + Math.ceil(Math.max(0, size - window) / stride);
  return Array.from({ length: count }, (_, i) => i * stride);
}

/**
 * How much a score falls when a window is replaced by the baseline, averaged over the windows that hold a feature (Zeiler and Fergus 2014).
 *
 * @throws {ShapeError} as {@link featureAblation}, or for a window of another number of axes
 * @throws {ValidationError} for a window larger than the input, a stride larger than the window, or a target out of range
 * @remarks Python: `captum.attr.Occlusion(f).attribute(x, sliding_window_shapes, strides, baselines, target=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * occlusion(x => x.sum({ axis: 1 }), tensor([[1, 2, 3]]), { window: [1] }).tolist() // => [[1, 2, 3]]
 */
export function occlusion(network: ScoreFunction, x: Tensor, { window, strides = window.map(() => 1), ...options }: OcclusionOptions): Tensor {
  const sizes = x.shape.slice(1);
  if (window.length !== sizes.length || strides.length !== sizes.length)
    throw new ShapeError(`window and strides must have ${sizes.length} axes, got ${window.length} and ${strides.length}`, {
      parameter: 'window',
      received: window,
    });
  window.forEach((size, axis) => {
    inRange(integer(size, `window[${axis}]`), `window[${axis}]`, { min: 1, max: sizes[axis]! });
    inRange(integer(strides[axis]!, `strides[${axis}]`), `strides[${axis}]`, { min: 1, max: size });
  });
  const { rows, base, scores } = inputsOf(network, x, options);
  // Windows as lists of places in a flat sample.
  const windows = sizes.reduce<number[][][]>(
    (all, size, axis) =>
      all.flatMap(corner => starts(size, window[axis]!, strides[axis]!).map(start => [...corner, [start, Math.min(size, start + window[axis]!)]])),
    [[]],
  );
  const places = windows.map(box =>
    box.reduce<number[]>((all, [from, to], axis) => all.flatMap(place => Array.from({ length: to! - from! }, (_, i) => place * sizes[axis]! + from! + i)), [0]),
  );
  const full = scores(rows);
  return asTensor(
    rows.map((row, i) => {
      const without = scores(places.map(hidden => row.map((value, k) => (hidden.includes(k) ? base[i]![k]! : value))));
      return row.map((_, k) => {
        const drops = without.flatMap((score, w) => (places[w]!.includes(k) ? [full[i]! - score] : []));
        return drops.length === 0 ? 0 : sum(drops) / drops.length;
      });
    }),
    x,
  );
}

/** Options of {@link shapleyValues}. */
export interface ShapleyOptions extends AbsenceOptions {
  /** Orders that are drawn; null, the default, takes all subsets, of at most 16 features. */
  readonly permutations?: number | null;
  /** Seed of numpy's `default_rng`; 0 by default. */
  readonly seed?: number | null;
}

/** More features than this have too many subsets. */
const MOST_EXACT = 16;

/** The share of each order in which a feature comes after k given ones of n. */
function orderShares(n: number): number[] {
  const shares = [1 / n];
  for (let k = 1; k < n; k++) shares.push((shares[k - 1]! * k) / (n - k));
  return shares;
}

/** Values of all subsets, by the bits of the features that are present. */
function exactShapley(scores: Inputs['scores'], row: readonly number[], base: readonly number[]): number[] {
  const n = row.length;
  const values = scores(Array.from({ length: 2 ** n }, (_, subset) => row.map((value, j) => ((subset >> j) & 1 ? value : base[j]!))));
  const shares = orderShares(n);
  const size = (subset: number): number => {
    let count = 0;
    for (let rest = subset; rest > 0; rest &= rest - 1) count++;
    return count;
  };
  return row.map((_, j) => {
    let total = 0;
    for (let subset = 0; subset < 2 ** n; subset++)
      if (((subset >> j) & 1) === 0) total += shares[size(subset)]! * (values[subset | (1 << j)]! - values[subset]!);
    return total;
  });
}

/**
 * Shapley values: how much each feature adds to a score, averaged over all orders in which features may appear (Shapley 1953; Štrumbelj and Kononenko 2010).
 *
 * @throws {ShapeError} as {@link featureAblation}
 * @throws {ValidationError} for more than 16 features without `permutations`, or a target out of range
 * @remarks Python: `captum.attr.ShapleyValues(f)`, or `ShapleyValueSampling` with `permutations`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * shapleyValues(x => x.get(':', 0).mul(x.get(':', 1)), tensor([[2, 3]])).tolist() // => [[3, 3]]
 */
export function shapleyValues(network: ScoreFunction, x: Tensor, { permutations = null, seed = 0, ...options }: ShapleyOptions = {}): Tensor {
  const { rows, base, scores } = inputsOf(network, x, options);
  const n = rows[0]!.length;
  if (permutations === null) {
    if (n > MOST_EXACT)
      throw new ValidationError(`permutations must be given for more than ${MOST_EXACT} features, got null for ${n}`, {
        parameter: 'permutations',
        received: permutations,
      });
    return asTensor(
      rows.map((row, i) => exactShapley(scores, row, base[i]!)),
      x,
    );
  }
  positive(integer(permutations, 'permutations'), 'permutations');
  const random = new NumpyRandom(seed);
  return asTensor(
    rows.map((row, i) => {
      const totals = row.map(() => 0);
      for (let draw = 0; draw < permutations; draw++) {
        const order = random.permutation(n) as number[];
        const path = [[...base[i]!]];
        for (const j of order) path.push(path.at(-1)!.map((value, k) => (k === j ? row[k]! : value)));
        const values = scores(path);
        order.forEach((j, step) => {
          totals[j]! += (values[step + 1]! - values[step]!) / permutations;
        });
      }
      return totals;
    }),
    x,
  );
}

/** Weighted least squares with a small pull towards 0. */
function fitLinear(features: readonly (readonly number[])[], targets: readonly number[], weights: readonly number[], pull: number): number[] {
  const n = features[0]!.length;
  const matrix = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_unused, j) => sum(features.map((row, s) => weights[s]! * row[i]! * row[j]!)) + (i === j ? pull : 0)),
  );
  const right = Array.from({ length: n }, (_, i) => sum(features.map((row, s) => weights[s]! * row[i]! * targets[s]!)));
  return solve(tensor(matrix, { dtype: 'float64' }), tensor(right, { dtype: 'float64' })).tolist() as number[];
}

/** Options of {@link kernelShap} and {@link lime}. */
export interface SurrogateOptions extends AbsenceOptions {
  /** Subsets that are drawn; 2,048 by default. */
  readonly nSamples?: number;
  /** Seed of numpy's `default_rng`; 0 by default. */
  readonly seed?: number | null;
}

/**
 * KernelSHAP (Lundberg and Lee 2017): Shapley values by a weighted linear model of subsets drawn by their weight. The values sum to the difference of scores.
 *
 * @throws {ShapeError} as {@link featureAblation}
 * @throws {ValidationError} for fewer than two features, no samples, or a target out of range
 * @remarks Python: `captum.attr.KernelShap(f).attribute(x, baselines, target=, n_samples=)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * kernelShap(x => x.mul(3).sum({ axis: 1 }), tensor([[1, 2]])).tolist() // => [[3, 6]]
 */
export function kernelShap(network: ScoreFunction, x: Tensor, { nSamples = 2048, seed = 0, ...options }: SurrogateOptions = {}): Tensor {
  positive(integer(nSamples, 'nSamples'), 'nSamples');
  const { rows, base, scores } = inputsOf(network, x, options);
  const n = rows[0]!.length;
  if (n < 2) throw new ValidationError(`x must have at least two features, got ${n}`, { parameter: 'x', received: n });
  const random = new NumpyRandom(seed);
  // Sizes of subsets by the kernel's weight; those of one size are alike.
  const bySize = Array.from({ length: n - 1 }, (_, k) => 1 / ((k + 1) * (n - k - 1)));
  const total = sum(bySize);
  const shares = bySize.map(weight => weight / total);
  return asTensor(
    rows.map((row, i) => {
      const [none, full] = scores([base[i]!, row]) as [number, number];
      const masks = Array.from({ length: nSamples }, () => {
        let [size, rest] = [0, random.random()];
        while (size < n - 2 && rest >= shares[size]!) rest -= shares[size++]!;
        const present = new Set(random.choice(n, size + 1, { replace: false }));
        return row.map((_, j) => Number(present.has(j)));
      });
      const values = scores(masks.map(mask => row.map((value, j) => (mask[j] === 1 ? value : base[i]![j]!))));
      // The last feature takes what the others leave of the difference.
      const features = masks.map(mask => mask.slice(0, -1).map(present => present - mask.at(-1)!));
      const targets = values.map((value, s) => value - none - masks[s]!.at(-1)! * (full - none));
      const found = fitLinear(
        features,
        targets,
        targets.map(() => 1 / nSamples),
        1e-12,
      );
      return [...found, full - none - sum(found)];
    }),
    x,
  );
}

/** Options of {@link lime}. */
export interface LimeOptions extends SurrogateOptions {
  /** Width of the kernel, in shares of features left out; 0.75 by default. */
  readonly kernelWidth?: number;
  /** Pull of coefficients towards 0; 0.01 by default. */
  readonly ridge?: number;
}

/**
 * LIME (Ribeiro, Singh and Guestrin 2016): the coefficients of a linear model of subsets, weighed by how near they are to the whole input.
 *
 * @throws {ShapeError} as {@link featureAblation}
 * @throws {ValidationError} for no samples, a width that is not positive, or a target out of range
 * @remarks Python: `captum.attr.Lime(f, interpretable_model=SkLearnRidge())`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * lime(x => x.mul(3).sum({ axis: 1 }), tensor([[1, 2]]), { ridge: 0 }).tolist() // => [[3, 6]]
 */
export function lime(network: ScoreFunction, x: Tensor, { nSamples = 2048, seed = 0, kernelWidth = 0.75, ridge = 0.01, ...options }: LimeOptions = {}): Tensor {
  positive(integer(nSamples, 'nSamples'), 'nSamples');
  positive(kernelWidth, 'kernelWidth');
  nonNegative(ridge, 'ridge');
  const { rows, base, scores } = inputsOf(network, x, options);
  nonEmpty(rows[0]!, 'x[0]');
  const random = new NumpyRandom(seed);
  return asTensor(
    rows.map((row, i) => {
      const masks = Array.from({ length: nSamples }, () => row.map(() => random.integers(0, 2)));
      const values = scores(masks.map(mask => row.map((value, j) => (mask[j] === 1 ? value : base[i]![j]!))));
      const weights = masks.map(mask => Math.exp(-(((row.length - sum(mask)) / row.length / kernelWidth) ** 2)));
      const features = masks.map(mask => [...mask, 1]);
      return fitLinear(features, values, weights, ridge).slice(0, -1);
    }),
    x,
  );
}
