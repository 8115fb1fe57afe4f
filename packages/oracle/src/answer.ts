/** Words of an answer: text for a terminal, Markdown, code to paste, JSON. */
import { codeOf, equivalentsOf } from './equivalents.js';
import type { Language, Proof } from './pattern.js';
import type { Explanation, Result } from './search.js';

/** Marks up parts of a text answer; the identity when there are no colours. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly code: (text: string) => string;
  readonly dim: (text: string) => string;
}

const PLAIN: Style = { strong: text => text, code: text => text, dim: text => text };

/** Names of the languages, as fences of Markdown have them. */
const FENCES: Readonly<Record<Language, string>> = { ts: 'ts', py: 'python', rs: 'rust' };

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

function scoresText(scores: Readonly<Record<string, number>>): string {
  return Object.entries(scores)
    .map(([name, value]) => `${name} ${value.toFixed(2)}`)
    .join(', ');
}

/** Why a result has its place, in one paragraph. */
export function reasonsText({ why, score }: Result, explained: Explanation): string {
  const { exact, words, meaning } = why;
  const { ranks } = explained;
  const parts = [
    ...(exact ? ['exact name'] : []),
    `module by words ${words.toFixed(2)} (rank ${ranks.words}: ${scoresText(explained.module) || 'none'})`,
    `by meaning ${meaning.toFixed(2)} (rank ${ranks.meaning})`,
    `joined rank ${ranks.fused}`,
    `words in the pattern: ${scoresText(explained.pattern) || 'none'}`,
    `score ${score.toFixed(2)}`,
  ];
  return parts.join('; ');
}

/** Options of the formats. */
export interface AnswerOptions {
  /** Languages whose code is shown (TypeScript). */
  readonly languages?: readonly Language[];
}

/** Options of {@link formatText}. */
export interface TextOptions extends AnswerOptions {
  readonly style?: Style;
  /** Columns of the terminal. */
  readonly width?: number;
  /** Scores by field, for each result that is to be explained. */
  readonly explain?: (result: Result) => Explanation;
}

const TYPESCRIPT: readonly Language[] = ['ts'];

function textOf(result: Result, rank: number, { style = PLAIN, width = 100, explain, languages = TYPESCRIPT }: TextOptions): string {
  const { pattern, module, related } = result;
  const room = Math.max(20, width - 3);
  const labelled = (label: string, text: string): string[] =>
    text === '' ? [] : [indent(wrap(text, room - 9), '         ').replace(/^ {9}/, label.padEnd(9))];
  const { python, rust } = equivalentsOf(pattern, module);
  const code = languages.map(language => codeOf(pattern, language, module)).filter(text => text !== '' && text !== pattern.signature);
  const lines = [
    wrap(`${pattern.summary}${pattern.details === '' ? '' : ` ${pattern.details}`}`, room),
    style.dim(wrap(pattern.signature, room)),
    ...(code.length > 0 ? ['', style.code(indent(code.join('\n\n'), '  ')), ''] : []),
    ...labelled('Python', python),
    ...labelled('Rust', rust),
    ...labelled('Proof', pattern.language === 'ts' ? proofText(module.proof) : ''),
    ...labelled('Related', related.join(', ')),
    ...(explain === undefined ? [] : labelled('Why', reasonsText(result, explain(result)))),
  ];
  return `${rank}. ${style.strong(pattern.name)}  ${style.dim(pattern.specifier)}\n${indent(lines.join('\n'), '   ').replace(/[ \t]+$/gm, '')}`;
}

/** Results for a terminal. */
export function formatText(results: readonly Result[], options: TextOptions = {}): string {
  return results.map((result, i) => textOf(result, i + 1, options)).join('\n\n');
}

/** Results as Markdown. */
export function formatMarkdown(results: readonly Result[], { languages = TYPESCRIPT }: AnswerOptions = {}): string {
  const section = ({ pattern, module, related }: Result): string => {
    const { python, rust } = equivalentsOf(pattern, module);
    const rows = [
      ['Python', python],
      ['Rust', rust],
      ['Proof', proofText(module.proof)],
      ['Related', related.map(name => `\`${name}\``).join(', ')],
    ].filter(([, text]) => text !== '');
    const code = languages.map(language => [FENCES[language], codeOf(pattern, language, module)] as const).filter(([, text]) => text !== '');
    const fences = code.map(([fence, text]) => `\n\`\`\`${fence}\n${text}\n\`\`\`\n`).join('');
    return `## ${pattern.name} (\`${pattern.specifier}\`)\n\n${pattern.summary} ${pattern.details}\n\n\`\`\`${FENCES[pattern.language]} no-run\n${pattern.signature}\n\`\`\`\n${fences}\n${rows.map(([label, text]) => `- ${label}: ${text}`).join('\n')}`;
  };
  return results.map(section).join('\n\n');
}

/** Only code to paste: that of each result in each language. */
export function formatCode(results: readonly Result[], { languages = TYPESCRIPT }: AnswerOptions = {}): string {
  return results
    .flatMap(({ pattern, module }) => languages.map(language => codeOf(pattern, language, module)))
    .filter(text => text !== '')
    .join('\n\n');
}

/** A result for programs. */
export function plainResult({ pattern, module, score, why, related }: Result): Record<string, unknown> {
  return {
    ...pattern,
    module: module.summary,
    proof: module.proof,
    equivalents: equivalentsOf(pattern, module),
    code: { ts: codeOf(pattern, 'ts', module), py: codeOf(pattern, 'py', module), rs: codeOf(pattern, 'rs', module) },
    related,
    score,
    why,
  };
}
