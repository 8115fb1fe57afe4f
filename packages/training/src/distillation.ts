/** Distillation: a small model learns from a large one. Mirrors `hf_gtc.training.distillation`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nonEmpty,
  nonNegative,
  oneOf,
  parseEnum,
  positive,
  roundTo,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** What is learned from the teacher. */
export const DistillationMethod = {
  RESPONSE_BASED: 'response_based',
  FEATURE_BASED: 'feature_based',
  ATTENTION_TRANSFER: 'attention_transfer',
  SELF_DISTILLATION: 'self_distillation',
  PROGRESSIVE: 'progressive',
} as const;
export type DistillationMethod = (typeof DistillationMethod)[keyof typeof DistillationMethod];

/** How far the student is from the teacher. */
export const DistillationLoss = { KL_DIVERGENCE: 'kl_divergence', MSE: 'mse', COSINE: 'cosine', CROSS_ENTROPY: 'cross_entropy', COMBINED: 'combined' } as const;
export type DistillationLoss = (typeof DistillationLoss)[keyof typeof DistillationLoss];

/** How the temperature changes. */
export const TemperatureSchedule = {
  CONSTANT: 'constant',
  LINEAR_DECAY: 'linear_decay',
  COSINE_DECAY: 'cosine_decay',
  EXPONENTIAL_DECAY: 'exponential_decay',
  WARMUP: 'warmup',
} as const;
export type TemperatureSchedule = (typeof TemperatureSchedule)[keyof typeof TemperatureSchedule];

/** Where the student's weights come from. */
export const StudentInitialization = { RANDOM: 'random', TEACHER_SUBSET: 'teacher_subset', PRETRAINED: 'pretrained', PRUNED: 'pruned' } as const;
export type StudentInitialization = (typeof StudentInitialization)[keyof typeof StudentInitialization];

/** Values of {@link DistillationMethod}. */
export const VALID_DISTILLATION_METHODS: ReadonlySet<DistillationMethod> = new Set(Object.values(DistillationMethod));

/** Values of {@link DistillationLoss}. */
export const VALID_DISTILLATION_LOSSES: ReadonlySet<DistillationLoss> = new Set(Object.values(DistillationLoss));

/** Values of {@link TemperatureSchedule}. */
export const VALID_TEMPERATURE_SCHEDULES: ReadonlySet<TemperatureSchedule> = new Set(Object.values(TemperatureSchedule));

/** Values of {@link StudentInitialization}. */
export const VALID_STUDENT_INITIALIZATIONS: ReadonlySet<StudentInitialization> = new Set(Object.values(StudentInitialization));

/** The model that is learned from. */
export interface TeacherConfig {
  readonly modelNameOrPath: string;
  readonly numLayers: number;
  readonly hiddenSize: number;
  readonly outputHiddenStates: boolean;
  readonly outputAttentions: boolean;
}

/** Defaults and rules of {@link TeacherConfig}. */
export const TeacherConfig: Definition<TeacherConfig> = {
  name: 'TeacherConfig',
  fields: {
    modelNameOrPath: { kind: 'string', nonEmpty: true },
    numLayers: { kind: 'int', default: 12, positive: true },
    hiddenSize: { kind: 'int', default: 768, positive: true },
    outputHiddenStates: { kind: 'bool', default: true },
    outputAttentions: { kind: 'bool', default: false },
  },
};

/** The model that learns. */
export interface StudentConfig {
  readonly modelNameOrPath: string;
  readonly numLayers: number;
  readonly hiddenSize: number;
  readonly initialization: StudentInitialization;
  /** Layer of the teacher for each of the student. */
  readonly layerMapping: readonly number[];
}

/** Defaults and rules of {@link StudentConfig}. */
export const StudentConfig: Definition<StudentConfig> = {
  name: 'StudentConfig',
  fields: {
    modelNameOrPath: { kind: 'string', nonEmpty: true },
    numLayers: { kind: 'int', default: 6, positive: true },
    hiddenSize: { kind: 'int', default: 768, positive: true },
    initialization: { kind: 'enum', of: StudentInitialization, default: StudentInitialization.PRETRAINED },
    layerMapping: { kind: 'array', of: { kind: 'int' } },
  },
  rules: [
    ({ numLayers, layerMapping }) =>
      layerMapping.length === numLayers ? null : `layerMapping must have numLayers (${numLayers}) items, got ${layerMapping.length}`,
  ],
};

/** The loss. */
export interface DistillationLossConfig {
  readonly lossType: DistillationLoss;
  readonly temperature: number;
  /** Share of the distillation loss. */
  readonly alpha: number;
  readonly beta: number;
  readonly normalizeFeatures: boolean;
}

/** Defaults and rules of {@link DistillationLossConfig}. */
export const DistillationLossConfig: Definition<DistillationLossConfig> = {
  name: 'DistillationLossConfig',
  fields: {
    lossType: { kind: 'enum', of: DistillationLoss, default: DistillationLoss.KL_DIVERGENCE },
    temperature: { kind: 'float', default: 4, positive: true },
    alpha: { kind: 'float', default: 0.5, min: 0, max: 1 },
    beta: { kind: 'float', default: 0, nonNegative: true },
    normalizeFeatures: { kind: 'bool', default: true },
  },
};

/** Which inner states are matched. */
export interface FeatureMatchingConfig {
  readonly matchHiddenStates: boolean;
  readonly matchAttention: boolean;
  readonly hiddenLayerIndices: readonly number[];
  readonly attentionLayerIndices: readonly number[];
  readonly projectionDim: number;
}

/** Defaults and rules of {@link FeatureMatchingConfig}. */
export const FeatureMatchingConfig: Definition<FeatureMatchingConfig> = {
  name: 'FeatureMatchingConfig',
  fields: {
    matchHiddenStates: { kind: 'bool', default: true },
    matchAttention: { kind: 'bool', default: false },
    hiddenLayerIndices: { kind: 'array', of: { kind: 'int' }, default: [4, 8, 12] },
    attentionLayerIndices: { kind: 'array', of: { kind: 'int' }, default: [] },
    projectionDim: { kind: 'int', default: 768, positive: true },
  },
  rules: [
    ({ matchHiddenStates, hiddenLayerIndices }) =>
      matchHiddenStates && hiddenLayerIndices.length === 0 ? 'hiddenLayerIndices are required for matchHiddenStates' : null,
    ({ matchAttention, attentionLayerIndices }) =>
      matchAttention && attentionLayerIndices.length === 0 ? 'attentionLayerIndices are required for matchAttention' : null,
  ],
};

/** How a student is taught. */
export interface DistillationConfig {
  readonly method: DistillationMethod;
  readonly temperature: number;
  readonly alpha: number;
  readonly temperatureSchedule: TemperatureSchedule;
  readonly finalTemperature: number;
  readonly warmupSteps: number;
}

/** Defaults and rules of {@link DistillationConfig}. */
export const DistillationConfig: Definition<DistillationConfig> = {
  name: 'DistillationConfig',
  fields: {
    method: { kind: 'enum', of: DistillationMethod, default: DistillationMethod.RESPONSE_BASED },
    temperature: { kind: 'float', default: 4, positive: true },
    alpha: { kind: 'float', default: 0.5, min: 0, max: 1 },
    temperatureSchedule: { kind: 'enum', of: TemperatureSchedule, default: TemperatureSchedule.CONSTANT },
    finalTemperature: { kind: 'float', default: 1, positive: true },
    warmupSteps: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** How far a student is. */
export interface DistillationStats {
  readonly totalSteps: number;
  readonly distillationLoss: number;
  readonly taskLoss: number;
  readonly combinedLoss: number;
  readonly temperature: number;
  /** Size of the student as a share of the teacher. */
  readonly compressionRatio: number;
}

/** Defaults and rules of {@link DistillationStats}. */
export const DistillationStats: Definition<DistillationStats> = {
  name: 'DistillationStats',
  fields: {
    totalSteps: { kind: 'int', default: 0, nonNegative: true },
    distillationLoss: { kind: 'float', default: 0 },
    taskLoss: { kind: 'float', default: 0 },
    combinedLoss: { kind: 'float', default: 0 },
    temperature: { kind: 'float', default: 4 },
    compressionRatio: { kind: 'float', default: 1, positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateDistillationConfig(config: DistillationConfig): void {
  validate(DistillationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTeacherConfig(config: TeacherConfig): void {
  validate(TeacherConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateStudentConfig(config: StudentConfig): void {
  validate(StudentConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLossConfig(config: DistillationLossConfig): void {
  validate(DistillationLossConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateFeatureMatchingConfig(config: FeatureMatchingConfig): void {
  validate(FeatureMatchingConfig, config);
}

/** Settles a {@link DistillationConfig}. @throws {ValidationError} naming every broken rule */
export function createDistillationConfig(options: Partial<DistillationConfig> = {}): DistillationConfig {
  return createFrom(DistillationConfig, options);
}

/** Settles a {@link TeacherConfig}. @throws {ValidationError} naming every broken rule */
export function createTeacherConfig(modelNameOrPath: string, options: Partial<Omit<TeacherConfig, 'modelNameOrPath'>> = {}): TeacherConfig {
  return createFrom(TeacherConfig, { modelNameOrPath, ...options });
}

/** Settles a {@link DistillationLossConfig}. @throws {ValidationError} naming every broken rule */
export function createLossConfig(options: Partial<DistillationLossConfig> = {}): DistillationLossConfig {
  return createFrom(DistillationLossConfig, options);
}

/** Settles a {@link FeatureMatchingConfig}. @throws {ValidationError} naming every broken rule */
export function createFeatureMatchingConfig(options: Partial<FeatureMatchingConfig> = {}): FeatureMatchingConfig {
  return createFrom(FeatureMatchingConfig, options);
}

/** Settles a {@link DistillationStats}. @throws {ValidationError} naming every broken rule */
export function createDistillationStats(options: Partial<DistillationStats> = {}): DistillationStats {
  return createFrom(DistillationStats, options);
}

/** Distillation methods in ascending order. */
export function listDistillationMethods(): DistillationMethod[] {
  return valuesOf(DistillationMethod);
}

/** Distillation losses in ascending order. */
export function listDistillationLosses(): DistillationLoss[] {
  return valuesOf(DistillationLoss);
}

/** Temperature schedules in ascending order. */
export function listTemperatureSchedules(): TemperatureSchedule[] {
  return valuesOf(TemperatureSchedule);
}

/** Student initializations in ascending order. */
export function listStudentInitializations(): StudentInitialization[] {
  return valuesOf(StudentInitialization);
}

/** @throws {ValidationError} naming the distillation methods */
export function getDistillationMethod(name: string): DistillationMethod {
  return parseEnum(DistillationMethod, name, 'method');
}

/** @throws {ValidationError} naming the distillation losses */
export function getDistillationLoss(name: string): DistillationLoss {
  return parseEnum(DistillationLoss, name, 'lossType');
}

/** @throws {ValidationError} naming the temperature schedules */
export function getTemperatureSchedule(name: string): TemperatureSchedule {
  return parseEnum(TemperatureSchedule, name, 'schedule');
}

/** @throws {ValidationError} naming the student initializations */
export function getStudentInitialization(name: string): StudentInitialization {
  return parseEnum(StudentInitialization, name, 'initialization');
}

/**
 * Settles the student, whose layers follow the first ones of the teacher unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.distillation.create_student_config(model_name_or_path, num_layers=, hidden_size=, initialization=, layer_mapping=)`.
 */
export function createStudentConfig(
  modelNameOrPath: string,
  {
    numLayers = 6,
    layerMapping = null,
    ...options
  }: Partial<Omit<StudentConfig, 'modelNameOrPath' | 'layerMapping'>> & { readonly layerMapping?: readonly number[] | null } = {},
): StudentConfig {
  const mapping = layerMapping ?? Array.from({ length: Math.max(0, numLayers) }, (_, layer) => layer);
  return createFrom(StudentConfig, { hiddenSize: 768, initialization: 'pretrained', ...options, modelNameOrPath, numLayers, layerMapping: mapping });
}

/**
 * Temperature at a step. Decays start after the warm-up; `warmup` rises from the final temperature to the first one.
 *
 * @throws {ValidationError} for no steps or a step outside [0, totalSteps]
 * @remarks Python: `hf_gtc.training.distillation.calculate_temperature_at_step(config, current_step, total_steps)`; within 1e-12.
 * @example calculateTemperatureAtStep(createDistillationConfig({ temperatureSchedule: 'linear_decay' }), 500, 1000) // => 2.5
 */
export function calculateTemperatureAtStep(config: DistillationConfig, currentStep: number, totalSteps: number): number {
  positive(totalSteps, 'totalSteps');
  nonNegative(currentStep, 'currentStep');
  if (currentStep > totalSteps)
    throw new ValidationError(`currentStep must be at most totalSteps (${totalSteps}), got ${currentStep}`, {
      parameter: 'currentStep',
      received: currentStep,
    });
  const { temperature, finalTemperature, warmupSteps, temperatureSchedule } = config;
  if (temperatureSchedule === 'warmup' && currentStep < warmupSteps) return finalTemperature + ((temperature - finalTemperature) * currentStep) / warmupSteps;
  if (temperatureSchedule === 'warmup' || temperatureSchedule === 'constant' || currentStep < warmupSteps) return temperature;
  const steps = totalSteps - warmupSteps;
  const progress = steps > 0 ? (currentStep - warmupSteps) / steps : 1;
  if (temperatureSchedule === 'exponential_decay') return progress === 0 ? temperature : temperature * (finalTemperature / temperature) ** progress;
  const left = temperatureSchedule === 'linear_decay' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return finalTemperature + (temperature - finalTemperature) * left;
}

/** Logarithms of a softmax, which neither overflow nor vanish. */
function logSoftmax(logits: readonly number[], temperature: number): number[] {
  const scaled = logits.map(logit => logit / temperature);
  const greatest = scaled.reduce((found, logit) => Math.max(found, logit), Number.NEGATIVE_INFINITY);
  const logSum = Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit - greatest), 0));
  return scaled.map(logit => logit - greatest - logSum);
}

/**
 * Loss on soft labels (Hinton, Vinyals and Dean 2015): divergence of the teacher's softened distribution from the student's, times the squared temperature.
 *
 * @throws {ValidationError} for no logits or a temperature that is not positive
 * @throws {ShapeError} for different counts of logits
 * @remarks Python: `hf_gtc.training.distillation.calculate_soft_labels_loss(student_logits, teacher_logits, temperature)`; within 1e-12.
 * @example calculateSoftLabelsLoss([1, 2, 3], [-1, 1066.0664, 4], 0.01) // => 0.01
 */
export function calculateSoftLabelsLoss(studentLogits: readonly number[], teacherLogits: readonly number[], temperature: number): number {
  nonEmpty(studentLogits, 'studentLogits');
  sameLength({ studentLogits, teacherLogits });
  positive(temperature, 'temperature');
  const [student, teacher] = [logSoftmax(studentLogits, temperature), logSoftmax(teacherLogits, temperature)];
  return (
    teacher.reduce((sum, logP, index) => (logP === Number.NEGATIVE_INFINITY ? sum : sum + Math.exp(logP) * (logP - student[index]!)), 0) * temperature ** 2
  );
}

/**
 * Blend of the losses on the teacher's and on the true labels.
 *
 * @param alpha in [0, 1], share of the distillation loss
 * @throws {ValidationError} for a share outside [0, 1]
 * @remarks Python: `hf_gtc.training.distillation.calculate_combined_loss(distillation_loss, task_loss, alpha)`; within 1e-12.
 * @example calculateCombinedLoss(0.1, 0.1, 1) // => 0.1
 */
export function calculateCombinedLoss(distillationLoss: number, taskLoss: number, alpha: number): number {
  inRange(alpha, 'alpha', { min: 0, max: 1 });
  return alpha * distillationLoss + (1 - alpha) * taskLoss;
}

/**
 * Size of the student as a share of the teacher.
 *
 * @throws {ValidationError} for counts that are not positive
 * @remarks Python: `hf_gtc.training.distillation.estimate_compression_ratio(teacher_params, student_params)`; within 1e-12.
 * @example estimateCompressionRatio(100000, 66000000) // => 660
 */
export function estimateCompressionRatio(teacherParams: number, studentParams: number): number {
  allPositive({ teacherParams, studentParams });
  return studentParams / teacherParams;
}

/**
 * Parameters of an encoder: embeddings of words, and for each layer four projections of attention, the feed-forward network and two norms. Biases and positions
 * are not counted.
 *
 * @param options `intermediateSize` null is four times the width
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.training.distillation.estimate_model_parameters(num_layers, hidden_size, vocab_size=, intermediate_size=)`; exact.
 * @example estimateModelParameters(1, 4) // => 122296
 */
export function estimateModelParameters(
  numLayers: number,
  hiddenSize: number,
  { vocabSize = 30522, intermediateSize = null }: { readonly vocabSize?: number; readonly intermediateSize?: number | null } = {},
): number {
  allPositive({ numLayers, hiddenSize, vocabSize });
  const inner = intermediateSize ?? 4 * hiddenSize;
  return vocabSize * hiddenSize + numLayers * (4 * hiddenSize ** 2 + 2 * hiddenSize * inner + 4 * hiddenSize);
}

const RECOMMENDED: Readonly<Record<string, Partial<DistillationConfig>>> = {
  classification: { alpha: 0.7 },
  generation: { temperature: 2 },
  embedding: { method: 'feature_based', temperature: 1, alpha: 0.8 },
  qa: { temperature: 3, alpha: 0.6 },
};

/**
 * Settings that suit a task.
 *
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.training.distillation.get_recommended_distillation_config(task)`.
 * @example getRecommendedDistillationConfig('embedding').method // => 'feature_based'
 */
export function getRecommendedDistillationConfig(task: string): DistillationConfig {
  return createDistillationConfig(RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]);
}

/**
 * How far a student is, as text.
 *
 * @remarks Python: `hf_gtc.training.distillation.format_distillation_stats(stats)`; the same text.
 */
export function formatDistillationStats(stats: DistillationStats): string {
  return [
    'Distillation Stats:',
    `  Steps: ${stats.totalSteps}`,
    `  Distillation Loss: ${formatFixed(stats.distillationLoss, 4)}`,
    `  Task Loss: ${formatFixed(stats.taskLoss, 4)}`,
    `  Combined Loss: ${formatFixed(stats.combinedLoss, 4)}`,
    `  Temperature: ${formatFixed(stats.temperature, 1)}`,
    `  Compression: ${formatFixed(stats.compressionRatio * 100, 1)}%`,
  ].join('\n');
}

/**
 * Layer of the teacher for each of the student: spread evenly, or the first (`skip_last`) or last ones (`skip_first`).
 *
 * @throws {ValidationError} for no layers, more layers than the teacher has or an unknown strategy
 * @remarks Python: `hf_gtc.training.distillation.get_layer_mapping_strategy(teacher_layers, student_layers, strategy=)`.
 * @example getLayerMappingStrategy(1, 1) // => [0]
 */
export function getLayerMappingStrategy(teacherLayers: number, studentLayers: number, { strategy = 'uniform' }: { readonly strategy?: string } = {}): number[] {
  allPositive({ teacherLayers, studentLayers });
  if (studentLayers > teacherLayers)
    throw new ValidationError(`studentLayers must be at most teacherLayers (${teacherLayers}), got ${studentLayers}`, {
      parameter: 'studentLayers',
      received: studentLayers,
    });
  oneOf(strategy, 'strategy', ['uniform', 'skip_first', 'skip_last']);
  return Array.from({ length: studentLayers }, (_, layer) => {
    if (strategy === 'skip_last') return layer;
    if (strategy === 'skip_first') return teacherLayers - studentLayers + layer;
    return studentLayers === 1 ? teacherLayers - 1 : roundTo((layer * (teacherLayers - 1)) / (studentLayers - 1), 0);
  });
}
