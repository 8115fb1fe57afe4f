/** XXH3 (Yann Collet's specification of xxHash), digests of 64 and of 128 bits: a fast checksum, no cryptographic hash. */
import { MASK64, P32_1, P32_2, P32_3, P64_1, P64_2, P64_3, P64_4, P64_5, rotateLeft32, rotateLeft64, viewOf } from './words.js';
import { avalanche64 } from './xxh64.js';

/** The 192 bytes that the specification prescribes where the caller has no secret. */
const SECRET_TEXT =
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
  '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
  'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e';
const SECRET = /* @__PURE__ */ viewOf(Uint8Array.from({ length: SECRET_TEXT.length / 2 }, (_, i) => Number.parseInt(SECRET_TEXT.slice(2 * i, 2 * i + 2), 16)));

const MIX_1 = 0x165667919e3779f9n;
const MIX_2 = 0x9fb21c651e98df25n;
const STRIPE = 64;
const BLOCK = 1024;

/** The halves of a 128-bit word. */
type Halves = readonly [low: bigint, high: bigint];

function multiply(a: bigint, b: bigint): Halves {
  const product = a * b;
  return [product & MASK64, product >> 64n];
}

function fold(a: bigint, b: bigint): bigint {
  const [low, high] = multiply(a, b);
  return low ^ high;
}

const wrap = (x: bigint): bigint => x & MASK64;
const u64 = (view: DataView, at: number): bigint => view.getBigUint64(at, true);
const u32 = (view: DataView, at: number): bigint => BigInt(view.getUint32(at, true));

function swapBytes(word: bigint, bytes: number): bigint {
  let [rest, swapped] = [word, 0n];
  for (let i = 0; i < bytes; i++) {
    swapped = (swapped << 8n) | (rest & 255n);
    rest >>= 8n;
  }
  return swapped;
}

function avalanche(word: bigint): bigint {
  const hash = ((word ^ (word >> 37n)) * MIX_1) & MASK64;
  return hash ^ (hash >> 32n);
}

/** 16 bytes of the input, mixed with 16 of the secret. */
function mix16(view: DataView, at: number, secretAt: number, seed: bigint): bigint {
  return fold(u64(view, at) ^ wrap(u64(SECRET, secretAt) + seed), u64(view, at + 8) ^ wrap(u64(SECRET, secretAt + 8) - seed));
}

/** First, middle and last byte of an input of 1 to 3 bytes with its length. */
function packShort(view: DataView): number {
  const length = view.byteLength;
  return (view.getUint8(0) << 16) | (view.getUint8(length >> 1) << 24) | view.getUint8(length - 1) | (length << 8);
}

const spread = (seed: bigint): bigint => seed ^ (swapBytes(seed & 0xffffffffn, 4) << 32n);

function short64(view: DataView, seed: bigint): bigint {
  const length = view.byteLength;
  if (length > 8) {
    const low = u64(view, 0) ^ wrap((u64(SECRET, 24) ^ u64(SECRET, 32)) + seed);
    const high = u64(view, length - 8) ^ wrap((u64(SECRET, 40) ^ u64(SECRET, 48)) - seed);
    return avalanche(wrap(BigInt(length) + swapBytes(low, 8) + high + fold(low, high)));
  }
  if (length > 3) {
    let hash = wrap(u32(view, length - 4) + (u32(view, 0) << 32n)) ^ wrap((u64(SECRET, 8) ^ u64(SECRET, 16)) - spread(seed));
    hash = wrap((hash ^ rotateLeft64(hash, 49n) ^ rotateLeft64(hash, 24n)) * MIX_2);
    hash = wrap((hash ^ ((hash >> 35n) + BigInt(length))) * MIX_2);
    return hash ^ (hash >> 28n);
  }
  if (length > 0) return avalanche64(BigInt(packShort(view) >>> 0) ^ wrap((u32(SECRET, 0) ^ u32(SECRET, 4)) + seed));
  return avalanche64(seed ^ u64(SECRET, 56) ^ u64(SECRET, 64));
}

function middle64(view: DataView, seed: bigint): bigint {
  const length = view.byteLength;
  let sum = BigInt(length) * P64_1;
  if (length <= 128) {
    for (let i = (length - 1) >> 5; i >= 0; i--) sum += mix16(view, 16 * i, 32 * i, seed) + mix16(view, length - 16 * (i + 1), 32 * i + 16, seed);
    return avalanche(wrap(sum));
  }
  for (let i = 0; i < 8; i++) sum += mix16(view, 16 * i, 16 * i, seed);
  sum = avalanche(wrap(sum));
  for (let i = 8; i < length >> 4; i++) sum += mix16(view, 16 * i, 16 * (i - 8) + 3, seed);
  return avalanche(wrap(sum + mix16(view, length - 16, 136 - 17, seed)));
}

function short128(view: DataView, seed: bigint): Halves {
  const length = view.byteLength;
  const size = BigInt(length);
  if (length > 8) {
    const last = u64(view, length - 8);
    const [low, high] = multiply(u64(view, 0) ^ last ^ wrap((u64(SECRET, 32) ^ u64(SECRET, 40)) - seed), P64_1);
    const keyed = last ^ wrap((u64(SECRET, 48) ^ u64(SECRET, 56)) + seed);
    const upper = wrap(high + keyed + (keyed & 0xffffffffn) * BigInt(P32_2 - 1));
    const [first, second] = multiply(wrap(low + ((size - 1n) << 54n)) ^ swapBytes(upper, 8), P64_2);
    return [avalanche(first), avalanche(wrap(second + upper * P64_2))];
  }
  if (length > 3) {
    const keyed = wrap(u32(view, 0) + (u32(view, length - 4) << 32n)) ^ wrap((u64(SECRET, 16) ^ u64(SECRET, 24)) + spread(seed));
    let [low, high] = multiply(keyed, wrap(P64_1 + (size << 2n)));
    high = wrap(high + (low << 1n));
    low ^= high >> 3n;
    low = wrap((low ^ (low >> 35n)) * MIX_2);
    return [low ^ (low >> 28n), avalanche(high)];
  }
  if (length > 0) {
    const packed = packShort(view);
    const swapped = Number(swapBytes(BigInt(packed >>> 0), 4));
    const low = BigInt(packed >>> 0) ^ wrap((u32(SECRET, 0) ^ u32(SECRET, 4)) + seed);
    const high = BigInt(rotateLeft32(swapped, 13) >>> 0) ^ wrap((u32(SECRET, 8) ^ u32(SECRET, 12)) - seed);
    return [avalanche64(low), avalanche64(high)];
  }
  return [avalanche64(seed ^ u64(SECRET, 64) ^ u64(SECRET, 72)), avalanche64(seed ^ u64(SECRET, 80) ^ u64(SECRET, 88))];
}

function middle128(view: DataView, seed: bigint): Halves {
  const length = view.byteLength;
  let [low, high] = [BigInt(length) * P64_1, 0n];
  const mix32 = (first: number, second: number, secretAt: number, key: bigint): void => {
    low = wrap(low + mix16(view, first, secretAt, key)) ^ wrap(u64(view, second) + u64(view, second + 8));
    high = wrap(high + mix16(view, second, secretAt + 16, key)) ^ wrap(u64(view, first) + u64(view, first + 8));
  };
  if (length <= 128) {
    for (let i = (length - 1) >> 5; i >= 0; i--) mix32(16 * i, length - 16 * (i + 1), 32 * i, seed);
  } else {
    for (let at = 0; at < 128; at += 32) mix32(at, at + 16, at, seed);
    [low, high] = [avalanche(low), avalanche(high)];
    for (let at = 128; at + 32 <= length; at += 32) mix32(at, at + 16, at - 128 + 3, seed);
    mix32(length - 16, length - 32, 136 - 17 - 16, wrap(-seed));
  }
  return [avalanche(wrap(low + high)), wrap(-avalanche(wrap(low * P64_1 + high * P64_4 + (BigInt(length) - seed) * P64_2)))];
}

/** The secret of long inputs: the prescribed one, shifted by the seed. */
function seededSecret(seed: bigint): DataView {
  const secret = new DataView(new ArrayBuffer(SECRET.byteLength));
  for (let at = 0; at < SECRET.byteLength; at += 16) {
    secret.setBigUint64(at, wrap(u64(SECRET, at) + seed), true);
    secret.setBigUint64(at + 8, wrap(u64(SECRET, at + 8) - seed), true);
  }
  return secret;
}

function accumulate(lanes: BigUint64Array, view: DataView, at: number, secret: DataView, secretAt: number): void {
  for (let i = 0; i < 8; i++) {
    const word = u64(view, at + 8 * i);
    const keyed = word ^ u64(secret, secretAt + 8 * i);
    lanes[i ^ 1]! += word;
    lanes[i]! += (keyed & 0xffffffffn) * (keyed >> 32n);
  }
}

/** The eight lanes after inputs of more than 240 bytes. */
function lanesOf(view: DataView, secret: DataView): BigUint64Array {
  const lanes = BigUint64Array.of(BigInt(P32_3), P64_1, P64_2, P64_3, P64_4, BigInt(P32_2), P64_5, BigInt(P32_1));
  const last = secret.byteLength - STRIPE;
  const { byteLength } = view;
  for (let at = 0; at < byteLength - 1 - ((byteLength - 1) % STRIPE); at += STRIPE) {
    accumulate(lanes, view, at, secret, (at % BLOCK) / 8);
    if (at % BLOCK === BLOCK - STRIPE) for (const [i, lane] of lanes.entries()) lanes[i] = (lane ^ (lane >> 47n) ^ u64(secret, last + 8 * i)) * BigInt(P32_1);
  }
  accumulate(lanes, view, byteLength - STRIPE, secret, last - 7);
  return lanes;
}

function merge(lanes: BigUint64Array, secret: DataView, secretAt: number, start: bigint): bigint {
  let sum = start;
  for (let i = 0; i < 4; i++) sum += fold(lanes[2 * i]! ^ u64(secret, secretAt + 16 * i), lanes[2 * i + 1]! ^ u64(secret, secretAt + 16 * i + 8));
  return avalanche(wrap(sum));
}

/** The 64-bit digest of bytes. */
export function xxh3Of64(bytes: Uint8Array, seed: bigint): bigint {
  const view = viewOf(bytes);
  if (bytes.length <= 16) return short64(view, seed);
  if (bytes.length <= 240) return middle64(view, seed);
  const secret = seededSecret(seed);
  return merge(lanesOf(view, secret), secret, 11, wrap(BigInt(bytes.length) * P64_1));
}

/** The 128-bit digest of bytes. */
export function xxh3Of128(bytes: Uint8Array, seed: bigint): Halves {
  const view = viewOf(bytes);
  if (bytes.length <= 16) return short128(view, seed);
  if (bytes.length <= 240) return middle128(view, seed);
  const [secret, size] = [seededSecret(seed), BigInt(bytes.length)];
  const lanes = lanesOf(view, secret);
  return [merge(lanes, secret, 11, wrap(size * P64_1)), merge(lanes, secret, secret.byteLength - STRIPE - 11, wrap(~(size * P64_2)))];
}
