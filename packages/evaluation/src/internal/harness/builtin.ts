/** Small tasks that come with the package: made by rule, so that nobody's licence is in the way and no model has seen their answers. */
import { NotFoundError } from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';
import type { HarnessTask, TaskDoc } from './tasks.js';

/** Sums of two numbers below a hundred, with three wrong answers near the right one. */
function sums(count: number, seed: number): TaskDoc[] {
  const random = new PythonRandom(seed);
  return Array.from({ length: count }, () => {
    const [a, b] = [random.randint(1, 99), random.randint(1, 99)];
    const choices = random.shuffle([a + b, a + b + 1, a + b + 10, Math.abs(a - b)].map(String));
    return { a, b, choices: [...new Set(choices)], gold: [...new Set(choices)].indexOf(String(a + b)), answer: String(a + b) };
  });
}

const NOUNS = [
  ['dog', 'dogs'],
  ['teacher', 'teachers'],
  ['river', 'rivers'],
  ['child', 'children'],
  ['engine', 'engines'],
  ['key', 'keys'],
] as const;
const PLACES = ['near the houses', 'of the old man', 'behind the cars', 'with the letters', 'beside the garden'] as const;
const VERBS = [
  ['is', 'are', 'quiet'],
  ['was', 'were', 'late'],
  ['has', 'have', 'changed'],
] as const;

/** Minimal pairs of subject and verb, with words of the other number in between (after Linzen, Dupoux and Goldberg 2016). */
function agreement(): TaskDoc[] {
  return NOUNS.flatMap((noun, i) =>
    PLACES.flatMap((place, j) =>
      [0, 1].map(number => {
        const verb = VERBS[(i + j) % VERBS.length]!;
        return { subject: `The ${noun[number]} ${place}`, choices: [`${verb[0]} ${verb[2]}.`, `${verb[1]} ${verb[2]}.`], gold: number };
      }),
    ),
  );
}

/** Words that go on in order; the answer is the next one. */
const SERIES = [
  ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
  ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
  ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'],
] as const;

function series(): TaskDoc[] {
  return SERIES.flatMap(words =>
    words.slice(3).map((answer, i) => ({
      shown: words.slice(i, i + 3).join(', '),
      answer,
      choices: [answer, words[i]!, words[(i + 5) % words.length]!].filter((word, at, all) => all.indexOf(word) === at),
      gold: 0,
    })),
  );
}

/** Names of two people, one of whom did something: whom the sentence comes back to (after Wang et al. 2022). */
function indirectObjects(): TaskDoc[] {
  const names = ['Mary', 'John', 'Alice', 'Tom', 'Emma', 'Paul'];
  const things = ['a drink', 'the book', 'a letter', 'the keys'];
  const places = ['store', 'park', 'school'];
  return names.flatMap((giver, i) => {
    const receiver = names[(i + 1) % names.length]!;
    return places.map((place, j) => ({
      prompt: `When ${giver} and ${receiver} went to the ${place}, ${giver} gave ${things[(i + j) % things.length]} to`,
      choices: [receiver, giver],
      gold: 0,
    }));
  });
}

/** Our own sentences, of plain English. */
const PLAIN = [
  'The morning was cold, and the windows of the bakery were white with steam. Two children stood outside and drew faces on the glass.',
  'A good test fails for one reason only. When it fails for two, nobody knows which of them to mend first.',
  'Water runs down the hill, gathers in the ditch, passes under the road and comes to the lake long after the rain has stopped.',
  'She counted the boxes twice, wrote the number on the door with chalk, and went home before it was dark.',
  'The train was late again. Most of the people on the platform read, and those who did not read looked at the clock.',
  'If the handle is loose, turn the small screw to the right until it stops, then half a turn back.',
];

const TASKS: Readonly<Record<string, () => HarnessTask>> = {
  sums: () => ({ type: 'multiple_choice', name: 'sums', docs: sums(40, 0), template: '{{a}} + {{b}} =' }),
  sums_written: () => ({
    type: 'generate_until',
    name: 'sums_written',
    docs: sums(40, 1),
    template: 'Q: {{a}} + {{b}} = ?\nA:',
    extract: /-?\d+/gu,
    maxTokens: 8,
  }),
  agreement: () => ({ type: 'multiple_choice', name: 'agreement', docs: agreement(), template: '{{subject}}' }),
  series: () => ({ type: 'multiple_choice', name: 'series', docs: series(), template: '{{shown}},' }),
  indirect_objects: () => ({ type: 'multiple_choice', name: 'indirect_objects', docs: indirectObjects(), template: '{{prompt}}' }),
  plain_english: () => ({ type: 'loglikelihood_rolling', name: 'plain_english', docs: PLAIN.map(text => ({ text })) }),
};

/**
 * Names of the tasks that come with the package.
 *
 * @remarks Python: `lm_eval.tasks.TaskManager().all_tasks`.
 * @example listBuiltinTasks() // => ['agreement', 'indirect_objects', 'plain_english', 'series', 'sums', 'sums_written']
 */
export function listBuiltinTasks(): string[] {
  return Object.keys(TASKS).sort();
}

/**
 * A task that comes with the package: `sums` and `sums_written` (arithmetic), `agreement` (of subject and verb), `series` (what comes next),
 * `indirect_objects` (whom a sentence comes back to), `plain_english` (perplexity). They tell models apart that have learnt something from models that
 * have not; they are no substitute for the field's benchmarks, which {@link taskFromJsonl} reads.
 *
 * @throws {NotFoundError} for an unknown name
 * @remarks Python: `lm_eval.tasks.get_task_dict([name])`.
 * @example builtinTask('agreement').docs.length // => 60
 */
export function builtinTask(name: string): HarnessTask {
  const make = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (make === undefined) throw NotFoundError.of('task', name, Object.keys(TASKS));
  return make();
}
