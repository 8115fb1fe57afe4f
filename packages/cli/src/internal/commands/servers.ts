/** `gtc serve` and `gtc mcp`: the web page, and the server for assistants. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WebRecipe } from '@gtc/oracle/web';
import type { Options } from '../../options.js';
import { RECIPES } from '../../recipes.js';
import { listen } from '../listen.js';
import { openOracle } from './library.js';
import { done, type Outcome, PACKAGE_FOLDER, type Terminal, versionOf } from './outcome.js';

/** Recipes run in a process of their own, so that the page keeps answering. */
function webRecipes(): WebRecipe[] {
  return [...RECIPES.values()].map(({ name, summary, tags }) => ({
    name,
    summary,
    tags,
    run: async (tell, signal) => {
      const child = spawn(process.execPath, [join(PACKAGE_FOLDER, 'dist', 'main.js'), 'run', name], { signal, stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', tell);
      await once(child, 'close');
    },
  }));
}

/** `gtc serve [--port n]` */
export async function serve({ port }: Options, terminal: Terminal): Promise<Outcome> {
  const { handleWeb } = await import('@gtc/oracle/web');
  const options = { oracle: await openOracle(terminal), folder: PACKAGE_FOLDER, recipes: webRecipes() };
  options.oracle.search('the first search compiles what the next ones run');
  const tell = (address: string): void => terminal.warn(`the oracle answers at ${address} (Ctrl-C ends)`);
  await listen((request, response) => handleWeb(request, response, options), port, terminal.surroundings.signal, tell);
  return done('');
}

/** `gtc mcp`: on standard input and output; `gtc mcp --http [--port n]`: streamable HTTP. */
export async function mcp({ http, port }: Options, terminal: Terminal): Promise<Outcome> {
  const { handleMcp, serveStdio } = await import('@gtc/oracle/mcp');
  const { verify } = await import('./verify.js');
  const { readOptions } = await import('../../options.js');
  const options = {
    oracle: await openOracle(terminal),
    version: versionOf(),
    folder: PACKAGE_FOLDER,
    verify: async (name: string): Promise<string> => (await verify(readOptions(['verify', name]), terminal)).stdout,
  };
  if (!http) {
    await serveStdio(options);
    return done('');
  }
  const tell = (address: string): void => terminal.warn(`assistants ask at ${address}/mcp (Ctrl-C ends)`);
  await listen((request, response) => handleMcp(request, response, options), port, terminal.surroundings.signal, tell);
  return done('');
}
