/** Files that are read where they lie (Node): what is not asked for stays on the disk. */
import { FormatError, NotFoundError, nonEmpty, ResourceError, StateError, UnsupportedError } from '@gtc/errors';
import type { ByteSource } from './internal/sources.js';

export type { ByteSource } from './internal/sources.js';

/** What is needed of `node:fs`. */
interface FileSystem {
  openSync(path: string, flags: string): number;
  fstatSync(file: number): { readonly size: number; isFile(): boolean };
  readSync(file: number, target: Uint8Array, offset: number, length: number, position: number): number;
  closeSync(file: number): void;
}

function fileSystem(): FileSystem {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const fs = process?.getBuiltinModule?.('node:fs') as FileSystem | undefined;
  if (fs === undefined) throw new UnsupportedError('files are opened in Node only; elsewhere give the bytes, or a ByteSource of your own');
  return fs;
}

/** What the system said, in the error that it means. */
function refusal(path: string, cause: unknown): Error {
  const { code, message } = cause as { code?: string; message: string };
  if (code === 'ENOENT') return new NotFoundError(`there is no file ${path}`, { parameter: 'path', received: path, cause });
  return new ResourceError(`${path} cannot be read: ${message}`, { parameter: 'path', received: path, cause });
}

/** An open file. It is closed by {@link FileSource.close}, or by `using`. */
export class FileSource implements ByteSource, Disposable {
  readonly path: string;
  readonly byteLength: number;
  readonly #fs: FileSystem;
  #file: number | null;

  constructor(path: string) {
    this.path = nonEmpty(path, 'path');
    this.#fs = fileSystem();
    try {
      this.#file = this.#fs.openSync(path, 'r');
    } catch (cause) {
      throw refusal(path, cause);
    }
    const stat = this.#fs.fstatSync(this.#file);
    if (!stat.isFile()) {
      this.close();
      throw new ResourceError(`${path} is no file`, { parameter: 'path', received: path });
    }
    this.byteLength = stat.size;
  }

  /** @throws {StateError} when it is closed @throws {FormatError} when the file has become shorter */
  readInto(target: Uint8Array, offset: number): void {
    if (this.#file === null) throw new StateError(`${this.path} is closed`);
    let done = 0;
    while (done < target.length) {
      let read: number;
      try {
        read = this.#fs.readSync(this.#file, target, done, target.length - done, offset + done);
      } catch (cause) {
        throw refusal(this.path, cause);
      }
      if (read === 0) throw new FormatError(`${this.path} ends before its ${target.length} bytes from ${offset}`, { parameter: 'path', offset: offset + done });
      done += read;
    }
  }

  /** Closes the file; what was read stays. */
  close(): void {
    if (this.#file !== null) this.#fs.closeSync(this.#file);
    this.#file = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens a file for readers that take a {@link ByteSource}: only its header is read then, each tensor when it is asked for, straight into its memory.
 *
 * @throws {NotFoundError} for a file that does not exist @throws {ResourceError} for one that cannot be read @throws {UnsupportedError} outside Node
 * @remarks Python: `open(path, 'rb')`; with {@link readSafetensors}: `safetensors.safe_open(path, framework='pt')`.
 * @example
 * // readSafetensors(openFile('model.safetensors')).tensors.get('lm_head.weight')!.loadRows(0, 8)
 * typeof openFile // => 'function'
 */
export function openFile(path: string): FileSource {
  return new FileSource(path);
}
