/** A server for a test, at a port that the system chooses. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves while `run` runs. */
export async function serving<T>(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>, run: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>(settle => server.listen(0, '127.0.0.1', settle));
  try {
    return await run((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Asks with headers that `fetch` would not let one choose. */
export async function asking(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((settle, refuse) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { ...headers } }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', part => {
        text += part;
      });
      response.on('end', () => settle({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.on('error', refuse).end(body);
  });
}
