/** Features of audio: kinds of them, windows, mel scale, frames and their cost. */
import { finite, formatFixed, nonNegative, parseEnum, positive } from '@gtc/errors';

/** Kinds of features. */
export const FeatureType = {
  MEL_SPECTROGRAM: 'mel_spectrogram',
  MFCC: 'mfcc',
  WAVEFORM: 'waveform',
  LOG_MEL: 'log_mel',
  FILTER_BANK: 'filter_bank',
  SPECTROGRAM: 'spectrogram',
} as const;
export type FeatureType = (typeof FeatureType)[keyof typeof FeatureType];

/** Windows of a frame. */
export const WindowType = { HANN: 'hann', HAMMING: 'hamming', BLACKMAN: 'blackman', RECTANGULAR: 'rectangular', BARTLETT: 'bartlett' } as const;
export type WindowType = (typeof WindowType)[keyof typeof WindowType];

/** Value of each window at a place from 0 to 1. */
const WINDOWS: Readonly<Record<WindowType, (at: number) => number>> = {
  hann: at => 0.5 - 0.5 * Math.cos(2 * Math.PI * at),
  hamming: at => 0.54 - 0.46 * Math.cos(2 * Math.PI * at),
  blackman: at => 0.42 - 0.5 * Math.cos(2 * Math.PI * at) + 0.08 * Math.cos(4 * Math.PI * at),
  rectangular: () => 1,
  bartlett: at => 1 - Math.abs(2 * at - 1),
};

/**
 * Weights of a frame's samples. Periodic windows, which spectra want, leave out the last point of the symmetric one of a sample more.
 *
 * @throws {ValidationError} for an unknown window or a length that is not positive
 * @remarks Python: `scipy.signal.get_window(window, length, fftbins=periodic)`; within 1e-12.
 * @example windowFunction('hann', 4) // => [0, 0.5, 1, 0.5]
 */
export function windowFunction(type: WindowType, length: number, { periodic = true }: { readonly periodic?: boolean } = {}): number[] {
  const value = WINDOWS[parseEnum(WindowType, type, 'type')];
  const last = positive(length, 'length') - (periodic ? 0 : 1);
  return Array.from({ length }, (_, i) => value(last === 0 ? 0.5 : i / last));
}

/**
 * Mel of a frequency (O'Shaughnessy 1987): `2595 log₁₀(1 + f / 700)`.
 *
 * @param hz not negative
 * @throws {ValidationError} for a negative frequency
 * @remarks Rust: `audio::features::hz_to_mel(hz)`. Python: `librosa.hz_to_mel(hz, htk=True)`; within 1e-12.
 * @example hzToMel(0) // => 0
 */
export function hzToMel(hz: number): number {
  return 2595 * Math.log10(1 + nonNegative(finite(hz, 'hz'), 'hz') / 700);
}

/**
 * Frequency in Hz of a mel.
 *
 * @throws {ValidationError} for a negative mel
 * @remarks Rust: `audio::features::mel_to_hz(mel)`. Python: `librosa.mel_to_hz(mel, htk=True)`; within 1e-12.
 * @example melToHz(0) // => 0
 */
export function melToHz(mel: number): number {
  return 700 * (10 ** (nonNegative(finite(mel, 'mel'), 'mel') / 2595) - 1);
}

/**
 * Frames of a signal without padding; a signal shorter than a frame gives one.
 *
 * @param nFft samples of a frame
 * @param hopLength samples between the starts of frames
 * @throws {ValidationError} for lengths that are not positive, or a negative number of samples
 * @remarks Rust: `audio::features::calculate_num_frames(num_samples, n_fft, hop_length)`. Feature extractors that centre their frames, Whisper's among them, pad first.
 * @example calculateNumFrames(16000, 400, 160) // => 98
 */
export function calculateNumFrames(numSamples: number, nFft: number, hopLength: number): number {
  nonNegative(numSamples, 'numSamples');
  positive(nFft, 'nFft');
  positive(hopLength, 'hopLength');
  return numSamples < nFft ? 1 : Math.floor((numSamples - nFft) / hopLength) + 1;
}

/** Milliseconds for a second of audio. */
const EXTRACTION_MS: Readonly<Record<FeatureType, number>> = { waveform: 1, spectrogram: 5, mel_spectrogram: 8, filter_bank: 8, log_mel: 9, mfcc: 10 };

/**
 * Milliseconds to extract features, at a guess.
 *
 * @throws {ValidationError} for a negative duration or an unknown kind
 * @remarks Rust: `audio::features::estimate_extraction_time(duration_secs, feature_type)`.
 * @example estimateExtractionTime(30, 'log_mel') // => 270
 */
export function estimateExtractionTime(durationSecs: number, featureType: FeatureType): number {
  return nonNegative(durationSecs, 'durationSecs') * EXTRACTION_MS[parseEnum(FeatureType, featureType, 'featureType')];
}

/**
 * Features of one file.
 *
 * @throws {ValidationError} for counts that are not positive, or a negative duration
 * @remarks Rust: `audio::features::AudioFeatures`.
 * @example new AudioFeatures('log_mel', 3000, 80, { durationSecs: 30 }).totalFeatures // => 240000
 */
export class AudioFeatures {
  readonly featureType: FeatureType;
  readonly numFrames: number;
  readonly featureDim: number;
  readonly durationSecs: number;
  /** Hz. */
  readonly sampleRate: number;

  constructor(
    featureType: FeatureType,
    numFrames: number,
    featureDim: number,
    { durationSecs = 0, sampleRate = 16000 }: { readonly durationSecs?: number; readonly sampleRate?: number } = {},
  ) {
    this.featureType = parseEnum(FeatureType, featureType, 'featureType');
    this.numFrames = positive(numFrames, 'numFrames');
    this.featureDim = positive(featureDim, 'featureDim');
    this.durationSecs = nonNegative(durationSecs, 'durationSecs');
    this.sampleRate = positive(sampleRate, 'sampleRate');
  }

  get totalFeatures(): number {
    return this.numFrames * this.featureDim;
  }

  /** Of 32-bit features. */
  get memoryBytes(): number {
    return this.totalFeatures * 4;
  }
}

/**
 * Running figures of feature extraction.
 *
 * @remarks Rust: `audio::features::AudioStats`.
 * @example new AudioStats().framesPerSecond // => 0
 */
export class AudioStats {
  #seconds = 0;
  #frames = 0;
  #files = 0;

  /** Takes a file into account. */
  record({ durationSecs, numFrames }: AudioFeatures): void {
    this.#seconds += durationSecs;
    this.#frames += numFrames;
    this.#files += 1;
  }

  get totalDurationSecs(): number {
    return this.#seconds;
  }

  get totalFrames(): number {
    return this.#frames;
  }

  get filesProcessed(): number {
    return this.#files;
  }

  /** 0 before the first file. */
  get avgDurationSecs(): number {
    return this.#files === 0 ? 0 : this.#seconds / this.#files;
  }

  /** Frames of a second of audio, 0 without audio. */
  get framesPerSecond(): number {
    return this.#seconds === 0 ? 0 : this.#frames / this.#seconds;
  }

  /** The figures as text. */
  format(): string {
    return `Files: ${this.#files} | Duration: ${formatFixed(this.#seconds, 1)} s | Frames: ${formatFixed(this.#frames, 0, { group: ',' })}`;
  }
}
