/** `npm start [-- command ...]`: sets up what is missing, then runs the `gtc` command, by default the oracle's first question. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fail, install, root, turbo } from './setup.mjs';

const given = process.argv.slice(2);
const command = given.length > 0 ? given : ['oracle', 'how to implement LoRA fine-tuning'];

install();
process.stderr.write('Building what changed ...\n');
if (turbo('build --filter=@gtc/cli...') !== 0) fail('The build failed; see above.');
const { status } = spawnSync(process.execPath, [join(root, 'packages', 'cli', 'dist', 'main.js'), ...command], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
