/** Runs an example in a process of its own: with a time limit, printing each value that it promises. */
import { spawnSync } from 'node:child_process';
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
}

/**
 * Runs an example and returns what it printed.
 *
 * @throws {UnsupportedError} when the pattern has no example
 * @throws {ResourceError} when it takes longer than the limit
 */
export function runExample(example: string | undefined, { folder, timeoutMs = 10_000 }: RunOptions): RunOutput {
  if (example === undefined) throw new UnsupportedError('this pattern has no example to run', { parameter: 'example' });
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ['--input-type=module'], {
    cwd: folder,
    input: printingProgram(example),
    encoding: 'utf8',
    timeout: timeoutMs,
    maxBuffer: 1 << 20,
    env: { NO_COLOR: '1' },
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT')
    throw new ResourceError(`the example took longer than ${timeoutMs} ms`, { parameter: 'timeoutMs', received: timeoutMs });
  return { status: status ?? 1, stdout, stderr };
}
