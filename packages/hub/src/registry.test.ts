import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as registry from './registry.js';

describe('parity: registry', () => {
  it.each(parityCases('hub/registry', registry, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('lists what was registered, stage by stage', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^v\d{1,3}$/), { maxLength: 8 }), fc.constantFrom(...registry.listStages()), (ids, stage) => {
        registry.clearRegistry();
        for (const id of ids) registry.registerModel('m', registry.createModelVersion(id));
        for (const id of ids.slice(1)) registry.transitionStage('m', id, stage);
        const of = (wanted: string | null) => registry.listModelVersions('m', { stage: wanted }).length;
        return (
          of(null) === ids.length &&
          registry.listStages().reduce((total, each) => total + of(each), 0) === ids.length &&
          (ids.length < 2 || registry.getModelVersion('m', ids[1]!)!.stage === stage)
        );
      }),
      { numRuns: 100 },
    );
  });
  it('a version with a known id takes its place', () => {
    registry.clearRegistry();
    registry.registerModel('m', registry.createModelVersion('v1'));
    registry.registerModel('m', registry.createModelVersion('v1', { description: 'new' }));
    expect(registry.listModelVersions('m').map(version => version.description)).toEqual(['new']);
    expect(registry.rollbackVersion('m', 'v1').description).toBe('new');
    registry.clearRegistry();
    expect(registry.getModelVersion('m', 'v1')).toBeNull();
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(registry.ModelVersion),
    ...sweep(registry.RegistryConfig),
    ...sweep(registry.TransitionRequest, () => registry.createTransitionRequest('m', 'staging', 'production')),
    ...sweep(registry.RegistryStats),
    ...sweepEnum('ModelStage', registry.ModelStage, { list: registry.listStages, get: registry.getStage }),
    ...sweepEnum('VersioningScheme', registry.VersioningScheme, { list: registry.listVersioningSchemes, get: registry.getVersioningScheme }),
    ...sweepEnum('TransitionAction', registry.TransitionAction, { list: registry.listTransitionActions, get: registry.getTransitionAction }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => registry.transitionStage('none', 'v1', 'staging'), "versionId 'v1' was not found for the model ('modelName') 'none'"],
    [() => registry.createTransitionRequest('m', 'staging', 'staging'), 'fromStage and toStage must be different, got staging twice'],
    [() => registry.listModelVersions('m', { stage: 'beta' }), "stage must be one of archived, development, production, staging, got 'beta'"],
    [() => registry.getRecommendedRegistryConfig({ teamSize: 0 }), 'teamSize must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
