import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as music from './music.js';

describe('parity: music', () => {
  it.each(parityCases('audio/music', music, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('size and time grow in proportion to duration', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.constantFrom(...music.listAudioQualities()),
        fc.constantFrom(...music.listMusicModelTypes()),
        (seconds, quality, model) => {
          const doubled = music.calculateAudioFileSize(2 * seconds, quality) === 2 * music.calculateAudioFileSize(seconds, quality);
          return (
            doubled &&
            Math.abs(music.estimateGenerationTime(seconds, model, { hasGpu: false }) - 15 * music.estimateGenerationTime(seconds, model)) < 1e-6 * seconds
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  const { AudioOutputConfig, MelodyConfig, MusicConditioningConfig, MusicGenConfig } = music;
  it.each([...sweep(MusicGenConfig), ...sweep(MusicConditioningConfig), ...sweep(AudioOutputConfig), ...sweep(MelodyConfig)])('$name', c => c.run());
  it.each([
    ...sweepEnum('MusicModelType', music.MusicModelType, { list: music.listMusicModelTypes, get: music.getMusicModelType }),
    ...sweepEnum('MusicGenre', music.MusicGenre, { list: music.listMusicGenres, get: music.getMusicGenre }),
    ...sweepEnum('AudioQuality', music.AudioQuality, { list: music.listAudioQualities, get: music.getAudioQuality }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => music.calculateAudioFileSize(1, 'high', { channels: 3 }), 'channels must be one of 1, 2, got 3'],
    [() => music.calculateAudioFileSize(0, 'high'), 'durationSeconds must be positive, got 0'],
    [() => music.estimateGenerationTime(1, 'x' as never), "modelType must be one of audioldm, audioldm2, musicgen, musiclm, riffusion, got 'x'"],
    [() => music.createAudioOutputConfig({ format: 'aiff' }), "format must be one of flac, mp3, ogg, wav, got 'aiff'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
