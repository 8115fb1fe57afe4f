import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as prompting from './prompting.js';

describe('parity: prompting', () => {
  it.each(parityCases('generation/prompting', prompting, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('every layout holds system prompt, question and answer in order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...prompting.listPromptFormats()), fc.lorem(), fc.lorem(), (format, asked, said) => {
        const [question, answer] = [`«${asked}»`, `‹${said}›`];
        const text = prompting.formatPrompt(prompting.createPromptTemplate({ format, systemPrompt: '~system~' }), question, { assistantResponse: answer });
        return text.indexOf('~system~') < text.indexOf(question) && text.lastIndexOf(answer) >= text.indexOf(question);
      }),
      { numRuns: 100 },
    );
  });
  it('a cut text has its length exactly', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
        fc.integer({ min: 1, max: 60 }),
        (text, maxLength) => [...prompting.truncatePrompt(text, maxLength)].length === Math.min(maxLength, [...text].length),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(prompting.PromptTemplate),
    ...sweep(prompting.FewShotConfig),
    ...sweep(prompting.CoTConfig),
    ...sweep(prompting.PromptConfig, () => prompting.createPromptConfig()),
    ...sweep(prompting.PromptStats),
    ...sweep(prompting.FewShotExample),
    ...sweepEnum('PromptFormat', prompting.PromptFormat, { list: prompting.listPromptFormats, get: prompting.getPromptFormat }),
    ...sweepEnum('FewShotStrategy', prompting.FewShotStrategy, { list: prompting.listFewShotStrategies, get: prompting.getFewShotStrategy }),
    ...sweepEnum('ReasoningType', prompting.ReasoningType, { list: prompting.listReasoningTypes, get: prompting.getReasoningType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => prompting.createPromptTemplate({ userPrefix: '', assistantPrefix: '' }), 'userPrefix and assistantPrefix cannot both be empty'],
    [() => prompting.createCotConfig({ reasoningType: 'step_by_step', stepMarker: '' }), 'stepMarker cannot be empty for step_by_step reasoning'],
    [() => prompting.formatFewShotExamples([], prompting.createFewShotConfig(), prompting.createPromptTemplate()), 'examples cannot be empty'],
    [() => prompting.getRecommendedPromptConfig('chess'), "task must be one of classification, code, qa, reasoning, summarization, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
