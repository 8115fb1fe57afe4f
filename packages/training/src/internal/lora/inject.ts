/** Adapters put into a model, taken out again, saved and loaded. */
import { FormatError, StateError, ValidationError } from '@gtc/errors';
import { noGrad, type Tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { TorchGenerator } from '@gtc/tensor/random';
import { type BaseLayer, isBaseLayer } from './base-layers.js';
import { type AdaptedLayer, adapt, matches } from './layers.js';
import { type AdapterSettings, checkSettings, fromPeftJson, type PeftJson, toPeftJson } from './settings.js';

/** A tensor, or one that a file holds. */
export type StoredTensor = Tensor | { load(): Tensor };
/** An adapter as PEFT stores it: `adapter_config.json` and `adapter_model.safetensors`. */
export interface AdapterFiles {
  readonly config: PeftJson;
  readonly tensors: Readonly<Record<string, Tensor>>;
}
/** What {@link loadAdapter} reads. */
export interface StoredAdapter {
  readonly config: PeftJson;
  readonly tensors: ReadonlyMap<string, StoredTensor> | Readonly<Record<string, StoredTensor>>;
}

/** A module, where it stands, and what it stands in. */
interface Place {
  readonly path: string;
  readonly module: nn.Module;
  readonly parent: nn.Module;
  readonly name: string;
}

/** All modules with what they stand in; one that occurs twice comes once. */
function placesOf(root: nn.Module): Place[] {
  const seen = new Set<nn.Module>();
  const walk = (parent: nn.Module, path: string): Place[] =>
    parent.namedChildren().flatMap(([name, module]) => {
      if (seen.has(module)) return [];
      seen.add(module);
      const here = path === '' ? name : `${path}.${name}`;
      return [{ path: here, module, parent, name }, ...walk(module, here)];
    });
  return walk(root, '');
}

/** Layers that 'all-linear' leaves out: scores of tokens and classes. */
const HEADS = /(^|\.)(lm_head|embed_out|score|classifier|qa_outputs)$/;

/** Number of the layer of a stack that a path lies in. */
function numberOf(path: string): number | null {
  const found = /\.(?:layers|layer|h|block|blocks)\.(\d+)\./.exec(`.${path}.`);
  return found === null ? null : Number(found[1]);
}

function chosen(places: readonly Place[], { targetModules, excludeModules, layersToTransform }: AdapterSettings): (Place & { readonly module: BaseLayer })[] {
  const layers = layersToTransform === null || layersToTransform === undefined ? null : [layersToTransform].flat();
  const found = places.filter(({ path, module }) => {
    const meant =
      targetModules === 'all-linear'
        ? (module instanceof nn.Linear || module instanceof nn.TransposedLinear) && !HEADS.test(path)
        : matches(path, targetModules);
    const excluded = excludeModules != null && matches(path, excludeModules);
    return meant && !excluded && (layers === null || layers.includes(numberOf(path) ?? -1));
  });
  const unfit = found.find(({ module }) => !isBaseLayer(module));
  if (unfit !== undefined && found.every(({ module }) => !isBaseLayer(module)))
    throw new ValidationError(`targetModules must name layers with a weight; ${unfit.path} is a ${unfit.module.constructor.name}`, {
      parameter: 'targetModules',
    });
  const fit = found.filter((place): place is Place & { readonly module: BaseLayer } => isBaseLayer(place.module));
  if (fit.length > 0) return fit;
  const known = [
    ...new Set(places.filter(({ module }) => isBaseLayer(module)).map(({ path }) => path.replace(/^.*?\.(\d+)\./, '').replace(/^.*\.\d+\./, ''))),
  ].sort();
  throw new ValidationError(`targetModules match no layer, got ${[targetModules].flat().join(', ')}; the model has ${known.join(', ')}`, {
    parameter: 'targetModules',
    received: targetModules,
  });
}

/** Prefix of names in PEFT's files. */
const PREFIX = 'base_model.model.';

/** A model with adapters in it: everything else is frozen. */
export class AdaptedModel<M extends nn.Module = nn.Module> {
  readonly model: M;
  readonly settings: AdapterSettings;
  /** Adapted layers by path. */
  readonly layers: ReadonlyMap<string, AdaptedLayer>;
  readonly #places: readonly Place[];
  readonly #others: ReadonlyMap<string, nn.Parameter>;
  #merged = false;

  /** @see injectAdapters */
  constructor(model: M, settings: AdapterSettings, { seed }: { readonly seed: number }) {
    checkSettings(settings);
    const places = placesOf(model);
    const targets = chosen(places, settings);
    const generator = new TorchGenerator(seed);
    this.model = model;
    this.settings = settings;
    model.requiresGrad_(false);
    this.#places = targets;
    this.#others = this.#wholeOnes(places);
    const made = noGrad(() =>
      targets.map(({ path, module }) => [path, adapt(module, { settings, generator, path }).to({ dtype: module.weight.dtype })] as const),
    );
    this.layers = new Map(made);
    for (const { path, parent, name } of targets) parent.replaceChild(name, this.layers.get(path)!);
    for (const layer of this.layers.values()) layer.training = model.training;
    for (const parameter of this.parameters()) parameter.requiresGrad = true;
  }

  /** Parameters of the model that are trained whole, by their name in files. */
  #wholeOnes(places: readonly Place[]): Map<string, nn.Parameter> {
    const { modulesToSave } = this.settings;
    const found = new Map<string, nn.Parameter>();
    const saved = modulesToSave == null ? [] : places.filter(({ path }) => matches(path, modulesToSave));
    if (modulesToSave != null && modulesToSave.length > 0 && saved.length === 0)
      throw new ValidationError(`modulesToSave match no module, got ${modulesToSave.join(', ')}`, { parameter: 'modulesToSave', received: modulesToSave });
    for (const { path, module } of saved) for (const [name, parameter] of module.namedParameters()) found.set(`${PREFIX}${path}.${name}`, parameter);
    const bias = 'bias' in this.settings ? (this.settings.bias ?? 'none') : 'none';
    const adapted = new Map(this.#places.map(({ path }) => [path, true]));
    if (bias !== 'none')
      for (const [name, parameter] of this.model.namedParameters()) {
        const path = name.replace(/\.bias$/, '');
        if (!name.endsWith('bias') || (bias === 'lora_only' && !adapted.has(path))) continue;
        found.set(`${PREFIX}${adapted.has(path) ? `${path}.base_layer.bias` : name}`, parameter);
      }
    return found;
  }

  /** What is trained, by its name in files. */
  namedParameters(): [string, nn.Parameter][] {
    const learnt = [...this.layers].flatMap(([path, layer]) =>
      layer.learnt().map(([name, parameter]): [string, nn.Parameter] => [`${PREFIX}${path}.${name}`, parameter]),
    );
    return [...learnt, ...this.#others];
  }

  /** What is trained. */
  parameters(): nn.Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** How many numbers are trained, of how many. @remarks Python: `model.get_nb_trainable_parameters()`. */
  count(): { readonly trainable: number; readonly all: number; readonly percent: number } {
    const sum = (parameters: readonly nn.Parameter[]): number => parameters.reduce((total, { size }) => total + size, 0);
    const [trainable, all] = [sum(this.parameters()), sum(this.model.parameters())];
    return { trainable, all, percent: (100 * trainable) / all };
  }

  /**
   * The adapter as PEFT stores it; the tensors share memory with the model.
   *
   * @param options `baseModel` name or path of the model that it belongs to
   * @remarks Python: `model.save_pretrained(folder)`: write `config` as `adapter_config.json` and `tensors`, with `writeSafetensors` of
   *   `@gtc/deployment`, as `adapter_model.safetensors`.
   */
  state({ baseModel = null }: { readonly baseModel?: string | null } = {}): AdapterFiles {
    const fanInFanOut = this.#places.some(({ module }) => module instanceof nn.TransposedLinear);
    return {
      config: toPeftJson(this.settings, { fanInFanOut, baseModel }),
      tensors: Object.fromEntries(this.namedParameters().map(([name, parameter]) => [name, parameter.detach()])),
    };
  }

  /**
   * Takes over tensors of a file.
   *
   * @throws {FormatError} listing names that are missing, not known, or of another shape; nothing is taken over then
   */
  load(tensors: StoredAdapter['tensors']): void {
    const given = new Map(tensors instanceof Map ? tensors : Object.entries(tensors as Readonly<Record<string, StoredTensor>>));
    const own = new Map(this.namedParameters());
    const values = new Map([...given].map(([name, x]) => [name, 'load' in x ? x.load() : x]));
    const complaints = [
      ...[...own.keys()].filter(name => !values.has(name)).map(name => `${name} is missing`),
      ...[...values].flatMap(([name, x]) => {
        const parameter = own.get(name);
        if (parameter === undefined) return [`${name} belongs to no adapted layer`];
        return parameter.shape.join() === x.shape.join() ? [] : [`${name} must have shape [${parameter.shape.join(', ')}], got [${x.shape.join(', ')}]`];
      }),
    ];
    if (complaints.length > 0)
      throw new FormatError(
        `the adapter does not fit: ${complaints.slice(0, 5).join('; ')}${complaints.length > 5 ? `; and ${complaints.length - 5} more` : ''}`,
        {
          parameter: 'tensors',
        },
      );
    noGrad(() => {
      for (const [name, x] of values) own.get(name)!.copy_(x);
    });
  }

  /**
   * Folds the adapters into the weights and takes them out.
   *
   * @returns the model, as it was before, with other weights
   * @throws {StateError} when they are out already
   * @remarks Python: `model.merge_and_unload()`.
   */
  mergeAndUnload(): M {
    this.#checkInside();
    noGrad(() => {
      for (const layer of this.layers.values()) {
        const { weight, bias } = layer.merged();
        layer.base.weight.copy_(weight);
        if (bias !== null && layer.bias !== null && bias !== layer.bias) layer.bias.copy_(bias);
      }
    });
    return this.unload();
  }

  /** Takes the adapters out; weights stay as they are. @remarks Python: `model.unload()`. */
  unload(): M {
    this.#checkInside();
    for (const { parent, name, module } of this.#places) parent.replaceChild(name, module);
    this.#merged = true;
    return this.model;
  }

  #checkInside(): void {
    if (this.#merged) throw new StateError('the adapters are not in the model any more');
  }
}

/**
 * Puts adapters beside layers of a model and freezes everything else: LoRA (with rsLoRA, DoRA, PiSSA, OLoRA), AdaLoRA, IA³, LoHa, LoKr, OFT or HRA.
 *
 * @param model any model of `@gtc/tensor/nn` modules, those of `@gtc/models` among them; its layers are replaced in place
 * @param settings kind, rank, and the layers meant, by the end of their names
 * @param options `seed` of the first weights
 * @returns a handle on the adapters: parameters to train, files, merging
 * @throws {ValidationError} for a rank below 1, a kind that is not known, names that match no layer (those that there are, are listed)
 * @remarks Python: `peft.get_peft_model(model, peft.LoraConfig(...))`; outputs, gradients and merged weights within 5e-5.
 * @example
 * import * as nn from '@gtc/tensor/nn';
 * const model = new nn.Sequential(['fc', new nn.Linear(4, 2)]);
 * injectAdapters(model, { r: 1, targetModules: ['fc'] }).count().trainable // => 6
 */
export function injectAdapters<M extends nn.Module>(model: M, settings: AdapterSettings, { seed = 0 }: { readonly seed?: number } = {}): AdaptedModel<M> {
  return new AdaptedModel(model, settings, { seed });
}

/**
 * Puts an adapter that PEFT or {@link AdaptedModel.state} stored into a model.
 *
 * @param adapter the parsed `adapter_config.json`, and the tensors of `adapter_model.safetensors`
 * @throws {ValidationError} for a kind or feature that is not known, or layers that the model lacks
 * @throws {FormatError} when tensors do not fit the layers
 * @remarks Python: `peft.PeftModel.from_pretrained(model, folder)`.
 * @example
 * import * as nn from '@gtc/tensor/nn';
 * const make = () => new nn.Sequential(['fc', new nn.Linear(4, 2)]);
 * loadAdapter(make(), injectAdapters(make(), { r: 1, targetModules: ['fc'] }).state()).settings.r // => 1
 */
export function loadAdapter<M extends nn.Module>(model: M, { config, tensors }: StoredAdapter): AdaptedModel<M> {
  const adapted = new AdaptedModel(model, fromPeftJson(config), { seed: 0 });
  try {
    adapted.load(tensors);
  } catch (error) {
    adapted.unload();
    throw error;
  }
  return adapted;
}
