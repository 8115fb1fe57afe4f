/** Types whose levels come from a table: of unequal steps, of powers of three or two, of floats of four bits, of grids of eight or four. */
import { fromHalf, halfAt } from '../halves.js';
import { asHalf, BETTER, chooseUnits, extremeOf, fitsOf, groupsOf, halvesNear, nearestOf } from './fits.js';
import { IQ1_S_GRID, IQ2_S_GRID, IQ2_XS_GRID, IQ2_XXS_GRID, IQ3_S_GRID, IQ3_XXS_GRID, type PackedGrid } from './grids.gen.js';
import { putHalf, type ReadBlock, SUPER, type WriteBlock } from './k-quants.js';

/** Levels of IQ4_NL and IQ4_XS. */
const UNEQUAL = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
/** Floats of four bits (E2M1), doubled. */
const E2M1 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** Half of a power of two of eight bits (E8M0): the levels of E2M1 are doubled. */
const halfPower = (bits: number): number => 2 ** (bits - 128);

/** Half of an unsigned float of eight bits (E4M3), for the same reason; 127 stands for nothing. */
function halfE4m3(bits: number): number {
  const [exponent, fraction] = [(bits >> 3) & 15, bits & 7];
  if ((bits & 127) === 127 && bits < 128) return 0;
  return exponent === 0 ? fraction * 2 ** -10 : (1 + fraction / 8) * 2 ** (exponent - 8);
}

/** The unsigned float of eight bits nearest to a number, halves upwards. */
function toE4m3(value: number): number {
  if (!(value > 0)) return 0;
  const exponent = Math.floor(Math.log2(value));
  if (exponent < -6) return Math.min(7, Math.floor(value * 512 + 0.5));
  const bits = (exponent + 7) * 8 + Math.floor((value / 2 ** exponent - 1) * 8 + 0.5);
  return Math.min(126, bits);
}

/** Levels of a block of 32 or less, two to a byte: the first half low, the second high. */
function putPairs(out: DataView, at: number, levels: ArrayLike<number>): void {
  const count = levels.length / 2;
  for (let i = 0; i < count; i++) out.setUint8(at + i, levels[i]! | (levels[i + count]! << 4));
}

function readPairs(view: DataView, at: number, out: Float32Array, to: number, count: number, scale: number, values: readonly number[]): void {
  for (let i = 0; i < count; i++) {
    const pair = view.getUint8(at + i);
    out[to + i] = scale * values[pair & 15]!;
    out[to + count + i] = scale * values[pair >> 4]!;
  }
}

/** Places of unequal levels for numbers from -128 to 128 in halves, rounded up: where two levels meet is a whole number of halves. */
const UNEQUAL_PLACES = Uint8Array.from({ length: 513 }, (_, i) => nearestOf(UNEQUAL, (i - 256) / 2));

/** The place of the unequal level nearest to a number, of two the lower. */
function nearestUnequal(x: number): number {
  const halves = Math.ceil(2 * x);
  return UNEQUAL_PLACES[halves < -256 ? 0 : halves > 256 ? 512 : halves + 256]!;
}

/** Levels, or numbers near them, that the number of largest magnitude may take: around both ends. */
const ENDS = [113, -127].flatMap(end => Array.from({ length: 15 }, (_, i) => end + (i % 2 === 0 ? i / 2 : -(i + 1) / 2)));

/** The scale on which numbers lie nearest to the unequal levels. */
function fitUnequal(x: Float32Array, weights: Float64Array): number {
  const extreme = extremeOf(x);
  if (extreme === 0) return 0;
  let scale = 0;
  let best = 0;
  for (const end of ENDS) {
    const inverse = end / extreme;
    let wxl = 0;
    let wll = 0;
    for (let i = 0; i < x.length; i++) {
      const level = UNEQUAL[nearestUnequal(inverse * x[i]!)]!;
      wxl += weights[i]! * level * x[i]!;
      wll += weights[i]! * level * level;
    }
    if (wxl * wxl > best * wll * BETTER) {
      best = (wxl * wxl) / wll;
      scale = wxl / wll;
    }
  }
  return scale;
}

/** What numbers lose on the unequal levels of a scale. */
function lossOf(x: Float32Array, weights: Float64Array, scale: number): number {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const off = scale * UNEQUAL[nearestUnequal(x[i]! * inverse)]! - x[i]!;
    sum += weights[i]! * off * off;
  }
  return sum;
}

function unequalLevels(x: Float32Array, scale: number): Uint8Array {
  const levels = new Uint8Array(x.length);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < x.length; i++) levels[i] = nearestUnequal(x[i]! * inverse);
  return levels;
}

/** Numbers of three levels on the scale of the largest magnitude. */
function ternary(x: Float32Array): { readonly scale: number; readonly digit: (i: number) => number } {
  const scale = Math.abs(extremeOf(x));
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  const away = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
  return { scale, digit: i => away(Math.fround(x[i]! * inverse)) + 1 };
}

/** Where the bytes of TQ1_0 take their digits from: the first number, the step between digits, how many. */
function* ternaryBytes(): Generator<readonly [byte: number, first: number, step: number, digits: number]> {
  for (let i = 0; i < 32; i++) yield [i, i, 32, 5];
  for (let i = 0; i < 16; i++) yield [32 + i, 160 + i, 16, 5];
  for (let i = 0; i < 4; i++) yield [48 + i, 240 + i, 4, 4];
}

/** Values of grids by index, unpacked when they are first read. */
const unpacked = new Map<PackedGrid, Int8Array>();

function gridOf(packed: PackedGrid): Int8Array {
  let grid = unpacked.get(packed);
  if (grid === undefined) {
    const bytes = Uint8Array.from(atob(packed.base64), letter => letter.charCodeAt(0));
    const bits = packed.values.length === 3 ? 2 : 3;
    grid = Int8Array.from({ length: (bytes.length * 8) / bits }, (_, i) => {
      const at = i * bits;
      const window = bytes[at >> 3]! | ((bytes[(at >> 3) + 1] ?? 0) << 8);
      return packed.values[(window >> (at & 7)) & (2 ** bits - 1)]!;
    });
    unpacked.set(packed, grid);
  }
  return grid;
}

/** Writes a row of a grid times a scale, with a sign for each bit that is set. */
function putRow(out: Float32Array, to: number, grid: PackedGrid, index: number, scale: number, signs: number): void {
  const values = gridOf(grid);
  for (let i = 0; i < grid.width; i++) out[to + i] = scale * values[index * grid.width + i]! * ((signs >> i) & 1 ? -1 : 1);
}

/** Seven signs and an eighth that makes their number even. */
function evenSigns(seven: number): number {
  let parity = seven;
  parity ^= parity >> 4;
  parity ^= parity >> 2;
  return seven | (((parity ^ (parity >> 1)) & 1) << 7);
}

/** Half of a byte: low for even places. */
const nibble = (view: DataView, at: number, i: number): number => (view.getUint8(at + (i >> 1)) >> (4 * (i & 1))) & 15;

/** Readers of types with tables. */
export const TABLE_READERS: Readonly<Record<string, ReadBlock>> = {
  IQ4_NL: (view, at, out, to) => readPairs(view, at + 2, out, to, 16, halfAt(view, at), UNEQUAL),
  IQ4_XS: (view, at, out, to) => {
    const [scale, high] = [halfAt(view, at), view.getUint16(at + 2, true)];
    for (let group = 0; group < 8; group++) {
      const six = nibble(view, at + 4, group) | (((high >> (2 * group)) & 3) << 4);
      readPairs(view, at + 8 + 16 * group, out, to + 32 * group, 16, scale * (six - 32), UNEQUAL);
    }
  },
  MXFP4: (view, at, out, to) => readPairs(view, at + 1, out, to, 16, halfPower(view.getUint8(at)), E2M1),
  NVFP4: (view, at, out, to) => {
    for (let group = 0; group < 4; group++) readPairs(view, at + 4 + 8 * group, out, to + 16 * group, 8, halfE4m3(view.getUint8(at + group)), E2M1);
  },
  TQ1_0: (view, at, out, to) => {
    const scale = halfAt(view, at + 52);
    for (const [byte, first, step, digits] of ternaryBytes()) {
      let rest = view.getUint8(at + byte);
      for (let i = 0; i < digits; i++) {
        // The byte is a fraction of 256 in base three: three times it carries the next digit out.
        rest *= 3;
        out[to + first + step * i] = scale * ((rest >> 8) - 1);
        rest &= 255;
      }
    }
  },
  TQ2_0: (view, at, out, to) => {
    const scale = halfAt(view, at + 64);
    for (let i = 0; i < SUPER; i++) out[to + i] = scale * (((view.getUint8(at + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3) - 1);
  },
  IQ2_XXS: (view, at, out, to) => {
    for (let group = 0; group < 8; group++) {
      const [indices, packed] = [at + 2 + 8 * group, view.getUint32(at + 6 + 8 * group, true)];
      const scale = halfAt(view, at) * (0.5 + (packed >>> 28)) * 0.25;
      for (let i = 0; i < 4; i++) putRow(out, to + 32 * group + 8 * i, IQ2_XXS_GRID, view.getUint8(indices + i), scale, evenSigns((packed >>> (7 * i)) & 127));
    }
  },
  IQ2_XS: (view, at, out, to) => {
    for (let i = 0; i < 32; i++) {
      const word = view.getUint16(at + 2 + 2 * i, true);
      const scale = halfAt(view, at) * (0.5 + nibble(view, at + 66, i >> 1)) * 0.25;
      putRow(out, to + 8 * i, IQ2_XS_GRID, word & 511, scale, evenSigns(word >> 9));
    }
  },
  IQ2_S: (view, at, out, to) => {
    for (let i = 0; i < 32; i++) {
      const high = (view.getUint8(at + 66 + (i >> 2)) >> (2 * (i & 3))) & 3;
      const scale = halfAt(view, at) * (0.5 + nibble(view, at + 74, i >> 1)) * 0.25;
      putRow(out, to + 8 * i, IQ2_S_GRID, view.getUint8(at + 2 + i) | (high << 8), scale, view.getUint8(at + 34 + i));
    }
  },
  IQ3_XXS: (view, at, out, to) => {
    for (let i = 0; i < 64; i++) {
      const packed = view.getUint32(at + 66 + 4 * (i >> 3), true);
      const scale = halfAt(view, at) * (0.5 + (packed >>> 28)) * 0.5;
      const signs = evenSigns((packed >>> (7 * ((i >> 1) & 3))) & 127) >> (4 * (i & 1));
      putRow(out, to + 4 * i, IQ3_XXS_GRID, view.getUint8(at + 2 + i), scale, signs);
    }
  },
  IQ3_S: (view, at, out, to) => {
    for (let i = 0; i < 64; i++) {
      const ninth = (view.getUint8(at + 66 + (i >> 3)) >> (i & 7)) & 1;
      const scale = halfAt(view, at) * (1 + 2 * nibble(view, at + 106, i >> 3));
      const signs = view.getUint8(at + 74 + (i >> 1)) >> (4 * (i & 1));
      putRow(out, to + 4 * i, IQ3_S_GRID, view.getUint8(at + 2 + i) | (ninth << 8), scale, signs);
    }
  },
  IQ1_S: (view, at, out, to) => {
    for (let i = 0; i < 32; i++) {
      const word = view.getUint16(at + 34 + 2 * (i >> 2), true);
      const scale = halfAt(view, at) * (2 * ((word >> 12) & 7) + 1);
      putShifted(out, to + 8 * i, view.getUint8(at + 2 + i) | (((word >> (3 * (i & 3))) & 7) << 8), scale, word >> 15);
    }
  },
  IQ1_M: (view, at, out, to) => {
    const word = (i: number): number => view.getUint16(at + 48 + 2 * i, true);
    const unit = fromHalf((word(0) >> 12) | ((word(1) >> 12) << 4) | ((word(2) >> 12) << 8) | ((word(3) >> 12) << 12));
    for (let i = 0; i < 32; i++) {
      const high = nibble(view, at + 32, i);
      const scale = unit * (2 * ((word(i >> 3) >> (3 * ((i >> 1) & 3))) & 7) + 1);
      putShifted(out, to + 8 * i, view.getUint8(at + i) | ((high & 7) << 8), scale, high >> 3);
    }
  },
};

/** A row of three levels, moved by an eighth up or down. */
function putShifted(out: Float32Array, to: number, index: number, scale: number, isDown: number): void {
  const values = gridOf(IQ1_S_GRID);
  for (let i = 0; i < 8; i++) out[to + i] = scale * (values[8 * index + i]! + (isDown ? -0.125 : 0.125));
}

/** Writers of types with tables. */
export const TABLE_WRITERS: Readonly<Record<string, WriteBlock>> = {
  IQ4_NL: (x, out, at, importance) => {
    const groups = groupsOf(x, 32, importance);
    const { weights } = groups[0]!;
    // Numbers that are all alike lose by the half's rounding alone, which is another for each level that they may lie on.
    const extreme = extremeOf(x);
    const near = [...fitsOf(groups, fitUnequal).flatMap(([wanted]) => halvesNear(wanted!)), ...UNEQUAL.map(level => asHalf(extreme / level))];
    const losses = near.map(each => lossOf(x, weights, each));
    const scale = near[losses.indexOf(Math.min(...losses))]!;
    putHalf(out, at, scale);
    putPairs(out, at + 2, unequalLevels(x, scale));
  },
  IQ4_XS: (x, out, at, importance) => {
    const groups = groupsOf(x, 32, importance);
    const { unit, scales: sixes } = chooseUnits(groups, 32, fitUnequal, lossOf);
    putHalf(out, at, unit);
    let high = 0;
    for (let g = 0; g < 8; g++) high |= ((sixes[g]! + 32) >> 4) << (2 * g);
    out.setUint16(at + 2, high, true);
    for (let g = 0; g < 4; g++) out.setUint8(at + 4 + g, ((sixes[2 * g]! + 32) & 15) | (((sixes[2 * g + 1]! + 32) & 15) << 4));
    for (const [g, group] of groups.entries()) putPairs(out, at + 8 + 16 * g, unequalLevels(group.x, unit * sixes[g]!));
  },
  MXFP4: (x, out, at) => {
    const largest = Math.abs(extremeOf(x));
    const bits = largest > 0 ? Math.max(0, Math.floor(Math.log2(largest)) + 125) : 0;
    out.setUint8(at, bits);
    const scale = halfPower(bits);
    putPairs(
      out,
      at + 1,
      Uint8Array.from(x, value => nearestOf(E2M1, value / scale)),
    );
  },
  NVFP4: (x, out, at) => {
    for (let g = 0; g < 4; g++) {
      const group = x.subarray(16 * g, 16 * g + 16);
      const bits = toE4m3(Math.abs(extremeOf(group)) / 6);
      out.setUint8(at + g, bits);
      const scale = halfE4m3(bits);
      putPairs(
        out,
        at + 4 + 8 * g,
        Uint8Array.from(group, value => (scale === 0 ? 0 : nearestOf(E2M1, value / scale))),
      );
    }
  },
  TQ1_0: (x, out, at) => {
    const { scale, digit } = ternary(x);
    for (const [byte, first, step, digits] of ternaryBytes()) {
      let number = 0;
      for (let i = 0; i < 5; i++) number = 3 * number + (i < digits ? digit(first + step * i) : 0);
      // As a fraction of 256, rounded up, so that reading carries the same digits out.
      out.setUint8(at + byte, Math.floor((number * 256 + 242) / 243));
    }
    putHalf(out, at + 52, scale);
  },
  TQ2_0: (x, out, at) => {
    const { scale, digit } = ternary(x);
    for (let i = 0; i < 64; i++) {
      const first = 128 * (i >> 5) + (i & 31);
      out.setUint8(at + i, digit(first) | (digit(first + 32) << 2) | (digit(first + 64) << 4) | (digit(first + 96) << 6));
    }
    putHalf(out, at + 64, scale);
  },
};
