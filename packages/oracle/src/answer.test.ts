import { describe, expect, it } from 'vitest';
import { formatCode, formatMarkdown, formatText, plainResult, proofText, reasonsText } from './answer.js';
import { corpus, makeOracle, moduleInfo, pattern, proof } from './corpus.fixture.js';
import { codeOf, equivalentsOf } from './equivalents.js';
import type { Result } from './search.js';

const found = (question = 'f1Score'): Result[] => makeOracle().search(question, { limit: 1 });

describe('formatText', () => {
  it('reads well', () => {
    expect(formatText(found(), { width: 60 })).toBe(
      [
        '1. f1Score  @gtc/evaluation/metrics',
        '   F1, the harmonic mean of precision and recall.',
        '   function f1Score(): number',
        '',
        '     f1Score([1], [1]) // => 1',
        '',
        '   Python   `sklearn.metrics.f1_score`; in practice',
        '            scikit-learn',
        '   Rust     `evaluation::metrics::f1_score` of the batuta',
        '            ground-truth corpus; in practice linfa',
        '   Proof    7 golden vectors of hf_gtc; 3 cases of',
        '            scikit-learn 1.9 within 1e-12; 12 tests in all',
        '   Related  rocAucScore',
      ].join('\n'),
    );
  });
  it('breaks lines at the width, and leaves out what there is not', () => {
    const text = formatText(found('LoRAConfig'), { width: 30 });
    expect(text).toMatch(/^1\. LoRAConfig {2}@gtc\/training\/lora\n {3}One adapter: its rank\. A\n/);
    expect(text).not.toContain('Rust');
    expect(text).toContain('no recorded run');
    const prose = text.split('\n').filter(line => !line.includes('import'));
    expect(Math.max(...prose.map(line => line.length))).toBeLessThanOrEqual(34);
  });
  it('marks up its parts', () => {
    const mark = (sign: string) => (text: string) => `${sign}${text}${sign}`;
    const text = formatText(found(), { style: { strong: mark('*'), code: mark('%'), dim: mark('~') } });
    expect(text).toMatch(/^1\. \*f1Score\* {2}~@gtc\/evaluation\/metrics~/);
    expect(text).toContain('% ');
  });
  it('shows the code of the languages that are asked for', () => {
    expect(formatText(found('createLoraConfig'), { languages: ['py'] })).toContain(
      "from hf_gtc.training.lora import create_lora_config\n\n     create_lora_config(r=8, bias='none')",
    );
    expect(formatText(found('createLoraConfig'), { languages: ['py'] })).not.toContain('     createLoraConfig()');
    expect(formatText(found('f1Score'), { languages: ['ts', 'rs'] })).toContain('use evaluation::metrics::f1_score;');
  });
  it('explains when it is told how', () => {
    const oracle = makeOracle();
    const text = formatText(oracle.search('f1Score', { limit: 1 }), { explain: result => oracle.explain('f1Score', result) });
    expect(text).toMatch(/Why {6}exact name; module by words \d/);
    const [result] = oracle.search('harmonic mean', { limit: 1 });
    expect(reasonsText(result!, { pattern: {}, module: {}, ranks: { words: 1, meaning: 2, fused: 3 } })).toMatch(
      /^module by words .* \(rank 1: none\); by meaning 0\.00 .*words in the pattern: none; score \d/,
    );
  });
});

describe('other forms', () => {
  it('Markdown has fences by language and a list of facts', () => {
    const text = formatMarkdown(found(), { languages: ['ts', 'py', 'rs'] });
    expect(text).toMatch(/^## f1Score \(`@gtc\/evaluation\/metrics`\)/);
    expect(text).toContain('```ts no-run\nfunction f1Score(): number\n```');
    expect(text).toContain('```ts\nf1Score([1], [1]) // => 1\n```');
    expect(text).toContain('```rust\n');
    expect(text).toContain('- Related: `rocAucScore`');
    expect(formatMarkdown(found('chunkDocument'))).not.toContain('Rust');
  });
  it('code is only code', () => {
    expect(formatCode(makeOracle().search('f1Score', { limit: 1 }))).toBe('f1Score([1], [1]) // => 1');
    expect(formatCode(found('LoRAConfig'))).toBe("import type { LoRAConfig } from '@gtc/training/lora';");
    expect(formatCode(found('chunkDocument'))).toBe("import { chunkDocument } from '@gtc/rag/chunking';");
    expect(formatCode(found('chunkDocument'), { languages: ['py', 'rs'] })).toBe('');
  });
  it('programs get everything but the topics', () => {
    const plain = plainResult(found()[0]!);
    expect(plain).toMatchObject({
      name: 'f1Score',
      module: 'Metrics of classification.',
      proof,
      code: { ts: 'f1Score([1], [1]) // => 1', py: 'from sklearn.metrics import f1_score\n\nf1_score' },
    });
    expect(JSON.stringify(plain)).not.toContain('how good are predictions');
  });
  it('the proof is one line', () => {
    expect(proofText(proof)).toBe('7 golden vectors of hf_gtc; 3 cases of scikit-learn 1.9 within 1e-12; 12 tests in all');
    expect(proofText({ ...proof, vectors: null, evidence: [] })).toBe('12 tests in all');
    expect(proofText(null)).toBe('no recorded run');
  });
});

describe('equivalents', () => {
  const [metrics] = corpus.modules;
  it('say the symbol once', () => {
    expect(
      equivalentsOf(pattern('x', '@gtc/a/b', '', { original: 'hf_gtc.a.b.x(y)', python: '`hf_gtc.a.b.x(y)`; exact.' }), moduleInfo('@gtc/a/b', '')).python,
    ).toBe('`hf_gtc.a.b.x(y)`; exact');
    expect(equivalentsOf(pattern('x', '@gtc/a/b', '', { original: 'hf_gtc.a.b.x(y)' }), metrics!).python).toBe('`hf_gtc.a.b.x(y)`; in practice scikit-learn');
    expect(equivalentsOf(pattern('x', '@gtc/a/b', '', { rust: '`a::b::x`', sibling: 'a::b::x' }), moduleInfo('@gtc/a/b', '')).rust).toBe('`a::b::x`');
    expect(equivalentsOf(pattern('x', '@gtc/a/b', ''), moduleInfo('@gtc/a/b', ''))).toEqual({ python: '', rust: '' });
  });
  const none = { rust: [] };
  it('are code to paste', () => {
    expect(codeOf(pattern('X', '@gtc/a/b', '', { original: 'hf_gtc.a.b.X' }), 'py', none)).toBe('from hf_gtc.a.b import X\n\nX');
    expect(codeOf(pattern('f', 'src/a.py', '', { language: 'py', signature: 'def f()' }), 'py', none)).toBe('def f()');
    expect(codeOf(pattern('f', 'src/a.py', '', { language: 'py' }), 'ts', none)).toBe('');
    expect(codeOf(pattern('f', '/sources/a.ts', ''), 'ts', none)).toBe('function f(): number');
  });
  it('call what the documentation names', () => {
    const python = '`hf_gtc.a.b.x(y)`, `sklearn.metrics.f1_score(y_true, y_pred)`; `other.thing`';
    expect(codeOf(pattern('x', '@gtc/a/b', '', { python }), 'py', none)).toBe(
      'from hf_gtc.a.b import x\n\nx(y)\n\nfrom sklearn.metrics import f1_score\n\nf1_score(y_true, y_pred)',
    );
    expect(codeOf(pattern('x', '@gtc/a/b', '', { python: '`model.generate`' }), 'py', none)).toBe('from model import generate\n\ngenerate');
    expect(codeOf(pattern('x', '@gtc/a/b', '', { python: '`x = 1`' }), 'py', none)).toBe('');
  });
  it('name the crates where the Rust corpus has nothing', () => {
    expect(codeOf(pattern('x', '@gtc/a/b', ''), 'rs', { rust: ['candle-lora', 'half'] })).toBe('// cargo add candle-lora half\nuse candle_lora;');
    expect(codeOf(pattern('x', '@gtc/a/b', ''), 'rs', none)).toBe('');
  });
});
