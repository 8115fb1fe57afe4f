/** Adds up what the test runners reported. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../bootstrap/setup.mjs';

/** Passed and failed checks of one report: vitest's JSON, or `{ passed, failed }` of our own runners. */
function countsOf(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: report.numPassedTests ?? report.passed ?? 0,
    failed: (report.numFailedTests ?? report.failed ?? 0) + (report.numFailedTestSuites > 0 && report.numFailedTests === 0 ? 1 : 0),
  };
}

/** Folders that may hold a `reports` folder. */
export function workspaces() {
  return ['packages', 'tools'].flatMap(group => readdirSync(join(root, group)).map(name => join(root, group, name))).concat(join(root, 'docs'));
}

/** Sums over all packages; `kinds` are the report files' names. */
export function totals(kinds = ['tests', 'doctest', 'conformance']) {
  const sum = { passed: 0, failed: 0 };
  for (const folder of workspaces()) {
    for (const kind of kinds) {
      const { passed, failed } = countsOf(join(folder, 'reports', `${kind}.json`));
      sum.passed += passed;
      sum.failed += failed;
    }
  }
  return sum;
}

/** Prints the closing line and returns the counts. */
export function printTotals(kinds) {
  const { passed, failed } = totals(kinds);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return { passed, failed };
}
