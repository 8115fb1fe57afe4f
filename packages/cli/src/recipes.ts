/** Recipes: whole pieces of work, from raw input to files, by public functions of the domains. */
import { loraFinetune } from './internal/recipes/lora-finetune.js';
import { pretrain } from './internal/recipes/pretrain.js';
import type { Recipe } from './internal/recipes/recipe.js';

export type { Files } from './internal/recipes/files.js';
export type { Progress, Recipe, RecipeOptions, RecipeResult, Surroundings } from './internal/recipes/recipe.js';

/** What `gtc run` knows, by name. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map([loraFinetune, pretrain].map(recipe => [recipe.name, recipe]));
