import { describe, expect, it } from 'vitest';
import { NumpyRandom, NumpyRandomState } from '../../random.js';
import { lemire, masked, masked64 } from './bounded.js';
import { beta, binomial, gumbel, laplace, poisson, type Source, standardGamma } from './distributions.js';

/** A source whose uniform numbers are given. */
function scripted(...doubles: number[]): Source {
  return { double: () => doubles.shift() ?? 0.5, normal: () => 0, exponential: () => 1 };
}

/** Whether 4,000 draws have a mean and a variance. */
function hasMoments(draw: () => number, mean: number, variance: number): void {
  const draws = Array.from({ length: 4000 }, draw);
  const found = draws.reduce((a, b) => a + b) / draws.length;
  const spread = draws.reduce((sum, value) => sum + (value - found) ** 2, 0) / draws.length;
  expect(Math.abs(found - mean)).toBeLessThan(5 * Math.sqrt(variance / draws.length));
  expect(Math.abs(spread / variance - 1)).toBeLessThan(0.15);
}

describe('distributions at the edges of their draws', () => {
  it('beta draws again when both uniforms are 0 or their powers are too large, and takes logarithms when powers vanish', () => {
    expect(beta(scripted(0, 0, 0.25, 0.25), 1, 1)).toBe(0.5);
    expect(beta(scripted(0.9, 0.9, 0.25, 0.25), 1, 1)).toBe(0.5);
    expect(beta(scripted(1e-200, 1e-200), 0.01, 0.01)).toBeCloseTo(0.5, 12);
  });

  it('laplace and gumbel draw again at the ends', () => {
    expect(laplace(scripted(0, 0.5), 3, 1)).toBe(3);
    expect(gumbel(scripted(0, 0.5), 0, 1)).toBeCloseTo(-Math.log(Math.LN2), 12);
  });

  it('gamma of shape 0 is 0, of shape 1 exponential', () => {
    expect(standardGamma(scripted(), 0)).toBe(0);
    expect(standardGamma(scripted(), 1)).toBe(1);
  });

  it('poisson of mean 0 and binomial without trials or chance are 0', () => {
    expect([poisson(scripted(), 0), binomial(scripted(), 0, 0.5), binomial(scripted(), 5, 0)]).toEqual([0, 0, 0]);
  });

  it('binomial by inversion starts anew beyond its bound', () => {
    expect(binomial(scripted(2, 0), 3, 0.2)).toBe(0);
  });

  it.each([
    [100, 0.45],
    [5000, 0.3],
    [100_000, 0.7],
    [40, 0.9],
  ] as const)('binomial of %d trials with %d has its mean and variance', (n, p) => {
    for (const g of [new NumpyRandom(5), new NumpyRandomState(5)]) hasMoments(() => g.binomial(n, p), n * p, n * p * (1 - p));
  });

  it.each([0.5, 9.9, 10, 300])('poisson of mean %d has its mean and variance', lam => {
    const g = new NumpyRandom(6);
    hasMoments(() => g.poisson(lam), lam, lam);
  });

  it('bounded integers are drawn again until they fit', () => {
    const words = [7, 6, 5];
    expect(masked(5, () => words.shift()!)).toBe(5);
    expect(masked(0, () => 9)).toBe(0);
    // Of two bits, the draw 0 would favour a third.
    const pair = [0n, 3n];
    expect(lemire(3n, 2n, () => pair.shift()!)).toBe(2n);
    const wide = [2n ** 40n, 3n];
    expect(masked64(2n ** 33n, () => wide.shift()!)).toBe(0n);
    const many = [2n ** 34n - 1n, 3n];
    expect(masked64(2n ** 33n, () => many.shift()!)).toBe(3n);
  });
});
