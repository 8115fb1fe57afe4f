import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculateKvCacheSize } from '../../attention.js';
import { type File, type Given, type Raw, read } from '../evidence.fixture.js';
import { attentionWeights, linearAttention, type ScoreOptions, scaledDotProductAttention } from './attend.js';
import { KvCache } from './kv-cache.js';

const { grad, tensor } = gtc;
type T = gtc.Tensor;

const qkv = (given: Given, { input }: Raw): [T, T, T] => ['q', 'k', 'v'].map(name => read(given[name]!, input[name]!)) as [T, T, T];

/** Settings as the file gives them. */
function optionsOf(given: Given, { input }: Raw): ScoreOptions {
  const tensors = Object.fromEntries(['mask', 'sinks'].filter(name => name in input).map(name => [name, read(given[name]!, input[name]!)]));
  const { q, k, v, gradOut, ...rest } = given;
  return { ...rest, ...tensors };
}

describe('evidence: attention', () => {
  const answers = {
    scaledDotProductAttention: (given: Given, raw: Raw) => {
      const leaves = qkv(given, raw).map(each => each.requiresGrad_()) as [T, T, T];
      const options = optionsOf(given, raw);
      const y = scaledDotProductAttention(...leaves, options);
      const [q, k] = leaves;
      const found: Record<string, unknown> = { y: y.detach().tolist(), weights: attentionWeights(q, k, options).detach().tolist() };
      if (given['gradOut'] !== undefined) {
        const gradients = grad([y], leaves, { gradOutputs: [read(given['gradOut']!, raw.input['gradOut']!)] });
        for (const [i, name] of ['gradQ', 'gradK', 'gradV'].entries()) found[name] = gradients[i]!.tolist();
      }
      return Object.fromEntries(Object.entries(found).filter(([name]) => name in (raw.expect ?? {})));
    },
    incrementalAttention: (given: Given, raw: Raw) => {
      const [q, k, v] = qkv(given, raw);
      return { y: incremental(q, k, v, given['chunks']!, new KvCache(), {}).tolist() };
    },
    linearAttention: (given: Given, raw: Raw) => ({ y: linearAttention(...qkv(given, raw), { causal: given['causal']! }).tolist() }),
    multiHeadAttention: (given: Given, { input }: Raw) => {
      const [query, keyValue] = ['query', 'keyValue'].map(name => read(given[name]!, input[name]!).requiresGrad_()) as [T, T];
      const files = input['params'] as never as Record<string, File>;
      const kdim = keyValue.shape[2]!;
      const layer = new nn.MultiheadAttention(given['embedDim']!, given['numHeads']!, { bias: 'in_proj_bias' in files, kdim, vdim: kdim, batchFirst: true });
      const params = given['params'] as unknown as Record<string, never>;
      layer.loadStateDict(Object.fromEntries(Object.entries(files).map(([name, file]) => [name, read(params[name]!, file)])));
      const keyPaddingMask = read(given['keyPaddingMask']!, input['keyPaddingMask']!);
      const { y, weights } = layer.forward(query, keyValue, keyValue, { keyPaddingMask, averageAttnWeights: false });
      const named = Object.fromEntries(layer.namedParameters());
      const names = Object.keys(files);
      const gradients = grad([y], [query, keyValue, ...names.map(name => named[name]!)], { gradOutputs: [read(given['gradOut']!, input['gradOut']!)] });
      const [gradQuery, gradKeyValue, ...rest] = gradients.map(each => each!.tolist());
      const gradParams = Object.fromEntries(names.map((name, i) => [name, rest[i]]));
      return { y: y.detach().tolist(), weights: weights.detach().tolist(), gradQuery, gradKeyValue, gradParams };
    },
    calculateKvCacheSize: ({ batchSize, maxSeqLen, numLayers, numKvHeads, headDim, dtypeBytes }: Given) => ({
      megabytes: calculateKvCacheSize(batchSize!, maxSeqLen!, numLayers!, numKvHeads!, headDim!, { dtypeBytes: dtypeBytes! }),
    }),
  };
  it.each(evidenceCases('models/attention', answers as never, import.meta.url, '../../../evidence/attention.json'))('$name', c => c.run());
});

/** Attention in chunks over a cache. */
function incremental(q: T, k: T, v: T, chunks: readonly number[], cache: KvCache, options: ScoreOptions): T {
  let at = 0;
  const parts = chunks.map(length => {
    const [newQ, newK, newV] = [q, k, v].map(x => x.get(':', ':', `${at}:${at + length}`)) as [T, T, T];
    at += length;
    const { queryStart, ...seen } = cache.append(newK, newV);
    return scaledDotProductAttention(newQ, seen.k, seen.v, { ...options, causal: true, queryStart });
  });
  return gtc.cat(parts, { axis: 2 });
}

const uniform = (shape: number[], seed: number): T => {
  let state = seed;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return gtc.reshape(tensor(data), shape);
};
const close = (a: T, b: T): void => {
  expect(a.shape).toEqual(b.shape);
  expect(gtc.allclose(a, b, { rtol: 1e-5, atol: 1e-5 })).toBe(true);
};

describe('laws', () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 });
  const chunks = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
  it('a cache that is cropped and put in another order goes on as one that only read what is left', () => {
    const at = (batch: number, tokens: number, start: number): T =>
      gtc
        .arange(start, start + batch * tokens * 2)
        .astype('float32')
        .reshape([batch, 1, tokens, 2]);
    const cache = new KvCache();
    cache.append(at(2, 3, 0), at(2, 3, 100));
    cache.append(at(2, 2, 50), at(2, 2, 150));
    cache.crop(3);
    cache.reorder([1, 0, 1]);
    const { k, v, queryStart } = cache.append(at(3, 1, 70), at(3, 1, 170));
    expect([queryStart, cache.length]).toEqual([3, 4]);
    const rows = [at(2, 3, 0), at(2, 3, 100)].map(x => [1, 0, 1].map(row => x.get(row).tolist()) as number[][][][]);
    for (const [i, seen] of [k, v].entries()) expect(seen.get(':', ':', ':3').tolist()).toEqual(rows[i]);
    cache.reorder([0, 1, 2]);
    expect(() => cache.crop(5)).toThrow('length must be in [0, 4], got 5');
    expect(() => cache.reorder([3])).toThrow('rows must be in [0, 3), got 3');
    new KvCache().reorder([]);
    const sliding = new KvCache({ window: 2 });
    for (let i = 0; i < 4; i++) sliding.append(at(1, 1, i), at(1, 1, i));
    expect(() => sliding.crop(3)).toThrow("the cache has forgotten all but 2 of 4 tokens; it can't go back to 3");
  });
  it('decoding over any cache equals the full pass', () => {
    fc.assert(
      fc.property(seeds, chunks, fc.option(fc.integer({ min: 1, max: 12 })), fc.boolean(), (seed, lengths, window, alibi) => {
        const n = lengths.reduce((a, b) => a + b, 0);
        const [q, k, v] = [uniform([2, 4, n, 3], seed), uniform([2, 2, n, 3], seed + 1), uniform([2, 2, n, 5], seed + 2)];
        const options = { slidingWindow: window, alibiSlopes: alibi ? [0.5, 0.25, 0.125, 0.0625] : null };
        const full = scaledDotProductAttention(q, k, v, { ...options, causal: true });
        close(incremental(q, k, v, lengths, new KvCache({ window }), options), full);
        close(incremental(q, k, v, lengths, new KvCache({ maxLength: n }), options), full);
        close(gtc.matmul(attentionWeights(q, k, { ...options, causal: true }), gtc.repeat(v, 2, { axis: -3 })), full);
      }),
      { numRuns: 40 },
    );
  });
  it('linear attention by chunks equals the formula', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 200 }), (seed, n) => {
        const [q, k, v] = [uniform([1, 2, n, 3], seed), uniform([1, 2, n, 3], seed + 1), uniform([1, 2, n, 4], seed + 2)];
        const [fq, fk] = [gtc.elu(q).add(1), gtc.elu(k).add(1)];
        const products = gtc.tril(gtc.matmul(fq, gtc.matrixTranspose(fk)));
        close(linearAttention(q, k, v, { causal: true }), gtc.matmul(products.div(gtc.sum(products, { axis: -1, keepdims: true })), v));
      }),
      { numRuns: 30 },
    );
  });
  it('a query that sees nothing takes nothing, and sends no gradient', () => {
    const [q, k, v] = [uniform([1, 1, 3, 2], 1), uniform([1, 1, 4, 2], 2), uniform([1, 1, 4, 2], 3)].map(x => x.requiresGrad_()) as [T, T, T];
    const mask = tensor(
      [
        [false, false, false, false],
        [true, false, false, false],
        [true, true, true, true],
      ],
      { dtype: 'bool' },
    );
    for (const options of [{ mask }, { mask, softcap: 10 }, { mask, sinks: tensor([0]) }]) {
      const y = scaledDotProductAttention(q, k, v, options);
      expect(y.get(0, 0, 0).tolist()).toEqual([0, 0]);
      const [gradQ] = grad([gtc.sum(y)], [q, k, v]);
      expect(gradQ!.get(0, 0, 0).tolist()).toEqual([0, 0]);
      expect(Boolean(gtc.all(gtc.isfinite(gradQ!)).item())).toBe(true);
    }
  });
  it('a sink far above the scores takes all', () => {
    const [q, k] = [uniform([1, 2, 3, 2], 1), uniform([1, 1, 3, 2], 2)];
    const weights = attentionWeights(q, k, { sinks: tensor([100, -100]) });
    expect((gtc.sum(weights, { axis: [0, 2, 3] }).tolist() as number[]).map(Math.round)).toEqual([0, 3]);
  });
  it('a cache counts, refuses what does not fit and forgets', () => {
    const cache = new KvCache({ maxLength: 3 });
    const some = gtc.ones([1, 2, 2, 4]);
    cache.append(some, some);
    expect(() => cache.append(some, some)).toThrow('the cache has room for 3 tokens: 2 are there, 2 more do not fit');
    expect(cache.length).toBe(2);
    expect(() => cache.append(gtc.ones([1, 3, 1, 4]), some)).toThrow('k must be [1, 2, new, 4], got [1, 3, 1, 4]');
    cache.clear();
    expect([cache.length, cache.append(some, some).queryStart]).toEqual([0, 0]);
  });
  const one = gtc.ones([1, 2, 2, 4]);
  it.each([
    [
      () => scaledDotProductAttention(one, gtc.ones([1, 2, 2, 3]), one),
      'k must be [batch, kvHeads, keys, width] with batch = 1, heads = 2, queries = 2, width = 4, got [1, 2, 2, 3]',
    ],
    [() => scaledDotProductAttention(gtc.ones([1, 3, 2, 4]), one, one), 'q must have a multiple of the 2 heads of keys and values, got 3'],
    [() => scaledDotProductAttention(one, one, one, { slidingWindow: 0 }), 'slidingWindow must be positive, got 0'],
    [() => scaledDotProductAttention(one, one, one, { softcap: -1 }), 'softcap must be positive, got -1'],
    [() => scaledDotProductAttention(one, one, one, { alibiSlopes: [1] }), 'alibiSlopes must have one number for each of 2 heads, got 1'],
    [() => attentionWeights(one, one, { sinks: gtc.ones([3]) }), 'sinks must be [2], got [3]'],
    [() => linearAttention(one, gtc.ones([1, 2, 3, 4]), gtc.ones([1, 2, 3, 4]), { causal: true }), 'k must be'],
    [() => new KvCache({ window: 0 }), 'window must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
