/** Races of what is more than loops: factorisations of 256 x 256 matrices in float64, a Fourier transform, a sort; one thread. */
import { fromTypedArray, scope, sort } from '@gtc/tensor';
import { fft } from '@gtc/tensor/fft';
import { eig, eigh, inv, qr, svd } from '@gtc/tensor/linalg';
import { numpy, pattern, samples } from './peers.mjs';

const N = 256;

/** A matrix of full rank that every language makes alike, symmetric on demand. */
function matrix(isSymmetric = false) {
  const numbers = pattern(N * N, 5);
  const at = (i, j) => numbers[i * N + j] * (1 + ((i * 31 + j * 17) % 101) / 100);
  return fromTypedArray(
    Float64Array.from({ length: N * N }, (_, k) => {
      const [i, j] = [Math.floor(k / N), k % N];
      return (isSymmetric ? at(i, j) + at(j, i) : at(i, j)) + (i === j ? 3 : 0);
    }),
    [N, N],
  );
}

const MATRIX = `
i, j = np.meshgrid(np.arange(${N}), np.arange(${N}), indexing='ij')
m = pattern((${N}, ${N}), 5).astype(np.float64) * (1 + (i * 31 + j * 17) % 101 / 100)
a = m + 3 * np.eye(${N})
`;

const race = (name, ours, prepare, run, { tolerance = 1e-8, others = {} } = {}) => ({
  name,
  data: {},
  tolerance: { all: tolerance },
  peers: {
    gtc: () => {
      const work = ours();
      return () => scope(() => samples(work().data));
    },
    ...others,
    numpy: numpy(prepare, run),
  },
});

export const races = [
  race(
    'eigenvalues and vectors, symmetric 256',
    () => {
      const a = matrix(true);
      return () => eigh(a).values;
    },
    `${MATRIX}\na = m + m.T + 3 * np.eye(${N})`,
    'np.linalg.eigh(a)[0]',
  ),
  race(
    'eigenvalues and vectors, general 256',
    () => {
      const a = matrix();
      return () => eig(a).values.re.sort().values;
    },
    MATRIX,
    'np.sort(np.linalg.eig(a)[0].real)',
  ),
  race(
    'singular values and vectors, 256',
    () => {
      const a = matrix();
      return () => svd(a).s;
    },
    MATRIX,
    'np.linalg.svd(a, full_matrices=False)[1]',
  ),
  race(
    'inverse, 256',
    () => {
      const a = matrix();
      return () => inv(a);
    },
    MATRIX,
    'np.linalg.inv(a)',
  ),
  race(
    'QR, 256',
    () => {
      const a = matrix();
      return () => qr(a).r;
    },
    MATRIX,
    'np.linalg.qr(a)[1]',
  ),
  race(
    'Fourier transform, 65536 float64',
    () => {
      const x = fromTypedArray(Float64Array.from(pattern(65536, 3)));
      return () => fft(x).re;
    },
    'x = pattern((65536,), 3).astype(np.float64)',
    'np.fft.fft(x).real',
  ),
  race(
    'sort, a million float32',
    () => {
      const x = fromTypedArray(pattern(1_000_000, 3));
      return () => sort(x).values;
    },
    'x = pattern((1000000,), 3)',
    'np.sort(x, kind="stable")',
    {
      tolerance: 0,
      others: {
        'Float32Array.sort': () => {
          const x = pattern(1_000_000, 3);
          return () => samples(x.slice().sort());
        },
      },
    },
  ),
];
