/** Layers with quantised weights, and networks that get them in place of their own. */
import { oneOf } from '@gtc/errors';
import type { Tensor } from '../../tensor.js';
import { Embedding, Layer, Linear, TransposedLinear } from '../nn/layers.js';
import type { Module, Parameter } from '../nn/module.js';
import { matrixTranspose } from '../shape/views.js';
import { BLOCK, BLOCK_TYPES, type BlockType } from './blocks.js';
import { QuantizedMatrix, quantizedLinear } from './matrix.js';

/**
 * `x Wᵀ + b` with a quantised weight.
 *
 * @remarks Python: `bitsandbytes.nn.Linear8bitLt`, `llama.cpp`'s products; the weight does not learn.
 */
export class QuantizedLinear extends Layer {
  readonly weight: QuantizedMatrix;
  bias: Parameter | null;

  /** @param weight `[out, in]` @param bias `[out]` or null */
  constructor(weight: QuantizedMatrix, bias: Parameter | null = null) {
    super();
    this.weight = weight;
    this.bias = bias;
  }

  override forward(x: Tensor): Tensor {
    return quantizedLinear(x, this.weight, this.bias);
  }
}

/** Rows of a quantised table. */
export class QuantizedEmbedding extends Layer {
  readonly table: QuantizedMatrix;

  /** @param table `[rows, width]` */
  constructor(table: QuantizedMatrix) {
    super();
    this.table = table;
  }

  override forward(index: Tensor): Tensor {
    return this.table.rows(index);
  }

  /** @see Embedding.attend */
  attend(x: Tensor, bias: Tensor | null = null): Tensor {
    return quantizedLinear(x, this.table, bias);
  }
}

/** Which layers are quantised, and how. */
export interface QuantizeOptions {
  /** Whether a layer of this path keeps its numbers; default: none does. */
  readonly skip?: (path: string) => boolean;
  /** Type of embeddings; default: that of the others. */
  readonly embeddings?: BlockType | null;
}

/**
 * Puts quantised layers in place of a network's linear layers and embeddings, whose inner size must be a multiple of 32; others stay as they are. What
 * shares its weight, as tied embeddings do, shares the quantised one.
 *
 * @param type `Q8_0`: 8.5 bits a number; `Q4_0`: 4.5
 * @param options `embeddings`: type of embeddings, null to leave them
 * @returns paths of the layers that were replaced
 * @throws {ValidationError} for another type, or weights that are not finite
 * @remarks Python: `torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear})`; llama.cpp's `llama-quantize` of the linear layers.
 * @example
 * import { Linear, Sequential } from '@gtc/tensor/nn';
 * quantizeLayers(new Sequential(new Linear(32, 4), new Linear(4, 2)), 'Q8_0') // => ['0']
 */
export function quantizeLayers(module: Module, type: BlockType, { skip = () => false, embeddings = type }: QuantizeOptions = {}): string[] {
  oneOf(type, 'type', BLOCK_TYPES);
  const made = new Map<Parameter, QuantizedMatrix>();
  const quantized = (weight: Parameter, kind: BlockType, transposed = false): QuantizedMatrix => {
    const known = made.get(weight) ?? QuantizedMatrix.from(transposed ? matrixTranspose(weight.detach()) : weight.detach(), kind);
    made.set(weight, known);
    return known;
  };
  const replacementOf = (layer: Module): Module | null => {
    if (layer instanceof Embedding) {
      const fits = embeddings !== null && layer.weight.shape[1]! % BLOCK === 0;
      return fits ? new QuantizedEmbedding(quantized(layer.weight, embeddings)) : null;
    }
    const transposed = layer instanceof TransposedLinear;
    if (!(transposed || layer instanceof Linear) || layer.weight.shape[transposed ? 0 : 1]! % BLOCK !== 0) return null;
    return new QuantizedLinear(quantized(layer.weight, type, transposed), layer.bias);
  };
  const replaced: string[] = [];
  for (const [path, parent] of module.namedModules())
    for (const [name, child] of parent.namedChildren()) {
      const childPath = path === '' ? name : `${path}.${name}`;
      const replacement = skip(childPath) ? null : replacementOf(child);
      if (replacement === null) continue;
      replacement.training = child.training;
      parent.replaceChild(name, replacement);
      replaced.push(childPath);
    }
  return replaced;
}
