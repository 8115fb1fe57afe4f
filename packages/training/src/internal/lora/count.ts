/** Parameters of adapters in models of Llama's form, without building one. */
import { allPositive, NotFoundError, nonEmpty } from '@gtc/errors';

/** The form of a model of Llama's kin. */
export interface LlamaShape {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly vocabSize: number;
}

/**
 * Parameters that LoRA trains in a model of Llama's form, and all of them, exactly: both matrices of each adapted layer, for its own widths.
 *
 * @returns `percent` of all
 * @throws {ValidationError} for sizes that are not positive, or no layers @throws {NotFoundError} for a layer that such a model lacks
 * @remarks Python: `peft`'s `model.get_nb_trainable_parameters()`; exact. `estimateLoraParameters` counts square layers.
 * @example
 * const shape = { hiddenSize: 4096, intermediateSize: 11008, numLayers: 32, numHeads: 32, numKvHeads: 32, vocabSize: 32000 };
 * countLoraParameters(shape, { r: 8, targetModules: ['q_proj', 'v_proj'] }).trainable // => 4194304
 */
export function countLoraParameters(
  { hiddenSize, intermediateSize, numLayers, numHeads, numKvHeads, vocabSize }: LlamaShape,
  { r, targetModules }: { readonly r: number; readonly targetModules: readonly string[] },
): { readonly trainable: number; readonly all: number; readonly percent: number } {
  allPositive({ hiddenSize, intermediateSize, numLayers, numHeads, numKvHeads, vocabSize, r });
  const keys = (hiddenSize / numHeads) * numKvHeads;
  const widths: Readonly<Record<string, readonly [inner: number, outer: number]>> = {
    q_proj: [hiddenSize, hiddenSize],
    k_proj: [hiddenSize, keys],
    v_proj: [hiddenSize, keys],
    o_proj: [hiddenSize, hiddenSize],
    gate_proj: [hiddenSize, intermediateSize],
    up_proj: [hiddenSize, intermediateSize],
    down_proj: [intermediateSize, hiddenSize],
  };
  const layer = Object.values(widths).reduce((sum, [inner, outer]) => sum + inner * outer, 2 * hiddenSize);
  const base = 2 * vocabSize * hiddenSize + numLayers * layer + hiddenSize;
  const perLayer = nonEmpty(targetModules, 'targetModules').map(name => {
    if (!Object.hasOwn(widths, name)) throw NotFoundError.of('layer', name, Object.keys(widths));
    const [inner, outer] = widths[name]!;
    return r * (inner + outer);
  });
  const trainable = numLayers * perLayer.reduce((a, b) => a + b, 0);
  return { trainable, all: base + trainable, percent: (100 * trainable) / (base + trainable) };
}
