import { readFileSync } from 'node:fs';
import { readSafetensors, writeSafetensors } from '@gtc/deployment/safetensors';
import { loadModel } from '@gtc/models/architectures';
import * as gtc from '@gtc/tensor';
import { hexDigest } from '@gtc/tensor/hash';
import * as nn from '@gtc/tensor/nn';
import { NumpyRandom, NumpyRandomState, PythonRandom, TorchGenerator } from '@gtc/tensor/random';
import { evidenceCases } from '@gtc/testing';
import { describe, it } from 'vitest';
import { injectAdapters } from '../../lora.js';
import { createOptimizer } from '../../optimizers.js';
import { memoryStore, type TensorCodec, type TrainingEvent, TrainingLoop } from '../../trainer.js';

type T = gtc.Tensor;
type File = { readonly dtype: gtc.DType; readonly shape: number[] };
type Raw<F> = { readonly input: F; readonly expect?: Readonly<Record<string, unknown>> };

const folder = process.env['GTC_EVIDENCE_DIR'];
const file = (name: string): Uint8Array =>
  new Uint8Array(
    readFileSync(folder === undefined || folder === '' ? new URL(`../../../evidence/${name}`, import.meta.url) : new URL(`file://${folder}/training/${name}`)),
  );
const read = (data: unknown, { dtype, shape }: File): T => gtc.tensor(data as number[], { dtype: dtype === 'int64' ? 'int32' : dtype }).reshape(shape);

const safetensors: TensorCodec = {
  extension: 'safetensors',
  encode: tensors => writeSafetensors(tensors),
  decode: bytes => Object.fromEntries([...readSafetensors(bytes).tensors].map(([name, x]) => [name, x.load()])),
};
/** Files of the reference's checkpoints, and ours of the same content. */
const FILES: Readonly<Record<string, string>> = {
  'model.safetensors': 'model.safetensors',
  'optimizer.safetensors': 'optimizer.pt',
  'optimizer_state.json': 'scheduler.pt',
  'trainer_state.json': 'trainer_state.json',
  'training_args.json': 'training_args.bin',
};

class Classifier extends nn.Module {
  readonly a = new nn.Linear(4, 6);
  readonly b = new nn.Linear(6, 3);
  override forward(x: T): T {
    return this.b.forward(gtc.tanh(this.a.forward(x)));
  }
}

interface Run<X> {
  readonly x: X;
  readonly y: X;
  readonly evalX: X;
  readonly evalY: X;
  readonly params: Readonly<Record<string, X>>;
}
interface Args {
  readonly num_train_epochs?: number;
  readonly [name: string]: unknown;
}
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const RENAMED: Readonly<Record<string, string>> = { perDeviceTrainBatchSize: 'trainBatchSize' };

const logOf = (event: TrainingEvent): Record<string, unknown>[] => {
  if (event.type === 'log') {
    const { loss, gradNorm: grad_norm, learningRate: learning_rate, epoch, step } = event;
    return [{ loss, grad_norm, learning_rate, epoch, step }];
  }
  return event.type === 'evaluation' ? [{ eval_loss: event.evalLoss, epoch: event.epoch, step: event.step }] : [];
};

async function trained(
  given: Run<unknown> & { readonly args: Args; readonly earlyStoppingPatience: number | null; readonly earlyStoppingThreshold: number | null },
  { input }: Raw<Run<File>>,
): Promise<unknown> {
  const model = new Classifier();
  const state = Object.fromEntries(Object.entries(given.params).map(([name, data]) => [name, read(data, input.params[name]!)]));
  model.loadStateDict(state);
  const rows = (x: 'x' | 'evalX', y: 'y' | 'evalY'): (readonly [T, number])[] => {
    const [xs, ys] = [read(given[x], input[x]), given[y] as number[]];
    return ys.map((label, i) => [xs.get(i), label] as const);
  };
  const { metric_for_best_model: _metric, greater_is_better: _greater, ...rest } = given.args;
  const args = Object.fromEntries(Object.entries(rest).map(([name, value]) => [RENAMED[camel(name)] ?? camel(name), value]));
  const store = memoryStore();
  const loop = new TrainingLoop({
    model,
    lossOf: batch =>
      nn.crossEntropy(
        model.forward(gtc.stack(batch.map(([x]) => x))),
        gtc.tensor(
          batch.map(([, y]) => y),
          { dtype: 'int32' },
        ),
      ),
    train: rows('x', 'y'),
    evaluation: rows('evalX', 'evalY'),
    args: {
      ...args,
      evalBatchSize: 4,
      shuffle: false,
      earlyStoppingPatience: given.earlyStoppingPatience,
      earlyStoppingThreshold: given.earlyStoppingThreshold ?? 0,
    },
    store,
    codec: safetensors,
  });
  const logHistory: unknown[] = [];
  const { globalStep, maxSteps, epoch, bestMetric, bestCheckpoint, trainLoss } = await loop.run({ onEvent: event => logHistory.push(...logOf(event)) });
  const checkpoints = (await store.list()).sort();
  const content = checkpoints.length === 0 ? {} : await store.read(checkpoints.at(-1)!);
  // The reference keeps the states of its generators in a file; here they follow from seed and step.
  const checkpointFiles = checkpoints.length === 0 ? [] : [...Object.keys(content).map(name => FILES[name]!), 'rng_state.pth'].sort();
  const finalParams = Object.fromEntries(Object.entries(model.stateDict()).map(([name, x]) => [name, x.tolist()]));
  return { globalStep, maxSteps, epoch, logHistory, checkpoints, checkpointFiles, bestMetric, bestCheckpoint, trainLoss, finalParams };
}

const many = <V>(count: number, draw: () => V): V[] => Array.from({ length: count }, draw);

const answers = {
  'Trainer.train': trained,
  setAllSeeds: ({ seed }: { readonly seed: number }) => {
    const [python, legacy, pcg, torch] = [new PythonRandom(seed), new NumpyRandomState(seed), new NumpyRandom(seed), new TorchGenerator(seed)];
    return {
      pythonRandom: many(4, () => python.random()),
      pythonRandint: many(4, () => python.randint(0, 1000)),
      pythonShuffle: python.shuffle([...Array(10).keys()]),
      pythonGauss: many(3, () => python.gauss()),
      pythonSample: python.sample(100, 5),
      numpyLegacyRand: many(4, () => legacy.random()),
      numpyLegacyRandn: many(4, () => legacy.standardNormal()),
      numpyLegacyRandint: many(4, () => legacy.randint(0, 1000)),
      numpyLegacyPermutation: legacy.permutation(8),
      numpyPcg64: many(4, () => pcg.random()),
      numpyPcg64Normal: many(4, () => pcg.standardNormal()),
      numpyPcg64Integers: many(4, () => Number(pcg.integers(0, 1000))),
      torchRand: [...torch.uniform(4)],
      torchRandn: [...torch.normal(4)],
      torchRandn20: [...torch.normal(20)],
      torchRandperm: [...torch.randperm(8)],
      torchRandint: torch.randint(0, 1000, 4),
      torchBernoulli: [...torch.bernoulli(Array(8).fill(0.3))],
      torchMultinomial: [...torch.multinomial([0.1, 0.2, 0.7], 6, { replacement: true })],
      torchRandDouble: [...torch.doubles(3)],
      torchExponential: [...torch.exponential(3)],
    };
  },
  computeHash: ({ text }: { readonly text: string }) => {
    return { md5: hexDigest('md5', text), sha256: hexDigest('sha256', text), xxh64: hexDigest('xxh64', text), xxh3_64: hexDigest('xxh3_64', text) };
  },
};

describe('evidence: trainer', () => {
  it.each(evidenceCases('training/trainer', answers as never, import.meta.url, '../../../evidence/trainer.json'))('$name', c => c.run());
});

interface Curve {
  readonly model: { readonly $dir: string };
  readonly batches: { readonly $tensor: string };
  readonly dtype?: 'f32' | 'f64';
  readonly steps: number;
  readonly optimizer: { readonly type: string; readonly lr: number; readonly betas: [number, number]; readonly momentum: number; readonly weightDecay: number };
  readonly maxGradNorm: number | null;
  readonly scheduler: { readonly type: never; readonly warmup: number };
  readonly gradientAccumulation: number;
  readonly lora: { readonly r: number; readonly loraAlpha: number; readonly targetModules: string[]; readonly initPrefix: string };
}

/** The model of a case, its texts in order, and the scores of the last place of the first. */
function groundOf({ model: { $dir }, batches, dtype }: Curve) {
  const config = JSON.parse(new TextDecoder().decode(file(`${$dir}/config.json`))) as Record<string, unknown>;
  const model = loadModel(config, readSafetensors(file(`${$dir}/model.safetensors`)).tensors);
  if (dtype === 'f64') model.to({ dtype: 'float64' });
  const side = readSafetensors(file('loss_curve.safetensors')).tensors;
  const all = side.get(batches.$tensor)!.load().astype('int32');
  const [count, size, length] = all.shape as [number, number, number];
  const rows = all.reshape([count * size, length]).tolist() as number[][];
  const lastRow = (): unknown => gtc.noGrad(() => model.forward({ inputIds: [rows[0]!] }).logits!.get(0, -1)).tolist();
  return { model, side, rows, size, lastRow };
}

/** Losses of every batch, and norms and rates of every step. */
async function curveOf(loop: (lossOf: (batch: readonly number[][]) => T) => TrainingLoop<number[]>, lossOf: (batch: readonly number[][]) => T) {
  const [losses, gradNorms, lrs]: [number[], number[], number[]] = [[], [], []];
  await loop(batch => {
    const loss = lossOf(batch as number[][]);
    losses.push(loss.item() as number);
    return loss;
  }).run({
    onEvent: event => {
      if (event.type !== 'log') return;
      gradNorms.push(event.gradNorm);
      lrs.push(event.learningRate);
    },
  });
  return { losses, gradNorms, lrs };
}

const curves = {
  trainLanguageModel: async (given: Curve) => {
    const { model, rows, size, lastRow } = groundOf(given);
    const { optimizer: settings, maxGradNorm, scheduler, gradientAccumulation, steps } = given;
    const parameters = model.parameters();
    const { lr, betas, momentum, weightDecay } = settings;
    const optimizer =
      settings.type === 'adamw'
        ? createOptimizer(
            'AdamW',
            [
              { params: parameters.filter(({ ndim }) => ndim >= 2), weightDecay },
              { params: parameters.filter(({ ndim }) => ndim < 2), weightDecay: 0 },
            ].filter(({ params }) => params.length > 0),
            { lr, betas },
          )
        : createOptimizer('SGD', parameters, { lr, momentum });
    const lossOf = (batch: readonly number[][]): T => model.forward({ inputIds: batch, labels: batch }).loss!;
    const curve = await curveOf(
      recorded =>
        new TrainingLoop({
          model,
          lossOf: recorded as never,
          train: rows,
          optimizer,
          args: {
            trainBatchSize: size,
            gradientAccumulationSteps: gradientAccumulation,
            maxSteps: steps / gradientAccumulation,
            learningRate: lr,
            lrSchedulerType: scheduler.type,
            warmupSteps: scheduler.warmup,
            maxGradNorm: maxGradNorm ?? 0,
            loggingSteps: 1,
            saveStrategy: 'no',
            shuffle: false,
          },
        }),
      lossOf,
    );
    const norms = model.namedParameters().map(([name, p]) => [name, gtc.vectorNorm(p.detach().flatten()).item()] as const);
    return { ...curve, finalLogitsRow: lastRow(), finalParamNorms: Object.fromEntries(norms) };
  },
  trainLora: async (given: Curve) => {
    const { model, side, rows, size, lastRow } = groundOf(given);
    const { lora, optimizer, steps } = given;
    const { r, loraAlpha, targetModules, initPrefix } = lora;
    const adapted = injectAdapters(model, { r, loraAlpha, targetModules });
    adapted.load(
      new Map([...side].flatMap(([name, x]) => (name.startsWith(initPrefix) ? [[name.slice(initPrefix.length).replace('.default', ''), x] as const] : []))),
    );
    const lossOf = (batch: readonly number[][]): T => model.forward({ inputIds: batch, labels: batch }).loss!;
    const { losses } = await curveOf(
      recorded =>
        new TrainingLoop({
          model: adapted,
          lossOf: recorded as never,
          train: rows,
          args: {
            trainBatchSize: size,
            maxSteps: steps,
            learningRate: optimizer.lr,
            weightDecay: optimizer.weightDecay,
            lrSchedulerType: 'constant',
            maxGradNorm: 0,
            saveStrategy: 'no',
            shuffle: false,
          },
        }),
      lossOf,
    );
    const { trainable } = adapted.count();
    const finalLogitsRow = lastRow();
    adapted.mergeAndUnload();
    return { losses, finalLogitsRow, mergedLogitsRow: lastRow(), trainableParams: trainable };
  },
};

describe('evidence: loss_curve', () => {
  it.each(evidenceCases('training/loss_curve', curves as never, import.meta.url, '../../../evidence/loss_curve.json'))('$name', c => c.run());
});

describe('evidence: loss_curve_double', () => {
  it.each(evidenceCases('training/loss_curve_double', curves as never, import.meta.url, '../../../evidence/loss_curve_double.json'))('$name', c => c.run());
});
