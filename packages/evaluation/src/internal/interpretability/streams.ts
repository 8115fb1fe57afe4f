/** What happens inside a decoder, block by block: the stream read early, restored after noise, and moved between texts. */
import { inRange, integer, NotFoundError, nonEmpty, ShapeError, ValidationError } from '@gtc/errors';
import { add, cat, linear, softmax, type Tensor } from '@gtc/tensor';
import { noGrad } from '@gtc/tensor/autograd';
import type * as nn from '@gtc/tensor/nn';
import { argmax } from '../metrics/argsort.js';
import { type Hook, withHooks } from './hooks.js';

/** A decoder whose blocks can be listened to. */
export interface LayeredModel {
  /** Scores `[1, length, vocabulary]` of tokens `[1, length]`. */
  readonly logits: (inputIds: readonly (readonly number[])[]) => Tensor;
  /** Gives the vectors of tokens. */
  readonly embedding: nn.Module;
  /** In order; each passes the stream `[1, length, width]` on. */
  readonly blocks: readonly nn.Module[];
  /** Scores of a stream, as after the last block. */
  readonly head: (stream: Tensor) => Tensor;
}

/** Where the parts of a decoder lie, by path. */
export interface DecoderPaths {
  readonly embedding: string;
  /** Of the list of blocks. */
  readonly blocks: string;
  /** Of the normalisation before the head. */
  readonly norm: string;
  /** Of the head; the table of the embedding is used where there is none. */
  readonly head?: string;
}

/** Paths of the families of transformers. */
const FAMILIES: readonly DecoderPaths[] = [
  { embedding: 'transformer.wte', blocks: 'transformer.h', norm: 'transformer.ln_f', head: 'lm_head' },
  { embedding: 'model.embed_tokens', blocks: 'model.layers', norm: 'model.norm', head: 'lm_head' },
  { embedding: 'gpt_neox.embed_in', blocks: 'gpt_neox.layers', norm: 'gpt_neox.final_layer_norm', head: 'embed_out' },
  { embedding: 'model.decoder.embed_tokens', blocks: 'model.decoder.layers', norm: 'model.decoder.final_layer_norm', head: 'lm_head' },
];

/** A model that gives scores for tokens, as those of `@gtc/models`. */
export type DecoderModule = nn.Module & { forward(inputs: { readonly inputIds: readonly (readonly number[])[] }): { readonly logits?: Tensor } };

/**
 * The parts of a decoder by which its streams are read and changed.
 *
 * @param model a decoder with the module names of transformers, such as those of `@gtc/models/architectures`
 * @param paths where its parts lie, where that is not as in GPT-2, Llama, GPT-NeoX or OPT
 * @throws {NotFoundError} for a path that the model does not have
 */
export function layeredModel(model: DecoderModule, paths?: DecoderPaths): LayeredModel {
  const modules = new Map(model.namedModules());
  const known = paths ?? FAMILIES.find(family => modules.has(`${family.blocks}.0`) && modules.has(family.embedding));
  if (known === undefined)
    throw NotFoundError.of(
      'path of blocks',
      'transformer.h',
      [...modules.keys()].filter(path => /\.0$/.test(path)),
    );
  const at = (path: string): nn.Module => {
    const module = modules.get(path);
    if (module === undefined) throw NotFoundError.of('module', path, modules.keys());
    return module;
  };
  const blocks: nn.Module[] = [];
  for (let i = 0; modules.has(`${known.blocks}.${i}`); i++) blocks.push(at(`${known.blocks}.${i}`));
  nonEmpty(blocks, 'blocks');
  const embedding = at(known.embedding);
  const norm = at(known.norm) as nn.Layer;
  const head = known.head === undefined ? undefined : (modules.get(known.head) as nn.Layer | undefined);
  return {
    logits: inputIds => {
      const { logits } = model.forward({ inputIds });
      if (logits === undefined) throw new ValidationError('model must be one that gives logits', { parameter: 'model', received: Object.keys(model) });
      return logits;
    },
    embedding,
    blocks,
    head: stream => (head === undefined ? linear(norm.forward(stream), (embedding as nn.Embedding).weight) : head.forward(norm.forward(stream))),
  };
}

type Tokens = readonly (readonly number[])[];

/** One text. @throws {ShapeError} for none or several */
function checkTokens(ids: Tokens, name: string): number {
  if (ids.length !== 1 || ids[0]!.length === 0)
    throw new ShapeError(`${name} must be one text of at least one token, got ${ids.length} of ${ids[0]?.length ?? 0}`, {
      parameter: name,
      received: ids.length,
    });
  return ids[0]!.length;
}

/** The stream after each block, and the scores. */
function streamsOf(model: LayeredModel, ids: Tokens): { streams: Tensor[]; logits: Tensor } {
  const streams: Tensor[] = new Array(model.blocks.length);
  const hooks = new Map(
    model.blocks.map((block, layer): [nn.Module, Hook] => [
      block,
      output => {
        streams[layer] = output;
        return undefined;
      },
    ]),
  );
  const logits = withHooks(hooks, () => model.logits(ids));
  return { streams, logits };
}

/**
 * What a decoder would say if each block were the last (nostalgebraist 2020): its head on the stream after each block.
 *
 * @returns scores `[1, length, vocabulary]` for each block
 * @throws {ShapeError} for other than one text
 * @remarks Python: `model.lm_head(model.transformer.ln_f(hidden))` for each hidden state.
 */
export function logitLens(model: LayeredModel, inputIds: Tokens): Tensor[] {
  checkTokens(inputIds, 'inputIds');
  return noGrad(() => streamsOf(model, inputIds).streams.map(stream => model.head(stream)));
}

/** Scores of the token after the last one. */
const lastScores = (logits: Tensor): number[] => logits.get(0, -1).tolist() as number[];

/** A stream with one place from another. */
function patched(stream: Tensor, place: number, from: Tensor): Tensor {
  const parts = [stream.get(':', `:${place}`), from.get(':', `${place}:${place + 1}`), stream.get(':', `${place + 1}:`)];
  return cat(
    parts.filter(part => part.shape[1]! > 0),
    { axis: 1 },
  );
}

/** Runs with one place of the stream after a block restored from elsewhere. */
const withPlace = (model: LayeredModel, ids: Tokens, layer: number, place: number, from: Tensor, others: readonly [nn.Module, Hook][]): Tensor =>
  withHooks(new Map([...others, [model.blocks[layer]!, (output: Tensor) => patched(output, place, from)]]), () => model.logits(ids));

/** What is asked of {@link causalTrace}. */
export interface CausalTraceOptions {
  /** Places of the subject. */
  readonly subjectPositions: readonly number[];
  /** What is added to the vectors of the subject's tokens, `[positions, width]`. */
  readonly noise: Tensor;
  /** The token whose probability is traced; the most likely one by default. */
  readonly target?: number | null;
}

/** What {@link causalTrace} finds. */
export interface CausalTrace {
  readonly target: number;
  /** Probability of the target as it is, and with a noisy subject. */
  readonly cleanProb: number;
  readonly corruptedProb: number;
  /** With a noisy subject and one place after one block as it was; a row for each block, a column for each place. */
  readonly restoredProb: readonly (readonly number[])[];
  /** What restoring each place brings back. */
  readonly indirectEffect: readonly (readonly number[])[];
  readonly totalEffect: number;
}

/**
 * Causal tracing (Meng et al. 2022): where a fact about a subject passes through a decoder. The subject is drowned in noise, and one place of the stream after
 * the other is restored.
 *
 * @throws {ShapeError} for other than one text, or noise of another shape
 * @throws {ValidationError} for places or a target out of range
 * @remarks Python: `rome.experiments.causal_trace.calculate_hidden_flow`.
 */
export function causalTrace(model: LayeredModel, inputIds: Tokens, { subjectPositions, noise, target = null }: CausalTraceOptions): CausalTrace {
  const length = checkTokens(inputIds, 'inputIds');
  nonEmpty(subjectPositions, 'subjectPositions');
  for (const [i, place] of subjectPositions.entries()) inRange(integer(place, `subjectPositions[${i}]`), `subjectPositions[${i}]`, { min: 0, below: length });
  if (noise.ndim !== 2 || noise.shape[0] !== subjectPositions.length)
    throw new ShapeError(`noise must be [${subjectPositions.length}, width], got [${noise.shape.join(', ')}]`, { parameter: 'noise', received: noise.shape });
  return noGrad(() => {
    const { streams, logits } = streamsOf(model, inputIds);
    const clean = lastScores(logits);
    const token = target ?? argmax(clean);
    inRange(integer(token, 'target'), 'target', { min: 0, below: clean.length });
    const noisy: Hook = vectors => {
      let changed = vectors;
      subjectPositions.forEach((place, i) => {
        changed = patched(changed, place, add(vectors, noise.get(i)));
      });
      return changed;
    };
    const drown: [nn.Module, Hook][] = [[model.embedding, noisy]];
    const probability = (scores: Tensor): number => softmax(scores.get(0, -1), { axis: -1 }).get(token).item() as number;
    const cleanProb = probability(logits);
    const corruptedProb = probability(withHooks(new Map(drown), () => model.logits(inputIds)));
    const restoredProb = streams.map((stream, layer) =>
      Array.from({ length }, (_, place) => probability(withPlace(model, inputIds, layer, place, stream, drown))),
    );
    return {
      target: token,
      cleanProb,
      corruptedProb,
      restoredProb,
      indirectEffect: restoredProb.map(row => row.map(value => value - corruptedProb)),
      totalEffect: cleanProb - corruptedProb,
    };
  });
}

/** What {@link activationPatching} finds. */
export interface ActivationPatching {
  /** What the source would say next. */
  readonly target: number;
  /** Its score after the other text. */
  readonly baseline: number;
  /** Its score with one place after one block taken from the source; a row for each block, a column for each place. */
  readonly patchedLogit: readonly (readonly number[])[];
}

/**
 * Activation patching: how much of one text's answer comes over when one place of the stream after one block is taken from it.
 *
 * @param sourceIds the text that places are taken from
 * @param targetIds a text of as many tokens, into which they are put
 * @throws {ShapeError} for other than one text each, or texts of different length
 * @remarks Python: `transformer_lens.patching.get_act_patch_resid_pre`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * import * as nn from '@gtc/tensor/nn';
 * const block = new nn.Identity();
 * const embedding = new nn.Embedding(4, 4);
 * const logits = (ids: readonly (readonly number[])[]): Tensor => block.forward(embedding.forward(tensor(ids as number[][], { dtype: 'int32' })));
 * const found = activationPatching({ logits, embedding, blocks: [block], head: x => x }, [[1, 2]], [[3, 0]]);
 * found.patchedLogit[0][0] === found.baseline // => true
 */
export function activationPatching(model: LayeredModel, sourceIds: Tokens, targetIds: Tokens): ActivationPatching {
  const length = checkTokens(sourceIds, 'sourceIds');
  if (checkTokens(targetIds, 'targetIds') !== length)
    throw new ShapeError(`targetIds must have ${length} tokens as sourceIds, got ${targetIds[0]!.length}`, {
      parameter: 'targetIds',
      received: targetIds[0]!.length,
    });
  return noGrad(() => {
    const { streams, logits } = streamsOf(model, sourceIds);
    const target = argmax(lastScores(logits));
    return {
      target,
      baseline: lastScores(model.logits(targetIds))[target]!,
      patchedLogit: streams.map((stream, layer) =>
        Array.from({ length }, (_, place) => lastScores(withPlace(model, targetIds, layer, place, stream, []))[target]!),
      ),
    };
  });
}
