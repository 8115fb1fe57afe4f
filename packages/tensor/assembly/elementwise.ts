/** Loops over contiguous float32 numbers; each export is one loop with its function inlined. */
import { erf as erfOf, exp as expOf, log as logOf, normalBell, normalCdf, sigmoid as sigmoidOf, tanh as tanhOf } from './math';
import { fixed, fma, splat, storeLanes } from './vector';

enum Op { Exp, Log, Tanh, Sigmoid, Sqrt, Abs, Neg, Relu, Gelu, GeluTanh, Silu, Erf, Square, Reciprocal, Rsqrt, Add, Sub, Mul, Div, Maximum, Minimum, GeluBackward, SiluBackward, TanhBackward, SigmoidBackward, ReluBackward, GeluTanhBackward }

const GELU_TANH_ARGUMENT = memory.data<f32>([0.7978845608 * 0.044715, 0.7978845608]);
@inline
function geluTanhArgument(x: v128): v128 {
  return f32x4.mul(x, fma<f32>(f32x4.mul(x, x), fixed(GELU_TANH_ARGUMENT, 0), fixed(GELU_TANH_ARGUMENT, 1)));
}

const ONE = memory.data<f32>([1, -2]);
@inline
function one(op: Op, x: v128): v128 {
  if (op == Op.Exp) return expOf(x);
  if (op == Op.Log) return logOf(x);
  if (op == Op.Tanh) return tanhOf(x);
  if (op == Op.Sigmoid) return sigmoidOf(x);
  if (op == Op.Sqrt) return f32x4.sqrt(x);
  if (op == Op.Abs) return f32x4.abs(x);
  if (op == Op.Neg) return f32x4.neg(x);
  // NaN is not at or below 0 and stays.
  if (op == Op.Relu) return v128.andnot(x, f32x4.le(x, splat(0)));
  if (op == Op.Gelu) return f32x4.mul(x, normalCdf(x, normalBell(x)));
  // 1/2 (1 + tanh u) is the sigmoid of 2 u.
  if (op == Op.GeluTanh) return f32x4.div(x, f32x4.add(fixed(ONE, 0), expOf(f32x4.mul(fixed(ONE, 1), geluTanhArgument(x)))));
  if (op == Op.Silu) return f32x4.mul(x, sigmoidOf(x));
  if (op == Op.Erf) return erfOf(x);
  if (op == Op.Square) return f32x4.mul(x, x);
  if (op == Op.Rsqrt) return f32x4.div(fixed(ONE, 0), f32x4.sqrt(x));
  return f32x4.div(fixed(ONE, 0), x);
}

@inline
function map(op: Op, x: usize, y: usize, n: i32): void {
  let left = n;
  for (; left >= 4; left -= 4) {
    v128.store(y, one(op, v128.load(x)));
    x += 16;
    y += 16;
  }
  if (left > 0) storeLanes(y, one(op, v128.load(x)), left);
}

export function exp(x: usize, y: usize, n: i32): void { map(Op.Exp, x, y, n); }
export function log(x: usize, y: usize, n: i32): void { map(Op.Log, x, y, n); }
export function tanh(x: usize, y: usize, n: i32): void { map(Op.Tanh, x, y, n); }
export function sigmoid(x: usize, y: usize, n: i32): void { map(Op.Sigmoid, x, y, n); }
export function sqrt(x: usize, y: usize, n: i32): void { map(Op.Sqrt, x, y, n); }
export function abs(x: usize, y: usize, n: i32): void { map(Op.Abs, x, y, n); }
export function neg(x: usize, y: usize, n: i32): void { map(Op.Neg, x, y, n); }
export function relu(x: usize, y: usize, n: i32): void { map(Op.Relu, x, y, n); }
export function gelu(x: usize, y: usize, n: i32): void { map(Op.Gelu, x, y, n); }
export function geluTanh(x: usize, y: usize, n: i32): void { map(Op.GeluTanh, x, y, n); }
export function silu(x: usize, y: usize, n: i32): void { map(Op.Silu, x, y, n); }
export function erf(x: usize, y: usize, n: i32): void { map(Op.Erf, x, y, n); }
export function square(x: usize, y: usize, n: i32): void { map(Op.Square, x, y, n); }
export function reciprocal(x: usize, y: usize, n: i32): void { map(Op.Reciprocal, x, y, n); }
export function rsqrt(x: usize, y: usize, n: i32): void { map(Op.Rsqrt, x, y, n); }

const TWO = memory.data<f32>([1, 0.3989422804, -2, 6 * 0.7978845608 * 0.044715, 2 * 0.7978845608]);
@inline
function two(op: Op, a: v128, b: v128): v128 {
  if (op == Op.Add) return f32x4.add(a, b);
  if (op == Op.Sub) return f32x4.sub(a, b);
  if (op == Op.Mul) return f32x4.mul(a, b);
  if (op == Op.Div) return f32x4.div(a, b);
  if (op == Op.Maximum) return f32x4.max(a, b);
  if (op == Op.Minimum) return f32x4.min(a, b);
  // Gradients: of the result a, with b the input, or the result where the derivative is written in it.
  if (op == Op.TanhBackward) return f32x4.mul(a, f32x4.sub(fixed(TWO, 0), f32x4.mul(b, b)));
  if (op == Op.SigmoidBackward) return f32x4.mul(a, f32x4.mul(b, f32x4.sub(fixed(TWO, 0), b)));
  if (op == Op.ReluBackward) return v128.and(a, f32x4.gt(b, splat(0)));
  if (op == Op.SiluBackward) {
    const s = sigmoidOf(b);
    return f32x4.mul(a, f32x4.mul(s, fma<f32>(b, f32x4.sub(fixed(TWO, 0), s), fixed(TWO, 0))));
  }
  if (op == Op.GeluBackward) {
    const bell = normalBell(b);
    return f32x4.mul(a, fma<f32>(b, f32x4.mul(fixed(TWO, 1), bell), normalCdf(b, bell)));
  }
  // The sigmoid of 2 u again, and its derivative.
  const s = f32x4.div(fixed(TWO, 0), f32x4.add(fixed(TWO, 0), expOf(f32x4.mul(fixed(TWO, 2), geluTanhArgument(b)))));
  const slope = fma<f32>(f32x4.mul(b, b), fixed(TWO, 3), fixed(TWO, 4));
  return f32x4.mul(a, f32x4.mul(s, fma<f32>(f32x4.mul(b, slope), f32x4.sub(fixed(TWO, 0), s), fixed(TWO, 0))));
}

/** Steps are 16 bytes, or 0 for a number that repeats. */
@inline
function combine(op: Op, a: usize, b: usize, y: usize, n: i32): void {
  let left = n;
  for (; left >= 8; left -= 8) {
    v128.store(y, two(op, v128.load(a), v128.load(b)));
    v128.store(y, two(op, v128.load(a, 16), v128.load(b, 16)), 16);
    a += 32;
    b += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    const v = two(op, v128.load(a), v128.load(b));
    if (left >= 4) v128.store(y, v);
    else storeLanes(y, v, left);
    a += 16;
    b += 16;
    y += 16;
  }
}

@inline
function combineNumber(op: Op, a: usize, b: v128, y: usize, n: i32, reversed: bool): void {
  let left = n;
  for (; left >= 4; left -= 4) {
    v128.store(y, reversed ? two(op, b, v128.load(a)) : two(op, v128.load(a), b));
    a += 16;
    y += 16;
  }
  if (left > 0) storeLanes(y, reversed ? two(op, b, v128.load(a)) : two(op, v128.load(a), b), left);
}

export function add(a: usize, b: usize, y: usize, n: i32): void { combine(Op.Add, a, b, y, n); }
export function sub(a: usize, b: usize, y: usize, n: i32): void { combine(Op.Sub, a, b, y, n); }
export function mul(a: usize, b: usize, y: usize, n: i32): void { combine(Op.Mul, a, b, y, n); }
export function div(a: usize, b: usize, y: usize, n: i32): void { combine(Op.Div, a, b, y, n); }
export function maximum(a: usize, b: usize, y: usize, n: i32): void { combine(Op.Maximum, a, b, y, n); }
export function minimum(a: usize, b: usize, y: usize, n: i32): void { combine(Op.Minimum, a, b, y, n); }
export function tanhBackward(g: usize, y: usize, out: usize, n: i32): void { combine(Op.TanhBackward, g, y, out, n); }
export function sigmoidBackward(g: usize, y: usize, out: usize, n: i32): void { combine(Op.SigmoidBackward, g, y, out, n); }
export function reluBackward(g: usize, x: usize, out: usize, n: i32): void { combine(Op.ReluBackward, g, x, out, n); }
export function siluBackward(g: usize, x: usize, out: usize, n: i32): void { combine(Op.SiluBackward, g, x, out, n); }
export function geluBackward(g: usize, x: usize, out: usize, n: i32): void { combine(Op.GeluBackward, g, x, out, n); }
export function geluTanhBackward(g: usize, x: usize, out: usize, n: i32): void { combine(Op.GeluTanhBackward, g, x, out, n); }
export function addNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Add, a, splat(b), y, n, false); }
export function subNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Sub, a, splat(b), y, n, false); }
export function subFromNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Sub, a, splat(b), y, n, true); }
export function mulNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Mul, a, splat(b), y, n, false); }
export function divNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Div, a, splat(b), y, n, false); }
export function divFromNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Div, a, splat(b), y, n, true); }
export function maximumNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Maximum, a, splat(b), y, n, false); }
export function minimumNumber(a: usize, b: f32, y: usize, n: i32): void { combineNumber(Op.Minimum, a, splat(b), y, n, false); }

/** One step of Adam with decoupled decay of weights; all arrays are updated in place. */
export function adamw(
  p: usize, g: usize, m: usize, v: usize, n: i32, lr: f32, beta1: f32, beta2: f32, eps: f32, decay: f32, correction1: f32, correction2: f32,
): void {
  const keep1 = splat(beta1);
  const take1 = splat(1 - beta1);
  const keep2 = splat(beta2);
  const take2 = splat(1 - beta2);
  const shrink = splat(1 - lr * decay);
  const step = splat(lr / correction1);
  const root = splat(1 / sqrt32(correction2));
  const guard = splat(eps);
  for (let left = n; left > 0; left -= 4) {
    const gradient = v128.load(g);
    const first = fma<f32>(keep1, v128.load(m), f32x4.mul(take1, gradient));
    const second = fma<f32>(keep2, v128.load(v), f32x4.mul(take2, f32x4.mul(gradient, gradient)));
    const scale = fma<f32>(f32x4.sqrt(second), root, guard);
    const next = f32x4.sub(f32x4.mul(v128.load(p), shrink), f32x4.div(f32x4.mul(step, first), scale));
    if (left >= 4) {
      v128.store(m, first);
      v128.store(v, second);
      v128.store(p, next);
    } else {
      storeLanes(m, first, left);
      storeLanes(v, second, left);
      storeLanes(p, next, left);
    }
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}

@inline
function sqrt32(x: f32): f32 {
  return f32(Math.sqrt(x));
}
