import { parityCases, sweep } from '@gtc/testing';
import { describe, expect, it, vi } from 'vitest';
import * as search from './search.js';

describe('parity: search', () => {
  it.each(parityCases('hub/search', search, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const pages = (...bodies: unknown[]) => {
    const urls: string[] = [];
    const answer = async (url: string | URL | Request) => {
      urls.push(String(url));
      const index = urls.length - 1;
      const link = index + 1 < bodies.length ? { link: `<https://hub.test/api/models?cursor=${index + 1}>; rel="next"` } : {};
      return new Response(JSON.stringify(bodies[index]), { headers: link });
    };
    return { urls, fetch: answer as typeof fetch, endpoint: 'https://hub.test/' };
  };
  it('asks the hub for what it looks for', async () => {
    const hub = pages([{ id: 'openai-community/gpt2', downloads: 9, likes: 2, pipeline_tag: 'text-generation' }]);
    const found = await search.searchModels({ query: 'gpt 2', task: 'text-generation', library: 'transformers', limit: 5, sort: 'created', ...hub });
    expect(found).toEqual([{ modelId: 'openai-community/gpt2', downloads: 9, likes: 2, pipelineTag: 'text-generation', libraryName: null }]);
    expect(hub.urls).toEqual(['https://hub.test/api/models?search=gpt+2&pipeline_tag=text-generation&filter=transformers&sort=createdAt&direction=-1&limit=5']);
  });
  it('reads the tasks of datasets from their tags', async () => {
    const hub = pages([{ id: 'squad', tags: ['task_categories:question-answering', 'language:en'] }]);
    expect(await search.searchDatasets({ task: 'question-answering', ...hub })).toEqual([
      { datasetId: 'squad', downloads: 0, likes: 0, taskCategories: ['question-answering'] },
    ]);
  });
  it('takes entries with fields missing or of another kind', async () => {
    const hub = pages([{}, { modelId: 'm', downloads: 'many', tags: 'none' }]);
    expect((await search.searchModels(hub)).map(({ modelId, downloads }) => [modelId, downloads])).toEqual([
      ['', 0],
      ['m', 0],
    ]);
    expect(await search.searchDatasets(pages([{ tags: 7 }, { id: 'd', tags: [1, 'task_categories:qa'] }]))).toEqual([
      { datasetId: '', downloads: 0, likes: 0, taskCategories: [] },
      { datasetId: 'd', downloads: 0, likes: 0, taskCategories: ['qa'] },
    ]);
  });
  it('stays offline when told, unless requests are given', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(search.searchModels()).rejects.toThrow('cannot fetch models: offline mode is on (HF_HUB_OFFLINE)');
    vi.stubEnv('HF_ENDPOINT', 'https://mirror.test/');
    vi.stubEnv('HF_TOKEN', 'hf_env');
    const seen: unknown[] = [];
    const answer = (async (url: string, init?: RequestInit) => {
      seen.push(url, init?.headers);
      throw 'lost';
    }) as unknown as typeof fetch;
    await expect(search.searchModels({ query: 'bert', fetch: answer })).rejects.toThrow('cannot fetch models: lost');
    expect(seen).toEqual([expect.stringContaining('https://mirror.test/api/models?search=bert'), { authorization: 'Bearer hf_env' }]);
    vi.unstubAllEnvs();
  });
  it('asks for datasets and for all models as well', async () => {
    const datasets = pages([]);
    await search.searchDatasets({ query: 'squad', task: 'question-answering', limit: 3, ...datasets });
    expect(datasets.urls).toEqual([
      'https://hub.test/api/datasets?search=squad&filter=task_categories%3Aquestion-answering&sort=downloads&direction=-1&limit=3',
    ]);
    const any = pages([]);
    await search.searchDatasets(any);
    expect(any.urls).toEqual(['https://hub.test/api/datasets?sort=downloads&direction=-1&limit=10']);
    const models = pages([]);
    for await (const model of search.iterModels({ task: 'fill-mask', library: 'transformers', ...models })) expect(model).toBeNull();
    expect(models.urls).toEqual(['https://hub.test/api/models?pipeline_tag=fill-mask&filter=transformers&sort=downloads&direction=-1']);
  });
  it('follows pages to the end', async () => {
    const hub = pages([{ id: 'a' }, { id: 'b' }], [{ id: 'c' }]);
    const ids: string[] = [];
    for await (const model of search.iterModels(hub)) ids.push(model.modelId);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(hub.urls).toHaveLength(2);
  });
  it('sends the token and never follows a page to another host', async () => {
    const headers: unknown[] = [];
    const stray = async (_: unknown, init?: RequestInit) => {
      headers.push(init?.headers);
      return new Response('[]', { headers: { link: '<https://elsewhere.test/x>; rel="next"' } });
    };
    await expect(search.searchModels({ fetch: stray as typeof fetch, endpoint: 'https://hub.test', token: 'hf_x' })).rejects.toThrow(
      'the next page of models is on another host',
    );
    expect(headers).toEqual([{ authorization: 'Bearer hf_x' }]);
  });
  it('says why the hub did not answer', async () => {
    const status = (code: number, message: string) =>
      (async () => new Response('', { status: code, headers: { 'x-error-message': message } })) as unknown as typeof fetch;
    await expect(search.searchModels({ fetch: status(429, 'slow down') })).rejects.toThrow('cannot fetch models: slow down');
    await expect(search.searchModels({ fetch: status(404, 'gone') })).rejects.toThrow('models was not found: gone');
    await expect(search.searchModels({ fetch: (async () => Promise.reject(new Error('no route'))) as unknown as typeof fetch })).rejects.toThrow(
      'cannot fetch models: no route',
    );
    await expect(
      search.searchModels({ fetch: (async () => Promise.reject(new Error('no route'))) as unknown as typeof fetch, signal: AbortSignal.abort() }),
    ).rejects.toThrow('aborted');
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(search.ModelInfo, () => ({ modelId: 'gpt2', downloads: 1, likes: 0, pipelineTag: null, libraryName: null })),
    ...sweep(search.DatasetInfo, () => ({ datasetId: 'squad', downloads: 1, likes: 0, taskCategories: [] })),
  ])('$name', c => c.run());
  it('fields that the hub may leave out are nullable', () => {
    expect(Object.entries(search.ModelInfo.fields).flatMap(([name, field]) => (field.nullable ? [name] : []))).toEqual(['pipelineTag', 'libraryName']);
    expect([search.ModelInfo.name, search.DatasetInfo.name, Object.keys(search.DatasetInfo.fields)]).toEqual([
      'ModelInfo',
      'DatasetInfo',
      ['datasetId', 'downloads', 'likes', 'taskCategories'],
    ]);
  });
});

describe('refusals', () => {
  it.each([
    [() => search.searchModels({ limit: 101 }), 'limit must be in [1, 100], got 101'],
    [() => search.searchDatasets({ sort: 'size' }), "sort must be one of created, downloads, lastModified, likes, got 'size'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
