import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as distillation from './distillation.js';

describe('parity: distillation', () => {
  it.each(parityCases('training/distillation', distillation, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const logits = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 3, maxLength: 3 });
  it('a student that agrees loses nothing, and no student gains', () => {
    fc.assert(
      fc.property(
        logits,
        logits,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (a, b, temperature) =>
          distillation.calculateSoftLabelsLoss(a, a, temperature) === 0 && distillation.calculateSoftLabelsLoss(a, b, temperature) >= -1e-9,
      ),
      { numRuns: 100 },
    );
  });
  it.each(['uniform', 'skip_first', 'skip_last'])('%s maps to layers in order', strategy => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 48 }), fc.integer({ min: 1, max: 48 }), (a, b) => {
        const mapping = distillation.getLayerMappingStrategy(Math.max(a, b), Math.min(a, b), { strategy });
        return mapping.every((layer, index) => layer >= 0 && layer < Math.max(a, b) && (index === 0 || layer > mapping[index - 1]!));
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(distillation.TeacherConfig),
    ...sweep(distillation.StudentConfig, () => distillation.createStudentConfig('student')),
    ...sweep(distillation.DistillationLossConfig),
    ...sweep(distillation.FeatureMatchingConfig, () => distillation.createFeatureMatchingConfig()),
    ...sweep(distillation.DistillationConfig),
    ...sweep(distillation.DistillationStats),
    ...sweepEnum('DistillationMethod', distillation.DistillationMethod, {
      list: distillation.listDistillationMethods,
      get: distillation.getDistillationMethod,
    }),
    ...sweepEnum('DistillationLoss', distillation.DistillationLoss, { list: distillation.listDistillationLosses, get: distillation.getDistillationLoss }),
    ...sweepEnum('TemperatureSchedule', distillation.TemperatureSchedule, {
      list: distillation.listTemperatureSchedules,
      get: distillation.getTemperatureSchedule,
    }),
    ...sweepEnum('StudentInitialization', distillation.StudentInitialization, {
      list: distillation.listStudentInitializations,
      get: distillation.getStudentInitialization,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => distillation.createStudentConfig('s', { layerMapping: [0] }), 'layerMapping must have numLayers (6) items, got 1'],
    [() => distillation.createFeatureMatchingConfig({ matchAttention: true }), 'attentionLayerIndices are required for matchAttention'],
    [() => distillation.getLayerMappingStrategy(2, 3), 'studentLayers must be at most teacherLayers (2), got 3'],
    [() => distillation.calculateTemperatureAtStep(distillation.createDistillationConfig(), 2, 1), 'currentStep must be at most totalSteps (1), got 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
