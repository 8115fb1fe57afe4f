import { createHash } from 'node:crypto';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HashAlgorithm, hexDigest } from './hash.js';

const ALGORITHMS: readonly Exclude<HashAlgorithm, 'xxh64'>[] = ['md5', 'sha1', 'sha256'];

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 7 * i + 3);
const answers = { xxh64: ({ length }: { length: number }) => ({ y: hexDigest('xxh64', bytesOf(length)) }) } as never;

describe('evidence: xxh64', () => {
  it.each(evidenceCases('tensor/xxh64', answers, import.meta.url, '../evidence/hash/xxh64.json'))('$name', c => c.run());
});

describe('hexDigest', () => {
  it.each(ALGORITHMS)('%s equals OpenSSL on bytes', algorithm => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => hexDigest(algorithm, bytes) === createHash(algorithm).update(bytes).digest('hex')),
      { numRuns: 100 },
    );
  });
  it.each(ALGORITHMS)('%s equals OpenSSL on texts', algorithm => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => hexDigest(algorithm, text) === createHash(algorithm).update(text, 'utf8').digest('hex')),
      { numRuns: 100 },
    );
  });
  it.each(ALGORITHMS)('%s equals OpenSSL at every length around a block', algorithm => {
    for (let length = 0; length <= 130; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i);
      expect(hexDigest(algorithm, bytes)).toBe(createHash(algorithm).update(bytes).digest('hex'));
    }
  });
  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['xxhash', '32dd38952c4bc720'],
    ['The quick brown fox jumps over the lazy dog, and over the fence.', null],
  ])('xxh64 of %j has the published digest and depends on every byte', (text, published) => {
    const digest = hexDigest('xxh64', text);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    if (published !== null) expect(digest).toBe(published);
    expect(new Set([...text].map((_, i) => hexDigest('xxh64', `${text.slice(0, i)}~${text.slice(i + 1)}`))).size).toBe(text.length);
  });
  it('names the algorithms that it knows', () => {
    expect(() => hexDigest('sha512' as never, '')).toThrow("algorithm must be one of md5, sha1, sha256, xxh64, got 'sha512'");
    expect(() => hexDigest('md5', null as never)).toThrow('data cannot be null');
  });
});
