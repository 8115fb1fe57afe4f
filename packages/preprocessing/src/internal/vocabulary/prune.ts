/** Makes the vocabulary of a tokenizer smaller, and keeps the tokenizer whole. */
import { positive, UnsupportedError, ValidationError } from '@gtc/errors';
import { Tokenizer } from '../tokenization/tokenizer.js';

type Json = { [name: string]: unknown };
type Model = Json & { readonly type: string; vocab: Record<string, number> | [string, number][]; merges?: (readonly [string, string])[] };

/** A smaller tokenizer, and where the tokens of the old one went. */
export interface PrunedTokenizer {
  readonly tokenizer: Tokenizer;
  /** For each old id the new one, -1 for a token that went. */
  readonly mapping: Int32Array;
}

/** Tokens that each token is joined from, where it is joined at all. */
function partsOf({ merges = [], continuing_subword_prefix: prefix }: Model): Map<string, readonly [string, string]> {
  const length = typeof prefix === 'string' ? prefix.length : 0;
  return new Map(merges.map(([left, right]) => [left + right.slice(length), [left, right]]));
}

/** Whether a token is what words are made of when nothing else is left: a character, with or without a prefix, or a byte. */
function isLetter(token: string, { continuing_subword_prefix: prefix, byte_fallback: bytes }: Model): boolean {
  if (bytes === true && /^<0x[0-9A-F]{2}>$/.test(token)) return true;
  const bare = typeof prefix === 'string' && token.startsWith(prefix) ? token.slice(prefix.length) : token;
  return [...bare].length <= 1;
}

/** What the tokens that a template names are called now. */
function renumber(value: unknown, idOf: (id: number) => number): unknown {
  if (Array.isArray(value))
    return value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
      ? [value[0], idOf(value[1])]
      : value.map(item => renumber(item, idOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, name === 'ids' ? (item as number[]).map(idOf) : renumber(item, idOf)]));
}

/**
 * Keeps the tokens that a corpus needs most, what they are joined from, single characters, and special tokens; ids follow in their old order.
 *
 * @param keep tokens in all
 * @returns the tokenizer, which splits words that it knew as a whole into the tokens that are left, and the way from old ids to new ones
 * @throws {ValidationError} when `keep` does not hold the characters and special tokens
 * @example pruneVocabulary(trainTokenizer(['aa ab'], { vocabSize: 4, preTokenizer: { type: 'Whitespace' } }), ['aa'], 3).tokenizer.vocabSize // => 3
 */
export function pruneVocabulary(tokenizer: Tokenizer, corpus: Iterable<string>, keep: number): PrunedTokenizer {
  const json = JSON.parse(JSON.stringify(tokenizer.toJson())) as Json & {
    model: Model;
    added_tokens: { id: number; content: string }[];
    post_processor: unknown;
  };
  const { model } = json;
  const isList = Array.isArray(model.vocab);
  const entries: [string, number][] = isList
    ? (model.vocab as [string, number][]).map(([token], id) => [token, id])
    : Object.entries(model.vocab as Record<string, number>);
  entries.sort(([, a], [, b]) => a - b);
  const counts = new Map<number, number>();
  for (const text of corpus) for (const id of tokenizer.encodeIds(text, { addSpecialTokens: false })) counts.set(id, (counts.get(id) ?? 0) + 1);
  const parts = partsOf(model);
  const special = new Set([...json.added_tokens.map(({ content }) => content), model['unk_token']]);
  const unknown = isList && typeof model['unk_id'] === 'number' ? entries[model['unk_id']]![0] : null;
  const kept = new Set(
    entries.filter(([token]) => token === unknown || special.has(token) || (isLetter(token, model) && !parts.has(token))).map(([token]) => token),
  );
  if (kept.size > positive(keep, 'keep'))
    throw new ValidationError(`keep must be at least ${kept.size}, the characters and special tokens, got ${keep}`, { parameter: 'keep', received: keep });
  const byUse = entries.filter(([token]) => !kept.has(token)).sort(([, a], [, b]) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || a - b);
  for (const [token] of byUse) {
    const needed = missingFor(token, kept, parts);
    if (kept.size + needed.size <= keep) for (const each of needed) kept.add(each);
  }
  return rebuild(json, entries, kept, tokenizer);
}

/** A token and all that it is joined from, as far as it is not there yet. */
function missingFor(token: string, kept: ReadonlySet<string>, parts: ReadonlyMap<string, readonly [string, string]>): Set<string> {
  const missing = new Set<string>();
  const visit = (each: string): void => {
    if (kept.has(each) || missing.has(each)) return;
    missing.add(each);
    parts.get(each)?.forEach(visit);
  };
  visit(token);
  return missing;
}

function rebuild(
  json: Json & { model: Model; added_tokens: { id: number; content: string }[]; post_processor: unknown },
  entries: readonly [string, number][],
  kept: ReadonlySet<string>,
  tokenizer: Tokenizer,
): PrunedTokenizer {
  const { model } = json;
  const order = entries.filter(([token]) => kept.has(token));
  const highest = Math.max(...entries.map(([, id]) => id), ...json.added_tokens.map(({ id }) => id));
  const mapping = new Int32Array(highest + 1).fill(-1);
  order.forEach(([, id], next) => {
    mapping[id] = next;
  });
  let next = order.length;
  const added = json.added_tokens.map(token => {
    if (mapping[token.id] === -1) mapping[token.id] = next++;
    return { ...token, id: mapping[token.id]! };
  });
  if (Array.isArray(model.vocab)) {
    const old = model.vocab;
    model['unk_id'] = typeof model['unk_id'] === 'number' ? mapping[model['unk_id']] : model['unk_id'];
    model.vocab = order.map(([, id]) => old[id]!);
  } else model.vocab = Object.assign(Object.create(null) as Record<string, number>, Object.fromEntries(order.map(([token], id) => [token, id])));
  if (model.merges !== undefined) {
    const length = typeof model['continuing_subword_prefix'] === 'string' ? model['continuing_subword_prefix'].length : 0;
    model.merges = model.merges.filter(([left, right]) => kept.has(left) && kept.has(right) && kept.has(left + right.slice(length)));
  }
  const idOf = (id: number): number => {
    const now = mapping[id] ?? -1;
    if (now < 0)
      throw new UnsupportedError(`the post-processor names ${tokenizer.idToToken(id)}, which is not a special token`, { parameter: 'tokenizer', received: id });
    return now;
  };
  return { tokenizer: Tokenizer.fromJson({ ...json, added_tokens: added, post_processor: renumber(json.post_processor, idOf) }), mapping };
}
