/** Where a text may be cut, and the chunks that come of it. */

/** A stretch of text: start and end. */
export type Span = readonly [start: number, end: number];

const PARAGRAPH = /\n[^\S\n]*\n/g;
const LINE = /\n/g;
const SENTENCE = /(?<=[.!?])\s|(?<=[\u3002\uff01\uff1f])/g;
const WORD = /\s/g;
const HEADING = /\n(?=#{1,6} )/g;

/** Boundaries of each strategy, the best first; where none is left, a stretch is cut anywhere. */
const BOUNDARIES: Readonly<Record<string, readonly RegExp[]>> = {
  fixed: [],
  sentence: [SENTENCE, WORD],
  paragraph: [PARAGRAPH, SENTENCE, WORD],
  semantic: [SENTENCE, WORD],
  recursive: [PARAGRAPH, LINE, SENTENCE, WORD],
  markdown: [HEADING, PARAGRAPH, LINE, SENTENCE, WORD],
};

/** Without the white space at its ends. */
function trimmed(text: string, [start, end]: Span): Span {
  const content = text.slice(start, end);
  const from = start + content.length - content.trimStart().length;
  return [from, from + content.trim().length];
}

/** Whether a cut would part the two halves of a character. */
const partsPair = (text: string, at: number): boolean => /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '');

/** Stretches of `size` at most, one after the other; a character of two units stays whole. */
function cutAnywhere(text: string, [start, end]: Span, size: number): Span[] {
  const spans: Span[] = [];
  for (let from = start; from < end; ) {
    const to = Math.min(end, from + size);
    const cut = partsPair(text, to) ? (to - from > 1 ? to - 1 : to + 1) : to;
    spans.push([from, cut]);
    from = cut;
  }
  return spans;
}

/** Stretches between boundaries, each boundary at the end of the stretch before it; those that are too long at the next kind of boundary. */
function atoms(text: string, span: Span, size: number, boundaries: readonly RegExp[]): Span[] {
  const [boundary, ...finer] = boundaries;
  const [start, end] = span;
  const [from, to] = trimmed(text, span);
  if (to - from <= size) return [span];
  if (boundary === undefined) return cutAnywhere(text, span, size);
  const cuts = [...text.slice(start, end).matchAll(boundary)].map(match => start + match.index + match[0].length);
  return [start, ...cuts].flatMap((cut, i) => atoms(text, [cut, cuts[i] ?? end], size, finer));
}

/** Joins neighbouring stretches up to `size`; each chunk begins with as many of the last ones as fit into `overlap`. */
function pack(spans: readonly Span[], size: number, overlap: number): Span[] {
  const chunks: Span[] = [];
  const reach = (first: number, last: number): number => spans[last]![1] - spans[first]![0];
  for (let first = 0; first < spans.length; ) {
    let last = first;
    while (last + 1 < spans.length && reach(first, last + 1) <= size) last++;
    chunks.push([spans[first]![0], spans[last]![1]]);
    if (last + 1 === spans.length) break;
    let next = last + 1;
    while (next - 1 > first && reach(next - 1, last) <= overlap && reach(next - 1, last + 1) <= size) next--;
    first = next;
  }
  return chunks;
}

/** Windows of `size`, each beginning `overlap` before the end of the one before it. */
function windows(text: string, size: number, overlap: number): Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < text.length; ) {
    const [, end] = cutAnywhere(text, [start, Math.min(text.length, start + size + 1)], size)[0]!;
    spans.push([start, end]);
    if (end === text.length) break;
    const next = Math.max(start + 1, end - overlap);
    start = partsPair(text, next) ? next + 1 : next;
  }
  return spans;
}

/** Chunks of a text by a strategy, blank ones left out. */
export function chunkSpans(text: string, strategy: string, size: number, overlap: number): Span[] {
  const boundaries = BOUNDARIES[strategy]!;
  const inked = (spans: readonly Span[]): Span[] => spans.map(span => trimmed(text, span)).filter(([start, end]) => end > start);
  return boundaries.length === 0 ? inked(windows(text, size, overlap)) : pack(inked(atoms(text, [0, text.length], size, boundaries)), size, overlap);
}
