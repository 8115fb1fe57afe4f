/** What GTC answers to each call of `evidence/ranking_clustering.json`. */
import type { Answer } from '@gtc/testing';
import * as m from '../../metrics.js';

type Labelled = { labelsTrue: number[]; labelsPred: number[] };
type Ranked = { yTrue: number[][]; yScore: number[][] };
type Clustered = { x: number[][]; labels: number[] };

const AVERAGES = ['arithmetic', 'geometric', 'min', 'max'] as const;

/** By the `call` of the case. */
export const rankingAnswers: Readonly<Record<string, Answer>> = {
  ndcgScore: (({ yTrue, yScore }: Ranked, { expect }: { expect?: object }) => {
    const ndcg = (options: m.NdcgOptions): number => m.ndcgScore(yTrue, yScore, options);
    const all: Record<string, () => number> = {
      ndcg: () => ndcg({}),
      ndcg_None: () => ndcg({}),
      ndcgIgnoreTies: () => ndcg({ ignoreTies: true }),
      dcg_None: () => m.dcgScore(yTrue, yScore),
      dcg_3: () => m.dcgScore(yTrue, yScore, { k: 3 }),
      dcgLog2e: () => m.dcgScore(yTrue, yScore, { logBase: Math.E }),
      ...Object.fromEntries([1, 2, 3, 5].map(k => [`ndcg_${k}`, () => ndcg({ k })])),
    };
    return Object.fromEntries(Object.keys(expect ?? { ndcg: 0 }).map(name => [name, all[name]!()]));
  }) as never,
  retrievalMetrics: (({ runs, relevant, k }: { runs: string[][]; relevant: string[][]; k: number }) => m.retrievalMetrics(runs, relevant, { k })) as never,
  clusteringSuite: (({ labelsTrue: a, labelsPred: b }: Labelled) => ({
    randScore: m.randScore(a, b),
    adjustedRand: m.adjustedRandScore(a, b),
    mutualInfo: m.mutualInfoScore(a, b),
    adjustedMutualInfo: Object.fromEntries(AVERAGES.map(averageMethod => [averageMethod, m.adjustedMutualInfoScore(a, b, { averageMethod })])),
    normalizedMutualInfo: Object.fromEntries(AVERAGES.map(averageMethod => [averageMethod, m.normalizedMutualInfoScore(a, b, { averageMethod })])),
    ...m.homogeneityCompletenessVMeasure(a, b),
    vMeasureBeta05: m.homogeneityCompletenessVMeasure(a, b, { beta: 0.5 }).vMeasure,
    fowlkesMallows: m.fowlkesMallowsScore(a, b),
    contingency: m.contingencyMatrix(a, b),
    pairConfusion: m.pairConfusionMatrix(a, b),
    entropyTrue: m.labelEntropy(a),
  })) as never,
  internalClusteringSuite: (({ x, labels }: Clustered) => ({
    silhouette: m.silhouetteScore(x, labels),
    silhouetteManhattan: m.silhouetteScore(x, labels, { metric: 'manhattan' }),
    silhouetteCosine: m.silhouetteScore(x, labels, { metric: 'cosine' }),
    silhouetteSamples: [...m.silhouetteSamples(x, labels)],
    calinskiHarabasz: m.calinskiHarabaszScore(x, labels),
    daviesBouldin: m.daviesBouldinScore(x, labels),
    inertia: m.inertia(x, labels),
  })) as never,
};
