/**
 * Shows that each gate refuses what it should: plants one violation of each kind in a scratch copy of the repository and expects the
 * gate to fail, and to fail for that reason.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { install, root } from '../bootstrap/setup.mjs';
import { GATES, underPnpm } from './gates.mjs';

const TRAINING = 'packages/training/src';

/** Appends to a file of the copy, or writes a new one. */
const append = (file, text) => copy => writeFileSync(join(copy, file), `${readFileSync(join(copy, file), 'utf8')}${text}`);
const write = (file, text) => copy => {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
};
const replace = (file, from, to) => copy => {
  const text = readFileSync(join(copy, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} no longer holds '${from}'`);
  writeFileSync(join(copy, file), text.replace(from, to));
};

/** What is planted, which gate must refuse it, and words that its output must hold. */
const PLANTED = [
  [
    'a domain that imports a domain',
    'conformance',
    'training may import only',
    append(`${TRAINING}/lora.ts`, "export { f1Score } from '@gtc/evaluation/metrics';\n"),
  ],
  ['a domain that reads files', 'conformance', 'a domain runs in browsers', append(`${TRAINING}/lora.ts`, "import 'node:fs';\n")],
  [
    'an import of another package’s parts',
    'conformance',
    'internal parts belong',
    append(`${TRAINING}/lora.ts`, "export * from '@gtc/tensor/internal/random/mt19937';\n"),
  ],
  ['a part outside internal', 'conformance', 'src/internal/<module>/', write(`${TRAINING}/parts/x.ts`, '/** Part. */\nexport {};\n')],
  ['a file name in camel case', 'conformance', 'kebab-case', write(`${TRAINING}/loraParts.ts`, '/** Part. */\nexport {};\n')],
  [
    'an error class without Error in its name',
    'conformance',
    'must end in Error',
    append('packages/errors/src/errors.ts', '/** Bad. */\nexport class Broken extends Error {}\n'),
  ],
  ['a file of more than 500 lines', 'conformance', 'at most 500', append(`${TRAINING}/lora.ts`, '// line\n'.repeat(500))],
  [
    'twenty hand-written functions in a file',
    'conformance',
    'fewer than 20',
    write(
      `${TRAINING}/many.ts`,
      `/** Many. */\n${Array.from({ length: 20 }, (_, i) => `/** F. */\nexport function f${i}(): number {\n  const x = ${i};\n  return x;\n}\n`).join('')}`,
    ),
  ],
  ['an unfinished mark', 'conformance', 'unfinished mark', append(`${TRAINING}/lora.ts`, `// ${'TO'}DO later\n`)],
  ['a stub', 'conformance', 'is a stub', append(`${TRAINING}/lora.ts`, "/** Bad. */\nexport function later(): void {\n  throw new Error('later');\n}\n")],
  ['a skipped test', 'conformance', 'skips or singles out', append(`${TRAINING}/lora.test.ts`, `it.${'skip'}('x', () => undefined);\n`)],
  ['a symbol without documentation', 'conformance', 'has no documentation', append(`${TRAINING}/lora.ts`, 'export const bare: number = 1;\n')],
  [
    'a missing name of the original',
    'conformance',
    'lacks calculateLoraMemorySavings',
    copy => {
      const path = join(copy, `${TRAINING}/lora.ts`);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('calculateLoraMemorySavings', 'calculateLoraShare'));
    },
  ],
  [
    'an install script',
    'conformance',
    'has a postinstall script',
    replace('packages/training/package.json', '"scripts": {', '"scripts": { "postinstall": "node x.mjs",'),
  ],
  [
    'a runtime dependency of a domain',
    'conformance',
    'no runtime dependency',
    replace('packages/training/package.json', '"dependencies": {', '"dependencies": { "left-pad": "1.0.0",'),
  ],
  ['an unused variable', 'lint', 'noUnusedVariables', append(`${TRAINING}/lora.ts`, 'const unused = 1;\n')],
  ['another format', 'lint', 'format', append(`${TRAINING}/lora.ts`, 'export   const  x : number  =  1\n')],
  [
    'an export that nobody uses',
    'dead code',
    'orphan',
    append('packages/evaluation/src/internal/metrics/labels.ts', '/** Bad. */\nexport function orphan(): number {\n  return 1;\n}\n'),
  ],
  ['a type error', 'typecheck', 'TS2322', append(`${TRAINING}/lora.ts`, "export const wrong: number = 'x';\n")],
  ['a wrong result', 'test', 'FAIL', replace(`${TRAINING}/lora.ts`, 'return 2 * positive(r', 'return 3 * positive(r')],
  [
    'a function that no test reaches',
    'test',
    'does not meet',
    append(`${TRAINING}/lora.ts`, `/** Bad. */\nexport function unreached(x: number): number {\n${'  x += Math.sqrt(x);\n'.repeat(20)}  return x;\n}\n`),
  ],
  ['an example that does not hold', 'doctest', 'expected 262145', replace(`${TRAINING}/lora.ts`, '// => 262144', '// => 262145')],
  ['a fence of a page that does not hold', 'doctest', 'expected [', replace('packages/training/README.md', "// => ['q_proj', 'v_proj']", "// => ['q_proj']")],
  [
    'a package beyond its budget',
    'package',
    'budget 150 kB',
    append(
      `${TRAINING}/lora.ts`,
      `/** Bad. */\nexport const ballast: string = '${Array.from({ length: 40000 }, (_, i) => Math.imul(i, 2654435761).toString(36)).join('')}';\n`,
    ),
  ],
  [
    'types that are not where the map says',
    'package',
    'attw',
    replace('packages/training/package.json', '"types": "./dist/index.d.ts"', '"types": "./dist/nowhere.d.ts"'),
  ],
  ['a README whose table is stale', 'readmes', 'is stale', replace(`${TRAINING}/lora.ts`, '/** LoRA fine-tuning and its kin:', '/** Fine-tuning:')],
  ['a proof that nobody ran', 'proof', 'differs from the last test run', replace('packages/training/proof.json', '"tests": ', '"tests": 1')],
  [
    'a mutation score that is too low',
    'ledgers',
    'mutation score',
    copy => {
      const path = join(copy, 'packages/errors/mutation.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace(/"score": [\d.]+/, '"score": 12'));
    },
  ],
];

/** Copies the repository without its dependencies and outputs of runs; dependencies are linked. */
function makeCopy() {
  const copy = mkdtempSync(join(tmpdir(), 'gtc-gates-'));
  const skipped = new Set(['node_modules', '.git', '.turbo', '.stryker-tmp', 'coverage']);
  cpSync(root, copy, { recursive: true, filter: path => !skipped.has(path.slice(root.length).split('/').pop()) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const group of ['packages', 'tools', 'docs']) {
    for (const name of group === 'docs' ? [''] : readdirSync(join(root, group))) {
      try {
        cpSync(join(root, group, name, 'node_modules'), join(copy, group, name, 'node_modules'), { recursive: true, verbatimSymlinks: true });
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    }
  }
  spawnSync('git', ['init', '-q'], { cwd: copy });
  return copy;
}

/** Runs a gate on the copy; package gates run without turbo, for the planted package only. */
function runGate(gate, copy) {
  const inTraining = (...args) => spawnSync(args[0], args.slice(1), { cwd: join(copy, 'packages', 'training'), encoding: 'utf8', maxBuffer: 1 << 26 });
  const script = name => inTraining('pnpm', '--config.verify-deps-before-run=false', 'run', name);
  if (['typecheck', 'test'].includes(gate)) return script(gate);
  if (['doctest', 'package'].includes(gate)) {
    script('build');
    return script(gate);
  }
  return GATES[gate]({ at: copy });
}

function main() {
  const copy = makeCopy();
  const report = { passed: 0, failed: 0, failures: [] };
  try {
    for (const [what, gate, words, plant] of PLANTED) {
      const snapshot = mkdtempSync(join(tmpdir(), 'gtc-before-'));
      cpSync(join(copy, 'packages'), snapshot, { recursive: true, filter: path => !/(node_modules|dist|reports)$/.test(path) });
      plant(copy);
      const { status, stdout, stderr } = runGate(gate, copy);
      const output = `${stdout}${stderr}`;
      const refused = status !== 0 && output.includes(words);
      report[refused ? 'passed' : 'failed']++;
      process.stderr.write(`${refused ? '✓' : '✗'} gate ${gate} refuses ${what}\n`);
      if (!refused) {
        report.failures.push(what);
        process.stderr.write(`  expected '${words}', status ${status}:\n${output.slice(-1500)}\n`);
      }
      for (const name of readdirSync(join(copy, 'packages'))) rmSync(join(copy, 'packages', name, 'src'), { recursive: true });
      cpSync(snapshot, join(copy, 'packages'), { recursive: true });
      rmSync(snapshot, { recursive: true });
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
  mkdirSync(join(root, 'tools', 'gates', 'reports'), { recursive: true });
  writeFileSync(join(root, 'tools', 'gates', 'reports', 'self-test.json'), `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`self-test: ${report.passed} of ${PLANTED.length} violations refused\n`);
  process.exitCode = report.failed > 0 ? 1 : 0;
}

install();
if (!underPnpm()) main();
