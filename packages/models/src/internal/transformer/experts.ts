/** A layer of experts of which each token takes a few. */

import type { Tensor } from '@gtc/tensor';
import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { activation } from '../activations/functions.js';
import { type Builder, Named } from './parts.js';

/** Experts of a family. */
export interface ExpertsSpec {
  readonly names: { readonly router: string; readonly experts: string; readonly gate: string; readonly up: string; readonly down: string };
  readonly experts: number;
  /** Experts that a token takes. */
  readonly perToken: number;
  readonly width: number;
  readonly inner: number;
  readonly act: string;
}

/** `W_down (g(W_gate x) · W_up x)` */
class Expert extends Named {
  readonly gate: nn.Layer;
  readonly up: nn.Layer;
  readonly down: nn.Layer;
  readonly #act: string;

  constructor({ names, width, inner, act }: ExpertsSpec, builder: Builder) {
    super(names);
    this.gate = builder.linear(names.gate, width, inner, { bias: false });
    this.up = builder.linear(names.up, width, inner, { bias: false });
    this.down = builder.linear(names.down, inner, width, { bias: false });
    this.#act = act;
  }

  override forward(x: Tensor): Tensor {
    return this.down.forward(gtc.mul(activation(this.gate.forward(x), this.#act), this.up.forward(x)));
  }
}

/** Experts and the layer that chooses among them, as Mixtral has them. */
export class Experts extends Named {
  readonly router: nn.Layer;
  readonly experts: nn.ModuleList<Expert>;
  readonly #spec: ExpertsSpec;

  constructor(spec: ExpertsSpec, builder: Builder) {
    super(spec.names);
    this.#spec = spec;
    this.router = builder.linear(spec.names.router, spec.width, spec.experts, { bias: false });
    const each = builder.at(spec.names.experts);
    this.experts = new nn.ModuleList(Array.from({ length: spec.experts }, (_, i) => new Expert(spec, each.at(String(i)))));
  }

  /** @returns what the experts make of `x` `[batch, length, width]`, and the scores of the router, `[batch · length, experts]` */
  override forward(x: Tensor): { readonly y: Tensor; readonly routing: Tensor } {
    const rows = x.reshape([-1, x.shape.at(-1)!]);
    const routing = this.router.forward(rows);
    const { values, indices } = gtc.topk(gtc.softmax(routing), this.#spec.perToken);
    const shares = gtc.div(values, gtc.sum(values, { axis: -1, keepdims: true }));
    const chosen = indices.tolist() as number[][];
    let y = gtc.zerosLike(rows.detach());
    for (const [number, expert] of [...this.experts].entries()) {
      const places = chosen.flatMap((experts, token) => experts.flatMap((each, rank) => (Number(each) === number ? [[token, rank] as const] : [])));
      if (places.length === 0) continue;
      const tokens = gtc.tensor(
        places.map(([token]) => token),
        { dtype: 'int32' },
      );
      const flat = gtc.tensor(
        places.map(([token, rank]) => token * this.#spec.perToken + rank),
        { dtype: 'int32' },
      );
      const share = gtc.indexSelect(shares.reshape([-1, 1]), 0, flat);
      y = gtc.indexAdd(y, 0, tokens, gtc.mul(expert.forward(gtc.indexSelect(rows, 0, tokens)), share));
    }
    return { y: y.reshape(x.shape), routing };
  }
}

/**
 * How unevenly tokens fall to experts: 1 when all get the same, as many as there are when one gets all.
 *
 * @param routing scores of each layer's router, `[tokens, experts]`
 * @param mask `[batch, length]`, 0 for padding, whose tokens do not count
 * @remarks Fedus et al. 2021, equations 4 to 6. Python: `load_balancing_loss_func` of Mixtral.
 */
export function balanceLoss(routing: readonly Tensor[], perToken: number, mask: Tensor | null): Tensor {
  const experts = routing[0]!.shape[1]!;
  const probabilities = gtc.softmax(gtc.cat([...routing], { axis: 0 }));
  const counted = mask === null ? gtc.ones([probabilities.shape[0]!, 1]) : gtc.tile(mask.astype('float32').reshape([-1, 1]), [routing.length, 1]);
  const total = gtc.sum(counted);
  const taken = gtc.sum(gtc.mul(gtc.sum(gtc.oneHot(gtc.topk(probabilities, perToken).indices, experts), { axis: 1 }).astype('float32'), counted), { axis: 0 });
  const wanted = gtc.sum(gtc.mul(probabilities, counted), { axis: 0 });
  return gtc.mul(gtc.sum(gtc.mul(gtc.div(taken, total), gtc.div(wanted, total))), experts);
}
