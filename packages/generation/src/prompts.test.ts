import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as prompts from './prompts.js';

describe('parity: prompts', () => {
  it.each(parityCases('generation/prompts', prompts, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a filled template holds the values', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => prompts.formatPrompt(prompts.createPromptTemplate('{{x}} {b}-{a}'), { a, b }) === `{x} ${b}-${a}`),
      { numRuns: 100 },
    );
  });
  it('a cut text is no longer than its limit or the marker', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc.integer({ min: 1, max: 30 }),
        (text, maxTokens) => [...prompts.truncatePrompt(text, maxTokens)].length <= Math.max(4 * maxTokens + 3, 3),
      ),
      { numRuns: 100 },
    );
  });
  it('examples join the system prompt when asked', () => {
    const fewShotConfig = prompts.createFewShotConfig([prompts.createFewShotExample('2+2', '4')]);
    const [system] = prompts.buildConversationPrompt(prompts.createSystemPromptConfig('You add.', { examplesInSystem: true }), [], { fewShotConfig });
    expect(system!.content).toBe('You add.\n\nInput: 2+2\nOutput: 4');
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(prompts.PromptTemplate, () => prompts.createPromptTemplate('Hello, {name}!')),
    ...sweep(prompts.FewShotExample),
    ...sweep(prompts.FewShotConfig, () => prompts.createFewShotConfig([prompts.createFewShotExample('2+2', '4')])),
    ...sweep(prompts.ChainOfThoughtConfig),
    ...sweep(prompts.SystemPromptConfig),
    ...sweep(prompts.PromptMessage),
    ...sweep(prompts.PromptConfig, () => prompts.createPromptConfig()),
    ...sweep(prompts.PromptStats),
    ...sweepEnum('PromptStyle', prompts.PromptStyle, { list: prompts.listPromptStyles, get: prompts.getPromptStyle }),
    ...sweepEnum('PromptRole', prompts.PromptRole, { list: prompts.listPromptRoles, get: prompts.getPromptRole }),
    ...sweepEnum('OutputFormat', prompts.OutputFormat, { list: prompts.listOutputFormats, get: prompts.getOutputFormat }),
    ...sweepEnum('ExampleSelectionStrategy', prompts.ExampleSelectionStrategy, { list: prompts.listSelectionStrategies, get: prompts.getSelectionStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => prompts.formatPrompt(prompts.createPromptTemplate('{a}')), "values lacks the variable 'a'"],
    [() => prompts.validatePromptTemplate({ template: '{a}', variables: [], description: '', defaultValues: {} }), 'variables missing from declaration: a'],
    [() => prompts.validatePromptTemplate({ template: 'x', variables: ['a'], description: '', defaultValues: {} }), 'declared variables not in template: a'],
    [
      () => prompts.createFewShotConfig([prompts.createFewShotExample('a', 'b')], { numExamples: 5 }),
      'numExamples must be at most the 1 examples available, got 5',
    ],
    [() => prompts.getRecommendedPromptConfig('chess'), "task must be one of chat, classification, code, qa, summarization, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
