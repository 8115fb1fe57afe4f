import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as editing from './editing.js';

describe('parity: editing', () => {
  it.each(parityCases('evaluation/editing', editing, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const words = fc.array(fc.string(), { minLength: 1, maxLength: 8 });
  it('every prediction that is the target, in whatever case, counts', () => {
    fc.assert(
      fc.property(words, texts => editing.calculateEditSuccess(texts, texts) === 1),
      { numRuns: 100 },
    );
    expect(editing.calculateEditSuccess([' Paris'], ['PARIS '])).toBe(1);
  });
  it('shares of tokens add up to one, and the best layer is critical', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 }), rows => {
        const { layerScores, criticalLayers, tokenImportance } = editing.localizeKnowledge(rows, [0.9], [0.1]);
        const best = Math.max(...layerScores);
        return criticalLayers.some(layer => layerScores[layer] === best) && Math.abs(tokenImportance.reduce((sum, share) => sum + share, 0) - 1) < 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('every recommendation keeps its own rules', () => {
    for (const modelSize of ['small', 'base', 'large', 'xl'])
      for (const count of [1, 10, 1000]) expect(() => editing.validateEditingConfig(editing.getRecommendedEditingConfig(count, { modelSize }))).not.toThrow();
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(editing.ROMEConfig, () => editing.createRomeConfig()),
    ...sweep(editing.MEMITConfig, () => editing.createMemitConfig()),
    ...sweep(editing.EditRequest),
    ...sweep(editing.EditingConfig, () => editing.createEditingConfig({ romeConfig: editing.createRomeConfig() })),
    ...sweepEnum('EditingMethod', editing.EditingMethod, { list: editing.listEditingMethods, get: editing.getEditingMethod }),
    ...sweepEnum('LocalizationType', editing.LocalizationType, { list: editing.listLocalizationTypes, get: editing.getLocalizationType }),
    ...sweepEnum('EditScope', editing.EditScope, { list: editing.listEditScopes, get: editing.getEditScope }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => editing.validateEditingConfig(editing.createEditingConfig()), 'romeConfig'],
    [() => editing.validateRomeConfig(editing.createRomeConfig({ layers: [-1] })), 'layers'],
    [() => editing.localizeKnowledge([[1], []], [1], [0]), 'layerActivations[1] has no mean: it is empty'],
    [() => editing.calculateEditSuccess(['a'], ['a', 'b']), 'predictions and targets must have the same length, got 1 and 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
