/** Analysis of models: where their parameters, operations and memory are, from their shape. Mirrors `hf_gtc.models.analysis`. */
import { allPositive, createFrom, type Definition, nonEmpty, notNull, oneOf, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';
import { COUNT_UNITS, memoryText, shortened, type Units } from './internal/units.js';

/** What to analyse. */
export const AnalysisType = {
  PARAMETER_COUNT: 'parameter_count',
  LAYER_WISE: 'layer_wise',
  ATTENTION_HEADS: 'attention_heads',
  MEMORY_FOOTPRINT: 'memory_footprint',
} as const;
export type AnalysisType = (typeof AnalysisType)[keyof typeof AnalysisType];

/** Statistics of a tensor. */
export const StatisticType = { MEAN: 'mean', STD: 'std', MIN: 'min', MAX: 'max', SPARSITY: 'sparsity', NORM: 'norm' } as const;
export type StatisticType = (typeof StatisticType)[keyof typeof StatisticType];

/** Ways to draw an analysis. */
export const VisualizationType = { HISTOGRAM: 'histogram', HEATMAP: 'heatmap', LINE_PLOT: 'line_plot', BAR_CHART: 'bar_chart' } as const;
export type VisualizationType = (typeof VisualizationType)[keyof typeof VisualizationType];

/** Values of {@link AnalysisType}. */
export const VALID_ANALYSIS_TYPES: ReadonlySet<AnalysisType> = new Set(Object.values(AnalysisType));

/** Values of {@link StatisticType}. */
export const VALID_STATISTIC_TYPES: ReadonlySet<StatisticType> = new Set(Object.values(StatisticType));

/** Values of {@link VisualizationType}. */
export const VALID_VISUALIZATION_TYPES: ReadonlySet<VisualizationType> = new Set(Object.values(VisualizationType));

/** Everything that can be analysed. */
const ALL_TYPES: readonly AnalysisType[] = [AnalysisType.LAYER_WISE, AnalysisType.PARAMETER_COUNT, AnalysisType.MEMORY_FOOTPRINT, AnalysisType.ATTENTION_HEADS];

/** Parameters of a model. */
export interface ParameterStats {
  readonly totalParams: number;
  readonly trainableParams: number;
  readonly frozenParams: number;
  /** Parameters by number format or by part. */
  readonly dtypeBreakdown: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link ParameterStats}. */
export const ParameterStats: Definition<ParameterStats> = {
  name: 'ParameterStats',
  fields: {
    totalParams: { kind: 'int', default: 0, nonNegative: true },
    trainableParams: { kind: 'int', nonNegative: true },
    frozenParams: { kind: 'int', default: 0, nonNegative: true },
    dtypeBreakdown: { kind: 'record', of: { kind: 'int' } },
  },
  rules: [
    ({ totalParams, trainableParams, frozenParams }) =>
      trainableParams + frozenParams === totalParams
        ? null
        : `trainableParams (${trainableParams}) + frozenParams (${frozenParams}) must equal totalParams (${totalParams})`,
  ],
};

/** One layer. */
export interface LayerAnalysis {
  readonly layerName: string;
  readonly paramCount: number;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly flops: number;
}

/** Defaults and rules of {@link LayerAnalysis}. */
export const LayerAnalysis: Definition<LayerAnalysis> = {
  name: 'LayerAnalysis',
  fields: {
    layerName: { kind: 'string', nonEmpty: true },
    paramCount: { kind: 'int', default: 0, nonNegative: true },
    inputShape: { kind: 'array', of: { kind: 'int' }, nonEmpty: true, default: [1, 512, 768] },
    outputShape: { kind: 'array', of: { kind: 'int' }, nonEmpty: true },
    flops: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** A whole model. */
export interface ModelAnalysis {
  readonly parameterStats: ParameterStats;
  readonly layerAnalyses: readonly LayerAnalysis[];
  /** MiB. */
  readonly memoryEstimateMb: number;
  /** Of a forward pass. */
  readonly computeFlops: number;
}

/** Defaults and rules of {@link ModelAnalysis}. */
export const ModelAnalysis: Definition<ModelAnalysis> = {
  name: 'ModelAnalysis',
  fields: {
    parameterStats: { kind: 'config', of: ParameterStats },
    layerAnalyses: { kind: 'array', of: { kind: 'config', of: LayerAnalysis }, default: [] },
    memoryEstimateMb: { kind: 'float', default: 0, nonNegative: true },
    computeFlops: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** What an analysis covers. */
export interface AnalysisConfig {
  readonly analysisTypes: readonly AnalysisType[];
  readonly includeGradients: boolean;
  readonly computeFlops: boolean;
  readonly perLayer: boolean;
}

/** Defaults and rules of {@link AnalysisConfig}. */
export const AnalysisConfig: Definition<AnalysisConfig> = {
  name: 'AnalysisConfig',
  fields: {
    analysisTypes: { kind: 'array', of: { kind: 'enum', of: AnalysisType }, nonEmpty: true, default: ALL_TYPES },
    includeGradients: { kind: 'bool', default: true },
    computeFlops: { kind: 'bool', default: true },
    perLayer: { kind: 'bool', default: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateParameterStats(stats: ParameterStats): void {
  validate(ParameterStats, stats, 'stats');
}

/** @throws {ValidationError} naming every broken rule */
export function validateLayerAnalysis(analysis: LayerAnalysis): void {
  validate(LayerAnalysis, analysis, 'analysis');
}

/** @throws {ValidationError} naming every broken rule */
export function validateModelAnalysis(analysis: ModelAnalysis): void {
  validate(ModelAnalysis, analysis, 'analysis');
}

/** @throws {ValidationError} naming every broken rule */
export function validateAnalysisConfig(config: AnalysisConfig): void {
  validate(AnalysisConfig, config);
}

/** Analysis types in ascending order. */
export function listAnalysisTypes(): AnalysisType[] {
  return valuesOf(AnalysisType);
}

/** Statistic types in ascending order. */
export function listStatisticTypes(): StatisticType[] {
  return valuesOf(StatisticType);
}

/** Visualization types in ascending order. */
export function listVisualizationTypes(): VisualizationType[] {
  return valuesOf(VisualizationType);
}

/** @throws {ValidationError} naming the analysis types */
export function getAnalysisType(name: string): AnalysisType {
  return parseEnum(AnalysisType, name, 'analysisType');
}

/** @throws {ValidationError} naming the statistic types */
export function getStatisticType(name: string): StatisticType {
  return parseEnum(StatisticType, name, 'statisticType');
}

/** @throws {ValidationError} naming the visualization types */
export function getVisualizationType(name: string): VisualizationType {
  return parseEnum(VisualizationType, name, 'visualizationType');
}

/** Settles the parameters of a model: what is not frozen is trainable, all in float32 unless given. @throws {ValidationError} naming every broken rule */
export function createParameterStats({
  totalParams = 0,
  trainableParams = null,
  frozenParams = 0,
  dtypeBreakdown = null,
}: {
  readonly totalParams?: number;
  readonly trainableParams?: number | null;
  readonly frozenParams?: number;
  readonly dtypeBreakdown?: Readonly<Record<string, number>> | null;
} = {}): ParameterStats {
  return createFrom(ParameterStats, {
    totalParams,
    trainableParams: trainableParams ?? totalParams - frozenParams,
    frozenParams,
    dtypeBreakdown: dtypeBreakdown ?? { float32: totalParams },
  });
}

/** Settles the analysis of a layer, which keeps its shape unless given. @throws {ValidationError} naming every broken rule */
export function createLayerAnalysis(
  layerName: string,
  {
    inputShape = [1, 512, 768],
    outputShape = null,
    ...options
  }: { readonly paramCount?: number; readonly inputShape?: readonly number[]; readonly outputShape?: readonly number[] | null; readonly flops?: number } = {},
): LayerAnalysis {
  return createFrom(LayerAnalysis, { ...options, layerName, inputShape, outputShape: outputShape ?? inputShape });
}

/** Settles the analysis of a model, an empty one where nothing is given. @throws {ValidationError} naming every broken rule */
export function createModelAnalysis({
  parameterStats = null,
  layerAnalyses = null,
  ...options
}: {
  readonly parameterStats?: ParameterStats | null;
  readonly layerAnalyses?: readonly LayerAnalysis[] | null;
  readonly memoryEstimateMb?: number;
  readonly computeFlops?: number;
} = {}): ModelAnalysis {
  return createFrom(ModelAnalysis, { ...options, parameterStats: parameterStats ?? createParameterStats(), layerAnalyses: layerAnalyses ?? [] });
}

/** Settles what an analysis covers, everything unless given. @throws {ValidationError} naming every broken rule */
export function createAnalysisConfig({
  analysisTypes = null,
  ...options
}: Partial<Omit<AnalysisConfig, 'analysisTypes'>> & { readonly analysisTypes?: readonly AnalysisType[] | null } = {}): AnalysisConfig {
  return createFrom(AnalysisConfig, { ...options, analysisTypes: analysisTypes ?? ALL_TYPES });
}

/** Settings of {@link analyzeParameters} and {@link estimateModelFlops}. */
export interface ShapeOptions {
  /** Null is four times the width. */
  readonly intermediateSize?: number | null;
  readonly vocabSize?: number;
}

/**
 * Parameters of a transformer by part: embeddings, attention, feed-forward and norms. Biases and position embeddings are not counted.
 *
 * @param options `includeEmbeddings` counts the table of words
 * @throws {ValidationError} when a size is not positive or the width is no multiple of the heads
 * @remarks Python: `hf_gtc.models.analysis.analyze_parameters(num_layers, hidden_size, num_heads, ...)`; exact.
 * @example analyzeParameters(12, 768, 12).totalParams // => 108413952
 */
export function analyzeParameters(
  numLayers: number,
  hiddenSize: number,
  numHeads: number,
  { intermediateSize = null, vocabSize = 30522, includeEmbeddings = true }: ShapeOptions & { readonly includeEmbeddings?: boolean } = {},
): ParameterStats {
  positive(numLayers, 'numLayers');
  positive(hiddenSize, 'hiddenSize');
  positive(numHeads, 'numHeads');
  if (hiddenSize % numHeads !== 0)
    throw new ValidationError(`hiddenSize (${hiddenSize}) must be divisible by numHeads (${numHeads})`, { parameter: 'hiddenSize', received: hiddenSize });
  const parts = {
    ...(includeEmbeddings ? { embeddings: vocabSize * hiddenSize } : {}),
    attention: numLayers * 4 * hiddenSize ** 2,
    ffn: numLayers * 2 * hiddenSize * (intermediateSize ?? 4 * hiddenSize),
    norm: numLayers * 4 * hiddenSize + 2 * hiddenSize,
  };
  const totalParams = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return createParameterStats({ totalParams, dtypeBreakdown: parts });
}

/**
 * Parameters and operations of one layer of a transformer.
 *
 * @param options `layerType` attention (8·T·h² operations), ffn (4·T·h·inner) or norm (5·T·h), T the tokens of the batch
 * @throws {ValidationError} for an empty name, a kind that is not known, a width that is not positive or a negative batch
 * @remarks Python: `hf_gtc.models.analysis.compute_layer_statistics(layer_name, hidden_size, ...)`; exact.
 * @example computeLayerStatistics('layer_0', 64).flops // => 16777216
 */
export function computeLayerStatistics(
  layerName: string,
  hiddenSize: number,
  {
    intermediateSize = null,
    layerType = 'attention',
    batchSize = 1,
    seqLength = 512,
  }: {
    readonly intermediateSize?: number | null;
    readonly layerType?: 'attention' | 'ffn' | 'norm';
    readonly batchSize?: number;
    readonly seqLength?: number;
  } = {},
): LayerAnalysis {
  nonEmpty(layerName, 'layerName');
  positive(hiddenSize, 'hiddenSize');
  const inner = intermediateSize ?? 4 * hiddenSize;
  const tokens = batchSize * seqLength;
  const kinds = {
    attention: [4 * hiddenSize ** 2, 8 * tokens * hiddenSize ** 2],
    ffn: [2 * hiddenSize * inner, 4 * tokens * hiddenSize * inner],
    norm: [2 * hiddenSize, 5 * tokens * hiddenSize],
  } as const;
  const [paramCount, flops] = kinds[oneOf<keyof typeof kinds>(layerType, 'layerType', ['attention', 'ffn', 'norm'])];
  return createLayerAnalysis(layerName, { paramCount, inputShape: [batchSize, seqLength, hiddenSize], flops });
}

/**
 * Floating-point operations of a forward pass: projections, scores and values of attention, feed-forward, norms and the output layer.
 *
 * @throws {ValidationError} when a size is not positive or there are no heads
 * @remarks Python: `hf_gtc.models.analysis.estimate_model_flops(num_layers, hidden_size, num_heads, ...)`; exact.
 * @example estimateModelFlops(12, 768, 12) // => 120689393664
 */
export function estimateModelFlops(
  numLayers: number,
  hiddenSize: number,
  numHeads: number,
  {
    intermediateSize = null,
    vocabSize = 30522,
    batchSize = 1,
    seqLength = 512,
  }: ShapeOptions & { readonly batchSize?: number; readonly seqLength?: number } = {},
): number {
  allPositive({ numLayers, hiddenSize, batchSize, seqLength });
  if (numHeads === 0) throw new ValidationError('numHeads cannot be 0', { parameter: 'numHeads', received: numHeads, expected: 'not 0' });
  const tokens = batchSize * seqLength;
  const projections = 8 * tokens * hiddenSize ** 2;
  const scores = 4 * tokens * seqLength * numHeads * Math.floor(hiddenSize / numHeads);
  const feedForward = 4 * tokens * hiddenSize * (intermediateSize ?? 4 * hiddenSize);
  const norms = 10 * tokens * hiddenSize;
  return numLayers * (projections + scores + feedForward + norms) + 5 * tokens * hiddenSize + 2 * tokens * hiddenSize * vocabSize;
}

const REQUIRED_KEYS = ['hidden_size', 'num_heads', 'num_layers'] as const;

/** Parameters and operations of one named shape, and MiB of its weights and activations at 512 tokens. */
function analysisOf(name: string, shape: Readonly<Record<string, number>>): ModelAnalysis {
  const missing = REQUIRED_KEYS.filter(key => shape[key] === undefined);
  if (missing.length > 0)
    throw new ValidationError(`config for '${name}' missing required keys: ${missing.join(', ')}`, { parameter: 'configs', received: shape });
  const [layers, hidden, heads] = [shape['num_layers']!, shape['hidden_size']!, shape['num_heads']!];
  const options = { intermediateSize: shape['intermediate_size'] ?? null, vocabSize: shape['vocab_size'] ?? 30522 };
  const parameterStats = analyzeParameters(layers, hidden, heads, options);
  const bytes = 2 * parameterStats.totalParams + 8 * 512 * hidden * layers;
  return createModelAnalysis({ parameterStats, memoryEstimateMb: bytes / 2 ** 20, computeFlops: estimateModelFlops(layers, hidden, heads, options) });
}

/**
 * Analyses of some named shapes, by name.
 *
 * @param configs names with `num_layers`, `hidden_size`, `num_heads` and, if wanted, `intermediate_size` and `vocab_size`, as in a `config.json`
 * @throws {ValidationError} for an empty list, a missing key or a size that is not sound
 * @remarks Python: `hf_gtc.models.analysis.compare_model_architectures(configs)`.
 * @example compareModelArchitectures([['base', { num_layers: 12, hidden_size: 768, num_heads: 12 }]])['base']?.memoryEstimateMb // => 242.783203125
 */
export function compareModelArchitectures(
  configs: readonly (readonly [name: string, shape: Readonly<Record<string, number>>])[],
): Record<string, ModelAnalysis> {
  return Object.fromEntries(nonEmpty(configs, 'configs').map(([name, shape]) => [name, analysisOf(name, shape)]));
}

const FLOP_UNITS: Units = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
];

/** A shape as Python prints a tuple. */
function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/**
 * An analysis as a report of several sections.
 *
 * @param options `includeLayers` adds a section on each layer
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.models.analysis.format_analysis_report(analysis, include_layers=)`; equal text.
 * @example formatAnalysisReport(createModelAnalysis()).split('\n')[0] // => 'Model Analysis Report'
 */
export function formatAnalysisReport(analysis: ModelAnalysis, { includeLayers = false }: { readonly includeLayers?: boolean } = {}): string {
  const { parameterStats, layerAnalyses, memoryEstimateMb, computeFlops } = notNull(analysis, 'analysis');
  const { totalParams, trainableParams, frozenParams, dtypeBreakdown } = parameterStats;
  const sections = [
    ['Model Analysis Report', '='.repeat(40)],
    [
      'Parameter Statistics:',
      `  Total Parameters: ${shortened(totalParams, COUNT_UNITS)}`,
      `  Trainable Parameters: ${shortened(trainableParams, COUNT_UNITS)}`,
      `  Frozen Parameters: ${shortened(frozenParams, COUNT_UNITS)}`,
    ],
    ['Compute & Memory:', `  FLOPs (forward): ${shortened(computeFlops, FLOP_UNITS)}`, `  Memory: ${memoryText(memoryEstimateMb)}`],
  ];
  const parts = Object.entries(dtypeBreakdown).sort(([a], [b]) => (a < b ? -1 : 1));
  if (parts.length > 0) sections.push(['Parameter Breakdown:', ...parts.map(([name, count]) => `  ${name}: ${shortened(count, COUNT_UNITS)}`)]);
  if (includeLayers && layerAnalyses.length > 0)
    sections.push([
      'Layer-wise Analysis:',
      ...layerAnalyses.flatMap(({ layerName, paramCount, flops, inputShape, outputShape }) => [
        `  ${layerName}:`,
        `    Parameters: ${shortened(paramCount, COUNT_UNITS)}`,
        `    FLOPs: ${shortened(flops, FLOP_UNITS)}`,
        `    Input: ${shapeText(inputShape)}`,
        `    Output: ${shapeText(outputShape)}`,
      ]),
    ]);
  return sections.map(lines => lines.join('\n')).join('\n\n');
}

/** What to analyse at each size of model. */
const TYPES_OF_SIZE: Readonly<Record<string, readonly AnalysisType[]>> = {
  small: [AnalysisType.PARAMETER_COUNT, AnalysisType.MEMORY_FOOTPRINT],
  base: [AnalysisType.PARAMETER_COUNT, AnalysisType.LAYER_WISE, AnalysisType.MEMORY_FOOTPRINT],
  large: ALL_TYPES,
};

/**
 * What is worth analysing in a model of a size.
 *
 * @param options `modelSize` small, base or large, in any case; `detailed` asks for each layer, as large models always do
 * @throws {ValidationError} naming the sizes
 * @remarks Python: `hf_gtc.models.analysis.get_recommended_analysis_config(model_size=, detailed=)`.
 * @example getRecommendedAnalysisConfig({ modelSize: 'small' }).analysisTypes // => ['parameter_count', 'memory_footprint']
 */
export function getRecommendedAnalysisConfig({
  modelSize = 'base',
  detailed = false,
}: {
  readonly modelSize?: string;
  readonly detailed?: boolean;
} = {}): AnalysisConfig {
  const size = oneOf<string>(notNull(modelSize, 'modelSize').trim().toLowerCase(), 'modelSize', Object.keys(TYPES_OF_SIZE));
  return createAnalysisConfig({ analysisTypes: TYPES_OF_SIZE[size]!, perLayer: detailed || size === 'large' });
}
