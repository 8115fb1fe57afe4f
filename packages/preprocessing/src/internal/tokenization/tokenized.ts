/** What a tokenizer answers: {@link Encoding}. */
import type { Draft } from './encoding.js';

/**
 * A text, or two, as tokens. Lists have one entry for each token; `offsets` holds start and end by turns, so that
 * `text.slice(offsets[2 * i], offsets[2 * i + 1])` is what token `i` stands for.
 */
export class Encoding {
  readonly ids: Uint32Array;
  readonly tokens: readonly string[];
  readonly offsets: Uint32Array;
  /** 0 for the first text, 1 for the second, as the tokenizer's template says. */
  readonly typeIds: Uint32Array;
  /** 0 for padding. */
  readonly attentionMask: Uint8Array;
  /** 1 for tokens that the tokenizer put in. */
  readonly specialTokensMask: Uint8Array;
  /** The word that a token belongs to; null for one that was put in. */
  readonly wordIds: readonly (number | null)[];
  /** The text that a token belongs to; null for one that was put in. */
  readonly sequenceIds: readonly (number | null)[];
  /** What truncation cut off, in parts of the same length. */
  readonly overflowing: readonly Encoding[];

  constructor({ parts, overflowing }: Draft) {
    this.ids = Uint32Array.from(parts.ids);
    this.tokens = parts.tokens;
    this.offsets = Uint32Array.from(parts.offsets);
    this.typeIds = Uint32Array.from(parts.typeIds);
    this.attentionMask = Uint8Array.from(parts.attentionMask);
    this.specialTokensMask = Uint8Array.from(parts.specialTokensMask);
    this.wordIds = parts.wordIds;
    this.sequenceIds = parts.sequenceIds;
    this.overflowing = overflowing.map(draft => new Encoding(draft));
  }

  get length(): number {
    return this.ids.length;
  }

  /** Token that stands for the character at a place of a text; null where none does. */
  charToToken(place: number, sequence = 0): number | null {
    const found = this.sequenceIds.findIndex((of, i) => of === sequence && place >= this.offsets[2 * i]! && place < this.offsets[2 * i + 1]!);
    return found < 0 ? null : found;
  }

  /** Word that the character at a place of a text belongs to. */
  charToWord(place: number, sequence = 0): number | null {
    const token = this.charToToken(place, sequence);
    return token === null ? null : this.tokenToWord(token);
  }

  /** Place of a token in its text; null for a token that was put in. */
  tokenToChars(token: number): readonly [start: number, end: number] | null {
    return (this.sequenceIds[token] ?? null) === null ? null : [this.offsets[2 * token]!, this.offsets[2 * token + 1]!];
  }

  tokenToWord(token: number): number | null {
    return this.wordIds[token] ?? null;
  }

  /** First token of a word, and the one behind its last. */
  wordToTokens(word: number, sequence = 0): readonly [start: number, end: number] | null {
    const isOf = (of: number | null, i: number): boolean => of === word && this.sequenceIds[i] === sequence;
    const first = this.wordIds.findIndex(isOf);
    return first < 0 ? null : [first, this.wordIds.findLastIndex(isOf) + 1];
  }

  /** Place of a word in its text. */
  wordToChars(word: number, sequence = 0): readonly [start: number, end: number] | null {
    const tokens = this.wordToTokens(word, sequence);
    return tokens === null ? null : [this.offsets[2 * tokens[0]]!, this.offsets[2 * tokens[1] - 1]!];
  }
}
