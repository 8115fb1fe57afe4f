/** Tokenizers, datasets, text cleaning and augmentation. */
export * from './tokenizer-training.js';
