/** Writes the table of modules into each package's README, between its two marks; `--check` fails when one is stale. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractPackage } from '@gtc/oracle/extract';
import { root } from '../bootstrap/setup.mjs';

const START = '<!-- modules -->';
const END = '<!-- /modules -->';

function proofCell(proof) {
  if (!proof) return 'not recorded';
  const vectors = proof.vectors ? `${proof.vectors.passed} vectors` : '';
  const evidence = proof.evidence.reduce((sum, each) => sum + each.passed, 0);
  return [vectors, evidence > 0 ? `${evidence} evidence cases` : '', `${proof.tests} tests`].filter(Boolean).join(', ');
}

function table(folder) {
  const { modules, patterns } = extractPackage(folder);
  const proofFile = join(folder, 'proof.json');
  const proofs = existsSync(proofFile) ? JSON.parse(readFileSync(proofFile, 'utf8')).modules : {};
  const rows = modules.map(({ specifier, summary }) => {
    const count = patterns.filter(pattern => pattern.specifier === specifier).length;
    return `| \`${specifier}\` | ${summary.replaceAll('|', '\\|')} | ${count} | ${proofCell(proofs[specifier.split('/').pop()])} |`;
  });
  return rows.length === 0
    ? 'No module has landed yet.'
    : ['| module | what it is for | symbols | proven by |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const check = process.argv.includes('--check');
const stale = [];
for (const name of readdirSync(join(root, 'packages'))) {
  const path = join(root, 'packages', name, 'README.md');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [before, after] = [text.indexOf(START), text.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`packages/${name}/README.md lacks ${START} and ${END}`);
  const updated = `${text.slice(0, before + START.length)}\n${table(join(root, 'packages', name))}\n${text.slice(after)}`;
  if (updated === text) continue;
  if (check) stale.push(name);
  else writeFileSync(path, updated);
}
if (stale.length > 0) {
  process.stderr.write(`README.md of ${stale.join(', ')} is stale; run: node tools/report/readmes.mjs\n`);
  process.exitCode = 1;
}
