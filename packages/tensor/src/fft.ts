/** Fourier, cosine and sine transforms of any length, windows, short-time spectra and convolution; all with gradients. */

export { complexMul, fftfreq, fftshift, ifftshift, nextFastLen, rfftfreq } from './internal/fft/frequency.js';
export {
  type ConvolveMode,
  convolve,
  convolve2d,
  correlate,
  type DctOptions,
  dct,
  dst,
  fftConvolve,
  hilbert,
  type IstftOptions,
  idct,
  idst,
  istft,
  type StftOptions,
  stft,
  window,
} from './internal/fft/signal.js';
export {
  type Complex,
  type FftNorm,
  type FftnOptions,
  type FftOptions,
  fft,
  fft2,
  fftn,
  hfft,
  ifft,
  ifft2,
  ifftn,
  ihfft,
  irfft,
  irfft2,
  rfft,
  rfft2,
} from './internal/fft/transform.js';
