/** What GTC answers to each call of `evidence/stat_tests.json`. */
import * as d from '@gtc/tensor/distributions';
import * as special from '@gtc/tensor/special';
import type { Answer } from '@gtc/testing';
import * as c from '../../comparison.js';

type Pair = { a: number[]; b: number[] };
type Counted = { table: number[][] };

const both = ({ statistic, pValue }: c.TestResult): number[] => [statistic, pValue];

/** Answers of the kinds that a case expects. */
const asked = (expect: object | undefined, all: Readonly<Record<string, () => unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.keys(expect ?? all).map(name => [name, all[name]!()]));

const DISTRIBUTIONS: Readonly<Record<string, (x: number) => number>> = {
  erf: special.erf,
  erfc: special.erfc,
  normCdf: d.normalCdf,
  normSf: x => d.normalCdf(-x),
  logNormCdf: d.logNormalCdf,
  gammaln: x => special.signedLogGamma(Math.abs(x) + 0.1),
  digamma: x => special.polygamma(0, Math.abs(x) + 0.1),
  tCdf3: x => d.studentCdf(x, 3),
  tSf29: x => d.studentCdf(-x, 29),
  tCdf1000: x => d.studentCdf(x, 1000),
  chi2Sf1: x => d.chiSquareSf(Math.abs(x), 1),
  chi2Sf7: x => d.chiSquareSf(Math.abs(x), 7),
  fSf_3_10: x => d.fisherSf(Math.abs(x), 3, 10),
  betainc2_5: x => special.incompleteBeta(2, 5, Math.abs(x) / 40),
  gammainc3: x => special.incompleteGamma(3, Math.abs(x)),
};

const QUANTILES: Readonly<Record<string, (p: number) => number>> = {
  normPpf: special.normalQuantile,
  tPpf4: p => d.studentQuantile(p, 4),
  chi2Ppf3: p => d.chiSquareQuantile(p, 3),
  fPpf_2_9: p => d.fisherQuantile(p, 2, 9),
  betaPpf2_3: p => d.betaQuantile(p, 2, 3),
};

const over = (functions: Readonly<Record<string, (x: number) => number>>, values: number[]): unknown =>
  Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, values.map(f)]));

const columns = (x: number[][]): number[][] => x[0]!.map((_, j) => x.map(row => row[j]!));

/** By the `call` of the case. */
export const statTestAnswers: Readonly<Record<string, Answer>> = {
  pairedTTest: (({ a, b }: Pair, { expect }: { expect?: Record<string, object> }) =>
    Object.fromEntries(
      (['two-sided', 'less', 'greater'] as const).flatMap(alternative => {
        const wanted = expect?.[alternative];
        const answer = c.pairedTTest(a, b, { alternative });
        return expect !== undefined && wanted === undefined
          ? []
          : [[alternative, wanted === undefined ? answer : Object.fromEntries(Object.keys(wanted).map(key => [key, answer[key as keyof typeof answer]]))]];
      }),
    )) as never,
  independentTTest: (({ a, b }: Pair) => ({
    student: both(c.independentTTest(a, b)),
    welch: both(c.independentTTest(a, b, { equalVar: false })),
    welchDf: c.independentTTest(a, b, { equalVar: false }).df,
    oneSampleMu05: both(c.oneSampleTTest(a, 0.5)),
  })) as never,
  wilcoxonSignedRank: (({ a, b, ...options }: Pair) => c.wilcoxonSignedRank(a, b, options)) as never,
  mannWhitneyU: (({ a, b, ...options }: Pair) => c.mannWhitneyU(a, b, options)) as never,
  calculateEffectSize: (({ a, b }: Pair) => c.effectSizes(a, b)) as never,
  ksTwoSample: (({ a, b }: Pair) => ({
    exact: both(c.ksTwoSample(a, b, { method: 'exact' })),
    asymp: both(c.ksTwoSample(a, b, { method: 'asymptotic' })),
  })) as never,
  normalityTests: (({ a }: Pair) => ({
    shapiro: both(c.shapiro(a)),
    dAgostino: a.length >= 20 ? both(c.dAgostino(a)) : null,
    jarqueBera: both(c.jarqueBera(a)),
    skew: c.skewness(a),
    kurtosis: c.kurtosis(a),
    anderson: c.andersonDarling(a),
  })) as never,
  mcnemarTest: (({ table }: Counted) => ({
    'exact=True,correction=False': c.mcnemarTest(table),
    'exact=False,correction=True': c.mcnemarTest(table, { exact: false }),
    'exact=False,correction=False': c.mcnemarTest(table, { exact: false, correction: false }),
  })) as never,
  contingencyTests: (({ table }: Counted) => ({
    chi2Yates: both(c.chiSquareTest(table)),
    chi2: both(c.chiSquareTest(table, { correction: false })),
    gTest: both(c.chiSquareTest(table, { correction: false, statistic: 'log-likelihood' })),
    fisher: both(c.fisherExact(table)),
    barnard: c.barnardExact(table).pValue,
    cramersV: c.cramersV(table),
  })) as never,
  multiModelTests: (({ x }: { x: number[][] }, { expect }: { expect?: object }) =>
    asked(expect, {
      cochranQ: () => both(c.cochranQ(x)),
      friedman: () => both(c.friedman(x)),
      averageRanks: () => c.nemenyi(x).averageRanks,
      anova: () => both(c.anova(columns(x))),
      kruskal: () => both(c.kruskal(columns(x))),
      levene: () => both(c.levene(columns(x))),
      bartlett: () => both(c.bartlett(columns(x))),
    })) as never,
  adjustPValues: (({ pValues, ...options }: { pValues: number[] }) => c.adjustPValues(pValues, options)) as never,
  proportionConfidenceInterval: (({ count, n, alpha }: { count: number; n: number; alpha: number }) =>
    Object.fromEntries(
      (['normal', 'wilson', 'agresti_coull', 'beta', 'jeffreys'] as const).map(method => [method, c.proportionConfidenceInterval(count, n, { alpha, method })]),
    )) as never,
  proportionsZTest: (({ counts, nobs }: { counts: number[]; nobs: number[] }) => c.proportionsZTest(counts, nobs)) as never,
  calculateConfidenceInterval: (({ scores }: { scores: number[] }, { expect }: { expect?: object }) =>
    Object.fromEntries(
      Object.keys(expect!).map(name => [name, c.meanConfidenceInterval(scores, { method: name[0] as 't' | 'z', level: Number(name.slice(1)) })]),
    )) as never,
  binomTest: (({ k, n, p }: { k: number; n: number; p: number }) =>
    Object.fromEntries((['two-sided', 'less', 'greater'] as const).map(alternative => [alternative, c.binomTest(k, n, { p, alternative })]))) as never,
  bootstrapConfidenceInterval: (({ a, b, nResamples, method, seed }: Pair & { nResamples: number; method: c.BootstrapMethod; seed: number }) => {
    const { low, high, standardError } = c.bootstrap(
      b.map((value, i) => value - a[i]!),
      'mean',
      { nResamples, method, seed },
    );
    return { low, high, standardError };
  }) as never,
  permutationTest: (({ a, b, ...options }: Pair & c.PermutationOptions, { expect }: { expect?: object }) => {
    const { statistic, pValue, nullDistribution } = c.permutationTest(a, b, { ...options, seed: 0 });
    return asked(expect, {
      statistic: () => statistic,
      pValue: () => pValue,
      nullSize: () => nullDistribution.length,
      pValueIsOneOf: () => 'k+1 over 500',
    });
  }) as never,
  specialFunctions: (({ x }: { x: number[] }) => over(DISTRIBUTIONS, x)) as never,
  quantileFunctions: (({ p }: { p: number[] }) => over(QUANTILES, p)) as never,
  fleissKappa: (({ table }: Counted) => ({ fleiss: c.fleissKappa(table), randolph: c.fleissKappa(table, { method: 'randolph' }) })) as never,
  krippendorffAlpha: (({ reliabilityData }: { reliabilityData: number[][] }) =>
    Object.fromEntries((['nominal', 'ordinal', 'interval'] as const).map(level => [level, c.krippendorffAlpha(reliabilityData, { level })]))) as never,
  describe: (({ x }: { x: number[] }, { expect }: { expect?: { percentiles: object; percentileMethods90: object } }) => {
    const sizes = x.map(Math.abs);
    return {
      percentiles: Object.fromEntries(Object.keys(expect!.percentiles).map(q => [q, c.percentile(x, Number(q))])),
      percentileMethods90: Object.fromEntries(
        Object.keys(expect!.percentileMethods90).map(method => [method, c.percentile(x, 90, { method: method as c.PercentileMethod })]),
      ),
      trimmedMean10: c.trimmedMean(x, 0.1),
      mad: c.medianAbsDeviation(x),
      iqr: c.interquartileRange(x),
      sem: c.standardError(x),
      gmean: c.geometricMean(sizes),
      hmean: c.harmonicMean(sizes),
      interquartileMean: c.trimmedMean(x, 0.25),
    };
  }) as never,
};
