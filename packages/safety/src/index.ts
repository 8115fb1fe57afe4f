/** Guardrails, privacy and watermarking. */
export * from './guardrails.js';
export * from './privacy.js';
export * from './watermarking.js';
