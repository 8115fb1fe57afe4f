import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeOracle } from './corpus.fixture.js';
import { measureQuality, type Question } from './quality.js';
import type { Oracle } from './search.js';

const questions = JSON.parse(readFileSync(new URL('../evidence/questions.json', import.meta.url), 'utf8')) as Record<'tuning' | 'test', readonly Question[]>;
const asked = (question: string, ...modules: string[]): Question => ({ question, modules });

describe('measureQuality', () => {
  it('is 1 where the first answer is right', () => {
    expect(measureQuality(makeOracle(), [asked('precision', 'evaluation/metrics')])).toEqual({ questions: 1, mrr: 1, ndcgAt5: 1, recallAt1: 1, recallAt5: 1 });
  });
  it('falls with the place of the right answer', () => {
    const found = ['@gtc/a/b', '@gtc/a/b', '@gtc/c/d'].map(specifier => ({ module: { specifier } }));
    const { mrr, ndcgAt5, recallAt1, recallAt5 } = measureQuality({ search: () => found } as unknown as Oracle, [asked('x', 'c/d')]);
    expect([mrr, recallAt1, recallAt5]).toEqual([1 / 3, 0, 1]);
    expect(ndcgAt5).toBeCloseTo(0.5, 12);
  });
  it('is 0 where no answer is right, and without questions', () => {
    expect(measureQuality(makeOracle(), [asked('precision', 'hub/cards')])).toMatchObject({ mrr: 0, ndcgAt5: 0, recallAt1: 0, recallAt5: 0 });
    expect(measureQuality(makeOracle(), [])).toEqual({ questions: 0, mrr: 0, ndcgAt5: 0, recallAt1: 0, recallAt5: 0 });
  });
  it('counts each of several right modules once', () => {
    const { ndcgAt5 } = measureQuality(makeOracle(), [asked('score of metrics', 'evaluation/metrics', 'hub/cards')]);
    expect(ndcgAt5).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 12);
  });
  it('takes the mean over questions', () => {
    expect(measureQuality(makeOracle(), [asked('precision', 'evaluation/metrics'), asked('precision', 'hub/cards')]).mrr).toBe(0.5);
  });
  it('ranks as it is told', () => {
    const [byWords, byMeaning] = (['words', 'meaning'] as const).map(by => measureQuality(makeOracle(), [asked('economical', 'training/lora')], by).mrr);
    expect([byWords, byMeaning]).toEqual([0, 1]);
  });
});

describe('the questions', () => {
  it('are at least 300, half of them never tuned on', () => {
    expect(questions.tuning.length + questions.test.length).toBeGreaterThanOrEqual(300);
    expect(Math.abs(questions.tuning.length - questions.test.length)).toBeLessThan(2);
  });
  it('are asked once', () => {
    const all = [...questions.tuning, ...questions.test].map(({ question }) => question.toLowerCase());
    expect(new Set(all).size).toBe(all.length);
  });
  it('name modules that exist', () => {
    const folder = new URL('../../', import.meta.url);
    for (const { modules } of [...questions.tuning, ...questions.test])
      for (const module of modules) {
        const [domain, file] = module.split('/');
        expect(readFileSync(new URL(`${domain}/src/${file}.ts`, folder), 'utf8')).not.toBe('');
      }
  });
  it('touch every domain in both halves', () => {
    const domains = (half: readonly Question[]): number => new Set(half.flatMap(({ modules }) => modules.map(module => module.split('/')[0]))).size;
    expect([domains(questions.tuning), domains(questions.test)].every(count => count >= 14)).toBe(true);
  });
});
