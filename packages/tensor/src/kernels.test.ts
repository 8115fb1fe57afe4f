import { afterEach, describe, expect, it } from 'vitest';
import { matmul, ones, zeros } from './index.js';
import { BACKENDS, kernelInfo, setThreads, useBackend } from './kernels.js';
import { refusal } from './refusal.fixture.js';

afterEach(() => {
  useBackend('native');
  setThreads(1);
});

describe('useBackend', () => {
  it.each(['js', 'wasm', 'wasm-relaxed'] as const)('says that %s is in use', backend => {
    expect(useBackend(backend)).toBe(backend);
    expect(kernelInfo()).toEqual({ backend, shared: true, threads: 1, ready: 1 });
  });

  it('takes the best there is', () => {
    expect(BACKENDS).toContain(useBackend('native'));
  });

  it('refuses a name that is none', () => {
    expect(refusal(() => useBackend('gpu' as 'js')).message).toBe("backend must be one of js, native, wasm, wasm-relaxed, got 'gpu'");
  });

  it.each(BACKENDS)('%s changes no product beyond rounding', backend => {
    useBackend(backend);
    expect(matmul(ones([40, 50]), ones([50, 60])).data.every(value => value === 50)).toBe(true);
    expect(matmul(ones([70, 50], { dtype: 'float64' }), ones([50, 60], { dtype: 'float64' }).mul(0.5)).data.every(value => value === 25)).toBe(true);
    // An inner axis of length 0.
    expect(matmul(zeros([40, 0]), zeros([0, 60])).data.every(value => value === 0)).toBe(true);
  });
});

describe('setThreads', () => {
  it('starts workers that can be left idle again', () => {
    expect(setThreads(2)).toBe(2);
    expect(setThreads(1)).toBe(1);
    expect(kernelInfo().threads).toBe(1);
  });

  it('refuses what is no count', () => {
    for (const [count, message] of [
      [0, 'threads must be in [1, 64], got 0'],
      [65, 'threads must be in [1, 64], got 65'],
      [1.5, 'threads must be an integer, got 1.5'],
    ] as const)
      expect(refusal(() => setThreads(count)).message).toBe(message);
  });
});
