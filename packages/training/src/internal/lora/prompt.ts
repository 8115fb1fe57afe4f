/** Vectors that stand before a text and are learnt in place of weights: prompt tuning, P-tuning and prefix tuning. */
import { FormatError, integer, oneOf, positive, ShapeError, UnsupportedError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { cat, type Tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { TorchGenerator } from '@gtc/tensor/random';
import type { StoredAdapter } from './inject.js';
import type { PeftJson } from './settings.js';

/** Inputs of a model that can be prompted. */
export interface PromptInputs {
  readonly inputIds?: Tensor | readonly (readonly number[])[];
  readonly inputsEmbeds?: Tensor | null;
  readonly attentionMask?: Tensor | readonly (readonly number[])[] | null;
  readonly labels?: Tensor | readonly (readonly number[])[] | null;
}

/** What a prompted model answers. */
export interface PromptOutput {
  readonly logits?: Tensor;
  readonly loss?: Tensor;
}

/** A decoder that takes vectors in place of tokens, and keys and values before them, such as those of `@gtc/models`. */
export interface PromptableModel {
  embedTokens(ids: Tensor | readonly (readonly number[])[]): Tensor;
  requiresGrad_(on?: boolean): unknown;
  forward(inputs: PromptInputs, options?: { readonly prefix?: readonly { readonly k: Tensor; readonly v: Tensor }[] | null }): PromptOutput;
}

/** Kinds of prompts. */
const KINDS = ['prompt_tuning', 'prefix_tuning', 'p_tuning'] as const;

/** Settings of a prompt, by PEFT's names in camelCase. */
export interface PromptSettings {
  /** Vectors before the words (Lester et al. 2021), made by a small network (Liu et al. 2021), or keys and values in every layer (Li and Liang 2021). */
  readonly type: (typeof KINDS)[number];
  readonly numVirtualTokens: number;
  /** Width of the model. */
  readonly tokenDim: number;
  /** Layers and heads of keys and values of the model; of prefix tuning. */
  readonly numLayers: number;
  readonly numAttentionHeads: number;
  /** Width of the small network of P-tuning, or of prefix tuning with one. */
  readonly encoderHiddenSize?: number | null;
  /** Whether a small network makes the prefix. */
  readonly prefixProjection?: boolean;
}

/** Layers of a network from vectors to vectors. */
function layersOf(widths: readonly number[], generator: TorchGenerator): nn.Linear[] {
  return widths.slice(1).map((outer, i) => {
    const inner = widths[i]!;
    const bound = 1 / Math.sqrt(inner);
    const uniform = (shape: readonly number[]): nn.Parameter =>
      new nn.Parameter(
        gtc.fromTypedArray(
          generator.uniform(
            shape.reduce((a, b) => a * b, 1),
            -bound,
            bound,
          ),
          shape,
        ),
      );
    return nn.Linear.of(uniform([outer, inner]), uniform([outer]));
  });
}

/** Makes the vectors of a prompt. */
class PromptEncoder extends nn.Module {
  static override readonly names: Readonly<Record<string, string>> = { table: 'embedding.weight', layers: 'mlp_head' };
  readonly table: nn.Parameter;
  readonly layers: nn.ModuleList<nn.Linear>;
  readonly #act: (x: Tensor) => Tensor;

  constructor(table: nn.Parameter, layers: readonly nn.Linear[], act: (x: Tensor) => Tensor) {
    super();
    this.table = table;
    this.layers = new nn.ModuleList([...layers]);
    this.#act = act;
  }

  /** `[tokens, width]` */
  override forward(): Tensor {
    let x: Tensor = this.table;
    for (const [i, layer] of [...this.layers].entries()) x = layer.forward(i === 0 ? x : this.#act(x));
    return x;
  }
}

function widthOf({ type, tokenDim, numLayers }: PromptSettings): number {
  return type === 'prefix_tuning' ? 2 * numLayers * tokenDim : tokenDim;
}

/** Widths of the network that makes the vectors; empty where they are learnt as they are. */
function networkOf(settings: PromptSettings): number[] {
  const { type, tokenDim, encoderHiddenSize = null, prefixProjection = false } = settings;
  const hidden = encoderHiddenSize ?? tokenDim;
  if (type === 'p_tuning') return [tokenDim, hidden, hidden, tokenDim];
  return type === 'prefix_tuning' && prefixProjection ? [tokenDim, hidden, widthOf(settings)] : [];
}

/** A frozen model with a learnt prompt before every text. */
export class PromptedModel {
  readonly settings: PromptSettings;
  readonly #model: PromptableModel;
  readonly #encoder: PromptEncoder;

  /** @see createPrompt */
  constructor(model: PromptableModel, settings: PromptSettings, encoder: PromptEncoder) {
    this.settings = settings;
    this.#model = model;
    this.#encoder = encoder;
    model.requiresGrad_(false);
  }

  /** What is trained. */
  parameters(): nn.Parameter[] {
    return this.#encoder.parameters();
  }

  /** How many numbers are trained when the prompt is made: those of the network that makes it, too. */
  get trainable(): number {
    const widths = networkOf(this.settings);
    const { numVirtualTokens, tokenDim } = this.settings;
    const layers = widths.slice(1).reduce((sum, outer, i) => sum + (widths[i]! + 1) * outer, 0);
    return numVirtualTokens * (widths.length > 0 ? tokenDim : widthOf(this.settings)) + layers;
  }

  /**
   * Scores and loss of texts with the prompt before them. With vectors before the words, scores of those come first; labels and masks are those of the
   * texts alone.
   *
   * @remarks Python: `peft.PeftModelForCausalLM.forward`; logits within 1e-4.
   */
  forward({ inputIds, attentionMask = null, labels = null }: PromptInputs): PromptOutput {
    const prompts = this.#encoder.forward();
    if (this.settings.type === 'prefix_tuning')
      return this.#model.forward({ ...(inputIds === undefined ? {} : { inputIds }), attentionMask, labels }, { prefix: this.#prefix(prompts) });
    const words = this.#model.embedTokens(inputIds ?? []);
    const batch = words.shape[0]!;
    const before = gtc.expand(gtc.unsqueeze(prompts, 0), [batch, ...prompts.shape]);
    const widened = (rows: PromptInputs['labels'], value: number): Tensor | null => {
      if (rows === null || rows === undefined) return null;
      const x = rows instanceof gtc.Tensor ? rows.astype('int32') : gtc.tensor(rows as number[][], { dtype: 'int32' });
      return cat([gtc.full([batch, prompts.shape[0]!], value, { dtype: 'int32' }), x], { axis: 1 });
    };
    return this.#model.forward({ inputsEmbeds: cat([before, words], { axis: 1 }), attentionMask: widened(attentionMask, 1), labels: widened(labels, -100) });
  }

  /** Keys and values of each layer. */
  #prefix(prompts: Tensor): { readonly k: Tensor; readonly v: Tensor }[] {
    const { numVirtualTokens, numLayers, numAttentionHeads } = this.settings;
    const parts = prompts.reshape([numVirtualTokens, 2 * numLayers, numAttentionHeads, -1]);
    const part = (i: number): Tensor => gtc.unsqueeze(gtc.permute(parts.get(':', i), [1, 0, 2]), 0);
    return Array.from({ length: numLayers }, (_, i) => ({ k: part(2 * i), v: part(2 * i + 1) }));
  }

  /** The prompt as PEFT stores it. */
  state({ baseModel = null }: { readonly baseModel?: string | null } = {}): { readonly config: PeftJson; readonly tensors: Readonly<Record<string, Tensor>> } {
    const { type, numVirtualTokens, tokenDim, numLayers, numAttentionHeads, encoderHiddenSize = null, prefixProjection = false } = this.settings;
    const config = {
      peft_type: type.toUpperCase(),
      task_type: 'CAUSAL_LM',
      base_model_name_or_path: baseModel,
      inference_mode: true,
      num_virtual_tokens: numVirtualTokens,
      token_dim: tokenDim,
      num_layers: numLayers,
      num_attention_heads: numAttentionHeads,
      num_transformer_submodules: 1,
      ...(type === 'prompt_tuning' ? {} : { encoder_hidden_size: encoderHiddenSize }),
      ...(type === 'prefix_tuning' ? { prefix_projection: prefixProjection } : {}),
    };
    return { config, tensors: { prompt_embeddings: gtc.noGrad(() => this.#encoder.forward()).detach() } };
  }
}

function check(settings: PromptSettings): void {
  const { type, numVirtualTokens, tokenDim, numLayers, numAttentionHeads } = settings;
  oneOf(type, 'type', KINDS);
  for (const [name, value] of Object.entries({ numVirtualTokens, tokenDim, numLayers, numAttentionHeads })) positive(integer(value, name), name);
}

/**
 * A prompt to be trained.
 *
 * @param options `seed` of the first vectors
 * @throws {ValidationError} for a kind that is not known, or sizes that are not positive integers
 * @remarks Python: `peft.get_peft_model(model, peft.PromptTuningConfig(num_virtual_tokens=...))`, `PrefixTuningConfig`, `PromptEncoderConfig` (MLP).
 * @example
 * import { zeros } from '@gtc/tensor';
 * const model = { embedTokens: ids => zeros([ids.length, ids[0].length, 4]), requiresGrad_: () => {}, forward: ({ inputsEmbeds }) => ({ logits: inputsEmbeds }) };
 * const settings = { type: 'prompt_tuning', numVirtualTokens: 3, tokenDim: 4, numLayers: 1, numAttentionHeads: 1 };
 * createPrompt(model, settings).forward({ inputIds: [[7, 8]] }).logits.shape // => [1, 5, 4]
 */
export function createPrompt(model: PromptableModel, settings: PromptSettings, { seed = 0 }: { readonly seed?: number } = {}): PromptedModel {
  check(settings);
  const generator = new TorchGenerator(seed);
  const widths = networkOf(settings);
  const width = widths[0] ?? widthOf(settings);
  const { numVirtualTokens, type } = settings;
  const table = new nn.Parameter(gtc.fromTypedArray(generator.normal(numVirtualTokens * width), [numVirtualTokens, width]));
  return new PromptedModel(model, settings, new PromptEncoder(table, layersOf(widths, generator), type === 'p_tuning' ? gtc.relu : gtc.tanh));
}

/** Whether an `adapter_config.json` is that of a prompt, which {@link loadPrompt} reads. */
export function isPromptConfig(config: PeftJson): boolean {
  return KINDS.includes(String(config['peft_type']).toLowerCase() as PromptSettings['type']);
}

/**
 * A prompt that PEFT or {@link PromptedModel.state} stored.
 *
 * @param adapter the parsed `adapter_config.json`, and the tensors of `adapter_model.safetensors`
 * @throws {ValidationError} for a kind that is not known @throws {UnsupportedError} for a network of another kind than layers
 * @throws {FormatError} when the vectors are missing @throws {ShapeError} when they are not as many or as wide as the config says
 * @remarks Python: `peft.PeftModel.from_pretrained(model, folder)`; logits within 1e-4.
 * @example
 * import { zeros } from '@gtc/tensor';
 * const model = { embedTokens: ids => zeros([ids.length, ids[0].length, 4]), requiresGrad_: () => {}, forward: ({ inputsEmbeds }) => ({ logits: inputsEmbeds }) };
 * const settings = { type: 'prompt_tuning', numVirtualTokens: 3, tokenDim: 4, numLayers: 1, numAttentionHeads: 1 };
 * loadPrompt(model, createPrompt(model, settings).state()).trainable // => 12
 */
export function loadPrompt(model: PromptableModel, { config, tensors }: StoredAdapter): PromptedModel {
  const count = (name: string): number => config[name] as number;
  const settings: PromptSettings = {
    type: String(config['peft_type']).toLowerCase() as PromptSettings['type'],
    numVirtualTokens: count('num_virtual_tokens'),
    tokenDim: count('token_dim'),
    numLayers: count('num_layers'),
    numAttentionHeads: count('num_attention_heads'),
    encoderHiddenSize: (config['encoder_hidden_size'] as number | null | undefined) ?? null,
    prefixProjection: config['prefix_projection'] === true,
  };
  check(settings);
  const network = config['encoder_reparameterization_type'];
  if (settings.type === 'p_tuning' && network !== undefined && network !== 'MLP')
    throw new UnsupportedError(`the prompt comes from a network of kind ${String(network)}; MLP is known`, { parameter: 'encoder_reparameterization_type' });
  const stored = tensors instanceof Map ? tensors.get('prompt_embeddings') : (tensors as Readonly<Record<string, Tensor>>)['prompt_embeddings'];
  if (stored === undefined) throw new FormatError('the adapter has no prompt_embeddings', { parameter: 'tensors' });
  const table = 'load' in stored ? stored.load() : (stored as Tensor);
  ShapeError.check({ prompt_embeddings: [table, [settings.numVirtualTokens, widthOf(settings)]] });
  return new PromptedModel(model, settings, new PromptEncoder(new nn.Parameter(table.astype('float32')), [], gtc.tanh));
}
