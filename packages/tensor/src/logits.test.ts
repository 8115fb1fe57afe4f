import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as logits from './logits.js';

const { NEGATIVE_INFINITY: NO, NaN: NONE, POSITIVE_INFINITY: MORE } = Number;
const row = (...values: number[]): Float32Array => Float32Array.from(values);
const rows = fc
  .array(
    fc.integer({ min: -80, max: 80 }).map(value => value / 8),
    { minLength: 1, maxLength: 60 },
  )
  .map(values => Float32Array.from(values));
const keptOf = (scores: Float32Array): number[] => [...scores.keys()].filter(id => scores[id] !== NO);
const run = (scores: Float32Array, ...processors: logits.LogitsProcessor[]): Float32Array => logits.processLogits(scores, processors, { history: [1, 0, 1] });

describe('rows', () => {
  it('probabilities add up to one, their logarithms are those of them', () => {
    fc.assert(
      fc.property(rows, scores => {
        const [p, logs] = [logits.softmaxOf(scores), logits.logSoftmaxOf(scores)];
        expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        expect(Math.max(...p.map((value, i) => Math.abs(Math.exp(logs[i]!) - value)))).toBeLessThan(1e-5);
        return logits.entropyOfScores(scores) <= Math.log(scores.length) + 1e-5;
      }),
    );
  });
  it('the greatest k are those of a sort', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (scores, n) => {
        const k = 1 + (n % scores.length);
        const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, k);
        expect([...logits.topKOf(scores, k).ids]).toEqual(order);
        expect([...logits.topKOf(scores, k).values]).toEqual(order.map(id => scores[id]));
      }),
    );
  });
  it('draws are as frequent as likely', () => {
    const scores = row(0, Math.log(2), NO, Math.log(5));
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 800; i++) counts[logits.drawToken(scores, i / 800)]!++;
    expect(counts).toEqual([100, 200, 0, 500]);
    expect(logits.drawToken(row(0, NO), 1 - 2 ** -53)).toBe(0);
  });
  it('the effective vocabulary is what a mass needs', () => {
    expect([0.1, 0.5, 0.9].map(mass => logits.effectiveVocabulary(row(5, 5, 5, 5), mass))).toEqual([1, 2, 4]);
  });
});

describe('warpers', () => {
  const warpers: readonly (readonly [string, logits.LogitsProcessor])[] = [
    ['topK', logits.topKWarper(4)],
    ['topP', logits.topPWarper(0.7)],
    ['minP', logits.minPWarper(0.2)],
    ['typical', logits.typicalWarper(0.6)],
    ['epsilon', logits.epsilonWarper(0.05)],
    ['eta', logits.etaWarper(0.05)],
    ['topH', logits.topHWarper(0.5)],
  ];
  it.each(warpers)('%s leaves a token at least, and those that stay as they are', (_, warper) => {
    fc.assert(
      fc.property(rows, scores => {
        const cut = run(scores, warper);
        return keptOf(cut).length > 0 && keptOf(cut).every(id => cut[id] === scores[id]);
      }),
    );
  });
  it.each(['topK', 'topP', 'minP', 'epsilon', 'topH'].map(name => [name, warpers.find(([each]) => each === name)![1]] as const))(
    '%s keeps what is likelier than what it keeps',
    (_, warper) => {
      fc.assert(
        fc.property(rows, scores => {
          const kept = keptOf(run(scores, warper));
          const least = Math.min(...kept.map(id => scores[id]!));
          return [...scores].every((score, id) => score <= least || kept.includes(id));
        }),
      );
    },
  );
  it.each([
    ['topK', () => logits.topKWarper(1, { minTokensToKeep: 3 })],
    ['topP', () => logits.topPWarper(0.01, { minTokensToKeep: 3 })],
    ['minP', () => logits.minPWarper(1, { minTokensToKeep: 3 })],
    ['typical', () => logits.typicalWarper(0.01, { minTokensToKeep: 3 })],
    ['epsilon', () => logits.epsilonWarper(0.99, { minTokensToKeep: 3 })],
    ['eta', () => logits.etaWarper(0.99, { minTokensToKeep: 3 })],
  ])('%s keeps as many as it is told to', (_, make) => {
    expect(keptOf(run(row(9, 1, 2, 3, 4), make()))).toHaveLength(3);
    expect(keptOf(run(row(9, 1), make()))).toHaveLength(2);
  });
  it('a temperature divides', () => {
    expect(run(row(1, -2), logits.temperatureWarper(0.5))).toEqual(row(2, -4));
  });
});

describe('processors', () => {
  const scores = row(2, -1, 3, 0.5);
  it.each<[string, logits.LogitsProcessor, number[], Float32Array]>([
    ['a repetition', logits.repetitionPenaltyProcessor(2), [0, 1, 0], row(1, -2, 3, 0.5)],
    ['one after the prompt', logits.repetitionPenaltyProcessor(2, { promptIgnoreLength: 1 }), [0, 1], row(2, -2, 3, 0.5)],
    ['what the encoder read', logits.encoderRepetitionPenaltyProcessor(2, [[0, 1]]), [], row(4, -0.5, 3, 0.5)],
    ['presence and frequency', logits.presenceFrequencyProcessor({ presencePenalty: 1, frequencyPenalty: 0.5 }), [0, 0, 2], row(0, -1, 1.5, 0.5)],
    ['a pair', logits.noRepeatNgramProcessor(2), [0, 1, 2, 0], row(2, NO, 3, 0.5)],
    ['a pair of the encoder', logits.encoderNoRepeatNgramProcessor(2, [[3, 2, 3, 0]]), [1, 3], row(NO, -1, NO, 0.5)],
    ['bad words', logits.noBadWordsProcessor([[2], [1, 3], [3, 3, 3]]), [1], row(2, -1, NO, NO)],
    ['bad words that end', logits.noBadWordsProcessor([[2], [3]], { eosTokenId: 2 }), [1], row(2, -1, 3, NO)],
    ['a bias', logits.sequenceBiasProcessor([[[1, 0], -4]]), [1], row(-2, -1, 3, 0.5)],
    ['tokens at the start', logits.suppressTokensAtBeginProcessor([0], 2), [1, 1], row(NO, -1, 3, 0.5)],
    ['tokens after the start', logits.suppressTokensAtBeginProcessor([0], 2), [1], scores],
    ['an early end', logits.minNewTokensProcessor(1, 2, [0, 3]), [1, 1], row(NO, -1, 3, NO)],
    ['an end in time', logits.minNewTokensProcessor(1, 2, 0), [1, 1, 1], scores],
    ['a first token', logits.forcedBosProcessor(1), [5], row(NO, 0, NO, NO)],
    ['a last token', logits.forcedEosProcessor(3, 2), [5, 5], row(NO, NO, 0, NO)],
    ['a late end', logits.exponentialDecayLengthPenaltyProcessor({ start: 1, factor: 2, eosTokenId: [1, 3], promptLength: 1 }), [0, 0, 0, 0], row(2, 2, 3, 2)],
    ['what is allowed', logits.prefixConstrainedProcessor((_, history) => [history.length]), [0, 0], row(NO, NO, 3, NO)],
    ['a green list', logits.greenListProcessor(1, history => [history[0]!]), [3], row(2, -1, 3, 1.5)],
  ])('%s', (_, processor, history, expected) => {
    expect(logits.processLogits(scores, [processor], { history })).toEqual(expected);
  });
  it('green lists by the token before are a share of the vocabulary, the same for the same token', () => {
    const list = logits.leftHashGreenList(100, 0.25);
    const [a, b, c] = [[7], [3, 7], [8]].map(history => [...list(history)]);
    expect(a).toHaveLength(25);
    expect(new Set(a).size).toBe(25);
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
    expect([...logits.leftHashGreenList(100, 0.25, { hashingKey: 5 })([7])]).not.toEqual(a);
  });
  it('guidance goes beyond the condition', () => {
    expect(logits.classifierFreeGuidance(row(1, 2), row(0, 3), 2)).toEqual(row(2, 1));
  });
  it('work where there is less than they need', () => {
    const scores = row(1, 2);
    for (const processor of [
      logits.noRepeatNgramProcessor(5),
      logits.noBadWordsProcessor([[1]], { eosTokenId: 1 }),
      logits.minLengthProcessor(3, 0),
      logits.forcedEosProcessor(9, 0),
      logits.forcedBosProcessor(0),
      logits.suppressTokensProcessor([7]),
      logits.exponentialDecayLengthPenaltyProcessor({ start: 3, factor: 2, eosTokenId: 0 }),
      logits.sequenceBiasProcessor([[[0, 0, 0, 0, 1], 3]]),
      logits.presenceFrequencyProcessor(),
    ])
      expect(run(scores, processor)).toEqual(scores);
    expect(logits.leftHashGreenList(9, 0.5)([])).toHaveLength(0);
  });
  it('ids beyond the scores are left alone', () => {
    const history = [9, 9];
    for (const processor of [
      logits.repetitionPenaltyProcessor(2),
      logits.presenceFrequencyProcessor({ presencePenalty: 1 }),
      logits.noRepeatNgramProcessor(1),
      logits.greenListProcessor(1, () => [5]),
      logits.exponentialDecayLengthPenaltyProcessor({ start: 0, factor: 2, eosTokenId: 8 }),
    ])
      expect(logits.processLogits(row(1, 2), [processor], { history })).toEqual(row(1, 2));
    expect(logits.processLogits(row(1, 2), [logits.forcedEosProcessor(3, [0, 8])], { history })).toEqual(row(0, NO));
  });
  it('a sequence that is biased twice has its last bias', () => {
    expect(
      run(
        row(0, 0),
        logits.sequenceBiasProcessor([
          [[0], 1],
          [[0], 2],
          [[0, 1, 1], 5],
        ]),
      ),
    ).toEqual(row(2, 5));
  });
  it('numbers that are none become numbers', () => {
    expect(run(row(NONE, MORE, NO, 1), logits.infNanRemoveProcessor())).toEqual(row(0, 3.4028234663852886e38, -3.4028234663852886e38, 1));
  });
  it('the history is not touched', () => {
    const scores = row(1, 2, 3);
    run(scores, logits.topKWarper(1), logits.temperatureWarper(3));
    expect(scores).toEqual(row(1, 2, 3));
  });
});

describe('refusals', () => {
  it.each<[() => unknown, string]>([
    [() => logits.temperatureWarper(0), 'temperature must be'],
    [() => logits.topKWarper(1.5), 'topK must be an integer'],
    [() => logits.topKWarper(1, { minTokensToKeep: 0 }), 'minTokensToKeep must be positive, got 0'],
    [() => logits.topPWarper(-0.1), 'topP must be in [0, 1], got -0.1'],
    [() => logits.minPWarper(1.1), 'minP must be in [0, 1], got 1.1'],
    [() => logits.typicalWarper(0), 'mass must be in (0, 1), got 0'],
    [() => logits.epsilonWarper(1), 'epsilon must be in (0, 1), got 1'],
    [() => logits.etaWarper(0), 'epsilon must be in (0, 1), got 0'],
    [() => logits.topHWarper(0), 'topH must be in (0, 1], got 0'],
    [() => logits.repetitionPenaltyProcessor(-1), 'penalty must be'],
    [() => logits.repetitionPenaltyProcessor(1, { promptIgnoreLength: -1 }), 'promptIgnoreLength must be non-negative'],
    [() => logits.presenceFrequencyProcessor({ presencePenalty: 3 }), 'presencePenalty must be in [-2, 2], got 3'],
    [() => logits.suppressTokensProcessor([]), 'suppressTokens cannot be empty'],
    [() => logits.suppressTokensProcessor([-1]), 'suppressTokens must be token ids, got -1'],
    [() => logits.sequenceBiasProcessor([[[], 1]]), 'sequenceBias cannot be empty'],
    [() => run(row(1), logits.sequenceBiasProcessor([[[4], 1]])), 'sequenceBias must be of tokens below 1, got 4'],
    [
      () =>
        run(
          row(1),
          logits.prefixConstrainedProcessor(() => []),
        ),
      'allowed must name a token at least, got none for row 0',
    ],
    [() => logits.classifierFreeGuidance(row(1), row(1), 1), 'guidanceScale must be'],
    [() => logits.classifierFreeGuidance(row(1), row(1, 2), 2), 'conditional'],
    [() => logits.classifierFreeGuidance(row(), row(), 2), 'conditional must have a score at least'],
    [() => logits.drawToken(row(1), 1), 'uniform must be in [0, 1), got 1'],
    [() => logits.drawToken(row(NO, NONE), 0), 'scores must leave a token; all of them are -Infinity or NaN'],
    [() => logits.softmaxOf([]), 'scores.length must be positive'],
    [() => logits.logSoftmaxOf([]), 'scores.length must be positive'],
    [() => logits.topKOf([1, 2], 3), 'k must be in [1, 2], got 3'],
    [() => logits.effectiveVocabulary([1], 1), 'mass must be in (0, 1), got 1'],
    [() => logits.leftHashGreenList(0, 0.5), 'vocabSize must be positive, got 0'],
    [() => logits.greenListProcessor(MORE, () => []), 'bias must be'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
