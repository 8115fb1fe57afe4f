/** What commands get and give. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Style } from '@gtc/oracle';
import type { Surroundings } from '../../recipes.js';

/** Where output goes, how wide it may be, and what of the machine a command touches. */
export interface Terminal {
  readonly width: number;
  readonly style: Style;
  /** What recipes touch outside of themselves. */
  readonly surroundings: Surroundings;
  /** Where the index of the user's own folders lies. */
  readonly dataFolder: string;
  /** A sentence-transformers model to rank meanings by, a folder. */
  readonly embedder: string | null;
  /** A line beside the output. */
  readonly warn: (line: string) => void;
  /** Reads a line from the user; null at the end, and where nobody types. */
  readonly prompt: ((question: string) => Promise<string | null>) | null;
}

/** A command's result. */
export interface Outcome {
  readonly stdout: string;
  readonly status: number;
}

/** A command that succeeded. */
export function done(stdout: string): Outcome {
  return { stdout, status: 0 };
}

/** A value for programs. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const MANIFEST = createRequire(import.meta.url).resolve('@gtc/cli/package.json');

/** The folder of this package, from which examples resolve their imports. */
export const PACKAGE_FOLDER: string = dirname(MANIFEST);

/** The version of this package. */
export function versionOf(): string {
  return (JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string }).version;
}
