import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as privacy from './privacy.js';

describe('parity: privacy', () => {
  it.each(parityCases('safety/privacy', privacy, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('noise is centred on the value and as wide as its scale says', () => {
    for (const [mechanism, deviation] of [
      ['laplace', Math.SQRT2],
      ['gaussian', 1],
    ] as const) {
      const scale = privacy.calculateNoiseScale(1, 1, { mechanism, delta: 1e-5 });
      const noise = Array.from({ length: 40_000 }, () => privacy.addDifferentialPrivacyNoise(10, 1, 1, { mechanism, delta: 1e-5 }) - 10);
      const mean = noise.reduce((sum, x) => sum + x, 0) / noise.length;
      const spread = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / noise.length);
      // Six standard errors of the mean, and as many of the deviation of a Laplacian.
      expect(Math.abs(mean)).toBeLessThan((6 * deviation * scale) / 200);
      expect(Math.abs(spread / (deviation * scale) - 1)).toBeLessThan(0.07);
    }
  });
  it('advanced composition is never more than simple, and less for many small losses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 1e-4, max: 5, noNaN: true }), (k, epsilon) => {
        return privacy.computePrivacyBudget(k, epsilon, { composition: 'advanced' }) <= privacy.computePrivacyBudget(k, epsilon);
      }),
      { numRuns: 100 },
    );
    expect(privacy.computePrivacyBudget(10_000, 0.001, { composition: 'advanced' })).toBeLessThan(1);
  });
  it('loss of utility falls as privacy loss grows', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 10, noNaN: true }), fc.double({ min: 0.01, max: 10, noNaN: true }), (epsilon, sensitivity) => {
        const loss = privacy.estimateUtilityLoss(epsilon, sensitivity);
        return loss > 0 && loss < 1 && privacy.estimateUtilityLoss(2 * epsilon, sensitivity) < loss;
      }),
      { numRuns: 100 },
    );
  });
});

describe('personal data', () => {
  const detection = (piiType: privacy.PiiType, confidence = 1): privacy.PiiDetection => ({ piiType, start: 0, end: 3, text: 'abc', confidence });
  it('masks keep length and ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(6), fc.nat(6), (text, prefix, suffix) => {
        const [before, after] = [[...text], [...privacy.maskText(text, '•', prefix, suffix)]];
        const whole = before.length <= prefix + suffix;
        return (
          after.length === before.length &&
          after.every((character, i) => character === (whole || (i >= prefix && i < before.length - suffix) ? '•' : before[i]))
        );
      }),
      { numRuns: 300 },
    );
  });
  it('risk is the mean of what was found', () => {
    expect(privacy.calculatePrivacyRisk([])).toBe(0);
    expect(privacy.calculatePrivacyRisk([detection('ssn'), detection('email', 0.5)])).toBeCloseTo((1 + 0.25) / 2, 12);
  });
  it('records are kept up to their last day', () => {
    const config: privacy.RetentionConfig = { retentionDays: 30, autoDelete: true, requireConsent: true, anonymizeAfter: false };
    expect([30, 31].map(age => privacy.shouldRetain(config, age))).toEqual([true, false]);
    expect(privacy.shouldRetain({ ...config, autoDelete: false }, 1e6)).toBe(true);
  });
  it('a result knows what was hidden', () => {
    const result = new privacy.AnonymizationResult('***', 'mask', [detection('email'), detection('email'), detection('name')]);
    expect([result.piiCount, result.hasPii, result.uniqueTypes]).toEqual([3, true, new Set(['email', 'name'])]);
  });
  it.each([
    ['a.b+c@mail.example.org', true],
    ['jürgen@bücher.example', true],
    ['.a@b.co', false],
    ['a..b@c.de', false],
    ['a@b', false],
    ['a@-b.co', false],
    [`${'a'.repeat(300)}@b.co`, false],
  ])('an e-mail address? %s', (text, expected) => {
    expect(privacy.looksLikeEmail(text)).toBe(expected);
  });
  it.each([
    ['+49 30 123456', true],
    ['555-1234', true],
    ['123456', false],
    ['+1 234 567 890 123 4567', false],
    ['call 5551234', false],
  ])('a telephone number? %s', (text, expected) => {
    expect(privacy.looksLikePhone(text)).toBe(expected);
  });
  it.each([
    ['4111-1111-1111-1111', true],
    ['378282246310005', true],
    ['4111 1111 1111 1112', false],
    ['0000', false],
    ['4111x111111111111', false],
  ])('a card? %s', (text, expected) => {
    expect(privacy.looksLikeCreditCard(text)).toBe(expected);
  });
  it('looks at hostile texts in no time', () => {
    const long = 'a.'.repeat(100_000);
    expect([privacy.looksLikeEmail(`${long}@`), privacy.looksLikePhone(`${'1 '.repeat(100_000)}x`), privacy.looksLikeCreditCard(long)]).toEqual([
      false,
      false,
      false,
    ]);
  });
  it.each([
    [() => privacy.maskText('abc', '**', 0, 0), "maskChar must be one character, got '**'"],
    [() => privacy.maskText('abc', '*', -1, 0), 'visiblePrefix must be non-negative, got -1'],
    [() => privacy.calculatePrivacyRisk([{ ...detection('ssn'), end: -1 }]), 'end must be non-negative, got -1'],
    [() => new privacy.AnonymizationResult('', 'shred' as never), "method must be one of encrypt, generalize, hash, mask, remove, replace, got 'shred'"],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
  it.each([...sweep(privacy.RetentionConfig), ...sweep(privacy.PiiDetection, () => detection('ssn'))])('$name', c => c.run());
});

describe('definitions', () => {
  it.each([
    ...sweep(privacy.DPConfig),
    ...sweep(privacy.AnonymizationConfig),
    ...sweep(privacy.PrivacyConfig, () => privacy.createPrivacyConfig()),
    ...sweepEnum('PrivacyMechanism', privacy.PrivacyMechanism, { list: privacy.listPrivacyMechanisms, get: privacy.getPrivacyMechanism }),
    ...sweepEnum('AnonymizationType', privacy.AnonymizationType, { list: privacy.listAnonymizationTypes, get: privacy.getAnonymizationType }),
    ...sweepEnum('SensitivityType', privacy.SensitivityType, { list: privacy.listSensitivityTypes, get: privacy.getSensitivityType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => privacy.calculateNoiseScale(1, 1, { mechanism: 'gaussian' }), 'delta must be in (0, 1), got 0'],
    [() => privacy.computePrivacyBudget(1, 1, { composition: 'best' as never }), "composition must be one of advanced, simple, got 'best'"],
    [() => privacy.checkKAnonymity([], 2), 'groupSizes cannot be empty'],
    [() => privacy.checkKAnonymity([1], 1), 'k must be at least 2, got 1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
