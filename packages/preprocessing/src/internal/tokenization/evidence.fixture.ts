/** Reads the artefacts of the tokenizer topics, and shows results as the files do. */
import { readFileSync } from 'node:fs';
import type { Encoding } from './tokenized.js';
import { Tokenizer } from './tokenizer.js';

const folder = process.env['GTC_EVIDENCE_DIR'];

/** A file beside the topics. */
export const artefact = (name: string): URL =>
  folder === undefined || folder === '' ? new URL(`../../../evidence/${name}`, import.meta.url) : new URL(`file://${folder}/preprocessing/${name}`);

/** The JSON of a tokenizer of the evidence. */
export const tokenizerJson = (name: string): string => readFileSync(artefact(`tokenizers/${name}.json`), 'utf8');

const known = new Map<string, Tokenizer>();

/** A tokenizer of the evidence, read once. */
export function tokenizerNamed(name: string): Tokenizer {
  const found = known.get(name) ?? Tokenizer.fromJson(tokenizerJson(name));
  known.set(name, found);
  return found;
}

const pairsOf = (offsets: ArrayLike<number>): number[][] => Array.from({ length: offsets.length / 2 }, (_, i) => [offsets[2 * i]!, offsets[2 * i + 1]!]);

/** An encoding as plain lists. */
export function plain(encoding: Encoding): Record<string, unknown> {
  const { ids, tokens, offsets, typeIds, attentionMask, specialTokensMask, wordIds } = encoding;
  return {
    ids: [...ids],
    tokens: [...tokens],
    offsets: pairsOf(offsets),
    typeIds: [...typeIds],
    attentionMask: [...attentionMask],
    specialTokensMask: [...specialTokensMask],
    wordIds: [...wordIds],
  };
}

/** The fields of a value that the expectation has. */
export function like(value: Readonly<Record<string, unknown>>, expected: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.keys(expected as object).map(key => [key, value[key]]));
}
