/** A server for assistants (Model Context Protocol): search, show, run and verify patterns. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { GtcError, NotFoundError, ValidationError } from '@gtc/errors';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, type CallToolResult, ListToolsRequestSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import { formatMarkdown, proofText } from './answer.js';
import { bodyOf, refusalOf } from './guard.js';
import type { Language } from './pattern.js';
import { runExample } from './run.js';
import type { Oracle, Result } from './search.js';

/** Options of the servers. */
export interface McpOptions {
  readonly oracle: Oracle;
  readonly version: string;
  /** Folder from which examples resolve their imports. */
  readonly folder: string;
  /** Replays what is at hand of a symbol and says how it went; without it the recorded verdict is told. */
  readonly verify?: (name: string) => Promise<string>;
}

type Arguments = Readonly<Record<string, unknown>>;

/** A tool with what it does. */
interface Offer extends Tool {
  readonly run: (args: Arguments, options: McpOptions) => Promise<CallToolResult>;
}

const LANGUAGES: readonly Language[] = ['ts', 'py', 'rs'];
const name = { type: 'string', minLength: 1, maxLength: 200, description: 'name of a symbol in TypeScript, Python or Rust spelling, f1Score or f1_score' };
const languages = { type: 'array', items: { type: 'string', enum: LANGUAGES }, description: 'languages whose code is shown' };
const readOnly = { readOnlyHint: true, openWorldHint: false };

function text(content: string, structuredContent?: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: content }], ...(structuredContent === undefined ? {} : { structuredContent }) };
}

function textArgument(args: Arguments, key: string): string {
  const value = args[key];
  if (typeof value !== 'string' || value.trim() === '')
    throw new ValidationError(`${key} must be a text that is not empty`, { parameter: key, received: value });
  return value;
}

function languagesOf({ languages: given = LANGUAGES }: Arguments): readonly Language[] {
  if (!Array.isArray(given) || !given.every(each => LANGUAGES.includes(each)))
    throw new ValidationError(`languages must be some of ${LANGUAGES.join(', ')}`, { parameter: 'languages', received: given });
  return given;
}

function limitOf({ limit = 5 }: Arguments): number {
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > 50)
    throw new ValidationError('limit must be an integer from 1 to 50', { parameter: 'limit', received: limit });
  return limit;
}

function named(oracle: Oracle, wanted: string): Result {
  const result = oracle.search(wanted, { limit: 1 }).find(({ why }) => why.exact);
  if (result !== undefined) return result;
  throw NotFoundError.of(
    'pattern',
    wanted,
    Array.from(oracle.index.patterns(), pattern => pattern.name),
  );
}

const OFFERS: readonly Offer[] = [
  {
    name: 'search_patterns',
    title: 'Search patterns',
    description:
      'Finds the machine-learning patterns of GTC that answer a question in plain words: signature, runnable example, Python and Rust equivalents, proof.',
    inputSchema: {
      type: 'object',
      properties: {
        question: { type: 'string', minLength: 1, maxLength: 2000, description: 'what is to be done, in plain words' },
        limit: { type: 'integer', minimum: 1, maximum: 50, default: 5 },
        domain: { type: 'string', description: 'only this package, such as training or evaluation' },
        languages,
      },
      required: ['question'],
    },
    annotations: readOnly,
    run: async (args, { oracle }) => {
      const question = textArgument(args, 'question');
      const domain = args['domain'] === undefined ? undefined : textArgument(args, 'domain');
      if (domain !== undefined && !oracle.index.info.domains.includes(domain)) throw NotFoundError.of('domain', domain, oracle.index.info.domains);
      const results = oracle.search(question, { limit: limitOf(args), ...(domain === undefined ? {} : { domain }) });
      const found = results.map(({ pattern, score }) => ({ name: pattern.name, specifier: pattern.specifier, summary: pattern.summary, score }));
      return text(results.length === 0 ? 'Nothing matches; ask with other words.' : formatMarkdown(results, { languages: languagesOf(args) }), {
        results: found,
      });
    },
  },
  {
    name: 'show_pattern',
    title: 'Show a pattern',
    description: 'Shows one symbol of GTC by its name: signature, example, equivalents, proof, related symbols.',
    inputSchema: { type: 'object', properties: { name, languages }, required: ['name'] },
    annotations: readOnly,
    run: async (args, { oracle }) => text(formatMarkdown([named(oracle, textArgument(args, 'name'))], { languages: languagesOf(args) })),
  },
  {
    name: 'run_pattern',
    title: 'Run an example',
    description: "Runs the example of a symbol's documentation in a process of its own, without network, for at most ten seconds, and returns what it printed.",
    inputSchema: { type: 'object', properties: { name }, required: ['name'] },
    annotations: readOnly,
    run: async (args, { oracle, folder }) => {
      const { pattern } = named(oracle, textArgument(args, 'name'));
      const output = await runExample(pattern.examples[0], { folder });
      return { ...text(`${pattern.examples[0]}\n\n${output.stdout}${output.stderr}`, { ...output }), isError: output.status !== 0 };
    },
  },
  {
    name: 'verify_pattern',
    title: 'Verify a pattern',
    description:
      'Says how a symbol was proven: golden vectors of the Python original, cases of the reference libraries, tolerance; replays them where they are at hand.',
    inputSchema: { type: 'object', properties: { name }, required: ['name'] },
    annotations: readOnly,
    run: async (args, { oracle, verify }) => {
      const { pattern, module } = named(oracle, textArgument(args, 'name'));
      return text(verify === undefined ? `${pattern.name} (${module.specifier}): ${proofText(module.proof)}` : await verify(pattern.name));
    },
  },
];

/** A server that offers the tools; connect it to a transport. */
export function createMcpServer(options: McpOptions): Server {
  const server = new Server({ name: 'gtc', title: 'GTC oracle', version: options.version }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: OFFERS.map(({ run: _run, ...tool }) => tool) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }): Promise<CallToolResult> => {
    try {
      const offer = OFFERS.find(each => each.name === params.name);
      if (offer === undefined)
        throw NotFoundError.of(
          'tool',
          params.name,
          OFFERS.map(each => each.name),
        );
      return await offer.run(params.arguments ?? {}, options);
    } catch (error) {
      if (!GtcError.is(error)) throw error;
      return { ...text(error.message), isError: true };
    }
  });
  return server;
}

/** Serves on standard input and output, or on other streams, until the input ends. */
export async function serveStdio(options: McpOptions, input: Readable = process.stdin, output: Writable = process.stdout): Promise<void> {
  const server = createMcpServer(options);
  const closed = new Promise<void>(settle => {
    server.onclose = settle;
  });
  input.once('end', () => void server.close());
  await server.connect(new StdioServerTransport(input, output));
  await closed;
}

/** Answers one request of streamable HTTP; each stands alone, nothing is kept between them. */
export async function handleMcp(request: IncomingMessage, response: ServerResponse, options: McpOptions): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== null) {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end(`${refusal}\n`);
    return;
  }
  if (request.method !== 'POST') {
    response.writeHead(405, { allow: 'POST', 'content-type': 'text/plain; charset=utf-8' }).end('POST a message; sessions are not kept\n');
    return;
  }
  let message: unknown;
  try {
    message = JSON.parse(await bodyOf(request));
  } catch (error) {
    const body = { jsonrpc: '2.0', error: { code: -32_700, message: GtcError.is(error) ? error.message : 'the body must be JSON' }, id: null };
    response.writeHead(GtcError.is(error) ? 413 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return;
  }
  const server = createMcpServer(options);
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.once('close', () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  await transport.handleRequest(request, response, message);
}
