import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editTable, fillBand, type Operation, traceOf, type Words } from './edit-band.js';

const words = (max: number): fc.Arbitrary<number[]> => fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: max });

/** Edits without a band, the plain way. */
function edits(a: Words, b: Words): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, word] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) next.push(Math.min(row[j]! + Number(word !== other), row[j + 1]! + 1, next[j]! + 1));
    row = next;
  }
  return row.at(-1)!;
}

/** What a trace makes of a hypothesis, and what it costs. */
function follow(trace: readonly Operation[], hyp: Words, ref: Words): { made: number[]; cost: number } {
  const made: number[] = [];
  let [i, j, cost] = [0, 0, 0];
  for (const operation of trace) {
    if (operation !== 'keep') cost++;
    if (operation === 'keep') made.push(hyp[i]!);
    if (operation === 'substitute' || operation === 'insert') made.push(ref[j]!);
    if (operation !== 'insert') i++;
    if (operation !== 'delete') j++;
  }
  return { made, cost };
}

const distance = (hyp: Words, ref: Words): number => fillBand(editTable(hyp.length, ref.length), hyp, ref);

describe('fillBand', () => {
  it('counts edits within the band', () => {
    fc.assert(
      fc.property(words(14), words(14), (hyp, ref) => {
        expect(distance(hyp, ref)).toBe(edits(hyp, ref));
      }),
      { numRuns: 100 },
    );
  });

  it.each<[Words, Words, readonly Operation[]]>([
    [
      [1, 2],
      [3, 4],
      ['substitute', 'substitute'],
    ],
    [[1], [2, 1], ['insert', 'keep']],
    [[2, 1], [1], ['delete', 'keep']],
    [[1, 1], [1], ['delete', 'keep']],
    [[1], [1, 1], ['insert', 'keep']],
    [[], [5, 6], ['insert', 'insert']],
    [[5, 6], [], ['delete', 'delete']],
    [
      [1, 2, 3],
      [2, 3, 4],
      ['delete', 'keep', 'keep', 'insert'],
    ],
  ])('prefers substitution to deletion to insertion: %j to %j', (hyp, ref, trace) => {
    const table = editTable(hyp.length, ref.length);
    fillBand(table, hyp, ref);
    expect(traceOf(table)).toEqual(trace);
  });

  it('leaves a trace that makes the reference at its cost', () => {
    fc.assert(
      fc.property(words(12), words(12), (hyp, ref) => {
        const table = editTable(hyp.length, ref.length);
        const cost = fillBand(table, hyp, ref);
        expect(follow(traceOf(table), hyp, ref)).toEqual({ made: [...ref], cost });
      }),
      { numRuns: 100 },
    );
  });

  it('fills again from a row on', () => {
    fc.assert(
      fc.property(words(10), words(10), fc.nat(), (hyp, ref, seed) => {
        const table = editTable(hyp.length, ref.length);
        fillBand(table, hyp, ref);
        const from = hyp.length === 0 ? 0 : seed % hyp.length;
        const other = hyp.map((word, i) => (i < from ? word : 3 - word));
        expect(fillBand(table, other, ref, from)).toBe(edits(other, ref));
      }),
      { numRuns: 100 },
    );
  });

  it('does not see beyond the band', () => {
    // The common words lie 30 apart: too far, so that all is substituted, while 20 apart are found.
    const far = (gap: number): number => {
      const common = Array.from({ length: 40 }, (_, i) => 100 + i);
      const fill = Array.from({ length: gap }, (_, i) => 500 + i);
      const tail = Array.from({ length: gap }, (_, i) => 900 + i);
      return distance([...common, ...tail], [...fill, ...common]);
    };
    expect(far(20)).toBe(40);
    expect(far(24)).toBe(48);
    expect(far(26)).toBe(66);
    expect(far(30)).toBe(70);
  });

  it('is wide enough where one side is much longer', () => {
    const long = Array.from({ length: 150 }, (_, i) => i);
    expect(distance([149], long)).toBe(149);
    expect(distance([0], long)).toBe(150);
    expect(distance([80, 149], long)).toBe(149);
    expect(distance(long, [70])).toBe(149);
  });
});
