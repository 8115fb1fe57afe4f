/** safetensors, GGUF, ONNX, quantisation, merging and serving. */
export * from './compression.js';
export * from './conversion.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { ConversionStats, createConversionStats, formatConversionStats } from './conversion.js';
export * from './cost.js';
export * from './export.js';
export * from './files.js';
export * from './gguf.js';
export * from './merging.js';
export * from './onnx.js';
export { formatModelInfo } from './onnx.js';
export * from './optimization.js';
export { calculateCompressionRatio, listQuantizationTypes, QuantizationConfig, QuantizationType } from './optimization.js';
export * from './quantization.js';
export * from './safetensors.js';
export * from './serving.js';
export * from './tflite.js';
export * from './torchscript.js';
export { getRecommendedConfig } from './torchscript.js';
