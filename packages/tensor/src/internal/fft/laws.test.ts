import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as fft from '../../fft.js';
import { allclose, gradcheck, ones, type Tensor, tensor, zeros } from '../../index.js';
import { point } from '../points.fixture.js';

type T = Tensor;
const close = (a: T, b: T): void => {
  expect(allclose(a, b, { atol: 1e-9 }), `${a} is not ${b}`).toBe(true);
};
const signal = (min = 1): fc.Arbitrary<T> =>
  fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: min, maxLength: 70 }).map(values => tensor(values, { dtype: 'float64' }));
const RUNS = { numRuns: 100 };

describe('laws of transforms', () => {
  it('the inverse undoes the transform, at any length and scale', () => {
    fc.assert(
      fc.property(signal(), fc.constantFrom('backward' as const, 'ortho' as const, 'forward' as const), (x, norm) =>
        close(fft.ifft(fft.fft(x, { norm }), { norm }).re, x),
      ),
      RUNS,
    );
  });
  it('real signals come back from half of their spectrum', () => {
    fc.assert(
      fc.property(signal(), x => close(fft.irfft(fft.rfft(x), { n: x.size }), x)),
      RUNS,
    );
  });
  it('a Hermitian signal comes back from its real spectrum', () => {
    fc.assert(
      fc.property(signal(), x => close(fft.hfft(fft.ihfft(x), { n: x.size }), x)),
      RUNS,
    );
  });
  it('energy is kept by the orthogonal transform', () => {
    fc.assert(
      fc.property(signal(), x => {
        const { re, im } = fft.fft(x, { norm: 'ortho' });
        close(re.square().add(im.square()).sum(), x.square().sum());
      }),
      RUNS,
    );
  });
  it.each([1, 2, 3, 4] as const)('cosine and sine transforms of type %i have inverses', type => {
    fc.assert(
      fc.property(signal(2), fc.constantFrom('backward' as const, 'ortho' as const), (x, norm) => {
        close(fft.idct(fft.dct(x, { type, norm }), { type, norm }), x);
        close(fft.idst(fft.dst(x, { type, norm }), { type, norm }), x);
      }),
      RUNS,
    );
  });
  it('long convolutions equal short ones', () => {
    const [a, b] = [point(150), point(100)];
    close(fft.convolve(a, b), fft.fftConvolve(a, b));
    expect(fft.convolve(a, b, { mode: 'valid' }).shape).toEqual([51]);
  });
  it('handles lengths with large prime factors', () => {
    const x = point(2 * 127);
    close(fft.ifft(fft.fft(x)).re, x);
    close(fft.fft(point(37)).re.get(0), point(37).sum());
  });
  it('images come back from their spectra', () => {
    const x = point(3, 4);
    close(fft.ifft2(fft.fft2(x)).re, x);
    close(fft.irfft2(fft.rfft2(x, { shape: [3, 4] }), { shape: [3, 4] }), x);
    close(fft.ifftn(fft.fftn(x)).re, x);
  });
  it('windows start and end where they should', () => {
    expect([fft.window('hann', 1).tolist(), fft.window(['tukey', 0.5], 4, { periodic: false }).shape, fft.window('bartlett', 0).shape]).toEqual([
      [1],
      [4],
      [0],
    ]);
  });
});

describe('gradients of transforms equal differences', () => {
  it.each<[string, (...x: T[]) => T, T[]]>([
    ['fft with cut', x => fft.fft(x, { n: 3 }).im, [point(5)]],
    ['fft with zeros', x => fft.fft(x, { n: 7 }).re, [point(5)]],
    ['dct', x => fft.dct(x), [point(5)]],
    ['dst', x => fft.dst(x, { type: 3 }), [point(5)]],
    ['stft', x => fft.stft(x, { nFft: 4 }).re, [point(9)]],
    ['istft', (re, im) => fft.istft({ re, im }, { nFft: 4, hopLength: 2, center: false }), [point(3, 4), point(3, 4)]],
    ['convolve', (a, b) => fft.convolve(a, b, { mode: 'same' }), [point(5), point(3)]],
    ['convolve2d', (a, b) => fft.convolve2d(a, b), [point(3, 3), point(2, 2)]],
    ['hilbert', x => fft.hilbert(x).im, [point(6)]],
  ])('%s', (_, fn, inputs) => {
    expect(gradcheck(fn, inputs)).toBe(true);
  });
});

describe('refusals of transforms', () => {
  it.each<[string, () => unknown]>([
    ['fft: real and imaginary part differ in shape, [2] and [3]', () => fft.fft({ re: ones([2]), im: ones([3]) })],
    ['fftn: 1 lengths for 2 axes', () => fft.fftn(ones([2, 2]), { shape: [2], axes: [0, 1] })],
    ['dct: an axis of length 1 is too short for type 1', () => fft.dct(ones([1]), { type: 1 })],
    ['window: n must be non-negative, got -1', () => fft.window('hann', -1)],
    ["window: kaiser needs a parameter, as in ['kaiser', 1]", () => fft.window('kaiser', 4)],
    ['stft: window of shape [3] must have 4 elements', () => fft.stft(ones([8]), { nFft: 4, window: ones([3]) })],
    ['stft: a signal of shape [2] is shorter than a frame of 4', () => fft.stft(ones([2]), { nFft: 4, center: false })],
    ['istft: [2, 3] does not hold the frequencies of frames of 4', () => fft.istft({ re: zeros([2, 3]), im: zeros([2, 3]) }, { nFft: 4 })],
    ['convolve: needs two vectors with elements, got [0] and [2]', () => fft.convolve(zeros([0]), ones([2]))],
    ['convolve2d: needs two matrices, got [2] and [2]', () => fft.convolve2d(ones([2]), ones([2]))],
    ['fftfreq: n must be at least 1, got 0', () => fft.fftfreq(0)],
  ])('%s', (message, call) => {
    expect(call).toThrow(message);
  });
});

describe('scales and lengths', () => {
  it.each(['backward', 'ortho', 'forward'] as const)('%s goes there and back for Hermitian signals', norm => {
    const x = point(6);
    close(fft.hfft(fft.ihfft(x, { norm }), { n: 6, norm }), x);
  });
  it('takes lengths of images from the images', () => {
    close(fft.irfft2(fft.rfft2(point(4, 4))), point(4, 4));
    expect([
      fft.fftn(point(2, 2), { shape: [3] }).re.shape,
      fft.rfft2(point(2, 2), { shape: [3, 5] }).re.shape,
      fft.fft(tensor([1, 2], { dtype: 'int32' })).re.dtype,
    ]).toEqual([[2, 3], [3, 3], 'float64']);
  });
});
