import { readFileSync } from 'node:fs';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Regex } from '../regex/regex.js';
import { trainTiktoken } from '../tokenizer-training/train.js';
import { artefact } from './evidence.fixture.js';
import { pieceEnd, scanRules, Units } from './scanner.js';
import { readTiktokenRanks, TiktokenEncoding } from './tiktoken.js';

const ranks = [...readTiktokenRanks(readFileSync(artefact('tiktoken_ranks.tiktoken'), 'utf8'))];
const known = new Map<string, TiktokenEncoding>();
function encodingOf(pattern = '\\S+|\\s+', specialTokens: Readonly<Record<string, number>> = {}): TiktokenEncoding {
  const key = JSON.stringify([pattern, specialTokens]);
  const found = known.get(key) ?? new TiktokenEncoding({ ranks, pattern, specialTokens });
  known.set(key, found);
  return found;
}

type Given = {
  readonly pattern?: string;
  readonly specialTokens?: Readonly<Record<string, number>>;
  readonly texts: string[];
  readonly ids: number[][];
  readonly text: string;
};

describe('evidence: tiktoken', () => {
  const encode =
    (options: object = {}) =>
    ({ pattern, specialTokens, texts }: Given) => ({ ids: texts.map(text => [...encodingOf(pattern, specialTokens).encode(text, options)]) });
  const answers = {
    'TiktokenEncoding.encode': encode(),
    "TiktokenEncoding.encode(text,{allowedSpecial:'all'})": encode({ allowedSpecial: 'all' }),
    'TiktokenEncoding.encode(text,{disallowedSpecial:[]})': encode({ disallowedSpecial: [] }),
    'TiktokenEncoding.encodeOrdinary': ({ pattern, texts }: Given) => ({ ids: texts.map(text => [...encodingOf(pattern).encodeOrdinary(text)]) }),
    'TiktokenEncoding.decode': ({ pattern, ids }: Given, { expect: want }: { readonly expect: { readonly offsets?: unknown } }) => {
      const decoded = ids.map(each => encodingOf(pattern).decodeWithOffsets(each));
      return {
        text: ids.map(each => encodingOf(pattern).decode(each)),
        ...(want.offsets === undefined ? {} : { offsets: decoded.map(({ offsets }) => offsets) }),
      };
    },
    trainTiktoken: ({ text: source, vocabSize, pattern }: Given & { readonly vocabSize: number }) => {
      const trained = trainTiktoken(source, vocabSize, pattern!);
      return { tokens: Array.from({ length: vocabSize - 256 }, (_, i) => Buffer.from(trained.decodeSingleTokenBytes(256 + i)).toString('hex')) };
    },
    'TiktokenEncoding.encodeSingleToken': ({ text }: Given) => encodingOf().encodeSingleToken(text),
  };
  const cases = evidenceCases('preprocessing/tiktoken', answers as never, import.meta.url, '../../../evidence/tiktoken.json');
  it.each(cases)('$name', c => c.run());
});

/** Patterns of the family that the scanner knows, and the dialect of the regular expression that says the same. */
const PATTERNS = [
  ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", 'oniguruma'],
  ["(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", 'oniguruma'],
  ["(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", 'oniguruma'],
  ["'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s", 'fancy'],
  ["'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s", 'fancy'],
  ["'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++\\z|\\s+(?!\\S)|\\s", 'oniguruma'],
] as const;
const text = fc
  .array(fc.constantFrom(..."ab Z'sLvretdſ\t\n\r\u3000\u00859٤½.,!-日é\u0301".split(''), '😀', '𝟘', '𐐀', "'re", "'LL", ' ', '\n', '\ud800'), { maxLength: 12 })
  .map(parts => parts.join(''));

describe('laws', () => {
  it.each(PATTERNS)('the scanner cuts as the pattern does: %s', (pattern, dialect) => {
    const rules = scanRules(pattern, dialect)!;
    const regex = new Regex(pattern, dialect);
    fc.assert(
      fc.property(text, subject => {
        const units = new Units();
        units.load(subject);
        const cuts: [number, number][] = [];
        for (let at = 0; at < subject.length; ) {
          const end = pieceEnd(units, at, rules);
          cuts.push([at, end]);
          at = end;
        }
        expect(cuts).toEqual(regex.matches(subject));
      }),
      { numRuns: 1000 },
    );
  });
  it('gives every text back, however often a piece was met', () => {
    const encoding = encodingOf(PATTERNS[4][0]);
    fc.assert(
      fc.property(
        fc.oneof(text, fc.string({ unit: 'binary', maxLength: 300 })),
        subject => encoding.decode(encoding.encodeOrdinary(subject)) === new TextDecoder().decode(new TextEncoder().encode(subject)),
      ),
      { numRuns: 300 },
    );
  });
  it('forgets pieces when there are too many, and goes on', () => {
    const encoding = encodingOf(PATTERNS[0][0]);
    const many = Array.from({ length: 90_000 }, (_, i) => ` ${i.toString(16).replace(/\d/g, digit => 'ghijklmnop'[Number(digit)]!)}`).join('');
    expect(encoding.decode(encoding.encodeOrdinary(many))).toBe(many);
  });
});

describe('TiktokenEncoding', () => {
  it('knows patterns that are not of the family', () => {
    expect(scanRules('\\p{L}+|.')).toBeNull();
    expect(scanRules(PATTERNS[0][0].replace('\\p{N}', '\\p{Nd}'))).toBeNull();
    expect([scanRules(PATTERNS[3][0]), scanRules(PATTERNS[5][0], 'fancy')]).toEqual([null, null]);
    expect(encodingOf('[a-z]+').decode(encodingOf('[a-z]+').encodeOrdinary('ab 12 cd'))).toBe('abcd');
  });
  it('tells tokens and their bytes', () => {
    const encoding = encodingOf('.', { '<|end|>': 5000 });
    expect([encoding.encodeSingleToken('<|end|>'), encoding.encodeSingleToken(Uint8Array.of(0xff)), encoding.vocabSize]).toEqual([5000, 255, ranks.length + 1]);
    expect(encoding.decode([...encoding.encode('a<|end|>', { allowedSpecial: ['<|end|>'] })])).toBe('a<|end|>');
  });
  it.each([
    [() => encodingOf().decode([9999]), 'no token has the id 9999'],
    [
      () => encodingOf('.', { '<s>': 5000 }).encode('a<s>'),
      "text holds the special token '<s>': name it in allowedSpecial, or leave it out of disallowedSpecial",
    ],
    [() => new TiktokenEncoding({ ranks: [], pattern: '.' }), 'ranks must hold every byte, and lack 0'],
    [() => [...readTiktokenRanks('IQ== 0\nIQ 1')], "tiktoken ranks: line 2 must be base 64, a blank and a rank, got 'IQ 1'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
