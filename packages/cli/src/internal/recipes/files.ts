/** Files that recipes read and folders that they write: whole or not at all. */
import type * as nodeFs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FormatError, GtcError, NotFoundError, ResourceError, StateError } from '@gtc/errors';

/** What recipes need of `node:fs/promises`. */
export type Files = Pick<typeof nodeFs, 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm'>;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of the path is a file',
  ENAMETOOLONG: 'the name is too long',
};

/** An error of the file system as one line; others stay as they are. */
function told(error: unknown, doing: string, path: string): Error {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (GtcError.is(error) || code === '') return error as Error;
  if (code === 'ENOENT') return new NotFoundError(`cannot ${doing} ${path}: there is no such file`, { parameter: 'path', received: path });
  return new ResourceError(`cannot ${doing} ${path}: ${REASONS[code] ?? code}`, { parameter: 'path', received: path });
}

/** Runs what touches a path. @throws {ResourceError} saying what the disk refused @throws {NotFoundError} for a path that is not there */
export async function touching<T>(doing: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw told(error, doing, path);
  }
}

/** The bytes of a file. */
export async function readBytes(files: Files, path: string): Promise<Uint8Array> {
  return touching('read', path, async () => new Uint8Array(await files.readFile(path)));
}

/** The characters of a file. @throws {FormatError} for bytes that are no UTF-8 */
export async function readText(files: Files, path: string): Promise<string> {
  const bytes = await readBytes(files, path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(`${path} must be UTF-8 text`, { parameter: 'path', received: path });
  }
}

/** The value of a file of JSON. @throws {FormatError} for anything else */
export async function readJson(files: Files, path: string): Promise<Record<string, unknown>> {
  const text = await readText(files, path);
  return inFile(path, () => {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FormatError('it must hold an object');
    return value as Record<string, unknown>;
  });
}

/** Runs what reads the content of a file, and puts its path before what is wrong. */
export function inFile<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!GtcError.is(error) && !(error instanceof SyntaxError)) throw error;
    throw new FormatError(`${path}: ${(error as Error).message.split('\n')[0]}`, { parameter: 'path', received: path });
  }
}

/** Makes a folder and those above it, one by one: where the system refuses a name as missing, Node's own way of doing so never ends. */
async function makeFolder(files: Files, path: string): Promise<void> {
  const made = (): Promise<string> =>
    files.mkdir(path).then(
      () => '',
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'EEXIST') return error.code;
        throw error;
      },
    );
  if ((await made()) !== 'ENOENT') return;
  await makeFolder(files, dirname(path));
  if ((await made()) === 'ENOENT') throw new ResourceError(`cannot make the folder ${path}`, { parameter: 'path', received: path });
}

/** Content of a folder by path in it. */
export type FolderContent = Readonly<Record<string, Uint8Array | string>>;

/** Marks folders that a recipe wrote and may replace. */
const SUMMARY = 'summary.json';

/** The folder that a run writes in the end. */
export class OutputFolder {
  readonly path: string;
  readonly #files: Files;

  constructor(path: string, files: Files) {
    this.path = path;
    this.#files = files;
  }

  /** Where checkpoints of the run are, until it is done. */
  get checkpoints(): string {
    return `${this.path}.checkpoints`;
  }

  /** Sees to it, before any work, that the folder may be written. @throws {StateError} when something else is in it */
  async claim(): Promise<void> {
    const names = await this.#files.readdir(this.path).catch((error: unknown): string[] => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw told(error, 'write', this.path);
    });
    if (names.length > 0 && !names.includes(SUMMARY))
      throw new StateError(`${this.path} holds something else; choose another folder with --out`, { parameter: 'out', received: this.path });
    const beside = this.#beside('claim');
    await touching('write', this.path, async () => {
      await makeFolder(this.#files, beside);
      await this.#files.rm(beside, { recursive: true, force: true });
    });
  }

  #beside(what: string): string {
    return join(dirname(this.path), `.${basename(this.path)}.${what}-${process.pid}`);
  }

  /** Writes all files beside the folder and moves them there in one step, in place of what an earlier run has left. */
  async #write(content: FolderContent): Promise<void> {
    const [fresh, old] = [this.#beside('partial'), this.#beside('old')];
    try {
      for (const [name, bytes] of Object.entries(content)) {
        const path = join(fresh, name);
        await touching('write', join(this.path, name), async () => {
          await makeFolder(this.#files, dirname(path));
          const handle = await this.#files.open(path, 'w');
          try {
            await handle.writeFile(bytes);
            await handle.sync();
          } finally {
            await handle.close();
          }
        });
      }
      await touching('write', this.path, async () => {
        await this.#files.rename(this.path, old).catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        });
        await this.#files.rename(fresh, this.path);
      });
    } finally {
      await this.#files.rm(fresh, { recursive: true, force: true });
      await this.#files.rm(old, { recursive: true, force: true });
    }
  }

  /** Writes the files of a run with its summary, and lets its checkpoints go. @returns all that was written */
  async finish(content: FolderContent, summary: Readonly<Record<string, unknown>>): Promise<FolderContent> {
    const whole = { ...content, [SUMMARY]: `${JSON.stringify(summary, null, 2)}\n` };
    await this.#write(whole);
    await this.#files.rm(this.checkpoints, { recursive: true, force: true });
    return whole;
  }
}
