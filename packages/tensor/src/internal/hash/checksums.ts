/** Checksums of transport: cyclic redundancy checks of 32 bits, and Adler-32. */

/** The remainder of every byte by a polynomial, whose bits stand lowest power first. */
function tableOf(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0);
    return remainder;
  });
}

/** The polynomials in use: that of zip and Ethernet, and Castagnoli's. */
export type Polynomial = 'ieee' | 'castagnoli';

const TABLES: Readonly<Record<Polynomial, Int32Array>> = { ieee: /* @__PURE__ */ tableOf(0xedb88320), castagnoli: /* @__PURE__ */ tableOf(0x82f63b78) };

/** The cyclic redundancy check of bytes by one of the two polynomials in use. */
export function cyclicCheck(bytes: Uint8Array, polynomial: Polynomial): number {
  const table = TABLES[polynomial];
  let remainder = -1;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ table[(remainder ^ byte) & 255]!;
  return ~remainder >>> 0;
}

/** Bytes whose sums stay below 2^32 before they are reduced. */
const ADLER_RUN = 5552;

/** Adler-32 (RFC 1950): the sum of the bytes and the sum of those sums, modulo 65521. */
export function adler(bytes: Uint8Array): number {
  let [sum, sums] = [1, 0];
  for (let start = 0; start < bytes.length; start += ADLER_RUN) {
    for (const byte of bytes.subarray(start, start + ADLER_RUN)) {
      sum += byte;
      sums += sum;
    }
    sum %= 65_521;
    sums %= 65_521;
  }
  return sums * 65_536 + sum;
}
