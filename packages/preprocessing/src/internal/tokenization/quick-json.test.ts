import { mutant } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainTokenizer } from '../../tokenizer-training.js';
import { Vocab, vocabAt } from './model.js';
import { parseTokenizerJson } from './quick-json.js';
import { HASH_START, hashStretch, TokenTable } from './token-table.js';
import { Tokenizer } from './tokenizer.js';

const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
const corpus = ['low lower lowest "quoted" back\\slash', 'naïve 日本 😀 newer\tnewest'];
const bpe = trainTokenizer(corpus, { vocabSize: 300, initialAlphabet: 'bytes', preTokenizer: bytes, decoder: bytes }).toJson();
const model = bpe['model'] as { vocab: Record<string, number>; merges: (readonly [string, string])[] };

/** What a file gives, read from its text and from its objects. */
function outcomes(text: string): readonly [quick: string, plain: string] {
  const attempt = (read: () => Tokenizer): string => {
    try {
      const tokenizer = read();
      return JSON.stringify([tokenizer.toJson(), [...tokenizer.encodeIds('lowest naïve "x\\ 日本')]]);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return `${code}: ${message}`;
    }
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [attempt(() => Tokenizer.fromJson(text)).slice(0, 40), 'malformed_input: tokenizer: the text is not JSON'.slice(0, 40)];
  }
  return [attempt(() => Tokenizer.fromJson(text)), attempt(() => Tokenizer.fromJson(json as object))];
}

describe('a file read quickly', () => {
  const isQuick = (text: string): boolean => (parseTokenizerJson(text) as { model: { vocab: unknown } }).model.vocab instanceof Vocab;
  const variants: readonly (readonly [name: string, text: string])[] = [
    ['as it is', JSON.stringify(bpe)],
    ['indented', JSON.stringify(bpe, null, 2)],
    ['with tabs', JSON.stringify(bpe, null, '\t').replaceAll('\n', '\r\n')],
    ['with merges as texts', JSON.stringify({ ...bpe, model: { ...model, merges: model.merges.map(pair => pair.join(' ')) } }, null, 1)],
    ['without merges', JSON.stringify({ ...bpe, model: { ...model, merges: [] } })],
    ['with escapes everywhere', JSON.stringify(bpe).replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)],
    ['without a type', JSON.stringify({ ...bpe, model: { ...model, type: undefined } })],
    ['of words', JSON.stringify({ model: { type: 'WordLevel', vocab: { low: 0, '?': 1 }, unk_token: '?' } })],
    ['of word pieces', JSON.stringify({ model: { type: 'WordPiece', vocab: { low: 0, '##est': 1, '[UNK]': 2, __proto__: 3 }, unk_token: '[UNK]' } })],
  ];
  it.each(variants)('%s gives what its objects give', (_, text) => {
    expect(isQuick(text)).toBe(true);
    const [quick, plain] = outcomes(text);
    expect(quick).toBe(plain);
  });
  it('joins pieces with a prefix', () => {
    const json = {
      model: { type: 'BPE', continuing_subword_prefix: '##', vocab: { a: 0, '##b': 1, ab: 2, '##c': 3, '##bc': 4 }, merges: ['a ##b', '##b ##c'] },
    };
    const [quick, plain] = outcomes(JSON.stringify(json));
    expect(quick).toBe(plain);
    expect(Tokenizer.fromJson(JSON.stringify(json)).encode('abc').tokens).toEqual(Tokenizer.fromJson(json).encode('abc').tokens);
  });
  const vocab = { a: 0, b: 1, ab: 2 };
  const plainBpe = (more: object): object => ({ model: { type: 'BPE', vocab, merges: ['a b'], ...more } });
  it.each([
    ['a vocabulary with two tokens of one id', plainBpe({ vocab: { a: 0, b: 1, ab: 2, c: 2 } })],
    ['ids far apart', plainBpe({ vocab: { a: 0, b: 4_000_000_000, ab: 2 } })],
    ['a token with a blank', plainBpe({ vocab: { ...vocab, 'b c': 3, 'ab c': 4 }, merges: ['a b c'] })],
    ['a merge of a token that is not there', plainBpe({ merges: ['a z'] })],
    ['a merge into a token that is not there', plainBpe({ merges: ['b a'] })],
    ['an empty part of a merge', plainBpe({ merges: ['a '] })],
    ['an empty part of a pair', plainBpe({ merges: [['', 'b']] })],
    ['a merge of three', plainBpe({ merges: ['a b b'] })],
    ['a list of three', plainBpe({ merges: [['a', 'b', 'b']] })],
    ['a number as merge', plainBpe({ merges: [7] })],
    ['a negative id', plainBpe({ vocab: { a: -1, b: 1, ab: 2 } })],
    ['an id that is no integer', plainBpe({ vocab: { a: 0.5, b: 1, ab: 2 } })],
    ['an id as text', plainBpe({ vocab: { a: '0', b: 1, ab: 2 } })],
    ['an empty vocabulary', plainBpe({ vocab: {}, merges: [] })],
    ['a list as vocabulary', plainBpe({ vocab: [['a', 0]] })],
    [
      'pieces with scores',
      {
        model: {
          type: 'Unigram',
          vocab: [
            ['<unk>', 0],
            ['a', -1],
          ],
          unk_id: 0,
        },
      },
    ],
    ['an object where scores belong', { model: { type: 'Unigram', vocab, unk_id: 0 } }],
    ['a model that is no object', { model: 'BPE' }],
    ['no model', {}],
    ['a type that does not exist', plainBpe({ type: 'XPE' })],
  ])('%s: the same answer as from objects', (_, json) => {
    const [quick, plain] = outcomes(JSON.stringify(json));
    expect(quick).toBe(plain);
  });
  it.each([
    ['merges before the vocabulary', '{"model":{"type":"BPE","merges":["a b"],"vocab":{"a":0,"b":1,"ab":2}}}'],
    ['a token twice', '{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"a":3},"merges":["a b"]}}'],
    ['a vocabulary twice', '{"model":{"type":"BPE","vocab":{"x":0},"vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}'],
    ['two models', '{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"},"model":{"type":"BPE","vocab":{"b":1},"merges":[]}}'],
    ['an escaped quote before the model', '{"note":"\\"}{[","model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}'],
    ['an id of zeros', '{"model":{"type":"BPE","vocab":{"a":00},"merges":[]}}'],
    ['an id with an exponent', '{"model":{"type":"BPE","vocab":{"a":1e1,"b":1,"ab":2},"merges":["a b"]}}'],
    ['an id of many digits', '{"model":{"type":"BPE","vocab":{"a":4294967296},"merges":[]}}'],
    ['a control character', '{"model":{"type":"BPE","vocab":{"a\n":0},"merges":[]}}'],
    ['a comma too many', '{"model":{"type":"BPE","vocab":{"a":0,},"merges":[]}}'],
    ['an end too soon', '{"model":{"type":"BPE","vocab":{"a":0'],
    ['an end in a string', '{"model":{"type":"BPE","vocab":{"a'],
    ['an end after an escape', '{"x":"\\'],
    ['nothing', ''],
    ['a list', '[1]'],
    ['a wrong word', '{"x":nul,"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}'],
    ['a bare sign', '{"x":&,"model":{}}'],
  ])('%s: the same answer as from objects', (_, text) => {
    const [quick, plain] = outcomes(text);
    expect(quick).toBe(plain);
  });
  it('mutants of a file give what their objects give', () => {
    const file = new TextEncoder().encode(
      JSON.stringify({ ...bpe, model: { ...model, vocab: Object.fromEntries(Object.entries(model.vocab)), merges: model.merges.slice(0, 20) } }),
    );
    for (let seed = 0; seed < 500; seed++) {
      const [quick, plain] = outcomes(new TextDecoder().decode(mutant(file, seed).bytes));
      expect(quick, `seed ${seed}`).toBe(plain);
    }
  });
});

describe('TokenTable', () => {
  it('finds what was added, by text and by stretch, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 6 }), { maxLength: 60 }), fc.string({ maxLength: 6 }), (texts, other) => {
        const table = new TokenTable(2);
        const numbers = texts.map(text => table.add(`<${text}>`, 1, text.length + 1));
        const distinct = [...new Set(texts)];
        return (
          table.count === distinct.length &&
          texts.every(
            (text, i) => distinct.indexOf(text) === numbers[i] && table.textOf(numbers[i]!) === text && table.lengthOf(numbers[i]!) === text.length,
          ) &&
          table.find(other, 0, other.length) === distinct.indexOf(other)
        );
      }),
      { numRuns: 100 },
    );
  });
  it('finds two parts in a row, one of them a stretch or both of the table', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab]{0,3}$/), { minLength: 2, maxLength: 30 }), fc.nat(2), (texts, skip) => {
        const table = new TokenTable();
        for (const text of texts) table.add(text, 0, text.length);
        const [left, right] = [texts[0]!, texts[1]!];
        const [a, b] = [left, right].map(text => table.find(text, 0, text.length)) as [number, number];
        const whole = left + right.slice(skip);
        const expected = skip > right.length ? -1 : table.find(whole, 0, whole.length);
        const joined = skip > right.length ? expected : table.findJoined(a, b, skip);
        return joined === expected && table.findAfter(left, `x${right}`, 1, right.length + 1) === table.find(left + right, 0, left.length + right.length);
      }),
      { numRuns: 200 },
    );
  });
  it('keeps texts of one hash apart', () => {
    // The first two of a hundred thousand short texts whose hashes are equal.
    const seen = new Map<number, string>();
    let twins: [string, string] | null = null;
    for (let i = 0; twins === null; i++) {
      const text = i.toString(36);
      const hash = hashStretch(text, 0, text.length, HASH_START);
      if (seen.has(hash)) twins = [seen.get(hash)!, text];
      seen.set(hash, text);
    }
    const table = new TokenTable();
    const [first, second] = twins;
    expect(table.add(first, 0, first.length)).toBe(0);
    expect(table.find(second, 0, second.length)).toBe(-1);
    expect(table.findAfter(second.slice(0, 1), second, 1, second.length)).toBe(-1);
    expect(table.add(second, 0, second.length)).toBe(1);
    expect(table.findAfter(second.slice(0, 1), second, 1, second.length)).toBe(1);
  });
  it('takes long texts and knows its units', () => {
    const table = new TokenTable();
    const long = 'ab'.repeat(5000);
    expect(table.textOf(table.add(long, 0, long.length))).toBe(long);
    expect([table.hasUnit(0x61), table.hasUnit(0x7a)]).toEqual([true, false]);
  });
});

describe('Vocab', () => {
  it('answers by id and by token, in ids far apart too', () => {
    const vocab = vocabAt({ a: 0, b: 4_000_000_000, __proto__x: 7 }, 'vocab');
    expect([vocab.size, vocab.longest, vocab.idOf('b'), vocab.tokenOf(4_000_000_000), vocab.tokenOf(1), vocab.idOf('xbx', 1, 2)]).toEqual([
      3,
      10,
      4_000_000_000,
      'b',
      undefined,
      4_000_000_000,
    ]);
    expect(vocab.sorted()).toEqual([
      ['a', 0],
      ['__proto__x', 7],
      ['b', 4_000_000_000],
    ]);
    expect(vocab.idAfter('__proto', 'a__x', 1, 4)).toBe(7);
  });
  it('of a token that is there twice the last id counts', () => {
    expect(Vocab.of(['a', 'b', 'a']).sorted()).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
  });
});
