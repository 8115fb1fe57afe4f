import * as gtc from '@gtc/tensor';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Raw, read } from '../evidence.fixture.js';
import { ACTIVATION_NAMES, activation, gatedMlp } from './functions.js';

const { grad, tensor } = gtc;
type T = gtc.Tensor;
type Given = { readonly [K in 'type' | 'x' | 'dim' | 'variant' | 'gradOut']: never } & Readonly<Record<string, never>>;

/** The parameters that the script gives where the file does not say them. */
const SETTINGS: Readonly<Record<string, object>> = { celu: { alpha: 1.3 }, threshold: { threshold: 0.1, value: 20 } };
const readOf = (given: Given, { input }: Raw, name: string): T => read(given[name]!, input[name]!);

/** Value and gradient of a function of `x`, as far as the file has them. */
function both(given: Given, raw: Raw, of: (x: T) => T): unknown {
  const x = readOf(given, raw, 'x').requiresGrad_();
  const y = of(x);
  const found = given.gradOut === undefined ? {} : { gradX: grad([y], [x], { gradOutputs: [readOf(given, raw, 'gradOut')] })[0]!.tolist() };
  return Object.fromEntries(Object.entries({ y: y.detach().tolist(), ...found }).filter(([name]) => raw.expect === undefined || name in raw.expect));
}

describe('evidence: activations', () => {
  const answers = {
    activation: (given: Given, raw: Raw) => both(given, raw, x => activation(x, given.type, SETTINGS[given.type])),
    softmaxDim: (given: Given, raw: Raw) => both(given, raw, x => gtc.softmax(x, { axis: given.dim })),
    log_softmaxDim: (given: Given, raw: Raw) => both(given, raw, x => gtc.logSoftmax(x, { axis: given.dim })),
    gluSplit: (given: Given, raw: Raw) => both(given, raw, x => gtc.glu(x, { axis: given.dim })),
    gatedMlp: (given: Given, raw: Raw) => {
      const names = Object.keys(given).filter(name => name !== 'variant' && name !== 'gradOut');
      const leaves = Object.fromEntries(names.map(name => [name, readOf(given, raw, name).requiresGrad_()]));
      const y = gatedMlp(leaves['x']!, leaves as never, given.variant);
      const found = grad([y], Object.values(leaves), { gradOutputs: [readOf(given, raw, 'gradOut')] });
      return { y: y.detach().tolist(), grads: Object.fromEntries(names.map((name, i) => [name, found[i]!.tolist()])) };
    },
  };
  it.each(evidenceCases('models/activations', answers as never, import.meta.url, '../../../evidence/activations.json'))('$name', c => c.run());
});

describe('laws', () => {
  it.each(ACTIVATION_NAMES)('%s keeps shapes and types, and its gradient is its slope', name => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), at => {
        const x = tensor([at], { dtype: 'float64' }).requiresGrad_();
        const y = activation(x, name);
        expect([y.shape, y.dtype]).toEqual([[1], 'float64']);
        const value = (place: number): number => activation(tensor([place], { dtype: 'float64' }), name).item() as number;
        const step = 1e-5;
        // Corners have two slopes; away from them both sides agree.
        const [left, right] = [(value(at) - value(at - step)) / step, (value(at + step) - value(at)) / step];
        if (Math.abs(left - right) < 1e-3) expect(grad([gtc.sum(y)], [x])[0]!.item()).toBeCloseTo((left + right) / 2, 3);
      }),
      { numRuns: 100 },
    );
  });
  it.each([
    [() => activation(gtc.ones([1]), 'geluu'), 'name must be one of celu, elu, gelu'],
    [
      () => gatedMlp(gtc.ones([1, 2]), { gateWeight: gtc.ones([3, 2]), upWeight: gtc.ones([3, 1]), downWeight: gtc.ones([2, 3]) }),
      'upWeight must be [inner, 2] with inner = 3, got [3, 1]',
    ],
    [
      () => gatedMlp(gtc.ones([1, 1]), { gateWeight: gtc.ones([1, 1]), upWeight: gtc.ones([1, 1]), downWeight: gtc.ones([1, 1]) }, 'gate'),
      "variant must be one of bilinear, geglu, geglu_tanh, glu, reglu, swiglu, got 'gate'",
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
