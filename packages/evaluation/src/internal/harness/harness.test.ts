import { tensor } from '@gtc/tensor';
import { hostileText, mutantCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as h from '../../harness.js';
import { logitsOf, modelOf, tokenizerOf } from '../benchmarks/models.fixture.js';

/** A model of characters that finds digits of true sums likely, and everything else alike. */
const encode = (text: string): number[] => [...text].map(letter => Math.min(127, letter.codePointAt(0)!));
const decode = (ids: readonly number[]): string => String.fromCodePoint(...ids);
const knowsSums: h.HarnessModel = {
  name: 'sums',
  encode,
  prefixToken: 0,
  logits: ids =>
    tensor(
      ids.map(row =>
        row.map((_, i) => {
          const text = decode(row.slice(0, i + 1));
          const [, a, b, written] = /(\d+) \+ (\d+) = ?(\d*)$/.exec(text) ?? [];
          const next = a === undefined ? '' : ` ${Number(a) + Number(b)}`.slice(text.endsWith('=') ? 0 : 1 + written!.length);
          return Array.from({ length: 128 }, (_unused, v) => (v === next.codePointAt(0) ? 5 : 0));
        }),
      ),
      { dtype: 'float32' },
    ),
  generate: prompt => {
    const [, a, b] = /(\d+) \+ (\d+) = \?\nA:$/.exec(prompt)!;
    return ` It is ${Number(a) + Number(b)}\nQ: next`;
  },
};
const none: h.HarnessModel = {
  name: 'none',
  encode,
  prefixToken: 0,
  logits: ids =>
    tensor(
      ids.map(row => row.map(() => new Array<number>(128).fill(0))),
      { dtype: 'float32' },
    ),
};

describe('evaluate', () => {
  it('tells a model that knows from one that does not', async () => {
    const tasks = [h.builtinTask('sums'), h.builtinTask('sums_written')];
    const knowing = await h.evaluate(knowsSums, tasks, { numFewshot: 2 });
    const values = knowing.tasks.map(({ scores }) => Object.fromEntries(Object.entries(scores).map(([name, { value }]) => [name, value])));
    // A choice that is the beginning of the answer is as likely up to there, which length makes up for.
    expect(values[0]!['acc']).toBeGreaterThan(0.9);
    expect(values[0]!['acc_norm']).toBe(1);
    expect(values[1]).toEqual({ exact_match: 1 });
    const [guessing] = (await h.evaluate(none, [h.builtinTask('sums')])).tasks;
    expect(guessing!.scores['acc']!.value).toBeLessThan(0.7);
    expect(guessing!.scores['acc']!.stderr).toBeGreaterThan(0.02);
  });
  it('repeats itself, hashes included, and draws other examples with another seed', async () => {
    const run = (seed: number): Promise<h.HarnessReport> => h.evaluate(none, [h.builtinTask('agreement')], { numFewshot: 3, seed, limit: 5 });
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(first);
    expect(other.tasks[0]!.samples[0]!.prompt).not.toBe(first.tasks[0]!.samples[0]!.prompt);
    expect(other.tasks[0]!.promptHash).not.toBe(first.tasks[0]!.promptHash);
    expect(first.tasks[0]!.samples[0]!.prompt.split('\n\n')).toHaveLength(4);
    expect(first.tokenizerHash).toMatch(/^[0-9a-f]{16}$/);
    expect((await h.evaluate({ ...none, tokenizerHash: 'abcdef0123456789ff' }, [h.builtinTask('agreement')], { limit: 1 })).tokenizerHash).toBe(
      'abcdef0123456789',
    );
  });
  it('measures texts: a model that knows nothing needs 7 bits for each of 128 letters', async () => {
    const { scores, numFewshot } = (await h.evaluate(none, [h.builtinTask('plain_english')], { numFewshot: 2 })).tasks[0]!;
    expect(scores['bits_per_byte']!.value).toBeCloseTo(7, 4);
    expect(scores['byte_perplexity']!.value).toBeCloseTo(128, 2);
    expect(scores['word_perplexity']!.value).toBeGreaterThan(1e9);
    expect(numFewshot).toBe(0);
  });
  it('goes on from a cache, and says how far it is', async () => {
    const cache = new Map<string, string>();
    let calls = 0;
    const counted: h.HarnessModel = {
      ...none,
      logits: (ids, mask) => {
        calls++;
        return none.logits!(ids, mask);
      },
      generate: () => 'x',
    };
    const tasks = [h.builtinTask('series'), h.builtinTask('sums_written'), h.builtinTask('plain_english')];
    const progress: string[] = [];
    const first = await h.evaluate(counted, tasks, { limit: 2, cache, onProgress: ({ task, documents, of }) => progress.push(`${task} ${documents}/${of}`) });
    const before = calls;
    expect(await h.evaluate(counted, tasks, { limit: 2, cache })).toEqual(first);
    expect(calls).toBe(before);
    expect(progress.slice(0, 2)).toEqual(['series 1/2', 'series 2/2']);
  });
  it('scores a transformer as choices scored by hand', async () => {
    const model = modelOf('tiny-gpt2');
    const subject: h.HarnessModel = { name: 'tiny', logits: logitsOf(model), encode: tokenizerOf('tiny-gpt2'), prefixToken: 1, maxLength: 90 };
    const report = await h.evaluate(subject, [h.builtinTask('indirect_objects')], { limit: 4, batchSize: 3 });
    expect(report.tasks[0]!.samples.every(({ responses }) => responses.every(value => Number.isFinite(value)))).toBe(true);
  });
});

describe('tasks', () => {
  it.each(h.listBuiltinTasks())('%s is whole', name => {
    const task = h.builtinTask(name);
    h.validateTask(task);
    expect(task.docs.length).toBeGreaterThan(5);
    expect(task.name).toBe(name);
  });
  const header: h.TaskHeader = { type: 'multiple_choice', name: 'mine', template: '{{ q }}' };
  const line = '{"q": "1+1", "choices": ["2", "3"], "gold": 0}';
  it('are read from lines of JSON', () => {
    expect(h.taskFromJsonl(`﻿${line}\r\n\r\n${line}\n`, header).docs).toHaveLength(2);
    expect(h.taskFromJsonl('{"text": "a b"}', { type: 'loglikelihood_rolling', name: 'texts' }).docs).toEqual([{ text: 'a b' }]);
  });
  it.each<[string, string, string]>([
    ['no JSON', '{"q": 1', 'mine: line 1 is no JSON'],
    ['no object', `${line}\n[1]`, 'mine: line 2 must be an object, got [1]'],
    ['no lines', '\n', 'docs cannot be empty'],
    ['no field', '{"choices": ["a", "b"], "gold": 0}', "mine: docs[0]: template asks for 'q', which the document lacks; it has choices, gold"],
    ['one choice', '{"q": "x", "choices": ["a"], "gold": 0}', 'mine: docs[0].choices must be at least two texts, got ["a"]'],
    ['no gold', '{"q": "x", "choices": ["a", "b"]}', 'mine: docs[0].gold must be a number, got nothing'],
    ['far gold', '{"q": "x", "choices": ["a", "b"], "gold": 2}', 'mine: docs[0].gold must be in [0, 2), got 2'],
  ])('refuses a file with %s', (_name, text, message) => {
    expect(() => h.taskFromJsonl(text, header)).toThrow(message);
  });
  it.each(mutantCases({ tasks: new TextEncoder().encode(`${line}\n${line}\n`) }, bytes => h.taskFromJsonl(new TextDecoder().decode(bytes), header)))(
    '$name',
    c => c.run(),
  );
  it('fill templates with any text', () => {
    fc.assert(
      fc.property(hostileText(), text => h.fillTemplate('{{a}}', { a: text }) === text),
      { numRuns: 200 },
    );
  });
});

describe('answers', () => {
  const task = (more: Partial<h.GenerationTask>): h.GenerationTask => ({
    type: 'generate_until',
    name: 'say',
    docs: [{ q: 'x', answer: '42' }],
    template: '{{q}}',
    ...more,
  });
  it.each<[Partial<h.GenerationTask>, string, number]>([
    [{}, ' 42 \nmore', 1],
    [{ extract: /(\d+) apples/ }, 'at first 7 apples, then 42 apples', 1],
    [{ extract: /\d+/ }, 'none', 0],
    [{ until: [] }, '42\nmore', 0],
    [{ target: 'It is {{answer}}', description: 'Count.' }, 'It is 42', 1],
  ])('are taken out of what was written: %j', async (more, written, right) => {
    const { scores, samples } = (await h.evaluate({ name: 'm', generate: () => written }, [task(more)])).tasks[0]!;
    expect(scores['exact_match']!.value).toBe(right);
    expect(samples[0]!.prompt).toBe(more.description === undefined ? 'x' : 'Count.\n\nx');
  });
  it('have a context where the prompt is white space, and a token where the tokenizer swallows the choice', async () => {
    const choices: h.HarnessTask = { type: 'multiple_choice', name: 'c', docs: [{ p: ' ', choices: ['a', 'b'], gold: 0 }], template: '{{p}}' };
    expect((await h.evaluate({ ...none, encode: text => (text.trim() === '' ? [] : [5]) }, [choices])).tasks[0]!.numDocs).toBe(1);
    expect(
      (await h.evaluate({ ...none, encode: () => [5] }, [{ ...choices, docs: [{ p: 'x', choices: ['a', 'b'], gold: 1 }] }])).tasks[0]!.samples[0]!.responses,
    ).toHaveLength(2);
    const one: h.HarnessTask = { type: 'loglikelihood_rolling', name: 't', docs: [{ text: 'a b' }] };
    expect((await h.evaluate({ ...none, maxLength: 8 }, [one])).tasks[0]!.scores['bits_per_byte']!.stderr).toBeNaN();
  });
});

describe('refusals', () => {
  it.each<[string, h.HarnessModel, h.HarnessTask[], h.EvaluateOptions, string]>([
    ['no tasks', none, [], {}, 'tasks cannot be empty'],
    ['shots', none, [h.builtinTask('series')], { numFewshot: 1000 }, 'series: numFewshot must be at most'],
    ['limit', none, [h.builtinTask('series')], { limit: 0 }, 'limit must be positive, got 0'],
    ['a missing part', none, [h.builtinTask('sums_written')], {}, 'sums_written: a task of type generate_until needs model.generate'],
    ['no name', { ...none, name: '' }, [h.builtinTask('series')], {}, 'model.name cannot be empty'],
  ])('%s', async (_name, model, tasks, options, message) => {
    await expect(h.evaluate(model, tasks, options)).rejects.toThrow(message);
  });
  it('an unknown task', () => {
    expect(() => h.builtinTask('seris')).toThrow("unknown task 'seris'");
  });
});

describe('reports', () => {
  it('stand with their hashes as text, Markdown and JSON, samples line by line', async () => {
    const report = await h.evaluate(
      knowsSums,
      [h.builtinTask('sums'), { ...h.builtinTask('sums_written'), docs: h.builtinTask('sums_written').docs.slice(0, 1) }],
      { limit: 3 },
    );
    const { promptHash } = report.tasks[0]!;
    const text = h.formatHarnessReport(report);
    expect(text.split('\n')[2]).toBe(`sums          1        0      3     acc          1.0000  0.0000  ${promptHash}  ${report.tokenizerHash}`);
    expect(text).toContain('exact_match  1.0000  n/a');
    expect(h.formatHarnessReport(report, { format: 'markdown' })).toContain(`| sums | 1 | 0 | 3 | acc | 1.0000 | 0.0000 | ${promptHash} |`);
    expect(JSON.parse(h.formatHarnessReport(report, { format: 'json' })).tasks[1].scores.exact_match).toEqual({ value: 1, stderr: null });
    const lines = h
      .samplesToJsonl(report)
      .trim()
      .split('\n')
      .map(each => JSON.parse(each) as Record<string, unknown>);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({ task: 'sums', doc_id: 0, acc: 1 });
    expect(() => h.formatHarnessReport(report, { format: 'xml' as never })).toThrow('format must be one of json, markdown, text');
  });
});
