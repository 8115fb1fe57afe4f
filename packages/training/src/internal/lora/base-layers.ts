/** Layers that can be adapted, and how each computes with another weight. */
import { linear, matrixTranspose, type Tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';

/** A layer of one weight. */
export type BaseLayer = nn.Linear | nn.TransposedLinear | nn.Embedding | nn.Conv1d | nn.Conv2d;

/** Whether adapters know what to do with a layer. */
export function isBaseLayer(module: nn.Module): module is BaseLayer {
  return [nn.Linear, nn.TransposedLinear, nn.Embedding, nn.Conv1d, nn.Conv2d].some(kind => module instanceof kind);
}

/** The bias of a layer. */
export const biasOf = (base: BaseLayer): nn.Parameter | null => ('bias' in base ? base.bias : null);

/** Width that goes in and out: rows and width of a table count as in and out. */
export function widthsOf(base: BaseLayer): { readonly inner: number; readonly outer: number } {
  const [first, second] = base.weight.shape as [number, number];
  return base instanceof nn.TransposedLinear || base instanceof nn.Embedding ? { inner: first, outer: second } : { inner: second, outer: first };
}

/** What a layer would give with another weight, in the form of its own. */
export function runWith(base: BaseLayer, x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  if (base instanceof nn.Embedding) return nn.embedding(x, weight, { paddingIdx: base.paddingIdx });
  if (base instanceof nn.Conv1d) return nn.conv1d(x, weight, bias, base.options);
  if (base instanceof nn.Conv2d) return nn.conv2d(x, weight, bias, base.options);
  return linear(x, base instanceof nn.TransposedLinear ? matrixTranspose(weight) : weight, bias);
}

/** A matrix `[out, in]` in the form of a layer's weight. */
export function asWeight(base: BaseLayer, matrix: Tensor): Tensor {
  return base instanceof nn.TransposedLinear || base instanceof nn.Embedding ? matrixTranspose(matrix) : matrix.reshape(base.weight.shape);
}

/** A layer's weight as a matrix `[out, in]`; the places of a kernel count as inputs. */
export function asMatrix(base: BaseLayer, weight: Tensor): Tensor {
  if (base instanceof nn.TransposedLinear || base instanceof nn.Embedding) return matrixTranspose(weight);
  return weight.reshape([weight.shape[0]!, -1]);
}
