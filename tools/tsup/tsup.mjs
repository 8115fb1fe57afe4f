import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
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
    build.onEnd(async () => {
      mkdirSync('dist', { recursive: true });
      for (const name of names) {
        const { metafile } = await build.esbuild.build({ entryPoints: [`src/${name}.ts`], format: 'esm', metafile: true, write: false });
        const [{ exports }] = Object.values(metafile.outputs);
        writeFileSync(`dist/${name}.js`, `export{${exports.join(',')}}from"./index.js";\n`);
      }
    });
  },
});

/** Every source file that `file` imports, directly or not, itself included. */
function reached({ inputs }, file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, external } of inputs[file].imports) if (!external) reached({ inputs }, path, seen);
  return seen;
}

/**
 * Makes two files of what the root shares with the subpaths, since each file costs a start more than its text: esbuild gathers what the same entry
 * points reach. So a light subpath imports all that light ones share with the root, and every other subpath imports the root.
 */
const layers = (entries, light) => ({
  name: 'layers',
  setup(build) {
    let shared = [];
    build.onStart(async () => {
      const { metafile } = await build.esbuild.build({
        entryPoints: entries,
        bundle: true,
        outdir: 'dist',
        packages: 'external',
        format: 'esm',
        metafile: true,
        write: false,
      });
      const ofLight = new Set(light.flatMap(name => [...reached(metafile, `src/${name}.ts`)]));
      shared = [...reached(metafile, 'src/index.ts')].filter(file => ofLight.has(file));
    });
    build.onLoad({ filter: /[\\/]src[\\/][^\\/]+\.ts$/ }, ({ path }) => {
      const name = basename(path, '.ts');
      if (name === 'index') return undefined;
      const imports = light.includes(name) ? shared.map(file => resolve(file)).filter(file => file !== path) : [resolve('src/index.ts')];
      return { contents: [readFileSync(path, 'utf8'), ...imports.map(file => `import ${JSON.stringify(file)};`)].join('\n'), loader: 'ts' };
    });
  },
});

/**
 * Gathers what a package's subpaths share in few files without white space, which load in a fraction of the time of many; names stay for
 * stack traces.
 *
 * @param shown Names of the subpaths that the root shows whole.
 * @param light Names of the subpaths that load without the root; given, all that the root shares with subpaths is in two files.
 */
export const gathered = ({ shown = [], light } = {}) => {
  const names = readdirSync('src').flatMap(file => /^([^.]+)\.ts$/.exec(file)?.[1] ?? []);
  const entries = names.filter(name => !shown.includes(name)).map(name => `src/${name}.ts`);
  return defineConfig({
    ...mirrored,
    entry: Object.fromEntries(entries.map(file => [basename(file, '.ts'), file])),
    bundle: true,
    splitting: true,
    esbuildPlugins: [facades(shown), ...(light ? [layers(entries, light)] : [])],
    esbuildOptions: options => Object.assign(options, { minifyWhitespace: true, minifySyntax: true, lineLimit: 160 }),
  });
};
