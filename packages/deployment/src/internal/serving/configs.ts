/** Definitions of serving. */
import type { Definition } from '@gtc/errors';

/** What a server does. */
export const ServerStatus = { STARTING: 'starting', READY: 'ready', BUSY: 'busy', DEGRADED: 'degraded', STOPPING: 'stopping', STOPPED: 'stopped' } as const;
export type ServerStatus = (typeof ServerStatus)[keyof typeof ServerStatus];

/** What computes. */
export const InferenceBackend = { PYTORCH: 'pytorch', ONNX: 'onnx', TENSORRT: 'tensorrt', VLLM: 'vllm', TGI: 'tgi' } as const;
export type InferenceBackend = (typeof InferenceBackend)[keyof typeof InferenceBackend];

/** What serves. */
export const ServingBackend = { VLLM: 'vllm', TGI: 'tgi', TRITON: 'triton', RAY_SERVE: 'ray_serve', FASTAPI: 'fastapi' } as const;
export type ServingBackend = (typeof ServingBackend)[keyof typeof ServingBackend];

/** Which replica gets a request. */
export const LoadBalancing = { ROUND_ROBIN: 'round_robin', LEAST_CONNECTIONS: 'least_connections', RANDOM: 'random', WEIGHTED: 'weighted' } as const;
export type LoadBalancing = (typeof LoadBalancing)[keyof typeof LoadBalancing];

/** What a probe asks. */
export const HealthCheckType = { LIVENESS: 'liveness', READINESS: 'readiness', STARTUP: 'startup' } as const;
export type HealthCheckType = (typeof HealthCheckType)[keyof typeof HealthCheckType];

/** Values of {@link ServerStatus}. */
export const VALID_SERVER_STATUSES: ReadonlySet<ServerStatus> = new Set(Object.values(ServerStatus));

/** Values of {@link InferenceBackend}. */
export const VALID_BACKENDS: ReadonlySet<InferenceBackend> = new Set(Object.values(InferenceBackend));

/** Values of {@link ServingBackend}. */
export const VALID_SERVING_BACKENDS: ReadonlySet<ServingBackend> = new Set(Object.values(ServingBackend));

/** Values of {@link LoadBalancing}. */
export const VALID_LOAD_BALANCING: ReadonlySet<LoadBalancing> = new Set(Object.values(LoadBalancing));

/** Values of {@link HealthCheckType}. */
export const VALID_HEALTH_CHECK_TYPES: ReadonlySet<HealthCheckType> = new Set(Object.values(HealthCheckType));

/** A server. */
export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  readonly modelPath: string | null;
  readonly backend: InferenceBackend;
  readonly maxBatchSize: number;
  readonly maxConcurrentRequests: number;
  readonly timeoutSeconds: number;
}

/** Defaults and rules of {@link ServerConfig}. */
export const ServerConfig: Definition<ServerConfig> = {
  name: 'ServerConfig',
  fields: {
    host: { kind: 'string', default: '127.0.0.1' },
    port: { kind: 'int', default: 8000, min: 1, max: 65535 },
    modelPath: { kind: 'string', default: null, nullable: true },
    backend: { kind: 'enum', of: InferenceBackend, default: InferenceBackend.PYTORCH },
    maxBatchSize: { kind: 'int', default: 32, positive: true },
    maxConcurrentRequests: { kind: 'int', default: 100, positive: true },
    timeoutSeconds: { kind: 'int', default: 30, positive: true },
  },
};

/** How a server is. */
export interface HealthStatus {
  readonly status: ServerStatus;
  readonly modelLoaded: boolean;
  readonly memoryUsedMb: number;
  readonly requestsPending: number;
  readonly uptimeSeconds: number;
}

/** Defaults and rules of {@link HealthStatus}. */
export const HealthStatus: Definition<HealthStatus> = {
  name: 'HealthStatus',
  fields: {
    status: { kind: 'enum', of: ServerStatus },
    modelLoaded: { kind: 'bool' },
    memoryUsedMb: { kind: 'int' },
    requestsPending: { kind: 'int' },
    uptimeSeconds: { kind: 'float' },
  },
};

/** What is asked. */
export interface InferenceRequest {
  readonly requestId: string;
  readonly inputs: unknown;
  readonly parameters: Readonly<Record<string, unknown>> | null;
}

/** Defaults and rules of {@link InferenceRequest}. */
export const InferenceRequest: Definition<InferenceRequest> = {
  name: 'InferenceRequest',
  fields: {
    requestId: { kind: 'string' },
    inputs: { kind: 'any' },
    parameters: { kind: 'record', of: { kind: 'any' }, default: null, nullable: true },
  },
};

/** What is answered. */
export interface InferenceResponse {
  readonly requestId: string;
  readonly outputs: unknown;
  readonly latencyMs: number;
  readonly success: boolean;
  readonly errorMessage: string | null;
}

/** Defaults and rules of {@link InferenceResponse}. */
export const InferenceResponse: Definition<InferenceResponse> = {
  name: 'InferenceResponse',
  fields: {
    requestId: { kind: 'string' },
    outputs: { kind: 'any' },
    latencyMs: { kind: 'float' },
    success: { kind: 'bool' },
    errorMessage: { kind: 'string', nullable: true },
  },
};

/** Where requests arrive. */
export interface EndpointConfig {
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  readonly timeoutSeconds: number;
  readonly maxBatchSize: number;
}

/** Defaults and rules of {@link EndpointConfig}. */
export const EndpointConfig: Definition<EndpointConfig> = {
  name: 'EndpointConfig',
  fields: {
    host: { kind: 'string', default: '127.0.0.1' },
    port: { kind: 'int', default: 8080, min: 1, max: 65535 },
    workers: { kind: 'int', default: 4, positive: true },
    timeoutSeconds: { kind: 'int', default: 30, positive: true },
    maxBatchSize: { kind: 'int', default: 32, positive: true },
  },
};

/** How many replicas run. */
export interface ScalingConfig {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly targetUtilization: number;
  /** Seconds. */
  readonly scaleDownDelay: number;
}

/** Defaults and rules of {@link ScalingConfig}. */
export const ScalingConfig: Definition<ScalingConfig> = {
  name: 'ScalingConfig',
  fields: {
    minReplicas: { kind: 'int', default: 1, positive: true },
    maxReplicas: { kind: 'int', default: 10 },
    targetUtilization: { kind: 'float', default: 0.7, min: 0, max: 1 },
    scaleDownDelay: { kind: 'int', default: 300, nonNegative: true },
  },
  rules: [({ minReplicas, maxReplicas }) => (maxReplicas < minReplicas ? `maxReplicas must be at least minReplicas ${minReplicas}, got ${maxReplicas}` : null)],
};

/** How a model is served. */
export interface ServingConfig {
  readonly backend: ServingBackend;
  readonly endpointConfig: EndpointConfig;
  readonly scalingConfig: ScalingConfig;
  readonly loadBalancing: LoadBalancing;
}

/** Defaults and rules of {@link ServingConfig}. */
export const ServingConfig: Definition<ServingConfig> = {
  name: 'ServingConfig',
  fields: {
    backend: { kind: 'enum', of: ServingBackend, default: ServingBackend.VLLM },
    endpointConfig: { kind: 'config', of: EndpointConfig },
    scalingConfig: { kind: 'config', of: ScalingConfig },
    loadBalancing: { kind: 'enum', of: LoadBalancing, default: LoadBalancing.ROUND_ROBIN },
  },
};

/** How it is served. */
export interface ServingStats {
  readonly requestsPerSecond: number;
  readonly avgLatencyMs: number;
  readonly p99LatencyMs: number;
  readonly gpuUtilization: number;
}

/** Defaults and rules of {@link ServingStats}. */
export const ServingStats: Definition<ServingStats> = {
  name: 'ServingStats',
  fields: {
    requestsPerSecond: { kind: 'float' },
    avgLatencyMs: { kind: 'float' },
    p99LatencyMs: { kind: 'float' },
    gpuUtilization: { kind: 'float' },
  },
};

/** A server with its state, which starting, stopping and requests change. */
export interface ModelServer {
  readonly config: ServerConfig;
  readonly status: ServerStatus;
  readonly requestsProcessed: number;
  readonly _handlers: Readonly<Record<string, (...values: never[]) => unknown>>;
}

/** Defaults and rules of {@link ModelServer}. */
export const ModelServer: Definition<ModelServer> = {
  name: 'ModelServer',
  fields: {
    config: { kind: 'config', of: ServerConfig },
    status: { kind: 'enum', of: ServerStatus, default: 'stopped' },
    requestsProcessed: { kind: 'int', default: 0 },
    _handlers: { kind: 'any', default: {} },
  },
};
