/** LoRA fine-tuning and its kin: adapters put into models, trained beside frozen weights, saved in PEFT's format, merged. Mirrors `hf_gtc.training.lora`. */
import { assertFields, createFrom, type Definition, inRange, notNull, oneOf, positive, ShapeError, valuesOf } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';

export {
  adaloraBudget,
  adaloraOrthogonalLoss,
  addWeightedAdapter,
  type BudgetPlan,
  type CombinationType,
  type CombineOptions,
  type LoraPair,
} from './internal/lora/combine.js';
export { countLoraParameters, type LlamaShape } from './internal/lora/count.js';
export { extractLora, initLora, type LoraInitOptions, type LoraMatrices } from './internal/lora/init.js';
export { AdaptedModel, type AdapterFiles, injectAdapters, loadAdapter, type StoredAdapter, type StoredTensor } from './internal/lora/inject.js';
export type { AdaptedLayer } from './internal/lora/layers.js';
export {
  createPrompt,
  isPromptConfig,
  loadPrompt,
  type PromptableModel,
  PromptedModel,
  type PromptInputs,
  type PromptOutput,
  type PromptSettings,
} from './internal/lora/prompt.js';
export type {
  AdaloraSettings,
  AdapterSettings,
  HraSettings,
  Ia3Settings,
  LohaSettings,
  LokrSettings,
  LoraInit,
  LoraSettings,
  OftSettings,
  PeftJson,
  TargetSettings,
} from './internal/lora/settings.js';

/** What the adapted model is trained to do. */
export const TaskType = {
  CAUSAL_LM: 'CAUSAL_LM',
  SEQ_CLS: 'SEQ_CLS',
  SEQ_2_SEQ_LM: 'SEQ_2_SEQ_LM',
  TOKEN_CLS: 'TOKEN_CLS',
  QUESTION_ANS: 'QUESTION_ANS',
  FEATURE_EXTRACTION: 'FEATURE_EXTRACTION',
} as const;
export type TaskType = (typeof TaskType)[keyof typeof TaskType];

/** Which biases are trained: none, all of the model's, or those of adapted layers. */
export type BiasType = 'none' | 'all' | 'lora_only';

/** Values of {@link TaskType}. */
export const VALID_TASK_TYPES: ReadonlySet<TaskType> = new Set(Object.values(TaskType));
/** Projections of attention and feed-forward layers in Llama-like models. */
export const DEFAULT_TARGET_MODULES: ReadonlySet<string> = new Set(['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']);
/** Values of {@link BiasType}. */
export const VALID_BIAS_OPTIONS: ReadonlySet<BiasType> = new Set<BiasType>(['none', 'all', 'lora_only']);

/** One adapter: its rank, its scale and where it attaches. */
export interface LoRAConfig {
  /** Rank of A and B. */
  readonly r: number;
  /** Numerator of the scale `loraAlpha / r`. */
  readonly loraAlpha: number;
  /** Probability of zeroing an adapter input during training. */
  readonly loraDropout: number;
  /** Names of the layers that get an adapter. */
  readonly targetModules: readonly string[];
  readonly taskType: TaskType;
  readonly bias: BiasType;
  /** Layers that are trained and saved whole, a new head for example. */
  readonly modulesToSave: readonly string[] | null;
}

/** Defaults and rules of {@link LoRAConfig}. */
export const LoRAConfig: Definition<LoRAConfig> = {
  name: 'LoRAConfig',
  fields: {
    r: { kind: 'int', default: 8, positive: true },
    loraAlpha: { kind: 'int', default: 16, positive: true },
    loraDropout: { kind: 'float', default: 0.1, min: 0, below: 1 },
    targetModules: { kind: 'array', of: { kind: 'string' }, default: Object.freeze([...DEFAULT_TARGET_MODULES].sort()) },
    taskType: { kind: 'enum', of: TaskType, default: TaskType.CAUSAL_LM },
    bias: { kind: 'string', default: 'none', oneOf: VALID_BIAS_OPTIONS },
    modulesToSave: { kind: 'array', of: { kind: 'string' }, default: null, nullable: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateLoraConfig(r: number, loraAlpha: number, loraDropout: number, bias: BiasType): void {
  assertFields(LoRAConfig, { r, loraAlpha, loraDropout, bias });
}

/** Options of {@link createLoraConfig}: the fields of a {@link LoRAConfig}, with null for the default target modules. */
export type LoRAConfigOptions = { readonly [K in keyof LoRAConfig]?: LoRAConfig[K] | null };

/**
 * Describes a LoRA adapter for fine-tuning: rank, scale, dropout and the layers that get one. Fills defaults and validates.
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.training.lora.create_lora_config(...)`, `peft.LoraConfig(...)`.
 * @example createLoraConfig({ r: 16, loraAlpha: 32, targetModules: ['q_proj', 'v_proj'] }).loraDropout // => 0.1
 * @example createLoraConfig({ r: 0 }) // throws r must be positive, got 0
 */
export function createLoraConfig({ targetModules, ...options }: LoRAConfigOptions = {}): LoRAConfig {
  return createFrom(LoRAConfig, { ...options, targetModules: targetModules ?? undefined } as Partial<LoRAConfig>);
}

/** Task types in ascending order. */
export function listTaskTypes(): TaskType[] {
  return valuesOf(TaskType);
}

/**
 * Estimates the parameters of an adapter on square projections, `2 · r · hiddenSize · numTargetModules`, for one layer of the model.
 *
 * @param baseModelParams parameters of the base model; checked, not used, as in the original
 * @param options `hiddenSize` width of the adapted layers
 * @throws {ValidationError} when an argument is not positive
 * @remarks Python: `hf_gtc.training.lora.estimate_lora_parameters`; exact. Multiply by the number of layers for a whole model.
 * @example estimateLoraParameters(7e9, 8, 4) // => 262144
 */
export function estimateLoraParameters(
  baseModelParams: number,
  r: number,
  numTargetModules: number,
  { hiddenSize = 4096 }: { readonly hiddenSize?: number } = {},
): number {
  positive(baseModelParams, 'baseModelParams');
  return 2 * positive(r, 'r') * positive(numTargetModules, 'numTargetModules') * positive(hiddenSize, 'hiddenSize');
}

/**
 * Trainable share of the model in percent, `100 · loraParams / baseModelParams`: not a saving, whatever the name says.
 *
 * @throws {ValidationError} when an argument is not positive
 * @remarks Python: `hf_gtc.training.lora.calculate_lora_memory_savings`; within 1e-9.
 * @example calculateLoraMemorySavings(7e9, 7e6) // => 0.1
 */
export function calculateLoraMemorySavings(baseModelParams: number, loraParams: number): number {
  return (positive(loraParams, 'loraParams') / positive(baseModelParams, 'baseModelParams')) * 100;
}

/** Rank, scale and dropout for each size of model. */
const PRESETS: Readonly<Record<string, Pick<LoRAConfig, 'r' | 'loraAlpha' | 'loraDropout'>>> = {
  small: { r: 4, loraAlpha: 8, loraDropout: 0.05 },
  medium: { r: 8, loraAlpha: 16, loraDropout: 0.1 },
  large: { r: 16, loraAlpha: 32, loraDropout: 0.1 },
  xlarge: { r: 32, loraAlpha: 64, loraDropout: 0.05 },
};

/**
 * An adapter that suits a size of model: `small`, `medium`, `large` or `xlarge`.
 *
 * @throws {ValidationError} for another size or an unknown task type
 * @remarks Python: `hf_gtc.training.lora.get_recommended_lora_config(model_size, task_type=)`; equal.
 * @example getRecommendedLoraConfig('large').r // => 16
 */
export function getRecommendedLoraConfig(modelSize: string, { taskType = TaskType.CAUSAL_LM }: { readonly taskType?: string } = {}): LoRAConfig {
  const preset = PRESETS[oneOf(modelSize, 'modelSize', Object.keys(PRESETS))]!;
  return createLoraConfig({ ...preset, taskType: taskType as TaskType });
}

/** The `adapter_config.json` of PEFT, as far as a {@link LoRAConfig} decides it. */
export interface PeftLoraConfig {
  readonly peft_type: 'LORA';
  readonly task_type: string;
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: number;
  readonly target_modules: readonly string[];
  readonly bias: BiasType;
  readonly modules_to_save: readonly string[] | null;
}

/**
 * The configuration in PEFT's own words: what `adapter_config.json` says.
 *
 * @remarks Python: `peft.LoraConfig(...).to_dict()` reads and writes these keys.
 * @example getPeftConfig(createLoraConfig({ r: 4 })).peft_type // => 'LORA'
 */
export function getPeftConfig(loraConfig: LoRAConfig): PeftLoraConfig {
  const { r, loraAlpha, loraDropout, targetModules, taskType, bias, modulesToSave } = notNull(loraConfig, 'loraConfig');
  return {
    peft_type: 'LORA',
    task_type: taskType,
    r,
    lora_alpha: loraAlpha,
    lora_dropout: loraDropout,
    target_modules: targetModules,
    bias,
    modules_to_save: modulesToSave,
  };
}

/**
 * Folds an adapter into its base weight: `W + (loraAlpha / r) · B A`.
 *
 * @param weight base weight, `[out, in]`; not modified
 * @param a down projection, `[r, in]`
 * @param b up projection, `[out, r]`
 * @returns a new `[out, in]` tensor of the weight's type
 * @throws {ShapeError} when the three shapes disagree
 * @remarks Python: `peft` `merge_and_unload` of one linear layer; sums in double precision.
 * @example
 * import { tensor } from '@gtc/tensor';
 * mergeLora(tensor([[1, 0], [0, 1]]), tensor([[1, 1]]), tensor([[2], [0]]), { r: 1, loraAlpha: 2 }).tolist() // => [[5, 4], [0, 1]]
 */
export function mergeLora(weight: Tensor, a: Tensor, b: Tensor, { r, loraAlpha }: Pick<LoRAConfig, 'r' | 'loraAlpha'>): Tensor {
  ShapeError.check({ weight: [weight, ['out', 'in']], a: [a, [r, 'in']], b: [b, ['out', r]] });
  return weight.add(b.matmul(a).mul(loraAlpha / r)).astype(weight.dtype);
}

/** Width of layers to their number in transformers of the usual proportions. */
const WIDTH_TO_DEPTH = 128;

/** Width and number of layers of a transformer with so many parameters, at a guess: 12 · layers · width² of them, in the usual proportions. */
function shapeOf(baseModelParams: number): readonly [hiddenSize: number, numLayers: number] {
  const width = Math.cbrt((positive(baseModelParams, 'baseModelParams') * WIDTH_TO_DEPTH) / 12);
  const hiddenSize = Math.max(WIDTH_TO_DEPTH, Math.round(width / WIDTH_TO_DEPTH) * WIDTH_TO_DEPTH);
  return [hiddenSize, Math.max(1, Math.round(baseModelParams / (12 * hiddenSize ** 2)))];
}

/**
 * Parameters that LoRA trains in a model of a size, at a guess: two matrices of a rank for each adapted square layer, in a transformer of the
 * usual proportions.
 *
 * @param options `r` rank; `numTargetModules` adapted layers of each block
 * @throws {ValidationError} when an argument is not positive
 * @example estimateTrainableParams(7e9, { r: 16 }) // => 8921088
 */
export function estimateTrainableParams(
  baseModelParams: number,
  { r = 8, numTargetModules = 2 }: { readonly r?: number; readonly numTargetModules?: number } = {},
): number {
  const [hiddenSize, numLayers] = shapeOf(baseModelParams);
  return numLayers * estimateLoraParameters(baseModelParams, r, numTargetModules, { hiddenSize });
}

/**
 * The greatest power of two up to 256 whose matrices stay within a share of the model's parameters; at least 1.
 *
 * @param options `trainableShare` above 0, at most 1
 * @throws {ValidationError} when an argument is not positive or the share is above 1
 * @example calculateLoraRank(7e9, { trainableShare: 0.01 }) // => 64
 */
export function calculateLoraRank(
  baseModelParams: number,
  { trainableShare = 0.01, numTargetModules = 2 }: { readonly trainableShare?: number; readonly numTargetModules?: number } = {},
): number {
  const budget = baseModelParams * inRange(trainableShare, 'trainableShare', { above: 0, max: 1 });
  const perRank = estimateTrainableParams(baseModelParams, { r: 1, numTargetModules });
  return Math.max(1, Math.min(256, 2 ** Math.floor(Math.log2(budget / perRank))));
}
