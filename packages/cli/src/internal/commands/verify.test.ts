import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, runCommand } from '../../commands.js';
import { readOptions } from '../../options.js';
import { makeTerminal } from './commands.fixture.js';

let folder: string;
const run = async (...args: string[]): Promise<Outcome> => runCommand(readOptions(['verify', ...args]), makeTerminal(folder));
const vector = (id: string, result: number): object => ({ id, fn: 'calculate_window_messages', args: [100, 10], kwargs: {}, result });
/** Golden vectors of agents/memory with one row. */
const give = (...vectors: object[]): void => {
  mkdirSync(join(folder, 'agents'), { recursive: true });
  writeFileSync(join(folder, 'agents', 'memory.json'), JSON.stringify({ module: 'hf_gtc.agents.memory', vectors }));
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gtc-verify-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('gtc verify', () => {
  it('tells the record and replays the vectors of a module', async () => {
    const { stdout, status } = await run('agents/memory');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^@gtc\/agents\/memory\n {2}recorded {2}(\d+) golden vectors of hf_gtc; \d+ tests in all\n {2}now {7}\1 of \1 golden vectors replayed\n\1 passed, 0 failed\n$/,
    );
  });
  it('takes a domain', async () => {
    const verdicts = JSON.parse((await run('agents', '--json')).stdout) as { module: string; vectors: { passed: number; failed: unknown[] } }[];
    expect(verdicts.map(({ module }) => module)).toEqual(['@gtc/agents/memory', '@gtc/agents/planning', '@gtc/agents/tools']);
    expect(verdicts.every(({ vectors }) => vectors.passed > 0 && vectors.failed.length === 0)).toBe(true);
  });
  it('takes a symbol in any spelling, and replays its vectors alone', async () => {
    const [all] = JSON.parse((await run('agents/memory', '--json')).stdout) as { vectors: { passed: number } }[];
    const [one] = JSON.parse((await run('calculate_window_messages', '--json')).stdout) as { module: string; vectors: { passed: number } }[];
    expect(one!.module).toBe('@gtc/agents/memory');
    expect(one!.vectors.passed).toBeGreaterThan(0);
    expect(one!.vectors.passed).toBeLessThan(all!.vectors.passed);
  });
  it('compares with the reference libraries where the tests are beside it', async () => {
    const { stdout, status } = await run('models/boosting');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^@gtc\/models\/boosting\n {2}recorded {2}/);
  }, 60_000);
  it('replays vectors of a folder', async () => {
    give();
    expect((await run('agents/memory', '--evidence', folder)).stdout).toContain('0 passed, 0 failed');
    rmSync(join(folder, 'agents'), { recursive: true });
    expect((await run('agents/memory', '--evidence', folder)).stdout).toContain('Neither vectors nor tests are at hand to replay');
  });
  it.each([['agents'], ['parity', 'vectors', 'agents'], ['agents', 'parity']])('finds vectors in %s of the folder', async (...path) => {
    mkdirSync(join(folder, ...path), { recursive: true });
    writeFileSync(join(folder, ...path, 'memory.json'), JSON.stringify({ vectors: [vector('there', 10)] }));
    expect((await run('@gtc/agents/memory', '--evidence', folder)).stdout).toContain('of 1 golden vectors replayed');
  });
  it('tells the record of what has no vectors', async () => {
    const [verdict] = JSON.parse((await run('errors/guards', '--json')).stdout) as { recorded: string; vectors: unknown }[];
    expect(verdict).toMatchObject({ recorded: expect.stringMatching(/tests in all$/), vectors: null });
  });
  it('names what fails, with status 1', async () => {
    give(vector('wrong', -1), { ...vector('set-aside', -1), erratum: 'e' });
    const { stdout, status } = await run('agents/memory', '--evidence', folder);
    expect(status).toBe(1);
    expect(stdout).toContain('  failed    calculate_window_messages wrong: ');
    expect(stdout).toMatch(/0 passed, 1 failed\n$/);
  });
});
