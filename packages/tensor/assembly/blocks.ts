/**
 * Blocks of 32 numbers with a scale in half precision. ggml's layout, a scale before its levels, is what files hold; products read all levels of a
 * matrix, row after row, and its scales behind them.
 */
import { toHalf } from './halves';
import { fixed, splat, sumLanes } from './vector';

/** Bytes of a block of eight bits a number, and of one of four. */
const EIGHT: usize = 34;
const FOUR: usize = 18;

/** From here on a half is infinite. */
const LIMIT: f32 = 65520;

const CONSTANTS = memory.data<u32>([
  0x7fffffff, // all but the sign
  0x80000000, // the sign
  0x3effffff, // the float before 0.5
  0x4b400000, // 1.5 · 2^23: whole numbers added to it stand in the low bits
  0x41080000, // 8.5
  0x77800000, // 2^112: exponents of halves to those of floats
  0x0f0f0f0f,
  0x08080808,
  0x7fff,
  0x8000,
]);
const UNSIGNED = 0;
const SIGN = 1;
const HALF = 2;
const WHOLE = 3;
const MIDDLE = 4;
const EXPONENT = 5;
const NIBBLE = 6;
const EIGHTS = 7;
const HALF_UNSIGNED = 8;
const HALF_SIGN = 9;

/** Halves in the low bits of lanes as floats; infinities do not occur in scales. */
@inline
function fromHalves(bits: v128): v128 {
  // The exponent is moved by a product, which makes subnormal halves right as well.
  const size = f32x4.mul(i32x4.shl(v128.and(bits, fixed(CONSTANTS, HALF_UNSIGNED)), 13), fixed(CONSTANTS, EXPONENT));
  return v128.or(size, i32x4.shl(v128.and(bits, fixed(CONSTANTS, HALF_SIGN)), 16));
}

@inline
function magnitudes(x: usize): v128 {
  return v128.and(v128.load(x), fixed(CONSTANTS, UNSIGNED));
}

/** The largest magnitude of a block of 32 numbers. As whole numbers their bits are in the order of size, and NaN above all. */
@inline
function magnitude(x: usize): f32 {
  const a = i32x4.max_s(i32x4.max_s(magnitudes(x), magnitudes(x + 16)), i32x4.max_s(magnitudes(x + 32), magnitudes(x + 48)));
  const b = i32x4.max_s(i32x4.max_s(magnitudes(x + 64), magnitudes(x + 80)), i32x4.max_s(magnitudes(x + 96), magnitudes(x + 112)));
  const four = i32x4.max_s(a, b);
  const two = i32x4.max_s(four, v128.shuffle<i32>(four, four, 2, 3, 0, 1));
  const one = i32x4.max_s(two, v128.shuffle<i32>(two, two, 1, 0, 3, 2));
  return f32x4.extract_lane(one, 0);
}

/** Whole numbers in floats as whole numbers. */
@inline
function whole(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, fixed(CONSTANTS, WHOLE)), fixed(CONSTANTS, WHOLE));
}

/** Four numbers times a factor as whole numbers, halves away from zero. */
@inline
function rounded(x: usize, factor: v128): v128 {
  const v = f32x4.mul(v128.load(x), factor);
  return whole(f32x4.trunc(f32x4.add(v, v128.or(v128.and(v, fixed(CONSTANTS, SIGN)), fixed(CONSTANTS, HALF)))));
}

/** Sixteen of them as bytes. */
@inline
function bytesOf(x: usize, factor: v128): v128 {
  const low = i16x8.narrow_i32x4_s(rounded(x, factor), rounded(x + 16, factor));
  const high = i16x8.narrow_i32x4_s(rounded(x + 32, factor), rounded(x + 48, factor));
  return i8x16.narrow_i16x8_s(low, high);
}

/** Writes blocks of eight bits; the first block whose scale is no finite half stops it. Returns the blocks written. */
export function quantizeEight(x: usize, out: usize, blocks: i32): i32 {
  for (let b = 0; b < blocks; b++) {
    const scale = magnitude(x) / 127;
    if (!(scale < LIMIT)) return b;
    const inverse = splat(scale == 0 ? 0 : <f32>1 / scale);
    store<u16>(out, <u16>toHalf(scale));
    v128.store(out, bytesOf(x, inverse), 2);
    v128.store(out, bytesOf(x + 64, inverse), 18);
    x += 128;
    out += EIGHT;
  }
  return blocks;
}

/** The number of largest magnitude of a block, the first of several. */
@inline
function extreme(x: usize): f32 {
  const most = magnitude(x);
  const wanted = splat(most);
  for (let i: usize = 0; i < 128; i += 16) {
    const hits = i32x4.bitmask(i32x4.eq(magnitudes(x + i), wanted));
    if (hits != 0) return load<f32>(x + i + (<usize>ctz(hits) << 2));
  }
  return most;
}

/** Sixteen levels 0 to 15 as bytes. */
@inline
function nibbles(x: usize, inverse: v128): v128 {
  const low = i16x8.narrow_i32x4_s(level(x, inverse), level(x + 16, inverse));
  const high = i16x8.narrow_i32x4_s(level(x + 32, inverse), level(x + 48, inverse));
  return i8x16.min_u(i8x16.narrow_i16x8_u(low, high), fixed(CONSTANTS, NIBBLE));
}

@inline
function level(x: usize, inverse: v128): v128 {
  return whole(f32x4.trunc(f32x4.add(f32x4.mul(v128.load(x), inverse), fixed(CONSTANTS, MIDDLE))));
}

/** Writes blocks of four bits; the first block whose scale is no finite half stops it. Returns the blocks written. */
export function quantizeFour(x: usize, out: usize, blocks: i32): i32 {
  for (let b = 0; b < blocks; b++) {
    const scale = extreme(x) / -8;
    if (!(abs(scale) < LIMIT)) return b;
    const inverse = splat(scale == 0 ? 0 : <f32>1 / scale);
    store<u16>(out, <u16>toHalf(scale));
    v128.store(out, v128.or(nibbles(x, inverse), i8x16.shl(nibbles(x + 64, inverse), 4)), 2);
    x += 128;
    out += FOUR;
  }
  return blocks;
}

/** Takes blocks apart: levels of `bytes` a block to one place, scales to another. */
export function splitBlocks(w: usize, levels: usize, scales: usize, blocks: i32, bytes: usize): void {
  for (let b = 0; b < blocks; b++) {
    store<u16>(scales + (<usize>b << 1), load<u16>(w));
    v128.store(levels, v128.load(w, 2));
    if (bytes > 16) v128.store(levels, v128.load(w, 18), 16);
    w += bytes + 2;
    levels += bytes;
  }
}

/** Eight signed bytes as numbers times a scale. */
@inline
function spread(words: v128, scale: v128, y: usize): void {
  v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words)), scale));
  v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(words)), scale), 16);
}

/** Numbers of blocks of eight bits, taken apart. */
export function dequantizeEight(levels: usize, scales: usize, y: usize, blocks: i32): void {
  for (let b = 0; b < blocks; b++) {
    const scale = fromHalves(i32x4.splat(load<u16>(scales + (<usize>b << 1))));
    for (let i: usize = 0; i < 32; i += 8) spread(v128.load8x8_s(levels + i), scale, y + 4 * i);
    levels += 32;
    y += 128;
  }
}

/** The same for blocks of four bits. */
export function dequantizeFour(levels: usize, scales: usize, y: usize, blocks: i32): void {
  for (let b = 0; b < blocks; b++) {
    const scale = fromHalves(i32x4.splat(load<u16>(scales + (<usize>b << 1))));
    const pairs = v128.load(levels);
    const low = i8x16.sub(v128.and(pairs, fixed(CONSTANTS, NIBBLE)), fixed(CONSTANTS, EIGHTS));
    const high = i8x16.sub(i8x16.shr_u(pairs, 4), fixed(CONSTANTS, EIGHTS));
    spread(i16x8.extend_low_i8x16_s(low), scale, y);
    spread(i16x8.extend_high_i8x16_s(low), scale, y + 32);
    spread(i16x8.extend_low_i8x16_s(high), scale, y + 64);
    spread(i16x8.extend_high_i8x16_s(high), scale, y + 96);
    levels += 16;
    y += 128;
  }
}

/** A vector as blocks of 32 whole numbers from -127 to 127 in 16 bits, and a scale of each; a block that is not finite has the scale NaN. */
export function quantizeForEight(x: usize, out: usize, scales: usize, blocks: i32): void {
  for (let b = 0; b < blocks; b++) {
    const scale = magnitude(x) / 127;
    const inverse = splat(scale == 0 ? 0 : <f32>1 / scale);
    store<f32>(scales, scale < Infinity ? scale : NaN);
    for (let i: usize = 0; i < 128; i += 32) v128.store(out + (i >> 1), i16x8.narrow_i32x4_s(rounded(x + i, inverse), rounded(x + i + 16, inverse)));
    x += 128;
    out += 64;
    scales += 4;
  }
}

/** The same in bytes, behind them what the middle of the levels, 8, takes from their products: -8 times their sum. */
export function quantizeForFour(x: usize, out: usize, scales: usize, blocks: i32): void {
  for (let b = 0; b < blocks; b++) {
    const scale = magnitude(x) / 127;
    const inverse = splat(scale == 0 ? 0 : <f32>1 / scale);
    store<f32>(scales, scale < Infinity ? scale : NaN);
    const low = bytesOf(x, inverse);
    const high = bytesOf(x + 64, inverse);
    v128.store(out, low);
    v128.store(out, high, 16);
    const pairs = i16x8.add(i16x8.extadd_pairwise_i8x16_s(low), i16x8.extadd_pairwise_i8x16_s(high));
    const four = i32x4.extadd_pairwise_i16x8_s(pairs);
    const sum = i32x4.extract_lane(four, 0) + i32x4.extract_lane(four, 1) + i32x4.extract_lane(four, 2) + i32x4.extract_lane(four, 3);
    store<i32>(out, -8 * sum, 32);
    x += 128;
    out += 48;
    scales += 4;
  }
}

/** Scales of four blocks times those of the vector. */
@inline
function productsOfScales(w: usize, x: usize): v128 {
  return f32x4.mul(fromHalves(v128.load16x4_u(w)), v128.load(x));
}

/** Products of scales of four rows: for each block four numbers side by side. */
function scalesOfFour(w: usize, far: usize, x: usize, out: usize, blocks: i32): void {
  for (let left = blocks; left > 0; left -= 4) {
    const a = productsOfScales(w, x);
    const b = productsOfScales(w + far, x);
    const c = productsOfScales(w + 2 * far, x);
    const d = productsOfScales(w + 3 * far, x);
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i32>(ab, cd, 0, 1, 4, 5));
    v128.store(out, v128.shuffle<i32>(ab, cd, 2, 3, 6, 7), 16);
    v128.store(out, v128.shuffle<i32>(ab2, cd2, 0, 1, 4, 5), 32);
    v128.store(out, v128.shuffle<i32>(ab2, cd2, 2, 3, 6, 7), 48);
    w += 8;
    x += 16;
    out += 64;
  }
}

/** The same for one row. */
function scalesOfOne(w: usize, x: usize, out: usize, blocks: i32): void {
  for (let left = blocks; left > 0; left -= 4) {
    v128.store(out, productsOfScales(w, x));
    w += 8;
    x += 16;
    out += 16;
  }
}

/** Products of 32 levels of eight bits and 32 whole numbers of a vector, summed into four lanes. */
@inline
function dotEight(w: usize, x: usize): v128 {
  const first = i32x4.dot_i16x8_s(v128.load8x8_s(w), v128.load(x));
  const second = i32x4.dot_i16x8_s(v128.load8x8_s(w, 8), v128.load(x, 16));
  const third = i32x4.dot_i16x8_s(v128.load8x8_s(w, 16), v128.load(x, 32));
  const fourth = i32x4.dot_i16x8_s(v128.load8x8_s(w, 24), v128.load(x, 48));
  return i32x4.add(i32x4.add(first, second), i32x4.add(third, fourth));
}

/** Products of 16 levels 0 to 15 and 16 bytes, two and two added up. */
@inline
function dotPairs(levels: v128, x: usize): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(x), levels);
}

/** Products of 32 levels of four bits and 32 bytes of a vector, summed into four lanes. */
@inline
function dotFour(w: usize, x: usize): v128 {
  const pairs = v128.load(w);
  const low = v128.and(pairs, fixed(CONSTANTS, NIBBLE));
  const high = i8x16.shr_u(pairs, 4);
  const middle = v128.load32_zero(x, 32);
  // The dot product that adds to four lanes by itself is wrong in the first tier of Node 20.
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.add(middle, i32x4.extadd_pairwise_i16x8_s(i16x8.add(dotPairs(low, x), dotPairs(high, x + 16))));
  const first = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), v128.load8x8_s(x));
  const second = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), v128.load8x8_s(x, 8));
  const third = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), v128.load8x8_s(x, 16));
  const fourth = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), v128.load8x8_s(x, 24));
  return i32x4.add(middle, i32x4.add(i32x4.add(first, second), i32x4.add(third, fourth)));
}

/** Bytes between blocks of a prepared vector. */
const VECTOR_EIGHT: usize = 64;
const VECTOR_FOUR: usize = 48;

/** Adds a block's share to the product of a row. */
@inline
function addShare(sums: v128, four: bool, w: usize, x: usize, scale: usize): v128 {
  return f32x4.add(sums, f32x4.mul(f32x4.convert_i32x4_s(four ? dotFour(w, x) : dotEight(w, x)), v128.load32_splat(scale)));
}

@inline
function storeSum(y: usize, r: i32, sums: v128, bias: usize): void {
  const total = sumLanes(sums);
  store<f32>(y + (<usize>r << 2), bias != 0 ? total + load<f32>(bias + (<usize>r << 2)) : total);
}

/** Rows times a vector, four rows far apart at a time as in {@link rowsTimesVector}, what is left one by one. */
@inline
function rowsOfBlocks(four: bool, w: usize, ws: usize, x: usize, xs: usize, y: usize, rows: i32, blocks: i32, bias: usize, workspace: usize): void {
  const size: usize = four ? FOUR - 2 : EIGHT - 2;
  const step = four ? VECTOR_FOUR : VECTOR_EIGHT;
  const part = rows >> 2;
  const far = <usize>(part * blocks) * size;
  const farScales = <usize>(part * blocks) << 1;
  let w1 = w + far;
  let w2 = w1 + far;
  let w3 = w2 + far;
  for (let r = 0; r < part; r++) {
    scalesOfFour(ws, farScales, xs, workspace, blocks);
    let a = splat(0);
    let b = a;
    let c = a;
    let d = a;
    let p = x;
    let s = workspace;
    for (let left = blocks; left > 0; left--) {
      a = addShare(a, four, w, p, s);
      b = addShare(b, four, w1, p, s + 4);
      c = addShare(c, four, w2, p, s + 8);
      d = addShare(d, four, w3, p, s + 12);
      w += size;
      w1 += size;
      w2 += size;
      w3 += size;
      p += step;
      s += 16;
    }
    storeSum(y, r, a, bias);
    storeSum(y, r + part, b, bias);
    storeSum(y, r + 2 * part, c, bias);
    storeSum(y, r + 3 * part, d, bias);
    ws += <usize>blocks << 1;
  }
  ws += 3 * farScales;
  for (let r = part << 2; r < rows; r++) {
    scalesOfOne(ws, xs, workspace, blocks);
    let a = splat(0);
    let p = x;
    let s = workspace;
    for (let left = blocks; left > 0; left--) {
      a = addShare(a, four, w3, p, s);
      w3 += size;
      p += step;
      s += 4;
    }
    storeSum(y, r, a, bias);
    ws += <usize>blocks << 1;
  }
}

/**
 * `y[r] = w[r, :] · x + bias[r]` for rows of eight bits and a vector of {@link quantizeForEight}; `workspace` has room for four numbers for each
 * block, and for twelve more.
 */
export function rowsEight(w: usize, ws: usize, x: usize, xs: usize, y: usize, rows: i32, blocks: i32, bias: usize, workspace: usize): void {
  rowsOfBlocks(false, w, ws, x, xs, y, rows, blocks, bias, workspace);
}

/** The same for rows of four bits and a vector of {@link quantizeForFour}. */
export function rowsFour(w: usize, ws: usize, x: usize, xs: usize, y: usize, rows: i32, blocks: i32, bias: usize, workspace: usize): void {
  rowsOfBlocks(true, w, ws, x, xs, y, rows, blocks, bias, workspace);
}
