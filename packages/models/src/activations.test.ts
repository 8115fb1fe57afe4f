import { erfc } from '@gtc/tensor/special';
import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as activations from './activations.js';

describe('parity: activations', () => {
  it.each(parityCases('models/activations', activations, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('every derivative is the slope of its function', () => {
    const phi = (x: number): number => 0.5 * erfc(-x / Math.SQRT2);
    const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
    const functions: Record<string, (x: number) => number> = {
      gelu: x => x * phi(x),
      gelu_new: x => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
      silu: x => x * logistic(x),
      mish: x => x * Math.tanh(Math.log1p(Math.exp(x))),
      tanh: Math.tanh,
      sigmoid: logistic,
    };
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(functions)), fc.double({ min: -6, max: 6, noNaN: true }), (kind, x) => {
        const slope = (functions[kind]!(x + 1e-5) - functions[kind]!(x - 1e-5)) / 2e-5;
        return Math.abs(activations.calculateGradientMagnitude(kind as never, x) - slope) < 1e-8;
      }),
      { numRuns: 200 },
    );
  });
  it('far from zero every derivative has reached its limit', () => {
    for (const x of [1e3, 1e200, Number.POSITIVE_INFINITY]) {
      expect(['gelu', 'gelu_new', 'silu', 'mish', 'relu'].map(kind => activations.calculateGradientMagnitude(kind as never, x))).toEqual([1, 1, 1, 1, 1]);
      expect(activations.listActivationTypes().every(kind => activations.calculateGradientMagnitude(kind, -x) === 0)).toBe(true);
    }
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(activations.GELUConfig),
    ...sweep(activations.SwiGLUConfig),
    ...sweep(activations.ActivationConfig, () => activations.createActivationConfig()),
    ...sweep(activations.ActivationStats),
    ...sweepEnum('ActivationType', activations.ActivationType, { list: activations.listActivationTypes, get: activations.getActivationType }),
    ...sweepEnum('GELUApproximation', activations.GELUApproximation, { list: activations.listGeluApproximations, get: activations.getGeluApproximation }),
    ...sweepEnum('GLUVariant', activations.GLUVariant, { list: activations.listGluVariants, get: activations.getGluVariant }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => activations.calculateActivationMemory(1, 1, 1, 'relu', { dtypeBytes: 3 }), 'dtypeBytes must be one of 2, 4, got 3'],
    [() => activations.compareActivationProperties([]), 'activationTypes cannot be empty'],
    [() => activations.validateActivationConfig({ ...activations.createActivationConfig(), geluConfig: null }), 'geluConfig required for gelu'],
    [() => activations.createActivationConfig({ activationType: 'swiglu', hiddenDim: 0 }), 'hiddenDim must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
