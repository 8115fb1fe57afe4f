/** Decoders: tokens to a stream of vectors, each seeing those before it. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { arange, cat, cumsum, mul, ones, type Tensor } from '@gtc/tensor';
import type * as nn from '@gtc/tensor/nn';
import { ModuleList } from '@gtc/tensor/nn';
import { type RopeParameters, type RopeTables, ropeTables, tablesFor } from '../positional/rope.js';
import { Block } from './block.js';
import type { DecoderSpec } from './decoder-families.js';
import { type BodyOutput, checkIds, emptyCache, type ForwardOptions, idsOf, keyMask, type ModelCache, type ModelInputs, maybeIds } from './inputs.js';
import { type Builder, Named } from './parts.js';

/** Angles of positions `[batch, length]`, for heads `[batch, heads, length, width]`. */
export function anglesOf(
  positions: Tensor,
  rule: RopeParameters,
  { dim, layout, maxPositions }: { readonly dim: number; readonly layout: 'half' | 'interleaved'; readonly maxPositions: number },
): Pick<RopeTables, 'cos' | 'sin'> {
  const flat = [...(positions.contiguous().data as Int32Array)];
  const { cos, sin } = tablesFor(ropeTables({ headDim: dim, positions: flat, maxPositionEmbeddings: maxPositions, ropeParameters: rule }), layout);
  const shape = [positions.shape[0]!, 1, positions.shape[1]!, dim];
  return { cos: cos.reshape(shape), sin: sin.reshape(shape) };
}

/** Positions of tokens: counted on from those before. */
export function countedPositions(start: number, length: number): Tensor {
  return arange(start, start + length)
    .astype('int32')
    .reshape([1, length]);
}

/** Positions of tokens, padding not counted and at -1. */
function positionsByMask(mask: Tensor): Tensor {
  return mul(cumsum(mask, -1), mask).sub(1).astype('int32');
}

/** The stream of a decoder. */
export class DecoderBody extends Named {
  readonly #spec: DecoderSpec;
  readonly embed: nn.Embedding;
  readonly positions: nn.Embedding | null;
  readonly embedNorm: nn.Layer | null;
  readonly projectIn: nn.Layer | null;
  readonly layers: nn.ModuleList<Block>;
  readonly norm: nn.Layer | null;
  readonly projectOut: nn.Layer | null;

  constructor(spec: DecoderSpec, builder: Builder) {
    super(spec.positions.kind === 'table' ? { ...spec.names, positions: spec.positions.name } : spec.names);
    this.#spec = spec;
    const { names, vocab, padToken, width, embedWidth, layers, block, norm, positions } = spec;
    const linear = (name: string | undefined, inner: number, outer: number): nn.Layer | null =>
      name === undefined ? null : builder.linear(name, inner, outer, { bias: false });
    this.embed = builder.table(names['embed']!, vocab, embedWidth, padToken);
    this.positions = positions.kind === 'table' ? builder.table(positions.name, positions.rows, width) : null;
    this.embedNorm = names['embedNorm'] === undefined ? null : builder.norm(names['embedNorm'], width, norm);
    this.projectIn = linear(names['projectIn'], embedWidth, width);
    const list = builder.at(names['layers']!);
    this.layers = new ModuleList(Array.from({ length: layers }, (_, i) => new Block(block, list.at(String(i)))));
    this.norm = names['norm'] === undefined ? null : builder.norm(names['norm'], width, norm);
    this.projectOut = linear(names['projectOut'], width, embedWidth);
  }

  /** An empty cache, that forgets what no window reaches. */
  createCache(): ModelCache {
    return emptyCache(Array.from({ length: this.#spec.layers }, (_, i) => this.#spec.window(i)));
  }

  /** Vectors of tokens, `[batch, length, width]`. @throws {ValidationError} for a token outside the table */
  embedTokens(ids: Tensor): Tensor {
    return this.embed.forward(checkIds(ids, this.#spec.vocab, 'inputIds'));
  }

  /** Vectors of the text, however it is given. */
  #words({ inputIds, inputsEmbeds = null }: ModelInputs): Tensor {
    if (inputsEmbeds !== null) {
      ShapeError.check({ inputsEmbeds: [inputsEmbeds, ['batch', 'length', this.#spec.embedWidth]] });
      return inputsEmbeds;
    }
    const ids = idsOf(inputIds, 'inputIds');
    if (ids.shape[1] === 0) throw new ShapeError('inputIds must have a token at least, got none', { parameter: 'inputIds', received: ids.shape });
    return this.embedTokens(ids);
  }

  #placed(words: Tensor, positions: Tensor): Tensor {
    const { embedScale, positions: spec } = this.#spec;
    const scaled = embedScale === 1 ? words : mul(words, embedScale);
    const wide = this.projectIn === null ? scaled : this.projectIn.forward(scaled);
    const placed = this.positions === null || spec.kind !== 'table' ? wide : wide.add(this.positions.forward(positions.add(spec.offset).astype('int32')));
    return this.embedNorm === null ? placed : this.embedNorm.forward(placed);
  }

  /** Refuses positions for which a table has no row. */
  #checkPositions(positions: Tensor): void {
    const { positions: spec } = this.#spec;
    if (spec.kind !== 'table') return;
    const [rows, last] = [spec.rows - spec.offset, Math.max(...(positions.contiguous().data as Int32Array))];
    if (last >= rows)
      throw new ValidationError(`the text must have at most ${rows} tokens for this model, got position ${last}`, { parameter: 'inputIds', received: last });
  }

  override forward(inputs: ModelInputs, { cache = null, prefix = null, outputAttentions = false }: ForwardOptions): BodyOutput {
    const spec = this.#spec;
    const words = this.#words(inputs);
    const [batch, length] = words.shape as [number, number];
    if (prefix !== null && prefix.length !== spec.layers)
      throw new ShapeError(`prefix must have keys and values for each of ${spec.layers} layers, got ${prefix.length}`, { parameter: 'prefix' });
    const ahead = prefix?.[0]?.k.shape[2] ?? 0;
    const before = (cache?.length ?? 0) + ahead;
    const given = maybeIds(inputs.attentionMask, 'attentionMask');
    const mask = given === null || ahead === 0 ? given : cat([ones([batch, ahead], { dtype: 'int32' }), given], { axis: 1 });
    const padding = keyMask(mask, batch, before + length);
    const byMask = spec.positions.kind === 'table' && spec.positions.byMask && padding !== null;
    const counted = byMask ? positionsByMask(mask!).get(':', `${before}:`) : countedPositions(before, length);
    const positions = maybeIds(inputs.positionIds, 'positionIds') ?? counted;
    this.#checkPositions(positions);
    const angles = this.#anglesByRule(positions);
    let x = this.#placed(words, positions);
    const hiddenStates = [x];
    const [attentions, routing]: [Tensor[], Tensor[]] = [[], []];
    for (const [i, layer] of [...this.layers].entries()) {
      const result = layer.forward(x, {
        scores: this.#scores(i, padding),
        rope: angles(i),
        cache: cache?.layers[i] ?? null,
        prefix: prefix?.[i] ?? null,
        wantWeights: outputAttentions,
      });
      x = result.x;
      hiddenStates.push(x);
      if (result.weights !== null) attentions.push(result.weights);
      if (result.routing !== null) routing.push(result.routing);
    }
    const normed = this.norm === null ? x : this.norm.forward(x);
    const last = this.projectOut === null ? normed : this.projectOut.forward(normed);
    hiddenStates[spec.layers] = last;
    return { last, hiddenStates, attentions, routing };
  }

  #scores(layer: number, padding: Tensor | null): LayerScores {
    const { window, attentionScale, layerScale, softcap, positions, block } = this.#spec;
    const slidingWindow = window(layer);
    const plain = attentionScale ?? block.attention.headDim ** -0.5;
    return {
      causal: true,
      mask: padding,
      slidingWindow,
      softcap,
      scale: layerScale === undefined ? plain : plain * layerScale(layer),
      alibiSlopes: positions.kind === 'alibi' ? positions.slopes : null,
    };
  }

  /** Angles by layer, computed once for each rule. */
  #anglesByRule(positions: Tensor): (layer: number) => Pick<RopeTables, 'cos' | 'sin'> | null {
    const { positions: spec, rope, maxPositions } = this.#spec;
    const known = new Map<RopeParameters, Pick<RopeTables, 'cos' | 'sin'>>();
    return layer => {
      const rule = rope(layer);
      if (rule === null || spec.kind !== 'rope') return null;
      const found = known.get(rule) ?? anglesOf(positions, rule, { ...spec, maxPositions });
      known.set(rule, found);
      return found;
    };
  }
}

/** Rules of a layer's scores. */
interface LayerScores {
  readonly causal: boolean;
  readonly mask: Tensor | null;
  readonly slidingWindow: number | null;
  readonly softcap: number | null;
  readonly scale: number;
  readonly alibiSlopes: readonly number[] | null;
}
