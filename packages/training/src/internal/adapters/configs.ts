/** Adapters and their rules. */
import { type Definition, nestedIssue } from '@gtc/errors';

/** Kinds of adapters. */
export const AdapterType = { LORA: 'lora', QLORA: 'qlora', ADALORA: 'adalora', IA3: 'ia3', PREFIX_TUNING: 'prefix_tuning' } as const;
export type AdapterType = (typeof AdapterType)[keyof typeof AdapterType];

/** Presets of the layers that are adapted. */
export const TargetModules = { ATTENTION: 'attention', MLP: 'mlp', ALL: 'all' } as const;
export type TargetModules = (typeof TargetModules)[keyof typeof TargetModules];

/** Ways to join weights. */
export const MergeStrategy = { CAT: 'cat', ADD: 'add', WEIGHTED: 'weighted' } as const;
export type MergeStrategy = (typeof MergeStrategy)[keyof typeof MergeStrategy];

/** Values of {@link AdapterType}. */
export const VALID_ADAPTER_TYPES: ReadonlySet<AdapterType> = new Set(Object.values(AdapterType));

/** Values of {@link TargetModules}. */
export const VALID_TARGET_MODULES: ReadonlySet<TargetModules> = new Set(Object.values(TargetModules));

/** Values of {@link MergeStrategy}. */
export const VALID_MERGE_STRATEGIES: ReadonlySet<MergeStrategy> = new Set(Object.values(MergeStrategy));

/** Projections of attention. */
export const ATTENTION_MODULES: ReadonlySet<string> = new Set(['k_proj', 'o_proj', 'q_proj', 'v_proj']);

/** Projections of the feed-forward network. */
export const MLP_MODULES: ReadonlySet<string> = new Set(['down_proj', 'gate_proj', 'up_proj']);

/** Projections of attention and of the feed-forward network. */
export const ALL_MODULES: ReadonlySet<string> = new Set(['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj']);

/** Names in ascending order. */
export const sorted = (names: ReadonlySet<string>): string[] => [...names].sort();

/** Kinds that train low-rank matrices. */
export const LORA_TYPES: ReadonlySet<string> = new Set(['lora', 'qlora', 'adalora']);

/** Low-rank adapters (Hu et al. 2021). */
export interface LoRAConfig {
  readonly r: number;
  readonly alpha: number;
  readonly dropout: number;
  readonly targetModules: readonly string[];
  readonly bias: string;
  readonly useRslora: boolean;
  readonly useDora: boolean;
}

/** Defaults and rules of {@link LoRAConfig}. */
export const LoRAConfig: Definition<LoRAConfig> = {
  name: 'LoRAConfig',
  fields: {
    r: { kind: 'int', default: 8, positive: true },
    alpha: { kind: 'int', default: 16, positive: true },
    dropout: { kind: 'float', default: 0.1, min: 0, below: 1 },
    targetModules: { kind: 'array', of: { kind: 'string' }, nonEmpty: true, default: sorted(ALL_MODULES) },
    bias: { kind: 'string', default: 'none', oneOf: ['all', 'lora_only', 'none'] },
    useRslora: { kind: 'bool', default: false },
    useDora: { kind: 'bool', default: false },
  },
};

/** Quantized base weights under an adapter (Dettmers et al. 2023). */
export interface QLoRAConfig {
  readonly bits: number;
  readonly doubleQuant: boolean;
  readonly computeDtype: string;
  readonly quantType: string;
}

/** Defaults and rules of {@link QLoRAConfig}. */
export const QLoRAConfig: Definition<QLoRAConfig> = {
  name: 'QLoRAConfig',
  fields: {
    bits: { kind: 'int', default: 4, oneOf: [4, 8] },
    doubleQuant: { kind: 'bool', default: true },
    computeDtype: { kind: 'string', default: 'float16', oneOf: ['bfloat16', 'float16', 'float32'] },
    quantType: { kind: 'string', default: 'nf4', oneOf: ['fp4', 'nf4'] },
  },
};

/** Adapters that share a budget of ranks (Zhang et al. 2023). */
export interface AdaLoRAConfig {
  readonly initR: number;
  readonly targetR: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Steps before ranks are taken away. */
  readonly tinit: number;
  /** Steps after which the ranks stay. */
  readonly tfinal: number;
  /** Steps between two changes of ranks. */
  readonly deltaT: number;
}

/** Defaults and rules of {@link AdaLoRAConfig}. */
export const AdaLoRAConfig: Definition<AdaLoRAConfig> = {
  name: 'AdaLoRAConfig',
  fields: {
    initR: { kind: 'int', default: 12, positive: true },
    targetR: { kind: 'int', default: 8, positive: true },
    beta1: { kind: 'float', default: 0.85, above: 0, below: 1 },
    beta2: { kind: 'float', default: 0.85, above: 0, below: 1 },
    tinit: { kind: 'int', default: 200, nonNegative: true },
    tfinal: { kind: 'int', default: 1000 },
    deltaT: { kind: 'int', default: 10, positive: true },
  },
  rules: [
    ({ initR, targetR }) => (targetR > initR ? `targetR must be at most initR (${initR}), got ${targetR}` : null),
    ({ tinit, tfinal }) => (tfinal <= tinit ? `tfinal must be greater than tinit (${tinit}), got ${tfinal}` : null),
  ],
};

/** Learned scales of activations (Liu et al. 2022). */
export interface IA3Config {
  readonly targetModules: readonly string[];
  readonly feedforwardModules: readonly string[];
  readonly initWeights: boolean;
}

/** Defaults and rules of {@link IA3Config}. */
export const IA3Config: Definition<IA3Config> = {
  name: 'IA3Config',
  fields: {
    targetModules: { kind: 'array', of: { kind: 'string' }, nonEmpty: true, default: sorted(ALL_MODULES) },
    feedforwardModules: { kind: 'array', of: { kind: 'string' }, default: sorted(MLP_MODULES) },
    initWeights: { kind: 'bool', default: true },
  },
};

/** Learned keys and values before the text (Li and Liang 2021). */
export interface PrefixTuningConfig {
  readonly numVirtualTokens: number;
  readonly encoderHiddenSize: number;
  readonly prefixProjection: boolean;
}

/** Defaults and rules of {@link PrefixTuningConfig}. */
export const PrefixTuningConfig: Definition<PrefixTuningConfig> = {
  name: 'PrefixTuningConfig',
  fields: {
    numVirtualTokens: { kind: 'int', default: 20, positive: true },
    encoderHiddenSize: { kind: 'int', default: 512, positive: true },
    prefixProjection: { kind: 'bool', default: true },
  },
};

/** An adapter on a model. */
export interface AdapterConfig {
  readonly adapterType: AdapterType;
  readonly loraConfig: LoRAConfig | null;
  readonly qloraConfig: QLoRAConfig | null;
  readonly adaloraConfig: AdaLoRAConfig | null;
  readonly ia3Config: IA3Config | null;
  readonly prefixConfig: PrefixTuningConfig | null;
  readonly trainableParams: number;
  readonly baseModelParams: number;
}

/** Defaults and rules of {@link AdapterConfig}. */
export const AdapterConfig: Definition<AdapterConfig> = {
  name: 'AdapterConfig',
  fields: {
    adapterType: { kind: 'enum', of: AdapterType },
    loraConfig: { kind: 'any', nullable: true },
    qloraConfig: { kind: 'any', nullable: true },
    adaloraConfig: { kind: 'any', nullable: true },
    ia3Config: { kind: 'any', nullable: true },
    prefixConfig: { kind: 'any', nullable: true },
    trainableParams: { kind: 'int' },
    baseModelParams: { kind: 'int', default: 7000000000, positive: true },
  },
  rules: [
    ({ adapterType, loraConfig }) => (LORA_TYPES.has(adapterType) ? nestedIssue(LoRAConfig, loraConfig, 'loraConfig') : null),
    ({ adapterType, qloraConfig }) => (adapterType === 'qlora' ? nestedIssue(QLoRAConfig, qloraConfig, 'qloraConfig') : null),
    ({ adapterType, adaloraConfig }) => (adapterType === 'adalora' ? nestedIssue(AdaLoRAConfig, adaloraConfig, 'adaloraConfig') : null),
    ({ adapterType, ia3Config }) => (adapterType === 'ia3' ? nestedIssue(IA3Config, ia3Config, 'ia3Config') : null),
    ({ adapterType, prefixConfig }) => (adapterType === 'prefix_tuning' ? nestedIssue(PrefixTuningConfig, prefixConfig, 'prefixConfig') : null),
  ],
};

/** What an adapter trains and saves. */
export interface AdapterStats {
  readonly adapterType: AdapterType;
  readonly trainableParams: number;
  readonly totalParams: number;
  readonly trainablePercent: number;
  readonly memorySavedMb: number;
}

/** Defaults and rules of {@link AdapterStats}. */
export const AdapterStats: Definition<AdapterStats> = {
  name: 'AdapterStats',
  fields: {
    adapterType: { kind: 'enum', of: AdapterType },
    trainableParams: { kind: 'int', positive: true },
    totalParams: { kind: 'int' },
    trainablePercent: { kind: 'float' },
    memorySavedMb: { kind: 'float' },
  },
};
