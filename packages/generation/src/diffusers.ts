/** Diffusion: settings of a generated image, sizes of latents and memory. Mirrors `hf_gtc.generation.diffusers`. */
import { allPositive, createFrom, type Definition, notNull, oneOf, positive, splitWords, ValidationError, validate, valuesOf } from '@gtc/errors';

/** Schedulers of a denoising loop. */
export const SchedulerType = {
  DDIM: 'ddim',
  DDPM: 'ddpm',
  PNDM: 'pndm',
  LMS: 'lms',
  EULER: 'euler',
  EULER_ANCESTRAL: 'euler_ancestral',
  DPM_SOLVER: 'dpm_solver',
  DPM_SOLVER_MULTISTEP: 'dpm_solver_multistep',
} as const;
export type SchedulerType = (typeof SchedulerType)[keyof typeof SchedulerType];

/** How closely an image follows its prompt. */
export type GuidanceScaleType = 'none' | 'low' | 'medium' | 'high' | 'very_high';

/** Values of {@link SchedulerType}. */
export const VALID_SCHEDULER_TYPES: ReadonlySet<SchedulerType> = new Set(Object.values(SchedulerType));

/** Common heights and widths in pixels. */
export const SUPPORTED_SIZES: ReadonlySet<number> = new Set([1024, 2048, 256, 512, 768]);

/** Scales of classifier-free guidance by name. */
export const GUIDANCE_SCALE_MAP = { none: 1, low: 3.5, medium: 7.5, high: 12, very_high: 20 };

/** How an image is generated. */
export interface GenerationConfig {
  readonly numInferenceSteps: number;
  readonly guidanceScale: number;
  /** Pixels, a multiple of 8. */
  readonly height: number;
  /** Pixels, a multiple of 8. */
  readonly width: number;
  readonly scheduler: SchedulerType;
  readonly seed: number | null;
  readonly negativePrompt: string | null;
}

/** Defaults and rules of {@link GenerationConfig}. */
export const GenerationConfig: Definition<GenerationConfig> = {
  name: 'GenerationConfig',
  fields: {
    numInferenceSteps: { kind: 'int', default: 50, positive: true },
    guidanceScale: { kind: 'float', default: 7.5, min: 1 },
    height: { kind: 'int', default: 512, positive: true },
    width: { kind: 'int', default: 512, positive: true },
    scheduler: { kind: 'enum', of: SchedulerType, default: SchedulerType.EULER },
    seed: { kind: 'int', default: null, nullable: true },
    negativePrompt: { kind: 'string', default: null, nullable: true },
  },
  rules: [
    ({ height }) => (height % 8 === 0 ? null : `height must be divisible by 8, got ${height}`),
    ({ width }) => (width % 8 === 0 ? null : `width must be divisible by 8, got ${width}`),
  ],
};

/** What was generated. */
export interface GenerationResult {
  readonly images: readonly unknown[];
  readonly seeds: readonly number[];
  readonly nsfwDetected: readonly boolean[];
  readonly inferenceTimeMs: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateGenerationConfig(config: GenerationConfig): void {
  validate(GenerationConfig, config);
}

/** Settles a {@link GenerationConfig}. @throws {ValidationError} naming every broken rule */
export function createGenerationConfig(options: Partial<GenerationConfig> = {}): GenerationConfig {
  return createFrom(GenerationConfig, options);
}

/** Scheduler types in ascending order. */
export function listSchedulerTypes(): SchedulerType[] {
  return valuesOf(SchedulerType);
}

/**
 * The scale of a level of guidance.
 *
 * @throws {ValidationError} naming the levels
 * @remarks Python: `hf_gtc.generation.diffusers.get_guidance_scale(level)`; within 1e-12.
 * @example getGuidanceScale('high') // => 12
 */
export function getGuidanceScale(level: GuidanceScaleType): number {
  return GUIDANCE_SCALE_MAP[oneOf(level, 'level', Object.keys(GUIDANCE_SCALE_MAP) as GuidanceScaleType[])]!;
}

/**
 * Height and width of the latents of an image.
 *
 * @param options `scaleFactor`, pixels for each latent
 * @throws {ValidationError} for sizes that are not positive multiples of the factor
 * @remarks Python: `hf_gtc.generation.diffusers.calculate_latent_size(height, width, scale_factor=)`.
 * @example calculateLatentSize(1024, 512) // => [128, 64]
 */
export function calculateLatentSize(
  height: number,
  width: number,
  { scaleFactor = 8 }: { readonly scaleFactor?: number } = {},
): readonly [height: number, width: number] {
  allPositive({ height, width, scaleFactor });
  for (const [name, size] of [
    ['height', height],
    ['width', width],
  ] as const)
    if (size % scaleFactor !== 0)
      throw new ValidationError(`${name} must be divisible by scaleFactor (${scaleFactor}), got ${size}`, { parameter: name, received: size });
  return [height / scaleFactor, width / scaleFactor];
}

const BYTES = { fp32: 4, fp16: 2, bf16: 2 } as const;

/**
 * GiB of memory by a rule of thumb: 4 for a model of 32 bits and 2 for one of 16, and three times the latents. SDXL needs several times as much.
 *
 * @throws {ValidationError} for sizes that are not positive or an unknown precision
 * @remarks Python: `hf_gtc.generation.diffusers.estimate_vram_usage(height, width, batch_size=, precision=)`; within 1e-12.
 * @example estimateVramUsage(1024, 1024) // => 2.0003662109375
 */
export function estimateVramUsage(
  height: number,
  width: number,
  { batchSize = 1, precision = 'fp16' }: { readonly batchSize?: number; readonly precision?: keyof typeof BYTES } = {},
): number {
  allPositive({ height, width, batchSize });
  const bytes = BYTES[oneOf(precision, 'precision', Object.keys(BYTES) as (keyof typeof BYTES)[])];
  const latents = Math.floor(height / 8) * Math.floor(width / 8) * 4 * batchSize * bytes;
  return bytes + (3 * latents) / 1024 ** 3;
}

/** Steps and size in pixels by model. */
const MODELS = { sd15: [50, 512], sd21: [50, 768], sdxl: [30, 1024], sdxl_turbo: [4, 512] } as const;
/** Models with recommendations. */
export type DiffusionModel = keyof typeof MODELS;
const MODEL_NAMES = Object.keys(MODELS) as DiffusionModel[];

/**
 * Steps that suit a model.
 *
 * @throws {ValidationError} naming the models
 * @remarks Python: `hf_gtc.generation.diffusers.get_recommended_steps(model_type)`; exact.
 * @example getRecommendedSteps('sdxl_turbo') // => 4
 */
export function getRecommendedSteps(modelType: DiffusionModel): number {
  return MODELS[oneOf(modelType, 'modelType', MODEL_NAMES)][0];
}

/**
 * Height and width that a model was trained for, in pixels.
 *
 * @throws {ValidationError} naming the models
 * @remarks Python: `hf_gtc.generation.diffusers.get_recommended_size(model_type)`.
 * @example getRecommendedSize('sdxl') // => [1024, 1024]
 */
export function getRecommendedSize(modelType: DiffusionModel): readonly [height: number, width: number] {
  const [, size] = MODELS[oneOf(modelType, 'modelType', MODEL_NAMES)];
  return [size, size];
}

/**
 * Whether a prompt is likely to fit, at 1.3 tokens for each word.
 *
 * @throws {ValidationError} for no prompt or a limit that is not positive
 * @remarks Python: `hf_gtc.generation.diffusers.validate_prompt(prompt, max_tokens=)`; exact.
 * @example validatePrompt('a cat on a mat', { maxTokens: 5 }) // => false
 */
export function validatePrompt(prompt: string, { maxTokens = 77 }: { readonly maxTokens?: number } = {}): boolean {
  notNull(prompt, 'prompt');
  positive(maxTokens, 'maxTokens');
  return Math.floor(splitWords(prompt).length * 1.3) <= maxTokens;
}

/**
 * What an image shall not have, as a prompt.
 *
 * @remarks Python: `hf_gtc.generation.diffusers.create_negative_prompt(categories=)`; the same text.
 * @example createNegativePrompt({ categories: ['blurry', 'text'] }) // => 'blurry, text'
 */
export function createNegativePrompt({ categories = [] }: { readonly categories?: readonly string[] } = {}): string {
  return categories.join(', ');
}

/**
 * What images usually shall not have.
 *
 * @remarks Python: `hf_gtc.generation.diffusers.get_default_negative_prompt()`; the same text.
 * @example getDefaultNegativePrompt() // => 'blurry, low quality, distorted, deformed, disfigured, bad anatomy, watermark, text, signature'
 */
export function getDefaultNegativePrompt(): string {
  return 'blurry, low quality, distorted, deformed, disfigured, bad anatomy, watermark, text, signature';
}
