/** BLAKE2b (RFC 7693) without key, of 1 to 64 bytes. */
import { MASK64, rotateLeft64 } from './words.js';

const START = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
] as const;
/** The order of the message's words in each of ten rounds; the last two of twelve begin again. */
const ORDER = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
].map(row => Array.from(row, digit => Number.parseInt(digit, 16)));
/** Words that one step mixes: the columns of a square of four, then its diagonals. */
const STEPS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

const rotateRight = (x: bigint, bits: bigint): bigint => rotateLeft64(x, 64n - bits);

function mix(v: bigint[], [a, b, c, d]: (typeof STEPS)[number], x: bigint, y: bigint): void {
  v[a] = (v[a]! + v[b]! + x) & MASK64;
  v[d] = rotateRight(v[d]! ^ v[a]!, 32n);
  v[c] = (v[c]! + v[d]!) & MASK64;
  v[b] = rotateRight(v[b]! ^ v[c]!, 24n);
  v[a] = (v[a]! + v[b]! + y) & MASK64;
  v[d] = rotateRight(v[d]! ^ v[a]!, 16n);
  v[c] = (v[c]! + v[d]!) & MASK64;
  v[b] = rotateRight(v[b]! ^ v[c]!, 63n);
}

/** The digest of a message. */
export function blake2b(message: Uint8Array, digestSize: number): Uint8Array {
  const state = [...START] as bigint[];
  state[0]! ^= 0x01010000n ^ BigInt(digestSize);
  const blocks = new DataView(new ArrayBuffer(Math.max(1, Math.ceil(message.length / 128)) * 128));
  new Uint8Array(blocks.buffer).set(message);
  for (let offset = 0; offset < blocks.byteLength; offset += 128) {
    const isLast = offset + 128 === blocks.byteLength;
    const words = Array.from({ length: 16 }, (_, i) => blocks.getBigUint64(offset + 8 * i, true));
    const v = [...state, ...START];
    v[12]! ^= BigInt(isLast ? message.length : offset + 128);
    if (isLast) v[14]! ^= MASK64;
    for (let round = 0; round < 12; round++) {
      const order = ORDER[round % 10]!;
      for (const [i, step] of STEPS.entries()) mix(v, step, words[order[2 * i]!]!, words[order[2 * i + 1]!]!);
    }
    for (let i = 0; i < 8; i++) state[i]! ^= v[i]! ^ v[i + 8]!;
  }
  const bytes = new DataView(new ArrayBuffer(64));
  for (const [i, word] of state.entries()) bytes.setBigUint64(8 * i, word, true);
  return new Uint8Array(bytes.buffer, 0, digestSize);
}
