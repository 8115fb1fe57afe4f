/** The gtc command: ask, show, run and verify machine-learning patterns. */
export {};
