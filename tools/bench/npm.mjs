/**
 * Peers from npm, installed for the races alone; one that cannot be loaded counts as not installed. Those that are too large to install with the tools
 * are looked for where `GTC_PEERS` points, a folder with their `node_modules`.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folders = [import.meta.dirname, ...(process.env.GTC_PEERS ? [process.env.GTC_PEERS] : [])];
const sources = folders.map(folder => createRequire(join(folder, 'package.json')));
const missing = error => Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });

/** Path of a file of a peer. */
export function fileOf(name) {
  let failure;
  for (const source of sources) {
    try {
      return source.resolve(name);
    } catch (error) {
      failure = error;
    }
  }
  throw missing(failure);
}

/** A peer, loaded. */
export async function npm(name) {
  const file = fileOf(name);
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw missing(error);
  }
}
