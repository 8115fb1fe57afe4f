/** Vectors of 128 bits: products with and without fusing, masks of a row's end, sums of lanes. */

/** `a b + c`; one rounding in the build with relaxed SIMD, two in the other. */
@inline
export function fma<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** `c - a b`. */
@inline
export function nfma<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c);
  return v128.sub<T>(c, v128.mul<T>(a, b));
}

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/**
 * A constant in every lane, read from memory: wherever they are used, engines build constants of 128 bits from pieces, which takes longer than a load
 * from the first cache.
 */
@inline
export function fixed(table: usize, index: i32 = 0): v128 {
  return v128.load32_splat(table + (<usize>index << 2));
}

/** All bits set in the first `count` of four lanes. */
@inline
export function firstLanes(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}

/** Stores the first `count` of four lanes; lanes beyond stay untouched, whatever lies there. */
export function storeLanes(to: usize, v: v128, count: i32): void {
  if (count > 0) store<f32>(to, f32x4.extract_lane(v, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(v, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(v, 2), 8);
}

@inline
export function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

@inline
export function largestLane(v: v128): f32 {
  return max(max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)), max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)));
}
