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
