/** Scales that leave the least weighted squared error when numbers are rounded to few levels: candidates around the plain one, each refined by least squares. */
import { fromHalf, toHalf } from '../halves.js';

/** The half nearest to a number. */
export const asHalf = (value: number): number => fromHalf(toHalf(value));

/** The half nearest to a number and its neighbours, for the steps of a half are coarse. */
export const halvesNear = (value: number): number[] => [0, -1, 1].map(bend => asHalf(value * (1 + bend * 2 ** -11)));

/** Adding and taking away 1.5 · 2^52 leaves a whole number. */
const ROUNDER = 6755399441055744;

/** The nearest whole number, of two the even one; for magnitudes below 2^51. */
export function nearest(value: number): number {
  return value + ROUNDER - ROUNDER;
}

/** A scale and how far the lowest level lies below zero. */
export interface Affine {
  readonly scale: number;
  readonly below: number;
}

/** By how much the plain number of levels is bent to find better scales: from -1 to 1.4, in steps that are finer where levels are few. */
const AFFINE_STEPS = Array.from({ length: 49 }, (_, i) => (i - 20) / 20);
const COARSE_STEPS = AFFINE_STEPS.filter((_, i) => i % 2 === 0);
/** What must be better to be taken: rounding is not. */
export const BETTER: number = 1 + 1e-9;

/**
 * What numbers lose on levels 0 to `most`. `scale` and `below` are those of the levels; with `refit` they are then fitted to the levels by least squares,
 * the lowest level not above zero, and `found` holds the loss, the scale and the offset.
 */
function loseAffine(x: Float32Array, weights: Float64Array, scale: number, below: number, most: number, found: Float64Array, refit: boolean): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let w = 0;
  let wx = 0;
  let wxx = 0;
  let wl = 0;
  let wll = 0;
  let wxl = 0;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    const weight = weights[i]!;
    const whole = (value + below) * inverse + ROUNDER - ROUNDER;
    const level = whole < 0 ? 0 : whole > most ? most : whole;
    const weighted = weight * level;
    w += weight;
    wx += weight * value;
    wxx += weight * value * value;
    wl += weighted;
    wll += weighted * level;
    wxl += weighted * value;
  }
  let s = scale;
  let b = below;
  const determinant = w * wll - wl * wl;
  if (refit && determinant > 0) {
    const offset = (wll * wx - wl * wxl) / determinant;
    b = offset > 0 ? 0 : -offset;
    s = offset > 0 ? wxl / wll : (w * wxl - wl * wx) / determinant;
  }
  found[0] = Math.max(0, s * s * wll + b * b * w + wxx - 2 * s * b * wl - 2 * s * wxl + 2 * b * wx);
  found[1] = s;
  found[2] = b;
}

const found = new Float64Array(3);

/** The weighted squared error of numbers on levels 0 to `most` of a scale with so much below zero. */
export function affineLoss(x: Float32Array, weights: Float64Array, scale: number, below: number, most: number): number {
  loseAffine(x, weights, scale, below, most, found, false);
  return found[0]!;
}

/** The scale and offset of numbers on levels 0 to `most`, zero among what can be told. */
export function fitAffine(x: Float32Array, weights: Float64Array, most: number): Affine {
  let low = 0;
  let high = x[0]!;
  for (const value of x) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (high === low) return { scale: 0, below: -low };
  let best: Affine = { scale: (high - low) / most, below: -low };
  let loss = affineLoss(x, weights, best.scale, best.below, most);
  for (const step of most > 3 ? COARSE_STEPS : AFFINE_STEPS) {
    loseAffine(x, weights, (high - low) / (most + step), -low, most, found, true);
    if (found[1]! > 0 && found[0]! * BETTER < loss) {
      loss = found[0]!;
      best = { scale: found[1]!, below: found[2]! };
    }
  }
  return best;
}

/** How far beyond the lowest level the number of largest magnitude may lie, the plain place first. */
const SYMMETRIC_STEPS = Array.from({ length: 25 }, (_, i) => (i % 2 === 0 ? i / 2 : -(i + 1) / 2) / 12);

/** The number of largest magnitude, the first of several. */
export function extremeOf(x: Float32Array): number {
  let most = 0;
  for (const value of x) if (Math.abs(value) > Math.abs(most)) most = value;
  return most;
}

/** The scale of numbers on levels `-half` to `half - 1`; the number of largest magnitude lies near the lowest. */
export function fitSymmetric(x: Float32Array, weights: Float64Array, half: number): number {
  const extreme = extremeOf(x);
  if (extreme === 0) return 0;
  let scale = extreme / -half;
  let best = 0;
  for (const step of SYMMETRIC_STEPS) {
    const inverse = -(half + step) / extreme;
    let wxl = 0;
    let wll = 0;
    for (let i = 0; i < x.length; i++) {
      const whole = inverse * x[i]! + ROUNDER - ROUNDER;
      const level = whole < -half ? -half : whole >= half ? half - 1 : whole;
      const weighted = weights[i]! * level;
      wxl += weighted * x[i]!;
      wll += weighted * level;
    }
    // What least squares take away from the error.
    if (wll > 0 && wxl * wxl > best * wll * BETTER) {
      best = (wxl * wxl) / wll;
      scale = wxl / wll;
    }
  }
  return scale;
}

/** The weighted squared error of numbers on levels `-half` to `half - 1` of a scale. */
export function symmetricLoss(x: Float32Array, weights: Float64Array, scale: number, half: number): number {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const whole = x[i]! * inverse + ROUNDER - ROUNDER;
    const level = whole < -half ? -half : whole >= half ? half - 1 : whole;
    const off = scale * level - x[i]!;
    sum += weights[i]! * off * off;
  }
  return sum;
}

/** Levels `-half` to `half - 1` of groups on their scales. */
export function levelsOf(x: Float32Array, size: number, half: number, scaleOf: (group: number) => number): Int32Array {
  const levels = new Int32Array(x.length);
  for (let from = 0; from < x.length; from += size) {
    const scale = scaleOf(from / size);
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = from; i < from + size; i++) levels[i] = Math.max(-half, Math.min(half - 1, nearest(x[i]! * inverse)));
  }
  return levels;
}

/** The place of the value nearest to a number, the first of two. */
export function nearestOf(values: readonly number[], x: number): number {
  let at = 0;
  let off = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(values[i]! - x);
    if (distance < off) {
      at = i;
      off = distance;
    }
  }
  return at;
}

/** Errors of a group of 32 or less that count alike. */
const EVEN = new Float64Array(32).fill(1);

/** Numbers that share a scale, and what their errors count. */
export interface Group {
  readonly x: Float32Array;
  readonly weights: Float64Array;
}

/** Groups of a block, whose errors count by importance, or alike where nothing is known of it. */
export const groupsOf = (x: Float32Array, size: number, importance: Float32Array | null): Group[] =>
  Array.from({ length: x.length / size }, (_, g) => ({
    x: x.subarray(g * size, (g + 1) * size),
    weights: importance === null ? EVEN : Float64Array.from(importance.subarray(g * size, (g + 1) * size)),
  }));

/** Fits of groups to errors as they count and, as that may round worse, to errors that all count alike. */
export const fitsOf = <F>(groups: readonly Group[], fitOf: (x: Float32Array, weights: Float64Array) => F): F[][] => {
  const counted = groups.map(({ x, weights }) => fitOf(x, weights));
  return groups[0]!.weights === EVEN ? [counted] : [counted, groups.map(({ x }) => fitOf(x, EVEN))];
};

/** The whole numbers on both sides of a quotient, within bounds. */
export function bothSides(value: number, unit: number, least: number, most: number): readonly number[] {
  const quotient = unit === 0 ? 0 : value / unit;
  const low = Math.max(least, Math.min(most, Math.floor(quotient)));
  const high = Math.max(least, Math.min(most, Math.ceil(quotient)));
  return low === high ? [low] : [low, high];
}

/** Scales of groups in whole units, and the unit as a half holds it. */
export interface UnitScales {
  readonly unit: number;
  readonly scales: number[];
}

/** Part of the squares below which what is lost is lost by rounding the unit. */
export const UNIT_ROUNDING: number = 2 ** -20;

/**
 * Brings scales to whole numbers from `-most` to `most - 1` of a unit, the largest to the lowest: of a few units, for the steps of a half are coarse
 * beside what the largest stands for, and of the whole numbers on both sides of each scale, those that lose least. Where levels fit so well that only the
 * unit's rounding is left, the largest may come to other whole numbers near the lowest, whose units round otherwise.
 */
export function chooseUnits(
  groups: readonly Group[],
  most: number,
  fitOf: (x: Float32Array, weights: Float64Array) => number,
  lossOf: (x: Float32Array, weights: Float64Array, scale: number) => number,
): UnitScales {
  let best: UnitScales = { unit: 0, scales: groups.map(() => 0) };
  let loss = Number.POSITIVE_INFINITY;
  const attempt = (wanted: readonly number[], unit: number): void => {
    if (unit === 0) return;
    let sum = 0;
    const scales = groups.map(({ x, weights }, g) => {
      let chosen = 0;
      let least = Number.POSITIVE_INFINITY;
      for (const whole of bothSides(wanted[g]!, unit, -most, most - 1)) {
        const left = lossOf(x, weights, unit * whole);
        if (left < least) [chosen, least] = [whole, left];
      }
      sum += least;
      return chosen;
    });
    if (sum * BETTER < loss) [best, loss] = [{ unit, scales }, sum];
  };
  const squares = groups.reduce((sum, { x, weights }) => sum + lossOf(x, weights, 0), 0);
  for (const wanted of fitsOf(groups, fitOf)) {
    const largest = wanted.reduce((top, scale) => (Math.abs(scale) > Math.abs(top) ? scale : top), 0);
    for (const unit of halvesNear(largest / -most)) attempt(wanted, unit);
    if (loss > 0 && loss < UNIT_ROUNDING * squares) for (let lowest = most - 1; lowest > most / 2; lowest--) attempt(wanted, asHalf(largest / -lowest));
  }
  return best;
}
