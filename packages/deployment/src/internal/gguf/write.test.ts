import * as gtc from '@gtc/tensor';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportGguf, type GgufContent, type GgufEntry, type GgufFileType, type GgufSource, quantizeGgml, readGguf, writeGguf } from '../../gguf.js';

const scalar = fc.oneof(
  fc.string().map((value): [GgufEntry, unknown] => [value, value]),
  fc.boolean().map((value): [GgufEntry, unknown] => [value, value]),
  fc.integer({ min: -128, max: 127 }).map((value): [GgufEntry, unknown] => [{ type: 'INT8', value }, value]),
  fc.nat({ max: 65535 }).map((value): [GgufEntry, unknown] => [{ type: 'UINT16', value }, value]),
  fc.nat({ max: 2 ** 31 - 1 }).map((value): [GgufEntry, unknown] => [{ type: 'UINT32', value }, value]),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n - 1n }).map((value): [GgufEntry, unknown] => [{ type: 'UINT64', value }, value]),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 60n) }).map((value): [GgufEntry, unknown] => [{ type: 'INT64', value }, value]),
  fc.float({ noNaN: true }).map((value): [GgufEntry, unknown] => [{ type: 'FLOAT32', value }, value]),
  fc.double({ noNaN: true }).map((value): [GgufEntry, unknown] => [{ type: 'FLOAT64', value }, value]),
  fc.array(fc.string()).map((value): [GgufEntry, unknown] => [{ type: 'ARRAY', of: 'STRING', value }, value]),
  fc.array(fc.integer({ min: -1000, max: 1000 })).map((value): [GgufEntry, unknown] => [{ type: 'ARRAY', of: 'INT16', value }, value]),
);

describe('writeGguf', () => {
  it('what was written reads back, whatever the alignment', () => {
    const key = fc.string({ minLength: 1, maxLength: 8 }).filter(each => each !== 'general.alignment' && each !== '__proto__');
    const tensor = fc.record({ rows: fc.nat({ max: 3 }), type: fc.constantFrom('F32' as const, 'F16' as const, 'Q8_0' as const, 'Q4_0' as const) });
    fc.assert(
      fc.property(fc.dictionary(key, scalar), fc.dictionary(key, tensor), fc.constantFrom(8, 32, 64), (entries, tensors, alignment) => {
        const content: GgufContent = {
          metadata: Object.fromEntries(Object.entries(entries).map(([name, [entry]]) => [name, entry])),
          tensors: Object.fromEntries(
            Object.entries(tensors).map(([name, { rows, type }]) => [
              name,
              { type, shape: [rows, 32], data: Float32Array.from({ length: 32 * rows }, (_, i) => i - 16) },
            ]),
          ),
          alignment,
        };
        const file = readGguf(writeGguf(content));
        expect(file.alignment).toBe(alignment);
        for (const [name, [, value]] of Object.entries(entries)) expect(file.metadata.get(name)).toEqual(value);
        for (const { name, type, shape, bytes } of file.tensors.map(each => ({ ...each, bytes: each.bytes() }))) {
          const { data } = content.tensors[name]!;
          expect([type, shape, bytes]).toEqual([tensors[name]!.type, [tensors[name]!.rows, 32], quantizeGgml(data as Float32Array, type)]);
        }
        return file.tensors.length === Object.keys(tensors).length;
      }),
      { numRuns: 60 },
    );
  });
  it('bytes of a type go in as they are', () => {
    const data = quantizeGgml(new Float32Array(32).fill(1), 'Q4_0');
    expect(readGguf(writeGguf({ metadata: {}, tensors: { x: { type: 'Q4_0', shape: [32], data } } })).tensors[0]!.bytes()).toEqual(data);
  });
  const one = Float32Array.of(1);
  const made =
    (metadata: object, tensors: object = {}, alignment = 32): (() => unknown) =>
    () =>
      writeGguf({ metadata, tensors, alignment } as GgufContent);
  it.each([
    [made({ a: { type: 'UINT8', value: 256 } }), 'metadata a must be a whole number in [0, 255], got 256'],
    [made({ a: { type: 'INT32', value: 1.5 } }), 'metadata a must be a whole number in [-2147483648, 2147483647], got 1.5'],
    [made({ a: { type: 'FLOAT32', value: 'x' } }), "metadata a must be a number, got 'x'"],
    [made({ a: { type: 'BOOL', value: 1 } }), 'metadata a must be true or false, got 1'],
    [made({ a: { type: 'ARRAY', of: 'STRING', value: [1] } }), 'metadata a must be a text, got 1'],
    [made({ a: { type: 'UINT7', value: 1 } }), 'type of metadata a must be one of'],
    [made({ '': 'x' }), 'metadata key cannot be empty'],
    [made({}, { x: { type: 'F99', shape: [1], data: one } }), 'type of x must be one of'],
    [made({}, { x: { type: 'F32', shape: [2], data: one } }), 'x must have 2 numbers for its shape [2], got 1'],
    [made({}, { x: { type: 'Q8_0', shape: [3], data: one } }), 'rows of x must be a multiple of 32 for Q8_0, got 3'],
    [made({}, { x: { type: 'F16', shape: [3], data: new Uint8Array(5) } }), 'x must have 6 bytes of F16 for its shape [3], got 5'],
    [made({}, {}, 12), 'alignment must be a multiple of 8, got 12'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

describe('exportGguf', () => {
  const config = {
    model_type: 'llama',
    hidden_size: 32,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    num_hidden_layers: 1,
    intermediate_size: 33,
    vocab_size: 4,
    rope_theta: 5000,
    eos_token_id: 2,
    pad_token_id: 3,
  };
  const tokenizer = {
    model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [['a', 'b'], 'b a'] },
    added_tokens: [{ id: 2, content: '<end>', special: true }],
  };
  const row = (rows: number, columns: number): gtc.Tensor =>
    gtc
      .arange(0, rows * columns)
      .astype('float32')
      .reshape([rows, columns]);
  const tensors = {
    'model.embed_tokens.weight': row(4, 32),
    'model.layers.0.self_attn.q_proj.weight': row(32, 32),
    'model.layers.0.self_attn.k_proj.weight': row(16, 32),
    'model.layers.0.mlp.down_proj.weight': row(32, 33),
    'model.norm.weight': gtc.ones([32]),
  };
  const source: GgufSource = { config, tensors, tokenizer };
  it('names, types, vocabulary and order of heads are those of llama.cpp', () => {
    const file = readGguf(exportGguf({ ...source, name: 'tiny' }, 'Q4_0'));
    expect(Object.fromEntries(file.tensors.map(({ name, type }) => [name, type]))).toEqual({
      'token_embd.weight': 'Q8_0',
      'blk.0.attn_q.weight': 'Q4_0',
      'blk.0.attn_k.weight': 'Q4_0',
      'blk.0.ffn_down.weight': 'F16',
      'output_norm.weight': 'F32',
    });
    const meta = (key: string): unknown => file.metadata.get(key);
    expect([meta('general.name'), meta('general.file_type'), meta('llama.rope.freq_base'), meta('llama.attention.head_count_kv')]).toEqual([
      'tiny',
      2,
      5000,
      1,
    ]);
    expect(meta('tokenizer.ggml.tokens')).toEqual(['a', 'b', '<end>', '[PAD3]']);
    expect(meta('tokenizer.ggml.token_type')).toEqual([1, 1, 3, 5]);
    expect(meta('tokenizer.ggml.merges')).toEqual(['a b', 'b a']);
    expect([meta('tokenizer.ggml.eos_token_id'), meta('tokenizer.ggml.padding_token_id'), meta('tokenizer.ggml.bos_token_id')]).toEqual([2, 3, undefined]);
    const q = readGguf(exportGguf(source, 'F32')).tensors[1]!.load().get(':', 0).tolist() as number[];
    // Rows 0 and 8 of a head of 16 are a pair.
    expect(q.slice(0, 4).map(value => value / 32)).toEqual([0, 8, 1, 9]);
  });
  it('mixed files give more bits where they count, and small rows other blocks', () => {
    const wide = { ...config, hidden_size: 256, num_attention_heads: 2, num_hidden_layers: 8, intermediate_size: 320 };
    const layer = (i: number): Record<string, gtc.Tensor> => ({
      [`model.layers.${i}.self_attn.v_proj.weight`]: row(2, 256),
      [`model.layers.${i}.self_attn.o_proj.weight`]: row(2, 256),
      [`model.layers.${i}.mlp.down_proj.weight`]: row(2, 320),
    });
    const tied: Record<string, gtc.Tensor> = Object.assign({ 'model.embed_tokens.weight': row(4, 256) }, ...[0, 1, 2, 3, 4, 5, 6, 7].map(layer));
    const typesOf = (fileType: GgufFileType, tensors: Record<string, gtc.Tensor> = tied): Record<string, string> =>
      Object.fromEntries(readGguf(exportGguf({ config: wide, tensors, tokenizer }, fileType)).tensors.map(({ name, type }) => [name, type]));
    const mixed = typesOf('Q4_K_M');
    expect([0, 1, 2, 3, 4, 5, 6, 7].filter(i => mixed[`blk.${i}.attn_v.weight`] === 'Q6_K')).toEqual([0, 3, 6, 7]);
    expect([mixed['blk.1.attn_v.weight'], mixed['blk.0.attn_output.weight'], mixed['token_embd.weight']]).toEqual(['Q4_K', 'Q4_K', 'Q6_K']);
    // 320 is no multiple of 256.
    expect([mixed['blk.0.ffn_down.weight'], mixed['blk.1.ffn_down.weight'], typesOf('Q5_K_S')['blk.1.ffn_down.weight']]).toEqual(['Q8_0', 'Q5_0', 'Q5_1']);
    const untied = typesOf('Q5_K_M', { ...tied, 'lm_head.weight': row(4, 256) });
    expect([untied['token_embd.weight'], untied['output.weight'], untied['blk.0.attn_v.weight']]).toEqual(['Q5_K', 'Q6_K', 'Q6_K']);
    const gpt2 = { model_type: 'gpt2', n_embd: 256, n_head: 2, n_layer: 1, n_positions: 8, vocab_size: 4 };
    const fused = { 'transformer.wte.weight': row(4, 256), 'transformer.h.0.attn.c_attn.weight': row(256, 3) };
    const typeOfQkv = (fileType: GgufFileType): string => readGguf(exportGguf({ config: gpt2, tensors: fused, tokenizer }, fileType)).tensors[1]!.type;
    expect([typeOfQkv('Q4_K_M'), typeOfQkv('Q5_K_M'), typeOfQkv('Q4_K_S'), typeOfQkv('Q6_K')]).toEqual(['Q5_K', 'Q6_K', 'Q4_K', 'Q6_K']);
  });
  it('layers of GPT-2 lie the other way there', () => {
    const gpt2 = { model_type: 'gpt2', n_embd: 32, n_head: 2, n_layer: 1, n_positions: 8, vocab_size: 4 };
    const from = new Map(
      Object.entries({ 'transformer.wte.weight': row(4, 32), 'transformer.h.0.mlp.c_fc.weight': row(32, 64) }).map(([name, x]) => [name, { load: () => x }]),
    );
    const file = readGguf(exportGguf({ config: gpt2, tensors: from, tokenizer }));
    expect(file.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['token_embd.weight', [4, 32]],
      ['blk.0.ffn_up.weight', [64, 32]],
    ]);
    expect(file.metadata.get('gpt2.attention.head_count')).toBe(2);
  });
  const refused =
    (changes: object, type: GgufFileType = 'F16'): (() => unknown) =>
    () =>
      exportGguf({ ...source, ...changes }, type);
  it.each([
    [refused({ config: { ...config, model_type: 'bert' } }), "config.model_type must be one of gpt2, llama, mistral, got 'bert'"],
    [refused({ config: { ...config, hidden_size: 0 } }), 'config.hidden_size must be a positive integer, got 0'],
    [refused({ config: { ...config, vocab_size: 5 } }), 'the table of tokens must have 5 rows by the config, got 4'],
    [refused({ config: { ...config, rope_scaling: { rope_type: 'yarn' } } }), 'rotary embeddings of kind yarn are not exported'],
    [refused({ tensors: { 'model.odd.weight': row(1, 1) } }), 'model.odd.weight has no place in a llama file'],
    [refused({ tensors: {} }), 'the table of tokens must have 4 rows by the config, got none'],
    [refused({ tokenizer: { model: { type: 'Unigram' } } }), 'the tokenizer must be a byte-level BPE with vocab and merges'],
    [refused({ tokenizer: { model: { type: 'BPE', vocab: { a: 9 }, merges: [] } } }), "token 'a' has the number 9, outside the 4 of the model"],
    [refused({}, 'Q9_K' as never), 'fileType must be one of'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
