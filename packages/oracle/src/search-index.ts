/** The index that a search reads: made once from a corpus, kept as one file, opened without decoding it. */
import { FormatError } from '@gtc/errors';
import { decodeContainer, encodeContainer, type Section } from './internal/index/container.js';
import { type Field, Postings, PostingsBuilder } from './internal/index/postings.js';
import { TextTable, TextTableBuilder } from './internal/index/tables.js';
import type { Corpus, Language, ModuleInfo, Pattern, PatternKind } from './pattern.js';
import { type Embedder, unit } from './vectors.js';
import { spellingKey, wordsOf } from './words.js';

const MAGIC = 'gtc-index';
/** Changes whenever the file's form does. */
export const INDEX_VERSION = 3;

/** Fields of a pattern with the weight of a word in each. */
export const PATTERN_FIELDS: readonly (Field & { readonly text: (pattern: Pattern) => string })[] = [
  { name: 'name', weight: 4, text: ({ name }) => name },
  { name: 'module', weight: 2, text: ({ specifier }) => specifier.split('/').slice(1).join(' ') },
  { name: 'summary', weight: 2, text: ({ summary }) => summary },
  { name: 'details', weight: 1, text: ({ details, returns }) => `${details} ${returns}` },
  { name: 'parameters', weight: 0.6, text: ({ params }) => params.join(' ') },
  { name: 'equivalents', weight: 1.5, text: ({ python, rust }) => `${python} ${rust}` },
];

/** A module as text: what it is for, and what its patterns say of themselves. */
interface ModuleText {
  readonly module: ModuleInfo;
  readonly patterns: readonly Pattern[];
}

/** Fields of a module with the weight of a word in each. */
export const MODULE_FIELDS: readonly (Field & { readonly text: (text: ModuleText) => string })[] = [
  { name: 'topics', weight: 2, text: ({ module }) => module.topics.join('\n') },
  { name: 'name', weight: 2, text: ({ module }) => module.specifier.replace(/^@[^/]+\//, '').replace(/[/-]/g, ' ') },
  { name: 'purpose', weight: 1, text: ({ module }) => module.summary.replace(/Mirrors `[^`]*`( and|\.)/, '') },
  { name: 'libraries', weight: 0.5, text: ({ module }) => [...module.python, ...module.rust].join(' ') },
  { name: 'names', weight: 0.5, text: ({ patterns }) => patterns.map(({ name }) => name).join(' ') },
  { name: 'summaries', weight: 0.5, text: ({ patterns }) => patterns.map(({ summary }) => summary).join(' ') },
];

/** A question asks for something to do: functions come before what describes their arguments, and what can be tried before what cannot. */
const KIND_WEIGHT: Readonly<Record<PatternKind, number>> = { function: 1, class: 1, interface: 0.6, type: 0.4, enum: 0.45, constant: 0.4 };
const EXAMPLE_WEIGHT = 1.25;

/** The term under which a name is found in any spelling. */
export function nameTerm(name: string): string {
  return `=${spellingKey(name)}`;
}

/** What was indexed beside the corpus that comes with the package. */
export interface IndexedSources {
  /** Folders as the user gave them, absolute. */
  readonly folders: readonly string[];
  /** Files with the hash of their content and the number of their patterns. */
  readonly files: Readonly<Record<string, { readonly hash: string; readonly patterns: number }>>;
}

/** What an index says of itself. */
export interface IndexInfo {
  readonly domains: readonly string[];
  readonly languages: readonly Language[];
  /** When it was made, as an ISO date. */
  readonly made: string;
  /** What the index was made from, in one hash. */
  readonly origin: string;
  readonly sources: IndexedSources;
}

/** Parts of an index. */
interface Parts {
  readonly info: IndexInfo;
  readonly patternTexts: TextTable;
  readonly moduleTexts: TextTable;
  /** Where the patterns of each module begin. */
  readonly firsts: Uint32Array;
  readonly domainOf: Uint32Array;
  readonly languageOf: Uint32Array;
  /** What a pattern is worth whatever the question: more for functions and examples. */
  readonly factors: Float32Array;
  readonly patternWords: Postings;
  readonly moduleWords: Postings;
  readonly meanings: Int8Array;
}

/** A corpus ready for searching. */
export class SearchIndex {
  readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  get info(): IndexInfo {
    return this.parts.info;
  }

  get patternCount(): number {
    return this.parts.patternTexts.length;
  }

  get moduleCount(): number {
    return this.parts.moduleTexts.length;
  }

  pattern(index: number): Pattern {
    return JSON.parse(this.parts.patternTexts.at(index)) as Pattern;
  }

  module(index: number): ModuleInfo {
    return JSON.parse(this.parts.moduleTexts.at(index)) as ModuleInfo;
  }

  /** The patterns of a module. */
  patternsOf(module: number): Pattern[] {
    const { firsts } = this.parts;
    return Array.from({ length: firsts[module + 1]! - firsts[module]! }, (_, i) => this.pattern(firsts[module]! + i));
  }

  /** Every pattern, decoded one at a time. */
  *patterns(): IterableIterator<Pattern> {
    for (let i = 0; i < this.patternCount; i++) yield this.pattern(i);
  }

  /** Every module, decoded one at a time. */
  *modules(): IterableIterator<ModuleInfo> {
    for (let i = 0; i < this.moduleCount; i++) yield this.module(i);
  }

  /** The module that a pattern is in. */
  moduleOf(pattern: number): number {
    const { firsts } = this.parts;
    let [low, high] = [0, firsts.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (firsts[middle]! <= pattern) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Bytes that the arrays take. */
  get byteLength(): number {
    return Object.values(sectionsOf(this.parts)).reduce((sum, section) => sum + section.byteLength, 0);
  }
}

/** Takes modules one by one; {@link IndexBuilder.finish} gives the index. */
export class IndexBuilder {
  readonly #embedder: Embedder;
  readonly #patternWords = new PostingsBuilder([...PATTERN_FIELDS, { name: 'exact', weight: 4 }]);
  readonly #moduleWords = new PostingsBuilder(MODULE_FIELDS);
  readonly #patternTexts = new TextTableBuilder();
  readonly #moduleTexts = new TextTableBuilder();
  #patterns = 0;
  readonly #firsts: number[] = [0];
  readonly #factors: number[] = [];
  readonly #domains: string[] = [];
  readonly #languages: Language[] = [];
  readonly #domainOf: number[] = [];
  readonly #languageOf: number[] = [];
  readonly #meanings: (Float32Array | null)[] = [];

  /** @param embedder gives modules a place among meanings */
  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  add(module: ModuleInfo, patterns: readonly Pattern[]): void {
    for (const pattern of patterns) {
      const factor = KIND_WEIGHT[pattern.kind] * (pattern.examples.length > 0 ? EXAMPLE_WEIGHT : 1);
      const exact = [nameTerm(pattern.name), nameTerm(`${pattern.specifier}/${pattern.name}`)];
      this.#patternWords.add([...PATTERN_FIELDS.map(({ text }) => wordsOf(text(pattern))), exact], factor);
      this.#factors.push(factor);
      this.#patternTexts.push(JSON.stringify(pattern));
    }
    this.#patterns += patterns.length;
    this.#firsts.push(this.#patterns);
    this.#moduleWords.add(MODULE_FIELDS.map(({ text }) => wordsOf(text({ module, patterns }))));
    this.#moduleTexts.push(JSON.stringify(module));
    this.#domainOf.push(placeIn(this.#domains, module.domain));
    this.#languageOf.push(placeIn(this.#languages, module.language));
    this.#meanings.push(meaningOf(module, patterns, this.#embedder));
  }

  finish(origin = '', sources: IndexedSources = { folders: [], files: {} }): SearchIndex {
    return new SearchIndex({
      info: { domains: this.#domains, languages: this.#languages, made: new Date().toISOString(), origin, sources },
      patternTexts: this.#patternTexts.finish(),
      moduleTexts: this.#moduleTexts.finish(),
      firsts: Uint32Array.from(this.#firsts),
      domainOf: Uint32Array.from(this.#domainOf),
      languageOf: Uint32Array.from(this.#languageOf),
      factors: Float32Array.from(this.#factors),
      patternWords: this.#patternWords.finish(),
      moduleWords: this.#moduleWords.finish(),
      meanings: packMeanings(this.#meanings, this.#embedder.dimensions),
    });
  }
}

/** Unit vectors in eight bits, row after row; zeros where there is none. */
export function packMeanings(vectors: readonly (Float32Array | null)[], dimensions: number): Int8Array {
  const packed = new Int8Array(vectors.length * dimensions);
  for (const [row, vector] of vectors.entries())
    for (let d = 0; vector !== null && d < dimensions; d++) packed[row * dimensions + d] = Math.round(vector[d]! * 127);
  return packed;
}

function placeIn<T>(known: T[], value: T): number {
  const place = known.indexOf(value);
  if (place >= 0) return place;
  return known.push(value) - 1;
}

/** The middle of what a module is asked for, says of itself, and is called. */
function meaningOf(module: ModuleInfo, patterns: readonly Pattern[], embedder: Embedder): Float32Array | null {
  const texts = [...module.topics, ...MODULE_FIELDS.filter(({ name }) => name === 'name' || name === 'purpose').map(({ text }) => text({ module, patterns }))];
  if (module.topics.length === 0) texts.push(...patterns.map(({ summary }) => summary));
  const sum = new Float32Array(embedder.dimensions);
  for (const text of texts) {
    const vector = embedder.embed(text);
    for (let d = 0; vector !== null && d < sum.length; d++) sum[d]! += vector[d]!;
  }
  return unit(sum);
}

/** Indexes a whole corpus; modules without patterns are kept, patterns without a module are left out. */
export function buildIndex(corpus: Corpus, embedder: Embedder, origin = ''): SearchIndex {
  const builder = new IndexBuilder(embedder);
  const byModule = new Map<string, Pattern[]>(corpus.modules.map(({ specifier }) => [specifier, []]));
  for (const pattern of corpus.patterns) byModule.get(pattern.specifier)?.push(pattern);
  for (const module of corpus.modules) builder.add(module, byModule.get(module.specifier)!);
  return builder.finish(origin);
}

/** The arrays of an index by name. */
function sectionsOf({ patternTexts, moduleTexts, firsts, domainOf, languageOf, factors, patternWords, moduleWords, meanings }: Parts): Record<string, Section> {
  const words = (name: string, { terms, starts, documents, impacts, means }: Postings): Record<string, Section> => ({
    [`${name}.offsets`]: terms.offsets,
    [`${name}.bytes`]: terms.bytes,
    [`${name}.starts`]: starts,
    [`${name}.documents`]: documents,
    [`${name}.impacts`]: impacts,
    [`${name}.means`]: means,
  });
  return {
    'patterns.offsets': patternTexts.offsets,
    'patterns.bytes': patternTexts.bytes,
    'modules.offsets': moduleTexts.offsets,
    'modules.bytes': moduleTexts.bytes,
    firsts,
    domainOf,
    languageOf,
    factors,
    meanings,
    ...words('patternWords', patternWords),
    ...words('moduleWords', moduleWords),
  };
}

/** The bytes of an index. */
export function encodeIndex(index: SearchIndex): Uint8Array {
  return encodeContainer(MAGIC, INDEX_VERSION, { meta: { ...index.info }, sections: sectionsOf(index.parts) });
}

/** The bytes of meanings that another embedder gave the modules of an index. */
export function encodeMeanings(meanings: Int8Array): Uint8Array {
  return encodeContainer('gtc-meanings', INDEX_VERSION, { meta: {}, sections: { meanings } });
}

/** @throws {FormatError} for bytes that {@link encodeMeanings} did not write, or meanings of another length */
export function decodeMeanings(bytes: Uint8Array, length: number): Int8Array {
  const { meanings } = decodeContainer('gtc-meanings', INDEX_VERSION, bytes).sections;
  return meanings instanceof Int8Array && meanings.length === length ? meanings : wrong(`meanings must be ${length} numbers`, 'meanings');
}

const wrong: (what: string, parameter: string) => never = (what, parameter) => {
  throw new FormatError(`${what}; build the index again`, { parameter });
};

/** Reads arrays by name and kind. */
class Reader {
  readonly #sections: Readonly<Record<string, Section>>;

  constructor(sections: Readonly<Record<string, Section>>) {
    this.#sections = sections;
  }

  array<T extends Section>(name: string, Type: new () => T): T {
    const section = Object.hasOwn(this.#sections, name) ? this.#sections[name] : undefined;
    return section instanceof Type ? section : wrong(`the index lacks ${name}`, name);
  }

  /** Offsets from 0 to a length; that they rise is in the checksum. */
  rising(name: string, length: number): Uint32Array {
    const offsets = this.array(name, Uint32Array);
    return offsets[0] === 0 && offsets.at(-1) === length ? offsets : wrong(`${name} must rise from 0 to ${length}`, name);
  }

  texts(name: string): TextTable {
    const bytes = this.array(`${name}.bytes`, Uint8Array);
    return new TextTable(this.rising(`${name}.offsets`, bytes.length), bytes);
  }

  postings(name: string, fields: number): Postings {
    const terms = this.texts(name);
    const holders = this.array(`${name}.documents`, Uint32Array);
    const impacts = this.array(`${name}.impacts`, Float32Array);
    const starts = this.rising(`${name}.starts`, holders.length);
    const means = this.array(`${name}.means`, Float32Array);
    if (starts.length !== terms.length + 1 || impacts.length !== holders.length || means.length !== fields)
      wrong(`the arrays of ${name} do not fit together`, name);
    return new Postings(terms, starts, holders, impacts, means);
  }

  places(name: string, length: number): Uint32Array {
    const places = this.array(name, Uint32Array);
    return places.length === length ? places : wrong(`${name} must hold ${length} places`, name);
  }
}

function infoOf(meta: Readonly<Record<string, unknown>>): IndexInfo {
  const texts = (value: unknown): boolean => Array.isArray(value) && value.every(item => typeof item === 'string');
  const { domains, languages, made, origin, sources } = meta as unknown as IndexInfo;
  const sound =
    texts(domains) &&
    texts(languages) &&
    typeof made === 'string' &&
    typeof origin === 'string' &&
    texts(sources?.folders) &&
    typeof sources.files === 'object' &&
    sources.files !== null;
  if (!sound) wrong('the header of the index is malformed', 'header');
  return { domains, languages, made, origin, sources };
}

/**
 * Opens what {@link encodeIndex} wrote. Patterns are decoded when they are shown.
 *
 * @throws {FormatError} for another file, another version, a wrong checksum or arrays that do not fit together
 */
export function decodeIndex(bytes: Uint8Array): SearchIndex {
  const { meta, sections } = decodeContainer(MAGIC, INDEX_VERSION, bytes);
  const info = infoOf(meta);
  const reader = new Reader(sections);
  const [patternTexts, moduleTexts] = [reader.texts('patterns'), reader.texts('modules')];
  const meanings = reader.array('meanings', Int8Array);
  const firsts = reader.rising('firsts', patternTexts.length);
  const factors = reader.array('factors', Float32Array);
  if (factors.length !== patternTexts.length) wrong('every pattern must have its factor', 'factors');
  if (firsts.length !== moduleTexts.length + 1) wrong('every module must have its first pattern', 'firsts');
  if (moduleTexts.length > 0 ? meanings.length % moduleTexts.length !== 0 : meanings.length !== 0) wrong('every module must have its meaning', 'meanings');
  return new SearchIndex({
    info,
    patternTexts,
    moduleTexts,
    firsts,
    domainOf: reader.places('domainOf', moduleTexts.length),
    languageOf: reader.places('languageOf', moduleTexts.length),
    factors,
    patternWords: reader.postings('patternWords', PATTERN_FIELDS.length + 1),
    moduleWords: reader.postings('moduleWords', MODULE_FIELDS.length),
    meanings,
  });
}
