import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as normalization from './normalization.js';

describe('parity: normalization', () => {
  it.each(parityCases('models/normalization', normalization, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('layer normalisation has twice the parameters of RMS normalisation, and memory grows by a row for each position', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 1, max: 2048 }), (hiddenSize, sequenceLength) => {
        const [layer, rms] = [normalization.createNormConfig({ hiddenSize }), normalization.createNormConfig({ normType: 'rms_norm', hiddenSize })];
        const more = normalization.estimateNormMemory(rms, { sequenceLength: sequenceLength + 1 }) - normalization.estimateNormMemory(rms, { sequenceLength });
        return normalization.calculateNormParams(layer) === 2 * normalization.calculateNormParams(rms) && more === 4 * hiddenSize;
      }),
      { numRuns: 100 },
    );
  });
  it('a comparison recommends the same kind whichever way it is asked, unless both are alike', () => {
    const kind = fc.constantFrom(...normalization.listNormTypes());
    fc.assert(
      fc.property(kind, kind, (a, b) => {
        const [forth, back] = [normalization.compareNormStability(a, b), normalization.compareNormStability(b, a)];
        return forth['recommended'] === back['recommended'] || forth['reason'] === 'Both have similar stability characteristics';
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(normalization.LayerNormConfig),
    ...sweep(normalization.RMSNormConfig),
    ...sweep(normalization.GroupNormConfig, () => normalization.createGroupNormConfig()),
    ...sweep(normalization.BatchNormConfig),
    ...sweep(normalization.NormConfig, () => normalization.createNormConfig()),
    ...sweepEnum('NormType', normalization.NormType, { list: normalization.listNormTypes, get: normalization.getNormType }),
    ...sweepEnum('NormPosition', normalization.NormPosition, { list: normalization.listNormPositions, get: normalization.getNormPosition }),
    ...sweepEnum('EpsType', normalization.EpsType, { list: normalization.listEpsTypes, get: normalization.getEpsType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => normalization.createGroupNormConfig({ numChannels: 5 }), 'numChannels must be divisible by numGroups, got 5 % 32 != 0'],
    [() => normalization.validateNormConfig({ ...normalization.createNormConfig(), layerNormConfig: null }), 'layerNormConfig required for layer_norm type'],
    [() => normalization.selectEpsForDtype({ dtype: 'int8' as never }), "dtype must be one of bf16, fp16, fp32, fp8, got 'int8'"],
    [() => normalization.createLayerNormConfig({ normalizedShape: [] }), 'normalizedShape cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
