/** Chunking, retrieval, vector stores, reranking and evaluation of retrieval. */
export * from './reranking.js';
