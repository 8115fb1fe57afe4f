import { readFileSync } from 'node:fs';
import { evidenceCases, mutantCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dequantizeGgml,
  GGML_TYPES,
  type GgmlType,
  type GgufTensor,
  type GgufValue,
  ggufTensorName,
  LLAMA_FILE_TYPES,
  quantizeGgml,
  readGguf,
} from '../../gguf.js';

const folder = process.env['GTC_EVIDENCE_DIR'];
const file = (name: string): Uint8Array =>
  new Uint8Array(
    readFileSync(
      folder === undefined || folder === '' ? new URL(`../../../evidence/${name}`, import.meta.url) : new URL(`file://${folder}/deployment/${name}`),
    ),
  );

type FileName = { readonly $file: string };
interface ReadInput {
  readonly file?: FileName;
  readonly base?: FileName;
  readonly bytes_head?: Uint8Array;
  readonly length?: number;
}

/** The bytes that a case speaks of: a file, or one with another beginning and length. */
function bytesOf({ file: whole, base, bytes_head: head, length }: ReadInput): Uint8Array {
  if (whole !== undefined) return file(whole.$file);
  const bytes = file(base!.$file);
  return Uint8Array.of(...head!, ...bytes.subarray(64, Math.max(64, length!))).subarray(0, length);
}

const flat = (value: GgufValue): GgufValue => (Array.isArray(value) ? value.flatMap(item => flat(item as GgufValue) as GgufValue[]) : value);
type Values = { readonly dtype: string; readonly data: readonly number[] };

/** A tensor's numbers in its shape; a float32 as the file writes it, where that decimal is the same float32. */
function numbers(tensor: GgufTensor, { dtype, data }: Values): unknown {
  const loaded = tensor.load();
  if (dtype !== 'float32') return loaded.tolist();
  let at = 0;
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    const expected = data[at++]!;
    return Math.fround(expected) === value ? expected : value;
  };
  return walk(loaded.tolist());
}

const answers = {
  readGguf: (input: ReadInput, { expect: expected }: { readonly expect?: Readonly<Record<string, unknown>> }) => {
    const bytes = bytesOf(input);
    const { version, alignment, dataOffset, metadata, types, tensors } = readGguf(bytes);
    if (expected !== undefined && 'values' in expected)
      return {
        metadata: Object.fromEntries([...metadata].filter(([key]) => key.startsWith('k.'))),
        values: numbers(tensors[0]!, expected['values'] as Values),
      };
    return {
      version,
      alignment,
      data_offset: dataOffset,
      metadata: Object.fromEntries([...metadata].map(([key, value]) => [key, { types: types.get(key), value: flat(value) }])),
      tensors: tensors.map((tensor, i) => ({
        name: tensor.name,
        type: tensor.type,
        ggml_shape: tensor.ggmlShape,
        shape: tensor.shape,
        offset: tensor.offset,
        n_bytes: tensor.nBytes,
        values: numbers(tensor, (expected!['tensors'] as { values: Values }[])[i]!.values),
      })),
      file_bytes: bytes.length,
    };
  },
  ggmlTypeTable: () =>
    Object.fromEntries(Object.entries(GGML_TYPES).map(([name, layout]) => [name, { ...layout, bits_per_weight: (8 * layout.bytes) / layout.block }])),
  llamaFileTypes: () => LLAMA_FILE_TYPES,
  ggufTensorName: ({ arch, names }: { readonly arch: string; readonly names: readonly string[] }) =>
    Object.fromEntries(names.map(name => [name, ggufTensorName(arch, name)])),
};

describe('evidence: gguf', () => {
  it.each(evidenceCases('deployment/gguf', answers as never, import.meta.url, '../../../evidence/gguf.json'))('$name', c => c.run());
});

describe('broken files', () => {
  const parse = (bytes: Uint8Array): unknown => readGguf(bytes).tensors.map(tensor => tensor.load());
  it.each(
    mutantCases(
      {
        metadata: () => file('gguf_files/all_metadata.gguf'),
        tensors: () => file('gguf_files/tensors.gguf'),
        'big endian': () => file('gguf_files/big_endian.gguf'),
      },
      parse,
      {
        count: 700,
      },
    ),
  )('$name', c => c.run());

  /** A file of version 3 from its parts: numbers are u32, bigints u64, texts with their length. */
  const made = (...parts: readonly (number | bigint | string | Uint8Array)[]): Uint8Array => {
    const chunks = parts.map(part => {
      if (part instanceof Uint8Array) return part;
      if (typeof part === 'number') return new Uint8Array(Uint32Array.of(part).buffer);
      if (typeof part === 'bigint') return new Uint8Array(BigUint64Array.of(part).buffer);
      const text = new TextEncoder().encode(part);
      return Uint8Array.of(...new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer), ...text);
    });
    return Uint8Array.from([0x47, 0x47, 0x55, 0x46, ...chunks.flatMap(chunk => [...chunk])]);
  };
  const nested = (depth: number): readonly (number | bigint)[] => [9, ...Array.from({ length: depth }, () => [9, 1n]).flat(), 0, 1n];
  const space = new Uint8Array(64);
  it.each([
    ['a key that is there twice', made(3, 0n, 2n, 'a', 0, Uint8Array.of(1), 'a', 0, Uint8Array.of(1)), 'gguf: the key a is there twice'],
    ['a type of value that does not exist', made(3, 0n, 1n, 'a', 13, space), 'gguf: a has the unknown type 13'],
    [
      'a text longer than the file',
      made(3, 0n, 1n, 'a', 8, 1000n),
      'gguf: the length of the value of a is 1000, and the 0 bytes that remain cannot hold that (at offset 37)',
    ],
    ['a list longer than the file', made(3, 0n, 1n, 'a', 9, 4, 1n << 60n), 'gguf: the length of a is 1152921504606846976'],
    ['lists in lists without end', made(3, 0n, 1n, 'a', ...nested(40), space, space), 'gguf: a is lists in lists, more than 8 deep'],
    ['an alignment of zero', made(3, 0n, 1n, 'general.alignment', 4, 0), 'gguf: general.alignment must be an integer from 1 to 1048576, got 0'],
    ['an alignment that is a text', made(3, 0n, 1n, 'general.alignment', 8, 'x'), 'got x'],
    ['a type of tensor that does not exist', made(3, 1n, 0n, 't', 1, 4n, 99, 0n, space), 'gguf: t has the unknown type 99'],
    ['rows that do not fill blocks', made(3, 1n, 0n, 't', 1, 33n, 8, 0n, space), 'gguf: t has rows of 33, which blocks of 32 of type Q8_0 do not fill'],
    ['too many dimensions', made(3, 1n, 0n, 't', 9, space, space, space), 'gguf: t has 9 dimensions, at most 8 are possible'],
    ['a tensor beyond the file', made(3, 1n, 0n, 't', 1, 1n << 62n, 0, 0n, space), 'and the file has'],
    ['a place that is not aligned', made(3, 1n, 0n, 't', 1, 1n, 0, 4n, space), 'gguf: t begins at 4, which is no multiple of 32'],
    ['two tensors of one name', made(3, 2n, 0n, 't', 1, 1n, 0, 0n, 't', 1, 1n, 0, 0n, space, space), 'gguf: the tensor t is there twice'],
    ['version 1', made(1, 0n, 0n), 'gguf: version 1 is unknown, 2 and 3 are known'],
  ])('%s', (_, bytes, message) => {
    expect(() => readGguf(bytes)).toThrow(message);
  });
  it('reads version 2 and a scalar', () => {
    const { tensors, version } = readGguf(made(2, 1n, 0n, 't', 0, 0, 0n, new Uint8Array(96)));
    expect([version, tensors[0]!.shape, tensors[0]!.load().item()]).toEqual([2, [], 0]);
  });
  it('reads integers of sixteen bits', () => {
    const { tensors } = readGguf(
      made(
        3,
        1n,
        0n,
        't',
        2,
        2n,
        1n,
        25,
        0n,
        Uint8Array.from({ length: 87 }, (_, i) => (i < 55 ? 0 : i - 54)),
      ),
    );
    expect([tensors[0]!.load().dtype, tensors[0]!.load().shape]).toEqual(['int16', [1, 2]]);
  });
  it('says which types it does not decode', () => {
    const { tensors } = readGguf(made(3, 1n, 0n, 't', 1, 256n, 15, 0n, new Uint8Array(400)));
    expect(() => tensors[0]!.load()).toThrow('type Q8_K cannot be read here, only F32, F16, BF16, Q4_0');
    expect(tensors[0]!.bytes().length).toBe(292);
  });
  it('swaps the bytes of plain numbers in big endian, and refuses blocks, which no reader defines', () => {
    const big = file('gguf_files/big_endian.gguf').slice();
    expect(readGguf(big).littleEndian).toBe(false);
    // The tensor's type stands before its place, the last eight bytes of the header: make it Q8_0, whose rows must be 32.
    const [tensor] = readGguf(big).tensors;
    const view = new DataView(big.buffer);
    const typeAt =
      [...big.keys()].find(at => at > 60 && new TextDecoder().decode(big.subarray(at, at + tensor!.name.length)) === tensor!.name)! +
      tensor!.name.length +
      4 +
      16;
    expect(view.getUint32(typeAt)).toBe(0);
    view.setBigUint64(typeAt - 16, 0n);
    view.setUint32(typeAt, 8);
    expect(() => readGguf(big).tensors[0]!.load()).toThrow('has blocks of type Q8_0 in big endian');
  });
});

describe('blocks', () => {
  const types: readonly GgmlType[] = ['F32', 'F16', 'BF16', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0'];
  const levels: Readonly<Partial<Record<GgmlType, number>>> = { Q4_0: 8, Q4_1: 7.5, Q5_0: 16, Q5_1: 15.5, Q8_0: 127, F16: 1024, BF16: 128 };
  it.each(types)('%s: what was written reads back within half a level', type => {
    const number = fc.float({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { minLength: 32, maxLength: 32 }), list => {
        const x = Float32Array.from(list);
        const back = dequantizeGgml(quantizeGgml(x, type), type, x.length);
        const most = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
        const step = levels[type] === undefined ? 0 : (1.02 * most) / levels[type]!;
        return x.every((value, i) => Math.abs(value - back[i]!) <= step + 1e-4);
      }),
      { numRuns: 100 },
    );
  });
  it.each(types)('%s: a block that was read is written as it was', type => {
    const x = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * i) * 3);
    const bytes = quantizeGgml(x, type);
    const { block, bytes: size } = GGML_TYPES[type];
    expect(bytes.length).toBe((64 / block) * size);
    if (['F32', 'F16', 'BF16', 'Q8_0'].includes(type)) expect(quantizeGgml(dequantizeGgml(bytes, type, 64), type)).toEqual(bytes);
  });
  it('zeros, infinities and the smallest halves', () => {
    for (const type of types) expect([...dequantizeGgml(quantizeGgml(new Float32Array(32), type), type, 32)].every(value => value === 0)).toBe(true);
    const halves = Uint8Array.of(0, 0x7c, 0, 0xfc, 1, 0, 0, 0x7e, 0xff, 0x03);
    expect([...dequantizeGgml(halves, 'F16', 5)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      2 ** -24,
      Number.NaN,
      Math.fround(1023 * 2 ** -24),
    ]);
  });
  it('refuses what it cannot do', () => {
    expect(() => quantizeGgml(new Float32Array(33), 'Q4_0')).toThrow('type Q4_0 is stored in blocks of 32, which 33 numbers do not fill');
    expect(() => quantizeGgml(new Float32Array(256), 'IQ2_S')).toThrow('type IQ2_S cannot be written here');
    expect(() => dequantizeGgml(new Uint8Array(17), 'Q4_0', 32)).toThrow('blocks of Q4_0 have 18 bytes each, which 17 bytes do not fill');
    expect(() => dequantizeGgml(new Uint8Array(18), 'Q4_0', 64)).toThrow('64 numbers of type Q4_0 are 36 bytes, in blocks of 32, got 18');
    expect(() => dequantizeGgml(new Uint8Array(0), 'Q9' as never, 0)).toThrow('type must be one of F32, F16');
    expect(() => readGguf(null as never)).toThrow('bytes cannot be null');
  });
});

describe('ggufTensorName', () => {
  it.each([
    ['gpt2', 'lm_head.weight', 'output.weight'],
    ['llama', 'model.layers.12.self_attn.o_proj.weight', 'blk.12.attn_output.weight'],
    ['llama', 'model.layers.12.unknown.weight', null],
    ['bert', 'pooler.dense.bias', null],
    ['bert', 'embeddings.LayerNorm.bias', 'token_embd_norm.bias'],
    ['llama', 'lm_head', 'output'],
  ])('%s %s', (architecture, name, expected) => {
    expect(ggufTensorName(architecture, name)).toBe(expected);
  });
  it('names the architectures', () => {
    expect(() => ggufTensorName('mamba', 'x')).toThrow("architecture must be one of bert, gpt2, llama, qwen2, qwen3, got 'mamba'");
  });
});
