/** Weights in few bits: whole numbers with a scale, or half precision, and back. */
import { createFrom, type Definition, finite, nonEmpty, sameLength } from '@gtc/errors';
import { fromHalf, toHalf } from '../halves.js';

/** What weights become; `dynamic` keeps them as `int8`, and leaves activations to be quantized as they come. */
export const QuantizationType = { INT8: 'int8', INT4: 'int4', FLOAT16: 'float16', DYNAMIC: 'dynamic' } as const;
export type QuantizationType = (typeof QuantizationType)[keyof typeof QuantizationType];

/** How weights are quantized. */
export interface QuantizationConfig {
  readonly quantizationType: QuantizationType;
  /** A scale for each row of a matrix. */
  readonly perChannel: boolean;
  /** Zero is in the middle; otherwise the range is that of the weights. */
  readonly symmetric: boolean;
  /** For methods that look at activations; weights alone need none. */
  readonly calibrationSamples: number;
}

/** Defaults and rules of {@link QuantizationConfig}. */
export const QuantizationConfig: Definition<QuantizationConfig> = {
  name: 'QuantizationConfig',
  fields: {
    quantizationType: { kind: 'enum', of: QuantizationType, default: QuantizationType.INT8 },
    perChannel: { kind: 'bool', default: false },
    symmetric: { kind: 'bool', default: true },
    calibrationSamples: { kind: 'int', default: 100, nonNegative: true },
  },
};

/** A vector, or a matrix of rows of one length. */
export type Weights = readonly number[] | readonly (readonly number[])[];

const BITS: Readonly<Record<QuantizationType, number>> = { int8: 8, int4: 4, float16: 16, dynamic: 8 };

/** Scale and zero point of some weights: `weight ≈ scale · (code − zero point)`. */
function rangeOf(weights: readonly number[], bits: number, symmetric: boolean): readonly [scale: number, zeroPoint: number] {
  const top = 2 ** (bits - 1) - 1;
  const low = weights.reduce((least, weight) => Math.min(least, weight), 0);
  const high = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const scale = symmetric ? Math.max(-low, high) / top : (high - low) / (2 * top + 1);
  if (scale === 0) return [1, 0];
  return [scale, symmetric ? 0 : Math.round(-low / scale) - top - 1];
}

/**
 * Quantized weights.
 *
 * @remarks Rust: `deployment::quantization::QuantizedModel`.
 * @example new Quantizer().quantize([1, -0.5]).dequantize().map(weight => weight.toFixed(2)) // => ['1.00', '-0.50']
 */
export class QuantizedModel {
  /** Codes in the order of the weights: whole numbers, or bit patterns of half precision. */
  readonly weights: Int8Array | Uint16Array;
  /** One for all weights or one for each row; none for half precision. */
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly shape: readonly number[];
  readonly quantizationType: QuantizationType;

  constructor({
    weights,
    scales,
    zeroPoints,
    shape,
    quantizationType,
  }: Pick<QuantizedModel, 'weights' | 'scales' | 'zeroPoints' | 'shape' | 'quantizationType'>) {
    this.weights = weights;
    this.scales = scales;
    this.zeroPoints = zeroPoints;
    this.shape = shape;
    this.quantizationType = quantizationType;
  }

  get length(): number {
    return this.weights.length;
  }

  get isEmpty(): boolean {
    return this.weights.length === 0;
  }

  /** Bytes when packed: codes, four for each scale, one for each zero point that is not 0. */
  get sizeBytes(): number {
    return Math.ceil((this.length * BITS[this.quantizationType]) / 8) + this.scales.length * 4 + this.zeroPoints.filter(point => point !== 0).length;
  }

  /** The weights again, as near as the codes are. */
  dequantize(): number[] {
    if (this.weights instanceof Uint16Array) return Array.from(this.weights, fromHalf);
    const each = this.length / Math.max(1, this.scales.length);
    return Array.from(this.weights, (code, i) => this.scales[Math.floor(i / each)]! * (code - this.zeroPoints[Math.floor(i / each)]!));
  }
}

/**
 * Quantizes weights.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `deployment::quantization::Quantizer`.
 * @example [...new Quantizer({ quantizationType: 'int4' }).quantize([7, -3, 0]).weights] // => [7, -3, 0]
 */
export class Quantizer {
  readonly config: QuantizationConfig;

  constructor(options: Partial<QuantizationConfig> = {}) {
    this.config = createFrom(QuantizationConfig, options);
  }

  /** Bits of a 32-bit weight to bits of a code. */
  get compressionRatio(): number {
    return 32 / BITS[this.config.quantizationType];
  }

  /**
   * Codes of weights, each the nearest one.
   *
   * @throws {ValidationError} for no weights, or one that is not finite
   * @throws {ShapeError} for rows of different lengths
   */
  quantize(weights: Weights): QuantizedModel {
    const { quantizationType, perChannel, symmetric } = this.config;
    const rows = (Array.isArray(nonEmpty(weights, 'weights')[0]) ? weights : [weights]) as readonly (readonly number[])[];
    for (const [i, row] of rows.entries()) {
      sameLength({ 'weights[0]': rows[0]!, [`weights[${i}]`]: row });
      for (const weight of row) finite(weight, 'weights');
    }
    const shape = rows === weights ? [rows.length, rows[0]!.length] : [weights.length];
    const flat = rows.flat();
    if (quantizationType === 'float16')
      return new QuantizedModel({
        weights: Uint16Array.from(flat, weight => toHalf(Math.fround(weight))),
        scales: [],
        zeroPoints: [],
        shape,
        quantizationType,
      });
    const bits = BITS[quantizationType];
    const ranges = (perChannel ? rows : [flat]).map(group => rangeOf(group, bits, symmetric));
    const codes = (perChannel ? rows : [flat]).flatMap((group, i) => group.map(weight => code(weight, ranges[i]!, bits)));
    return new QuantizedModel({
      weights: Int8Array.from(codes),
      scales: ranges.map(([scale]) => scale),
      zeroPoints: ranges.map(([, point]) => point),
      shape,
      quantizationType,
    });
  }
}

function code(weight: number, [scale, zeroPoint]: readonly [number, number], bits: number): number {
  const top = 2 ** (bits - 1) - 1;
  return Math.min(top, Math.max(-top - 1, Math.round(weight / scale) + zeroPoint));
}

/**
 * Quantizes every tensor of a model.
 *
 * @param tensors vectors and matrices by name
 * @throws {ValidationError} for settings that break their rules, or a tensor without weights or with one that is not finite
 * @example quantizeModel({ 'head.weight': [[1, 2], [3, 4]] }, { perChannel: true })['head.weight']!.scales.length // => 2
 */
export function quantizeModel(tensors: Readonly<Record<string, Weights>>, options: Partial<QuantizationConfig> = {}): Record<string, QuantizedModel> {
  const quantizer = new Quantizer(options);
  return Object.fromEntries(Object.entries(tensors).map(([name, weights]) => [name, quantizer.quantize(weights)]));
}
