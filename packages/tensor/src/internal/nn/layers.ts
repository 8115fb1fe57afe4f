/** Layers as modules: linear maps, tables, dropout, activations and containers. */
import { NotFoundError, ValidationError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { sizeOf } from '../core/shape.js';
import * as activations from '../elementwise/activation.js';
import { tanh } from '../elementwise/exponential.js';
import { bilinear, linear } from '../products/matmul.js';
import { amax } from '../reductions/extremes.js';
import { logSoftmax, softmax } from '../reductions/scans.js';
import { mean, sum } from '../reductions/sums.js';
import { flatten, matrixTranspose } from '../shape/views.js';
import { dropout, embedding } from './attention.js';
import { defaultGenerator, type Member, Module, Parameter } from './module.js';

/** A parameter of numbers uniform on [-bound, bound). */
export function uniformParameter(shape: readonly number[], bound: number): Parameter {
  return new Parameter(wrap(defaultGenerator().uniform(sizeOf(shape), -bound, bound), shape, 'float32'));
}

/** A parameter of one number. */
export function constantParameter(shape: readonly number[], value: number): Parameter {
  return new Parameter(wrap(new Float32Array(sizeOf(shape)).fill(value), shape, 'float32'));
}

/** A layer that takes one tensor and gives one. */
export abstract class Layer extends Module {
  abstract override forward(x: Tensor): Tensor;
}

/**
 * `x Wᵀ + b`.
 *
 * @remarks Python: `torch.nn.Linear(inFeatures, outFeatures, bias=True)`.
 */
export class Linear extends Layer {
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, { bias = true }: { readonly bias?: boolean } = {}) {
    super();
    const bound = 1 / Math.sqrt(inFeatures);
    this.weight = uniformParameter([outFeatures, inFeatures], bound);
    this.bias = bias ? uniformParameter([outFeatures], bound) : null;
  }

  /** A layer of weights that are there: `weight` `[out, in]`, `bias` `[out]` or null. */
  static of(weight: Parameter, bias: Parameter | null = null): Linear {
    const layer = new Linear(0, 0, { bias: false });
    layer.weight = weight;
    layer.bias = bias;
    return layer;
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}

/**
 * `x W + b`, with a weight `[in, out]`: a linear layer as GPT-2's checkpoints hold it.
 *
 * @remarks Python: `transformers.pytorch_utils.Conv1D`.
 */
export class TransposedLinear extends Layer {
  weight: Parameter;
  bias: Parameter | null;

  /** @param weight `[in, out]` @param bias `[out]` or null */
  constructor(weight: Parameter, bias: Parameter | null = null) {
    super();
    this.weight = weight;
    this.bias = bias;
  }

  override forward(x: Tensor): Tensor {
    return linear(x, matrixTranspose(this.weight), this.bias);
  }
}

/**
 * `xᵀ W y + b`.
 *
 * @remarks Python: `torch.nn.Bilinear(in1, in2, out, bias=True)`.
 */
export class Bilinear extends Module {
  weight: Parameter;
  bias: Parameter | null;

  constructor(in1Features: number, in2Features: number, outFeatures: number, { bias = true }: { readonly bias?: boolean } = {}) {
    super();
    const bound = 1 / Math.sqrt(in1Features);
    this.weight = uniformParameter([outFeatures, in1Features, in2Features], bound);
    this.bias = bias ? uniformParameter([outFeatures], bound) : null;
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return bilinear(x, y, this.weight, this.bias);
  }
}

/**
 * Rows of a table.
 *
 * @remarks Python: `torch.nn.Embedding(numEmbeddings, embeddingDim, padding_idx)`.
 */
export class Embedding extends Layer {
  weight: Parameter;
  readonly paddingIdx: number | null;

  constructor(numEmbeddings: number, embeddingDim: number, { paddingIdx = null }: { readonly paddingIdx?: number | null } = {}) {
    super();
    const data = defaultGenerator().normal(numEmbeddings * embeddingDim);
    if (paddingIdx !== null) data.fill(0, paddingIdx * embeddingDim, (paddingIdx + 1) * embeddingDim);
    this.weight = new Parameter(wrap(data, [numEmbeddings, embeddingDim], 'float32'));
    this.paddingIdx = paddingIdx;
  }

  /**
   * A table of rows that are there: `weight` `[rows, width]`.
   *
   * @remarks Python: `torch.nn.Embedding.from_pretrained(weight, freeze=False, padding_idx)`.
   */
  static of(weight: Parameter, options: { readonly paddingIdx?: number | null } = {}): Embedding {
    const table = new Embedding(0, 0, options);
    table.weight = weight;
    return table;
  }

  override forward(index: Tensor): Tensor {
    return embedding(index, this.weight, { paddingIdx: this.paddingIdx });
  }

  /**
   * Scores of the rows, `x Wᵀ + b`: the output layer of a network whose embeddings are tied.
   *
   * @param x `[..., width]` @param bias `[rows]` or null @returns `[..., rows]`
   * @remarks Python: `torch.nn.functional.linear(x, embedding.weight, bias)`, flax's `Embed.attend`.
   */
  attend(x: Tensor, bias: Tensor | null = null): Tensor {
    return linear(x, this.weight, bias);
  }
}

/**
 * Rows of a table, reduced over the last axis of the indices.
 *
 * @remarks Python: `torch.nn.EmbeddingBag(numEmbeddings, embeddingDim, mode='mean')`.
 */
export class EmbeddingBag extends Layer {
  weight: Parameter;
  readonly mode: 'sum' | 'mean' | 'max';

  constructor(numEmbeddings: number, embeddingDim: number, { mode = 'mean' }: { readonly mode?: 'sum' | 'mean' | 'max' } = {}) {
    super();
    this.weight = new Parameter(wrap(defaultGenerator().normal(numEmbeddings * embeddingDim), [numEmbeddings, embeddingDim], 'float32'));
    this.mode = mode;
  }

  override forward(index: Tensor): Tensor {
    return { sum, mean, max: amax }[this.mode](embedding(index, this.weight), { axis: -2 });
  }
}

/** A layer without parameters, made of a function. */
export abstract class Stateless<Options extends object = object> extends Layer {
  readonly options: Options;

  constructor(options: Options = {} as Options) {
    super();
    this.options = options;
  }
}

/**
 * @see dropout
 *
 * @remarks Python: `torch.nn.Dropout(p=0.5)`.
 */
export class Dropout extends Layer {
  readonly p: number;

  constructor({ p = 0.5 }: { readonly p?: number } = {}) {
    super();
    if (!(p >= 0 && p <= 1)) throw new ValidationError(`p must be in [0, 1], got ${p}`, { parameter: 'p', received: p });
    this.p = p;
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training, random: () => defaultGenerator().single() });
  }
}

/**
 * `x` above 0, a learnt share of it below.
 *
 * @remarks Python: `torch.nn.PReLU(numParameters=1, init=0.25)`.
 */
export class PReLU extends Layer {
  weight: Parameter;

  constructor({ numParameters = 1, init = 0.25 }: { readonly numParameters?: number; readonly init?: number } = {}) {
    super();
    this.weight = constantParameter([numParameters], init);
  }

  override forward(x: Tensor): Tensor {
    return activations.prelu(x, this.weight);
  }
}

/**
 * The input.
 *
 * @remarks Python: `torch.nn.Identity()`.
 */
export class Identity extends Layer {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * All axes but the first as one.
 *
 * @remarks Python: `torch.nn.Flatten(start_dim=1, end_dim=-1)`.
 */
export class Flatten extends Stateless<{ readonly startAxis?: number; readonly endAxis?: number }> {
  override forward(x: Tensor): Tensor {
    return flatten(x, { startAxis: 1, ...this.options });
  }
}

/**
 * @see relu
 *
 * @remarks Python: `torch.nn.ReLU()`.
 */
export class ReLU extends Layer {
  override forward(x: Tensor): Tensor {
    return activations.relu(x);
  }
}

/**
 * @see gelu
 *
 * @remarks Python: `torch.nn.GELU(approximate='none')`.
 */
export class GELU extends Stateless<{ readonly approximate?: 'none' | 'tanh' }> {
  override forward(x: Tensor): Tensor {
    return activations.gelu(x, this.options);
  }
}

/**
 * @see silu
 *
 * @remarks Python: `torch.nn.SiLU()`.
 */
export class SiLU extends Layer {
  override forward(x: Tensor): Tensor {
    return activations.silu(x);
  }
}

/**
 * @see tanh
 *
 * @remarks Python: `torch.nn.Tanh()`.
 */
export class Tanh extends Layer {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/**
 * @see sigmoid
 *
 * @remarks Python: `torch.nn.Sigmoid()`.
 */
export class Sigmoid extends Layer {
  override forward(x: Tensor): Tensor {
    return activations.sigmoid(x);
  }
}

/**
 * @see leakyRelu
 *
 * @remarks Python: `torch.nn.LeakyReLU(negative_slope=0.01)`.
 */
export class LeakyReLU extends Stateless<{ readonly slope?: number }> {
  override forward(x: Tensor): Tensor {
    return activations.leakyRelu(x, this.options);
  }
}

/**
 * @see softmax
 *
 * @remarks Python: `torch.nn.Softmax(dim=axis)`.
 */
export class Softmax extends Stateless<{ readonly axis?: number }> {
  override forward(x: Tensor): Tensor {
    return softmax(x, this.options);
  }
}

/**
 * @see logSoftmax
 *
 * @remarks Python: `torch.nn.LogSoftmax(dim=axis)`.
 */
export class LogSoftmax extends Stateless<{ readonly axis?: number }> {
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.options);
  }
}

/** Modules by names of their own. */
abstract class Container extends Module {
  readonly children: Map<string, Module> = new Map();

  override *members(): Generator<readonly [string, Member]> {
    yield* this.children;
  }

  override replaceChild(name: string, module: Module): void {
    if (!this.children.has(name)) throw NotFoundError.of('module', name, this.children.keys());
    this.children.set(name, module);
  }
}

/**
 * Layers one after the other, named by position or by a name of their own.
 *
 * @remarks Python: `torch.nn.Sequential(...)`, `Sequential(OrderedDict(...))`.
 */
export class Sequential extends Container {
  constructor(...layers: readonly (Layer | readonly [string, Layer | Sequential] | Sequential)[]) {
    super();
    for (const [i, layer] of layers.entries()) {
      const [name, module] = layer instanceof Module ? [String(i), layer] : layer;
      this.children.set(name, module);
    }
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const layer of this.children.values()) y = (layer as Layer | Sequential).forward(y);
    return y;
  }
}

/**
 * Modules in a list.
 *
 * @remarks Python: `torch.nn.ModuleList(modules)`.
 */
export class ModuleList<M extends Module = Module> extends Container {
  constructor(modules: readonly M[] = []) {
    super();
    for (const module of modules) this.append(module);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    this.children.set(String(this.children.size), module);
    return this;
  }

  *[Symbol.iterator](): Iterator<M> {
    yield* this.children.values() as IterableIterator<M>;
  }

  override forward(): never {
    throw new ValidationError('a ModuleList holds modules and cannot be called', { parameter: 'forward' });
  }
}
