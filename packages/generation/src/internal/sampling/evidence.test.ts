import { evidenceCases } from '@gtc/testing';
import { describe, it } from 'vitest';
import * as sampling from '../../sampling.js';

interface Given {
  readonly inputIds: readonly number[][];
  readonly scores: readonly number[][];
  readonly encoderInputIds: readonly number[][];
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly typicalP: number;
  readonly epsilon: number;
  readonly topH: number;
  readonly penalty: number;
  readonly ngramSize: number;
  readonly badWordsIds: readonly number[][];
  readonly sequenceBias: readonly [number[], number][];
  readonly suppressTokens: readonly number[];
  readonly beginIndex: number;
  readonly minLength: number;
  readonly maxLength: number;
  readonly minNewTokens: number;
  readonly promptLength: number;
  readonly bosTokenId: number;
  readonly eosTokenId: number;
  readonly start: number;
  readonly factor: number;
  readonly allowed: readonly number[][];
  readonly greenlistRatio: number;
  readonly bias: number;
  readonly guidanceScale: number;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  readonly minTokensToKeep?: number;
  readonly promptIgnoreLength?: number;
}

const lists = (rows: readonly ArrayLike<number>[]): number[][] => rows.map(row => Array.from(row));

function run(given: Given, ...processors: sampling.LogitsProcessor[]): { readonly scores: number[][] } {
  const { scores, inputIds } = given;
  if (scores === undefined) return { scores: [] };
  return { scores: lists(scores.map((each, row) => sampling.processLogits(Float32Array.from(each), processors, { history: inputIds[row]!, row }))) };
}

const singly =
  (make: (given: Given) => sampling.LogitsProcessor) =>
  (given: Given): unknown =>
    run(given, make(given));

const chain = (given: Given): unknown => {
  const { scores } = run(
    given,
    sampling.repetitionPenaltyProcessor(1.3),
    sampling.noRepeatNgramProcessor(2),
    sampling.temperatureWarper(0.8),
    sampling.topKWarper(10),
    sampling.topPWarper(0.9),
    sampling.typicalWarper(0.9),
  );
  return { scores, probs: lists(scores.map(row => sampling.softmaxOf(row))) };
};

const answers = {
  temperatureWarper: singly(({ temperature }) => sampling.temperatureWarper(temperature)),
  topKWarper: singly(given => sampling.topKWarper(given.topK, given)),
  topPWarper: singly(given => sampling.topPWarper(given.topP, given)),
  minPWarper: singly(given => sampling.minPWarper(given.minP, given)),
  typicalWarper: singly(({ typicalP }) => sampling.typicalWarper(typicalP)),
  epsilonWarper: singly(({ epsilon }) => sampling.epsilonWarper(epsilon)),
  etaWarper: singly(({ epsilon }) => sampling.etaWarper(epsilon)),
  topHWarper: singly(({ topH }) => sampling.topHWarper(topH)),
  repetitionPenaltyProcessor: singly(given => sampling.repetitionPenaltyProcessor(given.penalty, given)),
  encoderRepetitionPenaltyProcessor: singly(given => sampling.encoderRepetitionPenaltyProcessor(given.penalty, given.encoderInputIds)),
  noRepeatNgramProcessor: singly(({ ngramSize }) => sampling.noRepeatNgramProcessor(ngramSize)),
  encoderNoRepeatNgramProcessor: singly(given => sampling.encoderNoRepeatNgramProcessor(given.ngramSize, given.encoderInputIds)),
  noBadWordsProcessor: singly(({ badWordsIds }) => sampling.noBadWordsProcessor(badWordsIds, { eosTokenId: 0 })),
  sequenceBiasProcessor: singly(({ sequenceBias }) => sampling.sequenceBiasProcessor(sequenceBias)),
  suppressTokensProcessor: singly(({ suppressTokens }) => sampling.suppressTokensProcessor(suppressTokens)),
  suppressTokensAtBeginProcessor: singly(({ suppressTokens, beginIndex }) => sampling.suppressTokensAtBeginProcessor(suppressTokens, beginIndex)),
  minLengthProcessor: singly(({ minLength, eosTokenId }) => sampling.minLengthProcessor(minLength, eosTokenId)),
  minNewTokensProcessor: singly(({ promptLength, minNewTokens, eosTokenId }) => sampling.minNewTokensProcessor(promptLength, minNewTokens, eosTokenId)),
  forcedBosProcessor: singly(({ bosTokenId }) => sampling.forcedBosProcessor(bosTokenId)),
  forcedEosProcessor: singly(({ maxLength, eosTokenId }) => sampling.forcedEosProcessor(maxLength, eosTokenId)),
  infNanRemoveProcessor: singly(() => sampling.infNanRemoveProcessor()),
  exponentialDecayLengthPenaltyProcessor: singly(given => sampling.exponentialDecayLengthPenaltyProcessor(given)),
  logitNormalization: ({ scores }: Given) => ({ scores: lists(scores.map(row => sampling.logSoftmaxOf(row))) }),
  prefixConstrainedProcessor: singly(({ allowed }) => sampling.prefixConstrainedProcessor(row => allowed[row]!)),
  classifierFreeGuidanceProcessor: ({ scores, guidanceScale }: Given) => {
    const half = scores.length / 2;
    const rows = scores.slice(0, half).map((row, i) => {
      const [conditional, unconditional] = [row, scores[half + i]!].map(each => Float32Array.from(each));
      return sampling.classifierFreeGuidance(conditional!, unconditional!, guidanceScale);
    });
    return { scores: lists(rows) };
  },
  watermarkGreenlist: singly(({ bias, greenlistRatio, scores }) =>
    sampling.greenListProcessor(bias, sampling.leftHashGreenList(scores[0]!.length, greenlistRatio)),
  ),
  logitsProcessorChain: chain,
  presenceFrequencyPenalty: singly(given => sampling.presenceFrequencyProcessor(given)),
  calculateEntropy: ({ scores }: Given) => {
    const entropyNats = scores.map(row => sampling.entropyOfScores(row));
    return {
      probs: lists(scores.map(row => sampling.softmaxOf(row))),
      entropyNats,
      exp: entropyNats.map(Math.exp),
      topPCount09: scores.map(row => sampling.effectiveVocabulary(row, 0.9)),
    };
  },
};

describe('evidence: logits_processors', () => {
  it.each(evidenceCases('generation/logits_processors', answers as never, import.meta.url, '../../../evidence/logits_processors.json'))('$name', c => c.run());
});
