/** Datasets as columns: splits, selections and samples, in the row order of the `datasets` library. Mirrors `hf_gtc.preprocessing.datasets`. */
import { type Definition, inRange, NotFoundError, nonEmpty, notNull, positive, show, textLength, ValidationError } from '@gtc/errors';
import { NumpyRandom } from '@gtc/tensor/random';

/** What a dataset holds. */
export interface DatasetInfo {
  readonly name: string;
  readonly numRows: number;
  readonly columns: readonly string[];
  readonly splits: readonly string[];
}

/** Defaults and rules of {@link DatasetInfo}. */
export const DatasetInfo: Definition<DatasetInfo> = {
  name: 'DatasetInfo',
  fields: {
    name: { kind: 'string' },
    numRows: { kind: 'int' },
    columns: { kind: 'array', of: { kind: 'string' } },
    splits: { kind: 'array', of: { kind: 'string' } },
  },
};

/** Columns of equal length by name. */
export type Dataset = Readonly<Record<string, readonly unknown[]>>;

/** Datasets by split. */
export type DatasetDict = Readonly<Record<string, Dataset>>;

const rowsOf = (dataset: Dataset): number => Object.values(dataset)[0]?.length ?? 0;

/** The rows at some places, in that order. */
const rowsAt = (dataset: Dataset, places: readonly number[]): Dataset =>
  Object.fromEntries(Object.entries(dataset).map(([name, column]) => [name, places.map(i => column[i])]));

/** @throws {NotFoundError} for a column that the dataset lacks */
function assertColumn(dataset: Dataset, column: string): void {
  if (!Object.hasOwn(dataset, column)) throw NotFoundError.of('dataset column', column, Object.keys(dataset));
}

/** Rows of the two parts: the test part rounded up, as `datasets` and scikit-learn do. */
function splitRows(dataset: Dataset, testSize: number, seed: number, shuffle: boolean): [train: Dataset, test: Dataset] {
  const rows = rowsOf(dataset);
  if (rows === 0) return [dataset, dataset];
  const testRows = Math.ceil(testSize * rows);
  if (testRows >= rows)
    throw new ValidationError(`testSize must leave rows to train on, got ${testSize} of ${rows} rows`, { parameter: 'testSize', received: testSize });
  const order = shuffle ? new NumpyRandom(seed).permutation(rows) : Array.from({ length: rows }, (_, i) => i);
  const [test, train] = shuffle ? [order.slice(0, testRows), order.slice(testRows)] : [order.slice(rows - testRows), order.slice(0, rows - testRows)];
  return [rowsAt(dataset, train), rowsAt(dataset, test)];
}

/**
 *
 * @throws {ValidationError} for a share outside 0 to 1, or shares that add up to more than 1
 * @remarks Python: `hf_gtc.preprocessing.datasets.validate_split_sizes(train_size, test_size, validation_size)`.
 */
export function validateSplitSizes(trainSize: number | null, testSize: number | null, validationSize: number | null): void {
  const sizes = Object.entries({ trainSize, testSize, validationSize }).filter((entry): entry is [string, number] => entry[1] !== null);
  for (const [name, size] of sizes) {
    positive(size, name);
    inRange(size, name, { below: 1 });
  }
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  if (total > 1)
    throw new ValidationError(`the split sizes ${sizes.map(([name]) => name).join(', ')} must sum to at most 1, got ${total}`, {
      parameter: sizes[0]![0],
      received: total,
    });
}

/**
 * Splits rows in two, shuffled or as they are; the same seed gives the rows that `Dataset.train_test_split` gives.
 *
 * @param testSize share, 0 to 1; rows are rounded up
 * @throws {ValidationError} for a size outside 0 to 1, a size that leaves no rows to train on, or a negative seed
 * @remarks Python: `hf_gtc.preprocessing.datasets.create_train_test_split(dataset, test_size=, seed=, shuffle=)`.
 * @example createTrainTestSplit({ text: ['a', 'b', 'c', 'd', 'e'] }) // => [{ text: ['c', 'd', 'b', 'a'] }, { text: ['e'] }]
 */
export function createTrainTestSplit(
  dataset: Dataset,
  { testSize = 0.2, seed = 42, shuffle = true }: { readonly testSize?: number; readonly seed?: number; readonly shuffle?: boolean } = {},
): [train: Dataset, test: Dataset] {
  notNull(dataset, 'dataset');
  validateSplitSizes(null, testSize, null);
  return splitRows(dataset, testSize, seed, shuffle);
}

/**
 * Splits rows in three: the test part first, then the validation part of what is left, both with the same seed.
 *
 * @throws {ValidationError} for sizes outside 0 to 1 or that add up to more, or parts without rows
 * @remarks Python: `hf_gtc.preprocessing.datasets.create_train_val_test_split(dataset, test_size=, validation_size=, seed=, shuffle=)`.
 */
export function createTrainValTestSplit(
  dataset: Dataset,
  {
    testSize = 0.1,
    validationSize = 0.1,
    seed = 42,
    shuffle = true,
  }: { readonly testSize?: number; readonly validationSize?: number; readonly seed?: number; readonly shuffle?: boolean } = {},
): [train: Dataset, validation: Dataset, test: Dataset] {
  notNull(dataset, 'dataset');
  validateSplitSizes(null, testSize, validationSize);
  const [rest, test] = splitRows(dataset, testSize, seed, shuffle);
  const [train, validation] = splitRows(rest, validationSize / (1 - testSize), seed, shuffle);
  return [train, validation, test];
}

/**
 * Rows, columns and splits. Several splits count together; the columns are the first one's.
 *
 * @remarks Python: `hf_gtc.preprocessing.datasets.get_dataset_info(dataset, name=)`.
 */
export function getDatasetInfo(dataset: Dataset | DatasetDict, { name = 'dataset' }: { readonly name?: string } = {}): DatasetInfo {
  const splits = Object.entries(notNull(dataset, 'dataset')).every(([, column]) => Array.isArray(column))
    ? { train: dataset as Dataset }
    : (dataset as DatasetDict);
  return {
    name,
    numRows: Object.values(splits).reduce((total, split) => total + rowsOf(split), 0),
    columns: Object.keys(Object.values(splits)[0] ?? {}),
    splits: Object.keys(splits),
  };
}

/**
 * Some columns, in the dataset's order.
 *
 * @throws {NotFoundError} for a column that the dataset lacks
 * @remarks Python: `hf_gtc.preprocessing.datasets.select_columns(dataset, columns)`.
 */
export function selectColumns(dataset: Dataset, columns: readonly string[]): Dataset {
  notNull(dataset, 'dataset');
  for (const column of nonEmpty(columns, 'columns')) assertColumn(dataset, column);
  return Object.fromEntries(Object.entries(dataset).filter(([name]) => columns.includes(name)));
}

/**
 * Columns by other names, each in its place.
 *
 * @throws {NotFoundError} for a column that the dataset lacks
 * @throws {ValidationError} for a name that another column has
 * @remarks Python: `hf_gtc.preprocessing.datasets.rename_columns(dataset, column_mapping)`.
 */
export function renameColumns(dataset: Dataset, columnMapping: Readonly<Record<string, string>>): Dataset {
  notNull(dataset, 'dataset');
  for (const column of Object.keys(nonEmpty(columnMapping, 'columnMapping'))) assertColumn(dataset, column);
  const names = Object.keys(dataset).map(name => columnMapping[name] ?? name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ValidationError(`columnMapping must give every column a name of its own, got '${twice}' twice`, { parameter: 'columnMapping', received: twice });
  return Object.fromEntries(Object.entries(dataset).map(([name, column]) => [columnMapping[name] ?? name, column]));
}

/**
 * Rows whose value in a column is of a length: characters of a text, items of an array.
 *
 * @throws {NotFoundError} for a column that the dataset lacks
 * @throws {ValidationError} without a bound, or for a value without a length
 * @remarks Python: `hf_gtc.preprocessing.datasets.filter_by_length(dataset, column, min_length=, max_length=)`.
 */
export function filterByLength(
  dataset: Dataset,
  column: string,
  { minLength = null, maxLength = null }: { readonly minLength?: number | null; readonly maxLength?: number | null } = {},
): Dataset {
  assertColumn(notNull(dataset, 'dataset'), column);
  if (minLength === null && maxLength === null)
    throw new ValidationError('minLength or maxLength must be given, got null for both', { parameter: 'minLength' });
  const fits = (value: unknown): boolean => {
    const length = lengthOf(value, column);
    return (minLength === null || length >= minLength) && (maxLength === null || length <= maxLength);
  };
  return rowsAt(
    dataset,
    dataset[column]!.flatMap((value, i) => (fits(value) ? [i] : [])),
  );
}

function lengthOf(value: unknown, column: string): number {
  if (typeof value === 'string') return textLength(value);
  if (typeof value === 'object' && value !== null && 'length' in value) return Number(value.length);
  throw new ValidationError(`column '${column}' must hold texts or arrays, got ${show(value)}`, { parameter: 'column', received: value });
}

/**
 * A number of rows, drawn as `dataset.shuffle(seed).select(range(n))` draws them.
 *
 * @throws {ValidationError} for more rows than there are, or a negative seed
 * @remarks Python: `hf_gtc.preprocessing.datasets.sample_dataset(dataset, n, seed=)`.
 */
export function sampleDataset(dataset: Dataset, n: number, { seed = 42 }: { readonly seed?: number } = {}): Dataset {
  positive(n, 'n');
  const rows = rowsOf(notNull(dataset, 'dataset'));
  if (n > rows) throw new ValidationError(`n must be at most the dataset's ${rows} rows, got ${n}`, { parameter: 'n', received: n });
  return rowsAt(dataset, new NumpyRandom(seed).permutation(rows).slice(0, n));
}
