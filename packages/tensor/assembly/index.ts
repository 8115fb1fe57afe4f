/** The kernel table as one WebAssembly module. */
export * from './gemm';
export * from './elementwise';
export * from './rows';
export * from './attention';
export * from './blocks';
export * from './doubles';
export { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './halves';
