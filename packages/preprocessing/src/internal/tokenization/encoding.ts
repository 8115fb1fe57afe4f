/** What a tokenizer makes of a text: ids, their tokens, places and masks; cut to a length and padded to one. */
import { ValidationError } from '@gtc/errors';

/** Which end of a text gives way, or is filled. */
export type Direction = 'left' | 'right';

/** A list that may grow of what a tokenizer says of each token. */
export interface EncodingParts {
  ids: number[];
  tokens: string[];
  /** Starts and ends by turns. */
  offsets: number[];
  typeIds: number[];
  attentionMask: number[];
  specialTokensMask: number[];
  /** Which word of its text a token belongs to; null for a token that the tokenizer added. */
  wordIds: (number | null)[];
  /** Which text a token belongs to, 0 or 1; null for a token that the tokenizer added. */
  sequenceIds: (number | null)[];
}

const FIELDS = ['ids', 'tokens', 'typeIds', 'attentionMask', 'specialTokensMask', 'wordIds', 'sequenceIds'] as const;

/** Lists of no token. */
export const emptyParts = (): EncodingParts => ({
  ids: [],
  tokens: [],
  offsets: [],
  typeIds: [],
  attentionMask: [],
  specialTokensMask: [],
  wordIds: [],
  sequenceIds: [],
});

/** A text, or two, as tokens. */
export class Draft {
  parts: EncodingParts;
  overflowing: Draft[];

  constructor(parts: EncodingParts = emptyParts(), overflowing: Draft[] = []) {
    this.parts = parts;
    this.overflowing = overflowing;
  }

  get length(): number {
    return this.parts.ids.length;
  }

  copy(): Draft {
    return new Draft(
      this.#slice(0, this.length),
      this.overflowing.map(other => other.copy()),
    );
  }

  #slice(start: number, end: number): EncodingParts {
    const { parts } = this;
    return {
      ids: parts.ids.slice(start, end),
      tokens: parts.tokens.slice(start, end),
      offsets: parts.offsets.slice(2 * start, 2 * end),
      typeIds: parts.typeIds.slice(start, end),
      attentionMask: parts.attentionMask.slice(start, end),
      specialTokensMask: parts.specialTokensMask.slice(start, end),
      wordIds: parts.wordIds.slice(start, end),
      sequenceIds: parts.sequenceIds.slice(start, end),
    };
  }

  /** Tokens that a template puts in. */
  static special(ids: readonly number[], tokens: readonly string[], typeId: number): Draft {
    const each = <T>(value: T): T[] => ids.map(() => value);
    return new Draft({
      ids: [...ids],
      tokens: [...tokens],
      offsets: ids.flatMap(() => [0, 0]),
      typeIds: each(typeId),
      attentionMask: each(1),
      specialTokensMask: each(1),
      wordIds: each(null),
      sequenceIds: each(null),
    });
  }

  setTypeIds(typeId: number): void {
    this.parts.typeIds = this.parts.ids.map(() => typeId);
  }

  setSequence(sequence: number): void {
    this.parts.sequenceIds = this.parts.sequenceIds.map(() => sequence);
    for (const other of this.overflowing) other.setSequence(sequence);
  }

  /** Puts another one behind this one; each of the overflowing parts of both is joined with each other as well. */
  append(other: Draft): void {
    const overflowing: Draft[] = [];
    const joined = (a: Draft, b: Draft): void => {
      const draft = a.copy();
      draft.append(b.copy());
      overflowing.push(draft);
    };
    for (const own of this.overflowing) {
      joined(own, other);
      for (const theirs of other.overflowing) joined(own, theirs);
    }
    for (const theirs of other.overflowing) joined(this, theirs);
    for (const field of FIELDS) (this.parts[field] as unknown[]).push(...(other.parts[field] as unknown[]));
    this.parts.offsets.push(...other.parts.offsets);
    this.overflowing = overflowing;
  }

  /** Cuts to a length; what is cut off follows in parts of that length, each with `stride` tokens of the one before. */
  truncate(maxLength: number, stride: number, direction: Direction): void {
    const { length } = this;
    if (maxLength >= length) return;
    if (maxLength === 0) {
      const whole = new Draft(this.parts, this.overflowing);
      this.parts = emptyParts();
      this.overflowing = [whole];
      return;
    }
    if (stride >= maxLength)
      throw new ValidationError(`stride must be below ${maxLength}, the tokens that are left beside the special ones, got ${stride}`, {
        parameter: 'stride',
        received: stride,
      });
    const ranges: [number, number][] = [];
    const step = maxLength - stride;
    if (direction === 'right') {
      for (let start = 0; start < length; start += step) {
        ranges.push([start, Math.min(start + maxLength, length)]);
        if (start + maxLength >= length) break;
      }
    } else {
      for (let end = length; end > 0; end -= step) {
        ranges.push([Math.max(0, end - maxLength), end]);
        if (end <= maxLength) break;
      }
    }
    const [first, ...rest] = ranges.map(([start, end]) => new Draft(this.#slice(start, end)));
    this.parts = first!.parts;
    this.overflowing = rest;
  }

  pad(length: number, { padId, padToken, padTypeId, direction }: Readonly<{ padId: number; padToken: string; padTypeId: number; direction: Direction }>): void {
    for (const other of this.overflowing) other.pad(length, { padId, padToken, padTypeId, direction });
    const missing = length - this.length;
    if (missing <= 0) return;
    const each = <T>(value: T): T[] => new Array<T>(missing).fill(value);
    const filling = new Draft({
      ids: each(padId),
      tokens: each(padToken),
      offsets: new Array<number>(2 * missing).fill(0),
      typeIds: each(padTypeId),
      attentionMask: each(0),
      specialTokensMask: each(1),
      wordIds: each(null),
      sequenceIds: each(null),
    });
    const { overflowing } = this;
    if (direction === 'right') {
      this.overflowing = [];
      this.append(filling);
    } else {
      filling.append(new Draft(this.parts));
      this.parts = filling.parts;
    }
    this.overflowing = overflowing;
  }
}
