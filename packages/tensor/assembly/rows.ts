/** Reductions, softmax and norms of contiguous rows of float32 numbers. */
import { expBelow0 } from './math';
import { firstLanes, fma, largestLane, splat, storeLanes, sumLanes } from './vector';

/** The sum of a run: 16 partial sums within a block, blocks in double precision. */
function sumOf(x: usize, n: i32): f64 {
  let total: f64 = 0;
  while (n > 0) {
    const block = min(n, 2048);
    let s0 = splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let left = block;
    for (; left >= 16; left -= 16) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
      x += 64;
    }
    for (; left > 0; left -= 4) {
      const v = v128.load(x);
      s0 = f32x4.add(s0, left >= 4 ? v : v128.and(v, firstLanes(left)));
      x += left >= 4 ? 16 : <usize>left << 2;
    }
    const pairs = f32x4.add(s0, s1);
    const others = f32x4.add(s2, s3);
    total += <f64>sumLanes(f32x4.add(pairs, others));
    n -= block;
  }
  return total;
}

/** Sums of rows. */
export function sumRows(x: usize, y: usize, rows: i32, n: i32): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(y + (<usize>r << 2), <f32>sumOf(x, n));
    x += <usize>n << 2;
  }
}

/** Adds up rows: `y[j] = sum of x[i, j]`; eight rows are added before they meet the total. */
export function sumColumns(x: usize, y: usize, rows: i32, n: i32): void {
  const width = <usize>n << 2;
  memory.fill(y, 0, width);
  for (let r = 0; r < rows; r += 8) {
    const count = min(8, rows - r);
    for (let j = 0; j < n; j += 4) {
      let p = x + (<usize>j << 2);
      let sum = v128.load(p);
      for (let i = 1; i < count; i++) {
        p += width;
        sum = f32x4.add(sum, v128.load(p));
      }
      const to = y + (<usize>j << 2);
      sum = f32x4.add(v128.load(to), sum);
      if (n - j >= 4) v128.store(to, sum);
      else storeLanes(to, sum, n - j);
    }
    x += width * <usize>count;
  }
}

/** The largest number of a run; NaN where one is. */
function largestOf(x: usize, n: i32): f32 {
  let m0 = splat(-Infinity);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  let odd = f32x4.ne(m0, m0);
  let left = n;
  for (; left >= 16; left -= 16) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const c = v128.load(x, 32);
    const d = v128.load(x, 48);
    m0 = f32x4.pmax(m0, a);
    m1 = f32x4.pmax(m1, b);
    m2 = f32x4.pmax(m2, c);
    m3 = f32x4.pmax(m3, d);
    odd = v128.or(odd, v128.or(f32x4.ne(a, a), v128.or(f32x4.ne(b, b), v128.or(f32x4.ne(c, c), f32x4.ne(d, d)))));
    x += 64;
  }
  for (; left > 0; left -= 4) {
    const a = left >= 4 ? v128.load(x) : v128.bitselect(v128.load(x), splat(-Infinity), firstLanes(left));
    m0 = f32x4.pmax(m0, a);
    odd = v128.or(odd, f32x4.ne(a, a));
    x += 16;
  }
  return v128.any_true(odd) ? NaN : largestLane(f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3)));
}

export function maxRows(x: usize, y: usize, rows: i32, n: i32): void {
  for (let r = 0; r < rows; r++) {
    store<f32>(y + (<usize>r << 2), largestOf(x, n));
    x += <usize>n << 2;
  }
}

export function minRows(x: usize, y: usize, rows: i32, n: i32): void {
  for (let r = 0; r < rows; r++) {
    let m0 = splat(Infinity);
    let odd = f32x4.ne(m0, m0);
    let p = x;
    for (let left = n; left > 0; left -= 4) {
      const a = left >= 4 ? v128.load(p) : v128.bitselect(v128.load(p), splat(Infinity), firstLanes(left));
      m0 = f32x4.pmin(m0, a);
      odd = v128.or(odd, f32x4.ne(a, a));
      p += 16;
    }
    store<f32>(y + (<usize>r << 2), v128.any_true(odd) ? NaN : -largestLane(f32x4.neg(m0)));
    x += <usize>n << 2;
  }
}

/** `exp(x - largest)` into y, and its sum; a largest of infinity makes NaN, as it does in the definition. */
@inline
function expRow(x: usize, y: usize, n: i32, largest: f32): f32 {
  const top = splat(largest);
  let s0 = splat(0);
  let s1 = s0;
  let left = n;
  for (; left >= 8; left -= 8) {
    const a = expBelow0(f32x4.sub(v128.load(x), top));
    const b = expBelow0(f32x4.sub(v128.load(x, 16), top));
    v128.store(y, a);
    v128.store(y, b, 16);
    s0 = f32x4.add(s0, a);
    s1 = f32x4.add(s1, b);
    x += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    const a = expBelow0(f32x4.sub(v128.load(x), top));
    if (left >= 4) {
      v128.store(y, a);
      s0 = f32x4.add(s0, a);
    } else {
      storeLanes(y, a, left);
      s0 = f32x4.add(s0, v128.and(a, firstLanes(left)));
    }
    x += 16;
    y += 16;
  }
  return sumLanes(f32x4.add(s0, s1));
}

/** Multiplies a run in place. */
@inline
export function scaleRow(y: usize, n: i32, by: f32): void {
  const factor = splat(by);
  let left = n;
  for (; left >= 16; left -= 16) {
    v128.store(y, f32x4.mul(v128.load(y), factor));
    v128.store(y, f32x4.mul(v128.load(y, 16), factor), 16);
    v128.store(y, f32x4.mul(v128.load(y, 32), factor), 32);
    v128.store(y, f32x4.mul(v128.load(y, 48), factor), 48);
    y += 64;
  }
  for (; left > 0; left -= 4) {
    const v = f32x4.mul(v128.load(y), factor);
    if (left >= 4) v128.store(y, v);
    else storeLanes(y, v, left);
    y += 16;
  }
}

export function softmaxRows(x: usize, y: usize, rows: i32, n: i32): void {
  const width = <usize>n << 2;
  for (let r = 0; r < rows; r++) {
    scaleRow(y, n, 1 / expRow(x, y, n, largestOf(x, n)));
    x += width;
    y += width;
  }
}

/** `x - log(sum(exp(x)))`; y serves as scratch on the way. */
export function logSoftmaxRows(x: usize, y: usize, rows: i32, n: i32): void {
  const width = <usize>n << 2;
  for (let r = 0; r < rows; r++) {
    const largest = largestOf(x, n);
    const shift = splat(<f32>(<f64>largest + Math.log(<f64>expRow(x, y, n, largest))));
    for (let j = 0; j < n; j += 4) {
      const at = <usize>j << 2;
      const v = f32x4.sub(v128.load(x + at), shift);
      if (n - j >= 4) v128.store(y + at, v);
      else storeLanes(y + at, v, n - j);
    }
    x += width;
    y += width;
  }
}

/** The dot product of two runs. */
@inline
function dot(a: usize, b: usize, n: i32): f32 {
  let s0 = splat(0);
  let s1 = s0;
  let left = n;
  for (; left >= 8; left -= 8) {
    s0 = fma<f32>(v128.load(a), v128.load(b), s0);
    s1 = fma<f32>(v128.load(a, 16), v128.load(b, 16), s1);
    a += 32;
    b += 32;
  }
  for (; left > 0; left -= 4) {
    const product = f32x4.mul(v128.load(a), v128.load(b));
    s0 = f32x4.add(s0, left >= 4 ? product : v128.and(product, firstLanes(left)));
    a += 16;
    b += 16;
  }
  return sumLanes(f32x4.add(s0, s1));
}

/** Gradient through softmax: `y (g - g · y)`. */
export function softmaxBackwardRows(g: usize, y: usize, out: usize, rows: i32, n: i32): void {
  const width = <usize>n << 2;
  for (let r = 0; r < rows; r++) {
    const share = splat(dot(g, y, n));
    for (let j = 0; j < n; j += 4) {
      const at = <usize>j << 2;
      const v = f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(g + at), share));
      if (n - j >= 4) v128.store(out + at, v);
      else storeLanes(out + at, v, n - j);
    }
    g += width;
    y += width;
    out += width;
  }
}

/** Gradient through log-softmax: `g - exp(y) sum(g)`. */
export function logSoftmaxBackwardRows(g: usize, y: usize, out: usize, rows: i32, n: i32): void {
  const width = <usize>n << 2;
  for (let r = 0; r < rows; r++) {
    const total = splat(<f32>sumOf(g, n));
    for (let j = 0; j < n; j += 4) {
      const at = <usize>j << 2;
      const v = f32x4.sub(v128.load(g + at), f32x4.mul(expBelow0(v128.load(y + at)), total));
      if (n - j >= 4) v128.store(out + at, v);
      else storeLanes(out + at, v, n - j);
    }
    g += width;
    y += width;
    out += width;
  }
}

/** Sum of squares of what a row differs from a number. */
@inline
function spread(x: usize, n: i32, mean: f32): f32 {
  const middle = splat(mean);
  let s0 = splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let left = n;
  for (; left >= 16; left -= 16) {
    const a = f32x4.sub(v128.load(x), middle);
    const b = f32x4.sub(v128.load(x, 16), middle);
    const c = f32x4.sub(v128.load(x, 32), middle);
    const d = f32x4.sub(v128.load(x, 48), middle);
    s0 = fma<f32>(a, a, s0);
    s1 = fma<f32>(b, b, s1);
    s2 = fma<f32>(c, c, s2);
    s3 = fma<f32>(d, d, s3);
    x += 64;
  }
  for (; left > 0; left -= 4) {
    let a = f32x4.sub(v128.load(x), middle);
    if (left < 4) a = v128.and(a, firstLanes(left));
    s0 = fma<f32>(a, a, s0);
    x += 16;
  }
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/**
 * Rows brought to mean 0 and variance 1, times a weight, plus a bias (either 0 for none); `centred` false leaves the mean in (RMS norm).
 * Mean and reciprocal deviation of each row are kept for the way back.
 */
export function normRows(x: usize, weight: usize, bias: usize, y: usize, means: usize, scales: usize, rows: i32, n: i32, eps: f64, centred: bool): void {
  const width = <usize>n << 2;
  for (let r = 0; r < rows; r++) {
    const mean: f32 = centred ? <f32>(sumOf(x, n) / n) : 0;
    const scale = <f32>(1 / Math.sqrt(<f64>spread(x, n, mean) / n + eps));
    store<f32>(means + (<usize>r << 2), mean);
    store<f32>(scales + (<usize>r << 2), scale);
    const middle = splat(mean);
    const factor = splat(scale);
    let j = 0;
    if (weight == 0 && bias == 0) {
      for (; j + 8 <= n; j += 8) {
        const at = <usize>j << 2;
        v128.store(y + at, f32x4.mul(f32x4.sub(v128.load(x + at), middle), factor));
        v128.store(y + at, f32x4.mul(f32x4.sub(v128.load(x + at, 16), middle), factor), 16);
      }
    }
    for (; j < n; j += 4) {
      const at = <usize>j << 2;
      let v = f32x4.mul(f32x4.sub(v128.load(x + at), middle), factor);
      if (weight != 0) v = f32x4.mul(v, v128.load(weight + at));
      if (bias != 0) v = f32x4.add(v, v128.load(bias + at));
      if (n - j >= 4) v128.store(y + at, v);
      else storeLanes(y + at, v, n - j);
    }
    x += width;
    y += width;
  }
}

/** Gradient of {@link normRows}: of the input into `out`, of weight and bias added to `dweight` and `dbias` (either 0 for none). */
export function normBackwardRows(
  g: usize, x: usize, weight: usize, means: usize, scales: usize, out: usize, dweight: usize, dbias: usize, rows: i32, n: i32, centred: bool,
): void {
  const width = <usize>n << 2;
  for (let r = 0; r < rows; r++) {
    const middle = splat(load<f32>(means + (<usize>r << 2)));
    const factor = splat(load<f32>(scales + (<usize>r << 2)));
    let total = splat(0);
    let along = splat(0);
    for (let j = 0; j < n; j += 4) {
      const at = <usize>j << 2;
      let gradient = v128.load(g + at);
      let normal = f32x4.mul(f32x4.sub(v128.load(x + at), middle), factor);
      if (n - j < 4) {
        gradient = v128.and(gradient, firstLanes(n - j));
        normal = v128.and(normal, firstLanes(n - j));
      }
      if (dweight != 0) {
        const sum = fma<f32>(gradient, normal, v128.load(dweight + at));
        if (n - j >= 4) v128.store(dweight + at, sum);
        else storeLanes(dweight + at, sum, n - j);
      }
      if (dbias != 0) {
        const sum = f32x4.add(gradient, v128.load(dbias + at));
        if (n - j >= 4) v128.store(dbias + at, sum);
        else storeLanes(dbias + at, sum, n - j);
      }
      if (weight != 0) gradient = f32x4.mul(gradient, v128.load(weight + at));
      if (n - j < 4) gradient = v128.and(gradient, firstLanes(n - j));
      total = f32x4.add(total, gradient);
      along = fma<f32>(gradient, normal, along);
    }
    const mean = centred ? splat(sumLanes(total) / <f32>n) : splat(0);
    const share = splat(sumLanes(along) / <f32>n);
    for (let j = 0; j < n; j += 4) {
      const at = <usize>j << 2;
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), middle), factor);
      let gradient = v128.load(g + at);
      if (weight != 0) gradient = f32x4.mul(gradient, v128.load(weight + at));
      const v = f32x4.mul(factor, f32x4.sub(f32x4.sub(gradient, mean), f32x4.mul(normal, share)));
      if (n - j >= 4) v128.store(out + at, v);
      else storeLanes(out + at, v, n - j);
    }
    g += width;
    x += width;
    out += width;
  }
}

/** Reads rows of a table: `y[i] = table[index[i]]`. Indices were checked by the caller. */
export function gatherRows(table: usize, index: usize, y: usize, count: i32, bytes: usize): void {
  for (let i = 0; i < count; i++) {
    memory.copy(y, table + <usize>load<i32>(index + (<usize>i << 2)) * bytes, bytes);
    y += bytes;
  }
}
