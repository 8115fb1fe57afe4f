/** Numbers of sixteen bits, IEEE 754's halves and the upper halves of floats (bfloat16), and floats. */

/** A float as a half, rounded to even; beyond the largest half infinity. */
@inline
export function toHalf(x: f32): u32 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size >= 0x477ff000) return sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00);
  // Below the normal halves a sum with 0.5 rounds to steps of 2^-24.
  if (size < 0x38800000) return sign | (reinterpret<u32>(reinterpret<f32>(size) + 0.5) - 0x3f000000);
  return sign | ((size + 0xfff + ((size >> 13) & 1) - 0x38000000) >> 13);
}

export function encodeFloat16(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<u16>(y + (<usize>i << 1), <u16>toHalf(load<f32>(x + (<usize>i << 2))));
}

export function decodeFloat16(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const bits = <u32>load<u16>(x + (<usize>i << 1));
    // The exponent is moved by a product, which makes subnormal halves right as well; that of infinity and NaN is the largest.
    const size = reinterpret<u32>(reinterpret<f32>((bits & 0x7fff) << 13) * reinterpret<f32>(0x77800000));
    store<u32>(y + (<usize>i << 2), size | ((bits & 0x8000) << 16) | ((bits & 0x7c00) == 0x7c00 ? 0x7f800000 : 0));
  }
}

export function encodeBfloat16(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const bits = load<u32>(x + (<usize>i << 2));
    const isNan = (bits & 0x7fffffff) > 0x7f800000;
    const rounded = isNan ? ((bits >> 16) & 0x8000) | 0x7fc0 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    store<u16>(y + (<usize>i << 1), <u16>rounded);
  }
}

export function decodeBfloat16(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<u32>(y + (<usize>i << 2), <u32>load<u16>(x + (<usize>i << 1)) << 16);
}
