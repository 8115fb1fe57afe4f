import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reliabilityCurve } from './calibration.js';
import { ticks } from './internal/plots/svg.js';
import { arenaRatings, type Game } from './leaderboards.js';
import { confusionMatrix, precisionRecallCurve, rocCurve } from './metrics.js';
import * as p from './plots.js';

const Y = [0, 0, 1, 1, 1, 0, 1, 0];
const S = [0.1, 0.4, 0.35, 0.8, 0.7, 0.2, 0.9, 0.6];

/** Checks that a document is whole: every element is closed, and no text breaks out. */
function wellFormed(svg: string, { ownNames = false }: { ownNames?: boolean } = {}): void {
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (close === '/') expect(open.pop()).toBe(name);
    else if (self !== '/') open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*><title>[^<]+<\/title><desc>[^<]+<\/desc>/);
  if (!ownNames) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
}

const PLOTS: Readonly<Record<string, () => string>> = {
  'confusion matrix': () =>
    p.confusionMatrixPlot(
      confusionMatrix(
        Y,
        S.map(s => Number(s > 0.5)),
      ),
      { labels: ['no', 'yes'] },
    ),
  'a class without members': () =>
    p.confusionMatrixPlot([
      [0, 0],
      [0, 0],
    ]),
  'ROC curves': () =>
    p.rocCurvePlot([
      { name: 'one', ...rocCurve(Y, S) },
      {
        name: 'chance',
        ...rocCurve(
          Y,
          S.map(() => 0.5),
        ),
      },
    ]),
  'precision and recall': () => p.precisionRecallPlot([precisionRecallCurve(Y, S)]),
  reliability: () => p.reliabilityPlot([{ name: 'raw', ...reliabilityCurve(Y, S) }]),
  leaderboard: () => {
    const games: Game[] = [
      [0, 1, 1],
      [1, 0, 1],
      [1, 2, 1],
      [2, 0, 1],
      [0, 2, 1],
    ];
    return p.leaderboardPlot(arenaRatings(games, 3).map(entry => ({ name: `model ${entry.player}`, ...entry })));
  },
  'one entry': () => p.leaderboardPlot([{ name: 'a', rating: 5, low: 5, high: 5 }]),
  attributions: () =>
    p.attributionPlot(
      Array.from({ length: 60 }, (_, i) => `token${i}`),
      Array.from({ length: 60 }, (_, i) => Math.sin(i)),
      { title: 'Why' },
    ),
  'no attribution': () => p.attributionPlot(['', 'a\nb'], [0, 0]),
};

describe('plots', () => {
  it.each(Object.entries(PLOTS))('%s is a whole document with a name', (_name, plot) => {
    wellFormed(plot());
  });
  it('bear any names', () => {
    fc.assert(
      fc.property(hostileText(), text => {
        const name = `${text}x`;
        wellFormed(p.leaderboardPlot([{ name, rating: 1, low: 0, high: 2 }]), { ownNames: true });
        wellFormed(p.confusionMatrixPlot([[1]], { labels: [name], title: name }), { ownNames: true });
        wellFormed(p.attributionPlot([name], [1]), { ownNames: true });
      }),
      { numRuns: 200 },
    );
  });
  it('say what they show', () => {
    expect(PLOTS['ROC curves']!()).toContain('one (AUC 0.875)');
    expect(PLOTS['precision and recall']!()).toContain('(AP ');
    expect(PLOTS['reliability']!()).toContain('raw (ECE ');
    expect(PLOTS['confusion matrix']!()).toContain('75 % on the diagonal');
  });
  it('have round ticks', () => {
    expect(ticks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks(950, 1130)).toEqual([950, 1000, 1050, 1100]);
    expect(ticks(3, 3)).toEqual([3]);
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown, string]>([
    ['square', () => p.confusionMatrixPlot([[1, 2]]), 'matrix must be square, got 2 columns in row 0 of 1'],
    ['negative', () => p.confusionMatrixPlot([[-1]]), 'matrix[0] must be non-negative, got -1'],
    ['labels', () => p.confusionMatrixPlot([[1]], { labels: ['a', 'b'] }), 'labels'],
    ['curves', () => p.rocCurvePlot([]), 'curves cannot be empty'],
    ['rates', () => p.rocCurvePlot([{ fpr: [2], tpr: [0], thresholds: [0] }]), 'fpr and tpr must lie in [0, 1], got 2 and 0 at 0'],
    ['entries', () => p.leaderboardPlot([{ name: 'a', rating: Number.NaN, low: 0, high: 0 }]), 'entries[0].rating must be finite, got NaN'],
    ['scores', () => p.attributionPlot(['a'], [Number.POSITIVE_INFINITY]), 'scores[0] must be finite, got Infinity'],
    ['tokens', () => p.attributionPlot(['a'], []), 'tokens'],
    ['bins', () => p.reliabilityPlot([{ binConfidences: [0.1], binAccuracies: [], binCounts: [] }]), 'binConfidences'],
    ['points', () => p.precisionRecallPlot([{ precision: [], recall: [], thresholds: [] }]), 'recall cannot be empty'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
