/** The tokenizers of machine-translation scores, as sacrebleu names them. */
import { NotFoundError, splitWords, strip } from '@gtc/errors';

/** `13a` (mteval v13a), `intl` (mteval v14 for any script), `zh` (Chinese characters apart, then 13a), `char`, `none`. */
export type MtTokenizer = '13a' | 'intl' | 'zh' | 'char' | 'none';

const ENTITIES: readonly (readonly [string, string])[] = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
];

/** Replaces the four entities that mteval knows, in its order. */
export function unescapeEntities(text: string): string {
  return text.includes('&') ? ENTITIES.reduce((result, [entity, char]) => result.replaceAll(entity, char), text) : text;
}

/** Language-independent punctuation rules of mteval: symbols apart; period and comma unless inside a number; a dash after a digit. */
export function separatePunctuation(text: string): string {
  // Most segments hold few of the characters that a rule speaks of; looking first is cheaper than replacing nothing.
  let result = /[{-~[-`!-&(-+:-@/]/.test(text) ? text.replace(/[{-~[-`!-&(-+:-@/]/g, ' $& ') : text;
  if (/[.,]/.test(result)) result = result.replace(/([^0-9])([.,])/g, '$1 $2 ').replace(/([.,])([^0-9])/g, ' $1 $2');
  return result.includes('-') ? result.replace(/([0-9])(-)/g, '$1 $2 ') : result;
}

function tokenize13a(text: string): string {
  const plain = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  return separatePunctuation(` ${unescapeEntities(plain)} `);
}

function tokenizeIntl(text: string): string {
  return text
    .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replace(/\p{S}/gu, ' $& ');
}

/**
 * What sacrebleu takes for Chinese. Its table means to list two supplementary planes as well, but writes them with four-digit escapes, so
 * that U+2001 to U+2A6D and U+2F81 to U+2FA1 are in it: scores only compare when that is kept.
 */
const CHINESE =
  /[\u3400-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\u2001-\u2a6d\u2f81-\u2fa1\uff00-\uffef\u2e80-\u2eff\u3000-\u303f\u31c0-\u31ef\u2f00-\u2fdf\u2ff0-\u2fff\u3100-\u312f\u31a0-\u31bf\ufe10-\ufe1f\ufe30-\ufe4f\u2600-\u27bf\u3200-\u33ff]/gu;

function tokenizeZh(text: string): string {
  return separatePunctuation(strip(text).replace(CHINESE, ' $& '));
}

const TOKENIZERS: Readonly<Record<MtTokenizer, (text: string) => string>> = {
  '13a': tokenize13a,
  intl: tokenizeIntl,
  zh: tokenizeZh,
  char: text => [...text].join(' '),
  none: text => text,
};

/**
 * Tokens of a segment under one of sacrebleu's tokenizers.
 *
 * @throws {NotFoundError} for an unknown tokenizer
 * @remarks Python: `sacrebleu.tokenizers.tokenizer_13a.Tokenizer13a()(text).split()` and its siblings; equal.
 * @example tokenizeMt("It's 3,000.50!", '13a') // => ["It's", '3,000.50', '!']
 */
export function tokenizeMt(text: string, tokenizer: MtTokenizer = '13a'): string[] {
  const tokenize = Object.hasOwn(TOKENIZERS, tokenizer) ? TOKENIZERS[tokenizer] : undefined;
  if (tokenize === undefined) throw NotFoundError.of('tokenizer', tokenizer, Object.keys(TOKENIZERS));
  return splitWords(tokenize(text));
}
