/** BLEU with sacrebleu's tokenizers and smoothing, so that scores compare with published ones. */
import { integer, nonEmpty, oneOf, positive, ShapeError, stripEnd } from '@gtc/errors';
import { type MtTokenizer, tokenizeMt } from './mt-tokenizers.js';
import { countNumbers, NgramIndex, tally } from './ngrams.js';

/** Options of {@link corpusBleu}. */
export interface BleuOptions {
  readonly tokenize?: MtTokenizer;
  readonly lowercase?: boolean;
  /** Longest n-gram that counts. */
  readonly maxNgramOrder?: number;
  /** What replaces a zero precision: a falling series (`exp`), `smoothValue` matches (`floor`), `smoothValue` added to both terms of orders above 1 (`add-k`), nothing. */
  readonly smoothMethod?: 'exp' | 'floor' | 'add-k' | 'none';
  /** 0.1 for `floor`, 1 for `add-k`. */
  readonly smoothValue?: number;
  /** Average only over orders that occur; the default for single sentences. */
  readonly effectiveOrder?: boolean;
}

/** A BLEU score with all that it was computed from. */
export interface BleuScore {
  /** 0 to 100. */
  readonly score: number;
  /** Matched n-grams of each order, smoothing included. */
  readonly counts: number[];
  /** N-grams of each order, smoothing included. */
  readonly totals: number[];
  /** Percent, for each order. */
  readonly precisions: number[];
  /** Brevity penalty. */
  readonly bp: number;
  /** Tokens of the hypotheses. */
  readonly sysLen: number;
  /** Tokens of the closest references. */
  readonly refLen: number;
}

/** Sums over segments from which a score is made. */
export interface BleuCounts {
  readonly counts: number[];
  readonly totals: number[];
  sysLen: number;
  refLen: number;
}

/** Reference streams, one list for each stream, turned into one list for each segment; checked. */
export function referencesOf(hypotheses: readonly string[], references: readonly (readonly string[])[]): string[][] {
  nonEmpty(hypotheses, 'hypotheses');
  nonEmpty(references, 'references');
  references.forEach((stream, i) => {
    if (stream.length !== hypotheses.length)
      throw new ShapeError(`references[${i}] must have ${hypotheses.length} segments, got ${stream.length}`, {
        parameter: 'references',
        received: stream.length,
      });
  });
  return hypotheses.map((_, i) => references.map(stream => stream[i]!));
}

function addSegment(into: BleuCounts, hypothesis: readonly string[], references: readonly (readonly string[])[], maxOrder: number): void {
  const index = new NgramIndex();
  const hyp = index.grams(index.encode(hypothesis), maxOrder);
  const refs = references.map(reference => index.grams(index.encode(reference), maxOrder));
  into.sysLen += hypothesis.length;
  into.refLen += closestLength(hypothesis.length, references);
  for (let n = 0; n < maxOrder; n++) {
    into.totals[n]! += Math.max(0, hypothesis.length - n);
    if (hyp[n] === undefined) continue;
    const size = index.size(n + 1);
    const counts = tally(hyp[n]!, size);
    const tables = refs.map(orders => tally(orders[n] ?? new Int32Array(), size));
    for (let gram = 0; gram < size; gram++) {
      if (counts[gram] === 0) continue;
      let most = 0;
      for (const table of tables) if (table[gram]! > most) most = table[gram]!;
      into.counts[n]! += Math.min(counts[gram]!, most);
    }
  }
}

/** The reference length nearest to `length`, the shorter of two as near. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map(reference => reference.length).sort((a, b) => a - b);
  return lengths.reduce((best, candidate) => (Math.abs(candidate - length) < Math.abs(best - length) ? candidate : best));
}

const SMOOTH_VALUES = { exp: 0, floor: 0.1, 'add-k': 1, none: 0 } as const;

/** Precisions in percent after smoothing, and the number of orders to average over. */
function smoothedPrecisions(
  { counts, totals }: BleuCounts,
  { smoothMethod = 'exp', smoothValue = SMOOTH_VALUES[smoothMethod], effectiveOrder = false }: BleuOptions,
): { precisions: number[]; orders: number } {
  const precisions = new Array<number>(counts.length).fill(0);
  let orders = counts.length;
  let halved = 1;
  for (let n = 0; n < counts.length; n++) {
    if (smoothMethod === 'add-k' && n > 0) {
      counts[n]! += smoothValue;
      totals[n]! += smoothValue;
    }
    if (totals[n] === 0) break;
    if (effectiveOrder) orders = n + 1;
    if (counts[n]! > 0) precisions[n] = (100 * counts[n]!) / totals[n]!;
    else if (smoothMethod === 'exp') precisions[n] = 100 / ((halved *= 2) * totals[n]!);
    else if (smoothMethod === 'floor') precisions[n] = (100 * smoothValue) / totals[n]!;
  }
  return { precisions, orders };
}

/** The score of counts that were added up. */
export function scoreOf(stats: BleuCounts, options: BleuOptions): BleuScore {
  const { counts, totals, sysLen, refLen } = stats;
  const bp = sysLen >= refLen ? 1 : sysLen > 0 ? Math.exp(1 - refLen / sysLen) : 0;
  if (counts.every(count => count === 0)) return { score: 0, counts, totals, precisions: counts.map(() => 0), bp, sysLen, refLen };
  const { precisions, orders } = smoothedPrecisions(stats, options);
  // A zero precision without smoothing counts as e^-9999999999: the product is 0.
  const logs = precisions.slice(0, orders).map(precision => (precision === 0 ? -9999999999 : Math.log(precision)));
  const score = bp * Math.exp(logs.reduce((sum, value) => sum + value, 0) / orders);
  return { score, counts, totals, precisions, bp, sysLen, refLen };
}

/**
 * BLEU of a corpus (Papineni et al. 2002): the geometric mean of clipped n-gram precisions, times a penalty for being short.
 *
 * @param hypotheses one segment each
 * @param references one list for each reference stream, each as long as `hypotheses`
 * @throws {ValidationError} for empty input or an unknown smoothing
 * @throws {ShapeError} when a stream has another length
 * @throws {NotFoundError} for an unknown tokenizer
 * @remarks Python: `sacrebleu.corpus_bleu(hypotheses, references, tokenize=, smooth_method=, lowercase=)`; within 1e-9.
 * @example corpusBleu(['the cat sat on the mat'], [['the cat sat on the mat']]).score.toFixed(6) // => '100.000000'
 */
export function corpusBleu(hypotheses: readonly string[], references: readonly (readonly string[])[], options: BleuOptions = {}): BleuScore {
  const { tokenize = '13a', lowercase = false, maxNgramOrder = 4, smoothMethod = 'exp' } = options;
  positive(integer(maxNgramOrder, 'maxNgramOrder'), 'maxNgramOrder');
  oneOf(smoothMethod, 'smoothMethod', Object.keys(SMOOTH_VALUES));
  const perSegment = referencesOf(hypotheses, references);
  const tokens = (text: string): string[] => tokenizeMt(stripEnd(lowercase ? text.toLowerCase() : text), tokenize);
  const stats: BleuCounts = { counts: new Array<number>(maxNgramOrder).fill(0), totals: new Array<number>(maxNgramOrder).fill(0), sysLen: 0, refLen: 0 };
  hypotheses.forEach((hypothesis, i) => {
    addSegment(stats, tokens(hypothesis), perSegment[i]!.map(tokens), maxNgramOrder);
  });
  return scoreOf(stats, options);
}

/**
 * BLEU of one segment against its references, averaging over the orders that occur.
 *
 * @remarks Python: `sacrebleu.sentence_bleu(hypothesis, references)`; within 1e-9.
 * @example sentenceBleu('the cat', ['the cat sat']).bp // => Math.exp(-0.5)
 */
export function sentenceBleu(hypothesis: string, references: readonly string[], options: BleuOptions = {}): BleuScore {
  return corpusBleu(
    [hypothesis],
    nonEmpty(references, 'references').map(reference => [reference]),
    { effectiveOrder: true, ...options },
  );
}

/**
 * Google's GLEU of one tokenized segment: matched n-grams of orders 1 to 4 over the larger of both totals, the best reference.
 *
 * @remarks Python: `nltk.translate.gleu_score.sentence_gleu(references, hypothesis)`; within 1e-9.
 * @example sentenceGleu([['a', 'b']], ['a', 'b']) // => 1
 */
export function sentenceGleu(
  references: readonly (readonly string[])[],
  hypothesis: readonly string[],
  { minLen = 1, maxLen = 4 }: { readonly minLen?: number; readonly maxLen?: number } = {},
): number {
  const index = new NgramIndex();
  const all = (tokens: readonly string[]): Map<number, number>[] =>
    index
      .grams(index.encode(tokens), maxLen)
      .slice(minLen - 1)
      .map(countNumbers);
  const size = (tables: readonly Map<number, number>[]): number =>
    tables.reduce((sum, table) => [...table.values()].reduce((total, count) => total + count, sum), 0);
  const hyp = all(hypothesis);
  const scores = nonEmpty(references, 'references').map(reference => {
    const ref = all(reference);
    const matches = hyp.reduce((sum, table, n) => [...table].reduce((total, [gram, count]) => total + Math.min(count, ref[n]?.get(gram) ?? 0), sum), 0);
    const total = Math.max(size(hyp), size(ref));
    return total === 0 ? 0 : matches / total;
  });
  return Math.max(...scores);
}
