/** How Python turns a seed of any type into the words that initialise MT19937. */
import { sha512 } from './sha512.js';

/** What `random.seed` accepts. A fractional number is hashed as Python's `float`. */
export type PythonSeed = number | bigint | string | Uint8Array;

/** Python hashes a float modulo this Mersenne prime. */
const HASH_MODULUS = (1n << 61n) - 1n;

/** 32-bit words of |seed|, least significant first; at least one. */
export function seedWords(seed: PythonSeed): Uint32Array {
  let value = seedInteger(seed);
  if (value < 0n) value = -value;
  const words: number[] = [];
  do {
    words.push(Number(value & 0xffffffffn));
    value >>= 32n;
  } while (value > 0n);
  return Uint32Array.from(words);
}

function seedInteger(seed: PythonSeed): bigint {
  if (typeof seed === 'bigint') return seed;
  if (typeof seed === 'number') return Number.isInteger(seed) ? BigInt(seed) : floatHash(seed);
  const bytes = typeof seed === 'string' ? new TextEncoder().encode(seed) : seed;
  return bigEndian(Uint8Array.of(...bytes, ...sha512(bytes)));
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** `hash(float)`: the fraction `m / 2^e` modulo 2^61 - 1, where dividing by 2 is a rotation by 60 of 61 bits. */
function floatHash(value: number): bigint {
  let fraction = Math.abs(value);
  let exponent = 0n;
  while (!Number.isInteger(fraction)) {
    fraction *= 2;
    exponent++;
  }
  const halves = (61n - (exponent % 61n)) % 61n;
  const hash = ((BigInt(fraction) % HASH_MODULUS) << halves) % HASH_MODULUS;
  return value < 0 ? -hash : hash;
}
