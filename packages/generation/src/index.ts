/** Prompting, chat templates, sampling, constrained decoding and tool calls. */
export * from './sampling.js';
