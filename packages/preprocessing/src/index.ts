/** Tokenizers, datasets, text cleaning and augmentation. */
export * from './augmentation.js';
export * from './cleaning.js';
export * from './curation.js';
export * from './datasets.js';
export * from './filtering.js';
export * from './normalization.js';
export * from './pipeline.js';
export * from './quality.js';
export * from './sampling.js';
export * from './stemming.js';
export * from './streaming.js';
export * from './synthetic.js';
export * from './text.js';
export * from './tokenization.js';
export * from './tokenizer-training.js';
export * from './vocabulary.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { estimateCompressionRatio as estimateVocabCompressionRatio } from './vocabulary.js';
