/** `gtc run quantize`: a model as GGUF files of fewer and fewer bits, with what each costs. */
import { basename } from 'node:path';
import { exportGguf, type GgufFileType, readGguf } from '@gtc/deployment/gguf';
import { quantizeLayers } from '@gtc/tensor/quantized';
import { DEFAULTS, STATE_OF_THE_UNION } from './data.js';
import { perplexityOf, readLanguageModel, readMeasured } from './language-model.js';
import type { Recipe, RecipeOptions, RecipeResult, Surroundings } from './recipe.js';
import { row, whole, writtenRows } from './report.js';

const CONTEXT = 128;
const TYPES: readonly GgufFileType[] = ['F16', 'Q8_0', 'Q6_K', 'Q5_K_M', 'Q4_K_M', 'Q4_0'];
/** Types in which a network can be run here as it is. */
const RUN_TYPES = ['Q8_0', 'Q4_0'] as const;

/** How far numbers are from others, of their own size: the root of the ratio of mean squares. */
function relativeError(values: ArrayLike<number>, right: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < right.length; i++) {
    error += (values[i]! - right[i]!) ** 2;
    size += right[i]! ** 2;
  }
  return Math.sqrt(error / Math.max(size, Number.MIN_VALUE));
}

/** Matrices of a file by name, as numbers. */
function matricesOf(file: Uint8Array): ReadonlyMap<string, ArrayLike<number>> {
  const matrices = readGguf(file).tensors.filter(({ shape }) => shape.length === 2);
  return new Map(matrices.map(tensor => [tensor.name, tensor.load().reshape([-1]).tolist() as number[]]));
}

async function run(options: RecipeOptions, { files, progress, now }: Surroundings): Promise<RecipeResult> {
  const begin = now();
  const { model, tokenizer, config, output, heldOut } = await readMeasured(options, files, CONTEXT);
  const source = { config, tensors: model.stateDict(), tokenizer: tokenizer.toJson() as Record<string, unknown>, name: basename(options.base) };
  const right = matricesOf(exportGguf(source, 'F32'));
  const weights = [...right.values()].reduce((sum, { length }) => sum + length, 0);
  const perplexities: Record<string, number> = { F32: perplexityOf(model, heldOut) };
  for (const type of RUN_TYPES) {
    progress.log(`measuring ${type}`);
    const fresh = (await readLanguageModel(files, options.base)).model;
    quantizeLayers(fresh, type);
    perplexities[type] = perplexityOf(fresh.eval(), heldOut);
  }
  const written = TYPES.map(type => {
    progress.log(`writing ${type}`);
    const file = exportGguf(source, type);
    const found = matricesOf(file);
    const squares = [...right].map(([name, values]) => ({ error: relativeError(found.get(name)!, values) ** 2, share: values.length / weights }));
    return {
      type,
      file,
      bytes: file.length,
      error: Math.sqrt(squares.reduce((sum, { error, share }) => sum + error * share, 0)),
      perplexity: perplexities[type] ?? null,
    };
  });
  const json = {
    recipe: 'quantize',
    base: { path: options.base, modelType: String(config['model_type']), weights },
    text: basename(options.text),
    perplexity: perplexities['F32'],
    types: written.map(({ file: _file, ...facts }) => facts),
    seconds: { all: (now() - begin) / 1000 },
  };
  const content = await output.finish(Object.fromEntries(written.map(({ type, file }) => [`model-${type.toLowerCase()}.gguf`, file])), json);
  const lines = [
    `${json.base.modelType} of ${whole(weights)} weights in fewer bits, done in ${json.seconds.all.toFixed(1)} s`,
    '',
    row('F32', `perplexity ${perplexities['F32']!.toFixed(2)} on the held-out end of ${json.text}`),
    ...written.map(({ type, bytes, error, perplexity }) =>
      row(
        type,
        `${((8 * bytes) / weights).toFixed(2)} bits a weight, ${(100 * error).toFixed(2)} % off${perplexity === null ? '' : `, perplexity ${perplexity.toFixed(2)}`}`,
      ),
    ),
    ...writtenRows(options.out, content),
    `  Run one: llama-cli -m ${options.out}/model-q4_k_m.gguf`,
    '',
  ];
  return { json: { ...json, out: options.out, files: Object.keys(content) }, text: lines.join('\n') };
}

/** Writes a model in fewer bits. */
export const quantize: Recipe = {
  defaults: { ...DEFAULTS, text: STATE_OF_THE_UNION },
  run,
};
