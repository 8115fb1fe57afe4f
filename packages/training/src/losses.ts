/** Training losses and their settings: focal, contrastive, triplet, smoothed labels, class weights. Mirrors `hf_gtc.training.losses`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nestedIssue,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { cosine, mean, sum } from '@gtc/tensor/statistics';

export {
  clipLoss,
  coSentLoss,
  infoNceLoss,
  multipleNegativesRankingLoss,
  ntXentLoss,
  supConLoss,
} from './internal/losses/contrastive.js';
export { type CtcOptions, causalLmLoss, computeClassWeight, ctcLoss, diceLoss, multiMarginLoss } from './internal/losses/sequence.js';

/** Weight of a class from its count, up to a factor. */
const CLASS_WEIGHT: Readonly<Record<string, (count: number) => number>> = {
  inverse: count => 1 / count,
  inverse_sqrt: count => 1 / Math.sqrt(count),
  effective: count => (1 - 0.9999) / (1 - 0.9999 ** count),
};

const RECOMMENDED: Readonly<Record<string, Parameters<typeof createLossConfig>[0]>> = {
  classification: { labelSmoothingConfig: { smoothing: 0.1, reduction: 'mean' } },
  generation: { labelSmoothingConfig: { smoothing: 0.1, reduction: 'mean' } },
  regression: { lossType: 'mse' },
  imbalanced_classification: { lossType: 'focal', focalConfig: { alpha: 0.25, gamma: 2, reduction: 'mean' } },
  contrastive_learning: { lossType: 'contrastive', contrastiveConfig: { temperature: 0.07, margin: 1, contrastiveType: 'ntxent' } },
};

/** Losses. */
export const LossType = {
  CROSS_ENTROPY: 'cross_entropy',
  FOCAL: 'focal',
  CONTRASTIVE: 'contrastive',
  TRIPLET: 'triplet',
  COSINE: 'cosine',
  KL_DIVERGENCE: 'kl_divergence',
  MSE: 'mse',
  MAE: 'mae',
} as const;
export type LossType = (typeof LossType)[keyof typeof LossType];

/** What becomes of the losses of a batch. */
export const ReductionType = { MEAN: 'mean', SUM: 'sum', NONE: 'none', BATCHMEAN: 'batchmean' } as const;
export type ReductionType = (typeof ReductionType)[keyof typeof ReductionType];

/** Losses over pairs and triplets of embeddings. */
export const ContrastiveType = { SIMCLR: 'simclr', INFONCE: 'infonce', TRIPLET: 'triplet', NTXENT: 'ntxent' } as const;
export type ContrastiveType = (typeof ContrastiveType)[keyof typeof ContrastiveType];

/** Values of {@link LossType}. */
export const VALID_LOSS_TYPES: ReadonlySet<LossType> = new Set(Object.values(LossType));

/** Values of {@link ReductionType}. */
export const VALID_REDUCTION_TYPES: ReadonlySet<ReductionType> = new Set(Object.values(ReductionType));

/** Values of {@link ContrastiveType}. */
export const VALID_CONTRASTIVE_TYPES: ReadonlySet<ContrastiveType> = new Set(Object.values(ContrastiveType));

/** Focal loss (Lin et al. 2017). */
export interface FocalLossConfig {
  /** Weight of the positive class. */
  readonly alpha: number;
  /** Exponent that quiets well-classified samples. */
  readonly gamma: number;
  readonly reduction: ReductionType;
}

/** Defaults and rules of {@link FocalLossConfig}. */
export const FocalLossConfig: Definition<FocalLossConfig> = {
  name: 'FocalLossConfig',
  fields: {
    alpha: { kind: 'float', default: 0.25, min: 0.0, max: 1.0 },
    gamma: { kind: 'float', default: 2.0, nonNegative: true },
    reduction: { kind: 'enum', of: ReductionType, default: ReductionType.MEAN },
  },
};

/** A loss over embeddings. */
export interface ContrastiveLossConfig {
  /** Divides similarities. */
  readonly temperature: number;
  /** Of the triplet loss. */
  readonly margin: number;
  readonly contrastiveType: ContrastiveType;
}

/** Defaults and rules of {@link ContrastiveLossConfig}. */
export const ContrastiveLossConfig: Definition<ContrastiveLossConfig> = {
  name: 'ContrastiveLossConfig',
  fields: {
    temperature: { kind: 'float', default: 0.07, positive: true },
    margin: { kind: 'float', default: 1.0, nonNegative: true },
    contrastiveType: { kind: 'enum', of: ContrastiveType, default: ContrastiveType.SIMCLR },
  },
};

/** Labels mixed with the uniform distribution. */
export interface LabelSmoothingConfig {
  /** Share of the uniform distribution. */
  readonly smoothing: number;
  readonly reduction: ReductionType;
}

/** Defaults and rules of {@link LabelSmoothingConfig}. */
export const LabelSmoothingConfig: Definition<LabelSmoothingConfig> = {
  name: 'LabelSmoothingConfig',
  fields: {
    smoothing: { kind: 'float', default: 0.1, min: 0.0, max: 1.0 },
    reduction: { kind: 'enum', of: ReductionType, default: ReductionType.MEAN },
  },
};

/** A loss with the settings that its type calls for. */
export interface LossConfig {
  readonly lossType: LossType;
  readonly focalConfig: FocalLossConfig | null;
  readonly contrastiveConfig: ContrastiveLossConfig | null;
  readonly labelSmoothingConfig: LabelSmoothingConfig | null;
  /** Of each class. */
  readonly weight: readonly number[] | null;
}

/** Defaults and rules of {@link LossConfig}. */
export const LossConfig: Definition<LossConfig> = {
  name: 'LossConfig',
  fields: {
    lossType: { kind: 'enum', of: LossType, default: LossType.CROSS_ENTROPY },
    focalConfig: { kind: 'any', default: null, nullable: true },
    contrastiveConfig: { kind: 'any', default: null, nullable: true },
    labelSmoothingConfig: { kind: 'any', default: null, nullable: true },
    weight: { kind: 'array', of: { kind: 'float', nonNegative: true }, default: null, nullable: true },
  },
  rules: [
    ({ lossType, focalConfig }) => (lossType === 'focal' ? nestedIssue(FocalLossConfig, focalConfig, 'focalConfig') : null),
    ({ lossType, contrastiveConfig }) =>
      lossType === 'contrastive' || lossType === 'triplet' ? nestedIssue(ContrastiveLossConfig, contrastiveConfig, 'contrastiveConfig') : null,
  ],
};

/** A loss that was computed. */
export interface LossStats {
  readonly lossValue: number;
  readonly numSamples: number;
  readonly perClassLoss: readonly number[] | null;
}

/** Defaults and rules of {@link LossStats}. */
export const LossStats: Definition<LossStats> = {
  name: 'LossStats',
  fields: {
    lossValue: { kind: 'float', default: 0.0 },
    numSamples: { kind: 'int', default: 1, positive: true },
    perClassLoss: { kind: 'array', of: { kind: 'float' }, default: null, nullable: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateFocalLossConfig(config: FocalLossConfig): void {
  validate(FocalLossConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateContrastiveLossConfig(config: ContrastiveLossConfig): void {
  validate(ContrastiveLossConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLabelSmoothingConfig(config: LabelSmoothingConfig): void {
  validate(LabelSmoothingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLossConfig(config: LossConfig): void {
  validate(LossConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLossStats(stats: LossStats): void {
  validate(LossStats, stats, 'stats');
}

/** Settles a {@link FocalLossConfig}. @throws {ValidationError} naming every broken rule */
export function createFocalLossConfig(options: Partial<FocalLossConfig> = {}): FocalLossConfig {
  return createFrom(FocalLossConfig, options);
}

/** Settles a {@link ContrastiveLossConfig}. @throws {ValidationError} naming every broken rule */
export function createContrastiveLossConfig(options: Partial<ContrastiveLossConfig> = {}): ContrastiveLossConfig {
  return createFrom(ContrastiveLossConfig, options);
}

/** Settles a {@link LabelSmoothingConfig}. @throws {ValidationError} naming every broken rule */
export function createLabelSmoothingConfig(options: Partial<LabelSmoothingConfig> = {}): LabelSmoothingConfig {
  return createFrom(LabelSmoothingConfig, options);
}

/** Settles a {@link LossStats}. @throws {ValidationError} naming every broken rule */
export function createLossStats(options: Partial<LossStats> = {}): LossStats {
  return createFrom(LossStats, options);
}

/** Loss types in ascending order. */
export function listLossTypes(): LossType[] {
  return valuesOf(LossType);
}

/** Reduction types in ascending order. */
export function listReductionTypes(): ReductionType[] {
  return valuesOf(ReductionType);
}

/** Contrastive types in ascending order. */
export function listContrastiveTypes(): ContrastiveType[] {
  return valuesOf(ContrastiveType);
}

/** @throws {ValidationError} naming the values of {@link LossType} */
export function getLossType(name: string): LossType {
  return parseEnum(LossType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ReductionType} */
export function getReductionType(name: string): ReductionType {
  return parseEnum(ReductionType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ContrastiveType} */
export function getContrastiveType(name: string): ContrastiveType {
  return parseEnum(ContrastiveType, name, 'name');
}

/**
 * Settles a {@link LossConfig}; the settings that its type calls for are filled in. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.losses.create_loss_config(loss_type=, focal_config=, contrastive_config=, label_smoothing_config=, weight=)`.
 */
export function createLossConfig(options: Partial<LossConfig> = {}): LossConfig {
  const { lossType, focalConfig, contrastiveConfig } = options;
  return createFrom(LossConfig, {
    ...options,
    focalConfig: focalConfig ?? (lossType === 'focal' ? createFrom(FocalLossConfig) : null),
    contrastiveConfig:
      contrastiveConfig ??
      (lossType === 'contrastive' || lossType === 'triplet'
        ? createFrom(ContrastiveLossConfig, { contrastiveType: lossType === 'triplet' ? 'triplet' : 'simclr' })
        : null),
  });
}

/** Loss of each sample reduced as asked; `none` and `mean` both give the mean, since the result is one number. */
const reduce = (losses: readonly number[], reduction: ReductionType): number => (reduction === 'sum' ? sum(losses) : mean(losses));

/**
 * Binary focal loss `−α (1 − p_t)^γ log p_t`, where `p_t` is the probability of the true label, kept 10⁻⁷ away from 0 and 1. A target of 1 is positive,
 * every other
 * one negative. `batchmean` and `none` give the mean.
 * Source: Lin et al., Focal Loss for Dense Object Detection (2017), eq. 5.
 *
 * @param predictions probabilities of the positive class
 * @throws {ValidationError} for no predictions or one outside [0, 1]
 * @throws {ShapeError} for different lengths
 * @remarks Python: `hf_gtc.training.losses.calculate_focal_loss(predictions, targets, config)`; within 1e-12.
 * @example calculateFocalLoss([0.40234], [0], { alpha: 1, gamma: 2, reduction: 'none' }) // => 0
 */
export function calculateFocalLoss(predictions: readonly number[], targets: readonly number[], config: FocalLossConfig): number {
  nonEmpty(predictions, 'predictions');
  sameLength({ predictions, targets });
  for (const [index, p] of predictions.entries()) inRange(p, `predictions[${index}]`, { min: 0, max: 1 });
  const losses = predictions.map((given, index) => {
    const p = Math.min(Math.max(given, 1e-7), 1 - 1e-7);
    const [likelihood, weight] = targets[index] === 1 ? [p, config.alpha] : [1 - p, 1 - config.alpha];
    return -weight * (1 - likelihood) ** config.gamma * Math.log(likelihood);
  });
  return reduce(losses, config.reduction);
}

const distance = (a: readonly number[], b: readonly number[]): number => Math.sqrt(a.reduce((total, x, index) => total + (x - b[index]!) ** 2, 0));

/** Log of the sum of exponentials, computed from the greatest. */
const logSumExp = (values: readonly number[]): number => {
  const greatest = Math.max(...values);
  return Number.isFinite(greatest) ? greatest + Math.log(sum(values.map(value => Math.exp(value - greatest)))) : greatest;
};

type Embeddings = readonly (readonly number[])[];

/** Rows of one width, as many as there are anchors. */
function checkEmbeddings(anchors: Embeddings, others: Embeddings, name: string, rows: 'as many' | 'any number' = 'as many'): void {
  if (rows === 'as many') sameLength({ anchorEmbeddings: anchors, [name]: others });
  for (const [index, row] of others.entries()) sameLength({ 'anchorEmbeddings[0]': anchors[0]!, [`${name}[${index}]`]: row });
}

/**
 * Loss over embeddings, averaged over the anchors. `triplet`: `max(0, ‖a − p‖ − ‖a − n‖ + margin)`. The others: InfoNCE over cosine similarities
 * divided by the
 * temperature; an anchor's candidates are all positives of the batch (its own is the right one) and, if given, all negatives.
 * Source: Schroff et al., FaceNet (2015); van den Oord et al., Contrastive Predictive Coding (2018).
 *
 * @param negativeEmbeddings one for each anchor with `triplet`, any number otherwise
 * @throws {ValidationError} for no embeddings, a temperature of 0 or a triplet without negatives
 * @throws {ShapeError} for different counts or widths
 * @remarks Python: `hf_gtc.training.losses.calculate_contrastive_loss(anchor_embeddings, positive_embeddings, negative_embeddings, config)`; within
 * 1e-12.
 * @example calculateContrastiveLoss([[1, 0]], [[1, 0]], [[0, 1]], { temperature: 0.001, margin: 1, contrastiveType: 'triplet' }) // => 0
 */
export function calculateContrastiveLoss(
  anchorEmbeddings: readonly (readonly number[])[],
  positiveEmbeddings: readonly (readonly number[])[],
  negativeEmbeddings: readonly (readonly number[])[] | null,
  config: ContrastiveLossConfig,
): number {
  nonEmpty(anchorEmbeddings, 'anchorEmbeddings');
  if (config.contrastiveType === 'triplet') notNull(negativeEmbeddings, 'negativeEmbeddings');
  checkEmbeddings(anchorEmbeddings, positiveEmbeddings, 'positiveEmbeddings');
  if (config.contrastiveType === 'triplet') {
    const negatives = negativeEmbeddings ?? [];
    checkEmbeddings(anchorEmbeddings, negatives, 'negativeEmbeddings');
    return mean(anchorEmbeddings.map((a, i) => Math.max(0, distance(a, positiveEmbeddings[i]!) - distance(a, negatives[i]!) + config.margin)));
  }
  checkEmbeddings(anchorEmbeddings, negativeEmbeddings ?? [], 'negativeEmbeddings', 'any number');
  if (config.temperature === 0) positive(config.temperature, 'temperature');
  const candidates = [...positiveEmbeddings, ...(negativeEmbeddings ?? [])];
  return mean(
    anchorEmbeddings.map((anchor, index) => {
      const logits = candidates.map(candidate => cosine(anchor, candidate) / config.temperature);
      return logSumExp(logits) - logits[index]!;
    }),
  );
}

/**
 * Targets as distributions: `1 − ε + ε/K` for the label, `ε/K` for the others.
 * Source: Szegedy et al., Rethinking the Inception Architecture (2016).
 *
 * @param targets labels in [0, numClasses)
 * @throws {ValidationError} for no targets, no classes or a label out of range
 * @remarks Python: `hf_gtc.training.losses.apply_label_smoothing(targets, num_classes, config)`.
 * @example applyLabelSmoothing([0], 3, { smoothing: 0, reduction: 'mean' }) // => [[1, 0, 0]]
 */
export function applyLabelSmoothing(targets: readonly number[], numClasses: number, config: LabelSmoothingConfig): number[][] {
  nonEmpty(targets, 'targets');
  positive(numClasses, 'numClasses');
  const rest = config.smoothing / numClasses;
  return targets.map((target, index) => {
    inRange(target, `target ${index}`, { min: 0, below: numClasses });
    return Array.from({ length: numClasses }, (_, label) => (label === target ? 1 - config.smoothing + rest : rest));
  });
}

/**
 * Weights of classes, scaled so that their sum is the number of classes: `1/n`, `1/√n`, or the inverse of the effective number `(1 − βⁿ)/(1 − β)` with
 * β = 0.9999.
 * Source: Cui et al., Class-Balanced Loss Based on Effective Number of Samples (2019).
 *
 * @throws {ValidationError} for no classes, a count that is not positive or an unknown method
 * @remarks Python: `hf_gtc.training.losses.compute_class_weights(class_counts, method=)`.
 * @example computeClassWeights([10]) // => [1]
 */
export function computeClassWeights(classCounts: readonly number[], { method = 'inverse' }: { readonly method?: string } = {}): number[] {
  oneOf(method, 'method', Object.keys(CLASS_WEIGHT));
  nonEmpty(classCounts, 'classCounts');
  for (const [index, count] of classCounts.entries()) positive(count, `class counts[${index}]`);
  const raw = classCounts.map(count => CLASS_WEIGHT[method]!(count));
  const total = sum(raw);
  return raw.map(weight => (weight / total) * raw.length);
}

/**
 * A loss as text.
 *
 * @remarks Python: `hf_gtc.training.losses.format_loss_stats(stats)`; the same text.
 */
export function formatLossStats(stats: LossStats): string {
  notNull(stats, 'stats');
  const perClass = stats.perClassLoss === null ? [] : [`Per-class: [${stats.perClassLoss.map(loss => formatFixed(loss, 4)).join(', ')}]`];
  return [`Loss: ${formatFixed(stats.lossValue, 4)}`, `Samples: ${stats.numSamples}`, ...perClass].join('\n');
}

/**
 * A loss for a kind of task.
 *
 * @throws {ValidationError} for another kind of task
 * @remarks Python: `hf_gtc.training.losses.get_recommended_loss_config(task_type)`.
 */
export function getRecommendedLossConfig(taskType: string): LossConfig {
  return createLossConfig(RECOMMENDED[oneOf(taskType, 'taskType', Object.keys(RECOMMENDED))]!);
}
