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

describe('definitions', () => {
  const { AudioConfig, TranscriptionResult, TTSConfig, WhisperConfig } = speech;
  it.each([...sweep(WhisperConfig), ...sweep(AudioConfig), ...sweep(TranscriptionResult), ...sweep(TTSConfig)])('$name', c => c.run());
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
