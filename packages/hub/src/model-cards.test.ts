import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as modelCards from './model-cards.js';

describe('parity: model_cards', () => {
  it.each(parityCases('hub/model_cards', modelCards, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a full card is sound, and each section makes it more complete', () => {
    fc.assert(
      fc.property(fc.constantFrom(...modelCards.listModelTasks()), fc.subarray([...modelCards.listCardSections()]), (taskType, sections) => {
        const config = modelCards.getRecommendedModelCardConfig('bert', { taskType });
        const fewer = { ...config, sections };
        return (
          modelCards.validateCardStructure(modelCards.generateModelCard(config))[0] &&
          modelCards.calculateCompleteness(fewer) <= modelCards.calculateCompleteness(config)
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(modelCards.ModelMetadata),
    ...sweep(modelCards.TrainingDetails),
    ...sweep(modelCards.EvaluationResults, () => modelCards.createEvaluationResults(['accuracy'], ['glue'], { accuracy: 0.9 })),
    ...sweep(modelCards.ModelCardConfig, () => modelCards.createModelCardConfig(modelCards.createModelMetadata('bert'))),
    ...sweep(modelCards.ModelCardStats),
    ...sweepEnum('CardSection', modelCards.CardSection, { list: modelCards.listCardSections, get: modelCards.getCardSection }),
    ...sweepEnum('LicenseType', modelCards.LicenseType, { list: modelCards.listLicenseTypes, get: modelCards.getLicenseType }),
    ...sweepEnum('ModelTask', modelCards.ModelTask, { list: modelCards.listModelTasks, get: modelCards.getModelTask }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => modelCards.createEvaluationResults(['f1'], ['glue'], {}), "metric 'f1' is not found in scores"],
    [() => modelCards.createModelMetadata(''), 'name cannot be empty'],
    [() => modelCards.extractMetadataFromModel({}), "modelInfo must contain 'modelId' or 'id'"],
    [() => modelCards.createModelCardConfig(modelCards.createModelMetadata('a'), { language: [] }), 'language cannot be empty'],
    [() => modelCards.getRecommendedModelCardConfig('a', { taskType: 'chess' as never }), 'taskType must be one of question_answering, summarization'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
