/** What every language's reader gives. */
import type { Pattern, PatternKind } from '../../pattern.js';
import { clean, splitSummary } from './prose.js';

/** A source file as patterns. */
export interface SourcePatterns {
  /** What the file says of itself. */
  readonly summary: string;
  readonly patterns: readonly Pattern[];
}

/** A declaration with its documentation, before it has a place. */
export interface Found {
  readonly name: string;
  readonly kind: PatternKind;
  readonly signature: string;
  readonly description: string;
  readonly params?: readonly string[];
  readonly returns?: string;
  readonly throws?: readonly string[];
  readonly examples?: readonly string[];
}

/** A declaration as a pattern. */
export function found(
  { name, kind, signature, description, params = [], returns = '', throws = [], examples = [] }: Found,
  place: Pick<Pattern, 'domain' | 'language' | 'specifier' | 'file'>,
): Pattern {
  const [summary, details] = splitSummary(clean(description));
  const { domain, language, specifier, file } = place;
  return {
    name,
    kind,
    domain,
    language,
    specifier,
    signature,
    summary,
    details,
    params,
    returns,
    throws,
    python: '',
    rust: '',
    original: '',
    sibling: '',
    examples,
    file,
  };
}
