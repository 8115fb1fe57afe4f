/** Export of weights: as JSON or as doubles, packed if asked, and back again. */
import { createFrom, type Definition, FormatError, finite, nonEmpty } from '@gtc/errors';

/** How weights are written: text, or 64-bit doubles, the lowest byte first. */
export const ExportFormat = { JSON: 'json', BINARY: 'binary' } as const;
export type ExportFormat = (typeof ExportFormat)[keyof typeof ExportFormat];

/** An export. */
export interface ExportConfig {
  readonly format: ExportFormat;
  /** Where the bytes are meant to go; writing them is the caller's. */
  readonly outputPath: string | null;
  /** Writes how many weights there are beside them; JSON only. */
  readonly includeMetadata: boolean;
  /** Packs the bytes with gzip. */
  readonly compress: boolean;
}

/** Defaults and rules of {@link ExportConfig}. */
export const ExportConfig: Definition<ExportConfig> = {
  name: 'ExportConfig',
  fields: {
    format: { kind: 'enum', of: ExportFormat, default: ExportFormat.JSON },
    outputPath: { kind: 'string', default: null, nullable: true, nonEmpty: true },
    includeMetadata: { kind: 'bool', default: true },
    compress: { kind: 'bool', default: false },
  },
};

/** What an export came to. */
export interface ExportResult {
  readonly bytes: Uint8Array;
  readonly outputPath: string | null;
  readonly sizeBytes: number;
  /** Bytes before packing to bytes after; null where nothing was packed. */
  readonly compressionRatio: number | null;
  readonly format: ExportFormat;
}

/** Bytes through a stream of the platform's. */
async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream)).arrayBuffer());
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function toDoubles(weights: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(weights.length * 8));
  for (let i = 0; i < weights.length; i++) view.setFloat64(i * 8, weights[i]!, true);
  return new Uint8Array(view.buffer);
}

function fromDoubles(bytes: Uint8Array): Float64Array {
  if (bytes.length % 8 !== 0)
    throw new FormatError(`bytes must hold whole doubles of 8 bytes, got ${bytes.length} bytes`, { offset: bytes.length - (bytes.length % 8) });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(i * 8, true));
}

function fromJson(bytes: Uint8Array): Float64Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(`bytes must be JSON: ${(cause as Error).message}`, { cause });
  }
  const weights: unknown = Array.isArray(parsed) ? parsed : (parsed as { weights?: unknown } | null)?.weights;
  if (!Array.isArray(weights) || !weights.every(weight => typeof weight === 'number')) throw new FormatError('bytes must hold a list of numbers under weights');
  return Float64Array.from(weights);
}

/**
 * Writes weights and reads them again, every bit kept.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `deployment::export::Exporter`.
 * @example (await new Exporter({ format: 'binary' }).exportWeights([1, 2])).sizeBytes // => 16
 */
export class Exporter {
  readonly config: ExportConfig;

  constructor(options: Partial<ExportConfig> = {}) {
    this.config = createFrom(ExportConfig, options);
  }

  /** Extension of the file's name. */
  get extension(): string {
    return (this.config.format === 'json' ? 'json' : 'bin') + (this.config.compress ? '.gz' : '');
  }

  /**
   * The bytes of weights.
   *
   * @throws {ValidationError} for no weights, or one that is not finite
   */
  async exportWeights(weights: ArrayLike<number>): Promise<ExportResult> {
    const { format, outputPath, includeMetadata, compress } = this.config;
    const list = Array.from(nonEmpty(weights, 'weights'), (weight, i) => finite(weight, `weights[${i}]`));
    const text = (): string => JSON.stringify(includeMetadata ? { metadata: { count: list.length, dtype: 'float64' }, weights: list } : list);
    const plain = format === 'json' ? new TextEncoder().encode(text()) : toDoubles(list);
    const bytes = compress ? await through(plain, new CompressionStream('gzip')) : plain;
    return { bytes, outputPath, sizeBytes: bytes.length, compressionRatio: compress ? plain.length / bytes.length : null, format };
  }

  /**
   * The weights of such bytes, packed or not.
   *
   * @throws {FormatError} for bytes that are no such export
   */
  async importWeights(bytes: Uint8Array): Promise<Float64Array> {
    const plain = isGzip(bytes) ? await this.#unpack(bytes) : bytes;
    return this.config.format === 'json' ? fromJson(plain) : fromDoubles(plain);
  }

  async #unpack(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      return await through(bytes, new DecompressionStream('gzip'));
    } catch (cause) {
      throw new FormatError(`bytes must be a gzip stream: ${(cause as Error).message}`, { offset: 0, cause });
    }
  }
}
