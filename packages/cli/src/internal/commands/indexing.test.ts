import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../commands.js';
import { readOptions } from '../../options.js';
import { makeTerminal } from './commands.fixture.js';

let folder: string;
let data: string;
const sources = (...names: string[]): string => join(folder, 'sources', ...names);
const run = async (args: readonly string[], terminal = makeTerminal(data)): Promise<string> => (await runCommand(readOptions(args), terminal)).stdout;
const first = async (question: string, terminal = makeTerminal(data)): Promise<string> =>
  (JSON.parse(await run(['oracle', question, '--json', '--limit', '1'], terminal)) as { name: string }[])[0]!.name;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gtc-index-'));
  data = join(folder, 'data');
  mkdirSync(sources(), { recursive: true });
  writeFileSync(sources('zymurgy.py'), 'def ferment_wort(days):\n    """Ferments the wort of a zymurgist."""\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('gtc oracle index', () => {
  it('adds folders to what the oracle answers from', async () => {
    const terminal = makeTerminal(data);
    expect(await run(['oracle', 'index', sources()], terminal)).toBe(`1 patterns in 1 files of ${sources()}; 1 files were new or changed\n`);
    expect(terminal.updates).toEqual([`indexing [####################] 1/1 ${sources('zymurgy.py')}`]);
    expect(await first('ferment wort')).toBe('ferment_wort');
    expect(await first('roc auc')).toBe('rocAucScore');
    expect(readdirSync(data).sort()).toEqual(['folders.json', 'index.gtc']);
    expect(await run(['show', 'ferment_wort', '--code', '--lang', 'py'])).toBe('def ferment_wort(days)\n');
  });
  it('looks again at the folders on record', async () => {
    await run(['oracle', 'index', sources()]);
    expect(await run(['oracle', 'index'])).toContain('; 0 files were new or changed\n');
    writeFileSync(sources('mead.rs'), '/// Brews mead from honey of zymurgists.\npub fn brew_mead() {}\n');
    const report = JSON.parse(await run(['oracle', 'index', '--json']));
    expect(report).toMatchObject({ folders: [sources()], files: 2, read: 1, patterns: 2, skipped: [] });
    expect(await first('brew mead honey')).toBe('brew_mead');
  });
  it('says what it left out, and what to do without folders', async () => {
    writeFileSync(sources('large.ts'), `export const big = '${'x'.repeat(1 << 20)}';`);
    const terminal = makeTerminal(data);
    await run(['oracle', 'index', sources()], terminal);
    expect(terminal.warnings).toEqual([`left out ${sources('large.ts')}: larger than 1 MiB`]);
    expect(await run(['oracle', 'index'], makeTerminal(join(folder, 'other')))).toBe('no folders are indexed; gtc oracle index <folder> adds one\n');
  });
  it('tells what is in it', async () => {
    await run(['oracle', 'index', sources()]);
    const text = await run(['oracle', 'stats']);
    expect(text).toMatch(/\nsources +1 +1\n/);
    expect(text).toContain('Python 1');
    expect(text).toContain(`own folders    ${sources()}\n`);
    expect(JSON.parse(await run(['oracle', 'stats', '--json']))).toMatchObject({ languages: { py: 1 }, folders: [sources()] });
  });
});

describe('the age of an index', () => {
  it.each([
    [5, '5 minutes'],
    [119, '119 minutes'],
    [120, '2 hours'],
    [47 * 60, '47 hours'],
    [72 * 60, '3 days'],
  ])('of %d minutes is %s', async (minutes, text) => {
    await run(['oracle', 'index', sources()]);
    const { readIndex, SearchIndex, writeIndex } = await import('@gtc/oracle');
    const index = readIndex(join(data, 'index.gtc'));
    const made = new Date(Date.now() - minutes * 60_000 - 1000).toISOString();
    writeIndex(join(data, 'index.gtc'), new SearchIndex({ ...index.parts, info: { ...index.info, made } }));
    expect(await run(['oracle', 'stats'])).toContain(`age            ${text}\n`);
  });
});

describe('an index that is damaged or out of date', () => {
  it('is made again from the folders on record', async () => {
    await run(['oracle', 'index', sources()]);
    const bytes = readFileSync(join(data, 'index.gtc'));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(data, 'index.gtc'), bytes);
    const terminal = makeTerminal(data);
    expect(await first('ferment wort', terminal)).toBe('ferment_wort');
    expect(terminal.warnings).toEqual([expect.stringMatching(/^the file is damaged: its checksum does not match .*; making the index of your folders again$/)]);
    const again = makeTerminal(data);
    await first('ferment wort', again);
    expect(again.warnings).toEqual([]);
  });
  it('is made again when the corpus is another', async () => {
    await run(['oracle', 'index', sources()]);
    const { readIndex, SearchIndex, writeIndex } = await import('@gtc/oracle');
    const index = readIndex(join(data, 'index.gtc'));
    writeIndex(join(data, 'index.gtc'), new SearchIndex({ ...index.parts, info: { ...index.info, origin: 'older' } }));
    const terminal = makeTerminal(data);
    expect(await first('ferment wort', terminal)).toBe('ferment_wort');
    expect(terminal.warnings).toEqual(['the index of your folders was made by another version; making it again']);
  });
  it('is passed over when its folders are gone', async () => {
    await run(['oracle', 'index', sources()]);
    rmSync(join(data, 'index.gtc'));
    rmSync(sources(), { recursive: true });
    const terminal = makeTerminal(data);
    expect(await first('roc auc', terminal)).toBe('rocAucScore');
    expect(terminal.warnings.at(-1)).toBe(`there is no folder ${sources()}; answering from the corpus alone`);
  });
  it.each(['{', '"x"', '[1]'])('is not looked for when the list of folders is %s', async list => {
    mkdirSync(data);
    writeFileSync(join(data, 'folders.json'), list);
    const terminal = makeTerminal(data);
    expect(await first('roc auc', terminal)).toBe('rocAucScore');
    expect(terminal.warnings).toEqual([]);
  });
});
