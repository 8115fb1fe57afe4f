/** Compiles `assembly/dot.ts` and writes the bytes as base64 into `src/internal/index/dot.gen.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

let bytes;
const { error, stderr } = await asc.main(
  [
    'dot.ts',
    '--baseDir',
    fileURLToPath(new URL('../assembly/', import.meta.url)),
    '--outFile',
    'dot.wasm',
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--importMemory',
    '--use',
    'abort=',
    '--enable',
    'simd',
  ],
  { writeFile: (name, contents) => void (name === 'dot.wasm' && (bytes = contents)) },
);
if (error) throw new Error(`the kernel does not compile: ${error.message}\n${stderr}`);
writeFileSync(
  new URL('../src/internal/index/dot.gen.ts', import.meta.url),
  `/** Written by scripts/build-dot.mjs from assembly/dot.ts. */\nexport const DOT: string =\n  '${Buffer.from(bytes).toString('base64')}';\n`,
);
