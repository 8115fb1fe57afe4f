/** How much of their words two texts share. */
import { splitWords } from '@gtc/errors';

/** Distinct runs of `size` lowercased words, none for a shorter text. */
export function wordRuns(text: string, size: number): Set<string> {
  const words = splitWords(text.toLowerCase());
  return new Set(Array.from({ length: Math.max(0, words.length - size + 1) }, (_, i) => words.slice(i, i + size).join(' ')));
}

/** Shared runs to all of them (Jaccard index); null where a text has none, since nothing resembles nothing. */
export function overlapOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number | null {
  if (a.size === 0 || b.size === 0) return null;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const run of small) if (large.has(run)) shared += 1;
  return shared / (a.size + b.size - shared);
}

/** Places in both lists whose texts share at least `threshold` of their runs, and how much that is. */
export function similarPairs(first: readonly string[], second: readonly string[], size: number, threshold: number): [number, number, number][] {
  const others = second.map(text => wordRuns(text, size));
  return first.flatMap((text, i) => {
    const runs = wordRuns(text, size);
    return others.flatMap((other, j) => {
      const overlap = overlapOf(runs, other);
      return overlap !== null && overlap >= threshold ? [[i, j, overlap] as [number, number, number]] : [];
    });
  });
}
