/** Passes of a model over a cache: scores of the tokens to come. */
import { UnsupportedError } from '@gtc/errors';
import { noGrad, scope, type Tensor } from '@gtc/tensor';
import { type LogitsProcessor, processLogits } from '@gtc/tensor/logits';
import type { CausalLM, GenerationCache, Settings } from './options.js';

/** A model that goes on from what it has read. */
export class Scorer<C extends GenerationCache> {
  readonly #model: CausalLM<C>;
  readonly #cache: C;
  /** Marks padding, for each row. */
  #mask: number[][];
  readonly #padded: boolean;
  forwards = 0;

  constructor(model: CausalLM<C>, { prompts, mask }: Pick<Settings, 'prompts' | 'mask'>) {
    this.#model = model;
    this.#cache = model.createCache();
    this.#padded = mask?.some(row => row.includes(0)) ?? false;
    this.#mask = mask === null ? prompts.map(() => []) : mask.map(row => [...row]);
  }

  /** Tokens read so far. */
  get length(): number {
    return this.#cache.length;
  }

  /** Reads more tokens of each row. @returns for each row the scores after each of the last tokens */
  read(fresh: readonly (readonly number[])[], keep = 1): Float32Array[][] {
    const total = this.#cache.length + fresh[0]!.length;
    for (const row of this.#mask) while (row.length < total) row.push(1);
    this.forwards++;
    return noGrad(() =>
      scope(() => {
        const inputs = { inputIds: fresh.map(row => [...row]), attentionMask: this.#mask.map(row => row.slice(0, total)) };
        const places = this.#padded ? { positionIds: this.#placesOf(fresh[0]!.length, total) } : {};
        const { logits } = this.#model.forward({ ...inputs, ...places }, { cache: this.#cache, logitsToKeep: keep });
        if (logits === undefined || logits.ndim !== 3)
          throw new UnsupportedError('this model scores no next token, and writes nothing', { parameter: 'model' });
        return rowsOf(logits, keep);
      }),
    );
  }

  /** Places of tokens that are not padding, which takes 1. */
  #placesOf(count: number, total: number): number[][] {
    return this.#mask.map(row => {
      let seen = 0;
      const all = row.slice(0, total).map(each => (each === 0 ? 1 : seen++));
      return all.slice(-count);
    });
  }

  crop(length: number): void {
    this.#cache.crop(length);
    for (const row of this.#mask) row.length = Math.min(row.length, length);
  }

  reorder(rows: readonly number[]): void {
    this.#cache.reorder(rows);
    this.#mask = rows.map(row => [...this.#mask[row]!]);
  }
}

/** Copies of the scores of the last places. */
function rowsOf(logits: Tensor, keep: number): Float32Array[][] {
  const [batch, length, classes] = logits.shape as [number, number, number];
  const data = logits.astype('float32').contiguous().data as Float32Array;
  return Array.from({ length: batch }, (_, row) =>
    Array.from({ length: Math.min(keep, length) }, (_, at) => {
      const start = (row * length + length - Math.min(keep, length) + at) * classes;
      return data.slice(start, start + classes);
    }),
  );
}

/** The greatest score's token, the first of equals. */
export function likeliest(scores: Float32Array): number {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if (scores[id]! > scores[best]! || Number.isNaN(scores[best]!)) best = id;
  return best;
}

/** Scores after processors. */
export const processed = (scores: Float32Array, processors: readonly LogitsProcessor[], history: readonly number[], row: number): Float32Array =>
  processors.length === 0 ? scores : processLogits(scores, processors, { history, row });
