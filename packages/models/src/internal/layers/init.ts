/** Weights to start training from, the same as torch draws them. */
import { allPositive, inRange, oneOf, ShapeError } from '@gtc/errors';
import { diagonal, mul, reshape, sign, type Tensor, tensor, transpose } from '@gtc/tensor';
import { qr } from '@gtc/tensor/linalg';
import { TorchGenerator } from '@gtc/tensor/random';

/** Names of ways to draw weights. */
export const INIT_SCHEMES = ['kaimingNormal', 'kaimingUniform', 'normal', 'orthogonal', 'truncNormal', 'uniform', 'xavierNormal', 'xavierUniform'] as const;
/** A way to draw weights. */
export type InitScheme = (typeof INIT_SCHEMES)[number];

/** Settings of {@link initWeights}; a scheme passes over those that it has no use for. */
export interface InitOptions {
  /** Seed of `torch.manual_seed`; another stream every time when null. */
  readonly torchSeed?: number | null;
  /** A stream to draw from, in place of a seed: weights drawn from it one after another are those of a torch module. */
  readonly generator?: TorchGenerator | null;
  /** Of `normal` and `truncNormal`. Default: 0.02, the `initializer_range` of most models. */
  readonly std?: number;
  /** Bound of `uniform`. Default: 1. */
  readonly bound?: number;
  /** Slope of the leaky ReLU that `kaimingUniform` makes up for. Default: `√5`, as `torch.nn.Linear` has it. */
  readonly slope?: number;
}

/** Numbers that a weight of a layer comes from and goes to, for each place of a kernel. */
function fans([out, fanIn, ...kernel]: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const places = kernel.reduce((a, b) => a * b, 1);
  return { fanIn: fanIn! * places, fanOut: out! * places };
}

/** Largest value of `truncNormal`, and the spread up to which torch draws as it does here. */
const [TRUNCATED, WIDEST] = [2, 5];

/** Normal numbers, those beyond the bounds drawn anew, a number for every place each time, until none is left. */
function truncated(generator: TorchGenerator, count: number, std: number): Float32Array {
  inRange(std, 'std', { min: 0, max: WIDEST });
  const values = generator.normal(count, 0, std);
  const beyond = (value: number): boolean => Math.abs(value) > TRUNCATED;
  while (values.some(beyond)) {
    const again = generator.normal(count, 0, std);
    for (let i = 0; i < count; i++) if (beyond(values[i]!)) values[i] = again[i]!;
  }
  return values;
}

/** A matrix with orthonormal rows or columns, whichever are fewer, uniform among all of them (Mezzadri 2007). */
function orthogonal(generator: TorchGenerator, rows: number, columns: number): Tensor {
  const drawn = reshape(tensor(generator.normal(rows * columns)), [rows, columns]);
  const { q, r } = qr(rows < columns ? transpose(drawn) : drawn);
  const turned = mul(q, sign(diagonal(r)));
  return rows < columns ? transpose(turned) : turned;
}

/**
 * A weight of a layer: Glorot's or He's uniform or normal numbers, normal numbers as they are or cut off at ±2, uniform ones, or an orthogonal matrix.
 *
 * @param shape `[out, in, ...kernel]`
 * @returns float32 of this shape
 * @throws {ShapeError} for fewer than two axes @throws {ValidationError} for a scheme that is not known or a setting that is not positive
 * @remarks Python: `torch.nn.init.xavier_uniform_(w)`, `kaiming_normal_(w, nonlinearity='relu')` and so on after `torch.manual_seed(torchSeed)`; the same
 *   numbers, within 2e-5.
 * @example initWeights('xavierUniform', [4, 6], { torchSeed: 0 }).shape // => [4, 6]
 */
export function initWeights(
  scheme: InitScheme,
  shape: readonly number[],
  { torchSeed = null, generator = null, std = 0.02, bound = 1, slope = Math.sqrt(5) }: InitOptions = {},
): Tensor {
  oneOf(scheme, 'scheme', INIT_SCHEMES);
  if (shape.length < 2) throw new ShapeError(`shape must have two axes or more, got [${shape.join(', ')}]`, { parameter: 'shape', received: shape });
  allPositive({ std, bound });
  const from = generator ?? new TorchGenerator(torchSeed ?? Math.floor(Math.random() * 2 ** 32));
  const { fanIn, fanOut } = fans(shape);
  const count = shape.reduce((a, b) => a * b, 1);
  const around = (width: number): Float32Array => from.uniform(count, -width, width);
  const draw = {
    kaimingNormal: () => from.normal(count, 0, Math.sqrt(2 / fanIn)),
    kaimingUniform: () => around(Math.sqrt(6 / ((1 + slope ** 2) * fanIn))),
    normal: () => from.normal(count, 0, std),
    truncNormal: () => truncated(from, count, std),
    uniform: () => around(bound),
    xavierNormal: () => from.normal(count, 0, Math.sqrt(2 / (fanIn + fanOut))),
    xavierUniform: () => around(Math.sqrt(6 / (fanIn + fanOut))),
  };
  return reshape(scheme === 'orthogonal' ? orthogonal(from, shape[0]!, count / shape[0]!) : tensor(draw[scheme]()), shape);
}
