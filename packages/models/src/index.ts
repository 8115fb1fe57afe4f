/** Attention, positional encodings, layers and transformer architectures. */
export * from './activations.js';
export * from './analysis.js';
export * from './architectures.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { createTransformerConfig, TransformerConfig } from './architectures.js';
export * from './attention.js';
export * from './boosting.js';
export * from './layers.js';
export * from './normalization.js';
export * from './positional.js';
export * from './transformer.js';
export * from './tree.js';
