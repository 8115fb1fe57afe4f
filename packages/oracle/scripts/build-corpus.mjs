/** Writes `dist/corpus.txt`: the patterns of every package of this repository with the proof of their last recorded test run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractPackage } from '../dist/extract.js';
import { writeCorpus } from '../dist/store.js';

const packages = fileURLToPath(new URL('../..', import.meta.url));
const folders = readdirSync(packages)
  .filter(name => !['cli', 'oracle'].includes(name))
  .map(name => join(packages, name));

const corpus = { modules: [], patterns: [] };
for (const folder of folders) {
  const { modules, patterns } = extractPackage(folder);
  const proofFile = join(folder, 'proof.json');
  const proofs = existsSync(proofFile) ? JSON.parse(readFileSync(proofFile, 'utf8')).modules : {};
  corpus.modules.push(...modules.map(module => ({ ...module, proof: proofs[module.specifier.split('/').pop()] ?? null })));
  corpus.patterns.push(...patterns);
}
writeCorpus(fileURLToPath(new URL('../dist/corpus.txt', import.meta.url)), corpus);
