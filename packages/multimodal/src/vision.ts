/** Vision: images, the encoders that read them, and the tokens and memory they take. Mirrors `hf_gtc.multimodal.vision`. */
import { createFrom, type Definition, formatFixed, nonNegative, number, oneOf, parseEnum, positive, pythonRepr, validate, valuesOf } from '@gtc/errors';

/** Families of image encoders. */
export const VisionModelType = { CLIP: 'clip', SIGLIP: 'siglip', VIT: 'vit', DINO: 'dino', EVA: 'eva', CONVNEXT: 'convnext' } as const;
export type VisionModelType = (typeof VisionModelType)[keyof typeof VisionModelType];

/** What an input is made of. */
export const ModalityType = {
  TEXT: 'text',
  IMAGE: 'image',
  AUDIO: 'audio',
  VIDEO: 'video',
  TEXT_IMAGE: 'text_image',
  TEXT_AUDIO: 'text_audio',
  TEXT_VIDEO: 'text_video',
} as const;
export type ModalityType = (typeof ModalityType)[keyof typeof ModalityType];

/** Names of usual image sizes. */
export type ImageSizePreset = 'small' | 'medium' | 'large' | 'xlarge';

/** Values of {@link VisionModelType}. */
export const VALID_VISION_MODELS: ReadonlySet<VisionModelType> = new Set(Object.values(VisionModelType));

/** Values of {@link ModalityType}. */
export const VALID_MODALITIES: ReadonlySet<ModalityType> = new Set(Object.values(ModalityType));

/** Width and height of each preset, pixels. */
export const IMAGE_SIZE_PRESETS: Readonly<Record<ImageSizePreset, readonly [width: number, height: number]>> = {
  small: [224, 224],
  medium: [336, 336],
  large: [448, 448],
  xlarge: [672, 672],
};

/** How images are prepared. */
export interface ImageConfig {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly normalize: boolean;
  /** `crop` by default; any word is kept. */
  readonly resizeMode: string;
}

/** Defaults and rules of {@link ImageConfig}. */
export const ImageConfig: Definition<ImageConfig> = {
  name: 'ImageConfig',
  fields: {
    width: { kind: 'int', default: 224, positive: true },
    height: { kind: 'int', default: 224, positive: true },
    channels: { kind: 'int', default: 3, positive: true },
    normalize: { kind: 'bool', default: true },
    resizeMode: { kind: 'string', default: 'crop', oneOf: ['crop', 'pad', 'stretch'] },
  },
};

/** The shape of an image encoder. */
export interface VisionEncoderConfig {
  readonly modelType: VisionModelType;
  /** Width and height of a patch, pixels. */
  readonly patchSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
}

/** Defaults and rules of {@link VisionEncoderConfig}. */
export const VisionEncoderConfig: Definition<VisionEncoderConfig> = {
  name: 'VisionEncoderConfig',
  fields: {
    modelType: { kind: 'enum', of: VisionModelType, default: VisionModelType.CLIP },
    patchSize: { kind: 'int', default: 14, positive: true },
    hiddenSize: { kind: 'int', default: 768, positive: true },
    numLayers: { kind: 'int', default: 12, positive: true },
    numHeads: { kind: 'int', default: 12, positive: true },
  },
};

/** An image file. */
export interface ImageInput {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** Lower case. */
  readonly format: string;
}

/** Defaults and rules of {@link ImageInput}. */
export const ImageInput: Definition<ImageInput> = {
  name: 'ImageInput',
  fields: {
    path: { kind: 'string', nonEmpty: true },
    width: { kind: 'int', positive: true },
    height: { kind: 'int', positive: true },
    format: { kind: 'string', default: 'png', oneOf: ['bmp', 'gif', 'jpeg', 'jpg', 'png', 'webp'] },
  },
};

/** A text with its images. */
export interface MultimodalInput {
  readonly text: string;
  readonly images: readonly ImageInput[];
  readonly modality: ModalityType;
}

/** A model that reads texts and images. */
export interface MultimodalConfig {
  readonly imageConfig: ImageConfig;
  readonly visionEncoder: VisionEncoderConfig;
  readonly maxImages: number;
  readonly modality: ModalityType;
}

/** Defaults and rules of {@link MultimodalConfig}. */
export const MultimodalConfig: Definition<MultimodalConfig> = {
  name: 'MultimodalConfig',
  fields: {
    imageConfig: { kind: 'config', of: ImageConfig },
    visionEncoder: { kind: 'config', of: VisionEncoderConfig },
    maxImages: { kind: 'int', default: 5, positive: true },
    modality: { kind: 'enum', of: ModalityType, default: ModalityType.TEXT_IMAGE },
  },
};

/** How the pixels of an image are brought to the scale of a model. */
export interface ImageProcessor {
  readonly name: string;
  /** Of each channel, subtracted. */
  readonly imageMean: readonly number[];
  /** Of each channel, divided by. */
  readonly imageStd: readonly number[];
  readonly doResize: boolean;
  readonly doNormalize: boolean;
}

/** @throws {ValidationError} naming every broken rule */
export function validateImageConfig(config: ImageConfig): void {
  validate(ImageConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMultimodalConfig(config: MultimodalConfig): void {
  validate(MultimodalConfig, config);
}

/** Settles a {@link ImageConfig}. @throws {ValidationError} naming every broken rule */
export function createImageConfig(options: Partial<ImageConfig> = {}): ImageConfig {
  return createFrom(ImageConfig, options);
}

/** Settles a {@link VisionEncoderConfig}. @throws {ValidationError} naming every broken rule */
export function createVisionEncoderConfig(options: Partial<VisionEncoderConfig> = {}): VisionEncoderConfig {
  return createFrom(VisionEncoderConfig, options);
}

/** Vision model types in ascending order. */
export function listVisionModelTypes(): VisionModelType[] {
  return valuesOf(VisionModelType);
}

/** Modality types in ascending order. */
export function listModalityTypes(): ModalityType[] {
  return valuesOf(ModalityType);
}

/** @throws {ValidationError} naming the vision model types */
export function getVisionModelType(name: string): VisionModelType {
  return parseEnum(VisionModelType, name, 'modelType');
}

/** @throws {ValidationError} naming the modality types */
export function getModalityType(name: string): ModalityType {
  return parseEnum(ModalityType, name, 'modality');
}

/** @throws {ValidationError} when a side is not positive */
export function validateImageDimensions(width: number, height: number): void {
  positive(width, 'width');
  positive(height, 'height');
}

/** Settles an {@link ImageInput}; the format is brought to lower case. @throws {ValidationError} naming every broken rule */
export function createImageInput(path: string, width: number, height: number, { format = 'png' }: { readonly format?: string } = {}): ImageInput {
  return createFrom(ImageInput, { path, width, height, format: format.toLowerCase() });
}

/** Settles a {@link MultimodalConfig} of texts and images. @throws {ValidationError} naming every broken rule */
export function createMultimodalConfig({
  imageWidth,
  imageHeight,
  visionModel,
  patchSize,
  maxImages,
}: {
  readonly imageWidth?: number;
  readonly imageHeight?: number;
  readonly visionModel?: VisionModelType;
  readonly patchSize?: number;
  readonly maxImages?: number;
} = {}): MultimodalConfig {
  return createFrom(MultimodalConfig, {
    imageConfig: createFrom(ImageConfig, { width: imageWidth, height: imageHeight }),
    visionEncoder: createFrom(VisionEncoderConfig, { modelType: visionModel, patchSize }),
    maxImages,
  });
}

/**
 * Width and height of a preset, pixels.
 *
 * @throws {ValidationError} naming the presets
 * @remarks Python: `hf_gtc.multimodal.vision.get_default_image_size(preset)`.
 * @example getDefaultImageSize('medium') // => [336, 336]
 */
export function getDefaultImageSize(preset: ImageSizePreset): readonly [width: number, height: number] {
  return IMAGE_SIZE_PRESETS[oneOf<ImageSizePreset>(preset, 'preset', Object.keys(IMAGE_SIZE_PRESETS) as ImageSizePreset[])];
}

/**
 * Whole patches that fit into an image; what is left over at the edges is not seen.
 *
 * @throws {ValidationError} when a size is not positive
 * @remarks Python: `hf_gtc.multimodal.vision.calculate_patch_count(width, height, patch_size)`; exact.
 * @example calculatePatchCount(224, 224, 14) // => 256
 */
export function calculatePatchCount(width: number, height: number, patchSize: number): number {
  validateImageDimensions(width, height);
  positive(patchSize, 'patchSize');
  return Math.floor(width / patchSize) * Math.floor(height / patchSize);
}

/**
 * Tokens of an image: its patches, and the class token in front of them.
 *
 * @throws {ValidationError} when a size is not positive
 * @remarks Python: `hf_gtc.multimodal.vision.calculate_image_tokens(width, height, patch_size, include_cls=)`; exact.
 * @example calculateImageTokens(224, 224, 14) // => 257
 */
export function calculateImageTokens(width: number, height: number, patchSize: number, { includeCls = true }: { readonly includeCls?: boolean } = {}): number {
  return calculatePatchCount(width, height, patchSize) + Number(includeCls);
}

/**
 * Bytes of the embeddings of images: one vector for each token. What the encoder needs inside is not counted.
 *
 * @throws {ValidationError} when a count or an image size is not positive
 * @remarks Python: `hf_gtc.multimodal.vision.estimate_multimodal_memory(num_images, image_width, image_height, ...)`; exact.
 * @example estimateMultimodalMemory(1, 224, 224) // => 394752
 */
export function estimateMultimodalMemory(
  numImages: number,
  imageWidth: number,
  imageHeight: number,
  { patchSize = 14, hiddenSize = 768, dtypeBytes = 2 }: { readonly patchSize?: number; readonly hiddenSize?: number; readonly dtypeBytes?: number } = {},
): number {
  positive(numImages, 'numImages');
  return numImages * calculateImageTokens(imageWidth, imageHeight, patchSize) * number(hiddenSize, 'hiddenSize') * number(dtypeBytes, 'dtypeBytes');
}

/** An image size as `width x height` is usually written. @remarks Python: `hf_gtc.multimodal.vision.format_image_size(width, height)`; equal text. @example formatImageSize(224, 336) // => '224x336' */
export function formatImageSize(width: number, height: number): string {
  return `${pythonRepr(width)}x${pythonRepr(height)}`;
}

/** Means and deviations of the pictures that CLIP, and those of ImageNet. */
const CLIP_SCALE = { imageMean: [0.48145466, 0.4578275, 0.40821073], imageStd: [0.26862954, 0.26130258, 0.27577711] } as const;
const IMAGENET_SCALE = { imageMean: [0.485, 0.456, 0.406], imageStd: [0.229, 0.224, 0.225] } as const;
const CLIP_LIKE: ReadonlySet<VisionModelType> = new Set([VisionModelType.CLIP, VisionModelType.SIGLIP]);

/**
 * The scale of pixels for a family of models: CLIP's for `clip` and `siglip`, ImageNet's for the others. Checkpoints may differ
 * (SigLIP and Google's ViT use 0.5 throughout): a checkpoint's own preprocessor configuration comes first.
 *
 * @throws {ValidationError} naming the families
 * @remarks Python: `hf_gtc.multimodal.vision.get_recommended_processor(model_type)`.
 * @example getRecommendedProcessor('vit').imageMean // => [0.485, 0.456, 0.406]
 */
export function getRecommendedProcessor(modelType: VisionModelType): ImageProcessor {
  const name = parseEnum(VisionModelType, modelType, 'modelType');
  return Object.freeze({ name, ...(CLIP_LIKE.has(name) ? CLIP_SCALE : IMAGENET_SCALE), doResize: true, doNormalize: true });
}

/** Orders of the channels of an image. */
export const ImageFormat = { RGB: 'rgb', BGR: 'bgr', GRAYSCALE: 'grayscale', RGBA: 'rgba' } as const;
export type ImageFormat = (typeof ImageFormat)[keyof typeof ImageFormat];

/** Ways to resize. */
export const Interpolation = { BILINEAR: 'bilinear', NEAREST: 'nearest', BICUBIC: 'bicubic', LANCZOS: 'lanczos' } as const;
export type Interpolation = (typeof Interpolation)[keyof typeof Interpolation];

/** Families of image models. */
export const VisionModel = { VIT: 'vit', RESNET: 'resnet', CLIP: 'clip', DINOV2: 'dinov2', CONVNEXT: 'convnext', SWIN: 'swin' } as const;
export type VisionModel = (typeof VisionModel)[keyof typeof VisionModel];

/** How an image is brought into a model. */
export interface VisionConfig {
  /** Pixels of each side. */
  readonly size: number;
  readonly format: ImageFormat;
  readonly interpolation: Interpolation;
  readonly normalize: boolean;
  /** Of each channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly model: VisionModel;
  readonly centerCrop: boolean;
}

/** Channels of an image. */
const CHANNELS: Readonly<Record<ImageFormat, number>> = { rgb: 3, bgr: 3, grayscale: 1, rgba: 4 };

/** Defaults and rules of {@link VisionConfig}, and the settings of ImageNet's and CLIP's preprocessing. */
export const VisionConfig: Definition<VisionConfig> & { readonly imagenet: () => VisionConfig; readonly clip: () => VisionConfig } = {
  name: 'VisionConfig',
  fields: {
    size: { kind: 'int', default: 224, positive: true },
    format: { kind: 'enum', of: ImageFormat, default: ImageFormat.RGB },
    interpolation: { kind: 'enum', of: Interpolation, default: Interpolation.BILINEAR },
    normalize: { kind: 'bool', default: true },
    mean: { kind: 'array', of: { kind: 'float' }, default: [0.485, 0.456, 0.406] },
    std: { kind: 'array', of: { kind: 'float', positive: true }, default: [0.229, 0.224, 0.225] },
    model: { kind: 'enum', of: VisionModel, default: VisionModel.VIT },
    centerCrop: { kind: 'bool', default: true },
  },
  rules: [
    ({ normalize, mean, std, format }) =>
      normalize && (mean.length !== CHANNELS[format] || std.length !== CHANNELS[format])
        ? `mean and std must have a value for each of the ${CHANNELS[format]} channels, got ${mean.length} and ${std.length}`
        : null,
  ],
  imagenet: () => createFrom(VisionConfig),
  clip: () =>
    createFrom(VisionConfig, {
      model: VisionModel.CLIP,
      interpolation: Interpolation.BICUBIC,
      mean: [0.48145466, 0.4578275, 0.40821073],
      std: [0.26862954, 0.26130258, 0.27577711],
    }),
};

/**
 * Features of an image.
 *
 * @remarks Rust: `multimodal::vision::ImageFeatures`.
 * @example new ImageFeatures(768, { numPatches: 197, originalWidth: 640, originalHeight: 480 }).memoryBytes // => 605184
 */
export class ImageFeatures {
  readonly featureDim: number;
  readonly numPatches: number;
  readonly originalWidth: number;
  readonly originalHeight: number;
  readonly processingTimeMs: number;

  constructor(
    featureDim: number,
    {
      numPatches = 1,
      originalWidth = 1,
      originalHeight = 1,
      processingTimeMs = 0,
    }: { readonly numPatches?: number; readonly originalWidth?: number; readonly originalHeight?: number; readonly processingTimeMs?: number } = {},
  ) {
    this.featureDim = positive(featureDim, 'featureDim');
    this.numPatches = positive(numPatches, 'numPatches');
    this.originalWidth = positive(originalWidth, 'originalWidth');
    this.originalHeight = positive(originalHeight, 'originalHeight');
    this.processingTimeMs = nonNegative(processingTimeMs, 'processingTimeMs');
  }

  /** Width over height. */
  get aspectRatio(): number {
    return this.originalWidth / this.originalHeight;
  }

  /** Of 32-bit features. */
  get memoryBytes(): number {
    return this.featureDim * this.numPatches * 4;
  }
}

/**
 * Running figures of image processing.
 *
 * @remarks Rust: `multimodal::vision::VisionStats`.
 * @example new VisionStats().avgTimeMs // => 0
 */
export class VisionStats {
  #images = 0;
  #time = 0;
  #pixels = 0;

  /** Takes an image into account. */
  record({ processingTimeMs }: ImageFeatures, { size }: VisionConfig): void {
    this.#images += 1;
    this.#time += processingTimeMs;
    this.#pixels += size * size;
  }

  get imagesProcessed(): number {
    return this.#images;
  }

  get totalPixels(): number {
    return this.#pixels;
  }

  /** 0 before the first image. */
  get avgTimeMs(): number {
    return this.#images === 0 ? 0 : this.#time / this.#images;
  }

  /** Images a second, 0 before any time has passed. */
  get throughput(): number {
    return this.#time === 0 ? 0 : (this.#images * 1000) / this.#time;
  }

  /** The figures as text. */
  format(): string {
    return `Images: ${this.#images} | Avg: ${formatFixed(this.avgTimeMs, 1)} ms | Throughput: ${formatFixed(this.throughput, 1)} img/s`;
  }
}

/**
 * Patches of a square image; what does not fill a patch is left out.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Rust: `multimodal::vision::calculate_num_patches(image_size, patch_size)`.
 * @example calculateNumPatches(224, 16) // => 196
 */
export function calculateNumPatches(imageSize: number, patchSize: number): number {
  return Math.floor(positive(imageSize, 'imageSize') / positive(patchSize, 'patchSize')) ** 2;
}

/** Milliseconds for an image of 224 by 224 pixels on a CPU. */
const MODEL_MS: Readonly<Record<VisionModel, number>> = { vit: 50, resnet: 20, clip: 60, dinov2: 55, convnext: 30, swin: 45 };

/**
 * Milliseconds to process an image on a CPU, at a guess: it grows with the pixels.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `multimodal::vision::estimate_processing_time(config)`.
 * @example estimateProcessingTime(VisionConfig.imagenet()) // => 50
 */
export function estimateProcessingTime(config: VisionConfig): number {
  validate(VisionConfig, config);
  return MODEL_MS[config.model] * (config.size / 224) ** 2;
}
