/** Serving: a server's state, requests, capacity, and how it is scaled. Mirrors `hf_gtc.deployment.serving`. */
import {
  allPositive,
  createFrom,
  finite,
  formatFixed,
  isValueOf,
  notNull,
  parseEnum,
  StateError,
  sameLength,
  show,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import {
  EndpointConfig,
  HealthCheckType,
  type HealthStatus,
  InferenceBackend,
  type InferenceRequest,
  type InferenceResponse,
  LoadBalancing,
  type ModelServer,
  ScalingConfig,
  ServerConfig,
  ServerStatus,
  ServingBackend,
  ServingConfig,
  type ServingStats,
} from './internal/serving/configs.js';

export {
  EndpointConfig,
  HealthCheckType,
  HealthStatus,
  InferenceBackend,
  InferenceRequest,
  InferenceResponse,
  LoadBalancing,
  ModelServer,
  ScalingConfig,
  ServerConfig,
  ServerStatus,
  ServingBackend,
  ServingConfig,
  ServingStats,
  VALID_BACKENDS,
  VALID_HEALTH_CHECK_TYPES,
  VALID_LOAD_BALANCING,
  VALID_SERVER_STATUSES,
  VALID_SERVING_BACKENDS,
} from './internal/serving/configs.js';

/** @throws {ValidationError} naming every broken rule */
export function validateServerConfig(config: ServerConfig): void {
  validate(ServerConfig, config);
}

/** Server statuses in ascending order. */
export function listServerStatuses(): ServerStatus[] {
  return valuesOf(ServerStatus);
}

/** Whether the text is a value of {@link ServerStatus}. */
export function validateServerStatus(status: string): boolean {
  return isValueOf(ServerStatus, status);
}

/** @throws {ValidationError} naming the values of {@link ServerStatus} */
export function getServerStatus(name: string): ServerStatus {
  return parseEnum(ServerStatus, name, 'name');
}

/** Inference backends in ascending order. */
export function listInferenceBackends(): InferenceBackend[] {
  return valuesOf(InferenceBackend);
}

/** Whether the text is a value of {@link InferenceBackend}. */
export function validateInferenceBackend(backend: string): boolean {
  return isValueOf(InferenceBackend, backend);
}

/** @throws {ValidationError} naming the values of {@link InferenceBackend} */
export function getInferenceBackend(name: string): InferenceBackend {
  return parseEnum(InferenceBackend, name, 'name');
}

/** Serving backends in ascending order. */
export function listServingBackends(): ServingBackend[] {
  return valuesOf(ServingBackend);
}

/** Whether the text is a value of {@link ServingBackend}. */
export function validateServingBackend(backend: string): boolean {
  return isValueOf(ServingBackend, backend);
}

/** @throws {ValidationError} naming the values of {@link ServingBackend} */
export function getServingBackend(name: string): ServingBackend {
  return parseEnum(ServingBackend, name, 'name');
}

/** Load balancing strategies in ascending order. */
export function listLoadBalancingStrategies(): LoadBalancing[] {
  return valuesOf(LoadBalancing);
}

/** Whether the text is a value of {@link LoadBalancing}. */
export function validateLoadBalancing(strategy: string): boolean {
  return isValueOf(LoadBalancing, strategy);
}

/** @throws {ValidationError} naming the values of {@link LoadBalancing} */
export function getLoadBalancing(name: string): LoadBalancing {
  return parseEnum(LoadBalancing, name, 'name');
}

/** Health check types in ascending order. */
export function listHealthCheckTypes(): HealthCheckType[] {
  return valuesOf(HealthCheckType);
}

/** Whether the text is a value of {@link HealthCheckType}. */
export function validateHealthCheckType(checkType: string): boolean {
  return isValueOf(HealthCheckType, checkType);
}

/** @throws {ValidationError} naming the values of {@link HealthCheckType} */
export function getHealthCheckType(name: string): HealthCheckType {
  return parseEnum(HealthCheckType, name, 'name');
}

/** Settles a {@link EndpointConfig}. @throws {ValidationError} naming every broken rule */
export function createEndpointConfig(options: Partial<EndpointConfig> = {}): EndpointConfig {
  return createFrom(EndpointConfig, options);
}

/** Settles a {@link ScalingConfig}. @throws {ValidationError} naming every broken rule */
export function createScalingConfig(options: Partial<ScalingConfig> = {}): ScalingConfig {
  return createFrom(ScalingConfig, options);
}

/** Settles a {@link ServingConfig}. @throws {ValidationError} naming every broken rule */
export function createServingConfig(
  options: Partial<Omit<ServingConfig, 'endpointConfig' | 'scalingConfig'>> & {
    readonly endpointConfig?: EndpointConfig | null;
    readonly scalingConfig?: ScalingConfig | null;
  } = {},
): ServingConfig {
  return createFrom(ServingConfig, {
    ...options,
    endpointConfig: options.endpointConfig ?? createFrom(EndpointConfig),
    scalingConfig: options.scalingConfig ?? createFrom(ScalingConfig),
  });
}

/** @throws {ValidationError} naming every broken rule */
export function validateEndpointConfig(config: EndpointConfig): void {
  validate(EndpointConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateScalingConfig(config: ScalingConfig): void {
  validate(ScalingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateServingConfig(config: ServingConfig): void {
  validate(ServingConfig, config);
}

/**
 * A server that is not running yet. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.deployment.serving.create_server(config)`.
 */
export function createServer(config: ServerConfig): ModelServer {
  validate(ServerConfig, config);
  return { config, status: 'stopped', requestsProcessed: 0, _handlers: {} };
}

/** The part of a server that changes. */
type Running = { -readonly [K in 'status' | 'requestsProcessed']: ModelServer[K] };

const isRunning = ({ status }: ModelServer): boolean => status === 'ready' || status === 'busy';

/**
 * Makes a server ready.
 *
 * @returns true
 * @throws {StateError} for a server that is running
 * @remarks Python: `hf_gtc.deployment.serving.start_server(server)`.
 */
export function startServer(server: ModelServer): boolean {
  if (isRunning(notNull(server, 'server'))) throw new StateError('server is already running', { parameter: 'server', received: server.status });
  (server as Running).status = 'ready';
  return true;
}

/**
 * Stops a server.
 *
 * @returns true
 * @remarks Python: `hf_gtc.deployment.serving.stop_server(server)`.
 */
export function stopServer(server: ModelServer): boolean {
  (notNull(server, 'server') as Running).status = 'stopped';
  return true;
}

/**
 * How a server is.
 *
 * @remarks Python: `hf_gtc.deployment.serving.get_health_status(server)`.
 */
export function getHealthStatus(server: ModelServer): HealthStatus {
  const { status } = notNull(server, 'server');
  return { status, modelLoaded: status === 'ready', memoryUsedMb: 0, requestsPending: 0, uptimeSeconds: 0 };
}

/**
 * Answers a request. A function that fails makes an answer with its message.
 *
 * @throws {StateError} for a server that is not ready
 * @remarks Python: `hf_gtc.deployment.serving.process_request(server, request, inference_fn)`.
 */
export function processRequest(server: ModelServer, request: InferenceRequest, inferenceFn: (inputs: never) => unknown): Promise<InferenceResponse> {
  const running: Running = notNull(server, 'server') as Running;
  notNull(request, 'request');
  notNull(inferenceFn, 'inferenceFn');
  if (running.status !== 'ready')
    throw new StateError(`server is not ready, current status: ${running.status}`, { parameter: 'server', received: running.status });
  return timed(() => inferenceFn(request.inputs as never)).then(({ value, latencyMs, error }) => {
    if (error === null) running.requestsProcessed++;
    return { requestId: request.requestId, outputs: value, latencyMs, success: error === null, errorMessage: error };
  });
}

interface Timed {
  readonly value: unknown;
  readonly latencyMs: number;
  readonly error: string | null;
}

async function timed(run: () => unknown): Promise<Timed> {
  const start = performance.now();
  try {
    const value = await run();
    return { value, latencyMs: performance.now() - start, error: null };
  } catch (error) {
    return { value: null, latencyMs: performance.now() - start, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Answers requests together; the time is shared evenly. A function that fails, or answers another number of requests, makes every answer a failure.
 *
 * @remarks Python: `hf_gtc.deployment.serving.process_batch(server, requests, inference_fn)`.
 */
export function processBatch(
  server: ModelServer,
  requests: readonly InferenceRequest[],
  inferenceFn: (inputs: never) => unknown,
): Promise<InferenceResponse[]> {
  notNull(server, 'server');
  notNull(requests, 'requests');
  notNull(inferenceFn, 'inferenceFn');
  if (requests.length === 0) return Promise.resolve([]);
  return timed(async () => {
    const outputs = await inferenceFn(requests.map(request => request.inputs) as never);
    if (!Array.isArray(outputs))
      throw new ValidationError(`inferenceFn must return an array, got ${show(outputs)}`, { parameter: 'inferenceFn', received: outputs });
    sameLength({ requests, outputs });
    return outputs;
  }).then(({ value, latencyMs, error }) => {
    if (error === null) (server as Running).requestsProcessed += requests.length;
    return requests.map(({ requestId }, index) => ({
      requestId,
      outputs: error === null ? (value as unknown[])[index] : null,
      latencyMs: latencyMs / requests.length,
      success: error === null,
      errorMessage: error,
    }));
  });
}

/**
 * A server as text.
 *
 * @remarks Python: `hf_gtc.deployment.serving.format_server_info(server)`; the same text.
 */
export function formatServerInfo(server: ModelServer): string {
  notNull(server, 'server');
  const { config, status, requestsProcessed } = server;
  return [
    `Server: ${config.host}:${config.port}`,
    ...(config.modelPath ? [`Model: ${config.modelPath}`] : []),
    `Status: ${status}`,
    `Backend: ${config.backend}`,
    `Max Batch Size: ${config.maxBatchSize}`,
    `Max Concurrent: ${config.maxConcurrentRequests}`,
    `Timeout: ${config.timeoutSeconds}s`,
    `Requests Processed: ${requestsProcessed}`,
  ].join('\n');
}

/** A server in numbers. */
export interface ServerMetrics {
  readonly status: ServerStatus;
  readonly isRunning: boolean;
  readonly requestsProcessed: number;
  readonly host: string;
  readonly port: number;
  readonly backend: InferenceBackend;
}

/**
 * A server in numbers.
 *
 * @remarks Python: `hf_gtc.deployment.serving.compute_server_metrics(server)`.
 */
export function computeServerMetrics(server: ModelServer): ServerMetrics {
  const { status, requestsProcessed, config } = notNull(server, 'server');
  return { status, isRunning: isRunning(server), requestsProcessed, host: config.host, port: config.port, backend: config.backend };
}

/**
 * Requests a second: `workers · batch · 1000 / latency`.
 *
 * @throws {ValidationError} unless batchSize, avgLatencyMs and workers are positive
 * @remarks Python: `hf_gtc.deployment.serving.calculate_throughput_capacity(workers, batch_size, avg_latency_ms)`; within 1e-12.
 * @example calculateThroughputCapacity(4, 1, 50) // => 80
 */
export function calculateThroughputCapacity(workers: number, batchSize: number, avgLatencyMs: number): number {
  allPositive({ workers, batchSize, avgLatencyMs });
  return (workers * batchSize * 1000) / avgLatencyMs;
}

/**
 * Milliseconds of a request: the time to read the weights, times the sequence in units of 512 and the batch, and half as much again.
 *
 * @throws {ValidationError} unless gpuMemoryBandwidthGbps, modelSizeGb, batchSize and sequenceLength are positive
 * @remarks Python: `hf_gtc.deployment.serving.estimate_latency(model_size_gb, sequence_length, batch_size, gpu_memory_bandwidth_gbps=)`; within 1e-12.
 * @example estimateLatency(1.5, 512, 1) // => 2.5
 */
export function estimateLatency(
  modelSizeGb: number,
  sequenceLength: number,
  batchSize: number,
  { gpuMemoryBandwidthGbps = 900.0 }: { readonly gpuMemoryBandwidthGbps?: number } = {},
): number {
  allPositive({ modelSizeGb, sequenceLength, batchSize, gpuMemoryBandwidthGbps });
  return (modelSizeGb / gpuMemoryBandwidthGbps) * 1000 * (sequenceLength / 512) * batchSize * 1.5;
}

/**
 * US dollars of a request.
 *
 * @throws {ValidationError} unless gpuCostPerHour and requestsPerSecond are positive
 * @remarks Python: `hf_gtc.deployment.serving.calculate_cost_per_request(gpu_cost_per_hour, requests_per_second)`; within 1e-12.
 * @example calculateCostPerRequest(0.9, 0.5) // => 0.0005
 */
export function calculateCostPerRequest(gpuCostPerHour: number, requestsPerSecond: number): number {
  allPositive({ gpuCostPerHour, requestsPerSecond });
  return gpuCostPerHour / (requestsPerSecond * 3600);
}

/**
 * What a probe answers: alive, alive and ready, or started.
 *
 * @throws {ValidationError} for another probe
 * @remarks Python: `hf_gtc.deployment.serving.validate_endpoint_health(check_type, is_alive, is_ready, startup_complete)`.
 * @example validateEndpointHealth('startup', true, true, true) // => true
 */
export function validateEndpointHealth(checkType: string | HealthCheckType, isAlive: boolean, isReady: boolean, startupComplete: boolean): boolean {
  const check = parseEnum(HealthCheckType, checkType, 'checkType (health check type)');
  return { liveness: isAlive, readiness: isAlive && isReady, startup: startupComplete }[check];
}

/**
 * How a model is served, as text.
 *
 * @remarks Python: `hf_gtc.deployment.serving.format_serving_stats(stats)`; the same text.
 */
export function formatServingStats(stats: ServingStats): string {
  const { requestsPerSecond, avgLatencyMs, p99LatencyMs, gpuUtilization } = stats;
  return [
    'Serving Stats:',
    `  Throughput: ${formatFixed(requestsPerSecond, 2)} req/s`,
    `  Avg Latency: ${formatFixed(avgLatencyMs, 2)} ms`,
    `  P99 Latency: ${formatFixed(p99LatencyMs, 2)} ms`,
    `  GPU Utilization: ${formatFixed(100 * gpuUtilization, 1)}%`,
  ].join('\n');
}

/**
 * How to serve a model of a size at a rate: vLLM above 30 GB, TGI above 10, else FastAPI; a worker for each 80 % of a GPU, a replica for each 100
 * requests a second.
 *
 * @throws {ValidationError} unless expectedQps, modelSizeGb and gpuMemoryGb are positive
 * @remarks Python: `hf_gtc.deployment.serving.get_recommended_serving_config(model_size_gb, expected_qps, gpu_memory_gb=)`.
 */
export function getRecommendedServingConfig(
  modelSizeGb: number,
  expectedQps: number,
  { gpuMemoryGb = 24.0 }: { readonly gpuMemoryGb?: number } = {},
): ServingConfig {
  allPositive({ modelSizeGb, expectedQps, gpuMemoryGb });
  const [backend, maxBatchSize] = modelSizeGb > 30 ? (['vllm', 8] as const) : modelSizeGb > 10 ? (['tgi', 16] as const) : (['fastapi', 32] as const);
  const workers = Math.max(1, Math.trunc(modelSizeGb / (finite(gpuMemoryGb, 'gpuMemoryGb') * 0.8)));
  const minReplicas = Math.max(1, Math.trunc(expectedQps / 100));
  return createServingConfig({
    backend,
    endpointConfig: createEndpointConfig({ host: '0.0.0.0', workers, timeoutSeconds: modelSizeGb > 30 ? 60 : 30, maxBatchSize }),
    scalingConfig: createScalingConfig({ minReplicas, maxReplicas: Math.max(minReplicas + 5, minReplicas * 2) }),
    loadBalancing: expectedQps > 100 ? 'least_connections' : 'round_robin',
  });
}
