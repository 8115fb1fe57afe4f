/** Porter's stemmer (1980), in its original form and with the extensions of NLTK. */
import { oneOf } from '@gtc/errors';

/** `nltk`: irregular forms and repairs of known faults, what ROUGE and METEOR use; `original`: the published algorithm. */
export type PorterMode = 'nltk' | 'original';

/** A rule: suffix, its replacement, and what the stem before the suffix must satisfy. The first suffix that fits decides. */
type Rule = readonly [suffix: string, replacement: string, condition?: (stem: string) => boolean];

const IRREGULAR: Readonly<Record<string, string>> = {
  sky: 'sky',
  skies: 'sky',
  dying: 'die',
  lying: 'lie',
  tying: 'tie',
  news: 'news',
  innings: 'inning',
  inning: 'inning',
  outings: 'outing',
  outing: 'outing',
  cannings: 'canning',
  canning: 'canning',
  howe: 'howe',
  proceed: 'proceed',
  exceed: 'exceed',
  succeed: 'succeed',
};

/** For each letter, whether it is a consonant; y is one unless it follows a consonant. */
function consonants(word: string): boolean[] {
  const flags: boolean[] = [];
  for (let i = 0; i < word.length; i++) {
    const letter = word[i]!;
    flags.push(letter === 'y' ? i === 0 || !flags[i - 1]! : !'aeiou'.includes(letter));
  }
  return flags;
}

/** Porter's m: the number of vowel-consonant sequences. */
function measure(stem: string): number {
  const flags = consonants(stem);
  return flags.filter((consonant, i) => consonant && i > 0 && !flags[i - 1]!).length;
}

function hasVowel(stem: string): boolean {
  return consonants(stem).includes(false);
}

/** Ends consonant, vowel, consonant other than w, x, y; NLTK also takes a two-letter vowel, consonant. */
function endsCvc(word: string, mode: PorterMode): boolean {
  const [a, b, c] = consonants(word).slice(-3) as [boolean?, boolean?, boolean?];
  if (word.length >= 3) return a === true && b === false && c === true && !'wxy'.includes(word.at(-1)!);
  return mode === 'nltk' && word.length === 2 && a === false && b === true;
}

function apply(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, condition] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return condition === undefined || condition(stem) ? stem + replacement : word;
  }
  return word;
}

const positive = (stem: string): boolean => measure(stem) > 0;
const long = (stem: string): boolean => measure(stem) > 1;

function rules(condition: (stem: string) => boolean, table: Readonly<Record<string, string>>): Rule[] {
  return Object.entries(table).map(([suffix, replacement]) => [suffix, replacement, condition]);
}

const PLURALS: readonly Rule[] = [
  ['sses', 'ss'],
  ['ies', 'i'],
  ['ss', 'ss'],
  ['s', ''],
];

/** Double suffixes to single ones (step 2). */
const DOUBLE: readonly Rule[] = rules(positive, {
  ational: 'ate',
  tional: 'tion',
  enci: 'ence',
  anci: 'ance',
  izer: 'ize',
  abli: 'able',
  alli: 'al',
  entli: 'ent',
  eli: 'e',
  ousli: 'ous',
  ization: 'ize',
  ation: 'ate',
  ator: 'ate',
  alism: 'al',
  iveness: 'ive',
  fulness: 'ful',
  ousness: 'ous',
  aliti: 'al',
  iviti: 'ive',
  biliti: 'ble',
});
const DOUBLE_NLTK: readonly Rule[] = [
  ...DOUBLE.map((rule): Rule => (rule[0] === 'abli' ? ['bli', 'ble', positive] : rule)),
  ['fulli', 'ful', positive],
  ['logi', 'log', stem => positive(`${stem}l`)],
];

/** Step 3. */
const SINGLE: readonly Rule[] = rules(positive, { icate: 'ic', ative: '', alize: 'al', iciti: 'ic', ical: 'ic', ful: '', ness: '' });

/** Step 4. */
const RESIDUAL: readonly Rule[] = [
  ...rules(long, { al: '', ance: '', ence: '', er: '', ic: '', able: '', ible: '', ant: '', ement: '', ment: '', ent: '' }),
  ['ion', '', stem => long(stem) && /[st]$/.test(stem)],
  ...rules(long, { ou: '', ism: '', ate: '', iti: '', ous: '', ive: '', ize: '' }),
];

function pastAndProgressive(word: string, mode: PorterMode): string {
  if (mode === 'nltk' && word.endsWith('ied')) return word.slice(0, -3) + (word.length === 4 ? 'ie' : 'i');
  if (word.endsWith('eed')) return apply(word, [['eed', 'ee', positive]]);
  const suffix = ['ed', 'ing'].find(ending => word.endsWith(ending) && hasVowel(word.slice(0, -ending.length)));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
  const last = stem.at(-1)!;
  if (stem.length >= 2 && last === stem.at(-2) && consonants(stem).at(-1)) return 'lsz'.includes(last) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsCvc(stem, mode) ? `${stem}e` : stem;
}

function finalY(word: string, mode: PorterMode): string {
  const consonantBefore = (stem: string): boolean => stem.length > 1 && consonants(stem).at(-1)!;
  return apply(word, [['y', 'i', mode === 'nltk' ? consonantBefore : hasVowel]]);
}

function doubleSuffixes(word: string, mode: PorterMode): string {
  if (mode === 'original') return apply(word, DOUBLE);
  if (word.endsWith('alli') && positive(word.slice(0, -4))) return doubleSuffixes(`${word.slice(0, -4)}al`, mode);
  return apply(word, DOUBLE_NLTK);
}

function finalE(word: string, mode: PorterMode): string {
  const stem = word.slice(0, -1);
  return word.endsWith('e') && (long(stem) || (measure(stem) === 1 && !endsCvc(stem, mode))) ? stem : word;
}

/**
 * The stem of an English word, lower-cased.
 *
 * @param mode `nltk` (default) or `original`
 * @remarks Python: `nltk.stem.porter.PorterStemmer().stem(word)`; equal.
 * @example porterStem('relational') // => 'relat'
 */
export function porterStem(word: string, mode: PorterMode = 'nltk'): string {
  oneOf(mode, 'mode', ['nltk', 'original']);
  let stem = word.toLowerCase();
  if (mode === 'nltk') {
    if (Object.hasOwn(IRREGULAR, stem)) return IRREGULAR[stem]!;
    if (word.length <= 2) return stem;
  }
  stem = mode === 'nltk' && stem.length === 4 && stem.endsWith('ies') ? stem.slice(0, -1) : apply(stem, PLURALS);
  stem = finalY(pastAndProgressive(stem, mode), mode);
  stem = apply(apply(doubleSuffixes(stem, mode), SINGLE), RESIDUAL);
  stem = finalE(stem, mode);
  return stem.endsWith('ll') && long(stem.slice(0, -1)) ? stem.slice(0, -1) : stem;
}
