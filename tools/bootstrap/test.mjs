/** `npm test`: sets up what is missing, runs every test and documentation example through turbo's cache, and counts what passed. */

import { printTotals } from '../report/totals.mjs';
import { fail, install, turbo } from './setup.mjs';

install();
process.stderr.write('Running tests, examples and conformance ...\n');
const status = turbo('test doctest conformance --continue');
const { failed } = printTotals();
if (status !== 0 || failed > 0) fail('Some tests failed; see above.');
