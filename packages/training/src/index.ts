/** Fine-tuning with LoRA, optimizers, schedules, losses and preference learning. */
export * from './active-learning.js';
export * from './adapters.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { validateLoraConfig } from './adapters.js';
export * from './callbacks.js';
export { CheckpointConfig, validateCheckpointConfig } from './callbacks.js';
export * from './checkpointing.js';
export * from './collators.js';
export * from './continual.js';
export * from './curriculum.js';
export * from './debugging.js';
export * from './distillation.js';
export * from './distributed.js';
export { formatMemoryEstimate, type MemoryEstimate } from './distributed.js';
export * from './dpo.js';
export * from './dynamics.js';
export * from './federated.js';
export * from './gradient.js';
export * from './lora.js';
export { createLoraConfig, LoRAConfig } from './lora.js';
export * from './mixed-precision.js';
export { estimateSpeedup } from './mixed-precision.js';
export * from './ppo.js';
export * from './pruning.js';
export * from './qlora.js';
export { createQloraConfig, formatMemoryEstimate as formatQloraMemoryEstimate, QLoRAConfig, validateQloraConfig } from './qlora.js';
export * from './schedulers.js';
export { getSchedulerType as getLrSchedulerType, listSchedulerTypes as listLrSchedulerTypes } from './schedulers.js';
