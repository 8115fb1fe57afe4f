/** Tasks of a language model benchmark: what is asked, how prompts are written, and files of the users' own. */
import { FormatError, inRange, integer, nonEmpty, nonNegative, oneOf, positive, ValidationError } from '@gtc/errors';

/** Fields of a document, by which templates are filled. */
export type TaskDoc = Readonly<Record<string, unknown>>;

interface TaskBase {
  readonly name: string;
  /** Raised whenever prompts or scoring change; 1 by default. */
  readonly version?: number;
  readonly docs: readonly TaskDoc[];
  /** Documents from which examples are drawn; `docs` but the one asked by default. */
  readonly fewshotDocs?: readonly TaskDoc[];
  /** Stands before all examples. */
  readonly description?: string;
}

/** The most likely of several choices is compared with the true one. Metrics: `acc`, `acc_norm` (by characters), `acc_bytes`. */
export interface MultipleChoiceTask extends TaskBase {
  readonly type: 'multiple_choice';
  /** The prompt, with `{{field}}` for a field of the document. */
  readonly template: string;
  /** Field that holds the choices as texts; 'choices' by default. */
  readonly choicesField?: string;
  /** Field that holds the place of the true choice, from 0; 'gold' by default. */
  readonly goldField?: string;
  /** Stands between prompt and choice; a space by default. */
  readonly targetDelimiter?: string;
}

/** What the model writes is compared with the answer. Metric: `exact_match`. */
export interface GenerationTask extends TaskBase {
  readonly type: 'generate_until';
  readonly template: string;
  /** The answer, as a template; '{{answer}}' by default. */
  readonly target?: string;
  readonly targetDelimiter?: string;
  /** Texts at which writing ends; a line break by default. */
  readonly until?: readonly string[];
  /** 64 by default. */
  readonly maxTokens?: number;
  /** Takes the answer out of what was written: the last match, its first group where it has one. All of the text by default. */
  readonly extract?: RegExp;
}

/** How likely whole texts are. Metrics: `word_perplexity`, `byte_perplexity`, `bits_per_byte`. */
export interface PerplexityTask extends TaskBase {
  readonly type: 'loglikelihood_rolling';
  /** The text, as a template; '{{text}}' by default. */
  readonly template?: string;
}

/** A task of any kind. */
export type HarnessTask = MultipleChoiceTask | GenerationTask | PerplexityTask;

const FIELD = /\{\{\s*([^{}]+?)\s*\}\}/gu;

/**
 * Fills a template with the fields of a document.
 *
 * @throws {ValidationError} naming a field that the document does not have
 * @remarks Python: `lm_eval.utils.apply_template`, of plain fields.
 * @example fillTemplate('Q: {{question}}', { question: 'Why?' }) // => 'Q: Why?'
 */
export function fillTemplate(template: string, doc: TaskDoc): string {
  return template.replace(FIELD, (_, name: string) => {
    const value = Object.hasOwn(doc, name) ? doc[name] : undefined;
    if (value === undefined || value === null)
      throw new ValidationError(`template asks for '${name}', which the document lacks; it has ${Object.keys(doc).join(', ')}`, {
        parameter: 'template',
        received: name,
      });
    return String(value);
  });
}

/** What a multiple choice document asks. */
export interface ChoicesOf {
  readonly choices: readonly string[];
  readonly gold: number;
}

/** Choices and the true one. @throws {ValidationError} for a document without them */
export function choicesOf(doc: TaskDoc, { choicesField = 'choices', goldField = 'gold' }: MultipleChoiceTask, where: string): ChoicesOf {
  const choices = doc[choicesField];
  if (!Array.isArray(choices) || choices.length < 2 || choices.some(choice => typeof choice !== 'string' || choice === ''))
    throw new ValidationError(`${where}.${choicesField} must be at least two texts, got ${JSON.stringify(choices) ?? 'nothing'}`, {
      parameter: choicesField,
      received: choices,
    });
  const gold = doc[goldField];
  if (typeof gold !== 'number')
    throw new ValidationError(`${where}.${goldField} must be a number, got ${JSON.stringify(gold) ?? 'nothing'}`, { parameter: goldField, received: gold });
  return { choices: choices as string[], gold: inRange(integer(gold, `${where}.${goldField}`), `${where}.${goldField}`, { min: 0, below: choices.length }) };
}

/** The prompt of a document without its answer. */
export const promptOf = (task: HarnessTask, doc: TaskDoc): string => fillTemplate(task.template ?? '{{text}}', doc);

/** The answer of a document, as examples show it. */
export function targetOf(task: MultipleChoiceTask | GenerationTask, doc: TaskDoc, where: string): string {
  if (task.type === 'generate_until') return fillTemplate(task.target ?? '{{answer}}', doc);
  const { choices, gold } = choicesOf(doc, task, where);
  return choices[gold]!;
}

/**
 * Checks a task: its name, its documents, and that its templates can be filled with each of them.
 *
 * @throws {ValidationError} naming the document and the field
 * @remarks Python: `lm_eval.api.task.TaskConfig`.
 * @example validateTask({ type: 'loglikelihood_rolling', name: 'text', docs: [] }) // throws docs cannot be empty
 */
export function validateTask(task: HarnessTask): void {
  nonEmpty(task.name, 'name');
  oneOf(task.type, 'type', ['multiple_choice', 'generate_until', 'loglikelihood_rolling'] as const);
  positive(integer(task.version ?? 1, 'version'), 'version');
  nonEmpty(task.docs, 'docs');
  for (const [name, docs] of Object.entries({ docs: task.docs, fewshotDocs: task.fewshotDocs ?? [] })) {
    for (const [i, doc] of docs.entries()) {
      const where = `${task.name}: ${name}[${i}]`;
      try {
        nonEmpty(promptOf(task, doc), 'the prompt');
        if (task.type !== 'loglikelihood_rolling') targetOf(task, doc, where);
      } catch (cause) {
        if (!(cause instanceof ValidationError) || cause.message.startsWith(where)) throw cause;
        throw new ValidationError(`${where}: ${cause.message}`, { parameter: name, received: doc, cause });
      }
    }
  }
  if (task.type === 'generate_until') nonNegative(integer(task.maxTokens ?? 64, 'maxTokens'), 'maxTokens');
}

/** A task of any kind, without its documents. */
export type TaskHeader = HarnessTask extends infer T ? (T extends HarnessTask ? Omit<T, 'docs'> : never) : never;

/**
 * A task with the documents of a file of JSON lines: one object for each line, blank lines aside.
 *
 * @param jsonl the text of the file
 * @param header all of the task but its documents
 * @throws {FormatError} naming the line that is no JSON object
 * @throws {ValidationError} as {@link validateTask}
 * @remarks Python: `datasets.load_dataset('json', data_files=)` in a task of lm-eval.
 * @example taskFromJsonl('{"q": "1+1", "choices": ["2", "3"], "gold": 0}', { type: 'multiple_choice', name: 'sums', template: '{{q}} =' }).docs.length // => 1
 */
export function taskFromJsonl(jsonl: string, header: TaskHeader): HarnessTask {
  const docs: TaskDoc[] = [];
  for (const [i, line] of jsonl
    .replace(/^﻿/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (line.trim() === '') continue;
    let doc: unknown;
    try {
      doc = JSON.parse(line);
    } catch (cause) {
      throw new FormatError(`${header.name}: line ${i + 1} is no JSON: ${(cause as Error).message}`, { parameter: 'jsonl', received: i + 1, cause });
    }
    if (typeof doc !== 'object' || doc === null || Array.isArray(doc))
      throw new FormatError(`${header.name}: line ${i + 1} must be an object, got ${line.trim().slice(0, 60)}`, { parameter: 'jsonl', received: i + 1 });
    docs.push(doc as TaskDoc);
  }
  const task = { ...header, docs } as HarnessTask;
  validateTask(task);
  return task;
}
