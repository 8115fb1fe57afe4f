/** Decoding, KV caches, batching, embeddings and serving engines. */
export * from './speculative.js';
