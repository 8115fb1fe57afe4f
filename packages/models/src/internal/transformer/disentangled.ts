/** Attention by content and by distance, as DeBERTa has it (He et al. 2021). */
import * as gtc from '@gtc/tensor';
import { noGrad, type Tensor } from '@gtc/tensor';
import type * as nn from '@gtc/tensor/nn';
import { logBucketPosition } from '../positional/positions.js';
import { type Attended, type LayerCall, merged } from './attention.js';
import { type Builder, Named, type Names } from './parts.js';

/** Settings of a DeBERTa. */
export interface DisentangledSpec {
  readonly names: Names;
  readonly width: number;
  readonly heads: number;
  /** Whether keys and queries of distances come from the projections of the text. */
  readonly shared: boolean;
  /** Which products count beside content with content. */
  readonly contentToPosition: boolean;
  readonly positionToContent: boolean;
  /** Distances on each side that have an embedding. */
  readonly span: number;
  /** Buckets of distances; 0: none, each has its own. */
  readonly buckets: number;
  readonly maxDistance: number;
}

const LOWEST = -3.4028234663852886e38;

/** @see DisentangledSpec */
export class DisentangledAttention extends Named {
  readonly #spec: DisentangledSpec;
  readonly #distances: () => Tensor;
  readonly q: nn.Layer;
  readonly k: nn.Layer;
  readonly v: nn.Layer;
  readonly o: nn.Layer;
  readonly distanceK: nn.Layer | null;
  readonly distanceQ: nn.Layer | null;

  /** @param distances gives the embeddings of distances, `[1, 2 · span, width]` */
  constructor(spec: DisentangledSpec, builder: Builder, distances: () => Tensor) {
    super(spec.names);
    this.#spec = spec;
    this.#distances = distances;
    const linear = (name: string): nn.Layer => builder.linear(spec.names[name]!, spec.width, spec.width, { bias: true });
    this.q = linear('q');
    this.k = linear('k');
    this.v = linear('v');
    this.o = linear('o');
    this.distanceK = !spec.shared && spec.contentToPosition ? linear('distanceK') : null;
    this.distanceQ = !spec.shared && spec.positionToContent ? linear('distanceQ') : null;
  }

  #heads(x: Tensor): Tensor {
    const [batch, length] = x.shape as [number, number];
    return x.reshape([batch, length, this.#spec.heads, -1]).swapaxes(1, 2);
  }

  /** Row of the embedding of each distance, `[1, 1, queries, keys]`. */
  #rows(length: number): Tensor {
    const { span, buckets, maxDistance } = this.#spec;
    const rows = Array.from({ length: length * length }, (_, at) => {
      const distance = Math.floor(at / length) - (at % length);
      const row = (buckets > 0 ? logBucketPosition(distance, buckets, maxDistance) : distance) + span;
      return Math.min(Math.max(row, 0), 2 * span - 1);
    });
    return gtc.tensor(rows, { dtype: 'int32' }).reshape([1, 1, length, length]);
  }

  override forward(x: Tensor, { scores: { mask = null }, wantWeights = false }: LayerCall): Attended {
    const { shared, contentToPosition, positionToContent } = this.#spec;
    const [q, k, v] = [this.q, this.k, this.v].map(layer => this.#heads(layer.forward(x))) as [Tensor, Tensor, Tensor];
    const scale = 1 / Math.sqrt(q.shape[3]! * (1 + Number(contentToPosition) + Number(positionToContent)));
    const length = x.shape[1]!;
    const rows = gtc.expand(this.#rows(length), [...q.shape.slice(0, 3), length]);
    let scores = gtc.matmul(q, gtc.matrixTranspose(k));
    if (contentToPosition) {
      const keys = this.#heads((shared ? this.k : this.distanceK!).forward(this.#distances()));
      scores = scores.add(gtc.gather(gtc.matmul(q, gtc.matrixTranspose(keys)), 3, rows));
    }
    if (positionToContent) {
      const queries = this.#heads((shared ? this.q : this.distanceQ!).forward(this.#distances()));
      const byKey = gtc.matmul(k, gtc.matrixTranspose(queries));
      scores = scores.add(gtc.matrixTranspose(gtc.gather(byKey, 3, gtc.matrixTranspose(rows))));
    }
    const scaled = scores.mul(scale);
    // Padding sees all alike: its scores are equal, not missing.
    const both = mask === null ? null : gtc.logicalAnd(mask, gtc.matrixTranspose(mask));
    const weights = gtc.softmax(both === null ? scaled : gtc.where(both, scaled, gtc.tensor(LOWEST)));
    return { y: this.o.forward(merged(gtc.matmul(weights, v))), weights: wantWeights ? noGrad(() => weights.detach()) : null };
  }
}
