import { createModel, type ModelJson } from '@gtc/models/architectures';
import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { describe, expect, it } from 'vitest';
import * as lora from '../../lora.js';

type T = gtc.Tensor;
const LLAMA: ModelJson = {
  model_type: 'llama',
  hidden_size: 16,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_hidden_layers: 3,
  intermediate_size: 24,
  vocab_size: 20,
  initializer_range: 0.2,
};
const GPT2: ModelJson = { model_type: 'gpt2', n_embd: 16, n_head: 2, n_layer: 2, n_positions: 16, vocab_size: 20, initializer_range: 0.2 };
const IDS = [[3, 4, 5, 6]];
const logitsOf = (model: ReturnType<typeof createModel>): T => model.forward({ inputIds: IDS }).logits!.detach();
const near = (a: T, b: T): void => expect(gtc.allclose(a, b, { atol: 2e-5 })).toBe(true);
/** Moves everything that an adapter learns. */
const shake = (adapted: lora.AdaptedModel): void =>
  gtc.noGrad(() => {
    for (const [i, parameter] of adapted.parameters().entries())
      parameter.copy_(parameter.add(gtc.sin(gtc.arange(parameter.size).add(i)).mul(0.2).reshape(parameter.shape)));
  });

class Images extends nn.Module {
  readonly c1 = new nn.Conv1d(2, 4, 3);
  readonly c2 = new nn.Conv2d(1, 3, [2, 4]);
  override forward(x: T): T {
    return this.c2.forward(gtc.unsqueeze(this.c1.forward(x), 1));
  }
}

const KINDS: Readonly<Record<string, lora.AdapterSettings>> = {
  lora: { r: 2, targetModules: ['q_proj', 'down_proj'] },
  dora: { r: 2, useDora: true, loraDropout: 0.3, targetModules: 'all-linear' },
  gaussian: { r: 2, initLoraWeights: 'gaussian', targetModules: ['embed_tokens', 'o_proj'] },
  ia3: { type: 'ia3', targetModules: ['k_proj', 'down_proj'], feedforwardModules: ['down_proj'] },
  loha: { type: 'loha', r: 2, targetModules: ['q_proj', 'embed_tokens'] },
  lokr: { type: 'lokr', r: 1, decomposeBoth: true, targetModules: ['up_proj'] },
  lokrOdd: { type: 'lokr', r: 1, decomposeFactor: 3, targetModules: ['up_proj', 'q_proj'] },
  oft: { type: 'oft', blockSize: 4, targetModules: ['v_proj'] },
  oftExact: { type: 'oft', blockSize: 4, useCayleyNeumann: false, targetModules: ['v_proj'] },
  hra: { type: 'hra', r: 4, targetModules: ['v_proj'] },
  adalora: { type: 'adalora', initR: 3, targetModules: ['v_proj'] },
};

describe('adapters of every kind', () => {
  it.each(Object.entries(KINDS))('%s begins with no change, merges to what it computed, and comes back from its files', (name, settings) => {
    const model = createModel(LLAMA, { seed: 1 }).eval();
    const plain = logitsOf(model);
    const adapted = lora.injectAdapters(model, settings, { seed: 3 });
    near(logitsOf(model), plain);
    shake(adapted);
    const changed = logitsOf(model);
    expect(gtc.allclose(changed, plain, { atol: 1e-3 })).toBe(false);
    const files = adapted.state({ baseModel: 'tiny' });
    expect(files.config['base_model_name_or_path']).toBe('tiny');
    const other = createModel(LLAMA, { seed: 1 }).eval();
    const again = lora.loadAdapter(other, { config: JSON.parse(JSON.stringify(files.config)) as lora.PeftJson, tensors: files.tensors });
    near(logitsOf(other), changed);
    expect(again.count()).toEqual(adapted.count());
    near(logitsOf(again.mergeAndUnload()), changed);
    expect(other.namedParameters().map(([each]) => each)).toEqual(
      createModel(LLAMA)
        .namedParameters()
        .map(([each]) => each),
    );
    expect(() => again.unload()).toThrow('the adapters are not in the model any more');
    if (name === 'dora') expect(gtc.allclose(model.train() && logitsOf(model), changed, { atol: 1e-3 })).toBe(false);
  });
  it('layers of GPT-2, whose weights lie the other way, and convolutions', () => {
    const model = createModel(GPT2, { seed: 1 }).eval();
    const adapted = lora.injectAdapters(model, { r: 2, targetModules: ['c_attn', 'c_proj'], excludeModules: ['mlp.c_proj'], layersToTransform: 1 });
    expect([...adapted.layers.keys()]).toEqual(['transformer.h.1.attn.c_attn', 'transformer.h.1.attn.c_proj']);
    expect(adapted.state().config['fan_in_fan_out']).toBe(true);
    shake(adapted);
    const changed = logitsOf(model);
    near(logitsOf(adapted.mergeAndUnload()), changed);
    for (const settings of [
      { r: 2, targetModules: ['c1', 'c2'] },
      { type: 'ia3', targetModules: ['c1', 'c2'] },
      { r: 1, useDora: true, targetModules: ['c2'] },
    ] as const) {
      const images = new Images();
      const x = gtc.sin(gtc.arange(0, 24)).reshape([1, 2, 12]);
      const held = lora.injectAdapters(images as nn.Module, settings);
      shake(held);
      const y = images.forward(x).detach();
      near((held.mergeAndUnload() as Images).forward(x).detach(), y);
    }
  });
  it('tied embeddings score by the weight that they had, as PEFT has it', () => {
    const model = createModel(GPT2, { seed: 2 });
    const rows = model.stateDict()['transformer.wte.weight']!.clone();
    const adapted = lora.injectAdapters(model, { r: 2, targetModules: ['wte'] }, { seed: 1 });
    shake(adapted);
    const { logits, hiddenStates } = model.forward({ inputIds: IDS }, { outputHiddenStates: true });
    near(logits!, gtc.linear(hiddenStates!.at(-1)!, rows));
  });
  it('only adapters learn, and biases where asked', () => {
    const make = (bias: 'none' | 'all' | 'lora_only'): string[] =>
      lora
        .injectAdapters(createModel(GPT2), { r: 1, targetModules: ['c_attn'], bias, layersToTransform: [0] })
        .namedParameters()
        .map(([name]) => name);
    expect(make('none')).toHaveLength(2);
    expect(make('lora_only').slice(2)).toEqual(['base_model.model.transformer.h.0.attn.c_attn.base_layer.bias']);
    expect(make('all')).toHaveLength(2 + 2 * 6 + 1);
    const model = createModel(GPT2);
    const adapted = lora.injectAdapters(model, { r: 1, targetModules: ['c_attn'], modulesToSave: ['ln_f'] });
    expect(model.parameters().filter(parameter => parameter.requiresGrad)).toHaveLength(adapted.parameters().length);
    model.forward({ inputIds: IDS, labels: IDS }).loss!.backward();
    expect(
      model
        .namedParameters()
        .filter(([, { grad }]) => grad !== null)
        .map(([name]) => name),
    ).toContain('transformer.ln_f.bias');
  });
  it('adapters of a double model are double', () => {
    const model = createModel(LLAMA).to({ dtype: 'float64' });
    expect(lora.injectAdapters(model, { r: 1, targetModules: ['q_proj'] }).parameters()[0]!.dtype).toBe('float64');
  });
});

describe('prompts', () => {
  const base = { numVirtualTokens: 3, tokenDim: 16, numLayers: 2, numAttentionHeads: 2 };
  it.each([
    ['prompt_tuning', {}],
    ['p_tuning', { encoderHiddenSize: 8 }],
    ['prefix_tuning', {}],
    ['prefix_tuning', { prefixProjection: true, encoderHiddenSize: 8 }],
  ] as const)('%s learns and comes back from its files', (type, more) => {
    const model = createModel(GPT2, { seed: 2 });
    const prompt = lora.createPrompt(model, { type, ...base, ...more }, { seed: 1 });
    expect(prompt.parameters().reduce((sum, { size }) => sum + size, 0)).toBe(prompt.trainable);
    const lossOf = (): T => prompt.forward({ inputIds: IDS, labels: IDS, attentionMask: [[1, 1, 1, 1]] }).loss!;
    const before = lossOf();
    before.backward();
    for (const parameter of prompt.parameters()) nn.adamwStep(parameter, nn.adamwState(parameter), { lr: 0.02 });
    expect(lossOf().item()).toBeLessThan(before.item() as number);
    const again = lora.loadPrompt(createModel(GPT2, { seed: 2 }), prompt.state());
    near(again.forward({ inputIds: IDS }).logits!.detach(), prompt.forward({ inputIds: IDS }).logits!.detach());
    expect(lora.isPromptConfig(prompt.state().config)).toBe(true);
  });
});

describe('refusals', () => {
  const model = (): ReturnType<typeof createModel> => createModel(GPT2);
  const inject =
    (settings: object): (() => unknown) =>
    () =>
      lora.injectAdapters(model(), settings as lora.AdapterSettings);
  const fresh = lora.injectAdapters(model(), { r: 1, targetModules: ['c_attn'] }).state();
  const load =
    (config: object, tensors: object = {}): (() => unknown) =>
    () =>
      lora.loadAdapter(model(), { config: { ...fresh.config, ...config }, tensors: { ...fresh.tensors, ...tensors } });
  const prompt = { type: 'prompt_tuning', numVirtualTokens: 3, tokenDim: 16, numLayers: 2, numAttentionHeads: 2 } as const;
  const shape = { hiddenSize: 8, intermediateSize: 16, numLayers: 1, numHeads: 2, numKvHeads: 1, vocabSize: 9 };
  const pair = { a: gtc.ones([1, 2]), b: gtc.ones([3, 1]), scaling: 1 };
  it.each([
    [inject({ r: 1, targetModules: ['q_proj'] }), 'targetModules match no layer, got q_proj; the model has attn.c_attn, attn.c_proj, mlp.c_fc, mlp.c_proj, '],
    [inject({ r: 0, targetModules: ['c_attn'] }), 'r must be positive, got 0'],
    [inject({ r: 1, targetModules: [] }), 'targetModules must name layers, got []'],
    [inject({ r: 1, targetModules: ['ln_f'] }), 'targetModules must name layers with a weight; transformer.ln_f is a LayerNorm'],
    [inject({ type: 'vera', targetModules: ['c_attn'] }), "type must be one of adalora, hra, ia3, loha, lokr, lora, oft, got 'vera'"],
    [inject({ r: 1, targetModules: ['c_attn'], loraDropout: 1 }), 'loraDropout must be in [0, 1), got 1'],
    [inject({ r: 1, targetModules: ['c_attn'], bias: 'some' }), "bias must be one of all, lora_only, none, got 'some'"],
    [inject({ r: 1, targetModules: ['c_attn'], modulesToSave: ['score'] }), 'modulesToSave match no module, got score'],
    [inject({ r: 99, targetModules: ['c_attn'], initLoraWeights: 'pissa' }), 'r must be at most 16 for a weight [48, 16], got 99'],
    [inject({ type: 'oft', blockSize: 3, targetModules: ['c_attn'] }), 'blockSize must divide the 16 inputs of the layer, got 3'],
    [load({ r: 2 }), 'the adapter does not fit: base_model.model.transformer.h.0.attn.c_attn.lora_A.weight must have shape [2, 16], got [1, 16]'],
    [load({ target_modules: ['c_fc'] }), 'is missing'],
    [load({}, { 'x.lora_A.weight': gtc.ones([1]) }), 'the adapter does not fit: x.lora_A.weight belongs to no adapted layer'],
    [load({ peft_type: 'VERA' }), 'peft_type must be one of'],
    [load({ use_qalora: true }), 'adapter_config.json asks for use_qalora, which is not known here'],
    [() => lora.createPrompt(model(), { ...prompt, numVirtualTokens: 0 }), 'numVirtualTokens must be positive, got 0'],
    [() => lora.createPrompt(model(), { ...prompt, type: 'poem' as never }), "type must be one of p_tuning, prefix_tuning, prompt_tuning, got 'poem'"],
    [() => lora.loadPrompt(model(), { config: lora.createPrompt(model(), prompt).state().config, tensors: {} }), 'the adapter has no prompt_embeddings'],
    [
      () =>
        lora.loadPrompt(model(), { config: lora.createPrompt(model(), prompt).state().config, tensors: new Map([['prompt_embeddings', gtc.ones([2, 16])]]) }),
      'prompt_embeddings must be [3, 16], got [2, 16]',
    ],
    [
      () =>
        lora.loadPrompt(model(), {
          config: { ...lora.createPrompt(model(), { ...prompt, type: 'p_tuning' }).state().config, encoder_reparameterization_type: 'LSTM' },
          tensors: {},
        }),
      'the prompt comes from a network of kind LSTM; MLP is known',
    ],
    [() => lora.countLoraParameters(shape, { r: 1, targetModules: ['c_attn'] }), "unknown layer 'c_attn'"],
    [() => lora.initLora('svd' as never, gtc.ones([2, 2]), { r: 1, scaling: 1 }), 'initLoraWeights must be one of'],
    [() => lora.addWeightedAdapter([], []), 'adapters cannot be empty'],
    [() => lora.addWeightedAdapter([pair], [1, 2]), 'must have the same length'],
    [
      () => lora.addWeightedAdapter([pair, { ...pair, a: gtc.ones([2, 2]), b: gtc.ones([3, 2]) }], [1, 1]),
      "adapters must have one rank for 'linear', got 1, 2",
    ],
    [() => lora.adaloraOrthogonalLoss({ x: gtc.ones([1, 1]) }), "unknown factor 'lora_A'; known: x"],
    [
      () => lora.adaloraBudget(1, { initR: 1, targetR: 1, modules: 1, tinit: 5, tfinal: 5, deltaT: 1, totalStep: 9 }),
      'totalStep must be more than tinit + tfinal (10), got 9',
    ],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
  it('a model that refused an adapter is as it was', () => {
    const gpt2 = model();
    const before = logitsOf(gpt2);
    expect(() => lora.loadAdapter(gpt2, { config: fresh.config, tensors: {} })).toThrow('lora_A.weight is missing');
    near(logitsOf(gpt2), before);
  });
  it('what is left of a whole difference is nothing, and normal numbers in both matrices change something', () => {
    expect(
      lora.extractLora(
        gtc.tensor([
          [3, 0],
          [0, 4],
        ]),
        2,
      ).error,
    ).toBe(0);
    const { a, b, residual } = lora.initLora(false, gtc.ones([4, 3]), { r: 2, scaling: 1 });
    expect([a.shape, b.shape, residual, (gtc.vectorNorm(b.flatten()).item() as number) > 0]).toEqual([[2, 3], [4, 2], null, true]);
    const pruned = lora.addWeightedAdapter([pair, pair], [1, 1], { combinationType: 'magnitude_prune_svd', svdRank: 1 });
    expect(gtc.allclose(pruned.b.matmul(pruned.a), gtc.full([3, 2], 2), { atol: 1e-5 })).toBe(true);
  });
});
