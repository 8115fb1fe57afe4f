/** Writes the generated pages of the site (API, parity and evidence); `--build` builds the site after that. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractPackage } from '../../packages/oracle/dist/extract.js';
import { root, withPnpm } from '../bootstrap/setup.mjs';

const docs = join(root, 'docs');
const readJson = path => JSON.parse(readFileSync(path, 'utf8'));
const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('{', '&#123;');
/** Angle and curly brackets are markup in a page; in code spans only double curly ones are. */
const prose = text =>
  text
    .split(/(`[^`]*`)/)
    .map((part, i) => {
      if (i % 2 === 0) return part.replaceAll('<', '&lt;').replaceAll('{', '&#123;');
      return /\{\{|\}\}/.test(part) ? `<code v-pre>${escaped(part.slice(1, -1))}</code>` : part;
    })
    .join('');
const cell = text => prose(text).replaceAll('|', '\\|');

function symbolSection({ name, kind, signature, summary, details, params, returns, throws, python, rust, examples }) {
  const lines = [`## ${name}`, '', `*${kind}*`, '', prose(`${summary} ${details}`.trim()), '', '```ts no-run', signature, '```', ''];
  for (const param of params) lines.push(`- parameter ${prose(param)}`);
  if (returns) lines.push(`- returns ${prose(returns)}`);
  for (const each of throws) lines.push(`- throws ${prose(each)}`);
  if (python) lines.push(`- Python: ${prose(python)}`);
  if (rust) lines.push(`- Rust: ${prose(rust)}`);
  for (const example of examples) lines.push('', '```ts', example, '```');
  return lines.join('\n');
}

/** Patterns and proof of every package. */
export function readPackages() {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map(name => {
      const folder = join(root, 'packages', name);
      const proofFile = join(folder, 'proof.json');
      return { name, ...extractPackage(folder), proofs: existsSync(proofFile) ? readJson(proofFile).modules : {} };
    });
}

function writeApi(packages) {
  rmSync(join(docs, 'api'), { recursive: true, force: true });
  const index = ['# API', ''];
  for (const { name, modules, patterns } of packages) {
    if (modules.length === 0) continue;
    mkdirSync(join(docs, 'api', name), { recursive: true });
    index.push(`## @gtc/${name}`, '');
    for (const { specifier, summary } of modules) {
      const module = specifier.split('/').pop();
      const own = patterns.filter(pattern => pattern.specifier === specifier).sort((a, b) => (a.name < b.name ? -1 : 1));
      writeFileSync(join(docs, 'api', name, `${module}.md`), [`# ${specifier}`, '', prose(summary), '', ...own.map(symbolSection)].join('\n\n'));
      index.push(`- [\`${specifier}\`](/api/${name}/${module}): ${prose(summary)} ${own.length} symbols.`);
    }
    index.push('');
  }
  writeFileSync(join(docs, 'api', 'index.md'), `${index.join('\n')}\n`);
}

/** Parity by domain: what the original has, what is here, what was replayed. */
export function parityTable(packages) {
  const original = readJson(join(docs, 'original.json'));
  const rows = Object.entries(original).map(([domain, { files, vectors, errata }]) => {
    const { proofs = {} } = packages.find(each => each.name === domain) ?? {};
    const proven = Object.values(proofs).filter(proof => proof.vectors !== null);
    const passed = proven.reduce((sum, proof) => sum + proof.vectors.passed, 0);
    const setAside = proven.reduce((sum, proof) => sum + proof.vectors.errata, 0);
    return { domain, files, modules: proven.length, vectors, passed, errata, setAside };
  });
  const sum = key => rows.reduce((total, row) => total + row[key], 0);
  const line = ({ domain, files, modules, vectors, passed, setAside }) => `| ${domain} | ${modules} of ${files} | ${passed} | ${setAside} | ${vectors} |`;
  return [
    '| domain | modules | vectors passed | set aside as errata | vectors of the original |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(line),
    line({ domain: '**all**', files: sum('files'), modules: sum('modules'), vectors: sum('vectors'), passed: sum('passed'), setAside: sum('setAside') }),
  ].join('\n');
}

/** Evidence by topic: which library and version answered, at which tolerance, how many cases passed. */
export function evidenceTable(packages) {
  const rows = packages.flatMap(({ name, proofs }) =>
    Object.entries(proofs).flatMap(([module, proof]) =>
      proof.evidence.map(
        ({ topic, passed, library, version, tolerance }) =>
          `| \`@gtc/${name}/${module}\` | ${topic} | ${cell(library)} | ${cell(version)} | ${tolerance} | ${passed} |`,
      ),
    ),
  );
  return ['| module | topic | library | version | relative tolerance | cases passed |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function writeProofPage(packages) {
  const page = `# Parity and evidence

Generated from the records of the last test run; nothing on this page is typed by hand.

## Parity with hf_gtc

A vector is a recorded call of the Python original. A vector with an erratum shows a fault of the original; there GTC does the right thing.

${parityTable(packages)}

## Evidence

Inputs and answers of the libraries that practitioners trust. Every case of a topic runs; none is left out.

${evidenceTable(packages)}
`;
  writeFileSync(join(docs, 'proof.md'), page);
}

function writeDecisions() {
  const files = readdirSync(join(docs, 'decisions'))
    .filter(file => /^\d{4}-.*\.md$/.test(file))
    .sort();
  const title = file => /^# (.*)$/m.exec(readFileSync(join(docs, 'decisions', file), 'utf8'))?.[1] ?? file;
  writeFileSync(
    join(docs, 'decisions', 'index.md'),
    `# Decisions\n\n${files.map(file => `- [${title(file)}](/decisions/${file.replace(/\.md$/, '')})`).join('\n')}\n`,
  );
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const packages = readPackages();
  writeApi(packages);
  writeProofPage(packages);
  writeDecisions();
  process.stderr.write('Wrote the generated pages of the site\n');
  if (process.argv.includes('--build')) process.exitCode = withPnpm('pnpm --filter @gtc-tools/docs site');
}
