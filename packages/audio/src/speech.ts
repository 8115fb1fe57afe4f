/** Speech recognition and synthesis: model sizes, audio formats, transcripts, times. Mirrors `hf_gtc.audio.speech`. */
import {
  allPositive,
  createFrom,
  type Definition,
  finite,
  formatFixed,
  inRange,
  nonNegative,
  parseEnum,
  positive,
  splitWords,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Sizes of Whisper models (Radford et al. 2022). */
export const WhisperSize = {
  TINY: 'tiny',
  BASE: 'base',
  SMALL: 'small',
  MEDIUM: 'medium',
  LARGE: 'large',
  LARGE_V2: 'large-v2',
  LARGE_V3: 'large-v3',
} as const;
export type WhisperSize = (typeof WhisperSize)[keyof typeof WhisperSize];

/** Write down what is said, in its language or in English. */
export const SpeechTask = { TRANSCRIBE: 'transcribe', TRANSLATE: 'translate' } as const;
export type SpeechTask = (typeof SpeechTask)[keyof typeof SpeechTask];

/** Containers of audio. */
export const AudioFormat = { WAV: 'wav', MP3: 'mp3', FLAC: 'flac', OGG: 'ogg', M4A: 'm4a', WEBM: 'webm' } as const;
export type AudioFormat = (typeof AudioFormat)[keyof typeof AudioFormat];

/** Languages as ISO 639-1 codes. */
export type LanguageCode = 'en' | 'es' | 'fr' | 'de' | 'it' | 'pt' | 'nl' | 'ja' | 'zh' | 'ko' | 'ru';

/** Values of {@link WhisperSize}. */
export const VALID_WHISPER_SIZES: ReadonlySet<WhisperSize> = new Set(Object.values(WhisperSize));
/** Values of {@link SpeechTask}. */
export const VALID_TASKS: ReadonlySet<SpeechTask> = new Set(Object.values(SpeechTask));
/** Values of {@link AudioFormat}. */
export const VALID_AUDIO_FORMATS: ReadonlySet<AudioFormat> = new Set(Object.values(AudioFormat));
/** Values of {@link LanguageCode}. */
export const VALID_LANGUAGES: ReadonlySet<LanguageCode> = new Set<LanguageCode>(['en', 'es', 'fr', 'de', 'it', 'pt', 'nl', 'ja', 'zh', 'ko', 'ru']);

/** How speech is recognised. */
export interface WhisperConfig {
  readonly modelSize: WhisperSize;
  readonly language: LanguageCode;
  readonly task: SpeechTask;
  readonly returnTimestamps: boolean;
}

/** Defaults and rules of {@link WhisperConfig}. */
export const WhisperConfig: Definition<WhisperConfig> = {
  name: 'WhisperConfig',
  fields: {
    modelSize: { kind: 'enum', of: WhisperSize, default: WhisperSize.BASE },
    language: { kind: 'string', default: 'en', oneOf: VALID_LANGUAGES },
    task: { kind: 'enum', of: SpeechTask, default: SpeechTask.TRANSCRIBE },
    returnTimestamps: { kind: 'bool', default: true },
  },
};

/** How audio is stored. */
export interface AudioConfig {
  /** Hz. */
  readonly sampleRate: number;
  /** 1 or 2. */
  readonly channels: number;
  readonly format: AudioFormat;
  /** Bits of a sample: 8, 16, 24 or 32. */
  readonly bitDepth: number;
}

/** Defaults and rules of {@link AudioConfig}. */
export const AudioConfig: Definition<AudioConfig> = {
  name: 'AudioConfig',
  fields: {
    sampleRate: { kind: 'int', default: 16000, positive: true },
    channels: { kind: 'int', default: 1, oneOf: [1, 2] },
    format: { kind: 'enum', of: AudioFormat, default: AudioFormat.WAV },
    bitDepth: { kind: 'int', default: 16, oneOf: [8, 16, 24, 32] },
  },
};

/** What was recognised. */
export interface TranscriptionResult {
  readonly text: string;
  readonly language: string;
  readonly segments: readonly string[];
  /** Start and end of each segment, seconds. */
  readonly timestamps: readonly (readonly number[])[];
  /** In [0, 1]. */
  readonly confidence: number;
}

/** Defaults and rules of {@link TranscriptionResult}. */
export const TranscriptionResult: Definition<TranscriptionResult> = {
  name: 'TranscriptionResult',
  fields: {
    text: { kind: 'string', nonEmpty: true },
    language: { kind: 'string', default: 'en' },
    segments: { kind: 'array', of: { kind: 'string' }, default: Object.freeze([]) },
    timestamps: { kind: 'array', of: { kind: 'array', of: { kind: 'float' } }, default: Object.freeze([]) },
    confidence: { kind: 'float', default: 1, min: 0, max: 1 },
  },
};

/** How text is spoken. */
export interface TTSConfig {
  readonly modelId: string;
  readonly voice: string;
  /** Hz. */
  readonly sampleRate: number;
  /** 1 is the voice's own speed. */
  readonly speed: number;
}

/** Defaults and rules of {@link TTSConfig}. */
export const TTSConfig: Definition<TTSConfig> = {
  name: 'TTSConfig',
  fields: {
    modelId: { kind: 'string', default: 'microsoft/speecht5_tts', nonEmpty: true },
    voice: { kind: 'string', default: 'default' },
    sampleRate: { kind: 'int', default: 16000, positive: true },
    speed: { kind: 'float', default: 1, positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateWhisperConfig(config: WhisperConfig): void {
  validate(WhisperConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAudioConfig(config: AudioConfig): void {
  validate(AudioConfig, config);
}

/** Settles how speech is recognised. @throws {ValidationError} naming every broken rule */
export function createWhisperConfig(options: Partial<WhisperConfig> = {}): WhisperConfig {
  return createFrom(WhisperConfig, options);
}

/** Settles how audio is stored. @throws {ValidationError} naming every broken rule */
export function createAudioConfig(options: Partial<AudioConfig> = {}): AudioConfig {
  return createFrom(AudioConfig, options);
}

/** Settles how text is spoken. @throws {ValidationError} naming every broken rule */
export function createTtsConfig(options: Partial<TTSConfig> = {}): TTSConfig {
  return createFrom(TTSConfig, options);
}

/** A transcript. @throws {ValidationError} naming every broken rule */
export function createTranscriptionResult(text: string, options: Partial<Omit<TranscriptionResult, 'text'>> = {}): TranscriptionResult {
  return createFrom(TranscriptionResult, { text, ...options });
}

/** Model sizes in ascending order of their names. */
export function listWhisperSizes(): WhisperSize[] {
  return valuesOf(WhisperSize);
}

/** Tasks in ascending order. */
export function listSpeechTasks(): SpeechTask[] {
  return valuesOf(SpeechTask);
}

/** Audio formats in ascending order. */
export function listAudioFormats(): AudioFormat[] {
  return valuesOf(AudioFormat);
}

/** Language codes in ascending order. */
export function listSupportedLanguages(): LanguageCode[] {
  return [...VALID_LANGUAGES].sort();
}

/** @throws {ValidationError} naming the sizes */
export function getWhisperSize(name: string): WhisperSize {
  return parseEnum(WhisperSize, name, 'size');
}

/** @throws {ValidationError} naming the tasks */
export function getSpeechTask(name: string): SpeechTask {
  return parseEnum(SpeechTask, name, 'task');
}

/** @throws {ValidationError} naming the formats */
export function getAudioFormat(name: string): AudioFormat {
  return parseEnum(AudioFormat, name, 'format');
}

/**
 * The model size for a length of audio: base below a minute, small below five, medium below thirty, else large-v3; large-v3 always when
 * accuracy matters most.
 *
 * @param audioDuration seconds
 * @throws {ValidationError} when the duration is not positive
 * @remarks Python: `hf_gtc.audio.speech.get_recommended_whisper_size(audio_duration, accuracy_priority=)`; equal.
 * @example getRecommendedWhisperSize(30) // => 'base'
 */
export function getRecommendedWhisperSize(audioDuration: number, { accuracyPriority = false }: { readonly accuracyPriority?: boolean } = {}): WhisperSize {
  positive(audioDuration, 'audioDuration');
  if (accuracyPriority) return WhisperSize.LARGE_V3;
  if (audioDuration < 60) return WhisperSize.BASE;
  if (audioDuration < 300) return WhisperSize.SMALL;
  return audioDuration < 1800 ? WhisperSize.MEDIUM : WhisperSize.LARGE_V3;
}

/** Seconds of work for a second of speech on a GPU, as a rule of thumb. */
const REAL_TIME_FACTORS: Readonly<Record<WhisperSize, number>> = {
  tiny: 0.05,
  base: 0.1,
  small: 0.2,
  medium: 0.4,
  large: 0.8,
  'large-v2': 0.8,
  'large-v3': 0.9,
};
const CPU_SLOWDOWN = 10;

/**
 * Estimates the seconds that a transcription takes: duration times the model's real-time factor, ten times as long without a GPU.
 *
 * @param audioDuration seconds
 * @throws {ValidationError} when the duration is not positive
 * @remarks Python: `hf_gtc.audio.speech.estimate_transcription_time(audio_duration, model_size, has_gpu=)`; within 1e-9.
 * @example estimateTranscriptionTime(60, 'base') // => 6
 */
export function estimateTranscriptionTime(audioDuration: number, modelSize: WhisperSize, { hasGpu = true }: { readonly hasGpu?: boolean } = {}): number {
  positive(audioDuration, 'audioDuration');
  return audioDuration * REAL_TIME_FACTORS[getWhisperSize(modelSize)] * (hasGpu ? 1 : CPU_SLOWDOWN);
}

/**
 * Seconds of uncompressed audio in so many bytes.
 *
 * @param bitDepth bits of a sample, at least 8; whole bytes count
 * @throws {ValidationError} when an argument is not positive or a sample has no whole byte
 * @remarks Python: `hf_gtc.audio.speech.calculate_audio_duration(...)`; within 1e-9. Fewer than 8 bits are refused (the original divides by zero).
 * @example calculateAudioDuration(1_920_000, 16_000, 1, 16) // => 60
 */
export function calculateAudioDuration(fileSizeBytes: number, sampleRate: number, channels: number, bitDepth: number): number {
  allPositive({ fileSizeBytes, sampleRate, channels, bitDepth });
  const sampleBytes = Math.floor(bitDepth / 8);
  if (sampleBytes === 0)
    throw new ValidationError(`bitDepth must be at least 8, got ${bitDepth}`, { parameter: 'bitDepth', received: bitDepth, expected: 'at least 8' });
  return fileSizeBytes / (sampleRate * channels * sampleBytes);
}

/**
 * Seconds as `HH:MM:SS.mmm`, milliseconds cut off.
 *
 * @throws {ValidationError} for negative or non-finite seconds
 * @remarks Python: `hf_gtc.audio.speech.format_timestamp(seconds)`; equal text.
 * @example formatTimestamp(3661.5) // => '01:01:01.500'
 */
export function formatTimestamp(seconds: number): string {
  finite(nonNegative(seconds, 'seconds'), 'seconds');
  const pad = (value: number, width: number): string => String(Math.trunc(value)).padStart(width, '0');
  const rest = seconds % 60;
  return `${pad(seconds / 3600, 2)}:${pad((seconds % 3600) / 60, 2)}:${pad(rest, 2)}.${pad((rest % 1) * 1000, 3)}`;
}

/** Models of speech recognition. */
export const SpeechModel = {
  WHISPER_TINY: 'whisper-tiny',
  WHISPER_BASE: 'whisper-base',
  WHISPER_SMALL: 'whisper-small',
  WHISPER_MEDIUM: 'whisper-medium',
  WHISPER_LARGE: 'whisper-large',
  WAV2VEC2_BASE: 'wav2vec2-base',
  WAV2VEC2_LARGE: 'wav2vec2-large',
} as const;
export type SpeechModel = (typeof SpeechModel)[keyof typeof SpeechModel];

/** Ways to choose the words. */
export const DecodingStrategy = { GREEDY: 'greedy', BEAM_SEARCH: 'beam_search', BEST_OF_N: 'best_of_n' } as const;
export type DecodingStrategy = (typeof DecodingStrategy)[keyof typeof DecodingStrategy];

/** A recognition. */
export interface SpeechConfig {
  readonly model: SpeechModel;
  readonly task: SpeechTask;
  readonly decoding: DecodingStrategy;
  /** Detected when null. */
  readonly language: string | null;
  readonly beamSize: number;
  readonly temperature: number;
  readonly timestamps: boolean;
  readonly wordTimestamps: boolean;
  /** Words that set the tone. */
  readonly initialPrompt: string | null;
}

/** Defaults and rules of {@link SpeechConfig}. */
export const SpeechConfig: Definition<SpeechConfig> = {
  name: 'SpeechConfig',
  fields: {
    model: { kind: 'enum', of: SpeechModel, default: SpeechModel.WHISPER_BASE },
    task: { kind: 'enum', of: SpeechTask, default: SpeechTask.TRANSCRIBE },
    decoding: { kind: 'enum', of: DecodingStrategy, default: DecodingStrategy.GREEDY },
    language: { kind: 'string', default: null, nullable: true },
    beamSize: { kind: 'int', default: 5, positive: true },
    temperature: { kind: 'float', default: 0, min: 0, max: 1 },
    timestamps: { kind: 'bool', default: true },
    wordTimestamps: { kind: 'bool', default: false },
    initialPrompt: { kind: 'string', default: null, nullable: true },
  },
  rules: [({ timestamps, wordTimestamps }) => (wordTimestamps && !timestamps ? 'wordTimestamps needs timestamps, got timestamps false' : null)],
};

/**
 * A stretch of speech and its words.
 *
 * @throws {ValidationError} for an end before the start, or a confidence outside 0 to 1
 * @remarks Rust: `audio::speech::TranscriptionSegment`.
 * @example new TranscriptionSegment('hello world', 0, 0.5).wordsPerSecond // => 4
 */
export class TranscriptionSegment {
  readonly text: string;
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
  readonly speaker: string | null;

  constructor(
    text: string,
    start: number,
    end: number,
    { confidence = 1, speaker = null }: { readonly confidence?: number; readonly speaker?: string | null } = {},
  ) {
    this.text = text;
    this.start = nonNegative(finite(start, 'start'), 'start');
    this.end = inRange(finite(end, 'end'), 'end', { min: start });
    this.confidence = inRange(confidence, 'confidence', { min: 0, max: 1 });
    this.speaker = speaker;
  }

  /** Seconds. */
  get duration(): number {
    return this.end - this.start;
  }

  /** 0 for a stretch without duration. */
  get wordsPerSecond(): number {
    return this.duration === 0 ? 0 : splitWords(this.text).length / this.duration;
  }
}

/**
 * Running figures of speech recognition.
 *
 * @remarks Rust: `audio::speech::SpeechStats`.
 * @example new SpeechStats().realTimeFactor // => 0
 */
export class SpeechStats {
  #audioSecs = 0;
  #processingMs = 0;
  #words = 0;
  #files = 0;

  /** Takes a file into account: what was said, how long it lasts and how long it took. */
  record(
    result: Pick<TranscriptionResult, 'text'>,
    { durationSecs, processingTimeMs }: { readonly durationSecs: number; readonly processingTimeMs: number },
  ): void {
    this.#audioSecs += nonNegative(durationSecs, 'durationSecs');
    this.#processingMs += nonNegative(processingTimeMs, 'processingTimeMs');
    this.#words += splitWords(result.text).length;
    this.#files += 1;
  }

  get filesProcessed(): number {
    return this.#files;
  }

  get totalWords(): number {
    return this.#words;
  }

  /** Seconds of work for a second of audio, 0 without audio. */
  get realTimeFactor(): number {
    return this.#audioSecs === 0 ? 0 : this.#processingMs / 1000 / this.#audioSecs;
  }

  /** Words of a second of audio, 0 without audio. */
  get wordsPerSecond(): number {
    return this.#audioSecs === 0 ? 0 : this.#words / this.#audioSecs;
  }

  /** The figures as text. */
  format(): string {
    return `Files: ${this.#files} | Audio: ${formatFixed(this.#audioSecs, 1)} s | Words: ${this.#words} | RTF: ${formatFixed(this.realTimeFactor, 3)}`;
  }
}

/** Parameters in millions. */
const SPEECH_PARAMETERS: Readonly<Record<SpeechModel, number>> = {
  'whisper-tiny': 39,
  'whisper-base': 74,
  'whisper-small': 244,
  'whisper-medium': 769,
  'whisper-large': 1550,
  'wav2vec2-base': 95,
  'wav2vec2-large': 317,
};

/** Megabytes that the activations of an item take beside the weights. */
const ACTIVATION_SHARE = 0.1;

/**
 * Megabytes of a model in 32 bits and of a batch, at a guess: four for a million parameters, a tenth of that for each item.
 *
 * @throws {ValidationError} for an unknown model or a batch that is not positive
 * @remarks Rust: `audio::speech::estimate_memory_mb(model, batch_size)`.
 * @example estimateMemoryMb('whisper-base', 1) // => 326
 */
export function estimateMemoryMb(model: SpeechModel, batchSize: number): number {
  const weights = SPEECH_PARAMETERS[parseEnum(SpeechModel, model, 'model')] * 4;
  return Math.ceil(weights * (1 + ACTIVATION_SHARE * positive(batchSize, 'batchSize')));
}
