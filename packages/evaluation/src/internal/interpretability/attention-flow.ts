/** What attention of several layers looks at altogether. */
import { nonEmpty, oneOf, ShapeError } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';

/** Attention of each layer: `[heads][queries][keys]`. */
export type Attentions = readonly (readonly (readonly (readonly number[])[])[])[];

/** Options of {@link attentionRollout}. */
export interface RolloutOptions {
  /** How heads become one; their mean by default. */
  readonly fuse?: 'mean' | 'max' | 'min';
  /** Whether each token keeps half of itself, as the residual connection lets it; true by default. */
  readonly residual?: boolean;
}

const FUSE = { mean, max: (values: readonly number[]) => Math.max(...values), min: (values: readonly number[]) => Math.min(...values) } as const;

/** One matrix for each layer, whose rows sum to 1. */
function fused(attentions: Attentions, { fuse = 'mean', residual = true }: RolloutOptions): number[][][] {
  nonEmpty(attentions, 'attentions');
  const join = FUSE[oneOf(fuse, 'fuse', ['mean', 'max', 'min'] as const)];
  const n = attentions[0]![0]?.length ?? 0;
  return attentions.map((heads, layer) => {
    if (heads.length === 0 || heads.some(rows => rows.length !== n || rows.some(row => row.length !== n)))
      throw new ShapeError(`attentions must be [layers, heads, ${n}, ${n}], and layer ${layer} is not`, { parameter: 'attentions', received: layer });
    return Array.from({ length: n }, (_, i) => {
      const row = Array.from({ length: n }, (_unused, j) => {
        const weight = join(heads.map(rows => rows[i]![j]!));
        return residual ? (weight + Number(i === j)) / 2 : weight;
      });
      const total = sum(row);
      return row.map(weight => weight / total);
    });
  });
}

/**
 * Attention rollout (Abnar and Zuidema 2020): the product of all layers' attention, from the outputs (rows) to the inputs (columns).
 *
 * @param attentions by layer, head, query and key
 * @throws {ValidationError} for no layer or an unknown way to fuse
 * @throws {ShapeError} for layers of unequal shape
 * @remarks Python: `attention_rollout`, by its formula.
 * @example attentionRollout([[[[1, 0], [0.5, 0.5]]]], { residual: false }) // => [[1, 0], [0.5, 0.5]]
 */
export function attentionRollout(attentions: Attentions, options: RolloutOptions = {}): number[][] {
  return fused(attentions, options).reduce((all, layer) => layer.map(row => row.map((_, j) => sum(row.map((weight, k) => weight * all[k]![j]!)))));
}

/**
 * Attention flow (Abnar and Zuidema 2020): how much can flow from each input (columns) to each output (rows) through the layers, attention being what a pipe
 * holds.
 *
 * @throws {ValidationError | ShapeError} as {@link attentionRollout}
 * @remarks Python: `networkx.maximum_flow_value` on the graph of attention.
 * @example attentionFlow([[[[1, 0], [0.5, 0.5]]]], { residual: false }) // => [[1, 0], [0.5, 0.5]]
 */
export function attentionFlow(attentions: Attentions, options: RolloutOptions = {}): number[][] {
  const layers = fused(attentions, options);
  const n = layers[0]!.length;
  const outputs = Array.from({ length: n }, (_, i) => i);
  return outputs.map(output => outputs.map(input => maximumFlow(layers, output, input)));
}

/** Edmonds and Karp's (1972) shortest augmenting paths from a top token to a bottom one. */
function maximumFlow(layers: readonly number[][][], output: number, input: number): number {
  const n = layers[0]!.length;
  const depth = layers.length;
  const count = (depth + 1) * n;
  const node = (level: number, place: number): number => level * n + place;
  const left = new Map<number, Map<number, number>>();
  const pipe = (from: number, to: number, room: number): void => {
    left.set(from, (left.get(from) ?? new Map<number, number>()).set(to, (left.get(from)?.get(to) ?? 0) + room));
  };
  layers.forEach((layer, level) => {
    layer.forEach((row, i) => {
      row.forEach((weight, j) => {
        pipe(node(level + 1, i), node(level, j), weight);
        pipe(node(level, j), node(level + 1, i), 0);
      });
    });
  });
  const [source, sink] = [node(depth, output), node(0, input)];
  for (let total = 0; ; ) {
    const before = new Int32Array(count).fill(-1);
    before[source] = source;
    const queue = [source];
    for (const from of queue) {
      if (from === sink) break;
      for (const [to, room] of left.get(from)!) {
        if (before[to] === -1 && room > 1e-12) {
          before[to] = from;
          queue.push(to);
        }
      }
    }
    if (before[sink] === -1) return total;
    let room = Number.POSITIVE_INFINITY;
    for (let to = sink; to !== source; to = before[to]!) room = Math.min(room, left.get(before[to]!)!.get(to)!);
    for (let to = sink; to !== source; to = before[to]!) {
      pipe(before[to]!, to, -room);
      pipe(to, before[to]!, room);
    }
    total += room;
  }
}
