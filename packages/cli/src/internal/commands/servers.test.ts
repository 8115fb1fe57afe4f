import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, runCommand } from '../../commands.js';
import { readOptions } from '../../options.js';
import { makeTerminal } from './commands.fixture.js';
import { PACKAGE_FOLDER } from './outcome.js';

const data = mkdtempSync(join(tmpdir(), 'gtc-servers-'));
afterAll(() => rmSync(data, { recursive: true }));

/** Runs a command that serves, asks it, and ends it. */
async function serving<T>(args: readonly string[], ask: (address: string) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let told: (address: string) => void;
  const address = new Promise<string>(settle => {
    told = settle;
  });
  const terminal = makeTerminal(data, { warn: line => told(/http:\S+/.exec(line)![0]) }, controller.signal);
  const ended = runCommand(readOptions([...args, '--port', '0']), terminal);
  try {
    return await ask(await address);
  } finally {
    controller.abort();
    expect(await ended).toEqual({ stdout: '', status: 0 });
  }
}

describe('gtc serve', () => {
  it('answers questions until it is told to end', async () => {
    await serving(['serve'], async address => {
      expect(await (await fetch(address)).text()).toContain('GTC oracle');
      const { results } = (await (await fetch(`${address}/api/search?q=roc%20auc`)).json()) as { results: { name: string }[] };
      expect(results[0]!.name).toBe('rocAucScore');
      const { recipes } = (await (await fetch(`${address}/api/about`)).json()) as { recipes: { name: string }[] };
      expect(recipes.map(({ name }) => name)).toContain('lora-finetune');
    });
  });
  it.each([
    ['/page.css', 200],
    ['/nowhere', 404],
  ])('answers %s with %d', async (path, status) => {
    await serving(['serve'], async address => {
      expect((await fetch(`${address}${path}`)).status).toBe(status);
    });
  });
  it('runs examples of the packages', async () => {
    await serving(['serve'], async address => {
      const reply = await fetch(`${address}/api/run`, { method: 'POST', body: '{"name": "f1Score"}' });
      expect(await reply.json()).toMatchObject({ status: 0, stderr: '' });
    });
  });
  it('starts recipes, tells their lines, and ends them with the page', async () => {
    await serving(['serve'], async address => {
      const controller = new AbortController();
      const reply = await fetch(`${address}/api/recipe`, { method: 'POST', body: '{"name": "pretrain"}', signal: controller.signal });
      const { value } = await reply.body!.getReader().read();
      expect(new TextDecoder().decode(value)).toMatch(/\w+/);
      controller.abort();
    });
    rmSync('gtc-pretrain', { recursive: true, force: true });
  }, 60_000);
  it('says that a port is taken', async () => {
    const other = createServer();
    await new Promise<void>(settle => other.listen(0, '127.0.0.1', settle));
    const { port } = other.address() as { port: number };
    const line = await runCommand(readOptions(['serve', '--port', String(port)]), makeTerminal(data)).catch(error => failureOf(error).line);
    other.close();
    expect(line).toBe(`gtc: cannot listen on port ${port} (listen EADDRINUSE); --port <n> names another`);
  });
  it('ends at once when it was told before', async () => {
    expect(await runCommand(readOptions(['serve', '--port', '0']), makeTerminal(data, {}, AbortSignal.abort()))).toEqual({ stdout: '', status: 0 });
  });
});

/** Messages to the built command and back, line by line. */
async function talk(messages: readonly object[]): Promise<Record<string, unknown>[]> {
  const child = spawn(process.execPath, [join(PACKAGE_FOLDER, 'dist', 'main.js'), 'mcp'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GTC_HOME: data },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', part => {
    text += part;
    if (text.split('\n').length > messages.length) child.stdin.end();
  });
  for (const message of messages) child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  await new Promise(settle => child.on('close', settle));
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
}

describe('gtc mcp', () => {
  it('ends with its input', async () => {
    const { stdin } = process;
    const input = new PassThrough();
    Object.defineProperty(process, 'stdin', { value: input, configurable: true });
    const ended = runCommand(readOptions(['mcp']), makeTerminal(data));
    input.end();
    expect(await ended).toEqual({ stdout: '', status: 0 });
    Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  });
  it('answers on standard input and output', async () => {
    const [hello, tools] = await talk([
      { id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } } },
      { id: 2, method: 'tools/list' },
    ]);
    expect(hello).toMatchObject({ result: { serverInfo: { name: 'gtc' } } });
    expect((tools!['result'] as { tools: unknown[] }).tools).toHaveLength(4);
  });
  it('answers over HTTP, and replays what is at hand', async () => {
    await serving(['mcp', '--http'], async address => {
      const message = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'verify_pattern', arguments: { name: 'mergeLora' } } };
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      const reply = (await (await fetch(`${address}/mcp`, { method: 'POST', headers, body: JSON.stringify(message) })).json()) as {
        result: { content: { text: string }[] };
      };
      expect(reply.result.content[0]!.text).toMatch(/^@gtc\/training\/lora\n {2}recorded {2}/);
    });
  }, 60_000);
});
