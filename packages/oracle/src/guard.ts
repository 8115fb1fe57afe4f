/** What a server on this machine lets in: requests that name it by its own address, from its own pages. */
import type { IncomingMessage } from 'node:http';
import { ResourceError } from '@gtc/errors';

const OWN_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The host of an authority without its port. */
function hostOf(authority: string): string {
  return authority.replace(/:\d+$/, '');
}

/**
 * Why a request is refused, or null. A page elsewhere may send requests here, and may have its own name point here (DNS rebinding): the
 * `Host` must be this machine's, and an `Origin`, where there is one, the server's own.
 *
 * @param names further names under which the server may be called
 */
export function refusalOf({ headers }: Pick<IncomingMessage, 'headers'>, names: readonly string[] = []): string | null {
  const { host, origin } = headers;
  const allowed = (name: string): boolean => OWN_NAMES.has(name) || names.includes(name);
  if (host === undefined || !allowed(hostOf(host))) return `host ${host ?? ''} is not served here`;
  if (origin === undefined) return null;
  return origin === `http://${host}` ? null : `origin ${origin} may not ask`;
}

/** The body of a request as text. @throws {ResourceError} for one that is larger than the limit */
export async function bodyOf(request: AsyncIterable<Uint8Array>, limit: number = 1 << 20): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > limit) throw new ResourceError(`the body must be at most ${limit} bytes`, { parameter: 'body', received: length });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
