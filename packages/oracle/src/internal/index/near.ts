/** Words that differ by one slip of the keyboard. */
import type { TextTable } from './tables.js';

/** Shorter words have too many neighbours. */
const SHORTEST = 5;

/** Whether one letter was left out, added or changed, or two neighbours changed places. */
export function isOneLetterOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  if (restA.length > restB.length) return restA.slice(1) === restB;
  if (restA.length < restB.length) return restB.slice(1) === restA;
  return restA.slice(1) === restB.slice(1) || (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2));
}

/** Words of a table in order that are one letter off and share the first two letters. */
export function nearWords(table: TextTable, word: string): string[] {
  if (word.length < SHORTEST) return [];
  const prefix = word.slice(0, 2);
  const found: string[] = [];
  for (let place = table.lowerBound(prefix); place < table.length; place++) {
    const other = table.at(place);
    if (!other.startsWith(prefix)) break;
    if (isOneLetterOff(word, other)) found.push(other);
  }
  return found;
}
