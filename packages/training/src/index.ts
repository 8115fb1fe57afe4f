/** Fine-tuning with LoRA, optimizers, schedules, losses and preference learning. */
export * from './active-learning.js';
export * from './adapters.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { calculateLoraRank, validateLoraConfig } from './adapters.js';
export * from './callbacks.js';
export { CheckpointConfig, EarlyStoppingConfig, shouldStopEarly, validateCheckpointConfig, validateEarlyStoppingConfig } from './callbacks.js';
export * from './checkpointing.js';
export * from './collators.js';
export * from './continual.js';
export * from './curriculum.js';
export * from './debugging.js';
export * from './distillation.js';
export { createLossConfig, validateLossConfig } from './distillation.js';
export * from './distributed.js';
export { createFsdpConfig, formatMemoryEstimate, getShardingStrategy, listShardingStrategies, type MemoryEstimate, validateFsdpConfig } from './distributed.js';
export * from './dpo.js';
export { createDpoConfig, DPOConfig, getLossType, LossType, listLossTypes, VALID_LOSS_TYPES, validateDpoConfig } from './dpo.js';
export * from './dynamics.js';
export * from './federated.js';
export * from './fine-tuning.js';
export * from './gradient.js';
export { createGradientConfig, GradientConfig, validateGradientConfig } from './gradient.js';
export * from './hyperopt.js';
export * from './lora.js';
export { createLoraConfig, LoRAConfig } from './lora.js';
export * from './losses.js';
export {
  createLossConfig as createTrainingLossConfig,
  getLossType as getTrainingLossType,
  LossConfig as TrainingLossConfig,
  LossType as TrainingLossType,
  listLossTypes as listTrainingLossTypes,
  VALID_LOSS_TYPES as VALID_TRAINING_LOSS_TYPES,
  validateLossConfig as validateTrainingLossConfig,
} from './losses.js';
export * from './merging.js';
export * from './meta-learning.js';
export * from './mixed-precision.js';
export { estimateSpeedup } from './mixed-precision.js';
export * from './moe.js';
export * from './multitask.js';
export * from './nas.js';
export * from './optimizers.js';
export * from './parallelism.js';
export {
  createFsdpConfig as createParallelFsdpConfig,
  getShardingStrategy as getParallelShardingStrategy,
  listShardingStrategies as listParallelShardingStrategies,
  validateFsdpConfig as validateParallelFsdpConfig,
} from './parallelism.js';
export * from './ppo.js';
export { createPpoConfig, PPOConfig, validatePpoConfig } from './ppo.js';
export * from './pruning.js';
export * from './qlora.js';
export { createQloraConfig, formatMemoryEstimate as formatQloraMemoryEstimate, QLoRAConfig, validateQloraConfig } from './qlora.js';
export * from './reproducibility.js';
export * from './schedulers.js';
export { getSchedulerType as getLrSchedulerType, listSchedulerTypes as listLrSchedulerTypes } from './schedulers.js';
export * from './trainer.js';
export { getSchedulerType, listSchedulerTypes, SchedulerType } from './trainer.js';
export * from './trl.js';
