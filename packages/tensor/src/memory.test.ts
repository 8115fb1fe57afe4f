import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ResourceError, StateError } from '@gtc/errors';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as gtc from './index.js';
import { addressOf, pooledArray } from './internal/core/heap.js';
import { keep, memory, scope } from './memory.js';
import * as nn from './nn.js';
import { refusal } from './refusal.fixture.js';

const large = (value = 1): gtc.Tensor => gtc.full([1000], value);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('scope', () => {
  it('frees what is made inside and keeps what is returned, wherever it lies', () => {
    const before = memory();
    let inner: gtc.Tensor | undefined;
    const kept = scope(() => {
      inner = large(2);
      return { list: [large(3)], map: new Map([['a', large(4)]]), set: new Set([large(5)]), number: 7 };
    });
    expect(memory().buffers).toBe(before.buffers + 3);
    expect([kept.list[0]!.at(0), kept.map.get('a')!.at(999), [...kept.set][0]!.at(1)]).toEqual([3, 4, 5]);
    expect(refusal(() => inner!.at(0))).toBeInstanceOf(StateError);
    for (const each of [kept.list[0]!, kept.map.get('a')!, ...kept.set]) each.dispose();
    expect(memory().bytes).toBe(before.bytes);
  });

  it('refuses small tensors that it freed as well', () => {
    let inner: gtc.Tensor | undefined;
    scope(() => {
      inner = gtc.tensor([1, 2]);
    });
    expect(refusal(() => inner!.tolist()).message).toBe('the tensor was disposed of: its elements are gone (dispose(), using, or the end of a scope)');
  });

  it('hands results to the scope outside', () => {
    const before = memory().buffers;
    let middle: gtc.Tensor | undefined;
    scope(() => {
      middle = scope(() => large().add(1));
      expect(middle.at(5)).toBe(2);
      expect(memory().buffers).toBe(before + 1);
    });
    expect(memory().buffers).toBe(before);
    expect(refusal(() => middle!.data).code).toBe('invalid_state');
  });

  it('frees when the function throws', () => {
    const before = memory().buffers;
    const action = (): void =>
      scope(() => {
        large();
        throw new StateError('on purpose');
      });
    expect(refusal(action).message).toBe('on purpose');
    expect(memory().buffers).toBe(before);
  });

  it('keeps views, and their base with them', () => {
    const view = scope(() => gtc.arange(2000).get('10:20'));
    expect(view.tolist()).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('keeps what the gradient of a result needs', () => {
    const x = large(3).requiresGrad_();
    const y = scope(() => x.mul(large(2)).exp().sum());
    y.backward();
    expect(x.grad!.at(7)).toBeCloseTo(2 * Math.exp(6), 2);
  });

  it('keeps a graph whose branches meet again, and gradients of what is returned', () => {
    const { y, x, again } = scope(() => {
      const leaf = large(1).requiresGrad_();
      leaf.mul(large(2)).sum().backward();
      const once = leaf.exp();
      return { y: once.mul(once).sum(), x: leaf, again: leaf };
    });
    expect(again).toBe(x);
    expect(x.grad!.at(0)).toBe(2);
    y.backward();
    expect(x.grad!.at(0)).toBeCloseTo(2 + 2 * Math.exp(2), 3);
  });

  it('keeps parameters and the gradients that they hold', () => {
    const layer = scope(() => new nn.Linear(40, 30));
    scope(() =>
      layer
        .forward(gtc.ones([4, 40]))
        .sum()
        .backward(),
    );
    expect(layer.weight.grad!.at(3, 3)).toBe(4);
    const before = memory().buffers;
    scope(() => {
      layer.zeroGrad();
      layer
        .forward(gtc.ones([4, 40]))
        .sum()
        .backward();
    });
    expect(memory().buffers).toBe(before);
    expect(layer.weight.grad!.at(0, 0)).toBe(4);
  });

  it('refuses an asynchronous function', () => {
    expect(refusal(() => scope(async () => large())).message).toBe(
      'scope: the function must not be asynchronous; what it makes after the first await would not be freed',
    );
  });

  it('leaves nothing behind, whatever is computed (law)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (rows, columns) => {
        const before = memory();
        const value = scope(() => {
          const x = gtc.ones([rows, columns]).requiresGrad_();
          const y = nn.layerNorm(gtc.matmul(x.exp(), gtc.ones([columns, rows])).softmax(), [rows]).sum();
          y.backward();
          return x.grad!.shape;
        });
        expect(value).toEqual([rows, columns]);
        expect(memory().bytes).toBe(before.bytes);
        expect(memory().buffers).toBe(before.buffers);
      }),
      { numRuns: 100 },
    );
  });
});

describe('keep', () => {
  it('takes tensors out of every scope', () => {
    const found: gtc.Tensor[] = [];
    scope(() => scope(() => void found.push(keep(large(6)))));
    expect(found[0]!.at(0)).toBe(6);
    expect(keep(5)).toBe(5);
  });
});

describe('dispose', () => {
  it('gives the buffer back and refuses later reads', () => {
    const x = large();
    const view = x.get('1:');
    const before = memory().bytes;
    x.dispose();
    x.dispose();
    expect(memory().bytes).toBeLessThan(before);
    for (const action of [() => x.at(0), () => view.at(0), () => x.add(1), () => x.set([0], 1), () => x.tolist()])
      expect(refusal(action).code).toBe('invalid_state');
  });

  it('of a view frees nothing', () => {
    const x = large(9);
    x.get('1:').dispose();
    x.detach().dispose();
    expect(x.at(3)).toBe(9);
  });

  it('is what using does', () => {
    const x = large();
    x[Symbol.dispose]();
    expect(refusal(() => x.at(0)).code).toBe('invalid_state');
  });

  it('of a saved value is noticed by backward', () => {
    const x = large(2).requiresGrad_();
    const y = x.exp();
    const z = y.mul(large(3)).sum();
    y.dispose();
    expect(refusal(() => z.backward()).code).toBe('invalid_state');
  });
});

describe('memory', () => {
  it('uses freed buffers again', () => {
    const first = large();
    const address = addressOf(first.data);
    first.dispose();
    const second = gtc.zeros([1001]);
    expect(addressOf(second.data)).toBe(address);
    expect(second.data.every(value => value === 0)).toBe(true);
  });

  it('is flat over a training loop of 1,000 steps', () => {
    const model = new nn.Sequential(new nn.Linear(24, 32), new nn.GELU(), new nn.LayerNorm(32), new nn.Linear(32, 24));
    const states = model.parameters().map(parameter => nn.adamwState(parameter));
    const x = gtc.linspace(-1, 1, 40 * 24).reshape([40, 24]);
    const report: number[] = [];
    let loss = Number.POSITIVE_INFINITY;
    for (let step = 1; step <= 1000; step++) {
      loss = scope(() => {
        model.zeroGrad();
        const error = nn.mseLoss(model.forward(x), x);
        error.backward();
        for (const [i, parameter] of model.parameters().entries()) nn.adamwStep(parameter, states[i]!);
        return Number(error.item());
      });
      if (step === 100 || step === 1000) report.push(memory().bytes, memory().buffers);
    }
    expect(report.slice(2)).toEqual(report.slice(0, 2));
    expect(loss).toBeLessThan(0.05);
  });

  it('that is full is a typed error, and what was there stays usable', () => {
    const x = large(4);
    const error = refusal(() => gtc.zeros([2 ** 40]));
    expect(error).toBeInstanceOf(ResourceError);
    expect(error.message).toMatch(/^out of memory: 4398046511104 bytes asked for 1099511627776 elements of float32, \d+ bytes of tensors are in use$/);
    expect(x.add(1).at(0)).toBe(5);
  });

  it('takes back what nobody holds any more', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const before = memory().buffers;
    for (let i = 0; i < 200; i++) large(i).add(1);
    expect(memory().buffers).toBeGreaterThanOrEqual(before + 400);
    for (let turn = 0; turn < 50 && memory().buffers > before + 20; turn++) {
      collect();
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    expect(memory().buffers).toBeLessThanOrEqual(before + 20);
    setFlagsFromString('--no-expose-gc');
  });

  it('holds no small arrays', () => {
    expect(pooledArray('float32', 8, true)).toBe(null);
    expect(addressOf(new Float32Array(4096))).toBe(0);
  });

  it('reports the most that was in use', () => {
    const before = memory();
    scope(() => large());
    expect(memory().peak).toBeGreaterThanOrEqual(before.bytes);
  });
});
