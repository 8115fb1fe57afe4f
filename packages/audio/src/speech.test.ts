import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as speech from './speech.js';

describe('parity: speech', () => {
  it.each(parityCases('audio/speech', speech, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a timestamp reads back to the millisecond', () => {
    fc.assert(
      fc.property(fc.nat({ max: 359_999_999 }), ms => {
        const [hours, minutes, seconds] = speech
          .formatTimestamp(ms / 1000 + 1e-6)
          .split(':')
          .map(Number) as [number, number, number];
        return Math.abs(hours * 3600 + minutes * 60 + seconds - ms / 1000) < 1e-6;
      }),
      { numRuns: 100 },
    );
  });
  it('a longer recording never gets a smaller model', () => {
    const rank = ['base', 'small', 'medium', 'large-v3'];
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1e4, noNaN: true }),
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        (a, more) => rank.indexOf(speech.getRecommendedWhisperSize(a + more)) >= rank.indexOf(speech.getRecommendedWhisperSize(a)),
      ),
      { numRuns: 100 },
    );
  });
});

describe('recognition', () => {
  it('segments know their length and pace', () => {
    const segment = new speech.TranscriptionSegment('one two three', 1, 2.5, { speaker: 'A', confidence: 0.9 });
    expect([segment.duration, segment.wordsPerSecond, segment.speaker]).toEqual([1.5, 2, 'A']);
    expect(new speech.TranscriptionSegment('', 1, 1).wordsPerSecond).toBe(0);
  });
  it('keeps running figures', () => {
    const stats = new speech.SpeechStats();
    expect([stats.realTimeFactor, stats.wordsPerSecond]).toEqual([0, 0]);
    stats.record({ text: 'hello there' }, { durationSecs: 10, processingTimeMs: 500 });
    stats.record({ text: 'well' }, { durationSecs: 10, processingTimeMs: 1500 });
    expect([stats.filesProcessed, stats.totalWords, stats.realTimeFactor, stats.wordsPerSecond]).toEqual([2, 3, 0.1, 0.15]);
    expect(stats.format()).toBe('Files: 2 | Audio: 20.0 s | Words: 3 | RTF: 0.100');
  });
  it('memory grows with the batch', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(speech.SpeechModel)),
        fc.integer({ min: 1, max: 64 }),
        (model, batch) => speech.estimateMemoryMb(model, batch) <= speech.estimateMemoryMb(model, batch + 1),
      ),
      { numRuns: 100 },
    );
  });
  it.each([
    [() => new speech.TranscriptionSegment('', 2, 1), 'end must be at least 2, got 1'],
    [() => new speech.TranscriptionSegment('', 0, 1, { confidence: 2 }), 'confidence must be in [0, 1], got 2'],
    [() => speech.estimateMemoryMb('whisper-base', 0), 'batchSize must be positive, got 0'],
    [() => new speech.SpeechStats().record({ text: '' }, { durationSecs: -1, processingTimeMs: 0 }), 'durationSecs must be non-negative, got -1'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('definitions', () => {
  const { AudioConfig, TranscriptionResult, TTSConfig, WhisperConfig } = speech;
  it.each([...sweep(WhisperConfig), ...sweep(AudioConfig), ...sweep(TranscriptionResult), ...sweep(TTSConfig), ...sweep(speech.SpeechConfig)])('$name', c =>
    c.run(),
  );
  it.each([
    ...sweepEnum('WhisperSize', speech.WhisperSize, { list: speech.listWhisperSizes, get: speech.getWhisperSize }),
    ...sweepEnum('SpeechTask', speech.SpeechTask, { list: speech.listSpeechTasks, get: speech.getSpeechTask }),
    ...sweepEnum('AudioFormat', speech.AudioFormat, { list: speech.listAudioFormats, get: speech.getAudioFormat }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => speech.calculateAudioDuration(37, 2827, 8, 7), 'bitDepth must be at least 8, got 7'],
    [() => speech.calculateAudioDuration(0, 1, 1, 8), 'fileSizeBytes must be positive, got 0'],
    [() => speech.formatTimestamp(Number.NaN), 'seconds must be finite, got NaN'],
    [() => speech.formatTimestamp(-1), 'seconds must be non-negative, got -1'],
    [() => speech.createWhisperConfig({ language: 'xx' as never }), "language must be one of de, en, es, fr, it, ja, ko, nl, pt, ru, zh, got 'xx'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
