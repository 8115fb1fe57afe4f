import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, runCommand } from './commands.js';
import { makeTerminal } from './internal/commands/commands.fixture.js';
import { readOptions } from './options.js';

interface Completion {
  readonly choices: readonly { readonly text: string; readonly finish_reason: string | null }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
  readonly error?: { readonly message: string; readonly type: string };
}

const data = mkdtempSync(join(tmpdir(), 'gtc-serving-'));
const controller = new AbortController();
let address: string;
let ended: Promise<{ readonly stdout: string }>;

beforeAll(async () => {
  address = await new Promise(settle => {
    const terminal = makeTerminal(data, {}, controller.signal);
    const log = (line: string): void => settle(/http:\/\/[^/]+/.exec(line)![0]);
    ended = runCommand(readOptions(['run', 'serve-model', '--port', '0']), {
      ...terminal,
      surroundings: { ...terminal.surroundings, progress: { update: () => {}, log } },
    });
  });
});
afterAll(async () => {
  controller.abort();
  expect((await ended).stdout).toMatch(/^base was served at http:\/\/127\.0\.0\.1:\d+ for \d+ s\n$/);
  rmSync(data, { recursive: true });
});

const post = async (body: unknown): Promise<Response> =>
  fetch(`${address}/v1/completions`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
const complete = async (body: unknown): Promise<Completion> => (await (await post(body)).json()) as Completion;
const textOf = ({ choices }: Completion): string => choices[0]!.text;
const greedy = { prompt: 'The whale', max_tokens: 12, temperature: 0 };

describe('gtc run serve-model', () => {
  it('completes a prompt, the likeliest token each time at temperature 0', async () => {
    const completion = await complete(greedy);
    expect(completion).toMatchObject({
      object: 'text_completion',
      model: 'base',
      choices: [{ index: 0, finish_reason: 'length' }],
      usage: { completion_tokens: 12 },
    });
    expect(textOf(completion).length).toBeGreaterThan(5);
    expect(textOf(await complete(greedy))).toBe(textOf(completion));
  });
  it('draws by the seed', async () => {
    const drawn = async (seed: number): Promise<string> => textOf(await complete({ ...greedy, temperature: 1, top_p: 0.95, seed }));
    expect(await drawn(1)).toBe(await drawn(1));
    expect(await drawn(1)).not.toBe(await drawn(2));
  });
  it('streams the same text', async () => {
    const lines = (await (await post({ ...greedy, stream: true })).text()).trim().split('\n\n');
    expect(lines.at(-1)).toBe('data: [DONE]');
    const pieces = lines.slice(0, -1).map(line => JSON.parse(line.replace(/^data: /, '')) as Completion);
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.map(textOf).join('')).toBe(textOf(await complete(greedy)));
    expect(pieces.at(-1)!.choices[0]!.finish_reason).toBe('length');
  });
  it('stops before a stop text, also in a stream', async () => {
    const whole = textOf(await complete(greedy));
    const stop = whole.slice(8, 11);
    const stopped = await complete({ ...greedy, stop });
    expect([textOf(stopped), stopped.choices[0]!.finish_reason]).toEqual([whole.slice(0, whole.indexOf(stop)), 'stop']);
    const streamed = await (await post({ ...greedy, stop: [stop], stream: true })).text();
    const parts = [...streamed.matchAll(/^data: (\{.*)$/gm)].map(([, part]) => textOf(JSON.parse(part!) as Completion));
    expect(parts.join('')).toBe(textOf(stopped));
  });
  it('answers several one after another', async () => {
    const texts = await Promise.all([complete(greedy), complete(greedy), complete(greedy)]);
    expect(new Set(texts.map(textOf)).size).toBe(1);
  });
  it('says what it serves', async () => {
    expect(await (await fetch(`${address}/health`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${address}/v1/models`)).json()).toMatchObject({ data: [{ id: 'base' }] });
  });
  it.each<[unknown, number, string]>([
    ['{', 400, 'the body must be JSON'],
    ['null', 400, 'prompt must be a text that is not empty'],
    [{}, 400, 'prompt must be a text that is not empty'],
    [{ prompt: '' }, 400, 'prompt must be a text that is not empty'],
    [{ ...greedy, max_tokens: 0 }, 400, 'max_tokens must be a number from 1 to 4096, got 0'],
    [{ ...greedy, temperature: 'hot' }, 400, 'temperature must be a number from 0 to 2, got "hot"'],
    [{ ...greedy, top_p: 0 }, 400, 'top_p must be a number from 0.001 to 1, got 0'],
    [{ ...greedy, stop: [1] }, 400, 'stop must be texts'],
    [{ ...greedy, prompt: 'whale '.repeat(600) }, 400, 'that is more than the 512 of the model'],
  ])('refuses %j', async (body, status, message) => {
    const response = await post(body);
    const { error } = (await response.json()) as Completion;
    expect([response.status, error!.message.includes(message)]).toEqual([status, true]);
  });
  it('knows no other way, and no other host', async () => {
    expect((await fetch(`${address}/v1/chat`)).status).toBe(404);
    const { port } = new URL(address);
    const status = await new Promise(settle =>
      request({ host: '127.0.0.1', port, path: '/health', headers: { host: 'evil.example' } }, reply => settle(reply.statusCode)).end(),
    );
    expect(status).toBe(403);
  });
  it('goes on after a client that left', async () => {
    const leaving = new AbortController();
    const left = fetch(`${address}/v1/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...greedy, max_tokens: 400, stream: true }),
      signal: leaving.signal,
    });
    await (await left).body!.getReader().read();
    leaving.abort();
    expect(textOf(await complete(greedy)).length).toBeGreaterThan(5);
  });
  it('says that a port is taken, and ends at once when it was told before', async () => {
    const other = createServer();
    await new Promise<void>(settle => other.listen(0, '127.0.0.1', settle));
    const { port } = other.address() as { port: number };
    const line = await runCommand(readOptions(['run', 'serve-model', '--port', String(port)]), makeTerminal(data)).catch(error => failureOf(error).line);
    other.close();
    expect(line).toBe(`gtc: cannot listen on port ${port} (listen EADDRINUSE); --port <n> names another`);
    const { stdout } = await runCommand(readOptions(['run', 'serve-model', '--port', '0', '--json']), makeTerminal(data, {}, AbortSignal.abort()));
    expect(JSON.parse(stdout)).toMatchObject({ recipe: 'serve-model', model: 'base' });
  });
});
