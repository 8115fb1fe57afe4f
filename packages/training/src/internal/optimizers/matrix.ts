/** Rules that see a parameter as a matrix: factored second moments, orthogonal steps, preconditioners. */
import { fromTypedArray, matmul, type Tensor, transpose } from '@gtc/tensor';
import { eigh, qr } from '@gtc/tensor/linalg';
import { lerp, norm, penalize, type Rule, rms, type Slot, shrink, type Values } from './rules.js';

/** Means of rows and of columns of the last two axes. */
interface Factors {
  readonly row: Values;
  readonly column: Values;
}

/** The last two axes, and how many matrices there are. */
function matrixOf(shape: readonly number[]): { readonly count: number; readonly rows: number; readonly columns: number } {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return { count: shape.slice(0, -2).reduce((a, b) => a * b, 1), rows, columns };
}

/** Moves means of rows and columns of `values` into `factors` by a weight. */
function updateFactors({ row, column }: Factors, values: Values, shape: readonly number[], weight: number): void {
  const { count, rows, columns } = matrixOf(shape);
  for (let m = 0; m < count; m++) {
    const sums = new Float64Array(columns);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        const value = values[(m * rows + i) * columns + j]!;
        sum += value;
        sums[j] = sums[j]! + value;
      }
      const at = m * rows + i;
      row[at] = row[at]! + (sum / columns - row[at]!) * weight;
    }
    for (let j = 0; j < columns; j++) {
      const at = m * columns + j;
      column[at] = column[at]! + (sums[j]! / rows - column[at]!) * weight;
    }
  }
}

/** What factors say of each element: `row · column / mean of row`, the mean at least `least`. */
function product({ row, column }: Factors, shape: readonly number[], least = 0): Float64Array {
  const { count, rows, columns } = matrixOf(shape);
  const whole = new Float64Array(count * rows * columns);
  for (let m = 0; m < count; m++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += row[m * rows + i]! / rows;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) whole[(m * rows + i) * columns + j] = (row[m * rows + i]! * column[m * columns + j]!) / Math.max(mean, least);
  }
  return whole;
}

const factorsOf = ({ shape, state }: Slot, row: string, column: string): Factors => ({
  row: state(row, { shape: shape.slice(0, -1) }),
  column: state(column, { shape: [...shape.slice(0, -2), shape.at(-1)!] }),
});

/** Second moments of a gradient, factored where it is a matrix. @param weight of the new one @param floor added to squares */
function secondMoment(slot: Slot, weight: number, floor: number, least: number): Float64Array {
  const { g, shape, state } = slot;
  const squares = Float64Array.from(g, value => value * value + floor);
  if (shape.length < 2) {
    const whole = state('expAvgSq');
    lerp(whole, squares, weight);
    return Float64Array.from(whole);
  }
  const factors = factorsOf(slot, 'expAvgSqRow', 'expAvgSqCol');
  updateFactors(factors, squares, shape, weight);
  return product(factors, shape, least);
}

interface AdafactorOptions {
  readonly variant: 'torch' | 'transformers';
  readonly lr: number | null;
  readonly beta2Decay: number;
  readonly eps: readonly [number | null, number];
  readonly d: number;
  readonly weightDecay: number;
  readonly beta1: number | null;
  readonly scaleParameter: boolean;
  readonly relativeStep: boolean;
  readonly warmupInit: boolean;
}

/** As torch has it. */
function adafactor(slot: Slot, { lr, beta2Decay, eps: [eps1, eps2], d, weightDecay }: AdafactorOptions): void {
  const { p, g, step } = slot;
  const rate = lr ?? 1e-2;
  const least = eps1 ?? (p instanceof Float64Array ? 2 ** -52 : 2 ** -23);
  const alpha = Math.max(eps2, rms(p)) * Math.min(rate, 1 / Math.sqrt(step));
  shrink(slot, rate * weightDecay);
  const moments = secondMoment(slot, step ** beta2Decay, 0, least);
  const moves = moments.map((moment, i) => g[i]! / Math.sqrt(Math.max(moment, least * least)));
  const share = alpha / Math.max(1, rms(moves) / d);
  for (let i = 0; i < p.length; i++) p[i] = p[i]! - share * moves[i]!;
}

/** As transformers has it. */
function relativeAdafactor(slot: Slot, options: AdafactorOptions): void {
  const {
    lr,
    beta2Decay,
    eps: [eps1, eps2],
    d,
    weightDecay,
    beta1,
    scaleParameter,
    relativeStep,
    warmupInit,
  } = options;
  const { p, g, step, state } = slot;
  const fixed = relativeStep ? Math.min(warmupInit ? 1e-6 * step : 1e-2, 1 / Math.sqrt(step)) : (lr ?? 1e-3);
  const rate = scaleParameter ? fixed * Math.max(eps2, rms(p)) : fixed;
  const moments = secondMoment(slot, step ** beta2Decay, eps1 ?? 1e-30, 0);
  const moves = moments.map((moment, i) => g[i]! / Math.sqrt(moment));
  const scale = rate / Math.max(1, rms(moves) / d);
  const means = beta1 === null ? null : state('expAvg');
  for (let i = 0; i < p.length; i++) {
    const move = moves[i]! * scale;
    if (means) means[i] = beta1! * means[i]! + (1 - beta1!) * move;
    p[i] = p[i]! * (1 - weightDecay * rate) - (means ? means[i]! : move);
  }
}

interface CameOptions {
  readonly lr: number;
  readonly betas: readonly [number, number, number];
  readonly weightDecay: number;
  readonly clipThreshold: number;
  readonly eps1: number;
  readonly eps2: number;
}

function came(slot: Slot, { lr, betas: [beta1, beta2, beta3], weightDecay, clipThreshold, eps1, eps2 }: CameOptions): void {
  shrink(slot, lr * weightDecay);
  const { p, g, shape, state } = slot;
  const moments = secondMoment(slot, 1 - beta2, eps1, 0);
  const moves = moments.map((moment, i) => g[i]! / Math.sqrt(moment));
  const scale = 1 / Math.max(1, rms(moves) / clipThreshold);
  for (let i = 0; i < moves.length; i++) moves[i] = moves[i]! * scale;
  const m = state('expAvg');
  lerp(m, moves, 1 - beta1);
  let doubts: Float64Array | null = null;
  if (shape.length >= 2) {
    const factors = factorsOf(slot, 'expAvgResRow', 'expAvgResCol');
    const residuals = moves.map((move, i) => (move - m[i]!) ** 2 + eps2);
    updateFactors(factors, residuals, shape, 1 - beta3);
    doubts = product(factors, shape);
  }
  for (let i = 0; i < p.length; i++) p[i] = p[i]! - (lr * m[i]!) / (doubts === null ? 1 : Math.sqrt(doubts[i]!));
}

const asMatrix = (values: Values, rows: number): Tensor => fromTypedArray(Float64Array.from(values), [rows, values.length / rows]);
const elements = (x: Tensor): Float64Array => x.contiguous().data as Float64Array;

interface MuonOptions {
  readonly lr: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly nsCoefficients: readonly [number, number, number];
  readonly nsSteps: number;
  readonly eps: number;
}

/** Nearly the nearest orthogonal matrix, by Newton and Schulz's iteration (Jordan 2024). */
function orthogonal(x: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: MuonOptions): Tensor {
  const tall = x.shape[0]! > x.shape[1]!;
  const wide = tall ? transpose(x) : x;
  let y = wide.div(Math.max(norm(elements(wide)), eps));
  for (let i = 0; i < nsSteps; i++) {
    const gram = matmul(y, transpose(y));
    y = y.mul(a).add(matmul(gram.mul(b).add(matmul(gram, gram).mul(c)), y));
  }
  return tall ? transpose(y) : y;
}

function muon(slot: Slot, options: MuonOptions): void {
  const { lr, weightDecay, momentum, nesterov } = options;
  const { p, g, shape, state } = slot;
  const [rows, columns] = shape as [number, number];
  const buffer = state('momentumBuffer');
  lerp(buffer, g, 1 - momentum);
  const ahead = nesterov ? g.map((value, i) => value + (buffer[i]! - value) * momentum) : buffer;
  const moves = elements(orthogonal(asMatrix(ahead, rows), options));
  const rate = lr * Math.sqrt(Math.max(1, rows / columns));
  for (let i = 0; i < p.length; i++) p[i] = p[i]! * (1 - lr * weightDecay) - rate * moves[i]!;
}

/** `x` with one axis multiplied by a symmetric or orthogonal matrix: each fibre `f` becomes `M f`. */
function alongAxis(x: Values, shape: readonly number[], axis: number, matrix: Tensor): Values {
  const size = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = x.length / (size * inner);
  const m = elements(matrix);
  const y = new Float64Array(x.length);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const weight = m[i * size + j]!;
        const [to, from] = [(o * size + i) * inner, (o * size + j) * inner];
        for (let k = 0; k < inner; k++) y[to + k] = y[to + k]! + weight * x[from + k]!;
      }
  return y;
}

/** Adds to `into` the products of all pairs of slices along an axis. */
function addGram(into: Values, x: Values, shape: readonly number[], axis: number, weight: number, keep: number): void {
  const size = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = x.length / (size * inner);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let o = 0; o < outer; o++) for (let k = 0; k < inner; k++) sum += x[(o * size + i) * inner + k]! * x[(o * size + j) * inner + k]!;
      into[i * size + j] = keep * into[i * size + j]! + weight * sum;
    }
}

/** A symmetric matrix to a power. */
function symmetricPower(values: Values, size: number, exponent: number): Tensor {
  const { values: eigenvalues, vectors: eigenvectors } = eigh(asMatrix(values, size));
  const scaled = eigenvectors.mul(eigenvalues.clip(0, Number.POSITIVE_INFINITY).pow(exponent));
  return matmul(scaled, transpose(eigenvectors));
}

interface ShampooOptions {
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly matrixEps: number;
}

function shampoo(slot: Slot, { lr, momentum, weightDecay, matrixEps }: ShampooOptions): void {
  const { p, g, shape, step, state } = slot;
  const buffer = momentum > 0 ? state('momentumBuffer', { from: g }) : null;
  if (buffer) lerp(g, buffer, momentum);
  penalize(slot, weightDecay);
  let moves: Values = Float64Array.from(g);
  for (const [axis, size] of shape.entries()) {
    const gram = state(`preconditioner${axis}`, { shape: [size, size] });
    if (step === 1) for (let i = 0; i < size; i++) gram[i * size + i] = matrixEps;
    addGram(gram, g, shape, axis, 1, 1);
    moves = alongAxis(moves, shape, axis, symmetricPower(gram, size, -1 / (2 * shape.length)));
  }
  buffer?.set(moves);
  for (let i = 0; i < p.length; i++) p[i] = p[i]! - lr * moves[i]!;
}

interface SoapOptions {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
  readonly eps: number;
  readonly preconditionFrequency: number;
  readonly maxPreconditionDim: number;
}

/** Adam in the eigenbasis of Shampoo's preconditioners (Vyas et al. 2024). The first gradient only sets the basis. */
function soap(slot: Slot, { lr, betas: [beta1, beta2], weightDecay, eps, preconditionFrequency, maxPreconditionDim }: SoapOptions): void {
  const { p, g, shape, state } = slot;
  const step = slot.step - 1;
  const axes = shape.length < 2 ? [] : [...shape.keys()].filter(axis => shape[axis]! <= maxPreconditionDim);
  const basis = (axis: number): Values => state(`basis${axis}`, { shape: [shape[axis]!, shape[axis]!] });
  const gram = (axis: number): Values => state(`gram${axis}`, { shape: [shape[axis]!, shape[axis]!] });
  const observe = (): void => {
    for (const axis of axes) addGram(gram(axis), g, shape, axis, 1 - beta2, beta2);
  };
  if (step === 0) {
    observe();
    for (const axis of axes) {
      const { vectors: eigenvectors } = eigh(asMatrix(gram(axis), shape[axis]!));
      basis(axis).set(elements(eigenvectors.get(':', '::-1')));
    }
    return;
  }
  const turn = (x: Values, back: boolean): Values =>
    axes.reduce((y, axis) => {
      const matrix = asMatrix(basis(axis), shape[axis]!);
      return alongAxis(y, shape, axis, back ? matrix : transpose(matrix));
    }, x);
  const [m, v] = [state('expAvg'), state('expAvgSq')];
  lerp(m, g, 1 - beta1);
  const turned = turn(g, false);
  for (let i = 0; i < v.length; i++) v[i] = v[i]! + (turned[i]! ** 2 - v[i]!) * (1 - beta2);
  const scaled = turn(m, false).map((value, i) => value / (Math.sqrt(v[i]!) + eps));
  const moves = turn(scaled, true);
  const rate = (lr * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  for (let i = 0; i < p.length; i++) p[i] = (p[i]! - rate * moves[i]!) * (1 - lr * weightDecay);
  observe();
  if (step % preconditionFrequency === 0) for (const axis of axes) refresh(basis(axis), gram(axis), v, shape, axis);
}

/** One step of orthogonal iteration, the directions ordered by what they hold; second moments move with them. */
function refresh(basis: Values, gram: Values, v: Values, shape: readonly number[], axis: number): void {
  const size = shape[axis]!;
  const old = asMatrix(basis, size);
  const moved = matmul(asMatrix(gram, size), old);
  const held = elements(old.mul(moved).sum({ axis: 0 }));
  const order = [...held.keys()].sort((a, b) => held[b]! - held[a]!);
  const columns = elements(moved);
  const sorted = Float64Array.from(columns, (_, at) => columns[at - (at % size) + order[at % size]!]!);
  basis.set(elements(qr(asMatrix(sorted, size)).q));
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const before = v.slice();
  for (let at = 0; at < v.length; at++) {
    const [o, i, k] = [Math.floor(at / (inner * size)), Math.floor(at / inner) % size, at % inner];
    v[at] = before[(o * size + order[i]!) * inner + k]!;
  }
}

/** Rules by name in lower case. */
export const MATRIX: Readonly<Record<string, Rule>> = {
  adafactor: {
    defaults: {
      variant: 'torch',
      lr: null,
      beta2Decay: -0.8,
      eps: [null, 1e-3],
      d: 1,
      weightDecay: 0,
      beta1: null,
      scaleParameter: true,
      relativeStep: true,
      warmupInit: false,
    },
    update: (slot, options: AdafactorOptions) => (options.variant === 'torch' ? adafactor : relativeAdafactor)(slot, options),
  },
  came: { defaults: { lr: 2e-4, betas: [0.9, 0.999, 0.9999], weightDecay: 0, clipThreshold: 1, eps1: 1e-30, eps2: 1e-16 }, update: came },
  muon: {
    defaults: { lr: 1e-3, weightDecay: 0.1, momentum: 0.95, nesterov: true, nsCoefficients: [3.4445, -4.775, 2.0315], nsSteps: 5, eps: 1e-7 },
    takes: shape => (shape.length === 2 ? null : 'matrices only'),
    update: muon,
  },
  shampoo: { defaults: { lr: 1e-3, momentum: 0, weightDecay: 0, matrixEps: 1e-6 }, update: shampoo },
  soap: {
    defaults: { lr: 3e-3, betas: [0.95, 0.95], weightDecay: 0.01, eps: 1e-8, preconditionFrequency: 10, maxPreconditionDim: 10000 },
    update: soap,
  },
};
