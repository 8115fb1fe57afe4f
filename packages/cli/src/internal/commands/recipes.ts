/** `gtc run` and `gtc recipes`: whole pieces of work. */
import { NotFoundError } from '@gtc/errors';
import type { Options } from '../../options.js';
import { type ListedRecipe, RECIPES } from '../../recipes.js';
import { UsageError } from '../../usage.js';
import { done, json, type Outcome, type Terminal } from './outcome.js';

/** Runs a recipe with its defaults and what the user chose. */
export async function runRecipe(listed: ListedRecipe, { recipe: given, format }: Options, { surroundings }: Terminal): Promise<Outcome> {
  const recipe = await listed.load();
  const result = await recipe.run({ ...recipe.defaults, out: `gtc-${listed.name}`, ...given }, surroundings);
  return done(format === 'json' ? json(result.json) : result.text);
}

function named(name: string): ListedRecipe {
  const recipe = RECIPES.get(name);
  if (recipe === undefined) throw NotFoundError.of('recipe', name, [...RECIPES.keys()]);
  return recipe;
}

/** `gtc run <recipe>` */
export async function runNamed(options: Options, terminal: Terminal): Promise<Outcome> {
  if (options.text === '') throw new UsageError(`run needs a recipe: ${[...RECIPES.keys()].map(name => `gtc run ${name}`).join(', ')}`);
  return runRecipe(named(options.text), options, terminal);
}

const card = ({ name, summary, tags, domains }: ListedRecipe) => ({ name, summary, tags, domains });

function cardText(recipe: ListedRecipe): string {
  const { name, summary, tags, domains } = card(recipe);
  return `${name}: ${summary}\n  tags     ${tags.join(', ')}\n  domains  ${domains.join(', ')}\n  run it   gtc run ${name}\n`;
}

/** `gtc recipes [name]`, kept to a tag or a domain. */
export function listRecipes({ text, tag, domain, format }: Options): Outcome {
  const all = [...RECIPES.values()];
  if (text !== '') return done(format === 'json' ? json(card(named(text))) : cardText(named(text)));
  if (tag !== null && !all.some(({ tags }) => tags.includes(tag))) throw NotFoundError.of('tag', tag, [...new Set(all.flatMap(({ tags }) => tags))].sort());
  if (domain !== null && !all.some(({ domains }) => domains.includes(domain)))
    throw NotFoundError.of('domain', domain, [...new Set(all.flatMap(({ domains }) => domains))].sort());
  const kept = all.filter(({ tags, domains }) => (tag === null || tags.includes(tag)) && (domain === null || domains.includes(domain)));
  if (format === 'json') return done(json(kept.map(card)));
  return done(kept.map(({ name, summary, tags }) => `${name.padEnd(15)}${summary}\n${' '.repeat(15)}${tags.join(', ')}\n`).join(''));
}
