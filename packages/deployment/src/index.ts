/** safetensors, GGUF, ONNX, quantisation, merging and serving. */
export * from './safetensors.js';
