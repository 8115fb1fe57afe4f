/** Decoders by their `model_type`: what their layers are made of, and what their checkpoints call it. */

import { calculateAlibiSlopes } from '../../positional.js';
import type { RopeLayout, RopeParameters } from '../positional/rope.js';
import type { AttentionSpec } from './attention.js';
import type { BlockSpec } from './block.js';
import type { Names, NormSpec } from './parts.js';
import type { Settings } from './settings.js';

/** How positions enter. */
type PositionSpec =
  | { readonly kind: 'rope'; readonly layout: RopeLayout; readonly dim: number }
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly rows: number;
      readonly offset: number;
      /** Whether padding, by the mask, takes no position. */
      readonly byMask: boolean;
    }
  | { readonly kind: 'alibi'; readonly slopes: readonly number[] };

/** A decoder of a family. */
export interface DecoderSpec {
  /** What the base model stands under where it has a head. */
  readonly prefix: string;
  /** Names of `embed`, `layers` and `norm` in the base model, and of `embedNorm`, `projectIn` and `projectOut` where it has them. */
  readonly names: Names;
  /** Name of the layer of scores, and whether it shifts. */
  readonly head: { readonly name: string; readonly bias: boolean; readonly tied: boolean };
  readonly vocab: number;
  /** The token of padding, whose embedding learns nothing; null where it learns. */
  readonly padToken: number | null;
  readonly width: number;
  /** Width of embeddings, where it is another. */
  readonly embedWidth: number;
  readonly layers: number;
  readonly block: BlockSpec;
  readonly norm: NormSpec;
  readonly positions: PositionSpec;
  /** Rule of rotary embeddings and window of a layer. */
  readonly rope: (layer: number) => RopeParameters | null;
  readonly window: (layer: number) => number | null;
  readonly maxPositions: number;
  readonly embedScale: number;
  readonly attentionScale: number | null;
  /** Factor by layer, beside the scale. */
  readonly layerScale?: (layer: number) => number;
  readonly softcap: number | null;
  readonly logitsScale: number;
  readonly logitsSoftcap: number | null;
}

const LLAMA_ATTENTION = { q: 'q_proj', k: 'k_proj', v: 'v_proj', o: 'o_proj', qNorm: 'q_norm', kNorm: 'k_norm' };
const LLAMA_BLOCK = {
  attention: 'self_attn',
  attnNorm: 'input_layernorm',
  mlpNorm: 'post_attention_layernorm',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
};
const LLAMA_NAMES = { embed: 'embed_tokens', layers: 'layers', norm: 'norm' };
/** Norms of Gemma 2 and after: before and after each part. */
const SANDWICH = { attnOutNorm: 'post_attention_layernorm', mlpNorm: 'pre_feedforward_layernorm', mlpOutNorm: 'post_feedforward_layernorm' };

/** What families set apart from Llama. */
interface Choices {
  readonly attention?: Partial<AttentionSpec>;
  readonly block?: Partial<BlockSpec>;
  readonly norm?: Partial<NormSpec>;
  readonly model?: Partial<DecoderSpec>;
}

/** A decoder of Llama's kin: norms before, rotary embeddings, and layers called `model.layers`. */
function likeLlama(settings: Settings, { attention = {}, block = {}, norm = {}, model = {} }: Choices = {}): DecoderSpec {
  const [width, heads] = [settings.count('hidden_size'), settings.count('num_attention_heads')];
  const headDim = attention.headDim ?? settings.count('head_dim', Math.floor(width / heads));
  const bias = settings.flag('attention_bias', false);
  const layout = attention.rope ?? 'half';
  const normSpec: NormSpec = { kind: 'rms', eps: settings.number(['rms_norm_eps', 'norm_epsilon', 'layer_norm_eps'], 1e-6), ...norm };
  const dim = 2 * Math.floor((headDim * settings.rotaryShare()) / 2);
  const attentionSpec: AttentionSpec = {
    names: LLAMA_ATTENTION,
    width,
    heads,
    kvHeads: settings.count('num_key_value_heads', heads),
    headDim,
    bias: { qkv: bias, o: bias },
    rope: layout,
    ...attention,
  };
  const rope = settings.rope('full_attention');
  return {
    prefix: 'model.',
    names: LLAMA_NAMES,
    head: { name: 'lm_head', bias: false, tied: settings.flag('tie_word_embeddings', false) },
    vocab: settings.count('vocab_size'),
    padToken: settings.token('pad_token_id'),
    width,
    embedWidth: width,
    layers: settings.count('num_hidden_layers'),
    block: {
      names: LLAMA_BLOCK,
      attention: attentionSpec,
      norm: normSpec,
      place: 'before',
      inner: block.inner ?? settings.count('intermediate_size'),
      act: settings.text(['hidden_activation', 'hidden_act'], 'silu'),
      mlpBias: settings.flag('mlp_bias', false),
      ...block,
    },
    norm: normSpec,
    positions: { kind: 'rope', layout, dim },
    rope: () => rope,
    window: () => null,
    maxPositions: settings.count('max_position_embeddings', 2048),
    embedScale: 1,
    attentionScale: null,
    softcap: null,
    logitsScale: 1,
    logitsSoftcap: null,
    ...model,
  };
}

/** The window of every layer, where the config sets one. */
const everywhere = (settings: Settings): DecoderSpec['window'] => {
  const window = settings.maybe('sliding_window');
  return () => window;
};

/** The window of those layers that `layer_types` or a pattern gives one. */
function bySort(settings: Settings, slides: (layer: number) => boolean): DecoderSpec['window'] {
  const [window, sorts] = [settings.maybe('sliding_window'), settings.texts('layer_types')];
  return layer => ((sorts === null ? slides(layer) : sorts[layer] === 'sliding_attention') ? window : null);
}

function qwen(settings: Settings, choices: Choices): DecoderSpec {
  const first = settings.count('max_window_layers', 28);
  const window = settings.flag('use_sliding_window', false) ? bySort(settings, layer => layer >= first) : () => null;
  return likeLlama(settings, { ...choices, model: { window } });
}

function gemma(settings: Settings, { attention = {}, block = {}, model = {} }: Choices = {}): DecoderSpec {
  return likeLlama(settings, {
    attention,
    block: { act: settings.text(['hidden_activation', 'hidden_act'], 'gelu_pytorch_tanh'), ...block },
    norm: { unitOffset: true },
    model: {
      embedScale: Math.fround(Math.sqrt(settings.count('hidden_size'))),
      head: { name: 'lm_head', bias: false, tied: settings.flag('tie_word_embeddings', true) },
      ...model,
    },
  });
}

/** What the second and third Gemma share. */
function laterGemma(settings: Settings, { attention = {}, model = {} }: Choices): DecoderSpec {
  return gemma(settings, {
    attention,
    block: { names: { ...LLAMA_BLOCK, ...SANDWICH } },
    model: {
      attentionScale: settings.number('query_pre_attn_scalar', 256) ** -0.5,
      softcap: settings.maybe('attn_logit_softcapping'),
      logitsSoftcap: settings.maybe('final_logit_softcapping'),
      ...model,
    },
  });
}

function gemma3(settings: Settings): DecoderSpec {
  const pattern = settings.count(['_sliding_window_pattern', 'sliding_window_pattern'], 6);
  const window = bySort(settings, layer => (layer + 1) % pattern !== 0);
  const eps = settings.number('rms_norm_eps', 1e-6);
  const whole = settings.rope('full_attention', 1e6);
  const now = settings.json['rope_parameters'];
  const near =
    now === undefined
      ? { ...whole, ropeType: 'default' as const, ropeTheta: settings.number('rope_local_base_freq', 10000) }
      : settings.rope('sliding_attention');
  return laterGemma(settings, {
    attention: { qkNorm: { of: 'head', norm: { kind: 'rms', eps, unitOffset: true } } },
    model: { window, rope: layer => (window(layer) === null ? whole : near) },
  });
}

function gpt2(settings: Settings): DecoderSpec {
  const width = settings.count(['n_embd', 'hidden_size'], 768);
  const heads = settings.count(['n_head', 'num_attention_heads'], 12);
  const positions = settings.count(['n_positions', 'n_ctx', 'max_position_embeddings'], 1024);
  const norm: NormSpec = { kind: 'layer', eps: settings.number('layer_norm_epsilon', 1e-5) };
  const byLayer = settings.flag('scale_attn_by_inverse_layer_idx', false);
  return {
    prefix: 'transformer.',
    names: { embed: 'wte', layers: 'h', norm: 'ln_f' },
    head: { name: 'lm_head', bias: false, tied: settings.flag('tie_word_embeddings', true) },
    vocab: settings.count('vocab_size', 50257),
    padToken: null,
    width,
    embedWidth: width,
    layers: settings.count(['n_layer', 'num_hidden_layers'], 12),
    block: {
      names: { attention: 'attn', attnNorm: 'ln_1', mlpNorm: 'ln_2', up: 'mlp.c_fc', down: 'mlp.c_proj' },
      attention: {
        names: { qkv: 'c_attn', o: 'c_proj' },
        width,
        heads,
        kvHeads: heads,
        headDim: width / heads,
        bias: { qkv: true, o: true },
        transposed: true,
        fused: 'blocks',
      },
      norm,
      place: 'before',
      inner: settings.count('n_inner', 4 * width),
      act: settings.text('activation_function', 'gelu_new'),
      mlpBias: true,
      transposed: true,
    },
    norm,
    positions: { kind: 'table', name: 'wpe', rows: positions, offset: 0, byMask: false },
    rope: () => null,
    window: () => null,
    maxPositions: positions,
    embedScale: 1,
    attentionScale: settings.flag('scale_attn_weights', true) ? null : 1,
    ...(byLayer ? { layerScale: (layer: number) => 1 / (layer + 1) } : {}),
    softcap: null,
    logitsScale: 1,
    logitsSoftcap: null,
  };
}

function gptNeox(settings: Settings): DecoderSpec {
  const bias = settings.flag('attention_bias', true);
  const share = settings.rotaryShare(0.25);
  const headDim = settings.count('hidden_size') / settings.count('num_attention_heads');
  return likeLlama(settings, {
    attention: { names: { qkv: 'query_key_value', o: 'dense' }, fused: 'groups', bias: { qkv: bias, o: bias } },
    block: {
      names: {
        attention: 'attention',
        attnNorm: 'input_layernorm',
        mlpNorm: 'post_attention_layernorm',
        up: 'mlp.dense_h_to_4h',
        down: 'mlp.dense_4h_to_h',
      },
      parallel: settings.flag('use_parallel_residual', true),
      act: settings.text('hidden_act', 'gelu'),
      mlpBias: true,
    },
    norm: { kind: 'layer', eps: settings.number('layer_norm_eps', 1e-5) },
    model: {
      prefix: 'gpt_neox.',
      padToken: null,
      names: { embed: 'embed_in', layers: 'layers', norm: 'final_layer_norm' },
      head: { name: 'embed_out', bias: false, tied: settings.flag('tie_word_embeddings', false) },
      positions: { kind: 'rope', layout: 'half', dim: Math.floor(headDim * share) },
    },
  });
}

function gptj(settings: Settings): DecoderSpec {
  const base = gpt2(settings);
  const { attention } = base.block;
  const rope = settings.rope('full_attention');
  return {
    ...base,
    names: { embed: 'wte', layers: 'h', norm: 'ln_f' },
    head: { name: 'lm_head', bias: true, tied: settings.flag('tie_word_embeddings', false) },
    block: {
      ...base.block,
      names: { attention: 'attn', attnNorm: 'ln_1', up: 'mlp.fc_in', down: 'mlp.fc_out' },
      attention: {
        ...attention,
        names: { q: 'q_proj', k: 'k_proj', v: 'v_proj', o: 'out_proj' },
        bias: { qkv: false, o: false },
        transposed: false,
        rope: 'interleaved',
      },
      parallel: true,
      transposed: false,
    },
    positions: { kind: 'rope', layout: 'interleaved', dim: settings.count('rotary_dim', attention.headDim) },
    rope: () => rope,
  };
}

function opt(settings: Settings): DecoderSpec {
  const before = settings.flag('do_layer_norm_before', true);
  const bias = settings.flag('enable_bias', true);
  const [width, embedWidth] = [settings.count('hidden_size'), settings.count('word_embed_proj_dim', settings.count('hidden_size'))];
  const rows = settings.count('max_position_embeddings', 2048);
  const projects = width === embedWidth ? {} : { projectIn: 'project_in', projectOut: 'project_out' };
  const ends = before && !settings.flag('_remove_final_layer_norm', false) ? { norm: 'final_layer_norm' } : {};
  return likeLlama(settings, {
    attention: { names: { ...LLAMA_ATTENTION, o: 'out_proj' }, rope: null, bias: { qkv: bias, o: bias } },
    block: {
      names: { attention: 'self_attn', attnNorm: 'self_attn_layer_norm', mlpNorm: 'final_layer_norm', up: 'fc1', down: 'fc2' },
      place: before ? 'before' : 'after',
      inner: settings.count('ffn_dim'),
      act: settings.text('activation_function', 'relu'),
      mlpBias: bias,
    },
    norm: { kind: 'layer', eps: 1e-5 },
    model: {
      prefix: 'model.decoder.',
      names: { embed: 'embed_tokens', layers: 'layers', ...projects, ...ends },
      embedWidth,
      head: { name: 'lm_head', bias: false, tied: settings.flag('tie_word_embeddings', true) },
      // The table begins with two rows of which no position has need.
      positions: { kind: 'table', name: 'embed_positions', rows: rows + 2, offset: 2, byMask: true },
      rope: () => null,
    },
  });
}

const FUSED_MLP = { up: 'mlp.dense_h_to_4h', down: 'mlp.dense_4h_to_h' };

function bloom(settings: Settings): DecoderSpec {
  const [width, heads] = [settings.count(['hidden_size', 'n_embed']), settings.count(['n_head', 'num_attention_heads'])];
  const norm: NormSpec = { kind: 'layer', eps: settings.number('layer_norm_epsilon', 1e-5) };
  return {
    ...gpt2(settings),
    names: { embed: 'word_embeddings', embedNorm: 'word_embeddings_layernorm', layers: 'h', norm: 'ln_f' },
    width,
    embedWidth: width,
    block: {
      names: { attention: 'self_attention', attnNorm: 'input_layernorm', mlpNorm: 'post_attention_layernorm', ...FUSED_MLP },
      attention: {
        names: { qkv: 'query_key_value', o: 'dense' },
        width,
        heads,
        kvHeads: heads,
        headDim: width / heads,
        bias: { qkv: true, o: true },
        fused: 'groups',
      },
      norm,
      place: 'before',
      inner: 4 * width,
      act: 'gelu_new',
      mlpBias: true,
    },
    norm,
    positions: { kind: 'alibi', slopes: calculateAlibiSlopes(heads) },
    maxPositions: Number.POSITIVE_INFINITY,
  };
}

function falcon(settings: Settings): DecoderSpec {
  const [width, heads] = [settings.count('hidden_size'), settings.count('num_attention_heads')];
  const later = settings.flag('new_decoder_architecture', false);
  const parallel = later || settings.flag('parallel_attn', true);
  const twoNorms = later && settings.count('num_ln_in_parallel_attn', 2) === 2;
  const bias = settings.flag('bias', false);
  const kvHeads = later ? settings.count('num_kv_heads', heads) : settings.flag('multi_query', true) ? 1 : heads;
  const norms = twoNorms
    ? { attnNorm: 'ln_attn', mlpNorm: 'ln_mlp' }
    : { attnNorm: 'input_layernorm', ...(parallel ? {} : { mlpNorm: 'post_attention_layernorm' }) };
  const alibi = settings.flag('alibi', false);
  const headDim = width / heads;
  return likeLlama(settings, {
    attention: { names: { qkv: 'query_key_value', o: 'dense' }, fused: 'groups', kvHeads, bias: { qkv: bias, o: bias }, rope: alibi ? null : 'half' },
    block: {
      names: { attention: 'self_attention', ...norms, ...FUSED_MLP },
      parallel,
      inner: settings.count('ffn_hidden_size', 4 * width),
      act: settings.text('activation', 'gelu'),
      mlpBias: bias,
    },
    norm: { kind: 'layer', eps: settings.number('layer_norm_epsilon', 1e-5) },
    model: {
      prefix: 'transformer.',
      padToken: null,
      names: { embed: 'word_embeddings', layers: 'h', norm: 'ln_f' },
      head: { name: 'lm_head', bias: false, tied: settings.flag('tie_word_embeddings', true) },
      // What is added to the scores is scaled with them.
      ...(alibi ? { positions: { kind: 'alibi', slopes: calculateAlibiSlopes(heads).map(slope => slope / Math.sqrt(headDim)) }, rope: () => null } : {}),
    },
  });
}

function phi(settings: Settings): DecoderSpec {
  const eps = settings.number('layer_norm_eps', 1e-5);
  const norm: NormSpec = { kind: 'layer', eps };
  const headDim = settings.count('hidden_size') / settings.count('num_attention_heads');
  return likeLlama(settings, {
    attention: {
      names: { q: 'q_proj', k: 'k_proj', v: 'v_proj', o: 'dense', qNorm: 'q_layernorm', kNorm: 'k_layernorm' },
      bias: { qkv: true, o: true },
      qkNorm: settings.flag('qk_layernorm', false) ? { of: 'head', norm } : null,
    },
    block: {
      names: { attention: 'self_attn', attnNorm: 'input_layernorm', up: 'mlp.fc1', down: 'mlp.fc2' },
      parallel: true,
      act: settings.text('hidden_act', 'gelu_new'),
      mlpBias: true,
    },
    norm,
    model: {
      names: { ...LLAMA_NAMES, norm: 'final_layernorm' },
      head: { name: 'lm_head', bias: true, tied: settings.flag('tie_word_embeddings', false) },
      positions: { kind: 'rope', layout: 'half', dim: Math.floor(headDim * settings.rotaryShare(0.5)) },
    },
  });
}

function mixtral(settings: Settings): DecoderSpec {
  const width = settings.count('hidden_size');
  return likeLlama(settings, {
    block: {
      names: { attention: 'self_attn', attnNorm: 'input_layernorm', mlpNorm: 'post_attention_layernorm', experts: 'block_sparse_moe' },
      experts: {
        names: { router: 'gate', experts: 'experts', gate: 'w1', up: 'w3', down: 'w2' },
        experts: settings.count('num_local_experts', 8),
        perToken: settings.count('num_experts_per_tok', 2),
        width,
        inner: settings.count('intermediate_size'),
        act: settings.text('hidden_act', 'silu'),
      },
    },
    norm: { eps: settings.number('rms_norm_eps', 1e-5) },
    model: { window: everywhere(settings) },
  });
}

function granite(settings: Settings): DecoderSpec {
  return likeLlama(settings, {
    block: { residualScale: settings.number('residual_multiplier', 1) },
    model: {
      embedScale: settings.number('embedding_multiplier', 1),
      attentionScale: settings.number('attention_multiplier', 1),
      logitsScale: 1 / settings.number('logits_scaling', 1),
    },
  });
}

const rms = (settings: Settings, eps: number): NormSpec => ({ kind: 'rms', eps: settings.number('rms_norm_eps', eps) });

/** Decoders by `model_type`. */
export const DECODERS: Readonly<Record<string, (settings: Settings) => DecoderSpec>> = {
  bloom,
  falcon,
  gemma: settings => gemma(settings),
  gemma2: settings => laterGemma(settings, { model: { window: bySort(settings, layer => layer % 2 === 0) } }),
  gemma3_text: gemma3,
  gpt2,
  gpt_neox: gptNeox,
  gptj,
  granite,
  llama: settings => likeLlama(settings),
  mistral: settings => likeLlama(settings, { model: { window: everywhere(settings) } }),
  mixtral,
  olmo2: settings =>
    likeLlama(settings, {
      attention: { qkNorm: { of: 'all', norm: rms(settings, 1e-5) } },
      block: {
        names: { ...LLAMA_BLOCK, attnNorm: undefined, mlpNorm: undefined, attnOutNorm: 'post_attention_layernorm', mlpOutNorm: 'post_feedforward_layernorm' },
      },
      norm: rms(settings, 1e-5),
    }),
  opt,
  phi,
  phi3: settings =>
    likeLlama(settings, {
      attention: { names: { qkv: 'qkv_proj', o: 'o_proj' }, fused: 'blocks' },
      block: { names: { ...LLAMA_BLOCK, gate: undefined, up: undefined, gateUp: 'mlp.gate_up_proj' } },
      norm: rms(settings, 1e-5),
      model: { window: everywhere(settings) },
    }),
  qwen2: settings => qwen(settings, { attention: { bias: { qkv: true, o: false } } }),
  qwen3: settings => qwen(settings, { attention: { headDim: settings.count('head_dim', 128), qkNorm: { of: 'head', norm: rms(settings, 1e-6) } } }),
  starcoder2: settings => {
    const bias = settings.flag('use_bias', true);
    return likeLlama(settings, {
      attention: { bias: { qkv: bias, o: bias } },
      block: {
        names: { ...LLAMA_BLOCK, gate: undefined, up: 'mlp.c_fc', down: 'mlp.c_proj' },
        act: settings.text('hidden_act', 'gelu_pytorch_tanh'),
        mlpBias: bias,
      },
      norm: { kind: 'layer', eps: settings.number('norm_epsilon', 1e-5) },
      model: { window: everywhere(settings), head: { name: 'lm_head', bias: false, tied: settings.flag('tie_word_embeddings', true) } },
    });
  },
};
