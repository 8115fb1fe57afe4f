/** What the oracle knows of one public symbol. */

/** What a symbol is. */
export type PatternKind = 'function' | 'class' | 'interface' | 'type' | 'enum' | 'constant';

/** The language of a source. */
export type Language = 'ts' | 'py' | 'rs';

/** One public symbol with everything that an answer shows. */
export interface Pattern {
  readonly name: string;
  readonly kind: PatternKind;
  /** Package without its scope: `evaluation`. */
  readonly domain: string;
  readonly language: Language;
  /** Where users import it from: `@gtc/evaluation/metrics`. */
  readonly specifier: string;
  /** Declaration without body. */
  readonly signature: string;
  /** First sentence of the documentation. */
  readonly summary: string;
  /** The rest of the description. */
  readonly details: string;
  /** Parameters with their descriptions, one each. */
  readonly params: readonly string[];
  readonly returns: string;
  /** Errors with their conditions, one each. */
  readonly throws: readonly string[];
  /** The Python equivalent, as documented. */
  readonly python: string;
  /** The Rust equivalent, as documented. */
  readonly rust: string;
  /** The symbol of `hf_gtc` that has the same name and behaviour, called with its defaults, or nothing. */
  readonly original: string;
  /** The symbol of the Rust corpus that has the same name, or nothing. */
  readonly sibling: string;
  /** Runnable examples, each with the import that it needs. */
  readonly examples: readonly string[];
  /** Source file, relative to the package. */
  readonly file: string;
}

/** How a module was verified, from the last recorded test run. */
export interface Proof {
  readonly tests: number;
  /** Golden vectors passed, and those set aside because the original errs. */
  readonly vectors: { readonly passed: number; readonly errata: number } | null;
  readonly evidence: readonly EvidenceProof[];
}

/** One evidence topic. */
export interface EvidenceProof {
  readonly topic: string;
  readonly passed: number;
  readonly library: string;
  readonly version: string;
  readonly tolerance: number;
}

/** A module: its purpose, what it is asked for, its patterns' proof. */
export interface ModuleInfo {
  readonly specifier: string;
  readonly domain: string;
  readonly language: Language;
  readonly summary: string;
  /** What people say who look for it. */
  readonly topics: readonly string[];
  /** The Python libraries that practitioners use for it. */
  readonly python: readonly string[];
  /** The Rust crates that practitioners use for it. */
  readonly rust: readonly string[];
  readonly proof: Proof | null;
}

/** Everything that is searched. */
export interface Corpus {
  readonly modules: readonly ModuleInfo[];
  readonly patterns: readonly Pattern[];
}
