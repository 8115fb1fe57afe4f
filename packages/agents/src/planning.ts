/** Plans of an agent: strategies, steps, task nodes and their progress. Mirrors `hf_gtc.agents.planning`. */
import { createFrom, type Definition, notNull, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** How an agent comes to a plan. */
export const PlanningStrategy = {
  CHAIN_OF_THOUGHT: 'chain_of_thought',
  TREE_OF_THOUGHT: 'tree_of_thought',
  PLAN_AND_SOLVE: 'plan_and_solve',
  DECOMPOSITION: 'decomposition',
  REFLEXION: 'reflexion',
} as const;
export type PlanningStrategy = (typeof PlanningStrategy)[keyof typeof PlanningStrategy];

/** Where a task stands. */
export const TaskStatus = { PENDING: 'pending', IN_PROGRESS: 'in_progress', COMPLETED: 'completed', FAILED: 'failed', SKIPPED: 'skipped' } as const;
export type TaskStatus = (typeof TaskStatus)[keyof typeof TaskStatus];

/** Values of {@link PlanningStrategy}. */
export const VALID_PLANNING_STRATEGIES: ReadonlySet<PlanningStrategy> = new Set(Object.values(PlanningStrategy));
/** Values of {@link TaskStatus}. */
export const VALID_TASK_STATUSES: ReadonlySet<TaskStatus> = new Set(Object.values(TaskStatus));

/** How a plan is made and how far it may go. */
export interface PlanConfig {
  readonly strategy: PlanningStrategy;
  /** Most steps of a plan. */
  readonly maxSteps: number;
  /** Most attempts at a failed step beyond the first. */
  readonly maxRetries: number;
  /** Whether a failure may change the plan. */
  readonly allowReplanning: boolean;
}

/** Defaults and rules of {@link PlanConfig}. */
export const PlanConfig: Definition<PlanConfig> = {
  name: 'PlanConfig',
  fields: {
    strategy: { kind: 'enum', of: PlanningStrategy, default: PlanningStrategy.CHAIN_OF_THOUGHT },
    maxSteps: { kind: 'int', default: 10, positive: true },
    maxRetries: { kind: 'int', default: 3, nonNegative: true },
    allowReplanning: { kind: 'bool', default: true },
  },
};

/** A task with the tasks that must come before it. */
export interface TaskNode {
  readonly taskId: string;
  readonly description: string;
  readonly status: TaskStatus;
  /** Ids of tasks that must be complete first; the original does not check that they exist. */
  readonly dependencies: readonly string[];
  readonly result: string | null;
}

/** Defaults and rules of {@link TaskNode}. */
export const TaskNode: Definition<TaskNode> = {
  name: 'TaskNode',
  fields: {
    taskId: { kind: 'string', nonEmpty: true, nonBlank: true },
    description: { kind: 'string', nonEmpty: true, nonBlank: true },
    status: { kind: 'enum', of: TaskStatus, default: TaskStatus.PENDING },
    dependencies: { kind: 'array', of: { kind: 'string' }, default: Object.freeze([]) },
    result: { kind: 'string', default: null, nullable: true },
  },
};

/** One step of a plan. */
export interface PlanStep {
  /** From 1. */
  readonly stepNumber: number;
  readonly action: string;
  readonly reasoning: string;
  readonly expectedOutcome: string;
}

/** Defaults and rules of {@link PlanStep}. */
export const PlanStep: Definition<PlanStep> = {
  name: 'PlanStep',
  fields: {
    stepNumber: { kind: 'int', positive: true },
    action: { kind: 'string', nonEmpty: true },
    reasoning: { kind: 'string', default: '' },
    expectedOutcome: { kind: 'string', default: '' },
  },
};

/** A goal with the steps that lead to it. */
export interface ExecutionPlan {
  readonly goal: string;
  readonly steps: readonly PlanStep[];
  /** Steps done so far, at most their number. */
  readonly currentStep: number;
  readonly isComplete: boolean;
}

/** Defaults and rules of {@link ExecutionPlan}. */
export const ExecutionPlan: Definition<ExecutionPlan> = {
  name: 'ExecutionPlan',
  fields: {
    goal: { kind: 'string', nonEmpty: true },
    // Steps are taken as they are, like the original does; createPlanStep has checked them.
    steps: { kind: 'array', of: { kind: 'any' }, default: Object.freeze([]) },
    currentStep: { kind: 'int', default: 0, nonNegative: true },
    isComplete: { kind: 'bool', default: false },
  },
  rules: [
    ({ currentStep, steps }) =>
      steps.length > 0 && currentStep > steps.length ? `currentStep must be at most the number of steps ${steps.length}, got ${currentStep}` : null,
  ],
};

/** Counts of a plan that runs. */
export interface PlanningStats {
  readonly totalSteps: number;
  readonly completedSteps: number;
  readonly failedSteps: number;
  readonly replanningCount: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validatePlanConfig(config: PlanConfig): void {
  validate(PlanConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTaskNode(task: TaskNode): void {
  validate(TaskNode, task, 'task');
}

/**
 * Settles how plans are made. Fills defaults and validates.
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.agents.planning.create_plan_config(...)`.
 * @example createPlanConfig({ strategy: 'reflexion' }).maxSteps // => 10
 */
export function createPlanConfig(options: Partial<PlanConfig> = {}): PlanConfig {
  return createFrom(PlanConfig, options);
}

/**
 * A task of a plan.
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.agents.planning.create_task_node(task_id, description, ...)`.
 * @example createTaskNode('fetch', 'Fetch the page').status // => 'pending'
 */
export function createTaskNode(taskId: string, description: string, options: Partial<Omit<TaskNode, 'taskId' | 'description'>> = {}): TaskNode {
  return createFrom(TaskNode, { taskId, description, ...options });
}

/**
 * A step of a plan.
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.agents.planning.create_plan_step(step_number, action, ...)`.
 * @example createPlanStep(1, 'Search').reasoning // => ''
 */
export function createPlanStep(stepNumber: number, action: string, options: Partial<Pick<PlanStep, 'reasoning' | 'expectedOutcome'>> = {}): PlanStep {
  return createFrom(PlanStep, { stepNumber, action, ...options });
}

/**
 * A plan for a goal.
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.agents.planning.create_execution_plan(goal, ...)`.
 * @example createExecutionPlan('Answer the question').isComplete // => false
 */
export function createExecutionPlan(goal: string, options: Partial<Omit<ExecutionPlan, 'goal'>> = {}): ExecutionPlan {
  return createFrom(ExecutionPlan, { goal, ...options });
}

/** Strategies in ascending order. */
export function listPlanningStrategies(): PlanningStrategy[] {
  return valuesOf(PlanningStrategy);
}

/** Task states in ascending order. */
export function listTaskStatuses(): TaskStatus[] {
  return valuesOf(TaskStatus);
}

/** @throws {ValidationError} naming the strategies */
export function getPlanningStrategy(name: string): PlanningStrategy {
  return parseEnum(PlanningStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the states */
export function getTaskStatus(name: string): TaskStatus {
  return parseEnum(TaskStatus, name, 'status');
}

/**
 * Share of steps that are over, completed or failed, in percent. Counts that exceed the total give more than 100, as in the original.
 *
 * @throws {ValidationError} when `totalSteps` is not positive
 * @remarks Python: `hf_gtc.agents.planning.calculate_plan_progress(stats)`; within 1e-9.
 * @example calculatePlanProgress({ totalSteps: 10, completedSteps: 5, failedSteps: 2, replanningCount: 0 }) // => 70
 */
export function calculatePlanProgress(stats: PlanningStats): number {
  const { totalSteps, completedSteps, failedSteps } = notNull(stats, 'stats');
  return ((completedSteps + failedSteps) / positive(totalSteps, 'totalSteps')) * 100;
}

/**
 * A rough measure of a plan's size, `n (1 + √n / 10)` for n steps; what the steps depend on does not enter.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.agents.planning.estimate_plan_complexity(plan)`; within 1e-9.
 * @example estimatePlanComplexity(createExecutionPlan('Rest')) // => 0
 */
export function estimatePlanComplexity(plan: ExecutionPlan): number {
  const n = notNull(plan, 'plan').steps.length;
  return n * (1 + 0.1 * Math.sqrt(n));
}
