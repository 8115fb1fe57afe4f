/** Learns pairs to join from counts of words: the most frequent one first (Sennrich et al. 2016). */
import { PairTable, Words } from './pairs.js';

/** What is learned, and from what. */
export interface BpeTraining {
  readonly vocabSize: number;
  /** Pairs that occur less often are not joined. */
  readonly minFrequency: number;
  readonly specialTokens: readonly string[];
  /** Characters that are in the vocabulary whether or not they occur. */
  readonly initialAlphabet: readonly string[];
  /** Characters at most; the most frequent ones stay. */
  readonly limitAlphabet: number | null;
  readonly maxTokenLength: number | null;
  readonly continuingSubwordPrefix: string | null;
  readonly endOfWordSuffix: string | null;
  /** Told how many tokens there are. */
  readonly onProgress: ((tokens: number) => void) | null;
}

/** Tokens in the order of their ids, and pairs in the order in which they join. */
export interface LearnedMerges {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [left: string, right: string])[];
}

/** Tokens by id, and ids by token. */
class Tokens {
  readonly list: string[] = [];
  readonly #ids = new Map<string, number>();

  idOf(token: string): number {
    const known = this.#ids.get(token);
    if (known !== undefined) return known;
    this.#ids.set(token, this.list.length);
    return this.list.push(token) - 1;
  }

  has(token: string): boolean {
    return this.#ids.has(token);
  }
}

function addAlphabet(tokens: Tokens, words: ReadonlyMap<string, number>, { initialAlphabet, limitAlphabet }: BpeTraining): void {
  const counts = new Map<string, number>();
  for (const [word, count] of words) for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count);
  for (const character of initialAlphabet) counts.set(character, Number.POSITIVE_INFINITY);
  const order = (character: string): number => character.codePointAt(0)!;
  // Of characters that occur equally often those of the lower code points stay, so that the result does not depend on chance.
  const kept = [...counts].sort(([a, many], [b, few]) => few - many || order(a) - order(b)).slice(0, limitAlphabet ?? counts.size);
  for (const [character] of kept.sort(([a], [b]) => order(a) - order(b))) tokens.idOf(character);
}

/** Words as ids; characters outside the alphabet are left out. */
function spell(tokens: Tokens, words: Iterable<string>, { continuingSubwordPrefix, endOfWordSuffix }: BpeTraining): number[][] {
  const prefix = continuingSubwordPrefix ?? '';
  const suffix = endOfWordSuffix ?? '';
  return Array.from(words, word => {
    const characters = [...word];
    return characters.flatMap((character, i) =>
      tokens.has(character) ? [tokens.idOf((i > 0 ? prefix : '') + character + (i === characters.length - 1 ? suffix : ''))] : [],
    );
  });
}

/** Pairs to come: the greatest count first, of equal ones the pair of the smaller ids. */
class Queue {
  readonly #table: PairTable;
  readonly #pairs: number[] = [];
  readonly #counts: number[] = [];
  readonly #places: (readonly number[])[] = [];

  constructor(table: PairTable) {
    this.#table = table;
  }

  get length(): number {
    return this.#pairs.length;
  }

  #before(i: number, j: number): boolean {
    const [a, b] = [this.#counts[i]!, this.#counts[j]!];
    if (a !== b) return a > b;
    const { left, right } = this.#table;
    const [p, q] = [this.#pairs[i]!, this.#pairs[j]!];
    return left[p] === left[q] ? right[p]! < right[q]! : left[p]! < left[q]!;
  }

  #swap(i: number, j: number): void {
    [this.#pairs[i], this.#pairs[j]] = [this.#pairs[j]!, this.#pairs[i]!];
    [this.#counts[i], this.#counts[j]] = [this.#counts[j]!, this.#counts[i]!];
    [this.#places[i], this.#places[j]] = [this.#places[j]!, this.#places[i]!];
  }

  push(pair: number, count: number, places: readonly number[]): void {
    let i = this.#pairs.push(pair) - 1;
    this.#counts.push(count);
    this.#places.push(places);
    for (let parent = (i - 1) >> 1; i > 0 && this.#before(i, parent); i = parent, parent = (i - 1) >> 1) this.#swap(i, parent);
  }

  pop(): readonly [pair: number, count: number, places: readonly number[]] {
    this.#swap(0, this.length - 1);
    const top = [this.#pairs.pop()!, this.#counts.pop()!, this.#places.pop()!] as const;
    for (let i = 0; ; ) {
      let first = i;
      const child = 2 * i + 1;
      if (child < this.length && this.#before(child, first)) first = child;
      if (child + 1 < this.length && this.#before(child + 1, first)) first = child + 1;
      if (first === i) return top;
      this.#swap(i, first);
      i = first;
    }
  }
}

/** Learns from words and their counts. */
export function learnMerges(words: ReadonlyMap<string, number>, training: BpeTraining): LearnedMerges {
  const { specialTokens, vocabSize, minFrequency, continuingSubwordPrefix, maxTokenLength, onProgress } = training;
  const tokens = new Tokens();
  for (const token of specialTokens) tokens.idOf(token);
  addAlphabet(tokens, words, training);
  // Letters with a prefix or suffix get their ids in the order in which words need them, the longest word first: the library leaves it to chance.
  const decorated = continuingSubwordPrefix !== null || training.endOfWordSuffix !== null;
  const sorted = decorated ? [...words].sort(([a], [b]) => b.length - a.length) : [...words];
  const spelled = new Words(
    spell(
      tokens,
      sorted.map(([word]) => word),
      training,
    ),
  );
  const counts = Float64Array.from(sorted, ([, count]) => count);
  const table = new PairTable();
  const pairCounts: number[] = [];
  let places = new Map<number, number[]>();
  const addPlace = (pair: number, word: number): void => {
    const known = places.get(pair);
    if (known === undefined) places.set(pair, [word]);
    else if (known.at(-1) !== word) known.push(word);
  };
  for (let word = 0; word < spelled.count; word++) {
    const [start, end] = [spelled.starts[word]!, spelled.starts[word]! + spelled.sizes[word]!];
    for (let i = start; i + 1 < end; i++) {
      const pair = table.indexOf(spelled.symbols[i]!, spelled.symbols[i + 1]!);
      pairCounts[pair] = (pairCounts[pair] ?? 0) + counts[word]!;
      addPlace(pair, word);
    }
  }
  const queue = new Queue(table);
  const enqueue = (): void => {
    for (const [pair, where] of places) if (pairCounts[pair]! > 0) queue.push(pair, pairCounts[pair]!, where);
    places = new Map();
  };
  enqueue();

  const merges: [number, number][] = [];
  const prefixLength = continuingSubwordPrefix?.length ?? 0;
  while (tokens.list.length < vocabSize && queue.length > 0) {
    const [pair, count, where] = queue.pop();
    if (count !== pairCounts[pair]) {
      queue.push(pair, pairCounts[pair]!, where);
      continue;
    }
    if (count < 1 || minFrequency > count) break;
    const [left, right] = [table.left[pair]!, table.right[pair]!];
    const [first, second] = [tokens.list[left]!, tokens.list[right]!];
    const joined = tokens.idOf(first + (prefixLength > 0 && second.startsWith(continuingSubwordPrefix!) ? second.slice(prefixLength) : second));
    merges.push([left, right]);
    for (const word of where) {
      spelled.join(word, left, right, joined, maxTokenLength ?? Number.POSITIVE_INFINITY, (a, b, by) => {
        const changed = table.indexOf(a, b);
        pairCounts[changed] = (pairCounts[changed] ?? 0) + by * counts[word]!;
        if (by > 0) addPlace(changed, word);
      });
    }
    enqueue();
    if (onProgress !== null && merges.length % 100 === 0) onProgress(tokens.list.length);
  }
  onProgress?.(tokens.list.length);
  return { tokens: tokens.list, merges: merges.map(([left, right]) => [tokens.list[left]!, tokens.list[right]!]) };
}
