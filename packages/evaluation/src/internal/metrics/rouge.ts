/** ROUGE as the rouge-score package computes it. */
import { nonEmpty, ValidationError } from '@gtc/errors';
import { countNumbers, NgramIndex, overlap } from './ngrams.js';
import { porterStem } from './porter.js';

/** `rouge1` to `rouge9`: n-gram overlap; `rougeL`: longest common subsequence; `rougeLsum`: the same, line by line, united. */
export type RougeType = `rouge${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}` | 'rougeL' | 'rougeLsum';

/** Options of {@link rougeScore}. */
export interface RougeOptions<K extends RougeType = RougeType> {
  readonly types?: readonly K[];
  /** Reduce words longer than three letters to their Porter stem. */
  readonly useStemmer?: boolean;
}

/** Overlap relative to the candidate, to the reference, and their harmonic mean. */
export interface RougeScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

const NONE: RougeScore = { precision: 0, recall: 0, f1: 0 };

function scoreOf(hits: number, candidate: number, reference: number): RougeScore {
  const precision = hits / Math.max(candidate, 1);
  const recall = hits / Math.max(reference, 1);
  return { precision, recall, f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
}

/**
 * Words of ROUGE: lower case, only `a-z` and `0-9`; any other script yields none.
 *
 * @remarks Python: `rouge_score.tokenize.tokenize(text, stemmer)`; equal.
 * @example rougeTokens("The cats' paws") // => ['the', 'cats', 'paws']
 */
export function rougeTokens(text: string, { useStemmer = false }: { readonly useStemmer?: boolean } = {}): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return useStemmer ? words.map(word => (word.length > 3 ? porterStem(word) : word)).filter(word => word !== '') : [...words];
}

/** Table of lengths of common subsequences, `[i * width + j]` for prefixes of i and j items. */
function lcsTable(a: Int32Array, b: Int32Array): { readonly table: Uint16Array | Uint32Array; readonly width: number } {
  const width = b.length + 1;
  const size = (a.length + 1) * width;
  const table = Math.min(a.length, b.length) < 65536 ? new Uint16Array(size) : new Uint32Array(size);
  for (let i = 1; i <= a.length; i++) {
    const item = a[i - 1]!;
    const row = i * width;
    for (let j = 1; j < width; j++) {
      const above = table[row - width + j]!;
      const left = table[row + j - 1]!;
      table[row + j] = item === b[j - 1] ? table[row - width + j - 1]! + 1 : above > left ? above : left;
    }
  }
  return { table, width };
}

/** Length of the longest common subsequence. */
function lcsLength(a: Int32Array, b: Int32Array): number {
  const { table } = lcsTable(a, b);
  return table[table.length - 1]!;
}

/** Positions in `a` of one longest common subsequence, added to `positions`. */
function addLcsPositions(a: Int32Array, b: Int32Array, positions: Set<number>): void {
  const { table, width } = lcsTable(a, b);
  let [i, j] = [a.length, b.length];
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      positions.add(i - 1);
      i--;
      j--;
    } else if (table[i * width + j - 1]! > table[(i - 1) * width + j]!) j--;
    else i--;
  }
}

/** Union over the candidate's lines of what each shares with a line of the reference; a word counts as often as both texts have it. */
function summaryScore(reference: readonly Int32Array[], candidate: readonly Int32Array[]): RougeScore {
  const total = (lines: readonly Int32Array[]): number => lines.reduce((sum, line) => sum + line.length, 0);
  const counts = (lines: readonly Int32Array[]): Map<number, number> => countNumbers(lines.flatMap(line => Array.from(line)));
  const [left, right] = [counts(reference), counts(candidate)];
  const take = (table: Map<number, number>, word: number): boolean => (table.get(word) ?? 0) > 0;
  let hits = 0;
  for (const line of reference) {
    const positions = new Set<number>();
    for (const other of candidate) addLcsPositions(line, other, positions);
    for (const position of [...positions].sort((a, b) => a - b)) {
      const word = line[position]!;
      if (!take(left, word) || !take(right, word)) continue;
      hits++;
      left.set(word, left.get(word)! - 1);
      right.set(word, right.get(word)! - 1);
    }
  }
  const [m, n] = [total(reference), total(candidate)];
  return m === 0 || n === 0 ? NONE : scoreOf(hits, n, m);
}

const DEFAULT_TYPES: readonly RougeType[] = ['rouge1', 'rouge2', 'rougeL'];

/**
 * ROUGE of a candidate against a reference (Lin 2004).
 *
 * @param reference what should have been said
 * @param candidate what was said
 * @param options `types` (rouge1, rouge2, rougeL) and `useStemmer`; `rougeLsum` takes lines as sentences
 * @returns for each type precision, recall and F1 in [0, 1]
 * @throws {ValidationError} for an unknown type
 * @remarks Python: `rouge_score.rouge_scorer.RougeScorer(types, use_stemmer).score(reference, candidate)`; within 1e-9.
 * @example rougeScore('the the the cat', 'the cat the the the').rouge1.precision // => 0.8
 */
export function rougeScore<K extends RougeType = 'rouge1' | 'rouge2' | 'rougeL'>(
  reference: string,
  candidate: string,
  { types = DEFAULT_TYPES as readonly K[], useStemmer = false }: RougeOptions<K> = {},
): Record<K, RougeScore> {
  const index = new NgramIndex();
  const words = (text: string): Int32Array => index.encode(rougeTokens(text, { useStemmer }));
  const lines = (text: string): Int32Array[] =>
    text
      .split('\n')
      .filter(line => line !== '')
      .map(words);
  const [ref, cand] = [words(reference), words(candidate)];
  const score = (type: RougeType): RougeScore => {
    if (type === 'rougeL') return ref.length === 0 || cand.length === 0 ? NONE : scoreOf(lcsLength(ref, cand), cand.length, ref.length);
    if (type === 'rougeLsum') return summaryScore(lines(reference), lines(candidate));
    const order = Number(/^rouge([1-9])$/.exec(type)?.[1]);
    if (Number.isNaN(order))
      throw new ValidationError(`types must be rouge1 to rouge9, rougeL or rougeLsum, got '${type}'`, { parameter: 'types', received: type });
    const count = (ids: Int32Array): Map<number, number> => countNumbers(index.grams(ids, order)[order - 1] ?? []);
    return scoreOf(overlap(count(ref), count(cand)), Math.max(0, cand.length - order + 1), Math.max(0, ref.length - order + 1));
  };
  return Object.fromEntries(types.map(type => [type, score(type)])) as Record<K, RougeScore>;
}

/**
 * ROUGE against several references: for each type the score with the highest F1, the first among equals.
 *
 * @remarks Python: `RougeScorer(...).score_multi(references, candidate)`; within 1e-9.
 * @example rougeScoreMulti(['a dog', 'the cat'], 'the cat').rouge1.f1 // => 1
 */
export function rougeScoreMulti<K extends RougeType = 'rouge1' | 'rouge2' | 'rougeL'>(
  references: readonly string[],
  candidate: string,
  options: RougeOptions<K> = {},
): Record<K, RougeScore> {
  const all = nonEmpty(references, 'references').map(reference => rougeScore(reference, candidate, options));
  const best = (type: K): RougeScore => all.map(scores => scores[type]).reduce((top, score) => (score.f1 > top.f1 ? score : top));
  return Object.fromEntries((Object.keys(all[0]!) as K[]).map(type => [type, best(type)])) as Record<K, RougeScore>;
}
