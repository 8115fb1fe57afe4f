/** The kernel table as one WebAssembly module. */
export * from './gemm';
export * from './elementwise';
export * from './rows';
export * from './attention';
