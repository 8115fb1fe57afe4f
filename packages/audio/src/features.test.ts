import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as features from './features.js';

describe('laws', () => {
  it('mel and Hz are inverses, and mel grows with Hz', () => {
    const hz = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(hz, hz, (a, b) => Math.abs(features.melToHz(features.hzToMel(a)) - a) < 1e-6 && (a >= b || features.hzToMel(a) <= features.hzToMel(b))),
      { numRuns: 200 },
    );
    expect(features.hzToMel(1000)).toBeCloseTo(999.9855, 4);
  });
  it('frames lie within the signal and no further one would', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 2048 }), fc.integer({ min: 1, max: 2048 }), (samples, nFft, hop) => {
        const frames = features.calculateNumFrames(samples, nFft, hop);
        return samples < nFft ? frames === 1 : (frames - 1) * hop + nFft <= samples && frames * hop + nFft > samples;
      }),
      { numRuns: 200 },
    );
  });
  it('symmetric windows read alike from both ends', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(features.WindowType)), fc.integer({ min: 1, max: 64 }), (type, length) => {
        const window = features.windowFunction(type, length, { periodic: false });
        return window.every((value, i) => Math.abs(value - window[length - 1 - i]!) < 1e-12 && value > -1e-12 && value <= 1 + 1e-12);
      }),
      { numRuns: 200 },
    );
  });
  // scipy.signal.get_window(name, 5, fftbins=False)
  it.each([
    ['hann', [0, 0.5, 1, 0.5, 0]],
    ['hamming', [0.08, 0.54, 1, 0.54, 0.08]],
    ['blackman', [0, 0.34, 1, 0.34, 0]],
    ['rectangular', [1, 1, 1, 1, 1]],
    ['bartlett', [0, 0.5, 1, 0.5, 0]],
  ] as const)('%s is the window of scipy', (type, expected) => {
    features.windowFunction(type, 5, { periodic: false }).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 12);
    });
  });
  it('a window of one sample is one', () => {
    expect(features.windowFunction('hann', 1, { periodic: false })).toEqual([1]);
  });
  it('keeps running figures', () => {
    const stats = new features.AudioStats();
    expect([stats.avgDurationSecs, stats.framesPerSecond]).toEqual([0, 0]);
    const file = new features.AudioFeatures('log_mel', 3000, 80, { durationSecs: 30 });
    stats.record(file);
    stats.record(file);
    expect([stats.totalDurationSecs, stats.totalFrames, stats.filesProcessed, stats.avgDurationSecs, stats.framesPerSecond]).toEqual([60, 6000, 2, 30, 100]);
    expect([file.memoryBytes, file.sampleRate]).toEqual([960000, 16000]);
    expect(stats.format()).toBe('Files: 2 | Duration: 60.0 s | Frames: 6,000');
  });
  it.each([
    [() => features.hzToMel(-1), 'hz must be non-negative, got -1'],
    [() => features.melToHz(Number.NaN), 'mel must be finite, got NaN'],
    [() => features.calculateNumFrames(10, 0, 1), 'nFft must be positive, got 0'],
    [() => features.windowFunction('kaiser' as never, 4), "type must be one of bartlett, blackman, hamming, hann, rectangular, got 'kaiser'"],
    [() => features.estimateExtractionTime(-1, 'mfcc'), 'durationSecs must be non-negative, got -1'],
    [() => new features.AudioFeatures('mfcc', 0, 13), 'numFrames must be positive, got 0'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
});
