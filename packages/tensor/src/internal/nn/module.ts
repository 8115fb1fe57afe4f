/** Modules: trees of parameters with PyTorch's names. */
import { NotFoundError, StateError } from '@gtc/errors';
import { type DType, isFloating } from '../../dtypes.js';
import { Tensor } from '../../tensor.js';
import { withRecording } from '../autograd/graph.js';
import { enter, release } from '../core/scope.js';
import { rowMajor, showShape } from '../core/shape.js';
import { duplicate, Storage } from '../core/storage.js';
import { TorchGenerator } from '../random/torch.js';

/** A tensor that a module learns. */
export class Parameter extends Tensor {
  constructor(x: Tensor, { requiresGrad = isFloating(x.dtype) }: { readonly requiresGrad?: boolean } = {}) {
    super(new Storage(duplicate(x.contiguous().data, x.dtype)), x.dtype, { shape: x.shape, strides: rowMajor(x.shape), offset: 0 });
    // A scope frees what is computed in it, not what is learned.
    release(this.storage);
    if (requiresGrad) this.requiresGrad = true;
  }
}

/** What stands in a module under a name. */
export type Member = Parameter | Tensor | Module;

/** Names whose values did not fit. */
export interface LoadResult {
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
}

/**
 * A part of a network. Fields that hold a {@link Parameter}, a tensor (a buffer) or a module are its members, in order; their names are those of
 * the fields, or those that the static table `names` gives.
 *
 * @remarks Python: `torch.nn.Module`.
 */
export abstract class Module {
  /** PyTorch's names of fields that are called otherwise here. */
  static readonly names: Readonly<Record<string, string>> = {};
  /** Whether dropout drops and batch normalisation learns. */
  training = true;

  abstract forward(...inputs: never[]): unknown;

  /** The name of the member that a field holds. */
  protected nameOf(field: string): string {
    return (this.constructor as typeof Module).names[field] ?? field;
  }

  /** Members by name: own fields in order. */
  *members(): Generator<readonly [string, Member]> {
    for (const [field, value] of Object.entries(this)) if (value instanceof Tensor || value instanceof Module) yield [this.nameOf(field), value];
  }

  /**
   * Puts another module in the place of one directly inside.
   *
   * @throws {NotFoundError} when no module has this name
   * @remarks Python: `setattr(module, name, other)`.
   */
  replaceChild(name: string, module: Module): void {
    const fields = new Map(Object.entries(this).flatMap(([field, value]) => (value instanceof Module ? [[this.nameOf(field), field]] : [])));
    const field = fields.get(name);
    if (field === undefined) throw NotFoundError.of('module', name, fields.keys());
    (this as unknown as Record<string, unknown>)[field] = module;
  }

  /** Modules directly inside, by name. */
  namedChildren(): [string, Module][] {
    return [...this.members()].filter((member): member is [string, Module] => member[1] instanceof Module);
  }

  /** This module and all inside it, by path; one that occurs twice is named once. */
  namedModules(path = '', seen: Set<Module> = new Set()): [string, Module][] {
    if (seen.has(this)) return [];
    seen.add(this);
    return [[path, this], ...this.namedChildren().flatMap(([name, child]) => child.namedModules(path === '' ? name : `${path}.${name}`, seen))];
  }

  /** Own tensors of every module, by path: parameters before buffers, as PyTorch orders them. */
  #tensors(): [string, Tensor][] {
    const walk = (module: Module, path: string): [string, Tensor][] => {
      const own = [...module.members()].filter((member): member is [string, Tensor] => member[1] instanceof Tensor);
      const sorted = [...own.filter(([, x]) => x instanceof Parameter), ...own.filter(([, x]) => !(x instanceof Parameter))];
      return [
        ...sorted.map(([name, x]) => [path + name, x] as [string, Tensor]),
        ...module.namedChildren().flatMap(([name, child]) => walk(child, `${path}${name}.`)),
      ];
    };
    return walk(this, '');
  }

  /** Parameters by name; one that occurs twice is named once. */
  namedParameters(): [string, Parameter][] {
    const seen = new Set<Tensor>();
    return this.#tensors().filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter && !seen.has(entry[1]) && seen.add(entry[1]) !== null);
  }

  /** All parameters, each once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** Tensors that belong to the state and are not learnt, by name. */
  namedBuffers(): [string, Tensor][] {
    return this.#tensors().filter(([, x]) => !(x instanceof Parameter));
  }

  /** Parameters and buffers by name; they share memory with the module. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(this.#tensors().map(([name, x]) => [name, x.detach()]));
  }

  /**
   * Copies a state into parameters and buffers.
   *
   * @param options `strict` refuses names that are missing or not known
   * @throws {StateError} listing every missing, unexpected and mis-shaped name; nothing is copied then
   */
  loadStateDict(state: Readonly<Record<string, Tensor>>, { strict = true }: { readonly strict?: boolean } = {}): LoadResult {
    const own = new Map(this.#tensors());
    const missingKeys = [...own.keys()].filter(name => !Object.hasOwn(state, name));
    const unexpectedKeys = Object.keys(state).filter(name => !own.has(name));
    const misfits = Object.entries(state).filter(([name, x]) => own.has(name) && showShape(own.get(name)!.shape) !== showShape(x.shape));
    const complaints = [
      ...(strict && missingKeys.length > 0 ? [`missing ${missingKeys.join(', ')}`] : []),
      ...(strict && unexpectedKeys.length > 0 ? [`unexpected ${unexpectedKeys.join(', ')}`] : []),
      ...misfits.map(([name, x]) => `${name} has shape ${showShape(own.get(name)!.shape)}, the state ${showShape(x.shape)}`),
    ];
    if (complaints.length > 0) throw new StateError(`loadStateDict: ${complaints.join('; ')}`, { parameter: 'state' });
    withRecording(false, () => {
      for (const [name, x] of Object.entries(state)) own.get(name)?.copy_(x);
    });
    return { missingKeys, unexpectedKeys };
  }

  /** Switches this module and all inside it to training or evaluation. */
  train(on = true): this {
    for (const [, module] of this.namedModules()) module.training = on;
    return this;
  }

  /** Switches to evaluation. */
  eval(): this {
    return this.train(false);
  }

  /** Sets gradients to null, or to zeros. */
  zeroGrad({ setToNull = true }: { readonly setToNull?: boolean } = {}): void {
    for (const parameter of this.parameters()) {
      if (setToNull) {
        // A scope that is open frees the old gradient at its end.
        if (parameter.grad !== null) enter(parameter.grad.storage);
        parameter.grad = null;
      } else parameter.grad?.zero_();
    }
  }

  /** Switches gradients of all parameters. */
  requiresGrad_(on = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = on;
    return this;
  }

  /** Calls a function with this module and all inside it. */
  apply(of: (module: Module) => void): this {
    for (const [, module] of this.namedModules()) of(module);
    return this;
  }

  /** Converts floating parameters and buffers to a type. */
  to({ dtype }: { readonly dtype: DType }): this {
    const converted = new Map<Tensor, Tensor>();
    for (const [, module] of this.namedModules())
      module.replaceTensors(x => {
        if (!isFloating(x.dtype) || x.dtype === dtype) return x;
        const known = converted.get(x);
        if (known !== undefined) return known;
        const made = x.detach().astype(dtype);
        const kept = x instanceof Parameter ? new Parameter(made, { requiresGrad: x.requiresGrad }) : made;
        converted.set(x, kept);
        return kept;
      });
    return this;
  }

  /** Puts other tensors in place of a module's own. */
  replaceTensors(of: (x: Tensor) => Tensor): void {
    const fields = this as unknown as Record<string, unknown>;
    for (const [field, value] of Object.entries(this)) if (value instanceof Tensor) fields[field] = of(value);
  }
}

const generator = new TorchGenerator(5489);

/**
 * Seeds the stream from which modules draw their first weights.
 *
 * @remarks Python: `torch.manual_seed(seed)`, for initial weights.
 */
export function manualSeed(seed: number): void {
  generator.manualSeed(seed);
}

/** The stream of initial weights and of dropout. */
export function defaultGenerator(): TorchGenerator {
  return generator;
}
