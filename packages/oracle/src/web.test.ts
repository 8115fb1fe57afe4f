import { describe, expect, it } from 'vitest';
import { makeOracle } from './corpus.fixture.js';
import { asking, type Reply, serving } from './servers.fixture.js';
import { handleWeb, type WebRecipe } from './web.js';

const recipes: readonly WebRecipe[] = [
  {
    name: 'bake',
    summary: 'bake bread',
    tags: ['food'],
    run: async tell => {
      tell('flour');
      tell('oven');
    },
  },
  { name: 'burn', summary: 'burn bread', tags: [], run: async () => Promise.reject(new Error('black\nvery')) },
];

const ask = async (path: string, more: Parameters<typeof asking>[2] = {}): Promise<Reply> =>
  serving(
    (request, response) => handleWeb(request, response, { oracle: makeOracle(), folder: import.meta.dirname ?? '.', recipes }),
    port => asking(port, path, more),
  );
const post = async (path: string, body: string): Promise<Reply> => ask(path, { method: 'POST', body });

describe('the web page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<title>GTC oracle</title>'],
    ['/page.css', 'text/css; charset=utf-8', 'color-scheme'],
    ['/page.js', 'text/javascript; charset=utf-8', 'addEventListener'],
  ])('has %s', async (path, type, part) => {
    const { status, headers, text } = await ask(path);
    expect([status, headers['content-type'], text.includes(part)]).toEqual([200, type, true]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
  it('answers questions', async () => {
    const { results, milliseconds } = JSON.parse((await ask('/api/search?q=harmonic%20mean')).text);
    expect(results[0]).toMatchObject({ name: 'f1Score', code: { ts: 'f1Score([1], [1]) // => 1' }, equivalents: { python: expect.any(String) } });
    expect(results[0].proofText).toContain('7 golden vectors');
    expect(milliseconds).toBeGreaterThan(0);
    expect(JSON.parse((await ask('/api/search')).text).results).toEqual([]);
    const only = JSON.parse((await ask('/api/search?q=score&domain=training')).text).results as { domain: string }[];
    expect(only.every(({ domain }) => domain === 'training')).toBe(true);
  });
  it('says what it holds', async () => {
    expect(JSON.parse((await ask('/api/about')).text)).toEqual({
      patterns: 5,
      domains: ['evaluation', 'rag', 'training'],
      recipes: [
        { name: 'bake', summary: 'bake bread', tags: ['food'] },
        { name: 'burn', summary: 'burn bread', tags: [] },
      ],
    });
  });
  it('runs the example of a pattern', async () => {
    const reply = await post('/api/run', '{"name": "create_lora_config"}');
    expect(JSON.parse(reply.text)).toMatchObject({ status: 1, stderr: expect.stringContaining('createLoraConfig is not defined') });
  });
  it('runs a recipe and passes its lines on', async () => {
    expect((await post('/api/recipe', '{"name": "bake"}')).text).toBe('flour\noven\n');
    expect((await post('/api/recipe', '{"name": "burn"}')).text).toBe('black\n');
  });
  it.each<[string, string, number, string]>([
    ['/api/run', '', 400, 'the body must be {"name": "..."}\n'],
    ['/api/run', '{"name": 1}', 400, 'the body must be {"name": "..."}\n'],
    ['/api/run', 'null', 400, 'the body must be {"name": "..."}\n'],
    ['/api/run', `{"name": "${'x'.repeat(5000)}"}`, 400, 'the body must be at most 4096 bytes\n'],
    ['/api/run', '{"name": "f1Scor"}', 404, "unknown pattern 'f1Scor'\n"],
    ['/api/run', '{"name": "chunkDocument"}', 400, 'this pattern has no example to run\n'],
    ['/api/recipe', '{"name": "bak"}', 404, "unknown recipe 'bak'; did you mean 'bake'?\n"],
    ['/api/recipe', '{"name": "zzzzzzzzzz"}', 404, "unknown recipe 'zzzzzzzzzz'\n"],
    ['/', '', 404, 'there is no POST /\n'],
  ])('POST %s %s -> %d', async (path, body, status, text) => {
    const reply = await post(path, body);
    expect([reply.status, reply.text]).toEqual([status, text]);
  });
  it.each([
    ['/api/nothing', 404, 'there is no GET /api/nothing\n'],
    ['/../package.json', 404, 'there is no GET /package.json\n'],
    ['/__proto__', 404, 'there is no GET /__proto__\n'],
    ['/api/search?q=x&domain=trainin', 404, "unknown domain 'trainin'; did you mean 'training'?\n"],
  ])('GET %s -> %d', async (path, status, text) => {
    const reply = await ask(path);
    expect([reply.status, reply.text]).toEqual([status, text]);
  });
  it('serves its own pages alone', async () => {
    expect((await ask('/', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await ask('/api/run', { method: 'POST', headers: { origin: 'http://evil.example' }, body: '{}' })).status).toBe(403);
  });
  it('answers a fault of its own with one line', async () => {
    const broken = new Proxy(makeOracle(), {
      get: () => {
        throw new TypeError('broken\nmore');
      },
    });
    const reply = await serving(
      (request, response) => handleWeb(request, response, { oracle: broken, folder: '.', recipes }),
      port => asking(port, '/api/about'),
    );
    expect([reply.status, reply.text]).toEqual([500, 'broken\n']);
  });
});
