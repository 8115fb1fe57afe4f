/** Attention, positional encodings, layers and transformer architectures. */
export * from './activations.js';
export * from './analysis.js';
export * from './architectures.js';
export * from './attention.js';
export * from './layers.js';
export * from './normalization.js';
export * from './positional.js';
