import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as safetensors from './safetensors.js';

describe('parity: safetensors', () => {
  it.each(parityCases('deployment/safetensors', safetensors, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a size is linear in the width of its numbers', () => {
    const shapes = fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });
    const dtype = fc.constantFrom(...safetensors.VALID_DTYPES);
    fc.assert(
      fc.property(shapes, dtype, dtype, (list, from, to) => {
        const ratio = safetensors.estimateFileSize(list, { dtype: to }) / safetensors.estimateFileSize(list, { dtype: from });
        return Math.abs(ratio - safetensors.calculateMemorySavings(from, to)) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
  it('a formatted size reads back within half a hundredth of its unit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), size => {
        const [value, unit] = safetensors.formatSize(size).split(' ') as [string, string];
        const scale = 1024 ** ['B', 'KB', 'MB', 'GB'].indexOf(unit);
        return Math.abs(Number(value) * scale - size) <= 0.0051 * scale;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([...sweep(safetensors.SaveConfig), ...sweep(safetensors.LoadConfig)])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => safetensors.estimateFileSize([[3, -5]]), 'shapes[0][1] must be positive, got -5'],
    [() => safetensors.validateTensorName('a\nb'), 'name contains the invalid character "\\n"'],
    [() => safetensors.calculateMemorySavings('F64' as never, 'F16'), 'originalDtype must be one of'],
    [() => safetensors.formatSize(-1), 'sizeBytes must be non-negative, got -1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
