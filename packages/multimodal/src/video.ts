/** Video: models of moving pictures, which frames they see, and the memory of a clip. Mirrors `hf_gtc.multimodal.video`. */
import { allPositive, createFrom, type Definition, finite, nonNegative, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';
import { hexDigest } from '@gtc/tensor/hash';

/** Families of video models. */
export const VideoModelType = { VIDEOMAE: 'videomae', TIMESFORMER: 'timesformer', VIVIT: 'vivit', X3D: 'x3d', SLOWFAST: 'slowfast' } as const;
export type VideoModelType = (typeof VideoModelType)[keyof typeof VideoModelType];

/** What is asked of a video. */
export const VideoTask = { CLASSIFICATION: 'classification', CAPTIONING: 'captioning', QA: 'qa', SEGMENTATION: 'segmentation', TRACKING: 'tracking' } as const;
export type VideoTask = (typeof VideoTask)[keyof typeof VideoTask];

/** Which frames of a video are seen: evenly spread, drawn, at the start of equal pieces, or one after the other. */
export const FrameSamplingStrategy = { UNIFORM: 'uniform', RANDOM: 'random', KEYFRAME: 'keyframe', DENSE: 'dense' } as const;
export type FrameSamplingStrategy = (typeof FrameSamplingStrategy)[keyof typeof FrameSamplingStrategy];

/** Values of {@link VideoModelType}. */
export const VALID_VIDEO_MODELS: ReadonlySet<VideoModelType> = new Set(Object.values(VideoModelType));

/** Values of {@link VideoTask}. */
export const VALID_VIDEO_TASKS: ReadonlySet<VideoTask> = new Set(Object.values(VideoTask));

/** Values of {@link FrameSamplingStrategy}. */
export const VALID_SAMPLING_STRATEGIES: ReadonlySet<FrameSamplingStrategy> = new Set(Object.values(FrameSamplingStrategy));

/** A video model and the clip that it sees. */
export interface VideoConfig {
  readonly modelType: VideoModelType;
  readonly numFrames: number;
  /** Width and height of a square frame, pixels. */
  readonly frameSize: number;
  /** Frames per second. */
  readonly fps: number;
}

/** Defaults and rules of {@link VideoConfig}. */
export const VideoConfig: Definition<VideoConfig> = {
  name: 'VideoConfig',
  fields: {
    modelType: { kind: 'enum', of: VideoModelType, default: VideoModelType.VIDEOMAE },
    numFrames: { kind: 'int', default: 16, positive: true },
    frameSize: { kind: 'int', default: 224, positive: true },
    fps: { kind: 'float', default: 30, positive: true },
  },
};

/** Which part of a video is sampled, and how. */
export interface FrameConfig {
  readonly samplingStrategy: FrameSamplingStrategy;
  /** Seconds. */
  readonly startTime: number;
  /** Seconds; null is the end of the video. */
  readonly endTime: number | null;
  /** Frames from one to the next in dense sampling. */
  readonly stride: number;
}

/** Defaults and rules of {@link FrameConfig}. */
export const FrameConfig: Definition<FrameConfig> = {
  name: 'FrameConfig',
  fields: {
    samplingStrategy: { kind: 'enum', of: FrameSamplingStrategy, default: FrameSamplingStrategy.UNIFORM },
    startTime: { kind: 'float', default: 0, nonNegative: true },
    endTime: { kind: 'float', default: null, nullable: true },
    stride: { kind: 'int', default: 1, positive: true },
  },
  rules: [
    ({ startTime, endTime }) =>
      endTime === null || endTime > startTime ? null : `endTime must be greater than startTime, got endTime=${endTime}, startTime=${startTime}`,
  ],
};

/** How frames are prepared. */
export interface VideoProcessingConfig {
  readonly resizeMode: string;
  readonly normalize: boolean;
  readonly cropSize: number;
  /** Of each channel, subtracted. */
  readonly mean: readonly [number, number, number];
  /** Of each channel, divided by. */
  readonly std: readonly [number, number, number];
}

/** Defaults and rules of {@link VideoProcessingConfig}. */
export const VideoProcessingConfig: Definition<VideoProcessingConfig> = {
  name: 'VideoProcessingConfig',
  fields: {
    resizeMode: { kind: 'string', default: 'crop', oneOf: ['crop', 'pad', 'stretch'] },
    normalize: { kind: 'bool', default: true },
    cropSize: { kind: 'int', default: 224, positive: true },
    mean: { kind: 'array', of: { kind: 'float' }, length: 3, default: [0.485, 0.456, 0.406] },
    std: { kind: 'array', of: { kind: 'float' }, length: 3, default: [0.229, 0.224, 0.225] },
  },
};

/** The labels of a video classifier. */
export interface VideoClassificationConfig {
  readonly numLabels: number;
  readonly labelNames: readonly string[];
  /** Scores below it give no label. */
  readonly threshold: number;
}

/** Defaults and rules of {@link VideoClassificationConfig}. */
export const VideoClassificationConfig: Definition<VideoClassificationConfig> = {
  name: 'VideoClassificationConfig',
  fields: {
    numLabels: { kind: 'int', positive: true },
    labelNames: { kind: 'array', of: { kind: 'string' }, default: [] },
    threshold: { kind: 'float', default: 0.5, min: 0, max: 1 },
  },
  rules: [
    ({ labelNames, numLabels }) =>
      labelNames.length <= numLabels ? null : `labelNames length cannot exceed numLabels, got ${labelNames.length} names for ${numLabels} labels`,
  ],
};

/** What is known of a video file. */
export interface VideoStats {
  readonly durationSeconds: number;
  readonly totalFrames: number;
  readonly fps: number;
  /** Width and height, pixels. */
  readonly resolution: readonly [number, number];
}

/** Defaults and rules of {@link VideoStats}. */
export const VideoStats: Definition<VideoStats> = {
  name: 'VideoStats',
  fields: {
    durationSeconds: { kind: 'float', positive: true },
    totalFrames: { kind: 'int', positive: true },
    fps: { kind: 'float', positive: true },
    resolution: { kind: 'array', of: { kind: 'int', positive: true }, length: 2 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateVideoConfig(config: VideoConfig): void {
  validate(VideoConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateFrameConfig(config: FrameConfig): void {
  validate(FrameConfig, config);
}

/** Settles a {@link VideoConfig}. @throws {ValidationError} naming every broken rule */
export function createVideoConfig(options: Partial<VideoConfig> = {}): VideoConfig {
  return createFrom(VideoConfig, options);
}

/** Settles a {@link FrameConfig}. @throws {ValidationError} naming every broken rule */
export function createFrameConfig(options: Partial<FrameConfig> = {}): FrameConfig {
  return createFrom(FrameConfig, options);
}

/** Settles a {@link VideoProcessingConfig}. @throws {ValidationError} naming every broken rule */
export function createVideoProcessingConfig(options: Partial<VideoProcessingConfig> = {}): VideoProcessingConfig {
  return createFrom(VideoProcessingConfig, options);
}

/** Video model types in ascending order. */
export function listVideoModelTypes(): VideoModelType[] {
  return valuesOf(VideoModelType);
}

/** Video tasks in ascending order. */
export function listVideoTasks(): VideoTask[] {
  return valuesOf(VideoTask);
}

/** Sampling strategies in ascending order. */
export function listSamplingStrategies(): FrameSamplingStrategy[] {
  return valuesOf(FrameSamplingStrategy);
}

/** @throws {ValidationError} naming the video model types */
export function getVideoModelType(name: string): VideoModelType {
  return parseEnum(VideoModelType, name, 'modelType');
}

/** @throws {ValidationError} naming the video tasks */
export function getVideoTask(name: string): VideoTask {
  return parseEnum(VideoTask, name, 'task');
}

/** @throws {ValidationError} naming the sampling strategies */
export function getSamplingStrategy(name: string): FrameSamplingStrategy {
  return parseEnum(FrameSamplingStrategy, name, 'strategy');
}

/** Settles a {@link VideoClassificationConfig}. @throws {ValidationError} naming every broken rule */
export function createVideoClassificationConfig(
  numLabels: number,
  options: Partial<Omit<VideoClassificationConfig, 'numLabels'>> = {},
): VideoClassificationConfig {
  return createFrom(VideoClassificationConfig, { numLabels, ...options });
}

/** Settles a {@link VideoStats}. @throws {ValidationError} naming every broken rule */
export function createVideoStats(durationSeconds: number, totalFrames: number, fps: number, resolution: readonly [number, number]): VideoStats {
  return createFrom(VideoStats, { durationSeconds, totalFrames, fps, resolution });
}

/** The frame that draw `index` of `n` gives: the same in every run, from a digest of what is asked. */
function drawnFrame(totalFrames: number, numFrames: number, index: number): number {
  return Number(BigInt(`0x${hexDigest('md5', `${totalFrames}_${numFrames}_${index}`)}`) % BigInt(totalFrames));
}

/**
 * Indices of the frames that a model sees, in ascending order.
 *
 * `uniform` spreads them from the first frame to the last (one alone is the middle one), `dense` takes every `stride`-th from the start
 * until the frames or the count run out, `keyframe` takes the first of each of `numFrames` equal pieces, `random` draws with a fixed
 * seed and keeps a frame that was drawn twice once, so that fewer may come back.
 *
 * @throws {ValidationError} for counts or strides that are not positive, or more frames than there are
 * @remarks Python: `hf_gtc.multimodal.video.calculate_frame_indices(total_frames, num_frames, strategy, stride=)`; exact, also where the
 * original's floating-point steps round a uniform index down by one.
 * @example calculateFrameIndices(100, 4, 'uniform') // => [0, 33, 66, 99]
 */
export function calculateFrameIndices(
  totalFrames: number,
  numFrames: number,
  strategy: FrameSamplingStrategy,
  { stride = 1 }: { readonly stride?: number } = {},
): number[] {
  positive(totalFrames, 'totalFrames');
  positive(numFrames, 'numFrames');
  positive(stride, 'stride');
  if (numFrames > totalFrames)
    throw new ValidationError(`numFrames cannot exceed totalFrames, got numFrames=${numFrames}, totalFrames=${totalFrames}`, {
      parameter: 'numFrames',
      received: numFrames,
      expected: `at most ${totalFrames}`,
    });
  const each = Array.from({ length: numFrames }, (_, index) => index);
  switch (parseEnum(FrameSamplingStrategy, strategy, 'strategy')) {
    case FrameSamplingStrategy.UNIFORM: {
      if (numFrames === 1) return [Math.floor(totalFrames / 2)];
      const step = (totalFrames - 1) / (numFrames - 1);
      return each.map(index => Math.trunc(index * step));
    }
    case FrameSamplingStrategy.DENSE:
      return each.map(index => index * stride).filter(index => index < totalFrames);
    case FrameSamplingStrategy.KEYFRAME:
      return each.map(index => index * Math.floor(totalFrames / numFrames));
    case FrameSamplingStrategy.RANDOM:
      return [...new Set(each.map(index => drawnFrame(totalFrames, numFrames, index)))].sort((a, b) => a - b);
  }
}

/**
 * Bytes of a batch of clips of square frames.
 *
 * @throws {ValidationError} when any count is not positive
 * @remarks Python: `hf_gtc.multimodal.video.estimate_video_memory(num_frames, frame_size, channels=, dtype_bytes=, batch_size=)`; exact.
 * @example estimateVideoMemory(16, 224) // => 9633792
 */
export function estimateVideoMemory(
  numFrames: number,
  frameSize: number,
  { channels = 3, dtypeBytes = 4, batchSize = 1 }: { readonly channels?: number; readonly dtypeBytes?: number; readonly batchSize?: number } = {},
): number {
  const factors = { numFrames, frameSize, channels, dtypeBytes, batchSize };
  allPositive(factors);
  return batchSize * numFrames * channels * frameSize * frameSize * dtypeBytes;
}

/** Frames and their size as the models were published. */
const CLIPS: Readonly<Record<VideoModelType, readonly [numFrames: number, frameSize: number]>> = {
  videomae: [16, 224],
  timesformer: [8, 224],
  vivit: [32, 224],
  x3d: [16, 182],
  slowfast: [32, 256],
};

/**
 * The clip that models of a family are trained on, at 30 frames a second.
 *
 * @throws {ValidationError} naming the families
 * @remarks Python: `hf_gtc.multimodal.video.get_recommended_video_config(model_type)`.
 * @example getRecommendedVideoConfig('x3d').frameSize // => 182
 */
export function getRecommendedVideoConfig(modelType: VideoModelType): VideoConfig {
  const [numFrames, frameSize] = CLIPS[parseEnum(VideoModelType, modelType, 'modelType')];
  return createVideoConfig({ modelType, numFrames, frameSize });
}

/**
 * Seconds as `HH:MM:SS`, fractions cut off.
 *
 * @throws {ValidationError} for negative or non-finite seconds
 * @remarks Python: `hf_gtc.multimodal.video.format_video_duration(seconds)`; equal text.
 * @example formatVideoDuration(3661.5) // => '01:01:01'
 */
export function formatVideoDuration(seconds: number): string {
  const whole = Math.trunc(finite(nonNegative(seconds, 'seconds'), 'seconds'));
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(part => String(part).padStart(2, '0')).join(':');
}
