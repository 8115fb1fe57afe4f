/** chrF and chrF++: F-scores of character and word n-grams. */
import { integer, nonEmpty, nonNegative, positive, splitWords } from '@gtc/errors';
import { referencesOf } from './bleu.js';
import { countNumbers, NgramIndex, overlap } from './ngrams.js';

/** Options of {@link corpusChrf}. */
export interface ChrfOptions {
  readonly charOrder?: number;
  /** 2 gives chrF++. */
  readonly wordOrder?: number;
  /** Weight of recall over precision. */
  readonly beta?: number;
  readonly lowercase?: boolean;
  /** Count spaces as characters. */
  readonly whitespace?: boolean;
  /** Average F-scores of all orders, with 1e-16 for undefined ones, as the first implementation did. */
  readonly epsSmoothing?: boolean;
}

type Settings = Required<ChrfOptions>;

/** For each order: n-grams of the hypothesis, of the reference, and of both. */
type OrderCounts = readonly (readonly [hypothesis: number, reference: number, match: number])[];

const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** Words with one leading or trailing punctuation mark split off. */
function separateMarks(text: string): string[] {
  return splitWords(text).flatMap(word => {
    const chars = [...word];
    if (chars.length === 1) return [word];
    if (PUNCTUATION.has(chars.at(-1)!)) return [chars.slice(0, -1).join(''), chars.at(-1)!];
    return PUNCTUATION.has(chars[0]!) ? [chars[0]!, chars.slice(1).join('')] : [word];
  });
}

/** Count tables of a text: characters by order, then words by order. */
class ChrfIndex {
  readonly #chars: NgramIndex = new NgramIndex();
  readonly #words: NgramIndex = new NgramIndex();

  count(text: string, { charOrder, wordOrder, lowercase, whitespace }: Settings): Map<number, number>[] {
    const folded = lowercase ? text.toLowerCase() : text;
    const chars = [...(whitespace ? folded : splitWords(folded).join(''))];
    const charGrams = this.#chars.grams(this.#chars.encode(chars), charOrder);
    const wordGrams = wordOrder > 0 ? this.#words.grams(this.#words.encode(separateMarks(folded)), wordOrder) : [];
    const table = (grams: readonly Int32Array[], n: number): Map<number, number> => countNumbers(grams[n] ?? []);
    return [...Array.from({ length: charOrder }, (_, n) => table(charGrams, n)), ...Array.from({ length: wordOrder }, (_, n) => table(wordGrams, n))];
  }
}

function total(table: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of table.values()) sum += count;
  return sum;
}

function compare(hypothesis: readonly Map<number, number>[], reference: readonly Map<number, number>[]): OrderCounts {
  return hypothesis.map((table, n) => {
    const ref = reference[n]!;
    return [ref.size > 0 ? total(table) : 0, total(ref), overlap(table, ref)];
  });
}

function fScore(counts: OrderCounts, { beta, epsSmoothing }: Settings): number {
  const factor = beta * beta;
  const f = (precision: number, recall: number): number => ((1 + factor) * precision * recall) / (factor * precision + recall);
  if (epsSmoothing) {
    const scores = counts.map(([hyp, ref, match]) => f(hyp > 0 ? match / hyp : 1e-16, ref > 0 ? match / ref : 1e-16) || 1e-16);
    return (100 * scores.reduce((sum, score) => sum + score, 0)) / counts.length;
  }
  const defined = counts.filter(([hyp, ref]) => hyp > 0 && ref > 0);
  const precision = defined.reduce((sum, [hyp, , match]) => sum + match / hyp, 0) / defined.length;
  const recall = defined.reduce((sum, [, ref, match]) => sum + match / ref, 0) / defined.length;
  return defined.length > 0 && precision + recall > 0 ? 100 * f(precision, recall) : 0;
}

/** Counts against the reference with the highest score, the first among equals. */
function bestCounts(hypothesis: string, references: readonly string[], settings: Settings): OrderCounts {
  const index = new ChrfIndex();
  const hyp = index.count(hypothesis, settings);
  const candidates = references.map(reference => compare(hyp, index.count(reference, settings)));
  return candidates.reduce((best, counts) => (fScore(counts, settings) > fScore(best, settings) ? counts : best));
}

function settingsOf({ charOrder = 6, wordOrder = 0, beta = 2, lowercase = false, whitespace = false, epsSmoothing = false }: ChrfOptions): Settings {
  positive(integer(charOrder, 'charOrder'), 'charOrder');
  nonNegative(integer(wordOrder, 'wordOrder'), 'wordOrder');
  return { charOrder, wordOrder, beta: positive(beta, 'beta'), lowercase, whitespace, epsSmoothing };
}

/**
 * chrF of a corpus (Popović 2015): the F-score of character n-grams up to order 6, recall weighing `beta` times as much.
 *
 * @param hypotheses one segment each
 * @param references one list for each reference stream
 * @returns 0 to 100
 * @throws {ValidationError} for empty input
 * @throws {ShapeError} when a stream has another length
 * @remarks Python: `sacrebleu.corpus_chrf(hypotheses, references, word_order=, beta=)`; within 1e-9.
 * @example corpusChrf(['the cat'], [['the cat']]) // => 100
 */
export function corpusChrf(hypotheses: readonly string[], references: readonly (readonly string[])[], options: ChrfOptions = {}): number {
  const settings = settingsOf(options);
  const sums = Array.from({ length: settings.charOrder + settings.wordOrder }, (): [number, number, number] => [0, 0, 0]);
  for (const [i, segment] of referencesOf(hypotheses, references).entries()) {
    bestCounts(hypotheses[i]!, segment, settings).forEach((counts, n) => {
      for (let part = 0; part < 3; part++) sums[n]![part]! += counts[part]!;
    });
  }
  return fScore(sums, settings);
}

/**
 * chrF of one segment, against the best of its references.
 *
 * @remarks Python: `sacrebleu.sentence_chrf(hypothesis, references)`; within 1e-9.
 * @example sentenceChrf('the cat', ['the dog', 'the cat']) // => 100
 */
export function sentenceChrf(hypothesis: string, references: readonly string[], options: ChrfOptions = {}): number {
  return corpusChrf(
    [hypothesis],
    nonEmpty(references, 'references').map(reference => [reference]),
    options,
  );
}
