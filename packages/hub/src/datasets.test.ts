import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as datasets from './datasets.js';

describe('parity: datasets', () => {
  it.each(parityCases('hub/datasets', datasets, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const schemas = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('int64', 'string'));
  it('a comparison read from the other side tells the same', () => {
    fc.assert(
      fc.property(schemas, schemas, (a, b) => {
        const there = datasets.compareDatasetSchemas(a, b);
        const back = datasets.compareDatasetSchemas(b, a);
        return Object.entries(there).every(([name, { typeA, typeB }]) => back[name]!.typeA === typeB && back[name]!.typeB === typeA);
      }),
      { numRuns: 100 },
    );
  });
  it('a hash of a text is that of its bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('sha256', 'sha1', 'md5'),
        (text, algorithm) =>
          datasets.calculateDatasetHash(text, { algorithm }) === datasets.calculateDatasetHash(new TextEncoder().encode(text), { algorithm }),
      ),
      { numRuns: 100 },
    );
  });
});

describe('getDatasetMetadata', () => {
  const hub = (body: unknown, status = 200) => ({
    fetch: (async () => Response.json(body, { status })) as unknown as typeof fetch,
    endpoint: 'https://hub.test',
  });
  it('reads what the tags tell', async () => {
    const entry = {
      id: 'rajpurkar/squad',
      author: 'rajpurkar',
      downloads: 7,
      likes: 2,
      lastModified: '2024-03-04T13:54:37.000Z',
      gated: 'auto',
      tags: ['license:cc-by-sa-4.0', 'language:en', 'task_categories:question-answering', 3],
    };
    expect(await datasets.getDatasetMetadata('rajpurkar/squad', hub(entry))).toEqual({
      datasetId: 'rajpurkar/squad',
      author: 'rajpurkar',
      license: 'cc-by-sa-4.0',
      languages: ['en'],
      taskCategories: ['question-answering'],
      downloads: 7,
      likes: 2,
      lastModified: '2024-03-04T13:54:37.000Z',
      isPrivate: false,
      isGated: true,
    });
  });
  it('takes an entry that tells nothing', async () => {
    expect(await datasets.getDatasetMetadata('squad', hub({ private: true, gated: false }))).toMatchObject({
      datasetId: 'squad',
      license: null,
      isPrivate: true,
      isGated: false,
    });
  });
  it('says why there is none', async () => {
    await expect(datasets.getDatasetMetadata('no/such', hub({}, 404))).rejects.toThrow('dataset no/such was not found');
    await expect(datasets.getDatasetMetadata('../etc', hub({}))).rejects.toThrow('datasetId must be a name or owner/name');
  });
  it.each(
    sweep(datasets.DatasetMetadata, () => ({
      datasetId: 'squad',
      author: null,
      license: null,
      languages: [],
      taskCategories: [],
      downloads: 0,
      likes: 0,
      lastModified: null,
      isPrivate: false,
      isGated: false,
    })),
  )('$name', c => c.run());
});

describe('definitions', () => {
  it.each([
    ...sweep(datasets.DatasetConfig),
    ...sweep(datasets.DownloadConfig),
    ...sweep(datasets.UploadConfig),
    ...sweep(datasets.DatasetStats),
    ...sweepEnum('DatasetFormat', datasets.DatasetFormat, { list: datasets.listFormats, get: datasets.getFormat }),
    ...sweepEnum('SplitType', datasets.SplitType, { list: datasets.listSplits, get: datasets.getSplit }),
    ...sweepEnum('StreamingMode', datasets.StreamingMode, { list: datasets.listStreamingModes, get: datasets.getStreamingMode }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => datasets.estimateDownloadSize(-1), 'numRows must be non-negative, got -1'],
    [() => datasets.calculateDatasetHash('x', { algorithm: 'crc' }), "algorithm must be one of md5, sha1, sha256, got 'crc'"],
    [() => datasets.validateDatasetFormat('a.csv', 'xml'), "expectedFormat must be one of arrow, csv, json, parquet, webdataset, got 'xml'"],
    [() => datasets.getRecommendedDatasetConfig({ useCase: 'fun' }), "useCase must be one of evaluation, inference, training, got 'fun'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
