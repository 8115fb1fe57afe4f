import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as pipeline from './pipeline.js';

describe('parity: pipeline', () => {
  it.each(parityCases('preprocessing/pipeline', pipeline, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a pipeline filters, maps, transforms and batches in its order', () => {
    const config = pipeline.buildPipeline({
      stages: [
        ['load', 'read', null],
        ['filter', 'odd', null],
        ['map', 'square', null],
        ['transform', 'add', { by: 1 }],
        ['map', 'nowhere', null],
        ['batch', 'batch', { batch_size: 2 }],
      ],
    });
    const functions = {
      odd: (item: number) => item % 2,
      square: (item: number) => item * item,
      add: (item: number, params?: Readonly<Record<string, unknown>>) => item + Number(params?.['by']),
      read: () => 'never',
    };
    const [items, result] = pipeline.executePipeline([1, 2, 3, 5], { config, functions });
    expect(items).toEqual([[2, 10], [26]]);
    expect(result).toMatchObject({ numProcessed: 2, numFiltered: 1, cacheHits: 0 });
  });
  it('batches hold every item', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 99 }), items => {
        const [batches] = pipeline.executePipeline(items, { config: pipeline.buildPipeline({ stages: [['batch', 'batch', null]] }) });
        return String(batches.flat()) === String(items) && batches.length === Math.ceil(items.length / 32);
      }),
      { numRuns: 50 },
    );
  });
  it('moves filters before the first map only', () => {
    const kinds = (stages: [string, string, null][]): string[] =>
      pipeline.optimizePipeline(pipeline.buildPipeline({ stages })).stages.map(({ functionName }) => functionName);
    expect(
      kinds([
        ['load', 'a', null],
        ['map', 'b', null],
        ['filter', 'c', null],
        ['map', 'd', null],
        ['filter', 'e', null],
      ]),
    ).toEqual(['a', 'c', 'e', 'b', 'd']);
    expect(
      kinds([
        ['filter', 'a', null],
        ['load', 'b', null],
      ]),
    ).toEqual(['a', 'b']);
  });
  it('tells kinds by name or class', () => {
    expect(pipeline.validatePipelineOutput([1, 2], { expectedType: 'number' })).toBe(true);
    expect(pipeline.validatePipelineOutput([1, '2'], { expectedType: 'number' })).toBe(false);
    expect(pipeline.validatePipelineOutput([new Date(0)], { expectedType: Date })).toBe(true);
    expect(pipeline.validatePipelineOutput([{}], { expectedType: Date })).toBe(false);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(pipeline.StageConfig),
    ...sweep(pipeline.PipelineConfig),
    ...sweep(pipeline.PipelineResult),
    ...sweep(pipeline.PipelineStats),
    ...sweepEnum('PipelineStage', pipeline.PipelineStage, { list: pipeline.listPipelineStages, get: pipeline.getPipelineStage }),
    ...sweepEnum('ExecutionMode', pipeline.ExecutionMode, { list: pipeline.listExecutionModes, get: pipeline.getExecutionMode }),
    ...sweepEnum('CacheStrategy', pipeline.CacheStrategy, { list: pipeline.listCacheStrategies, get: pipeline.getCacheStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => pipeline.validatePipelineOutput([], { minLength: 5, maxLength: 3 }), 'maxLength must be at least minLength 5, got 3'],
    [() => pipeline.buildPipeline({ stages: [] }), 'stages cannot be empty'],
    [() => pipeline.buildPipeline({ stages: [['sort', 'f', null]] }), "stageType must be one of batch, cache, filter, load, map, transform, got 'sort'"],
    [
      () => pipeline.executePipeline([1], { config: pipeline.buildPipeline({ stages: [['batch', 'batch', { batch_size: 0 }]] }) }),
      'batchSize must be positive, got 0',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
