/** Runs of float64 numbers: what factorisations of matrices spend their time in. */
import { fma } from './vector';

/** The sum of products of two runs. */
export function dotFloat64(x: usize, y: usize, n: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let left = n;
  for (; left >= 8; left -= 8) {
    s0 = fma<f64>(v128.load(x), v128.load(y), s0);
    s1 = fma<f64>(v128.load(x, 16), v128.load(y, 16), s1);
    s2 = fma<f64>(v128.load(x, 32), v128.load(y, 32), s2);
    s3 = fma<f64>(v128.load(x, 48), v128.load(y, 48), s3);
    x += 64;
    y += 64;
  }
  s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let total = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (; left > 0; left--) {
    total += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return total;
}

/** `y += factor x`. */
export function addScaledFloat64(y: usize, factor: f64, x: usize, n: i32): void {
  const by = f64x2.splat(factor);
  let left = n;
  for (; left >= 4; left -= 4) {
    v128.store(y, fma<f64>(by, v128.load(x), v128.load(y)));
    v128.store(y, fma<f64>(by, v128.load(x, 16), v128.load(y, 16)), 16);
    x += 32;
    y += 32;
  }
  for (; left > 0; left--) {
    store<f64>(y, load<f64>(y) + factor * load<f64>(x));
    x += 8;
    y += 8;
  }
}

/** Turns two runs by an angle: `c x - s y` and `s x + c y`. */
export function rotateFloat64(x: usize, y: usize, n: i32, c: f64, s: f64): void {
  const cosine = f64x2.splat(c);
  const sine = f64x2.splat(s);
  let left = n;
  for (; left >= 2; left -= 2) {
    const p = v128.load(x);
    const q = v128.load(y);
    v128.store(x, f64x2.sub(f64x2.mul(cosine, p), f64x2.mul(sine, q)));
    v128.store(y, fma<f64>(sine, p, f64x2.mul(cosine, q)));
    x += 16;
    y += 16;
  }
  if (left > 0) {
    const p = load<f64>(x);
    const q = load<f64>(y);
    store<f64>(x, c * p - s * q);
    store<f64>(y, s * p + c * q);
  }
}

/** Turns three runs, each a stride behind the one before, by the reflection `I - t v vᵀ` with `v = (1, q, r)`. */
export function reflectFloat64(x: usize, stride: usize, n: i32, t: f64, q: f64, r: f64): void {
  const factor = f64x2.splat(t);
  const second = f64x2.splat(q);
  const third = f64x2.splat(r);
  let y = x + stride;
  let z = y + stride;
  let left = n;
  for (; left >= 2; left -= 2) {
    const a = v128.load(x);
    const b = v128.load(y);
    const c = v128.load(z);
    const sum = f64x2.mul(factor, fma<f64>(third, c, fma<f64>(second, b, a)));
    v128.store(x, f64x2.sub(a, sum));
    v128.store(y, f64x2.sub(b, f64x2.mul(second, sum)));
    v128.store(z, f64x2.sub(c, f64x2.mul(third, sum)));
    x += 16;
    y += 16;
    z += 16;
  }
  if (left > 0) {
    const sum = t * (load<f64>(x) + q * load<f64>(y) + r * load<f64>(z));
    store<f64>(x, load<f64>(x) - sum);
    store<f64>(y, load<f64>(y) - q * sum);
    store<f64>(z, load<f64>(z) - r * sum);
  }
}
