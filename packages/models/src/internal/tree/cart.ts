/** Growth of a binary tree (Breiman et al. 1984), node for node as scikit-learn grows it depth first where no two splits are equally good. */
import type { NumpyRandomState } from '@gtc/tensor/random';

/** How impure a node is. */
export type Impurity = 'gini' | 'entropy' | 'squared_error';

/** What a tree grows on. */
export interface Training {
  /** Rows of features, in single precision. */
  readonly x: readonly Float32Array[];
  /** For each row: shares of the classes, or the one number to predict. */
  readonly targets: readonly Float64Array[];
  /** Of the rows; those of weight 0 are left out. */
  readonly weights: Float64Array;
}

/** When and where a node is split. */
export interface Growth {
  readonly impurity: Impurity;
  readonly maxDepth: number | null;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly minImpurityDecrease: number;
  /** Features that a split looks at. */
  readonly maxFeatures: number;
  readonly random: NumpyRandomState;
}

/** A node; a leaf has no children, feature −1 and threshold −2. */
export interface TreeNode {
  readonly left: number;
  readonly right: number;
  readonly feature: number;
  /** Rows at most as large go left. */
  readonly threshold: number;
  readonly impurity: number;
  readonly samples: number;
  readonly weight: number;
  /** Mean of the targets. */
  readonly value: readonly number[];
}

/** Values closer than this are not told apart. */
const FEATURE_STEP = 1e-7;

/** Weighted sum of the targets of some rows. */
interface Sums {
  readonly total: Float64Array;
  weight: number;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly gain: number;
}

const emptySums = (width: number): Sums => ({ total: new Float64Array(width), weight: 0 });

function addTo(sums: Sums, target: Float64Array, weight: number): void {
  for (let k = 0; k < target.length; k++) sums.total[k]! += weight * target[k]!;
  sums.weight += weight;
}

function sumsOf({ targets, weights }: Training, rows: readonly number[]): Sums {
  const sums = emptySums(targets[0]!.length);
  for (const row of rows) addTo(sums, targets[row]!, weights[row]!);
  return sums;
}

const entropyOf = ({ total, weight }: Sums): number => -total.reduce((bits, part) => (part > 0 ? bits + (part / weight) * Math.log2(part / weight) : bits), 0);

const squareOf = ({ total, weight }: Sums): number => total.reduce((sum, part) => sum + part * part, 0) / weight;

/** Impurity of rows with these sums. */
function impurityOf(impurity: Impurity, training: Training, rows: readonly number[], sums: Sums): number {
  if (impurity === 'entropy') return entropyOf(sums);
  if (impurity === 'gini') return 1 - squareOf(sums) / sums.weight;
  const squares = rows.reduce((sum, row) => sum + training.weights[row]! * training.targets[row]![0]! ** 2, 0);
  return squares / sums.weight - (sums.total[0]! / sums.weight) ** 2;
}

/** What a split is worth next to others of the same node. */
function worth(impurity: Impurity, left: Sums, right: Sums): number {
  if (impurity === 'entropy') return -left.weight * entropyOf(left) - right.weight * entropyOf(right);
  return squareOf(left) + squareOf(right);
}

/** The best threshold of a feature, null where it does not tell the rows apart or leaves would be too small. */
function bestThreshold(training: Training, rows: readonly number[], feature: number, { impurity, minSamplesLeaf }: Growth, whole: Sums): Split | null {
  const value = (row: number): number => training.x[row]![feature]!;
  const sorted = [...rows].sort((a, b) => value(a) - value(b));
  const left = emptySums(whole.total.length);
  let best: Split | null = null;
  for (let i = 0; i + 1 < sorted.length; i++) {
    const row = sorted[i]!;
    addTo(left, training.targets[row]!, training.weights[row]!);
    const [low, high] = [value(row), value(sorted[i + 1]!)];
    if (high <= low + FEATURE_STEP || i + 1 < minSamplesLeaf || sorted.length - i - 1 < minSamplesLeaf) continue;
    const right: Sums = { total: whole.total.map((part, k) => part - left.total[k]!), weight: whole.weight - left.weight };
    const gain = worth(impurity, left, right);
    if (best !== null && gain <= best.gain) continue;
    const middle = low / 2 + high / 2;
    best = { feature, threshold: middle === high ? low : middle, gain };
  }
  return best;
}

/** The best split over the features that are looked at: constant ones do not count. */
function bestSplit(training: Training, rows: readonly number[], growth: Growth, whole: Sums): Split | null {
  const width = training.x[0]!.length;
  const order = growth.maxFeatures < width ? growth.random.permutation(width) : Array.from({ length: width }, (_, i) => i);
  let best: Split | null = null;
  let looked = 0;
  for (const feature of order) {
    if (looked >= growth.maxFeatures && best !== null) break;
    const split = bestThreshold(training, rows, feature, growth, whole);
    if (split === null) continue;
    looked += 1;
    if (best === null || split.gain > best.gain) best = split;
  }
  return best;
}

/** Grows a tree; its nodes stand depth first, the left child before the right one. */
export function growTree(training: Training, growth: Growth): TreeNode[] {
  const nodes: TreeNode[] = [];
  const everyRow = [...training.weights.keys()].filter(row => training.weights[row]! > 0);
  const wholeSums = sumsOf(training, everyRow);
  const totalWeight = wholeSums.weight;
  const impurityAt = (rows: readonly number[], sums: Sums): number => impurityOf(growth.impurity, training, rows, sums);

  const grow = (rows: readonly number[], depth: number, sums: Sums, impurity: number): number => {
    const common = { impurity, samples: rows.length, weight: sums.weight, value: Array.from(sums.total, part => part / sums.weight) };
    const id = nodes.push({ left: -1, right: -1, feature: -1, threshold: -2, ...common }) - 1;
    const tooSmall = rows.length < growth.minSamplesSplit || rows.length < 2 * growth.minSamplesLeaf;
    if (tooSmall || depth === growth.maxDepth || impurity <= Number.EPSILON) return id;
    const split = bestSplit(training, rows, growth, sums);
    if (split === null) return id;
    const goesLeft = (row: number): boolean => training.x[row]![split.feature]! <= split.threshold;
    const [left, right] = [rows.filter(goesLeft), rows.filter(row => !goesLeft(row))];
    const [leftSums, rightSums] = [sumsOf(training, left), sumsOf(training, right)];
    const [leftImpurity, rightImpurity] = [impurityAt(left, leftSums), impurityAt(right, rightSums)];
    const after = leftSums.weight * leftImpurity + rightSums.weight * rightImpurity;
    if ((sums.weight * impurity - after) / totalWeight + Number.EPSILON < growth.minImpurityDecrease) return id;
    nodes[id] = {
      ...common,
      feature: split.feature,
      threshold: split.threshold,
      left: grow(left, depth + 1, leftSums, leftImpurity),
      right: grow(right, depth + 1, rightSums, rightImpurity),
    };
    return id;
  };
  grow(everyRow, 0, wholeSums, impurityAt(everyRow, wholeSums));
  return nodes;
}

/** The leaf that a row falls into. */
export function leafOf(nodes: readonly TreeNode[], row: ArrayLike<number>): number {
  let id = 0;
  for (let node = nodes[0]!; node.left !== -1; node = nodes[id]!) id = Math.fround(row[node.feature]!) <= node.threshold ? node.left : node.right;
  return id;
}

/** How much each feature lowers the impurity, as shares of 1; all 0 for a tree of one leaf. */
export function importancesOf(nodes: readonly TreeNode[], width: number): number[] {
  const gains = new Array<number>(width).fill(0);
  for (const { left, right, feature, weight, impurity } of nodes) {
    if (left === -1) continue;
    const [a, b] = [nodes[left]!, nodes[right]!];
    gains[feature]! += weight * impurity - a.weight * a.impurity - b.weight * b.impurity;
  }
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return gains.map(gain => (total > 0 ? gain / total : 0));
}

/** Levels below the root. */
export function depthOf(nodes: readonly TreeNode[], id = 0): number {
  const { left, right } = nodes[id]!;
  return left === -1 ? 0 : 1 + Math.max(depthOf(nodes, left), depthOf(nodes, right));
}
