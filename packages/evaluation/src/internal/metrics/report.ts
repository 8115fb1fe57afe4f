/** A printed summary of precision, recall and F1 for each class. */
import { formatFixed, integer, nonNegative, ShapeError } from '@gtc/errors';
import { accuracyScore } from './agreement.js';
import { type Indicator, isIndicator, type Label, type Labels, uniqueLabels } from './labels.js';
import { type AverageOptions, type PrecisionRecallFscore, precisionRecallFscoreSupport } from './precision-recall.js';

/** Options of {@link classificationReport}. */
export interface ReportOptions extends Pick<AverageOptions, 'labels' | 'sampleWeight' | 'zeroDivision'> {
  /** Names to print instead of the labels, in their order. */
  readonly targetNames?: readonly string[];
  /** Decimals. */
  readonly digits?: number;
}

/** One line of a report. */
export interface ReportRow {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** A report as data: one row for each class, then the averages. */
export interface ClassificationReport {
  readonly classes: readonly ReportRow[];
  /** Null for multilabel targets and for a selection of labels, where the micro average stands instead. */
  readonly accuracy: number | null;
  readonly averages: readonly ReportRow[];
  /** Total support. */
  readonly support: number;
}

/**
 * The numbers of {@link classificationReport}.
 *
 * @remarks Python: `sklearn.metrics.classification_report(..., output_dict=True)`; within 1e-12.
 * @example classificationReportData([0, 1, 1], [0, 1, 0]).accuracy // => 2 / 3
 */
export function classificationReportData(
  yTrue: Labels | Indicator,
  yPred: Labels | Indicator,
  { labels, targetNames, sampleWeight, zeroDivision = 0 }: ReportOptions = {},
): ClassificationReport {
  const multilabel = isIndicator(yTrue);
  const present: readonly Label[] = multilabel ? Array.from(yTrue[0]!, (_, j) => j) : uniqueLabels(yTrue, yPred as Labels);
  const wanted = labels ?? present;
  const names = targetNames ?? wanted.map(String);
  if (names.length !== wanted.length)
    throw new ShapeError(`targetNames must have length ${wanted.length}, got ${names.length}`, { parameter: 'targetNames', received: names.length });
  const shared = { sampleWeight, zeroDivision, ...(multilabel ? {} : { labels: wanted }) };
  const { precision, recall, f1, support } = precisionRecallFscoreSupport(yTrue, yPred, { ...shared, average: null });
  const total = support.reduce((sum, value) => sum + value, 0);
  const classes = names.map((name, i) => ({ name, precision: precision[i]!, recall: recall[i]!, f1: f1[i]!, support: support[i]! }));
  const single = !multilabel && present.every(label => wanted.includes(label));
  const kinds = [...(single ? [] : (['micro'] as const)), 'macro' as const, 'weighted' as const, ...(multilabel ? (['samples'] as const) : [])];
  const average = (kind: (typeof kinds)[number]): ReportRow => {
    const scores: PrecisionRecallFscore = precisionRecallFscoreSupport(yTrue, yPred, { ...shared, average: kind });
    return { ...scores, name: `${kind} avg`, support: total };
  };
  return { classes, accuracy: single ? accuracyScore(yTrue, yPred, { sampleWeight }) : null, averages: kinds.map(average), support: total };
}

/**
 * Precision, recall, F1 and support of each class as text, with averages below.
 *
 * @param options `digits` decimals (2), `targetNames` to print
 * @returns the table that scikit-learn prints
 * @remarks Python: `sklearn.metrics.classification_report(y_true, y_pred, digits=, target_names=, zero_division=0)`; equal text.
 * @example classificationReport(['a', 'b'], ['a', 'b']).split('\n')[2] // => '           a       1.00      1.00      1.00         1'
 */
export function classificationReport(yTrue: Labels | Indicator, yPred: Labels | Indicator, { digits = 2, ...options }: ReportOptions = {}): string {
  nonNegative(integer(digits, 'digits'), 'digits');
  const report = classificationReportData(yTrue, yPred, options);
  const width = Math.max('weighted avg'.length, digits, ...report.classes.map(row => [...row.name].length));
  const line = (name: string, cells: readonly string[]): string => `${name.padStart(width)} ${cells.map(cell => ` ${cell.padStart(9)}`).join('')}\n`;
  const count = (value: number): string => String(value);
  const row = ({ name, precision, recall, f1, support }: ReportRow): string =>
    line(name, [...[precision, recall, f1].map(value => formatFixed(value, digits)), count(support)]);
  const accuracy = report.accuracy === null ? '' : line('accuracy', ['', '', formatFixed(report.accuracy, digits), count(report.support)]);
  return `${line('', ['precision', 'recall', 'f1-score', 'support'])}\n${report.classes.map(row).join('')}\n${accuracy}${report.averages.map(row).join('')}`;
}
