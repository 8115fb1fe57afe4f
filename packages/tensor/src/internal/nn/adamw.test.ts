import { ShapeError, StateError } from '@gtc/errors';
import { describe, expect, it } from 'vitest';
import { ones, tensor, zeros } from '../../index.js';
import { adamwState, adamwStep, Parameter } from '../../nn.js';
import { refusal } from '../../refusal.fixture.js';

describe('adamwStep', () => {
  it.each([1e-3, 1, 1e3])('moves by the learning rate in the first step, also where the gradient is %d', scale => {
    const p = new Parameter(tensor([1, -1], { dtype: 'float64' }));
    p.mul(scale).sum().backward();
    adamwStep(p, adamwState(p), { lr: 0.1, weightDecay: 0 });
    expect((p.tolist() as number[]).map(value => Math.round(value * 1e4) / 1e4)).toEqual([0.9, -1.1]);
  });

  it.each(['float32', 'float64'] as const)('starts from zeros of the type of the parameter: %s', dtype => {
    const state = adamwState(ones([2, 3], { dtype }));
    expect([state.step, state.expAvg.dtype, state.expAvgSq.shape]).toEqual([0, dtype, [2, 3]]);
    expect(state.expAvg.tolist()).toEqual(zeros([2, 3]).tolist());
  });

  it('shrinks weights apart from the gradient', () => {
    const p = new Parameter(tensor([10], { dtype: 'float64' }));
    p.mul(0).sum().backward();
    adamwStep(p, adamwState(p), { lr: 0.1, weightDecay: 0.5 });
    expect(p.at(0)).toBe(9.5);
  });

  it('counts its steps and remembers the gradient', () => {
    const p = new Parameter(ones([3]));
    const state = adamwState(p);
    for (let i = 0; i < 2; i++) {
      p.grad = ones([3]);
      adamwStep(p, state);
    }
    expect(state.step).toBe(2);
    expect(state.expAvg.at(0)).toBeCloseTo(0.19, 6);
    expect(state.expAvgSq.at(0)).toBeCloseTo(0.001999, 7);
  });

  it('is noticed by a graph that needs the old values', () => {
    const p = new Parameter(ones([3]));
    const y = p.square().sum();
    p.grad = ones([3]);
    adamwStep(p, adamwState(p));
    expect(refusal(() => y.backward()).message).toContain('modified in place');
  });

  it('refuses a parameter without a gradient', () => {
    const p = new Parameter(ones([3]));
    const missing = refusal(() => adamwStep(p, adamwState(p)));
    expect(missing).toBeInstanceOf(StateError);
    expect(missing.message).toBe('adamwStep: the parameter has no gradient; call backward() first');
  });

  it.each([
    ['[4] float32', ones([4])],
    ['[3] float64', ones([3], { dtype: 'float64' })],
  ])('refuses a state of %s', (what, like) => {
    const p = new Parameter(ones([3]));
    p.grad = zeros([3]);
    const wrong = refusal(() => adamwStep(p, adamwState(like)));
    expect(wrong).toBeInstanceOf(ShapeError);
    expect(wrong.message).toBe(`adamwStep: gradient and state must be like the parameter, [3] float32, got ${what}`);
  });
});
