import { readFileSync } from 'node:fs';
import { readSafetensors } from '@gtc/deployment/safetensors';
import * as gtc from '@gtc/tensor';
import { evidenceCases } from '@gtc/testing';
import { describe, it } from 'vitest';
import { loadModel, type ModelInputs, type ModelOutput, type TransformerModel } from '../../architectures.js';

type Tree = { readonly dtype: string; readonly shape: readonly number[] };
type Case = { readonly input: Readonly<Record<string, unknown>>; readonly expect?: Readonly<Record<string, unknown>> };
type Dir = { readonly $dir: string };

const folder = process.env['GTC_EVIDENCE_DIR'];
const file = (name: string): URL =>
  folder === undefined || folder === '' ? new URL(`../../../evidence/${name}`, import.meta.url) : new URL(`file://${folder}/models/${name}`);

const models = new Map<string, TransformerModel>();
function modelAt(path: string): TransformerModel {
  const known = models.get(path);
  if (known !== undefined) return known;
  const config = JSON.parse(readFileSync(file(`${path}/config.json`), 'utf8')) as Record<string, unknown>;
  const made = loadModel(config, readSafetensors(new Uint8Array(readFileSync(file(`${path}/model.safetensors`)))).tensors);
  models.set(path, made);
  return made;
}

const CAMEL: Readonly<Record<string, string>> = {
  input_ids: 'inputIds',
  attention_mask: 'attentionMask',
  token_type_ids: 'tokenTypeIds',
  position_ids: 'positionIds',
  pixel_values: 'pixelValues',
  start_positions: 'startPositions',
  end_positions: 'endPositions',
  labels: 'labels',
};

function inputsOf(given: Readonly<Record<string, unknown>>, raw: Readonly<Record<string, Tree>>): ModelInputs {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [CAMEL[name]!, name === 'pixel_values' ? gtc.tensor(value as number[]).reshape(raw[name]!.shape) : value]),
  ) as ModelInputs;
}

/** Norms of the gradients by the names of the reference, which has some weights in one that files have in several, and other names for some. */
function gradNorms(model: TransformerModel, asked: readonly string[]): Record<string, number> {
  const squares = Object.fromEntries(
    model.namedParameters().map(([name, { grad }]) => [name, grad === null ? 0 : (gtc.sum(gtc.square(grad.astype('float64'))).item() as number)]),
  );
  const sumOf = (fits: (name: string) => boolean): number =>
    Math.sqrt(
      Object.entries(squares)
        .filter(([name]) => fits(name))
        .reduce((sum, [, square]) => sum + square, 0),
    );
  return Object.fromEntries(
    asked.map(name => {
      if (Object.hasOwn(squares, name)) return [name, Math.sqrt(squares[name]!)];
      const [, layer, part] = /^model\.layers\.(\d+)\.mlp\.(gate\.weight|experts\.gate_up_proj|experts\.down_proj)$/.exec(name) ?? [];
      if (part !== undefined) {
        const pattern = {
          'gate.weight': 'gate\\.weight',
          'experts.gate_up_proj': 'experts\\.\\d+\\.w[13]\\.weight',
          'experts.down_proj': 'experts\\.\\d+\\.w2\\.weight',
        }[part]!;
        const fits = new RegExp(`^model\\.layers\\.${layer}\\.block_sparse_moe\\.${pattern}$`);
        return [name, sumOf(each => fits.test(each))];
      }
      const old = name
        .replace('vit.layers.', 'vit.encoder.layer.')
        .replace('attention.q_proj', 'attention.attention.query')
        .replace('attention.k_proj', 'attention.attention.key')
        .replace('attention.v_proj', 'attention.attention.value')
        .replace('attention.o_proj', 'attention.output.dense')
        .replace('mlp.fc1', 'intermediate.dense')
        .replace('mlp.fc2', 'output.dense')
        .replace(/^lm_head\.weight$/, 'embed_out.weight');
      if (!Object.hasOwn(squares, old)) throw new Error(`no parameter ${name}`);
      return [name, Math.sqrt(squares[old]!)];
    }),
  );
}

const list = (x: gtc.Tensor | undefined): unknown => x!.detach().tolist();
const mean = (x: gtc.Tensor): number => gtc.mean(x).item() as number;

function outputs(model: TransformerModel, output: ModelOutput, expected: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const read: Readonly<Record<string, () => unknown>> = {
    logits: () => list(output.logits),
    start_logits: () => list(output.startLogits),
    end_logits: () => list(output.endLogits),
    last_hidden_state: () => list(output.lastHiddenState),
    pooler_output: () => list(output.poolerOutput),
    aux_loss: () => list(output.auxLoss),
    hiddenStateMeans: () => output.hiddenStates!.map(x => [mean(x.detach()), mean(gtc.abs(x.detach()))]),
    hiddenLayer1: () => list(output.hiddenStates![1]!.get(':', ':3')),
    attentionLayer0Head1: () => list(output.attentions![0]!.get(':', 1)),
    loss: () => output.loss!.item(),
    gradNorm: () => {
      model.zeroGrad();
      output.loss!.backward();
      const squares = model.parameters().map(({ grad }) => (grad === null ? 0 : (gtc.sum(gtc.square(grad.astype('float64'))).item() as number)));
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    },
    lastLogits: () => list(output.logits!.get(':', -1)),
    gradNorms: () => {
      model.zeroGrad();
      output.loss!.backward();
      return gradNorms(model, Object.keys(expected['gradNorms'] as object));
    },
  };
  return Object.fromEntries(Object.keys(expected).map(name => [name, read[name]!()]));
}

const answers = {
  'loadModel.forward': ({ model: { $dir }, inputs }: { readonly model: Dir; readonly inputs: Record<string, unknown> }, { input, expect: expected }: Case) => {
    const model = modelAt($dir);
    const given = inputsOf(inputs, input['inputs'] as never);
    const output = model.forward(given, { outputHiddenStates: true, outputAttentions: true });
    return outputs(model, output, expected ?? {});
  },
  'loadModel.generate': (given: Readonly<Record<string, never>>) => {
    const { $dir }: Dir = given['model']!;
    return modelAt($dir).generate(
      { inputIds: given['input_ids']!, attentionMask: given['attention_mask']! },
      { maxNewTokens: given['maxNewTokens']!, minNewTokens: given['minNewTokens']!, padTokenId: 0 },
    );
  },
};

describe('evidence: architectures', () => {
  it.each(evidenceCases('models/architectures', answers as never, import.meta.url, '../../../evidence/architectures.json'))('$name', c => c.run());
});

describe('evidence: architecture_variants', () => {
  it.each(evidenceCases('models/architecture_variants', answers as never, import.meta.url, '../../../evidence/architecture_variants.json'))('$name', c =>
    c.run(),
  );
});
