/** A layer of a transformer: attention, cross-attention where there is a memory, and an inner layer, with norms before, after or between. */
import { add, mul, type Tensor } from '@gtc/tensor';
import type * as nn from '@gtc/tensor/nn';
import { activation } from '../activations/functions.js';
import type { ScoreOptions } from '../attention/attend.js';
import { type Attended, Attention, type AttentionSpec, halves, type LayerCall } from './attention.js';
import { Experts, type ExpertsSpec } from './experts.js';
import { type Builder, Named, type Names, type NormSpec } from './parts.js';

/** The layer of a family; a part without a name is not there. */
export interface BlockSpec {
  /**
   * Names of `attention`, `cross` and `experts`; of the norms `attnNorm`, `attnOutNorm`, `crossNorm`, `mlpNorm` and `mlpOutNorm`; and of the inner
   * layer: `up` and `down`, with `gate`, or gate and up in one as `gateUp`.
   */
  readonly names: Names;
  readonly attention: AttentionSpec;
  readonly cross?: AttentionSpec;
  readonly experts?: ExpertsSpec;
  readonly norm: NormSpec;
  /** Whether norms stand before what they belong to or after the sum. */
  readonly place: 'before' | 'after';
  /** Attention and inner layer side by side. */
  readonly parallel?: boolean;
  readonly inner: number;
  readonly act: string;
  readonly mlpBias: boolean;
  readonly transposed?: boolean;
  /** Factor of what is added to the stream. */
  readonly residualScale?: number;
}

/** What a layer gives. */
export interface BlockResult {
  readonly x: Tensor;
  readonly weights: Tensor | null;
  readonly crossWeights: Tensor | null;
  readonly routing: Tensor | null;
}

/** Attention of any kind. */
export interface AttentionModule extends nn.Module {
  forward(x: Tensor, call: LayerCall): Attended;
}

const through = (norm: nn.Layer | null, x: Tensor): Tensor => (norm === null ? x : norm.forward(x));

/** @see BlockSpec */
export class Block extends Named {
  readonly #spec: BlockSpec;
  readonly attention: AttentionModule;
  readonly attnNorm: nn.Layer | null;
  readonly attnOutNorm: nn.Layer | null;
  readonly cross: Attention | null;
  readonly crossNorm: nn.Layer | null;
  readonly mlpNorm: nn.Layer | null;
  readonly mlpOutNorm: nn.Layer | null;
  readonly gate: nn.Layer | null;
  readonly up: nn.Layer | null;
  readonly gateUp: nn.Layer | null;
  readonly down: nn.Layer | null;
  readonly experts: Experts | null;

  constructor(spec: BlockSpec, builder: Builder, attention: AttentionModule = new Attention(spec.attention, builder.at(spec.names['attention']!))) {
    super(spec.names);
    this.#spec = spec;
    const { names, inner, mlpBias: bias, transposed = false } = spec;
    const { width } = spec.attention;
    const norm = (name: string): nn.Layer | null => (names[name] === undefined ? null : builder.norm(names[name], width, spec.norm));
    const linear = (name: string, from: number, to: number): nn.Layer | null =>
      names[name] === undefined ? null : builder.linear(names[name], from, to, { bias, transposed });
    this.attnNorm = norm('attnNorm');
    this.attention = attention;
    this.attnOutNorm = norm('attnOutNorm');
    this.crossNorm = norm('crossNorm');
    this.cross = spec.cross === undefined ? null : new Attention(spec.cross, builder.at(names['cross']!));
    this.mlpNorm = norm('mlpNorm');
    this.gate = linear('gate', width, inner);
    this.up = linear('up', width, inner);
    this.gateUp = linear('gateUp', width, 2 * inner);
    this.down = linear('down', inner, width);
    this.mlpOutNorm = norm('mlpOutNorm');
    this.experts = spec.experts === undefined ? null : new Experts(spec.experts, builder.at(names['experts']!));
  }

  #inner(x: Tensor): { readonly y: Tensor; readonly routing: Tensor | null } {
    if (this.experts !== null) return this.experts.forward(x);
    const { act } = this.#spec;
    if (this.gateUp !== null) {
      const [gate, up] = halves(this.gateUp.forward(x));
      return { y: this.down!.forward(mul(activation(gate, act), up)), routing: null };
    }
    const up = this.up!.forward(x);
    const wide = this.gate === null ? activation(up, act) : mul(activation(this.gate.forward(x), act), up);
    return { y: this.down!.forward(wide), routing: null };
  }

  override forward(x: Tensor, call: LayerCall): BlockResult {
    const { place, parallel = false, residualScale = 1 } = this.#spec;
    const scaled = (y: Tensor): Tensor => (residualScale === 1 ? y : mul(y, residualScale));
    const before = (norm: nn.Layer | null, y: Tensor): Tensor => (place === 'before' ? through(norm, y) : y);
    const after = (norm: nn.Layer | null, y: Tensor): Tensor => (place === 'after' ? through(norm, y) : y);
    const normed = before(this.attnNorm, x);
    const { y: attended, weights } = this.attention.forward(normed, { ...call, memory: null });
    if (parallel) {
      const { y, routing } = this.#inner(this.mlpNorm === null ? normed : this.mlpNorm.forward(x));
      return { x: add(add(x, attended), y), weights, crossWeights: null, routing };
    }
    let stream = after(this.attnNorm, add(x, scaled(through(this.attnOutNorm, attended))));
    let crossWeights: Tensor | null = null;
    if (this.cross !== null) {
      const { memory = null, memoryKeys = null, wantWeights = false, memoryScores: scores = {} as ScoreOptions } = call;
      const crossed = this.cross.forward(before(this.crossNorm, stream), { memory, memoryKeys, scores, wantWeights });
      stream = after(this.crossNorm, add(stream, scaled(crossed.y)));
      crossWeights = crossed.weights;
    }
    const { y, routing } = this.#inner(before(this.mlpNorm, stream));
    stream = after(this.mlpNorm, add(stream, scaled(through(this.mlpOutNorm, y))));
    return { x: stream, weights, crossWeights, routing };
  }
}
