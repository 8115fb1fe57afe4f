/** Model cards written from facts: metadata, training, evaluation, and how complete a card is. Mirrors `hf_gtc.hub.model_cards`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  formatFloat,
  isValueOf,
  nestedIssue,
  nonEmpty,
  notNull,
  parseEnum,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Licences by the identifiers of SPDX and the hub. */
const LICENSES: Readonly<Record<string, LicenseType>> = {
  'apache-2.0': 'apache2',
  'cc-by-4.0': 'cc_by',
  'cc-by-nc-4.0': 'cc_by_nc',
  other: 'proprietary',
};

const LIMITATIONS = [
  'This model may exhibit biases present in the training data.',
  'Performance may vary on out-of-distribution data.',
  'The model should be validated before use in production.',
];

const ETHICS = [
  'Ensure fair and unbiased use of model predictions.',
  'Do not use the model for harmful or malicious purposes.',
  "Evaluate the model's impact on different demographic groups.",
  'Comply with applicable laws and regulations.',
];

/** Sections of a card. */
export const CardSection = {
  OVERVIEW: 'overview',
  USAGE: 'usage',
  TRAINING: 'training',
  EVALUATION: 'evaluation',
  LIMITATIONS: 'limitations',
  ETHICS: 'ethics',
} as const;
export type CardSection = (typeof CardSection)[keyof typeof CardSection];

/** Licences. */
export const LicenseType = { MIT: 'mit', APACHE2: 'apache2', CC_BY: 'cc_by', CC_BY_NC: 'cc_by_nc', PROPRIETARY: 'proprietary', OPENRAIL: 'openrail' } as const;
export type LicenseType = (typeof LicenseType)[keyof typeof LicenseType];

/** Tasks. */
export const ModelTask = {
  TEXT_CLASSIFICATION: 'text_classification',
  TEXT_GENERATION: 'text_generation',
  QUESTION_ANSWERING: 'question_answering',
  SUMMARIZATION: 'summarization',
  TRANSLATION: 'translation',
} as const;
export type ModelTask = (typeof ModelTask)[keyof typeof ModelTask];

/** Values of {@link CardSection}. */
export const VALID_CARD_SECTIONS: ReadonlySet<CardSection> = new Set(Object.values(CardSection));

/** Values of {@link LicenseType}. */
export const VALID_LICENSE_TYPES: ReadonlySet<LicenseType> = new Set(Object.values(LicenseType));

/** Values of {@link ModelTask}. */
export const VALID_MODEL_TASKS: ReadonlySet<ModelTask> = new Set(Object.values(ModelTask));

/** Who made a model, and under which licence. */
export interface ModelMetadata {
  readonly name: string;
  readonly version: string;
  readonly author: string;
  readonly license: LicenseType;
  readonly tags: readonly string[];
  readonly pipelineTag: ModelTask | null;
}

/** Defaults and rules of {@link ModelMetadata}. */
export const ModelMetadata: Definition<ModelMetadata> = {
  name: 'ModelMetadata',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    version: { kind: 'string', default: '1.0.0', nonEmpty: true },
    author: { kind: 'string', default: 'unknown', nonEmpty: true },
    license: { kind: 'enum', of: LicenseType, default: 'mit' },
    tags: { kind: 'array', of: { kind: 'string' }, default: [] },
    pipelineTag: { kind: 'enum', of: ModelTask, default: null, nullable: true },
  },
};

/** How a model was trained. */
export interface TrainingDetails {
  readonly dataset: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly hardware: string;
}

/** Defaults and rules of {@link TrainingDetails}. */
export const TrainingDetails: Definition<TrainingDetails> = {
  name: 'TrainingDetails',
  fields: {
    dataset: { kind: 'string', nonEmpty: true },
    epochs: { kind: 'int', default: 3, positive: true },
    batchSize: { kind: 'int', default: 32, positive: true },
    learningRate: { kind: 'float', default: 2e-5, positive: true },
    hardware: { kind: 'string', default: 'GPU', nonEmpty: true },
  },
};

/** How good a model is. */
export interface EvaluationResults {
  readonly metrics: readonly string[];
  readonly datasets: readonly string[];
  /** By metric. */
  readonly scores: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link EvaluationResults}. */
export const EvaluationResults: Definition<EvaluationResults> = {
  name: 'EvaluationResults',
  fields: {
    metrics: { kind: 'array', of: { kind: 'string' }, nonEmpty: true },
    datasets: { kind: 'array', of: { kind: 'string' }, nonEmpty: true },
    scores: { kind: 'record', of: { kind: 'float' } },
  },
  rules: [
    ({ metrics, scores }) => {
      const absent = metrics.find(name => !Object.hasOwn(scores, name));
      return absent === undefined ? null : `metric '${absent}' is not found in scores`;
    },
  ],
};

/** What goes into a card. */
export interface ModelCardConfig {
  readonly metadata: ModelMetadata;
  readonly training: TrainingDetails | null;
  readonly evaluation: EvaluationResults | null;
  readonly sections: readonly CardSection[];
  readonly language: readonly string[];
}

/** Defaults and rules of {@link ModelCardConfig}. */
export const ModelCardConfig: Definition<ModelCardConfig> = {
  name: 'ModelCardConfig',
  fields: {
    metadata: { kind: 'config', of: ModelMetadata },
    training: { kind: 'any', default: null, nullable: true },
    evaluation: { kind: 'any', default: null, nullable: true },
    sections: { kind: 'array', of: { kind: 'enum', of: CardSection }, default: Object.values(CardSection) },
    language: { kind: 'array', of: { kind: 'string', nonEmpty: true }, default: ['en'], nonEmpty: true },
  },
  rules: [
    ({ training }) => (training ? nestedIssue(TrainingDetails, training, 'training') : null),
    ({ evaluation }) => (evaluation ? nestedIssue(EvaluationResults, evaluation, 'evaluation') : null),
  ],
};

/** How complete a card is. */
export interface ModelCardStats {
  /** 0 to 1. */
  readonly completenessScore: number;
  readonly missingSections: readonly string[];
  readonly wordCount: number;
}

/** Defaults and rules of {@link ModelCardStats}. */
export const ModelCardStats: Definition<ModelCardStats> = {
  name: 'ModelCardStats',
  fields: {
    completenessScore: { kind: 'float' },
    missingSections: { kind: 'array', of: { kind: 'string' } },
    wordCount: { kind: 'int' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateModelMetadata(metadata: ModelMetadata): void {
  validate(ModelMetadata, metadata, 'metadata');
}

/** @throws {ValidationError} naming every broken rule */
export function validateTrainingDetails(details: TrainingDetails): void {
  validate(TrainingDetails, details, 'details');
}

/** @throws {ValidationError} naming every broken rule */
export function validateEvaluationResults(results: EvaluationResults): void {
  validate(EvaluationResults, results, 'results');
}

/** @throws {ValidationError} naming every broken rule */
export function validateModelCardConfig(config: ModelCardConfig): void {
  validate(ModelCardConfig, config);
}

/** Settles a {@link TrainingDetails}. @throws {ValidationError} naming every broken rule */
export function createTrainingDetails(dataset: TrainingDetails['dataset'], options: Partial<Omit<TrainingDetails, 'dataset'>> = {}): TrainingDetails {
  return createFrom(TrainingDetails, { ...options, dataset });
}

/** Settles a {@link EvaluationResults}. @throws {ValidationError} naming every broken rule */
export function createEvaluationResults(
  metrics: EvaluationResults['metrics'],
  datasets: EvaluationResults['datasets'],
  scores: EvaluationResults['scores'],
): EvaluationResults {
  return createFrom(EvaluationResults, { metrics, datasets, scores });
}

/** Card sections in ascending order. */
export function listCardSections(): CardSection[] {
  return valuesOf(CardSection);
}

/** License types in ascending order. */
export function listLicenseTypes(): LicenseType[] {
  return valuesOf(LicenseType);
}

/** Model tasks in ascending order. */
export function listModelTasks(): ModelTask[] {
  return valuesOf(ModelTask);
}

/** @throws {ValidationError} naming the values of {@link CardSection} */
export function getCardSection(name: string): CardSection {
  return parseEnum(CardSection, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link LicenseType} */
export function getLicenseType(name: string): LicenseType {
  return parseEnum(LicenseType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ModelTask} */
export function getModelTask(name: string): ModelTask {
  return parseEnum(ModelTask, name, 'name');
}

/**
 * Settles a {@link ModelMetadata}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.model_cards.create_model_metadata(name, version=, author=, license_type=, tags=, pipeline_tag=)`.
 */
export function createModelMetadata(
  name: string,
  {
    version,
    author,
    licenseType = 'mit',
    tags = null,
    pipelineTag = null,
  }: {
    readonly version?: string;
    readonly author?: string;
    readonly licenseType?: LicenseType;
    readonly tags?: readonly string[] | null;
    readonly pipelineTag?: ModelTask | null;
  } = {},
): ModelMetadata {
  if (pipelineTag !== null) parseEnum(ModelTask, pipelineTag, 'pipelineTag');
  return createFrom(ModelMetadata, { name, version, author, license: parseEnum(LicenseType, licenseType, 'licenseType'), tags: tags ?? [], pipelineTag });
}

/**
 * Settles a {@link ModelCardConfig}; without sections it has all, without languages English. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.model_cards.create_model_card_config(metadata, training=, evaluation=, sections=, language=)`.
 */
export function createModelCardConfig(
  metadata: ModelMetadata,
  options: { readonly [K in keyof Omit<ModelCardConfig, 'metadata'>]?: ModelCardConfig[K] | null } = {},
): ModelCardConfig {
  return createFrom(ModelCardConfig, {
    ...options,
    metadata,
    sections: options.sections ?? Object.values(CardSection),
    language: options.language ?? ['en'],
  } as ModelCardConfig);
}

/** A field of front matter: one value on its line, several as a list. */
const yamlField = (name: string, values: readonly string[]): string =>
  values.length === 1 ? `${name}: ${values[0]}\n` : `${name}:\n${values.map(value => `  - ${value}\n`).join('')}`;

function frontMatter({ metadata, language }: ModelCardConfig): string {
  const { license, tags, pipelineTag } = metadata;
  const tagList = tags.length === 0 ? '' : `tags:\n${tags.map(tag => `  - ${tag}\n`).join('')}`;
  return `---\nlicense: ${license}\n${yamlField('language', language)}${tagList}${pipelineTag === null ? '' : `pipeline_tag: ${pipelineTag}\n`}---\n`;
}

function usage({ name, pipelineTag }: ModelMetadata): string {
  if (pipelineTag === null) return `\`\`\`python\nfrom transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("${name}")\n\`\`\`\n`;
  const task = pipelineTag.replaceAll('_', '-');
  return `This model can be used for ${pipelineTag.replaceAll('_', ' ')}.\n\n\`\`\`python\nfrom transformers import pipeline\n\npipe = pipeline("${task}")\npipe.model = "${name}"\n\`\`\`\n`;
}

function trainingText(training: TrainingDetails | null): string {
  if (training === null) return 'Training details not available.\n';
  const { dataset, epochs, batchSize, learningRate, hardware } = training;
  const rows = { Dataset: dataset, Epochs: epochs, 'Batch Size': batchSize, 'Learning Rate': formatFloat(learningRate), Hardware: hardware };
  return Object.entries(rows)
    .map(([name, value]) => `**${name}:** ${value}\n`)
    .join('');
}

function evaluationText(evaluation: EvaluationResults | null): string {
  if (evaluation === null) return 'Evaluation results not available.\n';
  const { metrics, datasets, scores } = evaluation;
  const rows = metrics.map(name => `| ${name} | ${formatFixed(scores[name]!, 4)} |\n`).join('');
  return `### Datasets\n${datasets.map(dataset => `- ${dataset}\n`).join('')}\n### Results\n\n| Metric | Score |\n|--------|-------|\n${rows}`;
}

/** Text of each section, under its heading. */
const SECTIONS: Readonly<Record<CardSection, (config: ModelCardConfig) => string>> = {
  overview: ({ metadata: { name, version, author, license, pipelineTag } }) =>
    `# ${name}\n\n**Version:** ${version}\n**Author:** ${author}\n**License:** ${license}\n${pipelineTag === null ? '' : `**Task:** ${pipelineTag}\n`}`,
  usage: ({ metadata }) => `## Usage\n\n${usage(metadata)}`,
  training: ({ training }) => `## Training\n\n${trainingText(training)}`,
  evaluation: ({ evaluation }) => `## Evaluation\n\n${evaluationText(evaluation)}`,
  limitations: () => `## Limitations\n\n${LIMITATIONS.map(line => `- ${line}\n`).join('')}`,
  ethics: () => `## Ethical Considerations\n\nUsers should consider the following when using this model:\n\n${ETHICS.map(line => `- ${line}\n`).join('')}`,
};

/**
 * A card as Markdown with front matter, its sections in order.
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.hub.model_cards.generate_model_card(config)`; the same text.
 */
export function generateModelCard(config: ModelCardConfig): string {
  validate(ModelCardConfig, config);
  return frontMatter(config) + config.sections.map(section => `\n${SECTIONS[section](config)}`).join('');
}

/**
 * How complete a card is: a point each for name, author, task and tags, two each for training and evaluation, one for each section, of 14.
 *
 * @remarks Python: `hf_gtc.hub.model_cards.calculate_completeness(config)`; within 1e-12.
 */
export function calculateCompleteness(config: ModelCardConfig): number {
  const { metadata, training, evaluation, sections } = notNull(config, 'config');
  const given = [metadata.name !== '', metadata.author !== '' && metadata.author !== 'unknown', metadata.pipelineTag !== null, metadata.tags.length > 0];
  const points = given.filter(Boolean).length + (training === null ? 0 : 2) + (evaluation === null ? 0 : 2) + new Set(sections).size;
  return points / 14;
}

/**
 * Whether a card has front matter, a title, the usual sections and a licence, and what it lacks.
 *
 * @throws {ValidationError} unless cardContent is not empty
 * @remarks Python: `hf_gtc.hub.model_cards.validate_card_structure(card_content)`.
 */
export function validateCardStructure(cardContent: string): [isValid: boolean, problems: string[]] {
  nonEmpty(notNull(cardContent, 'cardContent').trim(), 'cardContent');
  const problems = [
    ...(cardContent.startsWith('---') ? [] : ['Missing YAML frontmatter']),
    ...(/^# /m.test(cardContent) ? [] : ['Missing main title (# heading)']),
    ...['Usage', 'Training', 'Evaluation', 'Limitations'].filter(title => !cardContent.includes(`## ${title}`)).map(title => `Missing '${title}' section`),
    ...(cardContent.includes('license:') ? [] : ['Missing license information']),
  ];
  return [problems.length === 0, problems];
}

/**
 * Metadata from what the hub tells of a model: its id (`modelId` or `id`), author, licence, task and tags. An unknown licence becomes MIT, an unknown
 * task none.
 *
 * @throws {ValidationError} for no id
 * @remarks Python: `hf_gtc.hub.model_cards.extract_metadata_from_model(model_info)`.
 */
export function extractMetadataFromModel(modelInfo: Readonly<Record<string, unknown>>): ModelMetadata {
  const text = (name: string): string | null => (typeof modelInfo[name] === 'string' ? (modelInfo[name] as string) : null);
  const name = text('modelId') ?? text('id');
  if (!name) throw new ValidationError("modelInfo must contain 'modelId' or 'id'", { parameter: 'modelInfo', received: modelInfo });
  const tags = modelInfo['tags'];
  const task = text('pipeline_tag')?.replaceAll('-', '_');
  const license = text('license') ?? '';
  return createModelMetadata(name, {
    author: text('author') ?? (name.includes('/') ? name.split('/')[0]! : 'unknown'),
    licenseType: isValueOf(LicenseType, license) ? license : (LICENSES[license] ?? 'mit'),
    tags: typeof tags === 'string' ? [tags] : Array.isArray(tags) ? tags.map(String) : [],
    pipelineTag: isValueOf(ModelTask, task) ? task : null,
  });
}

/**
 * How complete a card is, as text.
 *
 * @remarks Python: `hf_gtc.hub.model_cards.format_model_card_stats(stats)`; the same text.
 */
export function formatModelCardStats(stats: ModelCardStats): string {
  const { completenessScore, wordCount, missingSections } = stats;
  return [
    'Model Card Statistics:',
    `  Completeness: ${formatFixed(100 * completenessScore, 1)}%`,
    `  Word Count: ${wordCount} words`,
    ...(missingSections.length > 0 ? ['  Missing Sections:', ...missingSections.map(title => `    - ${title}`)] : ['  All recommended sections present']),
  ].join('\n');
}

/**
 * A card for a task under Apache 2.0, with or without the section on ethics.
 *
 * @throws {ValidationError} unless modelName is not empty, taskType is known
 * @remarks Python: `hf_gtc.hub.model_cards.get_recommended_model_card_config(model_name, task_type=, include_ethics=)`.
 */
export function getRecommendedModelCardConfig(
  modelName: string,
  { taskType = 'text_classification', includeEthics = true }: { readonly taskType?: string; readonly includeEthics?: boolean } = {},
): ModelCardConfig {
  nonEmpty(modelName, 'modelName');
  const pipelineTag = parseEnum(ModelTask, taskType, 'taskType');
  return createModelCardConfig(createModelMetadata(modelName, { licenseType: 'apache2', tags: [pipelineTag.replaceAll('_', '-')], pipelineTag }), {
    sections: Object.values(CardSection).filter(section => includeEthics || section !== 'ethics'),
  });
}
