import { describe, expect, it } from 'vitest';
import { observeOperations } from './autograd.js';
import { tensorCases } from './evidence.fixture.js';
import * as gtc from './index.js';
import { OPERATIONS, type Program, runProgram, runStep } from './program.fixture.js';

const { grad } = gtc;
type T = gtc.Tensor;
type Gradients = Record<string, T | null>;

/** Value of a program and gradients of its leaves. */
function program(source: Program): { y: T; grads: Gradients } {
  const { y, leaves } = runProgram(source);
  const names = Object.keys(leaves);
  // A result that no leaf reaches smoothly has no gradient at all.
  const found = !y.requiresGrad ? [] : grad([y], Object.values(leaves), { gradOutputs: [source.gradOut ?? null], allowUnused: true });
  return { y, grads: Object.fromEntries(names.map((name, i) => [name, found[i] ?? null])) };
}

/** Gradients of a program and their derivative along a direction. */
function programHvp(source: Program, direction: Readonly<Record<string, T>>): unknown {
  const { y, leaves } = runProgram(source);
  const names = Object.keys(direction);
  const wanted = names.map(name => leaves[name]!);
  const first = grad([y], wanted, { createGraph: true });
  const slope = names.map((name, i) => first[i]!.mul(direction[name]!).sum()).reduce(gtc.add);
  const second = grad([slope], wanted, { allowUnused: true });
  const named = (list: readonly (T | null)[]): Gradients => Object.fromEntries(names.map((name, i) => [name, list[i] ?? null]));
  return { y, grads: named(first), hvp: named(second) };
}

/** The function of its only leaf that a program is, and where it is looked at. */
function functionOf(source: Program): readonly [(x: T) => T, T] {
  const [name, value] = Object.entries(source.leaves)[0]!;
  return [x => runProgram({ ...source, leaves: { [name]: x } }, true).y, value];
}

const programs = {
  program,
  programHvp,
  programDerivatives: (source: Program, order: number) => {
    const [fn, at] = functionOf(source);
    const x = at.requiresGrad_();
    const derivatives: T[] = [];
    for (let y = fn(x); derivatives.length < order; y = derivatives.at(-1)!) derivatives.push(grad([y.sum()], [x], { createGraph: true })[0]!);
    return { derivatives };
  },
  programJacobian: (source: Program) => {
    const [fn, x] = functionOf(source);
    return { y: fn(x), jacobian: gtc.jacobian(fn, x) };
  },
  programHessian: (source: Program) => {
    const [fn, x] = functionOf(source);
    return { y: fn(x), hessian: gtc.hessian(fn, x) };
  },
  programJvp: (source: Program, direction: Readonly<Record<string, T>>) => {
    const [fn, x] = functionOf(source);
    return { y: fn(x), jvp: gtc.jvp(fn, x, Object.values(direction)[0]!) };
  },
};

describe('evidence: autograd_ops', () => {
  it.each(tensorCases('autograd_ops', programs as never, import.meta.url))('$name', c => c.run());
});
describe('evidence: autograd_programs', () => {
  it.each(tensorCases('autograd_programs', programs as never, import.meta.url))('$name', c => c.run());
});

type Field =
  | 'name'
  | 'value'
  | 'requiresGrad'
  | 'of'
  | 'outputs'
  | 'inputs'
  | 'out'
  | 'setToNull'
  | 'op'
  | 'target'
  | 'in'
  | 'steps'
  | 'scale'
  | 'output'
  | 'grads'
  | 'values'
  | 'flags'
  | 'expectGrads'
  | 'expectValues'
  | 'expectFlags'
  | 'category'
  | 'step'
  | 'gradOut'
  | 'options';
/** One statement of a script; which fields it has depends on what it does. */
type Statement = { readonly do: string } & { readonly [Name in Field]: never };

/** Runs the statements of a script and compares what its checks say. */
class Script {
  readonly scope = new Map<string, unknown>();
  readonly #handles = new Map<string, { remove: () => void }>();

  tensor(name: string): T {
    return this.scope.get(name) as T;
  }

  run(statements: readonly Statement[]): void {
    for (const statement of statements) this.#DO[statement.do]!(statement);
  }

  readonly #DO: Readonly<Record<string, (statement: Statement) => void>> = {
    leaf: ({ name, value, requiresGrad = true as never }: Statement) => {
      const x = value as T;
      this.scope.set(name, requiresGrad && gtc.isFloating(x.dtype) ? x.requiresGrad_() : x);
    },
    op: statement => runStep(statement as never, this.scope),
    backward: ({ of, ...options }: Statement) => this.tensor(of).backward(options as object),
    grad: ({ outputs, inputs, out, ...options }: Statement) => {
      const named = (names: readonly string[]): T[] => names.map(name => this.tensor(name));
      const found = grad(named(outputs), named(inputs), options as object);
      for (const [i, name] of (out as readonly string[]).entries()) this.scope.set(name, found[i] ?? null);
    },
    zeroGrad: ({ of, setToNull = true as never }: Statement) => {
      for (const name of of as readonly string[]) {
        const x = this.tensor(name);
        if (setToNull) x.grad = null;
        else x.grad?.zero_();
      }
    },
    setGrad: ({ of, value }: Statement) => {
      this.tensor(of).grad = value as T;
    },
    inplace: ({ op, target, in: inputs = [] as never }: Statement) => {
      const x = this.tensor(target);
      const args = (inputs as readonly (string | number)[]).map(input => (typeof input === 'string' ? this.scope.get(input) : input));
      if (op === 'zero') x.zero_();
      else if (op === 'fill') x.fill_(args[0] as number);
      else if (op === 'copy') x.copy_(args[0] as T);
      else x.applyInPlace(each => OPERATIONS[op]!(...([each, ...args, {}] as never[])) as T);
    },
    noGrad: ({ steps }: Statement) => gtc.noGrad(() => this.run(steps)),
    enableGrad: ({ steps }: Statement) => gtc.enableGrad(() => this.run(steps)),
    requiresGrad: ({ of, value }: Statement) => {
      this.tensor(of).requiresGrad = value;
    },
    retainGrad: ({ of }: Statement) => this.tensor(of).retainGrad(),
    detachInPlace: ({ of }: Statement) => {
      this.tensor(of).detach_();
    },
    hook: ({ of, scale, name }: Statement) => {
      this.#handles.set(
        name,
        this.tensor(of).registerHook(g => g.mul(scale)),
      );
    },
    removeHook: ({ name }: Statement) => this.#handles.get(name)!.remove(),
    customFunction: ({ in: inputs, out }: Statement) => {
      const straight = gtc.customFunction({ forward: x => x.clip(-1, 1), backward: g => g });
      this.scope.set(out, straight(this.tensor((inputs as readonly string[])[0]!)));
    },
    checkpoint: ({ in: inputs, steps, output, out }: Statement) => {
      const names = inputs as readonly string[];
      const fn = (...args: T[]): T => {
        const scope = new Map<string, unknown>(names.map((name, i) => [name, args[i]]));
        for (const step of steps as readonly never[]) runStep(step, scope);
        return scope.get(output) as T;
      };
      this.scope.set(out, gtc.checkpoint(fn, ...names.map(name => this.tensor(name))));
    },
    check: ({ grads = [] as never, values = [] as never, flags = [] as never, expectGrads, expectValues, expectFlags }: Statement) => {
      const near = (got: T | null, want: T | null): void => {
        if (want === null || got === null) {
          expect(got).toBe(want);
          return;
        }
        expect([got.dtype, got.shape]).toEqual([want.dtype, want.shape]);
        expect(
          gtc.allclose(got, want, { rtol: want.dtype === 'float16' ? 1e-3 : want.dtype === 'float32' ? 1e-6 : 1e-10, atol: 1e-12, equalNan: true }),
          `${got} is not ${want}`,
        ).toBe(true);
      };
      for (const name of grads as readonly string[]) near(this.tensor(name).grad, (expectGrads as Gradients)[name]!);
      for (const name of values as readonly string[]) near(this.scope.get(name) as T | null, (expectValues as Gradients)[name]!);
      for (const name of flags as readonly string[]) {
        const { requiresGrad, isLeaf } = this.tensor(name);
        expect({ requiresGrad, isLeaf }, name).toEqual((expectFlags as Record<string, object>)[name]);
      }
    },
    raises: ({ category, step }: Statement) => {
      const codes: Readonly<Record<string, string>> = { autograd: 'invalid_state', shape: 'shape_mismatch', dtype: 'invalid_value', value: 'invalid_value' };
      let code: string | null = null;
      try {
        this.run([step]);
      } catch (error) {
        code = (error as { code: string }).code;
      }
      expect(code, `refusal: ${category}`).toBe(codes[category]);
    },
  };
}

const script = (statements: readonly Statement[]): unknown => {
  new Script().run(statements);
  return { completed: true };
};

describe('evidence: autograd_semantics', () => {
  it.each(tensorCases('autograd_semantics', { script } as never, import.meta.url))('$name', c => c.run());
});

describe('functions of gradients', () => {
  const { square, sum, tensor } = gtc;
  const leaf = (values: number[]): T => tensor(values, { dtype: 'float64', requiresGrad: true });
  it('knows whether it records', () => {
    expect([gtc.isGradEnabled(), gtc.noGrad(gtc.isGradEnabled), gtc.noGrad(() => gtc.enableGrad(gtc.isGradEnabled))]).toEqual([true, false, true]);
  });
  it('records again after an error', () => {
    expect(() => gtc.noGrad(() => tensor([1]).item() && tensor([1, 2]).item())).toThrow('item needs');
    expect(gtc.isGradEnabled()).toBe(true);
  });
  it('refuses an input that requires no gradient', () => {
    expect(() => grad([sum(leaf([1]))], [tensor([1])])).toThrow('grad: the input at index 0 does not require gradients');
  });
  it('refuses an input that plays no part', () => {
    expect(() => grad([sum(leaf([1]))], [leaf([1])])).toThrow(
      'grad: the input at index 0 plays no part in the outputs; pass allowUnused: true to get null for it',
    );
  });
  it('refuses an output without a graph', () => {
    expect(() => tensor([1]).backward()).toThrow('backward: the output does not require gradients; none of its inputs has requiresGrad');
  });
  it('gives zeros for constant functions', () => {
    const x = tensor([1, 2], { dtype: 'float64' });
    expect([gtc.jacobian(() => tensor([3], { dtype: 'float64' }), x).tolist(), gtc.hvp(y => sum(y), x, x).tolist()]).toEqual([[[0, 0]], [0, 0]]);
    expect(gtc.jacobian(y => y.get('2:'), x).shape).toEqual([0, 2]);
  });
  it('derives a jacobian again', () => {
    const x = leaf([2]);
    const j = gtc.jacobian(square, x, { createGraph: true });
    expect(grad([sum(j)], [x])[0]?.tolist()).toEqual([2]);
  });
  it('hands several gradients of a custom function back, and null for none', () => {
    const product = gtc.customFunction({ forward: (a, b) => a.mul(b), backward: (g, _a, b) => [g.mul(b), null] });
    const [a, b] = [leaf([2]), leaf([5])];
    expect(grad([product(a, b)], [a, b], { allowUnused: true }).map(each => each?.tolist() ?? null)).toEqual([[5], null]);
  });
  it('runs a checkpoint whose function drops its input', () => {
    const x = leaf([2]);
    expect(grad([gtc.checkpoint(y => y.detach().mul(2), x)], [x], { allowUnused: true })).toEqual([null]);
  });
  it('checks floats only', () => {
    expect(() => gtc.gradcheck(x => x, [tensor([1], { dtype: 'int32' })])).toThrow('gradcheck: inputs must be floating');
  });
  it('walks a chain of 10,000 operations', () => {
    const x = leaf([1]);
    let y: T = x;
    for (let i = 0; i < 10_000; i++) y = y.add(1);
    y.backward();
    expect(x.grad?.tolist()).toEqual([1]);
  });
  it('differentiates what was written through views twice', () => {
    const x = leaf([1, 2, 3]);
    const h = square(x);
    h.get('1:').mul_(2);
    const [first] = grad([sum(h.mul(h))], [x], { createGraph: true });
    // h = (x₀², 2x₁², 2x₂²): the derivative of Σh² is 4x₀³ and 16x³.
    expect(first?.tolist()).toEqual([4, 128, 432]);
    expect(grad([sum(first!)], [x])[0]?.tolist()).toEqual([12, 192, 432]);
  });
});

describe('gradients at their edges', () => {
  const { sum, tensor } = gtc;
  const leaf = (values: number[]): T => tensor(values, { dtype: 'float64', requiresGrad: true });
  it('copies what a custom function returns unchanged', () => {
    const x = leaf([3]);
    const through = gtc.customFunction({ forward: y => y, backward: g => g.mul(7) })(x);
    expect([through.storage === x.storage, grad([through], [x])[0]?.tolist()]).toEqual([false, [7]]);
  });
  it('adds up several outputs with and without their gradients', () => {
    const x = leaf([3]);
    expect(grad([x.mul(2), x.mul(x)], [x], { gradOutputs: [null, tensor([10], { dtype: 'float64' })] })[0]?.tolist()).toEqual([62]);
  });
  it('runs a checkpoint with inputs that need nothing', () => {
    const [x, c] = [leaf([3]), tensor([5], { dtype: 'float64' })];
    expect(grad([gtc.checkpoint((a, b) => a.mul(b), x, c)], [x])[0]?.tolist()).toEqual([5]);
  });
  it('gives zeros for second derivatives that vanish', () => {
    const x = tensor([1, 2], { dtype: 'float64' });
    expect(gtc.hessian(y => sum(y.mul(3)).add(sum(y.mul(0).mul(y))), x).tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
  it('checks inputs that play no part', () => {
    expect(gtc.gradcheck(a => a.mul(2), [tensor([1], { dtype: 'float64' }), tensor([2], { dtype: 'float64' })])).toBe(true);
  });
  it('erases twice where a value was replaced', () => {
    const x = leaf([1, 2]);
    const y = gtc.indexCopy(x.mul(x), 0, tensor([0], { dtype: 'int32' }), tensor([5], { dtype: 'float64' }));
    const [first] = grad([sum(y.mul(y))], [x], { createGraph: true });
    expect([first?.tolist(), grad([sum(first!)], [x])[0]?.tolist()]).toEqual([
      [0, 32],
      [0, 48],
    ]);
  });
  it('puts gradients through scatter twice', () => {
    const x = leaf([1, 2]);
    const y = gtc.scatterReduce(x, 0, tensor([1], { dtype: 'int32' }), x.get(':1').mul(x.get(':1')), 'prod');
    const [first] = grad([sum(y)], [x], { createGraph: true });
    expect([first?.tolist(), grad([sum(first!)], [x])[0]?.tolist()]).toEqual([
      [5, 1],
      [6, 2],
    ]);
  });
});

describe('observed operations', () => {
  it('are told with their operands until the end, recorded or not', () => {
    const told: [string, number[], number][] = [];
    const stop = observeOperations((name, result, inputs) => told.push([name, [...result.shape], inputs.length]));
    gtc.matmul(gtc.ones([2, 3]), gtc.ones([3, 4]));
    stop();
    gtc.matmul(gtc.ones([2, 3]), gtc.ones([3, 4]));
    expect(told).toEqual([['matmul', [2, 4], 2]]);
  });
});
