import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TorchGenerator } from '@gtc/tensor/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Runs that are killed; more in the long form. */
const KILLS = Number(process.env['GTC_KILLS'] ?? 20);
const [STEPS, SEED] = [40, 11];

/** A process of its own that trains, goes on from the last checkpoint, and says what it has done: steps, and checkpoints that are acknowledged. */
const PROGRAM = `
import * as fs from 'node:fs/promises';
import { writeSync } from 'node:fs';
import { tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { TorchGenerator } from '@gtc/tensor/random';
import { folderStore, TrainingLoop } from '@gtc/training/trainer';

nn.manualSeed(1);
const [folder] = process.argv.slice(-1);
const model = new nn.Sequential(['in', new nn.Linear(16, 256)], ['drop', new nn.Dropout({ p: 0.3 })], ['out', new nn.Linear(256, 16)]);
const rows = tensor([...new TorchGenerator(2).normal(24 * 16)]).reshape([24, 16]);
const loop = new TrainingLoop({
  model,
  lossOf: batch => nn.mseLoss(model.forward(rows.get(tensor(batch, { dtype: 'int64' }))), rows.get(tensor(batch, { dtype: 'int64' }))),
  train: Array.from({ length: 24 }, (_, i) => i),
  store: folder === 'none' ? null : folderStore(folder, fs),
  args: { maxSteps: ${STEPS}, trainBatchSize: 4, gradientAccumulationSteps: 2, learningRate: 0.01, lrSchedulerType: 'cosine', warmupSteps: 5, saveStrategy: 'steps', saveSteps: 1, saveTotalLimit: 2 },
});
await loop.run({
  resumeFrom: folder !== 'none',
  onEvent: event => {
    if (event.type === 'step') writeSync(1, 'step ' + event.step + ' ' + event.loss + '\\n');
    if (event.type === 'save') writeSync(1, 'saved ' + event.step + '\\n');
  },
});
writeSync(1, 'done\\n');
`;

interface Life {
  /** Losses by step, as text: every digit counts. */
  readonly losses: ReadonlyMap<number, string>;
  /** The last step whose checkpoint was acknowledged. */
  readonly saved: number;
  readonly done: boolean;
}

/** Trains in a process of its own. @param kill when it dies: milliseconds after it has done so many steps */
async function live(folder: string, kill: { readonly steps: number; readonly delay: number } | null): Promise<Life> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, folder], { cwd: join(import.meta.dirname, '..', '..', '..') });
  let [out, errors, aimed] = ['', '', false];
  child.stderr.on('data', chunk => {
    errors += chunk;
  });
  child.stdout.on('data', chunk => {
    out += chunk;
    if (kill === null || aimed || out.split('step ').length - 1 < kill.steps) return;
    aimed = true;
    setTimeout(() => child.kill('SIGKILL'), kill.delay);
  });
  await new Promise(resolve => child.on('close', resolve));
  expect(errors).toBe('');
  const lines = out
    .split('\n')
    .slice(0, -1)
    .map(line => line.split(' '));
  return {
    losses: new Map(lines.filter(([word]) => word === 'step').map(([, step, loss]) => [Number(step), loss!])),
    saved: Math.max(0, ...lines.filter(([word]) => word === 'saved').map(([, step]) => Number(step))),
    done: lines.some(([word]) => word === 'done'),
  };
}

let folder: string;
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'gtc-crash-'));
});
afterAll(() => fs.rm(folder, { recursive: true }));

describe('a run that is killed goes on to the same losses, bit for bit', () => {
  const random = new TorchGenerator(SEED);
  const below = (most: number): number => Math.floor(random.double() * most);
  let whole: ReadonlyMap<number, string>;
  /** Folders used so far, and the last acknowledged step of the one at hand. */
  let [run, acknowledged] = [0, 0];
  beforeAll(async () => {
    whole = (await live('none', null)).losses;
  });

  it('in full', () => {
    expect(whole.size).toBe(STEPS);
  });
  it.each(Array.from({ length: KILLS }, (_, kill) => kill + 1))('after kill %i', async () => {
    let killed = false;
    while (!killed) {
      const { losses, saved, done } = await live(join(folder, String(run)), { steps: 1 + below(8), delay: below(12) });
      // Nothing that was acknowledged is done again, nothing is left out.
      if (losses.size > 0) expect([acknowledged + 1, acknowledged + 2]).toContain(Math.min(...losses.keys()));
      for (const [step, loss] of losses) expect([step, loss]).toEqual([step, whole.get(step)]);
      killed = !done;
      [run, acknowledged] = done ? [run + 1, 0] : [run, Math.max(acknowledged, saved)];
    }
  });
  it('and leaves nothing but whole checkpoints', async () => {
    expect((await live(join(folder, String(run)), null)).done).toBe(true);
    for (let each = 0; each <= run; each++)
      expect((await fs.readdir(join(folder, String(each)))).sort()).toEqual([`checkpoint-${STEPS - 1}`, `checkpoint-${STEPS}`]);
  });
});
