/** Names that GGUF gives to the tensors of transformers' checkpoints. */

/** Parts of names by the architecture, `#` for the number of the block. */
const LLAMA: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  'model.layers.#.self_attn.q_proj': 'blk.#.attn_q',
  'model.layers.#.self_attn.k_proj': 'blk.#.attn_k',
  'model.layers.#.self_attn.v_proj': 'blk.#.attn_v',
  'model.layers.#.self_attn.o_proj': 'blk.#.attn_output',
  'model.layers.#.self_attn.q_norm': 'blk.#.attn_q_norm',
  'model.layers.#.self_attn.k_norm': 'blk.#.attn_k_norm',
  'model.layers.#.mlp.gate_proj': 'blk.#.ffn_gate',
  'model.layers.#.mlp.up_proj': 'blk.#.ffn_up',
  'model.layers.#.mlp.down_proj': 'blk.#.ffn_down',
  'model.layers.#.input_layernorm': 'blk.#.attn_norm',
  'model.layers.#.post_attention_layernorm': 'blk.#.ffn_norm',
};
const GPT2: Readonly<Record<string, string>> = {
  'transformer.wte': 'token_embd',
  'transformer.wpe': 'position_embd',
  'transformer.ln_f': 'output_norm',
  lm_head: 'output',
  'transformer.h.#.attn.c_attn': 'blk.#.attn_qkv',
  'transformer.h.#.attn.c_proj': 'blk.#.attn_output',
  'transformer.h.#.mlp.c_fc': 'blk.#.ffn_up',
  'transformer.h.#.mlp.c_proj': 'blk.#.ffn_down',
  'transformer.h.#.ln_1': 'blk.#.attn_norm',
  'transformer.h.#.ln_2': 'blk.#.ffn_norm',
};
const BERT: Readonly<Record<string, string>> = {
  'embeddings.word_embeddings': 'token_embd',
  'embeddings.position_embeddings': 'position_embd',
  'embeddings.token_type_embeddings': 'token_types',
  'embeddings.LayerNorm': 'token_embd_norm',
  'encoder.layer.#.attention.self.query': 'blk.#.attn_q',
  'encoder.layer.#.attention.self.key': 'blk.#.attn_k',
  'encoder.layer.#.attention.self.value': 'blk.#.attn_v',
  'encoder.layer.#.attention.output.dense': 'blk.#.attn_output',
  'encoder.layer.#.attention.output.LayerNorm': 'blk.#.attn_output_norm',
  'encoder.layer.#.intermediate.dense': 'blk.#.ffn_up',
  'encoder.layer.#.output.dense': 'blk.#.ffn_down',
  'encoder.layer.#.output.LayerNorm': 'blk.#.layer_output_norm',
};

/** Names by architecture; the architectures that are built as Llama share its names. */
export const TENSOR_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = { bert: BERT, gpt2: GPT2, llama: LLAMA, qwen2: LLAMA, qwen3: LLAMA };

/** The name in GGUF, with `.weight` or `.bias` as it is; null where the architecture has no such tensor. */
export function nameIn(names: Readonly<Record<string, string>>, name: string): string | null {
  const [, stem, suffix] = /^(.*?)(\.(?:weight|bias))?$/s.exec(name)!;
  const block = /\.(\d+)\./.exec(stem!)?.[1];
  const found = names[block === undefined ? stem! : stem!.replace(`.${block}.`, '.#.')];
  return found === undefined ? null : found.replace('#', block ?? '#') + (suffix ?? '');
}
