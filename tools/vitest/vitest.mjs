import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests run on the sources (no build in the inner loop) and leave a machine-readable report. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@gtc/source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['src/**/*.test.ts'],
    setupFiles: [fileURLToPath(new URL('./seed.mjs', import.meta.url))],
    passWithNoTests: true,
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/tests.json' },
    testTimeout: 30_000,
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json-summary'],
      include: ['src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/*.fixture.ts', '**/*.gen.ts', 'src/index.ts', 'src/main.ts', 'src/pattern.ts', 'src/definition.ts'],
      thresholds: { perFile: true, statements: 95, branches: 90, functions: 95, lines: 95 },
    },
  },
});
