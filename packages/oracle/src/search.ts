/** Ranks patterns for a question: BM25 over fields, exact names first. */
import { integer, positive } from '@gtc/errors';
import type { Corpus, ModuleInfo, Pattern } from './pattern.js';
import { spellingKey, synonymsOf, wordsOf } from './words.js';

/** Fields of a pattern with the weight of a word in each. */
const FIELDS: readonly (readonly [name: string, weight: number, text: (pattern: Pattern, module: ModuleInfo | undefined) => string])[] = [
  ['name', 4, pattern => pattern.name],
  ['module', 3, pattern => pattern.specifier.split('/').slice(1).join(' ')],
  ['summary', 2, pattern => pattern.summary],
  ['purpose', 1, (_, module) => module?.summary ?? ''],
  ['details', 1, pattern => `${pattern.details} ${pattern.returns}`],
  ['parameters', 0.6, pattern => pattern.params.join(' ')],
  ['python', 1.5, pattern => `${pattern.python} ${pattern.rust}`],
];

/** Saturation of repeated words and strength of length normalisation (Robertson and Zaragoza 2009). */
const K1 = 1.2;
const B = 0.5;
/** Weight of a synonym beside the word asked for. */
const SYNONYM_WEIGHT = 0.35;
/** A question asks for something to do: functions come before what describes their arguments, and what can be tried before what cannot. */
const KIND_WEIGHT: Readonly<Record<Pattern['kind'], number>> = { function: 1, class: 1, interface: 0.6, type: 0.4, enum: 0.45, constant: 0.4 };
const EXAMPLE_WEIGHT = 1.25;

/** Score of one result, by field. */
export interface Explanation {
  readonly exact: boolean;
  readonly fields: Readonly<Record<string, number>>;
}

/** One result. */
export interface Result {
  readonly pattern: Pattern;
  readonly module: ModuleInfo | null;
  readonly score: number;
  readonly why: Explanation;
}

/** Options of {@link Oracle.search}. */
export interface SearchOptions {
  /** Most results. */
  readonly limit?: number;
  /** Only this domain. */
  readonly domain?: string;
}

interface Document {
  readonly pattern: Pattern;
  readonly counts: readonly ReadonlyMap<string, number>[];
  readonly lengths: readonly number[];
}

function countWords(text: string): { readonly counts: Map<string, number>; readonly length: number } {
  const words = wordsOf(text);
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { counts, length: words.length };
}

/**
 * Searches a corpus. Building takes a pass over the text; a search is linear in the number of patterns.
 *
 * @example new Oracle({ modules: [], patterns: [] }).search('f1') // => []
 */
export class Oracle {
  readonly corpus: Corpus;
  readonly #modules: ReadonlyMap<string, ModuleInfo>;
  readonly #documents: readonly Document[];
  readonly #frequency: ReadonlyMap<string, number>;
  readonly #meanLengths: readonly number[];

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    this.#modules = new Map(corpus.modules.map(module => [module.specifier, module]));
    this.#documents = corpus.patterns.map(pattern => {
      const fields = FIELDS.map(([, , text]) => countWords(text(pattern, this.#modules.get(pattern.specifier))));
      return { pattern, counts: fields.map(field => field.counts), lengths: fields.map(field => field.length) };
    });
    const frequency = new Map<string, number>();
    for (const { counts } of this.#documents) {
      for (const word of new Set(counts.flatMap(field => [...field.keys()]))) frequency.set(word, (frequency.get(word) ?? 0) + 1);
    }
    this.#frequency = frequency;
    this.#meanLengths = FIELDS.map((_, f) => this.#documents.reduce((sum, { lengths }) => sum + lengths[f]!, 0) / Math.max(1, this.#documents.length) || 1);
  }

  /**
   * The best patterns for a question, best first. A name in any of the three spellings comes first.
   *
   * @throws {ValidationError} for a limit that is no positive integer
   */
  search(question: string, { limit = 5, domain }: SearchOptions = {}): Result[] {
    positive(integer(limit, 'limit'), 'limit');
    const words = this.#queryWords(question);
    const key = spellingKey(question);
    const results: Result[] = [];
    for (const document of this.#documents) {
      const { pattern } = document;
      if (domain !== undefined && pattern.domain !== domain) continue;
      const exact = key !== '' && (spellingKey(pattern.name) === key || spellingKey(`${pattern.specifier}/${pattern.name}`) === key);
      const fields = this.#scoreFields(document, words);
      const sum = Object.values(fields).reduce((total, score) => total + score, 0);
      const score = sum * KIND_WEIGHT[pattern.kind] * (pattern.examples.length > 0 ? EXAMPLE_WEIGHT : 1) + (exact ? 1000 : 0);
      if (score > 0) results.push({ pattern, module: this.#modules.get(pattern.specifier) ?? null, score, why: { exact, fields } });
    }
    return results.sort((a, b) => b.score - a.score || (a.pattern.name < b.pattern.name ? -1 : 1)).slice(0, limit);
  }

  /** Words of the question with their weights; synonyms count less than what was said. */
  #queryWords(question: string): Map<string, number> {
    const words = new Map<string, number>();
    for (const word of wordsOf(question.slice(0, 2000))) {
      words.set(word, 1);
      for (const other of synonymsOf(word)) if (!words.has(other)) words.set(other, SYNONYM_WEIGHT);
    }
    return words;
  }

  #scoreFields({ counts, lengths }: Document, words: ReadonlyMap<string, number>): Record<string, number> {
    const scores: Record<string, number> = {};
    const n = this.#documents.length;
    for (const [word, weight] of words) {
      const documents = this.#frequency.get(word);
      if (documents === undefined) continue;
      const rarity = Math.log(1 + (n - documents + 0.5) / (documents + 0.5));
      const tf = FIELDS.map(([, fieldWeight], f) => (fieldWeight * (counts[f]!.get(word) ?? 0)) / (1 - B + (B * lengths[f]!) / this.#meanLengths[f]!));
      const total = tf.reduce((sum, value) => sum + value, 0);
      if (total === 0) continue;
      const score = (weight * rarity * total) / (K1 + total);
      FIELDS.forEach(([name], f) => {
        if (tf[f]! > 0) scores[name] = (scores[name] ?? 0) + (score * tf[f]!) / total;
      });
    }
    return scores;
  }
}
