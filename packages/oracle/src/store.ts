/** Reads and writes a corpus as one file that knows its version and its checksum. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FormatError, NotFoundError } from '@gtc/errors';
import type { Corpus, Pattern } from './pattern.js';

/** Changes whenever the file's form does. */
export const CORPUS_VERSION = 1;

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** The bytes of a corpus: a header line with version and checksum, then JSON. */
export function encodeCorpus(corpus: Corpus): string {
  const body = JSON.stringify(corpus);
  return `gtc-corpus ${CORPUS_VERSION} ${checksum(body)}\n${body}`;
}

const KINDS: ReadonlySet<string> = new Set(['function', 'class', 'interface', 'type', 'enum', 'constant']);

function isPattern(value: unknown): value is Pattern {
  const pattern = value as Record<string, unknown> | null;
  const texts = ['name', 'domain', 'specifier', 'signature', 'summary', 'details', 'returns', 'python', 'rust', 'file'];
  const lists = ['params', 'throws', 'examples'];
  if (typeof pattern !== 'object' || pattern === null || !KINDS.has(pattern['kind'] as string)) return false;
  return (
    texts.every(key => typeof pattern[key] === 'string') &&
    lists.every(key => Array.isArray(pattern[key]) && (pattern[key] as unknown[]).every(item => typeof item === 'string'))
  );
}

/**
 * Reads what {@link encodeCorpus} wrote.
 *
 * @throws {FormatError} for another file, another version, a wrong checksum or a broken pattern
 */
export function decodeCorpus(text: string): Corpus {
  const end = text.indexOf('\n');
  const [magic, version, sum] = text.slice(0, Math.max(0, end)).split(' ');
  if (magic !== 'gtc-corpus') throw new FormatError('not a GTC corpus: the first line must begin with gtc-corpus', { parameter: 'corpus', offset: 0 });
  if (version !== String(CORPUS_VERSION))
    throw new FormatError(`corpus version must be ${CORPUS_VERSION}, got ${version}; build the index again`, { parameter: 'version', received: version });
  const body = text.slice(end + 1);
  if (checksum(body) !== sum)
    throw new FormatError('the corpus is damaged: its checksum does not match; build the index again', { parameter: 'checksum', received: sum });
  const corpus = JSON.parse(body) as Corpus;
  const bad = Array.isArray(corpus?.patterns) && Array.isArray(corpus.modules) ? corpus.patterns.findIndex(pattern => !isPattern(pattern)) : 0;
  if (bad >= 0) throw new FormatError(`pattern ${bad} of the corpus is malformed`, { parameter: 'patterns', received: bad });
  return corpus;
}

/** @throws {NotFoundError} when there is no such file @throws {FormatError} as {@link decodeCorpus} */
export function readCorpus(path: string | URL): Corpus {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new NotFoundError(`cannot read the corpus ${String(path)}: ${(cause as Error).message}`, { parameter: 'path', received: String(path), cause });
  }
  return decodeCorpus(text);
}

/** Writes a corpus so that a reader sees the old file or the new one, never a part: temporary file, fsync, rename, fsync of the folder. */
export function writeCorpus(path: string, corpus: Corpus): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      writeSync(file, encodeCorpus(corpus));
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
