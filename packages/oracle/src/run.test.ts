import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResourceError, UnsupportedError } from '@gtc/errors';
import { afterAll, describe, expect, it } from 'vitest';
import { printingProgram, runExample } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'gtc-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('printingProgram', () => {
  it('prints each expression and keeps the rest', () => {
    const program = printingProgram("import { cwd } from 'node:process';\nconst a: number = 1;\na + 1; // => 2\ncwd();\nif (a) { a; }");
    expect(program).toBe(
      "import { cwd } from 'node:process';\nconst a = 1;\nconsole.log(await (a + 1));\nconsole.log(await (cwd()));\nif (a) {\n    a;\n}\n;\n",
    );
  });
  it('takes an example without a semicolon and one with several', () => {
    expect(printingProgram('1')).toContain('console.log(await (1));');
    expect(printingProgram('1;\n2 ;')).toContain('console.log(await (1));\nconsole.log(await (2));');
  });
});

describe('runExample', () => {
  it('prints the value of every expression, awaited', () => {
    expect(runExample('const x = 2;\nx * 21 // => 42', { folder })).toEqual({ status: 0, stdout: '42\n', stderr: '' });
    expect(runExample('Promise.resolve([1, 2])', { folder }).stdout).toBe('[ 1, 2 ]\n');
  });
  it('runs in the folder, without the environment of its caller', () => {
    process.env['GTC_SECRET'] = 'x';
    const { stdout } = runExample('process.cwd();\nObject.keys(process.env).includes("GTC_SECRET");\nprocess.env.NO_COLOR', { folder });
    delete process.env['GTC_SECRET'];
    expect(stdout).toBe(`${realpathSync(folder)}\nfalse\n1\n`);
  });
  it('keeps what stands inside of an expression', () => {
    expect(runExample('(() => { const a = 1; return a + 1; })();', { folder }).stdout).toBe('2\n');
  });
  it('reports a failing example with its status', () => {
    const { status, stderr } = runExample("throw new Error('boom')", { folder });
    expect(status).toBe(1);
    expect(stderr).toContain('boom');
    expect(runExample('process.exit(3)', { folder }).status).toBe(3);
  });
  it('reports an example that kills itself as failed', () => {
    expect(runExample("process.kill(process.pid, 'SIGKILL')", { folder }).status).toBe(1);
  });
  it('stops an example that does not end', () => {
    const run = (): unknown => runExample('for (;;) {}', { folder, timeoutMs: 300 });
    expect(run).toThrow(ResourceError);
    expect(run).toThrow(expect.objectContaining({ parameter: 'timeoutMs', received: 300 }));
    expect(run).toThrow('the example took longer than 300 ms');
  });
  it('takes types away and leaves what they stand beside', () => {
    expect(runExample('interface A { readonly n: number }\nconst a: A = { n: 2 };\na.n satisfies number', { folder }).stdout).toBe('2\n');
  });
  it('runs an empty example', () => {
    expect(runExample('', { folder })).toEqual({ status: 0, stdout: '', stderr: '' });
  });
  it('says when there is nothing to run', () => {
    const run = (): unknown => runExample(undefined, { folder });
    expect(run).toThrow(UnsupportedError);
    expect(run).toThrow(expect.objectContaining({ parameter: 'example' }));
    expect(run).toThrow('this pattern has no example to run');
  });
});
