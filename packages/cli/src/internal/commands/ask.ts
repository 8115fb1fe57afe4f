/** `gtc oracle` and `gtc show`: patterns for a question or a name, shown or run. */
import { NotFoundError } from '@gtc/errors';
import type { Oracle, Result } from '@gtc/oracle';
import { codeOf, formatCode, formatMarkdown, formatText, plainResult } from '@gtc/oracle';
import type { Options } from '../../options.js';
import { recipeFor } from '../../recipes.js';
import { UsageError } from '../../usage.js';
import { openOracle } from './library.js';
import { done, json, type Outcome, PACKAGE_FOLDER, type Terminal } from './outcome.js';
import { runRecipe } from './recipes.js';

function print(question: string, results: readonly Result[], oracle: Oracle, { format, explain, languages }: Options, { style, width }: Terminal): string {
  if (format === 'json')
    return json(results.map(result => ({ ...plainResult(result), ...(explain ? { explanation: oracle.explain(question, result) } : {}) })));
  if (format === 'code') return `${formatCode(results, { languages })}\n`;
  if (format === 'markdown') return `${formatMarkdown(results, { languages })}\n`;
  return `${formatText(results, { style, width, languages, ...(explain ? { explain: result => oracle.explain(question, result) } : {}) })}\n`;
}

async function runFirst(question: string, results: readonly Result[], oracle: Oracle, options: Options, terminal: Terminal): Promise<Outcome> {
  const runnable = results.find(({ pattern }) => pattern.examples.length > 0 && pattern.specifier.startsWith('@')) ?? results[0]!;
  const { runExample } = await import('@gtc/oracle/run');
  const { status, stdout, stderr } = await runExample(runnable.pattern.examples[0], { folder: PACKAGE_FOLDER });
  if (options.format === 'json')
    return { stdout: json({ name: runnable.pattern.name, code: codeOf(runnable.pattern, 'ts', runnable.module), status, stdout, stderr }), status };
  const shown = print(question, [runnable], oracle, { ...options, explain: false }, terminal);
  return { stdout: `${shown}\n   Output\n${`${stdout}${stderr}`.trimEnd().replace(/^/gm, '   ')}\n`, status };
}

function checkDomain({ index }: Oracle, domain: string | null): void {
  if (domain !== null && !index.info.domains.includes(domain)) throw NotFoundError.of('domain', domain, [...index.info.domains].sort());
}

/** `gtc oracle <question>` */
export async function ask(options: Options, terminal: Terminal): Promise<Outcome> {
  const { text, limit, domain } = options;
  if (text === '') throw new UsageError('oracle needs a question: gtc oracle "how to implement LoRA fine-tuning"');
  const oracle = await openOracle(terminal);
  checkDomain(oracle, domain);
  const results = oracle.search(text, { limit, ...(domain === null ? {} : { domain }) });
  if (results.length === 0)
    throw new NotFoundError('nothing in the index matches; ask in English with other words, or see gtc oracle stats for what it holds', {
      parameter: 'question',
      received: text,
    });
  const recipe = recipeFor(text);
  if (options.run) return recipe === undefined ? runFirst(text, results, oracle, options, terminal) : runRecipe(recipe, options, terminal);
  const hint = recipe === undefined || options.format !== 'text' ? '' : `\nAll of it, on this machine: ${terminal.style.code(`gtc run ${recipe.name}`)}\n`;
  return done(`${print(text, results, oracle, options, terminal)}${hint}`);
}

/** `gtc show <name>` */
export async function showPattern(options: Options, terminal: Terminal): Promise<Outcome> {
  const { text, limit } = options;
  if (text === '') throw new UsageError('show needs a name: gtc show f1Score');
  const oracle = await openOracle(terminal);
  const results = oracle.search(text, { limit }).filter(({ why }) => why.exact);
  if (results.length === 0)
    throw NotFoundError.of(
      'pattern',
      text,
      Array.from(oracle.index.patterns(), ({ name }) => name),
    );
  return options.run ? runFirst(text, results, oracle, options, terminal) : done(print(text, results, oracle, options, terminal));
}
