/** Encoders by their `model_type`: what their layers are made of, and what their checkpoints call it. */
import type { RopeParameters } from '../positional/rope.js';
import type { AttentionSpec } from './attention.js';
import type { BlockSpec } from './block.js';
import type { DisentangledSpec } from './disentangled.js';
import type { Names, NormSpec } from './parts.js';
import type { Settings } from './settings.js';

/** An encoder of a family. */
export interface EncoderSpec {
  readonly prefix: string;
  /**
   * Names of `words`, `positions`, `types`, `embedNorm`, `project` (after that norm) and `projectBefore`, of `layers` and `norm` at the end, and of
   * the table of `distances` with its norm `distanceNorm`.
   */
  readonly names: Names;
  readonly vocab: number;
  /** The token of padding, whose embedding learns nothing. */
  readonly padToken: number | null;
  readonly width: number;
  readonly embedWidth: number;
  readonly layers: number;
  /** Name of a layer in the list; layers of one name share their weights. */
  readonly layerName?: (layer: number) => string;
  readonly block: BlockSpec;
  /** Of a layer that lacks something that the others have. */
  readonly blockNames?: (layer: number) => Names;
  readonly norm: NormSpec;
  readonly positions: {
    readonly rows: number;
    /** Positions count the tokens that are not this one, and begin one after it. */
    readonly padding: number | null;
  } | null;
  readonly types: number;
  readonly rope?: (layer: number) => RopeParameters;
  readonly window?: (layer: number) => number | null;
  readonly maxPositions: number;
  /** Buckets of distances whose table is added to the scores of every layer. */
  readonly buckets?: number;
  readonly disentangled?: DisentangledSpec;
  /** Whether embeddings of padding are zeros. */
  readonly masksEmbeddings?: boolean;
}

const BERT_ATTENTION = { q: 'self.query', k: 'self.key', v: 'self.value', o: 'output.dense' };
const BERT_BLOCK = {
  attention: 'attention',
  attnNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  mlpNorm: 'output.LayerNorm',
};
const BERT_NAMES = {
  words: 'embeddings.word_embeddings',
  positions: 'embeddings.position_embeddings',
  types: 'embeddings.token_type_embeddings',
  embedNorm: 'embeddings.LayerNorm',
  layers: 'encoder.layer',
};

/** The attention of an encoder: all heads alike, every projection shifted. */
function evenHeads(width: number, heads: number, names: Names): AttentionSpec {
  return { names, width, heads, kvHeads: heads, headDim: width / heads, bias: { qkv: true, o: true } };
}

/** An encoder of BERT's kin: norms after the sums, a table of positions. */
function likeBert(settings: Settings, prefix: string, changes: Partial<EncoderSpec> = {}): EncoderSpec {
  const [width, heads] = [settings.count('hidden_size', 768), settings.count('num_attention_heads', 12)];
  const norm: NormSpec = { kind: 'layer', eps: settings.number('layer_norm_eps', 1e-12) };
  const rows = settings.count('max_position_embeddings', 512);
  return {
    prefix,
    names: BERT_NAMES,
    vocab: settings.count('vocab_size', 30522),
    padToken: settings.token('pad_token_id'),
    width,
    embedWidth: width,
    layers: settings.count('num_hidden_layers', 12),
    block: {
      names: BERT_BLOCK,
      attention: evenHeads(width, heads, BERT_ATTENTION),
      norm,
      place: 'after',
      inner: settings.count('intermediate_size', 4 * width),
      act: settings.text('hidden_act', 'gelu'),
      mlpBias: true,
    },
    norm,
    positions: { rows, padding: null },
    types: settings.number('type_vocab_size', 2),
    maxPositions: rows,
    ...changes,
  };
}

/** Positions as RoBERTa counts them: on from the number of the padding. */
const afterPadding = (settings: Settings): EncoderSpec['positions'] => ({
  rows: settings.count('max_position_embeddings', 514),
  padding: settings.token('pad_token_id') ?? 1,
});

function distilbert(settings: Settings): EncoderSpec {
  const [width, heads] = [settings.count(['dim', 'hidden_size'], 768), settings.count(['n_heads', 'num_attention_heads'], 12)];
  const base = likeBert(settings, 'distilbert.');
  const norm: NormSpec = { kind: 'layer', eps: 1e-12 };
  return {
    ...base,
    names: { ...BERT_NAMES, types: undefined, layers: 'transformer.layer' },
    width,
    embedWidth: width,
    layers: settings.count(['n_layers', 'num_hidden_layers'], 6),
    block: {
      ...base.block,
      names: { attention: 'attention', attnNorm: 'sa_layer_norm', up: 'ffn.lin1', down: 'ffn.lin2', mlpNorm: 'output_layer_norm' },
      attention: evenHeads(width, heads, { q: 'q_lin', k: 'k_lin', v: 'v_lin', o: 'out_lin' }),
      norm,
      inner: settings.count('hidden_dim', 4 * width),
      act: settings.text('activation', 'gelu'),
    },
    norm,
    types: 0,
  };
}

function albert(settings: Settings): EncoderSpec {
  const base = likeBert(settings, 'albert.');
  const [groups, inner] = [settings.count('num_hidden_groups', 1), settings.count('inner_group_num', 1)];
  const layers = settings.count('num_hidden_layers', 12);
  const group = (layer: number): number => Math.floor(Math.floor(layer / inner) / (layers / groups));
  return {
    ...base,
    names: { ...BERT_NAMES, project: 'encoder.embedding_hidden_mapping_in', layers: 'encoder.albert_layer_groups' },
    embedWidth: settings.count('embedding_size', 128),
    layers: layers * inner,
    layerName: layer => `${group(layer)}.albert_layers.${layer % inner}`,
    block: {
      ...base.block,
      names: { attention: 'attention', attnNorm: 'attention.LayerNorm', up: 'ffn', down: 'ffn_output', mlpNorm: 'full_layer_layer_norm' },
      attention: { ...base.block.attention, names: { q: 'query', k: 'key', v: 'value', o: 'dense' } },
      act: settings.text('hidden_act', 'gelu_new'),
    },
  };
}

function electra(settings: Settings): EncoderSpec {
  const embedWidth = settings.count('embedding_size', 128);
  const projects = embedWidth === settings.count('hidden_size', 256) ? {} : { project: 'embeddings_project' };
  return likeBert(settings, 'electra.', { names: { ...BERT_NAMES, ...projects }, embedWidth });
}

function mpnet(settings: Settings): EncoderSpec {
  const base = likeBert(settings, 'mpnet.');
  return {
    ...base,
    names: { ...BERT_NAMES, types: undefined, distances: 'encoder.relative_attention_bias' },
    block: {
      ...base.block,
      names: { ...BERT_BLOCK, attnNorm: 'attention.LayerNorm' },
      attention: { ...base.block.attention, names: { q: 'attn.q', k: 'attn.k', v: 'attn.v', o: 'attn.o' } },
    },
    positions: afterPadding(settings),
    types: 0,
    buckets: settings.count('relative_attention_num_buckets', 32),
  };
}

function deberta(settings: Settings): EncoderSpec {
  const base = likeBert(settings, 'deberta.');
  const { width } = base;
  const embedWidth = settings.count('embedding_size', width);
  const byPosition = settings.flag('position_biased_input', true);
  const relative = settings.flag('relative_attention', false);
  const sorts = settings.json['pos_att_type'];
  const kinds: readonly unknown[] = Array.isArray(sorts) ? sorts : typeof sorts === 'string' ? sorts.toLowerCase().split('|') : [];
  const buckets = Math.max(0, settings.number('position_buckets', -1));
  const given = settings.number('max_relative_positions', -1);
  const maxDistance = given < 1 ? settings.count('max_position_embeddings', 512) : given;
  const normed = settings.text('norm_rel_ebd', 'none').includes('layer_norm');
  const names = {
    ...BERT_NAMES,
    positions: byPosition ? BERT_NAMES.positions : undefined,
    projectBefore: embedWidth === width ? undefined : 'embeddings.embed_proj',
    distances: relative ? 'encoder.rel_embeddings' : undefined,
    distanceNorm: relative && normed ? 'encoder.LayerNorm' : undefined,
  };
  return {
    ...base,
    names,
    embedWidth,
    positions: byPosition ? base.positions : null,
    types: settings.number('type_vocab_size', 0),
    masksEmbeddings: true,
    disentangled: {
      names: {
        q: 'self.query_proj',
        k: 'self.key_proj',
        v: 'self.value_proj',
        o: 'output.dense',
        distanceK: 'self.pos_key_proj',
        distanceQ: 'self.pos_query_proj',
      },
      width,
      heads: base.block.attention.heads,
      shared: settings.flag('share_att_key', false),
      contentToPosition: relative && kinds.includes('c2p'),
      positionToContent: relative && kinds.includes('p2c'),
      span: buckets > 0 ? buckets : maxDistance,
      buckets,
      maxDistance,
    },
  };
}

function modernbert(settings: Settings): EncoderSpec {
  const base = likeBert(settings, 'model.');
  const bias = settings.flag('attention_bias', false);
  const norm: NormSpec = { kind: 'layer', eps: settings.number('norm_eps', 1e-5), bias: settings.flag('norm_bias', false) };
  const [sorts, every] = [settings.texts('layer_types'), settings.count('global_attn_every_n_layers', 3)];
  const near = (layer: number): boolean => (sorts === null ? layer % every !== 0 : sorts[layer] === 'sliding_attention');
  const rule = (kind: string, name: string, theta: number): RopeParameters => settings.rope(kind, settings.number(name, theta));
  const global = rule('full_attention', 'global_rope_theta', 160000);
  const local = rule('sliding_attention', 'local_rope_theta', 10000);
  const reach = Math.floor(settings.count('local_attention', 128) / 2);
  const names = { attention: 'attn', attnNorm: 'attn_norm', mlpNorm: 'mlp_norm', gateUp: 'mlp.Wi', down: 'mlp.Wo' };
  return {
    ...base,
    names: { words: 'embeddings.tok_embeddings', embedNorm: 'embeddings.norm', layers: 'layers', norm: 'final_norm' },
    block: {
      ...base.block,
      names,
      attention: { ...base.block.attention, names: { qkv: 'Wqkv', o: 'Wo' }, fused: 'blocks', bias: { qkv: bias, o: bias }, rope: 'half' },
      norm,
      place: 'before',
      act: settings.text('hidden_activation', 'gelu'),
      mlpBias: settings.flag('mlp_bias', false),
    },
    // The embeddings are normed already.
    blockNames: layer => (layer === 0 ? { ...names, attnNorm: undefined } : names),
    norm,
    positions: null,
    types: 0,
    rope: layer => (near(layer) ? local : global),
    window: layer => (near(layer) ? reach + 1 : null),
  };
}

function roberta(settings: Settings): EncoderSpec {
  return likeBert(settings, 'roberta.', { positions: afterPadding(settings), types: settings.number('type_vocab_size', 1) });
}

/** Encoders of text by `model_type`. */
export const ENCODERS: Readonly<Record<string, (settings: Settings) => EncoderSpec>> = {
  albert,
  bert: settings => likeBert(settings, 'bert.'),
  camembert: roberta,
  'deberta-v2': deberta,
  distilbert,
  electra,
  modernbert,
  mpnet,
  roberta,
  'xlm-roberta': roberta,
};

/** The layers of a vision transformer. */
export function visionBlock(settings: Settings): BlockSpec {
  const [width, heads] = [settings.count('hidden_size', 768), settings.count('num_attention_heads', 12)];
  return {
    names: { attention: 'attention', attnNorm: 'layernorm_before', mlpNorm: 'layernorm_after', up: 'intermediate.dense', down: 'output.dense' },
    attention: {
      ...evenHeads(width, heads, { q: 'attention.query', k: 'attention.key', v: 'attention.value', o: 'output.dense' }),
      bias: { qkv: settings.flag('qkv_bias', true), o: true },
    },
    norm: { kind: 'layer', eps: settings.number('layer_norm_eps', 1e-12) },
    place: 'before',
    inner: settings.count('intermediate_size', 4 * width),
    act: settings.text('hidden_act', 'gelu'),
    mlpBias: true,
  };
}
