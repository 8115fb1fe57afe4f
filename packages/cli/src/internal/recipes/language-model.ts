/** What recipes of language models share: texts as windows of tokens, perplexity, checkpoints, training under the eyes of the user. */
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@gtc/deployment/safetensors';
import { StateError, ValidationError } from '@gtc/errors';
import { calculatePerplexity } from '@gtc/evaluation/metrics';
import { generate } from '@gtc/inference/decoding';
import { loadModel, type TransformerModel } from '@gtc/models/architectures';
import { Tokenizer } from '@gtc/preprocessing/tokenization';
import { noGrad, scope, type Tensor } from '@gtc/tensor';
import { folderStore, type Trainable, type TrainingArguments, type TrainingEvent, TrainingLoop, type TrainingResult } from '@gtc/training/trainer';
import { type Files, type FolderContent, inFile, OutputFolder, readBytes, readJson, readText, touching } from './files.js';
import type { RecipeOptions, Surroundings } from './recipe.js';

/** A row of token ids. */
export type Window = readonly number[];

/** A text that is trained on, the end of it held out. */
export interface Corpus {
  readonly train: readonly Window[];
  readonly heldOut: readonly Window[];
}

/** Share of a text that is held out, and words and tokens of a prompt. */
const [HELD_OUT, WORDS, PROMPT] = [0.1, 6, 12];

/**
 * Cuts a text into windows of equal length.
 *
 * @throws {ValidationError} for a text that does not fill a window of each part
 */
export function corpusOf(path: string, ids: Uint32Array, context: number): Corpus {
  const split = Math.floor(ids.length * (1 - HELD_OUT));
  const windows = (from: number, to: number): Window[] =>
    Array.from({ length: Math.floor((to - from) / context) }, (_, i) => [...ids.subarray(from + i * context, from + (i + 1) * context)]);
  const [train, heldOut] = [windows(0, split), windows(split, ids.length)];
  if (train.length === 0 || heldOut.length === 0) {
    const least = Math.ceil(context / HELD_OUT);
    throw new ValidationError(`${path} is too short: at least ${least} tokens are needed, it has ${ids.length}`, {
      parameter: 'text',
      received: ids.length,
      expected: `at least ${least} tokens`,
    });
  }
  return { train, heldOut };
}

/** The first words of a sentence that was held out; where there is none, the first tokens. */
export function promptOf(tokenizer: Tokenizer, { heldOut }: Corpus): Window {
  const [, sentence] = /[.!?]\s+(\p{Lu}[^.!?]{40,})/u.exec(tokenizer.decode(heldOut[0]!)) ?? [];
  if (sentence === undefined) return heldOut[0]!.slice(0, PROMPT);
  return [...tokenizer.encodeIds(sentence.split(/\s+/).slice(0, WORDS).join(' '))];
}

/** Mean negative log-likelihood of a batch. */
export const lossOf = (model: TransformerModel, batch: readonly Window[]): Tensor => model.forward({ inputIds: batch, labels: batch }).loss!;

/** Windows that are read at a time. */
const BATCH = 8;

/** Perplexity of windows, each read from its own start. */
export function perplexityOf(model: TransformerModel, windows: readonly Window[]): number {
  let sum = 0;
  for (let at = 0; at < windows.length; at += BATCH) {
    const batch = windows.slice(at, at + BATCH);
    sum += batch.length * noGrad(() => scope(() => lossOf(model, batch).item() as number));
  }
  return calculatePerplexity({ loss: sum / windows.length }).score;
}

/** What a model writes after a prompt, the likeliest token each time. */
export async function continuation(model: TransformerModel, prompt: Window, maxNewTokens: number): Promise<number[]> {
  const { sequences } = await generate(model, [prompt], { maxNewTokens });
  return sequences[0]!.slice(prompt.length);
}

/** A model with its tokenizer. */
export interface LanguageModel {
  readonly config: Readonly<Record<string, unknown>>;
  readonly model: TransformerModel;
  readonly tokenizer: Tokenizer;
}

/** Reads `config.json`, `model.safetensors` and `tokenizer.json` of a folder. @throws {FormatError} naming the file that is wrong, and how */
export async function readLanguageModel(files: Files, folder: string): Promise<LanguageModel> {
  const [configPath, weightsPath, tokenizerPath] = ['config.json', 'model.safetensors', 'tokenizer.json'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const config = await readJson(files, configPath);
  const bytes = await readBytes(files, weightsPath);
  const json = await readText(files, tokenizerPath);
  const { tensors } = inFile(weightsPath, () => readSafetensors(bytes));
  const model = inFile(folder, () => loadModel(config, tensors));
  const tokenizer = inFile(tokenizerPath, () => Tokenizer.fromJson(json));
  if (typeof config['vocab_size'] === 'number' && tokenizer.vocabSize > config['vocab_size'])
    throw new ValidationError(`${tokenizerPath} has ${tokenizer.vocabSize} tokens, more than the ${config['vocab_size']} of config.json`, {
      parameter: 'base',
    });
  return { config, model, tokenizer };
}

/** A model that is measured on the held-out end of a text, the folder of the run claimed. @throws what {@link readLanguageModel} and {@link corpusOf} throw */
export async function readMeasured(
  { text, base, out }: Pick<RecipeOptions, 'text' | 'base' | 'out'>,
  files: Files,
  context: number,
): Promise<LanguageModel & { readonly output: OutputFolder; readonly heldOut: readonly Window[] }> {
  const words = await readText(files, text);
  const language = await readLanguageModel(files, base);
  language.model.eval();
  const output = new OutputFolder(out, files);
  await output.claim();
  return { ...language, output, heldOut: corpusOf(text, language.tokenizer.encodeIds(words), context).heldOut };
}

/** The files of a model as transformers reads them. @param dtype of the weights */
export function modelFiles({ config, model, tokenizer }: LanguageModel, dtype: 'float32' | 'float16'): FolderContent {
  const tied = config['tie_word_embeddings'] === true;
  const state = Object.entries(model.stateDict()).filter(([name]) => !(tied && name === 'lm_head.weight'));
  const tensors = Object.fromEntries(state.map(([name, x]) => [name, x.detach().astype(dtype)]));
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const end = tokenizer.idToToken(Number(config['eos_token_id'] ?? 0));
  return {
    'config.json': json({ ...config, dtype }),
    'model.safetensors': writeSafetensors(tensors, { metadata: { format: 'pt' } }),
    'tokenizer.json': json(tokenizer.toJson()),
    'tokenizer_config.json': json({
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: config['max_position_embeddings'],
      bos_token: end,
      eos_token: end,
      clean_up_tokenization_spaces: false,
    }),
  };
}

const shown = (value: number, digits = 3): string => value.toFixed(digits);
/** Characters of a bar. */
const BAR = 24;

/** How far a run is, in a line. */
function progressLine(name: string, { step, totalSteps, loss }: Extract<TrainingEvent, { type: 'step' }>, seconds: number): string {
  const done = step / totalSteps;
  const full = Math.round(done * BAR);
  const left = Math.ceil(seconds / done - seconds);
  return `${name} ${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${String(Math.floor(100 * done)).padStart(3)} %  step ${step}/${totalSteps}  loss ${shown(loss)}  ${left} s left`;
}

/** What {@link trainWithProgress} is given. */
export interface FitOptions {
  readonly name: string;
  readonly model: Trainable;
  readonly lossOf: (batch: readonly Window[]) => Tensor;
  readonly train: readonly Window[];
  readonly args: Partial<TrainingArguments>;
  readonly output: OutputFolder;
  readonly resume: boolean;
}

/** A run and its losses: of the first step, and the mean of each tenth. */
export interface Fit {
  readonly result: TrainingResult;
  readonly curve: readonly { readonly step: number; readonly loss: number }[];
  readonly seconds: number;
}

/** Trains, shows how far it is, and keeps checkpoints beside the output until that is written. @throws {StateError} when the user stops it */
export async function trainWithProgress(
  { name, model, lossOf: loss, train, args, output, resume }: FitOptions,
  { files, progress, signal, now }: Surroundings,
): Promise<Fit> {
  if (!resume) await touching('write', output.checkpoints, () => files.rm(output.checkpoints, { recursive: true, force: true }));
  const store = folderStore(output.checkpoints, files);
  const loop = new TrainingLoop<Window>({
    model,
    lossOf: loss,
    train,
    store,
    args: { lrSchedulerType: 'cosine', saveStrategy: 'steps', saveTotalLimit: 2, loggingStrategy: 'steps', ...args },
  });
  const [begin, curve] = [now(), [] as { step: number; loss: number }[]];
  const result = await touching('write', output.checkpoints, () =>
    loop.run({
      resumeFrom: resume,
      signal,
      onEvent: event => {
        if (event.type === 'step') progress.update(progressLine(name, event, (now() - begin) / 1000));
        if (event.type === 'log') {
          curve.push({ step: event.step, loss: event.loss });
          progress.log(`${name} step ${event.step}/${loop.maxSteps}  loss ${shown(event.loss)}  gradient norm ${shown(event.gradNorm)}`);
        }
      },
    }),
  );
  if (result.ended === 'signal')
    throw new StateError(`stopped after step ${result.globalStep} of ${result.maxSteps}; the same command with --resume goes on`, { parameter: 'signal' });
  return { result, curve, seconds: (now() - begin) / 1000 };
}
