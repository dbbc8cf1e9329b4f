export {
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
  type DagStatus,
  type DagSummary,
  type DagVersion,
  type DagVersionSummary,
  type VarDeclaration,
  type VarType,
} from './dag';
export { StartChecks, type StartingDag } from './start-checks';
export { ON_FULL, rateOf, type ConcurrencyLimit, type OnFull, type RateLimit } from './start-limits';
export {
  DagHasLiveInstances,
  DagInUse,
  DagInvalid,
  DagNotFound,
  DagStale,
  DagTitleTaken,
  VersionNotFound,
  VersionNotRising,
  VersionTaken,
} from './dag.errors';
export { DagEvents, dagEventOf, type DagEventData } from './dag-events';
export { factsOfChange, factsOfRemoval, type DagFact, type DagFactKind } from './dag-fact';
export { DagListener, DagOutbox } from './dag-outbox';
export { DagRelay, LOOK_FOR_FACTS_MS } from './dag-relay';
export { DAG_SORTS, DagStore, type DagFilter, type DagSort, type DagsNaming } from './dag.store';
export { secretNamesOf } from './secret-names';
export { LiveInstances } from './live-instances';
export { diffDags, type Change, type DagDiff } from './diff';
export { FIRST_VERSION, compareVersions, isVersion, nextVersion, versionOfChange, versionParts } from './version';
export { DagLimits } from './dag-limits';
export type { DagCheck } from './dag-check';
export { checkDag } from './validate';
export { DagsService, type DagValidation } from './dags.service';
export { DAG_ACTIONS, DagActionsService, type BatchItem, type DagAction, type StartRun } from './dag-actions.service';
export { VersionsService } from './versions.service';
export { graphOfDag, mermaidOf, type DagDrawing, type DrawnEdge, type DrawnNode } from './graph';
export { dagJsonSchema } from './schema';
export { definitionOf, type TransferFormat } from './transfer';
export {
  IMPORT_MODES,
  TransferService,
  type Exported,
  type ImportItem,
  type ImportMode,
  type ImportRequest,
} from './transfer.service';
export { subflowCallsOf } from './subflow-calls';
