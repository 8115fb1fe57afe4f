/**
 * Prints how long an answer takes: `node scripts/measure-speed.mjs [--times 1000]`. Cold, a process of the built command, beside an empty one;
 * warm, over the corpus; and warm over a corpus so many times as large, whose symbols are generated from this one's with words exchanged.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Oracle } from '../dist/search.js';
import { IndexBuilder } from '../dist/search-index.js';
import { readIndex, readVectors } from '../dist/store.js';

const at = path => new URL(path, import.meta.url);
const { values } = parseArgs({ options: { times: { type: 'string', default: '0' } } });
const times = Number(values.times);
const questions = Object.values(JSON.parse(readFileSync(at('../evidence/questions.json'), 'utf8'))).flat();
const vectors = readVectors(at('../dist/words.gtc'));
const index = readIndex(at('../dist/corpus.gtc'));

function coldMs(args) {
  const started = performance.now();
  spawnSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - started;
}

function report(label, milliseconds) {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = share => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(2);
  process.stdout.write(`${label.padEnd(34)} least ${at(0)}, median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)} ms\n`);
}

function warm(label, oracle) {
  const ask = () =>
    questions.map(({ question }) => {
      const started = performance.now();
      oracle.search(question);
      return performance.now() - started;
    });
  ask();
  report(label, ask());
}

/** A text with every third word exchanged for one of the corpus, by a fixed rule. */
function varied(text, words, seed) {
  let place = 0;
  return text.replace(/[\p{L}]{4,}/gu, word => (++place % 3 === 0 ? words[(seed * 31 + place * 17) % words.length] : word));
}

const main = fileURLToPath(at('../../cli/dist/main.js'));
report(
  'cold, an empty process',
  Array.from({ length: 20 }, () => coldMs(['-e', '0'])),
);
report(
  'cold, gtc oracle',
  Array.from({ length: 20 }, () => coldMs([main, 'oracle', 'how to implement LoRA fine-tuning'])),
);
warm(`warm, ${index.patternCount} patterns`, new Oracle(index, vectors));

if (times > 0) {
  const words = [...new Set([...index.patterns()].flatMap(({ summary }) => summary.match(/\p{L}{4,}/gu) ?? []))];
  const modules = [...index.modules()].map((module, place) => ({
    module,
    patterns: index.patternsOf(place),
  }));
  const builder = new IndexBuilder(vectors);
  const started = performance.now();
  for (let copy = 0; copy < times; copy++)
    for (const [place, { module, patterns }] of modules.entries()) {
      const specifier = `${module.specifier}-${copy}`;
      const seed = copy * modules.length + place;
      const topics = module.topics.slice(0, 12).map((topic, i) => varied(topic, words, seed + i));
      builder.add(
        { ...module, specifier, summary: varied(module.summary, words, seed), topics, proof: null },
        patterns.map((pattern, i) => ({
          ...pattern,
          name: `${pattern.name}${copy}`,
          specifier,
          signature: '',
          summary: varied(pattern.summary, words, seed + i),
          details: '',
          params: [],
          throws: [],
          examples: pattern.examples.slice(0, 1).map(() => ''),
        })),
      );
    }
  const large = builder.finish();
  process.stdout.write(
    `${large.patternCount} patterns indexed in ${((performance.now() - started) / 1000).toFixed(0)} s, ${(large.byteLength / 2 ** 20).toFixed(0)} MiB\n`,
  );
  warm(`warm, ${large.patternCount} patterns`, new Oracle(large, vectors));
}
