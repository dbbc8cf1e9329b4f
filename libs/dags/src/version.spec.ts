import fc from 'fast-check';
import { VersionNotRising } from './dag.errors';
import { compareVersions, isVersion, nextVersion, versionOfChange } from './version';

const part = fc.oneof(fc.nat(20), fc.nat(999_999_999), fc.constant(999_999_999));
const version = fc.tuple(part, part, part).map(([major, minor, patch]) => `v${major}.${minor}.${patch}`);

describe('versions', () => {
  it('are ordered by number, as a total order', () => {
    expect(compareVersions('v0.10.0', 'v0.9.9')).toBeGreaterThan(0);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('have a next one that is a version and higher', () => {
    expect(nextVersion('v1.2.3')).toBe('v1.2.4');
    fc.assert(
      fc.property(version, (current) => {
        fc.pre(current !== 'v999999999.999999999.999999999');
        expect(isVersion(nextVersion(current))).toBe(true);
        expect(compareVersions(nextVersion(current), current)).toBeGreaterThan(0);
      }),
    );
  });

  it.each([
    '',
    'v1',
    'v1.2',
    '1.2.3',
    'v1.2.3.4',
    'v01.2.3',
    'v1.2.3-rc',
    'v1.2.1000000000',
    'v-1.0.0',
    ' v1.2.3',
    'v1.2.3\n',
  ])('are not written as %j', (text) => {
    expect(isVersion(text)).toBe(false);
  });
});

describe('a change', () => {
  it('makes a version only when the definition differs or a higher one is asked for', () => {
    expect(versionOfChange('v0.0.0', undefined, false)).toBeUndefined();
    expect(versionOfChange('v0.0.0', 'v0.0.0', false)).toBeUndefined();
    expect(versionOfChange('v0.0.0', undefined, true)).toBe('v0.0.1');
    expect(versionOfChange('v0.0.0', 'v2.0.0', true)).toBe('v2.0.0');
    expect(versionOfChange('v0.0.0', 'v2.0.0', false)).toBe('v2.0.0');
  });

  it('never lowers the version, nor gives it to another definition', () => {
    expect(() => versionOfChange('v1.0.0', 'v0.9.0', true)).toThrow(VersionNotRising);
    expect(() => versionOfChange('v1.0.0', 'v0.9.0', false)).toThrow(VersionNotRising);
    expect(() => versionOfChange('v1.0.0', 'v1.0.0', true)).toThrow(VersionNotRising);
  });
});
