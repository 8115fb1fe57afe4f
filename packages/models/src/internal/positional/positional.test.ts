import * as gtc from '@gtc/tensor';
import { evidenceCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculateAlibiSlopes } from '../../positional.js';
import { alibiBias, logBucketPosition, relativePositionBucket, sinusoidalPositions } from './positions.js';
import { applyRope, RopeParameters, ropeTables } from './rope.js';

const { grad, tensor } = gtc;
type Name =
  | 'maxLength'
  | 'embedDim'
  | 'layout'
  | 'headDim'
  | 'maxPositionEmbeddings'
  | 'ropeParameters'
  | 'seqLength'
  | 'positions'
  | 'q'
  | 'k'
  | 'theta'
  | 'gradQ'
  | 'rotaryDim'
  | 'numHeads'
  | 'attentionMask'
  | 'relativePosition'
  | 'bidirectional'
  | 'numBuckets'
  | 'maxDistance'
  | 'bucketSize'
  | 'maxPosition';
type Given = { readonly [K in Name]: never };
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const numbers = (value: never): number[] => (value as (number | bigint)[]).map(Number);

describe('evidence: positional', () => {
  const answers = {
    calculateSinusoidalEmbeddings: ({ maxLength, embedDim, layout }: Given) => ({ table: sinusoidalPositions(maxLength, embedDim, { layout }).tolist() }),
    ropeTables: ({ headDim, maxPositionEmbeddings, ropeParameters, seqLength, positions }: Given) => {
      const parameters = Object.fromEntries(Object.entries(ropeParameters as object).map(([name, value]) => [camel(name), value]));
      const at = positions === undefined ? Array.from({ length: seqLength }, (_, i) => i) : numbers(positions);
      const { invFreq, cos, sin, attentionScaling } = ropeTables({ headDim, maxPositionEmbeddings, ropeParameters: parameters, positions: at });
      const row = (table: gtc.Tensor, i: number): unknown => table.get(i).tolist();
      return { invFreq, attentionScaling, cosLastRow: row(cos, -1), sinLastRow: row(sin, -1), cosRow3: row(cos, 3), sinRow3: row(sin, 3) };
    },
    applyRope: ({ q, k, positions, theta, layout, gradQ, rotaryDim }: Given) => {
      const query = tensor(q).requiresGrad_();
      const heads = k === undefined ? [query] : [query, tensor(k)];
      const [turned, key] = applyRope(heads, { positions: numbers(positions), theta, layout, ...(rotaryDim === undefined ? {} : { rotaryDim }) });
      const slopes = gradQ === undefined ? {} : { gradX: grad([turned!], [query], { gradOutputs: [tensor(gradQ)] })[0]!.tolist() };
      return { q: turned!.detach().tolist(), ...(key === undefined ? {} : { k: key.tolist() }), ...slopes };
    },
    calculateAlibiSlopes: ({ numHeads }: Given) => ({ slopes: calculateAlibiSlopes(numHeads) }),
    alibiBias: ({ numHeads, attentionMask }: Given) => ({ bias: alibiBias(calculateAlibiSlopes(numHeads), tensor(attentionMask)).tolist() }),
    relativePositionBucket: ({ relativePosition, bidirectional, numBuckets, maxDistance }: Given) => ({
      bucket: numbers(relativePosition).map(each => relativePositionBucket(each, { bidirectional, numBuckets, maxDistance })),
    }),
    logBucketPosition: ({ relativePosition, bucketSize, maxPosition }: Given) => ({
      bucket: numbers(relativePosition).map(each => logBucketPosition(each, bucketSize, maxPosition)),
    }),
  };
  it.each(evidenceCases('models/positional', answers as never, import.meta.url, '../../../evidence/positional.json'))('$name', c => c.run());
});

const vector = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 8, maxLength: 8 });
const headOf = (values: readonly number[]): gtc.Tensor => tensor([[[values]]] as never, { dtype: 'float64' });

describe('laws', () => {
  it.each(['half', 'interleaved'] as const)('what two places see of each other depends on their distance: %s', layout => {
    fc.assert(
      fc.property(vector, vector, fc.nat(50), fc.nat(50), fc.nat(50), (a, b, first, second, shift) => {
        const score = (p: number, q: number): number => {
          const [x] = applyRope([headOf(a)], { positions: [p], layout });
          const [y] = applyRope([headOf(b)], { positions: [q], layout });
          return gtc.sum(gtc.mul(x!, y!)).item() as number;
        };
        expect(score(first + shift, second + shift)).toBeCloseTo(score(first, second), 3);
      }),
      { numRuns: 100 },
    );
  });
  it('turning keeps lengths, and position 0 changes nothing', () => {
    fc.assert(
      fc.property(vector, fc.nat(1000), (values, position) => {
        const [x] = applyRope([headOf(values)], { positions: [position] });
        expect(gtc.vectorNorm(x!).item()).toBeCloseTo(Math.hypot(...values), 4);
        return gtc.allclose(applyRope([headOf(values)], { positions: [0] })[0]!, headOf(values));
      }),
      { numRuns: 100 },
    );
  });
  it('takes tables of another rule', () => {
    const tables = ropeTables({ headDim: 4, positions: [3], ropeParameters: { ropeType: 'linear', factor: 3 } });
    const x = tensor([[[[1, 2, 3, 4]]]]);
    expect(applyRope([x], { positions: [3], tables })[0]!.tolist()).toEqual(applyRope([x], { positions: [1] })[0]!.tolist());
  });
  it('buckets rise with the distance', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.boolean(), (distance, bidirectional) => {
        const at = (d: number): number => relativePositionBucket(-d, { bidirectional });
        return at(distance + 1) >= at(distance) && Math.abs(logBucketPosition(distance + 1, 16, 512)) >= Math.abs(logBucketPosition(distance, 16, 512));
      }),
      { numRuns: 100 },
    );
  });
  it('keeps scaling at 1 where texts are no longer', () => {
    const short = { shortFactor: [1, 1], longFactor: [2, 2] };
    expect(ropeTables({ headDim: 4, positions: [0], ropeParameters: { ropeType: 'longrope', ...short } }).attentionScaling).toBe(1);
    expect(ropeTables({ headDim: 4, positions: [0], ropeParameters: { ropeType: 'longrope', attentionFactor: 2, ...short } }).attentionScaling).toBe(2);
    expect(ropeTables({ headDim: 4, positions: [0], ropeParameters: { ropeType: 'yarn', betaFast: 1, betaSlow: 1 } }).attentionScaling).toBe(1);
  });
});

describe('definitions', () => {
  it.each(sweep(RopeParameters))('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => ropeTables({ headDim: 4, positions: [0], ropeParameters: { ropeType: 'longrope' } }), 'shortFactor must have length 2, got 0'],
    [() => ropeTables({ headDim: 4, positions: [0], ropeParameters: { factor: 0 } }), 'factor must be positive, got 0'],
    [() => applyRope([gtc.ones([1, 1, 2, 4])], { positions: [0] }), 'heads must be [batch, heads, 1, headDim], got [1, 1, 2, 4]'],
    [() => applyRope([gtc.ones([1, 1, 1, 4])], { positions: [0], layout: 'pairs' as never }), "layout must be one of half, interleaved, got 'pairs'"],
    [() => sinusoidalPositions(2, 3), 'embedDim must be even, got 3'],
    [() => sinusoidalPositions(2, 4, { layout: 'odd' as never }), "layout must be one of half, interleaved, whisper, got 'odd'"],
    [() => alibiBias([1], gtc.ones([3])), 'attentionMask must be [batch, tokens], got [3]'],
    [() => relativePositionBucket(1, { numBuckets: 0 }), 'numBuckets must be positive, got 0'],
    [() => logBucketPosition(1, 16, 0), 'maxPosition must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
