/** Scores of tag sequences by whole entities, as conlleval and seqeval count them. */
import { nonEmpty, oneOf, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { sum } from '@gtc/tensor/statistics';

/** Tags of each token, a row for each sentence. */
export type TagRows = readonly (readonly string[])[];
/** How prefixes mark the inside, beginning, end and singles of entities. */
export type TagScheme = 'IOB1' | 'IOB2' | 'IOE1' | 'IOE2' | 'IOBES' | 'BILOU';

/** An entity: its type and the places of its first and last token. */
export type Entity = [type: string, start: number, end: number];

/** Options of {@link getEntities}. */
export interface EntityOptions {
  /** Whether the prefix stands behind the type: `PER-B`. */
  readonly suffix?: boolean;
}

interface Tag {
  readonly prefix: string;
  readonly type: string;
}

const OUTSIDE: Tag = { prefix: 'O', type: '_' };

/** The prefix and the type of a tag; types may hold dashes. */
function parse(tag: string, suffix: boolean): Tag {
  if (tag === '') throw new ValidationError('tags must not be empty', { parameter: 'tags', received: tag });
  const prefix = suffix ? tag.at(-1)! : tag[0]!;
  const rest = suffix ? tag.slice(0, -1) : tag.slice(1);
  const dash = suffix ? rest.lastIndexOf('-') : rest.indexOf('-');
  const type = dash < 0 ? rest : suffix ? rest.slice(0, dash) : rest.slice(dash + 1);
  return { prefix, type: type === '' ? '_' : type };
}

/** Pairs of prefixes between which an entity ends, and those between which one begins, as conlleval has them. */
const ENDS = new Set(['BB', 'BS', 'BO', 'IB', 'IS', 'IO']);
const BEGINS = new Set(['EE', 'EI', 'SE', 'SI', 'OE', 'OI']);

const endsBetween = (before: Tag, after: Tag): boolean =>
  before.prefix === 'E' ||
  before.prefix === 'S' ||
  ENDS.has(before.prefix + after.prefix) ||
  (before.prefix !== 'O' && before.prefix !== '.' && before.type !== after.type);

const beginsBetween = (before: Tag, after: Tag): boolean =>
  after.prefix === 'B' ||
  after.prefix === 'S' ||
  BEGINS.has(before.prefix + after.prefix) ||
  (after.prefix !== 'O' && after.prefix !== '.' && before.type !== after.type);

/**
 * The entities of a tagged sentence, read leniently: an inside tag without a beginning opens one.
 *
 * @param tags of the tokens in order
 * @throws {ValidationError} for an empty tag
 * @remarks Python: `seqeval.metrics.sequence_labeling.get_entities(tags, suffix=)`.
 * @example getEntities(['B-PER', 'I-PER', 'O', 'I-LOC']) // => [['PER', 0, 1], ['LOC', 3, 3]]
 */
export function getEntities(tags: readonly string[], { suffix = false }: EntityOptions = {}): Entity[] {
  const found: Entity[] = [];
  let [before, start] = [OUTSIDE, 0];
  for (const [i, after] of [...tags.map(tag => parse(tag, suffix)), OUTSIDE].entries()) {
    if (endsBetween(before, after)) found.push([before.type, start, i - 1]);
    if (beginsBetween(before, after)) start = i;
    before = after;
  }
  return found;
}

/** When types must be equal, must differ, or do not matter. */
type Condition = '=' | '/' | '*';
/** Prefix before, prefix after, and the condition on types, as one text: `BI=`. A dot is any prefix. */
type Pattern = `${string}${Condition}`;

interface SchemeRules {
  readonly prefixes: string;
  readonly start: readonly Pattern[];
  readonly inside: readonly Pattern[];
  readonly end: readonly Pattern[];
}

/** The schemes by what may follow what (Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999; Ratinov and Roth 2009). */
const SCHEMES: Readonly<Record<TagScheme, SchemeRules>> = {
  IOB1: {
    prefixes: 'IOB',
    start: ['OI*', 'II/', 'BI*', 'IB=', 'BB='],
    inside: ['BI=', 'II='],
    end: ['II/', 'IO*', 'IB*', 'BO*', 'BI/', 'BB='],
  },
  IOB2: { prefixes: 'IOB', start: ['.B*'], inside: ['BI=', 'II='], end: ['IO*', 'II/', 'IB*', 'BO*', 'BI/', 'BB*'] },
  IOE1: {
    prefixes: 'IOE',
    start: ['OI*', 'II/', 'EI*', 'EE='],
    inside: ['II=', 'IE='],
    end: ['II/', 'IO*', 'IE/', 'EI=', 'EE='],
  },
  IOE2: { prefixes: 'IOE', start: ['OI*', 'OE*', 'EI*', 'EE*', 'II/', 'IE/'], inside: ['IE=', 'II='], end: ['E.*'] },
  IOBES: { prefixes: 'IOBES', start: ['.B*', '.S*'], inside: ['BI=', 'BE=', 'II=', 'IE='], end: ['S.*', 'E.*'] },
  BILOU: { prefixes: 'BILOU', start: ['.B*', '.U*'], inside: ['BI=', 'BL=', 'II=', 'IL='], end: ['U.*', 'L.*'] },
};

function matches(patterns: readonly Pattern[], before: Tag, after: Tag): boolean {
  return patterns.some(([first, second, condition]) => {
    if (first !== '.' && first !== before.prefix) return false;
    if (second !== '.' && second !== after.prefix) return false;
    return condition === '*' || (condition === '=') === (before.type === after.type);
  });
}

/** Entities that keep to a scheme; others are left out. */
function strictEntities(tags: readonly string[], scheme: TagScheme, suffix: boolean): Entity[] {
  const rules = SCHEMES[scheme];
  const all = [...tags.map(tag => parse(tag, suffix)), OUTSIDE];
  const odd = all.findIndex(({ prefix }) => !rules.prefixes.includes(prefix));
  if (odd >= 0)
    throw new ValidationError(`tags must have a prefix of ${rules.prefixes} in ${scheme}, got '${tags[odd]}'`, { parameter: 'tags', received: tags[odd] });
  const found: Entity[] = [];
  for (let i = 0; i < all.length; ) {
    const before = i === 0 ? OUTSIDE : all[i - 1]!;
    if (!matches(rules.start, before, all[i]!)) {
      i++;
      continue;
    }
    let end = i + 1;
    while (end < all.length && matches(rules.inside, all[end - 1]!, all[end]!)) end++;
    if (matches(rules.end, all[end - 1]!, all[end]!)) found.push([all[i]!.type, i, end - 1]);
    i = end;
  }
  return found;
}

/** Options of {@link seqevalScores}. */
export interface SeqevalOptions extends EntityOptions {
  /** Lenient as conlleval by default; strict counts only entities that keep to the scheme. */
  readonly mode?: 'default' | 'strict';
  /** For the strict mode; IOB2 by default. */
  readonly scheme?: TagScheme;
  /** What a score of 0 over 0 is; 0 by default. */
  readonly zeroDivision?: 0 | 1;
}

/** Scores of entities. */
export interface EntityScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** True entities. */
  readonly support: number;
}

/** What {@link seqevalScores} measures. */
export interface SeqevalReport {
  /** Of single tags. */
  readonly accuracy: number;
  readonly micro: EntityScores;
  readonly macro: EntityScores;
  readonly weighted: EntityScores;
  readonly byType: Readonly<Record<string, EntityScores>>;
}

/** Numbers of true, predicted and common entities of a type. */
interface Count {
  readonly actual: number;
  readonly predicted: number;
  readonly hit: number;
}

function scoresOf({ actual, predicted, hit }: Count, zeroDivision: number): EntityScores {
  const precision = predicted === 0 ? zeroDivision : hit / predicted;
  const recall = actual === 0 ? zeroDivision : hit / actual;
  const f1 = actual + predicted === 0 ? zeroDivision : precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1, support: actual };
}

function averaged(scores: readonly EntityScores[], weights: readonly number[], support: number): EntityScores {
  const total = sum(weights);
  const over = (of: (score: EntityScores) => number): number => (total === 0 ? 0 : sum(scores.map((score, i) => of(score) * weights[i]!)) / total);
  return { precision: over(s => s.precision), recall: over(s => s.recall), f1: over(s => s.f1), support };
}

/**
 * Precision, recall and F1 of whole entities, over all and by type, with the accuracy of single tags.
 *
 * @param yTrue tags of each sentence
 * @param yPred as many tags of each sentence
 * @throws {ValidationError} for no sentence, an empty tag, or a prefix that the scheme does not have
 * @throws {ShapeError} for unequal numbers of sentences or tags
 * @remarks Python: `seqeval.metrics.classification_report(y_true, y_pred, mode=, scheme=, output_dict=True)`; exact.
 * @example seqevalScores([['B-PER', 'I-PER']], [['B-PER', 'O']]).micro.f1 // => 0
 */
export function seqevalScores(
  yTrue: TagRows,
  yPred: TagRows,
  { mode = 'default', scheme = 'IOB2', suffix = false, zeroDivision = 0 }: SeqevalOptions = {},
): SeqevalReport {
  nonEmpty(yTrue, 'yTrue');
  sameLength({ yTrue, yPred });
  oneOf(mode, 'mode', ['default', 'strict'] as const);
  oneOf(scheme, 'scheme', Object.keys(SCHEMES) as TagScheme[]);
  yTrue.forEach((tags, i) => {
    if (tags.length !== yPred[i]!.length)
      throw new ShapeError(`yPred must have ${tags.length} tags in row ${i}, got ${yPred[i]!.length}`, { parameter: 'yPred', received: yPred[i]!.length });
  });
  const read =
    mode === 'strict' ? (tags: readonly string[]) => strictEntities(tags, scheme, suffix) : (tags: readonly string[]) => getEntities(tags, { suffix });
  const keys = (rows: TagRows): Map<string, string> =>
    new Map(rows.flatMap((tags, row) => read(tags).map(([type, start, end]): [string, string] => [`${row} ${start} ${end} ${type}`, type])));
  const [actual, predicted] = [keys(yTrue), keys(yPred)];
  const types = [...new Set([...actual.values(), ...predicted.values()])].sort();
  const counts = types.map((type): Count => {
    const mine = (entities: Map<string, string>): string[] => [...entities].filter(([, other]) => other === type).map(([key]) => key);
    const [own, others] = [mine(actual), mine(predicted)];
    return { actual: own.length, predicted: others.length, hit: own.filter(key => predicted.has(key)).length };
  });
  const each = counts.map(count => scoresOf(count, zeroDivision));
  const total = (of: (count: Count) => number): number => sum(counts.map(of));
  const support = total(count => count.actual);
  const pairs = yTrue.flatMap((tags, i) => tags.map((tag, j) => Number(tag === yPred[i]![j])));
  return {
    accuracy: sum(pairs) / pairs.length,
    micro: scoresOf({ actual: support, predicted: total(count => count.predicted), hit: total(count => count.hit) }, zeroDivision),
    macro: averaged(
      each,
      each.map(() => 1),
      support,
    ),
    weighted: averaged(
      each,
      counts.map(count => count.actual),
      support,
    ),
    byType: Object.fromEntries(types.map((type, i) => [type, each[i]!])),
  };
}
