/** What a tokenizer does with texts: how few tokens it takes, how even it uses them, and how that differs between scripts. */
import { nonEmpty, positive, splitWords, UnsupportedError, utf8Length } from '@gtc/errors';
import { Bpe } from '../tokenization/bpe.js';
import { scriptOf } from '../tokenization/scripts.js';
import type { Tokenizer } from '../tokenization/tokenizer.js';

/** Figures of a tokenizer over texts. */
export interface TokenizerMeasures {
  readonly tokens: number;
  /** Bytes of UTF-8 that a token stands for; 0 without tokens. */
  readonly bytesPerToken: number;
  /** Tokens to a word between white space; 0 without words. */
  readonly fertility: number;
  /** The same, by the script of a word's first letter. */
  readonly fertilityByScript: Readonly<Record<string, number>>;
  /** Share of tokens that are the unknown one, 0 to 1. */
  readonly unknownRate: number;
  /** Share of the vocabulary that occurs, 0 to 1. */
  readonly vocabUse: number;
  /** Rényi efficiency, 0 to 1: entropy of order `alpha` of the tokens over that of an even use of the vocabulary. */
  readonly renyiEfficiency: number;
}

function scriptOfWord(word: string): string {
  for (const character of word) {
    const script = scriptOf(character.codePointAt(0)!);
    if (script !== null && script !== 'Common' && script !== 'Inherited') return script;
  }
  return 'Common';
}

/** Id of the token that stands for what is unknown, null without one. */
function unknownOf(tokenizer: Tokenizer): number | null {
  const model = tokenizer.pipeline.model.toJson();
  if (typeof model['unk_id'] === 'number') return model['unk_id'];
  return typeof model['unk_token'] === 'string' ? tokenizer.tokenToId(model['unk_token']) : null;
}

/**
 * Measures a tokenizer over texts.
 *
 * @param alpha order of the entropy; 2.5 goes best with what models make of tokens
 * @throws {ValidationError} without texts, or for an `alpha` that is not positive
 * @remarks Zouhar et al. 2023, Tokenization and the Noiseless Channel: `H_α(p) / log |V|` with `H_α(p) = log(Σ p^α) / (1 - α)`.
 * Python: the package `tokenization-scorer`.
 * @example measureTokenizer(trainTokenizer(['ab ab'], { preTokenizer: { type: 'Whitespace' } }), ['ab ab']).fertility // => 1
 */
export function measureTokenizer(tokenizer: Tokenizer, texts: readonly string[], { alpha = 2.5 }: { readonly alpha?: number } = {}): TokenizerMeasures {
  positive(alpha, 'alpha');
  const unknown = unknownOf(tokenizer);
  const counts = new Map<number, number>();
  const scripts = new Map<string, { words: number; tokens: number }>();
  let [tokens, bytes, unknowns] = [0, 0, 0];
  for (const text of nonEmpty(texts, 'texts')) {
    const ids = tokenizer.encodeIds(text, { addSpecialTokens: false });
    tokens += ids.length;
    bytes += utf8Length(text);
    for (const id of ids) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (id === unknown) unknowns++;
    }
    for (const word of splitWords(text)) {
      const script = scriptOfWord(word);
      const known = scripts.get(script) ?? { words: 0, tokens: 0 };
      scripts.set(script, { words: known.words + 1, tokens: known.tokens + tokenizer.encodeIds(word, { addSpecialTokens: false }).length });
    }
  }
  const words = [...scripts.values()].reduce((total, script) => total + script.words, 0);
  const size = tokenizer.vocabSize;
  return {
    tokens,
    bytesPerToken: tokens === 0 ? 0 : bytes / tokens,
    fertility: words === 0 ? 0 : tokens / words,
    fertilityByScript: Object.fromEntries([...scripts].map(([script, known]) => [script, known.tokens / known.words])),
    unknownRate: tokens === 0 ? 0 : unknowns / tokens,
    vocabUse: counts.size / size,
    renyiEfficiency:
      tokens === 0 || size < 2
        ? 0
        : entropy(
            [...counts.values()].map(count => count / tokens),
            alpha,
          ) / Math.log(size),
  };
}

function entropy(shares: readonly number[], alpha: number): number {
  // At 1 the quotient is undefined, and its limit is Shannon's entropy.
  if (alpha === 1) return -shares.reduce((total, share) => total + share * Math.log(share), 0);
  return Math.log(shares.reduce((total, share) => total + share ** alpha, 0)) / (1 - alpha);
}

/**
 * Tokens of a text when each join of a BPE tokenizer is left out with a probability: a model that sees a word cut in many ways learns more of it.
 *
 * @param dropout probability of leaving a join out; 0 gives the usual tokens, 1 single characters
 * @param random draws from [0, 1), such as `() => generator.random()` of a `PythonRandom`
 * @throws {UnsupportedError} for a tokenizer that is not BPE @throws {ValidationError} for a `dropout` outside [0, 1]
 * @remarks Provilkov et al. 2020. Python: `tokenizers.models.BPE(dropout=...)`, whose draws cannot be seeded.
 * @example bpeDropout(trainTokenizer(['abab']), 'ab', 1, Math.random) // => ['a', 'b']
 */
export function bpeDropout(tokenizer: Tokenizer, text: string, dropout: number, random: () => number): string[] {
  const { pipeline } = tokenizer;
  const { model } = pipeline;
  if (!(model instanceof Bpe)) throw new UnsupportedError(`dropout is of BPE tokenizers, got ${model.type}`, { parameter: 'tokenizer', received: model.type });
  const dropping = new Bpe(model.vocabulary, model.merges, { ...model.options, dropout });
  dropping.random = random;
  const { parts } = pipeline.withModel(dropping).draft([text], { addSpecialTokens: false, truncation: null, offsets: 'utf16' });
  return parts.tokens;
}
