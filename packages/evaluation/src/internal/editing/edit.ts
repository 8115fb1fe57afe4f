/** Edits facts in a decoder: finds what the projection of a block must give, and changes its weight by ROME, MEMIT or fine-tuning. */
import { inRange, integer, NotFoundError, nonEmpty, nonNegative, oneOf, positive, ShapeError, ValidationError } from '@gtc/errors';
import { add, cat, logSoftmax, matmul, mul, sub, sum, type Tensor, zeros } from '@gtc/tensor';
import { grad, noGrad } from '@gtc/tensor/autograd';
import * as nn from '@gtc/tensor/nn';
import { mean } from '@gtc/tensor/statistics';
import { withHooks } from '../interpretability/hooks.js';
import type { DecoderModule } from '../interpretability/streams.js';
import { memitUpdate, romeUpdate } from './updates.js';

/** The linear map of a block through which facts are written into the stream. */
type Projection = nn.Linear | nn.TransposedLinear;

/** A decoder whose facts can be edited. */
export interface EditableModel {
  /** Scores `[1, length, vocabulary]` of tokens `[1, length]`. */
  readonly logits: (inputIds: readonly (readonly number[])[]) => Tensor;
  /** The last linear map of each block's feed-forward part, in order. */
  readonly projections: readonly Projection[];
}

/** Ends of the paths of those maps, by family. */
const PROJECTIONS = /\.(mlp\.(c_proj|down_proj|dense_4h_to_h|fc_out|fc2)|fc2|feed_forward\.w2)$/;

/**
 * A decoder with its editable maps.
 *
 * @param model a decoder with the module names of transformers, such as those of `@gtc/models/architectures`
 * @param path of the maps, where it is not one of the usual ones
 * @throws {NotFoundError} where no linear map has such a path
 */
export function editableModel(model: DecoderModule, { path = PROJECTIONS }: { readonly path?: RegExp } = {}): EditableModel {
  const found = model
    .namedModules()
    .filter((entry): entry is [string, Projection] => path.test(entry[0]) && (entry[1] instanceof nn.Linear || entry[1] instanceof nn.TransposedLinear));
  if (found.length === 0)
    throw NotFoundError.of(
      'projection',
      String(path),
      model.namedModules().map(([name]) => name),
    );
  return {
    logits: inputIds => {
      const { logits } = model.forward({ inputIds });
      if (logits === undefined) throw new ValidationError('model must be one that gives logits', { parameter: 'model', received: Object.keys(model) });
      return logits;
    },
    projections: found.map(([, projection]) => projection),
  };
}

/** A fact in tokens. */
export interface TokenEdit {
  /** The prompt, at whose end the target is to follow. */
  readonly promptIds: readonly number[];
  /** Where the fact is looked up: the subject's last token in large models; `causalTrace` of `@gtc/evaluation/interpretability` finds it. */
  readonly place: number;
  /** What is to follow. */
  readonly targetIds: readonly number[];
  /** Another text about the subject, with the same place in it, after which all is to stay as it is. */
  readonly essence?: { readonly ids: readonly number[]; readonly place: number };
}

/** Options of {@link applyEdit}. */
export interface ApplyEditOptions {
  /** 'rome' by default. */
  readonly method?: 'rome' | 'memit' | 'ft';
  /** Blocks that are changed: one for ROME, the last of several takes the value for MEMIT. The middle one by default; the last one only where the place ends the prompt, for later tokens no longer look back. */
  readonly layers?: readonly number[];
  /** Covariance of the keys of each of these blocks, by {@link keyCovariance}. */
  readonly covariances?: readonly Tensor[];
  /** Texts before the prompt, so that the edit does not hang on what precedes it. The bare prompt is always among them. */
  readonly prefixes?: readonly (readonly number[])[];
  /** Steps in search of the value (or of fine-tuning); 25 by default. */
  readonly steps?: number;
  /** 0.5 by default, as `ROMEConfig`; 0.005 for fine-tuning. */
  readonly learningRate?: number;
  /** The change of the value is at most so many times the value; 4 by default. */
  readonly clampNorm?: number;
  /** Weight of the divergence of what follows the essence; 0.0625 by default. */
  readonly klFactor?: number;
  /** Of MEMIT. */
  readonly lambda?: number;
}

/** What {@link applyEdit} did. */
export interface AppliedEdit {
  /** Probability of the target, all its tokens together, before and after. */
  readonly before: number;
  readonly after: number;
  /** Whether the target is what the model now finds most likely. */
  readonly success: boolean;
  /** Mean divergence of what follows the essences, in nats: how much more than the fact has changed. Null without essences. */
  readonly kl: number | null;
  /** What was added to the weight of each block changed, `[out, in]`. */
  readonly deltas: readonly Tensor[];
  readonly layers: readonly number[];
  /** Takes the edit back. */
  readonly undo: () => void;
}

/** A weight as `[out, in]`. */
const weightOf = (projection: Projection): Tensor =>
  projection instanceof nn.TransposedLinear ? projection.weight.detach().transpose() : projection.weight.detach();

/** Adds to a weight, `[out, in]`. */
function shift(projection: Projection, delta: Tensor): void {
  noGrad(() => {
    const added = (projection instanceof nn.TransposedLinear ? delta.transpose() : delta).astype(projection.weight.dtype);
    projection.weight.add_(added);
  });
}

/** What a projection took and gave, `[length, in]` and `[length, out]`. */
function through(model: EditableModel, layer: number, ids: readonly number[]): { input: Tensor; output: Tensor } {
  let seen: { input: Tensor; output: Tensor } | null = null;
  noGrad(() =>
    withHooks(
      new Map([
        [
          model.projections[layer]! as nn.Module,
          (output: Tensor, [input]: readonly unknown[]) => {
            const flat = (x: Tensor): Tensor => x.reshape([-1, x.shape.at(-1)!]);
            seen = { input: flat(input as Tensor), output: flat(output) };
            return undefined;
          },
        ],
      ]),
      () => model.logits([ids]),
    ),
  );
  if (seen === null) throw new ValidationError('model must run through its projections', { parameter: 'model', received: layer });
  return seen;
}

const double = (x: Tensor): Tensor => x.astype('float64');

/**
 * The mean of `k kᵀ` over the keys that texts bring to a block's projection: what an edit must not disturb.
 *
 * @param texts tokens of texts; at least as many tokens altogether as keys are wide
 * @returns `[in, in]`, in double precision
 * @throws {ValidationError} for no texts, an unknown block, or too few tokens
 * @remarks Python: `rome.layer_stats`.
 * @example
 * import { ones } from '@gtc/tensor';
 * import * as nn from '@gtc/tensor/nn';
 * const down = new nn.Linear(2, 4);
 * const model = { logits: (ids: readonly (readonly number[])[]): Tensor => down.forward(ones([1, ids[0].length, 2])), projections: [down] };
 * keyCovariance(model, 0, [[1, 2, 3]]).tolist() // => [[1, 1], [1, 1]]
 */
export function keyCovariance(model: EditableModel, layer: number, texts: readonly (readonly number[])[]): Tensor {
  nonEmpty(texts, 'texts');
  inRange(integer(layer, 'layer'), 'layer', { min: 0, below: model.projections.length });
  const keys = texts.map(text => double(through(model, layer, text).input));
  const all = keys.length === 1 ? keys[0]! : cat(keys);
  const [count, width] = all.shape as [number, number];
  if (count < width)
    throw new ValidationError(`texts must have at least ${width} tokens, one for each element of a key, got ${count}`, { parameter: 'texts', received: count });
  return mul(matmul(all.transpose(), all), 1 / count);
}

/** Log probability of the target behind a text, as a tensor. */
function targetLogProb(logits: Tensor, start: number, targetIds: readonly number[]): Tensor {
  const logs = logSoftmax(logits.get(0), { axis: -1 });
  return targetIds.map((token, i) => logs.get(start + i - 1, token)).reduce((a, b) => add(a, b));
}

/** Probabilities of what follows a text, in logs. */
const followers = (logits: Tensor): Tensor => logSoftmax(logits.get(0, -1), { axis: -1 });
/** Kullback and Leibler's, of log probabilities. */
const divergence = (from: Tensor, to: Tensor): Tensor => sum(mul(from.exp(), sub(from, to)));

/** A stream with something added in one place. */
function addedAt(stream: Tensor, place: number, delta: Tensor): Tensor {
  const [batch, length, width] = stream.shape as [number, number, number];
  const parts = [
    zeros([batch, place, width], { dtype: stream.dtype }),
    delta.reshape([1, 1, width]),
    zeros([batch, length - place - 1, width], { dtype: stream.dtype }),
  ];
  return add(
    stream,
    cat(
      parts.filter(part => part.shape[1]! > 0),
      { axis: 1 },
    ),
  );
}

type Settings = Required<Pick<ApplyEditOptions, 'steps' | 'learningRate' | 'clampNorm' | 'klFactor'>> & { readonly prefixes: readonly (readonly number[])[] };

/** What must be added to what a projection gives at the place, so that the target follows. */
function findDelta(
  model: EditableModel,
  layer: number,
  { promptIds, place: at, targetIds, essence }: TokenEdit,
  { steps, learningRate, clampNorm, klFactor, prefixes }: Settings,
): Tensor {
  const { output } = through(model, layer, promptIds);
  const size = Math.sqrt(sum(mul(output.get(at), output.get(at))).item() as number);
  const original = essence === undefined ? null : noGrad(() => followers(model.logits([essence.ids]))).detach();
  const delta = zeros([output.shape[1]!], { dtype: output.dtype }).requiresGrad_();
  const state = nn.adamwState(delta);
  const run = (ids: readonly number[], place: number): Tensor =>
    withHooks(new Map([[model.projections[layer]! as nn.Module, (stream: Tensor) => addedAt(stream, place, delta)]]), () => model.logits([ids]));
  for (let step = 0; step < steps; step++) {
    const nll = prefixes
      .map(prefix => targetLogProb(run([...prefix, ...promptIds, ...targetIds.slice(0, -1)], prefix.length + at), prefix.length + promptIds.length, targetIds))
      .reduce((a, b) => add(a, b));
    const told = mul(nll, -1 / prefixes.length);
    const loss = original === null ? told : add(told, mul(divergence(original, followers(run(essence!.ids, essence!.place))), klFactor));
    delta.grad = grad([loss], [delta])[0]!;
    noGrad(() => {
      nn.adamwStep(delta, state, { lr: learningRate, weightDecay: 0 });
      const length = Math.sqrt(sum(mul(delta, delta)).item() as number);
      if (length > clampNorm * size) delta.mul_((clampNorm * size) / length);
    });
  }
  return delta.detach();
}

/** The mean key of the place behind all prefixes. */
function keyOf(model: EditableModel, layer: number, { promptIds, place }: TokenEdit, prefixes: readonly (readonly number[])[]): Tensor {
  const keys = prefixes.map(prefix => double(through(model, layer, [...prefix, ...promptIds]).input.get(prefix.length + place)));
  return mul(
    keys.reduce((a, b) => add(a, b)),
    1 / keys.length,
  );
}

function checkEdit({ promptIds, place, targetIds, essence }: TokenEdit, i: number): void {
  nonEmpty(promptIds, `edits[${i}].promptIds`);
  nonEmpty(targetIds, `edits[${i}].targetIds`);
  inRange(integer(place, `edits[${i}].place`), `edits[${i}].place`, { min: 0, below: promptIds.length });
  if (essence !== undefined) inRange(integer(essence.place, `edits[${i}].essence.place`), `edits[${i}].essence.place`, { min: 0, below: essence.ids.length });
}

/** Changes of the weights of several blocks, each of which takes its share of what is left (Meng et al. 2023). */
function memitDeltas(
  model: EditableModel,
  edits: readonly TokenEdit[],
  layers: readonly number[],
  covariances: readonly Tensor[],
  lambda: number,
  settings: Settings,
): Tensor[] {
  const last = layers.at(-1)!;
  const wanted = edits.map(edit => add(double(through(model, last, edit.promptIds).output.get(edit.place)), double(findDelta(model, last, edit, settings))));
  const columns = (rows: readonly Tensor[]): Tensor =>
    cat(
      rows.map(row => row.reshape([-1, 1])),
      { axis: 1 },
    );
  return layers.map((layer, i) => {
    const left = columns(wanted.map((value, e) => sub(value, double(through(model, last, edits[e]!.promptIds).output.get(edits[e]!.place)))));
    const keys = columns(edits.map(edit => keyOf(model, layer, edit, settings.prefixes)));
    const weight = double(weightOf(model.projections[layer]!));
    const values = add(matmul(weight, keys), mul(left, 1 / (layers.length - i)));
    const { delta } = memitUpdate(weight, covariances[i]!, keys, values, { lambda });
    shift(model.projections[layer]!, delta);
    return delta;
  });
}

/** What fine-tuning of one weight adds to it. */
function fineTuned(model: EditableModel, edits: readonly TokenEdit[], layer: number, { steps, learningRate }: Settings): Tensor {
  const projection = model.projections[layer]!;
  const before = weightOf(projection).clone();
  const state = nn.adamwState(projection.weight);
  for (let step = 0; step < steps; step++) {
    const nll = edits
      .map(({ promptIds, targetIds }) => targetLogProb(model.logits([[...promptIds, ...targetIds.slice(0, -1)]]), promptIds.length, targetIds))
      .reduce((a, b) => add(a, b));
    projection.weight.grad = grad([mul(nll, -1)], [projection.weight])[0]!;
    noGrad(() => nn.adamwStep(projection.weight, state, { lr: learningRate, weightDecay: 0 }));
  }
  projection.weight.grad = null;
  return double(sub(weightOf(projection), before));
}

/** Mean probability of the targets, whether each is the most likely, and what follows each essence. */
function outcome(model: EditableModel, edits: readonly TokenEdit[]): { probability: number; greedy: boolean; following: Tensor[] } {
  return noGrad(() => {
    const rows = edits.map(({ promptIds, targetIds, essence }) => {
      const logits = model.logits([[...promptIds, ...targetIds.slice(0, -1)]]);
      const picks = targetIds.map((_, i) => {
        const scores = logits.get(0, promptIds.length + i - 1).tolist() as number[];
        return scores.indexOf(Math.max(...scores));
      });
      return {
        probability: Math.exp(targetLogProb(logits, promptIds.length, targetIds).item() as number),
        greedy: picks.every((pick, i) => pick === targetIds[i]),
        following: essence === undefined ? [] : [followers(model.logits([essence.ids]))],
      };
    });
    return { probability: mean(rows.map(row => row.probability)), greedy: rows.every(row => row.greedy), following: rows.flatMap(row => row.following) };
  });
}

/**
 * Edits facts in a decoder: its weights are changed in place, and can be changed back.
 *
 * ROME finds by gradient what the projection of a block must give at the place so that the target follows, without changing what follows the essence,
 * and writes it into the weight by {@link romeUpdate}; MEMIT spreads it over several blocks; `ft` fine-tunes the one weight, as a baseline.
 *
 * @param edits one fact for ROME; any number for MEMIT and fine-tuning
 * @throws {ValidationError} for no edit, several for ROME, places out of range, or missing covariances
 * @remarks Python: `rome.apply_rome_to_model`, `memit.apply_memit_to_model`.
 * @example
 * import { eye, tensor } from '@gtc/tensor';
 * import * as nn from '@gtc/tensor/nn';
 * const down = new nn.Linear(4, 4);
 * const logits = (ids: readonly (readonly number[])[]): Tensor => down.forward(eye(4).get(tensor(ids as number[][], { dtype: 'int32' })));
 * applyEdit({ logits, projections: [down] }, [{ promptIds: [1], place: 0, targetIds: [2] }], { covariances: [eye(4, { dtype: 'float64' })], clampNorm: 50 }).success // => true
 */
export function applyEdit(
  model: EditableModel,
  edits: readonly TokenEdit[],
  {
    method = 'rome',
    layers = [Math.floor((model.projections.length - 1) / 2)],
    covariances = [],
    prefixes = [],
    steps = 25,
    learningRate = method === 'ft' ? 0.005 : 0.5,
    clampNorm = 4,
    klFactor = 0.0625,
    lambda = 15_000,
  }: ApplyEditOptions = {},
): AppliedEdit {
  nonEmpty(edits, 'edits');
  edits.forEach(checkEdit);
  oneOf(method, 'method', ['rome', 'memit', 'ft'] as const);
  nonEmpty(layers, 'layers');
  for (const [i, layer] of layers.entries()) inRange(integer(layer, `layers[${i}]`), `layers[${i}]`, { min: 0, below: model.projections.length });
  if (method === 'rome' && (edits.length > 1 || layers.length > 1))
    throw new ValidationError(`edits must be one, in one layer, for the method 'rome', got ${edits.length} in ${layers.length}`, {
      parameter: 'edits',
      received: edits.length,
    });
  if (method !== 'ft' && covariances.length !== layers.length)
    throw new ShapeError(`covariances must be ${layers.length}, one for each layer, got ${covariances.length}`, {
      parameter: 'covariances',
      received: covariances.length,
    });
  positive(integer(steps, 'steps'), 'steps');
  positive(learningRate, 'learningRate');
  positive(clampNorm, 'clampNorm');
  nonNegative(klFactor, 'klFactor');
  const settings: Settings = { steps, learningRate, clampNorm, klFactor, prefixes: [[], ...prefixes] };
  const before = outcome(model, edits);
  const deltas: Tensor[] = [];
  if (method === 'ft') deltas.push(fineTuned(model, edits, layers[0]!, settings));
  else if (method === 'memit') deltas.push(...memitDeltas(model, edits, layers, covariances, lambda, settings));
  else {
    const [edit, layer] = [edits[0]!, layers[0]!];
    const weight = double(weightOf(model.projections[layer]!));
    const key = keyOf(model, layer, edit, settings.prefixes);
    const value = add(matmul(weight, key), double(findDelta(model, layer, edit, settings)));
    const delta = sub(romeUpdate(weight, covariances[0]!, key, value), weight);
    shift(model.projections[layer]!, delta);
    deltas.push(delta);
  }
  const after = outcome(model, edits);
  const moved = before.following.map((original, i) => divergence(original, after.following[i]!).item() as number);
  const changed = layers.slice(0, deltas.length);
  return {
    before: before.probability,
    after: after.probability,
    success: after.greedy,
    kl: moved.length === 0 ? null : mean(moved),
    deltas,
    layers: changed,
    undo: () => {
      for (const [i, layer] of changed.entries()) shift(model.projections[layer]!, mul(deltas[i]!, -1));
    },
  };
}

/** Prompts whose answers are compared. */
export interface EditProbe {
  readonly promptIds: readonly number[];
}

/** How often and by how much a model prefers the new answer. */
export interface EditPreference {
  /** Share of the prompts in which the new answer is the more likely. */
  readonly score: number;
  /** Mean difference of probabilities, new less old. */
  readonly magnitude: number;
}

/**
 * Whether a model prefers a new answer to the old one after prompts: efficacy after the prompt itself, generalization after paraphrases; for neighbours of the
 * subject, whose answer is to stay, one less the score is the specificity (CounterFact, Meng et al. 2022).
 *
 * @throws {ValidationError} for no prompts, or answers without tokens
 * @remarks Python: `rome.experiments.py.eval_utils_counterfact`.
 */
export function editPreference(
  model: EditableModel,
  probes: readonly EditProbe[],
  { targetIds, truthIds }: { readonly targetIds: readonly number[]; readonly truthIds: readonly number[] },
): EditPreference {
  nonEmpty(probes, 'probes');
  nonEmpty(targetIds, 'targetIds');
  nonEmpty(truthIds, 'truthIds');
  const probability = (promptIds: readonly number[], answer: readonly number[]): number =>
    noGrad(() => Math.exp(targetLogProb(model.logits([[...promptIds, ...answer.slice(0, -1)]]), promptIds.length, answer).item() as number));
  const differences = probes.map(({ promptIds }) => probability(promptIds, targetIds) - probability(promptIds, truthIds));
  return { score: mean(differences.map(value => Number(value > 0))), magnitude: mean(differences) };
}
