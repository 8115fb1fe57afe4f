import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { continuedFraction } from './internal/special/continued-fraction.js';
import * as special from './special.js';
import { erfc, incompleteBeta, logGamma, normalTwoSided, studentTwoSided } from './special.js';

const close = (a: number, b: number, rtol: number): boolean => Math.abs(a - b) <= rtol * Math.abs(b) + 1e-300;

describe('logGamma', () => {
  it('is the logarithm of factorials at integers', () => {
    let logFactorial = 0;
    for (let n = 1; n < 60; n++) {
      expect(close(logGamma(n), logFactorial, 1e-13) || Math.abs(logGamma(n) - logFactorial) < 1e-14).toBe(true);
      logFactorial += Math.log(n);
    }
  });
  it('obeys the recurrence', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e4, noNaN: true }), x => Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x)) < 1e-10),
      { numRuns: 100 },
    );
  });
  it('refuses zero', () => {
    expect(() => logGamma(0)).toThrow('x must be positive, got 0');
  });
});

describe('incompleteBeta', () => {
  it('is x for a = b = 1 and symmetric under exchange', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 0.1, max: 200, noNaN: true }),
        fc.double({ min: 0.1, max: 200, noNaN: true }),
        (x, a, b) => {
          return Math.abs(incompleteBeta(1, 1, x) - x) < 1e-14 && Math.abs(incompleteBeta(a, b, x) + incompleteBeta(b, a, 1 - x) - 1) < 1e-10;
        },
      ),
      { numRuns: 100 },
    );
  });
  it('equals a binomial tail at integers', () => {
    // I_x(k, n - k + 1) = P(X >= k) for X binomial(n, x).
    const [n, x] = [12, 0.3];
    for (let k = 1; k <= n; k++) {
      let tail = 0;
      for (let i = k; i <= n; i++) tail += Math.exp(logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1)) * x ** i * (1 - x) ** (n - i);
      expect(incompleteBeta(k, n - k + 1, x)).toBeCloseTo(tail, 13);
    }
  });
  it('is 0 and 1 at the ends', () => {
    expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
  });
  it('refuses x outside [0, 1]', () => {
    expect(() => incompleteBeta(1, 1, 1.5)).toThrow('x must be in [0, 1], got 1.5');
  });
  it('says when it does not converge', () => {
    expect(() => incompleteBeta(1e12, 1e12, 0.5)).toThrow('did not converge');
  });
});

describe('tails', () => {
  it('agrees with the closed form of Student t with one degree of freedom', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e3, noNaN: true }), t => close(studentTwoSided(t, 1), (2 / Math.PI) * Math.atan(1 / t), 1e-12)),
      { numRuns: 100 },
    );
  });
  it('has limits', () => {
    expect([studentTwoSided(Number.POSITIVE_INFINITY, 3), studentTwoSided(Number.NaN, 3), erfc(30), erfc(-30), erfc(Number.NaN), normalTwoSided(0)]).toEqual([
      0,
      Number.NaN,
      0,
      2,
      Number.NaN,
      1,
    ]);
  });
  it('joins series and continued fraction smoothly, and reflects', () => {
    expect(close(erfc(1 - 1e-12), erfc(1), 1e-11)).toBe(true);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 5, noNaN: true }), x => Math.abs(erfc(x) + erfc(-x) - 2) < 1e-15),
      { numRuns: 100 },
    );
  });
  it('keeps relative precision far out', () => {
    // Asymptotic expansion at x = 20, ten terms.
    const x = 20;
    let [term, sum] = [1, 1];
    for (let n = 1; n < 10; n++) sum += term *= -(2 * n - 1) / (2 * x * x);
    expect(close(erfc(x), (Math.exp(-x * x) / (x * Math.sqrt(Math.PI))) * sum, 1e-13)).toBe(true);
  });
});

describe('functions of the whole line', () => {
  it.each<[string, number, number]>([
    ['erf is odd', special.erf(-0.7), -special.erf(0.7)],
    ['erfinv undoes erf near 0', special.erfinv(special.erf(0.2)), 0.2],
    ['erfinv undoes erf further out', special.erfinv(special.erf(-2)), -2],
    ['erfinv ends at infinity', special.erfinv(-1), Number.NEGATIVE_INFINITY],
    ['erfinv is undefined beyond', special.erfinv(1.1), Number.NaN],
    ['the normal quantile of 0.975', special.normalQuantile(0.975), 1.959963984540054],
    ['the normal quantile is odd', special.normalQuantile(0.1), -special.normalQuantile(0.9)],
    ['the normal quantile of the middle', special.normalQuantile(0.4), -special.normalQuantile(0.6)],
    ['the normal quantile ends at infinity', special.normalQuantile(1), Number.POSITIVE_INFINITY],
    ['the normal quantile starts at infinity', special.normalQuantile(0), Number.NEGATIVE_INFINITY],
    ['the normal quantile is undefined beyond', special.normalQuantile(-0.1), Number.NaN],
    ['log gamma by reflection', special.signedLogGamma(-1.5), Math.log((4 * Math.sqrt(Math.PI)) / 3)],
    ['log gamma at a pole', special.signedLogGamma(-2), Number.POSITIVE_INFINITY],
    ['log gamma of NaN', special.signedLogGamma(Number.NaN), Number.NaN],
    ['digamma of 2 is that of 1 plus 1', special.polygamma(0, 2), special.polygamma(0, 1) + 1],
    ['digamma by reflection', special.polygamma(0, -0.5), special.polygamma(0, 1.5)],
    ['digamma at a pole', special.polygamma(0, -3), Number.NaN],
    ['digamma at 0', special.polygamma(0, 0), Number.NEGATIVE_INFINITY],
    ['digamma at -0', special.polygamma(0, -0), Number.POSITIVE_INFINITY],
    ['trigamma at 0', special.polygamma(1, 0), Number.POSITIVE_INFINITY],
    ['digamma of infinity', special.polygamma(0, Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY],
    ['trigamma of infinity', special.polygamma(1, Number.POSITIVE_INFINITY), 0],
    ['digamma of minus infinity', special.polygamma(0, Number.NEGATIVE_INFINITY), Number.NaN],
    ['trigamma of 1', special.polygamma(1, 1), Math.PI ** 2 / 6],
    ['the Bessel function of infinity', special.besselI(0, Number.NEGATIVE_INFINITY), Number.POSITIVE_INFINITY],
    ['the odd Bessel function of infinity', special.besselI(1, Number.NEGATIVE_INFINITY), Number.NEGATIVE_INFINITY],
  ])('%s', (_, got, want) => {
    if (Number.isFinite(want)) expect(got).toBeCloseTo(want, 12);
    else expect(got).toBe(want);
  });
});

describe('continued fractions', () => {
  it('that do not converge are given up', () => {
    expect(() => continuedFraction(() => -1)).toThrow('continued fraction did not converge in 10000 terms');
  });
  it('of ones is the golden ratio', () => {
    expect(continuedFraction(() => 1)).toBeCloseTo((Math.sqrt(5) - 1) / 2, 15);
  });
});
