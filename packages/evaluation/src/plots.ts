/** Plots of results as SVG: confusion matrices, ROC and precision-recall curves, reliability, ratings with intervals, attributions. */
import { finite, nonEmpty, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { sum } from '@gtc/tensor/statistics';
import type { ReliabilityCurve } from './internal/calibration/errors.js';
import type { ArenaRating } from './internal/leaderboards/ratings.js';
import { auc, type PrecisionRecallCurve, type RocCurve } from './internal/metrics/curves.js';
import type { Label } from './internal/metrics/labels.js';
import { type Area, axes, COLOURS, element, label, line, numeral, picture, scaleOf } from './internal/plots/svg.js';

/** Options of all plots. */
export interface PlotOptions {
  /** Stands above the plot. */
  readonly title?: string;
}

/** Options of {@link confusionMatrixPlot}. */
export interface ConfusionPlotOptions extends PlotOptions {
  /** Names of the classes; their places by default. */
  readonly labels?: readonly Label[];
}

/** Room for a text of so many characters. */
const roomFor = (texts: readonly string[], least: number): number => Math.min(220, Math.max(least, ...texts.map(text => 16 + 7.5 * [...text].length)));

/** A text with at most so many characters. */
const cut = (text: string, most: number): string => ([...text].length <= most ? text : `${[...text].slice(0, most - 1).join('')}…`);

/**
 * A confusion matrix: true classes in rows, predicted ones in columns, darker the larger its share of the row.
 *
 * @param matrix counts or shares, as `confusionMatrix` gives them
 * @returns an SVG document
 * @throws {ValidationError} for no classes, or values that are negative or not finite
 * @throws {ShapeError} for anything but a square, or other than as many labels
 * @remarks Python: `sklearn.metrics.ConfusionMatrixDisplay(matrix, display_labels=).plot()`.
 * @example confusionMatrixPlot([[5, 1], [0, 4]], { labels: ['no', 'yes'] }).startsWith('<svg') // => true
 */
export function confusionMatrixPlot(
  matrix: readonly (readonly number[])[],
  { labels = matrix.map((_, i) => i), title = 'Confusion matrix' }: ConfusionPlotOptions = {},
): string {
  nonEmpty(matrix, 'matrix');
  const k = matrix.length;
  matrix.forEach((row, i) => {
    if (row.length !== k)
      throw new ShapeError(`matrix must be square, got ${row.length} columns in row ${i} of ${k}`, { parameter: 'matrix', received: row.length });
    for (const value of row)
      if (!(finite(value, `matrix[${i}]`) >= 0))
        throw new ValidationError(`matrix[${i}] must be non-negative, got ${value}`, { parameter: 'matrix', received: value });
  });
  sameLength({ labels, matrix });
  const names = labels.map(name => cut(String(name), 24));
  const left = 40 + roomFor(names, 40);
  const top = 70;
  const cell = Math.max(28, Math.min(72, 480 / k));
  const [width, height] = [left + k * cell + 20, top + k * cell + 40];
  const columns = names.map((name, j) => label(cut(name, Math.floor(cell / 7)), left + (j + 0.5) * cell, top - 8, { 'text-anchor': 'middle' }));
  const rows = matrix.map((row, i) => {
    const total = sum(row);
    const cells = row.map((value, j) => {
      const share = total === 0 ? 0 : value / total;
      const shade = {
        x: left + j * cell,
        y: top + i * cell,
        width: cell,
        height: cell,
        fill: '#0072b2',
        'fill-opacity': 0.05 + 0.9 * share,
        stroke: '#ffffff',
      };
      const number = label(numeral(value), left + (j + 0.5) * cell, top + (i + 0.5) * cell + 5, {
        'text-anchor': 'middle',
        fill: share > 0.5 ? '#ffffff' : '#222222',
      });
      return element('rect', shade) + number;
    });
    return label(names[i]!, left - 10, top + (i + 0.5) * cell + 5, { 'text-anchor': 'end' }) + cells.join('');
  });
  const sides =
    label('Predicted', left + (k * cell) / 2, height - 14, { 'text-anchor': 'middle' }) +
    label('True', 24, top + (k * cell) / 2, { 'text-anchor': 'middle', transform: `rotate(-90 24 ${top + (k * cell) / 2})` });
  const right = sum(matrix.map((row, i) => row[i]!));
  const all = sum(matrix.flat());
  return picture(
    width,
    height,
    title,
    `Confusion matrix of ${k} classes; ${numeral(all === 0 ? 0 : (100 * right) / all)} % on the diagonal.`,
    [...columns, ...rows, sides].join(''),
  );
}

/** A curve with its name. */
export type Named<C> = C & { readonly name?: string };

const UNIT: Area = { left: 70, top: 44, width: 380, height: 380, x: [0, 1], y: [0, 1] };

/** Names of curves in a corner. */
function legend(names: readonly string[], x: number, y: number): string {
  const rows = names.map(
    (name, i) =>
      element('line', { x1: x, y1: y + 20 * i - 4, x2: x + 22, y2: y + 20 * i - 4, stroke: COLOURS[i % COLOURS.length]!, 'stroke-width': 3 }) +
      label(cut(name, 42), x + 30, y + 20 * i),
  );
  return rows.join('');
}

/** Points of a curve in a plot. @throws {ValidationError | ShapeError} for no points, or values outside [0, 1] */
function pointsOf(x: ArrayLike<number>, y: ArrayLike<number>, names: readonly [string, string], area: Area): [number, number][] {
  nonEmpty(x as object, names[0]);
  sameLength({ [names[0]]: x, [names[1]]: y });
  const scale = scaleOf(area);
  return Array.from(x, (value, i): [number, number] => {
    const other = y[i]!;
    if (!(value >= 0 && value <= 1 && other >= 0 && other <= 1))
      throw new ValidationError(`${names[0]} and ${names[1]} must lie in [0, 1], got ${value} and ${other} at ${i}`, { parameter: names[0], received: value });
    return [scale.x(value), scale.y(other)];
  });
}

/**
 * ROC curves, with the areas below them.
 *
 * @param curves as `rocCurve` gives them, with names
 * @returns an SVG document
 * @throws {ValidationError} for no curves, no points, or rates outside [0, 1]
 * @throws {ShapeError} for unequal numbers of rates
 * @remarks Python: `sklearn.metrics.RocCurveDisplay(fpr=, tpr=, roc_auc=).plot()`.
 * @example rocCurvePlot([{ name: 'model', fpr: [0, 0, 1], tpr: [0, 1, 1], thresholds: [9, 1, 0] }]).includes('AUC 1') // => true
 */
export function rocCurvePlot(curves: readonly Named<RocCurve>[], { title = 'ROC curve' }: PlotOptions = {}): string {
  nonEmpty(curves, 'curves');
  const scale = scaleOf(UNIT);
  const lines = curves.map(({ fpr, tpr }, i) => line(pointsOf(fpr, tpr, ['fpr', 'tpr'], UNIT), COLOURS[i % COLOURS.length]!));
  const chance = line(
    [
      [scale.x(0), scale.y(0)],
      [scale.x(1), scale.y(1)],
    ],
    '#888888',
    { 'stroke-dasharray': '5 5', 'stroke-width': 1 },
  );
  const names = curves.map(({ name = 'model', fpr, tpr }) => `${name} (AUC ${numeral(auc(fpr, tpr))})`);
  const inside =
    axes(UNIT, { x: 'False positive rate', y: 'True positive rate' }) +
    chance +
    lines.join('') +
    legend(names, UNIT.left + 110, UNIT.top + UNIT.height - 20 * names.length);
  return picture(480, 490, title, `ROC curves: ${names.join('; ')}.`, inside);
}

/**
 * Precision-recall curves as steps, with their average precision.
 *
 * @param curves as `precisionRecallCurve` gives them, with names
 * @returns an SVG document
 * @throws {ValidationError} for no curves, no points, or values outside [0, 1]
 * @throws {ShapeError} for unequal numbers of values
 * @remarks Python: `sklearn.metrics.PrecisionRecallDisplay(precision=, recall=, average_precision=).plot()`.
 * @example precisionRecallPlot([{ precision: [0.5, 1, 1], recall: [1, 1, 0], thresholds: [0, 1] }]).includes('AP 1') // => true
 */
export function precisionRecallPlot(curves: readonly Named<PrecisionRecallCurve>[], { title = 'Precision-recall curve' }: PlotOptions = {}): string {
  nonEmpty(curves, 'curves');
  const lines = curves.map(({ precision, recall }, i) => {
    const points = pointsOf(recall, precision, ['recall', 'precision'], UNIT);
    // Each precision holds down to the next recall.
    const steps = points.flatMap(([x, y], j): [number, number][] =>
      j === 0
        ? [[x, y]]
        : [
            [x, points[j - 1]![1]],
            [x, y],
          ],
    );
    return line(steps, COLOURS[i % COLOURS.length]!);
  });
  const names = curves.map(({ name = 'model', precision, recall }) => {
    const average = sum(Array.from(recall, (value, i) => (i + 1 < recall.length ? (value - recall[i + 1]!) * precision[i]! : 0)));
    return `${name} (AP ${numeral(average)})`;
  });
  const inside = axes(UNIT, { x: 'Recall', y: 'Precision' }) + lines.join('') + legend(names, UNIT.left + 16, UNIT.top + UNIT.height - 20 * names.length);
  return picture(480, 490, title, `Precision-recall curves: ${names.join('; ')}.`, inside);
}

/**
 * A reliability diagram: frequency against mean probability, and below it how many predictions fell into each bin.
 *
 * @param curves as `reliabilityCurve` gives them, with names
 * @returns an SVG document
 * @throws {ValidationError} for no curves, no bins, or values outside [0, 1]
 * @throws {ShapeError} for unequal numbers of values
 * @remarks Python: `sklearn.calibration.CalibrationDisplay`.
 * @example reliabilityPlot([{ binConfidences: [0.2, 0.8], binAccuracies: [0.1, 0.9], binCounts: [10, 20] }]).startsWith('<svg') // => true
 */
export function reliabilityPlot(curves: readonly Named<ReliabilityCurve>[], { title = 'Reliability diagram' }: PlotOptions = {}): string {
  nonEmpty(curves, 'curves');
  const scale = scaleOf(UNIT);
  const most = Math.max(...curves.flatMap(({ binCounts }) => binCounts), 1);
  const counts: Area = { ...UNIT, top: 500, height: 90, y: [0, most] };
  const below = scaleOf(counts);
  const parts = curves.map(({ binConfidences, binAccuracies, binCounts }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    const points = pointsOf(binConfidences, binAccuracies, ['binConfidences', 'binAccuracies'], UNIT);
    sameLength({ binCounts, binConfidences });
    const dots = points.map(([x, y]) => element('circle', { cx: x, cy: y, r: 4, fill: colour }));
    const bars = binCounts.map((count, j) => {
      const x = below.x(binConfidences[j]!) - 5 + 4 * i;
      return element('rect', { x, y: below.y(count), width: 10, height: below.y(0) - below.y(count), fill: colour, 'fill-opacity': 0.6 });
    });
    return line(points, colour) + dots.join('') + bars.join('');
  });
  const perfect = line(
    [
      [scale.x(0), scale.y(0)],
      [scale.x(1), scale.y(1)],
    ],
    '#888888',
    { 'stroke-dasharray': '5 5', 'stroke-width': 1 },
  );
  const names = curves.map(({ name = 'model', binConfidences, binAccuracies, binCounts }) => {
    const total = sum(binCounts);
    const gap = sum(binCounts.map((count, j) => (count / total) * Math.abs(binConfidences[j]! - binAccuracies[j]!)));
    return `${name} (ECE ${numeral(gap)})`;
  });
  const inside =
    axes(UNIT, { x: '', y: 'Frequency' }) +
    perfect +
    axes(counts, { x: 'Mean predicted probability', y: 'Count' }) +
    parts.join('') +
    legend(names, UNIT.left + 16, UNIT.top + 24);
  return picture(480, 650, title, `Reliability: ${names.join('; ')}.`, inside);
}

/** A line of a leaderboard. */
export interface RatedEntry extends Pick<ArenaRating, 'rating' | 'low' | 'high'> {
  readonly name: string;
}

/**
 * A leaderboard with intervals, best first.
 *
 * @param entries names with ratings and intervals, such as those of `arenaRatings`
 * @returns an SVG document
 * @throws {ValidationError} for no entries, or figures that are not finite
 * @remarks Python: the bootstrap plot of Chatbot Arena's notebook.
 * @example leaderboardPlot([{ name: 'a', rating: 1100, low: 1050, high: 1150 }]).includes('1100') // => true
 */
export function leaderboardPlot(entries: readonly RatedEntry[], { title = 'Leaderboard' }: PlotOptions = {}): string {
  nonEmpty(entries, 'entries');
  for (const [i, { rating, low, high }] of entries.entries())
    for (const [name, value] of Object.entries({ rating, low, high })) finite(value, `entries[${i}].${name}`);
  const sorted = [...entries].sort((a, b) => b.rating - a.rating);
  const names = sorted.map(({ name }) => cut(name, 28));
  const [least, most] = [Math.min(...entries.map(entry => entry.low)), Math.max(...entries.map(entry => entry.high))];
  const margin = (most - least || 1) * 0.05;
  const area: Area = {
    left: 20 + roomFor(names, 60),
    top: 44,
    width: 460,
    height: 28 * entries.length,
    x: [least - margin, most + margin],
    y: [0, entries.length],
  };
  const scale = scaleOf(area);
  const rows = sorted.map(({ rating, low, high }, i) => {
    const y = area.top + 28 * (i + 0.5);
    const bar = line(
      [
        [scale.x(low), y],
        [scale.x(high), y],
      ],
      COLOURS[0],
    );
    const ends = [low, high].map(value =>
      line(
        [
          [scale.x(value), y - 5],
          [scale.x(value), y + 5],
        ],
        COLOURS[0],
      ),
    );
    const dot = element('circle', { cx: scale.x(rating), cy: y, r: 5, fill: COLOURS[0] });
    return (
      label(names[i]!, area.left - 10, y + 4, { 'text-anchor': 'end' }) +
      bar +
      ends.join('') +
      dot +
      label(String(Math.round(rating * 10) / 10), area.left + area.width + 10, y + 4)
    );
  });
  const flat = { ...area, y: [0, 0] as const };
  const grid = axes({ ...flat, y: [0, 1] }, { x: 'Rating', y: '' }).replace(/<text[^>]*text-anchor="end"[^>]*>[^<]*<\/text>/g, '');
  return picture(
    area.left + area.width + 80,
    area.top + area.height + 60,
    title,
    `Leaderboard: ${sorted.map(({ name, rating }) => `${name} ${numeral(rating)}`).join('; ')}.`,
    grid + rows.join(''),
  );
}

/**
 * Tokens of a text, each on a ground as strong as its attribution: blue speaks for, orange against.
 *
 * @param tokens in order
 * @param scores an attribution for each
 * @returns an SVG document
 * @throws {ValidationError} for no tokens, or scores that are not finite
 * @throws {ShapeError} for other than as many scores
 * @remarks Python: `captum.attr.visualization.visualize_text`.
 * @example attributionPlot(['not', 'bad'], [-0.2, 0.9]).includes('bad') // => true
 */
export function attributionPlot(tokens: readonly string[], scores: readonly number[], { title = '' }: PlotOptions = {}): string {
  nonEmpty(tokens, 'tokens');
  sameLength({ tokens, scores });
  const most = Math.max(...scores.map((score, i) => Math.abs(finite(score, `scores[${i}]`))), Number.MIN_VALUE);
  let [x, y] = [16, title === '' ? 30 : 60];
  const parts = tokens.map((token, i) => {
    const shown = cut(token === '' ? '∅' : token.replaceAll('\n', '⏎'), 40);
    const width = 10 + 8 * [...shown].length;
    if (x + width > 704) [x, y] = [16, y + 32];
    const ground = {
      x,
      y: y - 17,
      width,
      height: 24,
      rx: 4,
      fill: scores[i]! >= 0 ? COLOURS[0] : COLOURS[1],
      'fill-opacity': 0.75 * (Math.abs(scores[i]!) / most),
    };
    const drawn = element('rect', ground) + label(shown, x + width / 2, y, { 'text-anchor': 'middle', 'font-family': 'ui-monospace, monospace' });
    x += width + 4;
    return drawn;
  });
  return picture(720, y + 24, title, `Attributions: ${tokens.map((token, i) => `${token} ${numeral(scores[i]!)}`).join('; ')}.`, parts.join(''));
}
