import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import table from 'unidecode';
import { describe, expect, it } from 'vitest';
import { escapeHtml, type FixTextOptions, fixEncoding, fixText, unescapeHtml, unidecode } from './cleaning.js';

type Texts = { readonly texts: readonly string[]; readonly options: FixTextOptions };

describe('evidence: mojibake', () => {
  const answers = {
    fixText: ({ texts, options }: Texts) => ({ out: texts.map(text => fixText(text, options)) }),
    fixEncoding: ({ texts }: Texts) => ({ out: texts.map(fixEncoding) }),
  };
  it.each(evidenceCases('preprocessing/mojibake', answers as never, import.meta.url))('$name', c => c.run());
});

describe('evidence: romanization', () => {
  const answers = { unidecode: ({ texts }: Texts) => ({ out: texts.map(text => unidecode(text, table)) }) };
  it.each(evidenceCases('preprocessing/romanization', answers as never, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const anyText = fc.string({ unit: 'binary' });
  it('a repaired text needs no repair, line by line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        const fixed = fixText(text, { unescapeHtml: false });
        return fixText(fixed, { unescapeHtml: false }) === fixed;
      }),
      { numRuns: 100 },
    );
  });
  it('UTF-8 read as Windows-1252 comes back', () => {
    const words = fc.array(fc.constantFrom('schön', 'naïve', 'café', 'señor', 'Œuvre', '“so”', '€'), { minLength: 1, maxLength: 5 });
    const latin = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));
    fc.assert(
      fc.property(words, parts => {
        const text = parts.join(' ');
        return fixEncoding(latin(text)) === text;
      }),
      { numRuns: 100 },
    );
  });
  it('ASCII is what comes of any text', () => {
    fc.assert(
      fc.property(anyText, text => /^[\0-\x7f]*$/.test(unidecode(text, table))),
      { numRuns: 100 },
    );
  });
  it('escaped text unescapes to itself', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, quote) => unescapeHtml(escapeHtml(text, { quote })) === text),
      { numRuns: 100 },
    );
  });
});

describe('fixText', () => {
  it('does each repair only where it is asked', () => {
    const none = {
      unescapeHtml: false,
      fixEncoding: false,
      fixC1Controls: false,
      fixLatinLigatures: false,
      fixCharacterWidth: false,
      uncurlQuotes: false,
      fixLineBreaks: false,
      fixSurrogates: false,
      removeTerminalEscapes: false,
      removeControlChars: false,
      normalization: null,
    } as const;
    const damaged = '&eacute; Ã© \x93 ﬁ Ａ “q” \r \ud800 \x1b[1m \x07 e\u0301';
    expect(fixText(damaged, none)).toBe(damaged);
    const alone = (option: FixTextOptions): string => fixText(damaged, { ...none, ...option });
    expect(alone({ unescapeHtml: true })).toBe(damaged.replace('&eacute;', 'é'));
    expect(alone({ fixC1Controls: true })).toBe(damaged.replace('\x93', '“'));
    expect(alone({ fixLatinLigatures: true })).toBe(damaged.replace('ﬁ', 'fi'));
    expect(alone({ fixCharacterWidth: true })).toBe(damaged.replace('Ａ', 'A'));
    expect(alone({ uncurlQuotes: true })).toBe(damaged.replace('“q”', '"q"'));
    expect(alone({ fixLineBreaks: true })).toBe(damaged.replace('\r', '\n'));
    expect(alone({ fixSurrogates: true })).toBe(damaged.replace('\ud800', '\ufffd'));
    expect(alone({ removeTerminalEscapes: true })).toBe(damaged.replace('\x1b[1m', ''));
    expect(alone({ removeControlChars: true })).toBe(damaged.replace('\x1b', '').replace('\x07', ''));
    expect(alone({ normalization: 'NFC' })).toBe(damaged.normalize('NFC'));
  });
  it('leaves the references of HTML alone, from the first tag on', () => {
    expect(fixText('&amp;\n<b>\n&amp;')).toBe('&\n<b>\n&amp;');
    expect(fixText('<b> &eacute;', { unescapeHtml: true })).toBe('<b> é');
    expect(fixText('&NTILDE; &NotEqualTilde; &bogus; &#x80; &#59; &AMPX;')).toBe('Ñ ≂̸ &bogus; € &#59; &AMPX;');
  });
  it('reads surrogates that were encoded one by one, and the zero of two bytes', () => {
    expect(fixEncoding('í\xa0½í¸\x8d')).toBe('😍');
    expect(fixEncoding('Ã© À\x80')).toBe('é \0');
  });
  it('cuts a line of more than a million characters between whole ones', () => {
    const long = `${'x'.repeat(999_999)}😀${'é'.repeat(10)}`;
    expect(fixText(long)).toBe(long);
  });
  it('names the forms of Unicode', () => {
    expect(() => fixText('x', { normalization: 'NFX' as never })).toThrow('normalization must be one of');
    expect(() => fixText(null as never)).toThrow('text cannot be null');
    expect(() => fixEncoding(null as never)).toThrow('text cannot be null');
    expect(() => unidecode(null as never, table)).toThrow('text cannot be null');
  });
});

describe('unidecode', () => {
  it.each([
    ['Łódź', 'Lodz'],
    ['Œuvre ½', 'OEuvre  1/2'],
    ['𝔘𝔫𝔦 😀 𝟘', 'Uni  0'],
    ['しちつ', 'shichitsu'],
    ['\x85', ''],
    ['@ $ ＠', '@ $ @'],
  ])('%s', (text, expected) => {
    expect(unidecode(text, table)).toBe(expected);
  });
  it('asks for the tables by name', () => {
    expect(() => unidecode('é', undefined as never)).toThrow("table must be a function from characters to ASCII, as 'unidecode' exports");
  });
  it('says nothing where a table says nothing, but what decomposes to ASCII', () => {
    expect(unidecode('\u2460\u0436\u1d43', () => '')).toBe('1a');
    expect(unidecode('a', () => 'never asked')).toBe('a');
  });
});
