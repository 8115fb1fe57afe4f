/** Speech recognition, synthesis and music. */
export * from './music.js';
export * from './speech.js';
