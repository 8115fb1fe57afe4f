/** Digests and checksums of texts and bytes, synchronous and without dependency. */
import { inRange, integer, notNull, oneOf } from '@gtc/errors';
import { blake2b } from './internal/hash/blake2b.js';
import { blockDigest } from './internal/hash/blocks.js';
import { adler, cyclicCheck } from './internal/hash/checksums.js';
import { murmur3x64, murmur3x86 } from './internal/hash/murmur3.js';
import { hex64 } from './internal/hash/words.js';
import { xxh3Of64, xxh3Of128 } from './internal/hash/xxh3.js';
import { xxh32 } from './internal/hash/xxh32.js';
import { xxh64 } from './internal/hash/xxh64.js';

/** Digests that {@link hexDigest} knows. */
export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'blake2b' | 'xxh32' | 'xxh64' | 'xxh3_64' | 'xxh3_128' | 'murmur3_32' | 'murmur3_x64_128';

/** What {@link hexDigest} may be told. */
export interface DigestOptions {
  /** Start of xxHash (a whole number up to 2^32 - 1) and MurmurHash3, default 0; others have none. */
  readonly seed?: number;
  /** Bytes of BLAKE2b, 1 to 64, default 64. */
  readonly digestSize?: number;
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
const hex32 = (x: number): string => x.toString(16).padStart(8, '0');
const bytesOf = (data: string | Uint8Array): Uint8Array =>
  typeof notNull(data, 'data') === 'string' ? new TextEncoder().encode(data as string) : (data as Uint8Array);

const checkSeed = (seed: number): number => inRange(integer(seed, 'seed'), 'seed', { min: 0, max: 2 ** 32 - 1 });

const DIGESTS: Readonly<Record<HashAlgorithm, (message: Uint8Array, options: Required<DigestOptions>) => string>> = {
  md5: message => hexOf(blockDigest('md5', message)),
  sha1: message => hexOf(blockDigest('sha1', message)),
  sha256: message => hexOf(blockDigest('sha256', message)),
  blake2b: (message, { digestSize }) => hexOf(blake2b(message, digestSize)),
  xxh32: (message, { seed }) => hex32(xxh32(message, seed)),
  xxh64: (message, { seed }) => hex64(xxh64(message, BigInt(seed))),
  xxh3_64: (message, { seed }) => hex64(xxh3Of64(message, BigInt(seed))),
  xxh3_128: (message, { seed }) => xxh3Of128(message, BigInt(seed)).map(hex64).reverse().join(''),
  murmur3_32: (message, { seed }) => hex32(murmur3x86(message, seed)),
  murmur3_x64_128: (message, { seed }) => murmur3x64(message, seed).map(hex64).reverse().join(''),
};

/**
 * The digest of a text (its UTF-8 form) or of bytes, as hexadecimal digits.
 *
 * Only SHA-256 and BLAKE2b stand against those who mean harm; the others are checksums and names of what others wrote.
 *
 * @throws {ValidationError} for an algorithm that is not known, a seed outside [0, 2^32), a digest size outside [1, 64]
 * @remarks Python: `hashlib.new(algorithm, data).hexdigest()`, `xxhash.xxh3_64(data, seed=seed).hexdigest()`,
 * `format(mmh3.hash128(data, seed, True), '032x')`; equal text.
 * @example hexDigest('md5', 'test') // => '098f6bcd4621d373cade4e832627b4f6'
 * @example hexDigest('xxh3_64', 'test') // => '9ec9f7918d7dfc40'
 */
export function hexDigest(algorithm: HashAlgorithm, data: string | Uint8Array, { seed = 0, digestSize = 64 }: DigestOptions = {}): string {
  oneOf(algorithm, 'algorithm', Object.keys(DIGESTS));
  checkSeed(seed);
  inRange(integer(digestSize, 'digestSize'), 'digestSize', { min: 1, max: 64 });
  return DIGESTS[algorithm](bytesOf(data), { seed, digestSize });
}

/**
 * The 32-bit digest of MurmurHash3, as scikit-learn's feature hashing and most Bloom filters take it.
 *
 * @throws {ValidationError} for a seed outside [0, 2^32)
 * @remarks Python: `mmh3.hash(data, seed, signed=False)`.
 * @example murmur3('test') // => 3127628307
 */
export function murmur3(data: string | Uint8Array, { seed = 0 }: { readonly seed?: number } = {}): number {
  return murmur3x86(bytesOf(data), checkSeed(seed));
}

/**
 * The checksum of zip, gzip and PNG.
 *
 * @remarks Python: `zlib.crc32(data)`.
 * @example crc32('test') // => 3632233996
 */
export function crc32(data: string | Uint8Array): number {
  return cyclicCheck(bytesOf(data), 'ieee');
}

/**
 * The checksum of TFRecord files, iSCSI and ext4 (Castagnoli's polynomial).
 *
 * @remarks Python: `crc32c.crc32c(data)`.
 * @example crc32c('123456789') // => 3808858755
 */
export function crc32c(data: string | Uint8Array): number {
  return cyclicCheck(bytesOf(data), 'castagnoli');
}

/**
 * The checksum of zlib's streams.
 *
 * @remarks Python: `zlib.adler32(data)`.
 * @example adler32('Wikipedia') // => 300286872
 */
export function adler32(data: string | Uint8Array): number {
  return adler(bytesOf(data));
}

/**
 * The name that git gives to a file's content; the hub calls it `oid`.
 *
 * @remarks Python: `hashlib.sha1(b'blob %d\0' % len(data) + data).hexdigest()`; the command is `git hash-object`.
 * @example gitBlobSha1('hello\n') // => 'ce013625030ba8dba906f756967f9e9ca394464a'
 */
export function gitBlobSha1(data: string | Uint8Array): string {
  const content = bytesOf(data);
  const header = new TextEncoder().encode(`blob ${content.length}\0`);
  const message = new Uint8Array(header.length + content.length);
  message.set(header);
  message.set(content, header.length);
  return hexOf(blockDigest('sha1', message));
}
