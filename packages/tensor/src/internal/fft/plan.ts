/** The discrete Fourier transform of one lane of any length, in double precision. */

/** A transform of a length in one direction: reads and overwrites real and imaginary parts. */
type Transform = (re: Float64Array, im: Float64Array) => void;

/** Prime factors of a length, 4 before 2; the last may be a large prime. */
function factorsOf(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (const factor of [4, 2, 3, 5, 7]) for (; rest % factor === 0; rest /= factor) factors.push(factor);
  for (let factor = 11; rest > 1; factor += 2) {
    if (factor * factor > rest) factor = rest;
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return factors;
}

/** Above this a prime factor is handled by a convolution of length a power of two (Bluestein 1970). */
const LARGEST_DIRECT = 31;

/** `cos` and `sin` of `2πk / n` for all `k`, each from an angle below π/4. */
function rootsOf(n: number, sign: number): { readonly cos: Float64Array; readonly sin: Float64Array } {
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    const angle = (2 * Math.PI * k) / n;
    cos[k] = (4 * k) % n === 0 ? [1, 0, -1, 0][(4 * k) / n]! : Math.cos(angle);
    sin[k] = sign * ((4 * k) % n === 0 ? [0, 1, 0, -1][(4 * k) / n]! : Math.sin(angle));
  }
  return { cos, sin };
}

const plans = new Map<number, Transform>();
/** Plans that stay; a program that transforms many lengths makes them anew. */
const MOST_PLANS = 64;

/** `Σ x[t] e^(sign · 2πi k t / n)` for all `k`, without scale. */
export function transformOf(n: number, sign: 1 | -1): Transform {
  const key = sign * n;
  const known = plans.get(key);
  if (known !== undefined) return known;
  const factors = factorsOf(n);
  const made = factors.some(factor => factor > LARGEST_DIRECT) ? bluestein(n, sign) : mixedRadix(n, factors, sign);
  if (plans.size >= MOST_PLANS) plans.clear();
  plans.set(key, made);
  return made;
}

/** Stockham's self-sorting passes, one for each factor. */
function mixedRadix(n: number, factors: readonly number[], sign: number): Transform {
  const { cos, sin } = rootsOf(n, sign);
  const [swapRe, swapIm] = [new Float64Array(n), new Float64Array(n)];
  return (re, im) => {
    let [fromRe, fromIm, toRe, toIm]: [Float64Array, Float64Array, Float64Array, Float64Array] = [re, im, swapRe, swapIm];
    let [rest, stride] = [n, 1];
    for (const factor of factors) {
      rest /= factor;
      if (factor === 4) radix4(fromRe, fromIm, toRe, toIm, rest, stride, cos, sin, sign);
      else if (factor === 2) radix2(fromRe, fromIm, toRe, toIm, rest, stride, cos, sin);
      else radixAny(fromRe, fromIm, toRe, toIm, factor, rest, stride, cos, sin);
      stride *= factor;
      [fromRe, fromIm, toRe, toIm] = [toRe, toIm, fromRe, fromIm];
    }
    if (fromRe !== re) {
      re.set(fromRe);
      im.set(fromIm);
    }
  };
}

function radix2(xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, m: number, s: number, cos: Float64Array, sin: Float64Array): void {
  for (let p = 0; p < m; p++) {
    const [wr, wi] = [cos[p * s]!, sin[p * s]!];
    for (let q = 0; q < s; q++) {
      const [a, b] = [q + s * p, q + s * (p + m)];
      const [dr, di] = [xr[a]! - xr[b]!, xi[a]! - xi[b]!];
      const o = q + s * 2 * p;
      yr[o] = xr[a]! + xr[b]!;
      yi[o] = xi[a]! + xi[b]!;
      yr[o + s] = dr * wr - di * wi;
      yi[o + s] = dr * wi + di * wr;
    }
  }
}

function radix4(
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
  m: number,
  s: number,
  cos: Float64Array,
  sin: Float64Array,
  sign: number,
): void {
  for (let p = 0; p < m; p++) {
    const w = p * s;
    const w1r = cos[w]!;
    const w1i = sin[w]!;
    const w2r = cos[2 * w]!;
    const w2i = sin[2 * w]!;
    const w3r = cos[3 * w]!;
    const w3i = sin[3 * w]!;
    for (let q = 0; q < s; q++) {
      const a = q + s * p;
      const b = a + s * m;
      const c = b + s * m;
      const d = c + s * m;
      const apcR = xr[a]! + xr[c]!;
      const apcI = xi[a]! + xi[c]!;
      const amcR = xr[a]! - xr[c]!;
      const amcI = xi[a]! - xi[c]!;
      const bpdR = xr[b]! + xr[d]!;
      const bpdI = xi[b]! + xi[d]!;
      // i · sign · (b - d)
      const jR = -sign * (xi[b]! - xi[d]!);
      const jI = sign * (xr[b]! - xr[d]!);
      const o = q + s * 4 * p;
      yr[o] = apcR + bpdR;
      yi[o] = apcI + bpdI;
      const r1 = amcR + jR;
      const i1 = amcI + jI;
      yr[o + s] = r1 * w1r - i1 * w1i;
      yi[o + s] = r1 * w1i + i1 * w1r;
      const r2 = apcR - bpdR;
      const i2 = apcI - bpdI;
      yr[o + 2 * s] = r2 * w2r - i2 * w2i;
      yi[o + 2 * s] = r2 * w2i + i2 * w2r;
      const r3 = amcR - jR;
      const i3 = amcI - jI;
      yr[o + 3 * s] = r3 * w3r - i3 * w3i;
      yi[o + 3 * s] = r3 * w3i + i3 * w3r;
    }
  }
}

function radixAny(
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
  r: number,
  m: number,
  s: number,
  cos: Float64Array,
  sin: Float64Array,
): void {
  const n = r * m * s;
  for (let p = 0; p < m; p++)
    for (let q = 0; q < s; q++)
      for (let j = 0; j < r; j++) {
        let [sumR, sumI] = [0, 0];
        for (let k = 0; k < r; k++) {
          const at = q + s * (p + m * k);
          const root = ((j * k) % r) * m * s;
          sumR += xr[at]! * cos[root]! - xi[at]! * sin[root]!;
          sumI += xr[at]! * sin[root]! + xi[at]! * cos[root]!;
        }
        const twiddle = (p * j * s) % n;
        const o = q + s * (r * p + j);
        yr[o] = sumR * cos[twiddle]! - sumI * sin[twiddle]!;
        yi[o] = sumR * sin[twiddle]! + sumI * cos[twiddle]!;
      }
}

/** A transform of any length as a circular convolution with a chirp. */
function bluestein(n: number, sign: number): Transform {
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const [chirpR, chirpI] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    // k² modulo 2n keeps the angle small and exact.
    const angle = (Math.PI * ((k * k) % (2 * n))) / n;
    chirpR[k] = Math.cos(angle);
    chirpI[k] = sign * Math.sin(angle);
  }
  const [forward, backward] = [transformOf(size, -1), transformOf(size, 1)];
  const [kernelR, kernelI] = [new Float64Array(size), new Float64Array(size)];
  for (let k = 0; k < n; k++) {
    kernelR[k] = kernelR[(size - k) % size] = chirpR[k]!;
    kernelI[k] = kernelI[(size - k) % size] = -chirpI[k]!;
  }
  forward(kernelR, kernelI);
  const [workR, workI] = [new Float64Array(size), new Float64Array(size)];
  return (re, im) => {
    workR.fill(0);
    workI.fill(0);
    for (let k = 0; k < n; k++) {
      workR[k] = re[k]! * chirpR[k]! - im[k]! * chirpI[k]!;
      workI[k] = re[k]! * chirpI[k]! + im[k]! * chirpR[k]!;
    }
    forward(workR, workI);
    for (let k = 0; k < size; k++) {
      const [a, b] = [workR[k]!, workI[k]!];
      workR[k] = (a * kernelR[k]! - b * kernelI[k]!) / size;
      workI[k] = (a * kernelI[k]! + b * kernelR[k]!) / size;
    }
    backward(workR, workI);
    for (let k = 0; k < n; k++) {
      re[k] = workR[k]! * chirpR[k]! - workI[k]! * chirpI[k]!;
      im[k] = workR[k]! * chirpI[k]! + workI[k]! * chirpR[k]!;
    }
  };
}
