/** Tokenizers, datasets, text cleaning and augmentation. */
export {};
