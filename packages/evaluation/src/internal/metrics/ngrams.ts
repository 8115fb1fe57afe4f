/** N-grams as small integers: equal n-grams of any sequences numbered by one {@link NgramIndex} have equal numbers. */

/** Numbers n-grams: an n-gram is the pair (its first n - 1 tokens, its last token). */
export class NgramIndex {
  readonly #tokens: Map<string, number> = new Map();
  readonly #grams: Map<number, number>[] = [];

  /** Token numbers, in order of first appearance. */
  encode(tokens: readonly string[]): Int32Array {
    const ids = new Int32Array(tokens.length);
    for (let i = 0; i < tokens.length; i++) {
      let id = this.#tokens.get(tokens[i]!);
      if (id === undefined) this.#tokens.set(tokens[i]!, (id = this.#tokens.size));
      ids[i] = id;
    }
    return ids;
  }

  /** How many n-grams of an order have been numbered. */
  size(order: number): number {
    return order === 1 ? this.#tokens.size : (this.#grams[order]?.size ?? 0);
  }

  /** Numbers of all n-grams of an encoded sequence, order by order: `result[n - 1][i]` starts at token i. */
  grams(ids: Int32Array, maxOrder: number): Int32Array[] {
    const orders: Int32Array[] = [ids];
    for (let n = 2; n <= maxOrder && n <= ids.length; n++) {
      const shorter = orders[n - 2]!;
      const table = (this.#grams[n] ??= new Map());
      const numbers = new Int32Array(ids.length - n + 1);
      for (let i = 0; i < numbers.length; i++) {
        // 2^21 tokens at most in one index: the pair fits a double exactly.
        const key = shorter[i]! * 2097152 + ids[i + n - 1]!;
        let id = table.get(key);
        if (id === undefined) table.set(key, (id = table.size));
        numbers[i] = id;
      }
      orders.push(numbers);
    }
    return orders;
  }
}

/** How often each number below `size` occurs. */
export function tally(numbers: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size);
  for (let i = 0; i < numbers.length; i++) counts[numbers[i]!]!++;
  return counts;
}

/** How often each number occurs. */
export function countNumbers(numbers: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < numbers.length; i++) counts.set(numbers[i]!, (counts.get(numbers[i]!) ?? 0) + 1);
  return counts;
}

/** Occurrences that two count tables share: the sum of the smaller counts. */
export function overlap(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): number {
  let shared = 0;
  for (const [key, count] of a) {
    const other = b.get(key);
    if (other !== undefined) shared += count < other ? count : other;
  }
  return shared;
}
