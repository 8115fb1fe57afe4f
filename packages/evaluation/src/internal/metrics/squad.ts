/** Exact match and token F1 of short answers, as the SQuAD evaluation computes them. */
import { splitWords } from '@gtc/errors';

const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/**
 * An answer without case, ASCII punctuation, articles and surplus white space.
 *
 * @remarks Python: `normalize_answer` of the SQuAD evaluation script; equal.
 * @example normalizeAnswer('The  Eiffel Tower!') // => 'eiffel tower'
 */
export function normalizeAnswer(text: string): string {
  const plain = text.toLowerCase().replace(PUNCTUATION, '');
  return splitWords(plain.replace(/(?<![\p{L}\p{N}\p{M}_])(a|an|the)(?![\p{L}\p{N}\p{M}_])/gu, ' ')).join(' ');
}

function tokenF1(gold: readonly string[], predicted: readonly string[]): number {
  if (gold.length === 0 || predicted.length === 0) return Number(gold.length === predicted.length);
  const left = new Map<string, number>();
  for (const token of gold) left.set(token, (left.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of predicted) {
    const count = left.get(token) ?? 0;
    if (count === 0) continue;
    left.set(token, count - 1);
    shared++;
  }
  if (shared === 0) return 0;
  const [precision, recall] = [shared / predicted.length, shared / gold.length];
  return (2 * precision * recall) / (precision + recall);
}

/**
 * Exact match and F1 of an answer against the best of the gold answers. No gold answer means that the question has none: then only the
 * empty answer is right.
 *
 * @returns both in [0, 1]
 * @remarks Python: `compute_exact` and `compute_f1` of the SQuAD v2 evaluation script; within 1e-9.
 * @example squadScore(['New York City', 'NYC'], 'New York') // => { exactMatch: 0, f1: 0.8 }
 */
export function squadScore(goldAnswers: readonly string[], prediction: string): { readonly exactMatch: number; readonly f1: number } {
  const golds = (goldAnswers.length > 0 ? goldAnswers : ['']).map(normalizeAnswer);
  const answer = normalizeAnswer(prediction);
  const tokens = splitWords(answer);
  return { exactMatch: Number(golds.includes(answer)), f1: Math.max(...golds.map(gold => tokenF1(splitWords(gold), tokens))) };
}
