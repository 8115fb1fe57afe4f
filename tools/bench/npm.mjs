/** Peers from npm, installed for the races alone; one that cannot be loaded counts as not installed. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const peersOf = createRequire(import.meta.url);
const missing = error => Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });

/** Path of a file of a peer. */
export function fileOf(name) {
  try {
    return peersOf.resolve(name);
  } catch (error) {
    throw missing(error);
  }
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
