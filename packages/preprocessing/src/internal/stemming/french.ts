/** The stemmer for French. Capitals mark u, i and y that count as consonants, and H stands before e and i that had a diaeresis. */
import { isVowelAt, longest, regionAfter, replaceEnd, suffixes } from './word.js';

const VOWELS = 'aeiouyàâèéêëîïôùû';
const MARKED = new RegExp(`([${VOWELS}])([ui](?=[${VOWELS}])|y)|ë|ï|y(?=[${VOWELS}])|qu`, 'g');
const MARKS: Readonly<Record<string, string>> = { ë: 'He', ï: 'Hi', y: 'Y', qu: 'qU' };
/** Endings of derivation by what becomes of them. */
const DERIVATION: Readonly<Record<string, string>> = {
  plain: 'ance ances iqUe iqUes isme ismes able ables iste istes eux',
  ation: 'atrice atrices ateur ateurs ation ations',
  logy: 'logie logies',
  usion: 'usion ution usions utions',
  ence: 'ence ences',
  ement: 'ement ements',
  ity: 'ité ités',
  ive: 'if ive ifs ives',
  eaux: 'eaux',
  aux: 'aux',
  oux: 'oux',
  euse: 'euse euses',
  issement: 'issement issements',
  amment: 'amment',
  emment: 'emment',
  ment: 'ment ments',
};
const KIND = new Map(Object.entries(DERIVATION).flatMap(([kind, list]) => list.split(' ').map(suffix => [suffix, kind] as const)));
const DERIVATION_SUFFIXES = suffixes([...KIND.keys()].join(' '));
const BEFORE_EMENT = suffixes('iv eus abl iqU ièr Ièr');
const BEFORE_ITY = suffixes('abil ic iv');
const I_VERB = suffixes(
  'îmes ît îtes i ie ies ir ira irai iraIent irais irait iras irent irez iriez irions irons iront is issaIent issais issait issant issante issantes issants isse issent isses issez issiez issions issons it',
);
const VERB_IN_R2 = ['ions'];
const VERB = suffixes('é ée ées és èrent er era erai eraIent erais erait eras erez eriez erions erons eront ez iez eais');
/** Endings before which an e goes too. */
const VERB_AFTER_E = suffixes('âmes ât âtes a ai aIent ait ant ante antes ants as asse assent asses assiez assions');
const VERB_AIS = suffixes('ais aise aises');
const EVERY_VERB = suffixes([...VERB_IN_R2, ...VERB, ...VERB_AFTER_E, ...VERB_AIS].join(' '));
const RESIDUAL = suffixes('ion ier ière Ier Ière e');

interface Regions {
  readonly rv: number;
  readonly r1: number;
  readonly r2: number;
}

/** Deletes an end in R2; elsewhere it becomes another. */
function cutOr(stem: string, end: string, r2: number, otherwise: string): string {
  return stem.length - end.length >= r2 ? replaceEnd(stem, end) : replaceEnd(stem, end, otherwise);
}

function cutInR2(stem: string, end: string, r2: number): string {
  return stem.endsWith(end) && stem.length - end.length >= r2 ? replaceEnd(stem, end) : stem;
}

function cutEment(stem: string, { rv, r1, r2 }: Regions): string {
  const inner = longest(stem, BEFORE_EMENT);
  const rest = stem.length - inner.length;
  if (inner === 'iv') return rest >= r2 ? cutInR2(stem.slice(0, rest), 'at', r2) : stem;
  if (inner === 'eus') return rest >= r2 ? stem.slice(0, rest) : rest >= r1 ? `${stem.slice(0, rest)}eux` : stem;
  if (inner === 'abl' || inner === 'iqU') return rest >= r2 ? stem.slice(0, rest) : stem;
  return inner !== '' && rest >= rv ? `${stem.slice(0, rest)}i` : stem;
}

function cutIty(stem: string, r2: number): string {
  const inner = longest(stem, BEFORE_ITY);
  if (inner === 'abil') return cutOr(stem, inner, r2, 'abl');
  if (inner === 'ic') return cutOr(stem, inner, r2, 'iqU');
  return inner === '' ? stem : cutInR2(stem, inner, r2);
}

const cutIc = (stem: string, r2: number): string => (stem.endsWith('ic') ? cutOr(stem, 'ic', r2, 'iqU') : stem);

function cutIve(stem: string, r2: number): string {
  const rest = cutInR2(stem, 'at', r2);
  return rest === stem ? stem : cutIc(rest, r2);
}

/** A word after a step, and whether the step counts: endings of adverbs leave the word to the verbs. */
type Outcome = readonly [word: string, done: boolean];

function derivation(word: string, regions: Regions): Outcome {
  const suffix = longest(word, DERIVATION_SUFFIXES);
  const stem = replaceEnd(word, suffix);
  const { rv, r1, r2 } = regions;
  const inR2 = stem.length >= r2;
  const when = (condition: boolean, result: () => string): Outcome => (condition ? [result(), true] : [word, false]);
  switch (KIND.get(suffix)) {
    case 'plain':
      return when(inR2, () => stem);
    case 'ation':
      return when(inR2, () => cutIc(stem, r2));
    case 'logy':
      return when(inR2, () => `${stem}log`);
    case 'usion':
      return when(inR2, () => `${stem}u`);
    case 'ence':
      return when(inR2, () => `${stem}ent`);
    case 'ement':
      return when(stem.length >= rv, () => cutEment(stem, regions));
    case 'ity':
      return when(inR2, () => cutIty(stem, r2));
    case 'ive':
      return when(inR2, () => cutIve(stem, r2));
    case 'eaux':
      return [`${stem}eau`, true];
    case 'aux':
      return when(stem.length >= r1, () => `${stem}al`);
    case 'oux':
      return when(/[bhjlnp]$/.test(stem), () => `${stem}ou`);
    case 'euse':
      return when(stem.length >= r1, () => (inR2 ? stem : `${stem}eux`));
    case 'issement':
      return when(stem.length >= r1 && stem !== '' && !isVowelAt(stem, stem.length - 1, VOWELS), () => stem);
    case 'amment':
    case 'emment':
      return [stem.length >= rv ? `${stem}${suffix[0]!}nt` : word, false];
    case 'ment':
      return [isVowelAt(stem, stem.length - 1, VOWELS) && stem.length - 1 >= rv ? stem : word, false];
    default:
      return [word, false];
  }
}

function iVerb(word: string, rv: number): Outcome {
  const suffix = longest(word, I_VERB, rv);
  const stem = replaceEnd(word, suffix);
  const follows = suffix !== '' && stem.length > rv && !isVowelAt(stem, stem.length - 1, `${VOWELS}H`);
  return follows ? [stem, true] : [word, false];
}

function verb(word: string, { rv, r2 }: Regions): Outcome {
  const suffix = longest(word, EVERY_VERB, rv);
  const stem = replaceEnd(word, suffix);
  if (suffix === '') return [word, false];
  if (suffix === 'ions') return stem.length >= r2 ? [stem, true] : [word, false];
  if (VERB_AIS.includes(suffix)) return /(?:^.?al|épl|auv)$/.test(stem) && !/^al$/.test(stem) ? [word, false] : [stem, true];
  return [VERB_AFTER_E.includes(suffix) && stem.endsWith('e') && stem.length > rv ? stem.slice(0, -1) : stem, true];
}

function residual(word: string, { rv, r2 }: Regions): string {
  const plural = /(?:Hi|[^aiosuè])s$/.test(word);
  const result = plural ? word.slice(0, -1) : word;
  const suffix = longest(result, RESIDUAL, rv);
  const stem = replaceEnd(result, suffix);
  if (suffix === 'ion') return stem.length >= r2 && stem.length > rv && /[st]$/.test(stem) ? stem : result;
  if (suffix === 'e') return stem;
  return suffix === '' ? result : `${stem}i`;
}

function regionsOf(word: string): Regions {
  const r1 = regionAfter(word, VOWELS);
  let rv = word.length;
  if (isVowelAt(word, 0, VOWELS) && isVowelAt(word, 1, VOWELS) && word.length > 2) rv = 3;
  else if (/^(?:par|col|tap)/.test(word) || (word.startsWith('ni') && isVowelAt(word, 2, VOWELS))) rv = 3;
  else for (let at = 1; at < word.length && rv === word.length; at++) if (isVowelAt(word, at, VOWELS)) rv = at + 1;
  return { rv, r1, r2: regionAfter(word, VOWELS, r1) };
}

/** The stem of a French word in small letters. */
export function stemFrench(original: string): string {
  const marked = original
    .replace(/^(?:[cdjlmnst]|qu)'(?=.)/, '')
    .replace(MARKED, (found, before?: string, letter?: string) => (letter === undefined ? MARKS[found]! : before! + letter.toUpperCase()));
  const regions = regionsOf(marked);
  let [word, done] = derivation(marked, regions);
  if (!done) [word, done] = iVerb(word, regions.rv);
  if (!done) [word, done] = verb(word, regions);
  word = done ? word.replace(/Y$/, 'i').replace(/ç$/, 'c') : residual(word, regions);
  if (/(?:enn|onn|ett|ell|eill)$/.test(word)) word = word.slice(0, -1);
  word = word.replace(new RegExp(`[éè](?=[^${VOWELS}]+$)`), 'e');
  return word.replace(/H[ei]|[HIUY]/g, mark => ({ He: 'ë', Hi: 'ï', H: '', I: 'i', U: 'u', Y: 'y' })[mark]!);
}
