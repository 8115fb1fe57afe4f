import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as d from './distributions.js';
import { incompleteGamma, incompleteGammaUpper } from './special.js';

const FUNCTIONS: Readonly<Record<string, (...values: never[]) => number>> = { ...d };

/** Function, arguments and what scipy 1.17.1 answers. */
const ANSWERS: readonly [string, readonly number[], number][] = [
  ['studentCdf', [-50, 1], 0.006365349100972797],
  ['studentCdf', [0.3, 1], 0.5927735790777423],
  ['studentCdf', [-6, 3], 0.004636357446142333],
  ['studentCdf', [1, 3], 0.8044988905221148],
  ['studentCdf', [-2.5, 9.5], 0.01629252889480218],
  ['studentCdf', [9, 9.5], 0.9999970454665688],
  ['studentCdf', [-0.001, 29], 0.49960448148918113],
  ['studentCdf', [37, 29], 1.0],
  ['studentQuantile', [1e-10, 1], -3183098861.8379064],
  ['studentQuantile', [0.5, 1], 0.0],
  ['studentQuantile', [1e-10, 4], -416.1751403296041],
  ['studentQuantile', [0.5, 4], 0.0],
  ['studentQuantile', [1e-10, 30.5], -9.31174792336859],
  ['studentQuantile', [0.5, 30.5], 0.0],
  ['studentQuantile', [1e-10, 2000], -6.3944607384073935],
  ['studentQuantile', [0.5, 2000], 0.0],
  ['chiSquareSf', [0.01, 1], 0.920344325445942],
  ['chiSquareSf', [37, 1], 1.1812924646610715e-9],
  ['chiSquareSf', [0.01, 2], 0.9950124791926823],
  ['chiSquareSf', [37, 2], 9.23744966197059e-9],
  ['chiSquareSf', [0.01, 7], 0.999999999243059],
  ['chiSquareSf', [37, 7], 4.6906613448073116e-6],
  ['chiSquareSf', [0.01, 100], 1.0],
  ['chiSquareSf', [37, 100], 0.9999999989180982],
  ['chiSquareQuantile', [1e-10, 0.5], 1.3499395786223568e-40],
  ['chiSquareQuantile', [0.5, 0.5], 0.0873476047057468],
  ['chiSquareQuantile', [1e-10, 1], 1.570796326794896e-20],
  ['chiSquareQuantile', [0.5, 1], 0.454936423119572],
  ['chiSquareQuantile', [1e-10, 3], 5.20939762143448e-7],
  ['chiSquareQuantile', [0.5, 3], 2.3659738843753377],
  ['chiSquareQuantile', [1e-10, 60], 14.00102340070366],
  ['chiSquareQuantile', [0.5, 60], 59.33466627644246],
  ['fisherSf', [0.01, 1, 1], 0.936548965138893],
  ['fisherSf', [1, 1, 1], 0.5000000000000001],
  ['fisherSf', [9, 1, 1], 0.20483276469913345],
  ['fisherSf', [0.01, 3, 10], 0.9985345070506094],
  ['fisherSf', [1, 3, 10], 0.4323372030216972],
  ['fisherSf', [9, 3, 10], 0.0034351422310864186],
  ['fisherSf', [0.01, 20, 200], 1.0],
  ['fisherSf', [1, 20, 200], 0.46385577451244797],
  ['fisherQuantile', [1e-10, 1, 1], 2.4674011002723397e-20],
  ['fisherQuantile', [0.3, 1, 1], 0.2596161836824997],
  ['fisherQuantile', [0.9, 1, 1], 39.86345818906141],
  ['fisherQuantile', [1e-10, 2, 9], 1.0000000000611111e-10],
  ['fisherQuantile', [0.3, 2, 9], 0.37119114473685877],
  ['fisherQuantile', [0.9, 2, 9], 3.006452417400264],
  ['fisherQuantile', [1e-10, 20, 200], 0.04535695413628703],
  ['fisherQuantile', [0.3, 20, 200], 0.8099105101077891],
  ['betaQuantile', [1e-10, 1, 1], 1e-10],
  ['betaQuantile', [0.5, 1, 1], 0.5],
  ['betaQuantile', [1e-10, 2, 3], 4.082494015808333e-6],
  ['betaQuantile', [0.5, 2, 3], 0.3857275681323895],
  ['betaQuantile', [1e-10, 20, 200], 0.014376718407918923],
  ['betaQuantile', [0.5, 20, 200], 0.08966995609359125],
  ['betaQuantile', [1e-10, 0.5, 0.5], 2.4674011002723397e-20],
  ['betaQuantile', [0.5, 0.5, 0.5], 0.4999999999999999],
  ['rangeSf', [0.5, 2], 0.7236736098317631],
  ['rangeSf', [0.5, 4], 0.9848499118944073],
  ['rangeSf', [1, 2], 0.4795001221869535],
  ['rangeSf', [1, 4], 0.8943255121281808],
  ['rangeSf', [2, 2], 0.15729920705028522],
  ['rangeSf', [2, 4], 0.49036940998054945],
  ['rangeSf', [3.3, 2], 0.01962441497663958],
  ['rangeSf', [3.3, 4], 0.09053749724537585],
  ['noncentralStudentSf', [-1, 2, 0], 0.7886751345948129],
  ['noncentralStudentSf', [-1, 9, 0.5], 0.9243565469601263],
  ['noncentralStudentSf', [-1, 50, 2], 0.9985604212281316],
  ['noncentralStudentSf', [0, 9, 0], 0.5],
  ['noncentralStudentSf', [0, 50, 0.5], 0.6914624612740131],
  ['noncentralStudentSf', [2, 2, 2], 0.5795245191362814],
  ['noncentralStudentSf', [2, 50, 0], 0.02547353436884662],
  ['noncentralStudentSf', [4, 2, 0.5], 0.05796395666517011],
  ['logNormalCdf', [-60], -1805.0135606805675],
  ['logNormalCdf', [-38], -726.5572160188201],
  ['logNormalCdf', [-30], -454.32124395634327],
  ['logNormalCdf', [-5], -15.064998393988727],
  ['logNormalCdf', [-1], -1.8410216450092634],
  ['logNormalCdf', [0], -Math.LN2],
  ['logNormalCdf', [1], -0.1727537790234499],
  ['logNormalCdf', [9], -1.1285884059538324e-19],
  ['binomialPmf', [0, 10, 0.3], 0.0282475249],
  ['binomialCdf', [0, 10, 0.3], 0.028247524900000005],
  ['binomialPmf', [3, 10, 0.3], 0.2668279319999998],
  ['binomialCdf', [3, 10, 0.3], 0.6496107184000002],
  ['binomialPmf', [10, 10, 0.3], 5.9048999999999975e-6],
  ['binomialCdf', [10, 10, 0.3], 1.0],
  ['binomialPmf', [50, 100, 0.5], 0.07958923738717875],
  ['binomialCdf', [50, 100, 0.5], 0.5397946186935889],
  ['binomialPmf', [1, 5, 0.01], 0.0480298005],
  ['binomialCdf', [1, 5, 0.01], 0.9990198504],
];

/** Arguments and both regularised functions by scipy 1.17.1. */
const GAMMA: readonly (readonly [a: number, x: number, lower: number, upper: number])[] = [
  [0.5, 0.001, 0.035670591729679894, 0.9643294082703201],
  [0.5, 2.9, 0.9839738254520148, 0.016026174547985116],
  [0.5, 60, 1.0, 6.326068263677272e-28],
  [1, 0.001, 0.0009995001666250082, 0.999000499833375],
  [1, 2.9, 0.9449767799435927, 0.05502322005640723],
  [1, 60, 1.0, 8.756510762696494e-27],
  [3, 0.001, 1.6654171665278094e-10, 0.9999999998334583],
  [3, 2.9, 0.5540368014428195, 0.4459631985571805],
  [3, 60, 1.0, 1.629586652937817e-23],
  [10, 0.001, 2.753227859428452e-37, 1.0],
  [10, 2.9, 0.0008581225907959529, 0.999141877409204],
  [10, 60, 0.9999999999999997, 2.851507755552014e-16],
  [50, 0.001, 3.284727517041174e-215, 1.0],
  [50, 2.9, 2.5279350294685806e-43, 1.0],
  [50, 60, 0.9155933189063082, 0.08440668109369177],
  [300, 0.001, 0.0, 1.0],
  [300, 2.9, 0.0, 1.0],
  [300, 60, 9.962396258311947e-108, 1.0],
];

/** Equal to a relative 1e-10. */
const near = (actual: number, expected: number): void => expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.abs(expected));

describe('answers of scipy', () => {
  it.each(ANSWERS)('%s(%j)', (name, values, expected) => {
    near(FUNCTIONS[name]!(...(values as never[])), expected);
  });
  it.each(GAMMA)('incomplete gamma functions of %d at %d', (a, x, lower, upper) => {
    near(incompleteGamma(a, x), lower);
    near(incompleteGammaUpper(a, x), upper);
  });
});

describe('laws', () => {
  const chance = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
  const degrees = fc.double({ min: 0.5, max: 200, noNaN: true });
  it('quantiles undo distribution functions', () => {
    fc.assert(
      fc.property(chance, degrees, degrees, (p, a, b) => {
        expect(d.studentCdf(d.studentQuantile(p, a), a)).toBeCloseTo(p, 10);
        expect(1 - d.chiSquareSf(d.chiSquareQuantile(p, a), a)).toBeCloseTo(p, 10);
        expect(1 - d.fisherSf(d.fisherQuantile(p, a, b), a, b)).toBeCloseTo(p, 10);
      }),
      { numRuns: 100 },
    );
  });
  it('squares of normal values are chi squared, squares of t are F', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 8, noNaN: true }), degrees, (x, df) => {
        expect(d.chiSquareSf(x * x, 1)).toBeCloseTo(2 * d.normalCdf(-x), 12);
        expect(d.fisherSf(x * x, 1, df)).toBeCloseTo(2 * d.studentCdf(-x, df), 10);
      }),
      { numRuns: 100 },
    );
  });
});

describe('ends', () => {
  it.each<[number, number]>([
    [d.studentCdf(Number.NaN, 3), Number.NaN],
    [d.studentCdf(Number.POSITIVE_INFINITY, 3), 1],
    [d.studentQuantile(0, 3), Number.NEGATIVE_INFINITY],
    [d.studentQuantile(1, 3), Number.POSITIVE_INFINITY],
    [d.chiSquareQuantile(1, 3), Number.POSITIVE_INFINITY],
    [d.chiSquareQuantile(0, 3), 0],
    [d.fisherQuantile(1, 3, 3), Number.POSITIVE_INFINITY],
    [d.fisherSf(Number.NaN, 3, 3), Number.NaN],
    [d.fisherSf(Number.POSITIVE_INFINITY, 3, 3), 0],
    [d.betaQuantile(1, 2, 2), 1],
    [d.binomialPmf(3, 2, 0.5), 0],
    [d.binomialPmf(2, 2, 1), 1],
    [d.binomialPmf(0, 2, 0), 1],
    [d.binomialCdf(-1, 2, 0.5), 0],
    [incompleteGamma(2, 0), 0],
    [incompleteGammaUpper(2, Number.POSITIVE_INFINITY), 0],
  ])('%d is %d', (actual, expected) => {
    expect(actual).toBe(expected);
  });
  it.each<[() => unknown, string]>([
    [() => d.studentCdf(1, 0), 'df must be positive, got 0'],
    [() => d.studentQuantile(2, 3), 'p must be in [0, 1], got 2'],
    [() => d.binomialPmf(1, 2, -1), 'p must be in [0, 1], got -1'],
    [() => d.rangeSf(1, 1), 'k must be at least 2, got 1'],
    [() => incompleteGamma(-1, 2), 'a must be positive, got -1'],
    [() => incompleteGammaUpper(1, -2), 'x must be at least 0, got -2'],
  ])('%s', (call, message) => {
    expect(call).toThrow(message);
  });
});
