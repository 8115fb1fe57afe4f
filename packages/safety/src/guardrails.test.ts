import * as errors from '@gtc/errors';
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

describe('inputs and limits', () => {
  const { createFrom } = errors;
  const config = (options: errors.Draft<guardrails.InputValidationConfig>): guardrails.InputValidationConfig =>
    createFrom(guardrails.InputValidationConfig, options);
  it('an input that passes passes again', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 50 }), text => {
        const free = config({ minLength: 0 });
        const once = guardrails.validateInput(text, { config: free });
        return guardrails.validateInput(once, { config: free }) === once;
      }),
      { numRuns: 100 },
    );
    expect(guardrails.validateInput(' a ', { config: config({ stripWhitespace: false }) })).toBe(' a ');
    expect(guardrails.validateInput('abc 1', { config: config({ allowedChars: 'a-z0-9 ' }) })).toBe('abc 1');
  });
  it('keeps running figures', () => {
    const stats = new guardrails.GuardrailStats();
    expect([stats.passRate, stats.blockRate]).toEqual([0, 0]);
    stats.record({ isSafe: true, actionTaken: 'allow', violations: [] });
    stats.record({ isSafe: false, actionTaken: 'block', violations: ['PII detected: ssn'] });
    stats.record({ isSafe: false, actionTaken: 'warn', violations: ['PII detected: ssn', 'x'] });
    stats.record({ isSafe: false, actionTaken: 'block', violations: [] });
    expect([stats.totalChecks, stats.passedChecks, stats.blockedChecks, stats.warnedChecks, stats.blockRate]).toEqual([4, 1, 2, 1, 0.5]);
    expect(stats.categoryCounts).toEqual({ 'PII detected: ssn': 2, x: 1 });
    expect(stats.format()).toBe('Checks: 4 | Passed: 25.0% | Blocked: 50.0%');
  });
  it('the defaults are sound and said', () => {
    expect(createFrom(guardrails.ContentFilterConfig)).toEqual({
      threshold: 0.5,
      categories: [],
      action: 'block',
      strictMode: false,
      replacementText: '[filtered]',
    });
    expect(config({})).toEqual({ maxLength: 10000, minLength: 1, allowedChars: null, blockedPatterns: [], stripWhitespace: true });
    expect(createFrom(guardrails.RateLimitConfig)).toEqual({ maxRequests: 60, windowSeconds: 60, cooldownSeconds: 0, allowBurst: false, burstSize: 10 });
  });
  it('inputs may be as short and as long as the bounds', () => {
    const bounded = config({ minLength: 2, maxLength: 3 });
    const outcome = (text: string): unknown => {
      try {
        return guardrails.validateInput(text, { config: bounded });
      } catch (error) {
        return (error as errors.GtcError).parameter;
      }
    };
    expect(['a', 'ab', ' ab ', 'abc', 'abcd'].map(outcome)).toEqual(['input', 'ab', 'ab', 'abc', 'input']);
    expect(guardrails.validateInput('ab', { config: config({ minLength: 2, maxLength: 2 }) })).toBe('ab');
  });
  it('rates and latencies are what they are made of', () => {
    expect(guardrails.requestsPerSecond({ ...createFrom(guardrails.RateLimitConfig), maxRequests: 30, windowSeconds: 10 })).toBe(3);
    expect(guardrails.estimateModerationLatency(5000, 4)).toBe(5 + 10 + 4);
  });
  it.each([
    [guardrails.ContentFilterConfig, { categories: [''] }],
    [guardrails.InputValidationConfig, { maxLength: 0, minLength: 0 }],
    [guardrails.InputValidationConfig, { minLength: -1 }],
    [guardrails.InputValidationConfig, { blockedPatterns: [''] }],
    [guardrails.RateLimitConfig, { maxRequests: 0 }],
    [guardrails.RateLimitConfig, { cooldownSeconds: -1 }],
    [guardrails.RateLimitConfig, { burstSize: 0 }],
  ])('refuses settings that make no sense: %#', (definition, options) => {
    expect(() => createFrom(definition as errors.Definition<object>, options)).toThrow(Object.keys(options)[0]!);
  });
  it.each([
    [() => guardrails.validateInput(''), 'input must have 1 to 10000 characters, got 0'],
    [() => guardrails.validateInput('a1', { config: config({ allowedChars: 'a-z' }) }), 'input must consist of the characters a-z'],
    [
      () => guardrails.validateInput('Drop TABLE x', { config: config({ blockedPatterns: ['drop\\s+table'] }) }),
      "input must not match the blocked pattern 'drop\\s+table'",
    ],
    [() => config({ blockedPatterns: ['('] }), "blockedPatterns must be regular expressions, got '('"],
    [() => config({ allowedChars: 'z-a' }), "allowedChars must be regular expressions, got '^[z-a]*$'"],
    [() => config({ minLength: 5, maxLength: 2 }), 'minLength must be at most maxLength 2, got 5'],
    [() => guardrails.requestsPerSecond({ ...createFrom(guardrails.RateLimitConfig), windowSeconds: 0 }), 'windowSeconds must be positive, got 0'],
    [() => guardrails.estimateModerationLatency(-1, 0), 'textLength must be non-negative, got -1'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
  it.each([
    ...sweep(guardrails.ContentFilterConfig),
    ...sweep(guardrails.InputValidationConfig, () => ({ maxLength: 9000, minLength: 1, allowedChars: null, blockedPatterns: [], stripWhitespace: true })),
    ...sweep(guardrails.RateLimitConfig),
  ])('$name', c => c.run());
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
