import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'tsup';

/** Mirrors `src` file by file, so that a subpath loads nothing but what it imports. */
const mirrored = defineConfig({
  entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/*.test-d.ts', '!src/**/*.fixture.ts'],
  format: 'esm',
  bundle: false,
  dts: false,
  sourcemap: true,
  clean: true,
  target: 'es2022',
  silent: true,
});

export default mirrored;

/** Subpaths whose names the package's root has too: each becomes a line that passes the root's names on. */
const facades = names => ({
  name: 'facades',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'entry-point' && names.includes(basename(path, '.ts')) ? { path, namespace: 'facade' } : undefined,
    );
    build.onResolve({ filter: /^\.\/index\.js$/, namespace: 'facade' }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /.*/, namespace: 'facade' }, async ({ path }) => {
      const { metafile } = await build.esbuild.build({ entryPoints: [path], format: 'esm', metafile: true, write: false });
      const [{ exports }] = Object.values(metafile.outputs);
      return { contents: `export { ${exports.join(', ')} } from './index.js';` };
    });
  },
});

/**
 * Gathers what a package's subpaths share in few files without white space, which load in a fraction of the time of many; names stay for
 * stack traces.
 *
 * @param shown Names of the subpaths that the root shows whole.
 */
export const gathered = (...shown) => {
  const modules = readdirSync('src').filter(file => /^[^.]+\.ts$/.test(file));
  return defineConfig({
    ...mirrored,
    entry: Object.fromEntries(modules.map(file => [basename(file, '.ts'), `src/${file}`])),
    bundle: true,
    splitting: true,
    esbuildPlugins: [facades(shown)],
    esbuildOptions: options => Object.assign(options, { minifyWhitespace: true, minifySyntax: true, lineLimit: 160 }),
  });
};
