import { readFileSync } from 'node:fs';
import { readSafetensors } from '@gtc/deployment/safetensors';
import { loadModel } from '@gtc/models/architectures';
import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { evidenceCases } from '@gtc/testing';
import { describe, it } from 'vitest';
import * as lora from '../../lora.js';

type T = gtc.Tensor;
type File = { readonly dtype: gtc.DType; readonly shape: number[] };
type Files = Readonly<Record<string, File>>;
type Raw<F> = { readonly input: F; readonly expect?: Readonly<Record<string, unknown>> };
type Dir = { readonly $dir: string };

const folder = process.env['GTC_EVIDENCE_DIR'];
const file = (name: string): Uint8Array =>
  new Uint8Array(
    readFileSync(folder === undefined || folder === '' ? new URL(`../../../evidence/${name}`, import.meta.url) : new URL(`file://${folder}/training/${name}`)),
  );
const json = (name: string): Record<string, unknown> => JSON.parse(new TextDecoder().decode(file(name))) as Record<string, unknown>;

const read = (data: unknown, { dtype, shape }: File): T => gtc.tensor(data as number[], { dtype: dtype === 'int64' ? 'int32' : dtype }).reshape(shape);
const all = (data: Readonly<Record<string, unknown>>, files: Files): Record<string, T> =>
  Object.fromEntries(Object.entries(data).map(([name, each]) => [name, read(each, files[name]!)]));
const lists = (tensors: Readonly<Record<string, T>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.tolist()]));

/** The names of a running PEFT model as its files have them. */
const stored = (name: string): string =>
  name.replace('.default', '').replace('modules_to_save.', '').replace('lora_magnitude_vector.weight', 'lora_magnitude_vector');

/** The models of the evidence: a table and two layers, or one convolution. */
class Tiny extends nn.Module {
  emb: nn.Layer;
  fc1: nn.Layer;
  fc2: nn.Layer;
  constructor(weights: Readonly<Record<string, T>>) {
    super();
    const [h, d] = (weights['fc1.weight'] ?? gtc.ones([8, 6])).shape as [number, number];
    const [rows] = (weights['emb.weight'] ?? gtc.ones([7, d])).shape as [number];
    const [o] = (weights['fc2.weight'] ?? gtc.ones([4, h])).shape as [number];
    this.emb = new nn.Embedding(rows, d);
    this.fc1 = new nn.Linear(d, h);
    this.fc2 = new nn.Linear(h, o, { bias: false });
  }
  override forward(x: T): T {
    return this.fc2.forward(gtc.tanh(this.fc1.forward(x.dtype === 'int32' ? this.emb.forward(x) : x)));
  }
}
class Conv extends nn.Module {
  c: nn.Layer = new nn.Conv2d(3, 4, 3, { stride: 2, padding: 1 });
  override forward(x: T): T {
    return this.c.forward(x);
  }
}

interface Adapter<X> {
  readonly config: Readonly<Record<string, never>>;
  readonly base: Readonly<Record<string, X>>;
  readonly adapter: Readonly<Record<string, X>>;
  readonly x: X;
  readonly gradOut?: X;
}

function modelOf(weights: Readonly<Record<string, T>>): Tiny | Conv {
  const model = 'c.weight' in weights ? new Conv() : new Tiny(weights);
  model.loadStateDict(weights, { strict: false });
  return model;
}

const answers = {
  applyAdapter: (given: Adapter<unknown>, { input, expect: expected }: Raw<Adapter<File>>) => {
    const model = modelOf(all(given.base ?? {}, input.base ?? {}) as never);
    const adapted = lora.injectAdapters(model as nn.Module, given.config as never);
    const names = Object.keys(given.adapter);
    adapted.load(Object.fromEntries(Object.entries(all(given.adapter, input.adapter)).map(([name, x]) => [stored(name), x])));
    const x = read(given.x, input.x);
    const y = model.forward(x);
    const result: Record<string, unknown> = { y: y.detach().tolist() };
    if (given.gradOut === undefined) return result;
    const own = new Map(adapted.namedParameters());
    const leaves = names.map(name => own.get(stored(name))!);
    const gradients = gtc.grad([y], leaves, { gradOutputs: [read(given.gradOut, input.gradOut!)] });
    result['gradAdapter'] = Object.fromEntries(names.map((name, i) => [name, gradients[i]!.tolist()]));
    result['trainable'] = adapted.count().trainable;
    const merged = adapted.mergeAndUnload() as Tiny;
    const wanted = Object.keys(expected!['merged'] as object);
    result['merged'] = lists(Object.fromEntries(Object.entries(merged.stateDict()).filter(([name]) => wanted.includes(name))));
    result['yMerged'] = merged.forward(x).detach().tolist();
    return result;
  },
  adaloraOrthogonalLoss: ({ adapter, weight }: Adapter<unknown> & { readonly weight: number }, { input }: Raw<Adapter<File>>) => ({
    loss: lora.adaloraOrthogonalLoss(all(adapter, input.adapter), { weight }).item(),
  }),
  adaloraBudget: (plan: lora.BudgetPlan) => {
    const steps = Array.from({ length: plan.totalStep + 1 }, (_, step) => lora.adaloraBudget(step, plan));
    return { budget: steps.map(({ budget }) => budget), mask: steps.map(({ cuts }) => cuts) };
  },
  initLora: (
    { init, weight, r, loraAlpha }: { readonly init: never; readonly weight: unknown; readonly r: number; readonly loraAlpha: number },
    { input }: Raw<{ readonly weight: File }>,
  ) => {
    const scaling = loraAlpha / r;
    const { a, b, residual } = lora.initLora(init, read(weight, input.weight), { r, scaling });
    return { delta: b.matmul(a).mul(scaling).tolist(), residualWeight: residual!.tolist() };
  },
  extractLora: ({ delta, rank }: { readonly delta: unknown; readonly rank: number }, { input }: Raw<{ readonly delta: File }>) => {
    const { a, b, error } = lora.extractLora(read(delta, input.delta), rank);
    return { approx: b.matmul(a).tolist(), error };
  },
  addWeightedAdapter: (
    given: {
      readonly adapters: Readonly<Record<string, unknown>>;
      readonly use: readonly string[];
      readonly weights: readonly number[];
      readonly combinationType: never;
      readonly scaling: Readonly<Record<string, number>>;
      readonly density?: number;
      readonly svd_rank?: number;
    },
    { input }: Raw<{ readonly adapters: Files }>,
  ) => {
    const tensors = all(given.adapters, input.adapters);
    const pairs = given.use.map(name => ({
      a: tensors[`base_model.model.fc1.lora_A.${name}.weight`]!,
      b: tensors[`base_model.model.fc1.lora_B.${name}.weight`]!,
      scaling: given.scaling[name]!,
    }));
    const { combinationType, density = 1, svd_rank: svdRank = null } = given;
    const { a, b } = lora.addWeightedAdapter(pairs, given.weights, { combinationType, density, svdRank });
    return { delta: b.matmul(a).tolist() };
  },
  loadAdapter: (given: { readonly base: Dir; readonly adapter: Dir; readonly inputIds: unknown }, { input }: Raw<{ readonly inputIds: File }>) => {
    const model = loadModel(json(`${given.base.$dir}/config.json`), readSafetensors(file(`${given.base.$dir}/model.safetensors`)).tensors);
    const config = json(`${given.adapter.$dir}/adapter_config.json`);
    const { tensors } = readSafetensors(file(`${given.adapter.$dir}/adapter_model.safetensors`));
    const inputIds = read(given.inputIds, input.inputIds);
    if (lora.isPromptConfig(config)) {
      const prompt = lora.loadPrompt(model, { config, tensors });
      const { logits } = prompt.forward({ inputIds });
      return { logits: logits!.get(':', '-5:').tolist(), trainable: prompt.trainable };
    }
    const adapted = lora.loadAdapter(model, { config, tensors });
    return { logits: model.forward({ inputIds }).logits!.detach().tolist(), trainable: adapted.count().trainable };
  },
  estimateLoraParameters: ({ config, targetModules, r }: { readonly config: lora.LlamaShape; readonly targetModules: readonly string[]; readonly r: number }) =>
    lora.countLoraParameters(config, { targetModules, r }),
};

describe('evidence: peft', () => {
  it.each(evidenceCases('training/peft', answers as never, import.meta.url, '../../../evidence/peft.json'))('$name', c => c.run());
});
