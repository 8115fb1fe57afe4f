/** Adapted layers: a frozen base and what is learnt beside it. */
import { ValidationError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { add, eye, kron, linear, matmul, matrixTranspose, mul, type Tensor } from '@gtc/tensor';
import { solve } from '@gtc/tensor/linalg';
import * as nn from '@gtc/tensor/nn';
import type { TorchGenerator } from '@gtc/tensor/random';
import { asMatrix, asWeight, type BaseLayer, biasOf, runWith, widthsOf } from './base-layers.js';
import { initLora } from './init.js';
import type { AdaloraSettings, AdapterSettings, HraSettings, Ia3Settings, LohaSettings, LokrSettings, LoraSettings, OftSettings } from './settings.js';

/** What a layer is adapted with. */
export interface LayerOptions<S> {
  readonly settings: S;
  readonly generator: TorchGenerator;
  /** Path of the layer. */
  readonly path: string;
}

/** A layer with an adapter. Its parameters are called as in PEFT's files. */
export abstract class AdaptedLayer extends nn.Layer {
  static override readonly names: Readonly<Record<string, string>> = { base: 'base_layer' };
  readonly base: BaseLayer;

  constructor(base: BaseLayer) {
    super();
    this.base = base;
  }

  /** The weight of the base, for layers that share it. */
  get weight(): nn.Parameter {
    return this.base.weight;
  }

  /** Scores by the rows of the base, for networks whose output layer is their embeddings. */
  attend(x: Tensor, bias: Tensor | null = null): Tensor {
    return linear(x, this.weight, bias);
  }

  get bias(): nn.Parameter | null {
    return biasOf(this.base);
  }

  /** What the adapter learns, by its name in files. */
  learnt(): [string, nn.Parameter][] {
    return [...this.members()].filter((member): member is [string, nn.Parameter] => member[1] instanceof nn.Parameter);
  }

  /** Weight and bias that do in one layer what base and adapter do together. */
  abstract merged(): { readonly weight: Tensor; readonly bias: Tensor | null };

  override forward(x: Tensor): Tensor {
    const { weight, bias } = this.merged();
    return runWith(this.base, x, weight, bias);
  }
}

const drawn = (generator: TorchGenerator, shape: readonly number[], std = 1): nn.Parameter =>
  new nn.Parameter(
    gtc.fromTypedArray(
      generator.normal(
        shape.reduce((a, b) => a * b, 1),
        0,
        std,
      ),
      shape,
    ),
  );
const zeros = (shape: readonly number[]): nn.Parameter => new nn.Parameter(gtc.zeros(shape));

/** The value that a pattern gives a path: its end names it. */
function byPattern(pattern: Readonly<Record<string, number>> | undefined, path: string, fallback: number): number {
  const key = Object.keys(pattern ?? {}).find(each => path === each || path.endsWith(`.${each}`));
  return key === undefined ? fallback : pattern![key]!;
}

/** `W x + s B A x`, or that with rows of a learnt length. */
class LoraLayer extends AdaptedLayer {
  static override readonly names: Readonly<Record<string, string>> = {
    base: 'base_layer',
    a: 'lora_A.weight',
    b: 'lora_B.weight',
    embeddingA: 'lora_embedding_A',
    embeddingB: 'lora_embedding_B',
    magnitude: 'lora_magnitude_vector',
  };
  readonly a: nn.Parameter | null = null;
  readonly b: nn.Parameter | null = null;
  readonly embeddingA: nn.Parameter | null = null;
  readonly embeddingB: nn.Parameter | null = null;
  readonly magnitude: nn.Parameter | null = null;
  readonly scaling: number;
  readonly dropout: nn.Dropout;

  constructor(base: BaseLayer, { settings, generator, path }: LayerOptions<LoraSettings>) {
    super(base);
    const { loraAlpha = 8, loraDropout = 0, useRslora = false, useDora = false, initLoraWeights = true } = settings;
    const r = byPattern(settings.rankPattern, path, settings.r);
    this.scaling = byPattern(settings.alphaPattern, path, loraAlpha) / (useRslora ? Math.sqrt(r) : r);
    this.dropout = new nn.Dropout({ p: loraDropout });
    const kernel = base.weight.shape.slice(2);
    const matrices = initLora(initLoraWeights, asMatrix(base, base.weight).detach(), { r, scaling: this.scaling, generator });
    if (matrices.residual !== null) gtc.noGrad(() => base.weight.copy_(asWeight(base, matrices.residual!)));
    if (base instanceof nn.Embedding) {
      // A table begins the other way round: the first factor at zero.
      const { inner, outer } = widthsOf(base);
      this.embeddingA = zeros([r, inner]);
      this.embeddingB = drawn(generator, [outer, r]);
      return;
    }
    this.a = new nn.Parameter(kernel.length === 0 ? matrices.a : matrices.a.reshape([r, -1, ...kernel]));
    this.b = new nn.Parameter(kernel.length === 0 ? matrices.b : matrices.b.reshape([-1, r, ...kernel.map(() => 1)]));
    if (useDora) this.magnitude = new nn.Parameter(this.#rowLengths());
  }

  /** `s B A`, `[out, in]` */
  #delta(): Tensor {
    const [a, b] = [this.a ?? this.embeddingA!, this.b ?? this.embeddingB!];
    return mul(matmul(b.reshape([b.shape[0]!, -1]), a.reshape([a.shape[0]!, -1])), this.scaling);
  }

  #rowLengths(): Tensor {
    return gtc.vectorNorm(add(asMatrix(this.base, this.base.weight), this.#delta()).detach(), { axis: 1 });
  }

  override merged(): { readonly weight: Tensor; readonly bias: Tensor | null } {
    const whole = add(asMatrix(this.base, this.base.weight), this.#delta());
    // Lengths count as constants in gradients.
    const scaled = this.magnitude === null ? whole : mul(whole, gtc.unsqueeze(gtc.div(this.magnitude, this.#rowLengths()), 1));
    return { weight: asWeight(this.base, scaled), bias: this.bias };
  }

  override forward(x: Tensor): Tensor {
    const { base, a, b, scaling, magnitude } = this;
    if (magnitude !== null) return this.#forwardScaled(x);
    const y = base.forward(x);
    if (a === null || b === null) {
      const found = nn.embedding(x, matrixTranspose(this.embeddingA!));
      return add(y, mul(linear(found, this.embeddingB!), scaling));
    }
    const dropped = this.dropout.forward(x);
    if (base instanceof nn.Conv1d || base instanceof nn.Conv2d) {
      const plain = { ...base.options, stride: 1, padding: 0, dilation: 1 };
      return add(y, mul(runOn(base, runWith(base, dropped, a, null), b, plain), scaling));
    }
    // Scaled where it is narrow.
    return add(y, linear(mul(linear(dropped, a), scaling), b));
  }

  /** The merged layer, but with dropout before the adapter. */
  #forwardScaled(x: Tensor): Tensor {
    if (this.dropout.p === 0 || !this.training) return super.forward(x);
    const share = gtc.div(this.magnitude!, this.#rowLengths());
    const dropped = this.dropout.forward(x);
    const plain = runWith(this.base, dropped, this.base.weight, null);
    const low = mul(linear(linear(dropped, this.a!), this.b!), this.scaling);
    return add(this.base.forward(x), add(mul(plain, gtc.sub(share, 1)), mul(low, share)));
  }
}

/** A convolution of one place, of as many axes as the base. */
function runOn(base: nn.Conv1d | nn.Conv2d, x: Tensor, weight: Tensor, options: object): Tensor {
  return base instanceof nn.Conv1d ? nn.conv1d(x, weight, null, options) : nn.conv2d(x, weight, null, options);
}

/** A scale for each output, or for each input. */
class Ia3Layer extends AdaptedLayer {
  static override readonly names: Readonly<Record<string, string>> = { base: 'base_layer', scale: 'ia3_l' };
  readonly scale: nn.Parameter;
  readonly #ofInput: boolean;

  constructor(base: BaseLayer, { path, settings: { feedforwardModules } }: LayerOptions<Ia3Settings>) {
    super(base);
    this.#ofInput = matches(path, feedforwardModules ?? []);
    const { inner, outer } = widthsOf(base);
    this.scale = new nn.Parameter(gtc.ones(this.#ofInput ? [1, inner] : [outer, 1]));
  }

  override merged(): { readonly weight: Tensor; readonly bias: Tensor | null } {
    const weight = asWeight(this.base, mul(asMatrix(this.base, this.base.weight), this.scale));
    return { weight, bias: this.bias === null || this.#ofInput ? this.bias : mul(this.bias, this.scale.flatten()) };
  }

  override forward(x: Tensor): Tensor {
    if (this.base instanceof nn.Conv1d || this.base instanceof nn.Conv2d) return super.forward(x);
    const scale = this.scale.flatten();
    return this.#ofInput ? this.base.forward(mul(x, scale)) : mul(this.base.forward(x), scale);
  }
}

/** A layer whose weight gets something added, `[out, in]`. */
abstract class AddedLayer extends AdaptedLayer {
  protected abstract delta(): Tensor;

  override merged(): { readonly weight: Tensor; readonly bias: Tensor | null } {
    return { weight: add(this.base.weight, asWeight(this.base, this.delta())), bias: this.bias };
  }
}

/** `s (A₁ B₁) ∘ (A₂ B₂)` */
class LohaLayer extends AddedLayer {
  static override readonly names: Readonly<Record<string, string>> = {
    base: 'base_layer',
    a1: 'hada_w1_a',
    b1: 'hada_w1_b',
    a2: 'hada_w2_a',
    b2: 'hada_w2_b',
  };
  readonly a1: nn.Parameter;
  readonly b1: nn.Parameter;
  readonly a2: nn.Parameter;
  readonly b2: nn.Parameter;
  readonly #scaling: number;

  constructor(base: BaseLayer, { settings: { r, alpha = 8 }, generator }: LayerOptions<LohaSettings>) {
    super(base);
    const [outer, inner] = asMatrix(base, base.weight).shape as [number, number];
    this.a1 = drawn(generator, [outer, r], 0.1);
    this.b1 = drawn(generator, [r, inner]);
    this.a2 = zeros([outer, r]);
    this.b2 = drawn(generator, [r, inner]);
    this.#scaling = alpha / r;
  }

  protected override delta(): Tensor {
    return mul(mul(matmul(this.a1, this.b1), matmul(this.a2, this.b2)), this.#scaling);
  }
}

/** Two factors of a width: one that a factor asks for, or near its root. */
function factorsOf(width: number, factor: number): [number, number] {
  if (factor > 0 && width % factor === 0) return [factor, width / factor];
  const most = factor === -1 ? width : factor;
  let [less, more] = [1, width];
  const sum = less + more;
  while (less < more) {
    let next = less + 1;
    while (width % next !== 0) next++;
    if (next + width / next > sum || next > most) break;
    [less, more] = [next, width / next];
  }
  return less > more ? [more, less] : [less, more];
}

/** `s W₁ ⊗ W₂`, either of them of low rank where that is less. */
class LokrLayer extends AddedLayer {
  static override readonly names: Readonly<Record<string, string>> = {
    base: 'base_layer',
    w1: 'lokr_w1',
    a1: 'lokr_w1_a',
    b1: 'lokr_w1_b',
    w2: 'lokr_w2',
    a2: 'lokr_w2_a',
    b2: 'lokr_w2_b',
  };
  readonly w1: nn.Parameter | null = null;
  readonly a1: nn.Parameter | null = null;
  readonly b1: nn.Parameter | null = null;
  readonly w2: nn.Parameter | null = null;
  readonly a2: nn.Parameter | null = null;
  readonly b2: nn.Parameter | null = null;
  readonly #scaling: number;

  constructor(base: BaseLayer, { settings: { r, alpha = 8, decomposeBoth = false, decomposeFactor = -1 }, generator }: LayerOptions<LokrSettings>) {
    super(base);
    const [outer, inner] = asMatrix(base, base.weight).shape as [number, number];
    const [[outerLess, outerMore], [innerLess, innerMore]] = [factorsOf(outer, decomposeFactor), factorsOf(inner, decomposeFactor)];
    if (decomposeBoth && r < Math.max(outerLess, innerLess) / 2) {
      this.a1 = zeros([outerLess, r]);
      this.b1 = drawn(generator, [r, innerLess]);
    } else this.w1 = zeros([outerLess, innerLess]);
    if (r < Math.max(outerMore, innerMore) / 2) {
      this.a2 = drawn(generator, [outerMore, r]);
      this.b2 = drawn(generator, [r, innerMore]);
    } else this.w2 = drawn(generator, [outerMore, innerMore]);
    this.#scaling = alpha / r;
  }

  protected override delta(): Tensor {
    return mul(kron(this.w1 ?? matmul(this.a1!, this.b1!), this.w2 ?? matmul(this.a2!, this.b2!)), this.#scaling);
  }
}

/** `s B (A E) / (r + 10⁻⁵)`: low rank as a singular value decomposition. */
class AdaloraLayer extends AddedLayer {
  static override readonly names: Readonly<Record<string, string>> = { base: 'base_layer', a: 'lora_A', e: 'lora_E', b: 'lora_B' };
  readonly a: nn.Parameter;
  readonly e: nn.Parameter;
  readonly b: nn.Parameter;
  readonly #scaling: number;

  constructor(base: BaseLayer, { settings: { initR, loraAlpha = 8 }, generator }: LayerOptions<AdaloraSettings>) {
    super(base);
    const [outer, inner] = asMatrix(base, base.weight).shape as [number, number];
    this.a = drawn(generator, [initR, inner], 0.02);
    this.e = zeros([initR, 1]);
    this.b = drawn(generator, [outer, initR], 0.02);
    this.#scaling = loraAlpha / (initR + 1e-5);
  }

  protected override delta(): Tensor {
    return mul(matmul(this.b, mul(this.a, this.e)), this.#scaling);
  }
}

/** A layer whose inputs are turned by an orthogonal matrix `R`, `[in, in]`: `W R`. */
abstract class TurnedLayer extends AdaptedLayer {
  protected abstract turn(): Tensor;

  override merged(): { readonly weight: Tensor; readonly bias: Tensor | null } {
    return { weight: asWeight(this.base, matmul(asMatrix(this.base, this.base.weight), this.turn())), bias: this.bias };
  }
}

/** Rotations of blocks of inputs, by Cayley's map of skew-symmetric matrices. */
class OftLayer extends TurnedLayer {
  static override readonly names: Readonly<Record<string, string>> = { base: 'base_layer', r: 'oft_R.weight' };
  readonly r: nn.Parameter;
  readonly #size: number;
  readonly #series: boolean;

  constructor(base: BaseLayer, { settings: { blockSize, useCayleyNeumann = true } }: LayerOptions<OftSettings>) {
    super(base);
    const inner = asMatrix(base, base.weight).shape[1]!;
    if (inner % blockSize !== 0)
      throw new ValidationError(`blockSize must divide the ${inner} inputs of the layer, got ${blockSize}`, { parameter: 'blockSize', received: blockSize });
    this.#size = blockSize;
    this.#series = useCayleyNeumann;
    this.r = zeros([inner / blockSize, (blockSize * (blockSize - 1)) / 2]);
  }

  /** The rotation of a block from what stands above its diagonal. */
  #block(above: Tensor): Tensor {
    const size = this.#size;
    const [rows, columns] = gtc.triuIndices(size, size, 1).map(each => each.tolist() as number[]) as [number[], number[]];
    const places = rows.map((row, i) => row * size + columns[i]!);
    const upper = gtc.indexAdd(gtc.zeros([size * size]), 0, gtc.tensor(places, { dtype: 'int32' }), above).reshape([size, size]);
    const q = gtc.sub(upper, matrixTranspose(upper));
    const one = eye(size);
    if (!this.#series) return solve(matrixTranspose(add(one, q)), matrixTranspose(gtc.sub(one, q))).swapaxes(0, 1);
    const square = matmul(q, q);
    const cube = matmul(square, q);
    return add(add(one, mul(add(add(q, square), cube), 2)), matmul(cube, q));
  }

  protected override turn(): Tensor {
    const blocks = Array.from({ length: this.r.shape[0]! }, (_, i) => this.#block(this.r.get(i)));
    // Inputs are rows there: what turns them from the right turns the weight the other way.
    return gtc.blockDiag(blocks.map(block => matrixTranspose(block)));
  }
}

/** Reflections of inputs, one after the other. */
class HraLayer extends TurnedLayer {
  static override readonly names: Readonly<Record<string, string>> = { base: 'base_layer', u: 'hra_u' };
  readonly u: nn.Parameter;

  constructor(base: BaseLayer, { settings: { r }, generator }: LayerOptions<HraSettings>) {
    super(base);
    const inner = asMatrix(base, base.weight).shape[1]!;
    // Pairs of equal reflections do nothing at first.
    const half = drawn(generator, [inner, Math.ceil(r / 2)], 1 / Math.sqrt(inner));
    this.u = new nn.Parameter(gtc.repeat(half.detach(), 2, { axis: 1 }).get(':', `:${r}`));
  }

  protected override turn(): Tensor {
    const [inner, count] = this.u.shape as [number, number];
    let turn: Tensor = eye(inner);
    for (let i = 0; i < count; i++) {
      const u = gtc.unsqueeze(gtc.normalize(this.u.get(':', i), { axis: 0 }), 1);
      turn = gtc.sub(turn, mul(matmul(matmul(turn, u), matrixTranspose(u)), 2));
    }
    return turn;
  }
}

/** Whether a path is meant: names are ends of paths, a text is a regular expression of whole ones. */
export function matches(path: string, names: readonly string[] | string): boolean {
  if (typeof names === 'string') return new RegExp(`^(?:${names})$`).test(path);
  return names.some(name => path === name || path.endsWith(`.${name}`));
}

/** The adapted form of a layer. */
export function adapt(base: BaseLayer, options: LayerOptions<AdapterSettings>): AdaptedLayer {
  const makers = { adalora: AdaloraLayer, hra: HraLayer, ia3: Ia3Layer, loha: LohaLayer, lokr: LokrLayer, lora: LoraLayer, oft: OftLayer };
  return new makers[options.settings.type ?? 'lora'](base, options as never);
}
