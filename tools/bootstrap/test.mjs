/** `npm test`: sets up what is missing, runs every test and documentation example through turbo's cache, then the house rules, and counts what passed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { printTotals } from '../report/totals.mjs';
import { fail, install, root, turbo } from './setup.mjs';

install();
process.stderr.write('Running tests, examples and house rules ...\n');
const status = turbo('test doctest --continue');
const rules = spawnSync(process.execPath, [join(root, 'tools', 'conformance', 'conformance.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
const { failed } = printTotals();
if (status !== 0 || rules.status !== 0 || failed > 0) fail('Some tests failed; see above.');
