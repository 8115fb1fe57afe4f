/** Pre-tokenizers that cut a text by one pattern and spell out its bytes, which can be run on ids alone. */
import { GPT2_PATTERN } from './pre-tokenizers.js';

/** The cut of a byte-level pre-tokenizer. */
export interface ByteLevelCut {
  /** Regular expression whose matches, and what lies between them, are the pieces; null for the text as a whole. */
  readonly pattern: string | null;
  /** A blank is put before a text that does not begin with one. */
  readonly addPrefixSpace: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** What a component says, or null where it is none of the kind. */
export function byteLevelCut(preTokenizer: unknown): ByteLevelCut | null {
  if (typeof preTokenizer !== 'object' || preTokenizer === null) return null;
  const json = preTokenizer as Json;
  if (json['type'] === 'ByteLevel') return { pattern: json['use_regex'] === false ? null : GPT2_PATTERN, addPrefixSpace: json['add_prefix_space'] !== false };
  const parts = json['type'] === 'Sequence' ? (json['pretokenizers'] as Json[]) : [];
  const [split, bytes] = parts;
  if (split === undefined || bytes === undefined || parts.length > 2) return null;
  const plain = bytes['type'] === 'ByteLevel' && bytes['add_prefix_space'] === false && bytes['use_regex'] === false;
  const isolates = split['type'] === 'Split' && split['behavior'] === 'Isolated' && split['invert'] !== true;
  const regex = (split['pattern'] as Json | undefined)?.['Regex'];
  return plain && isolates && typeof regex === 'string' ? { pattern: regex, addPrefixSpace: false } : null;
}
