/** Models of other formats as `tokenizer.json` describes them. */
import { UnsupportedError } from '@gtc/errors';

import { BYTE_CHARACTERS } from './byte-level.js';
import { readSentencePiece, type SentencePieceFile } from './sentencepiece-file.js';
import { SPACE_MARK } from './sentencepiece-normalize.js';
import { keyOf, pairsOfRanks } from './tiktoken.js';

type Json = Readonly<Record<string, unknown>>;

const base64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};

/** Every two pieces that make up a third, in the order of the third's score. */
function mergesOf({ pieces }: PieceModel): [string, string][] {
  const ids = new Map(pieces.map(({ piece }, id) => [piece, id]));
  const found: { readonly pair: [string, string]; readonly score: number; readonly order: number }[] = [];
  for (const { piece, score } of pieces) {
    for (let cut = 1; cut < piece.length; cut++) {
      const [left, right] = [ids.get(piece.slice(0, cut)), ids.get(piece.slice(cut))];
      if (left !== undefined && right !== undefined) found.push({ pair: [piece.slice(0, cut), piece.slice(cut)], score, order: left * pieces.length + right });
    }
  }
  return found.sort((a, b) => b.score - a.score || a.order - b.order).map(({ pair }) => pair);
}

function modelOf(file: PieceModel): Json {
  const { pieces, algorithm, unkId, byteFallback } = file;
  if (algorithm === 'unigram') return { type: 'Unigram', unk_id: unkId, vocab: pieces.map(({ piece, score }) => [piece, score]), byte_fallback: byteFallback };
  if (algorithm !== 'bpe')
    throw new UnsupportedError(`sentencepiece: a tokenizer of ${algorithm}s is not offered, unigram and bpe are`, { parameter: 'bytes', received: algorithm });
  const vocab = Object.assign(Object.create(null) as object, Object.fromEntries(pieces.map(({ piece }, id) => [piece, id])));
  return { type: 'BPE', vocab, merges: mergesOf(file), unk_token: pieces[unkId]!.piece, fuse_unk: true, byte_fallback: byteFallback };
}

/** The tokenizer of a `.model` file. */
export function sentencePieceJson(bytes: Uint8Array): Json {
  return piecesJson(readSentencePiece(bytes));
}

/** What of a `.model` file a tokenizer needs, wherever it comes from. */
export type PieceModel = Pick<SentencePieceFile, 'pieces' | 'algorithm' | 'byteFallback' | 'unkId' | 'mapBytes' | 'addDummyPrefix' | 'removeExtraWhitespaces'>;

/** The tokenizer of pieces with scores. */
export function piecesJson(file: PieceModel): Json {
  const { pieces, mapBytes, removeExtraWhitespaces, addDummyPrefix } = file;
  const steps = [
    ...(mapBytes.length === 0 ? [] : [{ type: 'Precompiled', precompiled_charsmap: base64(mapBytes) }]),
    ...(removeExtraWhitespaces
      ? [
          { type: 'Strip', strip_left: true, strip_right: true },
          { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
        ]
      : []),
  ];
  const space = { type: 'Metaspace', replacement: SPACE_MARK, prepend_scheme: addDummyPrefix ? 'always' : 'never', split: true };
  const prefix = addDummyPrefix ? [{ type: 'Prepend', prepend: SPACE_MARK }] : [];
  const isBpe = file.algorithm === 'bpe';
  const marks = isBpe ? [...prefix, { type: 'Replace', pattern: { String: ' ' }, content: SPACE_MARK }] : [];
  const special = pieces.flatMap(({ piece, type }, id) =>
    type === 'control' || type === 'unknown' || type === 'user_defined' ? [{ id, content: piece, special: type !== 'user_defined', normalized: false }] : [],
  );
  return {
    added_tokens: special,
    normalizer: { type: 'Sequence', normalizers: [...steps, ...marks] },
    // BPE may join across blanks, so that its text is one piece.
    pre_tokenizer: isBpe ? null : space,
    decoder: isBpe
      ? {
          type: 'Sequence',
          decoders: [
            { type: 'Replace', pattern: { String: SPACE_MARK }, content: ' ' },
            { type: 'ByteFallback' },
            { type: 'Fuse' },
            ...(addDummyPrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
          ],
        }
      : space,
    model: modelOf(file),
  };
}

/** The tokenizer of ranks; `$` of the pattern becomes `\z`, because in `tokenizer.json` it stands for the end of any line. */
export function tiktokenJson(
  ranks: Iterable<readonly [token: Uint8Array, rank: number]>,
  pattern: string,
  specialTokens: Readonly<Record<string, number>>,
): Json {
  const vocab: Record<string, number> = Object.create(null) as Record<string, number>;
  const keys = new Map<string, number>();
  const tokens = new Map<number, string>();
  for (const [bytes, rank] of ranks) {
    const token = Array.from(bytes, byte => BYTE_CHARACTERS[byte]!).join('');
    vocab[token] = rank;
    keys.set(keyOf(bytes), rank);
    tokens.set(rank, token);
  }
  const pairs = [...pairsOfRanks(keys)].sort(([a, b, first], [c, d, second]) => first - second || a - c || b - d);
  return {
    added_tokens: Object.entries(specialTokens).map(([content, id]) => ({ id, content, special: true, normalized: false })),
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern.replaceAll(/(?<!\\)\$(?=\||\)|$)/g, '\\z') }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', ignore_merges: true, vocab, merges: pairs.map(([left, right]) => [tokens.get(left)!, tokens.get(right)!]) },
  };
}
