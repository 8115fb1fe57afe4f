/** How well a search answers questions whose modules are known. */
import type { Oracle, Ranking } from './search.js';

/** A question with the modules that answer it. */
export interface Question {
  readonly question: string;
  /** `domain/module`. */
  readonly modules: readonly string[];
}

/** Means over questions. */
export interface Quality {
  readonly questions: number;
  /** Mean reciprocal rank of the first right result. */
  readonly mrr: number;
  readonly ndcgAt5: number;
  /** Share of questions with a right result at the top, and among the first five. */
  readonly recallAt1: number;
  readonly recallAt5: number;
}

/** Gain of the first five: a module counts once, where it comes first. */
function ndcg(found: readonly string[], right: ReadonlySet<string>): number {
  const gain = (place: number): number => 1 / Math.log2(place + 2);
  const first = (module: string, place: number): boolean => right.has(module) && found.indexOf(module) === place;
  const got = found.slice(0, 5).reduce((sum, module, place) => sum + (first(module, place) ? gain(place) : 0), 0);
  return got / Array.from({ length: Math.min(5, right.size) }, (_, place) => gain(place)).reduce((sum, each) => sum + each, 0);
}

/**
 * Asks every question and compares the modules of the results with the right ones.
 *
 * @throws {ValidationError} as {@link Oracle.search}
 */
export function measureQuality(oracle: Oracle, questions: readonly Question[], by: Ranking = 'fused'): Quality {
  const rows = questions.map(({ question, modules }) => {
    const right = new Set(modules);
    const found = oracle.search(question, { limit: 10, by }).map(({ module }) => module.specifier.replace(/^@[^/]+\//, ''));
    const place = found.findIndex(module => right.has(module));
    return { reciprocal: place < 0 ? 0 : 1 / (place + 1), gain: ndcg(found, right), first: place === 0, among: place >= 0 && place < 5 };
  });
  const mean = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((sum, row) => sum + of(row), 0) / Math.max(1, rows.length);
  return {
    questions: rows.length,
    mrr: mean(row => row.reciprocal),
    ndcgAt5: mean(row => row.gain),
    recallAt1: mean(row => Number(row.first)),
    recallAt5: mean(row => Number(row.among)),
  };
}
