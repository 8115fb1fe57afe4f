/** Leaderboards, their entries and submissions. */
import type { Definition } from '@gtc/errors';

/** Public leaderboards. */
export const LeaderboardType = { OPEN_LLM: 'open_llm', MTEB: 'mteb', HELM: 'helm', BIGCODE: 'bigcode', CHATBOT_ARENA: 'chatbot_arena' } as const;
export type LeaderboardType = (typeof LeaderboardType)[keyof typeof LeaderboardType];

/** What decides a rank. */
export const RankingMethod = { SCORE: 'score', ELO: 'elo', WIN_RATE: 'win_rate', WEIGHTED: 'weighted' } as const;
export type RankingMethod = (typeof RankingMethod)[keyof typeof RankingMethod];

/** What is compared. */
export const LeaderboardCategory = { LLM: 'llm', VISION: 'vision', SPEECH: 'speech', MULTIMODAL: 'multimodal', CUSTOM: 'custom' } as const;
export type LeaderboardCategory = (typeof LeaderboardCategory)[keyof typeof LeaderboardCategory];

/** How far a submission is. */
export const SubmissionStatus = { PENDING: 'pending', RUNNING: 'running', COMPLETED: 'completed', FAILED: 'failed', REJECTED: 'rejected' } as const;
export type SubmissionStatus = (typeof SubmissionStatus)[keyof typeof SubmissionStatus];

/** Values of {@link LeaderboardType}. */
export const VALID_LEADERBOARD_TYPES: ReadonlySet<LeaderboardType> = new Set(Object.values(LeaderboardType));

/** Values of {@link RankingMethod}. */
export const VALID_RANKING_METHODS: ReadonlySet<RankingMethod> = new Set(Object.values(RankingMethod));

/** Values of {@link LeaderboardCategory}. */
export const VALID_CATEGORIES: ReadonlySet<LeaderboardCategory> = new Set(Object.values(LeaderboardCategory));

/** Values of {@link SubmissionStatus}. */
export const VALID_STATUSES: ReadonlySet<SubmissionStatus> = new Set(Object.values(SubmissionStatus));

/** A leaderboard. */
export interface LeaderboardConfig {
  readonly name: string;
  readonly category: LeaderboardCategory;
  readonly leaderboardType: LeaderboardType;
  readonly metrics: readonly string[];
  readonly rankingMethod: RankingMethod;
  readonly higherIsBetter: boolean;
  readonly url: string | null;
  readonly apiEndpoint: string | null;
}

/** Defaults and rules of {@link LeaderboardConfig}. */
export const LeaderboardConfig: Definition<LeaderboardConfig> = {
  name: 'LeaderboardConfig',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    category: { kind: 'enum', of: LeaderboardCategory, default: LeaderboardCategory.LLM },
    leaderboardType: { kind: 'enum', of: LeaderboardType, default: LeaderboardType.OPEN_LLM },
    metrics: { kind: 'array', of: { kind: 'string' }, default: [] },
    rankingMethod: { kind: 'enum', of: RankingMethod, default: RankingMethod.SCORE },
    higherIsBetter: { kind: 'bool', default: true },
    url: { kind: 'string', default: null, nullable: true },
    apiEndpoint: { kind: 'string', default: null, nullable: true },
  },
};

/** A model that is handed in. */
export interface SubmissionConfig {
  readonly modelName: string;
  readonly revision: string;
  readonly precision: string;
  readonly numFewShot: number;
}

/** Defaults and rules of {@link SubmissionConfig}. */
export const SubmissionConfig: Definition<SubmissionConfig> = {
  name: 'SubmissionConfig',
  fields: {
    modelName: { kind: 'string', nonEmpty: true },
    revision: { kind: 'string', default: 'main' },
    precision: { kind: 'string', default: 'float16' },
    numFewShot: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** A leaderboard in numbers. */
export interface LeaderboardStats {
  readonly totalModels: number;
  readonly avgScore: number;
  readonly topScore: number;
  /** Time in ISO 8601. */
  readonly lastUpdated: string;
}

/** Defaults and rules of {@link LeaderboardStats}. */
export const LeaderboardStats: Definition<LeaderboardStats> = {
  name: 'LeaderboardStats',
  fields: {
    totalModels: { kind: 'int', nonNegative: true },
    avgScore: { kind: 'float', min: 0, max: 1 },
    topScore: { kind: 'float', min: 0, max: 1 },
    lastUpdated: { kind: 'string' },
  },
};

/** A score of a model. */
export interface ModelScore {
  readonly metricName: string;
  readonly score: number;
  readonly isHigherBetter: boolean;
}

/** A model on a leaderboard. */
export interface LeaderboardEntry {
  readonly modelName: string;
  readonly rank: number;
  readonly scores: readonly ModelScore[];
  readonly submissionDate: string;
  /** Parameters. */
  readonly modelSize: number | null;
}

/** Defaults and rules of {@link LeaderboardEntry}. */
export const LeaderboardEntry: Definition<LeaderboardEntry> = {
  name: 'LeaderboardEntry',
  fields: {
    modelName: { kind: 'string', nonEmpty: true },
    rank: { kind: 'int', positive: true },
    scores: { kind: 'any' },
    submissionDate: { kind: 'string' },
    modelSize: { kind: 'int', default: null, nullable: true },
  },
};

/** What became of a submission. */
export interface SubmissionResult {
  readonly submissionId: string;
  readonly status: SubmissionStatus;
  readonly scores: readonly ModelScore[] | null;
  readonly rank: number | null;
  readonly errorMessage: string | null;
}

/** Entries, to which {@link addEntry} adds. */
export interface Leaderboard {
  readonly config: LeaderboardConfig;
  readonly entries: readonly LeaderboardEntry[];
}

/** Defaults and rules of {@link Leaderboard}. */
export const Leaderboard: Definition<Leaderboard> = {
  name: 'Leaderboard',
  fields: {
    config: { kind: 'any' },
    entries: { kind: 'any', default: [] },
  },
};
