/** A harness report as text, Markdown, JSON and lines of samples. */
import { formatFixed, oneOf } from '@gtc/errors';
import type { HarnessReport } from './run.js';

/** How a report is written. */
export type ReportFormat = 'text' | 'markdown' | 'json';

const HEADERS = ['Task', 'Version', 'Shots', 'Docs', 'Metric', 'Value', 'Stderr', 'Prompt', 'Tokenizer'];

/** A row for each score. */
function rowsOf({ tasks, tokenizerHash }: HarnessReport): string[][] {
  return tasks.flatMap(({ task, version, numFewshot, numDocs, scores, promptHash }) =>
    Object.entries(scores).map(([metric, { value, stderr }]) => [
      task,
      String(version),
      String(numFewshot),
      String(numDocs),
      metric,
      formatFixed(value, 4),
      Number.isNaN(stderr) ? 'n/a' : formatFixed(stderr, 4),
      promptHash,
      tokenizerHash,
    ]),
  );
}

/** Columns of one width each. */
function aligned(rows: readonly string[][]): string[] {
  const widths = HEADERS.map((_, j) => Math.max(...rows.map(row => [...row[j]!].length)));
  return rows.map(row =>
    row
      .map((cell, j) => cell + ' '.repeat(widths[j]! - [...cell].length))
      .join('  ')
      .trimEnd(),
  );
}

/**
 * A report for people or programs. Each score stands with the hashes of its prompt and of the tokenizer: scores with other hashes are no peers.
 *
 * @throws {ValidationError} for an unknown format
 * @remarks Python: `lm_eval.utils.make_table(results)`.
 * @example formatHarnessReport({ model: 'm', tokenizerHash: 't', seed: 0, tasks: [] }) // => 'Model: m\nTask  Version  Shots  Docs  Metric  Value  Stderr  Prompt  Tokenizer'
 */
export function formatHarnessReport(report: HarnessReport, { format = 'text' }: { readonly format?: ReportFormat } = {}): string {
  oneOf(format, 'format', ['text', 'markdown', 'json'] as const);
  if (format === 'json')
    return JSON.stringify(
      { ...report, tasks: report.tasks.map(({ samples: _, ...task }) => task) },
      (_, value: unknown) => (Number.isNaN(value) ? null : value),
      2,
    );
  const rows = rowsOf(report);
  if (format === 'text') return [`Model: ${report.model}`, ...aligned([HEADERS, ...rows])].join('\n');
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [`Model: ${report.model}`, '', line(HEADERS), line(HEADERS.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * What came of each document, a JSON object for each line, with the names that lm-evaluation-harness gives them.
 *
 * @remarks Python: the `samples_<task>.jsonl` of `lm_eval --log_samples`.
 * @example samplesToJsonl({ model: 'm', tokenizerHash: 't', seed: 0, tasks: [] }) // => ''
 */
export function samplesToJsonl({ tasks }: HarnessReport): string {
  return tasks
    .flatMap(({ task, samples }) =>
      samples.map(
        ({ docId, prompt, target, responses, metrics }) =>
          `${JSON.stringify({ task, doc_id: docId, prompt, target, resps: responses, filtered_resps: responses, ...metrics })}\n`,
      ),
    )
    .join('');
}
