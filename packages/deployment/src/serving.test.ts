import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as serving from './serving.js';

describe('parity: serving', () => {
  it.each(parityCases('deployment/serving', serving, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const started = () => {
    const server = serving.createServer({
      host: '127.0.0.1',
      port: 8000,
      modelPath: null,
      backend: 'pytorch',
      maxBatchSize: 32,
      maxConcurrentRequests: 100,
      timeoutSeconds: 30,
    });
    serving.startServer(server);
    return server;
  };
  const request = (requestId: string, inputs: unknown) => ({ requestId, inputs, parameters: null });
  it('runs from start to stop and counts what it answered', async () => {
    const server = started();
    const answer = await serving.processRequest(server, request('1', 2), async (x: number) => 2 * x);
    expect(answer).toMatchObject({ requestId: '1', outputs: 4, success: true, errorMessage: null });
    const batch = await serving.processBatch(server, [request('a', 1), request('b', 2)], (xs: number[]) => xs.map(x => -x));
    expect(batch.map(each => each.outputs)).toEqual([-1, -2]);
    expect(serving.computeServerMetrics(server)).toMatchObject({ requestsProcessed: 3, isRunning: true });
    serving.stopServer(server);
    expect(serving.getHealthStatus(server).status).toBe('stopped');
    expect(() => serving.processRequest(server, request('2', 1), () => 1)).toThrow('server is not ready, current status: stopped');
  });
  it('a failing function fails every answer of a batch', async () => {
    const failed = async (run: (xs: never) => unknown) =>
      (await serving.processBatch(started(), [request('a', 1), request('b', 2)], run)).map(each => each.errorMessage);
    expect(
      await failed(() => {
        throw new Error('boom');
      }),
    ).toEqual(['boom', 'boom']);
    expect(await failed(() => [1])).toEqual(Array(2).fill('requests and outputs must have the same length, got 2 and 1'));
    expect(await failed(() => true)).toEqual(Array(2).fill('inferenceFn must return an array, got true'));
  });
  it('more workers answer more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 64 }),
        (workers, batch) => serving.calculateThroughputCapacity(workers + 1, batch, 10) > serving.calculateThroughputCapacity(workers, batch, 10),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(serving.ServerConfig),
    ...sweep(serving.HealthStatus),
    ...sweep(serving.InferenceRequest),
    ...sweep(serving.InferenceResponse),
    ...sweep(serving.EndpointConfig),
    ...sweep(serving.ScalingConfig, () => serving.createScalingConfig({ maxReplicas: 100000 })),
    ...sweep(serving.ServingConfig, () => serving.createServingConfig()),
    ...sweep(serving.ServingStats),
    ...sweep(serving.ModelServer),
    ...sweepEnum('ServerStatus', serving.ServerStatus, { list: serving.listServerStatuses, is: serving.validateServerStatus, get: serving.getServerStatus }),
    ...sweepEnum('InferenceBackend', serving.InferenceBackend, {
      list: serving.listInferenceBackends,
      is: serving.validateInferenceBackend,
      get: serving.getInferenceBackend,
    }),
    ...sweepEnum('ServingBackend', serving.ServingBackend, {
      list: serving.listServingBackends,
      is: serving.validateServingBackend,
      get: serving.getServingBackend,
    }),
    ...sweepEnum('LoadBalancing', serving.LoadBalancing, {
      list: serving.listLoadBalancingStrategies,
      is: serving.validateLoadBalancing,
      get: serving.getLoadBalancing,
    }),
    ...sweepEnum('HealthCheckType', serving.HealthCheckType, {
      list: serving.listHealthCheckTypes,
      is: serving.validateHealthCheckType,
      get: serving.getHealthCheckType,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [
      () =>
        serving.startServer({
          ...serving.createServer({ host: 'a', port: 1, modelPath: null, backend: 'onnx', maxBatchSize: 1, maxConcurrentRequests: 1, timeoutSeconds: 1 }),
          status: 'ready',
        }),
      'server is already running',
    ],
    [() => serving.createScalingConfig({ minReplicas: 5, maxReplicas: 2 }), 'maxReplicas must be at least minReplicas 5, got 2'],
    [() => serving.createEndpointConfig({ port: 70000 }), 'port must be in [1, 65535], got 70000'],
    [
      () => serving.validateEndpointHealth('alive' as never, true, true, true),
      "checkType (health check type) must be one of liveness, readiness, startup, got 'alive'",
    ],
    [() => serving.getRecommendedServingConfig(7, 100, { gpuMemoryGb: Number.NaN }), 'gpuMemoryGb must be finite, got NaN'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
