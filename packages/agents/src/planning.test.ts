import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as planning from './planning.js';

describe('parity: planning', () => {
  it.each(parityCases('agents/planning', planning, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('complexity grows with every step', () => {
    const plan = (n: number): planning.ExecutionPlan =>
      planning.createExecutionPlan('g', { steps: Array.from({ length: n }, (_, i) => planning.createPlanStep(i + 1, 'a')) });
    fc.assert(
      fc.property(fc.nat({ max: 40 }), n => planning.estimatePlanComplexity(plan(n + 1)) > planning.estimatePlanComplexity(plan(n))),
      { numRuns: 100 },
    );
  });
  it('progress is 100 when every step is over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat({ max: 1000 }), (totalSteps, k) => {
        const failedSteps = Math.min(k, totalSteps);
        return planning.calculatePlanProgress({ totalSteps, completedSteps: totalSteps - failedSteps, failedSteps, replanningCount: 0 }) === 100;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  const { ExecutionPlan, PlanConfig, PlanStep, TaskNode } = planning;
  it.each([...sweep(PlanConfig), ...sweep(TaskNode), ...sweep(PlanStep), ...sweep(ExecutionPlan, () => planning.createExecutionPlan('g'))])('$name', c =>
    c.run(),
  );
  it.each([
    ...sweepEnum('PlanningStrategy', planning.PlanningStrategy, { list: planning.listPlanningStrategies, get: planning.getPlanningStrategy }),
    ...sweepEnum('TaskStatus', planning.TaskStatus, { list: planning.listTaskStatuses, get: planning.getTaskStatus }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [
      () => planning.createExecutionPlan('g', { steps: [planning.createPlanStep(1, 'a')], currentStep: 2 }),
      'currentStep must be at most the number of steps 1, got 2',
    ],
    [() => planning.createExecutionPlan('g', { steps: 'x' as never }), "steps must be an array, got 'x'"],
    [() => planning.createPlanStep(0, ''), 'stepNumber must be positive, got 0; action cannot be empty'],
    [() => planning.createTaskNode('t', ' '), 'description cannot be blank'],
    [
      () => planning.createTaskNode('t', '', { status: 'bad' as never }),
      "description cannot be empty; status must be one of completed, failed, in_progress, pending, skipped, got 'bad'",
    ],
    [() => planning.calculatePlanProgress({ totalSteps: 0 } as never), 'totalSteps must be positive, got 0'],
    [() => planning.estimatePlanComplexity(null as never), 'plan cannot be null'],
    [() => planning.validateTaskNode(null as never), 'task cannot be null'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
