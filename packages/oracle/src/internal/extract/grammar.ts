/** Grammars of other languages: tree-sitter in WebAssembly, loaded when the first file asks. */
import { createRequire } from 'node:module';
import { Language as Grammar, type Node, Parser } from 'web-tree-sitter';

const require = createRequire(import.meta.url);
const GRAMMARS = { py: 'tree-sitter-python/tree-sitter-python.wasm', rs: 'tree-sitter-rust/tree-sitter-rust.wasm' } as const;
const parsers = new Map<string, Promise<Parser>>();

async function load(language: keyof typeof GRAMMARS): Promise<Parser> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Grammar.load(require.resolve(GRAMMARS[language])));
  return parser;
}

/** The root of a source's syntax tree, for as long as `read` runs; broken sources have one too. */
export async function withTree<T>(language: keyof typeof GRAMMARS, source: string, read: (root: Node) => T): Promise<T> {
  let parser = parsers.get(language);
  if (parser === undefined) {
    parser = load(language);
    parsers.set(language, parser);
  }
  const tree = (await parser).parse(source)!;
  try {
    return read(tree.rootNode);
  } finally {
    tree.delete();
  }
}
