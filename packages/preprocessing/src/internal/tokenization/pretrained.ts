/** {@link PreTrainedTokenizer}: a tokenizer called as the models of `transformers` are fed. */
import { createFrom, type Definition, nonEmpty, show, ValidationError } from '@gtc/errors';
import type { Direction } from './encoding.js';
import type { OffsetUnit } from './offsets.js';
import type { PaddingOptions, TruncationOptions, TruncationStrategy } from './options.js';
import type { TextInput } from './pipeline.js';
import type { Encoding } from './tokenized.js';
import type { Tokenizer } from './tokenizer.js';

/** What a model says of its tokenizer. */
export interface PreTrainedTokenizerOptions {
  /** Token that fills texts; null for a model without one. */
  readonly padToken: string | null;
  readonly paddingSide: Direction;
  readonly truncationSide: Direction;
  /** Tokens that the model takes at most; null for no limit. */
  readonly modelMaxLength: number | null;
  /** What a call returns beside ids unless it is asked otherwise. */
  readonly modelInputNames: readonly string[];
}

/** Defaults and rules of {@link PreTrainedTokenizerOptions}. */
export const PreTrainedTokenizerOptions: Definition<PreTrainedTokenizerOptions> = {
  name: 'PreTrainedTokenizerOptions',
  fields: {
    padToken: { kind: 'string', default: '[PAD]', nullable: true },
    paddingSide: { kind: 'string', default: 'right', oneOf: ['left', 'right'] },
    truncationSide: { kind: 'string', default: 'right', oneOf: ['left', 'right'] },
    modelMaxLength: { kind: 'int', default: null, nullable: true, positive: true },
    modelInputNames: { kind: 'array', of: { kind: 'string' }, default: ['input_ids', 'attention_mask'] },
  },
};

/** What one call asks for. */
export interface CallOptions {
  /** `true` and `longest`: to the longest text; `max_length`: to `maxLength`. */
  readonly padding?: boolean | 'longest' | 'max_length';
  /** `true`: the longer text gives way. */
  readonly truncation?: boolean | TruncationStrategy;
  /** Tokens at most, `modelMaxLength` unless given. */
  readonly maxLength?: number | null;
  /** Tokens that each overflowing part repeats of the one before. */
  readonly stride?: number;
  readonly padToMultipleOf?: number | null;
  readonly addSpecialTokens?: boolean;
  readonly returnTokenTypeIds?: boolean;
  readonly returnAttentionMask?: boolean;
  /** Whether what was cut off follows its text, row by row. */
  readonly returnOverflowingTokens?: boolean;
  readonly returnSpecialTokensMask?: boolean;
  readonly returnOffsetsMapping?: boolean;
  /** What `offsetMapping` counts. */
  readonly offsets?: OffsetUnit;
  readonly returnLength?: boolean;
}

/** One row for each text, or for each part of it where overflowing parts are asked for. */
export interface BatchEncoding {
  readonly inputIds: number[][];
  readonly tokenTypeIds?: number[][];
  readonly attentionMask?: number[][];
  readonly specialTokensMask?: number[][];
  /** Start and end of each token. */
  readonly offsetMapping?: number[][][];
  readonly length?: number[];
  /** The text that each row is of. */
  readonly overflowToSampleMapping?: number[];
}

/**
 * Feeds texts to models.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `transformers.PreTrainedTokenizerFast`, the same rows.
 */
export class PreTrainedTokenizer {
  readonly tokenizer: Tokenizer;
  readonly options: PreTrainedTokenizerOptions;

  constructor(tokenizer: Tokenizer, options: Partial<PreTrainedTokenizerOptions> = {}) {
    this.tokenizer = tokenizer;
    this.options = createFrom(PreTrainedTokenizerOptions, options);
  }

  /**
   * Encodes texts.
   *
   * @param pairs second texts, one for each
   * @throws {ValidationError} for a length that is not given, a padding token that is missing, and truncation that cannot be done
   */
  call(texts: readonly TextInput[], options: CallOptions = {}, pairs: readonly TextInput[] | null = null): BatchEncoding {
    const { addSpecialTokens = true, returnOverflowingTokens = false, offsets = 'utf16' } = options;
    const encodings = this.tokenizer.encodeBatch(nonEmpty(texts, 'texts'), {
      pairs,
      addSpecialTokens,
      offsets,
      truncation: this.#truncation(options),
      padding: this.#padding(options),
    });
    const rows = encodings.flatMap((encoding, sample) =>
      (returnOverflowingTokens ? [encoding, ...encoding.overflowing] : [encoding]).map(row => ({ row, sample })),
    );
    const { modelInputNames } = this.options;
    const each = <T>(asked: boolean, of: (row: Encoding) => T): T[] | undefined => (asked ? rows.map(({ row }) => of(row)) : undefined);
    const columns = {
      inputIds: each(true, row => [...row.ids]),
      tokenTypeIds: each(options.returnTokenTypeIds ?? modelInputNames.includes('token_type_ids'), row => [...row.typeIds]),
      attentionMask: each(options.returnAttentionMask ?? modelInputNames.includes('attention_mask'), row => [...row.attentionMask]),
      specialTokensMask: each(options.returnSpecialTokensMask ?? false, row => [...row.specialTokensMask]),
      offsetMapping: each(options.returnOffsetsMapping ?? false, row =>
        Array.from({ length: row.length }, (_, i) => [row.offsets[2 * i]!, row.offsets[2 * i + 1]!]),
      ),
      length: each(options.returnLength ?? false, row => row.length),
      overflowToSampleMapping: returnOverflowingTokens ? rows.map(({ sample }) => sample) : undefined,
    };
    return Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== undefined)) as unknown as BatchEncoding;
  }

  #length({ maxLength = null }: CallOptions, parameter: string): number {
    const length = maxLength ?? this.options.modelMaxLength;
    if (length === null) throw new ValidationError(`${parameter} needs maxLength, or a modelMaxLength of the tokenizer`, { parameter: 'maxLength' });
    return length;
  }

  #truncation(options: CallOptions): TruncationOptions | null {
    const { truncation = false, stride = 0 } = options;
    if (truncation === false) return null;
    const strategy = truncation === true ? 'longest_first' : truncation;
    return { maxLength: this.#length(options, 'truncation'), stride, strategy, direction: this.options.truncationSide };
  }

  #padding(options: CallOptions): PaddingOptions | null {
    const { padding = false, padToMultipleOf = null } = options;
    if (padding === false) return null;
    const { padToken, paddingSide } = this.options;
    const padId = padToken === null ? null : this.tokenizer.tokenToId(padToken);
    if (padToken === null || padId === null)
      throw new ValidationError(`padding needs a padToken of the vocabulary, got ${show(padToken)}`, { parameter: 'padToken', received: padToken });
    const length = padding === 'max_length' ? this.#length(options, 'padding') : null;
    return { length, padToMultipleOf, padId, padToken, padTypeId: 0, direction: paddingSide };
  }
}
