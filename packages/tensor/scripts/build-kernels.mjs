/** Compiles `assembly/` twice, with and without relaxed SIMD, and writes the bytes as base64 into `src/internal/kernels/module.gen.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../assembly/', import.meta.url));
const OPTIONS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
  '--use',
  'abort=',
];
const FEATURES = ['simd', 'threads', 'bulk-memory'];

async function compile(features) {
  let bytes;
  const { error, stderr } = await asc.main(
    ['index.ts', '--baseDir', folder, '--outFile', 'kernels.wasm', ...OPTIONS, '--disableWarning', 'AS112', ...features.flatMap(each => ['--enable', each])],
    {
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') bytes = contents;
      },
    },
  );
  if (error) throw new Error(`the kernels do not compile: ${error.message}\n${stderr}`);
  return Buffer.from(bytes).toString('base64');
}

const plain = await compile(FEATURES);
const relaxed = await compile([...FEATURES, 'relaxed-simd']);
writeFileSync(
  new URL('../src/internal/kernels/module.gen.ts', import.meta.url),
  `/** Written by scripts/build-kernels.mjs from assembly/. */
export const PLAIN: string = '${plain}';
export const RELAXED: string = '${relaxed}';
`,
);
