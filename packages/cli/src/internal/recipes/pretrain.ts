/** `gtc run pretrain`: a byte-level BPE and a small Llama from one text. */
import { basename } from 'node:path';
import { createModel } from '@gtc/models/architectures';
import { trainTokenizer } from '@gtc/preprocessing/tokenizer-training';
import { DEFAULTS, MOBY_DICK } from './data.js';
import { OutputFolder, readText } from './files.js';
import { continuation, corpusOf, type LanguageModel, lossOf, modelFiles, perplexityOf, promptOf, trainWithProgress } from './language-model.js';
import type { Recipe, RecipeOptions, RecipeResult, Surroundings } from './recipe.js';
import { lossRow, row, whole, writtenRows } from './report.js';

const [VOCABULARY, CONTEXT, BATCH] = [1024, 128, 8];
const END = '<|endoftext|>';

/** A Llama small enough to be trained on a laptop; rows of its matrices are multiples of 32, the blocks of GGUF. */
const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 128,
  intermediate_size: 352,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 32,
  hidden_act: 'silu',
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  initializer_range: 0.02,
  vocab_size: VOCABULARY,
  bos_token_id: 0,
  eos_token_id: 0,
} as const;

/** Of all bytes, so that no text is unknown. */
const learnTokenizer = (text: string): LanguageModel['tokenizer'] =>
  trainTokenizer(text.split(/(?<=\n\n)/), {
    vocabSize: VOCABULARY,
    initialAlphabet: 'bytes',
    specialTokens: [END],
    preTokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  });

async function run(options: RecipeOptions, surroundings: Surroundings): Promise<RecipeResult> {
  const { files, progress, now } = surroundings;
  const begin = now();
  const path = options.text;
  const text = await readText(files, path);
  const output = new OutputFolder(options.out, files);
  await output.claim();
  progress.log('learning tokens');
  const tokenizer = learnTokenizer(text);
  const ids = tokenizer.encodeIds(text);
  const corpus = corpusOf(path, ids, CONTEXT);
  const { train, heldOut } = corpus;
  const prompt = promptOf(tokenizer, corpus);
  const model = createModel(CONFIG, { seed: options.seed });
  const { result, curve, seconds } = await trainWithProgress(
    {
      name: 'pretrain',
      model,
      lossOf: batch => lossOf(model, batch),
      train,
      output,
      resume: options.resume,
      args: {
        maxSteps: options.steps,
        trainBatchSize: BATCH,
        learningRate: options.learningRate,
        weightDecay: 0.1,
        adamBeta2: 0.95,
        warmupSteps: 0.05,
        loggingSteps: Math.max(1, Math.floor(options.steps / 20)),
        saveSteps: 100,
        seed: options.seed,
      },
    },
    surroundings,
  );
  model.eval();
  const perplexity = perplexityOf(model, heldOut);
  const sample = tokenizer.decode(await continuation(model, prompt, 40));
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  const json = {
    recipe: 'pretrain',
    text: basename(path),
    seed: options.seed,
    learningRate: options.learningRate,
    tokens: { vocabulary: tokenizer.vocabSize, training: train.length * CONTEXT, heldOut: heldOut.length * CONTEXT },
    parameters,
    steps: result.globalStep,
    batch: BATCH,
    context: CONTEXT,
    lossCurve: curve,
    perplexity,
    prompt: tokenizer.decode(prompt),
    sample,
    seconds: { training: seconds, all: (now() - begin) / 1000 },
  };
  const content = await output.finish(modelFiles({ config: CONFIG, model, tokenizer }, 'float16'), json);
  return { json: { ...json, out: options.out, files: Object.keys(content) }, text: reportOf(json, options.out, content) };
}

function reportOf(
  json: {
    readonly text: string;
    readonly tokens: { readonly vocabulary: number; readonly training: number; readonly heldOut: number };
    readonly parameters: number;
    readonly steps: number;
    readonly lossCurve: readonly { readonly loss: number }[];
    readonly perplexity: number;
    readonly prompt: string;
    readonly sample: string;
    readonly seconds: { readonly all: number };
  },
  out: string,
  content: Readonly<Record<string, Uint8Array | string>>,
): string {
  const { tokens, lossCurve } = json;
  return [
    `A small Llama, trained on ${json.text} in ${json.seconds.all.toFixed(1)} s`,
    '',
    row('tokens', `${whole(tokens.training)} to train on, ${whole(tokens.heldOut)} held out, ${whole(tokens.vocabulary)} different`),
    row('parameters', whole(json.parameters)),
    lossRow(lossCurve, json.steps),
    row('perplexity', `${json.perplexity.toFixed(2)} on the held-out text`),
    row('prompt', JSON.stringify(json.prompt)),
    row('it goes on', JSON.stringify(json.sample)),
    ...writtenRows(out, content),
    `  Fine-tune it: gtc run lora-finetune --base ${out}`,
    '',
  ].join('\n');
}

/** Trains a tokenizer and a small base model. */
export const pretrain: Recipe = {
  defaults: { ...DEFAULTS, text: MOBY_DICK, steps: 1600, learningRate: 3e-3, rank: 8, alpha: 16 },
  run,
};
