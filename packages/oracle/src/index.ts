/** Search over machine-learning patterns in TypeScript, Python and Rust, with their proof. */
export {};
