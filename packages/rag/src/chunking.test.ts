import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as chunking from './chunking.js';

describe('parity: chunking', () => {
  it.each(parityCases('rag/chunking', chunking, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('so many chunks cover a document, and one less would not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 300 }), fc.nat(299), (length, size, overlap) => {
        fc.pre(overlap < size);
        const count = chunking.calculateChunkCount(length, size, overlap);
        const covered = (chunks: number) => size + (chunks - 1) * (size - overlap);
        return covered(count) >= length && (count === 1 || covered(count - 1) < length);
      }),
      { numRuns: 100 },
    );
  });
  it('pieces that were cut out are found again, whatever their characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(20), (text, cut) => {
        const characters = [...text];
        const at = Math.min(cut, characters.length);
        const [head, tail] = [characters.slice(0, at).join(''), characters.slice(at).join('')];
        return chunking.validateChunkBoundaries(
          [head, tail],
          [
            [0, at],
            [at, characters.length],
          ],
          text,
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('chunkDocument', () => {
  const cut = (text: string, options: Parameters<typeof chunking.createChunkConfig>[0]): string[] =>
    chunking.chunkDocument(text, { config: chunking.createChunkConfig({ overlapSize: 0, ...options }) }).map(({ content }) => content);
  const piece = fc.constantFrom('word', 'Sentence one. ', 'Is it? ', '\n', '\n\n', '# Head\n', ' ', '日本。', '👩‍🚀', 'x'.repeat(30));
  it('chunks are slices, none too long, and together hold all that is not blank', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map(parts => parts.join('')),
        fc.constantFrom(...chunking.listChunkingStrategies()),
        fc.integer({ min: 2, max: 40 }),
        fc.nat(10),
        (text, strategy, chunkSize, overlapSize) => {
          const config = chunking.createChunkConfig({ strategy, chunkSize, overlapSize: Math.min(overlapSize, chunkSize - 1) });
          const chunks = chunking.chunkDocument(text, { config });
          const held = new Set(chunks.flatMap(({ startOffset, endOffset }) => Array.from({ length: endOffset - startOffset }, (_, i) => startOffset + i)));
          const sound = chunks.every(
            ({ content, startOffset, endOffset, index }, i) =>
              content === text.slice(startOffset, endOffset) && content.length <= chunkSize && content.trim() === content && index === i,
          );
          return sound && Array.from({ length: text.length }, (_, i) => i).every(i => held.has(i) || /\s/.test(text[i]!));
        },
      ),
      { numRuns: 500 },
    );
  });
  it('never parts a character', () => {
    for (const strategy of ['fixed', 'recursive'] as const)
      for (const chunk of cut('👩🚀👍🏽🙂'.repeat(4), { strategy, chunkSize: 3 })) expect(chunk).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
  });
  it('cuts where the strategy likes to', () => {
    const text = '# A\nOne. Two.\n\nThree four five.\n# B\nSix.';
    expect(cut(text, { strategy: 'markdown', chunkSize: 32 })).toEqual(['# A\nOne. Two.\n\nThree four five.', '# B\nSix.']);
    expect(cut(text, { strategy: 'paragraph', chunkSize: 30 })).toEqual(['# A\nOne. Two.', 'Three four five.\n# B\nSix.']);
    expect(cut('One. Two! Three?', { strategy: 'sentence', chunkSize: 6 })).toEqual(['One.', 'Two!', 'Three?']);
    expect(cut('abcdefgh', { strategy: 'fixed', chunkSize: 4, overlapSize: 2 })).toEqual(['abcd', 'cdef', 'efgh']);
    expect(cut('abcdefgh', { strategy: 'fixed', chunkSize: 4, overlapSize: 2, overlapType: 'none' })).toEqual(['abcd', 'efgh']);
    expect(cut('a b c d', { strategy: 'recursive', chunkSize: 4, overlapSize: 3 })).toEqual(['a b', 'b c', 'c d']);
  });
  it.each<[string, string, number, number, string[]]>([
    ['paragraph', 'a b\n \n\n c d', 4, 0, ['a b', 'c d']],
    ['paragraph', 'one\ntwo', 7, 0, ['one\ntwo']],
    ['recursive', 'one\n   two', 5, 0, ['one', 'two']],
    ['recursive', 'One two. Six', 9, 0, ['One two.', 'Six']],
    ['recursive', 'One!  Two?   Six', 7, 0, ['One!', 'Two?', 'Six']],
    ['sentence', '日本。東京。', 3, 0, ['日本。', '東京。']],
    ['sentence', '日本。 東京。', 4, 0, ['日本。', '東京。']],
    ['semantic', 'Yes. No.', 5, 0, ['Yes.', 'No.']],
    ['semantic', 'alpha beta', 6, 0, ['alpha', 'beta']],
    ['recursive', 'alpha   beta', 8, 0, ['alpha', 'beta']],
    ['markdown', 'x\n\n## B\ny', 6, 0, ['x', '## B\ny']],
    ['markdown', 'aa\n\nbb', 4, 0, ['aa', 'bb']],
    ['recursive', 'a b c d e f', 6, 4, ['a b c', 'b c d', 'c d e', 'd e f']],
    ['recursive', 'a b c d', 4, 2, ['a b', 'b c', 'c d']],
    ['recursive', 'aaaa bb cc', 7, 3, ['aaaa bb', 'bb cc']],
    ['recursive', 'aaaa bb cc', 7, 1, ['aaaa bb', 'cc']],
    ['fixed', 'abcdef', 6, 0, ['abcdef']],
    ['fixed', 'abcdefg', 6, 0, ['abcdef', 'g']],
    ['fixed', 'ab🙂cd', 3, 0, ['ab', '🙂c', 'd']],
    ['fixed', 'a🙂', 3, 2, ['a🙂']],
    ['fixed', 'a🙂b', 1, 0, ['a', '🙂', 'b']],
  ])('%s cuts %j at %i with %i shared', (strategy, text, chunkSize, overlapSize, expected) => {
    expect(cut(text, { strategy: strategy as never, chunkSize, overlapSize })).toEqual(expected);
  });
  it('names the document', () => {
    expect(chunking.chunkDocument(' x ', { documentId: 'd', metadata: { lang: 'en' } })).toEqual([
      { content: 'x', startOffset: 1, endOffset: 2, index: 0, documentId: 'd', metadata: { lang: 'en' } },
    ]);
    expect(chunking.chunkDocument('')).toEqual([]);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(chunking.ChunkConfig),
    ...sweep(chunking.SemanticChunkConfig),
    ...sweep(chunking.ChunkResult, () => chunking.createChunkResult(['a'], [[0, 1]])),
    ...sweepEnum('ChunkingStrategy', chunking.ChunkingStrategy, { list: chunking.listChunkingStrategies, get: chunking.getChunkingStrategy }),
    ...sweepEnum('OverlapType', chunking.OverlapType, { list: chunking.listOverlapTypes, get: chunking.getOverlapType }),
    ...sweepEnum('BoundaryDetection', chunking.BoundaryDetection, { list: chunking.listBoundaryDetections, get: chunking.getBoundaryDetection }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => chunking.createChunkResult(['a'], [[5, 2]]), 'offsets[0] must end at or after its start (5), got 2'],
    [() => chunking.createChunkConfig({ overlapSize: 512 }), 'overlapSize must be less than chunkSize (512), got 512'],
    [
      () => chunking.validateChunkResult({ chunks: ['a'], offsets: [[0, 1]], metadata: {}, chunkCount: 3 }),
      'chunkCount must be the number of chunks (1), got 3',
    ],
    [() => chunking.getRecommendedChunkingConfig({ useCase: 'art' }), "useCase must be one of chat, qa, search, summarization, got 'art'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
