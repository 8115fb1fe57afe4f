/** Guardrails, privacy and watermarking. */
export {};
