/** Bytes that are read where they lie. */

/** Bytes of a file, or of anything that can be read at a place: what is not asked for is not read. */
export interface ByteSource {
  readonly byteLength: number;
  /**
   * Fills an array.
   *
   * @param target as long as there are bytes from `offset` on, or shorter
   * @param offset of the first byte
   */
  readInto(target: Uint8Array, offset: number): void;
}

/** Bytes in memory. */
class MemorySource implements ByteSource {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get byteLength(): number {
    return this.bytes.length;
  }

  readInto(target: Uint8Array, offset: number): void {
    target.set(this.bytes.subarray(offset, offset + target.length));
  }
}

/** A source of bytes, whatever is given. */
export function sourceOf(file: Uint8Array | ByteSource): ByteSource {
  return file instanceof Uint8Array ? new MemorySource(file) : file;
}

/** Some bytes of a source: a view of those that are in memory. */
export function readBytes(source: ByteSource, offset: number, length: number): Uint8Array {
  if (source instanceof MemorySource) return source.bytes.subarray(offset, offset + length);
  const bytes = new Uint8Array(length);
  source.readInto(bytes, offset);
  return bytes;
}
