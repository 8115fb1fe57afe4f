/** Which leaderboard suits a model. */
import { nonEmpty } from '@gtc/errors';
import type { LeaderboardType, RankingMethod } from './configs.js';

interface Recommendation {
  readonly leaderboard_type: LeaderboardType;
  readonly ranking_method: RankingMethod;
  readonly metrics: readonly string[];
  readonly precision: string;
  readonly num_few_shot: number;
}
const GENERAL: Recommendation = {
  leaderboard_type: 'open_llm',
  ranking_method: 'score',
  metrics: ['mmlu', 'hellaswag', 'arc', 'truthfulqa', 'winogrande'],
  precision: 'float16',
  num_few_shot: 5,
};
const BY_MODEL: Readonly<Record<string, Recommendation>> = {
  llm: { ...GENERAL, ranking_method: 'weighted', metrics: [...GENERAL.metrics, 'gsm8k'] },
  code: { ...GENERAL, leaderboard_type: 'bigcode', metrics: ['humaneval', 'mbpp', 'multipl_e'], num_few_shot: 0 },
  chat: { ...GENERAL, leaderboard_type: 'chatbot_arena', ranking_method: 'elo', metrics: ['elo_rating', 'win_rate', 'votes'], num_few_shot: 0 },
  embedding: {
    ...GENERAL,
    leaderboard_type: 'mteb',
    metrics: ['classification', 'clustering', 'pair_classification', 'reranking', 'retrieval', 'sts', 'summarization'],
    precision: 'float32',
    num_few_shot: 0,
  },
};
const BY_TASK: Readonly<Record<string, Partial<Recommendation>>> = {
  few_shot: { num_few_shot: 5 },
  zero_shot: { num_few_shot: 0 },
  arena: { leaderboard_type: 'chatbot_arena', ranking_method: 'elo' },
};

/**
 * The leaderboard that suits a model: `llm`, `code`, `chat`, `embedding` or any other.
 *
 * @param options `taskType`: `few_shot`, `zero_shot` or `arena`
 * @throws {ValidationError} for no model
 * @remarks Python: `hf_gtc.evaluation.leaderboards.get_recommended_leaderboard_config(model_type, task_type=)`.
 * @example getRecommendedLeaderboardConfig('embedding')['leaderboard_type'] // => 'mteb'
 */
export function getRecommendedLeaderboardConfig(
  modelType: string,
  { taskType = null }: { readonly taskType?: string | null } = {},
): Readonly<Record<string, unknown>> {
  const model = BY_MODEL[nonEmpty(modelType, 'modelType').toLowerCase()] ?? GENERAL;
  return { ...model, higher_is_better: true, ...BY_TASK[taskType?.toLowerCase() ?? ''] };
}
