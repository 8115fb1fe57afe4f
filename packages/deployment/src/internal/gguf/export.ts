/** Transformers' checkpoints as GGUF files that llama.cpp runs. */
import { FormatError, oneOf, show, UnsupportedError, ValidationError } from '@gtc/errors';
import { permute, type Tensor } from '@gtc/tensor';
import { nameIn, TENSOR_NAMES } from './names.js';
import { GGML_TYPES, type GgmlType, LLAMA_FILE_TYPES } from './types.js';
import { type GgufContent, type GgufEntry, type GgufTensorEntry, write } from './write.js';

/** How most tensors of a file are stored. */
export const GGUF_FILE_TYPES = ['F32', 'F16', 'BF16', 'Q8_0', 'Q6_K', 'Q5_K_M', 'Q5_K_S', 'Q5_1', 'Q5_0', 'Q4_K_M', 'Q4_K_S', 'Q4_1', 'Q4_0'] as const;
/** A name of {@link GGUF_FILE_TYPES}. */
export type GgufFileType = (typeof GGUF_FILE_TYPES)[number];

type Json = Readonly<Record<string, unknown>>;

/** A model as transformers stores it. */
export interface GgufSource {
  /** The parsed `config.json`; `llama`, `mistral` or `gpt2`. */
  readonly config: Json;
  /** Tensors by their names in the checkpoint. */
  readonly tensors: Readonly<Record<string, Tensor>> | ReadonlyMap<string, { load(): Tensor }>;
  /** The parsed `tokenizer.json`, a byte-level BPE. */
  readonly tokenizer: Json;
  readonly name?: string;
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function count(config: Json, name: string, fallback?: number): number {
  const value = config[name] ?? fallback;
  if (!Number.isInteger(value) || (value as number) <= 0)
    throw new ValidationError(`config.${name} must be a positive integer, got ${show(value)}`, { parameter: 'config', received: value });
  return value as number;
}

const u32 = (value: number): GgufEntry => ({ type: 'UINT32', value });
const f32 = (value: number): GgufEntry => ({ type: 'FLOAT32', value });

/** What llama.cpp needs to know of the architecture. */
function architectureOf(config: Json): {
  readonly name: 'llama' | 'gpt2';
  readonly metadata: Record<string, GgufEntry>;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
} {
  const type = oneOf<string>(config['model_type'], 'config.model_type', ['llama', 'mistral', 'gpt2']);
  if (type === 'gpt2') {
    const width = count(config, 'n_embd', 768);
    const heads = count(config, 'n_head', 12);
    const layers = count(config, 'n_layer', 12);
    const metadata = {
      'gpt2.block_count': u32(layers),
      'gpt2.context_length': u32(count(config, 'n_positions', 1024)),
      'gpt2.embedding_length': u32(width),
      'gpt2.feed_forward_length': u32(count(config, 'n_inner', 4 * width)),
      'gpt2.attention.head_count': u32(heads),
      'gpt2.attention.layer_norm_epsilon': f32((config['layer_norm_epsilon'] as number | undefined) ?? 1e-5),
    };
    return { name: 'gpt2', metadata, layers, heads, kvHeads: heads };
  }
  const [width, heads] = [count(config, 'hidden_size'), count(config, 'num_attention_heads')];
  const kvHeads = count(config, 'num_key_value_heads', heads);
  const headDim = count(config, 'head_dim', width / heads);
  const rope = isRecord(config['rope_parameters']) ? config['rope_parameters'] : {};
  const scaling = (rope['rope_type'] ?? (config['rope_scaling'] as Json | undefined)?.['rope_type'] ?? 'default') as string;
  if (scaling !== 'default') throw new UnsupportedError(`rotary embeddings of kind ${scaling} are not exported`, { parameter: 'config', received: scaling });
  const layers = count(config, 'num_hidden_layers');
  const metadata = {
    'llama.block_count': u32(layers),
    'llama.context_length': u32(count(config, 'max_position_embeddings', 2048)),
    'llama.embedding_length': u32(width),
    'llama.feed_forward_length': u32(count(config, 'intermediate_size')),
    'llama.attention.head_count': u32(heads),
    'llama.attention.head_count_kv': u32(kvHeads),
    'llama.attention.key_length': u32(headDim),
    'llama.attention.value_length': u32(headDim),
    'llama.attention.layer_norm_rms_epsilon': f32((config['rms_norm_eps'] as number | undefined) ?? 1e-6),
    'llama.rope.dimension_count': u32(headDim),
    'llama.rope.freq_base': f32(((rope['rope_theta'] ?? config['rope_theta']) as number | undefined) ?? 10000),
    'llama.vocab_size': u32(count(config, 'vocab_size')),
  };
  return { name: 'llama', metadata, layers, heads, kvHeads };
}

/** Kinds of tokens. */
const [NORMAL, CONTROL, UNUSED] = [1, 3, 5];

/** The vocabulary of a byte-level BPE. */
function vocabularyOf(tokenizer: Json, config: Json, size: number): Record<string, GgufEntry> {
  const model = tokenizer['model'];
  if (!isRecord(model) || model['type'] !== 'BPE' || !isRecord(model['vocab']) || !Array.isArray(model['merges']))
    throw new UnsupportedError('the tokenizer must be a byte-level BPE with vocab and merges', { parameter: 'tokenizer' });
  const added = (Array.isArray(tokenizer['added_tokens']) ? tokenizer['added_tokens'] : []) as readonly {
    readonly id: number;
    readonly content: string;
    readonly special: boolean;
  }[];
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  const types = Array<number>(size).fill(UNUSED);
  const put = (id: number, token: string, type: number): void => {
    if (!Number.isInteger(id) || id < 0 || id >= size)
      throw new FormatError(`token ${show(token)} has the number ${show(id)}, outside the ${size} of the model`, { parameter: 'tokenizer' });
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(model['vocab'])) put(id as number, token, NORMAL);
  for (const { id, content, special } of added) put(id, content, special ? CONTROL : NORMAL);
  const merges = model['merges'].map((merge: unknown) => (Array.isArray(merge) ? merge.join(' ') : String(merge)));
  const ends = ['bos', 'eos', 'pad'].flatMap(kind => {
    const id = config[`${kind}_token_id`];
    return typeof id === 'number' ? [[`tokenizer.ggml.${kind === 'pad' ? 'padding' : kind}_token_id`, u32(id)] as const] : [];
  });
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': { type: 'ARRAY', of: 'STRING', value: tokens },
    'tokenizer.ggml.token_type': { type: 'ARRAY', of: 'INT32', value: types },
    'tokenizer.ggml.merges': { type: 'ARRAY', of: 'STRING', value: merges },
    ...Object.fromEntries(ends),
    'tokenizer.ggml.add_bos_token': false,
  };
}

/** Rows of queries and keys in the order in which llama.cpp turns them: the pairs of a head side by side. */
function paired(x: Tensor, heads: number): Tensor {
  const [rows, columns] = x.shape as [number, number];
  return permute(x.reshape([heads, 2, rows / heads / 2, columns]), [0, 2, 1, 3]).reshape([rows, columns]);
}

/** What takes the place of super-blocks where rows do not fill them. */
const SMALLER: Readonly<Partial<Record<GgmlType, GgmlType>>> = { Q4_K: 'Q5_0', Q5_K: 'Q5_1', Q6_K: 'Q8_0' };

/** What of a model decides the types of its tensors. */
interface Depth {
  readonly layers: number;
  /** Whether the table of tokens gives the scores as well. */
  readonly isTied: boolean;
}

/** Whether a mixed file gives a layer's values and down projections more bits: the first and last eighth, and every third between. */
function isFavoured(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** The type that a file type has in mind for a matrix. */
function wantedType(name: string, fileType: GgufFileType, { layers, isTied }: Depth): GgmlType {
  const isTable = name === 'token_embd.weight' || name === 'output.weight';
  if (!fileType.includes('_K')) return isTable && /^Q[45]/.test(fileType) ? 'Q8_0' : (fileType as GgmlType);
  const plain = fileType.replace(/_[MS]$/, '') as GgmlType;
  if (isTable) return isTied || name === 'output.weight' ? 'Q6_K' : plain;
  if (!fileType.endsWith('_M')) return plain;
  const [, layer, part] = /^blk\.(\d+)\.(.*)\.weight$/.exec(name) ?? [];
  if (part === 'attn_qkv') return plain === 'Q4_K' ? 'Q5_K' : 'Q6_K';
  return (part === 'attn_v' || part === 'ffn_down') && isFavoured(Number(layer), layers) ? 'Q6_K' : plain;
}

/** The type of a tensor in a file: vectors stay whole, rows that do not fill blocks take smaller ones or halves. */
function typeOf(name: string, shape: readonly number[], fileType: GgufFileType, depth: Depth): GgmlType {
  if (shape.length < 2) return 'F32';
  const wanted = wantedType(name, fileType, depth);
  return [wanted, SMALLER[wanted] ?? wanted].find(type => shape.at(-1)! % GGML_TYPES[type].block === 0) ?? 'F16';
}

/** The content of a file. */
function contentOf({ config, tensors, tokenizer, name = 'model' }: GgufSource, fileType: GgufFileType): GgufContent {
  oneOf(fileType, 'fileType', GGUF_FILE_TYPES);
  const architecture = architectureOf(config);
  const entries =
    tensors instanceof Map
      ? [...tensors].map(([each, x]) => [each, (x as { load(): Tensor }).load()] as const)
      : Object.entries(tensors as Readonly<Record<string, Tensor>>);
  const names = TENSOR_NAMES[architecture.name]!;
  const depth = { layers: architecture.layers, isTied: !entries.some(([each]) => each === 'lm_head.weight') };
  const written: Record<string, GgufTensorEntry> = {};
  for (const [each, x] of entries) {
    const found = nameIn(names, each);
    if (found === null) throw new UnsupportedError(`${each} has no place in a ${architecture.name} file`, { parameter: 'tensors', received: each });
    const { heads, kvHeads } = architecture;
    const turned =
      architecture.name === 'llama' && found.includes('.attn_q.')
        ? paired(x, heads)
        : architecture.name === 'llama' && found.includes('.attn_k.')
          ? paired(x, kvHeads)
          : x;
    // GPT-2's layers lie the other way.
    const laid = architecture.name === 'gpt2' && x.ndim === 2 && found.startsWith('blk.') ? turned.swapaxes(0, 1) : turned;
    written[found] = { type: typeOf(found, laid.shape, fileType, depth), shape: laid.shape, data: laid.astype('float32').contiguous().data as Float32Array };
  }
  const size = count(config, 'vocab_size', 50257);
  const rows = written['token_embd.weight']?.shape[0];
  if (rows !== size) throw new FormatError(`the table of tokens must have ${size} rows by the config, got ${rows ?? 'none'}`, { parameter: 'tensors' });
  const metadata = {
    'general.architecture': architecture.name,
    'general.name': name,
    'general.file_type': u32(LLAMA_FILE_TYPES[fileType === 'F32' ? 'ALL_F32' : `MOSTLY_${fileType}`]!),
    'general.quantization_version': u32(2),
    ...architecture.metadata,
    ...vocabularyOf(tokenizer, config, size),
  };
  return { metadata, tensors: written };
}

/** The bytes of a file. @see exportGguf */
export const exported = (source: GgufSource, fileType: GgufFileType): Uint8Array => write(contentOf(source, fileType));
