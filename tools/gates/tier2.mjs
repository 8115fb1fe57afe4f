/** `pnpm tier2`, before a commit: tests of the packages that changes affect, under 30 seconds. */
import { install, turbo } from '../bootstrap/setup.mjs';

const started = performance.now();
install();
const status = turbo("typecheck test '--filter=...[HEAD]' --continue");
process.stdout.write(`tier2: ${status === 0 ? 'holds' : 'fails'}, ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
process.exitCode = status;
