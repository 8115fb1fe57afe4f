/** The device that inference runs on. A JavaScript process has no CUDA or MPS device of its own, so all of it runs on the processor. Mirrors `hf_gtc.inference.device`. */
import { inRange, positive } from '@gtc/errors';

/** Kinds of devices. */
export type DeviceType = 'cuda' | 'mps' | 'cpu';

/**
 * The device that models run on.
 *
 * @remarks Python: `hf_gtc.inference.device.get_device()`.
 * @example getDevice() // => 'cpu'
 */
export function getDevice(): DeviceType {
  return 'cpu';
}

/**
 * Where the layers of a model go: all of them to the processor.
 *
 * @param modelSizeGb GiB
 * @param options `maxMemoryFraction` in (0, 1] of a device's memory
 * @throws {ValidationError} for a size that is not positive or a fraction outside (0, 1]
 * @remarks Python: `hf_gtc.inference.device.get_device_map(model_size_gb, max_memory_fraction=)`.
 * @example getDeviceMap(7) // => 'cpu'
 */
export function getDeviceMap(
  modelSizeGb: number,
  { maxMemoryFraction = 0.9 }: { readonly maxMemoryFraction?: number } = {},
): string | Readonly<Record<string, string>> {
  positive(modelSizeGb, 'modelSizeGb');
  inRange(maxMemoryFraction, 'maxMemoryFraction', { above: 0, max: 1 });
  return getDevice();
}

/**
 * Memory of the graphics processor in GiB, nothing where there is none.
 *
 * @remarks Python: `hf_gtc.inference.device.get_gpu_memory_info()`.
 * @example getGpuMemoryInfo() // => {}
 */
export function getGpuMemoryInfo(): Readonly<Record<string, number>> {
  return {};
}

/**
 * Frees memory that is held in reserve: collects garbage where the process lets it (`node --expose-gc`); there is no graphics processor to clear.
 *
 * @remarks Python: `hf_gtc.inference.device.clear_gpu_memory()`.
 */
export function clearGpuMemory(): void {
  (globalThis as { readonly gc?: () => void }).gc?.();
}
