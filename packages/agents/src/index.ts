/** Tools, memory and planning for language-model agents. */
export * from './memory.js';
export * from './planning.js';
export * from './tools.js';
