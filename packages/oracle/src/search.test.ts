import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCode, formatMarkdown, formatText, proofText } from './answer.js';
import type { Pattern, Proof } from './pattern.js';
import { Oracle, type Result } from './search.js';
import { spellingKey, splitIdentifier, stem, synonymsOf, wordsOf } from './words.js';

const pattern = (name: string, specifier: string, summary: string, more: Partial<Pattern> = {}): Pattern => ({
  name,
  kind: 'function',
  domain: specifier.split('/')[1]!,
  specifier,
  signature: `function ${name}(): number`,
  summary,
  details: '',
  params: [],
  returns: '',
  throws: [],
  python: '',
  rust: '',
  examples: [],
  file: 'src/x.ts',
  ...more,
});
const proof: Proof = {
  tests: 12,
  vectors: { passed: 7, errata: 1 },
  evidence: [{ topic: 't', passed: 3, library: 'scikit-learn', version: '1.9', tolerance: 1e-12 }],
};
const makeOracle = (): Oracle =>
  new Oracle({
    modules: [
      { specifier: '@gtc/evaluation/metrics', summary: 'Metrics of classification.', proof },
      { specifier: '@gtc/training/lora', summary: 'Low-rank adapters.', proof: null },
    ],
    patterns: [
      pattern('f1Score', '@gtc/evaluation/metrics', 'F1, the harmonic mean of precision and recall.', {
        python: '`sklearn.metrics.f1_score`',
        examples: ['f1Score([1], [1]) // => 1'],
      }),
      pattern('rocAucScore', '@gtc/evaluation/metrics', 'Area under the ROC curve.', { rust: '`roc`' }),
      pattern('createLoraConfig', '@gtc/training/lora', 'Fills defaults and validates.', { examples: ['createLoraConfig()'] }),
      pattern('LoRAConfig', '@gtc/training/lora', 'One adapter: its rank.', {
        kind: 'interface',
        details: 'A long explanation of what the adapter is and where it attaches, so that a line has to be broken somewhere in it.',
      }),
    ],
  });

/** Made in every test, so that a fault in making it fails each test that uses it. */
const oracle = (): Oracle => makeOracle();

describe('Oracle.search', () => {
  it.each([
    ['how to implement LoRA fine-tuning', 'createLoraConfig'],
    ['finetune a model', 'createLoraConfig'],
    ['harmonic mean of precision', 'f1Score'],
    ['auroc', 'rocAucScore'],
    ['f1_score', 'f1Score'],
    ['LORACONFIG', 'LoRAConfig'],
    ['@gtc/evaluation/metrics/f1Score', 'f1Score'],
  ])('%s -> %s', (question, name) => {
    expect(oracle().search(question)[0]!.pattern.name).toBe(name);
  });
  it('puts an exact name first and says so', () => {
    const [first, second] = oracle().search('lora config');
    expect([first!.why.exact, second!.why.exact]).toEqual([true, false]);
  });
  it('explains its score by field', () => {
    const [{ score, why }] = oracle().search('precision') as [ReturnType<Oracle['search']>[number]];
    expect(Object.keys(why.fields)).toEqual(['summary']);
    expect(score).toBeGreaterThan(0);
  });
  it('keeps to a domain and to the limit', () => {
    expect(
      oracle()
        .search('score config', { domain: 'training' })
        .every(({ pattern: { domain } }) => domain === 'training'),
    ).toBe(true);
    expect(oracle().search('score', { limit: 1 })).toHaveLength(1);
    expect(() => oracle().search('x', { limit: 0 })).toThrow('limit must be positive, got 0');
  });
  it('works without module records and orders ties by name', () => {
    const bare = new Oracle({ modules: [], patterns: [pattern('b', '@gtc/x/y', 'same'), pattern('a', '@gtc/x/y', 'same'), pattern('c', '@gtc/x/y', 'same')] });
    expect(bare.search('same').map(result => [result.pattern.name, result.module])).toEqual([
      ['a', null],
      ['b', null],
      ['c', null],
    ]);
  });
  it('finds words in every field', () => {
    const everywhere = new Oracle({
      modules: [{ specifier: '@gtc/x/alpha', summary: 'bravo', proof: null }],
      patterns: [pattern('charlie', '@gtc/x/alpha', 'delta', { details: 'echo', returns: 'foxtrot', params: ['golf'], python: 'hotel', rust: 'india' })],
    });
    const found = (word: string): string => Object.keys(everywhere.search(word)[0]?.why.fields ?? {}).join();
    expect(['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel', 'india', 'juliet'].map(found)).toEqual([
      'module',
      'purpose',
      'name',
      'summary',
      'details',
      'details',
      'parameters',
      'python',
      'python',
      '',
    ]);
  });
  it('weighs rare words, short texts, functions and examples', () => {
    const weighed = new Oracle({
      modules: [],
      patterns: [
        pattern('a1', '@gtc/x/y', 'common rare'),
        pattern('a2', '@gtc/x/y', 'common'),
        pattern('a3', '@gtc/x/y', 'common'),
        pattern('b1', '@gtc/x/y', 'sole with a great many other words around it that nobody asked for'),
        pattern('b2', '@gtc/x/y', 'sole'),
        pattern('c1', '@gtc/x/y', 'kind', { kind: 'interface' }),
        pattern('c2', '@gtc/x/y', 'kind'),
        pattern('d1', '@gtc/x/y', 'shown'),
        pattern('d2', '@gtc/x/y', 'shown', { examples: ['d2()'] }),
      ],
    });
    const order = (question: string): string[] => weighed.search(question).map(result => result.pattern.name);
    expect([order('common rare')[0], order('sole')[0], order('kind')[0], order('shown')[0]]).toEqual(['a1', 'b2', 'c2', 'd2']);
    expect(weighed.search('rare')[0]!.score).toBeGreaterThan(weighed.search('common')[0]!.score);
  });
  it('finds nothing for nothing', () => {
    expect([oracle().search(''), oracle().search('zzzz'), oracle().search('how do I')]).toEqual([[], [], []]);
  });
  it('answers any text, however hostile, in the same order each time', () => {
    fc.assert(
      fc.property(hostileText(), text => {
        const [first, again] = [oracle().search(text), oracle().search(text)];
        return JSON.stringify(first) === JSON.stringify(again);
      }),
      { numRuns: 100 },
    );
  });
});

describe('words', () => {
  it.each([
    ['createLoRAConfig', ['create', 'lo', 'ra', 'config']],
    ['f1_score', ['f1', 'score']],
    ['HTTPServer', ['http', 'server']],
    ['', []],
  ])('splits %s', (name, parts) => {
    expect(splitIdentifier(name)).toEqual(parts);
  });
  it.each([
    ['metrics', 'metric'],
    ['scores', 'scor'],
    ['tuning', 'tun'],
    ['queries', 'query'],
    ['batches', 'batch'],
    ['normalization', 'normaliz'],
    ['running', 'run'],
    ['loss', 'loss'],
    ['f1', 'f1'],
  ])('stems %s to %s', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });
  it('drops stop words and joins what belongs together', () => {
    expect(wordsOf('How do I fine tune the Model?')).toEqual(['finetun', 'model']);
    expect(wordsOf('f1_score LoRA')).toEqual(['f1', 'scor', 'f1scor', 'lora']);
  });
  it.each([
    ['finetune', 'peft'],
    ['accuracy', 'correct'],
    ['auroc', 'roc'],
    ['wer', 'speech'],
    ['translation', 'chrf'],
    ['summary', 'rouge'],
    ['mse', 'regression'],
    ['seed', 'random'],
    ['perplexity', 'ppl'],
    ['typo', 'levenshtein'],
    ['merge', 'fold'],
    ['validate', 'schema'],
    ['probability', 'calibration'],
  ])('%s also finds %s', (word, other) => {
    expect(synonymsOf(stem(word))).toContain(stem(other));
    expect(synonymsOf(stem(word))).not.toContain(stem(word));
  });
  it.each([
    ['boxes', 'box'],
    ['passes', 'pass'],
    ['matches', 'match'],
    ['bus', 'bus'],
    ['status', 'status'],
    ['computed', 'comput'],
    ['estimates', 'estimat'],
    ['estimating', 'estimat'],
    ['trainer', 'train'],
    ['sing', 'sing'],
    ['red', 'red'],
    ['stopped', 'stop'],
    ['class', 'class'],
  ])('reduces %s to %s', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });
  it('knows synonyms by stem, and none of unknown words', () => {
    expect(synonymsOf(stem('finetune'))).toContain('lora');
    expect(synonymsOf('zzz')).toEqual([]);
    expect(spellingKey('f1_Score')).toBe('f1score');
  });
});

describe('answers', () => {
  const found = (): Result[] => oracle().search('f1Score', { limit: 1 });
  it('read well as text', () => {
    expect(formatText(found(), { width: 60, explain: true })).toMatchSnapshot();
    expect(formatText(oracle().search('LoRAConfig', { limit: 1 }), { width: 30 })).toMatchSnapshot();
    expect(formatText(oracle().search('roc', { limit: 1 }), { style: { strong: text => `*${text}*`, code: text => text, dim: text => text } })).toMatch(
      /^1\. \*rocAucScore\*/,
    );
  });
  it('read well as Markdown and as code', () => {
    expect(formatMarkdown(found())).toMatchSnapshot();
    expect(formatMarkdown(oracle().search('roc', { limit: 1 }))).not.toContain('Python');
    expect(formatCode(oracle().search('f1 lora'))).toBe('f1Score([1], [1]) // => 1\n\ncreateLoraConfig()');
  });
  it('state the proof in one line', () => {
    expect(proofText(proof)).toBe('7 golden vectors of hf_gtc; 3 cases of scikit-learn 1.9 within 1e-12; 12 tests in all');
    expect(proofText({ ...proof, vectors: null, evidence: [] })).toBe('12 tests in all');
  });
});
