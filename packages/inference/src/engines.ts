/** Serving engines: their settings, what each can do, and how fast it is expected to be. Mirrors `hf_gtc.inference.engines`. */
import { allPositive, createFrom, type Definition, formatFixed, nestedIssue, oneOf, parseEnum, roundTo, validate, valuesOf } from '@gtc/errors';

/** Engines that serve language models. */
export const EngineType = {
  VLLM: 'vllm',
  TGI: 'tgi',
  LLAMACPP: 'llamacpp',
  TENSORRT: 'tensorrt',
  CTRANSLATE2: 'ctranslate2',
  ONNXRUNTIME: 'onnxruntime',
} as const;
export type EngineType = (typeof EngineType)[keyof typeof EngineType];

/** Ways in which weights are quantized. */
export const QuantizationBackend = { NONE: 'none', BITSANDBYTES: 'bitsandbytes', GPTQ: 'gptq', AWQ: 'awq', GGML: 'ggml' } as const;
export type QuantizationBackend = (typeof QuantizationBackend)[keyof typeof QuantizationBackend];

/** What an engine can do. */
export const EngineFeature = { STREAMING: 'streaming', BATCHING: 'batching', SPECULATIVE: 'speculative', PREFIX_CACHING: 'prefix_caching' } as const;
export type EngineFeature = (typeof EngineFeature)[keyof typeof EngineFeature];

/** Values of {@link EngineType}, by their text. */
export type EngineTypeStr = EngineType;

/** Values of {@link QuantizationBackend}, by their text. */
export type QuantizationBackendStr = QuantizationBackend;

/** Values of {@link EngineFeature}, by their text. */
export type EngineFeatureStr = EngineFeature;

/** Sizes of models, from about one to 70 billion parameters. */
export type ModelSizeStr = 'small' | 'medium' | 'large' | 'xlarge';

/** Hardware with recommended settings. */
export type HardwareTypeStr = 'cpu' | 'gpu_consumer' | 'gpu_datacenter';

/** Values of {@link EngineType}. */
export const VALID_ENGINE_TYPES: ReadonlySet<EngineType> = new Set(Object.values(EngineType));

/** Values of {@link QuantizationBackend}. */
export const VALID_QUANTIZATION_BACKENDS: ReadonlySet<QuantizationBackend> = new Set(Object.values(QuantizationBackend));

/** Values of {@link EngineFeature}. */
export const VALID_ENGINE_FEATURES: ReadonlySet<EngineFeature> = new Set(Object.values(EngineFeature));

/** Settings of vLLM. */
export interface VLLMConfig {
  readonly tensorParallelSize: number;
  readonly gpuMemoryUtilization: number;
  readonly maxModelLen: number;
  readonly enforceEager: boolean;
}

/** Defaults and rules of {@link VLLMConfig}. */
export const VLLMConfig: Definition<VLLMConfig> = {
  name: 'VLLMConfig',
  fields: {
    tensorParallelSize: { kind: 'int', default: 1, positive: true },
    gpuMemoryUtilization: { kind: 'float', default: 0.9, above: 0, max: 1 },
    maxModelLen: { kind: 'int', default: 4096, positive: true },
    enforceEager: { kind: 'bool', default: false },
  },
};

/** Settings of Text Generation Inference. */
export interface TGIConfig {
  readonly maxConcurrentRequests: number;
  readonly maxInputLength: number;
  readonly maxTotalTokens: number;
}

/** Defaults and rules of {@link TGIConfig}. */
export const TGIConfig: Definition<TGIConfig> = {
  name: 'TGIConfig',
  fields: {
    maxConcurrentRequests: { kind: 'int', default: 128, positive: true },
    maxInputLength: { kind: 'int', default: 2048, positive: true },
    maxTotalTokens: { kind: 'int', default: 4096, positive: true },
  },
  rules: [
    ({ maxInputLength, maxTotalTokens }) =>
      maxTotalTokens < maxInputLength ? `maxTotalTokens must be at least maxInputLength (${maxInputLength}), got ${maxTotalTokens}` : null,
  ],
};

/** Settings of llama.cpp. */
export interface LlamaCppConfig {
  readonly nCtx: number;
  readonly nBatch: number;
  readonly nThreads: number;
  readonly useMmap: boolean;
}

/** Defaults and rules of {@link LlamaCppConfig}. */
export const LlamaCppConfig: Definition<LlamaCppConfig> = {
  name: 'LlamaCppConfig',
  fields: {
    nCtx: { kind: 'int', default: 4096, positive: true },
    nBatch: { kind: 'int', default: 512, positive: true },
    nThreads: { kind: 'int', default: 8, positive: true },
    useMmap: { kind: 'bool', default: true },
  },
  rules: [({ nCtx, nBatch }) => (nBatch > nCtx ? `nBatch must be at most nCtx (${nCtx}), got ${nBatch}` : null)],
};

/** An engine with its settings. */
export interface EngineConfig {
  readonly engineType: EngineType;
  readonly vllmConfig: VLLMConfig | null;
  readonly tgiConfig: TGIConfig | null;
  readonly llamacppConfig: LlamaCppConfig | null;
  readonly quantization: QuantizationBackend;
}

/** Defaults and rules of {@link EngineConfig}. */
export const EngineConfig: Definition<EngineConfig> = {
  name: 'EngineConfig',
  fields: {
    engineType: { kind: 'enum', of: EngineType, default: EngineType.VLLM },
    vllmConfig: { kind: 'any', default: createFrom(VLLMConfig), nullable: true },
    tgiConfig: { kind: 'any', default: null, nullable: true },
    llamacppConfig: { kind: 'any', default: null, nullable: true },
    quantization: { kind: 'enum', of: QuantizationBackend, default: QuantizationBackend.NONE },
  },
  rules: [
    ({ engineType, vllmConfig }) => (engineType === 'vllm' ? nestedIssue(VLLMConfig, vllmConfig, 'vllmConfig') : null),
    ({ engineType, tgiConfig }) => (engineType === 'tgi' ? nestedIssue(TGIConfig, tgiConfig, 'tgiConfig') : null),
    ({ engineType, llamacppConfig }) => (engineType === 'llamacpp' ? nestedIssue(LlamaCppConfig, llamacppConfig, 'llamacppConfig') : null),
    ({ engineType, quantization }) =>
      engineType === 'llamacpp' && quantization !== 'none' && quantization !== 'ggml'
        ? `quantization must be none or ggml for llamacpp, got ${quantization}`
        : null,
  ],
};

/** How an engine performs. */
export interface EngineStats {
  readonly throughputTokensPerSec: number;
  readonly latencyMs: number;
  readonly memoryUsageGb: number;
}

/** Defaults and rules of {@link EngineStats}. */
export const EngineStats: Definition<EngineStats> = {
  name: 'EngineStats',
  fields: {
    throughputTokensPerSec: { kind: 'float', default: 0, nonNegative: true },
    latencyMs: { kind: 'float', default: 0, nonNegative: true },
    memoryUsageGb: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateVllmConfig(config: VLLMConfig): void {
  validate(VLLMConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTgiConfig(config: TGIConfig): void {
  validate(TGIConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLlamacppConfig(config: LlamaCppConfig): void {
  validate(LlamaCppConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEngineConfig(config: EngineConfig): void {
  validate(EngineConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEngineStats(stats: EngineStats): void {
  validate(EngineStats, stats, 'stats');
}

/** Settles a {@link VLLMConfig}. @throws {ValidationError} naming every broken rule */
export function createVllmConfig(options: Partial<VLLMConfig> = {}): VLLMConfig {
  return createFrom(VLLMConfig, options);
}

/** Settles a {@link TGIConfig}. @throws {ValidationError} naming every broken rule */
export function createTgiConfig(options: Partial<TGIConfig> = {}): TGIConfig {
  return createFrom(TGIConfig, options);
}

/** Settles a {@link LlamaCppConfig}. @throws {ValidationError} naming every broken rule */
export function createLlamacppConfig(options: Partial<LlamaCppConfig> = {}): LlamaCppConfig {
  return createFrom(LlamaCppConfig, options);
}

/** Settles a {@link EngineStats}. @throws {ValidationError} naming every broken rule */
export function createEngineStats(options: Partial<EngineStats> = {}): EngineStats {
  return createFrom(EngineStats, options);
}

/** Engine types in ascending order. */
export function listEngineTypes(): EngineType[] {
  return valuesOf(EngineType);
}

/** Quantization backends in ascending order. */
export function listQuantizationBackends(): QuantizationBackend[] {
  return valuesOf(QuantizationBackend);
}

/** Engine features in ascending order. */
export function listEngineFeatures(): EngineFeature[] {
  return valuesOf(EngineFeature);
}

/** @throws {ValidationError} naming the engine types */
export function getEngineType(name: string): EngineType {
  return parseEnum(EngineType, name, 'engineType');
}

/** @throws {ValidationError} naming the quantization backends */
export function getQuantizationBackend(name: string): QuantizationBackend {
  return parseEnum(QuantizationBackend, name, 'quantizationBackend');
}

/** @throws {ValidationError} naming the engine features */
export function getEngineFeature(name: string): EngineFeature {
  return parseEnum(EngineFeature, name, 'engineFeature');
}

/**
 * Settles an engine; its own settings take their defaults where they are not given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.engines.create_engine_config(engine_type=, vllm_config=, tgi_config=, llamacpp_config=, quantization=)`.
 */
export function createEngineConfig({
  engineType = 'vllm',
  vllmConfig = null,
  tgiConfig = null,
  llamacppConfig = null,
  quantization = 'none',
}: Partial<EngineConfig> = {}): EngineConfig {
  return createFrom(EngineConfig, {
    engineType,
    vllmConfig: vllmConfig ?? (engineType === 'vllm' ? createVllmConfig() : null),
    tgiConfig: tgiConfig ?? (engineType === 'tgi' ? createTgiConfig() : null),
    llamacppConfig: llamacppConfig ?? (engineType === 'llamacpp' ? createLlamacppConfig() : null),
    quantization,
  });
}

const ENGINE_SPEED: Readonly<Record<EngineType, number>> = { vllm: 1, tgi: 0.9, llamacpp: 0.5, tensorrt: 1.2, ctranslate2: 0.7, onnxruntime: 0.6 };
const QUANTIZATION_SPEED: Readonly<Record<QuantizationBackend, number>> = { none: 1, bitsandbytes: 1.5, gptq: 1.6, awq: 1.7, ggml: 1.4 };

/**
 * A rule of thumb for tokens per second: 1,000 for 7 billion parameters in batches of eight, with 0.85 of it for each graphics processor and fixed factors
 * for engine and quantization. It is no measurement.
 *
 * @returns rounded to two decimals
 * @throws {ValidationError} for sizes that are not positive, an unknown engine or quantization
 * @remarks Python: `hf_gtc.inference.engines.estimate_engine_throughput(engine_type, model_params_billions, batch_size, gpu_count=, quantization=)`; within 1e-12.
 * @example estimateEngineThroughput('vllm', 7, 32) // => 1700
 */
export function estimateEngineThroughput(
  engineType: EngineType,
  modelParamsBillions: number,
  batchSize: number,
  { gpuCount = 1, quantization = 'none' }: { readonly gpuCount?: number; readonly quantization?: QuantizationBackend } = {},
): number {
  parseEnum(EngineType, engineType, 'engineType');
  parseEnum(QuantizationBackend, quantization, 'quantization');
  allPositive({ modelParamsBillions, batchSize, gpuCount });
  const base = 1000 * (7 / modelParamsBillions) * Math.sqrt(batchSize / 8) * (gpuCount * 0.85);
  return roundTo(base * ENGINE_SPEED[engineType] * QUANTIZATION_SPEED[quantization], 2);
}

/**
 * Expected tokens per second of two engines and their ratio, rounded to three decimals.
 *
 * @returns `engine_a_throughput`, `engine_b_throughput` and `ratio_a_to_b`
 * @throws {ValidationError} for sizes that are not positive or an unknown engine
 * @remarks Python: `hf_gtc.inference.engines.compare_engine_performance(engine_a, engine_b, model_params_billions, batch_size)`.
 * @example compareEnginePerformance('onnxruntime', 'onnxruntime', 14436.9787, 16) // => { engine_a_throughput: 0.35, engine_b_throughput: 0.35, ratio_a_to_b: 1 }
 */
export function compareEnginePerformance(
  engineA: EngineType,
  engineB: EngineType,
  modelParamsBillions: number,
  batchSize: number,
): Readonly<Record<string, number>> {
  const [a, b] = [estimateEngineThroughput(engineA, modelParamsBillions, batchSize), estimateEngineThroughput(engineB, modelParamsBillions, batchSize)];
  return { engine_a_throughput: a, engine_b_throughput: b, ratio_a_to_b: b > 0 ? roundTo(a / b, 3) : 0 };
}

const MODEL_FORMATS = ['transformers', 'gguf', 'onnx', 'tensorrt'] as const;

/** Formats and quantizations that an engine reads. */
const READS: Readonly<Record<EngineType, { readonly formats: readonly string[]; readonly quantizations: readonly QuantizationBackend[] }>> = {
  vllm: { formats: ['transformers'], quantizations: ['none', 'bitsandbytes', 'gptq', 'awq'] },
  tgi: { formats: ['transformers'], quantizations: ['none', 'bitsandbytes', 'gptq', 'awq'] },
  llamacpp: { formats: ['gguf'], quantizations: ['none', 'ggml'] },
  tensorrt: { formats: ['onnx', 'tensorrt'], quantizations: ['none'] },
  ctranslate2: { formats: ['onnx', 'transformers'], quantizations: ['none'] },
  onnxruntime: { formats: ['onnx'], quantizations: ['none'] },
};

const asSet = (names: readonly string[]): string =>
  `{${[...names]
    .sort()
    .map(name => `'${name}'`)
    .join(', ')}}`;

/**
 * Whether an engine reads a model, and why not.
 *
 * @throws {ValidationError} for an unknown engine, format or quantization
 * @remarks Python: `hf_gtc.inference.engines.check_engine_compatibility(engine_type, model_format, quantization=)`.
 * @example checkEngineCompatibility('llamacpp', 'gguf') // => [true, 'llamacpp is compatible with gguf and none']
 */
export function checkEngineCompatibility(
  engineType: EngineType,
  modelFormat: (typeof MODEL_FORMATS)[number],
  { quantization = 'none' }: { readonly quantization?: QuantizationBackend } = {},
): readonly [compatible: boolean, reason: string] {
  parseEnum(EngineType, engineType, 'engineType');
  oneOf(modelFormat, 'modelFormat', MODEL_FORMATS);
  parseEnum(QuantizationBackend, quantization, 'quantization');
  const { formats, quantizations } = READS[engineType];
  if (!formats.includes(modelFormat)) return [false, `${engineType} requires format in ${asSet(formats)}, got '${modelFormat}'`];
  if (!quantizations.includes(quantization)) return [false, `${engineType} supports quantization in ${asSet(quantizations)}, got '${quantization}'`];
  return [true, `${engineType} is compatible with ${modelFormat} and ${quantization}`];
}

const FEATURES: Readonly<Record<EngineType, readonly EngineFeature[]>> = {
  vllm: ['streaming', 'batching', 'speculative', 'prefix_caching'],
  tgi: ['streaming', 'batching', 'prefix_caching'],
  llamacpp: ['streaming', 'batching', 'speculative'],
  tensorrt: ['streaming', 'batching', 'speculative'],
  ctranslate2: ['streaming', 'batching'],
  onnxruntime: ['batching'],
};

/**
 * What an engine can do.
 *
 * @throws {ValidationError} naming the engines that are known
 * @remarks Python: `hf_gtc.inference.engines.get_engine_features(engine_type)`.
 * @example getEngineFeatures('onnxruntime').has('batching') // => true
 */
export function getEngineFeatures(engineType: EngineType): ReadonlySet<EngineFeature> {
  return new Set(FEATURES[parseEnum(EngineType, engineType, 'engineType')]);
}

/**
 * How an engine performs, as text.
 *
 * @remarks Python: `hf_gtc.inference.engines.format_engine_stats(stats)`; the same text.
 */
export function formatEngineStats(stats: EngineStats): string {
  return [
    `Throughput: ${formatFixed(stats.throughputTokensPerSec, 2)} tokens/sec`,
    `Latency: ${formatFixed(stats.latencyMs, 2)} ms`,
    `Memory: ${formatFixed(stats.memoryUsageGb, 2)} GB`,
  ].join('\n');
}

const consumer = (quantization: QuantizationBackend): Partial<EngineConfig> => ({
  vllmConfig: createVllmConfig({ gpuMemoryUtilization: 0.95, maxModelLen: 2048 }),
  quantization,
});

/** Engines by hardware and size of the model; a processor always takes llama.cpp. */
const RECOMMENDED: Readonly<Record<'gpu_consumer' | 'gpu_datacenter', Readonly<Record<ModelSizeStr, Partial<EngineConfig>>>>> = {
  gpu_consumer: { small: {}, medium: { quantization: 'bitsandbytes' }, large: consumer('gptq'), xlarge: consumer('gptq') },
  gpu_datacenter: {
    small: { vllmConfig: createVllmConfig({ maxModelLen: 8192 }) },
    medium: {},
    large: { vllmConfig: createVllmConfig({ tensorParallelSize: 2 }), quantization: 'awq' },
    xlarge: { vllmConfig: createVllmConfig({ tensorParallelSize: 4 }), quantization: 'awq' },
  },
};

/**
 * The engine that suits a model and hardware.
 *
 * @throws {ValidationError} naming the sizes or the hardware that are known
 * @remarks Python: `hf_gtc.inference.engines.get_recommended_engine_config(model_size, hardware=)`.
 * @example getRecommendedEngineConfig('large', { hardware: 'cpu' }).engineType // => 'llamacpp'
 */
export function getRecommendedEngineConfig(
  modelSize: ModelSizeStr,
  { hardware = 'gpu_datacenter' }: { readonly hardware?: HardwareTypeStr } = {},
): EngineConfig {
  oneOf(modelSize, 'modelSize', Object.keys(RECOMMENDED.gpu_datacenter));
  oneOf(hardware, 'hardware', ['cpu', ...Object.keys(RECOMMENDED)]);
  return createEngineConfig(hardware === 'cpu' ? { engineType: 'llamacpp', quantization: 'ggml' } : RECOMMENDED[hardware][modelSize]);
}
