/** Quantised matrices: ggml's blocks of eight and four bits, products with them, and networks whose layers hold them. */
export { BLOCK_TYPES, type BlockType } from './internal/quantized/blocks.js';
export { QuantizedEmbedding, QuantizedLinear, type QuantizeOptions, quantizeLayers } from './internal/quantized/layers.js';
export { dequantizeBlocks, QuantizedMatrix, quantizeBlocks, quantizedLinear } from './internal/quantized/matrix.js';
