/** Guardrails, privacy and watermarking. */
export * from './privacy.js';
export * from './watermarking.js';
