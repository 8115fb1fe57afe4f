/** Federated learning: clients, their weights and updates, and the privacy that is spent. Mirrors `hf_gtc.training.federated`. */
import { createFrom, type Definition, formatFixed, inRange, nonEmpty, parseEnum, positive, sameLength, ValidationError, validate, valuesOf } from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';

/** Ways to join updates. */
export const AggregationMethod = { FEDAVG: 'fedavg', FEDPROX: 'fedprox', SCAFFOLD: 'scaffold', FEDADAM: 'fedadam' } as const;
export type AggregationMethod = (typeof AggregationMethod)[keyof typeof AggregationMethod];

/** Ways to choose clients. */
export const ClientSelectionStrategy = {
  RANDOM: 'random',
  ROUND_ROBIN: 'round_robin',
  RESOURCE_BASED: 'resource_based',
  CONTRIBUTION: 'contribution',
} as const;
export type ClientSelectionStrategy = (typeof ClientSelectionStrategy)[keyof typeof ClientSelectionStrategy];

/** What keeps data private. */
export const PrivacyMechanism = { NONE: 'none', LOCAL_DP: 'local_dp', CENTRAL_DP: 'central_dp', SECURE_AGGREGATION: 'secure_aggregation' } as const;
export type PrivacyMechanism = (typeof PrivacyMechanism)[keyof typeof PrivacyMechanism];

/** Values of {@link AggregationMethod}. */
export const VALID_AGGREGATION_METHODS: ReadonlySet<AggregationMethod> = new Set(Object.values(AggregationMethod));

/** Values of {@link ClientSelectionStrategy}. */
export const VALID_CLIENT_SELECTION_STRATEGIES: ReadonlySet<ClientSelectionStrategy> = new Set(Object.values(ClientSelectionStrategy));

/** Values of {@link PrivacyMechanism}. */
export const VALID_PRIVACY_MECHANISMS: ReadonlySet<PrivacyMechanism> = new Set(Object.values(PrivacyMechanism));

/** A federated training. */
export interface FederatedConfig {
  readonly aggregationMethod: AggregationMethod;
  readonly numClients: number;
  readonly rounds: number;
  readonly localEpochs: number;
  readonly clientFraction: number;
}

/** Defaults and rules of {@link FederatedConfig}. */
export const FederatedConfig: Definition<FederatedConfig> = {
  name: 'FederatedConfig',
  fields: {
    aggregationMethod: { kind: 'enum', of: AggregationMethod, default: AggregationMethod.FEDAVG },
    numClients: { kind: 'int', default: 10, positive: true },
    rounds: { kind: 'int', default: 10, positive: true },
    localEpochs: { kind: 'int', default: 1, positive: true },
    clientFraction: { kind: 'float', default: 0.1, above: 0, max: 1 },
  },
};

/** How data is kept private. */
export interface PrivacyConfig {
  readonly mechanism: PrivacyMechanism;
  readonly epsilon: number;
  readonly delta: number;
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
}

/** Defaults and rules of {@link PrivacyConfig}. */
export const PrivacyConfig: Definition<PrivacyConfig> = {
  name: 'PrivacyConfig',
  fields: {
    mechanism: { kind: 'enum', of: PrivacyMechanism, default: PrivacyMechanism.NONE },
    epsilon: { kind: 'float', default: 1 },
    delta: { kind: 'float', default: 1e-5 },
    clipNorm: { kind: 'float', default: 1 },
    noiseMultiplier: { kind: 'float', default: 1.1 },
  },
  rules: [
    ({ mechanism, epsilon }) => (mechanism !== 'none' && epsilon <= 0 ? `epsilon must be positive, got ${epsilon}` : null),
    ({ mechanism, delta }) => (mechanism !== 'none' && !(delta > 0 && delta < 1) ? `delta must be in (0, 1), got ${delta}` : null),
    ({ mechanism, clipNorm }) => (mechanism !== 'none' && clipNorm <= 0 ? `clipNorm must be positive, got ${clipNorm}` : null),
    ({ mechanism, noiseMultiplier }) => (mechanism !== 'none' && noiseMultiplier <= 0 ? `noiseMultiplier must be positive, got ${noiseMultiplier}` : null),
  ],
};

/** A client. */
export interface ClientConfig {
  readonly clientId: string;
  readonly dataSize: number;
  readonly computeCapacity: number;
  readonly availability: number;
}

/** Defaults and rules of {@link ClientConfig}. */
export const ClientConfig: Definition<ClientConfig> = {
  name: 'ClientConfig',
  fields: {
    clientId: { kind: 'string', nonEmpty: true },
    dataSize: { kind: 'int', default: 1000, positive: true },
    computeCapacity: { kind: 'float', default: 1, above: 0, max: 1 },
    availability: { kind: 'float', default: 1, above: 0, max: 1 },
  },
};

/** How a training goes. */
export interface FederatedStats {
  readonly globalRound: number;
  readonly participatingClients: number;
  readonly aggregationTime: number;
  readonly privacyBudgetSpent: number;
}

/** Defaults and rules of {@link FederatedStats}. */
export const FederatedStats: Definition<FederatedStats> = {
  name: 'FederatedStats',
  fields: {
    globalRound: { kind: 'int', default: 0, nonNegative: true },
    participatingClients: { kind: 'int', default: 0, nonNegative: true },
    aggregationTime: { kind: 'float', default: 0, nonNegative: true },
    privacyBudgetSpent: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateFederatedConfig(config: FederatedConfig): void {
  validate(FederatedConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePrivacyConfig(config: PrivacyConfig): void {
  validate(PrivacyConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateClientConfig(config: ClientConfig): void {
  validate(ClientConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateFederatedStats(stats: FederatedStats): void {
  validate(FederatedStats, stats, 'stats');
}

/** Settles a {@link FederatedConfig}. @throws {ValidationError} naming every broken rule */
export function createFederatedConfig(options: Partial<FederatedConfig> = {}): FederatedConfig {
  return createFrom(FederatedConfig, options);
}

/** Settles a {@link PrivacyConfig}. @throws {ValidationError} naming every broken rule */
export function createPrivacyConfig(options: Partial<PrivacyConfig> = {}): PrivacyConfig {
  return createFrom(PrivacyConfig, options);
}

/** Settles a {@link ClientConfig}. @throws {ValidationError} naming every broken rule */
export function createClientConfig(clientId: string, options: Partial<Omit<ClientConfig, 'clientId'>> = {}): ClientConfig {
  return createFrom(ClientConfig, { clientId, ...options });
}

/** Settles a {@link FederatedStats}. @throws {ValidationError} naming every broken rule */
export function createFederatedStats(options: Partial<FederatedStats> = {}): FederatedStats {
  return createFrom(FederatedStats, options);
}

/** Aggregation methods in ascending order. */
export function listAggregationMethods(): AggregationMethod[] {
  return valuesOf(AggregationMethod);
}

/** Client selection strategies in ascending order. */
export function listClientSelectionStrategies(): ClientSelectionStrategy[] {
  return valuesOf(ClientSelectionStrategy);
}

/** Privacy mechanisms in ascending order. */
export function listPrivacyMechanisms(): PrivacyMechanism[] {
  return valuesOf(PrivacyMechanism);
}

/** @throws {ValidationError} naming the aggregation methods */
export function getAggregationMethod(name: string): AggregationMethod {
  return parseEnum(AggregationMethod, name, 'aggregationMethod');
}

/** @throws {ValidationError} naming the client selection strategies */
export function getClientSelectionStrategy(name: string): ClientSelectionStrategy {
  return parseEnum(ClientSelectionStrategy, name, 'clientSelectionStrategy');
}

/** @throws {ValidationError} naming the privacy mechanisms */
export function getPrivacyMechanism(name: string): PrivacyMechanism {
  return parseEnum(PrivacyMechanism, name, 'privacyMechanism');
}

/**
 * Share of each client's data in all data.
 *
 * @throws {ValidationError} for no clients or no data
 * @remarks Python: `hf_gtc.training.federated.calculate_client_weights(clients)`.
 */
export function calculateClientWeights(clients: readonly ClientConfig[]): number[] {
  const total = nonEmpty(clients, 'clients').reduce((sum, client) => sum + client.dataSize, 0);
  if (total === 0) throw new ValidationError('clients must have data, got a total dataSize of 0', { parameter: 'clients', received: clients });
  return clients.map(client => client.dataSize / total);
}

/** Clients at random, in their order, from Python's generator. */
function drawn(clients: readonly ClientConfig[], count: number, seed: number | null): ClientConfig[] {
  const random = new PythonRandom(seed);
  const places = random.sample([...clients.keys()], count);
  return [...places].sort((a, b) => a - b).map(place => clients[place]!);
}

/**
 * Chooses the clients of a round: at random (`random`, `contribution`), one after the other (`round_robin`), or those with the most capacity and availability
 * (`resource_based`).
 *
 * @param options `seed` of Python's generator; without one every call draws anew
 * @throws {ValidationError} for no clients, more than there are or an unknown strategy
 * @remarks Python: `hf_gtc.training.federated.select_clients(clients, num_to_select, strategy=, round_number=, seed=)`.
 * @example selectClients([createClientConfig('a'), createClientConfig('b')], 1, { strategy: 'round_robin', roundNumber: 1 }).map(client => client.clientId) // => ['b']
 */
export function selectClients(
  clients: readonly ClientConfig[],
  numToSelect: number,
  {
    strategy = 'random',
    roundNumber = 0,
    seed = null,
  }: { readonly strategy?: ClientSelectionStrategy; readonly roundNumber?: number; readonly seed?: number | null } = {},
): ClientConfig[] {
  nonEmpty(clients, 'clients');
  positive(numToSelect, 'numToSelect');
  if (numToSelect > clients.length)
    throw new ValidationError(`numToSelect must be at most the number of clients (${clients.length}), got ${numToSelect}`, {
      parameter: 'numToSelect',
      received: numToSelect,
    });
  parseEnum(ClientSelectionStrategy, strategy, 'clientSelectionStrategy');
  if (strategy === 'round_robin') return Array.from({ length: numToSelect }, (_, index) => clients[(roundNumber * numToSelect + index) % clients.length]!);
  if (strategy !== 'resource_based') return drawn(clients, numToSelect, seed);
  return [...clients].sort((a, b) => b.computeCapacity * b.availability - a.computeCapacity * a.availability).slice(0, numToSelect);
}

/**
 * Sum of updates under weights, with which every method starts; what FedProx, SCAFFOLD and FedAdam add happens in the clients or in the server's optimizer.
 *
 * @param clientUpdates one row for each client
 * @throws {ValidationError} for no updates, no weights or an unknown method
 * @throws {ShapeError} for rows of different lengths or another count of weights
 * @remarks Python: `hf_gtc.training.federated.aggregate_updates(client_updates, weights, method=, proximal_mu=)`.
 * @example aggregateUpdates([[0]], [1]) // => [0]
 */
export function aggregateUpdates(
  clientUpdates: readonly (readonly number[])[],
  weights: readonly number[],
  { method = 'fedavg' }: { readonly method?: AggregationMethod; readonly proximalMu?: number } = {},
): number[] {
  nonEmpty(clientUpdates, 'clientUpdates');
  nonEmpty(weights, 'weights');
  sameLength({ clientUpdates, weights });
  for (const [index, row] of clientUpdates.entries()) sameLength({ 'clientUpdates[0]': clientUpdates[0]!, [`clientUpdates[${index}]`]: row });
  parseEnum(AggregationMethod, method, 'aggregationMethod');
  return clientUpdates[0]!.map((_, column) => clientUpdates.reduce((sum, row, client) => sum + row[column]! * weights[client]!, 0));
}

/**
 * Epsilon that a training spends by a rule of thumb, √(2 ln(1.25/δ)) / σ · √(rounds · rate), at most the epsilon of every round; 0 without a mechanism. An
 * accountant of Rényi divergences gives far less.
 *
 * @param sampleRate in (0, 1], share of the clients in a round
 * @throws {ValidationError} for no rounds, a rate outside (0, 1], or a delta outside (0, 1.25]
 * @remarks Python: `hf_gtc.training.federated.calculate_privacy_budget(config, num_rounds, sample_rate)`; within 1e-12.
 * @example calculatePrivacyBudget(createPrivacyConfig({ mechanism: 'none' }), 100, 0.1) // => 0
 */
export function calculatePrivacyBudget(config: PrivacyConfig, numRounds: number, sampleRate: number): number {
  positive(numRounds, 'numRounds');
  inRange(sampleRate, 'sampleRate', { above: 0, max: 1 });
  if (config.mechanism === 'none') return 0;
  inRange(config.delta, 'delta', { above: 0, max: 1.25 });
  const spent = (Math.sqrt(2 * Math.log(1.25 / config.delta)) / config.noiseMultiplier) * Math.sqrt(numRounds * sampleRate);
  return Math.min(spent, config.epsilon * numRounds);
}

/**
 * Rounds until a target by a rule of thumb: more of them for few clients in a round, for data that differs and for a high accuracy.
 *
 * @param clientFraction in (0, 1]
 * @throws {ValidationError} for no clients or shares outside their intervals
 * @remarks Python: `hf_gtc.training.federated.estimate_convergence_rounds(num_clients, client_fraction, data_heterogeneity=, target_accuracy=)`; exact.
 * @example estimateConvergenceRounds(100, 1) // => 33
 */
export function estimateConvergenceRounds(
  numClients: number,
  clientFraction: number,
  { dataHeterogeneity = 0.5, targetAccuracy = 0.9 }: { readonly dataHeterogeneity?: number; readonly targetAccuracy?: number } = {},
): number {
  positive(numClients, 'numClients');
  inRange(clientFraction, 'clientFraction', { above: 0, max: 1 });
  inRange(dataHeterogeneity, 'dataHeterogeneity', { min: 0, max: 1 });
  inRange(targetAccuracy, 'targetAccuracy', { above: 0, max: 1 });
  const base = 5 * (1 - Math.log(Math.max(1 - targetAccuracy, 1e-6)));
  return Math.max(1, Math.trunc((base * (1 + 2 * dataHeterogeneity)) / clientFraction));
}

/**
 * How a training goes, as text.
 *
 * @remarks Python: `hf_gtc.training.federated.format_federated_stats(stats)`; the same text.
 */
export function formatFederatedStats(stats: FederatedStats): string {
  return [
    'Federated Stats:',
    `  Round: ${stats.globalRound}`,
    `  Clients: ${stats.participatingClients}`,
    `  Aggregation Time: ${formatFixed(stats.aggregationTime, 2)}s`,
    `  Privacy Budget Spent: ${formatFixed(stats.privacyBudgetSpent, 4)}`,
  ].join('\n');
}

/**
 * Settings that suit a number of clients: all of up to ten in a round, a tenth of up to a hundred, ten of more, at least one in a hundred; FedProx from 50 on.
 *
 * @throws {ValidationError} for no clients
 * @remarks Python: `hf_gtc.training.federated.get_recommended_federated_config(num_clients, privacy_required=)`.
 * @example getRecommendedFederatedConfig(4)[0].clientFraction // => 1
 */
export function getRecommendedFederatedConfig(
  numClients: number,
  { privacyRequired = false }: { readonly privacyRequired?: boolean } = {},
): readonly [federated: FederatedConfig, privacy: PrivacyConfig] {
  positive(numClients, 'numClients');
  const clientFraction = numClients <= 10 ? 1 : numClients <= 100 ? 0.1 : Math.max(0.01, 10 / numClients);
  return [
    createFederatedConfig({ aggregationMethod: numClients < 50 ? 'fedavg' : 'fedprox', numClients, rounds: 100, localEpochs: 5, clientFraction }),
    createPrivacyConfig(privacyRequired ? { mechanism: 'local_dp', epsilon: 8 } : {}),
  ];
}
