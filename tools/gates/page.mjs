/**
 * `pnpm page [--shots folder]`: the page of `gtc serve` in headless Chromium, used as a person would: a question typed, answers opened and moved between by
 * keys, another language chosen, an example run, a recipe started; light and dark, wide and narrow. `GTC_CHROMIUM` names the browser.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from '../bootstrap/setup.mjs';

const CHROMIUM = process.env.GTC_CHROMIUM ?? 'chromium';
const { values } = parseArgs({ options: { shots: { type: 'string' } } });
const scratch = mkdtempSync(join(tmpdir(), 'gtc-page-'));
const PATIENCE = 20_000;

/** The address at which the built command serves its page. */
async function startServer() {
  const server = spawn(process.execPath, [join(root, 'packages', 'cli', 'dist', 'main.js'), 'serve', '--port', '0'], {
    cwd: scratch,
    env: { ...process.env, GTC_HOME: join(scratch, 'data') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await new Promise((settle, refuse) => {
    server.stderr.setEncoding('utf8').on('data', text => settle(/http:\S+/.exec(text)?.[0]));
    server.on('error', refuse);
  });
  return { server, address };
}

/** Commands of the DevTools protocol over a pipe. */
function startBrowser() {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--remote-debugging-pipe'];
  const browser = spawn(CHROMIUM, [...flags, `--user-data-dir=${join(scratch, 'profile')}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const [input, output] = [browser.stdio[3], browser.stdio[4]];
  const waiting = new Map();
  const events = [];
  let [id, text] = [0, ''];
  output.setEncoding('utf8').on('data', part => {
    text += part;
    const messages = text.split('\0');
    text = messages.pop();
    for (const message of messages.map(each => JSON.parse(each))) {
      if (message.id === undefined) events.push(message);
      else waiting.get(message.id)?.(message);
    }
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((settle, refuse) => {
      waiting.set(++id, ({ result, error }) => (error ? refuse(new Error(`${method}: ${error.message}`)) : settle(result)));
      input.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });
  return { browser, send, events };
}

let failed = 0;
function say(right, what) {
  if (!right) failed++;
  process.stdout.write(`${right ? '✓' : '✗'} ${what}\n`);
}

const { server, address } = await startServer();
const { browser, send, events } = startBrowser();
try {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const tell = (method, params) => send(method, params, sessionId);
  await Promise.all(['Page', 'Runtime', 'Log'].map(domain => tell(`${domain}.enable`)));
  const evaluate = async expression => (await tell('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })).result.value;
  const until = async expression => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(50)) if (await evaluate(expression)) return true;
    return false;
  };
  const key = async (name, code = name) => {
    for (const type of ['keyDown', 'keyUp'])
      await tell('Input.dispatchKeyEvent', { type, key: name, code, ...(name.length === 1 && type === 'keyDown' ? { text: name } : {}) });
  };
  const shot = async name => {
    if (values.shots === undefined) return;
    mkdirSync(values.shots, { recursive: true });
    writeFileSync(join(values.shots, `${name}.png`), Buffer.from((await tell('Page.captureScreenshot', { format: 'png' })).data, 'base64'));
  };
  const view = (width, height, scheme) =>
    Promise.all([
      tell('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false }),
      tell('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] }),
    ]);
  const card = n => `document.querySelectorAll('#results > .card')[${n}]`;

  await view(1100, 900, 'light');
  await tell('Page.navigate', { url: address });
  say(
    await until("document.querySelectorAll('#recipes .card').length > 1 && document.activeElement?.id === 'question'"),
    'the page opens with recipes, the cursor in the question',
  );
  await shot('start-light');
  await tell('Input.insertText', { text: 'how to implement LoRA fine-tuning' });
  say(await until(`${card(0)}?.querySelector('h3').textContent === 'createLoraConfig'`), 'answers come while typing');
  say((await evaluate('location.search')).startsWith('?q=how'), 'the question is in the address');
  say(
    await evaluate(`${card(0)}.classList.contains('open') && ${card(0)}.querySelector('.badge').textContent.includes('tests passed')`),
    'the first answer is open and says how it was proven',
  );
  say(await evaluate(`${card(0)}.querySelectorAll('pre .keyword').length > 1 && ${card(0)}.querySelectorAll('pre .string').length > 0`), 'code is highlighted');
  await shot('answer-light');
  await key('ArrowDown');
  await key('ArrowDown');
  await key('Enter');
  say(await evaluate(`document.activeElement === ${card(1)} && ${card(1)}.classList.contains('open')`), 'keys move and open');
  await key('2', 'Digit2');
  say(await evaluate(`${card(0)}.querySelector('.more pre').textContent.startsWith('from hf_gtc.training.lora import')`), 'a key shows Python');
  await key('1', 'Digit1');
  await key('r', 'KeyR');
  say(await until(`${card(1)}.querySelector('.output')?.textContent.length > 0`), 'a key runs the example');
  await view(1100, 900, 'dark');
  await shot('answer-dark');
  await key('/', 'Slash');
  await tell('Input.insertText', { text: 'f1_score' });
  say(await until(`${card(0)}?.querySelector('h3').textContent === 'f1Score'`), 'a name in Python spelling comes first');
  await evaluate(`${card(0)}.querySelector('dd a')?.click()`);
  say(await until("document.querySelector('#question').value !== 'f1_score'"), 'related names are links');
  await view(420, 800, 'dark');
  say(await evaluate('document.documentElement.scrollWidth <= innerWidth'), 'a narrow window needs no scrolling sideways');
  await shot('narrow-dark');
  await view(1100, 900, 'light');
  await key('Escape');
  await tell('Input.insertText', { text: 'zzzzqqqq' });
  say(await until("document.querySelector('#status').textContent.startsWith('Nothing matches')"), 'says when nothing matches');
  await evaluate("document.querySelector('#recipes .run').click()");
  say(await until("document.querySelector('#recipes .output')?.textContent.includes('base model')"), 'a recipe tells how it goes');
  await shot('recipe-light');
  const complaints = events.filter(
    ({ method, params }) => method === 'Runtime.exceptionThrown' || (method === 'Log.entryAdded' && params.entry.level === 'error'),
  );
  say(complaints.length === 0, `no error in the console${complaints.map(({ params }) => `; ${params.entry?.text ?? params.exceptionDetails?.text}`).join('')}`);
} finally {
  server.kill();
  process.kill(-browser.pid, 'SIGKILL');
  await sleep(300);
  rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
process.exitCode = failed > 0 ? 1 : 0;
