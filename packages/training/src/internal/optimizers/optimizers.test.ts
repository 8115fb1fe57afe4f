import * as gtc from '@gtc/tensor';
import { evidenceCases } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import { createOptimizer, LBFGS, type Optimizer, type OptimizerSettings, Prodigy, splitByDecay } from '../../optimizers.js';

type T = gtc.Tensor;
type File = { readonly dtype: gtc.DType; readonly shape: number[] };
type Settings = Readonly<Record<string, unknown>>;
type Raw<F> = { readonly input: F };
/** Parameters and the gradients of each step. */
interface Trajectory<X> {
  readonly params: readonly X[];
  readonly grads: readonly (readonly X[])[];
}

const read = (data: unknown, { dtype, shape }: File): T => gtc.tensor(data as number[], { dtype }).reshape(shape);
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
/** Settings by our names; two have other names here. */
const settingsOf = (given: Settings): OptimizerSettings =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => name !== 'type')
      .map(([name, value]) => [camel(name), value]),
  );

function make(given: Settings, params: readonly T[]): Optimizer | Prodigy {
  return given['type'] === 'Prodigy' ? new Prodigy(params, settingsOf(given) as never) : createOptimizer(given['type'] as string, params, settingsOf(given));
}

const parameters = (data: readonly unknown[], files: readonly File[]): T[] => data.map((each, i) => read(each, files[i]!).requiresGrad_());
const values = (params: readonly T[]): unknown[] => params.map(p => p.detach().clone().tolist());

const answers = {
  optimizerTrajectory: (
    {
      optimizer: settings,
      params,
      grads,
      hessianGrads,
      reportSteps,
    }: Trajectory<unknown> & {
      readonly optimizer: Settings;
      readonly hessianGrads?: readonly (readonly unknown[] | null)[];
      readonly reportSteps: readonly number[];
    },
    { input }: Raw<Trajectory<File>>,
  ) => {
    const leaves = parameters(params, input.params);
    const optimizer = make(settings, leaves);
    const reports: unknown[] = [];
    const files = input.grads;
    for (const [k, step] of grads.entries()) {
      const sampled = hessianGrads?.[k] ?? null;
      if (sampled !== null) {
        for (const [i, leaf] of leaves.entries()) leaf.grad = read(sampled[i], files[k]![i]!);
        (optimizer as Optimizer).updateHessian();
      }
      for (const [i, leaf] of leaves.entries()) leaf.grad = read(step[i], files[k]![i]!);
      optimizer.step();
      if (reportSteps.includes(k)) reports.push(values(leaves));
    }
    return { params: reports };
  },
  optimizerResume: (
    { groups, params, grads, saveAfter }: Trajectory<readonly number[]> & { readonly groups: readonly Settings[]; readonly saveAfter: number },
    { input }: Raw<Trajectory<File>>,
  ) => {
    const settings = groups.map(settingsOf);
    const start = (data: readonly unknown[]): { leaves: T[]; optimizer: Optimizer } => {
      const leaves = parameters(data, input.params);
      return {
        leaves,
        optimizer: createOptimizer(
          'AdamW',
          leaves.map((leaf, i) => ({ params: [leaf], ...settings[i] })),
        ),
      };
    };
    let { leaves, optimizer } = start(params);
    let saved: unknown;
    for (const [k, step] of grads.entries()) {
      for (const [i, leaf] of leaves.entries()) leaf.grad = gtc.tensor(step[i] as number[], { dtype: leaf.dtype });
      optimizer.step();
      if (k + 1 !== saveAfter) continue;
      const state = optimizer.stateDict();
      const moments = (name: string): unknown[] => [0, 1].map(i => (state.state[String(i)]![name] as T).tolist());
      saved = { params: values(leaves), expAvg: moments('expAvg'), expAvgSq: moments('expAvgSq'), step: state.state['0']!['step'] };
      const again = start(values(leaves));
      again.optimizer.loadStateDict(state);
      ({ leaves, optimizer } = again);
    }
    return { stateAfter3: saved, final: values(leaves) };
  },
  minimize: ({ x0, optimizer: kind, steps }: { readonly x0: number[]; readonly optimizer: string; readonly steps: number }) => {
    const x = gtc.tensor(x0, { dtype: 'float64' }).requiresGrad_();
    const loss = (): T => {
      x.grad = null;
      const [next, last] = [x.get('1:'), x.get(':-1')];
      const value = gtc.sum(gtc.add(gtc.square(next.sub(gtc.square(last))).mul(100), gtc.square(last.mul(-1).add(1))));
      value.backward();
      return value;
    };
    const adam = createOptimizer('Adam', [x], { lr: 0.05 });
    const lbfgs =
      kind === 'lbfgs' ? new LBFGS([x], { lr: 0.5, maxIter: 5, historySize: 4 }) : new LBFGS([x], { lr: 1, maxIter: 8, lineSearchFn: 'strong_wolfe' });
    const [losses, points]: [number[], unknown[]] = [[], []];
    for (let i = 0; i < steps; i++) {
      if (kind === 'adam-rosenbrock') {
        losses.push(loss().item() as number);
        adam.step();
      } else losses.push(lbfgs.step(loss));
      points.push(x.detach().clone().tolist());
    }
    return { losses, xLast: points.at(-1), x3: points[2] };
  },
  getParamGroups: ({ names }: { readonly names: readonly string[] }) => splitByDecay(names),
  createOptimizer: ({ type, ...settings }: Settings & { readonly type: string }) =>
    createOptimizer(type, [gtc.ones([2], { requiresGrad: true })], settingsOf(settings)),
};

describe('evidence: soap', () => {
  it.each(evidenceCases('training/soap', answers as never, import.meta.url, '../../../evidence/soap.json'))('$name', c => c.run());
});

describe('evidence: optimizers', () => {
  it.each(evidenceCases('training/optimizers', answers as never, import.meta.url, '../../../evidence/optimizers.json'))('$name', c => c.run());
});

const leaf = (...data: number[]): T => gtc.tensor(data, { dtype: 'float64' }).requiresGrad_();
/** Parameters after some steps down a bowl. */
function descend(
  type: string,
  { settings = {}, start = [3, -2, 1], steps = 200 }: { settings?: OptimizerSettings; start?: number[]; steps?: number } = {},
): number[] {
  const p = leaf(...start);
  const optimizer = createOptimizer(type, [p], settings);
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad();
    gtc.sum(gtc.square(p)).backward();
    optimizer.step();
  }
  return p.tolist() as number[];
}

describe('optimizers', () => {
  it.each(['SGD', 'AdamW', 'Lion', 'RMSprop', 'Rprop', 'AdaBelief', 'NAdam', 'RAdam'])('%s goes down a bowl', type => {
    for (const value of descend(type, { settings: { lr: 0.05 } })) expect(Math.abs(value)).toBeLessThan(1.5);
  });
  it('a parameter without a gradient stays, and one that is a view moves', () => {
    const whole = gtc.tensor([1, 2, 3, 4], { dtype: 'float64' });
    const [still, view] = [leaf(5), whole.get('1:3').requiresGrad_()];
    const optimizer = createOptimizer('SGD', [still, view], { lr: 1 });
    view.grad = gtc.ones([2], { dtype: 'float64' });
    optimizer.step();
    expect([still.tolist(), whole.tolist()]).toEqual([[5], [1, 1, 2, 4]]);
  });
  it('the kernel of AdamW and the rule give the same', () => {
    const plain = descend('AdamW', { settings: { lr: 0.1, weightDecay: 0.1, amsgrad: false }, steps: 20 });
    const ruled = descend('AdamW', { settings: { lr: 0.1, weightDecay: 0.1, maximize: false, amsgrad: true }, steps: 3 });
    expect(descend('AdamW', { settings: { lr: 0.1, weightDecay: 0.1 }, steps: 3 })).toEqual(
      expect.arrayContaining(ruled.map(value => expect.closeTo(value, 12))),
    );
    expect(plain.every(Number.isFinite)).toBe(true);
  });
  it('Adafactor and CAME take vectors, Shampoo keeps momentum, LARS looks ahead', () => {
    for (const [type, settings] of [
      ['CAME', { lr: 0.02 }],
      ['Adafactor', { variant: 'transformers', warmupInit: true }],
      ['Shampoo', { lr: 0.1, momentum: 0.5, weightDecay: 0.01 }],
      ['LARS', { lr: 0.1, nesterov: true }],
      ['LARS', { lr: 0.1, momentum: 0 }],
      ['Adan', { lr: 0.05, weightDecay: 0.1, weightDecouple: true }],
    ] as const)
      expect(Math.max(...descend(type, { settings, steps: 5 }))).toBeLessThan(3);
  });
  it('Muon turns a tall matrix', () => {
    const p = gtc.tensor([[1], [2], [2]], { dtype: 'float64' }).requiresGrad_();
    const optimizer = createOptimizer('Muon', [p], { lr: 1, weightDecay: 0, momentum: 0, nesterov: false });
    p.grad = gtc.tensor([[3], [0], [4]], { dtype: 'float64' });
    optimizer.step();
    // One column: the step points along the gradient, about √3 long by the rule for tall matrices.
    const [a, b, c] = gtc
      .tensor([[1], [2], [2]], { dtype: 'float64' })
      .sub(p.detach())
      .flatten()
      .tolist() as number[] as [number, number, number];
    expect(b).toBeCloseTo(0, 12);
    expect(a / c).toBeCloseTo(0.75, 10);
    expect(Math.hypot(a, c) / Math.sqrt(3)).toBeGreaterThan(0.6);
  });
  it('Prodigy finds its rate and stands still where gradients are zero', () => {
    const p = leaf(3, -2);
    const optimizer = new Prodigy([p], { safeguardWarmup: true, biasCorrection: true });
    p.grad = gtc.zeros([2], { dtype: 'float64' });
    optimizer.step();
    expect(p.tolist()).toEqual([3, -2]);
    for (let i = 0; i < 300; i++) {
      optimizer.zeroGrad();
      gtc.sum(gtc.square(p)).backward();
      optimizer.step();
    }
    expect(optimizer.d).toBeGreaterThan(1e-4);
    expect(Math.max(...(p.tolist() as number[]).map(Math.abs))).toBeLessThan(1);
  });
  it('L-BFGS stops at the bottom', () => {
    const p = leaf(3, -2);
    const optimizer = new LBFGS([p]);
    const loss = (): T => {
      optimizer.zeroGrad();
      const value = gtc.sum(gtc.square(p));
      value.backward();
      return value;
    };
    optimizer.step(loss);
    expect(optimizer.step(loss)).toBeCloseTo(0, 10);
  });
  it('L-BFGS searches no longer than evaluations are left', () => {
    // Evaluations and losses of torch 2.15 on Rosenbrock's valley.
    for (const [maxEval, evaluations, last] of [
      [null, 58, 0.004043492984600762],
      [1, 12, 3.4233851779020914],
      [3, 18, 3.2989375383397164],
      [5, 30, 2.403396123173124],
    ] as const) {
      const x = leaf(-1.2, 1, 0.25);
      const optimizer = new LBFGS([x], { maxIter: 8, maxEval, lineSearchFn: 'strong_wolfe' });
      let count = 0;
      const losses = Array.from({ length: 6 }, () =>
        optimizer.step(() => {
          count++;
          optimizer.zeroGrad();
          const [next, before] = [x.get('1:'), x.get(':-1')];
          const value = gtc.sum(gtc.add(gtc.square(next.sub(gtc.square(before))).mul(100), gtc.square(before.mul(-1).add(1))));
          value.backward();
          return value;
        }),
      );
      expect(count).toBe(evaluations);
      expect(losses.at(-1)).toBeCloseTo(last, 9);
    }
  });
  it('L-BFGS finds its way by line searches where steps are too long, too short, or lead nowhere', () => {
    const run = (f: (p: T) => T, start: number[], options: object, steps = 8): number[] => {
      const p = leaf(...start);
      const optimizer = new LBFGS([p], options);
      const losses = Array.from({ length: steps }, () =>
        optimizer.step(() => {
          optimizer.zeroGrad();
          const value = f(p);
          value.backward();
          return value;
        }),
      );
      return losses;
    };
    const wolfe = { lineSearchFn: 'strong_wolfe', maxIter: 10, historySize: 2 } as const;
    const steep = (p: T): T => gtc.sum(gtc.pow(p, 4)).mul(1000);
    const flat = (p: T): T => gtc.sum(gtc.square(p)).mul(1e-4);
    const wavy = (p: T): T => gtc.sum(gtc.add(gtc.square(p), gtc.sin(p.mul(5)).mul(2)));
    const wall = (p: T): T => gtc.sum(gtc.add(gtc.exp(p), gtc.exp(p.mul(-3))));
    for (const [f, start] of [
      [steep, [2, -3]],
      [flat, [50, -80]],
      [wavy, [3, -2]],
      [wall, [6, -2]],
    ] as const) {
      for (const options of [wolfe, { ...wolfe, lr: 5 }, { ...wolfe, lr: 0.01, maxEval: 4 }]) {
        const losses = run(f, [...start], options);
        expect(losses.at(-1)!).toBeLessThan(losses[0]!);
        for (let i = 1; i < losses.length; i++) expect(losses[i]!).toBeLessThanOrEqual(losses[i - 1]! + 1e-9);
      }
    }
    // A loss that does not depend on the parameter, or not after the first step.
    expect(run(p => gtc.sum(p.mul(0)), [1], {}, 2)).toEqual([0, 0]);
    expect(run(p => gtc.sum(gtc.relu(p)), [0.5], { maxIter: 1 }, 3)[2]).toBe(0);
  });
  it('goes on from a state as if nothing had happened', () => {
    for (const type of ['SGD', 'AdamW', 'Adagrad', 'NAdam', 'AdamWScheduleFree']) {
      const run = (resume: boolean): unknown => {
        let p = leaf(3, -2);
        const settings = type === 'SGD' ? { lr: 0.1, momentum: 0.9 } : { lr: 0.1 };
        let optimizer = createOptimizer(type, [p], settings);
        for (let i = 0; i < 6; i++) {
          if (resume && i === 3) {
            const state = optimizer.stateDict();
            p = leaf(...(p.tolist() as number[]));
            optimizer = createOptimizer(type, [p], { lr: 7 });
            optimizer.loadStateDict(state);
          }
          optimizer.zeroGrad();
          gtc.sum(gtc.square(p)).backward();
          optimizer.step();
        }
        return p.tolist();
      };
      expect(run(true)).toEqual(run(false));
    }
  });
  const p = leaf(1, 2);
  it.each([
    [() => createOptimizer('adamv', [p]), 'type must be one of'],
    [() => createOptimizer('SGD', []), 'params cannot be empty'],
    [() => createOptimizer('SGD', [p, p]), 'params must hold each parameter once'],
    [() => createOptimizer('SGD', [gtc.ones([1], { dtype: 'int32' })]), 'params must be float32 or float64, got int32'],
    [() => createOptimizer('SGD', [p], { momentun: 0.9 }), 'sgd has no setting momentun; it has lr, momentum'],
    [() => createOptimizer('SGD', [p], { momentum: 2 }), 'momentum must be in [0, 1], got 2'],
    [() => createOptimizer('Adafactor', [p], { eps: [null, -1] }), 'eps[1] must be a number from 0 on, got -1'],
    [() => createOptimizer('Muon', [p]), 'muon takes matrices only, got a parameter of shape [2]'],
    [() => createOptimizer('AdamW', [p]).updateHessian(), 'adamw keeps no estimate of the curvature'],
    [() => new LBFGS([p], { lineSearchFn: 'armijo' as never }), 'lineSearchFn must be one of'],
    [
      () => createOptimizer('SGD', [p]).loadStateDict({ state: {}, paramGroups: [{ params: [0, 1] }] }),
      'the state has groups of 2 parameters, this optimizer of 1',
    ],
    [
      () => createOptimizer('SGD', [p]).loadStateDict({ state: { 0: { step: 1, momentumBuffer: gtc.ones([3]) } }, paramGroups: [{ params: [0] }] }),
      'momentumBuffer of parameter 0 does not fit',
    ],
    [
      () => {
        const q = leaf(1, 2);
        q.grad = gtc.ones([3], { dtype: 'float64' });
        createOptimizer('SGD', [q]).step();
      },
      'the gradient must be like its parameter, [2] float64, got [3] float64',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
