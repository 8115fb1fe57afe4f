/** Distributions of numpy, written over a stream of uniform, normal and exponential doubles. */
import { logGamma } from '../../special.js';

/** What a distribution draws from. */
export interface Source {
  /** Uniform on [0, 1). */
  double(): number;
  normal(): number;
  exponential(): number;
}

/** Gamma of a shape, scale 1 (Marsaglia and Tsang 2000; below shape 1 Ahrens and Dieter 1974). */
export function standardGamma(from: Source, shape: number): number {
  if (shape === 1) return from.exponential();
  if (shape === 0) return 0;
  return shape < 1 ? smallGamma(from, shape) : largeGamma(from, shape);
}

function smallGamma(from: Source, shape: number): number {
  for (;;) {
    const u = from.double();
    const v = from.exponential();
    if (u <= 1 - shape) {
      const x = u ** (1 / shape);
      if (x <= v) return x;
    } else {
      const y = -Math.log((1 - u) / shape);
      const x = (1 - shape + shape * y) ** (1 / shape);
      if (x <= v + y) return x;
    }
  }
}

function largeGamma(from: Source, shape: number): number {
  const b = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * b);
  for (;;) {
    let x: number;
    let v: number;
    do {
      x = from.normal();
      v = 1 + c * x;
    } while (v <= 0);
    v = v * v * v;
    const u = from.double();
    if (u < 1 - 0.0331 * (x * x) * (x * x) || Math.log(u) < 0.5 * x * x + b * (1 - v + Math.log(v))) return b * v;
  }
}

/** Beta; below 1 for both parameters by Jöhnk's method (1964). */
export function beta(from: Source, a: number, b: number): number {
  if (a > 1 || b > 1) {
    const x = standardGamma(from, a);
    return x / (x + standardGamma(from, b));
  }
  for (;;) {
    const [u, v] = [from.double(), from.double()];
    const [x, y] = [u ** (1 / a), v ** (1 / b)];
    if (x + y > 1 || u + v === 0) continue;
    if (x + y > 0) return x / (x + y);
    const [logX, logY] = [Math.log(u) / a, Math.log(v) / b];
    const top = Math.max(logX, logY);
    return Math.exp(logX - top - Math.log(Math.exp(logX - top) + Math.exp(logY - top)));
  }
}

/** Poisson: products of uniforms below a mean of 10, from there transformed rejection (Hörmann 1993). */
export function poisson(from: Source, mean: number): number {
  if (mean === 0) return 0;
  return mean < 10 ? poissonByProducts(from, mean) : poissonByRejection(from, mean);
}

function poissonByProducts(from: Source, mean: number): number {
  const end = Math.exp(-mean);
  let count = 0;
  for (let product = from.double(); product > end; product *= from.double()) count++;
  return count;
}

function poissonByRejection(from: Source, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = from.double() - 0.5;
    const v = from.double();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b) <= -mean + k * Math.log(mean) - logGamma(k + 1)) return k;
  }
}

/** Binomial: inversion where few successes are expected, else the triangles of BTPE (Kachitvichyanukul and Schmeiser 1988). */
export function binomial(from: Source, n: number, p: number): number {
  if (n === 0 || p === 0) return 0;
  const small = Math.min(p, 1 - p);
  const count = small * n <= 30 ? binomialByInversion(from, n, small) : binomialByTriangles(from, n, small);
  return p <= 0.5 ? count : n - count;
}

function binomialByInversion(from: Source, n: number, p: number): number {
  const q = 1 - p;
  const start = Math.exp(n * Math.log(q));
  const bound = Math.min(n, n * p + 10 * Math.sqrt(n * p * q + 1));
  let [x, px, u] = [0, start, from.double()];
  while (u > px) {
    x++;
    if (x > bound) [x, px, u] = [0, start, from.double()];
    else {
      u -= px;
      px = ((n - x + 1) * p * px) / (x * q);
    }
  }
  return x;
}

/** Stirling's correction as BTPE writes it. */
const correction = (x: number): number => (13680 - (462 - (132 - (99 - 140 / (x * x)) / (x * x)) / (x * x)) / (x * x)) / x / 166320;

function binomialByTriangles(from: Source, n: number, r: number): number {
  const q = 1 - r;
  const fm = n * r + r;
  const m = Math.floor(fm);
  const nrq = n * r * q;
  const p1 = Math.floor(2.195 * Math.sqrt(nrq) - 4.6 * q) + 0.5;
  const xm = m + 0.5;
  const [xl, xr] = [xm - p1, xm + p1];
  const c = 0.134 + 20.5 / (15.3 + m);
  const slope = (a: number): number => a * (1 + a / 2);
  const [left, right] = [slope((fm - xl) / (fm - xl * r)), slope((xr - fm) / (xr * q))];
  const p2 = p1 * (1 + 2 * c);
  const p3 = p2 + c / left;
  const p4 = p3 + c / right;
  for (;;) {
    const u = from.double() * p4;
    let v = from.double();
    if (u <= p1) return Math.floor(xm - p1 * v + u);
    let y: number;
    if (u <= p2) {
      const x = xl + (u - p1) / c;
      v = v * c + 1 - Math.abs(m - x + 0.5) / p1;
      if (v > 1) continue;
      y = Math.floor(x);
    } else if (u <= p3) {
      y = Math.floor(xl + Math.log(v) / left);
      if (y < 0 || v === 0) continue;
      v *= (u - p2) * left;
    } else {
      y = Math.floor(xr - Math.log(v) / right);
      if (y > n || v === 0) continue;
      v *= (u - p3) * right;
    }
    if (accepts(y, v, n, r, m)) return y;
  }
}

/** Whether a point lies under the binomial's curve: by the recurrence near the middle and far out, else by Stirling's formula. */
function accepts(y: number, v: number, n: number, r: number, m: number): boolean {
  const q = 1 - r;
  const nrq = n * r * q;
  const k = Math.abs(y - m);
  if (k <= 20 || k >= nrq / 2 - 1) {
    const s = r / q;
    const a = s * (n + 1);
    let f = 1;
    for (let i = m + 1; i <= y; i++) f *= a / i - s;
    for (let i = y + 1; i <= m; i++) f /= a / i - s;
    return v <= f;
  }
  const rho = (k / nrq) * ((k * (k / 3 + 0.625) + 0.16666666666666666) / nrq + 0.5);
  const t = (-k * k) / (2 * nrq);
  const logV = Math.log(v);
  if (logV < t - rho) return true;
  if (logV > t + rho) return false;
  const [x1, f1, z, w] = [y + 1, m + 1, n + 1 - m, n - y + 1];
  const level = (m + 0.5) * Math.log(f1 / x1) + (n - m + 0.5) * Math.log(z / w) + (y - m) * Math.log((w * r) / (x1 * q));
  return logV <= level + correction(f1) + correction(z) + correction(x1) + correction(w);
}

/** Double exponential around `loc`. */
export function laplace(from: Source, loc: number, scale: number): number {
  for (;;) {
    const u = from.double();
    if (u >= 0.5) return loc - scale * Math.log(2 - u - u);
    if (u > 0) return loc + scale * Math.log(u + u);
  }
}

/** Extreme value of type I. */
export function gumbel(from: Source, loc: number, scale: number): number {
  for (;;) {
    const u = 1 - from.double();
    if (u < 1) return loc - scale * Math.log(-Math.log(u));
  }
}

/** Triangular between `left` and `right` with a peak at `mode`. */
export function triangular(from: Source, left: number, mode: number, right: number): number {
  const base = right - left;
  const u = from.double();
  if (u <= (mode - left) / base) return left + Math.sqrt(u * (mode - left) * base);
  return right - Math.sqrt((1 - u) * (right - mode) * base);
}

/** Trials up to the first success: added up where success is likely, else by `invert`. */
export function geometric(from: Source, p: number, invert: () => number): number {
  if (p < 1 / 3) return Math.ceil(invert() / Math.log1p(-p));
  const u = from.double();
  let [count, sum, share] = [1, p, p];
  while (u > sum) {
    share *= 1 - p;
    sum += share;
    count++;
  }
  return count;
}

/** How `n` things fall into classes of given probability. */
export function multinomialCounts(from: Source, n: number, probabilities: readonly number[]): number[] {
  const counts = probabilities.map(() => 0);
  let [left, mass] = [n, 1];
  for (let i = 0; i < probabilities.length - 1 && left > 0; i++) {
    counts[i] = binomial(from, left, Math.min(1, probabilities[i]! / mass));
    left -= counts[i]!;
    mass -= probabilities[i]!;
  }
  if (left > 0) counts[probabilities.length - 1] = left;
  return counts;
}

/** Shares of a whole: gamma draws over their sum. */
export function dirichlet(from: Source, alpha: readonly number[]): number[] {
  const draws = alpha.map(each => standardGamma(from, each));
  const total = draws.reduce((sum, each) => sum + each, 0);
  return draws.map(each => each / total);
}
