import { createHash } from 'node:crypto';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adler32, crc32, crc32c, type DigestOptions, gitBlobSha1, type HashAlgorithm, hexDigest, murmur3 } from './hash.js';

const ALGORITHMS = ['md5', 'sha1', 'sha256'] as const;

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 7 * i + 3);
interface Asked {
  readonly algorithm: HashAlgorithm;
  readonly lengths: readonly number[];
  readonly options: DigestOptions;
}
const checksum =
  (sum: (data: Uint8Array) => number) =>
  ({ lengths }: Asked) => ({ y: lengths.map(length => sum(bytesOf(length))) });
const answers = {
  hexDigest: ({ algorithm, lengths, options }: Asked) => ({ y: lengths.map(length => hexDigest(algorithm, bytesOf(length), options)) }),
  crc32: checksum(crc32),
  crc32c: checksum(crc32c),
  adler32: checksum(adler32),
} as never;

describe('evidence: digests', () => {
  it.each(evidenceCases('tensor/digests', answers, import.meta.url, '../evidence/hash/digests.json'))('$name', c => c.run());
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
    expect(() => hexDigest('sha512' as never, '')).toThrow(
      "algorithm must be one of blake2b, md5, murmur3_32, murmur3_x64_128, sha1, sha256, xxh32, xxh3_128, xxh3_64, xxh64, got 'sha512'",
    );
    expect(() => hexDigest('md5', null as never)).toThrow('data cannot be null');
  });
  it.each([
    [{ seed: -1 }, 'seed must be in [0, 4294967295], got -1'],
    [{ seed: 0.5 }, 'seed must be an integer, got 0.5'],
    [{ digestSize: 0 }, 'digestSize must be in [1, 64], got 0'],
    [{ digestSize: 65 }, 'digestSize must be in [1, 64], got 65'],
  ])('refuses %j', (options, message) => {
    expect(() => hexDigest('xxh32', '', options)).toThrow(message);
  });
  it('reads bytes in the middle of a buffer', () => {
    const bytes = Uint8Array.of(9, 9, 9, 1, 2, 3, 4, 5, 9).subarray(3, 8);
    for (const algorithm of ['xxh32', 'xxh64', 'xxh3_64', 'xxh3_128', 'murmur3_32', 'murmur3_x64_128', 'blake2b', 'sha256'] as const)
      expect(hexDigest(algorithm, bytes)).toBe(hexDigest(algorithm, bytes.slice()));
  });
});

describe('checksums', () => {
  it('take texts by their UTF-8 form', () => {
    const bytes = new TextEncoder().encode('日本 é');
    expect([crc32('日本 é'), crc32c('日本 é'), adler32('日本 é'), murmur3('日本 é')]).toEqual([crc32(bytes), crc32c(bytes), adler32(bytes), murmur3(bytes)]);
  });
  it('murmur3 is the digest of that name as a number, and depends on the seed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 50 }),
        fc.nat(),
        (bytes, seed) => murmur3(bytes, { seed }) === Number.parseInt(hexDigest('murmur3_32', bytes, { seed }), 16),
      ),
      { numRuns: 100 },
    );
    expect(murmur3('a', { seed: 1 })).not.toBe(murmur3('a'));
    expect(() => murmur3('a', { seed: 2 ** 32 })).toThrow('seed must be in [0, 4294967295], got 4294967296');
  });
  it('Adler-32 stays exact on long runs of the largest byte', () => {
    const ones = new Uint8Array(20_000).fill(255);
    let [sum, sums] = [1, 0];
    for (const byte of ones) {
      sum = (sum + byte) % 65_521;
      sums = (sums + sum) % 65_521;
    }
    expect(adler32(ones)).toBe(sums * 65_536 + sum);
  });
  it.each([
    ['', 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'],
    ['hello\n', 'ce013625030ba8dba906f756967f9e9ca394464a'],
  ])('git calls %j by its name', (content, name) => {
    expect(gitBlobSha1(content)).toBe(name);
    expect(gitBlobSha1(new TextEncoder().encode(content))).toBe(name);
  });
});
