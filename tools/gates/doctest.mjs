/** Runs the documentation examples of the package in the current folder against its build, as a user would. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileExample, examplesOf, fencesOf, importLine } from '../../packages/testing/dist/doctest.js';

const folder = process.cwd();
const scratch = join(folder, '.doctest');

function filesUnder(path, test) {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => !/[\\/](node_modules|dist|\.vitepress|\.doctest|api)[\\/]/.test(file))
    .sort();
}

/** `src/internal/metrics/bleu.ts` documents what `@gtc/<package>/metrics` exports; `src/metrics.ts` documents itself; the rest the package. */
function specifierOf(name, file) {
  const [, second, third] = relative(folder, file).split(/[\\/]/);
  const module = (second === 'internal' ? third : second).replace(/\.ts$/, '');
  return existsSync(join(folder, 'dist', `${module}.js`)) && module !== 'index' ? `${name}/${module}` : name;
}

async function exportsOf(name, specifier) {
  const file = specifier === name ? 'index' : specifier.slice(name.length + 1);
  return new Set(Object.keys(await import(pathToFileURL(join(folder, 'dist', `${file}.js`)).href)));
}

async function sourceExamples({ name }) {
  const isSource = file => file.endsWith('.ts') && !/\.(test|test-d|fixture|gen)\.ts$/.test(file);
  const root = await exportsOf(name, name);
  const programs = [];
  for (const file of filesUnder(join(folder, 'src'), isSource)) {
    const examples = examplesOf(readFileSync(file, 'utf8'), relative(folder, file));
    if (examples.length === 0) continue;
    const specifier = specifierOf(name, file);
    const exports = await exportsOf(name, specifier);
    // What the module lacks comes from the package itself.
    const others = new Set([...root].filter(symbol => !exports.has(symbol)));
    for (const example of examples) {
      const { program, checks } = compileExample(example, { specifier, exports });
      programs.push({ example, program: `${importLine(example.code, name, others)}\n${program}`, checks, needsCheck: true });
    }
  }
  return programs;
}

/** Pages of the folder; the site also answers for those at the repository's root. */
function pageExamples() {
  const own = filesUnder(folder, name => name.endsWith('.md') && name !== 'CHANGELOG.md').filter(file => !file.includes('evidence'));
  const pages = [...own, ...(basename(folder) === 'docs' ? ['README.md', 'CONTRIBUTING.md'].map(name => join(folder, '..', name)) : [])];
  return pages.flatMap(file =>
    fencesOf(readFileSync(file, 'utf8'), relative(folder, file)).map(example => ({ example, ...compileExample(example), needsCheck: false })),
  );
}

async function run({ example, program, checks, needsCheck }, index) {
  const where = `${example.file}:${example.line} ${example.symbol}`;
  if (needsCheck && checks === 0) return `${where}: promises nothing; end a line with // => value`;
  const file = join(scratch, `${index}.mjs`);
  writeFileSync(file, program);
  try {
    await import(pathToFileURL(file).href);
    return null;
  } catch (error) {
    return `${where}: ${error.message}`;
  }
}

const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
mkdirSync(scratch, { recursive: true });
const programs = [...(manifest.exports ? await sourceExamples(manifest) : []), ...pageExamples()];
const failures = [];
for (const [index, program] of programs.entries()) {
  const failure = await run(program, index);
  if (failure !== null) failures.push(failure);
}
rmSync(scratch, { recursive: true });
mkdirSync(join(folder, 'reports'), { recursive: true });
writeFileSync(
  join(folder, 'reports', 'doctest.json'),
  `${JSON.stringify({ passed: programs.length - failures.length, failed: failures.length, failures }, null, 2)}\n`,
);
for (const failure of failures) console.error(`✗ ${failure}`);
console.log(`${manifest.name}: ${programs.length - failures.length} of ${programs.length} examples hold`);
process.exitCode = failures.length > 0 ? 1 : 0;
