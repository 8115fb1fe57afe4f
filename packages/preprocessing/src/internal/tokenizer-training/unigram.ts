/** Learns pieces and their probabilities: many at first, then fewer by expectation and maximization (Kudo 2018). */
import { ValidationError } from '@gtc/errors';
import { Lattice, type Scored } from '../tokenization/lattice.js';

/** What is learned. */
export interface UnigramTraining {
  readonly vocabSize: number;
  readonly specialTokens: readonly string[];
  readonly unkToken: string | null;
  /** Characters that are in the vocabulary whether or not they occur. */
  readonly initialAlphabet: readonly string[];
  /** Share of pieces that each round of pruning keeps. */
  readonly shrinkingFactor: number;
  /** In characters. */
  readonly maxPieceLength: number;
  /** Rounds of expectation and maximization before pieces are pruned. */
  readonly nSubIterations: number;
  /** Pieces to start from at most. */
  readonly seedSize: number;
  readonly onProgress: ((pieces: number) => void) | null;
}

const BOUNDARY = 0;
const THRESHOLD = 0.5;
/** Difference between the scores of characters that no piece is left for. */
const RESERVE_STEP = 0.0001;

/** Slope of the logarithm of the gamma function, by its series around x - 1/2. */
function digamma(argument: number): number {
  let [x, result] = [argument, 0];
  for (; x < 7; x++) result -= 1 / x;
  const inverse = 1 / (x - 0.5) ** 2;
  return result + Math.log(x - 0.5) + inverse / 24 - (7 / 960) * inverse ** 2 + (31 / 8064) * inverse ** 3 - (127 / 30720) * inverse ** 4;
}

/** A lattice whose first piece stands for what is unknown, and nothing else. */
class TrainingLattice extends Lattice {
  constructor(pieces: readonly Scored[]) {
    super(pieces, () => 0, 1);
  }

  /** Pieces of the best way through a word; without the word itself as a piece when `whole` is false. */
  best(word: string, whole = true): number[] | null {
    const { from, ids } = this.bestWays(word, whole);
    if (from[word.length] === -1) return null;
    const way: number[] = [];
    for (let end = word.length; end > 0; end = from[end]!) way.push(ids[end]!);
    return way.reverse();
  }

  /** Adds to each piece how often it is to be expected in a word. */
  expect(word: string, count: number, expected: Float64Array): void {
    const before = new Float64Array(word.length + 1).fill(Number.NEGATIVE_INFINITY);
    const after = new Float64Array(word.length + 1).fill(Number.NEGATIVE_INFINITY);
    before[0] = 0;
    const nodes: [start: number, end: number, id: number, score: number][] = [];
    this.each(word, (start, end, id, score) => {
      nodes.push([start, end, id, score]);
      before[end] = logAdd(before[end]!, before[start]! + score);
    });
    after[word.length] = 0;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const [start, end, , score] = nodes[i]!;
      after[start] = logAdd(after[start]!, after[end]! + score);
    }
    const total = before[word.length]!;
    for (const [start, end, id, score] of nodes) expected[id]! += count * Math.exp(before[start]! + score + after[end]! - total);
  }
}

function logAdd(a: number, b: number): number {
  const [least, most] = a < b ? [a, b] : [b, a];
  return least === Number.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(least - most));
}

/** Substrings that are followed by different characters, at least two long, and how often they occur in the words. */
function* repeated(words: Iterable<string>, longest: number): Generator<readonly [substring: string, count: number]> {
  const points: number[] = [];
  for (const word of words) {
    for (const character of word) points.push(character.codePointAt(0)!);
    points.push(BOUNDARY);
  }
  const text = Int32Array.from(points);
  const compare = (a: number, b: number): number => {
    for (let i = 0; i <= longest; i++) {
      const difference = text[a + i]! - text[b + i]!;
      if (difference !== 0 || text[a + i] === BOUNDARY) return difference;
    }
    return 0;
  };
  /** Characters that two suffixes share, a boundary not counted, and no more than the longest piece and one. */
  const shared = (a: number, b: number): number => {
    let i = 0;
    while (i <= longest && text[a + i] === text[b + i] && text[a + i] !== BOUNDARY) i++;
    return i;
  };
  const suffixes = Int32Array.from(text, (_, i) => i).filter(i => text[i] !== BOUNDARY);
  suffixes.sort(compare);
  // Groups of suffixes that share a beginning, widest inside: where the shared part gets shorter, a group ends.
  const open: { readonly depth: number; readonly first: number }[] = [];
  for (let i = 1; i <= suffixes.length; i++) {
    const depth = i < suffixes.length ? shared(suffixes[i - 1]!, suffixes[i]!) : 0;
    let first = i - 1;
    while (open.length > 0 && open.at(-1)!.depth > depth) {
      const group = open.pop()!;
      first = group.first;
      const at = suffixes[first]!;
      // A group that ends in a boundary as a whole is one with the boundary, which no piece holds.
      const ends = group.depth >= 2 && group.depth <= longest && branches(text, suffixes, first, i, group.depth);
      if (ends) yield [String.fromCodePoint(...text.subarray(at, at + group.depth)), i - first];
    }
    if (depth > 0 && (open.length === 0 || open.at(-1)!.depth < depth)) open.push({ depth, first });
  }
}

/** Whether suffixes that share a beginning go on differently. */
function branches(text: Int32Array, suffixes: Int32Array, first: number, end: number, depth: number): boolean {
  return text[suffixes[first]! + depth] !== text[suffixes[end - 1]! + depth];
}

function seeds(words: ReadonlyMap<string, number>, { initialAlphabet, maxPieceLength, seedSize }: UnigramTraining): Scored[] {
  const characters = new Map<string, number>();
  for (const [word, count] of words) for (const character of word) if (character !== '\0') characters.set(character, (characters.get(character) ?? 0) + count);
  for (const character of initialAlphabet) characters.set(character, characters.get(character) ?? 0);
  const descending = ([a, many]: Scored, [b, few]: Scored): number => few - many || comparePoints(b, a);
  const found = Array.from(repeated(words.keys(), maxPieceLength), ([text, count]): Scored => [text, count * [...text].length]);
  const all = [...[...characters].sort(descending), ...found.sort(descending)].slice(0, Math.max(seedSize, characters.size));
  const total = Math.log(all.reduce((sum, [, score]) => sum + score, 0));
  return all.map(([piece, score]) => [piece, Math.log(score) - total]);
}

/** Order by code points, which is not that of UTF-16 units. */
function comparePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function maximize(pieces: readonly Scored[], expected: Float64Array): Scored[] {
  const kept = pieces.flatMap(([piece], id): Scored[] => (id === 0 ? [[piece, Number.NaN]] : expected[id]! >= THRESHOLD ? [[piece, expected[id]!]] : []));
  const total = digamma(kept.slice(1).reduce((sum, [, count]) => sum + count, 0));
  return kept.map(([piece, count], id) => [piece, id === 0 ? count : digamma(count) - total]);
}

/** Drops the pieces that cost least, by what the words would be made of without them. */
function prune(lattice: TrainingLattice, words: readonly (readonly [string, number])[], { vocabSize, shrinkingFactor }: UnigramTraining): Scored[] {
  const { pieces } = lattice;
  const alternatives = pieces.map(([piece], id): readonly number[] | 'none' | 'unused' => {
    if (id === 0) return 'none';
    const best = lattice.best(piece);
    if (best === null || best.length > 1) return 'unused';
    return lattice.best(piece, false) ?? 'none';
  });
  const counts = new Float64Array(pieces.length);
  const weights = new Float64Array(pieces.length);
  let total = 0;
  for (const [word, count] of words) {
    total += count;
    const way = lattice.best(word)!;
    for (const id of way) {
      counts[id]! += count;
      weights[id]! += count;
    }
  }
  const sum = counts.reduce((all, count) => all + count, 0);
  const kept: Scored[] = [pieces[0]!];
  const candidates: (readonly [id: number, loss: number])[] = [];
  for (let id = 1; id < pieces.length; id++) {
    const other = alternatives[id]!;
    if (counts[id] === 0 && other === 'unused') continue;
    if (other === 'none' || other === 'unused') {
      kept.push(pieces[id]!);
      continue;
    }
    if (weights[id] === 0) continue;
    const own = Math.log(counts[id]!) - Math.log(sum);
    // The library counts all pieces here in place of the piece's alternatives; so does this, for the same choice.
    const rest = Math.log(sum + counts[id]! * (pieces.length - 1));
    const instead = other.reduce((all, each) => all + (Math.log(counts[each]! + counts[id]!) - rest), 0);
    candidates.push([id, (weights[id]! / total) * (own - instead)]);
  }
  const size = Math.max(desired(vocabSize), Math.floor(pieces.length * shrinkingFactor));
  candidates.sort(([, a], [, b]) => b - a);
  for (const [id] of candidates) {
    if (kept.length >= size) break;
    kept.push(pieces[id]!);
  }
  return kept;
}

const desired = (vocabSize: number): number => Math.floor((vocabSize * 11) / 10);

/** Learns from words and their counts: pieces and scores in the order of their ids. */
export function learnPieces(words: ReadonlyMap<string, number>, training: UnigramTraining): Scored[] {
  const { vocabSize, nSubIterations, initialAlphabet, onProgress } = training;
  const list = [...words];
  const required = new Set([...words.keys()].flatMap(word => [...word]).filter(character => character !== '\0'));
  for (const character of initialAlphabet) required.add(character);
  if (required.size > vocabSize)
    throw new ValidationError(`vocabSize must be at least ${required.size}, the characters that occur, got ${vocabSize}`, {
      parameter: 'vocabSize',
      received: vocabSize,
    });
  let pieces: Scored[] = [['<UNK>', Number.NaN], ...seeds(words, training)];
  for (let lattice = new TrainingLattice(pieces); list.length > 0; lattice = new TrainingLattice(pieces)) {
    for (let round = 0; round < nSubIterations; round++) {
      const expected = new Float64Array(pieces.length);
      for (const [word, count] of list) lattice.expect(word, count, expected);
      pieces = maximize(pieces, expected);
      lattice = new TrainingLattice(pieces);
    }
    onProgress?.(pieces.length);
    if (pieces.length <= desired(vocabSize)) break;
    pieces = prune(lattice, list, training);
  }
  return finish(pieces.slice(1), required, training);
}

/** Puts special tokens before the best pieces; a character that no piece is left for gets one at the end. */
function finish(learned: readonly Scored[], required: ReadonlySet<string>, { specialTokens, unkToken, vocabSize }: UnigramTraining): Scored[] {
  const specials = unkToken !== null && !specialTokens.includes(unkToken) ? [unkToken, ...specialTokens] : specialTokens;
  const room = vocabSize - specials.length;
  const scores = new Map(learned);
  const least = learned.reduce((lowest, [, score]) => Math.min(lowest, score), Number.POSITIVE_INFINITY);
  const kept = new Map<string, number>();
  let missing = 0;
  for (const character of required) kept.set(character, scores.get(character) ?? least + RESERVE_STEP * missing++);
  for (const [piece, score] of learned) {
    if (kept.size >= room) break;
    if (!kept.has(piece)) kept.set(piece, score);
  }
  const ordered = [...kept].sort(([a, high], [b, low]) => low - high || comparePoints(a, b));
  return [...specials.map((token): Scored => [token, 0]), ...ordered];
}
