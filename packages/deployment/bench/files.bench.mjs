/**
 * Races of files: 503 MB of safetensors opened and loaded, against `readFileSync` and Python's library; a matrix of 64 MB quantised and read back,
 * against gguf's numpy. What is loaded is freed before the next round, and its memory is used again.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFile } from '@gtc/deployment/files';
import { dequantizeGgml, quantizeGgml } from '@gtc/deployment/gguf';
import { readSafetensors, writeSafetensors } from '@gtc/deployment/safetensors';
import { fromTypedArray, scope } from '@gtc/tensor';

const folder = mkdtempSync(join(tmpdir(), 'gtc-files-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Numbers that every language makes alike. */
const pattern = size => Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 2003) / 1001.5 - 1);

const [TENSORS, SIZE] = [48, 2621440];
let written = null;

/** A checkpoint of 48 tensors of 10 MB. */
function checkpoint() {
  if (written !== null) return written;
  written = join(folder, 'model.safetensors');
  const one = fromTypedArray(pattern(SIZE));
  writeFileSync(written, writeSafetensors(Object.fromEntries(Array.from({ length: TENSORS }, (_, i) => [`layer.${i}.weight`, one.reshape([1024, 2560])]))));
  return written;
}

function withFile(run) {
  const file = openFile(checkpoint());
  try {
    return run(file);
  } finally {
    file.close();
  }
}

const SAFETENSORS = `
import safetensors, safetensors.numpy, numpy as np
version = safetensors.__version__
`;

const load = {
  name: `safetensors, ${((TENSORS * SIZE * 4) / 1e6).toFixed(0)} MB loaded`,
  data: () => ({ path: checkpoint() }),
  peers: {
    gtc: () => () => {
      return withFile(file =>
        scope(() => {
          const tensors = [...readSafetensors(file).tensors.values()].map(each => each.load());
          return tensors.map(x => x.data[x.size - 1]);
        }),
      );
    },
    readFileSync: () => () => {
      const bytes = readFileSync(checkpoint());
      return Array.from({ length: TENSORS }, (_, i) => bytes.readFloatLE(bytes.length - 4 - i * SIZE * 4));
    },
    safetensors: {
      setup: `${SAFETENSORS}
def run():
    return [float(x.reshape(-1)[-1]) for x in safetensors.numpy.load_file(data['path']).values()]
`,
    },
  },
  tolerance: { all: 0 },
};

const open = {
  name: 'safetensors, opened',
  data: () => ({ path: checkpoint() }),
  peers: {
    gtc: () => () => {
      return withFile(file => [...readSafetensors(file).tensors.values()].map(({ shape }) => shape[0]));
    },
    safetensors: {
      setup: `${SAFETENSORS}
def run():
    with safetensors.safe_open(data['path'], framework='np') as file:
        return [file.get_slice(name).get_shape()[0] for name in file.keys()]
`,
    },
  },
  tolerance: { all: 0 },
};

const [ROWS, COLUMNS] = [4096, 4096];
const matrix = () => fromTypedArray(pattern(ROWS * COLUMNS)).data;

const GGUF = `
import importlib.metadata, numpy as np, gguf
version = importlib.metadata.version('gguf')
x = ((np.arange(${ROWS * COLUMNS}, dtype=np.int64) * 7919 % 2003) / 1001.5 - 1).astype(np.float32).reshape(${ROWS}, ${COLUMNS})
`;

const sample = bytes => Array.from({ length: 16 }, (_, i) => bytes[i * 100003]);

const quantise = type => ({
  name: `${type}, 64 MB written`,
  data: {},
  peers: {
    gtc: () => {
      const x = matrix();
      return () => sample(quantizeGgml(x, type));
    },
    gguf: {
      setup: `${GGUF}
def run():
    y = gguf.quants.quantize(x, gguf.GGMLQuantizationType.${type}).reshape(-1)
    return [int(y[i * 100003]) for i in range(16)]
`,
    },
  },
  tolerance: { all: 0 },
});

const dequantise = type => ({
  name: `${type}, 64 MB read`,
  data: {},
  peers: {
    gtc: () => {
      const bytes = quantizeGgml(matrix(), type);
      return () => sample(dequantizeGgml(bytes, type, ROWS * COLUMNS));
    },
    gguf: {
      setup: `${GGUF}
q = gguf.GGMLQuantizationType.${type}
y = gguf.quants.quantize(x, q)
def run():
    z = gguf.quants.dequantize(y, q).reshape(-1)
    return [float(z[i * 100003]) for i in range(16)]
`,
    },
  },
  tolerance: { all: 1e-6 },
});

export const races = [load, open, quantise('Q8_0'), quantise('Q4_0'), quantise('Q5_1'), dequantise('Q8_0'), dequantise('Q4_0')];
