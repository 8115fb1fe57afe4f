/** Encoder-decoders: T5 and BART. */
import { ShapeError, ValidationError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { mul, type Tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import type { AttentionSpec } from './attention.js';
import { Block, type BlockSpec } from './block.js';
import { countedPositions } from './decoder.js';
import { distanceBias, maskAndBias } from './encoder.js';
import { type BodyOutput, checkIds, emptyCache, type ForwardOptions, idsOf, keyMask, type ModelCache, type ModelInputs, maybeIds } from './inputs.js';
import { type Builder, Named, type Names, type NormSpec } from './parts.js';
import type { Settings } from './settings.js';

/** Half of an encoder-decoder. */
interface StackSpec {
  /** Names of `layers`, `norm`, `embedNorm`, `positions` and of the table of `distances`. */
  readonly names: Names;
  readonly layers: number;
  readonly block: BlockSpec;
  readonly norm: NormSpec;
  readonly causal: boolean;
  /** Rows of the table of positions, and the first that is used. */
  readonly positions: { readonly rows: number; readonly offset: number } | null;
  readonly buckets: { readonly numBuckets: number; readonly maxDistance: number } | null;
}

/** An encoder-decoder of a family. */
export interface Seq2SeqSpec {
  readonly prefix: string;
  readonly vocab: number;
  readonly width: number;
  readonly encoder: StackSpec;
  readonly decoder: StackSpec;
  readonly embedScale: number;
  /** Factor of the stream before scores, where they come from the table of the embeddings. */
  readonly outputScale: number;
  /** Whether scores have a bias of their own, learnt by nobody. */
  readonly logitsBias: boolean;
  /** The token with which the decoder begins, and that of padding. */
  readonly startToken: number;
  readonly padToken: number;
}

/** The middle of a {@link Stack}'s forward pass. */
interface StackCall extends ForwardOptions {
  readonly x: Tensor;
  readonly padding: Tensor | null;
  readonly start: number;
  readonly memory?: Tensor | null;
  readonly memoryPadding?: Tensor | null;
}

/** Layers of an encoder or a decoder over embeddings that both share. */
class Stack extends Named {
  readonly #spec: StackSpec;
  readonly positions: nn.Embedding | null;
  readonly embedNorm: nn.Layer | null;
  readonly distances: nn.Embedding | null;
  readonly layers: nn.ModuleList<Block>;
  readonly norm: nn.Layer | null;

  constructor(spec: StackSpec, builder: Builder) {
    super(spec.names);
    this.#spec = spec;
    const { names, block, positions, buckets, norm } = spec;
    const { width, heads } = block.attention;
    this.positions = positions === null ? null : builder.table(names['positions']!, positions.rows, width);
    this.embedNorm = names['embedNorm'] === undefined ? null : builder.norm(names['embedNorm'], width, norm);
    this.distances = buckets === null ? null : builder.table(names['distances']!, buckets.numBuckets, heads);
    const list = builder.at(names['layers']!);
    this.layers = new nn.ModuleList(Array.from({ length: spec.layers }, (_, i) => new Block(block, list.at(String(i)))));
    this.norm = names['norm'] === undefined ? null : builder.norm(names['norm'], width, norm);
  }

  override forward({ x: embedded, padding, start, memory = null, memoryPadding = null, cache = null, outputAttentions = false }: StackCall): BodyOutput {
    const { causal, positions, buckets, layers } = this.#spec;
    const length = embedded.shape[1]!;
    const places = countedPositions(start, length);
    if (positions !== null && start + length > positions.rows - positions.offset)
      throw new ValidationError(`the text must have at most ${positions.rows - positions.offset} tokens for this model, got ${start + length}`, {
        parameter: causal ? 'decoderInputIds' : 'inputIds',
        received: start + length,
      });
    const placed = this.positions === null ? embedded : embedded.add(this.positions.forward(places.add(positions!.offset).astype('int32')));
    let x = this.embedNorm === null ? placed : this.embedNorm.forward(placed);
    const bias = buckets === null ? null : distanceBias(this.distances!, length, start + length, { start, bidirectional: !causal, ...buckets });
    // T5 scales nothing: its weights take that on themselves.
    const scale = buckets === null ? null : 1;
    const scores = { causal, mask: maskAndBias(padding, bias), scale };
    const hiddenStates = [x];
    const [attentions, crossAttentions]: [Tensor[], Tensor[]] = [[], []];
    for (const [i, layer] of [...this.layers].entries()) {
      const result = layer.forward(x, {
        scores,
        cache: cache?.layers[i] ?? null,
        memory,
        memoryScores: { mask: memoryPadding, scale },
        memoryKeys: cache?.memoryKeys[i] ?? null,
        wantWeights: outputAttentions,
      });
      x = result.x;
      hiddenStates.push(x);
      if (result.weights !== null) attentions.push(result.weights);
      if (result.crossWeights !== null) crossAttentions.push(result.crossWeights);
    }
    const last = this.norm === null ? x : this.norm.forward(x);
    hiddenStates[layers] = last;
    return { last, hiddenStates, attentions, crossAttentions };
  }
}

/** The stream of an encoder-decoder. */
export class Seq2SeqBody extends Named {
  readonly #spec: Seq2SeqSpec;
  readonly shared: nn.Embedding;
  readonly encoder: Stack;
  readonly decoder: Stack;

  constructor(spec: Seq2SeqSpec, builder: Builder) {
    super({});
    this.#spec = spec;
    this.shared = builder.table('shared', spec.vocab, spec.width, spec.logitsBias ? spec.padToken : null);
    this.encoder = new Stack(spec.encoder, builder.at('encoder'));
    this.decoder = new Stack(spec.decoder, builder.at('decoder'));
  }

  /** An empty cache for the decoder. */
  createCache(): ModelCache {
    return emptyCache(Array.from({ length: this.#spec.decoder.layers }, () => null));
  }

  #embedded(ids: Tensor, name: string): Tensor {
    if (ids.shape[1] === 0) throw new ShapeError(`${name} must have a token at least, got none`, { parameter: name, received: ids.shape });
    const x = this.shared.forward(checkIds(ids, this.#spec.vocab, name));
    return this.#spec.embedScale === 1 ? x : mul(x, this.#spec.embedScale);
  }

  /** What the decoder reads to be right at each place: the labels, one place later. */
  #moved(labels: Tensor): Tensor {
    const { startToken, padToken } = this.#spec;
    const rows = (labels.tolist() as number[][]).map(row => [startToken, ...row.slice(0, -1).map(id => (id === -100 ? padToken : id))]);
    return gtc.tensor(rows, { dtype: 'int32' });
  }

  override forward(inputs: ModelInputs, { cache = null, outputAttentions = false }: ForwardOptions): BodyOutput {
    const mask = maybeIds(inputs.attentionMask, 'attentionMask');
    let memory = cache?.memory ?? null;
    if (memory === null) {
      const ids = idsOf(inputs.inputIds, 'inputIds');
      memory = this.encoder.forward({ x: this.#embedded(ids, 'inputIds'), padding: keyMask(mask, ids.shape[0]!, ids.shape[1]!), start: 0 }).last;
      if (cache !== null) cache.memory = gtc.keep(memory);
    }
    const given = inputs.decoderInputIds ?? null;
    const labels = given === null && inputs.labels ? idsOf(inputs.labels as Tensor, 'labels') : null;
    const ids = labels === null ? idsOf(given, 'decoderInputIds') : this.#moved(labels);
    return this.decoder.forward({
      x: this.#embedded(ids, 'decoderInputIds'),
      padding: null,
      start: cache?.length ?? 0,
      memory,
      memoryPadding: keyMask(mask, memory.shape[0]!, memory.shape[1]!),
      cache,
      outputAttentions,
    });
  }
}

function t5(settings: Settings): Seq2SeqSpec {
  const [width, heads] = [settings.count('d_model', 512), settings.count('num_heads', 8)];
  const layers = settings.count('num_layers', 6);
  const norm: NormSpec = { kind: 'rms', eps: settings.number('layer_norm_epsilon', 1e-6) };
  const project = settings.text('feed_forward_proj', 'relu');
  const gated = project.startsWith('gated-');
  const act = project === 'gated-gelu' ? 'gelu_new' : project.replace(/^gated-/, '');
  const attention: AttentionSpec = {
    names: { q: 'q', k: 'k', v: 'v', o: 'o' },
    width,
    heads,
    kvHeads: heads,
    headDim: settings.count('d_kv', 64),
    bias: { qkv: false, o: false },
  };
  const buckets = { numBuckets: settings.count('relative_attention_num_buckets', 32), maxDistance: settings.count('relative_attention_max_distance', 128) };
  const stack = (count: number, causal: boolean): StackSpec => {
    const mlp = `layer.${causal ? 2 : 1}`;
    const inner = gated ? { gate: `${mlp}.DenseReluDense.wi_0`, up: `${mlp}.DenseReluDense.wi_1` } : { up: `${mlp}.DenseReluDense.wi` };
    return {
      names: { layers: 'block', norm: 'final_layer_norm', distances: 'block.0.layer.0.SelfAttention.relative_attention_bias' },
      layers: count,
      block: {
        names: {
          attention: 'layer.0.SelfAttention',
          attnNorm: 'layer.0.layer_norm',
          ...(causal ? { cross: 'layer.1.EncDecAttention', crossNorm: 'layer.1.layer_norm' } : {}),
          mlpNorm: `${mlp}.layer_norm`,
          ...inner,
          down: `${mlp}.DenseReluDense.wo`,
        },
        attention,
        ...(causal ? { cross: attention } : {}),
        norm,
        place: 'before',
        inner: settings.count('d_ff', 2048),
        act,
        mlpBias: false,
      },
      norm,
      causal,
      positions: null,
      buckets,
    };
  };
  const tied = settings.flag('scale_decoder_outputs', settings.flag('tie_word_embeddings', true));
  return {
    prefix: '',
    vocab: settings.count('vocab_size', 32128),
    width,
    encoder: stack(layers, false),
    decoder: stack(settings.count('num_decoder_layers', layers), true),
    embedScale: 1,
    outputScale: tied ? width ** -0.5 : 1,
    logitsBias: false,
    startToken: settings.token('decoder_start_token_id') ?? settings.token('pad_token_id') ?? 0,
    padToken: settings.token('pad_token_id') ?? 0,
  };
}

function bart(settings: Settings): Seq2SeqSpec {
  const width = settings.count('d_model', 1024);
  const norm: NormSpec = { kind: 'layer', eps: 1e-5 };
  const rows = settings.count('max_position_embeddings', 1024) + 2;
  const stack = (side: 'encoder' | 'decoder'): StackSpec => {
    const heads = settings.count(`${side}_attention_heads`, 16);
    const attention: AttentionSpec = {
      names: { q: 'q_proj', k: 'k_proj', v: 'v_proj', o: 'out_proj' },
      width,
      heads,
      kvHeads: heads,
      headDim: width / heads,
      bias: { qkv: true, o: true },
    };
    const cross = side === 'decoder';
    return {
      names: { layers: 'layers', embedNorm: 'layernorm_embedding', positions: 'embed_positions' },
      layers: settings.count(`${side}_layers`, 12),
      block: {
        names: {
          attention: 'self_attn',
          attnNorm: 'self_attn_layer_norm',
          ...(cross ? { cross: 'encoder_attn', crossNorm: 'encoder_attn_layer_norm' } : {}),
          up: 'fc1',
          down: 'fc2',
          mlpNorm: 'final_layer_norm',
        },
        attention,
        ...(cross ? { cross: attention } : {}),
        norm,
        place: 'after',
        inner: settings.count(`${side}_ffn_dim`, 4096),
        act: settings.text('activation_function', 'gelu'),
        mlpBias: true,
      },
      norm,
      causal: cross,
      // The table begins with two rows of which no position has need.
      positions: { rows, offset: 2 },
      buckets: null,
    };
  };
  return {
    prefix: 'model.',
    vocab: settings.count('vocab_size', 50265),
    width,
    encoder: stack('encoder'),
    decoder: stack('decoder'),
    embedScale: settings.flag('scale_embedding', false) ? Math.sqrt(width) : 1,
    outputScale: 1,
    logitsBias: true,
    startToken: settings.token('decoder_start_token_id') ?? 2,
    padToken: settings.token('pad_token_id') ?? 1,
  };
}

/** Encoder-decoders by `model_type`. */
export const SEQ2SEQ: Readonly<Record<string, (settings: Settings) => Seq2SeqSpec>> = { bart, t5 };
