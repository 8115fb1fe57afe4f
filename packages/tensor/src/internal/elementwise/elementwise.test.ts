import { describe, expect, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';

const { Tensor, tensor } = gtc;
type T = gtc.Tensor;

const elementwise = {
  ...(gtc as unknown as Record<string, (...args: never[]) => unknown>),
  broadcastShapes: (...shapes: number[][]) => gtc.broadcastShapes(shapes),
};

describe('evidence: elementwise', () => {
  it.each(tensorCases('elementwise', elementwise, import.meta.url))('$name', c => c.run());
});

const operandOf = (spec: { tensor: gtc.DType } | { number: number }): gtc.TypedOrNumber => ('tensor' in spec ? { dtype: spec.tensor } : spec.number);

const promotion = {
  ...elementwise,
  promoteTypes: (...dtypes: gtc.DType[]) => dtypes.reduce(gtc.promoteTypes),
  resultType: (...specs: ({ tensor: gtc.DType } | { number: number })[]) => gtc.resultType(...specs.map(operandOf)),
  resultDtypeOf: (name: string, ...dtypes: gtc.DType[]) => {
    const operands = (
      ['add', 'sub', 'mul', 'div', 'eq', 'pow', 'floorDivide', 'matmul'].includes(name) && dtypes.length === 1 ? [...dtypes, ...dtypes] : dtypes
    ).map(dtype =>
      tensor(
        name === 'matmul'
          ? [
              [1, 1],
              [1, 1],
            ]
          : [1, 1],
        { dtype },
      ),
    );
    const extra = name.startsWith('cum') ? [0] : [];
    const result = (elementwise as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!(...operands, ...extra);
    return (result instanceof Tensor ? result : (result as { values: T }).values).dtype;
  },
  requiresGrad_: (x: T) => x.requiresGrad_(),
};

describe('evidence: promotion', () => {
  it.each(tensorCases('promotion', promotion, import.meta.url))('$name', c => c.run());
});

const point = tensor([0.3, 1.2, 0.7], { dtype: 'float64' });
const other = tensor([1.4, 0.35, 0.9], { dtype: 'float64' });

describe('gradients of one operand alone equal differences', () => {
  it.each(
    [
      'sub',
      'mul',
      'div',
      'pow',
      'atan2',
      'hypot',
      'logaddexp',
      'logaddexp2',
      'xlogy',
      'xlog1py',
      'remainder',
      'fmod',
      'maximum',
      'minimum',
      'fmax',
      'fmin',
      'copysign',
    ].flatMap(name => [[name, 'first'] as const, [name, 'second'] as const]),
  )('%s by its %s', (name, which) => {
    const f = (gtc as unknown as Record<string, (a: T, b: T) => T>)[name]!;
    expect(gtc.gradcheck(x => (which === 'first' ? f(x, other) : f(other, x)), [point])).toBe(true);
  });
  it.each(['frac', 'rad2deg', 'cbrt', 'softsign', 'tanhshrink', 'mish', 'relu6', 'hardtanh', 'softshrink', 'hardshrink', 'hardswish', 'selu', 'celu', 'elu'])(
    '%s',
    name => {
      const f = (gtc as unknown as Record<string, (x: T) => T>)[name]!;
      expect(gtc.gradcheck(f, [point])).toBe(true);
    },
  );
  it('prelu of channels', () => {
    expect(gtc.gradcheck((x, w) => gtc.prelu(x, w), [point.sub(0.5).reshape([1, 3, 1]), other])).toBe(true);
  });
  it('clips by tensors, one side or both', () => {
    expect([gtc.clip(point, other, null), gtc.clip(point, null, other), gtc.clip(point, null, null)].map(x => x.tolist())).toEqual([
      [1.4, 1.2, 0.9],
      [0.3, 0.35, 0.7],
      [0.3, 1.2, 0.7],
    ]);
    expect([gtc.clip(tensor([1], { dtype: 'int32' }), 0.5, null).dtype, gtc.nanToNum(tensor([1], { dtype: 'int32' })).tolist()]).toEqual(['float32', [1]]);
  });
  it('writes in place', () => {
    const x = tensor([4, 9], { dtype: 'float64' });
    expect([x.clone().applyInPlace(gtc.sqrt).tolist(), x.clone().zero_().tolist(), x.clone().copy_(other.get(':2')).tolist()]).toEqual([
      [2, 3],
      [0, 0],
      [1.4, 0.35],
    ]);
  });
  it('refuses an odd axis for a gate', () => {
    expect(() => gtc.glu(point)).toThrow('glu: axis -1 of [3] must have an even length');
  });
});

describe('rounding at its edges', () => {
  it.each(['sign', 'floor', 'ceil', 'trunc', 'round'])('%s has a zero gradient and keeps integers', name => {
    const f = (gtc as unknown as Record<string, (x: T) => T>)[name]!;
    const x = tensor([1.4, -2.6], { requiresGrad: true });
    expect(
      gtc
        .grad([f(x).sum()], [x])[0]
        ?.abs()
        .tolist(),
    ).toEqual([0, 0]);
    expect(f(tensor([-3n, 2n], { dtype: 'int64' })).tolist()).toEqual(name === 'sign' ? [-1, 1] : [-3, 2]);
  });
  it('blends and scales', () => {
    const [a, b] = [tensor([1]), tensor([4])];
    expect([gtc.addcmul(a, a, b).tolist(), gtc.addcdiv(a, b, b).tolist(), gtc.lerp(a, b, b).tolist()]).toEqual([[5], [2], [13]]);
  });
});
