/**
 * Writes what is generated into the READMEs, between marks: the table of modules of each package, and the proof and the gates' times at the
 * root. `--check` fails when one is stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractPackage } from '../../packages/oracle/dist/extract.js';
import { root } from '../bootstrap/setup.mjs';
import { evidenceTable, parityTable, readPackages } from './docs.mjs';

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

/** The gates' times, from the last recorded run. */
function timesTable() {
  const { tiers, machine, date } = JSON.parse(readFileSync(join(root, 'tools', 'gates', 'times.json'), 'utf8'));
  const rows = Object.entries(tiers).map(([tier, { seconds, limit }]) => `| \`${tier}\` | ${seconds} s | ${limit} |`);
  return ['| tier | measured | limit |', '| --- | --- | --- |', ...rows, '', `Measured on ${date}: ${machine}.`].join('\n');
}

const check = process.argv.includes('--check');
const stale = [];

/** Replaces what stands between `<!-- mark -->` and `<!-- /mark -->`. */
function fill(path, mark, content) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [start, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [before, after] = [text.indexOf(start), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`${path} lacks ${start} and ${end}`);
  const updated = `${text.slice(0, before + start.length)}\n${content}\n${text.slice(after)}`;
  if (updated === text) return;
  if (check) stale.push(path.slice(root.length));
  else writeFileSync(path, updated);
}

for (const name of readdirSync(join(root, 'packages'))) fill(join(root, 'packages', name, 'README.md'), 'modules', table(join(root, 'packages', name)));
const packages = readPackages();
fill(join(root, 'README.md'), 'proof', `${parityTable(packages)}\n\n${evidenceTable(packages)}`);
fill(join(root, 'README.md'), 'times', timesTable());
if (stale.length > 0) {
  process.stderr.write(`${stale.join(', ')} is stale; run: node tools/report/readmes.mjs\n`);
  process.exitCode = 1;
}
