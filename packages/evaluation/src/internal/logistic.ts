/** The logistic law, and what goes with its logits and probabilities. */
import { sum } from '@gtc/tensor/statistics';

/** The probability of a logit. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** `log Σ exp` without overflow. */
export function logSumExp(row: readonly number[]): number {
  const most = Math.max(...row);
  return most + Math.log(sum(row.map(z => Math.exp(z - most))));
}

/** Entropy in nats. */
export const entropy = (p: readonly number[]): number => -sum(p.map(share => (share === 0 ? 0 : share * Math.log(share))));
