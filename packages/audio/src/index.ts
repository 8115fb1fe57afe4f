/** Speech recognition, synthesis and music. */
export * from './features.js';
export * from './music.js';
export * from './speech.js';
