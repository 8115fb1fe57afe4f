/** Rotary embeddings (Su et al. 2021) with every rule by which models reach beyond the lengths that they were trained on. */
import { createFrom, type Definition, oneOf, positive, ShapeError, ValidationError } from '@gtc/errors';
import { cos, customFunction, empty, mul, reshape, sin, stack, type Tensor, tensor, unsqueeze } from '@gtc/tensor';

/** How frequencies are changed, in the names of `config.json`. */
export interface RopeParameters {
  readonly ropeType: 'default' | 'linear' | 'dynamic' | 'yarn' | 'llama3' | 'longrope';
  /** Base of the frequencies. */
  readonly ropeTheta: number;
  /** How many times longer texts get than those that the model was trained on. */
  readonly factor: number;
  /** Length that the model was trained on; `maxPositionEmbeddings` when null. */
  readonly originalMaxPositionEmbeddings: number | null;
  /** Factor of cosines and sines, in place of what `yarn` and `longrope` make of `factor`. */
  readonly attentionFactor: number | null;
  /** Of `yarn`: turns within the original length above which frequencies stay. */
  readonly betaFast: number;
  /** Of `yarn`: turns below which frequencies are divided by `factor`. */
  readonly betaSlow: number;
  /** Of `yarn`, as DeepSeek sets the attention factor. */
  readonly mscale: number | null;
  readonly mscaleAllDim: number | null;
  /** Of `llama3`: turns below which frequencies are divided by `factor`. */
  readonly lowFreqFactor: number;
  /** Of `llama3`: turns above which frequencies stay. */
  readonly highFreqFactor: number;
  /** Of `longrope`: a divisor for each frequency, within the original length. */
  readonly shortFactor: readonly number[];
  /** Of `longrope`: a divisor for each frequency, beyond the original length. */
  readonly longFactor: readonly number[];
}

/** Defaults and rules of {@link RopeParameters}. */
export const RopeParameters: Definition<RopeParameters> = {
  name: 'RopeParameters',
  fields: {
    ropeType: { kind: 'string', default: 'default', oneOf: ['default', 'linear', 'dynamic', 'yarn', 'llama3', 'longrope'] },
    ropeTheta: { kind: 'float', default: 10000, positive: true },
    factor: { kind: 'float', default: 1, positive: true },
    originalMaxPositionEmbeddings: { kind: 'int', default: null, nullable: true, positive: true },
    attentionFactor: { kind: 'float', default: null, nullable: true, positive: true },
    betaFast: { kind: 'float', default: 32, positive: true },
    betaSlow: { kind: 'float', default: 1, positive: true },
    mscale: { kind: 'float', default: null, nullable: true },
    mscaleAllDim: { kind: 'float', default: null, nullable: true },
    lowFreqFactor: { kind: 'float', default: 1, positive: true },
    highFreqFactor: { kind: 'float', default: 4, positive: true },
    shortFactor: { kind: 'array', of: { kind: 'float' }, default: [] },
    longFactor: { kind: 'array', of: { kind: 'float' }, default: [] },
  },
};

/** What a rule is asked for. */
interface Request {
  readonly parameters: RopeParameters;
  readonly dim: number;
  readonly maxPositionEmbeddings: number;
  /** Length of the text. */
  readonly length: number;
}

type Rule = (request: Request) => { readonly invFreq: number[]; readonly scaling: number };

/** `θ^(-2i/d)` for each pair. */
const plain = (theta: number, dim: number): number[] => Array.from({ length: dim / 2 }, (_, i) => theta ** ((-2 * i) / dim));
const originalLength = ({ parameters, maxPositionEmbeddings }: Request): number => parameters.originalMaxPositionEmbeddings ?? maxPositionEmbeddings;

/** Factor of attention for texts that are `scale` times longer (Peng et al. 2023). */
const magnitude = (scale: number, weight: number): number => (scale <= 1 ? 1 : 0.1 * weight * Math.log(scale) + 1);

function yarn(request: Request): { readonly invFreq: number[]; readonly scaling: number } {
  const { dim, parameters } = request;
  const { ropeTheta, factor, betaFast, betaSlow, attentionFactor, mscale, mscaleAllDim } = parameters;
  /** Pair whose wave turns so many times within the original length. */
  const pairOf = (turns: number): number => (dim * Math.log(originalLength(request) / (turns * 2 * Math.PI))) / (2 * Math.log(ropeTheta));
  const low = Math.max(0, Math.floor(pairOf(betaFast)));
  const high = Math.min(dim - 1, Math.ceil(pairOf(betaSlow)));
  const width = low === high ? 0.001 : high - low;
  const invFreq = plain(ropeTheta, dim).map((frequency, i) => {
    const divided = Math.min(1, Math.max(0, (i - low) / width));
    return (frequency / factor) * divided + frequency * (1 - divided);
  });
  const scaling = mscale && mscaleAllDim ? magnitude(factor, mscale) / magnitude(factor, mscaleAllDim) : magnitude(factor, 1);
  return { invFreq, scaling: attentionFactor ?? scaling };
}

function llama3(request: Request): { readonly invFreq: number[]; readonly scaling: number } {
  const { ropeTheta, factor, lowFreqFactor, highFreqFactor } = request.parameters;
  const invFreq = plain(ropeTheta, request.dim).map(frequency => {
    const turns = (originalLength(request) * frequency) / (2 * Math.PI);
    if (turns > highFreqFactor) return frequency;
    if (turns < lowFreqFactor) return frequency / factor;
    const smooth = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  });
  return { invFreq, scaling: 1 };
}

function longrope(request: Request): { readonly invFreq: number[]; readonly scaling: number } {
  const { ropeTheta, factor, shortFactor, longFactor, attentionFactor } = request.parameters;
  const original = originalLength(request);
  const beyond = request.length > original;
  const divisors = beyond ? longFactor : shortFactor;
  const name = beyond ? 'longFactor' : 'shortFactor';
  if (divisors.length !== request.dim / 2)
    throw new ShapeError(`${name} must have length ${request.dim / 2}, got ${divisors.length}`, { parameter: name, received: divisors.length });
  const scaling = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
  return { invFreq: plain(ropeTheta, request.dim).map((frequency, i) => frequency / divisors[i]!), scaling: attentionFactor ?? scaling };
}

const RULES: Readonly<Record<RopeParameters['ropeType'], Rule>> = {
  default: ({ parameters, dim }) => ({ invFreq: plain(parameters.ropeTheta, dim), scaling: 1 }),
  linear: ({ parameters, dim }) => ({ invFreq: plain(parameters.ropeTheta, dim).map(frequency => frequency / parameters.factor), scaling: 1 }),
  dynamic: ({ parameters: { ropeTheta, factor }, dim, maxPositionEmbeddings, length }) => {
    const longer = Math.max(length, maxPositionEmbeddings) / maxPositionEmbeddings;
    return { invFreq: plain(ropeTheta * (factor * longer - (factor - 1)) ** (dim / (dim - 2)), dim), scaling: 1 };
  },
  yarn,
  llama3,
  longrope,
};

/** What {@link ropeTables} needs to know. */
export interface RopeRequest {
  /** Width of a head, even. */
  readonly headDim: number;
  readonly positions: readonly number[];
  /** Length that the model takes without scaling. */
  readonly maxPositionEmbeddings?: number;
  readonly ropeParameters?: Partial<RopeParameters>;
}

/** Angles of positions. */
export interface RopeTables {
  /** Frequency of each pair, `headDim / 2`. */
  readonly invFreq: readonly number[];
  /** Cosines times `attentionScaling`, `[positions, headDim]` float32, the second half as the first. */
  readonly cos: Tensor;
  /** Sines in the same form. */
  readonly sin: Tensor;
  readonly attentionScaling: number;
}

/**
 * Cosines and sines of rotary embeddings at positions, by the rule of a model.
 *
 * @throws {ValidationError} for an odd width, a rule that is not known, a factor that is not positive
 * @throws {ShapeError} when `longrope` has not a factor for each pair
 * @remarks Python: `transformers`' `LlamaRotaryEmbedding` over `ROPE_INIT_FUNCTIONS`; within 2e-5. Linear: Chen et al. 2023; YaRN: Peng et
 * al. 2023; LongRoPE: Ding et al. 2024.
 * @example ropeTables({ headDim: 4, positions: [0] }).cos.tolist() // => [[1, 1, 1, 1]]
 */
export function ropeTables({ headDim, positions, maxPositionEmbeddings = 2048, ropeParameters = {} }: RopeRequest): RopeTables {
  if (positive(headDim, 'headDim') % 2 !== 0)
    throw new ValidationError(`headDim must be even, got ${headDim}`, { parameter: 'headDim', received: headDim, expected: 'even' });
  const parameters = createFrom(RopeParameters, ropeParameters);
  const length = positions.reduce((most, position) => Math.max(most, position + 1), 0);
  const { invFreq, scaling } = RULES[parameters.ropeType]({
    parameters,
    dim: headDim,
    maxPositionEmbeddings: positive(maxPositionEmbeddings, 'maxPositionEmbeddings'),
    length,
  });
  // Models were trained with angles in single precision, which far positions show.
  const rounded = invFreq.map(Math.fround);
  const angles = tensor(
    positions.flatMap(position => [...rounded, ...rounded].map(frequency => Math.fround(position * frequency))),
    { dtype: 'float64' },
  ).reshape([positions.length, headDim]);
  const table = (of: Tensor): Tensor => mul(of, scaling).astype('float32');
  return { invFreq, cos: table(cos(angles)), sin: table(sin(angles)), attentionScaling: scaling };
}

/** How pairs lie in a head: each with its partner half a head away, or side by side. */
export type RopeLayout = 'half' | 'interleaved';

/** What {@link applyRope} needs to know. */
export interface ApplyRopeOptions {
  readonly positions: readonly number[];
  readonly theta?: number;
  readonly layout?: RopeLayout;
  /** Dimensions that turn, from the first on; all unless given. */
  readonly rotaryDim?: number;
  /** Tables of another rule, in place of `theta`. */
  readonly tables?: Pick<RopeTables, 'cos' | 'sin'>;
}

/** A table with each angle twice in a row, as pairs that lie side by side need it. */
function inPairs(table: Tensor): Tensor {
  const half = table.get('...', `:${table.shape.at(-1)! / 2}`);
  return reshape(stack([half, half], { axis: -1 }), table.shape);
}

/** Tables as {@link rotate} takes them: the angles of a pair where its dimensions lie. */
export function tablesFor({ cos: cosines, sin: sines }: Pick<RopeTables, 'cos' | 'sin'>, layout: RopeLayout): Pick<RopeTables, 'cos' | 'sin'> {
  return layout === 'half' ? { cos: cosines, sin: sines } : { cos: inPairs(cosines), sin: inPairs(sines) };
}

/** Tables of a turn, one row for each position of each text or of all. */
interface Turn {
  readonly cos: Tensor;
  readonly sin: Tensor;
  readonly layout: RopeLayout;
  /** Turns back, as gradients do. */
  readonly back: boolean;
}

/** The numbers of a table, of a type. */
const numbersOf = (table: Tensor, dtype: Tensor['dtype']): Float32Array => table.astype(dtype).contiguous().data as Float32Array;

/** Pairs turned in one pass; each product is rounded as a product of tensors is. */
function turnedBy(x: Tensor, { cos: cosines, sin: sines, layout, back }: Turn): Tensor {
  const [batch, heads, length, whole] = x.shape as [number, number, number, number];
  const [texts, , , width] = cosines.shape as [number, number, number, number];
  const c = numbersOf(cosines, x.dtype);
  const s = numbersOf(sines, x.dtype);
  // Heads that lie inside rows, as projections leave them, are read and written there.
  const isInside = heads > 1 && x.swapaxes(1, 2).isContiguous();
  const from = (isInside ? x.swapaxes(1, 2) : x.contiguous()).data as Float32Array;
  const turned = empty(isInside ? [batch, length, heads, whole] : x.shape, { dtype: x.dtype });
  const y = turned.data as Float32Array;
  if (width < whole) y.set(from);
  const half = width / 2;
  const step = layout === 'half' ? 1 : 2;
  const apart = layout === 'half' ? half : 1;
  const sign = back ? -1 : 1;
  for (let row = 0; row < batch * heads * length; row++) {
    const position = isInside ? Math.floor(row / heads) % length : row % length;
    const table = ((texts === 1 ? 0 : Math.floor(row / (heads * length))) * length + position) * width;
    const start = row * whole;
    for (let i = 0; i < half; i++) {
      const at = start + i * step;
      const first = table + i * step;
      const a = from[at]!;
      const b = from[at + apart]!;
      const low = sign * s[back ? first + apart : first]!;
      const high = sign * s[back ? first : first + apart]!;
      if (x.dtype === 'float32') {
        y[at] = Math.fround(a * c[first]!) - Math.fround(b * low);
        y[at + apart] = Math.fround(b * c[first + apart]!) + Math.fround(a * high);
      } else {
        y[at] = a * c[first]! - b * low;
        y[at + apart] = b * c[first + apart]! + a * high;
      }
    }
  }
  return isInside ? turned.swapaxes(1, 2) : turned;
}

const turn = (x: Tensor, by: Turn): Tensor => customFunction({ forward: given => turnedBy(given, by), backward: g => turn(g, { ...by, back: !by.back }) })(x);

/** Turns the first dimensions of each head, as many as the tables `[1 or batch, 1, positions, width]` have; `x` is `[batch, heads, positions, headDim]`. */
export function rotate(x: Tensor, { cos: cosines, sin: sines }: Pick<RopeTables, 'cos' | 'sin'>, layout: RopeLayout): Tensor {
  return turn(x, { cos: cosines, sin: sines, layout, back: false });
}

/**
 * Turns queries, keys or both by the angles of their positions.
 *
 * @param heads tensors `[batch, heads, positions, headDim]`
 * @returns a new tensor for each; gradients flow through
 * @throws {ShapeError} when positions are not as many as the tensors have @throws {ValidationError} for a layout that is not known, an odd width
 * @remarks Python: `transformers`' `apply_rotary_pos_emb` of Llama (`half`) and GPT-J (`interleaved`); within 2e-5.
 * @example
 * import { ones } from '@gtc/tensor';
 * applyRope([ones([1, 1, 1, 2])], { positions: [0] })[0].tolist() // => [[[[1, 1]]]]
 */
export function applyRope(heads: readonly Tensor[], { positions, theta = 10000, layout = 'half', rotaryDim, tables }: ApplyRopeOptions): Tensor[] {
  oneOf(layout, 'layout', ['half', 'interleaved']);
  return heads.map(x => {
    ShapeError.check({ heads: [x, ['batch', 'heads', positions.length, 'headDim']] });
    const width = rotaryDim ?? x.shape[3]!;
    const { cos: cosines, sin: sines } = tables ?? ropeTables({ headDim: width, positions, ropeParameters: { ropeTheta: theta } });
    const { cos: wide, sin: high } = tablesFor({ cos: cosines, sin: sines }, layout);
    return rotate(x, { cos: unsqueeze(unsqueeze(wide, 0), 0), sin: unsqueeze(unsqueeze(high, 0), 0) }, layout);
  });
}
