import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as filtering from './filtering.js';

describe('parity: filtering', () => {
  it.each(parityCases('preprocessing/filtering', filtering, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('redaction keeps the length and leaves nothing to find', () => {
    const part = fc.constantFrom('see', 'John', 'a@b.co', '555-123-4567', '123-45-6789', '4111 1111 1111 1111', '10.0.0.1', 'x.', '日本');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), parts => {
        const text = parts.join(' ');
        const redacted = filtering.redactPii(text);
        return redacted.length === text.length && Object.values(filtering.detectPii(redacted)).every(found => found.length === 0);
      }),
      { numRuns: 200 },
    );
  });
  it('redacts overlapping finds once', () => {
    expect(filtering.redactPii('to John@b.co now', { config: filtering.createPiiConfig({ redactionChar: '#' }) })).toBe('to ######### now');
  });
  it('takes no time over hostile text', () => {
    expect(filtering.detectPii(`${'a.'.repeat(50_000)}@`).email).toEqual([]);
    expect(filtering.detectPii('1'.repeat(100_000)).credit_card).toEqual([]);
  });
  it('tells why a text fails', () => {
    const reason = (text: string, config: filtering.FilterConfig): unknown => filtering.applyFilters(text, [config]).failedReason;
    const language = filtering.createFilterConfig({ filterType: 'language', languageConfig: filtering.createLanguageConfig({ confidenceThreshold: 0.95 }) });
    expect(reason('éé abcdefghijklmnopqrst', language)).toBe('language confidence 0.91 below threshold');
    expect(reason('long enough a text', filtering.createFilterConfig({ filterType: 'length' }))).toBeNull();
    expect(reason('x', filtering.createFilterConfig({ filterType: 'quality' }))).toBeNull();
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(filtering.ToxicityConfig),
    ...sweep(filtering.PIIConfig),
    ...sweep(filtering.LanguageConfig),
    ...sweep(filtering.FilterConfig, () => filtering.createFilterConfig({ filterType: 'length' })),
    ...sweep(filtering.FilterResult),
    ...sweep(filtering.FilterStats),
    ...sweepEnum('FilterType', filtering.FilterType, { list: filtering.listFilterTypes, get: filtering.getFilterType }),
    ...sweepEnum('PIIType', filtering.PIIType, { list: filtering.listPiiTypes, get: filtering.getPiiType }),
    ...sweepEnum('ToxicityCategory', filtering.ToxicityCategory, { list: filtering.listToxicityCategories, get: filtering.getToxicityCategory }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => filtering.createFilterConfig(), 'toxicityConfig is required for TOXICITY filter'],
    [
      () => filtering.createFilterConfig({ filterType: 'pii', piiConfig: { piiTypes: [], redactionChar: '*', detectOnly: false } }),
      'piiConfig.piiTypes cannot be empty',
    ],
    [() => filtering.createToxicityConfig({ threshold: 1.5 }), 'threshold must be in [0, 1], got 1.5'],
    [() => filtering.getRecommendedFilterConfig(''), 'useCase cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
