/** How texts are cut to a length and padded to one, and how `tokenizer.json` says so. */
import { createFrom, type Definition } from '@gtc/errors';
import type { Direction } from './encoding.js';
import { countAt, type JsonRecord, oneOfAt, recordAt, textAt } from './json.js';

/** Which of two texts gives way: the longer one, or always the same one. */
export type TruncationStrategy = 'longest_first' | 'only_first' | 'only_second';

/** How texts are cut. */
export interface TruncationOptions {
  /** Tokens at most, special ones included. */
  readonly maxLength: number;
  /** Tokens that each overflowing part repeats of the one before. */
  readonly stride: number;
  readonly strategy: TruncationStrategy;
  /** The end that is cut off. */
  readonly direction: Direction;
}

/** Defaults and rules of {@link TruncationOptions}. */
export const TruncationOptions: Definition<TruncationOptions> = {
  name: 'TruncationOptions',
  fields: {
    maxLength: { kind: 'int', default: 512, nonNegative: true },
    stride: { kind: 'int', default: 0, nonNegative: true },
    strategy: { kind: 'string', default: 'longest_first', oneOf: ['longest_first', 'only_first', 'only_second'] },
    direction: { kind: 'string', default: 'right', oneOf: ['left', 'right'] },
  },
};

/** How texts are padded. */
export interface PaddingOptions {
  /** Tokens of each text; that of the longest one when null. */
  readonly length: number | null;
  /** The length is rounded up to a multiple of this. */
  readonly padToMultipleOf: number | null;
  readonly padId: number;
  readonly padToken: string;
  readonly padTypeId: number;
  /** The end that is filled. */
  readonly direction: Direction;
}

/** Defaults and rules of {@link PaddingOptions}. */
export const PaddingOptions: Definition<PaddingOptions> = {
  name: 'PaddingOptions',
  fields: {
    length: { kind: 'int', default: null, nullable: true, nonNegative: true },
    padToMultipleOf: { kind: 'int', default: null, nullable: true, nonNegative: true },
    padId: { kind: 'int', default: 0, nonNegative: true },
    padToken: { kind: 'string', default: '[PAD]' },
    padTypeId: { kind: 'int', default: 0, nonNegative: true },
    direction: { kind: 'string', default: 'right', oneOf: ['left', 'right'] },
  },
};

const STRATEGIES = { LongestFirst: 'longest_first', OnlyFirst: 'only_first', OnlySecond: 'only_second' } as const;
const DIRECTIONS = { Left: 'left', Right: 'right' } as const;
const names = <T extends string>(table: Readonly<Record<T, string>>): T[] => Object.keys(table) as T[];
const nameIn = (table: Readonly<Record<string, string>>, value: string): string => Object.keys(table).find(name => table[name] === value)!;

/** Reads `truncation`. @throws {FormatError} naming the part that is wrong */
export function truncationAt(value: unknown, path = 'truncation'): TruncationOptions {
  const json = recordAt(value, path);
  return createFrom(TruncationOptions, {
    maxLength: countAt(json['max_length'], `${path}.max_length`),
    stride: countAt(json['stride'] ?? 0, `${path}.stride`),
    strategy: STRATEGIES[oneOfAt(json['strategy'] ?? 'LongestFirst', `${path}.strategy`, names(STRATEGIES))],
    direction: DIRECTIONS[oneOfAt(json['direction'] ?? 'Right', `${path}.direction`, names(DIRECTIONS))],
  });
}

/** Writes `truncation`. */
export function truncationToJson({ maxLength, stride, strategy, direction }: TruncationOptions): JsonRecord {
  return { direction: nameIn(DIRECTIONS, direction), max_length: maxLength, strategy: nameIn(STRATEGIES, strategy), stride };
}

/** Reads `padding`. @throws {FormatError} naming the part that is wrong */
export function paddingAt(value: unknown, path = 'padding'): PaddingOptions {
  const json = recordAt(value, path);
  const strategy = json['strategy'] ?? 'BatchLongest';
  const multiple = json['pad_to_multiple_of'] ?? null;
  return createFrom(PaddingOptions, {
    length: strategy === 'BatchLongest' ? null : countAt(recordAt(strategy, `${path}.strategy`)['Fixed'], `${path}.strategy.Fixed`),
    padToMultipleOf: multiple === null ? null : countAt(multiple, `${path}.pad_to_multiple_of`),
    padId: countAt(json['pad_id'], `${path}.pad_id`),
    padToken: textAt(json['pad_token'], `${path}.pad_token`),
    padTypeId: countAt(json['pad_type_id'] ?? 0, `${path}.pad_type_id`),
    direction: DIRECTIONS[oneOfAt(json['direction'] ?? 'Right', `${path}.direction`, names(DIRECTIONS))],
  });
}

/** Writes `padding`. */
export function paddingToJson({ length, padToMultipleOf, padId, padToken, padTypeId, direction }: PaddingOptions): JsonRecord {
  return {
    strategy: length === null ? 'BatchLongest' : { Fixed: length },
    direction: nameIn(DIRECTIONS, direction),
    pad_to_multiple_of: padToMultipleOf,
    pad_id: padId,
    pad_type_id: padTypeId,
    pad_token: padToken,
  };
}
