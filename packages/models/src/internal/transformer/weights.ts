/** Where the parameters of a model come from: a checkpoint, or numbers drawn to start training from. */
import { FormatError } from '@gtc/errors';
import { full, type Tensor, zeros } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { TorchGenerator } from '@gtc/tensor/random';
import { initWeights } from '../layers/init.js';

/** A tensor, or one that a file holds. */
export type StoredTensor = Tensor | { load(): Tensor };
/** Tensors by the names of a checkpoint, such as `readSafetensors(bytes).tensors` of `@gtc/deployment`. */
export type Checkpoint = ReadonlyMap<string, StoredTensor> | Readonly<Record<string, StoredTensor>>;

/** What numbers a fresh parameter starts with. */
export type Start = 'drawn' | 'zeros' | 'ones';

/** Gives the parameters of a model, by name and shape. */
export interface WeightSource {
  has(name: string): boolean;
  parameter(name: string, shape: readonly number[], start: Start): nn.Parameter;
}

/** Parameters drawn from a normal distribution, norms at one and biases at zero. */
export class FreshWeights implements WeightSource {
  readonly #generator: TorchGenerator;
  readonly #std: number;

  constructor(seed: number, std: number) {
    this.#generator = new TorchGenerator(seed);
    this.#std = std;
  }

  has(): boolean {
    return false;
  }

  parameter(_: string, shape: readonly number[], start: Start): nn.Parameter {
    if (start !== 'drawn') return new nn.Parameter(full(shape, start === 'ones' ? 1 : 0));
    return new nn.Parameter(initWeights('normal', shape, { generator: this.#generator, std: this.#std }));
  }
}

/** Names of TensorFlow's time for the scale and shift of a norm. */
const renamed = (name: string): string => name.replace(/\bgamma$/, 'weight').replace(/\bbeta$/, 'bias');
/** Complaints that an error lists. */
const MOST = 5;

/** Parameters of a checkpoint, whose names may have the prefix of the base model or lack it. */
export class LoadedWeights implements WeightSource {
  readonly #tensors: ReadonlyMap<string, StoredTensor>;
  readonly #prefix: string;
  readonly #used = new Set<string>();
  readonly #complaints: string[] = [];

  /** @param prefix under which a model with a head holds its base, such as `bert.` */
  constructor(checkpoint: Checkpoint, prefix: string) {
    const entries = checkpoint instanceof Map ? [...checkpoint] : Object.entries(checkpoint as Readonly<Record<string, StoredTensor>>);
    this.#tensors = new Map(entries.map(([name, x]) => [renamed(name), x]));
    this.#prefix = prefix;
  }

  #find(name: string): string | undefined {
    const bare = name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : this.#prefix + name;
    return [name, bare].find(each => this.#tensors.has(each));
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  parameter(name: string, shape: readonly number[]): nn.Parameter {
    const found = this.#find(name);
    if (found === undefined) {
      this.#complaints.push(`${name} is missing`);
      return new nn.Parameter(zeros([0]));
    }
    this.#used.add(found);
    const stored = this.#tensors.get(found)!;
    const x = 'load' in stored ? stored.load() : stored;
    if (x.shape.join() === shape.join()) return new nn.Parameter(x.astype('float32'));
    this.#complaints.push(`${name} must have shape [${shape.join(', ')}] by the config, got [${x.shape.join(', ')}]`);
    return new nn.Parameter(zeros([0]));
  }

  /** Names that the model had no use for. @throws {FormatError} listing tensors that are missing or have another shape */
  finish(): string[] {
    const complaints = this.#complaints;
    const more = complaints.length > MOST ? `; and ${complaints.length - MOST} more` : '';
    if (complaints.length > 0)
      throw new FormatError(`the checkpoint does not fit the config: ${complaints.slice(0, MOST).join('; ')}${more}`, { parameter: 'weights' });
    return [...this.#tensors.keys()].filter(name => !this.#used.has(name));
  }
}
