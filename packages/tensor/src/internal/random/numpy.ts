/** What numpy's old and new generators share: distributions over their streams of uniform, normal and exponential doubles. */
import { inRange, integer, nonNegative, positive } from '@gtc/errors';
import { bytesFrom, masked, shuffleDown } from './bounded.js';
import * as distributions from './distributions.js';

/** A generator of numpy. */
export abstract class NumpyDraws {
  protected readonly source: distributions.Source = {
    double: () => this.random(),
    normal: () => this.standardNormal(),
    exponential: () => this.standardExponential(),
  };

  protected abstract next32(): number;

  /** Uniform on [0, 1) with 53 random bits. */
  abstract random(): number;

  /** Normal with mean 0 and deviation 1. */
  abstract standardNormal(): number;

  abstract standardExponential(): number;

  /** Uniform between `low` and `high`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  normal(loc = 0, scale = 1): number {
    return loc + nonNegative(scale, 'scale') * this.standardNormal();
  }

  gamma(shape: number, scale = 1): number {
    return nonNegative(scale, 'scale') * distributions.standardGamma(this.source, nonNegative(shape, 'shape'));
  }

  beta(a: number, b: number): number {
    return distributions.beta(this.source, positive(a, 'a'), positive(b, 'b'));
  }

  poisson(lam = 1): number {
    return distributions.poisson(this.source, nonNegative(lam, 'lam'));
  }

  binomial(n: number, p: number): number {
    return distributions.binomial(this.source, nonNegative(integer(n, 'n'), 'n'), inRange(p, 'p', { min: 0, max: 1 }));
  }

  laplace(loc = 0, scale = 1): number {
    return distributions.laplace(this.source, loc, nonNegative(scale, 'scale'));
  }

  gumbel(loc = 0, scale = 1): number {
    return distributions.gumbel(this.source, loc, nonNegative(scale, 'scale'));
  }

  multinomial(n: number, probabilities: readonly number[]): number[] {
    return distributions.multinomialCounts(this.source, nonNegative(integer(n, 'n'), 'n'), probabilities);
  }

  dirichlet(alpha: readonly number[]): number[] {
    return distributions.dirichlet(this.source, alpha);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from(
      { length: nonNegative(integer(length, 'length'), 'length') },
      bytesFrom(() => this.next32()),
    );
  }

  /** Fisher-Yates in place, from the end. */
  shuffle<V>(items: V[]): V[] {
    return shuffleDown(items, i => masked(i, () => this.next32()));
  }
}
