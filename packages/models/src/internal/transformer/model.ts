/** Whole models: the stream of a family under the head of a task. */
import { NotFoundError, UnsupportedError, ValidationError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { mean, mul, type Tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { DecoderBody } from './decoder.js';
import { DECODERS } from './decoder-families.js';
import { EncoderBody, VisionBody } from './encoder.js';
import { ENCODERS, visionBlock } from './encoder-families.js';
import { type GenerateOptions, generate } from './generate.js';
import { answerTask, Chain, causalTask, classTask, lastToken, replacedTask, streamTask, type Table, type Task, tokenTask } from './heads.js';
import { type BodyOutput, type ForwardOptions, type Ids, idsOf, type ModelCache, type ModelInputs, type ModelOutput, maybeIds } from './inputs.js';
import { Builder, type NormSpec } from './parts.js';
import { SEQ2SEQ, Seq2SeqBody } from './seq2seq.js';
import { type ModelJson, Settings } from './settings.js';
import type { WeightSource } from './weights.js';

type Body = DecoderBody | EncoderBody | Seq2SeqBody | VisionBody;

/** Families that {@link loadModel} knows, in ascending order. */
export const MODEL_TYPES: readonly string[] = [...Object.keys(DECODERS), ...Object.keys(ENCODERS), ...Object.keys(SEQ2SEQ), 'vit'].sort();

/**
 * A transformer with the head of its task. Its parameters are called as in the family's checkpoints.
 *
 * @remarks Python: what `transformers.AutoModelFor...from_pretrained(folder)` gives.
 */
export class TransformerModel extends nn.Module {
  /** The `config.json`. */
  readonly config: ModelJson;
  /** Names of the checkpoint that the model has no use for. */
  readonly unusedWeights: readonly string[] = [];
  readonly #body: Body;
  readonly #prefix: string;
  readonly #head: Chain | null;
  readonly #pooler: Chain | null;
  readonly #task: Task;

  constructor(config: ModelJson, { body, prefix, head, pooler, task }: Assembly) {
    super();
    this.config = config;
    this.#body = body;
    this.#prefix = prefix.replace(/\.$/, '');
    this.#head = head;
    this.#pooler = pooler;
    this.#task = task;
  }

  /** Head and pooler, whose members are named from the root. */
  get #tops(): Chain[] {
    return [this.#pooler, this.#head].filter(each => each !== null);
  }

  override *members(): Generator<readonly [string, nn.Parameter | Tensor | nn.Module]> {
    if (this.#prefix === '') yield* this.#body.members();
    else yield [this.#prefix, this.#body];
    for (const top of this.#tops) yield* top.members();
  }

  override namedModules(path = '', seen: Set<nn.Module> = new Set()): [string, nn.Module][] {
    // They have no place in the tree, and switch to training with it.
    for (const each of [this.#body, ...this.#tops]) each.training = this.training;
    return super.namedModules(path, seen);
  }

  override replaceChild(name: string, module: nn.Module): void {
    const owner = [...(this.#prefix === '' ? [this.#body] : []), ...this.#tops].find(each => each.namedChildren().some(([child]) => child === name));
    if (owner === undefined)
      throw NotFoundError.of(
        'module',
        name,
        this.namedChildren().map(([child]) => child),
      );
    owner.replaceChild(name, module);
  }

  /**
   * Scores, loss, hidden states, or whatever the task has.
   *
   * @throws {ValidationError} for tokens or positions outside the tables, or inputs that the model lacks
   * @throws {ShapeError} when rows, masks or labels do not fit
   * @remarks Python: `model(**inputs)`; logits within 1e-4.
   */
  override forward(inputs: ModelInputs, options: ForwardOptions = {}): ModelOutput {
    const body: BodyOutput = this.#body.forward(inputs, options);
    const { hiddenStates, attentions, crossAttentions = [] } = body;
    return {
      ...this.#task(body, inputs, options),
      ...(options.outputHiddenStates ? { hiddenStates } : {}),
      ...(options.outputAttentions ? { attentions, ...(crossAttentions.length > 0 ? { crossAttentions } : {}) } : {}),
    };
  }

  /** An empty cache of keys and values. @throws {UnsupportedError} for encoders, which see all tokens at once */
  createCache(): ModelCache {
    if ('createCache' in this.#body) return this.#body.createCache();
    throw new UnsupportedError(`a ${String(this.config['model_type'])} model reads all tokens at once and has no cache`, { parameter: 'cache' });
  }

  /**
   * The vectors of tokens, from which `inputsEmbeds` are made.
   *
   * @param ids `[batch, length]`
   * @returns `[batch, length, width]`
   * @throws {ValidationError} for a token outside the table @throws {UnsupportedError} for models that are no decoders
   * @remarks Python: `model.get_input_embeddings()(ids)`.
   */
  embedTokens(ids: Ids): Tensor {
    if (this.#body instanceof DecoderBody) return this.#body.embedTokens(idsOf(ids, 'ids'));
    throw new UnsupportedError(`a ${String(this.config['model_type'])} model takes tokens only`, { parameter: 'ids' });
  }

  /**
   * The most likely tokens, one after the other.
   *
   * @returns for each text its tokens with what was added, padded to one length; of an encoder-decoder what the decoder wrote
   * @throws {UnsupportedError} for models that do not write
   * @remarks Python: `model.generate(input_ids, attention_mask=..., do_sample=False, max_new_tokens=...)`; token for token. Sampling and beams are in
   *   `@gtc/inference`.
   */
  generate(inputs: Pick<ModelInputs, 'inputIds' | 'attentionMask' | 'decoderInputIds'>, options: GenerateOptions): { readonly sequences: number[][] } {
    return { sequences: generate(this, new Settings(this.config), inputs, { encoderDecoder: this.#body instanceof Seq2SeqBody, ...options }) };
  }
}

/** The pieces of a model. */
interface Assembly {
  readonly body: Body;
  readonly prefix: string;
  readonly head: Chain | null;
  readonly pooler: Chain | null;
  readonly task: Task;
}

/** What heads are made from. */
interface Ground {
  readonly settings: Settings;
  readonly type: string;
  readonly root: Builder;
  readonly prefix: string;
  readonly width: number;
  readonly norm: NormSpec;
}

/** Tasks by the end of the name of an architecture. */
const TASKS = [
  'ForCausalLM',
  'LMHeadModel',
  'ForMaskedLM',
  'ForSequenceClassification',
  'ForTokenClassification',
  'ForQuestionAnswering',
  'ForPreTraining',
  'ForConditionalGeneration',
  'ForImageClassification',
  'Model',
] as const;
type TaskName = (typeof TASKS)[number];

/** The task that a config names. @param known those that the family has, the one of a config that names none first */
function taskOf<T extends TaskName>(type: string, settings: Settings, known: readonly T[]): T {
  const name = settings.texts('architectures')?.[0];
  if (name === undefined) return known[0]!;
  const task = TASKS.find(each => name.endsWith(each));
  if (task === undefined)
    throw new UnsupportedError(`config.architectures names ${name}, whose task is none of ${TASKS.join(', ')}`, { parameter: 'config', received: name });
  if (known.includes(task as T)) return task as T;
  throw new UnsupportedError(`a ${type} model has no task ${task}; it has ${known.join(', ')}`, { parameter: 'config', received: task });
}

function assembleDecoder(type: string, settings: Settings, root: Builder): Assembly {
  const spec = DECODERS[type]!(settings);
  const task = taskOf(type, settings, ['ForCausalLM', 'LMHeadModel', 'ForSequenceClassification', 'ForTokenClassification', 'Model']);
  const prefix = task === 'Model' ? '' : spec.prefix;
  const body = new DecoderBody(spec, new Builder(root.weights, prefix));
  const parts = { body, prefix, pooler: null };
  const { name, bias, tied } = spec.head;
  switch (task) {
    case 'ForCausalLM':
    case 'LMHeadModel': {
      const head = tied
        ? new Chain({}, { table: () => body.embed })
        : new Chain({ out: name }, { out: root.linear(name, spec.embedWidth, spec.vocab, { bias }) });
      const { experts } = spec.block;
      const weight = settings.flag('output_router_logits', false) ? settings.number('router_aux_loss_coef', 0.001) : null;
      const balance = experts === undefined || weight === null ? null : { perToken: experts.perToken, weight };
      return { ...parts, head, task: causalTask(head, { scale: spec.logitsScale, softcap: spec.logitsSoftcap }, balance) };
    }
    case 'ForSequenceClassification': {
      const head = new Chain({ out: 'score' }, { out: root.linear('score', spec.width, settings.classes, { bias: false }) });
      return { ...parts, head, task: classTask(head, (stream, inputs) => lastToken(stream, inputs, settings.token('pad_token_id'))) };
    }
    case 'ForTokenClassification': {
      const head = new Chain({ out: 'score' }, { out: root.linear('score', spec.width, settings.classes, { bias: true }) });
      return { ...parts, head, task: tokenTask(head) };
    }
    case 'Model':
      return { ...parts, head: null, task: streamTask(null) };
  }
}

/** Names of what stands before the scores of a masked token. */
const MASKED: Readonly<
  Record<string, { readonly dense: string; readonly norm: string; readonly bias: string; readonly out: string; readonly act: string | null }>
> = {
  albert: { dense: 'predictions.dense', norm: 'predictions.LayerNorm', bias: 'predictions.bias', out: 'predictions.decoder', act: null },
  distilbert: { dense: 'vocab_transform', norm: 'vocab_layer_norm', bias: 'vocab_projector.bias', out: 'vocab_projector', act: null },
  electra: {
    dense: 'generator_predictions.dense',
    norm: 'generator_predictions.LayerNorm',
    bias: 'generator_lm_head.bias',
    out: 'generator_lm_head',
    act: 'gelu',
  },
  modernbert: { dense: 'head.dense', norm: 'head.norm', bias: 'decoder.bias', out: 'decoder', act: null },
  ...Object.fromEntries(
    ['bert', 'deberta-v2'].map(type => [
      type,
      {
        dense: 'cls.predictions.transform.dense',
        norm: 'cls.predictions.transform.LayerNorm',
        bias: 'cls.predictions.bias',
        out: 'cls.predictions.decoder',
        act: null,
      },
    ]),
  ),
  ...Object.fromEntries(
    ['camembert', 'mpnet', 'roberta', 'xlm-roberta'].map(type => [
      type,
      { dense: 'lm_head.dense', norm: 'lm_head.layer_norm', bias: 'lm_head.bias', out: 'lm_head.decoder', act: 'gelu' },
    ]),
  ),
};

function maskedHead({ settings, type, root, width, norm }: Ground, embedWidth: number, vocab: number, table: () => Table): Chain {
  const { dense, norm: normName, bias, out, act } = MASKED[type]!;
  const modern = type === 'modernbert';
  const shifted = !modern || settings.flag('decoder_bias', true);
  const before = {
    dense: root.linear(dense, width, embedWidth, { bias: !modern || settings.flag('classifier_bias', false) }),
    act: act ?? settings.text(modern ? 'classifier_activation' : ['activation', 'hidden_act'], 'gelu'),
    norm: root.norm(normName, embedWidth, norm),
  };
  const names = { dense, norm: normName };
  if (!settings.flag('tie_word_embeddings', true))
    return new Chain({ ...names, out }, { ...before, out: root.linear(out, embedWidth, vocab, { bias: shifted }) });
  return new Chain({ ...names, bias }, { ...before, bias: shifted ? root.parameter(bias, [vocab], 'zeros') : null, table });
}

/** The layer that makes one vector of a text, and how a family calls it. */
function poolerOf({ settings, type, root, prefix, width }: Ground): Chain {
  const name = type === 'deberta-v2' ? 'pooler.dense' : type === 'albert' ? `${prefix}pooler` : `${prefix}pooler.dense`;
  const act = type === 'deberta-v2' ? settings.text('pooler_hidden_act', 'gelu') : 'tanh';
  return new Chain({ dense: name }, { dense: root.linear(name, width, width, { bias: true }), act });
}

/** Layers from the vector of a text to the scores of classes. */
function classHead(ground: Ground): { readonly head: Chain; readonly pooler: Chain | null; readonly task: Task } {
  const { settings, type, root, width } = ground;
  const classes = settings.classes;
  const linear = (name: string, size: number): nn.Layer => root.linear(name, width, size, { bias: true });
  if (['bert', 'albert', 'deberta-v2'].includes(type)) {
    const pooler = poolerOf(ground);
    const head = new Chain({ out: 'classifier' }, { out: linear('classifier', classes) });
    return { head, pooler, task: classTask(head, ({ last }) => pooler.forward(last.get(':', 0))) };
  }
  if (type === 'modernbert') {
    const head = modernHead(ground, classes);
    const meanPooled = settings.text('classifier_pooling', 'cls') === 'mean';
    return { head, pooler: null, task: classTask(head, (body, inputs) => (meanPooled ? meanOf(body, inputs) : body.last.get(':', 0))) };
  }
  const [dense, out] = type === 'distilbert' ? ['pre_classifier', 'classifier'] : ['classifier.dense', 'classifier.out_proj'];
  const act = type === 'distilbert' ? 'relu' : type === 'electra' ? 'gelu' : 'tanh';
  const head = new Chain({ dense, out }, { dense: linear(dense!, width), act, out: linear(out!, classes) });
  return { head, pooler: null, task: classTask(head, ({ last }) => last.get(':', 0)) };
}

/** ModernBERT's head, the same for all tasks. */
function modernHead({ settings, root, width, norm }: Ground, classes: number): Chain {
  return new Chain(
    { dense: 'head.dense', norm: 'head.norm', out: 'classifier' },
    {
      dense: root.linear('head.dense', width, width, { bias: settings.flag('classifier_bias', false) }),
      act: settings.text('classifier_activation', 'gelu'),
      norm: root.norm('head.norm', width, norm),
      out: root.linear('classifier', width, classes, { bias: true }),
    },
  );
}

/** The mean of the vectors of tokens. */
function meanOf({ last }: BodyOutput, inputs: ModelInputs): Tensor {
  const mask = maybeIds(inputs.attentionMask, 'attentionMask');
  if (mask === null) return mean(last, { axis: 1 });
  const counted = mask.astype('float32');
  return gtc.div(gtc.sum(mul(last, gtc.unsqueeze(counted, -1)), { axis: 1 }), gtc.sum(counted, { axis: 1, keepdims: true }));
}

const ENCODER_TASKS = ['Model', 'ForMaskedLM', 'ForSequenceClassification', 'ForTokenClassification', 'ForQuestionAnswering'] as const;

function assembleEncoder(type: string, settings: Settings, root: Builder): Assembly {
  const spec = ENCODERS[type]!(settings);
  const task = taskOf(type, settings, type === 'electra' ? [...ENCODER_TASKS, 'ForPreTraining'] : ENCODER_TASKS);
  const prefix = task === 'Model' ? '' : spec.prefix;
  const body = new EncoderBody(spec, new Builder(root.weights, prefix));
  const ground: Ground = { settings, type, root, prefix, width: spec.width, norm: spec.norm };
  const parts = { body, prefix, pooler: null };
  const scores = (name: string, classes: number): Chain =>
    type === 'modernbert' ? modernHead(ground, classes) : new Chain({ out: name }, { out: root.linear(name, spec.width, classes, { bias: true }) });
  switch (task) {
    case 'ForMaskedLM': {
      const head = maskedHead(ground, spec.embedWidth, spec.vocab, () => body.words);
      return { ...parts, head, task: tokenTask(head) };
    }
    case 'ForSequenceClassification':
      return { ...parts, ...classHead(ground) };
    case 'ForTokenClassification': {
      const head = scores('classifier', settings.classes);
      return { ...parts, head, task: tokenTask(head) };
    }
    case 'ForQuestionAnswering': {
      const head = scores('qa_outputs', 2);
      return { ...parts, head, task: answerTask(head) };
    }
    case 'ForPreTraining': {
      const names = { dense: 'discriminator_predictions.dense', out: 'discriminator_predictions.dense_prediction' };
      const linear = (name: string, size: number): nn.Layer => root.linear(name, spec.width, size, { bias: true });
      const head = new Chain(names, { dense: linear(names.dense, spec.width), act: settings.text('hidden_act', 'gelu'), out: linear(names.out, 1) });
      return { ...parts, head, task: replacedTask(head) };
    }
    case 'Model': {
      const name = type === 'albert' ? 'pooler' : 'pooler.dense';
      const pooler = type !== 'deberta-v2' && root.has(`${name}.weight`) ? poolerOf(ground) : null;
      return { ...parts, head: null, pooler, task: streamTask(pooler) };
    }
  }
}

function assembleSeq2Seq(type: string, settings: Settings, root: Builder): Assembly {
  taskOf(type, settings, ['ForConditionalGeneration']);
  const spec = SEQ2SEQ[type]!(settings);
  const body = new Seq2SeqBody(spec, new Builder(root.weights, spec.prefix));
  // A checkpoint that has a layer of its own for the scores means it.
  const own = type === 't5' && root.has('lm_head.weight');
  const bias = spec.logitsBias && root.has('final_logits_bias') ? root.parameter('final_logits_bias', [1, spec.vocab], 'zeros').detach() : null;
  const head = own
    ? new Chain({ out: 'lm_head' }, { out: root.linear('lm_head', spec.width, spec.vocab, { bias: false }) })
    : new Chain({ bias: 'final_logits_bias' }, { table: () => body.shared, bias });
  return { body, prefix: spec.prefix, pooler: null, head, task: tokenTask(head, own && !settings.flag('tie_word_embeddings', true) ? 1 : spec.outputScale) };
}

function assembleVision(settings: Settings, root: Builder): Assembly {
  const task = taskOf('vit', settings, ['Model', 'ForImageClassification']);
  const block = visionBlock(settings);
  const { width } = block.attention;
  const prefix = task === 'Model' ? '' : 'vit.';
  const body = new VisionBody(settings, block, new Builder(root.weights, prefix));
  if (task === 'Model') {
    const pooler = root.has('pooler.dense.weight')
      ? new Chain({ dense: 'pooler.dense' }, { dense: root.linear('pooler.dense', width, width, { bias: true }), act: settings.text('pooler_act', 'tanh') })
      : null;
    return { body, prefix, head: null, pooler, task: streamTask(pooler) };
  }
  const head = new Chain({ out: 'classifier' }, { out: root.linear('classifier', width, settings.classes, { bias: true }) });
  return { body, prefix, head, pooler: null, task: classTask(head, ({ last }) => last.get(':', 0)) };
}

/** What a family's base stands under in the checkpoints of models with a head. */
export function prefixOf(type: string, settings: Settings): string {
  if (type in DECODERS) return DECODERS[type]!(settings).prefix;
  if (type in ENCODERS) return ENCODERS[type]!(settings).prefix;
  return type in SEQ2SEQ ? SEQ2SEQ[type]!(settings).prefix : 'vit.';
}

/** The family of a config. @throws {ValidationError} naming the families that are known */
export function typeOf(settings: Settings): string {
  const type = settings.text('model_type');
  if (!MODEL_TYPES.includes(type))
    throw new ValidationError(`config.model_type must be one of ${MODEL_TYPES.join(', ')}, got '${type}'`, { parameter: 'config', received: type });
  return type;
}

/** A model from its config and what gives its parameters. */
export function assemble(config: ModelJson, weights: WeightSource): TransformerModel {
  const settings = new Settings(config);
  const type = typeOf(settings);
  const root = new Builder(weights);
  const assembly =
    type in DECODERS
      ? assembleDecoder(type, settings, root)
      : type in ENCODERS
        ? assembleEncoder(type, settings, root)
        : type in SEQ2SEQ
          ? assembleSeq2Seq(type, settings, root)
          : assembleVision(settings, root);
  return new TransformerModel(config, assembly);
}
