/** Static word vectors: the meaning of a text as the mean of its words', read from a file that comes with the package. */
import { FormatError } from '@gtc/errors';
import { decodeContainer, encodeContainer } from './internal/index/container.js';
import { TextTable } from './internal/index/tables.js';
import { splitIdentifier, tokensOf } from './words.js';

const [MAGIC, VERSION] = ['gtc-vectors', 1];

/** What maps a text to a point of unit length. */
export interface Embedder {
  readonly dimensions: number;
  /** Null for a text without a word that it knows. */
  embed(text: string): Float32Array | null;
}

/** Scales a vector to unit length in place; null for the zero vector. */
export function unit(vector: Float32Array): Float32Array | null {
  const norm = Math.hypot(...vector);
  if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) return null;
  return vector.map(value => value / norm);
}

/** The words that vectors are looked up for: identifiers split, lower case, nothing cut off. */
export function plainWords(text: string): string[] {
  return tokensOf(text).flatMap(splitIdentifier);
}

/** Word vectors in eight bits with a scale each; a word's weight is in its length. */
export class WordVectors implements Embedder {
  readonly words: TextTable;
  readonly vectors: Int8Array;
  readonly scales: Float32Array;
  readonly dimensions: number;

  constructor(words: TextTable, vectors: Int8Array, scales: Float32Array) {
    this.words = words;
    this.vectors = vectors;
    this.scales = scales;
    this.dimensions = words.length === 0 ? 0 : vectors.length / words.length;
  }

  /** Keeps vectors in eight bits. Words are sorted. */
  static of(entries: Iterable<readonly [word: string, vector: Float32Array]>): WordVectors {
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    const dimensions = sorted[0]?.[1].length ?? 0;
    const scales = new Float32Array(sorted.length);
    const vectors = new Int8Array(sorted.length * dimensions);
    sorted.forEach(([, vector], i) => {
      const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      scales[i] = largest / 127;
      if (largest > 0)
        vectors.set(
          Int8Array.from(vector, value => Math.round((value / largest) * 127)),
          i * dimensions,
        );
    });
    return new WordVectors(TextTable.of(sorted.map(([word]) => word)), vectors, scales);
  }

  embed(text: string): Float32Array | null {
    const sum = new Float32Array(this.dimensions);
    for (const word of plainWords(text)) {
      const place = this.words.find(word);
      if (place < 0) continue;
      const scale = this.scales[place]!;
      for (let d = 0; d < sum.length; d++) sum[d]! += scale * this.vectors[place * sum.length + d]!;
    }
    return unit(sum);
  }

  encode(): Uint8Array {
    const { words, vectors, scales } = this;
    return encodeContainer(MAGIC, VERSION, { meta: {}, sections: { offsets: words.offsets, bytes: words.bytes, vectors, scales } });
  }

  /** @throws {FormatError} for bytes that {@link WordVectors.encode} did not write */
  static decode(data: Uint8Array): WordVectors {
    const { offsets, bytes, vectors, scales } = decodeContainer(MAGIC, VERSION, data).sections;
    const sound =
      offsets instanceof Uint32Array &&
      bytes instanceof Uint8Array &&
      vectors instanceof Int8Array &&
      scales instanceof Float32Array &&
      offsets.length === scales.length + 1 &&
      offsets[0] === 0 &&
      offsets.at(-1) === bytes.length &&
      (scales.length === 0 ? vectors.length === 0 : vectors.length % scales.length === 0);
    if (!sound) throw new FormatError('the arrays of the word vectors do not fit together', { parameter: 'vectors' });
    return new WordVectors(new TextTable(offsets, bytes), vectors, scales);
  }
}
