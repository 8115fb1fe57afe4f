import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as guardrails from './guardrails.js';

describe('parity: guardrails', () => {
  it.each(parityCases('safety/guardrails', guardrails, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('redacted text has the length of the original and no digit of a card', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 16, maxLength: 16 }), fc.lorem({ maxCount: 5 }), (digits, text) => {
        const content = `${text} ${digits.join('')} ${text}`;
        const result = guardrails.checkContentSafety(content, {
          guardrailConfig: guardrails.createGuardrailConfig('pii_filter', { actionOnViolation: 'redact' }),
          piiConfig: guardrails.createPiiConfig(),
        });
        return result.modifiedContent === `${text} ${'*'.repeat(16)} ${text}`;
      }),
      { numRuns: 100 },
    );
  });
  it('a text passes exactly when its score is 1', () => {
    fc.assert(
      fc.property(fc.constantFrom('call 555-123-4567', 'write to a@b.org', 'nothing here', 'SSN 123-45-6789, bad'), content => {
        const options = { piiConfig: guardrails.createPiiConfig(), policyConfig: guardrails.createContentPolicyConfig({ customRules: ['BAD'] }) };
        return guardrails.checkContentSafety(content, options).isSafe === (guardrails.calculateSafetyScore(content, options) === 1);
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(guardrails.GuardrailConfig),
    ...sweep(guardrails.ContentPolicyConfig),
    ...sweep(guardrails.PIIConfig),
    ...sweep(guardrails.ToxicityConfig),
    ...sweep(guardrails.GuardrailResult),
    ...sweepEnum('GuardrailType', guardrails.GuardrailType, { list: guardrails.listGuardrailTypes, get: guardrails.getGuardrailType }),
    ...sweepEnum('ContentCategory', guardrails.ContentCategory, { list: guardrails.listContentCategories, get: guardrails.getContentCategory }),
    ...sweepEnum('ActionType', guardrails.ActionType, { list: guardrails.listActionTypes, get: guardrails.getActionType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => guardrails.createContentPolicyConfig({ customRules: ['[first'] }), "customRules must be regular expressions, got '[first'"],
    [() => guardrails.createPiiConfig({ redactionChar: 'XX' }), "redactionChar must be a single character, got 'XX'"],
    [
      () => guardrails.calculateSafetyScore('x', { policyConfig: { blockedCategories: new Set(), allowedTopics: new Set(), customRules: ['('] } }),
      "customRules must be regular expressions, got '('",
    ],
    [() => guardrails.createGuardrailConfig('pii_filter', { threshold: 2 }), 'threshold must be in [0, 1], got 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
