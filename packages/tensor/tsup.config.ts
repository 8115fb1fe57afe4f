import shared from '@gtc-tools/tsup';

/** The modules share most of their parts: few files, without white space, load in a fraction of the time of many; names stay for stack traces. */
export default {
  ...shared,
  entry: ['src/*.ts', '!src/*.test.ts', '!src/*.test-d.ts', '!src/*.fixture.ts'],
  bundle: true,
  splitting: true,
  esbuildOptions: (options: { minifyWhitespace?: boolean; minifySyntax?: boolean }) => Object.assign(options, { minifyWhitespace: true, minifySyntax: true }),
};
