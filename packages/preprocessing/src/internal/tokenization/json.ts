/** Reads parts of a `tokenizer.json`, each with the name that an error gives for it. */
import { FormatError, show } from '@gtc/errors';

/** Refuses a part of a file. */
export function refuse(path: string, expected: string, received: unknown): never {
  const message = `tokenizer: ${path} must be ${expected}, got ${show(received)}`;
  throw new FormatError(message, { parameter: path, expected, received });
}

/** An object of a file. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** An object. */
export function recordAt(value: unknown, path: string): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : refuse(path, 'an object', value);
}

/** A list. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(path, 'a list', value);
}

/** A text. */
export function textAt(value: unknown, path: string): string {
  return typeof value === 'string' ? value : refuse(path, 'a text', value);
}

/** Any number. */
export function numberAt(value: unknown, path: string): number {
  return typeof value === 'number' ? value : refuse(path, 'a number', value);
}

/** Whether a value counts something or names a token. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

/** A number that counts something or names a token. */
export function countAt(value: unknown, path: string): number {
  return isCount(value) ? value : refuse(path, 'an integer from 0 to 4294967295', value);
}

/** True or false. */
export function flagAt(value: unknown, path: string, fallback?: boolean): boolean {
  if (value === undefined && fallback !== undefined) return fallback;
  return typeof value === 'boolean' ? value : refuse(path, 'true or false', value);
}

/** A text that may be missing or null. */
export function optionalTextAt(value: unknown, path: string): string | null {
  return value === undefined || value === null ? null : textAt(value, path);
}

/** One of the words of a list. */
export function oneOfAt<T extends string>(value: unknown, path: string, words: readonly T[]): T {
  return words.includes(value as T) ? (value as T) : refuse(path, `one of ${words.join(', ')}`, value);
}

const DEEPEST = 50;

/**
 * Reads a component by its `type` from a table of readers.
 *
 * @param depth how many sequences stand around it
 */
export function componentAt<T>(value: unknown, path: string, readers: Readonly<Record<string, Reader<T>>>, depth = 0): T {
  if (depth > DEEPEST) return refuse(path, `at most ${DEEPEST} sequences deep`, depth);
  const json = recordAt(value, path);
  const type = textAt(json['type'], `${path}.type`);
  if (!Object.hasOwn(readers, type)) return refuse(`${path}.type`, `one of ${Object.keys(readers).join(', ')}`, type);
  return readers[type]!(json, path, depth + 1);
}

/** Makes a component from its description. */
export type Reader<T> = (json: JsonRecord, path: string, depth: number) => T;
