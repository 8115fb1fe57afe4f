/** Vision, documents and video. */
export * from './document.js';
export * from './video.js';
export * from './vision.js';
