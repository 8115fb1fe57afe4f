/** What GTC answers to each call of `evidence/text_metrics.json` and `evidence/text_edges.json`. */
import type { Answer } from '@gtc/testing';
import * as m from '../../metrics.js';

const KINDS = ['rouge1', 'rouge2', 'rouge3', 'rougeL', 'rougeLsum'] as const;

function translation({ hypotheses, references }: { hypotheses: string[]; references: string[][] }): Record<string, unknown> {
  const bleu = (options: m.BleuOptions): m.BleuScore => m.corpusBleu(hypotheses, references, options);
  const each = (score: (hypothesis: string, refs: string[]) => number): number[] =>
    hypotheses.map((hypothesis, i) =>
      score(
        hypothesis,
        references.map(stream => stream[i]!),
      ),
    );
  return {
    bleu_13a: bleu({}),
    bleu_13a_lc: bleu({ lowercase: true }),
    bleu_char: bleu({ tokenize: 'char' }),
    bleu_intl: bleu({ tokenize: 'intl' }),
    bleu_none: bleu({ tokenize: 'none' }),
    bleu_zh: bleu({ tokenize: 'zh' }),
    bleu_smooth_exp: bleu({ smoothMethod: 'exp' }).score,
    bleu_smooth_floor: bleu({ smoothMethod: 'floor' }).score,
    'bleu_smooth_add-k': bleu({ smoothMethod: 'add-k' }).score,
    bleu_smooth_none: bleu({ smoothMethod: 'none' }).score,
    bleu_max_ngram2: bleu({ maxNgramOrder: 2 }).score,
    sentenceBleu: each((hypothesis, refs) => m.sentenceBleu(hypothesis, refs).score),
    chrf: m.corpusChrf(hypotheses, references),
    chrfpp: m.corpusChrf(hypotheses, references, { wordOrder: 2 }),
    chrf_lower_ws: m.corpusChrf(hypotheses, references, { lowercase: true, whitespace: true }),
    chrf_beta1_eps: m.corpusChrf(hypotheses, references, { beta: 1, epsSmoothing: true }),
    sentenceChrf: each((hypothesis, refs) => m.sentenceChrf(hypothesis, refs)),
    ter: m.corpusTer(hypotheses, references),
    ter_norm: m.corpusTer(hypotheses, references, { normalized: true, caseSensitive: true }),
    ter_nopunct: m.corpusTer(hypotheses, references, { noPunct: true }),
    sentenceTer: each((hypothesis, refs) => m.sentenceTer(hypothesis, refs)),
  };
}

/** By the `call` of the case. */
export const textAnswers: Readonly<Record<string, Answer>> = {
  mtMetrics: translation as never,
  terOfEach: (({ pairs, options }: { pairs: [string, string][]; options: m.TerOptions }) =>
    pairs.map(([hypothesis, reference]) => m.sentenceTer(hypothesis, [reference], options))) as never,
  chrfOfEach: (({ pairs, options }: { pairs: [string, string][]; options: m.ChrfOptions }) =>
    pairs.map(([hypothesis, reference]) => m.sentenceChrf(hypothesis, [reference], options))) as never,
  tokenize: (({ text }: { text: string }) =>
    Object.fromEntries((['13a', 'intl', 'zh'] as const).map(name => [name, m.tokenizeMt(text, name).join(' ')]))) as never,
  calculateRouge: (({ reference, candidate }: { reference: string; candidate: string }) => ({
    plain: m.rougeScore(reference, candidate, { types: KINDS }),
    stemmed: m.rougeScore(reference, candidate, { types: KINDS, useStemmer: true }),
  })) as never,
  calculateRougeMulti: (({ references, candidate, useStemmer }: { references: string[]; candidate: string; useStemmer: boolean }) =>
    m.rougeScoreMulti(references, candidate, { useStemmer })) as never,
  porterStem: (({ words, mode }: { words: string[]; mode?: m.PorterMode }) => words.map(word => m.porterStem(word, mode))) as never,
  wordErrorRate: (({ references, hypotheses }: { references: string[]; hypotheses: string[] }) => {
    const [words, chars] = [m.wordErrorRate(references, hypotheses), m.characterErrorRate(references, hypotheses)];
    return {
      ...words,
      cer: chars.wer,
      characterHits: chars.hits,
      characterSubstitutions: chars.substitutions,
      characterDeletions: chars.deletions,
      characterInsertions: chars.insertions,
    };
  }) as never,
  meteorScore: (({ references, hypothesis, ...options }: { references: string[][]; hypothesis: string[] }) => ({
    meteor: m.meteorScore(references, hypothesis, options),
  })) as never,
  sentenceScores: (({ reference, hypothesis }: { reference: string[]; hypothesis: string[] }) => ({ gleu: m.sentenceGleu([reference], hypothesis) })) as never,
  editDistances: (({ a, b }: { a: string; b: string }) => ({
    levenshtein: m.levenshtein(a, b),
    damerau: m.damerauLevenshtein(a, b),
    jaro: m.jaroSimilarity(a, b),
    jaroWinkler: m.jaroWinklerSimilarity(a, b),
  })) as never,
  squadMetric: (({ goldAnswers, prediction }: { goldAnswers: string[]; prediction: string }) => m.squadScore(goldAnswers, prediction)) as never,
  normalizeAnswer: (({ texts }: { texts: string[] }) => texts.map(m.normalizeAnswer)) as never,
};
