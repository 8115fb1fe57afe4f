import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { makeOracle } from './corpus.fixture.js';
import { createMcpServer, handleMcp, type McpOptions, serveStdio } from './mcp.js';
import { asking, serving } from './servers.fixture.js';

const options = (more: Partial<McpOptions> = {}): McpOptions => ({ oracle: makeOracle(), version: '1.2.3', folder: import.meta.dirname ?? '.', ...more });

/** The official client, connected in memory. */
async function connected<T>(run: (client: Client) => Promise<T>, more: Partial<McpOptions> = {}): Promise<T> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' });
  await createMcpServer(options(more)).connect(ours);
  await client.connect(theirs);
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}

const call = async (name: string, args: Record<string, unknown>, more: Partial<McpOptions> = {}): Promise<CallToolResult> =>
  connected(async client => (await client.callTool({ name, arguments: args })) as CallToolResult, more);
const textOf = ({ content }: CallToolResult): string => content.map(part => (part.type === 'text' ? part.text : '')).join('');

describe('the MCP server', () => {
  it('says what it is and what it offers', async () => {
    await connected(async client => {
      expect(client.getServerVersion()).toMatchObject({ name: 'gtc', version: '1.2.3' });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['search_patterns', 'show_pattern', 'run_pattern', 'verify_pattern']);
      expect(tools.every(({ inputSchema, annotations }) => inputSchema.type === 'object' && annotations?.readOnlyHint === true)).toBe(true);
    });
  });
  it('searches', async () => {
    const result = await call('search_patterns', { question: 'harmonic mean of precision', limit: 1 });
    expect(textOf(result)).toContain('## f1Score');
    expect(result.structuredContent).toMatchObject({ results: [{ name: 'f1Score', specifier: '@gtc/evaluation/metrics' }] });
    expect(textOf(await call('search_patterns', { question: 'lora', domain: 'training', languages: ['py'] }))).toContain('```python');
    expect(textOf(await call('search_patterns', { question: 'zzzz' }))).toBe('Nothing matches; ask with other words.');
  });
  it('shows, in any spelling', async () => {
    expect(textOf(await call('show_pattern', { name: 'f1_score' }))).toContain('## f1Score');
  });
  it('runs an example', async () => {
    const oracle = makeOracle();
    const result = await call('run_pattern', { name: 'createLoraConfig' }, { oracle });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain('createLoraConfig is not defined');
    expect(result.structuredContent).toMatchObject({ status: 1 });
  });
  it('verifies by the record, or as it is told', async () => {
    expect(textOf(await call('verify_pattern', { name: 'f1Score' }))).toBe(
      'f1Score (@gtc/evaluation/metrics): 7 golden vectors of hf_gtc; 3 cases of scikit-learn 1.9 within 1e-12; 12 tests in all',
    );
    expect(textOf(await call('verify_pattern', { name: 'f1Score' }, { verify: async name => `${name} replayed` }))).toBe('f1Score replayed');
  });
  it.each<[string, Record<string, unknown>, string]>([
    ['search_patterns', {}, 'question must be a text that is not empty'],
    ['search_patterns', { question: ' ' }, 'question must be a text that is not empty'],
    ['search_patterns', { question: 'x', limit: 0 }, 'limit must be an integer from 1 to 50'],
    ['search_patterns', { question: 'x', limit: 'many' }, 'limit must be an integer from 1 to 50'],
    ['search_patterns', { question: 'x', domain: 'trainin' }, "unknown domain 'trainin'; did you mean 'training'?"],
    ['search_patterns', { question: 'f1', languages: ['js'] }, 'languages must be some of ts, py, rs'],
    ['search_patterns', { question: 'f1', languages: 'py' }, 'languages must be some of ts, py, rs'],
    ['show_pattern', { name: 'f1Scor' }, "unknown pattern 'f1Scor'; did you mean 'f1Score'?"],
    ['run_pattern', { name: 'chunkDocument' }, 'this pattern has no example to run'],
    ['shw_pattern', {}, "unknown tool 'shw_pattern'; did you mean 'show_pattern'?"],
  ])('%s %j: one line', async (name, args, message) => {
    const result = await call(name, args);
    expect([result.isError, textOf(result)]).toEqual([true, message]);
  });
  it('lets faults of its own be faults', async () => {
    const broken = { verify: async () => Promise.reject(new TypeError('broken')) };
    await expect(call('verify_pattern', { name: 'f1Score' }, broken)).rejects.toThrow('broken');
  });
});

describe('serveStdio', () => {
  it('answers line by line until the input ends', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const served = serveStdio(options(), input, output);
    input.end(`${JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' })}\n`);
    await served;
    expect(JSON.parse(String(output.read()))).toEqual({ jsonrpc: '2.0', id: 7, result: {} });
  });
});

describe('streamable HTTP', () => {
  const handle = (request: Parameters<typeof handleMcp>[0], response: Parameters<typeof handleMcp>[1]): Promise<void> =>
    handleMcp(request, response, options());
  const hello = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  it('answers the official client', async () => {
    await serving(handle, async port => {
      const client = new Client({ name: 'test', version: '1' });
      await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)) as Parameters<typeof client.connect>[0]);
      const result = (await client.callTool({ name: 'show_pattern', arguments: { name: 'f1Score' } })) as CallToolResult;
      expect(textOf(result)).toContain('## f1Score');
      await client.close();
    });
  });
  it.each<[Record<string, string>, string, number, string]>([
    [{ host: 'evil.example' }, 'POST', 403, 'host evil.example is not served here\n'],
    [{ host: 'evil.example:80' }, 'POST', 403, 'host evil.example:80 is not served here\n'],
    [{ origin: 'https://evil.example' }, 'POST', 403, 'origin https://evil.example may not ask\n'],
    [{ origin: 'null' }, 'POST', 403, 'origin null may not ask\n'],
    [{}, 'GET', 405, 'POST a message; sessions are not kept\n'],
    [{}, 'DELETE', 405, 'POST a message; sessions are not kept\n'],
  ])('%j %s -> %d', async (more, method, status, text) => {
    await serving(handle, async port => {
      const reply = await asking(port, '/mcp', { method, headers: { ...headers, ...more }, ...(method === 'POST' ? { body: hello } : {}) });
      expect([reply.status, reply.text]).toEqual([status, text]);
    });
  });
  it('answers pages of its own address', async () => {
    await serving(handle, async port => {
      const own = { ...headers, host: `localhost:${port}`, origin: `http://localhost:${port}` };
      expect((await asking(port, '/mcp', { method: 'POST', headers: own, body: hello })).status).toBe(200);
    });
  });
  it.each([
    ['not JSON', 400, 'the body must be JSON'],
    ['x'.repeat((1 << 20) + 1), 413, 'the body must be at most 1048576 bytes'],
  ])('refuses a body (%#)', async (body, status, message) => {
    await serving(handle, async port => {
      const reply = await asking(port, '/mcp', { method: 'POST', headers, body });
      expect([reply.status, JSON.parse(reply.text).error.message]).toEqual([status, message]);
    });
  });
});
