/** Prompting, chat templates, sampling, constrained decoding and tool calls. */
export * from './diffusers.js';
export * from './sampling.js';
