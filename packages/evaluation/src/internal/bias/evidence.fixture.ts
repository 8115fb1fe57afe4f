/** What GTC answers to each call of `evidence/fairness.json`. */
import { sum } from '@gtc/tensor/statistics';
import type { Answer } from '@gtc/testing';
import * as b from '../../bias.js';

const METHODS = { between_groups: 'betweenGroups', to_overall: 'toOverall' } as const;
const NOTIONS = [
  'demographicParityDifference',
  'demographicParityRatio',
  'equalizedOddsDifference',
  'equalizedOddsRatio',
  'equalOpportunityDifference',
  'equalOpportunityRatio',
] as const;

/** By the `call` of the case. */
export const fairnessAnswers: Readonly<Record<string, Answer>> = {
  fairnessSuite: ((input: b.FairnessInput) => {
    const { byGroup, overall, groupMin, groupMax, difference, ratio, disparities } = b.fairnessSuite(input);
    return {
      byGroup,
      overall,
      groupMin,
      groupMax,
      equalizedOddsDifferenceMean: disparities.betweenGroups.equalizedOddsDifferenceMean,
      ...Object.fromEntries(
        Object.entries(METHODS).flatMap(([name, method]) => [
          [`difference_${name}`, difference[method]],
          [`ratio_${name}`, ratio[method]],
          ...NOTIONS.map(notion => [`${notion}_${name}`, disparities[method][notion]]),
        ]),
      ),
    };
  }) as never,
  reweighing: (({ labels, groups }: { labels: number[]; groups: string[] }) => {
    const weights = [...b.reweighing(labels, groups)];
    const rate = (name: string): number => {
      const own = weights.map((weight, i) => (groups[i] === name ? weight : 0));
      return sum(own.map((weight, i) => weight * labels[i]!)) / sum(own);
    };
    return { weights, weightedRates: Object.fromEntries([...new Set(groups)].map(name => [name, rate(name)])) };
  }) as never,
  groupCalibration: (({ labels, scores, groups, threshold }: { labels: number[]; scores: number[]; groups: string[]; threshold: number }) =>
    b.groupCalibration(labels, scores, groups, { threshold })) as never,
  generalizedEntropy: (({ labels, predictions }: { labels: number[]; predictions: number[] }) => b.generalizedEntropy(labels, predictions)) as never,
};
