/** XXH64 (Yann Collet's specification of xxHash): a fast checksum, no cryptographic hash. */
import { MASK64, P64_1, P64_2, P64_3, P64_4, P64_5, rotateLeft64, viewOf } from './words.js';

const round = (lane: bigint, word: bigint): bigint => (rotateLeft64((lane + word * P64_2) & MASK64, 31n) * P64_1) & MASK64;

/** Every bit of the word reaches every bit of the result; XXH3 ends its shortest inputs with it too. */
export function avalanche64(word: bigint): bigint {
  let hash = ((word ^ (word >> 33n)) * P64_2) & MASK64;
  hash = ((hash ^ (hash >> 29n)) * P64_3) & MASK64;
  return hash ^ (hash >> 32n);
}

/** The 64-bit digest of bytes. */
export function xxh64(bytes: Uint8Array, seed: bigint): bigint {
  const view = viewOf(bytes);
  const { byteLength } = view;
  let offset = 0;
  let hash = (seed + P64_5) & MASK64;
  if (byteLength >= 32) {
    const lanes = [(seed + P64_1 + P64_2) & MASK64, (seed + P64_2) & MASK64, seed, (seed - P64_1) & MASK64];
    for (; offset + 32 <= byteLength; offset += 32) for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(offset + 8 * i, true));
    const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
    hash = (rotateLeft64(a, 1n) + rotateLeft64(b, 7n) + rotateLeft64(c, 12n) + rotateLeft64(d, 18n)) & MASK64;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P64_1 + P64_4) & MASK64;
  }
  hash = (hash + BigInt(byteLength)) & MASK64;
  for (; offset + 8 <= byteLength; offset += 8) hash = (rotateLeft64(hash ^ round(0n, view.getBigUint64(offset, true)), 27n) * P64_1 + P64_4) & MASK64;
  if (offset + 4 <= byteLength) {
    hash = (rotateLeft64(hash ^ ((BigInt(view.getUint32(offset, true)) * P64_1) & MASK64), 23n) * P64_2 + P64_3) & MASK64;
    offset += 4;
  }
  for (; offset < byteLength; offset++) hash = (rotateLeft64(hash ^ ((BigInt(view.getUint8(offset)) * P64_5) & MASK64), 11n) * P64_1) & MASK64;
  return avalanche64(hash);
}
