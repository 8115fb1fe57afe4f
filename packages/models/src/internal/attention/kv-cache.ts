/** Keys and values of the tokens so far. */
import { inRange, integer, positive, ShapeError, StateError } from '@gtc/errors';
import { keep, noGrad, type Tensor, take, tensor, zeros } from '@gtc/tensor';

/** Room of a {@link KvCache}. */
export interface KvCacheOptions {
  /** Tokens at most, their room set aside at the first; null: as many as come. */
  readonly maxLength?: number | null;
  /** Keep only the last so many tokens, as attention with a sliding window needs them. */
  readonly window?: number | null;
}

/** Keys and values that new queries see. */
export interface CachedKeys {
  /** `[batch, kvHeads, keys, width]` */
  readonly k: Tensor;
  /** `[batch, kvHeads, keys, valueWidth]` */
  readonly v: Tensor;
  /** Number of keys before the first new one: `queryStart` of attention. */
  readonly queryStart: number;
}

/** Tokens that a growing cache has room for at first. */
const FIRST_ROOM = 16;

/**
 * Keys and values of one layer, for decoding token by token: growing, of a fixed length, or sliding. No gradients pass through it.
 *
 * @throws {ValidationError} for a length or window that is not a positive integer
 * @remarks Python: `transformers`' `DynamicCache`, `StaticCache` and the sliding window layers, one layer of each.
 * @example
 * import { ones } from '@gtc/tensor';
 * const cache = new KvCache();
 * cache.append(ones([1, 1, 3, 2]), ones([1, 1, 3, 2]));
 * cache.append(ones([1, 1, 1, 2]), ones([1, 1, 1, 2])).queryStart // => 3
 */
export class KvCache {
  readonly maxLength: number | null;
  readonly window: number | null;
  #seen = 0;
  /** Tokens in the stores, the oldest first. */
  #held = 0;
  #stores: readonly [Tensor, Tensor] | null = null;

  constructor({ maxLength = null, window = null }: KvCacheOptions = {}) {
    this.maxLength = maxLength === null ? null : positive(integer(maxLength, 'maxLength'), 'maxLength');
    this.window = window === null ? null : positive(integer(window, 'window'), 'window');
  }

  /** Tokens that have come, forgotten ones too. */
  get length(): number {
    return this.#seen;
  }

  /**
   * Adds tokens.
   *
   * @param k `[batch, kvHeads, new, width]`
   * @param v `[batch, kvHeads, new, valueWidth]`
   * @returns all that the new queries may see: views that hold until the next call
   * @throws {ShapeError} for other shapes than before @throws {StateError} when a fixed length is used up; nothing is added then
   */
  append(k: Tensor, v: Tensor): CachedKeys {
    const like = this.#stores?.map(({ shape: [batch, heads, , width] }) => [batch!, heads!, 'new', width!]);
    ShapeError.check({ k: [k, like?.[0] ?? ['batch', 'kvHeads', 'new', 'width']], v: [v, like?.[1] ?? ['batch', 'kvHeads', 'new', 'valueWidth']] });
    const added = k.shape[2]!;
    if (this.maxLength !== null && this.#seen + added > this.maxLength)
      throw new StateError(`the cache has room for ${this.maxLength} tokens: ${this.#seen} are there, ${added} more do not fit`);
    return noGrad(() => {
      // The first new query looks back over a window that it stands in itself.
      const kept = Math.min(this.#held, this.window === null ? this.#held : this.window - 1);
      this.#stores = this.#roomFor(kept, added, [k, v]);
      for (const [i, given] of [k, v].entries()) this.#stores[i]!.get(':', ':', `${kept}:${kept + added}`).copy_(given.detach());
      this.#held = kept + added;
      this.#seen += added;
      const [keys, values] = this.#stores.map(store => store.get(':', ':', `:${this.#held}`)) as [Tensor, Tensor];
      return { k: keys, v: values, queryStart: kept };
    });
  }

  /**
   * Forgets the newest tokens.
   *
   * @param length tokens that stay
   * @throws {ValidationError} for more tokens than there are @throws {StateError} when a window has forgotten some that would be seen again
   */
  crop(length: number): void {
    inRange(integer(length, 'length'), 'length', { min: 0, max: this.#seen });
    const dropped = this.#seen - length;
    if (dropped > 0 && this.#held < this.#seen)
      throw new StateError(`the cache has forgotten all but ${this.#held} of ${this.#seen} tokens; it can't go back to ${length}`);
    this.#held -= dropped;
    this.#seen = length;
  }

  /**
   * Puts texts in another order, or some several times.
   *
   * @param rows for each new text the number of the one that it continues
   * @throws {ValidationError} for a number outside the batch
   */
  reorder(rows: readonly number[]): void {
    const batch = this.#stores?.[0].shape[0] ?? 0;
    for (const row of rows) inRange(integer(row, 'rows'), 'rows', { min: 0, below: batch });
    if (this.#stores === null || (rows.length === batch && rows.every((row, i) => row === i))) return;
    const places = tensor([...rows], { dtype: 'int32' });
    this.#stores = this.#stores.map(store => noGrad(() => keep(take(store, places, { axis: 0 })))) as [Tensor, Tensor];
  }

  /** Forgets all. */
  clear(): void {
    [this.#seen, this.#held, this.#stores] = [0, 0, null];
  }

  /** Stores with the last `kept` tokens at their start and room for `added` more. */
  #roomFor(kept: number, added: number, given: readonly [Tensor, Tensor]): readonly [Tensor, Tensor] {
    const old = this.#stores;
    const room = old?.[0].shape[2] ?? 0;
    const stays = kept === this.#held && kept + added <= room;
    if (old !== null && stays) return old;
    const size = this.window === null ? (this.maxLength ?? Math.max(FIRST_ROOM, kept + added, 2 * room)) : Math.max(room, kept + added);
    return given.map((x, i) => {
      const [batch, heads, , width] = x.shape as [number, number, number, number];
      const store = keep(zeros([batch, heads, size, width], { dtype: x.dtype }));
      if (kept > 0) store.get(':', ':', `:${kept}`).copy_(old![i]!.get(':', ':', `${this.#held - kept}:${this.#held}`));
      return store;
    }) as [Tensor, Tensor];
  }
}
