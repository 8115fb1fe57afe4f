/** What adapters are set to, and the words of PEFT's `adapter_config.json` for it. */
import { inRange, integer, oneOf, positive, show, ValidationError } from '@gtc/errors';

/** Where adapters attach. */
export interface TargetSettings {
  /** Names of layers: the end of a path, a regular expression of whole paths, or 'all-linear'. */
  readonly targetModules: readonly string[] | string;
  /** Layers that are left out though they match. */
  readonly excludeModules?: readonly string[] | string | null;
  /** Numbers of the layers of the stack that are adapted; all unless given. */
  readonly layersToTransform?: readonly number[] | number | null;
  /** Layers that are trained and saved whole, a new head for example. */
  readonly modulesToSave?: readonly string[] | null;
}

/** How the matrices of LoRA begin. */
export type LoraInit = boolean | 'gaussian' | 'pissa' | 'olora';

/** Low-rank adapters (Hu et al. 2021). */
export interface LoraSettings extends TargetSettings {
  readonly type?: 'lora';
  readonly r: number;
  /** Numerator of the scale `loraAlpha / r`. Default: 8. */
  readonly loraAlpha?: number;
  /** Probability of zeroing an adapter's input while training. Default: 0. */
  readonly loraDropout?: number;
  /** Which biases are trained. Default: 'none'. */
  readonly bias?: 'none' | 'all' | 'lora_only';
  /** Scale by `loraAlpha / √r` (Kalajdzievski 2023). */
  readonly useRslora?: boolean;
  /** Train lengths of rows apart from directions (Liu et al. 2024). */
  readonly useDora?: boolean;
  /** Ranks and alphas of single layers, by the end of their path. */
  readonly rankPattern?: Readonly<Record<string, number>>;
  readonly alphaPattern?: Readonly<Record<string, number>>;
  readonly initLoraWeights?: LoraInit;
}

/** Scales of activations (Liu et al. 2022). */
export interface Ia3Settings extends TargetSettings {
  readonly type: 'ia3';
  /** Layers whose input is scaled, not their output. */
  readonly feedforwardModules?: readonly string[] | string | null;
}

/** Hadamard products of low-rank matrices (Hyeon-Woo et al. 2021). */
export interface LohaSettings extends TargetSettings {
  readonly type: 'loha';
  readonly r: number;
  readonly alpha?: number;
}

/** Kronecker products (Edalati et al. 2022). */
export interface LokrSettings extends TargetSettings {
  readonly type: 'lokr';
  readonly r: number;
  readonly alpha?: number;
  readonly decomposeBoth?: boolean;
  readonly decomposeFactor?: number;
}

/** Rotations of inputs, block by block (Qiu et al. 2023). */
export interface OftSettings extends TargetSettings {
  readonly type: 'oft';
  readonly blockSize: number;
  /** Cayley's map by five terms of a series, as PEFT has it by default, or exactly. */
  readonly useCayleyNeumann?: boolean;
}

/** Reflections of inputs (Yuan et al. 2024). */
export interface HraSettings extends TargetSettings {
  readonly type: 'hra';
  readonly r: number;
}

/** Low-rank adapters in the form of a singular value decomposition, whose ranks can be cut (Zhang et al. 2023). */
export interface AdaloraSettings extends TargetSettings {
  readonly type: 'adalora';
  readonly initR: number;
  readonly loraAlpha?: number;
}

/** Settings of adapters of any kind. */
export type AdapterSettings = LoraSettings | Ia3Settings | LohaSettings | LokrSettings | OftSettings | HraSettings | AdaloraSettings;

const KINDS = ['adalora', 'hra', 'ia3', 'loha', 'lokr', 'lora', 'oft'] as const;

/** @throws {ValidationError} for a kind that is not known, a rank below 1, a dropout outside [0, 1) */
export function checkSettings(settings: AdapterSettings): void {
  oneOf(settings.type ?? 'lora', 'type', KINDS);
  const { targetModules } = settings;
  if ((typeof targetModules !== 'string' && !Array.isArray(targetModules)) || targetModules.length === 0)
    throw new ValidationError(`targetModules must name layers, got ${show(targetModules)}`, { parameter: 'targetModules', received: targetModules });
  for (const name of ['r', 'initR', 'blockSize'] as const)
    if (name in settings) positive(integer((settings as unknown as Readonly<Record<string, number>>)[name]!, name), name);
  if ('loraDropout' in settings && settings.loraDropout !== undefined) inRange(settings.loraDropout, 'loraDropout', { min: 0, below: 1 });
  if ('bias' in settings && settings.bias !== undefined) oneOf(settings.bias, 'bias', ['none', 'all', 'lora_only']);
}

/** The content of an `adapter_config.json`. */
export type PeftJson = Readonly<Record<string, unknown>>;

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

/** Names of settings that PEFT calls otherwise. */
const OTHERWISE: Readonly<Record<string, string>> = { blockSize: 'oft_block_size' };

/** Settings in PEFT's words. */
export function toPeftJson(
  settings: AdapterSettings,
  { fanInFanOut, baseModel }: { readonly fanInFanOut: boolean; readonly baseModel: string | null },
): PeftJson {
  const { type = 'lora', ...rest } = settings;
  const named = Object.entries(rest).filter(([, value]) => value !== undefined);
  const lora = type === 'lora' || type === 'ia3' || type === 'adalora' ? { fan_in_fan_out: fanInFanOut } : {};
  return {
    peft_type: type.toUpperCase(),
    task_type: null,
    base_model_name_or_path: baseModel,
    inference_mode: true,
    ...lora,
    ...Object.fromEntries(named.map(([name, value]) => [OTHERWISE[name] ?? snake(name), value])),
  };
}

/** Fields of PEFT's files that say what adapters compute, by kind. */
const READ: readonly string[] = [
  'target_modules',
  'exclude_modules',
  'layers_to_transform',
  'modules_to_save',
  'r',
  'lora_alpha',
  'lora_dropout',
  'bias',
  'use_rslora',
  'use_dora',
  'rank_pattern',
  'alpha_pattern',
  'feedforward_modules',
  'alpha',
  'decompose_both',
  'decompose_factor',
  'oft_block_size',
  'use_cayley_neumann',
  'init_r',
];

/** Fields of single kinds: others pass over them. */
const ONLY: Readonly<Record<string, readonly string[]>> = { r: ['lora', 'loha', 'lokr', 'hra'], oft_block_size: ['oft'] };

/** Features that change what an adapter computes and are not here. */
const UNKNOWN: Readonly<Record<string, (value: unknown) => boolean>> = {
  lora_bias: value => value === true,
  use_qalora: value => value === true,
  use_bdlora: value => value !== null && value !== undefined && value !== false,
  layer_replication: value => Array.isArray(value),
  target_parameters: value => Array.isArray(value) && value.length > 0,
  trainable_token_indices: value => value !== null && value !== undefined,
};

/** Settings from a file. @throws {ValidationError} for a kind, or a feature, that is not known */
export function fromPeftJson(json: PeftJson): AdapterSettings {
  const type = String(json['peft_type'] ?? '').toLowerCase();
  oneOf(type, 'peft_type', KINDS);
  const feature = Object.keys(UNKNOWN).find(name => UNKNOWN[name]!(json[name]));
  if (feature !== undefined)
    throw new ValidationError(`adapter_config.json asks for ${feature}, which is not known here`, { parameter: feature, received: json[feature] });
  const entries = READ.filter(name => json[name] !== undefined && json[name] !== null && (ONLY[name]?.includes(type) ?? true));
  const settings = { type, ...Object.fromEntries(entries.map(name => [name === 'oft_block_size' ? 'blockSize' : camel(name), json[name]])) };
  checkSettings(settings as unknown as AdapterSettings);
  return settings as unknown as AdapterSettings;
}
