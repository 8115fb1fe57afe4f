import { defineConfig } from 'tsup';

/** Mirrors `src` file by file, so that a subpath loads nothing but what it imports. */
export default defineConfig({
  entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/*.test-d.ts', '!src/**/*.fixture.ts'],
  format: 'esm',
  bundle: false,
  dts: false,
  sourcemap: true,
  clean: true,
  target: 'es2022',
  silent: true,
});
