/** Words of an answer: text for a terminal, Markdown, code to paste, JSON. */
import type { Proof } from './pattern.js';
import type { Result } from './search.js';

/** Marks up parts of a text answer; the identity when there are no colours. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly code: (text: string) => string;
  readonly dim: (text: string) => string;
}

const PLAIN: Style = { strong: text => text, code: text => text, dim: text => text };

/**
 * How a module was verified, in one line.
 *
 * @example proofText(null) // => 'no recorded run'
 */
export function proofText(proof: Proof | null): string {
  if (proof === null) return 'no recorded run';
  const vectors = proof.vectors === null ? [] : [`${proof.vectors.passed} golden vectors of hf_gtc`];
  const evidence = proof.evidence.map(({ passed, library, version, tolerance }) => `${passed} cases of ${library} ${version} within ${tolerance}`);
  return [...vectors, ...evidence, `${proof.tests} tests in all`].join('; ');
}

function indent(text: string, by: string): string {
  return text.replace(/^/gm, by);
}

/** Cuts text into lines of a width, at spaces. */
function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

function textOf(result: Result, rank: number, style: Style, width: number, explain: boolean): string {
  const { pattern, module, why, score } = result;
  const room = Math.max(20, width - 3);
  const labelled = (label: string, text: string): string[] =>
    text === '' ? [] : [indent(wrap(text, room - 9), '         ').replace(/^ {9}/, label.padEnd(9))];
  const fields = Object.entries(why.fields).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  const lines = [
    wrap(`${pattern.summary}${pattern.details === '' ? '' : ` ${pattern.details}`}`, room),
    style.dim(wrap(pattern.signature, room)),
    ...(pattern.examples.length > 0 ? ['', style.code(indent(pattern.examples[0]!, '  ')), ''] : []),
    ...labelled('Python', pattern.python),
    ...labelled('Rust', pattern.rust),
    ...labelled('Proof', proofText(module?.proof ?? null)),
    ...(explain ? labelled('Why', `${why.exact ? 'exact name, ' : ''}${fields.join(', ')}; score ${score.toFixed(2)}`) : []),
  ];
  return `${rank}. ${style.strong(pattern.name)}  ${style.dim(pattern.specifier)}\n${indent(lines.join('\n'), '   ').replace(/[ \t]+$/gm, '')}`;
}

/** Options of {@link formatText}. */
export interface TextOptions {
  readonly style?: Style;
  /** Columns of the terminal. */
  readonly width?: number;
  /** Show scores by field. */
  readonly explain?: boolean;
}

/** Results for a terminal. */
export function formatText(results: readonly Result[], { style = PLAIN, width = 100, explain = false }: TextOptions = {}): string {
  return results.map((result, i) => textOf(result, i + 1, style, width, explain)).join('\n\n');
}

/** Results as Markdown. */
export function formatMarkdown(results: readonly Result[]): string {
  const section = ({ pattern, module }: Result): string => {
    const rows = [
      ['Python', pattern.python],
      ['Rust', pattern.rust],
      ['Proof', proofText(module?.proof ?? null)],
    ].filter(([, text]) => text !== '');
    const example = pattern.examples.length > 0 ? `\n\`\`\`ts\n${pattern.examples[0]}\n\`\`\`\n` : '';
    return `## ${pattern.name} (\`${pattern.specifier}\`)\n\n${pattern.summary} ${pattern.details}\n\n\`\`\`ts no-run\n${pattern.signature}\n\`\`\`\n${example}\n${rows.map(([label, text]) => `- ${label}: ${text}`).join('\n')}`;
  };
  return results.map(section).join('\n\n');
}

/** Only code to paste: the first example of each result. */
export function formatCode(results: readonly Result[]): string {
  return results.flatMap(({ pattern }) => pattern.examples.slice(0, 1)).join('\n\n');
}
