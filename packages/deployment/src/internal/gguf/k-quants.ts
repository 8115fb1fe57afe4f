/** Super-blocks of 256 numbers (ggml's k-quants): each group has a scale of few bits, and perhaps a smallest value, in units of one half for all. */
import { halfAt, toHalf } from '../halves.js';
import {
  type Affine,
  affineLoss,
  asHalf,
  BETTER,
  bothSides,
  chooseUnits,
  fitAffine,
  fitSymmetric,
  fitsOf,
  groupsOf,
  levelsOf,
  nearest,
  symmetricLoss,
  UNIT_ROUNDING,
  type UnitScales,
} from './fits.js';

/** Numbers of a super-block. */
export const SUPER = 256;

/** Reads a block at a place of a view into numbers. */
export type ReadBlock = (view: DataView, at: number, out: Float32Array, to: number) => void;
/** Writes the block of some numbers; `importance` weighs their errors, which count alike without. */
export type WriteBlock = (x: Float32Array, out: DataView, at: number, importance: Float32Array | null) => void;

/** Writes a number as a half. */
export function putHalf(out: DataView, at: number, value: number): void {
  out.setUint16(at, toHalf(value), true);
}

/** Eight scales and eight smallest values of six bits in twelve bytes. */
function sixBits(view: DataView, at: number, group: number): readonly [scale: number, least: number] {
  const byte = (i: number): number => view.getUint8(at + i);
  if (group < 4) return [byte(group) & 63, byte(group + 4) & 63];
  return [(byte(group + 4) & 15) | ((byte(group - 4) >> 6) << 4), (byte(group + 4) >> 4) | ((byte(group) >> 6) << 4)];
}

function putSixBits(out: DataView, at: number, scales: readonly number[], least: readonly number[]): void {
  for (let i = 0; i < 4; i++) {
    out.setUint8(at + i, (scales[i]! & 63) | ((scales[i + 4]! >> 4) << 6));
    out.setUint8(at + 4 + i, (least[i]! & 63) | ((least[i + 4]! >> 4) << 6));
    out.setUint8(at + 8 + i, (scales[i + 4]! & 15) | ((least[i + 4]! & 15) << 4));
  }
}

/** Sixteen scales of six bits in twelve bytes: low halves of bytes, high halves, then the upper bits of four at a time. */
function scaleOfQ3(view: DataView, at: number, group: number): number {
  const low = group < 8 ? view.getUint8(at + group) & 15 : view.getUint8(at + group - 8) >> 4;
  const high = (view.getUint8(at + 8 + (group & 3)) >> (2 * (group >> 2))) & 3;
  return (low | (high << 4)) - 32;
}

/** Readers of super-blocks. */
export const K_READERS: Readonly<Record<string, ReadBlock>> = {
  Q2_K: (view, at, out, to) => {
    const [scale, least] = [halfAt(view, at + 80), halfAt(view, at + 82)];
    for (let i = 0; i < SUPER; i++) {
      const group = view.getUint8(at + (i >> 4));
      const level = (view.getUint8(at + 16 + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3;
      out[to + i] = scale * (group & 15) * level - least * (group >> 4);
    }
  },
  Q3_K: (view, at, out, to) => {
    const scale = halfAt(view, at + 108);
    for (let i = 0; i < SUPER; i++) {
      const low = (view.getUint8(at + 32 + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3;
      const isUpper = (view.getUint8(at + (i & 31)) >> (i >> 5)) & 1;
      out[to + i] = scale * scaleOfQ3(view, at + 96, i >> 4) * (low - (isUpper ? 0 : 4));
    }
  },
  Q4_K: (view, at, out, to) => {
    const [scale, least] = [halfAt(view, at), halfAt(view, at + 2)];
    for (let group = 0; group < 8; group++) {
      const [s, m] = sixBits(view, at + 4, group);
      for (let i = 0; i < 32; i++) {
        const pair = view.getUint8(at + 16 + 32 * (group >> 1) + i);
        out[to + 32 * group + i] = scale * s * ((pair >> (4 * (group & 1))) & 15) - least * m;
      }
    }
  },
  Q5_K: (view, at, out, to) => {
    const [scale, least] = [halfAt(view, at), halfAt(view, at + 2)];
    for (let group = 0; group < 8; group++) {
      const [s, m] = sixBits(view, at + 4, group);
      for (let i = 0; i < 32; i++) {
        const low = (view.getUint8(at + 48 + 32 * (group >> 1) + i) >> (4 * (group & 1))) & 15;
        const fifth = (view.getUint8(at + 16 + i) >> group) & 1;
        out[to + 32 * group + i] = scale * s * (low | (fifth << 4)) - least * m;
      }
    }
  },
  Q6_K: (view, at, out, to) => {
    const scale = halfAt(view, at + 208);
    for (let i = 0; i < SUPER; i++) {
      const [part, place] = [i >> 7, i & 127];
      const low = (view.getUint8(at + 64 * part + (place & 63)) >> (4 * (place >> 6))) & 15;
      const high = (view.getUint8(at + 128 + 32 * part + (place & 31)) >> (2 * (place >> 5))) & 3;
      out[to + i] = scale * view.getInt8(at + 192 + (i >> 4)) * ((low | (high << 4)) - 32);
    }
  },
};

/** How groups with a scale and a smallest value are stored: numbers of a group, the highest level, bits of scales and smallest values. */
interface AffineLayout {
  readonly size: number;
  readonly most: number;
  readonly bits: number;
}

/** Scales and smallest values of groups as whole numbers, and the units of both as halves hold them. */
interface AffineGroups {
  readonly scales: number[];
  readonly least: number[];
  readonly unit: number;
  readonly leastUnit: number;
}

/** What each group would like, brought to few bits: of the whole numbers around, those that lose least. */
function affineGroups(x: Float32Array, { size, most, bits }: AffineLayout, importance: Float32Array | null): AffineGroups {
  const groups = groupsOf(x, size, importance);
  const top = 2 ** bits - 1;
  let best: AffineGroups = { scales: [], least: [], unit: 0, leastUnit: 0 };
  let fewest = Number.POSITIVE_INFINITY;
  const attempt = (fits: readonly Affine[], unit: number, leastUnit: number): void => {
    let sum = 0;
    const chosen = groups.map((group, g) => {
      let pair: readonly [number, number] = [0, 0];
      let loss = Number.POSITIVE_INFINITY;
      for (const scale of bothSides(fits[g]!.scale, unit, 0, top))
        for (const below of bothSides(fits[g]!.below, leastUnit, 0, top)) {
          const left = affineLoss(group.x, group.weights, unit * scale, leastUnit * below, most);
          if (left < loss) [pair, loss] = [[scale, below], left];
        }
      sum += loss;
      return pair;
    });
    if (sum * BETTER < fewest) [best, fewest] = [{ scales: chosen.map(([scale]) => scale), least: chosen.map(([, below]) => below), unit, leastUnit }, sum];
  };
  // The largest does better not always at the top, the less so the fewer bits.
  const tops = bits === 4 ? [top, top - 1, top - 2, top - 3] : [top, top - 1];
  const squares = groups.reduce((sum, group) => sum + affineLoss(group.x, group.weights, 0, 0, most), 0);
  for (const fits of fitsOf(groups, (part, weights) => fitAffine(part, weights, most))) {
    const [highest, lowest] = [Math.max(...fits.map(({ scale }) => scale)), Math.max(...fits.map(({ below }) => below))];
    for (const unitTop of highest === 0 ? [top] : tops)
      for (const leastTop of lowest === 0 ? [top] : tops) attempt(fits, asHalf(highest / unitTop), asHalf(lowest / leastTop));
    if (fewest > 0 && fewest < UNIT_ROUNDING * squares)
      for (let other = top - 1; other > top / 2; other--) attempt(fits, asHalf(highest / other), asHalf(lowest / other));
  }
  return best;
}

/** Levels 0 to `most` of groups. */
function affineLevels(x: Float32Array, size: number, most: number, { scales, least, unit, leastUnit }: AffineGroups): Uint8Array {
  const levels = new Uint8Array(x.length);
  for (let from = 0; from < x.length; from += size) {
    const scale = unit * scales[from / size]!;
    const below = leastUnit * least[from / size]!;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = from; i < from + size; i++) levels[i] = Math.max(0, Math.min(most, nearest((x[i]! + below) * inverse)));
  }
  return levels;
}

/** Q4_K and Q5_K: eight groups of 32. */
function writeGroupsOf32(x: Float32Array, out: DataView, at: number, importance: Float32Array | null, bits: 4 | 5): void {
  const most = 2 ** bits - 1;
  const groups = affineGroups(x, { size: 32, most, bits: 6 }, importance);
  putHalf(out, at, groups.unit);
  putHalf(out, at + 2, groups.leastUnit);
  putSixBits(out, at + 4, groups.scales, groups.least);
  const levels = affineLevels(x, 32, most, groups);
  const fifths = at + 16;
  const pairs = bits === 5 ? at + 48 : at + 16;
  for (let i = 0; i < 128; i++) {
    const first = 64 * (i >> 5) + (i & 31);
    out.setUint8(pairs + i, (levels[first]! & 15) | ((levels[first + 32]! & 15) << 4));
  }
  if (bits === 5)
    for (let i = 0; i < 32; i++) {
      let byte = 0;
      for (let group = 0; group < 8; group++) byte |= (levels[32 * group + i]! >> 4) << group;
      out.setUint8(fifths + i, byte);
    }
}

/** Two bits of four groups of 32 to a byte, in two halves. */
function putPairsOfBits(out: DataView, at: number, levelOf: (i: number) => number): void {
  for (let i = 0; i < 64; i++) {
    const first = 128 * (i >> 5) + (i & 31);
    out.setUint8(at + i, levelOf(first) | (levelOf(first + 32) << 2) | (levelOf(first + 64) << 4) | (levelOf(first + 96) << 6));
  }
}

/** Symmetric scales of groups of 16 in whole units, the largest near `-most`, and the unit as a half holds it. */
const symmetricGroups = (x: Float32Array, half: number, most: number, importance: Float32Array | null): UnitScales =>
  chooseUnits(
    groupsOf(x, 16, importance),
    most,
    (part, weights) => fitSymmetric(part, weights, half),
    (part, weights, scale) => symmetricLoss(part, weights, scale, half),
  );

/** Writers of super-blocks. */
export const K_WRITERS: Readonly<Record<string, WriteBlock>> = {
  Q2_K: (x, out, at, importance) => {
    const groups = affineGroups(x, { size: 16, most: 3, bits: 4 }, importance);
    for (let g = 0; g < 16; g++) out.setUint8(at + g, groups.scales[g]! | (groups.least[g]! << 4));
    putHalf(out, at + 80, groups.unit);
    putHalf(out, at + 82, groups.leastUnit);
    const levels = affineLevels(x, 16, 3, groups);
    putPairsOfBits(out, at + 16, i => levels[i]!);
  },
  Q3_K: (x, out, at, importance) => {
    const { scales, unit } = symmetricGroups(x, 4, 32, importance);
    putHalf(out, at + 108, unit);
    const levels = levelsOf(x, 16, 4, group => unit * scales[group]!);
    const stored = scales.map(each => each + 32);
    for (let g = 0; g < 8; g++) out.setUint8(at + 96 + g, (stored[g]! & 15) | ((stored[g + 8]! & 15) << 4));
    for (let g = 0; g < 4; g++)
      out.setUint8(at + 104 + g, (stored[g]! >> 4) | ((stored[g + 4]! >> 4) << 2) | ((stored[g + 8]! >> 4) << 4) | ((stored[g + 12]! >> 4) << 6));
    putPairsOfBits(out, at + 32, i => (levels[i]! + 4) & 3);
    for (let i = 0; i < 32; i++) {
      let byte = 0;
      for (let group = 0; group < 8; group++) byte |= Number(levels[32 * group + i]! >= 0) << group;
      out.setUint8(at + i, byte);
    }
  },
  Q4_K: (x, out, at, importance) => writeGroupsOf32(x, out, at, importance, 4),
  Q5_K: (x, out, at, importance) => writeGroupsOf32(x, out, at, importance, 5),
  Q6_K: (x, out, at, importance) => {
    const { scales, unit } = symmetricGroups(x, 32, 128, importance);
    putHalf(out, at + 208, unit);
    for (let g = 0; g < 16; g++) out.setInt8(at + 192 + g, scales[g]!);
    const levels = levelsOf(x, 16, 32, group => unit * scales[group]!).map(level => level + 32);
    for (let part = 0; part < 2; part++) {
      const level = (i: number): number => levels[128 * part + i]!;
      for (let i = 0; i < 64; i++) out.setUint8(at + 64 * part + i, (level(i) & 15) | ((level(i + 64) & 15) << 4));
      for (let i = 0; i < 32; i++)
        out.setUint8(at + 128 + 32 * part + i, (level(i) >> 4) | ((level(i + 32) >> 4) << 2) | ((level(i + 64) >> 4) << 4) | ((level(i + 96) >> 4) << 6));
    }
  },
};
