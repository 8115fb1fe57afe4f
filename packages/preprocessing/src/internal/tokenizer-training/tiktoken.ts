/** Learns ranks of byte sequences as tiktoken's own trainer does: the pair that occurs most, of equal ones the one that occurs first. */

import { Regex } from '../regex/regex.js';
import { utf8 } from '../tokenization/byte-level.js';
import { minimum } from './checks.js';
import { PairTable, Words } from './pairs.js';

/** Place of the first occurrence of a pair: the word, then the place in it. */
function firstPlace(words: Words, places: readonly number[], left: number, right: number): readonly [word: number, at: number] {
  let best: readonly [number, number] = [Number.POSITIVE_INFINITY, 0];
  for (const word of places) {
    if (word >= best[0]) continue;
    const [start, size] = [words.starts[word]!, words.sizes[word]!];
    for (let i = 0; i + 1 < size; i++) {
      if (words.symbols[start + i] !== left || words.symbols[start + i + 1] !== right) continue;
      best = [word, i];
      break;
    }
  }
  return best;
}

/**
 * Learns tokens from a text.
 *
 * @param vocabSize tokens in all, the 256 bytes included
 * @param pattern regular expression whose matches are the pieces
 * @returns tokens in the order of their ranks
 */
export function learnRanks(text: string, vocabSize: number, pattern: string): Uint8Array[] {
  minimum(vocabSize, 256, 'vocabSize');
  const pieces = new Map<string, number>();
  for (const [start, end] of new Regex(pattern, 'fancy').matches(text)) pieces.set(text.slice(start, end), (pieces.get(text.slice(start, end)) ?? 0) + 1);
  const words = new Words(Array.from(pieces.keys(), piece => [...utf8(piece)]));
  const counts = [...pieces.values()];
  const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const table = new PairTable();
  const pairCounts: number[] = [];
  const places: number[][] = [];
  const note = (left: number, right: number, by: number, word: number): void => {
    const pair = table.indexOf(left, right);
    pairCounts[pair] = (pairCounts[pair] ?? 0) + by * counts[word]!;
    const where = (places[pair] ??= []);
    if (by > 0 && where.at(-1) !== word) where.push(word);
  };
  for (let word = 0; word < words.count; word++) {
    for (let i = words.starts[word]!; i + 1 < words.starts[word]! + words.sizes[word]!; i++) note(words.symbols[i]!, words.symbols[i + 1]!, 1, word);
  }
  while (tokens.length < vocabSize) {
    let most = 0;
    let tied: number[] = [];
    pairCounts.forEach((count, pair) => {
      if (count > most) [most, tied] = [count, [pair]];
      else if (count === most && count > 0) tied.push(pair);
    });
    if (tied.length === 0) break;
    const firsts = tied.map(pair => ({ pair, place: firstPlace(words, places[pair]!, table.left[pair]!, table.right[pair]!) }));
    const { pair } = firsts.reduce((best, each) =>
      each.place[0] < best.place[0] || (each.place[0] === best.place[0] && each.place[1] < best.place[1]) ? each : best,
    );
    const [left, right] = [table.left[pair]!, table.right[pair]!];
    const joined = tokens.push(Uint8Array.of(...tokens[left]!, ...tokens[right]!)) - 1;
    pairCounts[pair] = 0;
    for (const word of new Set(places[pair])) words.join(word, left, right, joined, Number.POSITIVE_INFINITY, (a, b, by) => note(a, b, by, word));
    pairCounts[pair] = 0;
  }
  return tokens;
}
