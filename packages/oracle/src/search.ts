/** Ranks patterns for a question: words (BM25 over fields) and meanings (vectors) joined, exact names first. */
import { integer, oneOf, positive } from '@gtc/errors';
import { Cosines } from './internal/index/cosines.js';
import { nearWords } from './internal/index/near.js';
import type { Field, Postings } from './internal/index/postings.js';
import type { Language, ModuleInfo, Pattern } from './pattern.js';
import { MODULE_FIELDS, nameTerm, PATTERN_FIELDS, type SearchIndex } from './search-index.js';
import type { Embedder } from './vectors.js';
import { synonymsOf, tokensOf, wordsOf } from './words.js';

/** Weight of a synonym beside the word asked for, and of a word that is one letter off. */
const [SYNONYM_WEIGHT, NEAR_WEIGHT] = [0.2, 0.7];
/** A module's score is that of its words, 1 for the best, and this much of its cosine; a pattern adds this much of its own words. */
const [MEANING_WEIGHT, PATTERN_WEIGHT] = [1, 0.35];
/** What a name asked for by its letters adds, and a name among other words. */
const [EXACT, NAMED] = [100, 1];
/** What a pattern's factor adds, so that something to do comes first where no word decides. */
const FACTOR_WEIGHT = 0.02;
/** The most that a pattern adds to what its module has, its name aside. */
const MOST_OF_PATTERN = PATTERN_WEIGHT + FACTOR_WEIGHT * 1.25;
/** Every further pattern of a module yields by this much to other modules. */
const REPEATED = 0.3;
/** The longest question that is read. */
const LONGEST = 2000;

/** How a result came to its place. */
export interface Reasons {
  /** The question is its name. */
  readonly exact: boolean;
  /** What the question's words found in its module. */
  readonly words: number;
  /** Cosine of the question's and the module's meaning. */
  readonly meaning: number;
}

/** What a result's place is made of. */
export interface Explanation {
  /** What the question's words found in each field of the pattern. */
  readonly pattern: Readonly<Record<string, number>>;
  /** What they found in each field of its module. */
  readonly module: Readonly<Record<string, number>>;
  /** Place of the module by words alone, by meaning alone, and joined; from 1. */
  readonly ranks: { readonly words: number; readonly meaning: number; readonly fused: number };
}

/** One result. */
export interface Result {
  readonly pattern: Pattern;
  readonly module: ModuleInfo;
  readonly score: number;
  /** Other patterns of the module that fit. */
  readonly related: readonly string[];
  readonly why: Reasons;
}

/** How modules are ranked. */
export type Ranking = 'fused' | 'words' | 'meaning';

/** Options of {@link Oracle.search}. */
export interface SearchOptions {
  /** Most results (5). */
  readonly limit?: number;
  /** Only this domain. */
  readonly domain?: string;
  /** Only sources in this language. */
  readonly language?: Language;
  /** By words and meanings joined, or one of them alone. */
  readonly by?: Ranking;
}

/** A question as it is looked up. */
interface Query {
  readonly words: ReadonlyMap<string, number>;
  readonly vector: Float32Array | null;
  /** Patterns whose name is the question, and those named in it. */
  readonly exact: ReadonlySet<number>;
  readonly named: ReadonlySet<number>;
}

/** What the words found in each pattern, and the most that they found. */
interface PatternScores {
  readonly found: Float32Array;
  readonly most: number;
}

/** Scores of every module. */
interface ModuleScores {
  readonly words: Float32Array;
  readonly meaning: Float32Array;
  readonly fused: Float32Array;
}

/**
 * Searches an index. A search reads the postings of the question's words and one vector for each module.
 *
 * @example
 * const vectors = WordVectors.of([]);
 * new Oracle(buildIndex({ modules: [], patterns: [] }, vectors), vectors).search('f1') // => []
 */
export class Oracle {
  readonly index: SearchIndex;
  readonly #embedder: Embedder;
  /** Used by every search. */
  readonly #scores: Float32Array;
  readonly #cosines: Cosines;

  /** @param embedder the one that the index was made with */
  constructor(index: SearchIndex, embedder: Embedder) {
    this.index = index;
    this.#embedder = embedder;
    this.#scores = new Float32Array(index.patternCount);
    this.#cosines = new Cosines(index.parts.meanings, index.moduleCount);
  }

  /**
   * The best patterns for a question, best first. A name in any of the three spellings comes first.
   *
   * @throws {ValidationError} for a limit that is no positive integer, or an unknown ranking
   */
  search(question: string, { limit = 5, domain, language, by = 'fused' }: SearchOptions = {}): Result[] {
    positive(integer(limit, 'limit'), 'limit');
    oneOf<Ranking>(by, 'by', ['fused', 'words', 'meaning']);
    const query = this.#read(question.slice(0, LONGEST));
    const modules = this.#scoreModules(query, by);
    const own = this.#scorePatterns(query);
    const best = this.#bestModules(limit, query, modules.fused, own, this.#allowed(domain, language));
    return this.#choose(limit, best, query, modules.fused, own).map(([pattern, module, score]) => ({
      pattern: this.index.pattern(pattern),
      module: this.index.module(module),
      score,
      related: this.#related(pattern, module, own),
      why: { exact: query.exact.has(pattern), words: modules.words[module]!, meaning: modules.meaning[module]! },
    }));
  }

  /** What the module has, what the pattern has itself, what it is called; 0 where nothing was found. */
  #score(pattern: number, module: number, { exact, named }: Query, fused: Float32Array, own: PatternScores): number {
    const found = fused[module]! + (PATTERN_WEIGHT * own.found[pattern]!) / own.most;
    const name = exact.has(pattern) ? EXACT : named.has(pattern) ? NAMED : 0;
    return found + name > 0 ? found + name + FACTOR_WEIGHT * this.index.parts.factors[pattern]! : 0;
  }

  /** The modules of the best patterns, best first. A module whose best pattern could not come in is not looked into. */
  #bestModules(limit: number, query: Query, fused: Float32Array, own: PatternScores, allowed: (module: number) => boolean): number[] {
    const { firsts } = this.index.parts;
    const holders = new Set([...query.exact, ...query.named].map(pattern => this.index.moduleOf(pattern)));
    const best: [module: number, score: number][] = [];
    for (let module = 0; module < this.index.moduleCount; module++) {
      const least = best.length === limit ? best.at(-1)![1] : 0;
      if ((fused[module]! + MOST_OF_PATTERN <= least && !holders.has(module)) || !allowed(module)) continue;
      let top = 0;
      for (let pattern = firsts[module]!; pattern < firsts[module + 1]!; pattern++) top = Math.max(top, this.#score(pattern, module, query, fused, own));
      if (top <= least) continue;
      const place = best.findIndex(([, other]) => other < top);
      best.splice(place < 0 ? best.length : place, 0, [module, top]);
      best.length = Math.min(best.length, limit);
    }
    return best.map(([module]) => module);
  }

  /** The best patterns of modules, each further one of a module yielding. */
  #choose(
    limit: number,
    modules: readonly number[],
    query: Query,
    fused: Float32Array,
    own: PatternScores,
  ): [pattern: number, module: number, score: number][] {
    const { firsts } = this.index.parts;
    const candidates = modules.flatMap(module => {
      const rows = Array.from({ length: firsts[module + 1]! - firsts[module]! }, (_, i): [number, number] => {
        const pattern = firsts[module]! + i;
        return [pattern, this.#score(pattern, module, query, fused, own)];
      });
      const ordered = rows.filter(([, score]) => score > 0).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
      return ordered.map(([pattern, score], nth): [number, number, number] => [pattern, module, score - REPEATED * nth]);
    });
    return candidates.sort((a, b) => b[2] - a[2] || a[0] - b[0]).slice(0, limit);
  }

  #read(question: string): Query {
    const { patternWords, moduleWords } = this.index.parts;
    const words = new Map<string, number>();
    const known = (word: string): boolean => patternWords.count(word) + moduleWords.count(word) > 0;
    const asked = new Set(wordsOf(question));
    for (const word of asked) {
      if (known(word)) words.set(word, 1);
      else
        for (const near of [...nearWords(patternWords.terms, word), ...nearWords(moduleWords.terms, word)])
          words.set(near, Math.max(NEAR_WEIGHT, words.get(near) ?? 0));
    }
    for (const word of asked) for (const other of synonymsOf(word)) if (!words.has(other)) words.set(other, SYNONYM_WEIGHT);
    const named = tokensOf(question)
      .filter(token => /\p{Ll}\p{Lu}|_|\p{L}\p{N}/u.test(token))
      .flatMap(token => [...patternWords.holders(nameTerm(token))]);
    const term = nameTerm(question);
    return { words, vector: this.#embedder.embed(question), exact: new Set<number>(term === '=' ? [] : patternWords.holders(term)), named: new Set(named) };
  }

  #scoreModules({ words, vector }: Query, by: Ranking): ModuleScores {
    const count = this.index.moduleCount;
    const { moduleWords } = this.index.parts;
    const [found, meaning, fused] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
    let most = 0;
    for (const [word, weight] of words) most = Math.max(most, moduleWords.accumulate(word, weight, found));
    this.#cosines.of(vector, meaning);
    for (let m = 0; m < count; m++) {
      const near = Math.max(0, meaning[m]!);
      fused[m] = by === 'meaning' ? near : (most > 0 ? found[m]! / most : 0) + (by === 'words' ? 0 : MEANING_WEIGHT * near);
    }
    return { words: found, meaning, fused };
  }

  /** What the words find in each pattern. */
  #scorePatterns({ words }: Query): PatternScores {
    const found = this.#scores.fill(0);
    let most = 0;
    for (const [word, weight] of words) most = Math.max(most, this.index.parts.patternWords.accumulate(word, weight, found));
    return { found, most: most || 1 };
  }

  #allowed(domain: string | undefined, language: Language | undefined): (module: number) => boolean {
    const { info, parts } = this.index;
    const [d, l] = [domain === undefined ? null : info.domains.indexOf(domain), language === undefined ? null : info.languages.indexOf(language)];
    return module => (d === null || parts.domainOf[module] === d) && (l === null || parts.languageOf[module] === l);
  }

  #related(pattern: number, module: number, { found }: PatternScores): string[] {
    const { firsts } = this.index.parts;
    const others: number[] = [];
    for (let other = firsts[module]!; other < firsts[module + 1]!; other++) if (other !== pattern && found[other]! > 0) others.push(other);
    const { name } = this.index.pattern(pattern);
    const names = others
      .sort((a, b) => found[b]! - found[a]! || a - b)
      .slice(0, 5)
      .map(other => this.index.pattern(other).name);
    return [...new Set(names)].filter(other => other !== name).slice(0, 4);
  }

  /** Why a result of a question has its place. */
  explain(question: string, { pattern, module }: Result): Explanation {
    const query = this.#read(question.slice(0, LONGEST));
    const { words } = query;
    const { patternWords, moduleWords } = this.index.parts;
    const place = [...this.index.modules()].findIndex(({ specifier }) => specifier === module.specifier);
    const scores = this.#scoreModules(query, 'fused');
    const sums = (fields: readonly Field[], texts: readonly string[], postings: Postings, all: number): Record<string, number> => {
      const found: Record<string, number> = {};
      for (const [word, weight] of words)
        postings.explain(word, fields, texts.map(wordsOf), all).forEach((share, f) => {
          if (share > 0) found[fields[f]!.name] = (found[fields[f]!.name] ?? 0) + weight * share;
        });
      return found;
    };
    const moduleTexts = MODULE_FIELDS.map(({ text }) => text({ module, patterns: this.index.patternsOf(place) }));
    return {
      pattern: sums(
        PATTERN_FIELDS,
        PATTERN_FIELDS.map(({ text }) => text(pattern)),
        patternWords,
        this.index.patternCount,
      ),
      module: sums(MODULE_FIELDS, moduleTexts, moduleWords, this.index.moduleCount),
      ranks: { words: rankOf(place, scores.words), meaning: rankOf(place, scores.meaning), fused: rankOf(place, scores.fused) },
    };
  }
}

/** The place of one among all, from 1. */
function rankOf(one: number, scores: Float32Array): number {
  const own = scores[one]!;
  let above = 0;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > own) above++;
  return above + 1;
}
