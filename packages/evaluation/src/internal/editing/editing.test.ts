import { eye, type Tensor, tensor, zeros } from '@gtc/tensor';
import { noGrad } from '@gtc/tensor/autograd';
import * as nn from '@gtc/tensor/nn';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as e from '../../editing.js';
import { modelOf } from '../benchmarks/models.fixture.js';
import { answerOf, question, SUBJECTS, taught } from './facts.fixture.js';

const net = taught();
const model = e.editableModel(net as never);
const texts = SUBJECTS.flatMap(subject => [question(subject, 0), question(subject, 1)]);
/** Of the keys of all questions; a trace of the identity makes it regular, for there are fewer questions than a key has elements. */
const covarianceOf = (layer: number): Tensor => {
  const covariance = e.keyCovariance(model, layer, [...texts, ...texts]);
  return covariance.add(eye(covariance.shape[0]!, { dtype: 'float64' }).mul(1e-4));
};

/** What the model finds most likely after a text. */
function said(row: readonly number[]): number {
  const scores = noGrad(
    () =>
      net
        .forward({ inputIds: [row] } as never)
        .logits!.get(0, -1)
        .tolist() as number[],
  );
  return scores.indexOf(Math.max(...scores));
}
const known = (but: readonly number[], way: 0 | 1): number =>
  SUBJECTS.filter(subject => !but.includes(subject) && said(question(subject, way)) === answerOf(subject)).length;

/** This model looks a fact up where the question ends. */
const edit: e.TokenEdit = { promptIds: question(12, 0), place: 3, targetIds: [55] };

describe('a model that knows sixteen facts', () => {
  it('does know them, asked either way', () => {
    expect([known([], 0), known([], 1)]).toEqual([16, 16]);
  });
  it.each([0, 1])('learns another one by ROME in block %d, however asked, keeps all others, and forgets it again', layer => {
    const before = model.projections[layer]!.weight.clone();
    const done = e.applyEdit(model, [edit], { layers: [layer], covariances: [covarianceOf(layer)], clampNorm: 20 });
    const { score: efficacy } = e.editPreference(model, [{ promptIds: question(12, 0) }], { targetIds: [55], truthIds: [54] });
    const { score: paraphrase, magnitude } = e.editPreference(model, [{ promptIds: question(12, 1) }], { targetIds: [55], truthIds: [54] });
    const kept = [known([12], 0), known([12], 1)];
    done.undo();
    expect(done).toMatchObject({ success: true, layers: [layer], kl: null });
    expect(done.before).toBeLessThan(0.01);
    expect(done.after).toBeGreaterThan(0.95);
    expect([efficacy, paraphrase]).toEqual([1, 1]);
    expect(magnitude).toBeGreaterThan(0.2);
    expect(kept).toEqual([15, 15]);
    expect(done.deltas[0]!.shape).toEqual([32, 128]);
    expect(said(edit.promptIds)).toBe(54);
    expect(model.projections[layer]!.weight.sub(before).abs().max().item() as number).toBeLessThan(1e-3);
  });
  it('is held to an essence', () => {
    const essence = { ids: question(12, 1), place: 3 };
    const options = { layers: [1], covariances: [covarianceOf(1)], clampNorm: 20, prefixes: [[1]], steps: 15 };
    const free = e.applyEdit(model, [{ ...edit, essence }], { ...options, klFactor: 0 });
    free.undo();
    const held = e.applyEdit(model, [{ ...edit, essence }], { ...options, klFactor: 5 });
    held.undo();
    expect(held.kl!).toBeLessThan(free.kl!);
  });
  it('learns several facts by MEMIT over two blocks', () => {
    const edits = [12, 15].map((subject): e.TokenEdit => ({ promptIds: question(subject, 0), place: 3, targetIds: [50] }));
    const done = e.applyEdit(model, edits, { method: 'memit', layers: [0, 1], covariances: [covarianceOf(0), covarianceOf(1)], lambda: 0.1, clampNorm: 20 });
    const answers = [12, 15].map(subject => said(question(subject, 0)));
    const kept = known([12, 15], 0);
    done.undo();
    expect(answers).toEqual([50, 50]);
    expect(done.success).toBe(true);
    expect(done.deltas).toHaveLength(2);
    expect(kept).toBeGreaterThanOrEqual(12);
  });
  it('learns by fine-tuning too, and forgets more', () => {
    const done = e.applyEdit(model, [edit], { method: 'ft', layers: [1], steps: 30, learningRate: 0.02 });
    const answer = said(edit.promptIds);
    const kept = known([12], 0);
    done.undo();
    expect([answer, done.success]).toEqual([55, true]);
    expect(kept).toBeLessThanOrEqual(15);
    expect(said(edit.promptIds)).toBe(54);
  });
  it('of Llama have their projections found by name', () => {
    expect(e.editableModel(modelOf('tiny-llama') as never).projections).toHaveLength(2);
  });
});

describe('closed forms', () => {
  it('give the key its value, and change nothing at right angles to it', () => {
    const vector = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(vector, vector, vector, (key, value, other) => {
        const size = key.reduce((total, x) => total + x * x, 0);
        fc.pre(size > 0.01);
        const [k, v] = [tensor(key, { dtype: 'float64' }), tensor(value, { dtype: 'float64' })];
        const changed = e.romeUpdate(eye(3, { dtype: 'float64' }), eye(3, { dtype: 'float64' }), k, v);
        (changed.matmul(k).tolist() as number[]).forEach((x, i) => {
          expect(x).toBeCloseTo(value[i]!, 6);
        });
        const along = key.reduce((total, x, i) => total + x * other[i]!, 0) / size;
        const across = other.map((x, i) => x - along * key[i]!);
        (changed.matmul(tensor(across, { dtype: 'float64' })).tolist() as number[]).forEach((x, i) => {
          expect(x).toBeCloseTo(across[i]!, 6);
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown, string]>([
    ['shape', () => e.romeUpdate(eye(2), eye(3), zeros([2]), zeros([2])), 'covariance must be [2, 2], got [3, 3]'],
    ['lambda', () => e.memitUpdate(eye(2), eye(2), zeros([2, 1]), zeros([2, 1]), { lambda: 0 }), 'lambda must be positive, got 0'],
    ['no edits', () => e.applyEdit(model, []), 'edits cannot be empty'],
    ['two for ROME', () => e.applyEdit(model, [edit, edit]), "edits must be one, in one layer, for the method 'rome', got 2 in 1"],
    ['place', () => e.applyEdit(model, [{ ...edit, place: 5 }]), 'edits[0].place must be in [0, 4), got 5'],
    ['essence', () => e.applyEdit(model, [{ ...edit, essence: { ids: [1], place: 1 } }]), 'edits[0].essence.place must be in [0, 1), got 1'],
    ['covariances', () => e.applyEdit(model, [edit]), 'covariances must be 1, one for each layer, got 0'],
    ['layer', () => e.applyEdit(model, [edit], { layers: [2] }), 'layers[0] must be in [0, 2), got 2'],
    ['few tokens', () => e.keyCovariance(model, 0, [[1, 2, 3]]), 'texts must have at least 128 tokens, one for each element of a key, got 3'],
    ['method', () => e.applyEdit(model, [edit], { method: 'mend' as never }), 'method must be one of ft, memit, rome'],
    [
      'no logits',
      () => {
        class Silent extends nn.Module {
          readonly mlp = new nn.Sequential();
          readonly fc2 = new nn.Linear(2, 2);
          override forward(): object {
            return {};
          }
        }
        return e.keyCovariance(e.editableModel(new Silent() as never, { path: /fc2$/ }), 0, [[1]]);
      },
      'model must be one that gives logits',
    ],
    [
      'a map that is not run',
      () => e.keyCovariance({ logits: () => zeros([1, 1, 4]), projections: [new nn.Linear(2, 2)] }, 0, [[1]]),
      'model must run through its projections',
    ],
    ['no map', () => e.editableModel(new nn.Sequential(new nn.Linear(2, 2)) as never), 'unknown projection'],
    ['no probes', () => e.editPreference(model, [], { targetIds: [1], truthIds: [2] }), 'probes cannot be empty'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
