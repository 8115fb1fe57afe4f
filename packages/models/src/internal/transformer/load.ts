/** Models from checkpoints, and fresh ones. */
import { assemble, prefixOf, type TransformerModel, typeOf } from './model.js';
import { type ModelJson, Settings } from './settings.js';
import { type Checkpoint, FreshWeights, LoadedWeights } from './weights.js';

/**
 * A model of one of some thirty families, from its `config.json` and the tensors of its checkpoint, under the names that they have there.
 *
 * @param config the parsed `config.json`; its `architectures` say the task
 * @param weights tensors by name, such as `readSafetensors(bytes).tensors` of `@gtc/deployment`; computed in float32
 * @throws {ValidationError} for a config that lacks a value or names no known family @throws {UnsupportedError} for a task that a family has not
 * @throws {FormatError} listing tensors that are missing or whose shape is not the config's
 * @remarks Python: `transformers.AutoModelFor...from_pretrained(folder)`; logits within 1e-4 in float32.
 * @example
 * const config = { model_type: 'gpt2', n_embd: 8, n_head: 2, n_layer: 1, n_positions: 16, vocab_size: 20 };
 * const model = loadModel(config, createModel(config, { seed: 0 }).stateDict());
 * model.forward({ inputIds: [[1, 2, 3]] }).logits.shape // => [1, 3, 20]
 */
export function loadModel(config: ModelJson, weights: Checkpoint): TransformerModel {
  const settings = new Settings(config);
  const source = new LoadedWeights(weights, prefixOf(typeOf(settings), settings));
  const model = assemble(config, source);
  return Object.assign(model, { unusedWeights: source.finish() }).eval();
}

/**
 * A model whose weights are drawn from a normal distribution of the config's `initializer_range`, its biases at zero and norms at one: a start for
 * training.
 *
 * @param options `seed` of the stream; the same weights for the same seed
 * @throws {ValidationError} for a config that lacks a value or names no known family
 * @remarks Python: `transformers.AutoModelFor...from_config(config)`; of the same distribution, not the same numbers.
 * @example createModel({ model_type: 'gpt2', n_embd: 8, n_head: 2, n_layer: 1, n_positions: 16, vocab_size: 20 }).parameters().length // => 16
 */
export function createModel(config: ModelJson, { seed = 0 }: { readonly seed?: number } = {}): TransformerModel {
  const settings = new Settings(config);
  return assemble(config, new FreshWeights(seed, settings.number(['initializer_range', 'init_std', 'initializer_factor'], 0.02)));
}
