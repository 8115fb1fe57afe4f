import { readFileSync } from 'node:fs';
import { readSafetensors } from '@gtc/deployment/safetensors';
import { loadModel, type TransformerModel } from '@gtc/models/architectures';
import { evidenceCases } from '@gtc/testing';
import { describe, it } from 'vitest';
import { computeTransitionScores, type GenerateOptions, type GenerateOutput, generate } from '../../decoding.js';

const folder = process.env['GTC_EVIDENCE_DIR'];
const file = (name: string): Uint8Array =>
  new Uint8Array(
    readFileSync(folder === undefined || folder === '' ? new URL(`../../../evidence/${name}`, import.meta.url) : new URL(`file://${folder}/inference/${name}`)),
  );

const models = new Map<string, TransformerModel>();
function modelOf(name: string): TransformerModel {
  const known = models.get(name);
  if (known !== undefined) return known;
  const config = JSON.parse(new TextDecoder().decode(file(`models/${name}/config.json`))) as Record<string, unknown>;
  const model = loadModel(config, readSafetensors(file(`models/${name}/model.safetensors`)).tensors);
  models.set(name, model);
  return model;
}

const side = readSafetensors(file('generate.safetensors')).tensors;
/** Numbers of the side file that a case points to. */
const tensors: Readonly<Record<string, unknown>> = Object.fromEntries([...side].map(([name, x]) => [name, x.load().tolist()]));

interface Given extends Omit<GenerateOptions, 'assistantModel'> {
  readonly model: string;
  readonly inputIds: number[][];
  readonly assistantModel?: string;
}
interface Raw {
  readonly expect?: Readonly<Record<string, unknown>>;
}

/** Only what is expected; the side file in place of its names. */
function expected(answer: Readonly<Record<string, unknown>>, { expect = {} }: Raw): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(expect).map(([key, value]) => {
      const name = (value as { readonly $tensor?: string } | null)?.$tensor;
      if (name === undefined) return [key, answer[key]];
      return [key, near(answer[key], tensors[name]) ? value : answer[key]];
    }),
  );
}

/** Whether numbers are those of the side file, within the topic's tolerance. */
function near(a: unknown, b: unknown): boolean {
  const [x, y] = [a, b].map(each => (each as unknown[]).flat(9) as number[]);
  return x!.length === y!.length && x!.every((value, i) => Math.abs(value - y![i]!) <= 2e-4 + 2e-4 * Math.abs(y![i]!));
}

const outputs = new Map<string, GenerateOutput>();

async function generated({ model, inputIds, assistantModel, ...options }: Given, raw: Raw & { readonly name?: string }): Promise<unknown> {
  const target = modelOf(model);
  const logits: number[][][] = [];
  // Scores as the model gives them, before any processor.
  const record = (scores: Float32Array, _: unknown, row: number): void => void (logits[row] ??= []).push(Array.from(scores));
  const wanted = raw.expect !== undefined && 'logits' in raw.expect;
  const settings = {
    ...options,
    outputScores: true,
    ...(assistantModel === undefined ? {} : { assistantModel: modelOf(assistantModel) }),
    ...(wanted ? { logitsProcessors: [record] } : {}),
  };
  const output = await generate(target, inputIds, settings);
  if (raw.name !== undefined) outputs.set(raw.name, output);
  const alone = async (): Promise<boolean> => {
    const singles = inputIds.map((row, i) => row.filter((_, at) => options.attentionMask?.[i]?.[at] !== 0));
    const runs = await Promise.all(singles.map(row => generate(target, [row], { maxNewTokens: options.maxNewTokens ?? 20 })));
    const added = (rows: readonly (readonly number[])[], starts: readonly number[]): string => JSON.stringify(rows.map((row, i) => row.slice(starts[i]!)));
    return (
      added(
        output.sequences,
        inputIds.map(row => row.length),
      ) ===
      added(
        runs.map(({ sequences }) => sequences[0]!),
        singles.map(row => row.length),
      )
    );
  };
  const greedy = async (): Promise<boolean> =>
    JSON.stringify((await generate(target, inputIds, { maxNewTokens: options.maxNewTokens ?? 20 })).sequences) === JSON.stringify(output.sequences);
  const answer = {
    ...output,
    logits,
    targetForwards: output.forwards,
    ...(raw.expect !== undefined && 'equalsSingleRuns' in raw.expect ? { equalsSingleRuns: await alone() } : {}),
    ...(raw.expect !== undefined && 'equalsGreedy' in raw.expect ? { equalsGreedy: await greedy() } : {}),
  };
  return expected(answer, raw);
}

const answers = {
  generate: generated,
  forward: ({ model, inputIds }: Given, raw: Raw) => {
    const { logits, hiddenStates } = modelOf(model).forward({ inputIds }, { outputHiddenStates: true });
    const scores = logits!.tolist() as number[][][];
    const argmax = scores[0]!.map(row => row.indexOf(Math.max(...row)));
    return expected({ logits: scores, lastHidden: hiddenStates!.at(-1)!.tolist(), firstHidden: hiddenStates![0]!.tolist(), argmax }, raw);
  },
  computeTransitionScores: ({ from }: { readonly from: string }) => ({ transitionScores: computeTransitionScores(outputs.get(from)!) }),
};

describe('evidence: generate', () => {
  it.each(evidenceCases('inference/generate', answers as never, import.meta.url, '../../../evidence/generate.json'))('$name', c => c.run());
});
