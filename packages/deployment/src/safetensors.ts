/** Safetensors files: how they are saved and loaded, and how large they are. Mirrors `hf_gtc.deployment.safetensors`. */
import {
  createFrom,
  type Definition,
  FormatError,
  finite,
  formatFixed,
  nonEmpty,
  nonNegative,
  notNull,
  oneOf,
  positive,
  UnsafeInputError,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import { read, type SafetensorsFile, type SafetensorsTensor } from './internal/safetensors/read.js';
import { plan, type RawTensor, type ShardPlan, write } from './internal/safetensors/write.js';
import type { ByteSource } from './internal/sources.js';

export type { SafetensorsFile, SafetensorsTensor } from './internal/safetensors/read.js';
export type { SafetensorsArray, SafetensorsDType } from './internal/safetensors/types.js';
export type { RawTensor, ShardPlan } from './internal/safetensors/write.js';

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

/**
 * Reads a safetensors file. Tensors are views of the bytes, or stay where they lie, until one is asked for its elements; of a name that is there twice
 * the last counts.
 *
 * @param file its bytes, or where they are read from, such as `openFile(path)` of `@gtc/deployment/files`
 * @throws {FormatError} naming what is wrong: a length beyond the file, a header that is no JSON, gaps, overlaps, sizes that do not fit
 * @throws {UnsupportedError} for types below eight bits and F8_E8M0
 * @remarks Python: `safetensors.torch.load(bytes)`, `safetensors.safe_open(path)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * readSafetensors(writeSafetensors({ x: tensor([1, 2]) })).tensors.get('x')!.load().tolist() // => [1, 2]
 */
export function readSafetensors(file: Uint8Array | ByteSource): SafetensorsFile {
  return read(notNull(file, 'file'));
}

/**
 * Writes tensors as a safetensors file, byte for byte what the reference writes.
 *
 * @param tensors tensors by name, or elements of a type that no tensor has
 * @param metadata texts to go with them; transformers expects `{ format: 'pt' }`
 * @throws {ValidationError} for metadata that are no texts @throws {ShapeError} for bytes that do not fit a shape
 * @remarks Python: `safetensors.torch.save(tensors, metadata)`.
 * @example
 * import { tensor } from '@gtc/tensor';
 * writeSafetensors({ x: tensor([1]) }).length // => 68
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor | RawTensor>>,
  { metadata = null }: { readonly metadata?: Readonly<Record<string, string>> | null } = {},
): Uint8Array {
  return write(notNull(tensors, 'tensors'), metadata);
}

/**
 * Which file each tensor of a large checkpoint goes to: as many as fit, in their order.
 *
 * @param sizes bytes of each tensor
 * @param maxShardSize bytes of a file, or a text such as `5GB` (powers of ten)
 * @param pattern name of the files, default `model{suffix}.safetensors`
 * @throws {ValidationError} for a size that is none, a pattern without `{suffix}`
 * @remarks Python: `huggingface_hub.split_state_dict_into_shards_factory`.
 * @example planShards({ a: 3, b: 4 }, 5).weightMap['b'] // => 'model-00002-of-00002.safetensors'
 */
export function planShards(
  sizes: Readonly<Record<string, number>>,
  maxShardSize: number | string,
  { pattern = 'model{suffix}.safetensors' }: { readonly pattern?: string } = {},
): ShardPlan {
  return plan(notNull(sizes, 'sizes'), maxShardSize, pattern);
}

/**
 * Tensors of a checkpoint in several files, by its index (`model.safetensors.index.json`).
 *
 * @param index the file's content
 * @param readFile gives a file beside the index, as {@link readSafetensors} takes it
 * @throws {FormatError} for an index without `weight_map`, a tensor that its file lacks
 * @throws {UnsafeInputError} for names of files that leave the folder
 * @remarks Python: what `transformers` does for a folder with an index.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const files = { 'a.safetensors': writeSafetensors({ x: tensor([1]) }) };
 * readShardedSafetensors({ weight_map: { x: 'a.safetensors' } }, () => files['a.safetensors']).get('x')!.shape // => [1]
 */
export function readShardedSafetensors(
  index: { readonly weight_map: Readonly<Record<string, string>> },
  readFile: (name: string) => Uint8Array | ByteSource,
): Map<string, SafetensorsTensor> {
  const map = notNull(index, 'index').weight_map;
  if (typeof map !== 'object' || map === null || Object.values(map).some(file => typeof file !== 'string'))
    throw new FormatError('safetensors: the index has no weight_map of names of files', { parameter: 'index' });
  const files = new Map<string, SafetensorsFile>();
  return new Map(
    Object.entries(map).map(([name, file]) => {
      if (/[/\\]|^\.\.?$/.test(file))
        throw new UnsafeInputError(`safetensors: the index names '${file}', which is not beside it`, { parameter: 'index', received: file });
      const opened = files.get(file) ?? read(readFile(file));
      files.set(file, opened);
      const found = opened.tensors.get(name);
      if (found === undefined) throw new FormatError(`safetensors: ${file} has no tensor ${name}, which the index promises`, { parameter: 'index' });
      return [name, found] as const;
    }),
  );
}
