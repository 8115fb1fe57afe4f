/** Where golden vectors and evidence lie: beside the package, or in the folder that an environment variable names. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FormatError } from '@gtc/errors';
import type { Case } from './case.js';
import type { JsonObject } from './encoding.js';

/** A file, or the check that names it as missing from the other folder. */
export type Located = { readonly url: URL; readonly missing: null } | { readonly url: URL; readonly missing: Case };

/**
 * `$variable/<there>` when the variable is set, else `<here>` seen from `base`. A file that the other folder lacks becomes one named,
 * passing check; a file missing beside the package is an error when it is read.
 */
export function locate(variable: string, there: string, here: string, base: string): Located {
  const folder = process.env[variable];
  if (folder === undefined || folder === '') return { url: new URL(here, base), missing: null };
  const path = join(resolve(folder), there);
  const url = pathToFileURL(path);
  return { url, missing: existsSync(path) ? null : { name: `not run: ${variable} has no ${there}`, run: () => undefined } };
}

/** Parses a JSON file. @throws {FormatError} naming the file */
export function readJson(url: URL): JsonObject {
  try {
    return JSON.parse(readFileSync(url, 'utf8')) as JsonObject;
  } catch (cause) {
    throw new FormatError(`cannot read ${url.pathname}: ${(cause as Error).message}`, { parameter: 'file', received: url.pathname, cause });
  }
}
