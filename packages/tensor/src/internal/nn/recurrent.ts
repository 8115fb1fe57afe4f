/** Recurrent layers. Layout is `[time, batch, features]`, or batch first. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor } from '../../tensor.js';
import { showShape } from '../core/shape.js';
import { relu, sigmoid } from '../elementwise/activation.js';
import { add, mul, sub } from '../elementwise/arithmetic.js';
import { tanh } from '../elementwise/exponential.js';
import { get } from '../indexing/select.js';
import { linear } from '../products/matmul.js';
import { cat, chunk, stack } from '../shape/join.js';
import { expand, swapaxes } from '../shape/views.js';
import { uniformParameter } from './layers.js';
import { type Member, Module, type Parameter } from './module.js';

/** Options of a recurrent layer. */
export interface RecurrentOptions {
  readonly numLayers?: number;
  readonly bias?: boolean;
  readonly batchFirst?: boolean;
  readonly bidirectional?: boolean;
}

/** State between time steps: the output and, for LSTMs, the cell. */
type State = readonly Tensor[];

abstract class Recurrent extends Module {
  readonly weights: Map<string, Parameter> = new Map();
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly outputSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly bidirectional: boolean;

  constructor(gates: number, inputSize: number, hiddenSize: number, options: RecurrentOptions, projSize = 0) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false, bidirectional = false } = options;
    if (projSize >= hiddenSize)
      throw new ValidationError(`projSize must be smaller than hiddenSize ${hiddenSize}, got ${projSize}`, { parameter: 'projSize', received: projSize });
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.outputSize = projSize > 0 ? projSize : hiddenSize;
    this.numLayers = numLayers;
    this.batchFirst = batchFirst;
    this.bidirectional = bidirectional;
    const bound = 1 / Math.sqrt(hiddenSize);
    const set = (name: string, shape: readonly number[]): unknown => this.weights.set(name, uniformParameter(shape, bound));
    for (const [layer, suffix] of this.#directions()) {
      const width = layer === 0 ? inputSize : this.outputSize * (bidirectional ? 2 : 1);
      set(`weight_ih_${suffix}`, [gates * hiddenSize, width]);
      set(`weight_hh_${suffix}`, [gates * hiddenSize, this.outputSize]);
      if (bias) for (const name of ['bias_ih', 'bias_hh']) set(`${name}_${suffix}`, [gates * hiddenSize]);
      if (projSize > 0) set(`weight_hr_${suffix}`, [projSize, hiddenSize]);
    }
  }

  /** Layers and directions by the ends of their names. */
  #directions(): [layer: number, suffix: string, backward: boolean][] {
    return Array.from({ length: this.numLayers }, (_, layer) => layer).flatMap(layer => [
      [layer, `l${layer}`, false] as [number, string, boolean],
      ...(this.bidirectional ? [[layer, `l${layer}_reverse`, true] as [number, string, boolean]] : []),
    ]);
  }

  override *members(): Generator<readonly [string, Member]> {
    yield* this.weights;
  }

  override replaceTensors(of: (x: Tensor) => Tensor): void {
    for (const [name, parameter] of this.weights) this.weights.set(name, of(parameter) as Parameter);
  }

  /** Next state from the parts of input and state that the weights make. */
  protected abstract step(input: Tensor, hidden: Tensor, state: State, suffix: string): State;
  /** Number of tensors in a state. */
  protected abstract readonly parts: number;

  /** Outputs of all time steps, and the last state of every layer and direction. */
  protected run(x: Tensor, initial: readonly Tensor[] | undefined): { readonly y: Tensor; readonly last: readonly Tensor[] } {
    if (x.ndim !== 3 || x.shape.at(-1) !== this.inputSize)
      throw new ShapeError(`${this.constructor.name}: input ${showShape(x.shape)} must have 3 axes and ${this.inputSize} features`, {
        parameter: 'x',
        received: x.shape,
      });
    let sequence = this.batchFirst ? swapaxes(x, 0, 1) : x;
    const directions = this.#directions();
    const widths = [this.outputSize, this.hiddenSize];
    const start = (slot: number): State =>
      Array.from({ length: this.parts }, (_, part) =>
        initial === undefined ? expand(tensor(0, { dtype: x.dtype }), [sequence.shape[1]!, widths[part]!]) : get(initial[part]!, slot),
      );
    const finals: State[] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs: Tensor[] = [];
      for (const [, suffix, backward] of directions.filter(([of]) => of === layer)) {
        const { y, state } = this.#scan(sequence, start(finals.length), suffix, backward);
        finals.push(state);
        outputs.push(y);
      }
      sequence = outputs.length === 1 ? outputs[0]! : cat(outputs, { axis: -1 });
    }
    const last = Array.from({ length: this.parts }, (_, part) => stack(finals.map(state => state[part]!)));
    return { y: this.batchFirst ? swapaxes(sequence, 0, 1) : sequence, last };
  }

  #scan(sequence: Tensor, start: State, suffix: string, backward: boolean): { readonly y: Tensor; readonly state: State } {
    const weight = (name: string): Parameter | undefined => this.weights.get(`${name}_${suffix}`);
    const inputs = linear(sequence, weight('weight_ih')!, weight('bias_ih') ?? null);
    const times = Array.from({ length: sequence.shape[0]! }, (_, t) => t);
    const outputs = new Array<Tensor>(times.length);
    let state = start;
    for (const t of backward ? times.reverse() : times) {
      const hidden = linear(state[0]!, weight('weight_hh')!, weight('bias_hh') ?? null);
      state = this.step(get(inputs, t), hidden, state, suffix);
      outputs[t] = state[0]!;
    }
    return { y: stack(outputs), state };
  }
}

/** What a recurrent layer gives: outputs of all time steps, and the last state `[layers · directions, batch, width]`. */
export interface RecurrentResult<Last> {
  readonly y: Tensor;
  readonly last: Last;
}

/**
 * `h' = tanh(W x + U h + b)`, or with relu.
 *
 * @remarks Python: `torch.nn.RNN(inputSize, hiddenSize)`.
 */
export class RNN extends Recurrent {
  protected override readonly parts: number = 1;
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = 'tanh', ...options }: RecurrentOptions & { readonly nonlinearity?: 'tanh' | 'relu' } = {},
  ) {
    super(1, inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  protected override step(input: Tensor, hidden: Tensor): State {
    return [(this.nonlinearity === 'tanh' ? tanh : relu)(add(input, hidden))];
  }

  override forward(x: Tensor, h0?: Tensor): RecurrentResult<Tensor> {
    const { y, last } = this.run(x, h0 === undefined ? undefined : [h0]);
    return { y, last: last[0]! };
  }
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997).
 *
 * @remarks Python: `torch.nn.LSTM(inputSize, hiddenSize, proj_size=projSize)`.
 */
export class LSTM extends Recurrent {
  protected override readonly parts: number = 2;

  constructor(inputSize: number, hiddenSize: number, { projSize = 0, ...options }: RecurrentOptions & { readonly projSize?: number } = {}) {
    super(4, inputSize, hiddenSize, options, projSize);
  }

  protected override step(input: Tensor, hidden: Tensor, [, cell]: State, suffix: string): State {
    const [i, f, g, o] = chunk(add(input, hidden), 4, { axis: -1 }) as [Tensor, Tensor, Tensor, Tensor];
    const next = add(mul(sigmoid(f), cell!), mul(sigmoid(i), tanh(g)));
    const output = mul(sigmoid(o), tanh(next));
    const projection = this.weights.get(`weight_hr_${suffix}`);
    return [projection === undefined ? output : linear(output, projection), next];
  }

  override forward(x: Tensor, state?: readonly [h0: Tensor, c0: Tensor]): RecurrentResult<readonly [Tensor, Tensor]> {
    const { y, last } = this.run(x, state);
    return { y, last: [last[0]!, last[1]!] };
  }
}

/**
 * Gated recurrent unit (Cho et al. 2014).
 *
 * @remarks Python: `torch.nn.GRU(inputSize, hiddenSize)`.
 */
export class GRU extends Recurrent {
  protected override readonly parts: number = 1;

  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  protected override step(input: Tensor, hidden: Tensor, [before]: State): State {
    const [xr, xz, xn] = chunk(input, 3, { axis: -1 }) as [Tensor, Tensor, Tensor];
    const [hr, hz, hn] = chunk(hidden, 3, { axis: -1 }) as [Tensor, Tensor, Tensor];
    const fresh = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)));
    const keep = sigmoid(add(xz, hz));
    return [add(mul(sub(1, keep), fresh), mul(keep, before!))];
  }

  override forward(x: Tensor, h0?: Tensor): RecurrentResult<Tensor> {
    const { y, last } = this.run(x, h0 === undefined ? undefined : [h0]);
    return { y, last: last[0]! };
  }
}
