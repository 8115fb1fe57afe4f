/** Integers up to a bound from random bits, without bias. */

import { upperHalf } from './lcg128.js';

/** Ranges up to this have products of at most 53 bits with a word. */
const EXACT = 2 ** 21;

/** Words drawn at once. */
const BLOCK = 8192;

/** 32 bits that nobody chose. */
export const anySeed = (): number => Math.floor(Math.random() * 2 ** 32);

/** Uniform on [0, most] from words of 32 bits, by masking and rejection, as numpy shuffles. */
export function masked(most: number, next: () => number): number {
  const mask = 0xffffffff >>> Math.clz32(most);
  if (most === 0) return 0;
  for (;;) {
    const value = (next() & mask) >>> 0;
    if (value <= most) return value;
  }
}

/** The same from words of 64 bits, for bounds of 2^32 and more. */
export function masked64(most: bigint, next: () => bigint): bigint {
  const mask = (1n << BigInt(most.toString(2).length)) - 1n;
  for (;;) {
    const value = next() & mask;
    if (value <= most) return value;
  }
}

/** Uniform on [0, range) from words of 32 bits: Lemire's product (2019), in doubles. */
export function lemire32(range: number, next: () => number): number {
  for (let unbiased = -1; ; ) {
    const word = next();
    const lower = Math.imul(word, range) >>> 0;
    if (lower >= range) return upperHalf(word, range, lower);
    if (unbiased < 0) unbiased = (2 ** 32 - range) % range;
    if (lower >= unbiased) return upperHalf(word, range, lower);
  }
}

/** {@link lemire32} for many places of an array, each up to `range`, with words from a source that gives many at once. */
export function lemire32Into(out: Int32Array, low: number, range: number, fill: (words: Uint32Array) => void): void {
  const unbiased = (2 ** 32 - range) % range;
  // Every number takes one word at least, so that none is drawn in vain.
  const words = new Uint32Array(Math.min(out.length, BLOCK));
  for (let done = 0; done < out.length; ) {
    const block = words.subarray(0, Math.min(BLOCK, out.length - done));
    fill(block);
    if (range <= EXACT) {
      // The product is exact in a double, so its upper half is a quotient.
      for (let i = 0; i < block.length; i++) {
        const word = block[i]!;
        if (Math.imul(word, range) >>> 0 >= unbiased) out[done++] = low + (((word * range) / 2 ** 32) | 0);
      }
      continue;
    }
    for (let i = 0; i < block.length; i++) {
      const word = block[i]!;
      const lower = Math.imul(word, range) >>> 0;
      if (lower >= unbiased) out[done++] = low + upperHalf(word, range, lower);
    }
  }
}

/** Uniform on [0, range): Lemire's product (2019) of words of `bits` bits. */
export function lemire(range: bigint, bits: bigint, draw: () => bigint): bigint {
  const unbiased = ((1n << bits) - range) % range;
  for (;;) {
    const product = draw() * range;
    if (BigInt.asUintN(Number(bits), product) >= unbiased) return product >> bits;
  }
}

/** {@link lemire} with words of 64 bits. */
export const lemire64 = (range: bigint, draw: () => bigint): bigint => lemire(range, 64n, draw);

/** Bytes of words of 32 bits, the lowest first. */
export function bytesFrom(next32: () => number): () => number {
  let [word, left] = [0, 0];
  return () => {
    if (left === 0) [word, left] = [next32(), 4];
    else word >>>= 8;
    left--;
    return word & 0xff;
  };
}

/** Fisher-Yates in place, from the end down to `first`; each item trades places with one that `upTo` picks at or before it. */
export function shuffleDown<V>(items: V[], upTo: (i: number) => number, first = 1): V[] {
  for (let i = items.length - 1; i >= first; i--) {
    const j = upTo(i);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
