/** XXH32 (Yann Collet's specification of xxHash): a fast checksum of 32 bits. */
import { P32_1, P32_2, P32_3, rotateLeft32, viewOf } from './words.js';

const P32_4 = 0x27d4eb2f;
const P32_5 = 0x165667b1;

const round = (lane: number, word: number): number => Math.imul(rotateLeft32(lane + Math.imul(word, P32_2), 13), P32_1);

/** The 32-bit digest of bytes. */
export function xxh32(bytes: Uint8Array, seed: number): number {
  const view = viewOf(bytes);
  const { byteLength } = view;
  let offset = 0;
  let hash = (seed + P32_5) | 0;
  if (byteLength >= 16) {
    const lanes = Int32Array.of(seed + P32_1 + P32_2, seed + P32_2, seed, seed - P32_1);
    for (; offset + 16 <= byteLength; offset += 16) for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getInt32(offset + 4 * i, true));
    hash = rotateLeft32(lanes[0]!, 1) + rotateLeft32(lanes[1]!, 7) + rotateLeft32(lanes[2]!, 12) + rotateLeft32(lanes[3]!, 18);
  }
  hash = (hash + byteLength) | 0;
  for (; offset + 4 <= byteLength; offset += 4) hash = Math.imul(rotateLeft32(hash + Math.imul(view.getInt32(offset, true), P32_3), 17), P32_4);
  for (; offset < byteLength; offset++) hash = Math.imul(rotateLeft32(hash + Math.imul(view.getUint8(offset), P32_5), 11), P32_1);
  hash = Math.imul(hash ^ (hash >>> 15), P32_2);
  hash = Math.imul(hash ^ (hash >>> 13), P32_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
