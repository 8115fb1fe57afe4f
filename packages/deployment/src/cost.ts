/** Costs of serving and training: instances, prices and the cheapest that fits. Mirrors `hf_gtc.deployment.cost`. */
import {
  allPositive,
  createFrom,
  type Definition,
  finite,
  formatFixed,
  isValueOf,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  validate,
  valuesOf,
} from '@gtc/errors';

const HOURS_PER_MONTH = 720;

/** Memory that a GPU is taken to have. */
const MEMORY_GB = 80;

/** A machine without a GPU. */
const CPU_PRICE = 0.1;

/** US dollars an hour for a GPU, as of 2024. */
const PRICES: Readonly<Record<string, Readonly<Record<CloudProvider, number>>>> = {
  A100: { aws: 3.5, gcp: 3.2, azure: 3.4, lambda_labs: 1.1, runpod: 1.44 },
  H100: { aws: 6, gcp: 5.5, azure: 5.8, lambda_labs: 2.49, runpod: 3.29 },
  A10G: { aws: 1.5, gcp: 1.3, azure: 1.4, lambda_labs: 0.6, runpod: 0.44 },
  T4: { aws: 0.53, gcp: 0.35, azure: 0.45, lambda_labs: 0.2, runpod: 0.16 },
};

const FACTORS: Readonly<Record<PricingModel, number>> = { on_demand: 1, spot: 0.3, reserved: 0.6, serverless: 1.2 };

/** Who rents machines. */
export const CloudProvider = { AWS: 'aws', GCP: 'gcp', AZURE: 'azure', LAMBDA_LABS: 'lambda_labs', RUNPOD: 'runpod' } as const;
export type CloudProvider = (typeof CloudProvider)[keyof typeof CloudProvider];

/** Kinds of machines. */
export const InstanceType = { CPU: 'cpu', GPU_CONSUMER: 'gpu_consumer', GPU_DATACENTER: 'gpu_datacenter', TPU: 'tpu' } as const;
export type InstanceType = (typeof InstanceType)[keyof typeof InstanceType];

/** Ways to pay. */
export const PricingModel = { ON_DEMAND: 'on_demand', SPOT: 'spot', RESERVED: 'reserved', SERVERLESS: 'serverless' } as const;
export type PricingModel = (typeof PricingModel)[keyof typeof PricingModel];

/** Values of {@link CloudProvider}. */
export const VALID_CLOUD_PROVIDERS: ReadonlySet<CloudProvider> = new Set(Object.values(CloudProvider));

/** Values of {@link InstanceType}. */
export const VALID_INSTANCE_TYPES: ReadonlySet<InstanceType> = new Set(Object.values(InstanceType));

/** Values of {@link PricingModel}. */
export const VALID_PRICING_MODELS: ReadonlySet<PricingModel> = new Set(Object.values(PricingModel));

/** A machine. */
export interface InstanceConfig {
  readonly provider: CloudProvider;
  readonly instanceType: InstanceType;
  readonly gpuType: string | null;
  readonly gpuCount: number;
  /** Of all GPUs together. */
  readonly memoryGb: number;
}

/** Defaults and rules of {@link InstanceConfig}. */
export const InstanceConfig: Definition<InstanceConfig> = {
  name: 'InstanceConfig',
  fields: {
    provider: { kind: 'enum', of: CloudProvider, default: CloudProvider.AWS },
    instanceType: { kind: 'enum', of: InstanceType, default: InstanceType.GPU_DATACENTER },
    gpuType: { kind: 'string', default: 'A100', nullable: true },
    gpuCount: { kind: 'int', default: 1, nonNegative: true },
    memoryGb: { kind: 'int', default: 80, positive: true },
  },
  rules: [
    ({ instanceType, gpuType }) => (instanceType.startsWith('gpu') && gpuType === null ? 'gpuType is required for GPU instances' : null),
    ({ instanceType, gpuCount }) => (instanceType.startsWith('gpu') && gpuCount === 0 ? 'gpuCount must be positive for GPU instances, got 0' : null),
  ],
};

/** How it is paid. */
export interface PricingConfig {
  readonly pricingModel: PricingModel;
  readonly region: string;
  readonly commitmentMonths: number;
}

/** Defaults and rules of {@link PricingConfig}. */
export const PricingConfig: Definition<PricingConfig> = {
  name: 'PricingConfig',
  fields: {
    pricingModel: { kind: 'enum', of: PricingModel, default: PricingModel.ON_DEMAND },
    region: { kind: 'string', default: 'us-east-1', nonEmpty: true },
    commitmentMonths: { kind: 'int', default: 0, nonNegative: true },
  },
  rules: [
    ({ pricingModel, commitmentMonths }) =>
      pricingModel === 'reserved' && commitmentMonths === 0 ? 'commitmentMonths must be positive for reserved pricing, got 0' : null,
  ],
};

/** What it costs, in US dollars. */
export interface CostEstimate {
  readonly hourlyCost: number;
  readonly monthlyCost: number;
  readonly costPer1kTokens: number;
  readonly totalCost: number;
}

/** Defaults and rules of {@link CostEstimate}. */
export const CostEstimate: Definition<CostEstimate> = {
  name: 'CostEstimate',
  fields: {
    hourlyCost: { kind: 'float', nonNegative: true },
    monthlyCost: { kind: 'float', nonNegative: true },
    costPer1kTokens: { kind: 'float', nonNegative: true },
    totalCost: { kind: 'float', nonNegative: true },
  },
};

/** What was paid, in US dollars. */
export interface CostStats {
  readonly totalCost: number;
  readonly costBreakdown: Readonly<Record<string, number>>;
  readonly costPerRequest: number;
  /** 0 to 1. */
  readonly utilization: number;
}

/** Defaults and rules of {@link CostStats}. */
export const CostStats: Definition<CostStats> = {
  name: 'CostStats',
  fields: {
    totalCost: { kind: 'float', nonNegative: true },
    costBreakdown: { kind: 'record', of: { kind: 'float' } },
    costPerRequest: { kind: 'float', nonNegative: true },
    utilization: { kind: 'float', min: 0, max: 1 },
  },
};

/** Cloud providers in ascending order. */
export function listCloudProviders(): CloudProvider[] {
  return valuesOf(CloudProvider);
}

/** Whether the text is a value of {@link CloudProvider}. */
export function validateCloudProvider(provider: string): boolean {
  return isValueOf(CloudProvider, provider);
}

/** @throws {ValidationError} naming the values of {@link CloudProvider} */
export function getCloudProvider(name: string): CloudProvider {
  return parseEnum(CloudProvider, name, 'name');
}

/** Instance types in ascending order. */
export function listInstanceTypes(): InstanceType[] {
  return valuesOf(InstanceType);
}

/** Whether the text is a value of {@link InstanceType}. */
export function validateInstanceType(instanceType: string): boolean {
  return isValueOf(InstanceType, instanceType);
}

/** @throws {ValidationError} naming the values of {@link InstanceType} */
export function getInstanceType(name: string): InstanceType {
  return parseEnum(InstanceType, name, 'name');
}

/** Pricing models in ascending order. */
export function listPricingModels(): PricingModel[] {
  return valuesOf(PricingModel);
}

/** Whether the text is a value of {@link PricingModel}. */
export function validatePricingModel(model: string): boolean {
  return isValueOf(PricingModel, model);
}

/** @throws {ValidationError} naming the values of {@link PricingModel} */
export function getPricingModel(name: string): PricingModel {
  return parseEnum(PricingModel, name, 'name');
}

/** @throws {ValidationError} naming every broken rule */
export function validateInstanceConfig(config: InstanceConfig): void {
  validate(InstanceConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePricingConfig(config: PricingConfig): void {
  validate(PricingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCostEstimate(estimate: CostEstimate): void {
  validate(CostEstimate, estimate, 'estimate');
}

/** @throws {ValidationError} naming every broken rule */
export function validateCostStats(stats: CostStats): void {
  validate(CostStats, stats, 'stats');
}

/** Settles a {@link InstanceConfig}. @throws {ValidationError} naming every broken rule */
export function createInstanceConfig(options: Partial<InstanceConfig> = {}): InstanceConfig {
  return createFrom(InstanceConfig, options);
}

/** Settles a {@link PricingConfig}. @throws {ValidationError} naming every broken rule */
export function createPricingConfig(options: Partial<PricingConfig> = {}): PricingConfig {
  return createFrom(PricingConfig, options);
}

/**
 * Settles a {@link CostEstimate}: a month has 720 hours unless told otherwise, the total is a month's cost unless it is given. @throws
 * {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.deployment.cost.create_cost_estimate(hourly_cost, monthly_cost=, cost_per_1k_tokens=, total_cost=, hours=)`.
 */
export function createCostEstimate(
  hourlyCost: number,
  {
    monthlyCost = null,
    costPer1kTokens = 0,
    totalCost = null,
    hours = 720,
  }: { readonly monthlyCost?: number | null; readonly costPer1kTokens?: number; readonly totalCost?: number | null; readonly hours?: number } = {},
): CostEstimate {
  const month = monthlyCost ?? hourlyCost * hours;
  return createFrom(CostEstimate, { hourlyCost, monthlyCost: month, costPer1kTokens, totalCost: totalCost ?? month });
}

/** US dollars an hour: the price of a GPU, times the discount, for each GPU. */
function hourlyCostOf({ provider, instanceType, gpuType, gpuCount }: InstanceConfig, { pricingModel }: Pick<PricingConfig, 'pricingModel'>): number {
  const gpu = instanceType === 'cpu' || gpuType === null ? null : (PRICES[gpuType] ?? PRICES['A100']!);
  return (gpu === null ? CPU_PRICE : gpu[provider]) * FACTORS[pricingModel] * Math.max(1, gpuCount);
}

/** US dollars for a thousand tokens at a speed. */
const perThousand = (hourlyCost: number, tokensPerSecond: number): number => (hourlyCost / (tokensPerSecond * 3600)) * 1000;

/**
 * Cost of serving for a month. GPUs without a price count as A100; prices are those of the table in this module, not today's.
 *
 * @throws {ValidationError} unless tokensPerSecond and hoursPerMonth are positive
 * @remarks Python: `hf_gtc.deployment.cost.estimate_inference_cost(instance_config, pricing_config, tokens_per_second=, hours_per_month=)`.
 */
export function estimateInferenceCost(
  instanceConfig: InstanceConfig,
  pricingConfig: PricingConfig,
  { tokensPerSecond = 100.0, hoursPerMonth = 720 }: { readonly tokensPerSecond?: number; readonly hoursPerMonth?: number } = {},
): CostEstimate {
  allPositive({ tokensPerSecond, hoursPerMonth });
  const hourlyCost = hourlyCostOf(notNull(instanceConfig, 'instanceConfig'), notNull(pricingConfig, 'pricingConfig'));
  const monthlyCost = hourlyCost * hoursPerMonth;
  return { hourlyCost, monthlyCost, costPer1kTokens: perThousand(hourlyCost, tokensPerSecond), totalCost: monthlyCost };
}

/**
 * Cost of training: hours of an epoch times epochs.
 *
 * @throws {ValidationError} unless trainingHours and numEpochs are positive
 * @remarks Python: `hf_gtc.deployment.cost.estimate_training_cost(instance_config, pricing_config, training_hours=, num_epochs=)`.
 */
export function estimateTrainingCost(
  instanceConfig: InstanceConfig,
  pricingConfig: PricingConfig,
  { trainingHours = 24.0, numEpochs = 1 }: { readonly trainingHours?: number; readonly numEpochs?: number } = {},
): CostEstimate {
  allPositive({ trainingHours, numEpochs });
  const hourlyCost = hourlyCostOf(notNull(instanceConfig, 'instanceConfig'), notNull(pricingConfig, 'pricingConfig'));
  return { hourlyCost, monthlyCost: hourlyCost * HOURS_PER_MONTH, costPer1kTokens: 0, totalCost: hourlyCost * trainingHours * numEpochs };
}

/**
 * Cost of serving with the same GPUs at every provider.
 *
 * @remarks Python: `hf_gtc.deployment.cost.compare_providers(gpu_type=, gpu_count=, pricing_model=)`.
 */
export function compareProviders({
  gpuType = 'A100',
  gpuCount = 1,
  pricingModel = PricingModel.ON_DEMAND,
}: {
  readonly gpuType?: string;
  readonly gpuCount?: number;
  readonly pricingModel?: PricingModel;
} = {}): Record<CloudProvider, CostEstimate> {
  const model = parseEnum(PricingModel, pricingModel, 'pricingModel');
  const estimate = (provider: CloudProvider): CostEstimate => {
    const instance: InstanceConfig = { provider, instanceType: 'gpu_datacenter', gpuType, gpuCount, memoryGb: MEMORY_GB * gpuCount };
    return estimateInferenceCost(instance, { pricingModel: model, region: 'us-east-1', commitmentMonths: 0 });
  };
  return Object.fromEntries(Object.values(CloudProvider).map(provider => [provider, estimate(provider)])) as Record<CloudProvider, CostEstimate>;
}

/**
 * Machines that hold a model within a budget an hour, the cheapest first: A100, H100, A10G and T4, as many as 80 GB each require and up to three more.
 *
 * @param preferredProviders all when null
 * @throws {ValidationError} unless maxHourlyBudget, modelSizeGb and targetThroughput are positive
 * @remarks Python: `hf_gtc.deployment.cost.optimize_instance_selection(model_size_gb, target_throughput, max_hourly_budget, preferred_providers=)`.
 * @example optimizeInstanceSelection(5.209406949898942, 100, 0.01, { preferredProviders: ['lambda_labs'] }) // => []
 */
export function optimizeInstanceSelection(
  modelSizeGb: number,
  targetThroughput: number,
  maxHourlyBudget: number,
  { preferredProviders = null }: { readonly preferredProviders?: readonly string[] | null } = {},
): [InstanceConfig, CostEstimate][] {
  allPositive({ modelSizeGb, targetThroughput, maxHourlyBudget });
  const least = gpusFor(modelSizeGb);
  const providers = (preferredProviders ?? Object.values(CloudProvider)).map(name => parseEnum(CloudProvider, name, 'preferredProviders (cloud provider)'));
  const pricing = createFrom(PricingConfig);
  const candidates = providers.flatMap(provider =>
    Object.keys(PRICES).flatMap(gpuType =>
      [0, 1, 2, 3].map((more): [InstanceConfig, CostEstimate] => {
        const instance = createFrom(InstanceConfig, { provider, gpuType, gpuCount: least + more, memoryGb: MEMORY_GB * (least + more) });
        return [instance, estimateInferenceCost(instance, pricing, { tokensPerSecond: targetThroughput })];
      }),
    ),
  );
  return candidates.filter(([, cost]) => cost.hourlyCost <= maxHourlyBudget).sort(([, a], [, b]) => a.hourlyCost - b.hourlyCost);
}

/** GPUs of 80 GB that hold a model, one more where it fits exactly. */
const gpusFor = (modelSizeGb: number): number => Math.trunc(finite(modelSizeGb, 'modelSizeGb') / MEMORY_GB) + 1;

/**
 * US dollars for a token at a speed.
 *
 * @throws {ValidationError} unless hourlyCost is non-negative, tokensPerSecond is positive
 * @remarks Python: `hf_gtc.deployment.cost.calculate_cost_per_token(hourly_cost, tokens_per_second)`; within 1e-12.
 * @example calculateCostPerToken(0, 0.1) // => 0
 */
export function calculateCostPerToken(hourlyCost: number, tokensPerSecond: number): number {
  nonNegative(hourlyCost, 'hourlyCost');
  return hourlyCost / (positive(tokensPerSecond, 'tokensPerSecond') * 3600);
}

/**
 * What was paid, as text, by name.
 *
 * @remarks Python: `hf_gtc.deployment.cost.format_cost_stats(stats)`; the same text.
 */
export function formatCostStats(stats: CostStats): string {
  const { totalCost, costBreakdown, costPerRequest, utilization } = stats;
  const dollars = (value: number): string => `$${formatFixed(value, 2, { group: ',' })}`;
  return [
    'Cost Statistics:',
    `  Total Cost: ${dollars(totalCost)}`,
    `  Cost per Request: $${formatFixed(costPerRequest, 6)}`,
    `  Utilization: ${formatFixed(100 * utilization, 1)}%`,
    '  Breakdown:',
    ...Object.keys(costBreakdown)
      .sort()
      .map(name => `    ${name}: ${dollars(costBreakdown[name]!)}`),
  ].join('\n');
}

/**
 * A machine and a way to pay for a model's size, a use (`inference`, `training`) and a budget (`budget`, `standard`, `premium`): T4 up to 7 GB, A10G up
 * to 14, A100 up
 * to 80, then H100; at least four for training.
 *
 * @throws {ValidationError} unless budgetTier and useCase are known, modelSizeGb is positive
 * @remarks Python: `hf_gtc.deployment.cost.get_recommended_cost_config(model_size_gb, use_case=, budget_tier=)`.
 */
export function getRecommendedCostConfig(
  modelSizeGb: number,
  { useCase = 'inference', budgetTier = 'standard' }: { readonly useCase?: string; readonly budgetTier?: string } = {},
): [InstanceConfig, PricingConfig] {
  positive(modelSizeGb, 'modelSizeGb');
  oneOf(useCase, 'useCase', ['inference', 'training']);
  oneOf(budgetTier, 'budgetTier', ['budget', 'premium', 'standard']);
  const needed = modelSizeGb <= 40 ? 1 : modelSizeGb <= 80 ? 2 : gpusFor(modelSizeGb);
  const gpuCount = useCase === 'training' ? Math.max(4, needed) : needed;
  const gpuType = modelSizeGb <= 7 ? 'T4' : modelSizeGb <= 14 ? 'A10G' : modelSizeGb <= 80 ? 'A100' : 'H100';
  finite(modelSizeGb, 'modelSizeGb');
  const instance = createFrom(InstanceConfig, { provider: budgetTier === 'budget' ? 'lambda_labs' : 'aws', gpuType, gpuCount, memoryGb: MEMORY_GB * gpuCount });
  if (budgetTier === 'budget') return [instance, createFrom(PricingConfig, { pricingModel: 'spot' })];
  const reserved = budgetTier === 'premium' && useCase === 'inference';
  return [instance, createFrom(PricingConfig, reserved ? { pricingModel: 'reserved', commitmentMonths: 12 } : {})];
}
