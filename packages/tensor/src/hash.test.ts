import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HashAlgorithm, hexDigest } from './hash.js';

const ALGORITHMS: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256'];

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
  it('names the algorithms that it knows', () => {
    expect(() => hexDigest('sha512' as never, '')).toThrow("algorithm must be one of md5, sha1, sha256, got 'sha512'");
    expect(() => hexDigest('md5', null as never)).toThrow('data cannot be null');
  });
});
