/** XXH64 (Yann Collet's specification of xxHash): a fast checksum, no cryptographic hash. */

const MASK = 0xffffffffffffffffn;
const P1 = 11400714785074694791n;
const P2 = 14029467366897019727n;
const P3 = 1609587929392839161n;
const P4 = 9650029242287828579n;
const P5 = 2870177450012600261n;

const rotate = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & MASK;
const round = (lane: bigint, word: bigint): bigint => (rotate((lane + word * P2) & MASK, 31n) * P1) & MASK;

/** The 64-bit digest of bytes with seed 0. */
export function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { byteLength } = view;
  let offset = 0;
  let hash = P5;
  if (byteLength >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, MASK + 1n - P1];
    for (; offset + 32 <= byteLength; offset += 32) for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(offset + 8 * i, true));
    const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & MASK;
  }
  hash = (hash + BigInt(byteLength)) & MASK;
  for (; offset + 8 <= byteLength; offset += 8) hash = (rotate(hash ^ round(0n, view.getBigUint64(offset, true)), 27n) * P1 + P4) & MASK;
  if (offset + 4 <= byteLength) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(offset, true)) * P1) & MASK), 23n) * P2 + P3) & MASK;
    offset += 4;
  }
  for (; offset < byteLength; offset++) hash = (rotate(hash ^ ((BigInt(view.getUint8(offset)) * P5) & MASK), 11n) * P1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return hash ^ (hash >> 32n);
}
