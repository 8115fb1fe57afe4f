/** What makes eigenvalues of one matrix easier to find: rows and columns that stand alone go to its ends, the others get like sizes. */

/** Sweeps after which sizes are taken as they are. */
const MAX_SWEEPS = 60;
/** Factors stay within two to this power, so that vectors can be scaled back. */
const MAX_EXPONENT = 500;
/** What a sum of two sizes has to shrink by to be worth a factor. */
const WORTH = 0.95;

/** A matrix that was turned into `D⁻¹ Pᵀ A P D`, which is triangular before row `low` and from behind row `high`. */
export interface Balance {
  readonly low: number;
  readonly high: number;
  /** The row of the source that stands in each row. */
  readonly places: Int32Array;
  /** The powers of two on the diagonal of D. */
  readonly factors: Float64Array;
}

/**
 * Balances a square matrix in place (Parlett and Reinsch 1969): no digit is lost, eigenvalues stay, vectors are those of the source by `P D`.
 *
 * @param isScaled `false` leaves sizes as they are: D is the identity
 */
export function balance(data: Float64Array, n: number, isScaled: boolean): Balance {
  const places = Int32Array.from({ length: n }, (_, i) => i);
  const exchange = (i: number, j: number): void => {
    if (i === j) return;
    [places[i], places[j]] = [places[j]!, places[i]!];
    for (let k = 0; k < n; k++) [data[k * n + i], data[k * n + j]] = [data[k * n + j]!, data[k * n + i]!];
    for (let k = 0; k < n; k++) [data[i * n + k], data[j * n + k]] = [data[j * n + k]!, data[i * n + k]!];
  };
  let [low, high] = [0, n - 1];
  /** The last row or column of the block without another element in it than its diagonal's, or -1. */
  const lone = (along: number, across: number): number => {
    let line = high;
    for (; line >= low; line--) {
      let k = low;
      while (k <= high && (k === line || data[line * across + k * along] === 0)) k++;
      if (k > high) break;
    }
    return line < low ? -1 : line;
  };
  for (let row = lone(1, n); high > 0 && row >= 0; row = lone(1, n)) exchange(row, high--);
  for (let column = lone(n, 1); low < high && column >= 0; column = lone(n, 1)) exchange(column, low++);
  return { low, high, places, factors: isScaled ? evenSizes(data, n, low, high) : new Float64Array(n).fill(1) };
}

/** Multiplies columns of a block by powers of two and divides rows by them until both have about one size. */
function evenSizes(data: Float64Array, n: number, low: number, high: number): Float64Array {
  const exponents = new Int32Array(n);
  let isEven = false;
  for (let sweep = 0; sweep < MAX_SWEEPS && !isEven; sweep++) {
    isEven = true;
    for (let i = low; i <= high; i++) {
      let [row, column] = [0, 0];
      for (let k = low; k <= high; k++) {
        row += Math.abs(data[i * n + k]!);
        column += Math.abs(data[k * n + i]!);
      }
      if (row === 0 || column === 0) continue;
      const exponent = Math.round((Math.log2(row) - Math.log2(column)) / 2);
      const factor = 2 ** exponent;
      if (column * factor + row / factor >= WORTH * (column + row) || Math.abs(exponents[i]! + exponent) > MAX_EXPONENT) continue;
      isEven = false;
      exponents[i]! += exponent;
      for (let k = 0; k < n; k++) data[k * n + i]! *= factor;
      for (let k = 0; k < n; k++) data[i * n + k]! /= factor;
    }
  }
  return Float64Array.from(exponents, exponent => 2 ** exponent);
}
