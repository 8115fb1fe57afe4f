/** An inverted index: for each word the documents that hold it, with what the word adds to their score (BM25F). */
import { GrowingNumbers, TextTable } from './tables.js';

/** A part of a document, and the weight of a word in it. */
export interface Field {
  readonly name: string;
  readonly weight: number;
}

/** Saturation of repeated words and strength of length normalisation (Robertson and Zaragoza 2009). */
const [K1, B] = [1.2, 0.5];
/** Counts of a word in each field share a number: four bits each, eight fields at most. */
const [COUNT_BITS, MOST] = [4, 15];

/** How much a word says: `log(1 + (N - n + 0.5) / (n + 0.5))` for n of N documents. */
function rarity(documents: number, all: number): number {
  return Math.log(1 + (all - documents + 0.5) / (documents + 0.5));
}

/** The share of a word that occurs `count` times in a field of a length. */
function frequency(count: number, length: number, mean: number, weight: number): number {
  return (weight * count) / (1 - B + (B * length) / mean);
}

/** Words with their documents. */
export class Postings {
  /** Every word, in order. */
  readonly terms: TextTable;
  /** Where the documents of each word begin. */
  readonly starts: Uint32Array;
  readonly documents: Uint32Array;
  /** What the word adds to the score of the document beside it. */
  readonly impacts: Float32Array;
  /** Mean number of words of each field. */
  readonly means: Float32Array;

  constructor(terms: TextTable, starts: Uint32Array, documents: Uint32Array, impacts: Float32Array, means: Float32Array) {
    this.terms = terms;
    this.starts = starts;
    this.documents = documents;
    this.impacts = impacts;
    this.means = means;
  }

  /** Documents that hold a word. */
  count(term: string): number {
    const place = this.terms.find(term);
    return place < 0 ? 0 : this.starts[place + 1]! - this.starts[place]!;
  }

  /** Adds what a word gives to every document that holds it. @returns the most that one of these has now */
  accumulate(term: string, weight: number, scores: Float32Array): number {
    const place = this.terms.find(term);
    if (place < 0) return 0;
    const { documents, impacts } = this;
    const end = this.starts[place + 1]!;
    let most = 0;
    for (let i = this.starts[place]!; i < end; i++) {
      const document = documents[i]!;
      const score = scores[document]! + weight * impacts[i]!;
      scores[document] = score;
      if (score > most) most = score;
    }
    return most;
  }

  /** The documents of a word. */
  holders(term: string): Uint32Array {
    const place = this.terms.find(term);
    return place < 0 ? new Uint32Array(0) : this.documents.subarray(this.starts[place]!, this.starts[place + 1]!);
  }

  /** What a word adds to a document, by field, before the document's own factor. */
  explain(term: string, fields: readonly Field[], words: readonly (readonly string[])[], all: number): number[] {
    const shares = fields.map(({ weight }, f) => {
      const count = words[f]!.reduce((sum, word) => sum + (word === term ? 1 : 0), 0);
      return frequency(Math.min(MOST, count), words[f]!.length, this.means[f]!, weight);
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    const score = rarity(this.count(term), all) / (K1 + total);
    return shares.map(share => score * share);
  }
}

/** Takes documents one by one; {@link PostingsBuilder.finish} gives the index. */
export class PostingsBuilder {
  readonly #fields: readonly Field[];
  readonly #ids = new Map<string, number>();
  readonly #term = new GrowingNumbers(length => new Uint32Array(length));
  readonly #document = new GrowingNumbers(length => new Uint32Array(length));
  readonly #counts = new GrowingNumbers(length => new Uint32Array(length));
  readonly #lengths = new GrowingNumbers(length => new Uint16Array(length));
  readonly #factors = new GrowingNumbers(length => new Float32Array(length));
  #documents = 0;

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  /** @param words words of each field, in the fields' order  @param factor multiplies every score of the document */
  add(words: readonly (readonly string[])[], factor = 1): void {
    const counts = new Map<number, number>();
    words.forEach((list, f) => {
      this.#lengths.push(Math.min(0xffff, list.length));
      const shift = f * COUNT_BITS;
      for (const word of list) {
        let id = this.#ids.get(word);
        if (id === undefined) {
          id = this.#ids.size;
          this.#ids.set(word, id);
        }
        const known = counts.get(id) ?? 0;
        if (((known >>> shift) & MOST) < MOST) counts.set(id, known + (1 << shift));
      }
    });
    for (const [id, packed] of counts) {
      this.#term.push(id);
      this.#document.push(this.#documents);
      this.#counts.push(packed);
    }
    this.#factors.push(factor);
    this.#documents++;
  }

  #means(lengths: Uint16Array): Float32Array {
    const fields = this.#fields.length;
    const sums = new Float64Array(fields);
    for (let i = 0; i < lengths.length; i++) sums[i % fields]! += lengths[i]!;
    return Float32Array.from(sums, sum => sum / Math.max(1, this.#documents) || 1);
  }

  finish(): Postings {
    const order = [...this.#ids.keys()].sort();
    const placeOf = new Uint32Array(order.length);
    order.forEach((word, place) => {
      placeOf[this.#ids.get(word)!] = place;
    });
    const [term, document, counts, lengths, factors] = [
      this.#term.values,
      this.#document.values,
      this.#counts.values,
      this.#lengths.values,
      this.#factors.values,
    ];
    const starts = new Uint32Array(order.length + 1);
    for (let i = 0; i < term.length; i++) starts[placeOf[term[i]!]! + 1]!++;
    for (let i = 0; i < order.length; i++) starts[i + 1]! += starts[i]!;
    const means = this.#means(lengths);
    const [documents, impacts] = [new Uint32Array(term.length), new Float32Array(term.length)];
    const next = starts.slice();
    for (let i = 0; i < term.length; i++) {
      const place = placeOf[term[i]!]!;
      const at = next[place]!++;
      const holder = document[i]!;
      let total = 0;
      this.#fields.forEach(({ weight }, f) => {
        const count = (counts[i]! >>> (f * COUNT_BITS)) & MOST;
        if (count > 0) total += frequency(count, lengths[holder * this.#fields.length + f]!, means[f]!, weight);
      });
      documents[at] = holder;
      impacts[at] = (factors[holder]! * rarity(starts[place + 1]! - starts[place]!, this.#documents) * total) / (K1 + total);
    }
    return new Postings(TextTable.of(order), starts, documents, impacts, means);
  }
}
