/** Safetensors files: how they are saved and loaded, and how large they are. Mirrors `hf_gtc.deployment.safetensors`. */
import { createFrom, type Definition, finite, formatFixed, nonEmpty, nonNegative, oneOf, positive, ValidationError, validate, valuesOf } from '@gtc/errors';

/** Frameworks that a file is read into. */
export const TensorFormat = { PYTORCH: 'pt', NUMPY: 'np', TENSORFLOW: 'tf', FLAX: 'flax' } as const;
export type TensorFormat = (typeof TensorFormat)[keyof typeof TensorFormat];

/** Number formats. */
export type DType = 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** Values of {@link TensorFormat}. */
export const VALID_TENSOR_FORMATS: ReadonlySet<TensorFormat> = new Set(Object.values(TensorFormat));

/** Values of {@link DType}. */
export const VALID_DTYPES: ReadonlySet<DType> = new Set<DType>(['BF16', 'BOOL', 'F16', 'F32', 'I16', 'I32', 'I64', 'I8', 'U8']);

/** How a file is saved. */
export interface SaveConfig {
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly forceContiguous: boolean;
  readonly sharedMemory: boolean;
}

/** Defaults and rules of {@link SaveConfig}. */
export const SaveConfig: Definition<SaveConfig> = {
  name: 'SaveConfig',
  fields: {
    metadata: { kind: 'record', of: { kind: 'string' }, default: null, nullable: true },
    forceContiguous: { kind: 'bool', default: true },
    sharedMemory: { kind: 'bool', default: false },
  },
};

/** How a file is loaded. */
export interface LoadConfig {
  readonly device: string;
  readonly framework: TensorFormat;
  readonly strict: boolean;
}

/** Defaults and rules of {@link LoadConfig}. */
export const LoadConfig: Definition<LoadConfig> = {
  name: 'LoadConfig',
  fields: {
    device: { kind: 'string', default: 'cpu', nonEmpty: true },
    framework: { kind: 'enum', of: TensorFormat, default: TensorFormat.PYTORCH },
    strict: { kind: 'bool', default: true },
  },
};

/** A tensor of a file. */
export interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly sizeBytes: number;
}

/** A file and its tensors. */
export interface FileInfo {
  readonly path: string;
  readonly totalSizeBytes: number;
  readonly numTensors: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly TensorInfo[];
}

/** @throws {ValidationError} naming every broken rule */
export function validateSaveConfig(config: SaveConfig): void {
  validate(SaveConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLoadConfig(config: LoadConfig): void {
  validate(LoadConfig, config);
}

/** Settles a {@link SaveConfig}. @throws {ValidationError} naming every broken rule */
export function createSaveConfig(options: Partial<SaveConfig> = {}): SaveConfig {
  return createFrom(SaveConfig, options);
}

/** Settles a {@link LoadConfig}. @throws {ValidationError} naming every broken rule */
export function createLoadConfig(options: Partial<LoadConfig> = {}): LoadConfig {
  return createFrom(LoadConfig, options);
}

/** Tensor formats in ascending order. */
export function listTensorFormats(): TensorFormat[] {
  return valuesOf(TensorFormat);
}

/** Dtypes in ascending order. */
export function listDtypes(): string[] {
  return [...VALID_DTYPES].sort();
}

/** Bytes of a number in each format. */
const BYTES: Readonly<Record<DType, number>> = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 };

function bytesOf(dtype: DType, name: string): number {
  return BYTES[oneOf<DType>(dtype, name, Object.keys(BYTES) as DType[])];
}

/**
 * Bytes of the data of some tensors, without the header. As in the original, a tensor without dimensions counts nothing.
 *
 * @throws {ValidationError} for no shapes, a dimension that is not positive or a format that is not known
 * @remarks Python: `hf_gtc.deployment.safetensors.estimate_file_size(shapes, dtype=)`; exact.
 * @example estimateFileSize([[768, 768], [768]]) // => 1181184
 */
export function estimateFileSize(shapes: readonly (readonly number[])[], { dtype = 'F16' }: { readonly dtype?: DType } = {}): number {
  nonEmpty(shapes, 'shapes');
  const width = bytesOf(dtype, 'dtype');
  const counts = shapes.map((shape, i) => (shape.length === 0 ? 0 : shape.reduce((product, side, j) => product * positive(side, `shapes[${i}][${j}]`), 1)));
  return width * counts.reduce((sum, count) => sum + count, 0);
}

/**
 * What is left of the memory after a conversion: bytes of the new format over bytes of the old.
 *
 * @throws {ValidationError} naming the formats
 * @remarks Python: `hf_gtc.deployment.safetensors.calculate_memory_savings(original_dtype, target_dtype)`; exact.
 * @example calculateMemorySavings('F32', 'F16') // => 0.5
 */
export function calculateMemorySavings(originalDtype: DType, targetDtype: DType): number {
  const original = bytesOf(originalDtype, 'originalDtype');
  return bytesOf(targetDtype, 'targetDtype') / original;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/**
 * A size in the greatest unit that it fills, of 1024 each.
 *
 * @throws {ValidationError} for a negative or non-finite size
 * @remarks Python: `hf_gtc.deployment.safetensors.format_size(size_bytes)`; equal text.
 * @example formatSize(1536) // => '1.50 KB'
 */
export function formatSize(sizeBytes: number): string {
  let rest = finite(nonNegative(sizeBytes, 'sizeBytes'), 'sizeBytes');
  let unit = 0;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  return unit === 0 ? `${rest} B` : `${formatFixed(rest, 2)} ${UNITS[unit]}`;
}

const BY_SIZE: Readonly<Record<string, DType>> = { small: 'F32', medium: 'F16', large: 'F16', xlarge: 'BF16' };

/**
 * The format to save a model of a size in: small, medium, large or xlarge.
 *
 * @throws {ValidationError} naming the sizes
 * @remarks Python: `hf_gtc.deployment.safetensors.get_recommended_dtype(model_size)`.
 * @example getRecommendedDtype('small') // => 'F32'
 */
export function getRecommendedDtype(modelSize: string): DType {
  return BY_SIZE[oneOf<string>(modelSize, 'modelSize', Object.keys(BY_SIZE))]!;
}

/**
 * Whether a name may stand in a file: not empty, without line feeds and NUL.
 *
 * @returns true
 * @throws {ValidationError} for any other name
 * @remarks Python: `hf_gtc.deployment.safetensors.validate_tensor_name(name)`.
 * @example validateTensorName('model.layers.0.weight') // => true
 */
export function validateTensorName(name: string): boolean {
  nonEmpty(name, 'name');
  const bad = /[\0\n\r]/.exec(name);
  if (bad !== null)
    throw new ValidationError(`name contains the invalid character ${JSON.stringify(bad[0])}`, {
      parameter: 'name',
      received: name,
      expected: 'no line feed or NUL',
    });
  return true;
}

/** A name as it stands in files: `customKey` is `custom_key`. */
function snakeCased(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

/**
 * Metadata of a file: the version of the format, the framework, and whatever else is given. Keys are written in snake case.
 *
 * @remarks Python: `hf_gtc.deployment.safetensors.create_metadata(format_version=, framework=, **kwargs)`.
 * @example createMetadata({ author: 'me' }) // => { format_version: '1.0', framework: 'pt', author: 'me' }
 */
export function createMetadata({
  formatVersion = '1.0',
  framework = 'pt',
  ...others
}: {
  readonly formatVersion?: string;
  readonly framework?: string;
  readonly [key: string]: string | undefined;
} = {}): Record<string, string> {
  const given = Object.entries(others).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { format_version: formatVersion, framework, ...Object.fromEntries(given.map(([key, value]) => [snakeCased(key), value])) };
}
