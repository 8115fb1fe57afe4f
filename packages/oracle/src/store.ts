/** Reads and writes index files: whole or not at all. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { NotFoundError } from '@gtc/errors';
import { decodeIndex, encodeIndex, type SearchIndex } from './search-index.js';
import { WordVectors } from './vectors.js';

function readBytes(path: string | URL, what: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new NotFoundError(`cannot read the ${what} ${String(path)}: ${(cause as Error).message}`, { parameter: 'path', received: String(path), cause });
  }
}

/** @throws {NotFoundError} when there is no such file @throws {FormatError} as {@link decodeIndex} */
export function readIndex(path: string | URL): SearchIndex {
  return decodeIndex(readBytes(path, 'index'));
}

/** @throws {NotFoundError} when there is no such file @throws {FormatError} as {@link WordVectors.decode} */
export function readVectors(path: string | URL): WordVectors {
  return WordVectors.decode(readBytes(path, 'word vectors'));
}

/** What tells one index file from another: its first line, which has the checksum of the rest. */
export function originOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const line = new Uint8Array(128);
    return new TextDecoder()
      .decode(line.subarray(0, readSync(file, line)))
      .split('\n')[0]!
      .trim();
  } finally {
    closeSync(file);
  }
}

/** Writes an index so that a reader sees the old file or the new one. The folder is made. */
export function writeIndex(path: string, index: SearchIndex): void {
  writeWhole(path, encodeIndex(index));
}

/** Writes a file so that a reader sees the old one or the new one, never a part: temporary file, fsync, rename, fsync of the folder. */
export function writeWhole(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
      for (let written = 0; written < data.length; ) written += writeSync(file, data, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
