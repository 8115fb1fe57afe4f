import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as versioning from './versioning.js';

describe('parity: versioning', () => {
  it.each(parityCases('hub/versioning', versioning, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const versions = fc.record({
    major: fc.nat(3),
    minor: fc.nat(3),
    patch: fc.nat(3),
    preRelease: fc.constantFrom(null, 'alpha', 'alpha.1', 'alpha.2', 'alpha.10', 'alpha.beta', 'beta', '7', 'rc.1'),
    buildMetadata: fc.constantFrom(null, 'build.1'),
  });
  it('a version written and read is the same', () => {
    fc.assert(
      fc.property(versions, version => JSON.stringify(versioning.parseVersion(versioning.formatVersion(version))) === JSON.stringify(version)),
      { numRuns: 100 },
    );
  });
  it('the order is total, and every bump goes up', () => {
    fc.assert(
      fc.property(versions, versions, versions, fc.constantFrom('major', 'minor', 'patch'), (a, b, c, change) => {
        const less = (x: versioning.VersionInfo, y: versioning.VersionInfo) => versioning.compareVersions(x, y) < 0;
        return (
          versioning.compareVersions(a, b) === -versioning.compareVersions(b, a) + 0 &&
          (!less(a, b) || !less(b, c) || less(a, c)) &&
          less(a, versioning.incrementVersion(a, change)) &&
          versioning.validateVersionBump(a, versioning.incrementVersion(a, change), change)
        );
      }),
      { numRuns: 200 },
    );
  });
  it('orders pre-releases as SemVer does', () => {
    const sorted = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0'];
    expect([...sorted].reverse().sort((a, b) => versioning.compareVersions(versioning.parseVersion(a), versioning.parseVersion(b)))).toEqual(sorted);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(versioning.VersionInfo),
    ...sweep(versioning.VersionConfig),
    ...sweep(versioning.ModelDiff),
    ...sweep(versioning.VersionStats),
    ...sweepEnum('VersionScheme', versioning.VersionScheme, { list: versioning.listVersionSchemes, get: versioning.getVersionScheme }),
    ...sweepEnum('ChangeType', versioning.ChangeType, { list: versioning.listChangeTypes, get: versioning.getChangeType }),
    ...sweepEnum('DiffType', versioning.DiffType, { list: versioning.listDiffTypes, get: versioning.getDiffType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => versioning.parseVersion('1.2'), "versionString must be MAJOR.MINOR.PATCH[-pre][+build]: invalid version format '1.2'"],
    [() => versioning.createVersionInfo({ preRelease: '' }), 'preRelease cannot be empty'],
    [() => versioning.incrementVersion(versioning.parseVersion('1.0.0'), 'tiny'), "changeType must be one of major, minor, patch, pre_release, got 'tiny'"],
    [() => versioning.getRecommendedVersionConfig({ projectType: 'game' }), "projectType must be one of dataset, library, model, got 'game'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
