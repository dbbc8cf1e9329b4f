import { VersionNotRising } from './dag.errors';

/** Each part at most nine digits, so that it fits every store's integer. */
const VERSION = /^v(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;
const LARGEST_PART = 999_999_999;

export const FIRST_VERSION = 'v0.0.0';

export type VersionParts = readonly [major: number, minor: number, patch: number];

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Throws TypeError for a text that is no version: callers check what comes from outside with `isVersion`. */
export function versionParts(version: string): VersionParts {
  const match = VERSION.exec(version);
  if (!match) throw new TypeError(`${JSON.stringify(version)} is no version vMAJOR.MINOR.PATCH.`);
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Below zero when `a` is the lower one, zero when they are the same. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionParts(a), versionParts(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** The next patch; where the parts have no room left, the next minor or major. */
export function nextVersion(current: string): string {
  const [major, minor, patch] = versionParts(current);
  if (patch < LARGEST_PART) return `v${major}.${minor}.${patch + 1}`;
  return minor < LARGEST_PART ? `v${major}.${minor + 1}.0` : `v${major + 1}.0.0`;
}

/**
 * The version that a change of a DAG gets, or undefined when it makes none:
 * ```
 * given      definition   →
 * none       unchanged    none (status, tags and activation make no version)
 * none       changed      the next patch
 * current    unchanged    none (what was read is sent back)
 * higher     either       the given one
 * otherwise               throws VersionNotRising
 * ```
 */
export function versionOfChange(current: string, given: string | undefined, changed: boolean): string | undefined {
  if (given === undefined) return changed ? nextVersion(current) : undefined;
  if (given === current && !changed) return undefined;
  if (compareVersions(given, current) <= 0) throw new VersionNotRising(given, current);
  return given;
}
