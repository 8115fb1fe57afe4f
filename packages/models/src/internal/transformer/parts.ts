/** Layers by the names of checkpoints, and what makes them. */
import type { Tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { rmsNorm } from '../normalization/functions.js';
import type { WeightSource } from './weights.js';

/** Names of members by field. */
export type Names = Readonly<Record<string, string | undefined>>;

/** A module whose members are named as a family's checkpoints name them, dots and all. */
export abstract class Named extends nn.Module {
  readonly memberNames: Names;

  constructor(names: Names) {
    super();
    this.memberNames = names;
  }

  protected override nameOf(field: string): string {
    return this.memberNames[field] ?? field;
  }
}

/** Root mean square norm, its weight counted from 0 or from 1. */
class RmsNorm extends nn.Layer {
  weight: nn.Parameter;
  readonly eps: number;
  readonly unitOffset: boolean;

  constructor(weight: nn.Parameter, eps: number, unitOffset: boolean) {
    super();
    this.weight = weight;
    this.eps = eps;
    this.unitOffset = unitOffset;
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, { weight: this.weight, eps: this.eps, unitOffset: this.unitOffset });
  }
}

/** Which norm a family has. */
export interface NormSpec {
  readonly kind: 'layer' | 'rms';
  readonly eps: number;
  /** Whether layer norms shift. */
  readonly bias?: boolean;
  /** Whether weights count from 0, as Gemma's do. */
  readonly unitOffset?: boolean;
}

/** Makes layers from the weights under a path. */
export class Builder {
  readonly weights: WeightSource;
  readonly path: string;

  constructor(weights: WeightSource, path = '') {
    this.weights = weights;
    this.path = path;
  }

  /** The builder of what lies under a name. */
  at(name: string): Builder {
    return new Builder(this.weights, `${this.path}${name}.`);
  }

  has(name: string): boolean {
    return this.weights.has(this.path + name);
  }

  /** @param shape of the weight as the checkpoint holds it: `[out, in]`, or `[in, out]` when `transposed` */
  linear(name: string, inner: number, outer: number, { bias, transposed = false }: { readonly bias: boolean; readonly transposed?: boolean }): nn.Layer {
    const weight = this.parameter(`${name}.weight`, transposed ? [inner, outer] : [outer, inner]);
    const shift = bias ? this.weights.parameter(`${this.path}${name}.bias`, [outer], 'zeros') : null;
    return transposed ? new nn.TransposedLinear(weight, shift) : nn.Linear.of(weight, shift);
  }

  /** @param paddingIdx row that learns nothing */
  table(name: string, rows: number, width: number, paddingIdx: number | null = null): nn.Embedding {
    return nn.Embedding.of(this.parameter(`${name}.weight`, [rows, width]), { paddingIdx: paddingIdx !== null && paddingIdx < rows ? paddingIdx : null });
  }

  norm(name: string, width: number, { kind, eps, bias = true, unitOffset = false }: NormSpec): nn.Layer {
    const weight = this.weights.parameter(`${this.path}${name}.weight`, [width], unitOffset ? 'zeros' : 'ones');
    if (kind === 'rms') return new RmsNorm(weight, eps, unitOffset);
    const layer = new nn.LayerNorm(width, { eps, elementwiseAffine: false });
    layer.weight = weight;
    if (bias) layer.bias = this.weights.parameter(`${this.path}${name}.bias`, [width], 'zeros');
    return layer;
  }

  parameter(name: string, shape: readonly number[], start: 'drawn' | 'zeros' = 'drawn'): nn.Parameter {
    return this.weights.parameter(this.path + name, shape, start);
  }
}
