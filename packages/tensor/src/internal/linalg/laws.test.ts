import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allclose, eye, gradcheck, matmul, ones, type Tensor, tensor } from '../../index.js';
import * as linalg from '../../linalg.js';
import { NumpyRandom } from '../../random.js';
import { point } from '../points.fixture.js';

type T = Tensor;
const square = (a: T): T => a.add(eye(a.shape.at(-1)!, { dtype: 'float64' }).mul(3));
const symmetric = (a: T): T => a.add(a.matrixTranspose());
const matrix = (rows: number, columns: number): fc.Arbitrary<T> =>
  fc
    .array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: rows * columns, maxLength: rows * columns })
    .map(values => tensor(values, { dtype: 'float64' }).reshape([rows, columns]));
const close = (a: T, b: T): void => {
  expect(allclose(a, b, { atol: 1e-8 }), `${a} is not ${b}`).toBe(true);
};
const uniform = (seed: number, n: number): T => {
  const random = new NumpyRandom(seed);
  return tensor(Float64Array.from({ length: n * n }, () => 2 * random.random() - 1)).reshape([n, n]);
};
const RUNS = { numRuns: 100, endOnFailure: true };

describe('laws of factorisations', () => {
  it('Q has orthonormal columns and Q R is A', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('reduced' as const, 'complete' as const),
        (rows, columns, mode) => {
          const a = point(rows, columns);
          const { q, r } = linalg.qr(a, { mode });
          close(matmul(q.matrixTranspose(), q), eye(q.shape[1]!, { dtype: 'float64' }));
          close(matmul(q, r), a);
        },
      ),
      RUNS,
    );
  });
  it('U s V is A, with orthonormal U and V, full or not', () => {
    fc.assert(
      fc.property(fc.oneof(matrix(3, 2), matrix(2, 3), matrix(3, 3)), fc.boolean(), (a, fullMatrices) => {
        const { u, s, vh } = linalg.svd(a, { fullMatrices });
        close(matmul(u.matrixTranspose(), u), eye(u.shape[1]!, { dtype: 'float64' }));
        close(matmul(vh, vh.matrixTranspose()), eye(vh.shape[0]!, { dtype: 'float64' }));
        const k = s.size;
        close(matmul(u.get(':', `:${k}`).mul(s), vh.get(`:${k}`)), a);
      }),
      RUNS,
    );
  });
  it('matrices of many rows, graded, deficient, clustered, tiny and huge ones come apart into orthonormal parts', () => {
    const parts = fc.constantFrom('plain', 'graded', 'deficient', 'clustered', 'tiny', 'huge');
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 48 }), parts, fc.integer({ min: 0, max: 2 ** 31 }), (n, kind, seed) => {
        const drawn = uniform(seed, n);
        const falling = tensor(Float64Array.from({ length: n }, (_, i) => 10 ** ((-12 * i) / n)));
        const a = {
          plain: () => drawn,
          graded: () => drawn.mul(falling).mul(falling.reshape([n, 1])),
          deficient: () => matmul(drawn.get(':', ':5'), drawn.get(':5')),
          clustered: () => eye(n, { dtype: 'float64' }).add(drawn.mul(1e-14)),
          tiny: () => drawn.mul(1e-200),
          huge: () => drawn.mul(1e200),
        }[kind]();
        const size = Number(a.abs().max().item());
        const unit = eye(n, { dtype: 'float64' });
        const near = (x: T, y: T): void => expect(Number(x.sub(y).abs().max().item())).toBeLessThan(1e-12);
        const { u, s, vh } = linalg.svd(a);
        near(matmul(u.matrixTranspose(), u), unit);
        near(matmul(vh, vh.matrixTranspose()), unit);
        near(matmul(u.mul(s.div(size)), vh), a.div(size));
        const { values, vectors } = linalg.eigh(symmetric(a));
        near(matmul(vectors.matrixTranspose(), vectors), unit);
        near(matmul(symmetric(a).div(size), vectors), vectors.mul(values.div(size)));
        const { q, r } = linalg.qr(a);
        near(matmul(q, r).div(size), a.div(size));
      }),
      RUNS,
    );
  });
  it('singular values of graded columns keep their digits', () => {
    // Orthogonal columns of lengths down to 1e-30.
    const n = 30;
    const { q } = linalg.qr(uniform(5, n));
    const lengths = Float64Array.from({ length: n }, (_, i) => 10 ** -i);
    const found = linalg.svdvals(q.mul(tensor(lengths))).data;
    for (const [i, length] of lengths.entries()) expect(Math.abs(Number(found[i]) / length - 1)).toBeLessThan(1e-13);
  });
  it('P L U is A', () => {
    fc.assert(
      fc.property(matrix(3, 4), a => {
        const { p, l, u } = linalg.lu(a);
        close(matmul(matmul(p, l), u), a);
      }),
      RUNS,
    );
  });
  it('eigenvectors diagonalise', () => {
    fc.assert(
      fc.property(matrix(4, 4), m => {
        const a = symmetric(m);
        const { values, vectors } = linalg.eigh(a);
        close(matmul(a, vectors), vectors.mul(values));
      }),
      RUNS,
    );
  });
  it('eigenvalues add up to the trace', () => {
    fc.assert(
      fc.property(matrix(5, 5), a => {
        const { re, im } = linalg.eigvals(a);
        expect(Number(re.sum().item())).toBeCloseTo(Number(a.trace().item()), 6);
        expect(Number(im.sum().item())).toBeCloseTo(0, 6);
      }),
      RUNS,
    );
  });
  it('general matrices stretch their eigenvectors', () => {
    const check = (a: Tensor): void => {
      const { values, vectors } = linalg.eig(a);
      close(matmul(a, vectors.re), vectors.re.mul(values.re).sub(vectors.im.mul(values.im)));
      close(matmul(a, vectors.im), vectors.im.mul(values.re).add(vectors.re.mul(values.im)));
      close(vectors.re.square().add(vectors.im.square()).sum({ axis: -2 }), ones([a.shape[0]!], { dtype: 'float64' }));
    };
    for (const n of [1, 2, 5, 9]) fc.assert(fc.property(matrix(n, n), check), RUNS);
    // Rotations, multiple eigenvalues, triangles, a permutation, what cannot be diagonalised.
    for (const rows of [
      [
        [0, -1],
        [1, 0],
      ],
      [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ],
      [
        [1, 5, 7],
        [0, 2, 9],
        [0, 0, 3],
      ],
      [
        [0, 1, 0],
        [0, 0, 1],
        [1, 0, 0],
      ],
      [
        [1, 1],
        [0, 1],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ])
      check(tensor(rows, { dtype: 'float64' }));
  });
  it('vectors of a long chain stay finite', () => {
    const { vectors } = linalg.eig(
      eye(40, { dtype: 'float64' })
        .roll(1, { axis: 1 })
        .tril()
        .add(eye(40, { dtype: 'float64' }).roll(1, { axis: 0 }).tril({ k: -1 })),
    );
    expect(vectors.re.data.every(value => Number.isFinite(Number(value)))).toBe(true);
  });
  it('eigenvalues found with vectors add up to the trace, their squares to that of the square', () => {
    fc.assert(
      fc.property(matrix(6, 6), a => {
        const { re, im } = linalg.eig(a).values;
        const size = 1 + Number(a.abs().max().item());
        const same = (x: Tensor, y: Tensor | number, power: number): void =>
          expect(Math.abs(Number(x.item()) - (typeof y === 'number' ? y : Number(y.item())))).toBeLessThan(1e-10 * size ** power);
        same(re.sum(), a.trace(), 1);
        same(im.sum(), 0, 1);
        same(re.square().sub(im.square()).sum(), matmul(a, a).trace(), 2);
      }),
      RUNS,
    );
  });
  it('both ways to eigenvalues agree, and conjugates are exact', () => {
    const listed = ({ re, im }: { readonly re: Tensor; readonly im: Tensor }): (readonly [number, number])[] =>
      [...re.data].map((x, i): [number, number] => [Number(x), Number(im.data[i])]).sort(([a, b], [c, d]) => a - c || b - d);
    for (const n of [2, 3, 7, 20, 33]) {
      const a = uniform(3, n);
      const { values, vectors } = linalg.eig(a);
      const [found, alone] = [listed(values), listed(linalg.eigvals(a))];
      for (const [i, [re, im]] of found.entries()) {
        expect(alone[i]![0]).toBeCloseTo(re, 11);
        expect(alone[i]![1]).toBeCloseTo(im, 11);
      }
      for (let k = 0; k < n; k++) {
        const im = Number(values.im.data[k]);
        if (im === 0) expect(vectors.im.get(':', k).abs().max().item()).toBe(0);
        if (im <= 0) continue;
        expect(values.re.data[k + 1]).toBe(values.re.data[k]);
        expect(values.im.data[k + 1]).toBe(-im);
        close(vectors.re.get(':', k + 1), vectors.re.get(':', k));
        close(vectors.im.get(':', k + 1), vectors.im.get(':', k).neg());
      }
    }
  });
  it('eigenvalues of triangles are exact, whichever order rows and columns stand in', () => {
    const order = [2, 0, 3, 1];
    const triangle = [
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [-4, 1, 1, 0],
      [7, 5, 1, -3],
    ];
    const a = tensor(
      order.map(i => order.map(j => triangle[i]![j]!)),
      { dtype: 'float64' },
    );
    for (const { re, im } of [linalg.eigvals(a), linalg.eig(a).values]) {
      expect([...re.data].sort()).toEqual([-3, 1, 1, 1]);
      expect([...im.data]).toEqual([0, 0, 0, 0]);
    }
  });
  it('eigenvalues do not depend on the sizes of rows and columns', () => {
    const even = [
      [4, 1, -2],
      [1, -3, 1],
      [2, 1, 0.5],
    ];
    const sizes = [2 ** 90, 1, 2 ** -70];
    const a = tensor(
      even.map((row, i) => row.map((value, j) => (value * sizes[j]!) / sizes[i]!)),
      { dtype: 'float64' },
    );
    const sorted = (x: Tensor): number[] => [...x.data].map(Number).sort((x, y) => x - y);
    const expected = sorted(linalg.eigvals(tensor(even, { dtype: 'float64' })).re);
    for (const { re } of [linalg.eigvals(a), linalg.eig(a).values]) for (const [i, value] of sorted(re).entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  });
  it('vectors hold where even sizes would lose a part of them, and where eigenvalues can hardly be told apart', () => {
    for (const rows of [
      [
        [0, 1e-60],
        [1, 1],
      ],
      [
        [0, -1e-44, -4e-36],
        [0, 2e-19, 0],
        [1e-27, 1, 0],
      ],
      [
        [0, -4e-36, 1, 2],
        [1e-27, 0, 3, 4],
        [0, 0, 0, -1e-5],
        [0, 0, 1e-5, 1e-30],
      ],
      [
        [3, 1e-9, 5, 1],
        [-4, 3, 2, 6],
        [0, 0, 3, -4],
        [0, 0, 1e-9, 3],
      ],
    ]) {
      const a = tensor(rows, { dtype: 'float64' });
      const { values, vectors } = linalg.eig(a);
      close(matmul(a, vectors.re), vectors.re.mul(values.re).sub(vectors.im.mul(values.im)));
      close(matmul(a, vectors.im), vectors.im.mul(values.re).add(vectors.re.mul(values.im)));
    }
  });
  it('the zero matrix has zero singular values and orthonormal vectors', () => {
    const { u, s } = linalg.svd(
      tensor(
        [
          [0, 0],
          [0, 0],
        ],
        { dtype: 'float64' },
      ),
    );
    expect(s.tolist()).toEqual([0, 0]);
    close(matmul(u.matrixTranspose(), u), eye(2, { dtype: 'float64' }));
  });
  it('rotations have imaginary eigenvalues', () => {
    expect(
      linalg
        .eigvals(
          tensor(
            [
              [0, 0, 1],
              [1, 0, 0],
              [0, 1, 0],
            ],
            { dtype: 'float64' },
          ),
        )
        .re.sum()
        .item(),
    ).toBeCloseTo(0, 9);
  });
});

describe('gradients of linear algebra equal differences', () => {
  it.each<[string, (...x: T[]) => T, T[]]>([
    ['eigh vectors', a => linalg.eigh(symmetric(a)).vectors.square(), [point(3, 3)]],
    ['svd vectors', a => linalg.svd(a).u.square(), [point(3, 2)]],
    ['svd right vectors', a => linalg.svd(a).vh.square(), [point(3, 2)]],
    ['qr q', a => linalg.qr(a).q, [point(3, 2)]],
    ['qr r', a => linalg.qr(a).r, [point(3, 2)]],
    ['solve of a vector', (a, b) => linalg.solve(square(a), b), [point(2, 2), point(2)]],
    ['upper cholesky', a => linalg.cholesky(square(matmul(a, a.matrixTranspose())), { upper: true }), [point(2, 2)]],
    ['unit triangular', (a, b) => linalg.solveTriangular(a, b, { unitTriangular: true }), [point(2, 2), point(2)]],
    ['upper triangular', (a, b) => linalg.solveTriangular(square(a), b, { upper: true }), [point(2, 2), point(2, 2)]],
    ['det', a => linalg.det(square(a)), [point(3, 3)]],
    ['pinv', a => linalg.pinv(a), [point(3, 2)]],
    ['cond', a => linalg.cond(square(a)), [point(2, 2)]],
    ['a negative power', a => linalg.matrixPower(square(a), -2), [point(2, 2)]],
    ['multiDot with vectors', (a, b, c) => linalg.multiDot([a, b, c]), [point(2), point(2, 3), point(3)]],
  ])('%s', (_, fn, inputs) => {
    expect(gradcheck(fn, inputs)).toBe(true);
  });
});

describe('refusals of linear algebra', () => {
  it.each<[string, () => unknown]>([
    ['solve: operands must be of one dtype, got float32 and float64', () => linalg.solve(eye(2), ones([2], { dtype: 'float64' }))],
    ['solve: right-hand sides [3] do not fit [2, 2]', () => linalg.solve(eye(2), ones([3]))],
    ['solve: the matrix is singular', () => linalg.solve(ones([2, 2]), ones([2]))],
    ['matrixPower: needs square matrices, got shape [2]', () => linalg.matrixPower(ones([2]), 2)],
    [
      'matrixSqrt: no convergence',
      () =>
        linalg.matrixSqrt(
          tensor(
            [
              [-1, 0],
              [0, -2],
            ],
            { dtype: 'float64' },
          ),
        ),
    ],
    ['matrixExp: elements must be finite', () => linalg.matrixExp(tensor([[Number.NaN]]))],
    ['solveToeplitz: [2] and [3] differ in length', () => linalg.solveToeplitz(ones([2]), ones([3]))],
    ['solveToeplitz: a leading part of the matrix is singular', () => linalg.solveToeplitz(tensor([0, 1]), ones([2]))],
    ['orthogonalProcrustes: [2, 2] and [2, 3] differ', () => linalg.orthogonalProcrustes(ones([2, 2]), ones([2, 3]))],
    ['mode must be one of complete, reduced', () => linalg.qr(ones([2, 2]), { mode: 'full' as never })],
    ['multiDot: needs at least 2 matrices, got 1', () => linalg.multiDot([ones([2, 2])])],
  ])('%s', (message, call) => {
    expect(call).toThrow(message);
  });
});
