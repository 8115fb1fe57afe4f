import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as federated from './federated.js';

describe('parity: federated', () => {
  it.each(parityCases('training/federated', federated, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const size = fc.integer({ min: 1, max: 1000 });
  const clients = fc
    .array(size, { minLength: 1, maxLength: 8 })
    .map(sizes => sizes.map((dataSize, index) => federated.createClientConfig(`c${index}`, { dataSize })));
  it('weights add up to 1', () => {
    fc.assert(
      fc.property(clients, list => Math.abs(federated.calculateClientWeights(list).reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9),
      { numRuns: 100 },
    );
  });
  it.each(federated.listClientSelectionStrategies())('%s chooses as many clients as asked, none twice', strategy => {
    fc.assert(
      fc.property(clients, fc.nat(7), fc.nat(50), (list, wish, roundNumber) => {
        const count = Math.min(list.length, wish + 1);
        const chosen = federated.selectClients(list, count, { strategy, roundNumber });
        return new Set(chosen).size === count && chosen.every(client => list.includes(client));
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(federated.FederatedConfig),
    ...sweep(federated.PrivacyConfig),
    ...sweep(federated.ClientConfig),
    ...sweep(federated.FederatedStats),
    ...sweepEnum('AggregationMethod', federated.AggregationMethod, { list: federated.listAggregationMethods, get: federated.getAggregationMethod }),
    ...sweepEnum('ClientSelectionStrategy', federated.ClientSelectionStrategy, {
      list: federated.listClientSelectionStrategies,
      get: federated.getClientSelectionStrategy,
    }),
    ...sweepEnum('PrivacyMechanism', federated.PrivacyMechanism, { list: federated.listPrivacyMechanisms, get: federated.getPrivacyMechanism }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => federated.calculateClientWeights([{ ...federated.createClientConfig('a'), dataSize: 0 }]), 'clients must have data, got a total dataSize of 0'],
    [() => federated.selectClients([federated.createClientConfig('a')], 2), 'numToSelect must be at most the number of clients (1), got 2'],
    [
      () => federated.calculatePrivacyBudget({ ...federated.createPrivacyConfig(), mechanism: 'local_dp', delta: 0 }, 1, 1),
      'delta must be in (0, 1.25], got 0',
    ],
    [() => federated.aggregateUpdates([[1], [1, 2]], [1, 1]), 'clientUpdates[0] and clientUpdates[1] must have the same length, got 1 and 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
