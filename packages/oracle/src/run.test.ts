import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResourceError, UnsupportedError } from '@gtc/errors';
import { afterAll, describe, expect, it } from 'vitest';
import { printingProgram, type RunOutput, runExample } from './run.js';

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

/** What an example prints, run in the folder. */
const run = async (example: string): Promise<RunOutput> => runExample(example, { folder });

describe('runExample', () => {
  it('prints the value of every expression, awaited', async () => {
    expect(await run('const x = 2;\nx * 21 // => 42')).toEqual({ status: 0, stdout: '42\n', stderr: '' });
    expect((await run('Promise.resolve([1, 2])')).stdout).toBe('[ 1, 2 ]\n');
  });
  it('runs in the folder, without the environment of its caller', async () => {
    process.env['GTC_SECRET'] = 'x';
    const { stdout } = await run('process.cwd();\nObject.keys(process.env).includes("GTC_SECRET");\nprocess.env.NO_COLOR');
    delete process.env['GTC_SECRET'];
    expect(stdout).toBe(`${realpathSync(folder)}\nfalse\n1\n`);
  });
  it('keeps what stands inside of an expression', async () => {
    expect((await run('(() => { const a = 1; return a + 1; })();')).stdout).toBe('2\n');
  });
  it('reports a failing example with its status', async () => {
    const { status, stderr } = await run("throw new Error('boom')");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: boom\n/);
    expect((await run('process.exit(3)')).status).toBe(3);
  });
  it('reports an example that kills itself as failed', async () => {
    expect((await run("process.kill(process.pid, 'SIGKILL')")).status).toBe(1);
  });
  it('stops an example that does not end', async () => {
    const endless = runExample('for (;;) {}', { folder, timeoutMs: 300 });
    await expect(endless).rejects.toThrow(ResourceError);
    await expect(endless).rejects.toThrow('the example took longer than 300 ms');
    await expect(endless).rejects.toMatchObject({ parameter: 'timeoutMs', received: 300 });
  });
  it.each([
    ["await fetch('http://127.0.0.1:9')", 'examples run without network'],
    ["import { connect } from 'node:net';\nconnect(9, '127.0.0.1')", 'examples run without network'],
    ["import { createServer } from 'node:http';\ncreateServer().listen(0)", 'examples run without network'],
    ["import { lookup } from 'node:dns';\nlookup('localhost', () => {})", 'examples run without network'],
    ["import { createSocket } from 'node:dgram';\ncreateSocket('udp4')", 'examples run without network'],
    ["import { writeFileSync } from 'node:fs';\nwriteFileSync('x', 'y')", 'Access to this API has been restricted'],
    ["import { execSync } from 'node:child_process';\nexecSync('ls')", 'Access to this API has been restricted'],
  ])('neither reaches the network nor writes: %s', async (example, message) => {
    const { status, stderr } = await run(example);
    expect([status, stderr.includes(message)]).toEqual([1, true]);
  });
  it('takes types away and leaves what they stand beside', async () => {
    expect((await run('interface A { readonly n: number }\nconst a: A = { n: 2 };\na.n satisfies number')).stdout).toBe('2\n');
  });
  it('runs an empty example', async () => {
    expect(await run('')).toEqual({ status: 0, stdout: '', stderr: '' });
  });
  it('keeps the beginning of endless output', async () => {
    const { stdout } = await run("console.log('x'.repeat(3_000_000))");
    expect(stdout.length).toBe(1 << 20);
  });
  it('rejects where there is no folder to run in', async () => {
    await expect(runExample('1', { folder: join(folder, 'none') })).rejects.toThrow(/ENOENT/);
  });
  it('takes an example that is never read', async () => {
    const long = `'${'x'.repeat(4_000_000)}'`;
    await expect(runExample(long, { folder, signal: AbortSignal.timeout(1) })).rejects.toThrow(/abort/i);
  });
  it('ends with the signal', async () => {
    await expect(runExample('for (;;) {}', { folder, signal: AbortSignal.timeout(200) })).rejects.toThrow(/abort/i);
  });
  it('says when there is nothing to run', async () => {
    const nothing = runExample(undefined, { folder });
    await expect(nothing).rejects.toThrow(UnsupportedError);
    await expect(nothing).rejects.toThrow('this pattern has no example to run');
    await expect(nothing).rejects.toMatchObject({ parameter: 'example' });
  });
});
