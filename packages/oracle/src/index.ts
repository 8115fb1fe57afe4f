/** Search over machine-learning patterns in TypeScript, Python and Rust, with their proof. */
export { formatCode, formatMarkdown, formatText, proofText, type Style, type TextOptions } from './answer.js';
export type { Corpus, EvidenceProof, ModuleInfo, Pattern, PatternKind, Proof } from './pattern.js';
export { type Explanation, Oracle, type Result, type SearchOptions } from './search.js';
export { CORPUS_VERSION, decodeCorpus, encodeCorpus, readCorpus, writeCorpus } from './store.js';
