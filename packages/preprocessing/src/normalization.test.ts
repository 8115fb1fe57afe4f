import { sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Normalizer, NormalizerConfig } from './normalization.js';

describe('Normalizer', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.record({
          lowercase: fc.constant(false),
          collapseWhitespace: fc.boolean(),
          trim: fc.boolean(),
          unicodeForm: fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD', null),
          stripAccents: fc.boolean(),
        }),
        (text, config) => {
          const normalizer = new Normalizer(config);
          const once = normalizer.normalize(text);
          return normalizer.normalize(once) === once;
        },
      ),
      { numRuns: 300 },
    );
  });
  it.each([
    [{}, '  Hello\n\tWORLD ', 'hello world'],
    [{ lowercase: false }, 'Hello', 'Hello'],
    [{ trim: false }, ' A  b ', ' a b '],
    [{ collapseWhitespace: false }, ' a  b ', 'a  b'],
    [{ collapseWhitespace: false, trim: false }, ' a  b ', ' a  b '],
    [{ stripAccents: true }, 'Crème Brûlée', 'creme brulee'],
    [{ unicodeForm: 'NFKC' }, 'ﬁne ①', 'fine 1'],
    [{ unicodeForm: null }, 'e\u0301', 'e\u0301'],
    [{}, 'e\u0301', '\u00e9'],
    [{}, '', ''],
  ] as const)('%j makes %j into %j', (config, text, expected) => {
    expect(new Normalizer(config).normalize(text)).toBe(expected);
  });
  it('refuses other forms', () => {
    expect(() => new Normalizer({ unicodeForm: 'NFX' as never })).toThrow("unicodeForm must be one of NFC, NFD, NFKC, NFKD, got 'NFX'");
  });
  it.each(sweep(NormalizerConfig))('$name', c => c.run());
});
