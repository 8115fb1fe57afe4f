/** Fine-tuning with LoRA, optimizers, schedules, losses and preference learning. */
export * from './lora.js';
export * from './schedulers.js';
