/**
 * Products of matrices: panels packed for the caches, a block of C in registers, one loop over the inner axis (a second loop for what is
 * left, or unrolling by hand, makes engines spill the accumulators). The first step stands before the loop: engines then keep the addresses of the
 * rows in registers, which they would work out anew in each step (31 instructions a step become 25).
 */
import { fma, sumLanes } from './vector';

/** Rows of the block in registers: 12 sums, 2 columns and 1 row fill the 16 registers; without fused products one is needed in between. */
const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
/** Rows of A and length of the inner axis that stay in the second cache, columns of B that stay in the third. */
const MC: i32 = ASC_FEATURE_RELAXED_SIMD ? 192 : 190;
const KC: i32 = 512;
const NC: i32 = 768;

/** Two vectors. */
@inline
function columns<T>(): i32 {
  return sizeof<T>() == 8 ? 4 : 8;
}

/** Bytes of workspace that a product needs. */
export function gemmWorkspace(): i32 {
  return 512 + (MC + 6) * KC * 8 + (NC + 8) * KC * 8;
}

/** `C = A B + addend` for a panel of rows and a panel of columns; no addend where `add` is 0. */
function tile<T>(kc: i32, a: usize, b: usize, c: usize, ldc: usize, add: usize, ldadd: usize): void {
  block<T>(ROWS, kc, a, b, c, ldc, add, ldadd);
}

/** The same for the first two rows of a panel. */
function pair<T>(kc: i32, a: usize, b: usize, c: usize, ldc: usize, add: usize, ldadd: usize): void {
  block<T>(2, kc, a, b, c, ldc, add, ldadd);
}

@inline
function block<T>(rows: i32, kc: i32, a: usize, b: usize, c: usize, ldc: usize, add: usize, ldadd: usize): void {
  const zero = v128.splat<T>(0);
  let b0 = v128.load(b);
  let b1 = v128.load(b, 16);
  let x = v128.load_splat<T>(a, 0);
  let c00 = fma<T>(x, b0, zero);
  let c01 = fma<T>(x, b1, zero);
  x = v128.load_splat<T>(a, sizeof<T>());
  let c10 = fma<T>(x, b0, zero);
  let c11 = fma<T>(x, b1, zero);
  let c20 = zero;
  let c21 = zero;
  let c30 = zero;
  let c31 = zero;
  let c40 = zero;
  let c41 = zero;
  let c50 = zero;
  let c51 = zero;
  if (rows > 2) {
    x = v128.load_splat<T>(a, 2 * sizeof<T>());
    c20 = fma<T>(x, b0, zero);
    c21 = fma<T>(x, b1, zero);
    x = v128.load_splat<T>(a, 3 * sizeof<T>());
    c30 = fma<T>(x, b0, zero);
    c31 = fma<T>(x, b1, zero);
    x = v128.load_splat<T>(a, 4 * sizeof<T>());
    c40 = fma<T>(x, b0, zero);
    c41 = fma<T>(x, b1, zero);
  }
  if (rows == 6) {
    x = v128.load_splat<T>(a, 5 * sizeof<T>());
    c50 = fma<T>(x, b0, zero);
    c51 = fma<T>(x, b1, zero);
  }
  const end = a + <usize>(kc * ROWS) * sizeof<T>();
  a += ROWS * sizeof<T>();
  b += 32;
  while (a != end) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    x = v128.load_splat<T>(a, 0);
    c00 = fma<T>(x, b0, c00);
    c01 = fma<T>(x, b1, c01);
    x = v128.load_splat<T>(a, sizeof<T>());
    c10 = fma<T>(x, b0, c10);
    c11 = fma<T>(x, b1, c11);
    if (rows > 2) {
      x = v128.load_splat<T>(a, 2 * sizeof<T>());
      c20 = fma<T>(x, b0, c20);
      c21 = fma<T>(x, b1, c21);
      x = v128.load_splat<T>(a, 3 * sizeof<T>());
      c30 = fma<T>(x, b0, c30);
      c31 = fma<T>(x, b1, c31);
      x = v128.load_splat<T>(a, 4 * sizeof<T>());
      c40 = fma<T>(x, b0, c40);
      c41 = fma<T>(x, b1, c41);
    }
    if (rows == 6) {
      x = v128.load_splat<T>(a, 5 * sizeof<T>());
      c50 = fma<T>(x, b0, c50);
      c51 = fma<T>(x, b1, c51);
    }
    a += ROWS * sizeof<T>();
    b += 32;
  }
  // Two branches, each with all sums in order: with one, the engine's scheduler turns the loop's order round and runs out of registers.
  if (add != 0) {
    keepSum<T>(c, add, c00, c01);
    c += ldc;
    add += ldadd;
    keepSum<T>(c, add, c10, c11);
    if (rows > 2) {
      c += ldc;
      add += ldadd;
      keepSum<T>(c, add, c20, c21);
      c += ldc;
      add += ldadd;
      keepSum<T>(c, add, c30, c31);
      c += ldc;
      add += ldadd;
      keepSum<T>(c, add, c40, c41);
    }
    if (rows == 6) keepSum<T>(c + ldc, add + ldadd, c50, c51);
  } else {
    keep(c, c00, c01);
    c += ldc;
    keep(c, c10, c11);
    if (rows > 2) {
      c += ldc;
      keep(c, c20, c21);
      c += ldc;
      keep(c, c30, c31);
      c += ldc;
      keep(c, c40, c41);
    }
    if (rows == 6) keep(c + ldc, c50, c51);
  }
}

@inline
function keep(c: usize, c0: v128, c1: v128): void {
  v128.store(c, c0);
  v128.store(c, c1, 16);
}

@inline
function keepSum<T>(c: usize, add: usize, c0: v128, c1: v128): void {
  v128.store(c, v128.add<T>(v128.load(add), c0));
  v128.store(c, v128.add<T>(v128.load(add, 16), c1), 16);
}

/** Steps of the inner axis that are packed at a time where they lie far apart: their lines and pages stay at hand from one panel to the next. */
const NEAR: i32 = 16;

/** Rows of A side by side: `ROWS` numbers for each step of the inner axis, zeros where there is no row. Strides in bytes. */
function packA<T>(m: i32, k: i32, a: usize, row: isize, step: isize, to: usize): void {
  const whole = m / ROWS * ROWS;
  const panel = <usize>(ROWS * k) * sizeof<T>();
  if (row == sizeof<T>()) {
    for (let l = 0; l < k; l += NEAR) {
      const count = min(NEAR, k - l);
      for (let i = 0; i < whole; i += ROWS)
        packRun<T>(count, a + <usize>(<isize>i * row + <isize>l * step), step, to + <usize>(i / ROWS) * panel + <usize>(l * ROWS) * sizeof<T>());
    }
  } else {
    for (let i = 0; i < whole; i += ROWS) packRows<T>(k, a + <usize>(<isize>i * row), row, step, to + <usize>(i / ROWS) * panel);
  }
  if (whole == m) return;
  to += <usize>(whole / ROWS) * panel;
  for (let l = 0; l < k; l++) {
    for (let r = 0; r < ROWS; r++) {
      store<T>(to, r < m - whole ? load<T>(a + <usize>(<isize>(whole + r) * row + <isize>l * step)) : 0);
      to += sizeof<T>();
    }
  }
}

/** A panel of rows that lie side by side already. */
@inline
function packRun<T>(count: i32, from: usize, step: isize, to: usize): void {
  for (; count > 0; count--) {
    v128.store(to, v128.load(from));
    if (sizeof<T>() == 8) v128.store(to, v128.load(from, 16), 16);
    if (ROWS == 6) {
      if (sizeof<T>() == 8) v128.store(to, v128.load(from, 32), 32);
      else store<u64>(to, load<u64>(from, 16), 16);
    } else store<T>(to, load<T>(from, 4 * sizeof<T>()), 4 * sizeof<T>());
    from += <usize>step;
    to += ROWS * sizeof<T>();
  }
}

/** A panel of rows apart from each other. */
@inline
function packRows<T>(k: i32, q0: usize, row: isize, step: isize, to: usize): void {
  const q1 = q0 + <usize>row;
  const q2 = q1 + <usize>row;
  const q3 = q2 + <usize>row;
  const q4 = q3 + <usize>row;
  const q5 = q4 + <usize>row;
  let l: usize = 0;
  const end = <usize>(<isize>k * step);
  if (sizeof<T>() == 4 && step == 4) {
    for (; l + 16 <= end; l += 16) {
      turnFour(v128.load(q0 + l), v128.load(q1 + l), v128.load(q2 + l), v128.load(q3 + l), to, ROWS * 4);
      const r4 = v128.load(q4 + l);
      if (ROWS == 6) {
        const r5 = v128.load(q5 + l);
        const low = v128.shuffle<i32>(r4, r5, 0, 4, 1, 5);
        const high = v128.shuffle<i32>(r4, r5, 2, 6, 3, 7);
        v128.store_lane<i64>(to, low, 0, 16);
        v128.store_lane<i64>(to, low, 1, 40);
        v128.store_lane<i64>(to, high, 0, 64);
        v128.store_lane<i64>(to, high, 1, 88);
      } else {
        v128.store_lane<i32>(to, r4, 0, 16);
        v128.store_lane<i32>(to, r4, 1, 36);
        v128.store_lane<i32>(to, r4, 2, 56);
        v128.store_lane<i32>(to, r4, 3, 76);
      }
      to += ROWS * 16;
    }
  }
  for (; l != end; l += <usize>step) {
    store<T>(to, load<T>(q0 + l));
    store<T>(to, load<T>(q1 + l), sizeof<T>());
    store<T>(to, load<T>(q2 + l), 2 * sizeof<T>());
    store<T>(to, load<T>(q3 + l), 3 * sizeof<T>());
    store<T>(to, load<T>(q4 + l), 4 * sizeof<T>());
    if (ROWS == 6) store<T>(to, load<T>(q5 + l), 5 * sizeof<T>());
    to += ROWS * sizeof<T>();
  }
}

/** Columns of B side by side: two vectors for each step of the inner axis, zeros where there is no column. Strides in bytes. */
function packB<T>(k: i32, n: i32, b: usize, step: isize, column: isize, to: usize): void {
  const width = columns<T>();
  const panel = <usize>k << 5;
  const whole = n & ~(width - 1);
  let j = 0;
  if (column == sizeof<T>()) {
    for (let l = 0; l < k; l += NEAR) {
      const count = min(NEAR, k - l);
      const row = b + <usize>(<isize>l * step);
      for (j = 0; j < whole; j += width) {
        let from = row + <usize>j * sizeof<T>();
        let into = to + <usize>(j / width) * panel + (<usize>l << 5);
        for (let left = count; left > 0; left--) {
          v128.store(into, v128.load(from));
          v128.store(into, v128.load(from, 16), 16);
          from += <usize>step;
          into += 32;
        }
      }
    }
    j = whole;
  } else if (step == sizeof<T>() && sizeof<T>() == 4) {
    for (; j < whole; j += width) packTransposed(k, b + <usize>(<isize>j * column), column, to + <usize>(j / width) * panel);
  }
  for (; j < n; j += width) {
    let from = b + <usize>(<isize>j * column);
    let into = to + <usize>(j / width) * panel;
    for (let l = 0; l < k; l++) {
      for (let q = 0; q < width; q++) {
        store<T>(into, q < n - j ? load<T>(from + <usize>(<isize>q * column)) : 0);
        into += sizeof<T>();
      }
      from += <usize>step;
    }
  }
}

/** Eight columns that lie as rows: blocks of four by four change rows and columns in registers. */
function packTransposed(k: i32, from: usize, column: isize, to: usize): void {
  let l = 0;
  for (; l + 4 <= k; l += 4) {
    fourByFour(from, column, to);
    fourByFour(from + <usize>(4 * column), column, to + 16);
    from += 16;
    to += 128;
  }
  for (; l < k; l++) {
    for (let q = 0; q < 8; q++) store<f32>(to + (<usize>q << 2), load<f32>(from + <usize>(<isize>q * column)));
    from += 4;
    to += 32;
  }
}

@inline
function fourByFour(from: usize, row: isize, to: usize): void {
  turnFour(v128.load(from), v128.load(from + <usize>row), v128.load(from + <usize>(2 * row)), v128.load(from + <usize>(3 * row)), to, 32);
}

/** Stores four rows of four numbers as columns, which lie `step` bytes apart. */
@inline
function turnFour(r0: v128, r1: v128, r2: v128, r3: v128, to: usize, step: usize): void {
  const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to + step, v128.shuffle<i64>(low01, low23, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<i64>(high01, high23, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<i64>(high01, high23, 1, 3));
}

/** The size of parts of a length that are about equal and not above `most`, in whole steps. */
function partOf(length: i32, most: i32, step: i32): i32 {
  const parts = max((length + most - 1) / most, 1);
  const part = (length + parts - 1) / parts;
  return max((part + step - 1) / step, 1) * step;
}

/** `C[m, n] = A[m, k] B[k, n] + bias`, or `C += A B` with `accumulate`; strides of A and B and rows of C in bytes. */
function gemm<T>(
  m: i32, n: i32, k: i32,
  a: usize, aRow: isize, aStep: isize,
  b: usize, bStep: isize, bColumn: isize,
  c: usize, ldc: usize,
  bias: usize, accumulate: bool, workspace: usize,
): void {
  const width = columns<T>();
  const corner = workspace;
  const packedA = workspace + 512;
  const packedB = packedA + <usize>((MC + 6) * KC) * sizeof<T>();
  if (k == 0) {
    if (!accumulate) emptySums(m, <usize>n * sizeof<T>(), c, ldc, bias);
    return;
  }
  const depth = partOf(k, KC, 4);
  const spread = partOf(n, NC, width);
  for (let jc = 0; jc < n; jc += spread) {
    const nc = min(spread, n - jc);
    for (let pc = 0; pc < k; pc += depth) {
      const kc = min(depth, k - pc);
      packB<T>(kc, nc, b + <usize>(<isize>pc * bStep + <isize>jc * bColumn), bStep, bColumn, packedB);
      const again = accumulate || pc > 0;
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        packA<T>(mc, kc, a + <usize>(<isize>ic * aRow + <isize>pc * aStep), aRow, aStep, packedA);
        for (let jr = 0; jr < nc; jr += width) {
          const right = packedB + <usize>(jr * kc) * sizeof<T>();
          const first = bias != 0 ? bias + <usize>(jc + jr) * sizeof<T>() : 0;
          for (let ir = 0; ir < mc; ir += ROWS) {
            const left = packedA + <usize>(ir * kc) * sizeof<T>();
            const to = c + <usize>(ic + ir) * ldc + <usize>(jc + jr) * sizeof<T>();
            if (ir + ROWS <= mc && jr + width <= nc) tile<T>(kc, left, right, to, ldc, again ? to : first, again ? ldc : 0);
            else if (ir + 2 == mc && jr + width <= nc) pair<T>(kc, left, right, to, ldc, again ? to : first, again ? ldc : 0);
            else {
              tile<T>(kc, left, right, corner, 32, 0, 0);
              addCorner<T>(corner, to, ldc, again ? to : first, again ? ldc : 0, min(ROWS, mc - ir), min(width, nc - jr));
            }
          }
        }
      }
    }
  }
}

/** What a product over no elements leaves: the bias, or zeros. */
function emptySums(m: i32, bytes: usize, c: usize, ldc: usize, bias: usize): void {
  for (let i = 0; i < m; i++) {
    if (bias != 0) memory.copy(c, bias, bytes);
    else memory.fill(c, 0, bytes);
    c += ldc;
  }
}

/** What of a block lies within C. */
function addCorner<T>(corner: usize, c: usize, ldc: usize, add: usize, ldadd: usize, rows: i32, width: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) {
      const at = <usize>j * sizeof<T>();
      const sum = load<T>(corner + <usize>(i * 32) + at);
      store<T>(c + at, add != 0 ? sum + load<T>(add + at) : sum);
    }
    c += ldc;
    if (add != 0) add += ldadd;
  }
}

export function gemmFloat32(
  m: i32, n: i32, k: i32, a: usize, aRow: isize, aStep: isize, b: usize, bStep: isize, bColumn: isize, c: usize, ldc: usize, bias: usize, accumulate: bool, workspace: usize,
): void {
  gemm<f32>(m, n, k, a, aRow, aStep, b, bStep, bColumn, c, ldc, bias, accumulate, workspace);
}

export function gemmFloat64(
  m: i32, n: i32, k: i32, a: usize, aRow: isize, aStep: isize, b: usize, bStep: isize, bColumn: isize, c: usize, ldc: usize, bias: usize, accumulate: bool, workspace: usize,
): void {
  gemm<f64>(m, n, k, a, aRow, aStep, b, bStep, bColumn, c, ldc, bias, accumulate, workspace);
}

/** Two sums of products of two runs, and what is left of the runs. */
@inline
function finished(sums: v128, others: v128, p: usize, q: usize, left: i32): f32 {
  let total = sumLanes(f32x4.add(sums, others));
  for (; left > 0; left--) {
    total += load<f32>(p) * load<f32>(q);
    p += 4;
    q += 4;
  }
  return total;
}

@inline
function storeSum(y: usize, r: i32, total: f32, bias: usize): void {
  store<f32>(y + (<usize>r << 2), bias != 0 ? total + load<f32>(bias + (<usize>r << 2)) : total);
}

/**
 * `y[r] = w[r, :] · x + bias[r]`. Four rows far apart stream at a time: one alone leaves memory waiting (8 against 14 GB/s where it was measured).
 */
export function rowsTimesVector(w: usize, row: usize, x: usize, y: usize, rows: i32, k: i32, bias: usize): void {
  const part = rows >> 2;
  const far = <usize>part * row;
  const whole = k & ~7;
  for (let r = 0; r < part; r++) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let p = w;
    let q = x;
    for (let left = whole; left > 0; left -= 8) {
      const low = v128.load(q);
      const high = v128.load(q, 16);
      a0 = fma<f32>(v128.load(p), low, a0);
      a1 = fma<f32>(v128.load(p, 16), high, a1);
      b0 = fma<f32>(v128.load(p + far), low, b0);
      b1 = fma<f32>(v128.load(p + far, 16), high, b1);
      c0 = fma<f32>(v128.load(p + 2 * far), low, c0);
      c1 = fma<f32>(v128.load(p + 2 * far, 16), high, c1);
      d0 = fma<f32>(v128.load(p + 3 * far), low, d0);
      d1 = fma<f32>(v128.load(p + 3 * far, 16), high, d1);
      p += 32;
      q += 32;
    }
    const left = k - whole;
    storeSum(y, r, finished(a0, a1, p, q, left), bias);
    storeSum(y, r + part, finished(b0, b1, p + far, q, left), bias);
    storeSum(y, r + 2 * part, finished(c0, c1, p + 2 * far, q, left), bias);
    storeSum(y, r + 3 * part, finished(d0, d1, p + 3 * far, q, left), bias);
    w += row;
  }
  w += 3 * far;
  for (let r = part << 2; r < rows; r++) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let p = w;
    let q = x;
    for (let left = whole; left > 0; left -= 8) {
      a0 = fma<f32>(v128.load(p), v128.load(q), a0);
      a1 = fma<f32>(v128.load(p, 16), v128.load(q, 16), a1);
      p += 32;
      q += 32;
    }
    storeSum(y, r, finished(a0, a1, p, q, k - whole), bias);
    w += row;
  }
}

/** `y = x B + bias` for a vector and a matrix whose rows are contiguous. */
export function vectorTimesRows(b: usize, row: usize, x: usize, y: usize, k: i32, n: i32, bias: usize): void {
  if (bias != 0) memory.copy(y, bias, <usize>n << 2);
  else memory.fill(y, 0, <usize>n << 2);
  addVectorTimesRows(b, row, x, y, k, n);
}

/** `y += x B`: four rows far apart are added up at a time, for the reason that {@link rowsTimesVector} has. */
export function addVectorTimesRows(b: usize, row: usize, x: usize, y: usize, k: i32, n: i32): void {
  const part = k >> 2;
  const far = <usize>part * row;
  const next = <usize>part << 2;
  for (let l = 0; l < part; l++) {
    const x0 = v128.load32_splat(x);
    const x1 = v128.load32_splat(x + next);
    const x2 = v128.load32_splat(x + 2 * next);
    const x3 = v128.load32_splat(x + 3 * next);
    let p = b;
    let q = y;
    let j = n;
    for (; j >= 4; j -= 4) {
      const sum = fma<f32>(x1, v128.load(p + far), fma<f32>(x0, v128.load(p), v128.load(q)));
      v128.store(q, fma<f32>(x3, v128.load(p + 3 * far), fma<f32>(x2, v128.load(p + 2 * far), sum)));
      p += 16;
      q += 16;
    }
    for (; j > 0; j--) {
      let sum = load<f32>(q) + load<f32>(x) * load<f32>(p) + load<f32>(x + next) * load<f32>(p + far);
      sum += load<f32>(x + 2 * next) * load<f32>(p + 2 * far) + load<f32>(x + 3 * next) * load<f32>(p + 3 * far);
      store<f32>(q, sum);
      p += 4;
      q += 4;
    }
    b += row;
    x += 4;
  }
  b += 3 * far;
  x += 3 * next;
  for (let l = part << 2; l < k; l++) {
    const factor = load<f32>(x);
    for (let j: usize = 0; j < <usize>n << 2; j += 4) store<f32>(y + j, load<f32>(y + j) + factor * load<f32>(b + j));
    b += row;
    x += 4;
  }
}
