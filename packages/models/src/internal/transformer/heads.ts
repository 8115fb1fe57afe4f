/** What stands on top of a stream for a task, and the loss of that task. */
import { ShapeError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { add, mul, Tensor, tanh } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { activation } from '../activations/functions.js';
import { balanceLoss } from './experts.js';
import { type BodyOutput, type ForwardOptions, type Ids, idsOf, type ModelInputs, type ModelOutput, maybeIds } from './inputs.js';
import { Named, type Names } from './parts.js';

/** Embeddings that serve as the layer of scores. */
export type Table = Pick<nn.Embedding, 'attend'>;

/** Layers from a stream to scores: a dense layer with its activation, a norm, and the scores; each may be missing. */
export class Chain extends Named {
  readonly dense: nn.Layer | null;
  readonly norm: nn.Layer | null;
  readonly out: nn.Layer | null;
  readonly bias: Tensor | null;
  readonly #act: string;
  readonly #table: (() => Table) | null;

  /** @param parts `table` gives the embeddings whose rows are scored */
  constructor(
    names: Names,
    {
      dense = null,
      act = 'linear',
      norm = null,
      out = null,
      bias = null,
      table = null,
    }: {
      readonly dense?: nn.Layer | null;
      readonly act?: string;
      readonly norm?: nn.Layer | null;
      readonly out?: nn.Layer | null;
      readonly bias?: Tensor | null;
      readonly table?: (() => Table) | null;
    },
  ) {
    super(names);
    this.dense = dense;
    this.norm = norm;
    this.out = out;
    this.bias = bias;
    this.#act = act;
    this.#table = table;
  }

  /** What goes into the scores. */
  before(x: Tensor): Tensor {
    const wide = this.dense === null ? x : activation(this.dense.forward(x), this.#act);
    return this.norm === null ? wide : this.norm.forward(wide);
  }

  override forward(x: Tensor): Tensor {
    const features = this.before(x);
    if (this.out !== null) return this.out.forward(features);
    if (this.#table === null) return features;
    return this.#table().attend(features, this.bias?.flatten() ?? null);
  }
}

/** Computes the answers of a task from a stream. */
export type Task = (body: BodyOutput, inputs: ModelInputs, options: ForwardOptions) => ModelOutput;

/** The vectors of the first tokens, `[batch, width]`. */
const firstOf = (x: Tensor): Tensor => x.get(':', 0);

const IGNORED = -100;

/** The mean cross-entropy of scores `[..., classes]` and labels; -100: not counted. */
function meanCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return nn.crossEntropy(logits.reshape([-1, logits.shape.at(-1)!]), labels.contiguous().reshape([-1]), { ignoreIndex: IGNORED });
}

/** Labels one place earlier, the last place without: scores stay where they are. */
function nextOf(labels: Tensor): Tensor {
  const end = gtc.full([labels.shape[0]!, 1], IGNORED, { dtype: labels.dtype });
  return gtc.cat([labels.get(':', '1:'), end], { axis: 1 });
}

const tokenLabels = ({ labels }: ModelInputs): Tensor | null => maybeIds(labels as Ids | null | undefined, 'labels');

/** Labels of classes, a number for each text. */
function classLabels({ labels }: ModelInputs, batch: number): Tensor | null {
  if (labels === null || labels === undefined) return null;
  const x = labels instanceof Tensor ? labels : gtc.tensor(labels as number[]);
  ShapeError.check({ labels: [x, [batch]] });
  return x;
}

/** How scores of tokens are bent. */
export interface ScoresSpec {
  readonly scale?: number;
  readonly softcap?: number | null;
}

/** The next token at each place. */
export function causalTask(
  head: Chain,
  { scale = 1, softcap = null }: ScoresSpec,
  experts: { readonly perToken: number; readonly weight: number } | null,
): Task {
  return (body, inputs, { logitsToKeep = null, cache = null }) => {
    const kept = logitsToKeep === null ? body.last : body.last.get(':', `-${logitsToKeep}:`);
    const raw = head.forward(kept);
    const scaled = scale === 1 ? raw : mul(raw, scale);
    const logits = softcap === null ? scaled : mul(tanh(mul(scaled, 1 / softcap)), softcap);
    const labels = tokenLabels(inputs);
    const loss = labels === null ? null : meanCrossEntropy(logits, nextOf(labels));
    // With a cache the tokens at hand are a part of the text, of which its balance says nothing.
    if (experts === null || cache !== null) return { logits, ...(loss === null ? {} : { loss }) };
    const auxLoss = balanceLoss(body.routing!, experts.perToken, maybeIds(inputs.attentionMask, 'attentionMask'));
    return { logits, auxLoss, ...(loss === null ? {} : { loss: add(loss, mul(auxLoss, experts.weight)) }) };
  };
}

/** The token at each place: masked language models, and decoders that look at an encoder. */
export function tokenTask(head: Chain, outputScale = 1): Task {
  return (body, inputs, { logitsToKeep = null }) => {
    const kept = logitsToKeep === null ? body.last : body.last.get(':', `-${logitsToKeep}:`);
    const logits = head.forward(outputScale === 1 ? kept : mul(kept, outputScale));
    const labels = tokenLabels(inputs);
    return { logits, ...(labels === null ? {} : { loss: meanCrossEntropy(logits, labels) }) };
  };
}

/** A class for each text: one score is a regression. @param pool the vector of a text */
export function classTask(head: Chain, pool: (body: BodyOutput, inputs: ModelInputs) => Tensor): Task {
  return (body, inputs) => {
    const logits = head.forward(pool(body, inputs));
    const labels = classLabels(inputs, logits.shape[0]!);
    if (labels === null) return { logits };
    const loss = logits.shape[1] === 1 ? nn.mseLoss(logits.reshape([-1]), labels.astype('float32')) : nn.crossEntropy(logits, labels.astype('int32'));
    return { logits, loss };
  };
}

/** Whether each token was put in the place of another, as ELECTRA's discriminator tells. */
export function replacedTask(head: Chain): Task {
  return (body, inputs) => {
    const logits = head.forward(body.last).squeeze({ axis: -1 });
    const labels = tokenLabels(inputs);
    if (labels === null) return { logits };
    const mask = maybeIds(inputs.attentionMask, 'attentionMask');
    const losses = nn.bceWithLogits(logits, labels.astype('float32'), { reduction: 'none' });
    if (mask === null) return { logits, loss: gtc.mean(losses) };
    const counted = mask.astype('float32');
    return { logits, loss: gtc.div(gtc.sum(mul(losses, counted)), gtc.sum(counted)) };
  };
}

/** First and last token of an answer. */
export function answerTask(head: Chain): Task {
  return (body, { startPositions, endPositions }) => {
    const both = head.forward(body.last);
    const [startLogits, endLogits] = [both.get('...', 0), both.get('...', 1)];
    if (startPositions == null || endPositions == null) return { startLogits, endLogits };
    const length = startLogits.shape[1]!;
    const place = (given: readonly number[] | Tensor, logits: Tensor): Tensor => {
      const at = (given instanceof Tensor ? given : gtc.tensor([...given], { dtype: 'int32' })).astype('int32');
      // Places outside the text count for nothing.
      const inside = gtc.where(gtc.logicalAnd(gtc.ge(at, 0), gtc.lt(at, length)), at, gtc.tensor(IGNORED, { dtype: 'int32' }));
      return nn.crossEntropy(logits, inside, { ignoreIndex: IGNORED });
    };
    return { startLogits, endLogits, loss: mul(add(place(startPositions, startLogits), place(endPositions, endLogits)), 0.5) };
  };
}

/** The stream itself, and a vector of each text where there is a layer for it. */
export function streamTask(pooler: Chain | null): Task {
  return body => ({ lastHiddenState: body.last, ...(pooler === null ? {} : { poolerOutput: pooler.forward(firstOf(body.last)) }) });
}

/** The vector of the last token that is no padding, by which decoders tell classes. */
export function lastToken({ last }: BodyOutput, inputs: ModelInputs, padToken: number | null): Tensor {
  const [batch, length] = last.shape as [number, number];
  const ids = idsOf(inputs.inputIds, 'inputIds').tolist() as number[][];
  const places = ids.map((row, i) => {
    const at = padToken === null ? length - 1 : row.findLastIndex(id => id !== padToken);
    return i * length + (at < 0 ? length - 1 : at);
  });
  return gtc.indexSelect(last.reshape([batch * length, -1]), 0, gtc.tensor(places, { dtype: 'int32' }));
}
