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

/** `hf_gtc.training.lora.create_lora_config(r=8)` as an import and a call; empty for what is no path. */
function pythonCall(path: string): string {
  const [, module, name, call = ''] = /^([\w.]+)\.(\w+)(\(.*\))?$/s.exec(path) ?? [];
  return name === undefined ? '' : `from ${module} import ${name}\n\n${name}${call}`;
}

/** The original, and the call of the library that practitioners use, where the documentation names one. */
function pythonCode({ original, python }: Pattern): string {
  const calls = [...python.matchAll(/`([a-z]\w*(?:\.\w+)+(?:\([^`]*\))?)`/g)].map(([, path]) => path!);
  const own = original === '' ? calls.filter(path => path.startsWith('hf_gtc.')) : [original];
  const others = calls.filter(path => !path.startsWith('hf_gtc.'));
  return [...own.slice(0, 1), ...others.slice(0, 1)]
    .map(pythonCall)
    .filter(code => code !== '')
    .join('\n\n');
}

function rustCode({ sibling }: Pattern, crates: readonly string[]): string {
  if (sibling !== '') return `// ${CORPUS.replace('of the ', '')}\nuse ${sibling};`;
  const [crate] = crates;
  return crate === undefined ? '' : `// cargo add ${crates.join(' ')}\nuse ${crate.replaceAll('-', '_')};`;
}

/** Code to paste in a language; empty where there is none. Sources in Python and Rust show their own signature. */
export function codeOf(pattern: Pattern, language: Language, module: Pick<ModuleInfo, 'rust'>): string {
  if (pattern.language !== 'ts') return pattern.language === language ? pattern.signature : '';
  if (language === 'py') return pythonCode(pattern);
  if (language === 'rs') return rustCode(pattern, module.rust);
  if (pattern.examples.length > 0) return pattern.examples[0]!;
  if (!pattern.specifier.startsWith('@')) return pattern.signature;
  return `import ${pattern.kind === 'interface' || pattern.kind === 'type' ? 'type ' : ''}{ ${pattern.name} } from '${pattern.specifier}';`;
}
