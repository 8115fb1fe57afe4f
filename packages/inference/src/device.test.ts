import { parityCases } from '@gtc/testing';

import { describe, expect, it } from 'vitest';
import * as device from './device.js';

describe('parity: device', () => {
  it.each(parityCases('inference/device', device, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('sends everything to the device that there is', () => {
    expect([device.getDevice(), device.getDeviceMap(70), device.getGpuMemoryInfo(), device.clearGpuMemory()]).toEqual(['cpu', 'cpu', {}, undefined]);
  });
});

describe('refusals', () => {
  it.each([
    [() => device.getDeviceMap(0), 'modelSizeGb must be positive, got 0'],
    [() => device.getDeviceMap(1, { maxMemoryFraction: 1.5 }), 'maxMemoryFraction must be in (0, 1], got 1.5'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
