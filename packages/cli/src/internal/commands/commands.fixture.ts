/** A terminal for tests: nothing is shown, a folder of its own, what is told is kept. */
import * as files from 'node:fs/promises';
import type { Terminal } from './outcome.js';

const plain = (text: string): string => text;

/** A terminal whose warnings and progress are kept. */
export function makeTerminal(
  dataFolder: string,
  more: Partial<Terminal> = {},
  signal: AbortSignal = new AbortController().signal,
): Terminal & { readonly warnings: string[]; readonly updates: string[] } {
  const [warnings, updates]: [string[], string[]] = [[], []];
  return {
    width: 100,
    style: { strong: plain, code: plain, dim: plain },
    surroundings: { files, progress: { update: line => void updates.push(line), log: () => {} }, signal, now: () => performance.now() },
    dataFolder,
    embedder: null,
    warn: line => void warnings.push(line),
    prompt: null,
    ...more,
    warnings,
    updates,
  };
}
