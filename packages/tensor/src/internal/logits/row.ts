/** Rows of scores: probabilities, orders, and what is left of them. */

/** A row of scores is changed in place. @param history tokens before the one that is scored @param row number of the text in its batch */
export type LogitsProcessor = (scores: Float32Array, history: ArrayLike<number>, row: number) => void;

const { NEGATIVE_INFINITY } = Number;

/** Probabilities of a row, as singles. */
export function softmaxRow(scores: ArrayLike<number>): Float32Array {
  let most = NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > most) most = scores[i]!;
  const probabilities = new Float32Array(scores.length);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    probabilities[i] = Math.exp(scores[i]! - most);
    sum += probabilities[i]!;
  }
  for (let i = 0; i < scores.length; i++) probabilities[i]! /= sum;
  return probabilities;
}

/** Logarithms of the probabilities of a row. */
export function logSoftmaxRow(scores: ArrayLike<number>): Float32Array {
  let most = NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > most) most = scores[i]!;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += Math.exp(scores[i]! - most);
  const shift = most + Math.log(sum);
  return Float32Array.from({ length: scores.length }, (_, i) => scores[i]! - shift);
}

/** Entropy of a row in nats. */
export function entropyOf(probabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return entropy;
}

/** Places of a row from the least to the greatest, of equals the first one first. */
export function ascending(values: Float32Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
}

/** The k-th greatest of a row, by parting it around a middle until that stands in its place. */
export function kthGreatest(values: Float32Array, k: number): number {
  const parted = values.slice();
  let [low, high, place] = [0, parted.length - 1, parted.length - k];
  while (low < high) {
    const middle = parted[(low + high) >>> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (parted[i]! < middle) i++;
      while (parted[j]! > middle) j--;
      if (i > j) break;
      const held = parted[i]!;
      parted[i++] = parted[j]!;
      parted[j--] = held;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else return parted[place]!;
  }
  return parted[place]!;
}

/** Bars tokens; those outside the vocabulary are passed over. */
export function bar(scores: Float32Array, ids: Iterable<number>): void {
  for (const id of ids) if (id < scores.length) scores[id] = NEGATIVE_INFINITY;
}

/** Bars tokens for which something holds. */
export function barWhere(scores: Float32Array, barred: (id: number) => boolean): void {
  for (let id = 0; id < scores.length; id++) if (barred(id)) scores[id] = NEGATIVE_INFINITY;
}

/** Bars all tokens but some. */
export function barAllBut(scores: Float32Array, kept: Iterable<number>): void {
  const values = [...kept].map(id => [id, scores[id]!] as const);
  scores.fill(NEGATIVE_INFINITY);
  for (const [id, value] of values) scores[id] = value;
}

/**
 * A token drawn by inverse CDF: the first, by number, up to which more than a share of the mass lies.
 *
 * @param uniform in [0, 1)
 */
export function drawRow(scores: ArrayLike<number>, uniform: number): number {
  const probabilities = softmaxRow(scores);
  let total = 0;
  for (const p of probabilities) total += p;
  let sum = 0;
  let last = 0;
  for (let id = 0; id < probabilities.length; id++) {
    if (probabilities[id] === 0) continue;
    sum += probabilities[id]!;
    last = id;
    if (sum > uniform * total) return id;
  }
  return last;
}
