/** numpy's files: `.npy` holds one array, `.npz` several in a zip archive. Bytes in, tensors out; nothing is executed. */
export { loadNpy, saveNpy } from './internal/io/npy.js';
export { loadNpz, saveNpz } from './internal/io/npz.js';
