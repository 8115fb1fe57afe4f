/** Interpretability: attributions, attention, what they cost, and how they are shown. Mirrors `hf_gtc.evaluation.interpretability`. */
import {
  allPositive,
  type Definition,
  fillFrom,
  formatFixed,
  isValueOf,
  nonEmpty,
  notNull,
  parseEnum,
  positive,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';

export * from './internal/interpretability/attention-flow.js';
export {
  deconvolution,
  deepLift,
  type GradCamOptions,
  gradCam,
  guidedBackprop,
  type IntegratedGradients,
  type IntegratedGradientsOptions,
  inputXGradient,
  integratedGradients,
  layerActivation,
  layerConductance,
  type PathMethod,
  type SaliencyOptions,
  type ScoreFunction,
  type ScoreModule,
  type SmoothGradOptions,
  saliency,
  smoothGrad,
  type TargetOptions,
} from './internal/interpretability/gradients.js';
export { type Hook, withHooks } from './internal/interpretability/hooks.js';
export * from './internal/interpretability/perturbation.js';
export * from './internal/interpretability/probing.js';
export * from './internal/interpretability/streams.js';

/** Ways to say which inputs mattered. */
export const AttributionMethod = {
  INTEGRATED_GRADIENTS: 'integrated_gradients',
  SALIENCY: 'saliency',
  GRAD_CAM: 'grad_cam',
  ATTENTION_ROLLOUT: 'attention_rollout',
  LIME: 'lime',
  SHAP: 'shap',
} as const;
export type AttributionMethod = (typeof AttributionMethod)[keyof typeof AttributionMethod];

/** Ways to show it. */
export const VisualizationType = {
  HEATMAP: 'heatmap',
  BAR_CHART: 'bar_chart',
  TEXT_HIGHLIGHT: 'text_highlight',
  ATTENTION_PATTERN: 'attention_pattern',
} as const;
export type VisualizationType = (typeof VisualizationType)[keyof typeof VisualizationType];

/** Ways to join heads. */
export const AggregationMethod = { MEAN: 'mean', MAX: 'max', L2_NORM: 'l2_norm', SUM: 'sum' } as const;
export type AggregationMethod = (typeof AggregationMethod)[keyof typeof AggregationMethod];

/** Values of {@link AttributionMethod}. */
export const VALID_ATTRIBUTION_METHODS: ReadonlySet<AttributionMethod> = new Set(Object.values(AttributionMethod));

/** Values of {@link VisualizationType}. */
export const VALID_VISUALIZATION_TYPES: ReadonlySet<VisualizationType> = new Set(Object.values(VisualizationType));

/** Values of {@link AggregationMethod}. */
export const VALID_AGGREGATION_METHODS: ReadonlySet<AggregationMethod> = new Set(Object.values(AggregationMethod));

/** Which attention is joined, and how. */
export interface AttentionConfig {
  readonly layerIndices: readonly number[] | null;
  readonly headIndices: readonly number[] | null;
  readonly aggregation: AggregationMethod;
  readonly normalize: boolean;
}

/** Defaults and rules of {@link AttentionConfig}. */
export const AttentionConfig: Definition<AttentionConfig> = {
  name: 'AttentionConfig',
  fields: {
    layerIndices: { kind: 'array', of: { kind: 'int', nonNegative: true }, nullable: true, default: null },
    headIndices: { kind: 'array', of: { kind: 'int', nonNegative: true }, nullable: true, default: null },
    aggregation: { kind: 'enum', of: AggregationMethod, default: AggregationMethod.MEAN },
    normalize: { kind: 'bool', default: true },
  },
};

/** How inputs are judged. */
export interface AttributionConfig {
  readonly method: AttributionMethod;
  readonly baselineType: string;
  readonly nSteps: number;
  readonly internalBatchSize: number;
}

/** Defaults and rules of {@link AttributionConfig}. */
export const AttributionConfig: Definition<AttributionConfig> = {
  name: 'AttributionConfig',
  fields: {
    method: { kind: 'enum', of: AttributionMethod, default: AttributionMethod.INTEGRATED_GRADIENTS },
    baselineType: { kind: 'string', default: 'zero', nonEmpty: true },
    nSteps: { kind: 'int', default: 50, positive: true },
    internalBatchSize: { kind: 'int', default: 32, positive: true },
  },
};

/** Which inputs mattered. */
export interface InterpretabilityResult {
  readonly attributions: readonly number[];
  readonly attentionWeights: readonly (readonly number[])[] | null;
  readonly tokens: readonly string[] | null;
  readonly layerInfo: Readonly<Record<string, unknown>> | null;
}

/** How it is shown. */
export interface VisualizationConfig {
  readonly vizType: VisualizationType;
  readonly colormap: string;
  readonly figsize: readonly [number, number];
  readonly showValues: boolean;
}

/** Defaults and rules of {@link VisualizationConfig}. */
export const VisualizationConfig: Definition<VisualizationConfig> = {
  name: 'VisualizationConfig',
  fields: {
    vizType: { kind: 'enum', of: VisualizationType, default: VisualizationType.HEATMAP },
    colormap: { kind: 'string', default: 'viridis', nonEmpty: true },
    figsize: { kind: 'array', of: { kind: 'int', positive: true }, length: 2, default: [10, 6] },
    showValues: { kind: 'bool', default: false },
  },
};

/** Settles a {@link AttentionConfig}. */
export function createAttentionConfig(options: Partial<AttentionConfig> = {}): AttentionConfig {
  return fillFrom(AttentionConfig, options);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAttentionConfig(config: AttentionConfig): void {
  validate(AttentionConfig, config);
}

/** Settles a {@link AttributionConfig}. */
export function createAttributionConfig(options: Partial<AttributionConfig> = {}): AttributionConfig {
  return fillFrom(AttributionConfig, options);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAttributionConfig(config: AttributionConfig): void {
  validate(AttributionConfig, config);
}

/** Settles a {@link VisualizationConfig}. */
export function createVisualizationConfig(options: Partial<VisualizationConfig> = {}): VisualizationConfig {
  return fillFrom(VisualizationConfig, options);
}

/** @throws {ValidationError} naming every broken rule */
export function validateVisualizationConfig(config: VisualizationConfig): void {
  validate(VisualizationConfig, config);
}

/** Attribution methods in ascending order. */
export function listAttributionMethods(): AttributionMethod[] {
  return valuesOf(AttributionMethod);
}

/** @throws {ValidationError} naming the attribution methods */
export function getAttributionMethod(name: string): AttributionMethod {
  return parseEnum(AttributionMethod, name, 'attributionMethod');
}

/** Visualization types in ascending order. */
export function listVisualizationTypes(): VisualizationType[] {
  return valuesOf(VisualizationType);
}

/** @throws {ValidationError} naming the visualization types */
export function getVisualizationType(name: string): VisualizationType {
  return parseEnum(VisualizationType, name, 'visualizationType');
}

/** Aggregation methods in ascending order. */
export function listAggregationMethods(): AggregationMethod[] {
  return valuesOf(AggregationMethod);
}

/** @throws {ValidationError} naming the aggregation methods */
export function getAggregationMethod(name: string): AggregationMethod {
  return parseEnum(AggregationMethod, name, 'aggregationMethod');
}

/**
 * Whether this is an {@link AttributionMethod}.
 *
 * @remarks Python: `hf_gtc.evaluation.interpretability.validate_attribution_method(method)`; exact.
 * @example validateAttributionMethod('shap') // => true
 */
export function validateAttributionMethod(method: string): boolean {
  return isValueOf(AttributionMethod, method);
}

/**
 * Whether this is a {@link VisualizationType}.
 *
 * @remarks Python: `hf_gtc.evaluation.interpretability.validate_visualization_type(viz_type)`; exact.
 * @example validateVisualizationType('bar_chart') // => true
 */
export function validateVisualizationType(vizType: string): boolean {
  return isValueOf(VisualizationType, vizType);
}

/**
 * Whether this is an {@link AggregationMethod}.
 *
 * @remarks Python: `hf_gtc.evaluation.interpretability.validate_aggregation_method(method)`; exact.
 * @example validateAggregationMethod('max') // => true
 */
export function validateAggregationMethod(method: string): boolean {
  return isValueOf(AggregationMethod, method);
}

/**
 * Attributions from gradients: their magnitude for saliency, gradient times input for everything else.
 *
 * @throws {ValidationError} for nothing to judge
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.interpretability.calculate_attribution_scores(gradients, inputs, config)`.
 * @example calculateAttributionScores([0.5, -2], [4, 1], createAttributionConfig({ method: 'saliency' })) // => [0.5, 2]
 */
export function calculateAttributionScores(gradients: readonly number[], inputs: readonly number[], config: AttributionConfig): number[] {
  nonEmpty(gradients, 'gradients');
  nonEmpty(inputs, 'inputs');
  sameLength({ gradients, inputs });
  const { method } = notNull(config, 'config');
  return gradients.map((gradient, index) => (method === 'saliency' ? Math.abs(gradient) : gradient * inputs[index]!));
}

const JOIN: Readonly<Record<AggregationMethod, (values: readonly number[]) => number>> = {
  mean,
  sum,
  max: values => values.reduce((most, value) => Math.max(most, value)),
  l2_norm: values => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0)),
};

/**
 * Joins the rows of attention position by position, and scales the result to the sum 1 where it is positive.
 *
 * @param attentionWeights one row for each head
 * @throws {ValidationError} for no rows
 * @throws {ShapeError} for rows of different lengths
 * @remarks Python: `hf_gtc.evaluation.interpretability.aggregate_attention_weights(attention_weights, config)`.
 * @example aggregateAttentionWeights([[0.2, 0.6], [0.4, 0.8]], createAttentionConfig({ normalize: false, aggregation: 'max' })) // => [0.4, 0.8]
 */
export function aggregateAttentionWeights(attentionWeights: readonly (readonly number[])[], config: AttentionConfig): number[] {
  nonEmpty(attentionWeights, 'attentionWeights');
  const { aggregation, normalize } = notNull(config, 'config');
  for (const [index, row] of attentionWeights.entries()) sameLength({ 'attentionWeights[0]': attentionWeights[0]!, [`attentionWeights[${index}]`]: row });
  const joined = attentionWeights[0]!.map((_, column) => JOIN[aggregation](attentionWeights.map(row => row[column]!)));
  const total = sum(joined);
  return normalize && total > 0 ? joined.map(value => value / total) : joined;
}

/** Runs of the model that a method takes, in units of a run for a thousand tokens. */
const RUNS: Readonly<Record<AttributionMethod, (steps: number) => number>> = {
  integrated_gradients: steps => steps,
  saliency: () => 1.5,
  grad_cam: () => 2,
  attention_rollout: () => 1,
  lime: steps => 2 * steps,
  shap: steps => 3 * steps,
};

/**
 * A rule of thumb for the time of an attribution, ms; every batch beyond the first costs a tenth more.
 *
 * @throws {ValidationError} for counts that are not positive, or batches of size 0
 * @remarks Python: `hf_gtc.evaluation.interpretability.estimate_interpretation_time(num_tokens, config, model_inference_time_ms=)`; within 1e-12.
 */
export function estimateInterpretationTime(
  numTokens: number,
  config: AttributionConfig,
  { modelInferenceTimeMs = 50 }: { readonly modelInferenceTimeMs?: number } = {},
): number {
  const { method, nSteps, internalBatchSize } = notNull(config, 'config');
  allPositive({ numTokens, modelInferenceTimeMs });
  if (internalBatchSize === 0) throw new ValidationError('internalBatchSize must not be 0', { parameter: 'internalBatchSize', received: 0 });
  const batches = Math.ceil(numTokens / internalBatchSize);
  return ((numTokens * modelInferenceTimeMs) / 1000) * RUNS[method](nSteps) * (1 + 0.1 * (batches - 1));
}

/**
 * Which inputs mattered, as text: those with the greatest magnitude first.
 *
 * @param options `topK` of them
 * @throws {ValidationError} for no result or a count that is not positive
 * @remarks Python: `hf_gtc.evaluation.interpretability.format_interpretation_result(result, top_k=)`; the same text.
 * @example formatInterpretationResult({ attributions: [0.1, -0.8], tokens: ['a', 'b'], attentionWeights: null, layerInfo: null }, { topK: 1 }).split('\n')[4] // => '  b: -0.8000'
 */
export function formatInterpretationResult(result: InterpretabilityResult, { topK = 5 }: { readonly topK?: number } = {}): string {
  const { attributions, tokens, attentionWeights, layerInfo } = notNull(result, 'result');
  positive(topK, 'topK');
  const top = [...attributions.entries()].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a)).slice(0, topK);
  const sizes = attributions.map(Math.abs);
  return [
    'Interpretability Analysis Results',
    '='.repeat(35),
    '',
    `Top ${top.length} Attributions:`,
    ...top.map(([place, value]) => `  ${tokens?.[place] ?? `[${place}]`}: ${formatFixed(value, 4)}`),
    ...(sizes.length === 0
      ? []
      : [
          '',
          'Attribution Statistics:',
          `  Max: ${formatFixed(
            sizes.reduce((most, value) => Math.max(most, value)),
            4,
          )}`,
          `  Mean: ${formatFixed(mean(sizes), 4)}`,
          `  Total features: ${sizes.length}`,
        ]),
    ...(attentionWeights === null ? [] : ['', `Attention weights: ${attentionWeights.length} layers`]),
    ...(layerInfo === null ? [] : ['', `Layer info: ${Object.keys(layerInfo).length} entries`]),
  ].join('\n');
}

/** Settings by task; every other task takes the defaults. Negative layers count from the last one. */
const RECOMMENDED: Readonly<Record<string, readonly [Partial<AttributionConfig>, Partial<AttentionConfig>]>> = {
  qa: [
    { method: 'attention_rollout', nSteps: 25, internalBatchSize: 16 },
    { layerIndices: [-1, -2, -3], aggregation: 'max' },
  ],
  generation: [{ method: 'saliency', nSteps: 1, internalBatchSize: 64 }, { normalize: false }],
  vision: [
    { method: 'grad_cam', baselineType: 'blur', nSteps: 100, internalBatchSize: 8 },
    { layerIndices: [-1], aggregation: 'l2_norm' },
  ],
};

/**
 * Settings that suit a task: `qa`, `generation`, `vision` or any other.
 *
 * @throws {ValidationError} for no task
 * @remarks Python: `hf_gtc.evaluation.interpretability.get_recommended_interpretability_config(task)`.
 * @example getRecommendedInterpretabilityConfig('vision')[0].method // => 'grad_cam'
 */
export function getRecommendedInterpretabilityConfig(task: string): readonly [attribution: AttributionConfig, attention: AttentionConfig] {
  const name = nonEmpty(task, 'task').toLowerCase();
  const [attribution, attention] = Object.hasOwn(RECOMMENDED, name) ? RECOMMENDED[name]! : [{}, {}];
  return [createAttributionConfig(attribution), fillFrom(AttentionConfig, attention)];
}
