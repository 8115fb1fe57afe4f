import { tensor } from '@gtc/tensor';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CausalLM, computeTransitionScores, type GenerateOptions, generate, generateStream } from '../../decoding.js';

const CLASSES = 7;

/** Tokens of one row. */
class Cache {
  rows: number[][] = [];
  get length(): number {
    return this.rows[0]?.length ?? 0;
  }
  crop(length: number): void {
    for (const row of this.rows) row.length = length;
  }
  reorder(rows: readonly number[]): void {
    this.rows = rows.map(row => [...this.rows[row]!]);
  }
}

/** A model whose scores are some function of the last two tokens. */
const model = (seed = 1): CausalLM<Cache> => ({
  createCache: () => new Cache(),
  forward: ({ inputIds }, { cache, logitsToKeep }) => {
    const before = cache.length;
    if (cache.rows.length === 0) cache.rows = inputIds.map(() => []);
    for (const [i, row] of inputIds.entries()) cache.rows[i]!.push(...row);
    const scoresAt = (row: readonly number[], at: number): number[] =>
      Array.from({ length: CLASSES }, (_, id) => (((row[at]! + 1) * (id + 2) * seed * 37 + ((row[at - 1] ?? 0) + 3) * (id + 1) * 17) % 23) / 5);
    const scores = cache.rows.map(row => inputIds[0]!.map((_, at) => scoresAt(row, before + at)).slice(-logitsToKeep));
    return { logits: tensor(scores, { dtype: 'float32' }) };
  },
});
const run = (options: GenerateOptions = {}, inputIds: readonly (readonly number[])[] = [[1, 2]]) => generate(model(), inputIds, options);

describe('generate', () => {
  it('writes what a loop without a cache writes', async () => {
    const expected = [1, 2];
    for (let i = 0; i < 20; i++) {
      const { logits } = model().forward({ inputIds: [expected], attentionMask: [] }, { cache: new Cache(), logitsToKeep: 1 });
      const [[scores]] = logits!.tolist() as [[number[]]];
      expected.push(scores.indexOf(Math.max(...scores)));
    }
    const { sequences, forwards, scores } = await run();
    expect(sequences).toEqual([expected]);
    expect([forwards, scores.length]).toEqual([20, 0]);
    expect((await run({ outputScores: true })).scores.length).toBe(20);
  });
  it('repeats itself for a seed, and draws other texts for others', async () => {
    const drawn = async (seed?: number) =>
      (await run({ doSample: true, temperature: 2, topK: 5, maxNewTokens: 12, ...(seed === undefined ? {} : { seed }) })).sequences;
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn()).toEqual(await drawn(0));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });
  it('each option of sampling cuts or bends', async () => {
    const plain = { doSample: true, temperature: 3, maxNewTokens: 30, seed: 5 };
    const whole = String((await run(plain)).sequences);
    for (const option of [
      { topH: 0.3 },
      { minP: 0.5 },
      { topP: 0.3 },
      { typicalP: 0.3 },
      { epsilonCutoff: 0.15 },
      { etaCutoff: 0.5 },
      { presencePenalty: 2, frequencyPenalty: 1 },
      { suppressTokens: [2, 3] },
    ])
      expect(String((await run({ ...plain, ...option })).sequences)).not.toBe(whole);
  });
  it('tells tokens as they come', async () => {
    const stream = generateStream(
      model(),
      [
        [1, 2],
        [3, 4],
      ],
      { maxNewTokens: 4, eosTokenId: 3, padTokenId: 6 },
    );
    const rows: number[][] = [
      [1, 2],
      [3, 4],
    ];
    for (;;) {
      const { done, value } = await stream.next();
      if (done) {
        expect(value.sequences).toEqual(rows.map(row => [...row, ...Array(value.sequences[0]!.length - row.length).fill(6)]));
        break;
      }
      expect(value.logProb).toBeLessThanOrEqual(0);
      rows[value.row]!.push(value.tokenId);
    }
  });
  it('ends where it is told to', async () => {
    const [whole] = (await run({ maxNewTokens: 9 })).sequences as [number[]];
    expect((await run({ stopWhen: ids => ids.length === 5 })).sequences[0]).toEqual(whole.slice(0, 5));
    expect((await run({ signal: AbortSignal.abort() })).sequences).toEqual([[1, 2]]);
    expect((await run({ signal: AbortSignal.abort(), promptLookupNumTokens: 2 })).sequences).toEqual([[1, 2]]);
    const later = new AbortController();
    setTimeout(() => later.abort(), 5);
    expect((await run({ signal: later.signal, maxNewTokens: 1e7 })).sequences[0]!.length).toBeLessThan(1e5);
    for (const options of [{ numBeams: 2 }, { promptLookupNumTokens: 2 }])
      expect((await run({ signal: AbortSignal.timeout(1e6), maxNewTokens: 3, ...options })).sequences[0]).toHaveLength(5);
  });
  it('proposed tokens change nothing but the number of passes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: CLASSES - 1 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 6 }),
        async (prompt, seed, count) => {
          const options = { maxNewTokens: 15, eosTokenId: 4, repetitionPenalty: 1.1 };
          const { sequences } = await run(options, [prompt]);
          const assisted = await run({ ...options, assistantModel: model(seed), numAssistantTokens: count }, [prompt]);
          const looked = await run({ ...options, promptLookupNumTokens: count, maxMatchingNgramSize: 3 }, [prompt]);
          expect(assisted.sequences).toEqual(sequences);
          expect(looked.sequences).toEqual(sequences);
          return assisted.forwards <= 15 && looked.forwards <= 15;
        },
      ),
      { numRuns: 40 },
    );
  });
  it('beams find texts that are at least as likely, each with its score', async () => {
    const options = { maxNewTokens: 6, numBeams: 6, numReturnSequences: 6, lengthPenalty: 1, outputScores: true };
    const beams = await run(options);
    const sums = computeTransitionScores(beams).map(row => row.reduce((a, b) => a + b, 0));
    // Each row has sums of its own step and beam: their mean is the score.
    for (const [i, sum] of sums.entries()) expect(sum / 6).toBeCloseTo(beams.sequencesScores![i]!, 4);
    expect([...beams.sequencesScores!].sort((a, b) => b - a)).toEqual(beams.sequencesScores);
    const alone = await generate(model(), [[1, 2]], { maxNewTokens: 6, numBeams: 2 });
    expect(beams.sequencesScores![0]!).toBeGreaterThanOrEqual(alone.sequencesScores![0]! - 1e-6);
    expect(new Set(beams.sequences.map(String)).size).toBe(6);
  });
  it.each([true, false, 'never'] as const)('beams end with early stopping %s', async earlyStopping => {
    const { sequences } = await run({ maxNewTokens: 30, numBeams: 3, eosTokenId: [0, 1, 2], earlyStopping, stopWhen: ids => ids.length > 20 });
    expect(sequences[0]!.length).toBeLessThanOrEqual(32);
  });
  it('of rows that are no beams, scores are those of each step', async () => {
    const output = await run({ maxNewTokens: 3, outputScores: true });
    const [row] = computeTransitionScores(output) as [number[]];
    expect(row).toEqual(output.scores.map(([scores]) => Math.max(...scores!)));
    expect(() => computeTransitionScores({ ...output, beamIndices: [] })).toThrow('beamIndices must have a row for each of 1 texts, got 0');
    expect(() => computeTransitionScores({ ...output, scores: [] })).toThrow('scores must have a step at least: generate with outputScores');
  });
});

describe('refusals', () => {
  it.each<[GenerateOptions, string, (readonly (readonly number[])[])?]>([
    [{}, 'inputIds cannot be empty', []],
    [{}, 'inputIds cannot be empty', [[]]],
    [{}, 'inputIds must be rows of one length, padded on the left, got 1 and 2', [[1], [1, 2]]],
    [{}, 'inputIds must be token ids, got -1', [[-1]]],
    [{ maxNewTokens: 0 }, 'maxNewTokens must be positive, got 0'],
    [{ minNewTokens: -1 }, 'minNewTokens must be non-negative, got -1'],
    [{ attentionMask: [[1]] }, 'attentionMask must be rows of 0 and 1 as long as those of inputIds'],
    [{ attentionMask: [[1, 0]] }, 'attentionMask must end with 1: texts are padded on the left'],
    [{ numBeams: 2, numReturnSequences: 3 }, 'numReturnSequences must be in [1, 2], got 3'],
    [{ numBeams: 2, doSample: true }, 'beams are not drawn: doSample goes with numBeams 1'],
    [{ promptLookupNumTokens: 2, doSample: true }, 'proposed tokens go with one text, one beam, and no sampling'],
    [{ promptLookupNumTokens: 0 }, 'promptLookupNumTokens must be positive, got 0'],
    [{ assistantModel: model(), numAssistantTokens: 0 }, 'numAssistantTokens must be positive, got 0'],
    [{ earlyStopping: 'soon' as never }, 'earlyStopping must be one of'],
    [{ doSample: true, topP: 2 }, 'topP must be in [0, 1], got 2'],
    [{ doSample: true, uniforms: [0.5] }, 'uniforms must be as many as tokens are drawn, got 1'],
  ])('%# says what is wrong', async (options, message, inputIds = [[1, 2]]) => {
    await expect(run(options, inputIds)).rejects.toThrow(message);
  });
  it('a model that scores nothing is named', async () => {
    const silent: CausalLM<Cache> = { createCache: () => new Cache(), forward: () => ({}) };
    await expect(generate(silent, [[1]])).rejects.toThrow('this model scores no next token, and writes nothing');
  });
});
