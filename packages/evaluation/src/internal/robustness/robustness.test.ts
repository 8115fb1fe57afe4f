import { NumpyRandom } from '@gtc/tensor/random';
import { type Answer, evidenceCases, hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as r from '../../robustness.js';

type Logits = { idLogits: number[][]; oodLogits: number[][]; temperature: number };

const answers: Readonly<Record<string, Answer>> = {
  oodScores: (({ idLogits, oodLogits, temperature }: Logits, { expect: wanted }: { expect?: object }) =>
    Object.fromEntries(
      (Object.keys(wanted!) as r.OodMethod[]).map(method => {
        const idScores = r.oodScores(idLogits, { method, temperature });
        return [method, { idScores, ...r.oodMetrics(idScores, r.oodScores(oodLogits, { method, temperature })) }];
      }),
    )) as never,
  mahalanobisOod: (({ features, labels, query }: { features: number[][]; labels: number[]; query: number[][] }) => {
    const detector = r.fitMahalanobis(features, labels);
    return {
      squaredDistances: detector.squaredDistances(query),
      score: detector.score(query),
      relative: detector.relativeScore(query),
      ledoitWolfShrinkage: r.ledoitWolfShrinkage(features),
    };
  }) as never,
  knnOod: (({ features, query, k }: { features: number[][]; query: number[][]; k: number }) => ({ distance: r.knnDistances(features, query, { k }) })) as never,
  attackMetrics: (({ original, attacked, labels }: Record<'original' | 'attacked' | 'labels', number[]>, { expect: wanted }: { expect?: object }) => {
    const metrics = r.attackMetrics(original, attacked, labels);
    return Object.fromEntries(Object.keys(wanted!).map(key => [key, metrics[key as keyof typeof metrics]]));
  }) as never,
  corruptionError: ((input: r.CorruptionInput) => r.corruptionError(input)) as never,
};

describe('evidence: robustness', () => {
  it.each(evidenceCases('evaluation/robustness', answers, import.meta.url, '../../../evidence/robustness.json'))('$name', e => e.run());
});

const LETTERS: readonly r.TextChange[] = ['keyboard', 'homoglyph', 'swap', 'delete', 'insert', 'replace', 'case'];
const WORDS: readonly r.TextChange[] = ['wordSwap', 'wordDelete', 'wordRepeat'];

describe('scores of what lies outside a distribution', () => {
  it('a class without any probability adds nothing to the entropy', () => {
    expect(r.oodScores([[1000, 0]], { method: 'negEntropy' })).toEqual([0]);
  });
});

describe('perturbed text', () => {
  it.each([...LETTERS, ...WORDS])('%s: none at rate 0, the same with a seed, another text at rate 1', change => {
    const text = 'Six Quick foxes jump over dogs';
    expect(r.perturbText(text, { change, rate: 0 })).toBe(text);
    expect(r.perturbText(text, { change, rate: 0.5, seed: 3 })).toBe(r.perturbText(text, { change, rate: 0.5, seed: 3 }));
    expect(r.perturbText(text, { change, rate: 1, seed: 3 })).not.toBe(text);
  });
  it('bears any text', () => {
    fc.assert(
      fc.property(
        hostileText(),
        fc.constantFrom(...LETTERS, ...WORDS),
        (text, change) => typeof r.perturbText(text, { change, rate: 0.5, seed: 1 }) === 'string',
      ),
      { numRuns: 200 },
    );
  });
  it('keeps case, and the stream goes on', () => {
    expect(r.perturbText('A', { change: 'keyboard', rate: 1, seed: 1 })).toMatch(/^[QWSZ]$/);
    const stream = new NumpyRandom(1);
    expect(r.perturbText('abcdefgh', { change: 'replace', rate: 1, seed: stream })).not.toBe(
      r.perturbText('abcdefgh', { change: 'replace', rate: 1, seed: stream }),
    );
    expect(r.perturbText('aAé1', { change: 'case', rate: 1 })).toBe('AaÉ1');
  });
});

/** A classifier by words: how many of them it likes. */
const LIKED: Readonly<Record<string, number>> = { good: 2, great: 3, fine: 1, poor: -3, dull: -2 };
const predict: r.PredictTexts = texts =>
  texts.map(text => {
    const score = (text.toLowerCase().match(/\p{L}+/gu) ?? []).reduce((total, word) => total + (LIKED[word] ?? 0), 0);
    const positive = 1 / (1 + Math.exp(-score));
    return [1 - positive, positive];
  });
const SYNONYMS: Readonly<Record<string, readonly string[]>> = { great: ['fine', 'grand'], good: ['okay', 'fine'], film: ['movie'] };
const candidates = (word: string): readonly string[] => SYNONYMS[word.toLowerCase()] ?? [];

describe('attacks', () => {
  it.each(['textfooler', 'bert_attack', 'pwws', 'deepwordbug'] as const)('%s changes the words that matter until the answer turns', async method => {
    const text = 'A great, good but dull film.';
    const found = await r.attackText(text, 1, predict, { method, maxChanged: 0.6, ...(method === 'deepwordbug' ? {} : { candidates }) });
    expect(found.success).toBe(true);
    expect(found.predicted).toBe(0);
    expect(found.after).toBeLessThan(found.before);
    expect(found.changed.map(({ from }) => from)).toContain('great');
    expect((await predict([found.text]))[0]![1]).toBeCloseTo(found.after, 12);
    expect(found.text.endsWith('film.')).toBe(true);
  });
  it('keeps to the number of queries and of words', async () => {
    const few = await r.attackText('great good fine film', 1, predict, { candidates, maxQueries: 5 });
    expect(few.queries).toBeLessThanOrEqual(5);
    const one = await r.attackText('great good fine film', 1, predict, { candidates, maxChanged: 0.25 });
    expect(one.changed).toHaveLength(1);
    expect(one.success).toBe(false);
  });
  it('leaves a text that is wrong already, and words without candidates', async () => {
    expect(await r.attackText('dull', 1, predict, { candidates })).toMatchObject({ success: false, queries: 1, text: 'dull' });
    expect((await r.attackText('great', 1, predict, { candidates: () => [] })).text).toBe('great');
    expect((await r.attackText('a', 1, () => [[0, 1]], { method: 'deepwordbug' })).success).toBe(false);
    expect((await r.attackText('...', 1, () => [[0, 1]], { candidates })).queries).toBe(1);
  });
  it.each<[string, r.AttackOptions, string]>([
    ['candidates', {}, "candidates must be given for the method 'textfooler'"],
    ['method', { method: 'x' as never, candidates }, 'method must be one of bert_attack'],
    ['queries', { candidates, maxQueries: 0 }, 'maxQueries must be positive, got 0'],
  ])('refuses %s', async (_name, options, message) => {
    await expect(r.attackText('great', 1, predict, options)).rejects.toThrow(message);
  });
  it('refuses a classifier that does not answer', async () => {
    await expect(r.attackText('great', 1, () => [], { candidates })).rejects.toThrow('predict must answer each of 1 texts, got 0 rows');
    await expect(r.attackText('great', 5, predict, { candidates })).rejects.toThrow('label must be in [0, 2), got 5');
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown, string]>([
    ['columns', () => r.oodScores([[1]]), 'logits must have rows of one length of at least 2, got 1 in row 0'],
    ['temperature', () => r.oodScores([[1, 2]], { temperature: 0 }), 'temperature must be positive, got 0'],
    ['NaN', () => r.fitMahalanobis([[Number.NaN]], [0]), 'features[0] must be finite, got NaN'],
    ['query', () => r.fitMahalanobis([[1], [2]], [0, 0]).score([[1, 2]]), 'features must have 1 columns, got 2'],
    ['k', () => r.knnDistances([[1]], [[1]], { k: 2 }), 'k must be in [1, 1], got 2'],
    ['width', () => r.knnDistances([[1]], [[1, 2]], { k: 1 }), 'query must have 1 columns, got 2'],
    [
      'baseline',
      () => r.corruptionError({ errors: [[1]], baselineErrors: [[0]], cleanError: 0, baselineCleanError: 0 }),
      'baselineErrors must not be 0 alone in row 0',
    ],
    [
      'shape',
      () => r.corruptionError({ errors: [[1]], baselineErrors: [[1, 2]], cleanError: 0, baselineCleanError: 0 }),
      'baselineErrors must be 1 x 1, got 1 x 2',
    ],
    ['rate', () => r.perturbText('a', { rate: 2 }), 'rate must be in [0, 1], got 2'],
    ['change', () => r.perturbText('a', { change: 'melt' as never }), 'change must be one of case'],
    ['empty', () => r.oodMetrics([], [1]), 'idScores cannot be empty'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
