import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as streaming from './streaming.js';

describe('parity: streaming', () => {
  it.each(parityCases('preprocessing/streaming', streaming, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
    for (const item of items) yield item;
  }
  const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
    const items: T[] = [];
    for await (const item of stream) items.push(item);
    return items;
  };
  it('batches hold every item once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (items, batchSize) => {
        const batches = [...streaming.createStreamIterator(items, { batchSize })];
        return String(batches.flat()) === String(items) && batches.slice(0, -1).every(batch => batch.length === batchSize);
      }),
      { numRuns: 100 },
    );
  });
  it('a taken and a skipped part make the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { maxLength: 20 }),
        fc.nat(25),
        (items, n) => String([...streaming.takeStream(items, n), ...streaming.skipStream(items, n)]) === String(items),
      ),
      { numRuns: 100 },
    );
  });
  it('draws no item beyond those it takes', () => {
    const source = count(5)[Symbol.iterator]();
    expect([...streaming.takeStream({ [Symbol.iterator]: () => source }, 2)]).toEqual([0, 1]);
    expect(source.next().value).toBe(2);
  });
  // datasets 4: Dataset.from_dict({'i': range(40)}).to_iterable_dataset().shuffle(seed=…, buffer_size=…)
  it.each([
    [1, 42, count(40)],
    [
      4,
      42,
      [3, 2, 5, 4, 1, 7, 8, 9, 10, 11, 0, 6, 12, 14, 13, 15, 16, 19, 17, 18, 20, 21, 22, 23, 26, 25, 27, 24, 30, 31, 29, 32, 33, 34, 37, 35, 28, 38, 36, 39],
    ],
    [
      10,
      20260,
      [8, 1, 5, 2, 0, 7, 11, 3, 10, 14, 13, 4, 18, 6, 15, 20, 19, 17, 12, 21, 9, 26, 22, 29, 16, 24, 25, 33, 27, 32, 38, 31, 36, 30, 28, 34, 39, 35, 23, 37],
    ],
    [
      Number.POSITIVE_INFINITY,
      42,
      [32, 7, 39, 18, 4, 37, 16, 5, 25, 28, 21, 20, 35, 24, 10, 27, 31, 30, 26, 6, 29, 11, 23, 9, 36, 22, 19, 3, 0, 15, 17, 34, 12, 14, 38, 2, 33, 1, 13, 8],
    ],
  ])('shuffles with a buffer of %d from seed %i as the library does', (bufferSize, seed, expected) => {
    expect([...streaming.shuffleStream(count(40), { bufferSize, seed })]).toEqual(expected);
  });
  it('keeps every item of a long stream', () => {
    expect([...streaming.shuffleStream(count(2500), { bufferSize: 7 })].sort((a, b) => a - b)).toEqual(count(2500));
  });
  it('treats asynchronous streams alike and waits for functions', async () => {
    expect(await collect(streaming.createStreamIterator(later(count(5)), { batchSize: 2 }))).toEqual([[0, 1], [2, 3], [4]]);
    expect(await collect(streaming.mapStream(later([1, 2]), async item => item * 2))).toEqual([2, 4]);
    expect(await collect(streaming.filterStream(later([1, 2]), async item => item > 1))).toEqual([2]);
    expect(await collect(streaming.takeStream(later([1, 2]), 1))).toEqual([1]);
    expect(await collect(streaming.takeStream(later([1, 2]), 0))).toEqual([]);
    expect(await collect(streaming.skipStream(later([1, 2]), 1))).toEqual([2]);
  });

  const rejecting = (async () => Promise.reject(new Error('no route'))) as unknown as typeof fetch;

  /** A server of rows with 250 of them in the split `train`. */
  function server({ status = 200, rows = 250 }: { status?: number; rows?: number } = {}): { urls: string[]; fetch: typeof fetch } {
    const urls: string[] = [];
    const answer = async (input: string): Promise<Response> => {
      urls.push(input);
      const { pathname, searchParams } = new URL(input);
      if (status !== 200) return Response.json({ error: 'The dataset does not exist.' }, { status });
      if (pathname === '/splits')
        return Response.json({
          splits: [
            { config: 'plain', split: 'test' },
            { config: 'plain', split: 'train' },
          ],
        });
      const offset = Number(searchParams.get('offset'));
      const length = Math.min(100, rows - offset);
      return Response.json({ rows: count(length).map(i => ({ row: { id: offset + i, text: 't' } })), num_rows_total: rows });
    };
    return { urls, fetch: answer as typeof fetch };
  }
  const ordered = { batchSize: 100, bufferSize: 10, shuffleMode: 'disabled' as const, prefetchBatches: 1, numWorkers: 0 };
  it('streams a dataset page by page', async () => {
    const { urls, fetch } = server();
    const batches = await collect(streaming.streamBatches('imdb', { config: ordered, columns: ['id'], fetch, endpoint: 'https://rows.test' }));
    expect(batches.map(batch => batch.length)).toEqual([100, 100, 50]);
    expect(batches.flat()).toEqual(count(250).map(id => ({ id })));
    expect(urls).toEqual([
      'https://rows.test/splits?dataset=imdb',
      'https://rows.test/rows?dataset=imdb&config=plain&split=train&offset=0&length=100',
      'https://rows.test/rows?dataset=imdb&config=plain&split=train&offset=100&length=100',
      'https://rows.test/rows?dataset=imdb&config=plain&split=train&offset=200&length=100',
    ]);
  });
  it('shuffles the rows of a dataset unless told otherwise', async () => {
    const rows = await collect(streaming.streamDataset('imdb', { fetch: server().fetch }));
    expect(rows.map(row => row['id'])).not.toEqual(count(250));
    expect(rows).toHaveLength(250);
    expect(await collect(streaming.streamDataset('imdb', { config: { ...ordered, shuffleMode: 'full' }, fetch: server().fetch }))).toHaveLength(250);
    expect(await collect(streaming.streamDataset('imdb', { fetch: server({ rows: 0 }).fetch }))).toEqual([]);
  });
  it('sends the token, reads ahead as asked, and stops when told', async () => {
    const { urls, fetch } = server();
    const headers: unknown[] = [];
    const watched = ((input: string, init?: RequestInit) => {
      headers.push(init?.headers);
      return fetch(input);
    }) as typeof fetch;
    const stream = streaming.streamDataset('imdb', { config: { ...ordered, prefetchBatches: 0 }, fetch: watched, token: 'hf_x' });
    expect((await stream.next()).value).toEqual({ id: 0, text: 't' });
    expect(urls).toHaveLength(2);
    expect(headers).toEqual([{ authorization: 'Bearer hf_x' }, { authorization: 'Bearer hf_x' }]);
    await expect(collect(streaming.streamDataset('imdb', { fetch: rejecting, signal: AbortSignal.abort() }))).rejects.toThrow('aborted');
  });
  it('a page that fails ahead of its time is heard when its turn comes', async () => {
    const { fetch } = server();
    const failing = (async (input: string) => (input.includes('offset=100') ? Response.json({}, { status: 503 }) : fetch(input))) as typeof fetch;
    const seen: unknown[] = [];
    const drain = async (): Promise<void> => {
      for await (const row of streaming.streamDataset('imdb', { config: ordered, fetch: failing })) seen.push(row);
    };
    await expect(drain()).rejects.toThrow("cannot stream dataset 'imdb': status 503");
    expect(seen).toHaveLength(100);
  });
  it('says why a dataset cannot be streamed', async () => {
    const drain = (options: streaming.StreamOptions): Promise<unknown> => collect(streaming.streamDataset('imdb', options));
    await expect(drain({ split: 'trian', fetch: server().fetch })).rejects.toThrow("unknown split 'trian'; did you mean 'train'?");
    await expect(drain({ columns: ['txt'], fetch: server().fetch })).rejects.toThrow("unknown column 'txt'; did you mean 'text'?");
    await expect(drain({ fetch: server({ status: 404 }).fetch })).rejects.toThrow("dataset 'imdb' was not found: The dataset does not exist.");
    await expect(drain({ fetch: server({ status: 500 }).fetch })).rejects.toThrow("cannot stream dataset 'imdb': The dataset does not exist.");
    await expect(drain({ fetch: rejecting })).rejects.toThrow("cannot stream dataset 'imdb': no route");
    await expect(drain({ fetch: (async () => new Response('<html>')) as unknown as typeof fetch })).rejects.toThrow(
      "cannot stream dataset 'imdb': the answer is no JSON",
    );
    await expect(drain({ fetch: (async () => Response.json({ rows: 1 })) as unknown as typeof fetch })).rejects.toThrow(
      "cannot stream dataset 'imdb': the answer has no list of splits",
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(streaming.StreamConfig),
    ...sweep(streaming.StreamStats),
    ...sweep(streaming.StreamProgress),
    ...sweepEnum('ShuffleMode', streaming.ShuffleMode, { list: streaming.listShuffleModes, is: streaming.validateShuffleMode }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => streaming.takeStream([1], -1), 'n must be non-negative, got -1'],
    [() => streaming.shuffleStream([1], { bufferSize: 0 }), 'bufferSize must be positive, got 0'],
    [() => streaming.streamDataset('imdb', { revision: 'v1' }), "revision must be null: rows come from the newest revision only, got 'v1'"],
    [() => streaming.createStreamIterator([1], { batchSize: 0 }), 'batchSize must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
