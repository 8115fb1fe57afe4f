/** The gtc command: ask, show, run and verify machine-learning patterns. */
export { failureOf, type Outcome, runCommand, type Terminal } from './commands.js';
export { type Options, readOptions } from './options.js';
export {
  type Files,
  type ListedRecipe,
  type Progress,
  RECIPES,
  type Recipe,
  type RecipeCard,
  type RecipeOptions,
  type RecipeResult,
  recipeFor,
  type Surroundings,
} from './recipes.js';
export { HELP, RUN_HELP, UsageError } from './usage.js';
