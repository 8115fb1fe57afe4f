/** Numbers of sixteen bits (IEEE 754 binary16). */

let table: Float32Array | null = null;

/** The value of a half, given by its bits. */
export function fromHalf(bits: number): number {
  table ??= Float32Array.from({ length: 65536 }, (_, i) => decode(i));
  return table[bits]!;
}

function decode(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The half at a place of a view. */
export const halfAt = (view: DataView, at: number): number => fromHalf(view.getUint16(at, true));

/** Whether this machine puts the low byte of a number first, as files do. */
export const isLittleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bits of the half nearest to a number, of two the even one; beyond the largest half infinity. */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  // In units of the last place; a carry into the exponent is what it should be.
  const units = size * 2 ** (10 - exponent);
  const floor = Math.floor(units);
  const rest = units - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  return sign | (rounded + ((exponent + 14) << 10));
}
