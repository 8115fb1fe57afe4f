/** What a pattern is called in the other languages, in words and as code to paste. */
import type { Language, ModuleInfo, Pattern } from './pattern.js';

/** Sentences for people; empty where there is no equivalent. */
export interface Equivalents {
  readonly python: string;
  readonly rust: string;
}

const CORPUS = 'of the batuta ground-truth corpus';

function joined(parts: readonly string[]): string {
  return parts
    .filter(part => part !== '')
    .map(part => part.replace(/[.;\s]+$/, ''))
    .join('; ');
}

/** Python and Rust equivalents: the documented call, the symbol of the same name, the libraries that practitioners use. */
export function equivalentsOf({ python, rust, original, sibling }: Pattern, module: ModuleInfo): Equivalents {
  const libraries = (names: readonly string[]): string => (names.length === 0 ? '' : `in practice ${names.join(', ')}`);
  return {
    python: joined([original === '' || python.includes('hf_gtc') ? '' : `\`${original}\``, python, libraries(module.python)]),
    rust: joined([sibling === '' || rust.includes('::') ? '' : `\`${sibling}\` ${CORPUS}`, rust, libraries(module.rust)]),
  };
}

/** `hf_gtc.training.lora.create_lora_config(r=8)` as an import and a call. */
function pythonCode({ original }: Pattern): string {
  const [, module, name, call = ''] = /^([\w.]+)\.(\w+)(\(.*\))?$/.exec(original) ?? [];
  if (name === undefined) return '';
  return `from ${module} import ${name}\n\n${call === '' ? name : `${name}${call}`}`;
}

function rustCode({ sibling }: Pattern): string {
  return sibling === '' ? '' : `// ${CORPUS.replace('of the ', '')}\nuse ${sibling};`;
}

/** Code to paste in a language; empty where there is none. Sources in Python and Rust show their own signature. */
export function codeOf(pattern: Pattern, language: Language): string {
  if (pattern.language !== 'ts') return pattern.language === language ? pattern.signature : '';
  if (language === 'py') return pythonCode(pattern);
  if (language === 'rs') return rustCode(pattern);
  if (pattern.examples.length > 0) return pattern.examples[0]!;
  if (!pattern.specifier.startsWith('@')) return pattern.signature;
  return `import ${pattern.kind === 'interface' || pattern.kind === 'type' ? 'type ' : ''}{ ${pattern.name} } from '${pattern.specifier}';`;
}
