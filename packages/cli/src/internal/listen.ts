/** Serving on this machine alone, for as long as somebody wants it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ResourceError } from '@gtc/errors';

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Serves until the signal.
 *
 * @param tell is told the address when requests are answered
 * @returns the address
 * @throws {ResourceError} for a port that can't be had
 */
export async function listen(handle: Handler, port: number, signal: AbortSignal, tell: (address: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    handle(request, response).catch(response.destroy.bind(response));
  });
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  try {
    await listening;
  } catch (error) {
    throw new ResourceError(`cannot listen on port ${port} (${(error as Error).message.split(':')[0]}); --port <n> names another`, {
      parameter: 'port',
      received: port,
    });
  }
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  tell(address);
  if (!signal.aborted) await once(signal, 'abort');
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
  return address;
}
