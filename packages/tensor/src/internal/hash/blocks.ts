/** MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4): digests that mix blocks of 64 bytes into a state of 32-bit words. */

/** The first 32 fractional bits of a positive number. */
function fraction(value: number): number {
  return Math.floor((value - Math.floor(value)) * 2 ** 32);
}

/** The first `count` primes. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every(p => n % p !== 0)) found.push(n);
  return found;
}

/** The first 32 fractional bits of roots of the first primes. */
function rootFractions(count: number, root: (value: number) => number): Int32Array {
  return Int32Array.from(primes(count), prime => fraction(root(prime)));
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** The message with its closing bit and length, in blocks of 64 bytes. */
function pad(message: Uint8Array, littleEndian: boolean): DataView {
  const view = new DataView(new ArrayBuffer(Math.ceil((message.length + 9) / 64) * 64));
  new Uint8Array(view.buffer).set(message);
  view.setUint8(message.length, 0x80);
  view.setBigUint64(view.byteLength - 8, BigInt(message.length) * 8n, littleEndian);
  return view;
}

const MD5_SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const MD5_SINES = /* @__PURE__ */ Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

function md5Block(state: Int32Array, blocks: DataView, offset: number): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed: number;
    let word: number;
    if (round === 0) [mixed, word] = [(b & c) | (~b & d), i];
    else if (round === 1) [mixed, word] = [(d & b) | (~d & c), (5 * i + 1) & 15];
    else if (round === 2) [mixed, word] = [b ^ c ^ d, (3 * i + 5) & 15];
    else [mixed, word] = [c ^ (b | ~d), (7 * i) & 15];
    const sum = (a + mixed + MD5_SINES[i]! + blocks.getInt32(offset + 4 * word, true)) | 0;
    [a, b, c, d] = [d, (b + rotateLeft(sum, MD5_SHIFTS[round]![i & 3]!)) | 0, b, c];
  }
  for (const [i, value] of [a, b, c, d].entries()) state[i]! += value;
}

const SHA1_CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const;

function sha1Block(state: Int32Array, blocks: DataView, offset: number): void {
  const w = new Int32Array(80);
  for (let i = 0; i < 16; i++) w[i] = blocks.getInt32(offset + 4 * i);
  for (let i = 16; i < 80; i++) w[i] = rotateLeft(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1);
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
  for (let i = 0; i < 80; i++) {
    const round = Math.floor(i / 20);
    let mixed = b ^ c ^ d;
    if (round === 0) mixed = (b & c) | (~b & d);
    else if (round === 2) mixed = (b & c) | (b & d) | (c & d);
    [a, b, c, d, e] = [(rotateLeft(a, 5) + mixed + e + SHA1_CONSTANTS[round]! + w[i]!) | 0, a, rotateLeft(b, 30), c, d];
  }
  for (const [i, value] of [a, b, c, d, e].entries()) state[i]! += value;
}

const SHA256_CONSTANTS = /* @__PURE__ */ rootFractions(64, Math.cbrt);

function sha256Block(state: Int32Array, blocks: DataView, offset: number): void {
  const rotateRight = (x: number, bits: number): number => rotateLeft(x, 32 - bits);
  const w = new Int32Array(64);
  for (let i = 0; i < 16; i++) w[i] = blocks.getInt32(offset + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!];
    w[i] = w[i - 16]! + (rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3)) + w[i - 7]! + (rotateRight(y, 17) ^ rotateRight(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const first = (h + (rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)) + ((e & f) ^ (~e & g)) + SHA256_CONSTANTS[i]! + w[i]!) | 0;
    const second = (rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i]! += value;
}

/** Digests of this family. */
export type BlockAlgorithm = 'md5' | 'sha1' | 'sha256';

interface Algorithm {
  readonly start: ArrayLike<number>;
  readonly block: (state: Int32Array, blocks: DataView, offset: number) => void;
  readonly littleEndian: boolean;
}

/** The start of each state, how a block changes it, and the order of the bytes of its words. */
const ALGORITHMS: Readonly<Record<BlockAlgorithm, Algorithm>> = {
  md5: { start: [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476], block: md5Block, littleEndian: true },
  sha1: { start: [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0], block: sha1Block, littleEndian: false },
  sha256: { start: /* @__PURE__ */ rootFractions(8, Math.sqrt), block: sha256Block, littleEndian: false },
};

/** The digest of a message, 16, 20 or 32 bytes. */
export function blockDigest(algorithm: BlockAlgorithm, message: Uint8Array): Uint8Array {
  const { start, block, littleEndian } = ALGORITHMS[algorithm];
  const state = Int32Array.from(start);
  const blocks = pad(message, littleEndian);
  for (let offset = 0; offset < blocks.byteLength; offset += 64) block(state, blocks, offset);
  const bytes = new DataView(new ArrayBuffer(4 * state.length));
  for (const [i, word] of state.entries()) bytes.setInt32(4 * i, word, littleEndian);
  return new Uint8Array(bytes.buffer);
}
