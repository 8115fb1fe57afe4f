/** What compiled examples call. */
import { show } from '@gtc/errors';
import { check } from './case.js';
import { differs } from './compare.js';

/** Numbers in documentation agree to nine digits. */
const DOCUMENTED = { rtol: 1e-9, atol: 1e-12 };

/** Checks `expression // => value`. */
export async function equals(actual: () => unknown, expected: () => unknown, text: string): Promise<void> {
  const found = differs(expected(), plain(await actual()), DOCUMENTED, { exactKeys: true });
  check(found === null, `expected ${text}; ${found}`);
}

/** Checks `expression // throws words`: the message must contain the words. */
export async function throws(run: () => unknown, words: string): Promise<void> {
  let result: unknown;
  try {
    result = await run();
  } catch (error) {
    return check(String((error as Error).message).includes(words), `expected an error with '${words}', got '${(error as Error).message}'`);
  }
  check(false, `expected an error with '${words}', got ${show(result)}`);
}

/** Tensors are compared as nested arrays. */
function plain(value: unknown): unknown {
  const { tolist } = (value ?? {}) as { tolist?: () => unknown };
  return typeof tolist === 'function' ? tolist.call(value) : value;
}
