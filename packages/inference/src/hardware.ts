/** Hardware: devices, where the layers of a model go, and what a device is expected to do. Mirrors `hf_gtc.inference.hardware`. */
import { allPositive, createFrom, type Definition, finite, formatFixed, oneOf, parseEnum, validate, valuesOf } from '@gtc/errors';

/** Kinds of devices. */
export const DeviceType = { CPU: 'cpu', CUDA: 'cuda', MPS: 'mps', TPU: 'tpu', XPU: 'xpu' } as const;
export type DeviceType = (typeof DeviceType)[keyof typeof DeviceType];

/** Generations of NVIDIA graphics processors. */
export const GPUArchitecture = { VOLTA: 'volta', TURING: 'turing', AMPERE: 'ampere', HOPPER: 'hopper', ADA_LOVELACE: 'ada_lovelace' } as const;
export type GPUArchitecture = (typeof GPUArchitecture)[keyof typeof GPUArchitecture];

/** Versions of CUDA's instruction set. */
export const ComputeCapability = { SM_70: 'sm_70', SM_75: 'sm_75', SM_80: 'sm_80', SM_86: 'sm_86', SM_89: 'sm_89', SM_90: 'sm_90' } as const;
export type ComputeCapability = (typeof ComputeCapability)[keyof typeof ComputeCapability];

/** Values of {@link DeviceType}, by their text. */
export type DeviceTypeStr = DeviceType;

/** Values of {@link GPUArchitecture}, by their text. */
export type GPUArchitectureStr = GPUArchitecture;

/** Values of {@link ComputeCapability}, by their text. */
export type ComputeCapabilityStr = ComputeCapability;

/** Hardware with recommended settings. */
export type HardwareTargetStr = 'cpu' | 'gpu_consumer' | 'gpu_datacenter' | 'tpu' | 'edge';

/** Values of {@link DeviceType}. */
export const VALID_DEVICE_TYPES: ReadonlySet<DeviceType> = new Set(Object.values(DeviceType));

/** Values of {@link GPUArchitecture}. */
export const VALID_GPU_ARCHITECTURES: ReadonlySet<GPUArchitecture> = new Set(Object.values(GPUArchitecture));

/** Values of {@link ComputeCapability}. */
export const VALID_COMPUTE_CAPABILITIES: ReadonlySet<ComputeCapability> = new Set(Object.values(ComputeCapability));

/** A graphics processor. */
export interface GPUInfo {
  readonly name: string;
  /** GiB. */
  readonly memoryGb: number;
  readonly computeCapability: ComputeCapability;
  readonly tensorCores: boolean;
}

/** Defaults and rules of {@link GPUInfo}. */
export const GPUInfo: Definition<GPUInfo> = {
  name: 'GPUInfo',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    memoryGb: { kind: 'float', positive: true },
    computeCapability: { kind: 'enum', of: ComputeCapability, default: ComputeCapability.SM_80 },
    tensorCores: { kind: 'bool', default: true },
  },
};

/** How devices are used. */
export interface DeviceConfig {
  readonly deviceType: DeviceType;
  readonly deviceIds: readonly number[];
  readonly memoryFraction: number;
  readonly allowGrowth: boolean;
}

/** Defaults and rules of {@link DeviceConfig}. */
export const DeviceConfig: Definition<DeviceConfig> = {
  name: 'DeviceConfig',
  fields: {
    deviceType: { kind: 'enum', of: DeviceType, default: DeviceType.CUDA },
    deviceIds: { kind: 'array', of: { kind: 'int', nonNegative: true }, nonEmpty: true, default: [0] },
    memoryFraction: { kind: 'float', default: 0.9, min: 0, max: 1 },
    allowGrowth: { kind: 'bool', default: true },
  },
};

/** Which layer is on which device. */
export interface DeviceMap {
  /** Device by layer; -1 is the offload folder. */
  readonly layerMapping: Readonly<Record<string, number>>;
  readonly offloadFolder: string | null;
  readonly offloadBuffers: boolean;
}

/** Defaults and rules of {@link DeviceMap}. */
export const DeviceMap: Definition<DeviceMap> = {
  name: 'DeviceMap',
  fields: {
    layerMapping: { kind: 'record', of: { kind: 'int', nonNegative: true }, nonEmpty: true },
    offloadFolder: { kind: 'string', default: null, nullable: true },
    offloadBuffers: { kind: 'bool', default: false },
  },
  rules: [({ layerMapping }) => (Object.hasOwn(layerMapping, '') ? 'layerMapping must not have an empty name of a layer' : null)],
};

/** What there is. */
export interface HardwareStats {
  readonly deviceCount: number;
  readonly totalMemoryGb: number;
  readonly computeTflops: number;
  /** GB/s. */
  readonly memoryBandwidthGbps: number;
}

/** Defaults and rules of {@link HardwareStats}. */
export const HardwareStats: Definition<HardwareStats> = {
  name: 'HardwareStats',
  fields: {
    deviceCount: { kind: 'int', default: 1, nonNegative: true },
    totalMemoryGb: { kind: 'float', default: 0, nonNegative: true },
    computeTflops: { kind: 'float', default: 0, nonNegative: true },
    memoryBandwidthGbps: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateGpuInfo(info: GPUInfo): void {
  validate(GPUInfo, info, 'info');
}

/** @throws {ValidationError} naming every broken rule */
export function validateDeviceConfig(config: DeviceConfig): void {
  validate(DeviceConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDeviceMap(deviceMap: DeviceMap): void {
  validate(DeviceMap, deviceMap, 'deviceMap');
}

/** @throws {ValidationError} naming every broken rule */
export function validateHardwareStats(stats: HardwareStats): void {
  validate(HardwareStats, stats, 'stats');
}

/** Settles a {@link DeviceMap}. @throws {ValidationError} naming every broken rule */
export function createDeviceMap(layerMapping: Readonly<Record<string, number>>, options: Partial<Omit<DeviceMap, 'layerMapping'>> = {}): DeviceMap {
  return createFrom(DeviceMap, { layerMapping, ...options });
}

/** Settles a {@link HardwareStats}. @throws {ValidationError} naming every broken rule */
export function createHardwareStats(options: Partial<HardwareStats> = {}): HardwareStats {
  return createFrom(HardwareStats, options);
}

/** Device types in ascending order. */
export function listDeviceTypes(): DeviceType[] {
  return valuesOf(DeviceType);
}

/** Gpu architectures in ascending order. */
export function listGpuArchitectures(): GPUArchitecture[] {
  return valuesOf(GPUArchitecture);
}

/** Compute capabilities in ascending order. */
export function listComputeCapabilities(): ComputeCapability[] {
  return valuesOf(ComputeCapability);
}

/** @throws {ValidationError} naming the device types */
export function getDeviceType(name: string): DeviceType {
  return parseEnum(DeviceType, name, 'deviceType');
}

/** @throws {ValidationError} naming the gpu architectures */
export function getGpuArchitecture(name: string): GPUArchitecture {
  return parseEnum(GPUArchitecture, name, 'gpuArchitecture');
}

/** @throws {ValidationError} naming the compute capabilities */
export function getComputeCapability(name: string): ComputeCapability {
  return parseEnum(ComputeCapability, name, 'computeCapability');
}

/**
 * Settles a graphics processor; all that are known have tensor cores. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.hardware.create_gpu_info(name, memory_gb, compute_capability=, tensor_cores=)`.
 */
export function createGpuInfo(
  name: string,
  memoryGb: number,
  { tensorCores = null, ...options }: { readonly computeCapability?: ComputeCapability; readonly tensorCores?: boolean | null } = {},
): GPUInfo {
  return createFrom(GPUInfo, { ...options, name, memoryGb, tensorCores: tensorCores ?? true });
}

/**
 * Settles how devices are used, the first one unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.hardware.create_device_config(device_type=, device_ids=, memory_fraction=, allow_growth=)`.
 */
export function createDeviceConfig({
  deviceIds = null,
  ...options
}: Partial<Omit<DeviceConfig, 'deviceIds'>> & { readonly deviceIds?: readonly number[] | null } = {}): DeviceConfig {
  return createFrom(DeviceConfig, { ...options, deviceIds: deviceIds ?? [0] });
}

/**
 * Devices that a JavaScript process can compute on: the processor.
 *
 * @remarks Python: `hf_gtc.inference.hardware.detect_available_devices()`.
 * @example detectAvailableDevices() // => ['cpu']
 */
export function detectAvailableDevices(): DeviceType[] {
  return ['cpu'];
}

/**
 * Puts layers on graphics processors, one after the other, with a tenth of the memory left free; what does not fit goes to the offload folder, -1.
 *
 * @param layerMemoryGb GiB
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.hardware.get_optimal_device_map(model_layers, layer_memory_gb, gpu_count=, gpu_memory_gb=)`.
 * @example getOptimalDeviceMap(3, 10, { gpuMemoryGb: 24 }).layerMapping // => { layer_0: 0, layer_1: 0, layer_2: -1 }
 */
export function getOptimalDeviceMap(
  modelLayers: number,
  layerMemoryGb: number,
  { gpuCount = 1, gpuMemoryGb = 24 }: { readonly gpuCount?: number; readonly gpuMemoryGb?: number } = {},
): DeviceMap {
  allPositive({ modelLayers, layerMemoryGb: finite(layerMemoryGb, 'layerMemoryGb'), gpuCount, gpuMemoryGb: finite(gpuMemoryGb, 'gpuMemoryGb') });
  const perDevice = Math.max(1, Math.floor((gpuMemoryGb * 0.9) / layerMemoryGb));
  const devices = Array.from({ length: modelLayers }, (_, layer) => (Math.floor(layer / perDevice) < gpuCount ? Math.floor(layer / perDevice) : -1));
  const offload = devices.includes(-1);
  return Object.freeze({
    layerMapping: Object.fromEntries(devices.map((device, layer) => [`layer_${layer}`, device])),
    offloadFolder: offload ? '/tmp/offload' : null,
    offloadBuffers: offload,
  });
}

/** Tokens per second of a batch of 32 sequences of 512 tokens, 4,096 wide. */
const BASE_THROUGHPUT: Readonly<Record<DeviceType, number>> = { cpu: 100, cuda: 10000, mps: 3000, tpu: 25000, xpu: 8000 };

/**
 * A rule of thumb for tokens per second; batches count up to four times 32. It is no measurement.
 *
 * @throws {ValidationError} for sizes that are not positive or an unknown device
 * @remarks Python: `hf_gtc.inference.hardware.estimate_throughput(device_type, batch_size=, sequence_length=, hidden_size=)`; within 1e-12.
 * @example estimateThroughput('tpu') // => 25000
 */
export function estimateThroughput(
  deviceType: DeviceType,
  {
    batchSize = 32,
    sequenceLength = 512,
    hiddenSize = 4096,
  }: { readonly batchSize?: number; readonly sequenceLength?: number; readonly hiddenSize?: number } = {},
): number {
  parseEnum(DeviceType, deviceType, 'deviceType');
  allPositive({ batchSize, sequenceLength, hiddenSize });
  return BASE_THROUGHPUT[deviceType] * Math.min(batchSize / 32, 4) * (512 / sequenceLength) * (4096 / hiddenSize);
}

/** GB/s of well-known cards. */
const CUDA_BANDWIDTH: Readonly<Record<ComputeCapability, number>> = { sm_70: 900, sm_75: 616, sm_80: 2039, sm_86: 936, sm_89: 1008, sm_90: 3350 };
const BANDWIDTH: Readonly<Record<DeviceType, number>> = { cpu: 50, cuda: 900, mps: 400, tpu: 900, xpu: 600 };

/**
 * Memory bandwidth of a typical device, GB/s.
 *
 * @param options `computeCapability` of a CUDA device
 * @throws {ValidationError} for an unknown device or capability
 * @remarks Python: `hf_gtc.inference.hardware.calculate_memory_bandwidth(device_type, compute_capability=)`; within 1e-12.
 * @example calculateMemoryBandwidth('mps') // => 400
 */
export function calculateMemoryBandwidth(
  deviceType: DeviceType,
  { computeCapability = null }: { readonly computeCapability?: ComputeCapability | null } = {},
): number {
  parseEnum(DeviceType, deviceType, 'deviceType');
  if (computeCapability !== null) parseEnum(ComputeCapability, computeCapability, 'computeCapability');
  return deviceType === 'cuda' && computeCapability !== null ? CUDA_BANDWIDTH[computeCapability] : BANDWIDTH[deviceType];
}

/**
 * Whether a model fits a device, with a tenth of the memory left free, and why not.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.hardware.check_hardware_compatibility(model_memory_gb, model_compute_tflops, device_memory_gb, device_compute_tflops)`.
 * @example checkHardwareCompatibility(10, 50, 10, 100) // => [false, 'Insufficient memory: need 10.0 GB, have 10.0 GB (1.0 GB shortage)']
 */
export function checkHardwareCompatibility(
  modelMemoryGb: number,
  modelComputeTflops: number,
  deviceMemoryGb: number,
  deviceComputeTflops: number,
): readonly [compatible: boolean, reason: string] {
  allPositive({ modelMemoryGb, modelComputeTflops, deviceMemoryGb, deviceComputeTflops });
  const [memory, compute] = [`${formatFixed(deviceMemoryGb, 1)} GB`, `${formatFixed(deviceComputeTflops, 1)} TFLOPS`];
  const shortage = modelMemoryGb - deviceMemoryGb * 0.9;
  if (shortage > 0) return [false, `Insufficient memory: need ${formatFixed(modelMemoryGb, 1)} GB, have ${memory} (${formatFixed(shortage, 1)} GB shortage)`];
  if (modelComputeTflops > deviceComputeTflops) return [false, `Insufficient compute: need ${formatFixed(modelComputeTflops, 1)} TFLOPS, have ${compute}`];
  return [true, `Hardware compatible: ${memory} memory, ${compute} compute`];
}

/**
 * What there is, as text.
 *
 * @remarks Python: `hf_gtc.inference.hardware.format_hardware_stats(stats)`; the same text.
 */
export function formatHardwareStats(stats: HardwareStats): string {
  return [
    `Device Count: ${stats.deviceCount}`,
    `Total Memory: ${formatFixed(stats.totalMemoryGb, 2)} GB`,
    `Compute: ${formatFixed(stats.computeTflops, 2)} TFLOPS`,
    `Memory Bandwidth: ${formatFixed(stats.memoryBandwidthGbps, 2)} GB/s`,
  ].join('\n');
}

const RECOMMENDED: Readonly<Record<HardwareTargetStr, Partial<DeviceConfig>>> = {
  cpu: { deviceType: 'cpu', memoryFraction: 1, allowGrowth: false },
  gpu_consumer: { memoryFraction: 0.8 },
  gpu_datacenter: { allowGrowth: false },
  tpu: { deviceType: 'tpu', memoryFraction: 0.95, allowGrowth: false },
  edge: { deviceType: 'cpu', memoryFraction: 0.7 },
};

/**
 * Settings that suit hardware.
 *
 * @throws {ValidationError} naming the hardware that is known
 * @remarks Python: `hf_gtc.inference.hardware.get_recommended_hardware_config(target=)`.
 * @example getRecommendedHardwareConfig({ target: 'edge' }).memoryFraction // => 0.7
 */
export function getRecommendedHardwareConfig({ target = 'gpu_datacenter' }: { readonly target?: HardwareTargetStr } = {}): DeviceConfig {
  return createDeviceConfig(RECOMMENDED[oneOf(target, 'target', Object.keys(RECOMMENDED)) as HardwareTargetStr]);
}

const ARCHITECTURES: Readonly<Record<ComputeCapability, GPUArchitecture>> = {
  sm_70: 'volta',
  sm_75: 'turing',
  sm_80: 'ampere',
  sm_86: 'ampere',
  sm_89: 'ada_lovelace',
  sm_90: 'hopper',
};

/**
 * The generation that has a compute capability.
 *
 * @throws {ValidationError} naming the capabilities that are known
 * @remarks Python: `hf_gtc.inference.hardware.get_architecture_for_compute_capability(compute_capability)`.
 * @example getArchitectureForComputeCapability('sm_90') // => 'hopper'
 */
export function getArchitectureForComputeCapability(computeCapability: ComputeCapability): GPUArchitecture {
  return ARCHITECTURES[parseEnum(ComputeCapability, computeCapability, 'computeCapability')];
}
