import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as collections from './collections.js';

describe('parity: collections', () => {
  it.each(parityCases('hub/collections', collections, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a slug has no space and ends with the id', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.stringMatching(/^[0-9a-f]{6}$/), (title, id) => {
        const slug = collections.formatCollectionSlug('ada', title, id);
        return slug.startsWith('ada/') && slug.endsWith(`-${id}`) && !/\s/.test(slug);
      }),
      { numRuns: 100 },
    );
  });
  it('more of anything never weighs less', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.constantFrom('totalModels', 'totalPapers', 'totalLikes', 'totalDownloads'),
        (n, field) =>
          collections.calculateCollectionScore(collections.createCollectionStats({ [field]: n + 1 })) >
          collections.calculateCollectionScore(collections.createCollectionStats({ [field]: n })),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(collections.CollectionConfig),
    ...sweep(collections.CollectionItem, () => collections.createCollectionItem('ada/model')),
    ...sweep(collections.CollectionMetadata),
    ...sweep(collections.CollectionQuery),
    ...sweep(collections.CollectionStats),
    ...sweepEnum('CollectionItemType', collections.CollectionItemType, { list: collections.listItemTypes, get: collections.getItemType }),
    ...sweepEnum('CollectionTheme', collections.CollectionTheme, { list: collections.listThemes }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => collections.createCollectionItem('gpt2'), "itemId must be owner/name, got 'gpt2'"],
    [() => collections.createCollectionConfig('x'.repeat(101), { namespace: 'ada' }), 'title must be at most 100 characters long'],
    [() => collections.createCollectionQuery({ limit: 101 }), 'limit must be at most 100, got 101'],
    [() => collections.formatCollectionSlug('', 'a', 'b'), 'namespace cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
