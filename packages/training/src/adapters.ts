/** Adapters: LoRA, QLoRA, AdaLoRA, IA3 and prefix tuning, what they train and what they save. Mirrors `hf_gtc.training.adapters`. */
import {
  allPositive,
  createFrom,
  finite,
  formatCount,
  formatFixed,
  inRange,
  notNull,
  oneOf,
  parseEnum,
  positive,
  ShapeError,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

import {
  AdaLoRAConfig,
  AdapterConfig,
  type AdapterStats,
  AdapterType,
  ALL_MODULES,
  ATTENTION_MODULES,
  IA3Config,
  LORA_TYPES,
  LoRAConfig,
  MergeStrategy,
  MLP_MODULES,
  PrefixTuningConfig,
  QLoRAConfig,
  sorted,
  TargetModules,
} from './internal/adapters/configs.js';

export {
  AdaLoRAConfig,
  AdapterConfig,
  AdapterStats,
  AdapterType,
  ALL_MODULES,
  ATTENTION_MODULES,
  IA3Config,
  LoRAConfig,
  MergeStrategy,
  MLP_MODULES,
  PrefixTuningConfig,
  QLoRAConfig,
  TargetModules,
  VALID_ADAPTER_TYPES,
  VALID_MERGE_STRATEGIES,
  VALID_TARGET_MODULES,
} from './internal/adapters/configs.js';

/** @throws {ValidationError} naming every broken rule */
export function validateLoraConfig(config: LoRAConfig): void {
  validate(LoRAConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQloraConfig(config: QLoRAConfig): void {
  validate(QLoRAConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAdaloraConfig(config: AdaLoRAConfig): void {
  validate(AdaLoRAConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateIa3Config(config: IA3Config): void {
  validate(IA3Config, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePrefixConfig(config: PrefixTuningConfig): void {
  validate(PrefixTuningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAdapterConfig(config: AdapterConfig): void {
  validate(AdapterConfig, config);
}

/** Settles a {@link QLoRAConfig}. @throws {ValidationError} naming every broken rule */
export function createQloraConfig(options: Partial<QLoRAConfig> = {}): QLoRAConfig {
  return createFrom(QLoRAConfig, options);
}

/** Settles a {@link AdaLoRAConfig}. @throws {ValidationError} naming every broken rule */
export function createAdaloraConfig(options: Partial<AdaLoRAConfig> = {}): AdaLoRAConfig {
  return createFrom(AdaLoRAConfig, options);
}

/** Settles a {@link PrefixTuningConfig}. @throws {ValidationError} naming every broken rule */
export function createPrefixConfig(options: Partial<PrefixTuningConfig> = {}): PrefixTuningConfig {
  return createFrom(PrefixTuningConfig, options);
}

/** Adapter types in ascending order. */
export function listAdapterTypes(): AdapterType[] {
  return valuesOf(AdapterType);
}

/** Target modules in ascending order. */
export function listTargetModules(): TargetModules[] {
  return valuesOf(TargetModules);
}

/** Merge strategies in ascending order. */
export function listMergeStrategies(): MergeStrategy[] {
  return valuesOf(MergeStrategy);
}

/** @throws {ValidationError} naming the adapter types */
export function getAdapterType(name: string): AdapterType {
  return parseEnum(AdapterType, name, 'adapterType');
}

/** @throws {ValidationError} naming the target moduleses */
export function getTargetModules(name: string): TargetModules {
  return parseEnum(TargetModules, name, 'targetModules');
}

/** @throws {ValidationError} naming the merge strategies */
export function getMergeStrategy(name: string): MergeStrategy {
  return parseEnum(MergeStrategy, name, 'mergeStrategy');
}

/** Layers of a preset, or those that are named. */
function namedModules(targetModules: readonly string[] | string): readonly string[] {
  if (typeof targetModules !== 'string') return targetModules;
  oneOf(targetModules, 'targetModules', Object.values(TargetModules));
  return getTargetModulesList(targetModules);
}

/**
 * Layers of a preset, in ascending order.
 *
 * @param preset `attention`, `mlp` or `all`
 * @throws {ValidationError} naming the presets that are known
 * @remarks Python: `hf_gtc.training.adapters.get_target_modules_list(preset)`.
 * @example getTargetModulesList('mlp') // => ['down_proj', 'gate_proj', 'up_proj']
 */
export function getTargetModulesList(preset: string): string[] {
  oneOf(preset, 'preset', Object.values(TargetModules));
  return sorted(preset === 'attention' ? ATTENTION_MODULES : preset === 'mlp' ? MLP_MODULES : ALL_MODULES);
}

/** Options that take a preset's name for the layers. */
export type WithPreset<T> = Partial<Omit<T, 'targetModules'>> & { readonly targetModules?: readonly string[] | string };

/**
 * Settles a {@link LoRAConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.adapters.create_lora_config(r=, alpha=, dropout=, target_modules=, bias=, use_rslora=, use_dora=)`.
 */
export function createLoraConfig({ targetModules = 'all', ...options }: WithPreset<LoRAConfig> = {}): LoRAConfig {
  return createFrom(LoRAConfig, { ...options, targetModules: namedModules(targetModules) });
}

/**
 * Settles an {@link IA3Config}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.adapters.create_ia3_config(target_modules=, feedforward_modules=, init_weights=)`.
 */
export function createIa3Config({
  targetModules = 'all',
  feedforwardModules = null,
  ...options
}: Omit<WithPreset<IA3Config>, 'feedforwardModules'> & { readonly feedforwardModules?: readonly string[] | null } = {}): IA3Config {
  const named = namedModules(targetModules);
  return createFrom(IA3Config, { ...options, targetModules: named, feedforwardModules: feedforwardModules ?? named.filter(name => MLP_MODULES.has(name)) });
}

/** Settings of {@link createAdapterConfig}: those of every kind side by side. */
export interface AdapterOptions extends Partial<Omit<LoRAConfig, 'targetModules'>>, Partial<QLoRAConfig>, Partial<PrefixTuningConfig> {
  readonly adapterType?: AdapterType;
  readonly targetModules?: readonly string[] | string;
  readonly initR?: number;
  readonly targetR?: number;
  readonly baseModelParams?: number;
}

/**
 * Settles an adapter and counts what it trains on a model of 32 layers, 4,096 wide. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.adapters.create_adapter_config(adapter_type=, r=, alpha=, dropout=, target_modules=, bias=, use_rslora=, use_dora=, bits=, double_quant=, compute_dtype=, quant_type=, init_r=, target_r=, num_virtual_tokens=, encoder_hidden_size=, prefix_projection=, base_model_params=)`.
 */
export function createAdapterConfig({
  adapterType = 'lora',
  targetModules = 'all',
  r,
  alpha,
  dropout,
  bias,
  useRslora,
  useDora,
  bits,
  doubleQuant,
  computeDtype,
  quantType,
  initR,
  targetR,
  numVirtualTokens,
  encoderHiddenSize,
  prefixProjection,
  baseModelParams = 7e9,
}: AdapterOptions = {}): AdapterConfig {
  parseEnum(AdapterType, adapterType, 'adapterType');
  const loraConfig = LORA_TYPES.has(adapterType)
    ? createLoraConfig({ r, alpha, dropout, targetModules, bias, useRslora, useDora } as WithPreset<LoRAConfig>)
    : null;
  const ia3Config = adapterType === 'ia3' ? createIa3Config({ targetModules }) : null;
  const prefixConfig = adapterType === 'prefix_tuning' ? createFrom(PrefixTuningConfig, { numVirtualTokens, encoderHiddenSize, prefixProjection }) : null;
  return createFrom(AdapterConfig, {
    adapterType,
    loraConfig,
    qloraConfig: adapterType === 'qlora' ? createFrom(QLoRAConfig, { bits, doubleQuant, computeDtype, quantType }) : null,
    adaloraConfig: adapterType === 'adalora' ? createFrom(AdaLoRAConfig, { initR, targetR }) : null,
    ia3Config,
    prefixConfig,
    trainableParams: calculateTrainableParams(adapterType, baseModelParams, {
      r: loraConfig?.r ?? 8,
      numTargetModules: (loraConfig ?? ia3Config)?.targetModules.length ?? 7,
      numVirtualTokens: prefixConfig?.numVirtualTokens ?? 20,
      encoderHiddenSize: prefixConfig?.encoderHiddenSize ?? 512,
    }),
    baseModelParams,
  });
}

/**
 * Parameters that an adapter trains, with square projections: two matrices of rank `r` for each layer and module (AdaLoRA: and `r` singular values), one scale
 * for each activation (IA3), or keys and values of the prefix and its encoder.
 *
 * @throws {ValidationError} for an unknown kind or a size of the model that is not positive
 * @remarks Python: `hf_gtc.training.adapters.calculate_trainable_params(adapter_type, base_model_params, r=, num_target_modules=, hidden_size=, num_virtual_tokens=, encoder_hidden_size=, num_layers=)`; exact.
 * @example calculateTrainableParams('ia3', 2) // => 917504
 */
export function calculateTrainableParams(
  adapterType: AdapterType,
  baseModelParams: number,
  {
    r = 8,
    numTargetModules = 7,
    hiddenSize = 4096,
    numVirtualTokens = 20,
    encoderHiddenSize = 512,
    numLayers = 32,
  }: {
    readonly r?: number;
    readonly numTargetModules?: number;
    readonly hiddenSize?: number;
    readonly numVirtualTokens?: number;
    readonly encoderHiddenSize?: number;
    readonly numLayers?: number;
  } = {},
): number {
  parseEnum(AdapterType, adapterType, 'adapterType');
  positive(baseModelParams, 'baseModelParams');
  const modules = numTargetModules * numLayers;
  if (adapterType === 'ia3') return hiddenSize * modules;
  if (adapterType === 'prefix_tuning') return numVirtualTokens * hiddenSize * numLayers * 2 + 2 * encoderHiddenSize * hiddenSize;
  return 2 * hiddenSize * r * modules + (adapterType === 'adalora' ? r * modules : 0);
}

/**
 * Memory that an adapter saves: full training takes 16 bytes for each parameter, an adapter the frozen weights in `bits` and 16 bytes for what it trains.
 *
 * @returns MiB, and percent of full training, at least 0
 * @throws {ValidationError} for an unknown kind, counts that are not positive or bits other than 4, 8, 16 and 32
 * @remarks Python: `hf_gtc.training.adapters.estimate_memory_savings(adapter_type, base_model_params, trainable_params, bits=)`.
 * @example estimateMemorySavings('qlora', 1, 35, { bits: 32 }) // => [-0.000522613525390625, 0]
 */
export function estimateMemorySavings(
  adapterType: AdapterType,
  baseModelParams: number,
  trainableParams: number,
  { bits = 16 }: { readonly bits?: number } = {},
): readonly [savedMb: number, percent: number] {
  parseEnum(AdapterType, adapterType, 'adapterType');
  allPositive({ baseModelParams, trainableParams });
  oneOf(bits, 'bits', [4, 8, 16, 32]);
  const full = 16 * baseModelParams;
  const saved = full - ((baseModelParams * bits) / 8 + 16 * trainableParams);
  return [saved / 1024 ** 2, Math.max(0, (saved / full) * 100)];
}

/**
 * Joins lists of weights: end to end (`cat`), as a sum (`add`), or with the adapter scaled by `alpha` (`weighted`).
 *
 * @param options `alpha` in (0, 1], for `weighted`
 * @throws {ValidationError} for an unknown strategy or an `alpha` outside (0, 1]
 * @throws {ShapeError} for different counts of weights where they are added
 * @remarks Python: `hf_gtc.training.adapters.merge_adapter_weights(base_weights, adapter_weights, strategy=, alpha=)`.
 * @example mergeAdapterWeights([1], [2]) // => [3]
 */
export function mergeAdapterWeights(
  baseWeights: readonly number[],
  adapterWeights: readonly number[],
  { strategy = 'add', alpha = 1 }: { readonly strategy?: MergeStrategy; readonly alpha?: number } = {},
): number[] {
  parseEnum(MergeStrategy, strategy, 'strategy');
  if (strategy === 'cat') return [...baseWeights, ...adapterWeights];
  const scale = strategy === 'weighted' ? inRange(alpha, 'alpha', { above: 0, max: 1 }) : 1;
  if (baseWeights.length !== adapterWeights.length)
    throw new ShapeError(
      `baseWeights and adapterWeights must have the same length for strategy ${strategy}, got ${baseWeights.length} and ${adapterWeights.length}`,
      { parameter: 'adapterWeights' },
    );
  return baseWeights.map((weight, index) => weight + scale * adapterWeights[index]!);
}

/**
 * The power of two up to 64 that is nearest to the rank whose matrices, 12 bytes for each parameter, fit a budget.
 *
 * @param memoryBudgetMb MiB
 * @throws {ValidationError} for sizes that are not positive, or no layers or modules to adapt
 * @remarks Python: `hf_gtc.training.adapters.calculate_lora_rank(base_model_params, memory_budget_mb, target_modules=, num_layers=, hidden_size=)`; exact.
 * @example calculateLoraRank(7000000000, 50) // => 2
 */
export function calculateLoraRank(
  baseModelParams: number,
  memoryBudgetMb: number,
  { targetModules = 7, numLayers = 32, hiddenSize = 4096 }: { readonly targetModules?: number; readonly numLayers?: number; readonly hiddenSize?: number } = {},
): number {
  allPositive({ baseModelParams, memoryBudgetMb: finite(memoryBudgetMb, 'memoryBudgetMb') });
  const perRank = 2 * hiddenSize * targetModules * numLayers;
  if (perRank === 0)
    throw new ValidationError('targetModules, numLayers and hiddenSize must not be 0', { parameter: 'numLayers', received: numLayers, expected: 'not 0' });
  const rank = Math.trunc((memoryBudgetMb * 1024 ** 2) / 12 / perRank);
  return [1, 2, 4, 8, 16, 32, 64].reduce((nearest, power) => (Math.abs(power - rank) < Math.abs(nearest - rank) ? power : nearest));
}

/**
 * What an adapter trains and saves, as text.
 *
 * @remarks Python: `hf_gtc.training.adapters.format_adapter_stats(stats)`; the same text.
 */
export function formatAdapterStats(stats: AdapterStats): string {
  notNull(stats, 'stats');
  return [
    `Adapter Type: ${stats.adapterType}`,
    `Trainable: ${formatCount(stats.trainableParams)} / ${formatCount(stats.totalParams)}`,
    `Percentage: ${formatFixed(stats.trainablePercent, 4)}%`,
    `Memory Saved: ${formatFixed(stats.memorySavedMb, 1)} MB`,
  ].join('\n');
}

/** Parameters by size. */
const MODEL_PARAMS: Readonly<Record<string, number>> = { small: 1e9, medium: 3e9, large: 13e9, '7b': 7e9, '13b': 13e9, '70b': 70e9 };

/**
 * The adapter that suits a model: LoRA, or QLoRA for 70 billion parameters and where the weights in two bytes exceed the memory.
 *
 * @param options `memoryConstraintGb` in GB
 * @throws {ValidationError} naming the sizes that are known
 * @remarks Python: `hf_gtc.training.adapters.get_recommended_adapter_config(model_size=, task=, memory_constraint_gb=)`.
 * @example getRecommendedAdapterConfig({ modelSize: '70b' }).adapterType // => 'qlora'
 */
export function getRecommendedAdapterConfig({
  modelSize = '7b',
  memoryConstraintGb = null,
}: {
  readonly modelSize?: string;
  readonly task?: string;
  readonly memoryConstraintGb?: number | null;
} = {}): AdapterConfig {
  const size = oneOf(modelSize.toLowerCase(), 'modelSize', Object.keys(MODEL_PARAMS));
  const baseModelParams = MODEL_PARAMS[size]!;
  const short = memoryConstraintGb !== null && 2 * baseModelParams > memoryConstraintGb * 1e9;
  const large = size === '70b';
  return createAdapterConfig({ adapterType: large || short ? 'qlora' : 'lora', ...(large ? { r: 16, alpha: 32 } : {}), baseModelParams });
}

/**
 * Counts what an adapter trains and saves. @throws {ValidationError} for no adapter or a model without parameters
 *
 * @remarks Python: `hf_gtc.training.adapters.create_adapter_stats(adapter_config)`.
 */
export function createAdapterStats(adapterConfig: AdapterConfig): AdapterStats {
  const { adapterType, trainableParams, baseModelParams, qloraConfig } = notNull(adapterConfig, 'adapterConfig');
  const [memorySavedMb] = estimateMemorySavings(adapterType, baseModelParams, trainableParams, { bits: qloraConfig?.bits ?? 16 });
  return Object.freeze({
    adapterType,
    trainableParams,
    totalParams: baseModelParams,
    trainablePercent: (trainableParams / baseModelParams) * 100,
    memorySavedMb,
  });
}

/**
 * The settings under the names of Python's `peft`.
 *
 * @throws {ValidationError} for no adapter
 * @remarks Python: `hf_gtc.training.adapters.get_peft_config_dict(adapter_config)`.
 * @example getPeftConfigDict(createAdapterConfig()).peft_type // => 'LORA'
 */
export function getPeftConfigDict(adapterConfig: AdapterConfig): Readonly<Record<string, unknown>> {
  const { adapterType, loraConfig, adaloraConfig, ia3Config, prefixConfig } = notNull(adapterConfig, 'adapterConfig');
  return {
    peft_type: adapterType.toUpperCase(),
    ...(loraConfig && {
      r: loraConfig.r,
      lora_alpha: loraConfig.alpha,
      lora_dropout: loraConfig.dropout,
      target_modules: loraConfig.targetModules,
      bias: loraConfig.bias,
      use_rslora: loraConfig.useRslora,
      use_dora: loraConfig.useDora,
    }),
    ...(adaloraConfig && {
      init_r: adaloraConfig.initR,
      target_r: adaloraConfig.targetR,
      beta1: adaloraConfig.beta1,
      beta2: adaloraConfig.beta2,
      tinit: adaloraConfig.tinit,
      tfinal: adaloraConfig.tfinal,
      deltaT: adaloraConfig.deltaT,
    }),
    ...(ia3Config && { target_modules: ia3Config.targetModules, feedforward_modules: ia3Config.feedforwardModules, init_ia3_weights: ia3Config.initWeights }),
    ...(prefixConfig && {
      num_virtual_tokens: prefixConfig.numVirtualTokens,
      encoder_hidden_size: prefixConfig.encoderHiddenSize,
      prefix_projection: prefixConfig.prefixProjection,
    }),
  };
}
