import { FormatError, ShapeError, ValidationError } from '@gtc/errors';
import { describe, expect, it } from 'vitest';
import * as gtc from './index.js';
import { scope, tensor } from './index.js';
import * as nn from './nn.js';
import { dequantizeBlocks, QuantizedEmbedding, QuantizedLinear, QuantizedMatrix, quantizeBlocks, quantizedLinear, quantizeLayers } from './quantized.js';

/** Numbers of many sizes, the same in every run. */
const numbers = (size: number, seed = 1): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed) * 2 ** ((i % 7) - 3));
const matrix = (rows: number, columns: number, seed = 1): gtc.Tensor => tensor(numbers(rows * columns, seed)).reshape([rows, columns]);

const largest = (x: gtc.Tensor): number => gtc.amax(gtc.abs(x)).item() as number;

describe('blocks', () => {
  it('hold a scale and signed bytes in Q8_0', () => {
    const bytes = quantizeBlocks(
      Float32Array.from({ length: 32 }, (_, i) => i - 16),
      'Q8_0',
    );
    expect(bytes.length).toBe(34);
    // 16 / 127 as a half.
    expect([bytes[0], bytes[1]]).toEqual([0x08, 0x30]);
    expect(new Int8Array(bytes.buffer, 2).slice(0, 4)).toEqual(Int8Array.of(-127, -119, -111, -103));
  });

  it('hold a scale and pairs of levels in Q4_0, the largest magnitude at level 0', () => {
    const bytes = quantizeBlocks(
      Float32Array.from({ length: 32 }, (_, i) => i - 8),
      'Q4_0',
    );
    expect(bytes.length).toBe(18);
    // The number of largest magnitude, 23, times -1/8: its level is 0 and that of -8 is 11.
    expect([bytes[0], bytes[1]]).toEqual([0xc0, 0xc1]);
    expect(bytes[2]! & 15).toBe(11);
    expect(bytes[17]! >> 4).toBe(0);
  });

  it('of zeros are zeros', () => {
    for (const type of ['Q8_0', 'Q4_0'] as const)
      expect(dequantizeBlocks(quantizeBlocks(new Float32Array(64), type), type).every(value => value === 0)).toBe(true);
  });

  it('keep the sign of the first of two numbers of the same largest magnitude', () => {
    const x = new Float32Array(32);
    [x[3], x[20]] = [2, -2];
    const back = dequantizeBlocks(quantizeBlocks(x, 'Q4_0'), 'Q4_0');
    expect([back[3], back[20]]).toEqual([2, -1.75]);
  });

  it('come back within half a step of a level', () => {
    const x = numbers(32 * 50);
    const back = dequantizeBlocks(quantizeBlocks(x, 'Q8_0'), 'Q8_0');
    for (let b = 0; b < 50; b++) {
      const most = Math.max(...x.subarray(32 * b, 32 * b + 32).map(Math.abs));
      for (let i = 32 * b; i < 32 * b + 32; i++) expect(Math.abs(back[i]! - x[i]!)).toBeLessThan((most / 127) * 0.57);
    }
  });

  it('refuse what does not fill them, is not finite or exceeds the scale', () => {
    expect(() => quantizeBlocks(new Float32Array(33), 'Q8_0')).toThrow(ShapeError);
    expect(() => quantizeBlocks(new Float32Array(32), 'Q5_0' as 'Q4_0')).toThrow(ValidationError);
    expect(() => dequantizeBlocks(new Uint8Array(35), 'Q8_0')).toThrow(/34 bytes each/);
    const x = new Float32Array(96);
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, 1e9]) {
      x[40] = odd;
      expect(() => quantizeBlocks(x, 'Q8_0')).toThrow(new RegExp(`got ${odd === Number.POSITIVE_INFINITY ? 'Infinity' : odd} among elements 32 to 63`));
      expect(() => quantizeBlocks(x, 'Q4_0')).toThrow(ValidationError);
    }
  });

  it('read scales that are not finite as ggml does', () => {
    const bytes = quantizeBlocks(numbers(32), 'Q8_0');
    bytes[1] = 0x7c;
    bytes[0] = 0;
    expect(dequantizeBlocks(bytes, 'Q8_0').every(value => !Number.isFinite(value) || Number.isNaN(value))).toBe(true);
  });
});

describe('QuantizedMatrix', () => {
  it('goes to blocks and back', () => {
    const made = QuantizedMatrix.from(matrix(5, 96), 'Q4_0');
    const read = QuantizedMatrix.fromBlocks(made.toBlocks(), 'Q4_0', [5, 96]);
    expect(read.dequantize().tolist()).toEqual(made.dequantize().tolist());
    expect([made.byteLength, made.toBlocks().length]).toEqual([15 * 18, 15 * 18]);
  });

  it('gives rows as an embedding does', () => {
    const table = QuantizedMatrix.from(matrix(7, 32), 'Q8_0');
    const whole = table.dequantize();
    const rows = table.rows(
      tensor(
        [
          [6, 0],
          [-1, 3],
        ],
        { dtype: 'int32' },
      ),
    );
    expect(rows.shape).toEqual([2, 2, 32]);
    expect(rows.get(0, 0).tolist()).toEqual(whole.get(6).tolist());
    expect(rows.get(1, 0).tolist()).toEqual(whole.get(6).tolist());
    expect(() => table.rows(tensor([7], { dtype: 'int32' }))).toThrow(/out of range/);
    expect(() => table.rows(tensor([0.5]))).toThrow(ValidationError);
  });

  it('refuses shapes that blocks do not fill, and scales that are not finite', () => {
    expect(() => QuantizedMatrix.from(matrix(2, 33), 'Q8_0')).toThrow(/multiple of 32 columns, got \[2, 33\]/);
    expect(() => QuantizedMatrix.from(tensor(numbers(32)), 'Q8_0')).toThrow(ShapeError);
    expect(() => QuantizedMatrix.fromBlocks(new Uint8Array(34), 'Q8_0', [2, 32])).toThrow(/has 68 bytes/);
    const bytes = quantizeBlocks(numbers(32), 'Q4_0');
    bytes[1] = 0x7c;
    expect(() => QuantizedMatrix.fromBlocks(bytes, 'Q4_0', [1, 32])).toThrow(FormatError);
  });

  it('lives as long as a scope lets its tensors live', () => {
    const { made, lost } = scope(() => {
      const both = [QuantizedMatrix.from(matrix(64, 64), 'Q8_0'), QuantizedMatrix.from(matrix(64, 64), 'Q8_0')];
      return { made: both[0]!, lost: new WeakRef(both[1]!) };
    });
    expect(largest(made.dequantize())).toBeGreaterThan(0);
    expect(() => lost.deref()?.dequantize()).toThrow(/disposed of/);
  });
});

describe('quantizedLinear', () => {
  for (const type of ['Q8_0', 'Q4_0'] as const)
    for (const rows of [1, 3, 8, 9, 40])
      it(`is the product with the numbers of ${type}, ${rows} rows at a time`, () => {
        const weight = QuantizedMatrix.from(matrix(37, 64), type);
        const [x, bias] = [matrix(rows, 64, 5), tensor(numbers(37, 9))];
        const exact = gtc.linear(x, weight.dequantize(), bias);
        const off = largest(gtc.sub(quantizedLinear(x, weight, bias), exact));
        // Few rows are rounded to 127 levels a side: each product is off by at most half a level times the weight.
        expect(off).toBeLessThan(rows > 8 ? 1e-4 : (largest(x) / 254) * 64 * largest(weight.dequantize()) * 0.5);
        expect(quantizedLinear(x.reshape([rows, 1, 64]), weight).shape).toEqual([rows, 1, 37]);
      });

  it('gives NaN for an input that is not finite', () => {
    const x = matrix(1, 64);
    x.data[5] = Number.POSITIVE_INFINITY as never;
    const y = quantizedLinear(x, QuantizedMatrix.from(matrix(4, 64), 'Q8_0'));
    expect([...y.data].every(value => Number.isNaN(Number(value)))).toBe(true);
  });

  it('sends gradients to the input and the bias', () => {
    const weight = QuantizedMatrix.from(matrix(6, 32), 'Q8_0');
    const [x, bias] = [matrix(2, 32, 4).requiresGrad_(), tensor(numbers(6, 2)).requiresGrad_()];
    const seed = matrix(2, 6, 8);
    quantizedLinear(x, weight, bias).mul(seed).sum().backward();
    expect(largest(gtc.sub(x.grad!, gtc.matmul(seed, weight.dequantize())))).toBeLessThan(1e-5);
    expect(largest(gtc.sub(bias.grad!, seed.sum({ axis: 0 })))).toBeLessThan(1e-6);
  });

  it('refuses other widths and dtypes', () => {
    const weight = QuantizedMatrix.from(matrix(6, 32), 'Q8_0');
    expect(() => quantizedLinear(matrix(1, 64), weight)).toThrow(/input \[1, 64\] does not fit the weight \[6, 32\]/);
    expect(() => quantizedLinear(matrix(1, 32).astype('float64'), weight)).toThrow(/x must be of dtype float32, got float64/);
    expect(() => quantizedLinear(matrix(1, 32), weight, tensor([1]))).toThrow(ShapeError);
  });
});

describe('quantizeLayers', () => {
  it('replaces linear layers and embeddings whose inner size fits', () => {
    const network = new nn.ModuleList<nn.Module>([
      new nn.Embedding(10, 32),
      new nn.Linear(32, 64),
      new nn.TransposedLinear(new nn.Parameter(matrix(64, 5)), new nn.Parameter(tensor(numbers(5)))),
      new nn.Linear(5, 32),
    ]);
    const before = [...network].slice(1, 3) as nn.Layer[];
    const x = matrix(9, 32, 3);
    const exact = before.reduce((y, layer) => layer.forward(y), x);
    expect(quantizeLayers(network.eval(), 'Q8_0')).toEqual(['0', '1', '2']);
    const after = [...network];
    expect(after.map(layer => layer.constructor)).toEqual([QuantizedEmbedding, QuantizedLinear, QuantizedLinear, nn.Linear]);
    expect(after[1]!.training).toBe(false);
    const y = (after.slice(1, 3) as nn.Layer[]).reduce((each, layer) => layer.forward(each), x);
    expect(largest(gtc.sub(y, exact)) / largest(exact)).toBeLessThan(0.02);
  });

  it('leaves what it is told to', () => {
    const network = new nn.ModuleList<nn.Module>([new nn.Embedding(10, 32), new nn.Linear(32, 32), new nn.Linear(32, 32)]);
    expect(quantizeLayers(network, 'Q4_0', { embeddings: null, skip: path => path === '2' })).toEqual(['1']);
    expect(() => quantizeLayers(network, 'Q2_K' as 'Q4_0')).toThrow(/type must be one of/);
  });

  it('shares a weight that two layers share', () => {
    const table = new nn.Embedding(40, 32);
    const network = new nn.ModuleList<nn.Module>([table, nn.Linear.of(table.weight)]);
    quantizeLayers(network, 'Q8_0');
    const [embedding, scores] = [...network] as [QuantizedEmbedding, QuantizedLinear];
    expect(scores.weight).toBe(embedding.table);
    const x = matrix(1, 32);
    expect(embedding.attend(x).tolist()).toEqual(scores.forward(x).tolist());
    expect(embedding.forward(tensor([3], { dtype: 'int32' })).shape).toEqual([1, 32]);
  });
});
