/** Model editing: where facts are stored, how edits are set up, and whether they hold. Mirrors `hf_gtc.evaluation.editing`. */
import {
  type Definition,
  fillFrom,
  formatFixed,
  isValueOf,
  NumericError,
  nestedIssue,
  nonEmpty,
  notNull,
  parseEnum,
  positive,
  sameLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';

export * from './internal/editing/edit.js';
export * from './internal/editing/updates.js';

/** Ways to edit. */
export const EditingMethod = { ROME: 'rome', MEMIT: 'memit', MEND: 'mend', SERAC: 'serac', FT: 'ft' } as const;
export type EditingMethod = (typeof EditingMethod)[keyof typeof EditingMethod];

/** Ways to find where a fact is stored. */
export const LocalizationType = { CAUSAL_TRACING: 'causal_tracing', ACTIVATION_PATCHING: 'activation_patching', GRADIENT_BASED: 'gradient_based' } as const;
export type LocalizationType = (typeof LocalizationType)[keyof typeof LocalizationType];

/** How many edits go together. */
export const EditScope = { SINGLE: 'single', BATCH: 'batch', SEQUENTIAL: 'sequential' } as const;
export type EditScope = (typeof EditScope)[keyof typeof EditScope];

/** Values of {@link EditingMethod}. */
export const VALID_EDITING_METHODS: ReadonlySet<EditingMethod> = new Set(Object.values(EditingMethod));

/** Values of {@link LocalizationType}. */
export const VALID_LOCALIZATION_TYPES: ReadonlySet<LocalizationType> = new Set(Object.values(LocalizationType));

/** Values of {@link EditScope}. */
export const VALID_EDIT_SCOPES: ReadonlySet<EditScope> = new Set(Object.values(EditScope));

/** A rank-one edit of one fact (Meng et al. 2022). */
export interface ROMEConfig {
  readonly layers: readonly number[];
  readonly vLr: number;
  readonly clampNorm: number;
  readonly klFactor: number;
}

/** Defaults and rules of {@link ROMEConfig}. */
export const ROMEConfig: Definition<ROMEConfig> = {
  name: 'ROMEConfig',
  fields: {
    layers: { kind: 'array', of: { kind: 'int', nonNegative: true }, nonEmpty: true },
    vLr: { kind: 'float', default: 0.5, positive: true },
    clampNorm: { kind: 'float', default: 4, positive: true },
    klFactor: { kind: 'float', default: 0.0625, nonNegative: true },
  },
};

/** An edit of many facts at once (Meng et al. 2023). */
export interface MEMITConfig {
  readonly layers: readonly number[];
  readonly lambdaWeight: number;
  readonly editWeight: number;
}

/** Defaults and rules of {@link MEMITConfig}. */
export const MEMITConfig: Definition<MEMITConfig> = {
  name: 'MEMITConfig',
  fields: {
    layers: { kind: 'array', of: { kind: 'int', nonNegative: true }, nonEmpty: true },
    lambdaWeight: { kind: 'float', default: 5000, positive: true },
    editWeight: { kind: 'float', default: 1, positive: true },
  },
};

/** A fact and what it shall be. */
export interface EditRequest {
  readonly subject: string;
  readonly target: string;
  readonly prompt: string;
  readonly groundTruth: string;
}

/** Defaults and rules of {@link EditRequest}. */
export const EditRequest: Definition<EditRequest> = {
  name: 'EditRequest',
  fields: {
    subject: { kind: 'string', nonEmpty: true },
    target: { kind: 'string', nonEmpty: true },
    prompt: { kind: 'string', nonEmpty: true },
    groundTruth: { kind: 'string' },
  },
};

/** How a model is edited. */
export interface EditingConfig {
  readonly method: EditingMethod;
  readonly romeConfig: ROMEConfig | null;
  readonly memitConfig: MEMITConfig | null;
  readonly scope: EditScope;
  readonly verifyEdit: boolean;
}

/** Defaults and rules of {@link EditingConfig}. */
export const EditingConfig: Definition<EditingConfig> = {
  name: 'EditingConfig',
  fields: {
    method: { kind: 'enum', of: EditingMethod },
    romeConfig: { kind: 'any', default: null, nullable: true },
    memitConfig: { kind: 'any', default: null, nullable: true },
    scope: { kind: 'enum', of: EditScope, default: EditScope.SINGLE },
    verifyEdit: { kind: 'bool', default: true },
  },
  rules: [
    ({ method, romeConfig }) => (method === 'rome' || romeConfig !== null ? nestedIssue(ROMEConfig, romeConfig, 'romeConfig') : null),
    ({ method, memitConfig }) => (method === 'memit' || memitConfig !== null ? nestedIssue(MEMITConfig, memitConfig, 'memitConfig') : null),
  ],
};

/** How well edits hold. */
export interface EditingStats {
  readonly editSuccessRate: number;
  /** Share of unrelated facts that are unchanged. */
  readonly specificity: number;
  /** Share of paraphrases that show the edit. */
  readonly generalization: number;
  readonly localityScore: number;
}

/** Where a fact is stored. */
export interface LocalizationResult {
  readonly method: LocalizationType;
  readonly layerScores: readonly number[];
  readonly criticalLayers: readonly number[];
  readonly tokenImportance: readonly number[];
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

/** Settles a {@link EditRequest}. */
export function createEditRequest(subject: string, target: string, prompt: string, groundTruth: string): EditRequest {
  return fillFrom(EditRequest, { subject, target, prompt, groundTruth });
}

/** @throws {ValidationError} naming every broken rule */
export function validateRomeConfig(config: ROMEConfig): void {
  validate(ROMEConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMemitConfig(config: MEMITConfig): void {
  validate(MEMITConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEditRequest(request: EditRequest): void {
  validate(EditRequest, request, 'request');
}

/** @throws {ValidationError} naming every broken rule */
export function validateEditingConfig(config: EditingConfig): void {
  validate(EditingConfig, config);
}

/** Editing methods in ascending order. */
export function listEditingMethods(): EditingMethod[] {
  return valuesOf(EditingMethod);
}

/** @throws {ValidationError} naming the editing methods */
export function getEditingMethod(name: string): EditingMethod {
  return parseEnum(EditingMethod, name, 'editingMethod');
}

/** Localization types in ascending order. */
export function listLocalizationTypes(): LocalizationType[] {
  return valuesOf(LocalizationType);
}

/** @throws {ValidationError} naming the localization types */
export function getLocalizationType(name: string): LocalizationType {
  return parseEnum(LocalizationType, name, 'localizationType');
}

/** Edit scopes in ascending order. */
export function listEditScopes(): EditScope[] {
  return valuesOf(EditScope);
}

/** @throws {ValidationError} naming the edit scopes */
export function getEditScope(name: string): EditScope {
  return parseEnum(EditScope, name, 'editScope');
}

/**
 * A rank-one edit, at the layers of a base model unless told otherwise; {@link validateRomeConfig} has its rules.
 *
 * @remarks Python: `hf_gtc.evaluation.editing.create_rome_config(layers=, v_lr=, clamp_norm=, kl_factor=)`.
 */
export function createRomeConfig({
  layers = null,
  ...options
}: Partial<Omit<ROMEConfig, 'layers'>> & { readonly layers?: readonly number[] | null } = {}): ROMEConfig {
  return fillFrom(ROMEConfig, { ...options, layers: layers ?? [5, 6, 7] });
}

/**
 * An edit of many facts, at the layers of a base model unless told otherwise; {@link validateMemitConfig} has its rules.
 *
 * @remarks Python: `hf_gtc.evaluation.editing.create_memit_config(layers=, lambda_weight=, edit_weight=)`.
 */
export function createMemitConfig({
  layers = null,
  ...options
}: Partial<Omit<MEMITConfig, 'layers'>> & { readonly layers?: readonly number[] | null } = {}): MEMITConfig {
  return fillFrom(MEMITConfig, { ...options, layers: layers ?? [4, 5, 6, 7, 8] });
}

/**
 * An edit, by ROME unless told otherwise; {@link validateEditingConfig} has its rules.
 *
 * @remarks Python: `hf_gtc.evaluation.editing.create_editing_config(method=, rome_config=, memit_config=, scope=, verify_edit=)`.
 */
export function createEditingConfig({ method = 'rome', ...options }: Partial<EditingConfig> = {}): EditingConfig {
  return fillFrom(EditingConfig, { ...options, method });
}

const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value));

/** Layers whose score stands out by more than a standard deviation, or the best alone. */
function standingOut(scores: readonly number[]): readonly number[] {
  const center = mean(scores);
  const bound = center + Math.sqrt(mean(scores.map(score => (score - center) ** 2)));
  const found = [...scores.keys()].filter(layer => scores[layer]! > bound + 1e-12);
  return found.length > 0 ? found : [scores.indexOf(largest(scores))];
}

/** Each token's share, even where there is nothing to share. */
function shares(magnitudes: readonly number[]): readonly number[] {
  const total = sum(magnitudes);
  return magnitudes.map(value => (total > 0 ? value / total : 1 / magnitudes.length));
}

/**
 * Where a fact is stored: layers score their mean activation times the probability that corrupting the subject costs, at least 0.1.
 *
 * @param layerActivations one row of token activations for each layer
 * @param cleanProbs probabilities of the answer
 * @param corruptedProbs those after the subject was corrupted
 * @returns with the layers that stand out by a standard deviation, or the best alone, and each token's share of the first layer
 * @throws {ValidationError} for nothing to judge by
 * @throws {NumericError} for a layer without activations
 * @remarks Python: `hf_gtc.evaluation.editing.localize_knowledge(layer_activations, clean_probs, corrupted_probs, method=)`.
 * @example localizeKnowledge([[0.1], [0.5]], [0.75], [0.25]).criticalLayers // => [1]
 */
export function localizeKnowledge(
  layerActivations: readonly (readonly number[])[],
  cleanProbs: readonly number[],
  corruptedProbs: readonly number[],
  { method = 'causal_tracing' }: { readonly method?: LocalizationType } = {},
): LocalizationResult {
  nonEmpty(layerActivations, 'layerActivations');
  const gap = largest(nonEmpty(cleanProbs, 'cleanProbs')) - largest(nonEmpty(corruptedProbs, 'corruptedProbs'));
  const recoveryGap = gap > 0 ? gap : 0.1;
  const empty = layerActivations.findIndex(row => row.length === 0);
  if (empty >= 0) throw new NumericError(`layerActivations[${empty}] has no mean: it is empty`, { parameter: 'layerActivations' });
  const magnitudes = layerActivations.map(row => row.map(Math.abs));
  const layerScores = magnitudes.map(row => mean(row) * recoveryGap);
  return {
    method,
    layerScores,
    criticalLayers: standingOut(layerScores),
    tokenImportance: shares(magnitudes[0]!),
    metadata: { num_layers: layerActivations.length, recovery_gap: recoveryGap },
  };
}

/** Share of texts that are equal but for case and surrounding space. */
function agreement(texts: readonly string[], wanted: readonly string[]): number {
  const plain = (text: string): string => text.trim().toLowerCase();
  return texts.filter((text, index) => plain(text) === plain(wanted[index]!)).length / texts.length;
}

/**
 * Share of edits that took: predictions that are the target, whatever their case.
 *
 * @throws {ValidationError} for no predictions or targets
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.editing.calculate_edit_success(predictions, targets)`; within 1e-12.
 * @example calculateEditSuccess(['Rome', 'Paris'], ['rome', 'Berlin']) // => 0.5
 */
export function calculateEditSuccess(predictions: readonly string[], targets: readonly string[]): number {
  sameLength({ predictions: nonEmpty(predictions, 'predictions'), targets: nonEmpty(targets, 'targets') });
  return agreement(predictions, targets);
}

/**
 * Share of unrelated facts that an edit left alone.
 *
 * @throws {ValidationError} for no predictions or ground truths
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.editing.measure_specificity(unrelated_predictions, unrelated_ground_truths)`; within 1e-12.
 * @example measureSpecificity(['0'], ['0']) // => 1
 */
export function measureSpecificity(unrelatedPredictions: readonly string[], unrelatedGroundTruths: readonly string[]): number {
  nonEmpty(unrelatedPredictions, 'unrelatedPredictions');
  sameLength({ unrelatedPredictions, unrelatedGroundTruths: nonEmpty(unrelatedGroundTruths, 'unrelatedGroundTruths') });
  return agreement(unrelatedPredictions, unrelatedGroundTruths);
}

/**
 * Share of paraphrases that show an edit.
 *
 * @throws {ValidationError} for no predictions or targets
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.editing.measure_generalization(paraphrase_predictions, targets)`; within 1e-12.
 * @example measureGeneralization(['0'], ['0']) // => 1
 */
export function measureGeneralization(paraphrasePredictions: readonly string[], targets: readonly string[]): number {
  sameLength({ paraphrasePredictions: nonEmpty(paraphrasePredictions, 'paraphrasePredictions'), targets: nonEmpty(targets, 'targets') });
  return agreement(paraphrasePredictions, targets);
}

const GRADES: readonly (readonly [atLeast: number, grade: string])[] = [
  [0.9, 'Excellent'],
  [0.8, 'Good'],
  [0.7, 'Fair'],
];

/**
 * Statistics as lines of text, with their mean and a grade.
 *
 * @remarks Python: `hf_gtc.evaluation.editing.format_editing_stats(stats)`; the same text.
 */
export function formatEditingStats(stats: EditingStats): string {
  const { editSuccessRate, specificity, generalization, localityScore } = notNull(stats, 'stats');
  const overall = mean([editSuccessRate, specificity, generalization, localityScore]);
  return [
    'Model Editing Evaluation Results',
    '='.repeat(35),
    '',
    `Edit Success Rate: ${formatFixed(editSuccessRate * 100, 2)}%`,
    `Specificity: ${formatFixed(specificity * 100, 2)}%`,
    `Generalization: ${formatFixed(generalization * 100, 2)}%`,
    `Locality Score: ${formatFixed(localityScore * 100, 2)}%`,
    '',
    `Overall Score: ${formatFixed(overall * 100, 2)}%`,
    `Assessment: ${GRADES.find(([atLeast]) => overall >= atLeast)?.[1] ?? 'Needs Improvement'}`,
  ].join('\n');
}

/** Layers of the published edits by size of the model. */
const LAYERS: Readonly<Record<string, { readonly rome: readonly number[]; readonly memit: readonly number[] }>> = {
  small: { rome: [3, 4, 5], memit: [2, 3, 4, 5, 6] },
  base: { rome: [5, 6, 7], memit: [4, 5, 6, 7, 8] },
  large: { rome: [15, 16, 17, 18], memit: [13, 14, 15, 16, 17, 18, 19] },
  xl: { rome: [20, 21, 22, 23, 24], memit: [18, 19, 20, 21, 22, 23, 24, 25] },
};

/**
 * Edits that suit their number: ROME for one, MEMIT for more, under a stronger regularization beyond a hundred.
 *
 * @param options `modelSize`: `small`, `base`, `large` or `xl`; any other counts as `base`
 * @throws {ValidationError} for no edits or an empty size
 * @remarks Python: `hf_gtc.evaluation.editing.get_recommended_editing_config(num_edits, model_size=)`.
 * @example getRecommendedEditingConfig(1).method // => 'rome'
 */
export function getRecommendedEditingConfig(numEdits: number, { modelSize = 'base' }: { readonly modelSize?: string } = {}): EditingConfig {
  positive(numEdits, 'numEdits');
  const { rome, memit } = LAYERS[nonEmpty(modelSize, 'modelSize')] ?? LAYERS['base']!;
  if (numEdits === 1) return createEditingConfig({ romeConfig: createRomeConfig({ layers: rome }) });
  const many = numEdits > 100 ? { lambdaWeight: 10000, editWeight: 0.5 } : {};
  return createEditingConfig({ method: 'memit', scope: 'batch', memitConfig: createMemitConfig({ layers: memit, ...many }) });
}

/**
 * Whether this is an {@link EditingMethod}.
 *
 * @remarks Python: `hf_gtc.evaluation.editing.validate_editing_method(method)`; exact.
 * @example validateEditingMethod('ft') // => true
 */
export function validateEditingMethod(method: string): boolean {
  return isValueOf(EditingMethod, method);
}

/**
 * Whether this is a {@link LocalizationType}.
 *
 * @remarks Python: `hf_gtc.evaluation.editing.validate_localization_type(loc_type)`; exact.
 * @example validateLocalizationType('gradient_based') // => true
 */
export function validateLocalizationType(locType: string): boolean {
  return isValueOf(LocalizationType, locType);
}

/**
 * Whether this is an {@link EditScope}.
 *
 * @remarks Python: `hf_gtc.evaluation.editing.validate_edit_scope(scope)`; exact.
 * @example validateEditScope('single') // => true
 */
export function validateEditScope(scope: string): boolean {
  return isValueOf(EditScope, scope);
}
