/** Tools, memory and planning for language-model agents. */
export {};
