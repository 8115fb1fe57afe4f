import { readFileSync } from 'node:fs';
import { evidenceCases, mutantCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artefact } from './evidence.fixture.js';
import { SentencePieceModel } from './sentencepiece.js';

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(artefact(`sentencepiece/${name}.model`)));
const known = new Map<string, SentencePieceModel>();
function modelNamed(name: string): SentencePieceModel {
  const found = known.get(name) ?? new SentencePieceModel(bytesOf(name));
  known.set(name, found);
  return found;
}
const TYPES: Readonly<Record<string, string>> = { unknown: 'unk', user_defined: 'normal' };

type Given = { readonly model: string; readonly texts: string[]; readonly ids: number[][]; readonly pieces: string[]; readonly nbest: number };

describe('evidence: sentencepiece', () => {
  const answers = {
    'SentencePieceModel.load': ({ model }: Given) => {
      const { pieces, specialIds, vocabSize } = modelNamed(model);
      return {
        size: vocabSize,
        pieces: pieces.map(({ piece }) => piece),
        scores: pieces.map(({ score }) => score),
        types: pieces.map(({ type }) => TYPES[type] ?? type),
        ...specialIds,
      };
    },
    'sp.encode': ({ model, texts }: Given) => ({
      ids: texts.map(text => [...modelNamed(model).encode(text)]),
      pieces: texts.map(text =>
        modelNamed(model)
          .encodeWithOffsets(text)
          .map(({ piece }) => piece),
      ),
      decoded: texts.map(text => modelNamed(model).decode(modelNamed(model).encode(text))),
    }),
    'sp.encode(text,{addBos,addEos})': ({ model, texts }: Given) => ({
      ids: texts.map(text => [...modelNamed(model).encode(text, { addBos: true, addEos: true })]),
    }),
    'sp.encodeWithOffsets': ({ model, texts }: Given) => ({
      pieces: texts.map(text =>
        modelNamed(model)
          .encodeWithOffsets(text)
          .map(({ piece, id, surface, begin, end }) => [piece, id, surface, begin, end]),
      ),
    }),
    'sp.normalize': ({ model, texts }: Given) => ({ normalized: texts.map(text => modelNamed(model).normalize(text)) }),
    'sp.pieceToId': ({ model, pieces }: Given) => ({ ids: pieces.map(piece => modelNamed(model).pieceToId(piece)) }),
    'sp.decode': ({ model, ids }: Given) => ({ text: ids.map(each => modelNamed(model).decode(each)) }),
    'sp.nbestEncode': ({ model, texts, nbest }: Given) => ({
      nbest: texts.map(text =>
        modelNamed(model)
          .nbestEncode(text, nbest)
          .map(({ pieces, score }) => [pieces, score]),
      ),
    }),
  };
  it.each(evidenceCases('preprocessing/sentencepiece', answers as never, import.meta.url, '../../../evidence/sentencepiece.json'))('$name', c => c.run());
});

const text = fc
  .array(fc.constantFrom('the', ' ', '  ', 'model', 'é', '日', '😀', '12', '<sep>', '\0', '\ud800', 'ﬁ', '\u3000'), { maxLength: 12 })
  .map(parts => parts.join(''));

describe('laws', () => {
  it('a model that falls back to bytes gives back what it normalized', () => {
    const model = modelNamed('bpe_bytefallback');
    fc.assert(
      fc.property(text, source => model.decode(model.encode(source)) === new TextDecoder().decode(new TextEncoder().encode(source))),
      { numRuns: 300 },
    );
  });
  it.each(['unigram_identity', 'bpe_bytefallback', 'unigram_nmt_nfkc'])('places of %s are in order and hold the surfaces', name => {
    fc.assert(
      fc.property(text, source => {
        const bytes = new TextEncoder().encode(source);
        let last = 0;
        return modelNamed(name)
          .encodeWithOffsets(source)
          .every(({ surface, begin, end }) => {
            const sound = begin >= last && end <= bytes.length && new TextDecoder().decode(bytes.subarray(begin, end)) === surface;
            last = end;
            return sound;
          });
      }),
      { numRuns: 300 },
    );
  });
  it('the best of many ways is the one that encoding takes', () => {
    const model = modelNamed('unigram_identity');
    for (const source of ['the model', 'training data for models', 'subvillage']) {
      const [best] = model.nbestEncode(source, 3);
      expect(best!.pieces).toEqual(model.encodeWithOffsets(source).map(({ piece }) => piece));
    }
    expect(model.idToPiece(0)).toBe('<unk>');
  });
});

describe('hostile files', () => {
  const parse = (bytes: Uint8Array): unknown => new SentencePieceModel(bytes).encode('the model runs, 日本 ﬁ\ud800');
  it.each(mutantCases({ unigram: () => bytesOf('unigram_identity'), bpe: () => bytesOf('bpe_bytefallback') }, parse, { count: 1000 }))('$name', c => c.run());
  it.each(mutantCases({ table: () => bytesOf('unigram_nmt_nfkc') }, parse, { count: 50 }))('$name', c => c.run());
  it.each([
    [Uint8Array.of(), 'sentencepiece: the file holds no pieces'],
    [Uint8Array.of(0x0a, 3, 0x0a, 1, 0x61), 'sentencepiece: no piece stands for what is unknown'],
    [Uint8Array.of(0x0a, 9), 'protocol buffer: 9 bytes are announced and 0 remain (at offset 2)'],
    [Uint8Array.of(0x0b), 'protocol buffer: a field of kind 3'],
    [new Uint8Array(12).fill(0xff), 'protocol buffer: a number of more than 10 bytes'],
    [Uint8Array.of(0x0a, 3, 0x0a, 1, 0xff), 'sentencepiece: a piece is not UTF-8'],
  ])('%# says what is wrong', (bytes, message) => {
    expect(() => new SentencePieceModel(bytes)).toThrow(message);
  });
});
