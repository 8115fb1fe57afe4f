import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { quantizeLayers } from '@gtc/tensor/quantized';
import { describe, expect, it } from 'vitest';
import { createModel, loadModel, MODEL_TYPES, type ModelJson, type ModelOutput, type TransformerModel } from '../../architectures.js';

const GPT2 = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  n_embd: 8,
  n_head: 2,
  n_layer: 2,
  n_positions: 12,
  vocab_size: 20,
  initializer_range: 0.3,
};
const LLAMA = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 16,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_hidden_layers: 2,
  intermediate_size: 24,
  vocab_size: 20,
  max_position_embeddings: 32,
  initializer_range: 0.3,
  eos_token_id: 2,
};
const BERT = {
  model_type: 'bert',
  architectures: ['BertForMaskedLM'],
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  vocab_size: 20,
  max_position_embeddings: 12,
};
const IDS = [[3, 4, 5, 6]];
const logitsOf = (model: TransformerModel, inputIds = IDS): unknown => model.forward({ inputIds }).logits!.detach().tolist();

describe('fresh models', () => {
  it('the same seed gives the same weights, norms at one and biases at zero', () => {
    const [a, b, other] = [createModel(GPT2, { seed: 1 }), createModel(GPT2, { seed: 1 }), createModel(GPT2, { seed: 2 })];
    expect(logitsOf(a)).toEqual(logitsOf(b));
    expect(logitsOf(a)).not.toEqual(logitsOf(other));
    const state = a.stateDict();
    expect([state['transformer.ln_f.weight']!.tolist(), state['transformer.h.0.attn.c_attn.bias']!.at(0)]).toEqual([Array(8).fill(1), 0]);
    expect(Math.abs((gtc.std(state['transformer.wte.weight']!).item() as number) - 0.3)).toBeLessThan(0.05);
  });
  it('learn', () => {
    const model = createModel(LLAMA, { seed: 3 });
    const state = model.parameters().map(parameter => [parameter, nn.adamwState(parameter)] as const);
    const losses = Array.from({ length: 30 }, () => {
      const { loss } = model.forward({ inputIds: IDS, labels: IDS });
      model.zeroGrad();
      loss!.backward();
      for (const [parameter, moments] of state) nn.adamwStep(parameter, moments, { lr: 0.02 });
      return loss!.item() as number;
    });
    expect(losses.at(-1)!).toBeLessThan(0.1 * losses[0]!);
  });
  it.each(MODEL_TYPES.filter(type => !['bart', 't5', 'vit', 'opt', 'falcon', 'bloom', 'gptj'].includes(type)))('%s runs from a config alone', type => {
    const model = createModel({ ...LLAMA, hidden_size: 32, model_type: type, architectures: undefined, head_dim: 8 });
    const { logits, lastHiddenState } = model.forward({ inputIds: IDS, attentionMask: [[1, 1, 1, 0]] });
    expect((logits ?? lastHiddenState)!.shape.slice(0, 2)).toEqual([1, 4]);
  });
});

describe('experts', () => {
  const config = { ...LLAMA, model_type: 'mixtral', architectures: ['MixtralForCausalLM'], num_local_experts: 6, output_router_logits: true };
  it('padding does not count in the balance, and a weight of it joins the loss', () => {
    const model = createModel({ ...config, router_aux_loss_coef: 0.5 }, { seed: 4 });
    const plain = model.forward({ inputIds: IDS, labels: IDS });
    const padded = model.forward({ inputIds: [[...IDS[0]!, 0, 0]], attentionMask: [[1, 1, 1, 1, 0, 0]] });
    expect(padded.auxLoss!.item()).toBeCloseTo(plain.auxLoss!.item() as number, 5);
    const bare = createModel({ ...config, output_router_logits: false }, { seed: 4 }).forward({ inputIds: IDS, labels: IDS });
    expect((plain.loss!.item() as number) - (bare.loss!.item() as number)).toBeCloseTo(0.5 * (plain.auxLoss!.item() as number), 5);
    expect(bare.auxLoss).toBeUndefined();
  });
});

describe('checkpoints', () => {
  const model = createModel(GPT2, { seed: 5 });
  const state = model.stateDict();
  const expected = logitsOf(model);
  const rewritten = (of: (name: string) => string): Record<string, gtc.Tensor> => Object.fromEntries(Object.entries(state).map(([name, x]) => [of(name), x]));
  it('load what a model saved, from a map or a record, with the prefix of the base or without', () => {
    expect(logitsOf(loadModel(GPT2, state))).toEqual(expected);
    expect(logitsOf(loadModel(GPT2, new Map(Object.entries(state).map(([name, x]) => [name, { load: () => x.astype('float64') }]))))).toEqual(expected);
    expect(
      logitsOf(
        loadModel(
          GPT2,
          rewritten(name => name.replace('transformer.', '')),
        ),
      ),
    ).toEqual(expected);
    const base = loadModel({ ...GPT2, architectures: ['GPT2Model'] }, state);
    expect(base.forward({ inputIds: IDS }).lastHiddenState!.shape).toEqual([1, 4, 8]);
    expect(base.namedParameters()[0]![0]).toBe('wte.weight');
  });
  it('take the names that TensorFlow gave norms, and tell what they have no use for', () => {
    const bert = createModel(BERT, { seed: 1 });
    const old = Object.fromEntries(
      Object.entries(bert.stateDict()).map(([name, x]) => [
        name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
        x,
      ]),
    );
    const loaded = loadModel(BERT, { ...old, 'bert.pooler.dense.weight': gtc.ones([8, 8]) });
    expect(logitsOf(loaded)).toEqual(logitsOf(bert));
    expect(loaded.unusedWeights).toEqual(['bert.pooler.dense.weight']);
  });
  it('configs of both generations say the same', () => {
    const scaling = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8 };
    const now = { ...LLAMA, rope_parameters: { ...scaling, rope_theta: 5000 } };
    const before = { ...LLAMA, rope_theta: 5000, rope_scaling: { ...scaling, rope_type: undefined, type: 'llama3' } };
    const weights = createModel(LLAMA, { seed: 6 }).stateDict();
    expect(logitsOf(loadModel(now, weights))).toEqual(logitsOf(loadModel(before, weights)));
    expect(logitsOf(loadModel(now, weights))).not.toEqual(logitsOf(loadModel(LLAMA, weights)));
    const gemma = { ...LLAMA, model_type: 'gemma3_text', architectures: ['Gemma3ForCausalLM'], head_dim: 4, sliding_window: 2, sliding_window_pattern: 2 };
    const rules = { full_attention: { rope_theta: 7e4, rope_type: 'linear', factor: 8 }, sliding_attention: { rope_theta: 9000, rope_type: 'default' } };
    const old = { ...gemma, rope_theta: 7e4, rope_local_base_freq: 9000, rope_scaling: { rope_type: 'linear', factor: 8 } };
    const made = createModel(gemma, { seed: 6 }).stateDict();
    expect(logitsOf(loadModel({ ...gemma, rope_parameters: rules }, made))).toEqual(logitsOf(loadModel(old, made)));
    const modern = {
      ...BERT,
      model_type: 'modernbert',
      architectures: ['ModernBertForMaskedLM'],
      num_hidden_layers: 3,
      local_attention: 2,
      intermediate_size: 12,
    };
    const both = { full_attention: { rope_theta: 8000, rope_type: 'default' }, sliding_attention: { rope_theta: 900, rope_type: 'default' } };
    const learnt = createModel(modern, { seed: 6 }).stateDict();
    const olden = loadModel({ ...modern, global_rope_theta: 8000, local_rope_theta: 900 }, learnt);
    expect(logitsOf(loadModel({ ...modern, rope_parameters: both }, learnt))).toEqual(logitsOf(olden));
  });
  it('a cache goes back, and into another order', () => {
    const llama = createModel(LLAMA, { seed: 3 });
    const scores = (rows: number[][], cache: ReturnType<typeof llama.createCache>): unknown =>
      llama.forward({ inputIds: rows }, { cache, logitsToKeep: 1 }).logits!.tolist();
    const cache = llama.createCache();
    scores(
      [
        [1, 2],
        [3, 4],
      ],
      cache,
    );
    scores([[5], [6]], cache);
    cache.crop(2);
    cache.reorder([1, 0]);
    const fresh = llama.createCache();
    scores(
      [
        [3, 4],
        [1, 2],
      ],
      fresh,
    );
    expect(scores([[7], [8]], cache)).toEqual(scores([[7], [8]], fresh));
  });
  it('vectors stand for tokens, and a prefix for the tokens before', () => {
    const llama = createModel(LLAMA, { seed: 6 });
    expect(llama.forward({ inputsEmbeds: llama.embedTokens(IDS) }).logits!.tolist()).toEqual(logitsOf(llama));
    const cache = llama.createCache();
    llama.forward({ inputIds: [[7, 8]] }, { cache });
    const prefix = cache.layers.map(layer => {
      const { k, v } = layer.append(gtc.zeros([1, 2, 1, 4]), gtc.zeros([1, 2, 1, 4]));
      return { k: k.get(':', ':', ':2').clone(), v: v.get(':', ':', ':2').clone() };
    });
    const whole = llama.forward({ inputIds: [[7, 8, ...IDS[0]!]] }).logits!.get(':', '2:');
    for (const attentionMask of [null, [[1, 1, 1, 1]]])
      expect(gtc.allclose(llama.forward({ inputIds: IDS, attentionMask }, { prefix }).logits!, whole, { atol: 1e-5 })).toBe(true);
    expect(() => llama.forward({ inputIds: IDS }, { prefix: prefix.slice(1) })).toThrow('prefix must have keys and values for each of 2 layers, got 1');
    expect(() => llama.forward({ inputsEmbeds: gtc.ones([1, 2, 3]) })).toThrow('inputsEmbeds must be [batch, length, 16], got [1, 2, 3]');
    expect(() => createModel(BERT).embedTokens(IDS)).toThrow('a bert model takes tokens only');
  });
  it('other modules take the place of those inside', () => {
    const changed = loadModel(GPT2, state);
    const attention = changed.namedModules().find(([name]) => name === 'transformer.h.1.attn')![1];
    attention.replaceChild('c_proj', nn.Linear.of(new nn.Parameter(gtc.zeros([8, 8]))));
    expect(logitsOf(changed)).not.toEqual(expected);
    expect(changed.namedParameters().map(([name]) => name)).toContain('transformer.h.1.attn.c_proj.weight');
    expect(() => attention.replaceChild('q_proj', attention)).toThrow("unknown module 'q_proj'; did you mean 'c_proj'?");
    const classes = createModel({ ...LLAMA, architectures: ['LlamaForSequenceClassification'] });
    classes.replaceChild('score', nn.Linear.of(new nn.Parameter(gtc.ones([5, 16]))));
    expect(classes.forward({ inputIds: IDS }).logits!.shape).toEqual([1, 5]);
    expect(() => classes.replaceChild('lm_head', classes)).toThrow("unknown module 'lm_head'");
  });
  it('quantised layers take the place of all that fit, tied embeddings too', () => {
    const wide = { ...LLAMA, hidden_size: 64, intermediate_size: 96, tie_word_embeddings: true };
    const gpt = { ...GPT2, n_embd: 64 };
    const bert = { ...BERT, architectures: ['BertForMaskedLM'], hidden_size: 64, intermediate_size: 64 };
    for (const [config, count] of [
      [wide, 15],
      [gpt, 10],
      [bert, 10],
    ] as const) {
      const whole = createModel(config, { seed: 4 });
      const rounded = loadModel(config, whole.stateDict());
      expect(quantizeLayers(rounded, 'Q8_0').length, config.model_type).toBe(count);
      const [a, b] = [whole.eval().forward({ inputIds: IDS }).logits!, rounded.forward({ inputIds: IDS }).logits!];
      const off = gtc.amax(gtc.abs(gtc.sub(a, b))).item() as number;
      expect(off / (gtc.amax(gtc.abs(a)).item() as number), config.model_type).toBeLessThan(0.05);
      expect(off).toBeGreaterThan(0);
    }
  });
  it('a quantised model writes the same with a cache and without', () => {
    const config = { ...LLAMA, hidden_size: 64, intermediate_size: 96, initializer_range: 0.1 };
    const model = createModel(config, { seed: 5 });
    quantizeLayers(model, 'Q4_0');
    const cache = model.createCache();
    const steps = IDS[0]!.map(id => model.forward({ inputIds: [[id]] }, { cache }).logits!);
    expect(gtc.allclose(gtc.cat(steps, { axis: 1 }), model.forward({ inputIds: IDS }).logits!, { atol: 1e-5 })).toBe(true);
  });
  it('dropping out and learning are switched everywhere', () => {
    const changed = loadModel(GPT2, state);
    expect(changed.training).toBe(false);
    expect(
      changed
        .train()
        .namedModules()
        .every(([, module]) => module.training),
    ).toBe(true);
  });
});

describe('writing', () => {
  const model = createModel(LLAMA, { seed: 8 });
  it('texts of different lengths go on as each would alone', () => {
    const [short, long] = [
      [7, 8],
      [3, 9, 4, 5, 6],
    ];
    const alone = [short!, long!].map(text => model.generate({ inputIds: [text] }, { maxNewTokens: 8, eosTokenId: null }).sequences[0]!.slice(text.length));
    const padded = {
      inputIds: [[0, 0, 0, ...short!], long!],
      attentionMask: [
        [0, 0, 0, 1, 1],
        [1, 1, 1, 1, 1],
      ],
    };
    expect(model.generate(padded, { maxNewTokens: 8, eosTokenId: null }).sequences.map(row => row.slice(5))).toEqual(alone);
  });
  it('ends at the token that ends, and fills up what ended before', () => {
    const { sequences } = model.generate({ inputIds: IDS }, { maxNewTokens: 6, eosTokenId: null });
    const end = sequences[0]![5]!;
    const at = sequences[0]!.indexOf(end, 4) + 1;
    expect(model.generate({ inputIds: IDS }, { maxNewTokens: 6, eosTokenId: end }).sequences[0]).toEqual(sequences[0]!.slice(0, at));
    const two = model.generate({ inputIds: [IDS[0]!, [9, 9, 9, 9]] }, { maxNewTokens: 6, eosTokenId: [end], padTokenId: 19 }).sequences;
    expect(new Set(two.map(row => row.length)).size).toBe(1);
    expect(two[0]!.slice(at).every(id => id === 19)).toBe(true);
    const later = model.generate({ inputIds: IDS }, { maxNewTokens: 6, minNewTokens: 6, eosTokenId: end }).sequences[0]!;
    expect([later.length, later.slice(4).includes(end)]).toEqual([10, false]);
  });
  it('leaves no memory behind', () => {
    const before = gtc.memory().bytes;
    model.generate({ inputIds: IDS }, { maxNewTokens: 20, eosTokenId: null });
    expect(gtc.memory().bytes - before).toBeLessThan(200_000);
  });
  it('the decoder of an encoder-decoder may be given its first tokens', () => {
    const t5 = createModel({ model_type: 't5', d_model: 8, d_kv: 4, d_ff: 12, num_heads: 2, num_layers: 1, vocab_size: 20, eos_token_id: 1, pad_token_id: 0 });
    expect(t5.generate({ inputIds: IDS, decoderInputIds: [[0, 7]] }, { maxNewTokens: 3, eosTokenId: null }).sequences[0]!.slice(0, 2)).toEqual([0, 7]);
    expect(() => t5.forward({ inputIds: [[]], decoderInputIds: [[0]] })).toThrow('inputIds must have a token at least, got none');
    const bart = { model_type: 'bart', d_model: 8, encoder_attention_heads: 2, decoder_attention_heads: 2, encoder_layers: 1, decoder_layers: 1 };
    const short = createModel({ ...bart, encoder_ffn_dim: 8, decoder_ffn_dim: 8, vocab_size: 20, max_position_embeddings: 4 });
    expect(() => short.forward({ inputIds: [[1, 2, 3, 4, 5]], decoderInputIds: [[0]] })).toThrow('the text must have at most 4 tokens for this model, got 5');
    const { crossAttentions, logits } = t5.forward({ inputIds: IDS, decoderInputIds: [[0, 7]] }, { outputAttentions: true });
    expect([logits!.shape, crossAttentions![0]!.shape]).toEqual([
      [1, 2, 20],
      [1, 2, 2, 4],
    ]);
  });
});

describe('refusals', () => {
  const model = createModel(GPT2);
  const bert = createModel(BERT);
  const state = model.stateDict();
  const { 'transformer.ln_f.bias': _, ...partial } = state;
  const config =
    (changes: ModelJson): (() => unknown) =>
    () =>
      createModel({ ...GPT2, ...changes });
  const forward =
    (inputs: object, of: TransformerModel = model): (() => ModelOutput) =>
    () =>
      of.forward(inputs);
  it.each([
    [() => loadModel(GPT2, partial), 'the checkpoint does not fit the config: transformer.ln_f.bias is missing'],
    [
      () => loadModel({ ...GPT2, n_positions: 13 }, state),
      'the checkpoint does not fit the config: transformer.wpe.weight must have shape [13, 8] by the config, got [12, 8]',
    ],
    [() => loadModel(GPT2, {}), 'transformer.wte.weight is missing; transformer.wpe.weight is missing'],
    [() => loadModel(GPT2, {}), '; and 23 more'],
    [config({ model_type: 'gtp2' }), 'config.model_type must be one of albert, bart,'],
    [config({ n_layer: 0 }), 'config.n_layer must be a positive integer, got 0'],
    [config({ vocab_size: 'many' }), "config.vocab_size must be a positive integer, got 'many'"],
    [config({ tie_word_embeddings: 1 }), 'config.tie_word_embeddings must be true or false, got 1'],
    [config({ layer_norm_epsilon: '1' }), "config.layer_norm_epsilon must be a number, got '1'"],
    [config({ activation_function: 7 }), 'config.activation_function must be a text, got 7'],
    [config({ architectures: 'x' }), "config.architectures must be a list of texts, got 'x'"],
    [config({ architectures: ['GPT2ForDreams'] }), 'config.architectures names GPT2ForDreams, whose task is none of'],
    [config({ architectures: ['GPT2ForMaskedLM'] }), 'a gpt2 model has no task ForMaskedLM'],
    [() => createModel({ ...BERT, architectures: ['BertForPreTraining'] }), 'a bert model has no task ForPreTraining'],
    [() => createModel({ ...BERT, architectures: ['BertLMHeadModel'] }), 'a bert model has no task LMHeadModel'],
    [() => createModel({ model_type: 'vit', architectures: ['ViTForCausalLM'] }), 'a vit model has no task ForCausalLM'],
    [() => createModel({ model_type: 't5', architectures: ['T5Model'] }), 'a t5 model has no task Model'],
    [() => createModel({ ...LLAMA, pad_token_id: -1 }), 'config.pad_token_id must be the number of a token, got -1'],
    [() => createModel([] as never), 'config must be the object of a config.json, got []'],
    [forward({}), 'inputIds must be given'],
    [forward({ inputIds: [[1, 2], [3]] }), 'inputIds must be rows of one length; pad the shorter ones'],
    [forward({ inputIds: [[1.5]] }), 'inputIds must be whole numbers'],
    [forward({ inputIds: gtc.ones([1, 2]) }), 'inputIds must be whole numbers'],
    [forward({ inputIds: gtc.ones([2], { dtype: 'int32' }) }), 'inputIds must be [batch, length], got [2]'],
    [forward({ inputIds: [[]] }), 'inputIds must have a token at least, got none'],
    [forward({ inputIds: [[20]] }), 'inputIds must lie in [0, 20), got 20'],
    [forward({ inputIds: [Array(13).fill(1)] }), 'the text must have at most 12 tokens for this model, got position 12'],
    [forward({ inputIds: IDS, attentionMask: [[1]] }), 'attentionMask must be [1, 4], got [1, 1]'],
    [forward({ inputIds: [Array(13).fill(1)] }, bert), 'the text must have at most 12 tokens for this model, got position 12'],
    [forward({ inputIds: IDS, tokenTypeIds: [[2, 0, 0, 0]] }, bert), 'tokenTypeIds must lie in [0, 2), got 2'],
    [forward({ inputIds: [[]] }, bert), 'inputIds must have a token at least, got none'],
    [() => bert.generate({ inputIds: IDS }, { maxNewTokens: 1 }), 'a bert model reads all tokens at once and has no cache'],
    [() => createModel({ ...GPT2, architectures: ['GPT2Model'] }).generate({ inputIds: IDS }, { maxNewTokens: 1 }), 'this model scores no next token'],
    [() => model.generate({ inputIds: IDS }, { maxNewTokens: 0 }), 'maxNewTokens must be positive, got 0'],
    [() => model.generate({ inputIds: IDS }, { maxNewTokens: 50, eosTokenId: null }), 'the text must have at most 12 tokens for this model'],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
  it('an image and labels of another shape', () => {
    const vit = createModel({ model_type: 'vit', hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, image_size: 8, patch_size: 4 });
    expect(() => vit.forward({})).toThrow('pixelValues must be given');
    expect(() => vit.forward({ pixelValues: gtc.ones([1, 3, 9, 9]) })).toThrow('pixelValues must be [batch, 3, 8, 8], got [1, 3, 9, 9]');
    const classes = createModel({ ...LLAMA, architectures: ['LlamaForSequenceClassification'] });
    expect(() => classes.forward({ inputIds: IDS, labels: [1, 2] })).toThrow('labels must be [1], got [2]');
  });
});
