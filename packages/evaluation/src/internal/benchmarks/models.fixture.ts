/** The tiny models of the evidence, loaded as a user would load them. */
import { readFileSync } from 'node:fs';
import { readSafetensors } from '@gtc/deployment/safetensors';
import { loadModel, type TransformerModel } from '@gtc/models/architectures';
import { Tokenizer } from '@gtc/preprocessing/tokenization';
import { noGrad } from '@gtc/tensor/autograd';
import type { LanguageModel } from './likelihood.js';

/** Models that the inference domain's evidence holds; the others lie with this domain's. */
const OF_INFERENCE = new Set(['tiny-gpt2', 'tiny-llama']);

function file(model: string, name: string): Uint8Array {
  const folder = process.env['GTC_EVIDENCE_DIR'];
  const domain = OF_INFERENCE.has(model) ? 'inference' : 'evaluation';
  const url =
    folder === undefined || folder === ''
      ? new URL(`../../../evidence/models/${model}/${name}`, import.meta.url)
      : new URL(`file://${folder}/${domain}/models/${model}/${name}`);
  return new Uint8Array(readFileSync(url));
}

const json = (model: string, name: string): Record<string, unknown> => JSON.parse(new TextDecoder().decode(file(model, name))) as Record<string, unknown>;

const models = new Map<string, TransformerModel>();

/** A model of the evidence. */
export function modelOf(name: string): TransformerModel {
  const known = models.get(name) ?? loadModel(json(name, 'config.json'), readSafetensors(file(name, 'model.safetensors')).tensors);
  models.set(name, known);
  return known;
}

/** Its tokenizer. */
export function tokenizerOf(name: string): (text: string) => number[] {
  const tokenizer = Tokenizer.fromJson(json(name, 'tokenizer.json') as never);
  return text => [...tokenizer.encode(text).ids];
}

/** Its scores. */
export const logitsOf =
  (model: TransformerModel): LanguageModel =>
  (inputIds, attentionMask) =>
    noGrad(() => model.forward({ inputIds, attentionMask } as never).logits!);
