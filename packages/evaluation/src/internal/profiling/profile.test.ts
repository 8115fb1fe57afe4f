import { matmul, ones, type Tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { describe, expect, it } from 'vitest';
import * as p from '../../profiling.js';
import { latencyStats } from './profile.js';

/** Two maps with attention between them: 2 heads of width 4 over 3 tokens. */
class Small extends nn.Module {
  readonly up = new nn.Linear(8, 24);
  readonly down = new nn.Linear(8, 2);
  override forward(x: Tensor): Tensor {
    const [q, k, v] = [0, 1, 2].map(part =>
      this.up
        .forward(x)
        .get(':', ':', `${8 * part}:${8 * part + 8}`)
        .reshape([1, 3, 2, 4])
        .swapaxes(1, 2),
    );
    return this.down.forward(nn.scaledDotProductAttention(q!, k!, v!).swapaxes(1, 2).reshape([1, 3, 8]));
  }
}

describe('products', () => {
  const model = new Small();
  const x = ones([1, 3, 8]);
  it('are counted by operation and module, attention included', () => {
    const { total, byOperation, byModule } = p.countFlops(() => model.forward(x), { model });
    const [up, down, attention] = [3 * 2 * 3 * 8 * 24, 2 * 3 * 8 * 2, 2 * 2 * (2 * 3 * 3 * 4)];
    expect(byModule).toEqual({ up, down, '': attention });
    expect(total).toBe(up + down + attention);
    expect(Object.values(byOperation).reduce((a, b) => a + b)).toBe(total);
    expect(p.countFlops(() => model.forward(x)).byModule).toEqual({});
  });
  it('leave modules as they were, also after an error', () => {
    const forward = model.up.forward;
    expect(() =>
      p.countFlops(
        () => {
          throw new Error('stop');
        },
        { model },
      ),
    ).toThrow('stop');
    expect(model.up.forward).toBe(forward);
  });
  it('parameters are counted once', () => {
    model.down.bias!.requiresGrad_(false);
    expect(p.countParameters(model)).toEqual({ total: 216 + 18, trainable: 216 + 16, byModule: { up: 216, down: 18 } });
  });
});

describe('profiles', () => {
  const run = (): Tensor => matmul(ones([4, 5]), ones([5, 6]));
  it('have times with percentiles, operations and bytes', async () => {
    const found = await p.profile(run, { numRuns: 5, warmupRuns: 1 });
    expect(found.flops).toBe(240);
    expect(found.operations).toEqual([expect.objectContaining({ name: 'matmul', calls: 1, flops: 240, bytes: 96 })]);
    const { min, p50, p90, p95, p99, max, mean } = found.latency;
    for (const [low, high] of [
      [min, p50],
      [p50, p90],
      [p90, p95],
      [p95, p99],
      [p99, max],
      [min, mean],
      [mean, max],
    ])
      expect(low).toBeLessThanOrEqual(high! + 1e-9);
    expect(found.flopsPerSecond).toBeGreaterThan(0);
    expect(found.trace).toEqual([]);
    expect(found.peakBytes).toBeGreaterThanOrEqual(0);
  });
  it('trace each operation in the format of Chrome', async () => {
    const { trace } = await p.profile(run, { numRuns: 1, warmupRuns: 0, level: 'trace' });
    expect(trace).toEqual([expect.objectContaining({ name: 'matmul', shape: [4, 6], flops: 240 })]);
    const { traceEvents } = JSON.parse(p.toChromeTrace(trace)) as { traceEvents: Record<string, unknown>[] };
    expect(traceEvents[0]).toMatchObject({ name: 'matmul', ph: 'X', args: { shape: '4x6', flops: 240 } });
  });
  it('may leave operations out, and wait for what is asynchronous', async () => {
    let runs = 0;
    const found = await p.profile(
      async () => {
        await Promise.resolve();
        runs++;
      },
      { numRuns: 2, warmupRuns: 1, level: 'basic' },
    );
    expect([runs, found.operations.length, found.flops]).toEqual([3, 0, 0]);
  });
  it('of known times', () => {
    expect(latencyStats([4, 1, 3, 2])).toMatchObject({ mean: 2.5, min: 1, p50: 2.5, max: 4, std: Math.sqrt(5 / 3) });
    expect(latencyStats([7]).std).toBe(0);
  });
  it('lie under a roof', () => {
    expect(p.roofline({ flops: 100, bytes: 100, peakFlops: 50, bandwidth: 100 })).toEqual({ intensity: 1, bound: 'compute', attainableFlops: 50 });
    expect(p.roofline({ flops: 100, bytes: 100, peakFlops: 1e9, bandwidth: 10 }).bound).toBe('memory');
    expect(() => p.roofline({ flops: 0, bytes: 1, peakFlops: 1, bandwidth: 1 })).toThrow('flops must be greater than 0, got 0');
  });
  it.each<[p.ProfileOptions, string]>([
    [{ numRuns: 0 }, 'numRuns must be positive, got 0'],
    [{ warmupRuns: -1 }, 'warmupRuns must be non-negative, got -1'],
    [{ level: 'deep' as never }, 'level must be one of basic, detailed, trace'],
  ])('refuse %j', async (options, message) => {
    await expect(p.profile(run, options)).rejects.toThrow(message);
  });
});
