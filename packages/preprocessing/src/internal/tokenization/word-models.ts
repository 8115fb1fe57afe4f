/** The models that look words up: WordLevel, and WordPiece by greedy longest matches (Devlin et al. 2019). */
import { countAt, type JsonRecord, optionalTextAt, textAt } from './json.js';
import { byteLength, type Model, needed, type Piece, toVocabJson, type Vocab, vocabAt } from './model.js';

/** Words as they are. */
export class WordLevel implements Model {
  readonly type = 'WordLevel';
  readonly vocabulary: Vocab;
  readonly unkToken: string;

  constructor(vocabulary: Vocab, unkToken = '<unk>') {
    this.vocabulary = vocabulary;
    this.unkToken = unkToken;
  }

  tokenize(word: string): Piece[] {
    const id = this.vocabulary.idOf(word);
    const end = byteLength(word);
    return [
      id === undefined ? { id: needed(this.vocabulary, this.unkToken, 'unkToken'), text: this.unkToken, start: 0, end } : { id, text: word, start: 0, end },
    ];
  }

  toJson(): JsonRecord {
    return { type: 'WordLevel', vocab: toVocabJson(this.vocabulary), unk_token: this.unkToken };
  }
}

/** What a {@link WordPiece} is made of. */
export interface WordPieceOptions {
  readonly unkToken: string;
  readonly continuingSubwordPrefix: string;
  /** Longer words are unknown, in characters. */
  readonly maxInputCharsPerWord: number;
}

/** Words as the longest pieces of the vocabulary, from left to right; unknown where a part is not in it. */
export class WordPiece implements Model {
  readonly type = 'WordPiece';
  readonly vocabulary: Vocab;
  readonly options: WordPieceOptions;
  /** Units of the longest token, beyond which no part need be looked up. */
  readonly #longest: number;

  constructor(vocabulary: Vocab, options: Partial<WordPieceOptions> = {}) {
    this.vocabulary = vocabulary;
    this.options = { unkToken: '[UNK]', continuingSubwordPrefix: '##', maxInputCharsPerWord: 100, ...options };
    this.#longest = vocabulary.longest;
  }

  tokenize(word: string): Piece[] {
    const { unkToken, maxInputCharsPerWord } = this.options;
    const pieces = word.length > 2 * maxInputCharsPerWord || [...word].length > maxInputCharsPerWord ? null : this.#cut(word);
    return pieces ?? [{ id: needed(this.vocabulary, unkToken, 'unkToken'), text: unkToken, start: 0, end: byteLength(word) }];
  }

  #cut(word: string): Piece[] | null {
    const pieces: Piece[] = [];
    let byte = 0;
    for (let start = 0; start < word.length; ) {
      const prefix = start > 0 ? this.options.continuingSubwordPrefix : '';
      let end = Math.min(word.length, start + this.#longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = this.vocabulary.idAfter(prefix, word, start, end);
        if (id !== undefined) break;
      }
      if (id === undefined) return null;
      const length = byteLength(word.slice(start, end));
      pieces.push({ id, text: prefix + word.slice(start, end), start: byte, end: byte + length });
      byte += length;
      start = end;
    }
    return pieces;
  }

  toJson(): JsonRecord {
    const { unkToken, continuingSubwordPrefix, maxInputCharsPerWord } = this.options;
    return {
      type: 'WordPiece',
      unk_token: unkToken,
      continuing_subword_prefix: continuingSubwordPrefix,
      max_input_chars_per_word: maxInputCharsPerWord,
      vocab: toVocabJson(this.vocabulary),
    };
  }
}

/** Reads a WordLevel model. @throws {FormatError} naming the part that is wrong */
export function wordLevelAt(json: JsonRecord, path: string): WordLevel {
  return new WordLevel(vocabAt(json['vocab'], `${path}.vocab`), textAt(json['unk_token'], `${path}.unk_token`));
}

/** Reads a WordPiece model. @throws {FormatError} naming the part that is wrong */
export function wordPieceAt(json: JsonRecord, path: string): WordPiece {
  return new WordPiece(vocabAt(json['vocab'], `${path}.vocab`), {
    unkToken: textAt(json['unk_token'], `${path}.unk_token`),
    continuingSubwordPrefix: optionalTextAt(json['continuing_subword_prefix'], `${path}.continuing_subword_prefix`) ?? '##',
    maxInputCharsPerWord: countAt(json['max_input_chars_per_word'] ?? 100, `${path}.max_input_chars_per_word`),
  });
}
