/** What GTC answers to each call of `evidence/regression.json`. */
import type { Answer } from '@gtc/testing';
import * as m from '../../metrics.js';

type Suite = { yTrue: number[] | number[][]; yPred: number[] | number[][]; sampleWeight: number[] | null };

const METRICS = {
  meanSquaredError: m.meanSquaredError,
  rootMeanSquaredError: m.rootMeanSquaredError,
  meanAbsoluteError: m.meanAbsoluteError,
  medianAbsoluteError: m.medianAbsoluteError,
  meanAbsolutePercentageError: m.meanAbsolutePercentageError,
  r2Score: m.r2Score,
  explainedVariance: m.explainedVarianceScore,
} as const;

function multiOutput(yTrue: number[][], yPred: number[][]): Record<string, unknown> {
  const both = Object.entries(METRICS).map(
    ([name, metric]) => [name, { raw: metric(yTrue, yPred, { multioutput: 'rawValues' }), mean: metric(yTrue, yPred) }] as const,
  );
  const answer: Record<string, object> = Object.fromEntries(both);
  return { ...answer, r2Score: { ...answer['r2Score'], varianceWeighted: m.r2Score(yTrue, yPred, { multioutput: 'varianceWeighted' }) } };
}

/** Metrics with a narrower domain are computed where the case expects them, and where it expects a refusal. */
function singleOutput(yTrue: number[], yPred: number[], sampleWeight: number[] | null, wanted: object | undefined): Record<string, unknown> {
  const asks = (name: string): boolean => wanted === undefined || name in wanted;
  const answer: Record<string, unknown> = Object.fromEntries(Object.entries(METRICS).map(([name, metric]) => [name, metric(yTrue, yPred, { sampleWeight })]));
  answer['maxError'] = m.maxError(yTrue, yPred);
  answer['d2AbsoluteError'] = m.d2AbsoluteErrorScore(yTrue, yPred, { sampleWeight });
  for (const alpha of [0.1, 0.5, 0.9]) {
    answer[`pinball_${alpha}`] = m.meanPinballLoss(yTrue, yPred, { alpha, sampleWeight });
    answer[`d2Pinball_${alpha}`] = m.d2PinballScore(yTrue, yPred, { alpha, sampleWeight });
  }
  if (asks('meanSquaredLogError')) answer['meanSquaredLogError'] = m.meanSquaredLogError(yTrue, yPred, { sampleWeight });
  for (const power of [0, 1, 2, 1.5, 3])
    if (asks(`tweedie_${power}`)) answer[`tweedie_${power}`] = m.meanTweedieDeviance(yTrue, yPred, { power, sampleWeight });
  if (asks('d2Tweedie_1')) answer['d2Tweedie_1'] = m.d2TweedieScore(yTrue, yPred, { power: 1, sampleWeight });
  return answer;
}

const pair = ({ statistic, pvalue }: m.Correlation): number[] => [statistic, pvalue];

/** By the `call` of the case. */
export const regressionAnswers: Readonly<Record<string, Answer>> = {
  regressionSuite: (({ yTrue, yPred, sampleWeight }: Suite, { expect }: { expect?: object }) =>
    Array.isArray(yTrue[0])
      ? multiOutput(yTrue as number[][], yPred as number[][])
      : singleOutput(yTrue as number[], yPred as number[], sampleWeight, expect)) as never,
  correlationSuite: (({ x, y }: { x: number[]; y: number[] }) => ({
    pearson: pair(m.pearsonr(x, y)),
    spearman: pair(m.spearmanr(x, y)),
    kendall: pair(m.kendalltau(x, y)),
    kendallC: pair(m.kendalltau(x, y, { variant: 'c' })),
    smape: m.symmetricMeanAbsolutePercentageError(x, y),
    weightedTau: m.weightedtau(x, y),
    somersD: m.somersd(x, y),
  })) as never,
  pearson: (({ x, y }: { x: number[]; y: number[] }) => m.pearsonr(x, y)) as never,
  r2Score: (({ yTrue, yPred, ...options }: { yTrue: number[][]; yPred: number[][] }) => ({ value: m.r2Score(yTrue, yPred, options) })) as never,
};
