/** Reads Python: public functions, classes and constants at the top of a module, with their docstrings in Google's style. */
import type { Node } from 'web-tree-sitter';
import type { Pattern } from '../../pattern.js';
import { withTree } from './grammar.js';
import { clean, splitSummary } from './prose.js';
import { type Found, found, type SourcePatterns } from './source.js';

interface Docstring {
  readonly description: string;
  readonly params: readonly string[];
  readonly returns: string;
  readonly throws: readonly string[];
  readonly examples: readonly string[];
}

const SECTION = /^(Args|Arguments|Parameters|Returns|Return|Yields|Raises|Examples?|Notes?|Attributes|References|See Also|Warnings?)\s*:?\s*$/;

/** The text of a string literal without its quotes. */
function unquoted(literal: string): string {
  return literal.replace(/^[rRbBuUfF]*("""|'''|"|')/, '').replace(/("""|'''|"|')$/, '');
}

/** The entries of a section: `name: text`, the following lines of an entry are indented further. */
function entriesOf(lines: readonly string[]): string[] {
  const entries: string[] = [];
  const least = Math.min(...lines.filter(line => line.trim() !== '').map(line => line.length - line.trimStart().length));
  for (const line of lines) {
    if (line.trim() === '' || /^\s*-+\s*$/.test(line)) continue;
    if (line.length - line.trimStart().length === least) entries.push(line.trim());
    else entries.push(`${entries.pop() ?? ''} ${line.trim()}`);
  }
  return entries.map(clean);
}

function docstringOf(text: string): Docstring {
  const sections = new Map<string, string[]>([['', []]]);
  let current = sections.get('')!;
  for (const line of text.split('\n')) {
    const title = SECTION.exec(line.trim())?.[1];
    if (title === undefined) current.push(line);
    else {
      current = [];
      sections.set(
        title
          .replace(/^(Arguments|Parameters)$/, 'Args')
          .replace(/^Return$/, 'Returns')
          .replace(/^Examples$/, 'Example'),
        current,
      );
    }
  }
  const lines = (title: string): readonly string[] => sections.get(title) ?? [];
  const example = lines('Example')
    .filter(line => /^\s*(>>>|\.\.\.)/.test(line))
    .map(line => line.replace(/^\s*(>>>|\.\.\.) ?/, ''));
  return {
    description: lines('').join('\n').trim(),
    params: entriesOf(lines('Args')),
    returns: entriesOf(lines('Returns')).join(' '),
    throws: entriesOf(lines('Raises')),
    examples: example.length === 0 ? [] : [example.join('\n')],
  };
}

/** The string that begins a body. */
function docOf(body: Node | null): string {
  const first = body?.namedChildren.find(node => node !== null && node.type !== 'comment');
  const literal = first?.type === 'expression_statement' ? first.namedChild(0) : null;
  return literal?.type === 'string' ? unquoted(literal.text) : '';
}

function signatureOf(node: Node): string {
  const body = node.childForFieldName('body');
  const text = node.text.slice(0, body === null ? undefined : body.startIndex - node.startIndex);
  return text
    .replace(/\s+/g, ' ')
    .replace(/:\s*(#.*)?$/, '')
    .trim();
}

function declarationOf(node: Node): Found | null {
  const inner = node.type === 'decorated_definition' ? node.childForFieldName('definition') : node;
  const name = inner?.childForFieldName('name')?.text;
  if (inner === null || name === undefined || name.startsWith('_')) return null;
  if (inner.type !== 'function_definition' && inner.type !== 'class_definition') return null;
  return {
    name,
    kind: inner.type === 'class_definition' ? 'class' : 'function',
    signature: signatureOf(inner),
    ...docstringOf(docOf(inner.childForFieldName('body'))),
  };
}

/** `NAME = value` in capitals. */
function constantOf(node: Node): Found | null {
  const assignment = node.type === 'expression_statement' ? node.namedChild(0) : null;
  const name = assignment?.type === 'assignment' ? assignment.childForFieldName('left')?.text : undefined;
  if (assignment === null || name === undefined || !/^[A-Z][A-Z0-9_]*$/.test(name)) return null;
  return { name, kind: 'constant', signature: clean(assignment.text).slice(0, 200), description: '' };
}

/** The patterns of one Python source. */
export async function readPython(source: string, place: Pick<Pattern, 'domain' | 'language' | 'specifier' | 'file'>): Promise<SourcePatterns> {
  return withTree('py', source, root => {
    const nodes = root.namedChildren.filter(node => node !== null);
    const declared = nodes.map(node => declarationOf(node) ?? constantOf(node)).filter(each => each !== null);
    return { summary: splitSummary(clean(docOf(root)))[0], patterns: declared.map(each => found(each, place)) };
  });
}
