import { readFileSync } from 'node:fs';
import { fromTypedArray, type Tensor, tensor } from '@gtc/tensor';
import { evidenceCases, mutantCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planShards, type RawTensor, readSafetensors, readShardedSafetensors, type SafetensorsTensor, writeSafetensors } from '../../safetensors.js';

const folder = process.env['GTC_EVIDENCE_DIR'];
const file = (name: string): Uint8Array =>
  new Uint8Array(
    readFileSync(
      folder === undefined || folder === '' ? new URL(`../../../evidence/${name}`, import.meta.url) : new URL(`file://${folder}/deployment/${name}`),
    ),
  );

type Values = {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | { readonly $int?: string; readonly $float?: string })[];
};
type FileName = { readonly $file: string };

/** Elements in their shape. */
function nested(flat: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length === 0) return flat[0];
  const step = shape.slice(1).reduce((product, length) => product * length, 1);
  return Array.from({ length: shape[0]! }, (_, i) => nested(flat.slice(i * step, (i + 1) * step), shape.slice(1)));
}

/** A tensor's numbers as the file writes them: a float's decimal, where it is the same float, and integers as bigints where the file has those. */
function shown(found: SafetensorsTensor, values: Values): unknown {
  if (found.dtype === 'C64') {
    const pairs = found.load().reshape([-1, 2]).tolist() as [number, number][];
    const { re, im } = values as unknown as { readonly re: Values; readonly im: Values };
    return {
      dtype: 'complex64',
      shape: values.shape,
      re: likeFile(
        pairs.map(([a]) => a),
        re,
      ),
      im: likeFile(
        pairs.map(([, b]) => b),
        im,
      ),
    };
  }
  const flat = found.dtype === 'U64' ? [...(found.array() as BigUint64Array)] : [...(found.load().reshape([-1]).tolist() as number[])];
  return likeFile(flat, values);
}

function likeFile(flat: readonly (number | bigint | boolean)[], { dtype, shape, data }: Values): unknown {
  const numbers = flat.map((value, i) => {
    const expected = data[i]!;
    if (typeof expected === 'boolean') return Boolean(value);
    if (typeof expected === 'object') return expected.$int === undefined ? value : BigInt(value);
    if (dtype === 'float32') return Object.is(Math.fround(expected as number), value) ? expected : value;
    // Halves are written with the digits that tell them apart.
    if (dtype === 'float16') return Math.abs((value as number) - (expected as number)) <= 2e-8 + 2e-6 * Math.abs(expected as number) ? expected : value;
    return typeof value === 'bigint' ? Number(value) : value;
  });
  return nested(numbers, shape);
}

const STORAGE = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array } as const;
/** A tensor of the input. */
function given({ dtype, shape, data }: Values): Tensor {
  if (dtype in STORAGE) {
    const Class = STORAGE[dtype as keyof typeof STORAGE] as unknown as { from(values: readonly unknown[]): Float32Array };
    return fromTypedArray(Class.from(data.map(value => (typeof value === 'object' ? BigInt(value.$int!) : value))), shape);
  }
  return tensor(data.map(Number), { dtype: dtype as never }).reshape(shape);
}

type Case = { readonly input: Readonly<Record<string, unknown>>; readonly expect?: Readonly<Record<string, unknown>> };
const answers = {
  readSafetensors: ({ file: name, bytes }: { readonly file?: FileName; readonly bytes?: Uint8Array }, { expect: expected }: Case) => {
    const content = name === undefined ? bytes! : file(name.$file);
    const { headerBytes, metadata, tensors } = readSafetensors(content);
    const asked = (expected?.['tensors'] ?? {}) as Readonly<Record<string, Values & { readonly values?: Values }>>;
    if (!('header_bytes' in (expected ?? {}))) return { tensors: Object.fromEntries([...tensors].map(([key, found]) => [key, shown(found, asked[key]!)])) };
    return {
      header_bytes: headerBytes,
      file_bytes: content.length,
      metadata,
      tensors: Object.fromEntries(
        [...tensors].map(([key, found]) => [key, { values: shown(found, asked[key]!.values!), storage_dtype: found.dtype, data_offsets: found.dataOffsets }]),
      ),
    };
  },
  writeSafetensors: (_: unknown, { input }: Case) => {
    const tensors = Object.entries(input['tensors'] as Readonly<Record<string, Values>>).map(([name, values]) => [name, given(values)] as const);
    return { bytes: writeSafetensors(Object.fromEntries(tensors), { metadata: input['metadata'] as never }) };
  },
  planShards: ({ sizes, maxShardSize, pattern }: { readonly sizes: Record<string, number>; readonly maxShardSize: number; readonly pattern: string }) => {
    const { filenameToTensors, weightMap, totalSize } = planShards(sizes, maxShardSize, { pattern });
    return { filename_to_tensors: filenameToTensors, weight_map: weightMap, total_size: totalSize };
  },
  readShardedSafetensors: ({ index }: { readonly index: FileName }, { expect: expected }: Case) => {
    const beside = index.$file.slice(0, index.$file.lastIndexOf('/') + 1);
    const content = JSON.parse(new TextDecoder().decode(file(index.$file))) as { weight_map: Record<string, string> };
    const tensors = readShardedSafetensors(content, name => file(beside + name));
    return Object.fromEntries([...tensors].map(([name, found]) => [name, shown(found, expected![name] as Values)]));
  },
};

describe('evidence: safetensors', () => {
  it.each(evidenceCases('deployment/safetensors', answers as never, import.meta.url, '../../../evidence/safetensors.json'))('$name', c => c.run());
});

describe('broken files', () => {
  const parse = (bytes: Uint8Array): unknown =>
    [...readSafetensors(bytes).tensors.values()].map(found => (found.dtype === 'U64' ? found.array() : found.load()));
  it.each(
    mutantCases({ mixed: () => file('safetensors_files/mixed_order.safetensors'), names: () => file('safetensors_files/unicode_names.safetensors') }, parse, {
      count: 1000,
    }),
  )('$name', c => c.run());
  const made = (header: string, data = new Uint8Array(0)): Uint8Array => {
    const text = new TextEncoder().encode(header);
    return Uint8Array.of(...new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer), ...text, ...data);
  };
  it.each([
    ['{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}', 'safetensors: a has the type F4, which is not read here'],
    ['{"a":7}', 'safetensors: the entry of a is no object'],
    ['{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', 'safetensors: data_offsets of a are not two places'],
    ['{"__metadata__":[]}', 'safetensors: __metadata__ is no object'],
    ['{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,1]}}', 'safetensors: a has the unknown type toString'],
    [
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}',
      'safetensors: b begins at 2 of the data, where 1 was expected',
    ],
  ])('%s', (header, message) => {
    expect(() => readSafetensors(made(header, new Uint8Array(3)))).toThrow(message);
  });
  it('a name such as __proto__ is a name', () => {
    const { tensors } = readSafetensors(made('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', Uint8Array.of(5)));
    expect(tensors.get('__proto__')!.load().tolist()).toEqual([5]);
  });
  it('unsigned integers of 64 bits come as an array alone', () => {
    const raw: RawTensor = { dtype: 'U64', shape: [1], bytes: new Uint8Array(8).fill(255) };
    const found = readSafetensors(writeSafetensors({ x: raw })).tensors.get('x')!;
    expect([...(found.array() as BigUint64Array)]).toEqual([2n ** 64n - 1n]);
    expect(() => found.load()).toThrow('safetensors: no tensor holds unsigned integers of 64 bits; `array()` gives them');
  });
});

describe('writing', () => {
  it('what was written reads back, views and all', () => {
    const dtype = fc.constantFrom('float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'float16', 'bfloat16');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 5 }), dtype, fc.nat(4), fc.nat(4)), { maxLength: 6 }), list => {
        const tensors = Object.fromEntries(
          list
            .filter(([name]) => name !== '__metadata__')
            .map(([name, type, rows, columns]) => [
              name,
              tensor(
                Array.from({ length: rows * columns }, (_, i) => i % 100),
                { dtype: type },
              )
                .reshape([rows, columns])
                .swapaxes(0, 1),
            ]),
        );
        const back = readSafetensors(writeSafetensors(tensors)).tensors;
        return (
          back.size === Object.keys(tensors).length &&
          Object.entries(tensors).every(([name, x]) => {
            const found = back.get(name)!.load();
            return found.dtype === x.dtype && JSON.stringify(found.tolist(), bigints) === JSON.stringify(x.tolist(), bigints);
          })
        );
      }),
      { numRuns: 100 },
    );
  });
  const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
  it('orders names by code points', () => {
    const bytes = writeSafetensors({ '\u{1f600}': tensor([1]), '\uffee': tensor([2]), a: tensor([3]), ab: tensor([4]) });
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + readSafetensors(bytes).headerBytes));
    expect(Object.keys(JSON.parse(header) as object)).toEqual(['a', 'ab', '\uffee', '\u{1f600}']);
  });
  it.each([
    [{ x: { dtype: 'F99' as never, shape: [], bytes: new Uint8Array(1) } }, 'dtype of x must be one of U64, I64'],
    [{ x: { dtype: 'U16' as const, shape: [2], bytes: new Uint8Array(3) } }, 'x is 4 bytes by its shape [2], got 3'],
    [{ __metadata__: tensor([1]) }, 'tensors must not have the name __metadata__'],
  ])('refuses %#', (tensors, message) => {
    expect(() => writeSafetensors(tensors)).toThrow(message);
  });
});

describe('shards', () => {
  it('a tensor larger than a file has one of its own', () => {
    expect(planShards({ a: 1, b: 9, c: 1 }, 5).filenameToTensors).toEqual({
      'model-00001-of-00002.safetensors': ['b'],
      'model-00002-of-00002.safetensors': ['a', 'c'],
    });
  });
  it('one file has no number', () => {
    expect(planShards({ a: 1 }, '1.5 KB', { pattern: 'x{suffix}.bin' })).toEqual({
      filenameToTensors: { 'x.bin': ['a'] },
      weightMap: { a: 'x.bin' },
      totalSize: 1,
    });
  });
  it.each([
    [() => planShards({}, 0), 'maxShardSize must be'],
    [() => planShards({}, '5 apples'), "maxShardSize must be bytes, or a text such as '5GB', got '5 apples'"],
    [() => planShards({}, 1, { pattern: 'x' }), "pattern must hold {suffix}, got 'x'"],
    [() => planShards({ a: -1 }, 1), 'sizes of a must be'],
    [() => readShardedSafetensors({ weight_map: { a: '../x' } }, () => new Uint8Array(0)), "safetensors: the index names '../x', which is not beside it"],
    [() => readShardedSafetensors({ weight_map: { a: '..' } }, () => new Uint8Array(0)), 'which is not beside it'],
    [() => readShardedSafetensors({ weight_map: { a: 'f' } }, () => writeSafetensors({})), 'safetensors: f has no tensor a, which the index promises'],
    [() => readShardedSafetensors({} as never, () => new Uint8Array(0)), 'safetensors: the index has no weight_map of names of files'],
    [() => readShardedSafetensors({ weight_map: { a: 1 } } as never, () => new Uint8Array(0)), 'safetensors: the index has no weight_map of names of files'],
  ])('refuses %#', (call, message) => {
    expect(call).toThrow(message);
  });
});
