/** A small corpus for tests, with vectors that know its words. */
import type { Corpus, ModuleInfo, Pattern, Proof } from './pattern.js';
import { Oracle } from './search.js';
import { buildIndex } from './search-index.js';
import { WordVectors } from './vectors.js';

export const pattern = (name: string, specifier: string, summary: string, more: Partial<Pattern> = {}): Pattern => ({
  name,
  kind: 'function',
  domain: specifier.split('/')[1]!,
  language: 'ts',
  specifier,
  signature: `function ${name}(): number`,
  summary,
  details: '',
  params: [],
  returns: '',
  throws: [],
  python: '',
  rust: '',
  original: '',
  sibling: '',
  examples: [],
  file: 'src/x.ts',
  ...more,
});

export const moduleInfo = (specifier: string, summary: string, more: Partial<ModuleInfo> = {}): ModuleInfo => ({
  specifier,
  domain: specifier.split('/')[1]!,
  language: 'ts',
  summary,
  topics: [],
  python: [],
  rust: [],
  proof: null,
  ...more,
});

export const proof: Proof = {
  tests: 12,
  vectors: { passed: 7, errata: 1 },
  evidence: [{ topic: 't', passed: 3, library: 'scikit-learn', version: '1.9', tolerance: 1e-12 }],
};

export const corpus: Corpus = {
  modules: [
    moduleInfo('@gtc/evaluation/metrics', 'Metrics of classification.', {
      proof,
      topics: ['how good are predictions', 'quality of a classifier'],
      python: ['scikit-learn'],
      rust: ['linfa'],
    }),
    moduleInfo('@gtc/training/lora', 'Low-rank adapters.', { topics: ['tune a big model cheaply', 'fine-tuning'], python: ['peft'] }),
    moduleInfo('@gtc/rag/chunking', 'Chunks of documents.', { topics: ['cut text into passages'] }),
  ],
  patterns: [
    pattern('f1Score', '@gtc/evaluation/metrics', 'F1, the harmonic mean of precision and recall.', {
      python: '`sklearn.metrics.f1_score`',
      examples: ['f1Score([1], [1]) // => 1'],
      sibling: 'evaluation::metrics::f1_score',
    }),
    pattern('rocAucScore', '@gtc/evaluation/metrics', 'Area under the ROC curve.', { rust: '`roc`' }),
    pattern('createLoraConfig', '@gtc/training/lora', 'Describes a LoRA adapter: fills defaults and validates.', {
      examples: ['createLoraConfig()'],
      original: "hf_gtc.training.lora.create_lora_config(r=8, bias='none')",
    }),
    pattern('LoRAConfig', '@gtc/training/lora', 'One adapter: its rank.', {
      kind: 'interface',
      details: 'A long explanation of what the adapter is and where it attaches, so that a line has to be broken somewhere in it.',
    }),
    pattern('chunkDocument', '@gtc/rag/chunking', 'Cuts a document into chunks.'),
  ],
};

const axis = (...weights: number[]): Float32Array => Float32Array.from(weights);

/** Three directions of meaning: measuring, tuning, cutting. */
export const vectors: WordVectors = WordVectors.of([
  ['metrics', axis(1, 0, 0)],
  ['predictions', axis(1, 0, 0)],
  ['classifier', axis(0.8, 0.1, 0)],
  ['marks', axis(1, 0, 0.1)],
  ['lora', axis(0, 1, 0)],
  ['tune', axis(0, 1, 0)],
  ['adapters', axis(0, 0.9, 0)],
  ['economical', axis(0.1, 1, 0)],
  ['chunking', axis(0, 0, 1)],
  ['passages', axis(0, 0, 1)],
  ['slices', axis(0, 0.1, 1)],
]);

/** Made anew for every test, so that a fault in making it fails each test that uses it. */
export const makeOracle = (): Oracle => new Oracle(buildIndex(corpus, vectors), vectors);
