/** Convolutions and poolings as modules. */
import { ValidationError } from '@gtc/errors';
import type { Tensor } from '../../tensor.js';
import { sizeOf } from '../core/shape.js';
import {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  type PerAxis,
  type PositionPadMode,
  padLast,
  perAxis,
} from './conv.js';
import { Layer, Stateless, uniformParameter } from './layers.js';
import type { Parameter } from './module.js';
import { type AvgPoolOptions, avgPool1d, avgPool2d, type MaxPoolOptions, maxPool1d, maxPool2d } from './pool.js';

/** Options of a convolution layer. */
export interface ConvLayerOptions extends ConvOptions {
  readonly bias?: boolean;
  /** How positions beyond the edges are filled. Default: 'zeros'. */
  readonly paddingMode?: 'zeros' | Exclude<PositionPadMode, 'constant'>;
}

/** A convolution of so many position axes. */
abstract class Convolution extends Layer {
  weight: Parameter;
  bias: Parameter | null;
  readonly options: ConvOptions;
  readonly paddingMode: NonNullable<ConvLayerOptions['paddingMode']>;

  constructor(
    axes: number,
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    { bias = true, paddingMode = 'zeros', ...options }: ConvLayerOptions,
  ) {
    super();
    const size = perAxis(kernelSize, axes, 'kernelSize', `conv${axes}d`, 1);
    const inside = inChannels / (options.groups ?? 1);
    if (!Number.isInteger(inside))
      throw new ValidationError(`groups must divide inChannels, got ${options.groups} and ${inChannels}`, { parameter: 'groups', received: options.groups });
    const bound = 1 / Math.sqrt(inside * sizeOf(size));
    this.options = options;
    this.paddingMode = paddingMode;
    this.weight = uniformParameter([outChannels, inside, ...size], bound);
    this.bias = bias ? uniformParameter([outChannels], bound) : null;
  }

  protected convolve(x: Tensor, of: (x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions) => Tensor): Tensor {
    const { padding = 0 } = this.options;
    if (this.paddingMode === 'zeros' || typeof padding === 'string') return of(x, this.weight, this.bias, this.options);
    const axes = this.weight.ndim - 2;
    const widths = perAxis(padding, axes, 'padding', `conv${axes}d`, 0);
    const padded = padLast(
      x,
      widths.reverse().flatMap(width => [width, width]),
      { mode: this.paddingMode },
    );
    return of(padded, this.weight, this.bias, { ...this.options, padding: 0 });
  }
}

/**
 * @see conv1d
 *
 * @remarks Python: `torch.nn.Conv1d(inChannels, outChannels, kernelSize)`.
 */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
  override forward(x: Tensor): Tensor {
    return this.convolve(x, conv1d);
  }
}

/**
 * @see conv2d
 *
 * @remarks Python: `torch.nn.Conv2d(inChannels, outChannels, kernelSize)`.
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
  override forward(x: Tensor): Tensor {
    return this.convolve(x, conv2d);
  }
}

/**
 * @see conv3d
 *
 * @remarks Python: `torch.nn.Conv3d(inChannels, outChannels, kernelSize)`.
 */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
  override forward(x: Tensor): Tensor {
    return this.convolve(x, conv3d);
  }
}

/** Options of a transposed convolution layer. */
export interface ConvTransposeLayerOptions extends ConvTransposeOptions {
  readonly bias?: boolean;
}

/** A transposed convolution of so many position axes. */
abstract class TransposedConvolution extends Layer {
  weight: Parameter;
  bias: Parameter | null;
  readonly options: ConvTransposeOptions;

  constructor(axes: number, inChannels: number, outChannels: number, kernelSize: PerAxis, { bias = true, ...options }: ConvTransposeLayerOptions) {
    super();
    const size = perAxis(kernelSize, axes, 'kernelSize', `convTranspose${axes}d`, 1);
    const out = outChannels / (options.groups ?? 1);
    const bound = 1 / Math.sqrt(out * sizeOf(size));
    this.options = options;
    this.weight = uniformParameter([inChannels, out, ...size], bound);
    this.bias = bias ? uniformParameter([outChannels], bound) : null;
  }
}

/**
 * @see convTranspose1d
 *
 * @remarks Python: `torch.nn.ConvTranspose1d(inChannels, outChannels, kernelSize)`.
 */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
  override forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options);
  }
}

/**
 * @see convTranspose2d
 *
 * @remarks Python: `torch.nn.ConvTranspose2d(inChannels, outChannels, kernelSize)`.
 */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
  override forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options);
  }
}

/** Pooling over windows of a size. */
abstract class Pooling<Options extends object> extends Stateless<Options> {
  readonly kernelSize: PerAxis;

  constructor(kernelSize: PerAxis, options: Options = {} as Options) {
    super(options);
    this.kernelSize = kernelSize;
  }
}

/**
 * @see maxPool1d
 *
 * @remarks Python: `torch.nn.MaxPool1d(kernelSize)`.
 */
export class MaxPool1d extends Pooling<MaxPoolOptions> {
  override forward(x: Tensor): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }
}

/**
 * @see maxPool2d
 *
 * @remarks Python: `torch.nn.MaxPool2d(kernelSize)`.
 */
export class MaxPool2d extends Pooling<MaxPoolOptions> {
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }
}

/**
 * @see avgPool1d
 *
 * @remarks Python: `torch.nn.AvgPool1d(kernelSize)`.
 */
export class AvgPool1d extends Pooling<AvgPoolOptions> {
  override forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options);
  }
}

/**
 * @see avgPool2d
 *
 * @remarks Python: `torch.nn.AvgPool2d(kernelSize)`.
 */
export class AvgPool2d extends Pooling<AvgPoolOptions> {
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }
}
