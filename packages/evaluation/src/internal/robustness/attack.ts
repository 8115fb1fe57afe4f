/** Greedy attacks on text classifiers: words that matter most are changed until the answer does. */
import { inRange, integer, nonEmpty, oneOf, positive, ValidationError } from '@gtc/errors';
import { NumpyRandom } from '@gtc/tensor/random';
import { softmax } from '@gtc/tensor/statistics';
import { argsortDescending } from '../metrics/argsort.js';
import { perturbText, type TextChange } from './perturb.js';

/** Attacks by how they weigh words and what they put in their place. */
export type AttackRecipe = 'textfooler' | 'bert_attack' | 'pwws' | 'deepwordbug';

/** Class probabilities of each text. */
export type PredictTexts = (texts: readonly string[]) => readonly (readonly number[])[] | Promise<readonly (readonly number[])[]>;

/** Options of {@link attackText}. */
export interface AttackOptions {
  /** 'textfooler' by default. */
  readonly method?: AttackRecipe;
  /** Texts that may be classified; 1,000 by default. */
  readonly maxQueries?: number;
  /** What may take the place of a word; needed by all but `deepwordbug`, which misspells words. */
  readonly candidates?: (word: string, words: readonly string[], place: number) => readonly string[] | Promise<readonly string[]>;
  /** Share of the words that may change; 0.4 by default. */
  readonly maxChanged?: number;
  /** What stands for a word left out, where the recipe masks; '[UNK]' by default. */
  readonly maskToken?: string;
  /** Seed of the misspellings; 0 by default. */
  readonly seed?: number | null;
}

/** What {@link attackText} finds. */
export interface AttackResult {
  /** Whether the text is classified otherwise now; false also where it was not classified right before. */
  readonly success: boolean;
  /** The changed text, the best found. */
  readonly text: string;
  /** Words that changed, by their place. */
  readonly changed: readonly { readonly place: number; readonly from: string; readonly to: string }[];
  /** Texts that were classified. */
  readonly queries: number;
  /** Probability of the label before and after. */
  readonly before: number;
  readonly after: number;
  /** The class that the changed text is taken for. */
  readonly predicted: number;
}

const MISSPELLINGS: readonly TextChange[] = ['swap', 'replace', 'delete', 'insert'];

/** One misspelling of each kind, in the inner letters where there are some. */
function misspell(word: string, random: NumpyRandom): string[] {
  const letters = [...word];
  if (letters.length < 2) return [];
  const place = letters.length > 3 ? 1 + random.integers(0, letters.length - 2) : random.integers(0, letters.length - 1);
  const rest = (change: TextChange): string => {
    const width = change === 'swap' ? 2 : 1;
    return (
      letters.slice(0, place).join('') +
      perturbText(letters.slice(place, place + width).join(''), { change, rate: 1, seed: random }) +
      letters.slice(place + width).join('')
    );
  };
  return [...new Set(MISSPELLINGS.map(rest))].filter(other => other !== word && other !== '');
}

/** Asks the classifier and counts. */
class Oracle {
  queries = 0;
  readonly #predict: PredictTexts;
  readonly #label: number;
  readonly #most: number;

  constructor(predict: PredictTexts, label: number, most: number) {
    this.#predict = predict;
    this.#label = label;
    this.#most = most;
  }

  get left(): number {
    return this.#most - this.queries;
  }

  /** Probability of the label and the class of each text, of as many as may be asked. */
  async ask(texts: readonly string[]): Promise<{ probability: number; predicted: number }[]> {
    const asked = texts.slice(0, this.left);
    if (asked.length === 0) return [];
    this.queries += asked.length;
    const rows = await this.#predict(asked);
    if (rows.length !== asked.length)
      throw new ValidationError(`predict must answer each of ${asked.length} texts, got ${rows.length} rows`, { parameter: 'predict', received: rows.length });
    return rows.map(row => {
      inRange(this.#label, 'label', { min: 0, below: row.length });
      return { probability: row[this.#label]!, predicted: row.indexOf(Math.max(...row)) };
    });
  }
}

/** Words at even places, what lies between them at odd ones. */
const partsOf = (text: string): string[] => text.split(/([^\p{L}\p{N}'’-]+)/u);

/**
 * Changes as few words as it takes to make a classifier err. Words are tried by how much the answer depends on them: by leaving them out (TextFooler,
 * DeepWordBug), by masking them (BERT-Attack), or by masking them times what the best change does (PWWS).
 *
 * @param label the true class, which the classifier ought to give
 * @param predict class probabilities of texts
 * @throws {ValidationError} for an empty text, a label without a column, no candidates where they are needed, or options out of range
 * @remarks Python: `textattack.attack_recipes.TextFoolerJin2019`, `BERTAttackLi2020`, `PWWSRen2019`, `DeepWordBugGao2018`.
 * @example
 * const predict = (texts: readonly string[]): number[][] => texts.map(text => (text.includes('good') ? [0.1, 0.9] : [0.8, 0.2]));
 * (await attackText('a good film', 1, predict, { candidates: () => ['fine'] })).text // => 'a fine film'
 */
export async function attackText(
  text: string,
  label: number,
  predict: PredictTexts,
  { method = 'textfooler', maxQueries = 1000, candidates, maxChanged = 0.4, maskToken = '[UNK]', seed = 0 }: AttackOptions = {},
): Promise<AttackResult> {
  nonEmpty(text, 'text');
  integer(label, 'label');
  oneOf(method, 'method', ['textfooler', 'bert_attack', 'pwws', 'deepwordbug'] as const);
  positive(integer(maxQueries, 'maxQueries'), 'maxQueries');
  inRange(maxChanged, 'maxChanged', { above: 0, max: 1 });
  if (candidates === undefined && method !== 'deepwordbug')
    throw new ValidationError(`candidates must be given for the method '${method}'`, { parameter: 'candidates', received: candidates });
  const random = new NumpyRandom(seed);
  const oracle = new Oracle(predict, label, maxQueries);
  const original = partsOf(text);
  const parts = [...original];
  const places = [...parts.keys()].filter(i => i % 2 === 0 && parts[i] !== '');
  const withWord = (i: number, word: string): string => parts.map((part, j) => (j === i ? word : part)).join('');
  const [start] = (await oracle.ask([text])) as [{ probability: number; predicted: number }];
  let current = start;
  const done = (): AttackResult => ({
    success: start.predicted === label && current.predicted !== label,
    text: parts.join(''),
    changed: places.flatMap((i, place) => (parts[i] === original[i] ? [] : [{ place, from: original[i]!, to: parts[i]! }])),
    queries: oracle.queries,
    before: start.probability,
    after: current.probability,
    predicted: current.predicted,
  });
  if (start.predicted !== label || places.length === 0) return done();
  const others = async (i: number): Promise<readonly string[]> => {
    const words = places.map(place => parts[place]!);
    const found = candidates === undefined ? misspell(parts[i]!, random) : await candidates(parts[i]!, words, places.indexOf(i));
    return found.filter(word => word !== parts[i]);
  };
  const masked = method === 'bert_attack' || method === 'pwws' ? maskToken : '';
  const without = await oracle.ask(places.map(i => withWord(i, masked)));
  let importance = without.map(({ probability }) => start.probability - probability);
  if (method === 'pwws') {
    const saliency = softmax(importance);
    importance = [];
    for (const [place, share] of saliency.entries()) {
      const answers = await oracle.ask((await others(places[place]!)).map(word => withWord(places[place]!, word)));
      importance.push(share * Math.max(0, ...answers.map(({ probability }) => start.probability - probability)));
    }
  }
  const most = Math.max(1, Math.floor(maxChanged * places.length));
  for (const place of argsortDescending(importance)) {
    if (oracle.left <= 0 || current.predicted !== label || done().changed.length >= most) break;
    const i = places[place]!;
    const words = await others(i);
    const answers = await oracle.ask(words.map(word => withWord(i, word)));
    // The word that turns the answer, or else the one that shakes it most.
    const ranked = [...answers.keys()].sort(
      (a, b) => Number(answers[a]!.predicted === label) - Number(answers[b]!.predicted === label) || answers[a]!.probability - answers[b]!.probability,
    );
    const best = ranked[0];
    if (best === undefined || answers[best]!.probability >= current.probability) continue;
    parts[i] = words[best]!;
    current = answers[best]!;
  }
  return done();
}
