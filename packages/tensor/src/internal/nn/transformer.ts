/** Attention with heads and the layers of transformers, as PyTorch has them. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { Tensor, tensor, wrap } from '../../tensor.js';
import { gelu, relu } from '../elementwise/activation.js';
import { add, mul } from '../elementwise/arithmetic.js';
import { where } from '../elementwise/comparison.js';
import { linear, matmul } from '../products/matmul.js';
import { softmax } from '../reductions/scans.js';
import { mean } from '../reductions/sums.js';
import { cat, slice } from '../shape/join.js';
import { expand, matrixTranspose, permute, reshape, swapaxes } from '../shape/views.js';
import { dropout, scaledDotProductAttention } from './attention.js';
import { constantParameter, Dropout, Linear, uniformParameter } from './layers.js';
import { defaultGenerator, Module, Parameter } from './module.js';
import { LayerNorm } from './norm-layers.js';

/** Options of {@link MultiheadAttention}. */
export interface MultiheadOptions {
  readonly dropout?: number;
  readonly bias?: boolean;
  /** A learnt key and value for every sequence. */
  readonly addBiasKv?: boolean;
  /** A key and value of zeros for every sequence. */
  readonly addZeroAttn?: boolean;
  /** Widths of keys and values, where they differ from the queries'. */
  readonly kdim?: number;
  readonly vdim?: number;
  readonly batchFirst?: boolean;
}

/** Options of one call. */
export interface MultiheadCall {
  /** `[batch, keys]`: bool (true leaves a key out) or added to the scores. */
  readonly keyPaddingMask?: Tensor | null;
  /** `[queries, keys]` or `[batch · heads, queries, keys]`: bool (true forbids) or added to the scores. */
  readonly attnMask?: Tensor | null;
  /** Whether the weights are wanted; without them they never exist as a whole. Default: true. */
  readonly needWeights?: boolean;
  /** Whether the weights of the heads are averaged. Default: true. */
  readonly averageAttnWeights?: boolean;
}

/** Glorot's uniform bound (2010). */
const xavier = (out: number, inside: number): number => Math.sqrt(6 / (out + inside));

/**
 * Attention with several heads.
 *
 * @remarks Python: `torch.nn.MultiheadAttention(embedDim, numHeads)`.
 */
export class MultiheadAttention extends Module {
  static override readonly names: Readonly<Record<string, string>> = {
    qProjWeight: 'q_proj_weight',
    kProjWeight: 'k_proj_weight',
    vProjWeight: 'v_proj_weight',
    inProjWeight: 'in_proj_weight',
    inProjBias: 'in_proj_bias',
    biasK: 'bias_k',
    biasV: 'bias_v',
    outProj: 'out_proj',
  };
  qProjWeight: Parameter | null = null;
  kProjWeight: Parameter | null = null;
  vProjWeight: Parameter | null = null;
  inProjWeight: Parameter | null = null;
  inProjBias: Parameter | null;
  biasK: Parameter | null = null;
  biasV: Parameter | null = null;
  outProj: Linear;
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;

  constructor(embedDim: number, numHeads: number, options: MultiheadOptions = {}) {
    super();
    const { bias = true, kdim = embedDim, vdim = embedDim, addBiasKv = false } = options;
    if (!(numHeads > 0) || embedDim % numHeads !== 0)
      throw new ValidationError(`MultiheadAttention: embedDim ${embedDim} must be a multiple of numHeads ${numHeads}`, {
        parameter: 'numHeads',
        received: numHeads,
      });
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = options.dropout ?? 0;
    this.batchFirst = options.batchFirst ?? false;
    this.addZeroAttn = options.addZeroAttn ?? false;
    this.outProj = new Linear(embedDim, embedDim, { bias });
    if (kdim === embedDim && vdim === embedDim) this.inProjWeight = uniformParameter([3 * embedDim, embedDim], xavier(3 * embedDim, embedDim));
    else {
      this.qProjWeight = uniformParameter([embedDim, embedDim], xavier(embedDim, embedDim));
      this.kProjWeight = uniformParameter([embedDim, kdim], xavier(embedDim, kdim));
      this.vProjWeight = uniformParameter([embedDim, vdim], xavier(embedDim, vdim));
    }
    this.inProjBias = bias ? constantParameter([3 * embedDim], 0) : null;
    this.outProj.bias?.detach().zero_();
    if (addBiasKv) {
      // Glorot's normal distribution.
      const draw = (): Parameter => new Parameter(wrap(defaultGenerator().normal(embedDim, 0, Math.sqrt(2 / (2 * embedDim))), [1, 1, embedDim], 'float32'));
      this.biasK = draw();
      this.biasV = draw();
    }
  }

  /** Projections of queries, keys and values. */
  #project(inputs: readonly [Tensor, Tensor, Tensor]): [Tensor, Tensor, Tensor] {
    const part = (x: Tensor, i: number): Tensor => slice(x, 0, i * this.embedDim, (i + 1) * this.embedDim);
    const own = [this.qProjWeight, this.kProjWeight, this.vProjWeight];
    return inputs.map((x, i) => linear(x, own[i] ?? part(this.inProjWeight!, i), this.inProjBias === null ? null : part(this.inProjBias, i))) as [
      Tensor,
      Tensor,
      Tensor,
    ];
  }

  /**
   * Attends.
   *
   * @returns the output, and the weights `[batch, queries, keys]`, or `[batch, heads, queries, keys]` unless averaged; null unless needed
   */
  override forward(query: Tensor, key: Tensor, value: Tensor, call?: MultiheadCall & { readonly needWeights?: true }): { y: Tensor; weights: Tensor };
  override forward(query: Tensor, key: Tensor, value: Tensor, call: MultiheadCall): { y: Tensor; weights: Tensor | null };
  override forward(query: Tensor, key: Tensor, value: Tensor, call: MultiheadCall = {}): { y: Tensor; weights: Tensor | null } {
    const { keyPaddingMask, attnMask, needWeights = true, averageAttnWeights = true } = call;
    const turned = this.batchFirst ? ([query, key, value] as const) : ([swapaxes(query, 0, 1), swapaxes(key, 0, 1), swapaxes(value, 0, 1)] as const);
    if (turned.some(x => x.ndim !== 3))
      throw new ShapeError('MultiheadAttention: query, key and value need 3 axes', { parameter: 'query', received: query.shape });
    let [q, k, v] = this.#project(turned);
    const [batch, length] = q.shape as [number, number];
    const append = (x: Tensor, row: Tensor): Tensor => cat([x, expand(row, [batch, 1, this.embedDim])], { axis: 1 });
    if (this.biasK !== null && this.biasV !== null) [k, v] = [append(k, this.biasK), append(v, this.biasV)];
    if (this.addZeroAttn) {
      const zero = tensor(0, { dtype: k.dtype });
      [k, v] = [append(k, zero), append(v, zero)];
    }
    const width = this.embedDim / this.numHeads;
    const heads = (x: Tensor): Tensor => permute(reshape(x, [batch, x.shape[1]!, this.numHeads, width]), [0, 2, 1, 3]);
    const keys = k.shape[1]!;
    const masks = [
      attnMask && widen(additive(attnMask, q.dtype), keys, mask => (mask.ndim === 3 ? reshape(mask, [batch, this.numHeads, length, -1]) : mask)),
      keyPaddingMask && widen(additive(keyPaddingMask, q.dtype), keys, mask => reshape(mask, [batch, 1, 1, -1])),
    ].filter(mask => mask instanceof Tensor);
    const random = (): number => defaultGenerator().single();
    const joined = (each: Tensor): Tensor => {
      const y = this.outProj.forward(reshape(permute(each, [0, 2, 1, 3]), [batch, length, this.embedDim]));
      return this.batchFirst ? y : swapaxes(y, 0, 1);
    };
    if (!needWeights) {
      const mask = masks.length === 0 ? null : masks.reduce(add);
      return {
        y: joined(scaledDotProductAttention(heads(q), heads(k), heads(v), { mask, dropoutP: this.training ? this.dropout : 0, random })),
        weights: null,
      };
    }
    const weights = softmax(masks.reduce(add, mul(matmul(heads(q), matrixTranspose(heads(k))), 1 / Math.sqrt(width))));
    const kept = dropout(weights, { p: this.dropout, training: this.training, random });
    return { y: joined(matmul(kept, heads(v))), weights: averageAttnWeights ? mean(weights, { axis: 1 }) : weights };
  }
}

/** What is added to the scores: minus infinity where a bool mask forbids. */
const additive = (mask: Tensor, dtype: Tensor['dtype']): Tensor =>
  mask.dtype === 'bool' ? where(mask, tensor(Number.NEGATIVE_INFINITY, { dtype }), tensor(0, { dtype })) : mask;

/** A mask that also lets the added keys through. */
function widen(mask: Tensor, keys: number, shape: (mask: Tensor) => Tensor): Tensor {
  const shaped = shape(mask);
  const missing = keys - shaped.shape.at(-1)!;
  return missing <= 0 ? shaped : cat([shaped, expand(tensor(0, { dtype: mask.dtype }), [...shaped.shape.slice(0, -1), missing])], { axis: -1 });
}

/** Options of the layers of a transformer. */
export interface TransformerLayerOptions {
  readonly dimFeedforward?: number;
  readonly dropout?: number;
  readonly activation?: 'relu' | 'gelu';
  readonly layerNormEps?: number;
  readonly batchFirst?: boolean;
  /** Whether normalisation comes before each part instead of after it. */
  readonly normFirst?: boolean;
  readonly bias?: boolean;
}

/** Masks of a layer. */
export interface TransformerCall {
  readonly srcMask?: Tensor | null;
  readonly srcKeyPaddingMask?: Tensor | null;
}

/**
 * Attention and a feed-forward part (Vaswani et al. 2017).
 *
 * @remarks Python: `torch.nn.TransformerEncoderLayer(dModel, nhead)`.
 */
export class TransformerEncoderLayer extends Module {
  static override readonly names: Readonly<Record<string, string>> = { selfAttn: 'self_attn' };
  selfAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  readonly normFirst: boolean;
  readonly activation: 'relu' | 'gelu';

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout: p = 0.1, layerNormEps: eps = 1e-5, batchFirst = false, bias = true } = options;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout: p, bias, batchFirst });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.dropout = new Dropout({ p });
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, { eps, bias });
    this.norm2 = new LayerNorm(dModel, { eps, bias });
    this.dropout1 = new Dropout({ p });
    this.dropout2 = new Dropout({ p });
    this.normFirst = options.normFirst ?? false;
    this.activation = options.activation ?? 'relu';
  }

  override forward(x: Tensor, { srcMask, srcKeyPaddingMask }: TransformerCall = {}): Tensor {
    const attend = (h: Tensor): Tensor => this.dropout1.forward(mixedWith(this.selfAttn, h, h, srcMask, srcKeyPaddingMask));
    const feed = (h: Tensor): Tensor => this.dropout2.forward(feedForward(this, h));
    if (this.normFirst) {
      const attended = add(x, attend(this.norm1.forward(x)));
      return add(attended, feed(this.norm2.forward(attended)));
    }
    const attended = this.norm1.forward(add(x, attend(x)));
    return this.norm2.forward(add(attended, feed(attended)));
  }
}

/** What a layer's attention to a memory gives, without its weights. */
function mixedWith(attention: MultiheadAttention, x: Tensor, memory: Tensor, attnMask: Tensor | null = null, keyPaddingMask: Tensor | null = null): Tensor {
  return attention.forward(x, memory, memory, { attnMask, keyPaddingMask, needWeights: false }).y;
}

/** The two linear maps of a layer with the activation between them. */
function feedForward(
  { linear1, linear2, dropout: drop, activation }: { linear1: Linear; linear2: Linear; dropout: Dropout; activation: 'relu' | 'gelu' },
  x: Tensor,
): Tensor {
  return linear2.forward(drop.forward((activation === 'relu' ? relu : gelu)(linear1.forward(x))));
}

/** Masks of a decoder layer. */
export interface DecoderCall {
  readonly tgtMask?: Tensor | null;
  readonly memoryMask?: Tensor | null;
  readonly tgtKeyPaddingMask?: Tensor | null;
  readonly memoryKeyPaddingMask?: Tensor | null;
}

/**
 * Attention to itself and to a memory, and a feed-forward part.
 *
 * @remarks Python: `torch.nn.TransformerDecoderLayer(dModel, nhead)`.
 */
export class TransformerDecoderLayer extends Module {
  static override readonly names: Readonly<Record<string, string>> = { selfAttn: 'self_attn', multiheadAttn: 'multihead_attn' };
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  readonly normFirst: boolean;
  readonly activation: 'relu' | 'gelu';

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout: p = 0.1, layerNormEps: eps = 1e-5, batchFirst = false, bias = true } = options;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout: p, bias, batchFirst });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout: p, bias, batchFirst });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.dropout = new Dropout({ p });
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, { eps, bias });
    this.norm2 = new LayerNorm(dModel, { eps, bias });
    this.norm3 = new LayerNorm(dModel, { eps, bias });
    this.dropout1 = new Dropout({ p });
    this.dropout2 = new Dropout({ p });
    this.dropout3 = new Dropout({ p });
    this.normFirst = options.normFirst ?? false;
    this.activation = options.activation ?? 'relu';
  }

  override forward(x: Tensor, memory: Tensor, { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask }: DecoderCall = {}): Tensor {
    const parts: readonly [LayerNorm, (h: Tensor) => Tensor][] = [
      [this.norm1, h => this.dropout1.forward(mixedWith(this.selfAttn, h, h, tgtMask, tgtKeyPaddingMask))],
      [this.norm2, h => this.dropout2.forward(mixedWith(this.multiheadAttn, h, memory, memoryMask, memoryKeyPaddingMask))],
      [this.norm3, h => this.dropout3.forward(feedForward(this, h))],
    ];
    return parts.reduce((h, [norm, part]) => (this.normFirst ? add(h, part(norm.forward(h))) : norm.forward(add(h, part(h)))), x);
  }
}
