/** GGUF files for llama.cpp: read, written, exported from checkpoints, with their settings and sizes. Mirrors `hf_gtc.deployment.gguf`. */
import { createFrom, type Definition, formatFixed, isValueOf, nonEmpty, notNull, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';
import { dequantize, quantize } from './internal/gguf/blocks.js';
import { exported, type GgufFileType, type GgufSource } from './internal/gguf/export.js';
import { nameIn, TENSOR_NAMES } from './internal/gguf/names.js';
import { type GgufFile, read } from './internal/gguf/read.js';
import { GGML_TYPES, type GgmlType } from './internal/gguf/types.js';
import { type GgufContent, write } from './internal/gguf/write.js';

export { GGUF_FILE_TYPES, type GgufFileType, type GgufSource } from './internal/gguf/export.js';

export type { GgufFile, GgufTensor, GgufValue } from './internal/gguf/read.js';
export { GGML_TYPES, type GgmlLayout, type GgmlType, type GgufValueType, LLAMA_FILE_TYPES } from './internal/gguf/types.js';
export type { GgufContent, GgufEntry, GgufTensorEntry } from './internal/gguf/write.js';

/** Nominal bits of a parameter. */
const BITS: Readonly<Record<GGUFQuantType, number>> = {
  f32: 32,
  f16: 16,
  q8_0: 8,
  q6_k: 6,
  q5_0: 5,
  q5_1: 5,
  q5_k_s: 5,
  q5_k_m: 5,
  q4_0: 4,
  q4_1: 4,
  q4_k_s: 4,
  q4_k_m: 4.5,
  q3_k_s: 3,
  q3_k_m: 3.5,
  q3_k_l: 3.8,
  q2_k: 2.5,
  iq2_xxs: 2.06,
  iq2_xs: 2.3,
};

/** Types by size: the usual one, and the one for quality. */
const RECOMMENDED: Readonly<Record<string, readonly [usual: GGUFQuantType, quality: GGUFQuantType]>> = {
  '7': ['q4_k_m', 'q5_k_m'],
  '13': ['q4_k_m', 'q5_k_m'],
  '70': ['q4_k_s', 'q4_k_m'],
};

/** Types of blocks and mixes. */
export const GGUFQuantType = {
  F32: 'f32',
  F16: 'f16',
  Q8_0: 'q8_0',
  Q5_0: 'q5_0',
  Q5_1: 'q5_1',
  Q4_0: 'q4_0',
  Q4_1: 'q4_1',
  Q4_K_S: 'q4_k_s',
  Q4_K_M: 'q4_k_m',
  Q5_K_S: 'q5_k_s',
  Q5_K_M: 'q5_k_m',
  Q6_K: 'q6_k',
  Q2_K: 'q2_k',
  Q3_K_S: 'q3_k_s',
  Q3_K_M: 'q3_k_m',
  Q3_K_L: 'q3_k_l',
  IQ2_XXS: 'iq2_xxs',
  IQ2_XS: 'iq2_xs',
} as const;
export type GGUFQuantType = (typeof GGUFQuantType)[keyof typeof GGUFQuantType];

/** Model families. */
export const GGUFArchitecture = {
  LLAMA: 'llama',
  MISTRAL: 'mistral',
  FALCON: 'falcon',
  GPT2: 'gpt2',
  GPTJ: 'gptj',
  GPTNEOX: 'gptneox',
  BLOOM: 'bloom',
  MPT: 'mpt',
  STABLELM: 'stablelm',
  QWEN: 'qwen',
  GEMMA: 'gemma',
  PHI: 'phi',
} as const;
export type GGUFArchitecture = (typeof GGUFArchitecture)[keyof typeof GGUFArchitecture];

/** Order of bytes. */
export const GGUFEndian = { LITTLE: 'little', BIG: 'big' } as const;
export type GGUFEndian = (typeof GGUFEndian)[keyof typeof GGUFEndian];

/** How a file is made. */
export interface GGUFConfig {
  readonly quantType: GGUFQuantType;
  readonly architecture: GGUFArchitecture | null;
  readonly vocabOnly: boolean;
  /** Type of what is not quantised. */
  readonly outtype: string;
  readonly concurrency: number;
}

/** Defaults and rules of {@link GGUFConfig}. */
export const GGUFConfig: Definition<GGUFConfig> = {
  name: 'GGUFConfig',
  fields: {
    quantType: { kind: 'enum', of: GGUFQuantType, default: GGUFQuantType.Q4_K_M },
    architecture: { kind: 'enum', of: GGUFArchitecture, default: null, nullable: true },
    vocabOnly: { kind: 'bool', default: false },
    outtype: { kind: 'string', default: 'f16' },
    concurrency: { kind: 'int', default: 4, positive: true },
  },
};

/** What a file says of its model. */
export interface GGUFMetadata {
  readonly name: string;
  readonly author: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly url: string;
}

/** Defaults and rules of {@link GGUFMetadata}. */
export const GGUFMetadata: Definition<GGUFMetadata> = {
  name: 'GGUFMetadata',
  fields: {
    name: { kind: 'string', default: '' },
    author: { kind: 'string', default: '' },
    version: { kind: 'string', default: '' },
    description: { kind: 'string', default: '' },
    license: { kind: 'string', default: '' },
    url: { kind: 'string', default: '' },
  },
};

/** A file that was made. */
export interface GGUFExportResult {
  readonly outputPath: string;
  readonly originalSizeMb: number;
  readonly exportedSizeMb: number;
  readonly compressionRatio: number;
  readonly quantType: GGUFQuantType;
}

/** Defaults and rules of {@link GGUFExportResult}. */
export const GGUFExportResult: Definition<GGUFExportResult> = {
  name: 'GGUFExportResult',
  fields: {
    outputPath: { kind: 'string', nonEmpty: true },
    originalSizeMb: { kind: 'float', positive: true },
    exportedSizeMb: { kind: 'float', positive: true },
    compressionRatio: { kind: 'float' },
    quantType: { kind: 'enum', of: GGUFQuantType },
  },
};

/** What is known of a file. */
export interface GGUFModelInfo {
  readonly path: string;
  readonly sizeMb: number;
  readonly quantType: GGUFQuantType | null;
  readonly architecture: GGUFArchitecture | null;
  readonly contextLength: number | null;
  readonly vocabSize: number | null;
}

/** Defaults and rules of {@link GGUFModelInfo}. */
export const GGUFModelInfo: Definition<GGUFModelInfo> = {
  name: 'GGUFModelInfo',
  fields: {
    path: { kind: 'string' },
    sizeMb: { kind: 'float' },
    quantType: { kind: 'enum', of: GGUFQuantType, default: null, nullable: true },
    architecture: { kind: 'enum', of: GGUFArchitecture, default: null, nullable: true },
    contextLength: { kind: 'int', default: null, nullable: true },
    vocabSize: { kind: 'int', default: null, nullable: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateGgufConfig(config: GGUFConfig): void {
  validate(GGUFConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGgufMetadata(metadata: GGUFMetadata): void {
  validate(GGUFMetadata, metadata, 'metadata');
}

/** Settles a {@link GGUFConfig}. @throws {ValidationError} naming every broken rule */
export function createGgufConfig(options: Partial<GGUFConfig> = {}): GGUFConfig {
  return createFrom(GGUFConfig, options);
}

/** Settles a {@link GGUFMetadata}. @throws {ValidationError} naming every broken rule */
export function createGgufMetadata(options: Partial<GGUFMetadata> = {}): GGUFMetadata {
  return createFrom(GGUFMetadata, options);
}

/** Gguf quant types in ascending order. */
export function listGgufQuantTypes(): GGUFQuantType[] {
  return valuesOf(GGUFQuantType);
}

/** Whether the text is a value of {@link GGUFQuantType}. */
export function validateGgufQuantType(quantType: string): boolean {
  return isValueOf(GGUFQuantType, quantType);
}

/** @throws {ValidationError} naming the values of {@link GGUFQuantType} */
export function getGgufQuantType(name: string): GGUFQuantType {
  return parseEnum(GGUFQuantType, name, 'name');
}

/** Gguf architectures in ascending order. */
export function listGgufArchitectures(): GGUFArchitecture[] {
  return valuesOf(GGUFArchitecture);
}

/** Whether the text is a value of {@link GGUFArchitecture}. */
export function validateGgufArchitecture(architecture: string): boolean {
  return isValueOf(GGUFArchitecture, architecture);
}

/** @throws {ValidationError} naming the values of {@link GGUFArchitecture} */
export function getGgufArchitecture(name: string): GGUFArchitecture {
  return parseEnum(GGUFArchitecture, name, 'name');
}

/**
 * Settles a {@link GGUFExportResult} with its compression. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.deployment.gguf.create_gguf_export_result(output_path, original_size_mb, exported_size_mb, quant_type)`.
 */
export function createGgufExportResult(outputPath: string, originalSizeMb: number, exportedSizeMb: number, quantType: GGUFQuantType): GGUFExportResult {
  return createFrom(GGUFExportResult, { outputPath, originalSizeMb, exportedSizeMb, compressionRatio: originalSizeMb / exportedSizeMb, quantType });
}

/**
 * Size of a file in 2²⁰ bytes: nominal bits of the type for each parameter and 1 % of metadata. Scales of blocks add up to 12 % to what the 4-bit types
 * really take.
 *
 * @throws {ValidationError} unless modelParams is positive
 * @remarks Python: `hf_gtc.deployment.gguf.estimate_gguf_size(model_params, quant_type)`; within 1e-12.
 */
export function estimateGgufSize(modelParams: number, quantType: GGUFQuantType): number {
  return (positive(modelParams, 'modelParams') * BITS[parseEnum(GGUFQuantType, quantType, 'quantType')] * 1.01) / 8 / 2 ** 20;
}

/**
 * The usual name of a file, `model-q4_k_m.gguf`.
 *
 * @throws {ValidationError} unless modelName is not empty
 * @remarks Python: `hf_gtc.deployment.gguf.get_gguf_filename(model_name, quant_type)`; the same text.
 * @example getGgufFilename('-', 'q4_k_m') // => '--q4_k_m.gguf'
 */
export function getGgufFilename(modelName: string, quantType: GGUFQuantType): string {
  return `${nonEmpty(modelName, 'modelName')}-${quantType}.gguf`;
}

/**
 * A file that was made, as text.
 *
 * @remarks Python: `hf_gtc.deployment.gguf.format_gguf_export_result(result)`; the same text.
 */
export function formatGgufExportResult(result: GGUFExportResult): string {
  notNull(result, 'result');
  const { outputPath, originalSizeMb, exportedSizeMb, compressionRatio, quantType } = result;
  return [
    `Output: ${outputPath}`,
    `Original: ${formatFixed(originalSizeMb, 1)} MB`,
    `Exported: ${formatFixed(exportedSizeMb, 1)} MB`,
    `Compression: ${formatFixed(compressionRatio, 2)}x`,
    `Quantization: ${quantType}`,
  ].join('\n');
}

/**
 * What is known of a file, as text.
 *
 * @remarks Python: `hf_gtc.deployment.gguf.format_gguf_model_info(info)`; the same text.
 */
export function formatGgufModelInfo(info: GGUFModelInfo): string {
  notNull(info, 'info');
  const { path, sizeMb, quantType, architecture, contextLength, vocabSize } = info;
  const row = (title: string, value: string | number | null): string[] => (value === null ? [] : [`${title}: ${value}`]);
  return [
    `Path: ${path}`,
    `Size: ${formatFixed(sizeMb, 1)} MB`,
    ...row('Quantization', quantType),
    ...row('Architecture', architecture),
    ...row('Context length', contextLength),
    ...row('Vocab size', vocabSize),
  ].join('\n');
}

/**
 * A type for a model of 7, 13 or 70 billion parameters (`7b` and so on).
 *
 * @throws {ValidationError} for another size
 * @remarks Python: `hf_gtc.deployment.gguf.get_recommended_gguf_quant(model_size, quality_priority=)`.
 * @example getRecommendedGgufQuant('7') // => 'q4_k_m'
 */
export function getRecommendedGgufQuant(modelSize: string, { qualityPriority = false }: { readonly qualityPriority?: boolean } = {}): GGUFQuantType {
  const found = RECOMMENDED[notNull(modelSize, 'modelSize').toLowerCase().replace(/b$/, '')];
  if (found === undefined)
    throw new ValidationError(`modelSize must be one of 7b, 13b, 70b, got '${modelSize}': unrecognized model size`, {
      parameter: 'modelSize',
      received: modelSize,
    });
  return found[qualityPriority ? 1 : 0];
}

/**
 * A configuration as a plain object, without an architecture that is not set.
 *
 * @remarks Python: `hf_gtc.deployment.gguf.get_gguf_config_dict(config)`.
 */
export function getGgufConfigDict(config: GGUFConfig): Omit<GGUFConfig, 'architecture'> & { readonly architecture?: GGUFArchitecture } {
  const { architecture, ...rest } = notNull(config, 'config');
  return architecture === null ? rest : { ...rest, architecture };
}

/**
 * Metadata as a plain object, without empty texts.
 *
 * @remarks Python: `hf_gtc.deployment.gguf.get_gguf_metadata_dict(metadata)`.
 */
export function getGgufMetadataDict(metadata: GGUFMetadata): Record<string, string> {
  return Object.fromEntries(Object.entries(notNull(metadata, 'metadata')).filter(([, value]) => value !== ''));
}

/**
 * Reads a GGUF file, version 2 or 3, of either byte order. Tensors are views of the bytes until one is asked for its numbers.
 *
 * @throws {FormatError} naming what is wrong and at which byte: magic, version, a length beyond the file, an unknown type, a tensor outside it
 * @remarks Python: `gguf.GGUFReader(path)`.
 * @example
 * const head = [0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
 * readGguf(Uint8Array.from(head)).version // => 3
 */
export function readGguf(bytes: Uint8Array): GgufFile {
  return read(notNull(bytes, 'bytes'));
}

/** A type of tensors that exists. */
function ggmlType(type: GgmlType): GgmlType {
  if (!Object.hasOwn(GGML_TYPES, notNull(type, 'type')))
    throw new ValidationError(`type must be one of ${Object.keys(GGML_TYPES).join(', ')}, got '${type}'`, { parameter: 'type', received: type });
  return type;
}

/** How {@link quantizeGgml} weighs errors. */
export interface QuantizeGgmlOptions {
  /** Importance of each column of a row (llama.cpp's imatrix); used by Q4_0, Q5_0 and the types that search for scales: Q2_K to Q6_K, IQ4_NL, IQ4_XS. */
  readonly importance?: Float32Array | null;
}

/**
 * Numbers in blocks of a type of ggml. F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, TQ1_0, TQ2_0, MXFP4 and NVFP4 are byte for byte what its reference
 * writes; Q2_K to Q6_K, IQ4_NL and IQ4_XS, whose scales are searched for, lose no more than it does.
 *
 * @param x rows side by side
 * @throws {ValidationError} for a type that does not exist, or numbers that are not finite @throws {UnsupportedError} for a type that is not written here
 * @throws {ShapeError} for a count that is no multiple of the block
 * @remarks Python: `gguf.quants.quantize(x, type)`; C: `ggml_quantize_chunk`.
 * @example quantizeGgml(Float32Array.from({ length: 32 }, (_, i) => i), 'Q8_0').length // => 34
 * @example quantizeGgml(new Float32Array(256).fill(1), 'Q4_K').length // => 144
 */
export function quantizeGgml(x: Float32Array, type: GgmlType, { importance = null }: QuantizeGgmlOptions = {}): Uint8Array {
  return quantize(notNull(x, 'x'), ggmlType(type), importance);
}

/**
 * Numbers of blocks of a type of ggml, exact in float32; all types but whole numbers, Q1_0, Q8_1 and Q8_K.
 *
 * @param count numbers, a multiple of the block
 * @throws {ValidationError} for a type that does not exist @throws {UnsupportedError} for one that is not read here
 * @throws {FormatError} for bytes that are no whole blocks @throws {ShapeError} for another count than they hold
 * @remarks Python: `gguf.quants.dequantize(bytes, type)`.
 * @example dequantizeGgml(quantizeGgml(new Float32Array(32).fill(127), 'Q8_0'), 'Q8_0', 32)[31] // => 127
 */
export function dequantizeGgml(bytes: Uint8Array, type: GgmlType, count: number): Float32Array {
  return dequantize(notNull(bytes, 'bytes'), ggmlType(type), count);
}

/**
 * The name that GGUF gives to a tensor of a checkpoint; null where the architecture has no such tensor.
 *
 * @param architecture `bert`, `gpt2`, `llama`, `qwen2` or `qwen3`
 * @throws {ValidationError} for another architecture
 * @remarks Python: `gguf.get_tensor_name_map(architecture, blocks).get_name(name)`.
 * @example ggufTensorName('llama', 'model.layers.3.mlp.up_proj.weight') // => 'blk.3.ffn_up.weight'
 */
export function ggufTensorName(architecture: string, name: string): string | null {
  if (!Object.hasOwn(TENSOR_NAMES, architecture))
    throw new ValidationError(`architecture must be one of ${Object.keys(TENSOR_NAMES).join(', ')}, got '${architecture}'`, {
      parameter: 'architecture',
      received: architecture,
    });
  return nameIn(TENSOR_NAMES[architecture]!, notNull(name, 'name'));
}

/**
 * Writes a GGUF file, version 3, little endian; tensors in the order given.
 *
 * @throws {ValidationError} for a value that its type does not hold, or a type that does not exist @throws {ShapeError} for data that do not fit a shape
 * @throws {UnsupportedError} for numbers of a type that is not written here
 * @remarks Python: `gguf.GGUFWriter`.
 * @example
 * const file = writeGguf({ metadata: { 'general.architecture': 'llama' }, tensors: { x: { type: 'F32', shape: [2], data: Float32Array.of(1, 2) } } });
 * readGguf(file).tensors[0].load().tolist() // => [1, 2]
 */
export function writeGguf(content: GgufContent): Uint8Array {
  return write(notNull(content, 'content'));
}

/**
 * A model of transformers as a GGUF file that llama.cpp runs: Llama, Mistral or GPT-2 with a byte-level BPE. Norms stay in float32; tables of tokens and
 * scores have eight bits where the others have fewer, or six in files of k-quants. Files of names with M give six bits to values and down projections
 * of the first and last eighth of the layers and of every third between; rows that no super-block fits take blocks of 32.
 *
 * @param source `config.json`, tensors and `tokenizer.json` of the model
 * @param fileType of matrices, one of {@link GGUF_FILE_TYPES}
 * @throws {ValidationError} for another family or type, or a config that lacks a size @throws {UnsupportedError} for another kind of tokenizer, or a tensor
 *   that has no place @throws {FormatError} when config, tensors and tokenizer disagree
 * @remarks Python: `convert_hf_to_gguf.py` and `llama-quantize` of llama.cpp; the same tensors and greedy tokens.
 * @example
 * import { ones } from '@gtc/tensor';
 * const config = { model_type: 'gpt2', n_embd: 32, n_head: 2, n_layer: 1, n_positions: 8, vocab_size: 2 };
 * const tokenizer = { model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] } };
 * readGguf(exportGguf({ config, tensors: { 'transformer.wte.weight': ones([2, 32]) }, tokenizer }, 'Q8_0')).tensors[0].type // => 'Q8_0'
 */
export function exportGguf(source: GgufSource, fileType: GgufFileType = 'F16'): Uint8Array {
  return exported(notNull(source, 'source'), fileType);
}
