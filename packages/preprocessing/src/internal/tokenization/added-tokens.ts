/** Tokens that are found in a text before anything else is done to it. */
import { WHITE_SPACE, WORD } from '../regex/characters.js';
import { AlignedText } from './aligned-text.js';
import { countAt, flagAt, listAt, recordAt, refuse, textAt } from './json.js';
import type { Normalizer } from './normalizers.js';
import { Trie } from './trie.js';

/** A token that a tokenizer has beside its model's, or keeps whole. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Found only where no letter, digit or underscore touches it. */
  readonly singleWord: boolean;
  /** White space before it belongs to it. */
  readonly lstrip: boolean;
  /** White space after it belongs to it. */
  readonly rstrip: boolean;
  /** Looked for in the normalized text, normalized itself. */
  readonly normalized: boolean;
  /** Left out of decoded texts unless asked for. */
  readonly special: boolean;
}

/** Reads `added_tokens`. @throws {FormatError} naming the part that is wrong */
export function addedTokensAt(value: unknown, path: string): AddedToken[] {
  return listAt(value, path).map((item, i) => {
    const place = `${path}[${i}]`;
    const json = recordAt(item, place);
    const special = flagAt(json['special'], `${place}.special`, false);
    const content = textAt(json['content'], `${place}.content`);
    if (content === '') return refuse(`${place}.content`, 'not empty', content);
    return {
      id: countAt(json['id'], `${place}.id`),
      content,
      singleWord: flagAt(json['single_word'], `${place}.single_word`, false),
      lstrip: flagAt(json['lstrip'], `${place}.lstrip`, false),
      rstrip: flagAt(json['rstrip'], `${place}.rstrip`, false),
      normalized: flagAt(json['normalized'], `${place}.normalized`, !special),
      special,
    };
  });
}

/** A stretch of a text: an added token, or text that none is in. */
export interface Stretch {
  readonly text: AlignedText;
  readonly token: AddedToken | null;
}

const codePointBefore = (text: string, at: number): number => {
  const unit = text.charCodeAt(at - 1);
  return (unit & 0xfc00) === 0xdc00 && at > 1 ? text.codePointAt(at - 2)! : unit;
};

/** Finds tokens in texts: the leftmost first, of those the longest. */
export class TokenFinder {
  readonly #trie = new Trie();
  readonly #tokens: readonly AddedToken[];
  /** Units that a token may begin with. */
  readonly #starts = new Set<number>();

  /** @param contents what to look for, for each token */
  constructor(tokens: readonly AddedToken[], contents: readonly string[]) {
    this.#tokens = tokens;
    contents.forEach((content, i) => {
      if (content === '') return;
      this.#trie.set(content, i);
      this.#starts.add(content.charCodeAt(0));
    });
  }

  get isEmpty(): boolean {
    return this.#starts.size === 0;
  }

  /** The token that begins at a place, the longest one. */
  #at(text: string, start: number): readonly [token: AddedToken, end: number] | null {
    const found = this.#trie.longest(text, start);
    return found && [this.#tokens[found.value]!, found.end];
  }

  /** Whether any token may be in a text. */
  mayHold(text: string): boolean {
    for (const start of this.#starts) if (text.includes(String.fromCharCode(start))) return true;
    return false;
  }

  /** Where a token may begin, from a place on; the end of the text where none does. */
  #next(text: string, from: number): number {
    if (this.#starts.size === 1) {
      const [start] = this.#starts;
      const found = text.indexOf(String.fromCharCode(start!), from);
      return found < 0 ? text.length : found;
    }
    let at = from;
    while (at < text.length && !this.#starts.has(text.charCodeAt(at))) at++;
    return at;
  }

  split(aligned: AlignedText): Stretch[] {
    const { text } = aligned;
    if (!this.mayHold(text)) return [{ text: aligned, token: null }];
    const stretches: Stretch[] = [];
    let last = 0;
    for (let at = this.#next(text, 0); at < text.length; at = this.#next(text, at)) {
      const found = this.#at(text, at);
      if (found === null) {
        at++;
        continue;
      }
      const [token, end] = found;
      let [start, stop] = [at, end];
      at = end;
      if (token.singleWord && ((start > 0 && WORD.has(codePointBefore(text, start))) || (stop < text.length && WORD.has(text.codePointAt(stop)!)))) continue;
      if (token.lstrip) while (start > last && WHITE_SPACE.has(text.charCodeAt(start - 1))) start--;
      if (token.rstrip) while (stop < text.length && WHITE_SPACE.has(text.charCodeAt(stop))) stop++;
      // White space that the token before took may have held this one.
      start = Math.max(start, last);
      if (start > last) stretches.push({ text: aligned.slice(last, start), token: null });
      stretches.push({ text: aligned.slice(start, Math.max(start, stop)), token });
      last = Math.max(start, stop);
    }
    if (last < text.length) stretches.push({ text: aligned.slice(last, text.length), token: null });
    return stretches;
  }
}

/** Splits texts at tokens as they come, then at those that are looked for once normalized. */
export class AddedVocabulary {
  readonly tokens: readonly AddedToken[];
  readonly byContent: ReadonlyMap<string, AddedToken>;
  readonly byId: ReadonlyMap<number, AddedToken>;
  /** What each id is decoded to: a token that is looked for in normalized text is normalized itself. */
  readonly texts: ReadonlyMap<number, string>;
  readonly #raw: TokenFinder;
  readonly #normalized: TokenFinder;

  constructor(tokens: readonly AddedToken[], normalize: (text: string) => string) {
    this.tokens = tokens;
    this.byContent = new Map(tokens.map(token => [token.content, token]));
    this.byId = new Map(tokens.map(token => [token.id, token]));
    this.texts = new Map(tokens.map(({ id, content, normalized }) => [id, normalized ? normalize(content) : content]));
    const [raw, normalized] = [tokens.filter(token => !token.normalized), tokens.filter(token => token.normalized)];
    this.#raw = new TokenFinder(
      raw,
      raw.map(({ content }) => content),
    );
    this.#normalized = new TokenFinder(
      normalized,
      normalized.map(({ content }) => normalize(content)),
    );
  }

  /** A text cut at its tokens without normalizing it; null where tokens may be in what normalization makes of it. */
  splitRaw(text: string, normalizer: Normalizer | null): readonly Stretch[] | null {
    if (!this.#normalized.isEmpty && (normalizer !== null || this.#normalized.mayHold(text))) return null;
    return this.#raw.split(new AlignedText(text));
  }

  split(text: AlignedText, normalizer: Normalizer | null): Stretch[] {
    if (text.text === '') return [];
    return this.#raw.split(text).flatMap(stretch => {
      if (stretch.token !== null) return [stretch];
      const normalized = normalizer === null ? stretch.text : normalizer(stretch.text);
      return normalized.text === '' ? [] : this.#normalized.split(normalized);
    });
  }
}
