/** Reads `.model` files of SentencePiece. */
import { FormatError } from '@gtc/errors';
import { CharacterMap } from './precompiled.js';
import { fieldsOf } from './protobuf.js';

/** What a piece is: text, or something that stands for no text of its own. */
export type PieceType = 'normal' | 'unknown' | 'control' | 'user_defined' | 'unused' | 'byte';
const TYPES: readonly PieceType[] = ['normal', 'normal', 'unknown', 'control', 'user_defined', 'unused', 'byte'];

/** A piece with its score and type. */
export interface ModelPiece {
  readonly piece: string;
  readonly score: number;
  readonly type: PieceType;
}

/** What a file holds. */
export interface SentencePieceFile {
  readonly pieces: readonly ModelPiece[];
  readonly algorithm: 'unigram' | 'bpe' | 'word' | 'char';
  readonly byteFallback: boolean;
  readonly unkId: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly padId: number;
  /** What an unknown piece is decoded to. */
  readonly unkSurface: string;
  /** White space marks the end of a word, not its beginning. */
  readonly whitespaceAsSuffix: boolean;
  readonly map: CharacterMap | null;
  /** The bytes of `map`. */
  readonly mapBytes: Uint8Array;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new FormatError('sentencepiece: a piece is not UTF-8', { parameter: 'bytes', cause });
  }
}

function pieceOf(message: Uint8Array): ModelPiece {
  let [piece, score, type] = ['', 0, 1];
  for (const { number, value, bytes } of fieldsOf(message)) {
    if (number === 1) piece = textOf(bytes);
    else if (number === 2) score = value;
    else if (number === 3) type = value;
  }
  return { piece, score, type: TYPES[type] ?? 'normal' };
}

const ALGORITHMS = ['unigram', 'unigram', 'bpe', 'word', 'char'] as const;
/** Ids are 32-bit and may be -1, which a varint spells with ten bytes. */
const idOf = (value: number): number => (value > 2 ** 31 ? -1 : value);

/** @throws {FormatError} for bytes that are no model, or one without pieces */
export function readSentencePiece(file: Uint8Array): SentencePieceFile {
  const pieces: ModelPiece[] = [];
  const trainer: Record<number, number> = { 3: 1, 24: 0, 35: 0, 40: 0, 41: 1, 42: 2, 43: -1 };
  const normalizer: Record<number, number> = { 3: 1, 4: 1, 5: 1 };
  let unkSurface = ' ⁇ ';
  let mapBytes = new Uint8Array(0);
  for (const { number, bytes } of fieldsOf(file)) {
    if (number === 1) pieces.push(pieceOf(bytes));
    else if (number === 2) {
      for (const field of fieldsOf(bytes)) {
        if (field.number === 44) unkSurface = textOf(field.bytes);
        else if (field.number in trainer) trainer[field.number] = idOf(field.value);
      }
    } else if (number === 3) {
      for (const field of fieldsOf(bytes)) {
        if (field.number === 2) mapBytes = Uint8Array.from(field.bytes);
        else if (field.number in normalizer) normalizer[field.number] = field.value;
      }
    }
  }
  if (pieces.length === 0) throw new FormatError('sentencepiece: the file holds no pieces', { parameter: 'bytes' });
  const unkId = pieces.findIndex(({ type }) => type === 'unknown');
  if (unkId < 0) throw new FormatError('sentencepiece: no piece stands for what is unknown', { parameter: 'bytes' });
  return {
    pieces,
    algorithm: ALGORITHMS[trainer[3]!] ?? 'unigram',
    byteFallback: trainer[35] === 1,
    unkId,
    bosId: trainer[41]!,
    eosId: trainer[42]!,
    padId: trainer[43]!,
    unkSurface,
    whitespaceAsSuffix: trainer[24] === 1,
    map: mapBytes.length === 0 ? null : new CharacterMap(mapBytes),
    mapBytes,
    addDummyPrefix: normalizer[3] === 1,
    removeExtraWhitespaces: normalizer[4] === 1,
    escapeWhitespaces: normalizer[5] === 1,
  };
}
