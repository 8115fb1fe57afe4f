/** Arithmetic of unsigned 64-bit words, and reading them from bytes. */

/** All bits of a 64-bit word. */
export const MASK64 = 0xffffffffffffffffn;

/** A 64-bit word turned to the left. */
export const rotateLeft64 = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & MASK64;
/** A 32-bit word turned to the left. */
export const rotateLeft32 = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** A word of 64 bits as 16 hexadecimal digits, the highest first. */
export const hex64 = (x: bigint): string => x.toString(16).padStart(16, '0');

/** Bytes as a view that reads words. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A prime of xxHash (Yann Collet's specification). */
export const P64_1 = 11400714785074694791n;
/** See {@link P64_1}. */
export const P64_2 = 14029467366897019727n;
/** See {@link P64_1}. */
export const P64_3 = 1609587929392839161n;
/** See {@link P64_1}. */
export const P64_4 = 9650029242287828579n;
/** See {@link P64_1}. */
export const P64_5 = 2870177450012600261n;
/** See {@link P64_1}. */
export const P32_1 = 0x9e3779b1;
/** See {@link P64_1}. */
export const P32_2 = 0x85ebca77;
/** See {@link P64_1}. */
export const P32_3 = 0xc2b2ae3d;
