/** Measures the three tiers on this machine and records them for the README: tier1 and tier2 after a change in one package, tier3 without any cache. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { root } from '../bootstrap/setup.mjs';

const file = join(root, 'packages', 'training', 'src', 'lora.ts');

function seconds(tier, env = {}) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools', 'gates', `${tier}.mjs`)], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${tier} fails:\n${stdout}${stderr}`);
  return Math.round((performance.now() - started) / 10) / 100;
}

const before = readFileSync(file, 'utf8');
const tiers = {};
try {
  // Another text each time, so that no earlier run has cached it.
  appendFileSync(file, `// measured ${Date.now()}\n`);
  seconds('tier1');
  tiers.tier1 = { seconds: seconds('tier1'), limit: '1 s warm' };
  tiers.tier2 = { seconds: seconds('tier2'), limit: '30 s' };
} finally {
  writeFileSync(file, before);
}
tiers.tier3 = { seconds: seconds('tier3', { TURBO_FORCE: 'true' }), limit: '5 min' };
const [{ model }] = cpus();
writeFileSync(
  join(root, 'tools', 'gates', 'times.json'),
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine: `${cpus().length} cores, ${model.trim()}, Node ${process.versions.node}`, tiers }, null, 2)}\n`,
);
