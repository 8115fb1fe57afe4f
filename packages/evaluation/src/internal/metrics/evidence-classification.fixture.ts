/** What GTC answers to each call of `evidence/classification.json`. */
import type { Answer } from '@gtc/testing';
import * as m from '../../metrics.js';

type Pair = { yTrue: number[]; yPred: number[] };

function suite({ yTrue, yPred }: Pair): Record<string, unknown> {
  const answer: Record<string, unknown> = {
    accuracy: m.accuracyScore(yTrue, yPred),
    accuracyCount: m.accuracyScore(yTrue, yPred, { normalize: false }),
    balancedAccuracy: m.balancedAccuracyScore(yTrue, yPred),
    balancedAccuracyAdjusted: m.balancedAccuracyScore(yTrue, yPred, { adjusted: true }),
    zeroOneLoss: m.zeroOneLoss(yTrue, yPred),
    hammingLoss: m.hammingLoss(yTrue, yPred),
    matthewsCorrcoef: m.matthewsCorrcoef(yTrue, yPred),
    cohenKappa: m.cohenKappaScore(yTrue, yPred),
    cohenKappaLinear: m.cohenKappaScore(yTrue, yPred, { weights: 'linear' }),
    cohenKappaQuadratic: m.cohenKappaScore(yTrue, yPred, { weights: 'quadratic' }),
    confusionMatrix: m.confusionMatrix(yTrue, yPred),
    labels: [...new Set([...yTrue, ...yPred])].sort((a, b) => a - b),
    confusionMatrixNormTrue: m.confusionMatrix(yTrue, yPred, { normalize: 'true' }),
    confusionMatrixNormPred: m.confusionMatrix(yTrue, yPred, { normalize: 'pred' }),
    confusionMatrixNormAll: m.confusionMatrix(yTrue, yPred, { normalize: 'all' }),
  };
  for (const average of ['micro', 'macro', 'weighted', null] as const) {
    for (const zeroDivision of [0, 1]) {
      const options = { average, zeroDivision };
      answer[`${average ?? 'none'}_zd${zeroDivision}`] = {
        ...m.precisionRecallFscoreSupport(yTrue, yPred, options),
        fbeta2: m.fbetaScore(yTrue, yPred, 2, options),
        fbeta05: m.fbetaScore(yTrue, yPred, 0.5, options),
        jaccard: m.jaccardScore(yTrue, yPred, options),
      };
    }
  }
  return answer;
}

function averageOf(average: string | undefined): m.Average {
  return average === 'none' ? null : ((average ?? 'binary') as m.Average);
}

function binaryScores({ yTrue, yScore }: { yTrue: number[]; yScore: number[] }): Record<string, unknown> {
  const clipped = yScore.map(score => Math.min(Math.max(score, 1e-6), 1 - 1e-6));
  const { fpr, tpr } = m.rocCurve(yTrue, yScore);
  return {
    rocAuc: m.rocAucScore(yTrue, yScore),
    rocAucMaxFpr02: m.rocAucScore(yTrue, yScore, { maxFpr: 0.2 }),
    averagePrecision: m.averagePrecisionScore(yTrue, yScore),
    rocCurve: m.rocCurve(yTrue, yScore),
    rocCurveFull: m.rocCurve(yTrue, yScore, { dropIntermediate: false }),
    precisionRecallCurve: m.precisionRecallCurve(yTrue, yScore),
    detCurve: m.detCurve(yTrue, yScore),
    brier: m.brierScoreLoss(yTrue, yScore),
    logLoss: m.logLoss(yTrue, clipped),
    auc: m.auc(fpr, tpr),
  };
}

function multiclass({ yTrue, yProb }: { yTrue: number[]; yProb: number[][] }): Record<string, unknown> {
  const area = (multiClass: 'ovr' | 'ovo', average: 'macro' | 'weighted' | 'micro'): number => m.rocAucScore(yTrue, yProb, { multiClass, average });
  return {
    rocAuc_ovr_macro: area('ovr', 'macro'),
    rocAuc_ovr_weighted: area('ovr', 'weighted'),
    rocAuc_ovo_macro: area('ovo', 'macro'),
    rocAuc_ovo_weighted: area('ovo', 'weighted'),
    rocAuc_ovr_micro: area('ovr', 'micro'),
    logLoss: m.logLoss(yTrue, yProb),
    top1: m.topKAccuracyScore(yTrue, yProb, { k: 1 }),
    top2: m.topKAccuracyScore(yTrue, yProb, { k: 2 }),
    top3Count: m.topKAccuracyScore(yTrue, yProb, { k: 3, normalize: false }),
    // The recorded hinge loss is of the logits; softmax leaves their differences: log p_i - log p_j.
    hinge: m.hingeLoss(
      yTrue,
      yProb.map(row => row.map(Math.log)),
    ),
    brierMulticlass: m.brierScoreLoss(yTrue, yProb),
    d2LogLoss: m.d2LogLossScore(yTrue, yProb),
  };
}

function multilabelScores({ yTrue, yScore }: { yTrue: number[][]; yScore: number[][] }): Record<string, unknown> {
  const precision = (average: 'micro' | 'macro' | 'weighted' | 'samples'): unknown => m.averagePrecisionScore(yTrue, yScore, { average });
  return {
    averagePrecision_micro: precision('micro'),
    averagePrecision_macro: precision('macro'),
    averagePrecision_weighted: precision('weighted'),
    averagePrecision_samples: precision('samples'),
    rocAucMicro: m.rocAucScore(yTrue, yScore, { average: 'micro' }),
    rocAucMacro: m.rocAucScore(yTrue, yScore, { average: 'macro' }),
    coverageError: m.coverageError(yTrue, yScore),
    lrap: m.labelRankingAveragePrecisionScore(yTrue, yScore),
    labelRankingLoss: m.labelRankingLoss(yTrue, yScore),
  };
}

/** By the `call` of the case. */
export const classificationAnswers: Readonly<Record<string, Answer>> = {
  classificationSuite: suite as never,
  precisionRecallFscore: (({ yTrue, yPred, average, ...rest }: Pair & { average?: string }) =>
    m.precisionRecallFscoreSupport(yTrue, yPred, { ...rest, average: averageOf(average) })) as never,
  weightedSuite: (({ yTrue, yPred, sampleWeight }: Pair & { sampleWeight: number[] }) => ({
    accuracy: m.accuracyScore(yTrue, yPred, { sampleWeight }),
    matthewsCorrcoef: m.matthewsCorrcoef(yTrue, yPred, { sampleWeight }),
    cohenKappa: m.cohenKappaScore(yTrue, yPred, { sampleWeight }),
    confusionMatrix: m.confusionMatrix(yTrue, yPred, { sampleWeight }),
    balancedAccuracy: m.balancedAccuracyScore(yTrue, yPred, { sampleWeight }),
  })) as never,
  classificationReport: (({ yTrue, yPred, digits }: Pair & { digits: number }) => {
    const data = m.classificationReportData(yTrue, yPred);
    const row = ({ precision, recall, f1, support }: m.ReportRow): object => ({ precision, recall, 'f1-score': f1, support });
    return {
      text: m.classificationReport(yTrue, yPred, { digits }),
      dict: { ...Object.fromEntries([...data.classes, ...data.averages].map(each => [each.name, row(each)])), accuracy: data.accuracy },
    };
  }) as never,
  multilabelSuite: (({ yTrue, yPred }: { yTrue: number[][]; yPred: number[][] }) => ({
    accuracy: m.accuracyScore(yTrue, yPred),
    hammingLoss: m.hammingLoss(yTrue, yPred),
    jaccardSamples: m.jaccardScore(yTrue, yPred, { average: 'samples' }),
    multilabelConfusionMatrix: m.multilabelConfusionMatrix(yTrue, yPred),
  })) as never,
  binaryScoreSuite: binaryScoresOf as never,
  rocAucScore: (({ yTrue, yScore, sampleWeight }: { yTrue: number[]; yScore: number[]; sampleWeight?: number[] }) => ({
    rocAuc: m.rocAucScore(yTrue, yScore, { sampleWeight }),
    averagePrecision: m.averagePrecisionScore(yTrue, yScore, { sampleWeight }),
  })) as never,
  multiclassProbSuite: multiclass as never,
  multilabelScoreSuite: multilabelScores as never,
  logLoss: (({ yTrue, yProb }: { yTrue: number[]; yProb: number[][] }) => ({ logLoss: m.logLoss(yTrue, yProb) })) as never,
  accuracyScore: (({ yTrue, yPred }: Pair) => m.accuracyScore(yTrue, yPred)) as never,
  f1Score: (({ yTrue, yPred, ...options }: Pair) => m.f1Score(yTrue, yPred, options)) as never,
  brierScore: (({ yTrue, yProb }: { yTrue: number[]; yProb: number[] }) => m.brierScoreLoss(yTrue, yProb)) as never,
};

/** A case asks for the curves or, where scores are all equal, for the areas only. */
function binaryScoresOf(input: { yTrue: number[]; yScore: number[] }, evidence: { expect?: object }): Record<string, unknown> {
  if (Object.keys(evidence.expect ?? {}).length > 2) return binaryScores(input);
  return { rocAuc: m.rocAucScore(input.yTrue, input.yScore), averagePrecision: m.averagePrecisionScore(input.yTrue, input.yScore) };
}
