/** METEOR with exact and stemmed matches; synonyms through a function of the caller's. */
import { nonEmpty } from '@gtc/errors';
import { porterStem } from './porter.js';

/** Options of {@link meteorScore}. */
export interface MeteorOptions {
  /** Weight of precision in the mean. */
  readonly alpha?: number;
  /** Exponent of the fragmentation penalty. */
  readonly beta?: number;
  /** Greatest penalty. */
  readonly gamma?: number;
  /** Matching stages in order; `stem` reduces words by Porter's algorithm. */
  readonly stages?: readonly ('exact' | 'stem')[];
  /** Synonyms of a word, for a last stage: a thesaurus such as WordNet. */
  readonly synonyms?: (word: string) => Iterable<string>;
}

type Indexed = readonly [position: number, word: string];

interface Matching {
  readonly pairs: (readonly [hypothesis: number, reference: number])[];
  hypothesis: Indexed[];
  reference: Indexed[];
}

/** Matches from the last word backwards, each with the last free equal word. */
function matchStage(state: Matching, forms: (word: string) => Iterable<string>, key: (word: string) => string): void {
  const free = new Map<string, number[]>();
  state.reference.forEach(([, word], j) => {
    const form = key(word);
    const positions = free.get(form);
    if (positions === undefined) free.set(form, [j]);
    else positions.push(j);
  });
  const [usedHyp, usedRef] = [new Set<number>(), new Set<number>()];
  for (let i = state.hypothesis.length - 1; i >= 0; i--) {
    const [position, word] = state.hypothesis[i]!;
    const best = [...forms(word)]
      .map(form => free.get(form))
      .filter(list => list !== undefined && list.length > 0)
      .sort((a, b) => b!.at(-1)! - a!.at(-1)!)[0];
    const j = best?.pop();
    if (j === undefined) continue;
    usedHyp.add(i);
    usedRef.add(j);
    state.pairs.push([position, state.reference[j]![0]]);
  }
  state.hypothesis = state.hypothesis.filter((_, i) => !usedHyp.has(i));
  state.reference = state.reference.filter((_, j) => !usedRef.has(j));
}

function chunkCount(pairs: Matching['pairs']): number {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  return sorted.filter(([h, r], i) => i === 0 || h !== sorted[i - 1]![0] + 1 || r !== sorted[i - 1]![1] + 1).length;
}

function singleScore(
  reference: readonly string[],
  hypothesis: readonly string[],
  { alpha = 0.9, beta = 3, gamma = 0.5, stages = ['exact', 'stem'], synonyms }: MeteorOptions,
): number {
  const index = (tokens: readonly string[]): Indexed[] => tokens.map((word, i) => [i, word.toLowerCase()]);
  const state: Matching = { pairs: [], hypothesis: index(hypothesis), reference: index(reference) };
  const itself = (word: string): string => word;
  for (const stage of stages) {
    const key = stage === 'stem' ? (word: string) => porterStem(word) : itself;
    matchStage(state, word => [key(word)], key);
  }
  if (synonyms !== undefined) matchStage(state, word => new Set([...synonyms(word), word]), itself);
  const matches = state.pairs.length;
  if (matches === 0) return 0;
  const [precision, recall] = [matches / hypothesis.length, matches / reference.length];
  const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall);
  return (1 - gamma * (chunkCount(state.pairs) / matches) ** beta) * mean;
}

/**
 * METEOR of one tokenized segment (Banerjee and Lavie 2005): a recall-heavy mean of matched words, less a penalty for scattered matches.
 * The best of the references.
 *
 * @param references tokens of each reference
 * @param hypothesis tokens
 * @returns 0 to 1
 * @remarks Python: `nltk.translate.meteor_score.meteor_score(references, hypothesis)` without a thesaurus; within 1e-9.
 * @example meteorScore([['the', 'cats', 'were', 'running']], ['the', 'cat', 'was', 'run']).toFixed(6) // => '0.638889'
 */
export function meteorScore(references: readonly (readonly string[])[], hypothesis: readonly string[], options: MeteorOptions = {}): number {
  return Math.max(...nonEmpty(references, 'references').map(reference => singleScore(reference, hypothesis, options)));
}
