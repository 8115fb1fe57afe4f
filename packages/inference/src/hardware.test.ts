import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as hardware from './hardware.js';

describe('parity: hardware', () => {
  it.each(parityCases('inference/hardware', hardware, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('every layer has a place, and devices fill up in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.double({ min: 0.1, max: 30, noNaN: true }), fc.integer({ min: 1, max: 8 }), (layers, size, gpuCount) => {
        const map = hardware.getOptimalDeviceMap(layers, size, { gpuCount });
        const places = Object.values(map.layerMapping).map(place => (place === -1 ? gpuCount : place));
        return (
          places.length === layers &&
          places.every((place, index) => index === 0 || place >= places[index - 1]!) &&
          (map.offloadFolder !== null) === places.includes(gpuCount)
        );
      }),
      { numRuns: 100 },
    );
  });
  it('throughput falls with the width', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...hardware.listDeviceTypes()),
        fc.integer({ min: 1, max: 8192 }),
        (device, hiddenSize) => hardware.estimateThroughput(device, { hiddenSize: 2 * hiddenSize }) < hardware.estimateThroughput(device, { hiddenSize }),
      ),
      { numRuns: 100 },
    );
  });
  it('knows what it runs on', () => {
    expect(hardware.detectAvailableDevices()).toEqual(['cpu']);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(hardware.GPUInfo),
    ...sweep(hardware.DeviceConfig),
    ...sweep(hardware.DeviceMap),
    ...sweep(hardware.HardwareStats),
    ...sweepEnum('DeviceType', hardware.DeviceType, { list: hardware.listDeviceTypes, get: hardware.getDeviceType }),
    ...sweepEnum('GPUArchitecture', hardware.GPUArchitecture, { list: hardware.listGpuArchitectures, get: hardware.getGpuArchitecture }),
    ...sweepEnum('ComputeCapability', hardware.ComputeCapability, { list: hardware.listComputeCapabilities, get: hardware.getComputeCapability }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => hardware.getOptimalDeviceMap(1, 1, { gpuMemoryGb: Number.NaN }), 'gpuMemoryGb must be finite, got NaN'],
    [() => hardware.createDeviceMap({ a: -1 }), 'layerMapping.a must be non-negative, got -1'],
    [() => hardware.calculateMemoryBandwidth('cuda', { computeCapability: 'sm_1' as never }), 'computeCapability must be one of'],
    [() => hardware.getRecommendedHardwareConfig({ target: 'abacus' as never }), 'target must be one of cpu, edge, gpu_consumer, gpu_datacenter, tpu'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
