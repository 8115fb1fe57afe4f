/** Runs an example in a process of its own: with a time limit, printing each value that it promises. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ResourceError, UnsupportedError } from '@gtc/errors';
import ts from 'typescript';

/** What running an example printed. */
export interface RunOutput {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An example as a program that prints the value of every expression statement. */
export function printingProgram(example: string): string {
  const tree = ts.createSourceFile('example.ts', example, ts.ScriptTarget.ES2022);
  const statements = tree.statements.map(statement => {
    const source = example.slice(statement.getStart(tree), statement.end).replace(/;$/, '');
    return ts.isExpressionStatement(statement) ? `console.log(await (${source}));` : `${source};`;
  });
  return ts.transpileModule(['export {};', ...statements].join('\n'), { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } })
    .outputText;
}

/** Options of {@link runExample}. */
export interface RunOptions {
  /** Folder from which imports are resolved. */
  readonly folder: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Most characters that are kept of what an example prints. */
const LONGEST_OUTPUT = 1 << 20;

/** Runs before the example: whatever would reach the network fails. */
const WITHOUT_NETWORK = `
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
const refuse = () => { throw new Error('examples run without network'); };
net.Socket.prototype.connect = refuse;
net.Server.prototype.listen = refuse;
dgram.createSocket = refuse;
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) { dns[name] = refuse; dns.promises[name] = async () => refuse(); }
globalThis.fetch = async () => refuse();
syncBuiltinESMExports();
process.on('uncaughtException', error => {
  const lines = String(error?.stack ?? error).split('\\n');
  console.error(lines.filter(line => !/^\\s+at .*(data:text|node:internal)/.test(line)).join('\\n'));
  process.exit(1);
});
`;

/** Neither files are written nor other programs started; older versions of Node have another name for it. */
function permissions(): string[] {
  const flag = ['--permission', '--experimental-permission'].find(name => process.allowedNodeEnvironmentFlags.has(name))!;
  return [flag, '--allow-fs-read=*', '--allow-worker', '--disable-warning=ExperimentalWarning', '--disable-warning=SecurityWarning'];
}

/**
 * Runs an example in a process of its own and resolves to what it printed: without network, without writing files, without the environment.
 *
 * @throws {UnsupportedError} when the pattern has no example
 * @throws {ResourceError} when it takes longer than the limit
 */
export async function runExample(example: string | undefined, { folder, timeoutMs = 10_000, signal }: RunOptions): Promise<RunOutput> {
  if (example === undefined) throw new UnsupportedError('this pattern has no example to run', { parameter: 'example' });
  const guard = `--import=data:text/javascript,${encodeURIComponent(WITHOUT_NETWORK)}`;
  const child = spawn(process.execPath, [...permissions(), guard, '--input-type=module'], { cwd: folder, env: { NO_COLOR: '1' }, signal, stdio: 'pipe' });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] = `${output[name]}${text}`.slice(0, LONGEST_OUTPUT);
    });
  // An example that ends before it was read whole is no fault of the pipe: the error is taken and says nothing.
  child.stdin.on('error', Boolean);
  child.stdin.end(printingProgram(example));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    if (isLate) throw new ResourceError(`the example took longer than ${timeoutMs} ms`, { parameter: 'timeoutMs', received: timeoutMs });
    return { status: status ?? 1, ...output };
  } finally {
    clearTimeout(timer);
  }
}
