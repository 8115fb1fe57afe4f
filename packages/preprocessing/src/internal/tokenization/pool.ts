/** Encodes many texts on several threads: workers that hold the same tokenizer, and a pool that shares texts out. */
import { nonEmpty, StateError, ValidationError } from '@gtc/errors';
import { Tokenizer } from './tokenizer.js';

/** One end of a channel: a `Worker`, `parentPort` or `MessagePort` of Node, or their like in a browser. */
export interface TokenizerPort {
  postMessage(message: unknown, transfer?: never): void;
  on?(event: 'message', listener: (message: never) => void): unknown;
  addEventListener?(event: 'message', listener: (event: { readonly data: never }) => void): void;
  start?(): void;
}

/** Texts go as one, with where each ends: one long text crosses over much faster than many short ones. */
type Request = { readonly load: unknown } | { readonly batch: number; readonly text: string; readonly ends: Uint32Array; readonly addSpecialTokens: boolean };
type Reply = { readonly batch: number; readonly ids: Uint32Array; readonly ends: Uint32Array } | { readonly batch: number; readonly message: string };

function listen(port: TokenizerPort, listener: (message: never) => void): void {
  if (port.on !== undefined) port.on('message', listener);
  else port.addEventListener?.('message', ({ data }) => listener(data));
  port.start?.();
}

/**
 * Makes a worker encode what a {@link TokenizerPool} sends it.
 *
 * @param port `parentPort` of `node:worker_threads`, or `globalThis` in a worker of a browser
 * @example typeof serveTokenizer // => 'function'
 */
export function serveTokenizer(port: TokenizerPort): void {
  let tokenizer: Tokenizer | null = null;
  listen(port, (request: Request) => {
    if ('load' in request) {
      tokenizer = Tokenizer.fromJson(request.load as object);
      return;
    }
    const { batch, text, ends: textEnds, addSpecialTokens } = request;
    try {
      if (tokenizer === null) throw new StateError('the worker has no tokenizer yet');
      const each = Array.from(textEnds, (end, i) => tokenizer!.encodeIds(text.slice(i === 0 ? 0 : textEnds[i - 1], end), { addSpecialTokens }));
      const ends = new Uint32Array(each.length);
      const ids = new Uint32Array(each.reduce((total, list) => total + list.length, 0));
      let at = 0;
      each.forEach((list, i) => {
        ids.set(list, at);
        at += list.length;
        ends[i] = at;
      });
      port.postMessage({ batch, ids, ends }, [ids.buffer, ends.buffer] as never);
    } catch (error) {
      port.postMessage({ batch, message: (error as Error).message });
    }
  });
}

/** Units of text that one request holds: enough to be worth its message, few enough to keep all workers busy to the end. */
const REQUEST_UNITS = 200_000;

/** Stretches of a list of texts, each of about the same size. */
function shares(texts: readonly string[]): (readonly [start: number, end: number])[] {
  const found: [number, number][] = [];
  for (let start = 0; start < texts.length; ) {
    let end = start;
    for (let units = 0; end < texts.length && (end === start || units + texts[end]!.length <= REQUEST_UNITS); end++) units += texts[end]!.length;
    found.push([start, end]);
    start = end;
  }
  return found;
}

/**
 * Shares texts out to workers, each of which runs {@link serveTokenizer}.
 *
 * @throws {ValidationError} without ports
 * @remarks Python: `tokenizers.Tokenizer.encode_batch`, which starts threads of its own; here the program starts them, with
 * `new Worker(...)`, and ends them.
 */
export class TokenizerPool {
  readonly #ports: readonly TokenizerPort[];
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #batches = 0;

  constructor(tokenizer: Tokenizer, ports: readonly TokenizerPort[]) {
    this.#ports = nonEmpty(ports, 'ports');
    const json = JSON.parse(JSON.stringify(tokenizer.toJson())) as unknown;
    for (const port of ports) {
      listen(port, (reply: Reply) => {
        const settle = this.#waiting.get(reply.batch);
        this.#waiting.delete(reply.batch);
        settle?.(reply);
      });
      port.postMessage({ load: json } satisfies Request);
    }
  }

  /**
   * Ids of texts, in their order.
   *
   * @throws {ValidationError} when a worker could not encode a text
   */
  async encodeIds(texts: readonly string[], { addSpecialTokens = true }: { readonly addSpecialTokens?: boolean } = {}): Promise<Uint32Array[]> {
    const found = new Array<Uint32Array>(texts.length);
    const left = shares(texts).values();
    const work = async (port: TokenizerPort): Promise<void> => {
      for (const [start, end] of left) {
        const reply = await this.#ask(port, texts.slice(start, end), addSpecialTokens);
        if ('message' in reply) throw new ValidationError(reply.message, { parameter: 'texts' });
        let from = 0;
        reply.ends.forEach((to, i) => {
          found[start + i] = reply.ids.subarray(from, to);
          from = to;
        });
      }
    };
    await Promise.all(this.#ports.map(work));
    return found;
  }

  #ask(port: TokenizerPort, texts: readonly string[], addSpecialTokens: boolean): Promise<Reply> {
    const batch = this.#batches++;
    return new Promise(resolve => {
      this.#waiting.set(batch, resolve);
      let end = 0;
      const ends = Uint32Array.from(texts, text => (end += text.length));
      port.postMessage({ batch, text: texts.join(''), ends, addSpecialTokens } satisfies Request);
    });
  }
}
