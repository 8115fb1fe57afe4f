/** Levenshtein distance by bit-parallel columns (Myers 1999, in Hyyrö's form): 32 cells of the table in one operation. */

/** Positions of each item in a pattern, as bits of 32-cell blocks. */
function positionBits(pattern: ArrayLike<number>, blocks: number): Map<number, Int32Array> {
  const bits = new Map<number, Int32Array>();
  for (let i = 0; i < pattern.length; i++) {
    let row = bits.get(pattern[i]!);
    if (row === undefined) bits.set(pattern[i]!, (row = new Int32Array(blocks)));
    row[i >>> 5]! |= 1 << (i & 31);
  }
  return bits;
}

/**
 * Distance of two sequences of numbers.
 *
 * @param a the shorter one makes the blocks; either order gives the same result
 */
export function myersDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [pattern, text] = a.length <= b.length ? [a, b] : [b, a];
  const m = pattern.length;
  if (m === 0) return text.length;
  const blocks = (m + 31) >>> 5;
  const bits = positionBits(pattern, blocks);
  const none = new Int32Array(blocks);
  // Vertical differences of the current column: +1 in `plus`, -1 in `minus`.
  const plus = new Int32Array(blocks).fill(-1);
  const minus = new Int32Array(blocks);
  const last = blocks - 1;
  const top = 1 << ((m - 1) & 31);
  let distance = m;
  for (let j = 0; j < text.length; j++) {
    const row = bits.get(text[j]!) ?? none;
    // Horizontal differences that enter the next block; the first row of the table grows by one in every column.
    let carryPlus = 1;
    let carryMinus = 0;
    for (let k = 0; k < blocks; k++) {
      const [vp, vn] = [plus[k]!, minus[k]!];
      const equal = row[k]! | carryMinus;
      const diagonal = (((equal & vp) + vp) ^ vp) | equal | vn | 0;
      let hp = vn | ~(diagonal | vp);
      let hn = vp & diagonal;
      if (k === last) {
        if (hp & top) distance++;
        if (hn & top) distance--;
      }
      const [outPlus, outMinus] = [hp >>> 31, hn >>> 31];
      hp = (hp << 1) | carryPlus;
      hn = (hn << 1) | carryMinus;
      plus[k] = hn | ~(row[k]! | vn | hp) | 0;
      minus[k] = hp & (row[k]! | vn);
      [carryPlus, carryMinus] = [outPlus, outMinus];
    }
  }
  return distance;
}
