/** Batches from examples: padded, masked, laid end to end or packed. */
import { inRange, integer, nonEmpty, oneOf, positive, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor } from '@gtc/tensor';
import { NumpyRandom } from '@gtc/tensor/random';

/** An example: lists of numbers as long as its tokens, and single numbers. */
export type Feature = Readonly<Record<string, number | readonly number[]>>;
/** What models read: `[batch]`, or `[batch, length]`, int32, or float32 where a number has a fraction. */
export type Batch = Record<string, Tensor>;

/** How examples become equally long. */
export interface PaddingOptions {
  readonly padTokenId: number;
  /** Default: 'right'. */
  readonly paddingSide?: 'left' | 'right';
  /** To the longest of the batch, or to `maxLength`. Default: 'longest'. */
  readonly padding?: 'longest' | 'max_length';
  readonly maxLength?: number | null;
  /** Rounds the length up. */
  readonly padToMultipleOf?: number | null;
}

/** What fields that lie beside tokens are padded with; others keep their length. */
const FILL: Readonly<Record<string, number>> = { attentionMask: 0, tokenTypeIds: 0, specialTokensMask: 1 };

const filled = (row: readonly number[], length: number, value: number, side: 'left' | 'right'): number[] => {
  const rest = Array<number>(length - row.length).fill(value);
  return side === 'right' ? [...row, ...rest] : [...rest, ...row];
};

const roundUp = (length: number, multiple: number | null): number => (multiple === null ? length : Math.ceil(length / multiple) * multiple);

const rowsOf = (features: readonly Feature[], field: string): (readonly number[])[] =>
  features.map((feature, i) => {
    const row = feature[field];
    if (!Array.isArray(row)) throw new ValidationError(`features[${i}].${field} must be a list of numbers`, { parameter: 'features', received: row });
    return row;
  });

/** Rows or numbers as a tensor. @throws {ShapeError} unless rows are as long as each other */
function asTensor(values: readonly (number | readonly number[])[], field: string): Tensor {
  const lengths = new Set(values.map(value => (typeof value === 'number' ? -1 : value.length)));
  if (lengths.size > 1) throw new ShapeError(`${field} must be as long for each example, got ${[...lengths].join(', ')}`, { parameter: 'features' });
  const whole = values.flat().every(value => Number.isInteger(value));
  return tensor(values as number[][], { dtype: whole ? 'int32' : 'float32' });
}

/** Tokens and what lies beside them, padded; the length, and the other fields as they are. */
function padded(
  features: readonly Feature[],
  { padTokenId, paddingSide = 'right', padding = 'longest', maxLength = null, padToMultipleOf = null }: PaddingOptions,
): { readonly length: number; readonly lists: Record<string, number[][]>; readonly rest: readonly string[] } {
  nonEmpty(features, 'features');
  oneOf(paddingSide, 'paddingSide', ['left', 'right']);
  oneOf(padding, 'padding', ['longest', 'max_length']);
  if (padToMultipleOf !== null) positive(integer(padToMultipleOf, 'padToMultipleOf'), 'padToMultipleOf');
  if (padding === 'max_length' && maxLength === null) throw new ValidationError("maxLength must be given for padding 'max_length'", { parameter: 'maxLength' });
  const tokens = rowsOf(features, 'inputIds');
  const longest = Math.max(...tokens.map(row => row.length));
  const length = roundUp(padding === 'max_length' ? Math.max(maxLength!, longest) : longest, padToMultipleOf);
  const masks = features.map((feature, i) => feature['attentionMask'] ?? tokens[i]!.map(() => 1)) as (readonly number[])[];
  const fields = Object.keys(features[0]!);
  const lists: Record<string, number[][]> = { inputIds: tokens.map(row => filled(row, length, padTokenId, paddingSide)) };
  for (const field of [...fields.filter(each => each in FILL), 'attentionMask']) {
    const rows = field === 'attentionMask' ? masks : rowsOf(features, field);
    lists[field] = rows.map(row => filled(row, length, FILL[field]!, paddingSide));
  }
  return { length, lists, rest: fields.filter(field => !(field in lists)) };
}

const asBatch = (lists: Readonly<Record<string, readonly (number | readonly number[])[]>>): Batch =>
  Object.fromEntries(Object.entries(lists).map(([field, values]) => [field, asTensor(values, field)]));

const columns = (features: readonly Feature[], fields: readonly string[]): Record<string, (number | readonly number[])[]> =>
  Object.fromEntries(fields.map(field => [field, features.map(feature => feature[field]!)]));

/**
 * A batch of examples padded to one length, with a mask of what is padding.
 *
 * @throws {ValidationError} for no examples, or settings that are not sound @throws {ShapeError} for other lists of different lengths
 * @remarks Python: `transformers.DataCollatorWithPadding(tokenizer, padding, max_length, pad_to_multiple_of)(features)`; exact.
 * @example dataCollatorWithPadding([{ inputIds: [5, 6] }, { inputIds: [7] }], { padTokenId: 0 }).inputIds.tolist() // => [[5, 6], [7, 0]]
 */
export function dataCollatorWithPadding(features: readonly Feature[], options: PaddingOptions): Batch {
  const { lists, rest } = padded(features, options);
  return asBatch({ ...lists, ...columns(features, rest) });
}

/** Options of collators whose labels are lists. */
export interface LabelPaddingOptions extends PaddingOptions {
  /** Label that the loss passes over. Default: -100. */
  readonly labelPadTokenId?: number;
}

/**
 * A batch for an encoder-decoder: tokens and labels padded, each to a length of their own.
 *
 * @throws {ValidationError} for no examples or labels that are no lists
 * @remarks Python: `transformers.DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=...)(features)`; exact.
 * @example dataCollatorForSeq2Seq([{ inputIds: [5], labels: [7, 8] }, { inputIds: [6], labels: [9] }], { padTokenId: 0 }).labels.tolist() // => [[7, 8], [9, -100]]
 */
export function dataCollatorForSeq2Seq(features: readonly Feature[], { labelPadTokenId = -100, ...options }: LabelPaddingOptions): Batch {
  const { lists, rest } = padded(features, options);
  const labels = rowsOf(features, 'labels');
  const length = roundUp(Math.max(...labels.map(row => row.length)), options.padToMultipleOf ?? null);
  const side = options.paddingSide ?? 'right';
  return asBatch({
    ...lists,
    ...columns(
      features,
      rest.filter(field => field !== 'labels'),
    ),
    labels: labels.map(row => filled(row, length, labelPadTokenId, side)),
  });
}

/**
 * A batch with a label for each token, padded as the tokens are.
 *
 * @throws {ValidationError} for no examples @throws {ShapeError} when labels are not as many as tokens
 * @remarks Python: `transformers.DataCollatorForTokenClassification(tokenizer)(features)`; exact.
 * @example dataCollatorForTokenClassification([{ inputIds: [5, 6], labels: [1, 2] }, { inputIds: [7], labels: [3] }], { padTokenId: 0 }).labels.tolist() // => [[1, 2], [3, -100]]
 */
export function dataCollatorForTokenClassification(features: readonly Feature[], { labelPadTokenId = -100, ...options }: LabelPaddingOptions): Batch {
  const { length, lists, rest } = padded(features, options);
  const labels = rowsOf(features, 'labels').map((row, i) => {
    const tokens = (features[i]!['inputIds'] as readonly number[]).length;
    if (row.length !== tokens)
      throw new ShapeError(`features[${i}].labels must have length ${tokens}, one for each token, got ${row.length}`, { parameter: 'features' });
    return filled(row, length, labelPadTokenId, options.paddingSide ?? 'right');
  });
  const others = columns(
    features,
    rest.filter(field => field !== 'labels'),
  );
  return asBatch({ ...lists, ...others, labels });
}

/** How tokens are hidden. */
export interface MaskingOptions {
  readonly maskTokenId: number;
  readonly vocabSize: number;
  /** Tokens that are never hidden. */
  readonly specialIds?: readonly number[];
  /** Share of tokens that are to be told. Default: 0.15. */
  readonly mlmProbability?: number;
  /** Share of those that become the mask. Default: 0.8. */
  readonly maskReplaceProb?: number;
  /** Share of those that become any token. Default: 0.1. */
  readonly randomReplaceProb?: number;
  /** Seed of numpy's generator, or a generator that goes on from batch to batch. */
  readonly random?: number | NumpyRandom;
}

/** Hidden tokens, and labels that are -100 where nothing is to be told. */
function masked(rows: readonly (readonly number[])[], options: MaskingOptions): { readonly inputs: number[][]; readonly labels: number[][] } {
  const { maskTokenId, vocabSize, specialIds = [], mlmProbability = 0.15, maskReplaceProb = 0.8, randomReplaceProb = 0.1, random = 0 } = options;
  for (const [name, value] of Object.entries({ mlmProbability, maskReplaceProb, randomReplaceProb })) inRange(value, name, { min: 0, max: 1 });
  if (maskReplaceProb + randomReplaceProb > 1)
    throw new ValidationError(`maskReplaceProb and randomReplaceProb must be at most 1 together, got ${maskReplaceProb + randomReplaceProb}`, {
      parameter: 'randomReplaceProb',
    });
  const generator = typeof random === 'number' ? new NumpyRandom(random) : random;
  const special = new Set(specialIds);
  const drawn = (chance: (id: number) => number): boolean[][] => rows.map(row => row.map(id => generator.binomial(1, chance(id)) === 1));
  const chosen = drawn(id => (special.has(id) ? 0 : mlmProbability));
  const hidden = drawn(() => maskReplaceProb);
  const both = maskReplaceProb < 1 && randomReplaceProb > 0;
  const shuffled = both ? drawn(() => randomReplaceProb / (1 - maskReplaceProb)) : [];
  const inputs = rows.map((row, i) =>
    row.map((id, j) => {
      if (!chosen[i]![j]) return id;
      if (hidden[i]![j]) return maskTokenId;
      return both && shuffled[i]![j] ? Number(generator.integers(0, vocabSize)) : id;
    }),
  );
  return { inputs, labels: rows.map((row, i) => row.map((id, j) => (chosen[i]![j] ? id : -100))) };
}

/** Options of {@link dataCollatorForLanguageModeling}. */
export type LanguageModelingOptions = PaddingOptions & ({ readonly mlm: false } | ({ readonly mlm: true } & MaskingOptions));

/**
 * A batch to learn a language from: the next token everywhere, or some hidden tokens.
 *
 * @throws {ValidationError} for no examples, or shares outside [0, 1]
 * @remarks Devlin et al. 2019. Python: `transformers.DataCollatorForLanguageModeling(tokenizer, mlm, mlm_probability, seed, return_tensors='np')`; exact,
 *   the draws included.
 * @example dataCollatorForLanguageModeling([{ inputIds: [5, 6] }, { inputIds: [7] }], { padTokenId: 0, mlm: false }).labels.tolist() // => [[5, 6], [7, -100]]
 */
export function dataCollatorForLanguageModeling(features: readonly Feature[], options: LanguageModelingOptions): Batch {
  const { lists, rest } = padded(features, options);
  const tokens = lists['inputIds']!;
  const others = columns(
    features,
    rest.filter(field => field !== 'labels'),
  );
  if (!options.mlm) return asBatch({ ...lists, ...others, labels: tokens.map(row => row.map(id => (id === options.padTokenId ? -100 : id))) });
  const { inputs, labels } = masked(tokens, { ...options, specialIds: [...(options.specialIds ?? []), options.padTokenId] });
  return asBatch({ ...lists, ...others, inputIds: inputs, labels });
}

/**
 * Examples end to end in one row without padding, each with positions from 0; the first label of each is left out, for no token comes before it.
 *
 * @throws {ValidationError} for no examples
 * @remarks Python: `transformers.DataCollatorWithFlattening()(features)`; exact. Needs attention that keeps examples apart by position.
 * @example dataCollatorWithFlattening([{ inputIds: [5, 6] }, { inputIds: [7] }]).positionIds.tolist() // => [[0, 1, 0]]
 */
export function dataCollatorWithFlattening(features: readonly Feature[]): Batch {
  const tokens = rowsOf(nonEmpty(features, 'features'), 'inputIds');
  const labels = features.map((feature, i) => (feature['labels'] ?? tokens[i]!) as readonly number[]);
  return asBatch({
    inputIds: [tokens.flat()],
    labels: [labels.flatMap(row => [-100, ...row.slice(1)])],
    positionIds: [tokens.flatMap(row => row.map((_, i) => i))],
  });
}

/**
 * A batch of examples that are as long as each other; `label` and `labelIds` become `labels`.
 *
 * @throws {ValidationError} for no examples @throws {ShapeError} for lists of different lengths
 * @remarks Python: `transformers.default_data_collator(features)`; exact.
 * @example defaultDataCollator([{ label: 1, x: [1.5] }, { label: 0, x: [2] }]).labels.tolist() // => [1, 0]
 */
export function defaultDataCollator(features: readonly Feature[]): Batch {
  const fields = Object.keys(nonEmpty(features, 'features')[0]!);
  const named = (field: string): string => (field === 'label' || field === 'labelIds' ? 'labels' : field);
  return asBatch(Object.fromEntries(fields.map(field => [named(field), features.map(feature => feature[field]!)])));
}
