/** `pnpm tier3`, before a push: every gate but mutation, under five minutes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, root } from '../bootstrap/setup.mjs';
import { runGates, underPnpm } from './gates.mjs';

const started = performance.now();
install();
if (!underPnpm()) {
  const { passed, failed } = runGates();
  mkdirSync(join(root, 'tools', 'gates', 'reports'), { recursive: true });
  writeFileSync(join(root, 'tools', 'gates', 'reports', 'gates.json'), `${JSON.stringify({ passed, failed }, null, 2)}\n`);
  process.stderr.write(`tier3: ${passed} gates hold, ${failed} refuse, ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}
