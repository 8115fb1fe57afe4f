/** Model and dataset hub: cards, search, files, spaces and experiment tracking. */
export {};
