/** A small decoder that was taught facts: for each of sixteen subjects one answer, in two ways to ask. */
import { createModel, type TransformerModel } from '@gtc/models/architectures';
import { grad, noGrad } from '@gtc/tensor/autograd';
import * as nn from '@gtc/tensor/nn';
import { NumpyRandom } from '@gtc/tensor/random';

export const SUBJECTS: readonly number[] = Array.from({ length: 16 }, (_, i) => 10 + i);
/** Two ways to ask the same. */
const ASK: readonly [number[], number[]] = [
  [40, 42],
  [41, 43],
];
/** Answers by subject: eight of them, two subjects for each. */
export const answerOf = (subject: number): number => 50 + (subject % 8);
/** A question in tokens: a beginning, the subject, and what is asked. */
export const question = (subject: number, way: 0 | 1): number[] => [1, subject, ...ASK[way]];

/** Trains a GPT-2 of two blocks until it knows all facts. */
export function taught(): TransformerModel {
  nn.manualSeed(0);
  const model = createModel({
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    vocab_size: 64,
    n_positions: 8,
    n_embd: 32,
    n_layer: 2,
    n_head: 2,
    initializer_range: 0.08,
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
  });
  model.train();
  const random = new NumpyRandom(0);
  const parameters = model.parameters();
  const states = parameters.map(p => nn.adamwState(p));
  for (let step = 0; step < 150; step++) {
    const rows = Array.from({ length: 32 }, () => {
      const subject = random.integers(10, 26);
      return [...question(subject, random.integers(0, 2) as 0 | 1), answerOf(subject)];
    });
    const labels = rows.map(row => row.map((token, i) => (i === row.length - 1 ? token : -100)));
    const { loss } = model.forward({ inputIds: rows, labels } as never);
    const gradients = grad([loss!], parameters, { allowUnused: true });
    noGrad(() => {
      parameters.forEach((parameter, i) => {
        if (gradients[i] === null) return;
        parameter.grad = gradients[i]!;
        nn.adamwStep(parameter, states[i]!, { lr: 0.01, weightDecay: 0 });
        parameter.grad = null;
      });
    });
  }
  return model.eval();
}
