export {
  DAG_PRIORITIES,
  DAG_STATUSES,
  VAR_TYPES,
  atVersion,
  contentOf,
  sameContent,
  summaryOf,
  triggerOf,
  versionOf,
  type Dag,
  type DagContent,
  type DagDefinition,
  type DagPriority,
  type DagStatus,
  type DagSummary,
  type DagVersion,
  type DagVersionSummary,
  type VarDeclaration,
  type VarType,
} from './dag';
export {
  DagHasLiveInstances,
  DagInvalid,
  DagNotFound,
  DagStale,
  DagTitleTaken,
  VersionNotFound,
  VersionNotRising,
  VersionTaken,
} from './dag.errors';
export { DAG_SORTS, DagStore, type DagFilter, type DagSort } from './dag.store';
export { LiveInstances } from './live-instances';
export { diffDags, type Change, type DagDiff } from './diff';
export { FIRST_VERSION, compareVersions, isVersion, nextVersion, versionOfChange, versionParts } from './version';
