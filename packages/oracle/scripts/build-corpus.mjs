/** Writes `dist/corpus.gtc`: the index of every package of this repository with the proof of their last recorded test run. */
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractPackage } from '../dist/extract.js';
import { buildIndex } from '../dist/search-index.js';
import { readVectors, writeIndex } from '../dist/store.js';

const here = fileURLToPath(new URL('..', import.meta.url));
const packages = join(here, '..');
const readJson = path => JSON.parse(readFileSync(path, 'utf8'));
const siblings = readJson(join(here, 'data', 'sibling.json'));

export const corpus = { modules: [], patterns: [] };
for (const name of readdirSync(packages)) {
  if (['cli', 'oracle'].includes(name)) continue;
  const folder = join(packages, name);
  const { modules, patterns } = extractPackage(folder, { siblings });
  const proofFile = join(folder, 'proof.json');
  const proofs = existsSync(proofFile) ? readJson(proofFile).modules : {};
  corpus.modules.push(...modules.map(module => ({ ...module, proof: proofs[module.specifier.split('/').pop()] ?? null })));
  corpus.patterns.push(...patterns);
}
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  copyFileSync(join(here, 'data', 'words.gtc'), join(here, 'dist', 'words.gtc'));
  const { version } = readJson(join(here, 'package.json'));
  writeIndex(join(here, 'dist', 'corpus.gtc'), buildIndex(corpus, readVectors(join(here, 'data', 'words.gtc')), version));
}
