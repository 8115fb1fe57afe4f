/** Texts and the base model that come with the command. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RecipeOptions } from './recipe.js';

const DATA: string = join(dirname(createRequire(import.meta.url).resolve('@gtc/cli/package.json')), 'data');

/** Moby-Dick by Herman Melville (1851). */
export const MOBY_DICK: string = join(DATA, 'texts', 'moby-dick.txt');
/** State of the Union addresses of Franklin D. Roosevelt (1934 to 1945). */
export const STATE_OF_THE_UNION: string = join(DATA, 'texts', 'state-of-the-union.txt');
/** A small Llama, trained on Moby-Dick by `gtc run pretrain`. */
export const BASE_MODEL: string = join(DATA, 'base');

/** What a recipe is told where it says nothing itself: the base model that comes along, and no training. */
export const DEFAULTS: Omit<RecipeOptions, 'out'> = {
  text: '',
  question: '',
  base: BASE_MODEL,
  port: 0,
  steps: 0,
  learningRate: 0,
  rank: 0,
  alpha: 0,
  targets: [],
  seed: 0,
  resume: false,
};
