import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StemmerLanguage, stem } from './stemming.js';

const answers = {
  stem: ({ language, words }: { language: StemmerLanguage; words: readonly string[] }) => ({ out: words.map(word => stem(word, { language })) }),
};

describe('evidence: stemming', () => {
  it.each(evidenceCases('preprocessing/stemming', answers as never, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const languages = Object.values(StemmerLanguage);
  it.each(languages)('%s: a stem is hardly longer than its word, whatever the word', language => {
    const letters = fc.array(fc.constantFrom(..."aeiouybcdfglmnpqrstvzçéèëïäöüßñíóúığşаеиоуяюнвстльый'H"), { maxLength: 12 }).map(list => list.join(''));
    fc.assert(
      fc.property(letters, word => stem(word, { language }).length <= word.length + 3),
      { numRuns: 200 },
    );
  });
  it.each(languages)('%s: takes the empty word, a letter, and text of no language', language => {
    expect(stem('', { language })).toBe('');
    for (const word of ['日本', '123', '😀', '\0', ' ']) expect(stem(word, { language })).toBe(word);
    expect(stem('b', { language })).toMatch(/^[bp]$/);
  });
  it.each(languages)('%s: a word of a million letters is no trouble', language => {
    expect(stem('ba'.repeat(500_000), { language }).length).toBeGreaterThan(900_000);
  });
});

describe('stem', () => {
  it('is English unless told otherwise', () => {
    expect(['connection', 'connected', 'connecting'].map(word => stem(word))).toEqual(['connect', 'connect', 'connect']);
  });
  it('names the languages', () => {
    expect(() => stem('x', { language: 'klingon' as never })).toThrow(
      "language must be one of english, french, german, porter, russian, spanish, turkish, got 'klingon'",
    );
    expect(() => stem(null as never)).toThrow('word cannot be null');
  });
  it.each([
    ["'tis's", 'english', 'tis'],
    ['dying', 'english', 'die'],
    ['inning', 'english', 'inning'],
    ['proceed', 'english', 'proceed'],
    ['skies', 'english', 'sky'],
    ['wayyy', 'english', 'wayyy'],
    ["haben's", 'german', 'haben'],
    ['bijoux', 'french', 'bijou'],
    ['roux', 'french', 'roux'],
    ["qu'avions", 'french', 'avion'],
    ["'ankara'nın", 'turkish', 'ankar'],
    ['RUNNING', 'english', 'run'],
    ['soyad', 'turkish', 'soyad'],
  ] as const)('%s in %s', (word, language, expected) => {
    expect(stem(word, { language })).toBe(expected);
  });
});
