/** Prints how well the built index answers `evidence/questions.json`: words alone, meanings alone, both joined, for each half. `--misses` lists questions whose first answer is wrong. */
import { readFileSync } from 'node:fs';
import { measureQuality } from '../dist/quality.js';
import { Oracle } from '../dist/search.js';
import { readIndex, readVectors } from '../dist/store.js';

const at = path => new URL(path, import.meta.url);
const halves = JSON.parse(readFileSync(at('../evidence/questions.json'), 'utf8'));
const oracle = new Oracle(readIndex(at('../dist/corpus.gtc')), readVectors(at('../dist/words.gtc')));
process.stdout.write('half    ranking  questions  MRR    nDCG@5 recall@1 recall@5\n');
for (const half of ['tuning', 'test'])
  for (const by of ['words', 'meaning', 'fused']) {
    const { questions, mrr, ndcgAt5, recallAt1, recallAt5 } = measureQuality(oracle, halves[half], by);
    process.stdout.write(
      `${half.padEnd(8)}${by.padEnd(9)}${String(questions).padEnd(11)}${[mrr, ndcgAt5, recallAt1, recallAt5].map(value => value.toFixed(3).padEnd(7)).join('')}\n`,
    );
  }
if (process.argv.includes('--misses'))
  for (const { question, modules } of halves.tuning) {
    const found = oracle.search(question).map(({ module, pattern }) => `${module.specifier.slice(5)}#${pattern.name}`);
    if (!modules.some(module => found[0]?.startsWith(`${module}#`)))
      process.stdout.write(`${question}\n  wanted ${modules.join(', ')}\n  found  ${found.join(', ')}\n`);
  }
