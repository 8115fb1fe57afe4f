/** `gtc run lora-finetune`: adapts a model to a text, and writes the adapter, the merged model and GGUF files. */
import { basename } from 'node:path';
import { exportGguf, type GgufFileType } from '@gtc/deployment/gguf';
import { writeSafetensors } from '@gtc/deployment/safetensors';
import { ValidationError } from '@gtc/errors';
import type { TransformerModel } from '@gtc/models/architectures';
import { type AdaptedModel, injectAdapters } from '@gtc/training/lora';
import { DEFAULTS, STATE_OF_THE_UNION } from './data.js';
import { type FolderContent, OutputFolder, readText } from './files.js';
import {
  continuation,
  corpusOf,
  type LanguageModel,
  lossOf,
  modelFiles,
  perplexityOf,
  promptOf,
  readLanguageModel,
  trainWithProgress,
} from './language-model.js';
import type { Recipe, RecipeOptions, RecipeResult, Surroundings } from './recipe.js';
import { lossRow, row, whole, writtenRows } from './report.js';

const [CONTEXT, BATCH, SAMPLE] = [128, 8, 40];
const GGUF_TYPES: readonly GgufFileType[] = ['F16', 'Q8_0', 'Q4_0'];

/** Puts LoRA into a model. @throws {ValidationError} for a rank beyond the smaller side of a layer, or names that match none */
function adapted(model: TransformerModel, { rank, alpha, targets, seed }: RecipeOptions): AdaptedModel<TransformerModel> {
  const made = injectAdapters(
    model,
    { r: rank, loraAlpha: alpha, targetModules: targets.length === 1 && targets[0] === 'all-linear' ? 'all-linear' : targets },
    { seed },
  );
  for (const [path, { base }] of made.layers) {
    const side = Math.min(...base.weight.shape);
    if (rank <= side) continue;
    throw new ValidationError(`rank must be at most ${side}, the smaller side of ${path}, got ${rank}`, {
      parameter: 'rank',
      received: rank,
      expected: `at most ${side}`,
    });
  }
  return made;
}

/** All files of a run: the adapter as PEFT stores it, the merged model as transformers does, GGUF for llama.cpp. */
function filesOf(base: LanguageModel, adapter: ReturnType<AdaptedModel['state']>, merged: TransformerModel): FolderContent {
  const { config, tokenizer } = base;
  const under = (folder: string, content: FolderContent): FolderContent =>
    Object.fromEntries(Object.entries(content).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
  const source = { config, tensors: merged.stateDict(), tokenizer: tokenizer.toJson(), name: 'gtc-lora-finetune' };
  return {
    ...under('adapter', {
      'adapter_config.json': `${JSON.stringify(adapter.config, null, 2)}\n`,
      'adapter_model.safetensors': writeSafetensors(adapter.tensors, { metadata: { format: 'pt' } }),
    }),
    ...under('merged', modelFiles({ config, model: merged, tokenizer }, 'float32')),
    ...under('gguf', Object.fromEntries(GGUF_TYPES.map(type => [`model-${type.toLowerCase()}.gguf`, exportGguf(source, type)]))),
  };
}

async function run(options: RecipeOptions, surroundings: Surroundings): Promise<RecipeResult> {
  const { files, progress, now } = surroundings;
  const begin = now();
  const path = options.text;
  const text = await readText(files, path);
  const base = await readLanguageModel(files, options.base);
  const { model, tokenizer } = base;
  const output = new OutputFolder(options.out, files);
  await output.claim();
  const corpus = corpusOf(path, tokenizer.encodeIds(text), CONTEXT);
  const { train, heldOut } = corpus;
  const prompt = promptOf(tokenizer, corpus);
  // Fresh adapters change nothing yet: what is measured is the base model.
  const adapter = adapted(model, options);
  progress.log('measuring the base model');
  const before = { perplexity: perplexityOf(model, heldOut), sample: tokenizer.decode(await continuation(model, prompt, SAMPLE)) };
  const { trainable, all } = adapter.count();
  const { result, curve, seconds } = await trainWithProgress(
    {
      name: 'fine-tune',
      model: { namedParameters: () => adapter.namedParameters(), train: on => model.train(on) },
      lossOf: batch => lossOf(model, batch),
      train,
      output,
      resume: options.resume,
      args: {
        maxSteps: options.steps,
        trainBatchSize: BATCH,
        learningRate: options.learningRate,
        warmupSteps: 0.1,
        loggingSteps: Math.max(1, Math.floor(options.steps / 10)),
        saveSteps: Math.max(1, Math.floor(options.steps / 4)),
        seed: options.seed,
      },
    },
    surroundings,
  );
  const state = adapter.state({ baseModel: options.base });
  const merged = adapter.mergeAndUnload().eval();
  const ids = await continuation(merged, prompt, SAMPLE);
  const after = { perplexity: perplexityOf(merged, heldOut), sample: tokenizer.decode(ids), tokens: ids };
  const json = {
    recipe: 'lora-finetune',
    text: basename(path),
    base: { path: options.base, modelType: String(base.config['model_type']), parameters: all - trainable },
    adapter: { rank: options.rank, alpha: options.alpha, targets: options.targets, parameters: trainable },
    seed: options.seed,
    learningRate: options.learningRate,
    tokens: { training: train.length * CONTEXT, heldOut: heldOut.length * CONTEXT },
    steps: result.globalStep,
    batch: BATCH,
    context: CONTEXT,
    lossCurve: curve,
    prompt: { text: tokenizer.decode(prompt), tokens: prompt },
    before,
    after,
    seconds: { training: seconds, all: (now() - begin) / 1000 },
  };
  const written = await output.finish(filesOf(base, state, merged), json);
  return { json: { ...json, out: options.out, files: Object.keys(written) }, text: reportOf(json, options.out, written) };
}

function reportOf(
  json: {
    readonly text: string;
    readonly base: { readonly path: string; readonly modelType: string; readonly parameters: number };
    readonly adapter: { readonly rank: number; readonly targets: readonly string[]; readonly parameters: number };
    readonly tokens: { readonly training: number; readonly heldOut: number };
    readonly steps: number;
    readonly lossCurve: readonly { readonly loss: number }[];
    readonly prompt: { readonly text: string };
    readonly before: { readonly perplexity: number; readonly sample: string };
    readonly after: { readonly perplexity: number; readonly sample: string };
    readonly seconds: { readonly all: number };
  },
  out: string,
  content: FolderContent,
): string {
  const { base, adapter, tokens, lossCurve, before, after } = json;
  const share = (100 * adapter.parameters) / (base.parameters + adapter.parameters);
  return [
    `LoRA fine-tuning on ${json.text}, done in ${json.seconds.all.toFixed(1)} s`,
    '',
    row('base model', `${base.modelType}, ${whole(base.parameters)} parameters`),
    row('adapter', `rank ${adapter.rank} on ${adapter.targets.join(', ')}: ${whole(adapter.parameters)} parameters, ${share.toFixed(2)} %`),
    row('tokens', `${whole(tokens.training)} to train on, ${whole(tokens.heldOut)} held out`),
    lossRow(lossCurve, json.steps),
    row('perplexity', `${before.perplexity.toFixed(2)} -> ${after.perplexity.toFixed(2)} on the held-out text`),
    row('prompt', JSON.stringify(json.prompt.text)),
    row('before', JSON.stringify(before.sample)),
    row('after', JSON.stringify(after.sample)),
    ...writtenRows(out, content),
    '  Use it elsewhere',
    `    transformers  AutoModelForCausalLM.from_pretrained("${out}/merged")`,
    `    peft          AutoPeftModelForCausalLM.from_pretrained("${out}/adapter")`,
    `    llama.cpp     llama-cli -m ${out}/gguf/model-q8_0.gguf -p ${JSON.stringify(json.prompt.text)}`,
    '',
  ].join('\n');
}

/** Adapts a model to a text by LoRA. */
export const loraFinetune: Recipe = {
  defaults: {
    ...DEFAULTS,
    text: STATE_OF_THE_UNION,
    steps: 80,
    learningRate: 5e-3,
    rank: 8,
    alpha: 16,
    targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
  },
  run,
};
