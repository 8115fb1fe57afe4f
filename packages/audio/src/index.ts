/** Speech recognition, synthesis and music. */
export {};
