/** Music generation: models, prompts, melodies, and the size and time of what they make. Mirrors `hf_gtc.audio.music`. */
import { createFrom, type Definition, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** Families of models that make music. */
export const MusicModelType = { MUSICGEN: 'musicgen', AUDIOLDM: 'audioldm', AUDIOLDM2: 'audioldm2', RIFFUSION: 'riffusion', MUSICLM: 'musiclm' } as const;
export type MusicModelType = (typeof MusicModelType)[keyof typeof MusicModelType];

/** Styles to ask for. */
export const MusicGenre = {
  POP: 'pop',
  ROCK: 'rock',
  CLASSICAL: 'classical',
  JAZZ: 'jazz',
  ELECTRONIC: 'electronic',
  AMBIENT: 'ambient',
  HIP_HOP: 'hip_hop',
} as const;
export type MusicGenre = (typeof MusicGenre)[keyof typeof MusicGenre];

/** Quality of an audio file. */
export const AudioQuality = { LOW: 'low', MEDIUM: 'medium', HIGH: 'high', LOSSLESS: 'lossless' } as const;
export type AudioQuality = (typeof AudioQuality)[keyof typeof AudioQuality];

/** Values of {@link MusicModelType}. */
export const VALID_MUSIC_MODEL_TYPES: ReadonlySet<MusicModelType> = new Set(Object.values(MusicModelType));
/** Values of {@link MusicGenre}. */
export const VALID_MUSIC_GENRES: ReadonlySet<MusicGenre> = new Set(Object.values(MusicGenre));
/** Values of {@link AudioQuality}. */
export const VALID_AUDIO_QUALITIES: ReadonlySet<AudioQuality> = new Set(Object.values(AudioQuality));
/** Stereo bit rate of each quality, kbit/s. */
export const QUALITY_BITRATES: Readonly<Record<AudioQuality, number>> = { low: 64, medium: 128, high: 320, lossless: 1411 };

/** What to generate, and how closely to follow the prompt. */
export interface MusicGenConfig {
  readonly modelType: MusicModelType;
  readonly durationSeconds: number;
  /** Hz. */
  readonly sampleRate: number;
  /** Weight of the prompt in classifier-free guidance; 0 ignores it. */
  readonly guidanceScale: number;
}

/** Defaults and rules of {@link MusicGenConfig}. */
export const MusicGenConfig: Definition<MusicGenConfig> = {
  name: 'MusicGenConfig',
  fields: {
    modelType: { kind: 'enum', of: MusicModelType, default: MusicModelType.MUSICGEN },
    durationSeconds: { kind: 'int', default: 30, positive: true },
    sampleRate: { kind: 'int', default: 32000, positive: true },
    guidanceScale: { kind: 'float', default: 3, nonNegative: true },
  },
};

/** What the music is conditioned on. */
export interface MusicConditioningConfig {
  readonly textPrompt: string;
  readonly melodyConditioning: boolean;
  readonly styleConditioning: boolean;
}

/** Defaults and rules of {@link MusicConditioningConfig}. */
export const MusicConditioningConfig: Definition<MusicConditioningConfig> = {
  name: 'MusicConditioningConfig',
  fields: {
    textPrompt: { kind: 'string', nonEmpty: true },
    melodyConditioning: { kind: 'bool', default: false },
    styleConditioning: { kind: 'bool', default: false },
  },
};

/** The file that is written. */
export interface AudioOutputConfig {
  /** `flac`, `mp3`, `ogg` or `wav`. */
  readonly format: string;
  readonly quality: AudioQuality;
  /** 1 or 2. */
  readonly channels: number;
  /** Scale the loudest sample to full range. */
  readonly normalize: boolean;
}

/** Defaults and rules of {@link AudioOutputConfig}. */
export const AudioOutputConfig: Definition<AudioOutputConfig> = {
  name: 'AudioOutputConfig',
  fields: {
    format: { kind: 'string', default: 'wav', oneOf: ['flac', 'mp3', 'ogg', 'wav'] },
    quality: { kind: 'enum', of: AudioQuality, default: AudioQuality.HIGH },
    channels: { kind: 'int', default: 2, oneOf: [1, 2] },
    normalize: { kind: 'bool', default: true },
  },
};

/** How a generation went. */
export interface MusicGenerationStats {
  /** Seconds. */
  readonly generationTime: number;
  /** Seconds of music. */
  readonly durationGenerated: number;
  readonly samplesPerSecond: number;
}

/** A melody to follow. */
export interface MelodyConfig {
  readonly melodyAudioPath: string;
  /** Weight of the melody, in [0, 1]. */
  readonly melodyInfluence: number;
  /** Beats per minute. */
  readonly tempoBpm: number;
}

/** Rules of {@link MelodyConfig}. */
export const MelodyConfig: Definition<MelodyConfig> = {
  name: 'MelodyConfig',
  fields: {
    melodyAudioPath: { kind: 'string', nonEmpty: true },
    melodyInfluence: { kind: 'float', min: 0, max: 1 },
    tempoBpm: { kind: 'int', positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateMusicGenConfig(config: MusicGenConfig): void {
  validate(MusicGenConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMelodyConfig(config: MelodyConfig): void {
  validate(MelodyConfig, config);
}

/** Settles what to generate. @throws {ValidationError} naming every broken rule */
export function createMusicGenConfig(options: Partial<MusicGenConfig> = {}): MusicGenConfig {
  return createFrom(MusicGenConfig, options);
}

/** Settles what the music is conditioned on. @throws {ValidationError} for an empty prompt */
export function createMusicConditioningConfig(textPrompt: string, options: Partial<Omit<MusicConditioningConfig, 'textPrompt'>> = {}): MusicConditioningConfig {
  return createFrom(MusicConditioningConfig, { textPrompt, ...options });
}

/** Settles the file that is written. @throws {ValidationError} naming every broken rule */
export function createAudioOutputConfig(options: Partial<AudioOutputConfig> = {}): AudioOutputConfig {
  return createFrom(AudioOutputConfig, options);
}

/** Model families in ascending order. */
export function listMusicModelTypes(): MusicModelType[] {
  return valuesOf(MusicModelType);
}

/** Styles in ascending order. */
export function listMusicGenres(): MusicGenre[] {
  return valuesOf(MusicGenre);
}

/** Qualities in ascending order. */
export function listAudioQualities(): AudioQuality[] {
  return valuesOf(AudioQuality);
}

/** @throws {ValidationError} naming the model families */
export function getMusicModelType(name: string): MusicModelType {
  return parseEnum(MusicModelType, name, 'modelType');
}

/** @throws {ValidationError} naming the styles */
export function getMusicGenre(name: string): MusicGenre {
  return parseEnum(MusicGenre, name, 'genre');
}

/** @throws {ValidationError} naming the qualities */
export function getAudioQuality(name: string): AudioQuality {
  return parseEnum(AudioQuality, name, 'quality');
}

/** Seconds of work for a second of music on a GPU, as a rule of thumb. */
const REAL_TIME_FACTORS: Readonly<Record<MusicModelType, number>> = { musicgen: 0.5, audioldm: 0.8, audioldm2: 1, riffusion: 0.3, musiclm: 1.2 };
const CPU_SLOWDOWN = 15;

/**
 * Estimates the seconds that a generation takes: duration times the model's real-time factor, 15 times as long without a GPU.
 *
 * @param durationSeconds of the music
 * @throws {ValidationError} when the duration is not positive
 * @remarks Python: `hf_gtc.audio.music.estimate_generation_time(duration_seconds, model_type, has_gpu=)`; within 1e-9.
 * @example estimateGenerationTime(60, 'musicgen') // => 30
 */
export function estimateGenerationTime(durationSeconds: number, modelType: MusicModelType, { hasGpu = true }: { readonly hasGpu?: boolean } = {}): number {
  positive(durationSeconds, 'durationSeconds');
  return durationSeconds * REAL_TIME_FACTORS[parseEnum(MusicModelType, modelType, 'modelType')] * (hasGpu ? 1 : CPU_SLOWDOWN);
}

/**
 * Bytes of a file: bit rate times duration; mono halves it, unless lossless.
 *
 * @param options `channels` 1 or 2
 * @throws {ValidationError} when the duration is not positive or the channels are neither 1 nor 2
 * @remarks Python: `hf_gtc.audio.music.calculate_audio_file_size(duration_seconds, quality, channels=)`; exact.
 * @example calculateAudioFileSize(60, 'high') // => 2400000
 */
export function calculateAudioFileSize(durationSeconds: number, quality: AudioQuality, { channels = 2 }: { readonly channels?: number } = {}): number {
  positive(durationSeconds, 'durationSeconds');
  oneOf(channels, 'channels', [1, 2]);
  const kilobits = QUALITY_BITRATES[parseEnum(AudioQuality, notNull(quality, 'quality'), 'quality')] * durationSeconds;
  return Math.trunc(kilobits * 125 * (channels === 1 && quality !== AudioQuality.LOSSLESS ? 0.5 : 1));
}
