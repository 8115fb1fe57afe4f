import { describe, expect, it } from 'vitest';
import * as metrics from './metrics.js';

describe('refusals', () => {
  it.each([
    [() => metrics.f1Score([0, 1], [0]), 'yTrue and yPred must have the same length, got 2 and 1'],
    [() => metrics.f1Score([], []), 'yTrue cannot be empty'],
    [() => metrics.f1Score(null as never, []), 'yTrue cannot be null'],
    [() => metrics.f1Score([Number.NaN, 1], [1, 1]), 'yTrue must not contain NaN, found one at index 0'],
    [() => metrics.f1Score([0, 1, 2], [0, 1, 2]), "average 'binary' needs at most two classes, found 3"],
    [() => metrics.f1Score([0, 1], [0, 1], { posLabel: 7 }), 'posLabel must be one of 0, 1, got 7'],
    [
      () => metrics.f1Score([0, 1], [0, 1], { average: 'median' as never }),
      "average must be one of binary, macro, micro, null, samples, weighted, got 'median'",
    ],
    [() => metrics.f1Score([[0, 1]], [[0, 1]]), "average must be another than 'binary' for multilabel targets"],
    [() => metrics.f1Score([0, 1], [0, 1], { average: 'samples' }), "average 'samples' needs multilabel targets"],
    [() => metrics.f1Score([[0, 2]], [[0, 1]], { average: 'micro' }), 'yTrue must be one of 0, 1, got 2'],
    [
      () =>
        metrics.f1Score(
          [[0, 1], [1]],
          [
            [0, 1],
            [1, 0],
          ],
          { average: 'micro' },
        ),
      'yTrue must have 2 columns in every row, got 1 in row 1',
    ],
    [() => metrics.fbetaScore([0, 1], [0, 1], -1), 'beta must be non-negative, got -1'],
    [() => metrics.accuracyScore([0, 1], [0, 1], { sampleWeight: [1] }), 'sampleWeight must have length 2, got 1'],
    [() => metrics.accuracyScore([0, 1], [0, 1], { sampleWeight: [1, Number.NaN] }), 'sampleWeight must be finite, got NaN at index 1'],
    [() => metrics.confusionMatrix([0, 1], [0, 1], { labels: [5] }), 'labels must contain a label that occurs in yTrue or yPred'],
    [() => metrics.confusionMatrix([0, 1], [0, 1], { normalize: 'rows' as never }), "normalize must be one of all, pred, true, got 'rows'"],
    [() => metrics.cohenKappaScore([0, 1], [0, 1], { weights: 'cubic' as never }), "weights must be one of linear, null, quadratic, got 'cubic'"],
    [() => metrics.classificationReport([0, 1], [0, 1], { targetNames: ['a'] }), 'targetNames must have length 2, got 1'],
    [() => metrics.classificationReport([0, 1], [0, 1], { digits: -1 }), 'digits must be non-negative, got -1'],
    [() => metrics.rocAucScore([0, 1], [Number.NaN, 0]), 'yScore must be finite, got NaN at index 0'],
    [() => metrics.rocAucScore([0, 1, 2], [0, 1, 2]), 'yTrue must have at most two classes, found more'],
    [() => metrics.rocAucScore(['a', 'b'], [0, 1]), "posLabel must be given for classes 'a', 'b'"],
    [() => metrics.rocAucScore([0, 1], [0, 1], { maxFpr: 0 }), 'maxFpr must be in (0, 1], got 0'],
    [
      () =>
        metrics.rocAucScore(
          [0, 1, 2],
          [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
          ],
        ),
      "multiClass must be 'ovr' or 'ovo' for scores of several classes",
    ],
    [
      () =>
        metrics.rocAucScore(
          [0, 1, 2],
          [
            [1, 0],
            [0, 1],
            [0, 1],
          ],
          { multiClass: 'ovr' },
        ),
      'yScore must have 3 columns, one for each class, got 2 in row 0',
    ],
    [
      () =>
        metrics.rocAucScore(
          [0, 1, 2],
          [
            [1, 1, 1],
            [0, 1, 0],
            [0, 0, 1],
          ],
          { multiClass: 'ovr' },
        ),
      'yScore must sum to 1 in every row, got 3 in row 0',
    ],
    [() => metrics.rocAucScore([[0, 1]], [[0, 1, 2]]), 'yScore must have 2 columns in every row, got 3 in row 0'],
    [() => metrics.detCurve([1, 1], [0, 1]), 'yTrue must have two classes, found one'],
    [() => metrics.auc([0], [1]), 'x must have at least 2 points, got 1'],
    [() => metrics.auc([0, 2, 1], [0, 1, 2]), 'x must be monotonic'],
    [
      () =>
        metrics.topKAccuracyScore(
          [0, 5],
          [
            [1, 0],
            [0, 1],
          ],
          { labels: [0, 1] },
        ),
      "labels must contain every label of yTrue, '5' is missing",
    ],
    [
      () =>
        metrics.topKAccuracyScore(
          [0, 1],
          [
            [1, 0],
            [0, 1],
          ],
          { k: 0 },
        ),
      'k must be positive, got 0',
    ],
    [() => metrics.coverageError([[0, 1]], [[1, 2, 3]]), 'yScore must have 2 columns in every row, got 3 in row 0'],
    [() => metrics.brierScoreLoss([0, 1], [0.2, 1.4]), 'yProb must be in [0, 1], got 1.4'],
    [() => metrics.logLoss([1, 1], [0.2, 0.4]), 'yTrue has one class only: give all classes as labels'],
    [() => metrics.logLoss([0, 3], [0.2, 0.4], { labels: [0, 1] }), "labels must contain every label of yTrue, '3' is missing"],
    [
      () =>
        metrics.logLoss(
          [0, 1],
          [
            [0.2, 0.3, 0.5],
            [1, 0, 0],
          ],
        ),
      'yProb must have 2 columns, one for each class, got 3 in row 0',
    ],
    [() => metrics.hingeLoss([0, 1, 2], [0, 1, 2]), 'predDecision must have 3 columns for 3 classes'],
    [
      () =>
        metrics.hingeLoss(
          [0, 1, 2],
          [
            [0, 1],
            [0, 1],
            [0, 1],
          ],
        ),
      'predDecision must have 3 columns, got 2 in row 0',
    ],
    [() => metrics.meanSquaredError([1, Number.NaN], [1, 2]), 'yTrue must be finite, got NaN at index 1'],
    [() => metrics.meanSquaredError(Float64Array.of(Number.NaN), Float64Array.of(1)), 'yTrue must be finite, got NaN at index 0'],
    [
      () =>
        metrics.meanSquaredError(
          [[1, 2], [3]],
          [
            [1, 2],
            [3, 4],
          ],
        ),
      'yTrue must have 2 outputs in every row, got 1 in row 1',
    ],
    [() => metrics.meanSquaredError([[1, 2]], [1]), 'yPred must have 2 outputs, got 1'],
    [() => metrics.meanSquaredError([[1, 2]], [[1, 2]], { multioutput: [1] }), 'outputs and multioutput must have the same length, got 2 and 1'],
    [
      () => metrics.meanSquaredError([1], [1], { multioutput: 'varianceWeighted' }),
      "multioutput must be one of rawValues, uniformAverage, got 'varianceWeighted'",
    ],
    [() => metrics.meanSquaredLogError([1, -1], [1, 1]), 'yTrue must be greater than -1, got -1'],
    [() => metrics.meanPinballLoss([1], [1], { alpha: 2 }), 'alpha must be in [0, 1], got 2'],
    [() => metrics.meanTweedieDeviance([1], [1], { power: 0.5 }), 'power must not lie between 0 and 1, got 0.5'],
    [() => metrics.meanTweedieDeviance([0], [1], { power: 2 }), 'yTrue must be positive for power 2, got 0'],
    [() => metrics.meanTweedieDeviance([1], [0], { power: 1 }), 'yPred must be positive for power 1, got 0'],
    [() => metrics.meanTweedieDeviance([-1], [1], { power: 1 }), 'yTrue must be non-negative for power 1, got -1'],
    [() => metrics.pearsonr([1], [1]), 'x must have at least 2 values, got 1'],
    [() => metrics.kendalltau([1, 2], [1, 2], { variant: 'd' as never }), "variant must be one of b, c, got 'd'"],
    [() => metrics.corpusBleu([], [[]]), 'hypotheses cannot be empty'],
    [() => metrics.corpusBleu(['a'], []), 'references cannot be empty'],
    [() => metrics.corpusBleu(['a'], [['a', 'b']]), 'references[0] must have 1 segments, got 2'],
    [() => metrics.corpusBleu(['a'], [['a']], { tokenize: '13b' as never }), "unknown tokenizer '13b'; did you mean '13a'?"],
    [() => metrics.corpusBleu(['a'], [['a']], { smoothMethod: 'log' as never }), "smoothMethod must be one of add-k, exp, floor, none, got 'log'"],
    [() => metrics.corpusBleu(['a'], [['a']], { maxNgramOrder: 0 }), 'maxNgramOrder must be positive, got 0'],
    [() => metrics.corpusChrf(['a'], [['a']], { beta: 0 }), 'beta must be positive, got 0'],
    [() => metrics.rougeScore('a', 'a', { types: ['rouge0' as never] }), "types must be rouge1 to rouge9, rougeL or rougeLsum, got 'rouge0'"],
    [() => metrics.porterStem('a', 'snowball' as never), "mode must be one of nltk, original, got 'snowball'"],
    [() => metrics.wordErrorRate(['a'], ['a', 'b']), 'references and hypotheses must have the same length, got 1 and 2'],
    [() => metrics.wordErrorRate([], []), 'references cannot be empty'],
    [() => metrics.characterErrorRate('ab'.repeat(8000), 'cd'.repeat(8000)), 'split the segment'],
    [() => metrics.meteorScore([], ['a']), 'references cannot be empty'],
    [() => metrics.calculateBleu(['a'], [[]]), 'references[0] cannot be empty'],
    [() => metrics.createComputeMetricsFn()({ predictions: [[]], labelIds: [0] }), 'predictions must have a score for each class, got []'],
    [() => metrics.createComputeMetricsFn()({ predictions: [], labelIds: [0] }), 'predictions and labelIds must have the same length, got 0 and 1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

describe('corners', () => {
  it('handles scores by the hundred thousand as by the dozen, ties and signs included', () => {
    const n = 5000;
    const scores = Float64Array.from({ length: n }, (_, i) => (i % 7 === 0 ? Math.sin(i) : Math.round(100 * Math.sin(i)) / 100));
    const targets = Array.from({ length: n }, (_, i) => Number(Math.cos(i * i) > 0));
    const sample = (step: number): number =>
      metrics.rocAucScore(
        targets.filter((_, i) => i % step === 0),
        scores.filter((_, i) => i % step === 0),
      );
    const positives = Array.from(scores)
      .filter((_, i) => targets[i] === 1)
      .sort((a, b) => a - b);
    const negatives = Array.from(scores).filter((_, i) => targets[i] === 0);
    const ordered = negatives.reduce((sum, b) => sum + positives.filter(a => a > b).length + positives.filter(a => a === b).length / 2, 0);
    expect(sample(1)).toBeCloseTo(ordered / (positives.length * negatives.length), 12);
    expect(sample(3)).toBeGreaterThan(0);
  });
  it('orders doubles whose high halves agree', () => {
    const n = 4000;
    const scores = Float64Array.from({ length: n }, (_, i) => 1 + ((i * 7919) % n) * Number.EPSILON);
    expect(
      metrics.rocAucScore(
        Array.from(scores, score => score > 1 + 1999 * Number.EPSILON),
        scores,
      ),
    ).toBe(1);
    const pairs = Float64Array.from({ length: n }, (_, i) => Math.floor(i / 2) + 1 + (i % 2) * 1e-12);
    expect(
      metrics.rocAucScore(
        Array.from(pairs, score => score > n / 4),
        pairs,
      ),
    ).toBe(1);
  });
  it('takes booleans, strings and a chosen positive class', () => {
    expect(metrics.rocAucScore([true, false], [0.9, 0.1])).toBe(1);
    expect(metrics.rocAucScore(['spam', 'ham'], [0.9, 0.1], { posLabel: 'spam' })).toBe(1);
    expect(metrics.f1Score([true, false], [true, false], { posLabel: true })).toBe(1);
    expect(metrics.brierScoreLoss(['a', 'b'], [0, 1], { posLabel: 'b' })).toBe(0);
    expect(metrics.averagePrecisionScore(['a', 'b'], [0, 1], { posLabel: 'b' })).toBe(1);
  });
  it('asks for one class against all others', () => {
    const [t, p] = [
      [0, 1, 2, 2],
      [0, 2, 2, 1],
    ];
    expect([
      metrics.precision(t, p, 2),
      metrics.recall(t, p, 2),
      metrics.f1Score(t, p, 2),
      metrics.precision([1, 0], [1, 1]),
      metrics.recall([1, 1], [1, 0]),
    ]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
    expect([metrics.precisionScore(t, p, { average: null }), metrics.accuracyScore(t, p, { sampleWeight: [0, 0, 0, 0] })]).toEqual([[1, 0, 0.5], 0.5]);
    expect(metrics.confusionMatrix(['b', 'a'], ['b', 'b'], { labels: ['b', 'c'] })).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });
  it('takes labels of any kind and reach', () => {
    const far = [0, 100_000, 2 ** 40, 0];
    expect(metrics.confusionMatrix(far, far)).toEqual([
      [2, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(metrics.confusionMatrix([0, 1000], [1000, 0])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(metrics.f1Score([0.5, 1.5], [0.5, 0.5], { average: null })).toEqual([2 / 3, 0]);
    expect(metrics.confusionMatrix(Int8Array.of(-1, 1), Int8Array.of(1, 1))).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(metrics.accuracyScore(Float32Array.of(1, 2), [1, 3])).toBe(0.5);
    expect(() => metrics.accuracyScore(Float32Array.of(Number.NaN), [1])).toThrow('yTrue must not contain NaN');
    expect(metrics.levenshtein(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toBe(2);
    expect(metrics.levenshtein('ab'.repeat(50), 'ba'.repeat(50))).toBe(2);
    expect([metrics.levenshtein('', 'abc'), metrics.levenshtein('👩‍👩', '👩x👩')]).toEqual([3, 1]);
  });
  it('computes regression metrics together and the mean of losses', () => {
    expect(metrics.computeRegressionMetrics([1, 2, 3], [1, 2, 5])).toEqual({ mse: 4 / 3, rmse: Math.sqrt(4 / 3), mae: 2 / 3, r2: -1 });
    expect(metrics.computeMeanLoss([1, 3])).toBe(2);
  });
  it.each([
    ['tying', 'tie'],
    ['skies', 'sky'],
    ['dies', 'die'],
    ['tied', 'tie'],
    ['studied', 'studi'],
    ['ed', 'ed'],
    ['bed', 'bed'],
    ['controlled', 'control'],
    ['fizzed', 'fizz'],
    ['filing', 'file'],
    ['oed', 'o'],
    ['adoption', 'adopt'],
    ['analogi', 'analog'],
    ['formalli', 'formal'],
  ])('stems %s to %s', (word, stem) => {
    expect(metrics.porterStem(word)).toBe(stem);
  });
  it('weighs multilabel scores', () => {
    const [t, p, sampleWeight] = [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 1],
        [0, 0],
      ],
      [1, 3],
    ];
    expect(metrics.accuracyScore(t, p, { sampleWeight })).toBe(0);
    expect(metrics.hammingLoss(t, p, { sampleWeight })).toBe(0.5);
    expect(metrics.f1Score(t, p, { average: 'samples', sampleWeight })).toBeCloseTo(1 / 6);
    expect(
      metrics.rocAucScore(
        t,
        [
          [0.9, 0.2],
          [0.1, 0.8],
        ],
        { average: 'micro', sampleWeight },
      ),
    ).toBe(1);
    expect(
      metrics.rocAucScore(
        t,
        [
          [0.9, 0.2],
          [0.1, 0.8],
        ],
        { average: 'samples' },
      ),
    ).toBe(1);
    expect(
      metrics.rocAucScore(
        t,
        [
          [0.9, 0.2],
          [0.1, 0.8],
        ],
        { average: null },
      ),
    ).toEqual([1, 1]);
    expect(metrics.coverageError([[0, 0]], [[1, 2]])).toBe(0);
  });
  it('reports multilabel targets and selections of labels', () => {
    expect(
      metrics.classificationReport(
        [
          [1, 0],
          [0, 1],
        ],
        [
          [1, 1],
          [0, 1],
        ],
      ),
    ).toContain(' samples avg');
    expect(metrics.classificationReport([0, 1, 2], [0, 1, 1], { labels: [0, 1] })).toContain('   micro avg');
  });
  it('is undefined where the reference is', () => {
    expect([
      metrics.rocAucScore([1, 1], [0, 1]),
      metrics.r2Score([1], [1]),
      metrics.d2LogLossScore([1], [0.5], { labels: [0, 1] }),
      metrics.d2PinballScore([1], [1]),
      metrics.d2TweedieScore([1], [1]),
      metrics.pearsonr([1, 1], [1, 2]).pvalue,
      metrics.kendalltau([1, 1], [1, 2]).statistic,
    ]).toEqual(new Array(7).fill(Number.NaN));
    expect(metrics.rocCurve([1, 1], [0, 1]).fpr.every(Number.isNaN)).toBe(true);
    expect(metrics.rocAucScore([1, 1], [0, 1], { maxFpr: 0.5 })).toBeNaN();
    expect([metrics.pearsonr([1, 2], [1, 3]).pvalue, metrics.spearmanr([1, 2], [1, 3]).pvalue]).toEqual([1, Number.NaN]);
    expect(metrics.fbetaScore([1, 1, 0], [1, 0, 0], Number.POSITIVE_INFINITY)).toBe(0.5);
    expect(metrics.symmetricMeanAbsolutePercentageError([0], [0])).toBe(0);
    expect(metrics.meanTweedieDeviance([1, 2], [1, 2], { power: -1 })).toBeCloseTo(0);
  });
  it('approximates Kendall p-values for long samples', () => {
    const x = Array.from({ length: 60 }, (_, i) => i);
    const { pvalue } = metrics.kendalltau(
      x,
      x.map(i => Math.sin(i)),
    );
    expect(pvalue).toBeGreaterThan(0);
    expect(pvalue).toBeLessThan(1);
    expect(
      metrics.pearsonr(
        Array.from({ length: 20000 }, (_, i) => i),
        Array.from({ length: 20000 }, (_, i) => 2 * i),
      ).statistic,
    ).toBeCloseTo(1, 12);
  });
  it('keeps synonyms for a thesaurus of the caller', () => {
    const synonyms = (word: string): string[] => (word === 'big' ? ['large', 'huge'] : []);
    expect(metrics.meteorScore([['large', 'and', 'huge']], ['big', 'big'], { synonyms })).toBeGreaterThan(0);
    expect(metrics.meteorScore([['a', 'b', 'a'], ['x']], ['a', 'q', 'a'], { stages: ['exact'] })).toBeGreaterThan(0);
    expect(metrics.meteorScore([['large', 'cat']], ['big', 'cat'], { synonyms })).toBeGreaterThan(metrics.meteorScore([['large', 'cat']], ['big', 'cat']));
  });
  it('separates Asian text in TER when asked', () => {
    const options = { normalized: true, noPunct: true, asianSupport: true };
    expect(metrics.sentenceTer('首都。', ['首都、'], options)).toBe(0);
    expect(metrics.sentenceTer("it's 5-6", ["it's 5-7"], { normalized: true })).toBe(20);
    expect(metrics.sentenceTer('a b', [''])).toBe(100);
    expect(metrics.sentenceTer('', [''])).toBe(0);
  });
  it('stops trying shifts at Tercom limits and widens its band for lopsided lengths', () => {
    const words = (n: number, at: (i: number) => number): string => Array.from({ length: n }, (_, i) => `w${at(i) % 5}`).join(' ');
    expect(
      metrics.sentenceTer(
        words(60, i => i * i),
        [words(60, i => i * 3 + 1)],
      ),
    ).toBeGreaterThan(0);
    expect(metrics.sentenceTer('w0 w1', [words(200, i => i)])).toBe(99);
  });
  it('reads scores of a trainer', () => {
    expect(metrics.createComputeMetricsFn()({ predictions: [[0.1, 0.9], Float32Array.of(3, 1, 2)], labelIds: [1, 0] }).accuracy).toBe(1);
    expect(metrics.createComputeMetricsFn({ positiveLabel: 0 })({ predictions: [1, 0], labelIds: [1, 0] })).toEqual({
      accuracy: 1,
      precision: 1,
      recall: 1,
      f1: 1,
    });
  });
  it('keeps named values', () => {
    const values = new metrics.Metrics().add('a', 1).add('b', 2).add('a', 3);
    expect([values.names(), values.len(), values.isEmpty(), values.get('a'), values.get('c'), new metrics.Metrics().isEmpty()]).toEqual([
      ['a', 'b'],
      2,
      false,
      3,
      null,
      true,
    ]);
  });
  it('recommends a metric for each known task', () => {
    expect(['summarization', 'similarity', 'lm', 'classification', 'qa', 'anything'].map(task => metrics.getRecommendedMetricConfig(task).metricType)).toEqual([
      'rouge',
      'bertscore',
      'perplexity',
      'accuracy',
      'exact_match',
      'bleu',
    ]);
    expect(metrics.createRougeConfig({ variants: null }).variants).toEqual(['rouge1', 'rouge2']);
  });
});
