/** Transformers by their sizes, with those of well-known models. */
import { createFrom, type Definition, validate } from '@gtc/errors';

/** Sizes of a transformer. */
export interface TransformerConfig {
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly numHiddenLayers: number;
  readonly vocabSize: number;
  /** Width of the feed-forward layers. */
  readonly intermediateSize: number;
  readonly maxPositionEmbeddings: number;
}

const preset =
  (hiddenSize: number, numAttentionHeads: number, numHiddenLayers: number, vocabSize: number, maxPositionEmbeddings: number) => (): TransformerConfig =>
    createFrom(TransformerConfig, { hiddenSize, numAttentionHeads, numHiddenLayers, vocabSize, maxPositionEmbeddings, intermediateSize: 4 * hiddenSize });

/** Sizes of well-known models: BERT (Devlin et al. 2019) and GPT-2 (Radford et al. 2019). */
interface Presets {
  readonly bertBase: () => TransformerConfig;
  readonly bertLarge: () => TransformerConfig;
  readonly gpt2: () => TransformerConfig;
  readonly gpt2Medium: () => TransformerConfig;
  readonly gpt2Large: () => TransformerConfig;
  readonly gpt2Xl: () => TransformerConfig;
}

/** Defaults, which are those of BERT base, and rules of {@link TransformerConfig}, and well-known sizes: `TransformerConfig.bertBase()`. */
export const TransformerConfig: Definition<TransformerConfig> & Presets = {
  name: 'TransformerConfig',
  fields: {
    hiddenSize: { kind: 'int', default: 768, positive: true },
    numAttentionHeads: { kind: 'int', default: 12, positive: true },
    numHiddenLayers: { kind: 'int', default: 12, positive: true },
    vocabSize: { kind: 'int', default: 30522, positive: true },
    intermediateSize: { kind: 'int', default: 3072, positive: true },
    maxPositionEmbeddings: { kind: 'int', default: 512, positive: true },
  },
  rules: [
    ({ hiddenSize, numAttentionHeads }) =>
      hiddenSize % numAttentionHeads === 0 ? null : `hiddenSize (${hiddenSize}) must be divisible by numAttentionHeads (${numAttentionHeads})`,
  ],
  bertBase: preset(768, 12, 12, 30522, 512),
  bertLarge: preset(1024, 16, 24, 30522, 512),
  gpt2: preset(768, 12, 12, 50257, 1024),
  gpt2Medium: preset(1024, 16, 24, 50257, 1024),
  gpt2Large: preset(1280, 20, 36, 50257, 1024),
  gpt2Xl: preset(1600, 25, 48, 50257, 1024),
};

/**
 * Settles a {@link TransformerConfig}.
 *
 * @throws {ValidationError} naming every broken rule
 * @example createTransformerConfig({ hiddenSize: 256, numAttentionHeads: 4 }).numHiddenLayers // => 12
 */
export function createTransformerConfig(options: Partial<TransformerConfig> = {}): TransformerConfig {
  return createFrom(TransformerConfig, options);
}

/**
 * Width of an attention head.
 *
 * @throws {ValidationError} for sizes that break their rules
 * @example headSize(TransformerConfig.bertBase()) // => 64
 */
export function headSize(config: TransformerConfig): number {
  validate(TransformerConfig, config);
  return config.hiddenSize / config.numAttentionHeads;
}
