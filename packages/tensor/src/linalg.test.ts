import { describe, it } from 'vitest';
import { decode, tensorCases } from './evidence.fixture.js';
import { argsort, sum, type Tensor } from './index.js';
import * as linalg from './linalg.js';

type T = Tensor;
type Evidence = { readonly expect?: { readonly [key: string]: never } };

/** Columns with the signs of the file's columns, which are free. */
const likeColumns = (columns: T, want?: T): T => (want === undefined ? columns : columns.mul(sum(columns.mul(want), { axis: -2, keepdims: true }).sign()));
const likeRows = (rows: T, want?: T): T => (want === undefined ? rows : rows.mul(sum(rows.mul(want), { axis: -1, keepdims: true }).sign()));
/** What the file says, or nothing where it leaves vectors open since values lie too near each other. */
const wanted = ({ expect }: Evidence, name: string): T | undefined => (expect![name] === undefined ? undefined : (decode(expect![name]) as T));

/** Functions by the names of the file, each with the case in front. */
const plain = Object.entries(linalg).map(
  ([name, f]) => [`linalg.${name}`, (_: Evidence, ...args: unknown[]) => (f as (...all: unknown[]) => unknown)(...args)] as const,
);

const operations = {
  ...Object.fromEntries(plain),
  'linalg.eigh': (evidence: Evidence, a: T) => {
    const { values, vectors } = linalg.eigh(a);
    return { values, vectors: likeColumns(vectors, wanted(evidence, 'vectors')) };
  },
  'linalg.svd': (evidence: Evidence, a: T, options: object) => {
    const { u, s, vh } = linalg.svd(a, options);
    // Left and right vectors turn together.
    const turned = likeColumns(u, wanted(evidence, 'u'));
    return { s, u: turned, vh: likeRows(vh, wanted(evidence, 'vh')) };
  },
  'linalg.eigvals': (_: Evidence, a: T) => {
    const { re, im } = linalg.eigvals(a);
    // By real, then imaginary part; equal real parts differ in the last digits.
    const order = argsort(re.astype('float64').mul(1e4).round().mul(1e3).add(im));
    return { re: re.take(order), im: im.take(order) };
  },
};

describe('evidence: linalg', () => {
  it.each(tensorCases('linalg', operations as never, import.meta.url, evidence => [evidence]))('$name', c => c.run());
});
