/** Any result as text, Markdown or JSON. */
import { notNull, oneOf } from '@gtc/errors';

/** How a result is written. */
export type ResultFormat = 'text' | 'markdown' | 'json';

/** Options of {@link formatResult}. */
export interface FormatResultOptions {
  /** 'text' by default. */
  readonly format?: ResultFormat;
  /** Stands above the result. */
  readonly title?: string;
  /** Digits behind the point; 4 by default. */
  readonly digits?: number;
}

/** Values in a row at most; beyond them their number, mean and ends are written. */
const MOST_VALUES = 12;

type Plain = Readonly<Record<string, unknown>>;

const isArray = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
const isRecord = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !isArray(value) && !(value instanceof Map) && !(value instanceof Set);
const isScalar = (value: unknown): boolean => value === null || ['number', 'string', 'boolean', 'bigint', 'undefined'].includes(typeof value);

/** A value in a cell. */
function cell(value: unknown, digits: number): string {
  if (value === null || value === undefined) return 'n/a';
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'n/a';
    if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
    return value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits ? value.toExponential(Math.max(0, digits - 1)) : value.toFixed(digits);
  }
  if (isArray(value)) {
    const values = Array.from(value);
    if (values.length <= MOST_VALUES || !values.every(each => typeof each === 'number'))
      return values.map(each => (isScalar(each) ? cell(each, digits) : JSON.stringify(each))).join(', ');
    const numbers = values as number[];
    const mean = numbers.reduce((total, each) => total + each, 0) / numbers.length;
    return `${numbers.length} values, mean ${cell(mean, digits)}, from ${cell(
      numbers.reduce((a, b) => Math.min(a, b)),
      digits,
    )} to ${cell(
      numbers.reduce((a, b) => Math.max(a, b)),
      digits,
    )}`;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Rows with names of columns. */
interface TableOf {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table of records that are alike: one for each member, or for each place of a list. */
function tableOf(name: string, entries: readonly (readonly [string, Plain])[], digits: number): TableOf {
  const columns = [...new Set(entries.flatMap(([, record]) => Object.keys(record)))];
  return { name, columns: ['', ...columns], rows: entries.map(([key, record]) => [key, ...columns.map(column => cell(record[column], digits))]) };
}

/** A table of a matrix. */
const matrixTable = (name: string, rows: readonly ArrayLike<unknown>[], digits: number): TableOf => ({
  name,
  columns: ['', ...Array.from(rows[0] ?? [], (_, j) => String(j))],
  rows: rows.map((row, i) => [String(i), ...Array.from(row, value => cell(value, digits))]),
});

/** The parts of a result: single figures, and tables of what has several of them. */
function partsOf(result: unknown, digits: number, name = ''): { figures: [string, string][]; tables: TableOf[] } {
  if (isArray(result)) {
    const values = Array.from(result);
    if (values.length > 0 && values.every(isRecord))
      return {
        figures: [],
        tables: [
          tableOf(
            name,
            values.map((value, i) => [String(i), value as Plain]),
            digits,
          ),
        ],
      };
    if (values.length > 0 && values.every(isArray)) return { figures: [], tables: [matrixTable(name, values as ArrayLike<unknown>[], digits)] };
    return { figures: [[name === '' ? 'value' : name, cell(values, digits)]], tables: [] };
  }
  if (!isRecord(result))
    return { figures: [[name === '' ? 'value' : name, cell(result instanceof Map || result instanceof Set ? [...result] : result, digits)]], tables: [] };
  const members = Object.entries(result).filter(([, value]) => typeof value !== 'function');
  // Members that are records of single figures make one table together.
  const alike = members.filter((member): member is [string, Plain] => isRecord(member[1]) && Object.values(member[1]).every(isScalar));
  const joined = alike.length > 1 || (alike.length === 1 && members.length === 1);
  const [figures, tables]: [[string, string][], TableOf[]] = [[], joined ? [tableOf(name, alike, digits)] : []];
  for (const [key, value] of joined ? members.filter(([key]) => !alike.some(([other]) => other === key)) : members) {
    const inner = partsOf(value, digits, name === '' ? key : `${name}.${key}`);
    figures.push(...inner.figures);
    tables.push(...inner.tables);
  }
  return { figures, tables };
}

/** Columns of one width each; numbers, and the names above them, to the right. */
function aligned(rows: readonly (readonly string[])[], header: readonly string[] | null = null): string {
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map(row => [...(row[j] ?? '')].length)));
  const number = /^-?[\d.]+(e[+-]\d+)?$|^n\/a$/;
  return rows
    .map(row =>
      row
        .map((text, j) => {
          const space = ' '.repeat(widths[j]! - [...text].length);
          return j > 0 && (number.test(text) || row === header) ? space + text : text + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const markdownRow = (cells: readonly string[]): string => `| ${cells.map(text => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
const markdownTable = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [markdownRow(columns), markdownRow(columns.map((_, j) => (j === 0 ? '---' : '---:'))), ...rows.map(markdownRow)].join('\n');

/**
 * Any result of this package for people or programs: single figures one for each line, records and matrices as tables. JSON writes what is not a number, or
 * infinite, as null, and typed arrays as lists; functions are left out everywhere.
 *
 * @throws {ValidationError} for no result or an unknown format
 * @remarks Python: `pandas.DataFrame(result).to_string()`, `to_markdown()`, `to_json()`.
 * @example formatResult({ accuracy: 0.91234, n: 12 }) // => 'accuracy  0.9123\nn             12'
 * @example formatResult({ a: { f1: 1 }, b: { f1: 0.5 } }, { format: 'markdown' }) // => '|  | f1 |\n| --- | ---: |\n| a | 1 |\n| b | 0.5000 |'
 */
export function formatResult(result: unknown, { format = 'text', title = '', digits = 4 }: FormatResultOptions = {}): string {
  oneOf(format, 'format', ['text', 'markdown', 'json'] as const);
  notNull(result, 'result');
  if (format === 'json') {
    const plain = (_: string, value: unknown): unknown => {
      if (typeof value === 'number' && !Number.isFinite(value)) return null;
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Map) return Object.fromEntries(value);
      return value instanceof Set || isArray(value) ? Array.from(value as ArrayLike<unknown>) : value;
    };
    return JSON.stringify(title === '' ? result : { title, result }, plain, 2);
  }
  const { figures, tables } = partsOf(result, digits);
  const markdown = format === 'markdown';
  const blocks = title === '' ? [] : [markdown ? `# ${title}` : title];
  if (figures.length > 0) blocks.push(markdown ? markdownTable(['', 'value'], figures) : aligned(figures));
  for (const { name, columns, rows } of tables) {
    const heading = name === '' ? [] : [markdown ? `## ${name}` : name];
    blocks.push([...heading, markdown ? `${heading.length > 0 ? '\n' : ''}${markdownTable(columns, rows)}` : aligned([columns, ...rows], columns)].join('\n'));
  }
  return blocks.join('\n\n');
}
