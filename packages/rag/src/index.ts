/** Chunking, retrieval, vector stores, reranking and evaluation of retrieval. */
export * from './chunking.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export {
  ChunkingStrategy as ChunkingStrategyV2,
  ChunkResult as ChunkResultV2,
  calculateChunkCount as calculateChunkCountV2,
  getChunkingStrategy as getChunkingStrategyV2,
  listChunkingStrategies as listChunkingStrategiesV2,
  VALID_CHUNKING_STRATEGIES as VALID_CHUNKING_STRATEGIES_V2,
} from './chunking.js';
export * from './evaluation.js';
export * from './hybrid-search.js';
export {
  calculateRrfScore as calculateHsRrfScore,
  FusionMethod as HSFusionMethod,
  getFusionMethod as getHsFusionMethod,
  listFusionMethods as listHsFusionMethods,
  VALID_FUSION_METHODS as VALID_HS_FUSION_METHODS,
} from './hybrid-search.js';
export * from './indexing.js';
export { createIndexConfig, IndexConfig } from './indexing.js';
export * from './reranking.js';
export { calculateRrfScore, FusionMethod, getFusionMethod, listFusionMethods, VALID_FUSION_METHODS } from './reranking.js';
export * from './retrieval.js';
export {
  ChunkingStrategy,
  type ChunkResult,
  calculateChunkCount,
  DistanceMetric,
  getChunkingStrategy,
  getDistanceMetric,
  listChunkingStrategies,
  listDistanceMetrics,
  VALID_CHUNKING_STRATEGIES,
  VALID_DISTANCE_METRICS,
} from './retrieval.js';
export * from './vectorstore.js';
export {
  createIndexConfig as createVsIndexConfig,
  DistanceMetric as VSDistanceMetric,
  getDistanceMetric as getVsDistanceMetric,
  IndexConfig as VSIndexConfig,
  listDistanceMetrics as listVsDistanceMetrics,
  VALID_DISTANCE_METRICS as VALID_VS_DISTANCE_METRICS,
  validateIndexConfig as validateVsIndexConfig,
} from './vectorstore.js';
