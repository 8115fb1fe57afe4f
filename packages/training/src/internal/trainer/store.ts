/** Where checkpoints are kept: whole or not at all. */
import { NotFoundError } from '@gtc/errors';

/** Files of a checkpoint by name. */
export type CheckpointContent = Readonly<Record<string, Uint8Array>>;

/** Keeps checkpoints by name. What `write` has acknowledged is there in full, whatever happens; what it has not, is not there. */
export interface CheckpointStore {
  /** Names of all that are there in full. */
  list(): Promise<string[]>;
  read(name: string): Promise<CheckpointContent>;
  write(name: string, files: CheckpointContent): Promise<void>;
  remove(name: string): Promise<void>;
}

/**
 * Checkpoints in memory, for trials and tests.
 *
 * @example await memoryStore().list() // => []
 */
export function memoryStore(): CheckpointStore {
  const kept = new Map<string, CheckpointContent>();
  return {
    list: async () => [...kept.keys()],
    read: async name => {
      const found = kept.get(name);
      if (found === undefined) throw NotFoundError.of('checkpoint', name, kept.keys());
      return found;
    },
    write: async (name, files) => void kept.set(name, Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, bytes.slice()]))),
    remove: async name => void kept.delete(name),
  };
}

/** What a {@link folderStore} needs of `node:fs/promises`. */
export interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { recursive: true; force: true }): Promise<void>;
  open(path: string, flags: string): Promise<{ writeFile(data: Uint8Array): Promise<void>; sync(): Promise<void>; close(): Promise<void> }>;
}

/** Begins the names of folders that are not there in full yet. */
const PARTIAL = '.partial-';

/**
 * Checkpoints as folders of a folder. Each is written beside its place and moved there in one step, its bytes on the disk before: a process or machine
 * that dies leaves the last one whole. What such a death has left behind is cleared away at the next `list` or `write`.
 *
 * @param path the folder; made when it is missing
 * @param fs `node:fs/promises`, or what does the same
 * @remarks Python: `transformers.Trainer`'s `output_dir`, whose checkpoints are not whole until their last file is.
 * @example
 * import * as fs from 'node:fs/promises';
 * await folderStore('/tmp/gtc-example-runs', fs).list() // => []
 */
export function folderStore(path: string, fs: FileSystem): CheckpointStore {
  const missing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT';
  const names = async (): Promise<string[]> => {
    const all = await fs.readdir(path).catch((error: unknown) => {
      if (missing(error)) return [];
      throw error;
    });
    const partial = all.filter(name => name.startsWith(PARTIAL));
    await Promise.all(partial.map(name => fs.rm(`${path}/${name}`, { recursive: true, force: true })));
    return all.filter(name => !name.startsWith('.'));
  };
  const onDisk = async (file: string, flags: string, bytes?: Uint8Array): Promise<void> => {
    const handle = await fs.open(file, flags);
    try {
      if (bytes !== undefined) await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  return {
    list: names,
    read: async name => {
      const known = await names();
      if (!known.includes(name)) throw NotFoundError.of('checkpoint', name, known);
      const files = await fs.readdir(`${path}/${name}`);
      return Object.fromEntries(await Promise.all(files.map(async file => [file, new Uint8Array(await fs.readFile(`${path}/${name}/${file}`))] as const)));
    },
    write: async (name, files) => {
      await fs.mkdir(path, { recursive: true });
      await names();
      const beside = `${path}/${PARTIAL}${name}`;
      try {
        await fs.mkdir(beside, { recursive: true });
        for (const [file, bytes] of Object.entries(files)) await onDisk(`${beside}/${file}`, 'w', bytes);
        await onDisk(beside, 'r');
        await fs.rm(`${path}/${name}`, { recursive: true, force: true });
        await fs.rename(beside, `${path}/${name}`);
        await onDisk(path, 'r');
      } catch (error) {
        await fs.rm(beside, { recursive: true, force: true });
        throw error;
      }
    },
    // Moved away in one step: no half of it stays under its name.
    remove: async name => {
      await fs.rename(`${path}/${name}`, `${path}/${PARTIAL}${name}`).catch((error: unknown) => {
        if (!missing(error)) throw error;
      });
      await fs.rm(`${path}/${PARTIAL}${name}`, { recursive: true, force: true });
    },
  };
}
