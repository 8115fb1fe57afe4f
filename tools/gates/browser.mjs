/**
 * `pnpm browser`: the computations of packages/tensor/browser/checks.mjs in headless Chromium, in a page that is cross-origin isolated and in one that
 * is not, must give what Node gives. `GTC_CHROMIUM` names the browser; by default `chromium` on the PATH.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, root } from '../bootstrap/setup.mjs';

const CHROMIUM = process.env.GTC_CHROMIUM ?? 'chromium';
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const PATIENCE = 120_000;
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.html': 'text/html' };

/** Modules by the names under which programs import them. */
function importMap() {
  const subpaths = readdirSync(join(root, 'packages', 'tensor', 'src'))
    .filter(file => file.endsWith('.ts') && !/\.(test|test-d|fixture)\.ts$/.test(file) && file !== 'index.ts')
    .map(file => file.slice(0, -3));
  return {
    imports: {
      '@gtc/errors': '/packages/errors/dist/index.js',
      '@gtc/tensor': '/packages/tensor/dist/index.js',
      ...Object.fromEntries(subpaths.map(name => [`@gtc/tensor/${name}`, `/packages/tensor/dist/${name}.js`])),
    },
  };
}

const PAGE = `<!doctype html><meta charset="utf-8"><script type="importmap">${JSON.stringify(importMap())}</script>
<script type="module">
const send = body => fetch('/result', { method: 'POST', body: JSON.stringify(body, (_, v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v)) });
try {
  const { results } = await import('/packages/tensor/browser/checks.mjs');
  await send(await results());
} catch (error) {
  await send({ error: String(error.stack ?? error) });
}
</script>`;

/** What a page sends back, with or without the headers of isolation. */
async function inBrowser(isolated) {
  const profile = mkdtempSync(join(tmpdir(), 'gtc-browser-'));
  let answer;
  const answered = new Promise(resolve => (answer = resolve));
  const server = createServer((request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/result') {
      const parts = [];
      request
        .on('data', part => parts.push(part))
        .on('end', () => {
          response.end();
          answer(JSON.parse(Buffer.concat(parts).toString()));
        });
      return;
    }
    const served = pathname === '/' ? '.html' : /^\/(packages\/(errors|tensor)\/(dist|browser))\/[\w.-]+\.m?js$/.test(pathname) ? extname(pathname) : null;
    if (served === null) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[served] }).end(pathname === '/' ? PAGE : readFileSync(join(root, pathname)));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const browser = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore', detached: true });
  const ended = new Promise(resolve => browser.on('close', resolve).on('error', resolve));
  const failed = new Promise((_, reject) => {
    browser.on('error', error => reject(new Error(`${CHROMIUM} does not start: ${error.message}`)));
    setTimeout(() => reject(new Error(`the page sent nothing within ${PATIENCE / 1000} s`)), PATIENCE).unref();
  });
  try {
    return await Promise.race([answered, failed]);
  } finally {
    // The browser and its helpers are one group of processes.
    if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
    await ended;
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

install();
const { results } = await import(pathToFileURL(join(root, 'packages', 'tensor', 'browser', 'checks.mjs')).href);
const plain = value => JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v)));
const expected = plain(await results());
let failed = false;
const say = (right, what) => {
  failed ||= !right;
  process.stdout.write(`${right ? '✓' : '✗'} ${what}\n`);
};
/** Engines differ in the last place of `Math.sin` and its like. */
const close = (a, b) => a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 1e-6 * (1 + Math.abs(b)));
const alike = (a, b) => Array.isArray(a) && a.length === b.length && a.every((value, i) => close(value, b[i]));
for (const isolated of [true, false]) {
  const page = isolated ? 'isolated page' : 'plain page';
  const { error, shared, all = {} } = await inBrowser(isolated).catch(cause => ({ error: cause.message }));
  if (error) {
    say(false, `${page}: ${error}`);
    continue;
  }
  say(shared === isolated, `${page}: memory is ${shared ? '' : 'not '}shared`);
  const names = Object.keys(expected.all).filter(name => isolated || !name.includes('thread'));
  const wrong = names.filter(name => !alike(all[name], expected.all[name]));
  const exact = names.filter(name => JSON.stringify(all[name]) === JSON.stringify(expected.all[name])).length;
  say(
    wrong.length === 0,
    `${page}: ${names.length - wrong.length} of ${names.length} computations as in Node, ${exact} of them to the bit${wrong.length > 0 ? `; not ${wrong.join(', ')}` : ''}`,
  );
}
process.exitCode = failed ? 1 : 0;
