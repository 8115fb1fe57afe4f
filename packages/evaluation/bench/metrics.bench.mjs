/** Races of the metrics: a million labels or scores against scikit-learn, ten thousand sentences against sacrebleu and jiwer, a thousand against rouge-score. */

import { bootstrap } from '@gtc/evaluation/comparison';
import { confusionMatrix, corpusBleu, f1Score, levenshtein, meanSquaredError, rocAucScore, rougeScore, wordErrorRate } from '@gtc/evaluation/metrics';
import { PythonRandom } from '@gtc/tensor/random';
import { npm } from '../../../tools/bench/npm.mjs';

const random = new PythonRandom('races');
const N = 1_000_000;
const labels = Int32Array.from({ length: N }, () => random.randrange(10));
const guesses = labels.map(label => (random.random() < 0.7 ? label : random.randrange(10)));
const truth = Int32Array.from({ length: N }, () => (random.random() < 0.3 ? 1 : 0));
const scores = Float64Array.from(truth, value => random.random() + 0.3 * value);

const VOCABULARY = Array.from({ length: 2000 }, (_, i) => `${'bcdfghklmnprst'[i % 14]}${'aeiou'[i % 5]}${i.toString(36)}`);
const sentence = () => `${random.choices(VOCABULARY, { k: random.randint(8, 30) }).join(' ')}.`;
const corrupt = text =>
  text
    .split(' ')
    .map(word => (random.random() < 0.15 ? random.choice(VOCABULARY) : word))
    .filter(() => random.random() > 0.05)
    .join(' ');
const references = Array.from({ length: 10_000 }, sentence);
const hypotheses = references.map(corrupt);

const sklearn = body => ({
  setup: `import numpy as np, sklearn\nfrom sklearn import metrics as m\nversion = sklearn.__version__\ny = np.array(data['y']); p = np.array(data['p'])\ndef run():\n    ${body}`,
});

const sample = Float64Array.from({ length: 1000 }, () => random.gauss(0, 1));

export const races = [
  {
    name: 'BCa bootstrap of a mean, 10,000 x 1,000',
    data: { x: [...sample] },
    tolerance: { all: 1e-9 },
    peers: {
      gtc: () => () => {
        const { low, high } = bootstrap(sample, 'mean', { nResamples: 10_000, seed: 0 });
        return [low, high];
      },
      scipy: {
        setup:
          "import numpy as np, scipy\nfrom scipy import stats\nversion = scipy.__version__\nx = np.array(data['x'])\ndef run():\n    i = stats.bootstrap((x,), np.mean, n_resamples=10000, method='BCa', rng=np.random.default_rng(0), vectorized=True).confidence_interval\n    return [float(i.low), float(i.high)]",
      },
    },
  },
  {
    name: 'ROC AUC, 1e6 scores',
    data: { y: [...truth], p: [...scores] },
    tolerance: { all: 1e-12 },
    peers: { gtc: () => () => rocAucScore(truth, scores), 'scikit-learn': sklearn('return m.roc_auc_score(y, p)') },
  },
  {
    name: 'macro F1, 1e6 labels',
    data: { y: [...labels], p: [...guesses] },
    tolerance: { all: 1e-12 },
    peers: { gtc: () => () => f1Score(labels, guesses, { average: 'macro' }), 'scikit-learn': sklearn("return m.f1_score(y, p, average='macro')") },
  },
  {
    name: 'confusion matrix, 1e6 labels',
    data: { y: [...labels], p: [...guesses] },
    tolerance: { all: 0 },
    peers: {
      gtc: () => () => confusionMatrix(labels, guesses),
      'scikit-learn': sklearn('return m.confusion_matrix(y, p).tolist()'),
      'npm ml-confusion-matrix': async () => {
        const { ConfusionMatrix } = await npm('ml-confusion-matrix');
        const [y, p] = [Array.from(labels), Array.from(guesses)];
        return () => ConfusionMatrix.fromLabels(y, p, { sort: (a, b) => a - b }).getMatrix();
      },
    },
  },
  {
    name: 'MSE, 1e6 values',
    data: { y: [...scores], p: [...scores].map((value, i) => value + (truth[i] ? 0.1 : -0.2)) },
    tolerance: { all: 1e-12 },
    peers: {
      gtc: () => {
        const predicted = scores.map((value, i) => value + (truth[i] ? 0.1 : -0.2));
        return () => meanSquaredError(scores, predicted);
      },
      'scikit-learn': sklearn('return m.mean_squared_error(y, p)'),
    },
  },
  {
    name: 'corpus BLEU, 1e4 pairs',
    data: { h: hypotheses, r: references },
    tolerance: { all: 1e-9, 'npm bleu-score': null },
    peers: {
      gtc: () => () => corpusBleu(hypotheses, [references]).score,
      sacrebleu: {
        setup:
          "import sacrebleu\nfrom sacrebleu.metrics import BLEU\nversion = sacrebleu.__version__\ndef run():\n    return BLEU().corpus_score(data['h'], [data['r']]).score",
      },
      'npm bleu-score': async () => {
        const { bleu } = (await npm('bleu-score')).default ?? (await npm('bleu-score'));
        return () => hypotheses.reduce((sum, hypothesis, i) => sum + bleu(references[i], hypothesis, 4), 0) / hypotheses.length;
      },
    },
  },
  {
    name: 'ROUGE-1 and -L, 1e3 pairs',
    data: { h: hypotheses.slice(0, 1000), r: references.slice(0, 1000) },
    tolerance: { all: 1e-9, 'npm js-rouge': null },
    peers: {
      gtc: () => () => {
        const sums = [0, 0];
        for (let i = 0; i < 1000; i++) {
          const score = rougeScore(references[i], hypotheses[i], { types: ['rouge1', 'rougeL'] });
          sums[0] += score.rouge1.f1;
          sums[1] += score.rougeL.f1;
        }
        return sums;
      },
      'rouge-score': {
        setup:
          "from rouge_score import rouge_scorer\nversion = '0.1.2'\ns = rouge_scorer.RougeScorer(['rouge1', 'rougeL'])\ndef run():\n    a = [s.score(r, h) for r, h in zip(data['r'], data['h'])]\n    return [sum(x['rouge1'].fmeasure for x in a), sum(x['rougeL'].fmeasure for x in a)]",
      },
      'npm js-rouge': async () => {
        const rouge = await npm('js-rouge');
        const { n, l } = rouge.default ?? rouge;
        return () =>
          [0, 1].map(kind =>
            hypotheses
              .slice(0, 1000)
              .reduce((sum, hypothesis, i) => sum + (kind === 0 ? n(hypothesis, references[i], { n: 1 }) : l(hypothesis, references[i])), 0),
          );
      },
    },
  },
  {
    name: 'WER, 1e4 pairs',
    data: { h: hypotheses, r: references },
    tolerance: { all: 1e-12 },
    peers: {
      gtc: () => () => wordErrorRate(references, hypotheses).wer,
      jiwer: { setup: "import jiwer\nversion = '4'\ndef run():\n    return jiwer.process_words(data['r'], data['h']).wer" },
    },
  },
  {
    name: 'Levenshtein, 1e3 sentences',
    data: {},
    tolerance: { all: 0 },
    peers: {
      gtc: () => () => hypotheses.slice(0, 1000).reduce((sum, hypothesis, i) => sum + levenshtein(hypothesis, references[i]), 0),
      'npm fastest-levenshtein': async () => {
        const module = await npm('fastest-levenshtein');
        const { distance } = module.default ?? module;
        return () => hypotheses.slice(0, 1000).reduce((sum, hypothesis, i) => sum + distance(hypothesis, references[i]), 0);
      },
    },
  },
];
