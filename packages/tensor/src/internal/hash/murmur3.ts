/** MurmurHash3 (Austin Appleby): checksums for hash tables, Bloom filters and feature hashing. */
import { MASK64, rotateLeft32, rotateLeft64, viewOf } from './words.js';

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const scramble = (word: number): number => Math.imul(rotateLeft32(Math.imul(word, C1), 15), C2);

/** The 32-bit digest (x86 variant). */
export function murmur3x86(bytes: Uint8Array, seed: number): number {
  const view = viewOf(bytes);
  const whole = bytes.length & ~3;
  let hash = seed | 0;
  for (let offset = 0; offset < whole; offset += 4) hash = (Math.imul(rotateLeft32(hash ^ scramble(view.getInt32(offset, true)), 13), 5) + 0xe6546b64) | 0;
  let rest = 0;
  for (let i = bytes.length - 1; i >= whole; i--) rest = (rest << 8) | bytes[i]!;
  hash ^= scramble(rest) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const K1 = 0x87c37b91114253d5n;
const K2 = 0x4cf5ad432745937fn;
const scramble1 = (word: bigint): bigint => (rotateLeft64((word * K1) & MASK64, 31n) * K2) & MASK64;
const scramble2 = (word: bigint): bigint => (rotateLeft64((word * K2) & MASK64, 33n) * K1) & MASK64;

function finish(word: bigint): bigint {
  let hash = ((word ^ (word >> 33n)) * 0xff51afd7ed558ccdn) & MASK64;
  hash = ((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK64;
  return hash ^ (hash >> 33n);
}

/** The 128-bit digest (x64 variant), its first and second word. */
export function murmur3x64(bytes: Uint8Array, seed: number): readonly [bigint, bigint] {
  const length = BigInt(bytes.length);
  let [first, second] = [BigInt(seed), BigInt(seed)];
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 16) * 16));
  new Uint8Array(padded.buffer).set(bytes);
  for (let offset = 0; offset < padded.byteLength; offset += 16) {
    first ^= scramble1(padded.getBigUint64(offset, true));
    const isWhole = offset + 16 <= bytes.length;
    if (isWhole) first = (((rotateLeft64(first, 27n) + second) & MASK64) * 5n + 0x52dce729n) & MASK64;
    second ^= scramble2(padded.getBigUint64(offset + 8, true));
    if (isWhole) second = (((rotateLeft64(second, 31n) + first) & MASK64) * 5n + 0x38495ab5n) & MASK64;
  }
  [first, second] = [first ^ length, second ^ length];
  first = (first + second) & MASK64;
  second = (second + first) & MASK64;
  [first, second] = [finish(first), finish(second)];
  first = (first + second) & MASK64;
  return [first, (second + first) & MASK64];
}
