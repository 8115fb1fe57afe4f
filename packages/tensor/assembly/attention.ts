/**
 * Attention by blocks of scores (Dao et al. 2022, FlashAttention): no matrix of all queries by all keys exists at any time. One head a call; rows
 * of queries, keys and values lie at steps in bytes, numbers of a row side by side.
 */
import { addVectorTimesRows, gemmFloat32, gemmWorkspace, rowsTimesVector } from './gemm';
import { expBelow0 } from './math';
import { scaleRow } from './rows';
import { firstLanes, largestLane, splat, sumLanes } from './vector';

/** Queries and keys of a block of scores. */
const QUERIES: i32 = 96;
const KEYS: i32 = 256;
const SCORES: i32 = QUERIES * KEYS * 4;

/** Bytes of workspace that attention needs: that of products, two blocks of scores, three numbers for each query of a block. */
export function attentionWorkspace(): i32 {
  return gemmWorkspace() + 2 * SCORES + 3 * QUERIES * 4 + 64;
}

/** Scores of a block, scaled, with the mask added and what lies in the future at minus infinity. */
function scoreBlock(
  q: usize, qRow: isize, k: usize, kRow: isize, scores: usize, queries: i32, keys: i32, width: i32,
  scale: f32, mask: usize, maskRow: usize, limit: i32, workspace: usize,
): void {
  if (queries == 1 && kRow >= 0) rowsTimesVector(k, kRow, q, scores, keys, width, 0);
  else gemmFloat32(queries, keys, width, q, qRow, 4, k, 4, kRow, scores, KEYS << 2, 0, false, workspace);
  const factor = splat(scale);
  for (let i = 0; i < queries; i++) {
    const row = scores + <usize>(i * KEYS) * 4;
    for (let j = 0; j < keys; j += 4) {
      const at = row + (<usize>j << 2);
      let s = f32x4.mul(v128.load(at), factor);
      if (mask != 0) s = f32x4.add(s, v128.load(mask + <usize>i * maskRow + (<usize>j << 2)));
      // Query i of the block sees keys up to number limit + i of the block.
      if (j + 3 > limit + i) s = v128.bitselect(s, splat(-Infinity), firstLanes(limit + i - j + 1));
      if (keys - j < 4) s = v128.bitselect(s, splat(-Infinity), firstLanes(keys - j));
      v128.store(at, s);
    }
  }
}

/** Mixes the bits of four integers (Wellons 2018, the low-bias 32-bit function). */
@inline
function mixed(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * Drops weights of a query, or what stands in their places, and scales the others. Which ones, a function of the place alone decides, so that the
 * way back drops the same.
 *
 * @param key of the head, `query` its number, `first` the number of the first key of the run
 * @param below bits under which a weight is dropped
 */
function dropRow(row: usize, n: i32, key: i32, query: i32, first: i32, below: i32, factor: f32): void {
  const ofQuery = mixed(i32x4.splat(key + query * 0x85ebca77));
  const limit = i32x4.splat(below);
  const scale = splat(factor);
  let place = i32x4.mul(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), i32x4.splat(0xc2b2ae3d));
  for (let j = 0; j < n; j += 4) {
    const at = row + (<usize>j << 2);
    const kept = v128.ge<u32>(mixed(i32x4.add(ofQuery, place)), limit);
    v128.store(at, v128.and(f32x4.mul(v128.load(at), scale), kept));
    place = i32x4.add(place, i32x4.splat(4 * 0xc2b2ae3d));
  }
}

/** The largest of a row, NaN passed over. */
@inline
function largest(row: usize, n: i32): f32 {
  let m = splat(-Infinity);
  for (let j = 0; j < n; j += 4) m = f32x4.pmax(m, v128.load(row + (<usize>j << 2)));
  return largestLane(m);
}

/**
 * `out = softmax(q kᵀ scale + mask) v` for one head.
 *
 * @param logSums one number for each query: the logarithm of the sum of its exponentials, for the way back
 * @param dropBelow 0 to drop nothing, else see {@link dropRow}
 */
export function attention(
  q: usize, qRow: isize, k: usize, kRow: isize, v: usize, vRow: isize, out: usize, outRow: usize, logSums: usize,
  queries: i32, keys: i32, width: i32, valueWidth: i32, scale: f32, mask: usize, maskRow: usize, causal: bool,
  dropKey: i32, dropBelow: i32, dropFactor: f32, workspace: usize,
): void {
  const scores = workspace + <usize>gemmWorkspace();
  const tops = scores + <usize>(2 * SCORES);
  const sums = tops + (<usize>QUERIES << 2);
  for (let i = 0; i < queries; i += QUERIES) {
    const rows = min(QUERIES, queries - i);
    const target = out + <usize>i * outRow;
    for (let r = 0; r < rows; r++) {
      store<f32>(tops + (<usize>r << 2), -Infinity);
      store<f32>(sums + (<usize>r << 2), 0);
      memory.fill(target + <usize>r * outRow, 0, <usize>valueWidth << 2);
    }
    const seen = causal ? min(keys, i + rows) : keys;
    for (let j = 0; j < seen; j += KEYS) {
      const columns = min(KEYS, seen - j);
      scoreBlock(
        q + <usize>(<isize>i * qRow), qRow, k + <usize>(<isize>j * kRow), kRow, scores, rows, columns, width,
        scale, mask != 0 ? mask + <usize>i * maskRow + (<usize>j << 2) : 0, maskRow, causal ? i - j : 0x3fffffff, workspace,
      );
      for (let r = 0; r < rows; r++) {
        const row = scores + <usize>(r * KEYS) * 4;
        const before = load<f32>(tops + (<usize>r << 2));
        const top = max<f32>(before, largest(row, columns));
        // A row that sees nothing yet must not become infinity minus infinity.
        const from = splat(top == -Infinity ? <f32>0 : top);
        let sum = splat(0);
        for (let c = 0; c < columns; c += 4) {
          const at = row + (<usize>c << 2);
          const p = expBelow0(f32x4.sub(v128.load(at), from));
          v128.store(at, p);
          sum = f32x4.add(sum, p);
        }
        const keep: f32 = top == -Infinity ? <f32>1 : f32x4.extract_lane(expBelow0(splat(before - top)), 0);
        store<f32>(tops + (<usize>r << 2), top);
        store<f32>(sums + (<usize>r << 2), load<f32>(sums + (<usize>r << 2)) * keep + sumLanes(sum));
        if (j > 0 && keep != 1) scaleRow(target + <usize>r * outRow, valueWidth, keep);
        if (dropBelow != 0) dropRow(row, columns, dropKey, i + r, j, dropBelow, dropFactor);
      }
      const values = v + <usize>(<isize>j * vRow);
      if (rows == 1 && vRow >= 0) addVectorTimesRows(values, vRow, scores, target, columns, valueWidth);
      else gemmFloat32(rows, valueWidth, columns, scores, KEYS << 2, 4, values, vRow, 4, target, outRow, 0, true, workspace);
    }
    for (let r = 0; r < rows; r++) {
      const sum = load<f32>(sums + (<usize>r << 2));
      scaleRow(target + <usize>r * outRow, valueWidth, 1 / sum);
      store<f32>(logSums + (<usize>(i + r) << 2), <f32>(<f64>load<f32>(tops + (<usize>r << 2)) + Math.log(<f64>sum)));
    }
  }
}

/**
 * The way back of {@link attention}: adds to the gradients of queries, keys and values.
 *
 * @param g gradient of the result, with its row step; `out` the result, `logSums` what came with it
 */
export function attentionBackward(
  g: usize, gRow: usize, out: usize, outRow: usize, logSums: usize,
  q: usize, qRow: isize, k: usize, kRow: isize, v: usize, vRow: isize, dq: usize, dqRow: usize, dk: usize, dkRow: usize, dv: usize, dvRow: usize,
  queries: i32, keys: i32, width: i32, valueWidth: i32, scale: f32, mask: usize, maskRow: usize, causal: bool,
  dropKey: i32, dropBelow: i32, dropFactor: f32, workspace: usize,
): void {
  const weights = workspace + <usize>gemmWorkspace();
  const slopes = weights + <usize>SCORES;
  const shares = slopes + <usize>SCORES;
  for (let i = 0; i < queries; i += QUERIES) {
    const rows = min(QUERIES, queries - i);
    const from = g + <usize>i * gRow;
    for (let r = 0; r < rows; r++) {
      const a = from + <usize>r * gRow;
      const b = out + <usize>(i + r) * outRow;
      let sum = splat(0);
      for (let c = 0; c < valueWidth; c += 4) {
        const product = f32x4.mul(v128.load(a + (<usize>c << 2)), v128.load(b + (<usize>c << 2)));
        sum = f32x4.add(sum, valueWidth - c >= 4 ? product : v128.and(product, firstLanes(valueWidth - c)));
      }
      store<f32>(shares + (<usize>r << 2), sumLanes(sum));
    }
    const seen = causal ? min(keys, i + rows) : keys;
    for (let j = 0; j < seen; j += KEYS) {
      const columns = min(KEYS, seen - j);
      const queryRows = q + <usize>(<isize>i * qRow);
      const keyRows = k + <usize>(<isize>j * kRow);
      const valueRows = v + <usize>(<isize>j * vRow);
      scoreBlock(
        queryRows, qRow, keyRows, kRow, weights, rows, columns, width,
        scale, mask != 0 ? mask + <usize>i * maskRow + (<usize>j << 2) : 0, maskRow, causal ? i - j : 0x3fffffff, workspace,
      );
      gemmFloat32(rows, columns, valueWidth, from, gRow, 4, valueRows, 4, vRow, slopes, KEYS << 2, 0, false, workspace);
      const factor = splat(scale);
      for (let r = 0; r < rows; r++) {
        const level = splat(load<f32>(logSums + (<usize>(i + r) << 2)));
        const share = splat(load<f32>(shares + (<usize>r << 2)));
        const first = (<usize>(r * KEYS)) << 2;
        if (dropBelow != 0) dropRow(slopes + first, columns, dropKey, i + r, j, dropBelow, dropFactor);
        for (let c = 0; c < columns; c += 4) {
          const at = (<usize>(r * KEYS + c)) << 2;
          const p = expBelow0(f32x4.sub(v128.load(weights + at), level));
          v128.store(weights + at, p);
          v128.store(slopes + at, f32x4.mul(f32x4.mul(p, factor), f32x4.sub(v128.load(slopes + at), share)));
        }
        if (dropBelow != 0) dropRow(weights + first, columns, dropKey, i + r, j, dropBelow, dropFactor);
      }
      gemmFloat32(columns, valueWidth, rows, weights, 4, KEYS << 2, from, gRow, 4, dv + <usize>j * dvRow, dvRow, 0, true, workspace);
      gemmFloat32(rows, width, columns, slopes, KEYS << 2, 4, keyRows, kRow, 4, dq + <usize>i * dqRow, dqRow, 0, true, workspace);
      gemmFloat32(columns, width, rows, slopes, 4, KEYS << 2, queryRows, qRow, 4, dk + <usize>j * dkRow, dkRow, 0, true, workspace);
    }
  }
}
