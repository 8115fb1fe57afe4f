/** Checks the house rules over all packages and reports how many hold. `--root` looks at another copy of the repository. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RULES } from './rules.mjs';
import { readPackages } from './sources.mjs';

const flag = process.argv.indexOf('--root');
const root = flag > 0 ? process.argv[flag + 1] : fileURLToPath(new URL('../..', import.meta.url));
const packages = readPackages(root);
const complaints = [];
let passed = 0;
for (const [rule, check] of Object.entries(RULES)) {
  for (const each of packages) {
    const found = [...check(each)];
    if (found.length === 0) passed++;
    complaints.push(...found.map(text => `${rule}: ${text}`));
  }
}
const reports = fileURLToPath(new URL('reports', import.meta.url));
if (flag < 0) {
  mkdirSync(reports, { recursive: true });
  writeFileSync(`${reports}/conformance.json`, `${JSON.stringify({ passed, failed: complaints.length, complaints }, null, 2)}\n`);
}
for (const complaint of complaints) console.error(`✗ ${complaint}`);
console.log(`conformance: ${passed} rules hold, ${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;
