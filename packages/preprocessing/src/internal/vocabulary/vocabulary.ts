/** {@link Vocabulary}: tokens and their ids, searched, extended and mapped onto each other. */
import { ShapeError, show, ValidationError } from '@gtc/errors';
import { type Tensor, tensor } from '@gtc/tensor';
import { Trie } from '../tokenization/trie.js';

/**
 * Tokens numbered from 0 on.
 *
 * @throws {ValidationError} for a token that is given twice
 * @example new Vocabulary(['a', 'ab', 'b']).withPrefix('a') // => ['a', 'ab']
 */
export class Vocabulary {
  readonly tokens: readonly string[];
  readonly #ids = new Map<string, number>();
  readonly #trie = new Trie();

  constructor(tokens: readonly string[]) {
    this.tokens = [...tokens];
    tokens.forEach((token, id) => {
      if (this.#ids.has(token)) throw new ValidationError(`tokens must be unique, ${show(token)} is there twice`, { parameter: 'tokens', received: token });
      this.#ids.set(token, id);
      this.#trie.set(token, id);
    });
  }

  get size(): number {
    return this.tokens.length;
  }

  /** Id of a token, null where it is not in the vocabulary. */
  idOf(token: string): number | null {
    return this.#ids.get(token) ?? null;
  }

  /** Token of an id, null for an id that none has. */
  tokenOf(id: number): string | null {
    return this.tokens[id] ?? null;
  }

  /** Tokens that begin with a text, by id. */
  withPrefix(prefix: string): string[] {
    return this.tokens.filter(token => token.startsWith(prefix));
  }

  /** The longest token that a text begins with at a place, null without one. */
  longestAt(text: string, start = 0): string | null {
    const found = this.#trie.longest(text, start);
    return found && this.tokens[found.value]!;
  }

  /** This vocabulary and, behind it, what another one or a list has beside it: no id changes. */
  merge(other: Vocabulary | readonly string[]): Vocabulary {
    const more = other instanceof Vocabulary ? other.tokens : other;
    return new Vocabulary([...this.tokens, ...new Set(more.filter(token => !this.#ids.has(token)))]);
  }

  /** For each id of another vocabulary the id of the same token in this one, -1 where this one lacks it. */
  mappingFrom(other: Vocabulary): Int32Array {
    return Int32Array.from(other.tokens, token => this.#ids.get(token) ?? -1);
  }
}

/**
 * Rows of an embedding for another vocabulary: those of tokens that stay move along, new ones are the mean of all.
 *
 * @param weight `[tokens, dimensions]`; not modified
 * @param mapping for each old id the new one, -1 for a token that goes
 * @param size tokens of the new vocabulary
 * @returns `[size, dimensions]` of the same type
 * @throws {ShapeError} when `mapping` has not an id for each row @throws {ValidationError} for an id beyond `size`
 * @remarks Python: `transformers.PreTrainedModel.resize_token_embeddings`, whose new rows are drawn around the mean.
 * @example
 * import { tensor } from '@gtc/tensor';
 * remapEmbeddings(tensor([[1, 2], [3, 4]]), [1, -1], 2).tolist() // => [[2, 3], [1, 2]]
 */
export function remapEmbeddings(weight: Tensor, mapping: ArrayLike<number>, size: number): Tensor {
  ShapeError.check({ weight: [weight, [mapping.length, 'dimensions']] });
  const dimensions = weight.shape[1]!;
  const rows = weight.tolist() as number[][];
  const mean = Array.from({ length: dimensions }, (_, column) => rows.reduce((total, row) => total + row[column]!, 0) / Math.max(1, rows.length));
  const moved: number[][] = Array.from({ length: size }, () => mean);
  Array.from(mapping).forEach((id, old) => {
    if (id >= size) throw new ValidationError(`mapping must hold ids below ${size}, got ${id}`, { parameter: 'mapping', received: id });
    if (id >= 0) moved[id] = rows[old]!;
  });
  return tensor(moved, { dtype: weight.dtype });
}
