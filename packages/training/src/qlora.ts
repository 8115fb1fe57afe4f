/** QLoRA: adapters on a quantized model, and the memory that they take. Mirrors `hf_gtc.training.qlora`. */
import { allPositive, createFrom, type Definition, formatFixed, isValueOf, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** Widths of a quantized weight. */
export const QuantBits = { FOUR: 4, EIGHT: 8 } as const;
export type QuantBits = (typeof QuantBits)[keyof typeof QuantBits];

/** Types of the products. */
export const ComputeType = { FLOAT16: 'float16', BFLOAT16: 'bfloat16', FLOAT32: 'float32' } as const;
export type ComputeType = (typeof ComputeType)[keyof typeof ComputeType];

/** Types of a quantized weight. */
export const QuantType = { NF4: 'nf4', FP4: 'fp4' } as const;
export type QuantType = (typeof QuantType)[keyof typeof QuantType];

/** Projections of attention and feed-forward layers in Llama-like models. */
export const DEFAULT_QLORA_TARGET_MODULES: ReadonlySet<string> = new Set(['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj']);

/** How the base weights are quantized (Dettmers et al. 2023). */
export interface QuantConfig {
  readonly bits: number;
  readonly quantType: QuantType;
  readonly computeDtype: ComputeType;
  /** Whether the scales are quantized as well. */
  readonly doubleQuant: boolean;
  readonly nestedQuant: boolean;
}

/** Defaults and rules of {@link QuantConfig}. */
export const QuantConfig: Definition<QuantConfig> = {
  name: 'QuantConfig',
  fields: {
    bits: { kind: 'int', default: 4, oneOf: [4, 8] },
    quantType: { kind: 'enum', of: QuantType, default: QuantType.NF4 },
    computeDtype: { kind: 'enum', of: ComputeType, default: ComputeType.FLOAT16 },
    doubleQuant: { kind: 'bool', default: true },
    nestedQuant: { kind: 'bool', default: false },
  },
};

/** The adapter. */
export interface QLoRAConfig {
  readonly r: number;
  readonly loraAlpha: number;
  readonly loraDropout: number;
  readonly targetModules: ReadonlySet<string>;
  readonly bias: string;
  readonly modulesToSave: readonly string[] | null;
}

/** Defaults and rules of {@link QLoRAConfig}. */
export const QLoRAConfig: Definition<QLoRAConfig> = {
  name: 'QLoRAConfig',
  fields: {
    r: { kind: 'int', default: 8, positive: true },
    loraAlpha: { kind: 'int', default: 16, positive: true },
    loraDropout: { kind: 'float', default: 0.05, min: 0, max: 1 },
    targetModules: { kind: 'set', of: { kind: 'string' }, default: DEFAULT_QLORA_TARGET_MODULES },
    bias: { kind: 'string', default: 'none', oneOf: ['none', 'all', 'lora_only'] },
    modulesToSave: { kind: 'array', of: { kind: 'string' }, default: null, nullable: true },
  },
};

/** The adapter, the weights below it and the training. */
export interface QLoRATrainingConfig {
  readonly qloraConfig: QLoRAConfig;
  readonly quantConfig: QuantConfig;
  readonly gradientCheckpointing: boolean;
  readonly gradientAccumulationSteps: number;
  readonly maxGradNorm: number;
}

/** Defaults and rules of {@link QLoRATrainingConfig}. */
export const QLoRATrainingConfig: Definition<QLoRATrainingConfig> = {
  name: 'QLoRATrainingConfig',
  fields: {
    qloraConfig: { kind: 'any' },
    quantConfig: { kind: 'any' },
    gradientCheckpointing: { kind: 'bool', default: true },
    gradientAccumulationSteps: { kind: 'int', default: 4 },
    maxGradNorm: { kind: 'float', default: 0.3 },
  },
};

/** Memory of a training in MiB. */
export interface MemoryEstimate {
  readonly modelMemoryMb: number;
  readonly adapterMemoryMb: number;
  readonly optimizerMemoryMb: number;
  readonly activationMemoryMb: number;
  readonly totalMemoryMb: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateQuantConfig(config: QuantConfig): void {
  validate(QuantConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQloraConfig(config: QLoRAConfig): void {
  validate(QLoRAConfig, config);
}

/** Settles a {@link QuantConfig}. @throws {ValidationError} naming every broken rule */
export function createQuantConfig(options: Partial<QuantConfig> = {}): QuantConfig {
  return createFrom(QuantConfig, options);
}

/** Quant types in ascending order. */
export function listQuantTypes(): QuantType[] {
  return valuesOf(QuantType);
}

/** @throws {ValidationError} naming the quant types */
export function getQuantType(name: string): QuantType {
  return parseEnum(QuantType, name, 'quantType');
}

/** Compute types in ascending order. */
export function listComputeTypes(): ComputeType[] {
  return valuesOf(ComputeType);
}

/** @throws {ValidationError} naming the compute types */
export function getComputeType(name: string): ComputeType {
  return parseEnum(ComputeType, name, 'computeType');
}

/** Quant bits in ascending order. */
export function listQuantBits(): QuantBits[] {
  return valuesOf(QuantBits);
}

/**
 * Settles the adapter. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.qlora.create_qlora_config(r=, lora_alpha=, lora_dropout=, target_modules=, bias=)`.
 */
export function createQloraConfig({
  targetModules = null,
  ...options
}: Partial<Omit<QLoRAConfig, 'targetModules'>> & { readonly targetModules?: Iterable<string> | null } = {}): QLoRAConfig {
  return createFrom(QLoRAConfig, { ...options, targetModules: new Set(targetModules ?? DEFAULT_QLORA_TARGET_MODULES) });
}

/**
 * Joins the settings of a training; what is not given takes its defaults.
 *
 * @remarks Python: `hf_gtc.training.qlora.create_qlora_training_config(qlora_config=, quant_config=, gradient_checkpointing=, gradient_accumulation_steps=, max_grad_norm=)`.
 */
export function createQloraTrainingConfig({
  qloraConfig = null,
  quantConfig = null,
  gradientCheckpointing = true,
  gradientAccumulationSteps = 4,
  maxGradNorm = 0.3,
}: {
  readonly qloraConfig?: QLoRAConfig | null;
  readonly quantConfig?: QuantConfig | null;
  readonly gradientCheckpointing?: boolean;
  readonly gradientAccumulationSteps?: number;
  readonly maxGradNorm?: number;
} = {}): QLoRATrainingConfig {
  return {
    qloraConfig: qloraConfig ?? createQloraConfig(),
    quantConfig: quantConfig ?? createQuantConfig(),
    gradientCheckpointing,
    gradientAccumulationSteps,
    maxGradNorm,
  };
}

const MIB = 1024 ** 2;

/**
 * Memory of a training in MiB: weights of `quantBits` bits, an adapter of 0.5 % of them per rank 8 in 16 bits, twice that for the optimizer, and activations of
 * a hidden size of 4096 in 32 bits.
 *
 * @throws {ValidationError} for a size that is not positive or bits that are neither 4 nor 8
 * @remarks Python: `hf_gtc.training.qlora.estimate_qlora_memory(model_params, quant_bits=, r=, batch_size=, sequence_length=)`.
 * @example estimateQloraMemory(1024 ** 2).modelMemoryMb // => 0.5
 */
export function estimateQloraMemory(
  modelParams: number,
  {
    quantBits = 4,
    r = 8,
    batchSize = 1,
    sequenceLength = 2048,
  }: { readonly quantBits?: number; readonly r?: number; readonly batchSize?: number; readonly sequenceLength?: number } = {},
): MemoryEstimate {
  positive(modelParams, 'modelParams');
  oneOf(quantBits, 'quantBits', [4, 8]);
  const modelMemoryMb = (modelParams * quantBits) / 8 / MIB;
  const adapterMemoryMb = (modelParams * 0.005 * (r / 8) * 2) / MIB;
  const activationMemoryMb = (batchSize * sequenceLength * 4096 * 4) / MIB;
  const optimizerMemoryMb = 2 * adapterMemoryMb;
  return {
    modelMemoryMb,
    adapterMemoryMb,
    optimizerMemoryMb,
    activationMemoryMb,
    totalMemoryMb: modelMemoryMb + adapterMemoryMb + optimizerMemoryMb + activationMemoryMb,
  };
}

/**
 * The adapter as peft takes it. @throws {ValidationError} without one
 *
 * @remarks Python: `hf_gtc.training.qlora.get_qlora_peft_config(config)`.
 */
export function getQloraPeftConfig(config: QLoRAConfig): Readonly<Record<string, unknown>> {
  notNull(config, 'config');
  return {
    r: config.r,
    lora_alpha: config.loraAlpha,
    lora_dropout: config.loraDropout,
    target_modules: [...config.targetModules],
    bias: config.bias,
    task_type: 'CAUSAL_LM',
  };
}

/**
 * The weights as bitsandbytes takes them. @throws {ValidationError} without settings
 *
 * @remarks Python: `hf_gtc.training.qlora.get_bnb_config(config)`.
 */
export function getBnbConfig(config: QuantConfig): Readonly<Record<string, unknown>> {
  notNull(config, 'config');
  if (config.bits !== 4) return { load_in_8bit: true };
  return {
    load_in_4bit: true,
    bnb_4bit_quant_type: config.quantType,
    bnb_4bit_compute_dtype: config.computeDtype,
    bnb_4bit_use_double_quant: config.doubleQuant,
  };
}

/**
 * Parameters that adapters train, two of rank by width for each module, the width guessed as √(P/32).
 *
 * @returns the count, and the share of the model
 * @throws {ValidationError} for a size or rank that is not positive
 * @remarks Python: `hf_gtc.training.qlora.calculate_qlora_trainable_params(model_params, r=, num_target_modules=)`.
 * @example calculateQloraTrainableParams(32 * 64 * 64, { r: 1, numTargetModules: 1 })[0] // => 128
 */
export function calculateQloraTrainableParams(
  modelParams: number,
  { r = 8, numTargetModules = 7 }: { readonly r?: number; readonly numTargetModules?: number } = {},
): readonly [count: number, share: number] {
  allPositive({ modelParams, r });
  const count = 2 * r * Math.floor(Math.sqrt(modelParams / 32)) * numTargetModules;
  return [count, count / modelParams];
}

const SIZE_STEPS: Readonly<Record<string, number>> = { '7b': 4, '13b': 8, '70b': 16 };

/**
 * Settings that suit a model. A memory limit is accepted for the sake of callers in Python, where it changes nothing either.
 *
 * @throws {ValidationError} for a size other than 7b, 13b and 70b
 * @remarks Python: `hf_gtc.training.qlora.get_recommended_qlora_config(model_size=, memory_constraint_gb=)`.
 */
export function getRecommendedQloraConfig({
  modelSize = '7b',
}: {
  readonly modelSize?: string;
  readonly memoryConstraintGb?: number | null;
} = {}): QLoRATrainingConfig {
  const size = `${modelSize.toLowerCase().replace(/b$/, '')}b`;
  oneOf(size, 'modelSize', Object.keys(SIZE_STEPS));
  return createQloraTrainingConfig({
    qloraConfig: size === '70b' ? createQloraConfig({ r: 16, loraAlpha: 32 }) : null,
    gradientAccumulationSteps: SIZE_STEPS[size]!,
  });
}

/**
 * Whether this is a {@link QuantType}.
 *
 * @remarks Python: `hf_gtc.training.qlora.validate_quant_type(quant_type)`; exact.
 * @example validateQuantType('fp4') // => true
 */
export function validateQuantType(quantType: string): boolean {
  return isValueOf(QuantType, quantType);
}

/**
 * Whether this is a {@link ComputeType}.
 *
 * @remarks Python: `hf_gtc.training.qlora.validate_compute_type(compute_type)`; exact.
 * @example validateComputeType('float16') // => true
 */
export function validateComputeType(computeType: string): boolean {
  return isValueOf(ComputeType, computeType);
}

/**
 * An estimate as lines of text.
 *
 * @remarks Python: `hf_gtc.training.qlora.format_memory_estimate(estimate)`; the same text.
 */
export function formatMemoryEstimate(estimate: MemoryEstimate): string {
  notNull(estimate, 'estimate');
  return [
    `Model: ${formatFixed(estimate.modelMemoryMb, 1)} MB`,
    `Adapter: ${formatFixed(estimate.adapterMemoryMb, 1)} MB`,
    `Optimizer: ${formatFixed(estimate.optimizerMemoryMb, 1)} MB`,
    `Activations: ${formatFixed(estimate.activationMemoryMb, 1)} MB`,
    `Total: ${formatFixed(estimate.totalMemoryMb, 1)} MB`,
  ].join('\n');
}
