/** All recipes. */
import { loraFinetune } from './lora-finetune.js';
import { pretrain } from './pretrain.js';
import type { Recipe } from './recipe.js';

export type { Recipe, RecipeOptions, Surroundings } from './recipe.js';

/** What `gtc run` knows, by name. */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map([loraFinetune, pretrain].map(recipe => [recipe.name, recipe]));
