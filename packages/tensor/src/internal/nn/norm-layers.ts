/** Normalisations as modules. */
import { type Tensor, wrap } from '../../tensor.js';
import { mean } from '../reductions/sums.js';
import { constantParameter, Layer } from './layers.js';
import type { Parameter } from './module.js';
import { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from './norm.js';

/** Options of a normalisation that scales and shifts. */
export interface NormLayerOptions {
  readonly eps?: number;
  readonly elementwiseAffine?: boolean;
  readonly bias?: boolean;
}

/**
 * @see layerNorm
 *
 * @remarks Python: `torch.nn.LayerNorm(normalizedShape, eps=1e-5)`.
 */
export class LayerNorm extends Layer {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;

  constructor(normalizedShape: number | readonly number[], { eps = 1e-5, elementwiseAffine = true, bias = true }: NormLayerOptions = {}) {
    super();
    this.normalizedShape = [normalizedShape].flat();
    this.eps = eps;
    this.weight = elementwiseAffine ? constantParameter(this.normalizedShape, 1) : null;
    this.bias = elementwiseAffine && bias ? constantParameter(this.normalizedShape, 0) : null;
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/**
 * @see rmsNorm
 *
 * @remarks Python: `torch.nn.RMSNorm(normalizedShape, eps)`.
 */
export class RMSNorm extends Layer {
  weight: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;

  constructor(normalizedShape: number | readonly number[], { eps = 1e-6, elementwiseAffine = true }: Omit<NormLayerOptions, 'bias'> = {}) {
    super();
    this.normalizedShape = [normalizedShape].flat();
    this.eps = eps;
    this.weight = elementwiseAffine ? constantParameter(this.normalizedShape, 1) : null;
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, eps: this.eps });
  }
}

/**
 * @see groupNorm
 *
 * @remarks Python: `torch.nn.GroupNorm(numGroups, numChannels, eps=1e-5)`.
 */
export class GroupNorm extends Layer {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly numGroups: number;
  readonly eps: number;

  constructor(numGroups: number, numChannels: number, { eps = 1e-5, affine = true }: { readonly eps?: number; readonly affine?: boolean } = {}) {
    super();
    this.numGroups = numGroups;
    this.eps = eps;
    this.weight = affine ? constantParameter([numChannels], 1) : null;
    this.bias = affine ? constantParameter([numChannels], 0) : null;
  }

  override forward(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/** Options of a normalisation with running values. */
export interface BatchNormLayerOptions {
  readonly eps?: number;
  /** Weight of the batch in the running values; null averages over all batches. */
  readonly momentum?: number | null;
  readonly affine?: boolean;
  readonly trackRunningStats?: boolean;
}

/** Scale, shift and running values of channels. */
abstract class RunningNorm extends Layer {
  static override readonly names: Readonly<Record<string, string>> = {
    runningMean: 'running_mean',
    runningVar: 'running_var',
    numBatchesTracked: 'num_batches_tracked',
  };
  weight: Parameter | null;
  bias: Parameter | null;
  runningMean: Tensor | null;
  runningVar: Tensor | null;
  numBatchesTracked: Tensor | null;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(numFeatures: number, { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true }: BatchNormLayerOptions) {
    super();
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? constantParameter([numFeatures], 1) : null;
    this.bias = affine ? constantParameter([numFeatures], 0) : null;
    this.runningMean = trackRunningStats ? wrap(new Float32Array(numFeatures), [numFeatures], 'float32') : null;
    this.runningVar = trackRunningStats ? wrap(new Float32Array(numFeatures).fill(1), [numFeatures], 'float32') : null;
    this.numBatchesTracked = trackRunningStats ? wrap(new BigInt64Array(1), [], 'int64') : null;
  }

  /** Weight of this batch in the running values; counts the batch. */
  protected countBatch(): number {
    if (this.numBatchesTracked === null) return this.momentum ?? 0;
    this.numBatchesTracked.add_(1);
    return this.momentum ?? 1 / Number(this.numBatchesTracked.item());
  }
}

/**
 * Batch normalisation of `[N, C]` or `[N, C, L]`.
 *
 * @remarks Python: `torch.nn.BatchNorm1d(numFeatures, eps=1e-5, momentum=0.1)`.
 */
export class BatchNorm1d extends RunningNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(numFeatures, options);
  }

  override forward(x: Tensor): Tensor {
    const { runningMean, runningVar, weight, bias, eps } = this;
    const training = this.training || runningMean === null;
    const momentum = this.training ? this.countBatch() : 0;
    return batchNorm(x, { runningMean, runningVar, weight, bias, eps, training, momentum });
  }
}

/**
 * Batch normalisation of `[N, C, H, W]`.
 *
 * @remarks Python: `torch.nn.BatchNorm2d(numFeatures, eps=1e-5, momentum=0.1)`.
 */
export class BatchNorm2d extends BatchNorm1d {}

/**
 * Normalisation of each channel of each example of `[N, C, L]`.
 *
 * @remarks Python: `torch.nn.InstanceNorm1d(numFeatures)`.
 */
export class InstanceNorm1d extends RunningNorm {
  constructor(numFeatures: number, { affine = false, trackRunningStats = false, ...options }: BatchNormLayerOptions = {}) {
    super(numFeatures, { affine, trackRunningStats, ...options });
  }

  override forward(x: Tensor): Tensor {
    const { runningMean, runningVar, weight, bias, eps } = this;
    if (!this.training && runningMean !== null) return batchNorm(x, { runningMean, runningVar, weight, bias, eps });
    if (this.training && runningMean !== null && runningVar !== null) this.#learn(x.detach(), runningMean, runningVar);
    return instanceNorm(x, { weight, bias, eps });
  }

  /** Running values move towards the means over the examples. */
  #learn(x: Tensor, runningMean: Tensor, runningVar: Tensor): void {
    const positions = x.shape.map((_, axis) => axis).slice(2);
    // torch's instance normalisation does not count batches.
    const momentum = this.momentum ?? 0;
    runningMean.copy_(runningMean.lerp(mean(mean(x, { axis: positions }), { axis: 0 }), momentum));
    runningVar.copy_(runningVar.lerp(mean(x.var({ axis: positions }), { axis: 0 }), momentum));
  }
}
