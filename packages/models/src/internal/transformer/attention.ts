/** Attention of a layer: projections, rotary embeddings, norms of queries and keys, and a cache. */
import { cat, expand, keep, noGrad, type Tensor } from '@gtc/tensor';
import type * as nn from '@gtc/tensor/nn';
import { attentionWeights, type ScoreOptions, scaledDotProductAttention } from '../attention/attend.js';
import type { KvCache } from '../attention/kv-cache.js';
import { type RopeLayout, type RopeTables, rotate } from '../positional/rope.js';
import { type Builder, Named, type Names, type NormSpec } from './parts.js';

/** What a layer needs to know of the text at hand. */
export interface LayerCall {
  /** Rules of the scores. */
  readonly scores: ScoreOptions;
  /** Angles of the positions, as `rotate` takes them. */
  readonly rope?: Pick<RopeTables, 'cos' | 'sin'> | null;
  readonly cache?: KvCache | null;
  /** Keys and values before those of the text. */
  readonly prefix?: { readonly k: Tensor; readonly v: Tensor } | null;
  /** `[batch, keys, width]`: what cross-attention looks at, and the rules of its scores. */
  readonly memory?: Tensor | null;
  readonly memoryScores?: ScoreOptions;
  /** Where keys and values of the memory are kept from one token to the next. */
  readonly memoryKeys?: MemoryKeys | null;
  /** Whether weights of attention are asked for. */
  readonly wantWeights?: boolean;
}

/** Keys and values of a memory, once they are known. */
export interface MemoryKeys {
  known: { readonly k: Tensor; readonly v: Tensor } | null;
}

/** What attention gives. */
export interface Attended {
  readonly y: Tensor;
  /** `[batch, heads, queries, keys]`; null unless asked for. */
  readonly weights: Tensor | null;
}

/** The attention of a family. */
export interface AttentionSpec {
  /** Names of `q`, `k`, `v` or of `qkv` in one, of `o`, and of the norms of queries and keys. */
  readonly names: Names;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly bias: { readonly qkv: boolean; readonly o: boolean };
  readonly transposed?: boolean;
  /** How one projection holds three: all queries, all keys, all values; or group by group the queries, the key and the value. */
  readonly fused?: 'blocks' | 'groups';
  /** Norms of queries and keys: of each head, or of all heads together. */
  readonly qkNorm?: { readonly of: 'head' | 'all'; readonly norm: NormSpec } | null;
  readonly rope?: RopeLayout | null;
}

/** Attention as most families have it. */
export class Attention extends Named {
  readonly #spec: AttentionSpec;
  readonly q: nn.Layer | null;
  readonly k: nn.Layer | null;
  readonly v: nn.Layer | null;
  readonly qkv: nn.Layer | null;
  readonly o: nn.Layer;
  readonly qNorm: nn.Layer | null;
  readonly kNorm: nn.Layer | null;

  constructor(spec: AttentionSpec, builder: Builder) {
    super(spec.names);
    this.#spec = spec;
    const { names, width, heads, kvHeads, headDim, bias, transposed = false, qkNorm } = spec;
    const linear = (name: string | undefined, inner: number, outer: number, shifted: boolean): nn.Layer | null =>
      name === undefined ? null : builder.linear(name, inner, outer, { bias: shifted, transposed });
    const norm = (name: string | undefined, count: number): nn.Layer | null =>
      qkNorm && name !== undefined ? builder.norm(name, qkNorm.of === 'head' ? headDim : count * headDim, qkNorm.norm) : null;
    this.q = linear(names['q'], width, heads * headDim, bias.qkv);
    this.k = linear(names['k'], width, kvHeads * headDim, bias.qkv);
    this.v = linear(names['v'], width, kvHeads * headDim, bias.qkv);
    this.qkv = linear(names['qkv'], width, (heads + 2 * kvHeads) * headDim, bias.qkv);
    this.o = linear(names['o'], heads * headDim, width, bias.o)!;
    this.qNorm = norm(names['qNorm'], heads);
    this.kNorm = norm(names['kNorm'], kvHeads);
  }

  /** Queries, keys and values, `[batch, length, heads · headDim]` each, where one layer gives all. */
  #parts(all: Tensor): readonly [Tensor, Tensor, Tensor] {
    const { heads, kvHeads, headDim, fused } = this.#spec;
    const [batch, length] = all.shape as [number, number];
    if (fused === 'groups') {
      const groups = all.reshape([batch, length, kvHeads, heads / kvHeads + 2, headDim]);
      const part = (which: string): Tensor => groups.get(':', ':', ':', which).reshape([batch, length, -1]);
      return [part(':-2'), part('-2:-1'), part('-1:')];
    }
    const [first, second] = [heads * headDim, (heads + kvHeads) * headDim];
    return [all.get('...', `:${first}`), all.get('...', `${first}:${second}`), all.get('...', `${second}:`)];
  }

  /** Norms of all heads together, then `[batch, heads, length, headDim]`, then norms of each head. */
  #split(x: Tensor, norm: nn.Layer | null): Tensor {
    const { headDim, qkNorm } = this.#spec;
    const [batch, length] = x.shape as [number, number];
    const whole = norm !== null && qkNorm!.of === 'all' ? norm.forward(x) : x;
    const heads = whole.reshape([batch, length, -1, headDim]);
    return (norm !== null && qkNorm!.of === 'head' ? norm.forward(heads) : heads).swapaxes(1, 2);
  }

  /** Queries, keys and values of the text, turned and kept. */
  #own(x: Tensor, { rope = null, cache = null, prefix = null }: LayerCall): Seen {
    const [q, k, v] = this.qkv === null ? [this.q!.forward(x), this.k!.forward(x), this.v!.forward(x)] : this.#parts(this.qkv.forward(x));
    const turned = (heads: Tensor): Tensor => (rope === null ? heads : rotate(heads, rope, this.#spec.rope!));
    const [queries, keys, values] = [turned(this.#split(q, this.qNorm)), turned(this.#split(k, this.kNorm)), this.#split(v, null)];
    const seen = { q: queries, ...(cache === null ? { k: keys, v: values, queryStart: 0 } : cache.append(keys, values)) };
    if (prefix === null) return seen;
    const before = (given: Tensor, own: Tensor): Tensor => cat([expand(given, [own.shape[0]!, ...given.shape.slice(1)]), own], { axis: 2 });
    return { q: queries, k: before(prefix.k, seen.k), v: before(prefix.v, seen.v), queryStart: seen.queryStart + prefix.k.shape[2]! };
  }

  /** Queries of the text, and keys and values of what it looks at. */
  #crossed(x: Tensor, memory: Tensor, kept: MemoryKeys | null): Seen {
    const q = this.#split(this.q!.forward(x), this.qNorm);
    const { k, v } = kept?.known ?? { k: this.#split(this.k!.forward(memory), this.kNorm), v: this.#split(this.v!.forward(memory), null) };
    if (kept !== null) kept.known = keep({ k, v });
    return { q, k, v, queryStart: 0 };
  }

  override forward(x: Tensor, call: LayerCall): Attended {
    const { scores, memory = null, memoryKeys = null, wantWeights = false } = call;
    const { q, k, v, queryStart } = memory === null ? this.#own(x, call) : this.#crossed(x, memory, memoryKeys);
    // A cache that slides has forgotten the first keys.
    const mask = scores.mask && scores.mask.shape[3]! > k.shape[2]! ? scores.mask.get('...', `-${k.shape[2]}:`) : (scores.mask ?? null);
    const options = { ...scores, mask, queryStart };
    const y = scaledDotProductAttention(q, k, v, options);
    const weights = wantWeights ? noGrad(() => attentionWeights(q, k, options)) : null;
    return { y: this.o.forward(merged(y)), weights };
  }
}

/** What attention compares. */
interface Seen {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly queryStart: number;
}

/** Heads side by side again: `[batch, length, heads · width]`. */
export function merged(y: Tensor): Tensor {
  const [batch, , length] = y.shape as [number, number, number];
  return y.swapaxes(1, 2).reshape([batch, length, -1]);
}

/** Both halves of a projection that holds two. */
export function halves(x: Tensor): readonly [Tensor, Tensor] {
  const half = x.shape.at(-1)! / 2;
  return [x.get('...', `:${half}`), x.get('...', `${half}:`)];
}
