/** SHA-512 (FIPS 180-4). Synchronous, unlike Web Crypto's: a constructor that takes a text seed cannot wait. */

const MASK = (1n << 64n) - 1n;

/** The first `count` primes. */
function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every(p => n % p !== 0n)) found.push(n);
  return found;
}

/** The first 64 bits of the fractional part of the `degree`-th root of `n`, by bisection on integers. */
function rootFraction(n: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = 1n << 70n;
  const target = n << (64n * degree);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= target) low = middle;
    else high = middle;
  }
  return low & MASK;
}

let roundConstants: readonly bigint[] | null = null;
let initialState: readonly bigint[] | null = null;

function rotate(x: bigint, bits: bigint): bigint {
  return ((x >> bits) | (x << (64n - bits))) & MASK;
}

function pad(message: Uint8Array): DataView {
  const length = Math.ceil((message.length + 17) / 128) * 128;
  const view = new DataView(new ArrayBuffer(length));
  new Uint8Array(view.buffer).set(message);
  view.setUint8(message.length, 0x80);
  view.setBigUint64(length - 8, BigInt(message.length) * 8n);
  return view;
}

/** The 64-byte digest of `message`. */
export function sha512(message: Uint8Array): Uint8Array {
  roundConstants ??= primes(80).map(p => rootFraction(p, 3n));
  initialState ??= primes(8).map(p => rootFraction(p, 2n));
  const state = [...initialState];
  const blocks = pad(message);
  const w: bigint[] = new Array(80);
  for (let offset = 0; offset < blocks.byteLength; offset += 128) {
    for (let t = 0; t < 16; t++) w[t] = blocks.getBigUint64(offset + 8 * t);
    for (let t = 16; t < 80; t++) {
      const x = w[t - 15]!;
      const y = w[t - 2]!;
      const s0 = rotate(x, 1n) ^ rotate(x, 8n) ^ (x >> 7n);
      const s1 = rotate(y, 19n) ^ rotate(y, 61n) ^ (y >> 6n);
      w[t] = (w[t - 16]! + s0 + w[t - 7]! + s1) & MASK;
    }
    compress(state, w, roundConstants);
  }
  const digest = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => {
    digest.setBigUint64(8 * i, word);
  });
  return new Uint8Array(digest.buffer);
}

function compress(state: bigint[], w: readonly bigint[], k: readonly bigint[]): void {
  let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  for (let t = 0; t < 80; t++) {
    const s1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
    const t1 = h + s1 + ((e & f) ^ (~e & MASK & g)) + k[t]! + w[t]!;
    const s0 = rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = (state[i]! + word) & MASK;
  });
}
