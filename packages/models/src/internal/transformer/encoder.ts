/** Encoders of text and of images: a stream in which each place sees all others. */
import { ShapeError, ValidationError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { relativePositionBucket } from '../positional/positions.js';
import type { RopeParameters, RopeTables } from '../positional/rope.js';
import { type AttentionModule, Block, type BlockSpec } from './block.js';
import { anglesOf, countedPositions } from './decoder.js';
import { DisentangledAttention } from './disentangled.js';
import type { EncoderSpec } from './encoder-families.js';
import { type BodyOutput, checkIds, type ForwardOptions, idsOf, keyMask, type ModelInputs, maybeIds } from './inputs.js';
import { type Builder, Named } from './parts.js';
import type { Settings } from './settings.js';

/** A bias of scores by distance, `[1, heads, queries, keys]`. */
export function distanceBias(
  table: nn.Embedding,
  queries: number,
  keys: number,
  { start = 0, ...options }: { readonly start?: number; readonly bidirectional: boolean; readonly numBuckets: number; readonly maxDistance?: number },
): Tensor {
  const buckets = Array.from({ length: queries * keys }, (_, at) => relativePositionBucket((at % keys) - (start + Math.floor(at / keys)), options));
  const rows = table.forward(gtc.tensor(buckets, { dtype: 'int32' }));
  return gtc.permute(rows.reshape([queries, keys, -1]), [2, 0, 1]).reshape([1, -1, queries, keys]);
}

/** A mask of keys and a bias, as one that is added. */
export function maskAndBias(mask: Tensor | null, bias: Tensor | null): Tensor | null {
  if (mask === null || bias === null) return mask ?? bias;
  return gtc.add(bias, gtc.where(mask, gtc.tensor(0), gtc.tensor(Number.NEGATIVE_INFINITY)));
}

/** The stream of an encoder of text. */
export class EncoderBody extends Named {
  readonly #spec: EncoderSpec;
  readonly words: nn.Embedding;
  readonly positions: nn.Embedding | null;
  readonly types: nn.Embedding | null;
  readonly embedNorm: nn.Layer | null;
  readonly project: nn.Layer | null;
  readonly projectBefore: nn.Layer | null;
  readonly layers: nn.ModuleList<Block>;
  readonly norm: nn.Layer | null;
  readonly distances: nn.Embedding | null;
  readonly distanceNorm: nn.Layer | null;

  constructor(spec: EncoderSpec, builder: Builder) {
    super(spec.names);
    this.#spec = spec;
    const { names, vocab, width, embedWidth, positions, types, norm } = spec;
    const linear = (name: string | undefined, bias: boolean): nn.Layer | null =>
      name === undefined ? null : builder.linear(name, embedWidth, width, { bias });
    const normed = (name: string | undefined, size: number): nn.Layer | null => (name === undefined ? null : builder.norm(name, size, norm));
    this.words = builder.table(names['words']!, vocab, embedWidth, spec.padToken);
    this.positions = positions === null ? null : builder.table(names['positions']!, positions.rows, embedWidth, positions.padding);
    this.types = types > 0 ? builder.table(names['types']!, types, embedWidth) : null;
    this.embedNorm = normed(names['embedNorm'], names['projectBefore'] === undefined ? embedWidth : width);
    this.project = linear(names['project'], true);
    this.projectBefore = linear(names['projectBefore'], false);
    const { disentangled, buckets } = spec;
    this.distances =
      names['distances'] === undefined
        ? null
        : disentangled === undefined
          ? builder.table(names['distances'], buckets!, spec.block.attention.heads)
          : builder.table(names['distances'], 2 * disentangled.span, width);
    this.distanceNorm = normed(names['distanceNorm'], width);
    this.layers = this.#layersFrom(builder.at(names['layers']!));
    this.norm = normed(names['norm'], width);
  }

  #layersFrom(builder: Builder): nn.ModuleList<Block> {
    const { layers, layerName = String, block, blockNames, disentangled } = this.#spec;
    const list = new nn.ModuleList<Block>();
    for (let i = 0; i < layers; i++) {
      const name = layerName(i);
      if (list.children.has(name)) continue;
      const own: BlockSpec = blockNames === undefined ? block : { ...block, names: blockNames(i) };
      const at = builder.at(name);
      const attention: AttentionModule[] =
        disentangled === undefined ? [] : [new DisentangledAttention(disentangled, at.at(own.names['attention']!), () => this.#distanceRows())];
      list.children.set(name, new Block(own, at, ...attention));
    }
    return list;
  }

  #distanceRows(): Tensor {
    const { weight } = this.distances!;
    return gtc.unsqueeze(this.distanceNorm === null ? weight : this.distanceNorm.forward(weight), 0);
  }

  /** Where each token stands. */
  #positionsOf(ids: Tensor, given: Tensor | null): Tensor {
    const padding = this.#spec.positions?.padding ?? null;
    if (given !== null || padding === null) return given ?? countedPositions(0, ids.shape[1]!);
    const rows = ids.tolist() as number[][];
    const counted = rows.map(row => {
      let count = padding;
      return row.map(id => (id === padding ? padding : ++count));
    });
    return gtc.tensor(counted, { dtype: 'int32' });
  }

  #embedded(ids: Tensor, positions: Tensor, types: Tensor | null): Tensor {
    const { vocab, positions: spec, types: segments } = this.#spec;
    let x = this.words.forward(checkIds(ids, vocab, 'inputIds'));
    if (this.positions !== null) {
      const last = Math.max(...(positions.contiguous().data as Int32Array));
      if (last >= spec!.rows)
        throw new ValidationError(`the text must have at most ${spec!.rows - (spec!.padding ?? -1) - 1} tokens for this model, got position ${last}`, {
          parameter: 'inputIds',
          received: last,
        });
      x = x.add(this.positions.forward(positions));
    }
    if (this.types !== null) x = x.add(this.types.forward(checkIds(types ?? gtc.zerosLike(ids), segments, 'tokenTypeIds')));
    if (this.projectBefore !== null) x = this.projectBefore.forward(x);
    return this.embedNorm === null ? x : this.embedNorm.forward(x);
  }

  override forward(inputs: ModelInputs, { outputAttentions = false }: ForwardOptions): BodyOutput {
    const ids = idsOf(inputs.inputIds, 'inputIds');
    const [batch, length] = ids.shape as [number, number];
    if (length === 0) throw new ShapeError('inputIds must have a token at least, got none', { parameter: 'inputIds', received: ids.shape });
    const spec = this.#spec;
    const positions = this.#positionsOf(ids, maybeIds(inputs.positionIds, 'positionIds'));
    const padding = keyMask(maybeIds(inputs.attentionMask, 'attentionMask'), batch, length);
    let x = this.#embedded(ids, positions, maybeIds(inputs.tokenTypeIds, 'tokenTypeIds'));
    if (spec.masksEmbeddings && padding !== null) x = x.mul(padding.reshape([batch, length, 1]).astype('float32'));
    if (this.project !== null) x = this.project.forward(x);
    const bias = spec.buckets === undefined ? null : distanceBias(this.distances!, length, length, { bidirectional: true, numBuckets: spec.buckets });
    const mask = maskAndBias(padding, bias);
    const hiddenStates = [x];
    const attentions: Tensor[] = [];
    const angles = new Map<RopeParameters, Pick<RopeTables, 'cos' | 'sin'>>();
    const { layerName = String } = spec;
    for (let i = 0; i < spec.layers; i++) {
      const rule = spec.rope?.(i) ?? null;
      const { headDim: dim } = spec.block.attention;
      const rope = rule === null ? null : (angles.get(rule) ?? anglesOf(positions, rule, { dim, layout: 'half', maxPositions: spec.maxPositions }));
      if (rule !== null) angles.set(rule, rope!);
      const call = { scores: { mask, slidingWindow: spec.window?.(i) ?? null }, rope, wantWeights: outputAttentions };
      const result = this.layers.children.get(layerName(i)) as Block;
      const { x: next, weights } = result.forward(x, call);
      x = next;
      hiddenStates.push(x);
      if (weights !== null) attentions.push(weights);
    }
    const last = this.norm === null ? x : this.norm.forward(x);
    hiddenStates[spec.layers] = last;
    return { last, hiddenStates, attentions };
  }
}

/** Patches of an image as vectors: a convolution whose steps are as wide as its kernel. */
class Patches extends nn.Module {
  weight: nn.Parameter;
  bias: nn.Parameter;
  readonly #size: number;

  constructor(width: number, channels: number, size: number, builder: Builder) {
    super();
    this.weight = builder.parameter('weight', [width, channels, size, size]);
    this.bias = builder.parameter('bias', [width], 'zeros');
    this.#size = size;
  }

  override forward(x: Tensor): Tensor {
    return nn.conv2d(x, this.weight, this.bias, { stride: this.#size });
  }
}

/** The stream of a vision transformer (Dosovitskiy et al. 2021). */
export class VisionBody extends Named {
  readonly #imageSize: number;
  readonly #channels: number;
  readonly clsToken: nn.Parameter;
  readonly positions: nn.Parameter;
  readonly patches: Patches;
  readonly layers: nn.ModuleList<Block>;
  readonly norm: nn.Layer;

  constructor(settings: Settings, block: BlockSpec, builder: Builder) {
    super({
      clsToken: 'embeddings.cls_token',
      positions: 'embeddings.position_embeddings',
      patches: 'embeddings.patch_embeddings.projection',
      layers: 'encoder.layer',
      norm: 'layernorm',
    });
    const { width } = block.attention;
    this.#imageSize = settings.count('image_size', 224);
    this.#channels = settings.count('num_channels', 3);
    const size = settings.count('patch_size', 16);
    this.clsToken = builder.parameter('embeddings.cls_token', [1, 1, width]);
    this.positions = builder.parameter('embeddings.position_embeddings', [1, Math.floor(this.#imageSize / size) ** 2 + 1, width]);
    this.patches = new Patches(width, this.#channels, size, builder.at('embeddings.patch_embeddings.projection'));
    const list = builder.at('encoder.layer');
    this.layers = new nn.ModuleList(Array.from({ length: settings.count('num_hidden_layers', 12) }, (_, i) => new Block(block, list.at(String(i)))));
    this.norm = builder.norm('layernorm', width, block.norm);
  }

  override forward({ pixelValues }: ModelInputs, { outputAttentions = false }: ForwardOptions): BodyOutput {
    if (pixelValues === undefined) throw new ValidationError('pixelValues must be given', { parameter: 'pixelValues', received: pixelValues });
    ShapeError.check({ pixelValues: [pixelValues, ['batch', this.#channels, this.#imageSize, this.#imageSize]] });
    const patches = this.patches.forward(pixelValues).flatten({ startAxis: 2 }).swapaxes(1, 2);
    const [batch, , width] = patches.shape as [number, number, number];
    let x = gtc.cat([gtc.expand(this.clsToken, [batch, 1, width]), patches], { axis: 1 }).add(this.positions);
    const hiddenStates = [x];
    const attentions: Tensor[] = [];
    for (const layer of this.layers) {
      const result = layer.forward(x, { scores: {}, wantWeights: outputAttentions });
      x = result.x;
      hiddenStates.push(x);
      if (result.weights !== null) attentions.push(result.weights);
    }
    return { last: this.norm.forward(x), hiddenStates, attentions };
  }
}
