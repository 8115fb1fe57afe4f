import { tensor, zeros } from '@gtc/tensor';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as b from '../../benchmarks.js';
import { bertScore } from '../../metrics.js';
import { lmAnswers } from './evidence.fixture.js';

describe('evidence: lm_metrics', () => {
  it.each(evidenceCases('evaluation/lm_metrics', lmAnswers, import.meta.url, '../../../evidence/lm_metrics.json'))('$name', e => e.run());
});

/** A model whose next token is likely the one that follows in the alphabet of eight. */
const counting: b.LanguageModel = ids =>
  tensor(
    ids.map(row => row.map(id => Array.from({ length: 8 }, (_, v) => (v === (id + 1) % 8 ? 2 : 0)))),
    { dtype: 'float32' },
  );
const right = 2 - Math.log(7 + Math.exp(2));
const wrong = -Math.log(7 + Math.exp(2));

describe('continuations', () => {
  it('are scored token by token, in the order asked, whatever the batches', async () => {
    fc.assert(
      (await fc.asyncProperty(
        fc.array(fc.tuple(fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }), fc.array(fc.nat(7), { minLength: 1, maxLength: 4 })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (drawn, batchSize) => {
          const requests = drawn.map(([context, continuation]) => ({ context, continuation }));
          const found = await b.scoreContinuations(counting, requests, { batchSize });
          for (const [i, { context, continuation }] of requests.entries()) {
            const before = [context.at(-1)!, ...continuation];
            const expected = continuation.map((token, j) => (token === (before[j]! + 1) % 8 ? right : wrong));
            found[i]!.tokenLogProbs.forEach((value, j) => {
              expect(value).toBeCloseTo(expected[j]!, 5);
            });
            expect(found[i]!.isGreedy).toBe(expected.every(value => value === right));
          }
        },
      )) as never,
    );
  });
  it('that read the same tokens go through the model once', async () => {
    let rows = 0;
    const model: b.LanguageModel = (ids, mask) => {
      rows += ids.length;
      return counting(ids, mask);
    };
    const { pick } = await b.scoreChoices(model, { context: [1, 2], choices: [[5], [3], [4]] });
    expect([rows, pick]).toEqual([1, 1]);
  });
  it('lose the beginning of a context that is too long', async () => {
    const lengths: number[] = [];
    const model: b.LanguageModel = (ids, mask) => {
      lengths.push(ids[0]!.length);
      return counting(ids, mask);
    };
    await b.scoreContinuations(model, [{ context: [1, 2, 3, 4, 5], continuation: [6, 7] }], { maxLength: 3 });
    expect(lengths).toEqual([3]);
  });
});

describe('refusals', () => {
  const flat: b.LanguageModel = ids => zeros([ids.length, ids[0]!.length, 4]);
  it.each<[string, () => Promise<unknown>, string]>([
    ['context', () => b.scoreContinuations(flat, [{ context: [], continuation: [1] }]), 'requests[0].context cannot be empty'],
    ['continuation', () => b.scoreContinuations(flat, [{ context: [1], continuation: [] }]), 'requests[0].continuation cannot be empty'],
    ['token', () => b.scoreContinuations(flat, [{ context: [1.5], continuation: [1] }]), 'requests[0] must be an integer, got 1.5'],
    ['vocabulary', () => b.scoreContinuations(flat, [{ context: [1], continuation: [4] }]), 'requests[0].continuation[0] must be less than 4, got 4'],
    ['length', () => b.scoreContinuations(flat, [{ context: [1], continuation: [1, 1] }], { maxLength: 1 }), 'continuation must have at most 1 tokens, got 2'],
    ['shape', () => b.scoreContinuations(() => zeros([1, 4]), [{ context: [1], continuation: [1] }]), 'model must give scores [1, 1, vocabulary], got [1, 4]'],
    ['one token', () => b.perplexity(flat, [1]), 'inputIds must have at least two tokens, got 1'],
    ['stride', () => b.stridedPerplexity(flat, [1, 2], { maxLength: 2, stride: 3 }), 'stride must be in [1, 2], got 3'],
    ['short', () => b.stridedPerplexity(flat, [1], { maxLength: 2 }), 'inputIds must have at least two tokens, got 1'],
    ['block', () => b.rollingLogLikelihood(flat, [1], { prefixToken: 0, maxLength: 2, block: 3 }), 'block must be in [1, 2], got 3'],
    ['choices', () => b.scoreChoices(flat, { context: [1], choices: [] }), 'choices cannot be empty'],
    ['lengths', () => b.scoreChoices(flat, { context: [1], choices: [[1]], choiceLengths: [0] }), 'choiceLengths[0] must be positive, got 0'],
    ['text', () => b.textPerplexities(flat, () => [1], ['a']), 'texts[0] must have at least two tokens, got 1'],
    ['embeddings', () => bertScore(() => ({ ids: [1, 2], embeddings: [[1]] }), ['a'], ['b']), 'encode must give 2 embeddings for references[0], got 1'],
    ['no tokens', () => bertScore(() => ({ ids: [], embeddings: [] }), ['a'], ['b']), 'the tokens of references[0] cannot be empty'],
    ['baseline', () => bertScore(() => ({ ids: [1], embeddings: [[1]] }), ['a'], ['b'], { baseline: 1 }), 'baseline must be below 1, got 1'],
  ])('%s', async (_name, call, message) => {
    await expect(call()).rejects.toThrow(message);
  });
  it('tokens without weight score nothing', async () => {
    const { f1 } = await bertScore(() => ({ ids: [1], embeddings: [[1]] }), ['a'], ['b'], { specialIds: [1] });
    expect(f1).toEqual([0]);
  });
});
