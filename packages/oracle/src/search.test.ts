import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOracle, moduleInfo, pattern, vectors } from './corpus.fixture.js';
import { Oracle } from './search.js';
import { buildIndex } from './search-index.js';
import { WordVectors } from './vectors.js';
import { spellingKey, splitIdentifier, stem, synonymsOf, wordsOf } from './words.js';

const names = (question: string, options = {}): string[] =>
  makeOracle()
    .search(question, options)
    .map(result => result.pattern.name);

describe('Oracle.search', () => {
  it.each([
    ['how to implement LoRA fine-tuning', 'createLoraConfig'],
    ['finetune a model', 'createLoraConfig'],
    ['harmonic mean of precision', 'f1Score'],
    ['auroc', 'rocAucScore'],
    ['f1_score', 'f1Score'],
    ['LORACONFIG', 'LoRAConfig'],
    ['@gtc/evaluation/metrics/f1Score', 'f1Score'],
    ['what does create_lora_config take', 'createLoraConfig'],
    ['cut text into passages', 'chunkDocument'],
  ])('%s -> %s', (question, name) => {
    expect(names(question)[0]).toBe(name);
  });
  it('puts an exact name first and says so', () => {
    const [first, second] = makeOracle().search('lora config');
    expect([first!.pattern.name, first!.why.exact, second!.why.exact]).toEqual(['LoRAConfig', true, false]);
  });
  it('finds by meaning what no word names', () => {
    expect(names('economical')[0]).toBe('createLoraConfig');
    expect(names('slices')[0]).toBe('chunkDocument');
    expect(names('marks', { by: 'words' })).toEqual([]);
    expect(names('marks', { by: 'meaning' })[0]).toBe('f1Score');
  });
  it('tells the ranks that it joined', () => {
    const oracle = makeOracle();
    const question = 'precision of predictions';
    const [first] = oracle.search(question) as [ReturnType<Oracle['search']>[number]];
    expect(first.why.exact).toBe(false);
    expect(first.why.words).toBeGreaterThan(0);
    expect(first.why.meaning).toBeGreaterThan(0.9);
    expect(oracle.explain(question, first).ranks).toEqual({ words: 1, meaning: 1, fused: 1 });
    const [cut] = oracle.search('chunkDocument') as [ReturnType<Oracle['search']>[number]];
    expect(oracle.explain(question, cut).ranks.words).toBeGreaterThan(1);
  });
  it('explains by field of the pattern and of its module', () => {
    const oracle = makeOracle();
    const [result] = oracle.search('precision of predictions') as [ReturnType<Oracle['search']>[number]];
    const { pattern: own, module } = oracle.explain('precision of predictions', result);
    expect(Object.keys(own)).toEqual(['summary']);
    expect(Object.keys(module).sort()).toEqual(['summaries', 'topics']);
    expect(Object.values(module).reduce((sum, share) => sum + share, 0)).toBeCloseTo(result.why.words, 5);
  });
  it('keeps to a domain, a language and the limit', () => {
    expect(
      makeOracle()
        .search('score config', { domain: 'training' })
        .every(({ pattern: { domain } }) => domain === 'training'),
    ).toBe(true);
    expect(names('score', { limit: 1 })).toHaveLength(1);
    expect(names('score', { language: 'rs' })).toEqual([]);
    expect(names('score', { language: 'ts' })).toContain('f1Score');
    expect(names('score', { domain: 'nowhere' })).toEqual([]);
  });
  it.each([
    [{ limit: 0 }, 'limit must be positive, got 0'],
    [{ limit: 1.5 }, 'limit must be an integer'],
    [{ by: 'luck' }, 'by must be one of fused, meaning, words'],
  ])('refuses %j', (options, message) => {
    expect(() => makeOracle().search('x', options as object)).toThrow(message);
  });
  it('names what else of the module fits', () => {
    expect(makeOracle().search('score', { limit: 1 })[0]!.related).toEqual(['rocAucScore']);
    expect(makeOracle().search('chunkDocument')[0]!.related).toEqual([]);
  });
  it('lets other modules speak before a module repeats itself', () => {
    const many = ['a', 'b', 'c', 'd'].map(name => pattern(name, '@gtc/x/y', 'common thing'));
    const corpus = {
      modules: [moduleInfo('@gtc/x/y', 'Common.'), moduleInfo('@gtc/x/z', 'Common too.')],
      patterns: [...many, pattern('e', '@gtc/x/z', 'common stuff')],
    };
    const found = new Oracle(buildIndex(corpus, vectors), vectors).search('common', { limit: 3 });
    expect(found.map(result => result.pattern.name)).toContain('e');
  });
  it('forgives a slip of the keyboard', () => {
    expect(names('harmonci mean')[0]).toBe('f1Score');
    expect(names('precison')[0]).toBe('f1Score');
  });
  it('orders ties as the corpus does, leaves out patterns without a module', () => {
    const corpus = { modules: [moduleInfo('@gtc/x/y', '')], patterns: ['b', 'a', 'c'].map(name => pattern(name, '@gtc/x/y', 'same')) };
    const oracle = new Oracle(buildIndex({ ...corpus, patterns: [...corpus.patterns, pattern('d', '@gtc/x/nowhere', 'same')] }, vectors), vectors);
    expect(oracle.search('same').map(result => result.pattern.name)).toEqual(['b', 'a', 'c']);
  });
  it('weighs rare words, short texts, functions and examples', () => {
    const rows = [
      pattern('a1', '@gtc/x/y', 'common rare'),
      pattern('a2', '@gtc/x/y', 'common'),
      pattern('a3', '@gtc/x/y', 'common'),
      pattern('b1', '@gtc/x/y', 'sole with a great many other words around it that nobody asked for'),
      pattern('b2', '@gtc/x/y', 'sole'),
      pattern('c1', '@gtc/x/y', 'kind', { kind: 'interface' }),
      pattern('c2', '@gtc/x/y', 'kind'),
      pattern('d1', '@gtc/x/y', 'shown'),
      pattern('d2', '@gtc/x/y', 'shown', { examples: ['d2()'] }),
    ];
    const oracle = new Oracle(buildIndex({ modules: [moduleInfo('@gtc/x/y', '')], patterns: rows }, vectors), vectors);
    const order = (question: string): string[] => oracle.search(question).map(result => result.pattern.name);
    expect([order('common rare')[0], order('sole')[0], order('kind')[0], order('shown')[0]]).toEqual(['a1', 'b2', 'c2', 'd2']);
  });
  it('finds nothing for nothing, and nothing in nothing', () => {
    expect([names(''), names('zzzz'), names('how do I')]).toEqual([[], [], []]);
    const empty = WordVectors.of([]);
    expect(new Oracle(buildIndex({ modules: [], patterns: [] }, empty), empty).search('f1')).toEqual([]);
  });
  it('ranks by words where the meanings are of another embedder', () => {
    const { index } = makeOracle();
    const other = new Oracle(index, { dimensions: 2, embed: () => Float32Array.from([1, 0]) });
    expect(other.search('precision')[0]!.pattern.name).toBe('f1Score');
    expect(other.search('economical')).toEqual([]);
  });
  it('answers any text, however hostile, in the same order each time', () => {
    const oracle = makeOracle();
    fc.assert(
      fc.property(hostileText(), text => {
        const [once, again] = [oracle.search(text), oracle.search(text)].map(results => JSON.stringify(results));
        return once === again;
      }),
      { numRuns: 100 },
    );
  });
  it('reads the beginning of a huge question', () => {
    expect(names(`precision ${'x'.repeat(1_000_000)}`)[0]).toBe('f1Score');
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
    ['metrics', 'metric'],
    ['scores', 'scor'],
    ['tuning', 'tun'],
    ['queries', 'query'],
    ['batches', 'batch'],
    ['normalization', 'normaliz'],
    ['normalisation', 'normaliz'],
    ['normalise', 'normaliz'],
    ['optimisers', 'optimiz'],
    ['behaviour', 'behavior'],
    ['labelling', 'label'],
    ['running', 'run'],
    ['loss', 'loss'],
    ['f1', 'f1'],
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
