/** What a model is given and what it gives. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { Tensor, tensor } from '@gtc/tensor';
import { KvCache } from '../attention/kv-cache.js';
import type { MemoryKeys } from './attention.js';

/** Whole numbers, `[batch, length]`. */
export type Ids = Tensor | readonly (readonly number[])[];

/** What a model reads. */
export interface ModelInputs {
  /** Tokens, `[batch, length]`. */
  readonly inputIds?: Ids;
  /** Vectors in place of tokens, `[batch, length, width]`; of decoders. */
  readonly inputsEmbeds?: Tensor | null;
  /** 1 for tokens, 0 for padding; all tokens unless given. With a cache it covers the tokens before, too. */
  readonly attentionMask?: Ids | null;
  /** Segment of each token. */
  readonly tokenTypeIds?: Ids | null;
  /** Place of each token; counted from the start, or on from the cache, unless given. */
  readonly positionIds?: Ids | null;
  /** Images, `[batch, channels, height, width]`. */
  readonly pixelValues?: Tensor;
  /** Tokens of the decoder of an encoder-decoder; `labels` moved by one where they are given. */
  readonly decoderInputIds?: Ids | null;
  /** What the loss compares with: a token for each place (-100: none), or a class for each text. */
  readonly labels?: Ids | readonly number[] | null;
  /** First and last token of each answer. */
  readonly startPositions?: readonly number[] | Tensor | null;
  readonly endPositions?: readonly number[] | Tensor | null;
}

/** What a model is asked for beside its scores. */
export interface ForwardOptions {
  /** Keys and values of the tokens before, to which those of these tokens are added. */
  readonly cache?: ModelCache | null;
  readonly outputHiddenStates?: boolean;
  readonly outputAttentions?: boolean;
  /** Keys and values that all tokens see before those of the text, for each layer `[1, kvHeads, prefix, width]`; of decoders. */
  readonly prefix?: readonly KeysAndValues[] | null;
  /** Scores of the last so many places only. */
  readonly logitsToKeep?: number | null;
}

/** Keys and values of a layer. */
export interface KeysAndValues {
  readonly k: Tensor;
  readonly v: Tensor;
}

/** What a model answers; a field that its task has not is missing. */
export interface ModelOutput {
  /** `[batch, length, vocabulary]`, `[batch, classes]` or `[batch, length, classes]`. */
  readonly logits?: Tensor;
  /** Mean over what is labelled. */
  readonly loss?: Tensor;
  /** `[batch, length, width]` */
  readonly lastHiddenState?: Tensor;
  /** `[batch, width]` */
  readonly poolerOutput?: Tensor;
  /** Of question answering, `[batch, length]`. */
  readonly startLogits?: Tensor;
  readonly endLogits?: Tensor;
  /** How unevenly a mixture of experts is used. */
  readonly auxLoss?: Tensor;
  /** The stream before the first layer and after each; of the decoder, where there are both. */
  readonly hiddenStates?: readonly Tensor[];
  /** Weights of attention, `[batch, heads, queries, keys]` for each layer. */
  readonly attentions?: readonly Tensor[];
  readonly crossAttentions?: readonly Tensor[];
}

/** Keys and values of every layer, and what an encoder made of the text. */
export interface ModelCache {
  readonly layers: readonly KvCache[];
  /** Tokens that have come. */
  readonly length: number;
  /** What the decoder of an encoder-decoder looks at, and its keys and values by layer; set by the first pass. */
  memory: Tensor | null;
  readonly memoryKeys: readonly MemoryKeys[];
  /** Forgets the newest tokens. @throws {StateError} when a window has forgotten some that would be seen again */
  crop(length: number): void;
  /** Puts texts in another order, or some several times: for each new one the number of the one that it continues. */
  reorder(rows: readonly number[]): void;
}

/** An empty cache. @param windows of the layers, null for those that look back to the start */
export function emptyCache(windows: readonly (number | null)[]): ModelCache {
  const layers = windows.map(window => new KvCache({ window }));
  return {
    layers,
    get length() {
      return layers[0]?.length ?? 0;
    },
    memory: null,
    memoryKeys: windows.map(() => ({ known: null })),
    crop: length => {
      for (const layer of layers) layer.crop(length);
    },
    reorder: rows => {
      for (const layer of layers) layer.reorder(rows);
    },
  };
}

/** What the part of a model below its task gives. */
export interface BodyOutput {
  readonly last: Tensor;
  readonly hiddenStates: readonly Tensor[];
  readonly attentions: readonly Tensor[];
  readonly crossAttentions?: readonly Tensor[];
  readonly routing?: readonly Tensor[];
}

/** Whole numbers as a tensor. @throws {ShapeError} unless rows are as long as each other @throws {ValidationError} for what is no whole number */
export function idsOf(ids: Ids | null | undefined, name: string): Tensor {
  if (ids === null || ids === undefined) throw new ValidationError(`${name} must be given`, { parameter: name, received: ids });
  if (!(ids instanceof Tensor) && ids.some(row => !Array.isArray(row) || row.length !== ids[0]!.length))
    throw new ShapeError(`${name} must be rows of one length; pad the shorter ones`, { parameter: name });
  const x = ids instanceof Tensor ? ids : tensor(ids as number[][], { dtype: 'int32' });
  if (ids instanceof Tensor ? x.dtype.startsWith('float') || x.dtype.startsWith('bfloat') : ids.some(row => row.some(id => !Number.isInteger(id))))
    throw new ValidationError(`${name} must be whole numbers`, { parameter: name });
  ShapeError.check({ [name]: [x, ['batch', 'length']] });
  return x.astype('int32');
}

/** Whole numbers as a tensor, or null. */
export const maybeIds = (ids: Ids | null | undefined, name: string): Tensor | null => (ids === null || ids === undefined ? null : idsOf(ids, name));

/** @throws {ValidationError} for a number outside a table */
export function checkIds(ids: Tensor, rows: number, name: string): Tensor {
  const wrong = (ids.data as Int32Array).find(id => id < 0 || id >= rows);
  if (wrong !== undefined)
    throw new ValidationError(`${name} must lie in [0, ${rows}), got ${wrong}`, { parameter: name, received: wrong, expected: `in [0, ${rows})` });
  return ids;
}

/** `[batch, 1, 1, keys]`, true for tokens; null where all are. @throws {ShapeError} unless the mask has a number for each key */
export function keyMask(attentionMask: Tensor | null, batch: number, keys: number): Tensor | null {
  if (attentionMask === null) return null;
  ShapeError.check({ attentionMask: [attentionMask, [batch, keys]] });
  if ((attentionMask.data as Int32Array).every(each => each !== 0)) return null;
  return attentionMask.astype('bool').reshape([batch, 1, 1, keys]);
}
