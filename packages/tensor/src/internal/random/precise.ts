/**
 * Logarithm, sine and cosine to the nearest double. `Math` may err by a digit in the last place, and not the same on every engine; streams that are to be
 * those of C programs bit for bit need the right one. Numbers are carried as unevaluated sums of two doubles (Dekker 1971).
 */

/** A number as the sum of a double and what it lacks. */
type Pair = readonly [high: number, low: number];

const SPLIT = 2 ** 27 + 1;

function sumOf(a: number, b: number): Pair {
  const high = a + b;
  const rest = high - a;
  return [high, a - (high - rest) + (b - rest)];
}

function productOf(a: number, b: number): Pair {
  const [wideA, wideB] = [a * SPLIT, b * SPLIT];
  const [topA, topB] = [wideA - (wideA - a), wideB - (wideB - b)];
  const [endA, endB] = [a - topA, b - topB];
  const high = a * b;
  return [high, endA * endB - (high - topA * topB - endA * topB - topA * endB)];
}

function add(a: Pair, b: Pair): Pair {
  const [high, low] = sumOf(a[0], b[0]);
  return sumOf(high, low + a[1] + b[1]);
}

function multiply(a: Pair, b: Pair): Pair {
  const [high, low] = productOf(a[0], b[0]);
  return sumOf(high, low + a[0] * b[1] + a[1] * b[0]);
}

function divide(a: Pair, divisor: number): Pair {
  const high = a[0] / divisor;
  const back = productOf(high, divisor);
  return sumOf(high, (a[0] - back[0] - back[1] + a[1]) / divisor);
}

/** `1 + x/n (1 + x/(n+step) (...))` from the last term inwards; each step divides by the product of its numbers. */
function series(x: Pair, divisors: readonly number[]): Pair {
  return divisors.reduceRight<Pair>((inner, divisor) => add([1, 0], divide(multiply(x, inner), divisor)), [1, 0]);
}

const EXP_TERMS = Array.from({ length: 12 }, (_, k) => k + 1);
const SIN_TERMS = Array.from({ length: 14 }, (_, k) => -(2 * k + 2) * (2 * k + 3));
const COS_TERMS = Array.from({ length: 14 }, (_, k) => -(2 * k + 1) * (2 * k + 2));
const LN2: Pair = [Math.LN2, 2.3190468138462996e-17];
/** π/2 in three parts. */
const QUARTER = [Math.PI / 2, 6.123233995736766e-17, -1.4973849048591833e-33] as const;

/** `eˣ` for |x| up to 0.4: the series of a sixteenth, squared four times. */
function exponential(x: number): Pair {
  let value = series([x / 16, 0], EXP_TERMS);
  for (let k = 0; k < 4; k++) value = multiply(value, value);
  return value;
}

/** The natural logarithm of a positive normal number, correctly rounded but for the rarest ties. */
export function log(x: number): number {
  const exponent = Math.round(Math.log2(x));
  const scaled = x / 2 ** exponent;
  const near = Math.log(scaled);
  // Newton's step: scaled · e^(-near) is 1 but for what `near` lacks.
  const [high, low] = add(multiply([scaled, 0], exponential(-near)), [-1, 0]);
  const correction = high + low;
  const [whole, rest] = add(multiply([exponent, 0], LN2), sumOf(near, correction - (correction * correction) / 2));
  return whole + rest;
}

/** Sine and cosine of an angle from 0 to 2π, correctly rounded but for the rarest ties. */
export function sinCos(angle: number): [sine: number, cosine: number] {
  const turns = Math.round(angle / QUARTER[0]);
  const first = productOf(-turns, QUARTER[0]);
  const rest = add(add([angle, 0], first), add(productOf(-turns, QUARTER[1]), [-turns * QUARTER[2], 0]));
  const square = multiply(rest, rest);
  const sine = multiply(rest, series(square, SIN_TERMS));
  const cosine = series(square, COS_TERMS);
  const [s, c] = [sine[0] + sine[1], cosine[0] + cosine[1]];
  if (turns % 4 === 1) return [c, -s];
  if (turns % 4 === 2) return [-s, -c];
  return turns % 4 === 3 ? [-c, s] : [s, c];
}
