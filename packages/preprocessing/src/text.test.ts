import { splitWords, strip, textLength } from '@gtc/errors';
import { adler32, crc32, crc32c, gitBlobSha1, hexDigest, murmur3 } from '@gtc/tensor/hash';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import table from 'unidecode';
import { describe, expect, it } from 'vitest';
import * as cleaning from './cleaning.js';
import { type StemmerLanguage, stem } from './stemming.js';
import * as text from './text.js';

type Texts = { readonly texts: readonly string[] };
const each =
  (answer: (text: string) => unknown) =>
  ({ texts }: Texts) => ({ out: texts.map(answer) });
const bytes = (hex: string): Uint8Array => Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

const PY_TEXT: Readonly<Record<string, (text: string) => unknown>> = {
  len: textLength,
  lower: t => t.toLowerCase(),
  upper: t => t.toUpperCase(),
  casefold: text.casefold,
  title: text.titleCase,
  capitalize: text.capitalize,
  split: splitWords,
  strip,
  isalpha: text.isAlpha,
  isdigit: text.isDigit,
  isdecimal: text.isDecimal,
  isnumeric: text.isNumeric,
  isalnum: text.isAlphanumeric,
  isspace: text.isSpace,
  isupper: text.isUpper,
  islower: text.isLower,
  isascii: text.isAscii,
  istitle: text.isTitle,
  splitlines: text.splitLines,
  nfc: t => t.normalize('NFC'),
  nfd: t => t.normalize('NFD'),
  nfkc: t => t.normalize('NFKC'),
  nfkd: t => t.normalize('NFKD'),
  categories: text.generalCategories,
  combining: text.combiningClasses,
  eastAsianWidth: text.eastAsianWidths,
  re_words: t => text.findWords(t),
  re_word_runs: t => text.findWords(t),
  sklearn_tokens: t => text.findWords(t.toLowerCase(), { minLength: 2 }),
  re_ws_collapse: t => splitWords(t).join(' '),
  re_digits: text.findDigits,
  utf8_len: t => new TextEncoder().encode(t).length,
  utf16_len: t => t.length,
};

const answers = {
  ...Object.fromEntries(Object.entries(PY_TEXT).map(([name, answer]) => [`pyText.${name}`, each(answer)])),
  htmlUnescape: each(cleaning.unescapeHtml),
  htmlEscape: ({ texts }: Texts) => ({ out: texts.map(t => cleaning.escapeHtml(t)), noQuote: texts.map(t => cleaning.escapeHtml(t, { quote: false })) }),
  fixText: ({ texts }: Texts) => ({ out: texts.map(t => cleaning.fixText(t)), encodingOnly: texts.map(cleaning.fixEncoding) }),
  unidecode: each(t => cleaning.unidecode(t, table)),
  stem: ({ language, words }: { language: StemmerLanguage; words: readonly string[] }) => ({ out: words.map(word => stem(word, { language })) }),
  'hash functions over bytes': ({ bytesHex }: { bytesHex: readonly string[] }) => {
    const data = bytesHex.map(bytes);
    return {
      md5: data.map(d => hexDigest('md5', d)),
      sha1: data.map(d => hexDigest('sha1', d)),
      sha256: data.map(d => hexDigest('sha256', d)),
      blake2b8: data.map(d => hexDigest('blake2b', d, { digestSize: 8 })),
      crc32: data.map(crc32),
      crc32c: data.map(crc32c),
      adler32: data.map(adler32),
      xxh32: data.map(d => hexDigest('xxh32', d)),
      xxh64: data.map(d => hexDigest('xxh64', d)),
      xxh64_seed7: data.map(d => hexDigest('xxh64', d, { seed: 7 })),
      xxh3_64: data.map(d => hexDigest('xxh3_64', d)),
      xxh3_128: data.map(d => hexDigest('xxh3_128', d)),
      murmur3_32: data.map(d => murmur3(d)),
      murmur3_32_seed42: data.map(d => murmur3(d, { seed: 42 })),
      murmur3_x64_128: data.map(d => hexDigest('murmur3_x64_128', d)),
    };
  },
  gitBlobSha1: ({ bytesHex }: { bytesHex: readonly string[] }) => ({ out: bytesHex.map(hex => gitBlobSha1(bytes(hex))) }),
};

describe('evidence: text_primitives', () => {
  it.each(evidenceCases('preprocessing/text_primitives', answers as never, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const anyText = fc.string({ unit: 'binary' });
  it('folding a folded text changes nothing, and case does not matter to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), t => {
        const folded = text.casefold(t);
        return text.casefold(folded) === folded && text.casefold(t.toUpperCase()) === text.casefold(t.toUpperCase().toLowerCase().toUpperCase());
      }),
      { numRuns: 100 },
    );
  });
  it('classes hold of a text where they hold of every character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), t =>
        [text.isAlpha, text.isDecimal, text.isDigit, text.isNumeric, text.isAlphanumeric, text.isSpace].every(holds => holds(t) === [...t].every(holds)),
      ),
      { numRuns: 100 },
    );
  });
  it('there is one answer for each character', () => {
    fc.assert(
      fc.property(anyText, t => {
        const length = textLength(t);
        return [text.generalCategories(t), text.combiningClasses(t), text.eastAsianWidths(t)].every(answer => answer.length === length);
      }),
      { numRuns: 100 },
    );
  });
  it('lines and what ends them are the text', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,5}$/)), lines => {
        const split = text.splitLines(lines.map(line => `${line}\n`).join(''));
        return split.join('|') === lines.join('|') && split.length === lines.length;
      }),
      { numRuns: 100 },
    );
  });
});

describe('characters', () => {
  it.each([
    ['ǆ', 'ǅ'],
    ['ǉ ǳ', 'ǈ ǲ'],
    ['ა', 'ა'],
    ['ᾳ ᾲ ᾷ ᾀ', 'ᾼ Ὰͅ ᾼ͂ ᾈ'.replace('ᾼ͂', 'ᾼ͂')],
    ['\u0345', '\u0399'],
    ['ŉ ﬃ ß ΐ', 'ʼN Ffi Ss \u0399\u0308\u0301'],
    ['ΑΣ ΑΣΑ σ', 'Ας Ασα Σ'],
    ['İSTANBUL İİ', 'İstanbul İi̇'],
  ])('%s in title case', (from, to) => {
    expect(text.titleCase(from)).toBe(to);
  });
  it('capitals inside a word become small, and the first character need not be a letter', () => {
    expect(text.capitalize('ΟΔΟΣ')).toBe('Οδος');
    expect(text.capitalize('1ABC')).toBe('1abc');
    expect(text.capitalize('')).toBe('');
  });
  it.each([
    ['ẞß', 'ssss'],
    ['ıİ', 'ıi̇'],
    ['Ꭰꭰᏸ', 'ᎠᎠᏰ'],
    ['ΣςσµſK', 'σσσμsk'],
    ['ﬁŉ', 'fiʼn'],
  ])('%s folded', (from, to) => {
    expect(text.casefold(from)).toBe(to);
  });
  it.each([
    ['\u0301', 230],
    ['\u0334', 1],
    ['\u0338', 1],
    ['\u0345', 240],
    ['\u0344', 230],
    ['\u0340', 230],
    ['\u0f73', 0],
    ['\u0f71', 129],
    ['\u3099', 8],
    ['\u094d', 9],
    ['\u05b0', 10],
    ['\u{1d165}', 216],
    ['a', 0],
    ['가', 0],
    ['\u0300', 230],
    ['\u031b', 216],
    ['\u035c', 233],
    ['\u0360', 234],
  ])('%j has its combining class', (mark, combiningClass) => {
    expect(text.combiningClasses(mark)).toEqual([combiningClass]);
  });
  it('knows numbers of every kind', () => {
    expect([
      text.isDecimal('٣'),
      text.isDigit('²'),
      text.isDecimal('²'),
      text.isNumeric('三'),
      text.isDigit('三'),
      text.isNumeric('½'),
      text.isDigit('½'),
    ]).toEqual([true, true, false, true, false, true, false]);
    expect(text.isAlphanumeric('三x²_')).toBe(false);
    expect(text.isAlphanumeric('三x²')).toBe(true);
  });
  it('an empty text is in no class but ASCII', () => {
    expect([text.isAlpha, text.isDigit, text.isSpace, text.isUpper, text.isLower, text.isTitle].map(holds => holds(''))).toEqual(Array(6).fill(false));
    expect(text.isAscii('')).toBe(true);
  });
  it.each([
    ['Hello World', true],
    ['Hello world', false],
    ['HELLO', false],
    ['ǅ', true],
    ['1 Ab', true],
    ['1', false],
    ['aB', false],
  ])('%s begins words with capitals: %s', (t, expected) => {
    expect(text.isTitle(t)).toBe(expected);
  });
  it('case of texts with title letters', () => {
    expect([text.isUpper('ǅA'), text.isLower('ǅa'), text.isUpper('A1'), text.isLower('a1'), text.isUpper('1'), text.isUpper('Aa'), text.isLower('Aa')]).toEqual(
      [false, false, true, true, false, false, false],
    );
  });
  it('categories, private and unassigned code points included', () => {
    expect(text.generalCategories('Aaǅʰ日\u0301\u0903\u20dd1Ⅷ²_-([«»!+$^© \u2028\u2029\0\u00ad\ue000\ud800\u0378')).toEqual(
      'Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Ps Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs Cn'.split(' '),
    );
  });
  it('every end of a line', () => {
    expect(text.splitLines('a\nb\rc\r\nd\ve\ff\x1cg\x1dh\x1ei\x85j\u2028k\u2029l')).toEqual([...'abcdefghijkl']);
    expect(text.splitLines('\n\na')).toEqual(['', '', 'a']);
    expect(text.splitLines('')).toEqual([]);
  });
  it('words keep underscores and lose marks', () => {
    expect(text.findWords("I'd go_on 3x")).toEqual(['I', 'd', 'go_on', '3x']);
    expect(text.findWords('a bc d ef', { minLength: 2 })).toEqual(['bc', 'ef']);
    expect(text.findWords('𠮷 野', { minLength: 2 })).toEqual([]);
    expect(text.findDigits('٣4 x5²')).toEqual(['٣4', '5']);
  });
  it('refuses what is no text', () => {
    for (const call of [text.isAlpha, text.titleCase, text.casefold, text.splitLines, text.findWords, text.combiningClasses])
      expect(() => call(null as never)).toThrow('text cannot be null');
  });
});
