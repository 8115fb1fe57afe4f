/** Vision, documents and video. */
export {};
