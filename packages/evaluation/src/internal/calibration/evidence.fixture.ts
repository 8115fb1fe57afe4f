/** What GTC answers to each call of `evidence/calibration.json`. */
import { softmax } from '@gtc/tensor/statistics';
import type { Answer } from '@gtc/testing';
import * as c from '../../calibration.js';
import { brierScoreLoss, logLoss } from '../../metrics.js';

type Binary = { probabilities: number[]; labels: number[]; nBins?: number };
type Many = { logits: number[][]; labels: number[] };

const NORMS = ['l1', 'l2', 'max'] as const;

/** Errors by the names of a case: `<norm>_<bins>`. */
function errorsNamed(names: readonly string[], confidences: readonly number[], outcomes: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    names.flatMap(name => {
      const [norm, bins] = name.split('_') as [(typeof NORMS)[number], string];
      return NORMS.includes(norm) && bins !== undefined ? [[name, c.calibrationError(confidences, outcomes, { norm, nBins: Number(bins) })]] : [];
    }),
  );
}

/** By the `call` of the case. */
export const calibrationAnswers: Readonly<Record<string, Answer>> = {
  calculateEce: (({ probabilities, logits, labels, nBins = 15 }: Binary & Partial<Many>, { expect }: { expect?: object }) => {
    const names = Object.keys(expect ?? {});
    if (logits !== undefined) {
      const rows = logits.map(row => softmax(row));
      const { confidences, correct } = c.topLabel(rows, labels);
      return {
        ...errorsNamed(names, confidences, correct),
        adaptive_10: c.calibrationError(confidences, correct, { nBins: 10, binning: 'quantile' }),
        confidences,
        accuracies: correct,
        brierMulticlass: brierScoreLoss(labels, rows, { labels: rows[0]!.map((_, k) => k), scaleByHalf: false }),
        nll: logLoss(labels, rows, { labels: rows[0]!.map((_, k) => k) }),
      };
    }
    const l1 = c.calculateEce(probabilities, labels, { nBins });
    if (names.length < 2) return { l1 };
    return { ...errorsNamed(names, probabilities, labels), brier: c.calculateBrierScore(probabilities, labels), logLoss: logLoss(labels, probabilities) };
  }) as never,
  optimizeTemperature: (({ logits, labels }: Many) => {
    const scaling = c.temperatureScaling(logits, labels);
    const { confidences, correct } = c.topLabel(
      logits.map(row => softmax(row.map(z => z / scaling.temperature))),
      labels,
    );
    return { ...scaling, eceAfter_15: c.calibrationError(confidences, correct) };
  }) as never,
  computeReliabilityDiagram: (({ labels, probabilities, ...options }: Binary) => {
    const { binAccuracies, binConfidences } = c.reliabilityCurve(labels, probabilities, options);
    return { binAccuracies, binConfidences };
  }) as never,
  brierDecomposition: (({ probabilities, labels, ...options }: Binary) => c.brierDecomposition(probabilities, labels, options)) as never,
  plattScaling: (({ scores, labels }: { scores: number[]; labels: number[] }) => {
    const { a, b, predict } = c.plattScaling(scores, labels);
    return { a, b, probabilities: predict(scores) };
  }) as never,
  isotonicCalibration: (({ scores, labels, query }: { scores: number[]; labels: number[]; query: number[] }) => {
    const { xThresholds, yThresholds, predict } = c.isotonicRegression(labels, { x: scores, yMin: 0, yMax: 1 });
    return { xThresholds, yThresholds, predicted: predict(query) };
  }) as never,
  isotonicRegression: (({ y, ...options }: { y: number[] }) => ({ fitted: c.isotonicRegression(y, options).fitted })) as never,
  conformalSets: (({ calProbs, calLabels, alpha, testProbs }: { calProbs: number[][]; calLabels: number[]; alpha: number; testProbs: number[][] }) => {
    const { qhat, sets } = c.conformalSets(calProbs, calLabels, testProbs, { alpha });
    return { qhat, sets };
  }) as never,
  conformalAps: (({ calProbs, calLabels, alpha }: { calProbs: number[][]; calLabels: number[]; alpha: number }) =>
    c.conformalThreshold(calProbs, calLabels, { alpha, score: 'aps' })) as never,
  estimateUncertainty: (({ memberProbs }: { memberProbs: number[][][] }) => c.ensembleUncertainty(memberProbs)) as never,
};
