import { parityCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as pipelines from './pipelines.js';

describe('parity: pipelines', () => {
  it.each(parityCases('inference/pipelines', pipelines, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('hands its task and input to the model, whatever it answers with', async () => {
    const model = { run: (task: string, input: number) => Promise.resolve(`${task}:${input}`) };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pipelines.listSupportedTasks()),
        fc.integer(),
        async (task, input) => (await pipelines.createPipeline(task, { model })(input)) === `${task}:${input}`,
      ),
      { numRuns: 100 },
    );
  });
});

describe('refusals', () => {
  it.each([
    [() => pipelines.createPipeline('telepathy', { model: { run: () => 0 } }), 'task must be one of audio-classification'],
    [() => pipelines.createPipeline('fill-mask', { model: null as never }), 'model cannot be null'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
