/** The index that commands search: that of the user's folders where there is one, else the one that comes with the oracle. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { GtcError } from '@gtc/errors';
import type { SearchIndex, WordVectors } from '@gtc/oracle';
import { Oracle, originOf, readIndex, readVectors, writeIndex, writeWhole } from '@gtc/oracle';
import type { Terminal } from './outcome.js';

const { resolve } = createRequire(import.meta.url);

/** The corpus that comes with the oracle. */
function shippedIndex(): SearchIndex {
  return readIndex(resolve('@gtc/oracle/corpus.gtc'));
}

/** What says which corpus came with the oracle. */
function shippedOrigin(): string {
  return originOf(resolve('@gtc/oracle/corpus.gtc'));
}

/** The word vectors that come with the oracle. */
export function shippedVectors(): WordVectors {
  return readVectors(resolve('@gtc/oracle/words.gtc'));
}

/** The file of the user's own index, and the list of folders from which it can be made again. */
export function ownFiles({ dataFolder }: Pick<Terminal, 'dataFolder'>): { readonly index: string; readonly folders: string } {
  return { index: join(dataFolder, 'index.gtc'), folders: join(dataFolder, 'folders.json') };
}

/** Folders that were indexed. */
export function ownFolders(terminal: Pick<Terminal, 'dataFolder'>): readonly string[] {
  try {
    const folders = JSON.parse(readFileSync(ownFiles(terminal).folders, 'utf8'));
    return Array.isArray(folders) ? folders.filter(folder => typeof folder === 'string') : [];
  } catch {
    return [];
  }
}

/** The user's own index as it lies there. @throws {NotFoundError} when there is none @throws {FormatError} for one that is damaged */
function readOwnIndex(terminal: Pick<Terminal, 'dataFolder'>): SearchIndex {
  return readIndex(ownFiles(terminal).index);
}

/** Indexes folders and keeps the index and their list. */
export async function makeOwnIndex(
  folders: readonly string[],
  terminal: Terminal,
  onFile?: (done: number, all: number, path: string) => void,
): Promise<Awaited<ReturnType<typeof import('@gtc/oracle/sources').indexSources>>> {
  const { indexSources } = await import('@gtc/oracle/sources');
  let previous: SearchIndex | null = null;
  try {
    previous = readOwnIndex(terminal);
  } catch {
    // What can't be read is made again.
  }
  const report = await indexSources(folders, {
    corpus: shippedIndex(),
    origin: shippedOrigin(),
    embedder: shippedVectors(),
    previous,
    signal: terminal.surroundings.signal,
    ...(onFile === undefined ? {} : { onFile }),
  });
  const { index, folders: list } = ownFiles(terminal);
  writeIndex(index, report.index);
  writeWhole(list, JSON.stringify(report.index.info.sources.folders));
  return report;
}

/** The index to search. One that is damaged, or made from another corpus, is made again from the folders on record. */
export async function openIndex(terminal: Terminal): Promise<SearchIndex> {
  const folders = ownFolders(terminal);
  if (folders.length === 0) return shippedIndex();
  try {
    const own = readOwnIndex(terminal);
    if (own.info.origin === shippedOrigin()) return own;
    terminal.warn('the index of your folders was made by another version; making it again');
  } catch (error) {
    terminal.warn(`${(error as Error).message.split('\n')[0]}; making the index of your folders again`);
  }
  try {
    return (await makeOwnIndex(folders, terminal)).index;
  } catch (error) {
    if (!GtcError.is(error)) throw error;
    terminal.warn(`${error.message}; answering from the corpus alone`);
    return shippedIndex();
  }
}

/** The oracle over {@link openIndex}, with the user's embedder where one is named. */
export async function openOracle(terminal: Terminal): Promise<Oracle> {
  const index = await openIndex(terminal);
  if (terminal.embedder === null) return new Oracle(index, shippedVectors());
  const { withEmbedder } = await import('./embedder.js');
  return withEmbedder(index, terminal);
}
