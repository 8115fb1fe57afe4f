/** Attention, positional encodings, layers and transformer architectures. */
export {};
