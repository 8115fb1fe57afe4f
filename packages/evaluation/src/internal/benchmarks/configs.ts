/** Benchmarks, their scores and timed runs. */
import type { Definition } from '@gtc/errors';

/** Public benchmarks. */
export const BenchmarkType = {
  MMLU: 'mmlu',
  HELLASWAG: 'hellaswag',
  TRUTHFULQA: 'truthfulqa',
  ARC: 'arc',
  WINOGRANDE: 'winogrande',
  GSM8K: 'gsm8k',
  HUMANEVAL: 'humaneval',
  MBPP: 'mbpp',
} as const;
export type BenchmarkType = (typeof BenchmarkType)[keyof typeof BenchmarkType];

/** How a model is asked. */
export const EvaluationMode = { ZERO_SHOT: 'zero_shot', FEW_SHOT: 'few_shot', CHAIN_OF_THOUGHT: 'chain_of_thought' } as const;
export type EvaluationMode = (typeof EvaluationMode)[keyof typeof EvaluationMode];

/** How answers are scored. */
export const ScoringMethod = { EXACT_MATCH: 'exact_match', F1: 'f1', ACCURACY: 'accuracy', PASS_AT_K: 'pass_at_k' } as const;
export type ScoringMethod = (typeof ScoringMethod)[keyof typeof ScoringMethod];

/** What a timed run does. */
export const BenchmarkTask = {
  TEXT_CLASSIFICATION: 'text_classification',
  QUESTION_ANSWERING: 'question_answering',
  SUMMARIZATION: 'summarization',
  TRANSLATION: 'translation',
  NER: 'ner',
  SENTIMENT: 'sentiment',
  CUSTOM: 'custom',
} as const;
export type BenchmarkTask = (typeof BenchmarkTask)[keyof typeof BenchmarkTask];

/** Values of {@link BenchmarkType}. */
export const VALID_BENCHMARK_TYPES: ReadonlySet<BenchmarkType> = new Set(Object.values(BenchmarkType));

/** Values of {@link EvaluationMode}. */
export const VALID_EVALUATION_MODES: ReadonlySet<EvaluationMode> = new Set(Object.values(EvaluationMode));

/** Values of {@link ScoringMethod}. */
export const VALID_SCORING_METHODS: ReadonlySet<ScoringMethod> = new Set(Object.values(ScoringMethod));

/** Values of {@link BenchmarkTask}. */
export const VALID_BENCHMARK_TASKS: ReadonlySet<BenchmarkTask> = new Set(Object.values(BenchmarkTask));

/** A benchmark. */
export interface BenchmarkConfig {
  readonly benchmarkType: BenchmarkType;
  readonly numFewShot: number;
  readonly evaluationMode: EvaluationMode;
  /** Part of the benchmark, null for all. */
  readonly subset: string | null;
}

/** Defaults and rules of {@link BenchmarkConfig}. */
export const BenchmarkConfig: Definition<BenchmarkConfig> = {
  name: 'BenchmarkConfig',
  fields: {
    benchmarkType: { kind: 'enum', of: BenchmarkType },
    numFewShot: { kind: 'int', default: 0, nonNegative: true },
    evaluationMode: { kind: 'enum', of: EvaluationMode, default: EvaluationMode.ZERO_SHOT },
    subset: { kind: 'string', default: null, nullable: true },
  },
  rules: [
    ({ evaluationMode, numFewShot }) =>
      evaluationMode === 'few_shot' && numFewShot <= 0 ? `numFewShot must be positive for few_shot, got ${numFewShot}` : null,
  ],
};

/** MMLU (Hendrycks et al. 2021). */
export interface MMLUConfig {
  /** Subjects, null for all. */
  readonly subjects: readonly string[] | null;
  readonly numFewShot: number;
}

/** Defaults and rules of {@link MMLUConfig}. */
export const MMLUConfig: Definition<MMLUConfig> = {
  name: 'MMLUConfig',
  fields: {
    subjects: { kind: 'array', of: { kind: 'string', nonEmpty: true }, default: null, nullable: true },
    numFewShot: { kind: 'int', default: 5, nonNegative: true },
  },
};

/** HumanEval (Chen et al. 2021). */
export interface HumanEvalConfig {
  /** The k of pass@k. */
  readonly kValues: readonly number[];
  readonly timeoutSeconds: number;
}

/** Defaults and rules of {@link HumanEvalConfig}. */
export const HumanEvalConfig: Definition<HumanEvalConfig> = {
  name: 'HumanEvalConfig',
  fields: {
    kValues: { kind: 'array', of: { kind: 'int', positive: true }, nonEmpty: true, default: [1, 10, 100] },
    timeoutSeconds: { kind: 'float', default: 10, positive: true },
  },
};

/** A score. */
export interface BenchmarkResult {
  readonly benchmark: BenchmarkType;
  readonly score: number;
  readonly numSamples: number;
  /** Scores by part. */
  readonly breakdown: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link BenchmarkResult}. */
export const BenchmarkResult: Definition<BenchmarkResult> = {
  name: 'BenchmarkResult',
  fields: {
    benchmark: { kind: 'enum', of: BenchmarkType },
    score: { kind: 'float', min: 0, max: 1 },
    numSamples: { kind: 'int', positive: true },
    breakdown: { kind: 'record', of: { kind: 'float' } },
  },
};

/** Scores of several benchmarks. */
export interface BenchmarkStats {
  readonly overallScore: number;
  readonly perTaskScores: Readonly<Record<string, number>>;
  readonly confidenceInterval: readonly [number, number];
}

/** Defaults and rules of {@link BenchmarkStats}. */
export const BenchmarkStats: Definition<BenchmarkStats> = {
  name: 'BenchmarkStats',
  fields: {
    overallScore: { kind: 'float', min: 0, max: 1 },
    perTaskScores: { kind: 'record', of: { kind: 'float' } },
    confidenceInterval: { kind: 'array', of: { kind: 'float' }, length: 2 },
  },
  rules: [
    ({ confidenceInterval: [low, high] }) => (low > high ? `the lower bound of confidenceInterval must be at most the upper (${high}), got ${low}` : null),
  ],
};

/** How long runs took; latencies in ms. */
export interface TimingResult {
  readonly totalTime: number;
  readonly samplesPerSecond: number;
  readonly latencyP50: number;
  readonly latencyP90: number;
  readonly latencyP99: number;
}

/** A timed run. */
export interface LegacyBenchmarkConfig {
  readonly name: string;
  readonly task: BenchmarkTask;
  /** Samples at most, null for all. */
  readonly numSamples: number | null;
  readonly batchSize: number;
  readonly warmupRuns: number;
  readonly numRuns: number;
}

/** Defaults and rules of {@link LegacyBenchmarkConfig}. */
export const LegacyBenchmarkConfig: Definition<LegacyBenchmarkConfig> = {
  name: 'LegacyBenchmarkConfig',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    task: { kind: 'enum', of: BenchmarkTask, default: BenchmarkTask.CUSTOM },
    numSamples: { kind: 'int', default: null, nullable: true },
    batchSize: { kind: 'int', default: 32, positive: true },
    warmupRuns: { kind: 'int', default: 1, nonNegative: true },
    numRuns: { kind: 'int', default: 3, positive: true },
  },
};

/** What a timed run gave. */
export interface LegacyBenchmarkResult {
  readonly config: LegacyBenchmarkConfig;
  readonly timing: TimingResult;
  readonly metrics: Readonly<Record<string, number>>;
  readonly samplesEvaluated: number;
  readonly success: boolean;
  readonly errorMessage: string | null;
}

/** A timed run and the seconds that its runs took. */
export interface BenchmarkRunner {
  readonly config: LegacyBenchmarkConfig;
  readonly latencies: readonly number[];
}

/** Defaults and rules of {@link BenchmarkRunner}. */
export const BenchmarkRunner: Definition<BenchmarkRunner> = {
  name: 'BenchmarkRunner',
  fields: {
    config: { kind: 'any' },
    latencies: { kind: 'array', of: { kind: 'float' }, default: [] },
  },
};
