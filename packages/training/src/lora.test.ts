import { tensor, zeros } from '@gtc/tensor';
import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as lora from './lora.js';

describe('parity: lora', () => {
  it.each(parityCases('training/lora', lora, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('an adapter of zeros changes nothing, and merging is linear in the scale', () => {
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      columns: fc.integer({ min: 1, max: 5 }),
      r: fc.integer({ min: 1, max: 3 }),
      alpha: fc.integer({ min: 1, max: 32 }),
    });
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.integer({ min: -9, max: 9 })), ({ rows, columns, r, alpha }, stream) => {
        const fill = (m: number, n: number): ReturnType<typeof tensor> =>
          tensor(
            Array.from({ length: m }, () => Array.from({ length: n }, () => stream.next().value as number)),
            { dtype: 'float64' },
          );
        const [w, a, b] = [fill(rows, columns), fill(r, columns), fill(rows, r)];
        const once = lora.mergeLora(w, a, b, { r, loraAlpha: alpha });
        const twice = lora.mergeLora(w, a, b, { r, loraAlpha: 2 * alpha });
        const linear = Number(twice.sub(w).sub(once.sub(w).mul(2)).abs().sum().item()) < 1e-8;
        return linear && String(lora.mergeLora(w, a, zeros([rows, r], { dtype: 'float64' }), { r, loraAlpha: alpha }).data) === String(w.data);
      }),
      { numRuns: 100 },
    );
  });
  it('each element is the weight plus the scaled product of a row of B and a column of A, and the weight stays as it was', () => {
    const [w, a, b] = [
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensor([
        [1, 0, 2],
        [0, 3, 1],
      ]),
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ];
    expect(lora.mergeLora(w, a, b, { r: 2, loraAlpha: 8 }).tolist()).toEqual([
      [5, 26, 19],
      [16, 53, 46],
    ]);
    expect(w.tolist()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
  it('the estimate is linear in rank, modules and width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 8192 }),
        (r, modules, hiddenSize) => lora.estimateLoraParameters(1, r, modules, { hiddenSize }) === 2 * r * modules * hiddenSize,
      ),
      { numRuns: 100 },
    );
  });
});

describe('sizes of adapters', () => {
  it('the estimate comes near what PEFT counts', () => {
    // Llama-2-7b, r = 16, q_proj and v_proj: 8,388,608; Mistral-like 13b, r = 8: 6,553,600
    expect(Math.abs(lora.estimateTrainableParams(7e9, { r: 16 }) / 8_388_608 - 1)).toBeLessThan(0.1);
    expect(Math.abs(lora.estimateTrainableParams(13e9, { r: 8 }) / 6_553_600 - 1)).toBeLessThan(0.1);
    expect(lora.estimateTrainableParams(1)).toBeGreaterThan(0);
  });
  it('the rank is the greatest whose matrices stay within the share', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e8, max: 1e11, noNaN: true }), fc.double({ min: 0.0001, max: 0.05, noNaN: true }), (params, trainableShare) => {
        const r = lora.calculateLoraRank(params, { trainableShare });
        const fits = (rank: number): boolean => lora.estimateTrainableParams(params, { r: rank }) <= params * trainableShare * (1 + 1e-9);
        return (r === 1 || fits(r)) && (r === 256 || !fits(2 * r));
      }),
      { numRuns: 200 },
    );
  });
  it('says what is wrong', () => {
    expect(() => lora.calculateLoraRank(7e9, { trainableShare: 2 })).toThrow('trainableShare must be in (0, 1], got 2');
    expect(() => lora.estimateTrainableParams(0)).toThrow('baseModelParams must be positive, got 0');
  });
});

describe('definitions', () => {
  it.each([...sweep(lora.LoRAConfig), ...sweepEnum('TaskType', lora.TaskType, { list: lora.listTaskTypes })])('$name', c => c.run());
});

describe('constants', () => {
  it('list what they should', () => {
    expect([[...lora.VALID_TASK_TYPES].sort(), lora.VALID_BIAS_OPTIONS.size, lora.DEFAULT_TARGET_MODULES.size]).toEqual([lora.listTaskTypes(), 3, 7]);
    expect(lora.estimateLoraParameters(1, 1, 1)).toBe(8192);
    expect(lora.getRecommendedLoraConfig('small').taskType).toBe('CAUSAL_LM');
  });
});

describe('getPeftConfig', () => {
  it('speaks the keys of adapter_config.json', () => {
    expect(lora.getPeftConfig(lora.createLoraConfig({ targetModules: ['q_proj'], modulesToSave: ['lm_head'] }))).toEqual({
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      r: 8,
      lora_alpha: 16,
      lora_dropout: 0.1,
      target_modules: ['q_proj'],
      bias: 'none',
      modules_to_save: ['lm_head'],
    });
  });
});

describe('refusals', () => {
  it.each([
    [() => lora.createLoraConfig({ r: 0, loraDropout: 1 }), 'r must be positive, got 0; loraDropout must be in [0, 1), got 1'],
    [
      () => lora.createLoraConfig({ taskType: 'X' as never }),
      "taskType must be one of CAUSAL_LM, FEATURE_EXTRACTION, QUESTION_ANS, SEQ_2_SEQ_LM, SEQ_CLS, TOKEN_CLS, got 'X'",
    ],
    [() => lora.createLoraConfig({ rank: 3 } as never), 'rank is not a field of LoRAConfig'],
    [() => lora.validateLoraConfig(8, 16, 0.1, 'some' as never), "bias must be one of all, lora_only, none, got 'some'"],
    [() => lora.getRecommendedLoraConfig('huge'), "modelSize must be one of large, medium, small, xlarge, got 'huge'"],
    [() => lora.getPeftConfig(null as never), 'loraConfig cannot be null'],
    [() => lora.mergeLora(zeros([4, 3]), zeros([2, 5]), zeros([4, 2]), { r: 2, loraAlpha: 4 }), 'a must be [2, in] with out = 4, in = 3, got [2, 5]'],
    [() => lora.mergeLora(zeros([4, 3]), zeros([2, 3]), zeros([5, 2]), { r: 2, loraAlpha: 4 }), 'b must be [out, 2] with out = 4, in = 3, got [5, 2]'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
