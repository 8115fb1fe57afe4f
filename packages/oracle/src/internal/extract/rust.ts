/** Reads Rust: public items of a file, its inner modules and the public methods of its types, with their documentation comments. */
import type { Node } from 'web-tree-sitter';
import type { Pattern, PatternKind } from '../../pattern.js';
import { withTree } from './grammar.js';
import { clean, splitSummary } from './prose.js';
import { type Found, found, type SourcePatterns } from './source.js';

const KINDS: Readonly<Record<string, PatternKind>> = {
  function_item: 'function',
  struct_item: 'class',
  enum_item: 'enum',
  trait_item: 'interface',
  type_item: 'type',
  const_item: 'constant',
  static_item: 'constant',
};

const isPublic = (node: Node): boolean => node.namedChildren.some(child => child?.type === 'visibility_modifier' && child.text === 'pub');

/** Lines of `///` above an item, attributes between them skipped. */
function commentsAbove(node: Node): string {
  const lines: string[] = [];
  for (let above = node.previousNamedSibling; above !== null; above = above.previousNamedSibling) {
    if (above.type === 'attribute_item') continue;
    const text = above.type === 'line_comment' ? /^\/\/\/ ?(.*)/.exec(above.text)?.[1] : undefined;
    if (text === undefined) break;
    lines.unshift(text);
  }
  return lines.join('\n');
}

/** Prose and the code of the first fence. */
function documentationOf(comment: string): Pick<Found, 'description' | 'examples'> {
  const example = /```(?:rust|no_run|ignore)?\n(.*?)```/s.exec(comment)?.[1]?.trimEnd();
  const description = comment
    .replace(/```.*?```/gs, '')
    .split(/^#+ /m)[0]!
    .trim();
  return { description, examples: example === undefined ? [] : [example.replace(/^# .*\n?/gm, '')] };
}

function signatureOf(node: Node): string {
  const body = node.type === 'function_item' || node.type === 'trait_item' ? node.childForFieldName('body') : null;
  return clean(node.text.slice(0, body === null ? 600 : body.startIndex - node.startIndex)).replace(/;$/, '');
}

function itemsOf(container: Node, owner: string): Found[] {
  return container.namedChildren.flatMap(node => {
    if (node === null) return [];
    const body = node.childForFieldName('body');
    if (node.type === 'mod_item') return body === null || !isPublic(node) ? [] : itemsOf(body, owner);
    if (node.type === 'impl_item') {
      const type = node.childForFieldName('type')?.text.replace(/<.*/s, '') ?? '';
      return body === null || node.childForFieldName('trait') !== null ? [] : itemsOf(body, `${type}::`);
    }
    const kind = KINDS[node.type];
    const name = node.childForFieldName('name')?.text;
    if (kind === undefined || name === undefined || !isPublic(node)) return [];
    return [{ name: `${owner}${name}`, kind, signature: signatureOf(node), ...documentationOf(commentsAbove(node)) }];
  });
}

/** The patterns of one Rust source. */
export async function readRust(source: string, place: Pick<Pattern, 'domain' | 'language' | 'specifier' | 'file'>): Promise<SourcePatterns> {
  const header = [...source.matchAll(/^\/\/! ?(.*)$/gm)].map(match => match[1]).join('\n');
  return withTree('rs', source, root => ({ summary: splitSummary(clean(header))[0], patterns: itemsOf(root, '').map(each => found(each, place)) }));
}
