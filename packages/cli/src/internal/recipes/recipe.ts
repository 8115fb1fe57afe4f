/** What a recipe is: a whole piece of work, from raw input to files, by public functions of the domains. */
import type { Files } from './files.js';

/** What the user chose. */
export interface RecipeOptions {
  /** The text that is trained on. */
  readonly text: string;
  /** What is asked of the text. */
  readonly question: string;
  /** The folder that is written. */
  readonly out: string;
  /** The folder of the base model. */
  readonly base: string;
  /** Where a server listens. */
  readonly port: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly rank: number;
  readonly alpha: number;
  /** Names of layers that are adapted. */
  readonly targets: readonly string[];
  readonly seed: number;
  readonly resume: boolean;
}

/** What shows a run as it goes. */
export interface Progress {
  /** A line that the next one replaces. */
  update(line: string): void;
  /** A line for the record, where lines can't be replaced. */
  log(line: string): void;
}

/** What recipes touch outside of themselves. */
export interface Surroundings {
  readonly files: Files;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that runs on. */
  readonly now: () => number;
}

/** What a run gave: for people and for programs. */
export interface RecipeResult {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** What is said of a recipe before it is loaded. */
export interface RecipeCard {
  readonly name: string;
  readonly summary: string;
  /** What it is about, in the words of the field. */
  readonly tags: readonly string[];
  /** Packages whose functions it calls. */
  readonly domains: readonly string[];
  /** Letters that a question has which asks for it: all of one row. */
  readonly asked: readonly (readonly string[])[];
}

/** A piece of work that `gtc run` does. */
export interface Recipe {
  readonly defaults: Omit<RecipeOptions, 'out'>;
  run(options: RecipeOptions, surroundings: Surroundings): Promise<RecipeResult>;
}
