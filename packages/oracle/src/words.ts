/** Words of code and questions: identifiers split, endings cut, synonyms of the field added. */

const STOP = new Set(
  'a an and are as at be by can do does for from get have how i if implement in into is it its make me my of on or should show so some that the their them then there this to use using want was way we what when where which who why will with would you your'.split(
    ' ',
  ),
);

/** Sets of words that mean the same in the field; asking one finds the others. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['finetune', 'lora', 'adapter', 'peft'],
  ['accuracy', 'correct', 'right'],
  ['auc', 'roc', 'auroc'],
  ['wer', 'asr', 'speech', 'transcript'],
  ['translation', 'bleu', 'chrf', 'ter', 'mt'],
  ['summary', 'summarization', 'rouge'],
  ['mse', 'squared', 'regression'],
  ['seed', 'random', 'reproducible'],
  ['perplexity', 'ppl'],
  ['typo', 'levenshtein', 'edit'],
  ['merge', 'fold'],
  ['validate', 'validation', 'schema', 'zod'],
  ['probability', 'calibration', 'confidence'],
];
const SYNONYM_INDEX: ReadonlyMap<string, readonly string[]> = new Map(SYNONYMS.flatMap(group => group.map(word => [stem(word), group.map(stem)] as const)));

/** Cuts English endings, lightly: plural, -ing, -ed, -er, -ation; British and American spelling become one. */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  return word
    .replace(/(ies)$/, 'y')
    .replace(/(sses|shes|ches|xes)$/, match => match.slice(0, -2))
    .replace(/([^su])s$/, '$1')
    .replace(/(ization|isation)$/, 'ize')
    .replace(/(ation|ating|ated|ates)$/, 'ate')
    .replace(/(.{3,}?)(ing|ed|er|ers)$/, '$1')
    .replace(/(.{3,}?)er$/, '$1')
    .replace(/(.{3,})e$/, '$1')
    .replace(/([bdfglmnprt])\1$/, '$1')
    .replace(/([^y])is$/, '$1iz')
    .replace(/our$/, 'or');
}

/** Words of tokens that were seen, so that a corpus is not cut up again and again; forgotten together when they are many. */
const seen = new Map<string, readonly string[]>();
const MOST_SEEN = 50_000;

/** Words of an identifier: its parts, neighbours also joined and scraps dropped (`LoRA` is lora), stemmed, stop words left out. */
function wordsOfToken(token: string): readonly string[] {
  const known = seen.get(token);
  if (known !== undefined) return known;
  const parts = splitIdentifier(token);
  const joined = parts.slice(1).map((part, i) => parts[i]! + part);
  const kept = [...parts.filter(part => parts.length === 1 || !/^\p{L}{1,2}$/u.test(part)), ...joined];
  const words = kept.filter(word => !STOP.has(word)).map(stem);
  if (seen.size >= MOST_SEEN) seen.clear();
  seen.set(token, words);
  return words;
}

/** Words of a text: identifiers split at case changes and underscores, lower case, stemmed, stop words left out. */
export function wordsOf(text: string): string[] {
  const joined = text.replace(/fine[\s-]*tun(e|ing|ed)/gi, 'finetune');
  return tokensOf(joined).flatMap(wordsOfToken);
}

/** Runs of letters, digits and underscores. */
export function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** `createLoraConfig` and `create_lora_config` as `create`, `lora`, `config`. */
export function splitIdentifier(name: string): string[] {
  return name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[\s_]+/)
    .filter(part => part !== '')
    .map(part => part.toLowerCase());
}

/** Other words to look for, each at a part of the weight. */
export function synonymsOf(word: string): readonly string[] {
  return (SYNONYM_INDEX.get(word) ?? []).filter(other => other !== word);
}

/** A name without case and separators: equal for the TypeScript, Python and Rust spelling. */
export function spellingKey(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
