import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as video from './video.js';

describe('parity: video', () => {
  it.each(parityCases('multimodal/video', video, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('indices ascend, lie inside the video and never outnumber what was asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        fc.constantFrom(...video.listSamplingStrategies()),
        fc.integer({ min: 1, max: 9 }),
        (a, b, strategy, stride) => {
          const [total, count] = [Math.max(a, b), Math.min(a, b)];
          const indices = video.calculateFrameIndices(total, count, strategy, { stride });
          return indices.length <= count && indices.every((index, i) => index >= 0 && index < total && (i === 0 || index > indices[i - 1]!));
        },
      ),
      { numRuns: 100 },
    );
  });
  it('a duration reads back to the second', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e6 }), seconds => {
        const [h, m, s] = video
          .formatVideoDuration(seconds + 0.5)
          .split(':')
          .map(Number) as [number, number, number];
        return h * 3600 + m * 60 + s === seconds;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(video.VideoConfig),
    ...sweep(video.FrameConfig),
    ...sweep(video.VideoProcessingConfig),
    ...sweep(video.VideoClassificationConfig),
    ...sweep(video.VideoStats),
    ...sweepEnum('VideoModelType', video.VideoModelType, { list: video.listVideoModelTypes, get: video.getVideoModelType }),
    ...sweepEnum('VideoTask', video.VideoTask, { list: video.listVideoTasks, get: video.getVideoTask }),
    ...sweepEnum('FrameSamplingStrategy', video.FrameSamplingStrategy, { list: video.listSamplingStrategies, get: video.getSamplingStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => video.calculateFrameIndices(5, 6, 'dense'), 'numFrames cannot exceed totalFrames, got numFrames=6, totalFrames=5'],
    [() => video.calculateFrameIndices(5, 2, 'x' as never), "strategy must be one of dense, keyframe, random, uniform, got 'x'"],
    [() => video.formatVideoDuration(Number.NaN), 'seconds must be finite, got NaN'],
    [() => video.createFrameConfig({ startTime: 5, endTime: 5 }), 'endTime must be greater than startTime, got endTime=5, startTime=5'],
    [() => video.createVideoClassificationConfig(1, { labelNames: ['a', 'b'] }), 'labelNames length cannot exceed numLabels, got 2 names for 1 labels'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
