import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { describe, expect, it } from 'vitest';
import { type CheckpointStore, folderStore, memoryStore, type TrainingEvent, TrainingLoop, type TrainingLoopOptions } from '../../trainer.js';

type Example = readonly [number, number];
const LINE: readonly Example[] = Array.from({ length: 20 }, (_, i) => [i / 20, (3 * i) / 20 - 1] as const);

/** A line with dropout before it. */
class Line extends nn.Module {
  readonly drop = new nn.Dropout({ p: 0.2 });
  readonly fc = new nn.Linear(1, 1);
  constructor() {
    super();
    gtc.noGrad(() => {
      this.fc.weight.fill_(0.5);
      this.fc.bias!.fill_(0);
    });
  }
  override forward(x: gtc.Tensor): gtc.Tensor {
    return this.fc.forward(this.drop.forward(x));
  }
}

function loopOf(
  args: TrainingLoopOptions<Example>['args'] = {},
  more: Partial<TrainingLoopOptions<Example>> = {},
): { loop: TrainingLoop<Example>; model: Line } {
  const model = new Line();
  const column = (values: readonly number[]): gtc.Tensor => gtc.tensor([...values]).reshape([-1, 1]);
  const lossOf = (batch: readonly Example[]): gtc.Tensor => nn.mseLoss(model.forward(column(batch.map(([x]) => x))), column(batch.map(([, y]) => y)));
  const loop = new TrainingLoop({
    model,
    lossOf,
    train: LINE,
    evaluation: LINE.slice(0, 5),
    args: { learningRate: 0.05, trainBatchSize: 4, loggingSteps: 1, saveStrategy: 'no', ...args },
    ...more,
  });
  return { loop, model };
}

/** Losses by step, from where a run began. */
async function lossesOf(loop: TrainingLoop<Example>, options: Parameters<TrainingLoop<Example>['run']>[0] = {}): Promise<Record<number, number>> {
  const losses: Record<number, number> = {};
  await loop.run({ ...options, onEvent: event => event.type === 'step' && Object.assign(losses, { [event.step]: event.loss }) });
  return losses;
}

describe('TrainingLoop', () => {
  it('learns, shuffles by seed, and repeats itself', async () => {
    const run = (seed: number, shuffle = true): Promise<Record<number, number>> => lossesOf(loopOf({ seed, shuffle, numTrainEpochs: 20 }).loop);
    const [a, b, other, ordered] = [await run(1), await run(1), await run(2), await run(1, false)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(other);
    expect(a).not.toEqual(ordered);
    expect(a[100]!).toBeLessThan(0.3 * a[1]!);
  });
  it.each([1, 3, 7, 13])('goes on from step %i to the same losses, bit for bit', async step => {
    const args = { numTrainEpochs: 4, gradientAccumulationSteps: 2, saveStrategy: 'steps', saveSteps: 1, lrSchedulerType: 'cosine', warmupSteps: 2 } as const;
    const store = memoryStore();
    const whole = await lossesOf(loopOf(args).loop);
    const first = new AbortController();
    const begun = loopOf(args, { store });
    await begun.loop.run({ signal: first.signal, onEvent: event => event.type === 'step' && event.step === Math.min(step, 12) && first.abort() });
    const rest = await lossesOf(loopOf(args, { store }).loop, { resumeFrom: true });
    for (const [at, loss] of Object.entries(rest)) expect(loss).toBe(whole[Number(at)]);
    expect(Object.keys(rest)).toHaveLength(12 - Math.min(step, 12));
  });
  it('ends when asked to, when patience runs out, and when all is done', async () => {
    expect((await loopOf().loop.run({ signal: AbortSignal.abort() })).ended).toBe('signal');
    const late = new AbortController();
    setTimeout(() => late.abort(), 5);
    expect((await loopOf({ maxSteps: 1e9 }).loop.run({ signal: late.signal })).ended).toBe('signal');
    const stuck = loopOf({ learningRate: 1e-9, evalStrategy: 'epoch', earlyStoppingPatience: 2, earlyStoppingThreshold: 0.01, numTrainEpochs: 50 });
    expect(await stuck.loop.run()).toMatchObject({ ended: 'patience', epoch: 3 });
    expect(await loopOf({ maxSteps: 3 }).loop.run()).toMatchObject({ ended: 'steps', globalStep: 3 });
    const none = loopOf({ maxSteps: 2, loggingStrategy: 'no' });
    const events: TrainingEvent[] = [];
    await none.loop.run({ onEvent: event => events.push(event) });
    expect(events.map(({ type }) => type)).toEqual(['step', 'step']);
  });
  it('evaluates every few steps, by those of the log unless told', async () => {
    const steps: number[] = [];
    const { loop } = loopOf({ maxSteps: 6, evalStrategy: 'steps', loggingSteps: 2, evalBatchSize: 2 });
    await loop.run({ onEvent: event => event.type === 'evaluation' && steps.push(event.step) });
    expect(steps).toEqual([2, 4, 6]);
  });
  it('the best checkpoint stays and is loaded in the end', async () => {
    const store = memoryStore();
    const { loop, model } = loopOf(
      {
        maxSteps: 8,
        learningRate: 0.9,
        lrSchedulerType: 'constant',
        saveStrategy: 'steps',
        saveSteps: 1,
        evalStrategy: 'steps',
        evalSteps: 1,
        loadBestModelAtEnd: true,
        saveTotalLimit: 2,
      },
      { store },
    );
    const { bestCheckpoint, bestMetric } = await loop.run();
    expect((await store.list()).length).toBeLessThanOrEqual(2);
    expect(await store.list()).toContain(bestCheckpoint);
    expect(loop.evaluate()).toBeCloseTo(bestMetric!, 6);
    expect(model.training).toBe(true);
  });
  it('a checkpoint of another model, or a broken one, is refused', async () => {
    const store = memoryStore();
    await loopOf({ maxSteps: 1, saveStrategy: 'steps', saveSteps: 1 }, { store }).loop.run();
    const content = await store.read('checkpoint-1');
    const refused = async (files: Record<string, Uint8Array>, message: string): Promise<void> => {
      await store.write('checkpoint-2', files);
      await expect(loopOf({}, { store }).loop.run({ resumeFrom: 'checkpoint-2' })).rejects.toThrow(message);
    };
    const { 'trainer_state.json': _, ...partial } = content;
    await refused(partial as never, 'the checkpoint has no trainer_state.json; it has model.npz');
    await refused({ ...content, 'trainer_state.json': new TextEncoder().encode('{') }, 'trainer_state.json of the checkpoint is no JSON');
    const other = loopOf({}, { store, model: new nn.Linear(2, 1) });
    await expect(other.loop.run({ resumeFrom: 'checkpoint-1' })).rejects.toThrow('the checkpoint lacks weight');
    const wider = { namedParameters: (): [string, nn.Parameter][] => [['fc.weight', new nn.Parameter(gtc.ones([2, 1]))]] };
    await expect(loopOf({}, { store, model: wider }).loop.run({ resumeFrom: 'checkpoint-1' })).rejects.toThrow(
      'the checkpoint has fc.weight of shape [1, 1], not [2, 1]',
    );
    await expect(loopOf({}, { store }).loop.run({ resumeFrom: 'checkpoint-9' })).rejects.toThrow("unknown checkpoint 'checkpoint-9'");
    await expect(loopOf().loop.run({ resumeFrom: true })).rejects.toThrow('resumeFrom needs a store of checkpoints');
    expect((await loopOf({ maxSteps: 1 }, { store: memoryStore() }).loop.run({ resumeFrom: true })).globalStep).toBe(1);
  });
  it.each([
    [() => loopOf({ learningRate: -1 }), 'learningRate must be positive, got -1'],
    [() => loopOf({ lrSchedulerType: 'up' as never }), 'lrSchedulerType must be one of constant'],
    [() => loopOf({ loadBestModelAtEnd: true }), "loadBestModelAtEnd needs evalStrategy and saveStrategy to be the same and not 'no', got 'no' and 'no'"],
    [() => loopOf({ earlyStoppingPatience: 1 }), "earlyStoppingPatience needs an evalStrategy other than 'no'"],
    [() => loopOf({}, { train: [] }), 'train cannot be empty'],
    [() => loopOf({ evalStrategy: 'epoch' }, { evaluation: null }), 'evaluation cannot be empty'],
    [() => loopOf({ dataloaderDropLast: true, trainBatchSize: 99 }), 'train must fill a batch of 99 when the last one is left out, got 20 examples'],
    [() => loopOf({}, { model: new Line().requiresGrad_(false) }), 'model must have a parameter that needs a gradient'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
  it('a loss that is no number ends the run', async () => {
    const model = new Line();
    const loop = new TrainingLoop({ model, lossOf: () => gtc.sum(model.fc.weight).mul(Number.NaN), train: LINE });
    await expect(loop.run()).rejects.toThrow('the loss must be finite, got NaN in step 1');
  });
});

describe('folderStore', () => {
  const place = (): Promise<string> => fs.mkdtemp(join(tmpdir(), 'gtc-store-'));
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  it('keeps, reads, replaces and removes; what is half there is cleared away', async () => {
    const folder = await place();
    const store = folderStore(join(folder, 'runs'), fs);
    expect(await store.list()).toEqual([]);
    await store.write('checkpoint-1', { a: bytes(1), b: bytes(2, 3) });
    await store.write('checkpoint-1', { a: bytes(4) });
    await fs.mkdir(join(folder, 'runs', '.partial-checkpoint-2'));
    expect(await store.list()).toEqual(['checkpoint-1']);
    expect(await fs.readdir(join(folder, 'runs'))).toEqual(['checkpoint-1']);
    expect(await store.read('checkpoint-1')).toEqual({ a: bytes(4) });
    await expect(store.read('checkpoint-7')).rejects.toThrow("unknown checkpoint 'checkpoint-7'");
    await store.remove('checkpoint-1');
    await store.remove('checkpoint-1');
    expect(await fs.readdir(join(folder, 'runs'))).toEqual([]);
    await fs.rm(folder, { recursive: true });
  });
  it('a disk that is full leaves what was there, and nothing half-written', async () => {
    const folder = await place();
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    let left = 3;
    const store = folderStore(folder, {
      ...fs,
      open: async (path: string, flags: string) => {
        const handle = await fs.open(path, flags);
        return {
          writeFile: async (data: Uint8Array) => {
            if (left-- <= 0) throw full;
            await handle.writeFile(data);
          },
          sync: () => handle.sync(),
          close: () => handle.close(),
        };
      },
    });
    await store.write('checkpoint-1', { a: bytes(1), b: bytes(2) });
    await expect(store.write('checkpoint-2', { a: bytes(1), b: bytes(2) })).rejects.toThrow('no space left on device');
    expect(await fs.readdir(folder)).toEqual(['checkpoint-1']);
    const refusing = folderStore(folder, { ...fs, readdir: () => Promise.reject(full), rename: () => Promise.reject(full) } as never);
    await expect(refusing.list()).rejects.toThrow('no space left');
    await expect(refusing.remove('checkpoint-1')).rejects.toThrow('no space left');
    await fs.rm(folder, { recursive: true });
  });
  it('a run that saves to a folder goes on from it', async () => {
    const folder = await place();
    const store: CheckpointStore = folderStore(folder, fs);
    const args = { numTrainEpochs: 2, saveStrategy: 'epoch' } as const;
    await loopOf({ ...args, numTrainEpochs: 1 }, { store }).loop.run();
    const rest = await lossesOf(loopOf({ ...args, maxSteps: 8, lrSchedulerType: 'constant' }, { store }).loop, { resumeFrom: true });
    expect(Object.keys(rest)).toEqual(['6', '7', '8']);
    expect(await store.list()).toEqual(expect.arrayContaining(['checkpoint-5', 'checkpoint-8']));
    await fs.rm(folder, { recursive: true });
  });
});
