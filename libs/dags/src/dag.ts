import {
  canonicalJson,
  type DagId,
  type DomainId,
  type Json,
  type JsonObject,
  type Priority,
  type Retention,
} from '@flow/kernel';
import type { Step } from '@flow/operators';
import type { ConcurrencyLimit, RateLimit } from './start-limits';

export type DagStatus = 'normal' | 'stopped';
export const DAG_STATUSES = ['normal', 'stopped'] as const satisfies readonly DagStatus[];

export type VarType = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'any';
export const VAR_TYPES = [
  'string',
  'number',
  'boolean',
  'object',
  'array',
  'any',
] as const satisfies readonly VarType[];

/** A variable of a run: where it starts, and what kind of value it keeps. */
export interface VarDeclaration {
  readonly type: VarType;
  /** Fits the type; null when there is none. May hold no expression. */
  readonly default?: Json;
  readonly description?: string;
}

/** What a version keeps: everything of a DAG that decides what a run does or is called. */
export interface DagContent {
  readonly title: string;
  readonly description: string;
  /** The author's own word for the kind of flow; empty when there is none. */
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: Priority;
  readonly vars: Readonly<Record<string, VarDeclaration>>;
  readonly steps: readonly Step[];
  /** What a run gives when no `return` did: values with expressions, by key. */
  readonly outputs?: JsonObject;
  /** ISO 8601; bounds a whole run. */
  readonly timeout?: string;
  /** ISO 8601; an instance that has not begun so long after it was accepted fails. */
  readonly startBy?: string;
  /** How many run at once; the newest version decides for all of them. */
  readonly concurrency?: ConcurrencyLimit;
  /** How many are started in a time; the newest version decides. */
  readonly rateLimit?: RateLimit;
  /** How long its ended instances are kept; the newest version decides for all of them. */
  readonly retention?: Retention;
}

/**
 * What authors send. Absent fields take their defaults, but for `status` and `tags`: those stand beside the versions, and an
 * update without them leaves them as they are.
 */
export interface DagDefinition extends Partial<Omit<DagContent, 'title' | 'steps'>> {
  readonly title: string;
  readonly steps: readonly Step[];
  readonly status?: DagStatus;
  readonly tags?: readonly string[];
  /** `vMAJOR.MINOR.PATCH`; must rise. The next patch version when absent. */
  readonly version?: string;
  readonly changeLog?: string;
}

/** A stored DAG: its newest version, and what stands beside the versions. Times are RFC 3339 UTC. */
export interface Dag extends DagContent {
  readonly id: DagId;
  readonly domain: DomainId;
  readonly status: DagStatus;
  readonly tags: readonly string[];
  readonly version: string;
  /** What its author said about this version. */
  readonly changeLog: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly modifiedBy: string;
  /** Rises by one with every change of any field; the ETag is drawn from it. */
  readonly revision: number;
}

/** A DAG without its steps: what a list shows. */
export interface DagSummary extends Pick<
  Dag,
  | 'id'
  | 'domain'
  | 'title'
  | 'description'
  | 'status'
  | 'type'
  | 'tags'
  | 'labels'
  | 'priority'
  | 'version'
  | 'createdBy'
  | 'createdAt'
  | 'updatedAt'
  | 'modifiedBy'
  | 'revision'
> {
  /** What starts it: `manual`, `form`, `cron`... */
  readonly trigger: string;
}

/** One version as it was published; never changes again. */
export interface DagVersion {
  readonly dagId: DagId;
  readonly domain: DomainId;
  readonly version: string;
  readonly changeLog: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly content: DagContent;
}

export type DagVersionSummary = Omit<DagVersion, 'content'>;

/** The versioned part of what an author sent, defaults filled in. */
export function contentOf(definition: DagDefinition | Dag): DagContent {
  return {
    title: definition.title,
    description: definition.description ?? '',
    type: definition.type ?? '',
    labels: definition.labels ?? {},
    priority: definition.priority ?? 'medium',
    vars: definition.vars ?? {},
    steps: definition.steps,
    ...optionalsOf(definition),
  };
}

type Optional = 'outputs' | 'timeout' | 'startBy' | 'concurrency' | 'rateLimit' | 'retention';

/** Fields of a content that it may lack. */
export function optionalsOf(content: Pick<DagContent, Optional>): Pick<DagContent, Optional> {
  const { outputs, timeout, startBy, concurrency, rateLimit, retention } = content;
  return {
    ...(outputs !== undefined && { outputs }),
    ...(timeout !== undefined && { timeout }),
    ...(startBy !== undefined && { startBy }),
    ...(concurrency !== undefined && { concurrency }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(retention !== undefined && { retention }),
  };
}

/** A DAG with another content: what the new one lacks does not stay. */
export function withContent(dag: Dag, content: DagContent): Dag {
  const { outputs: _outputs, timeout: _timeout, startBy: _startBy, retention: _retention, ...others } = dag;
  const { concurrency: _concurrency, rateLimit: _rateLimit, ...beside } = others;
  return { ...beside, ...content };
}

/** Whether two contents mean the same, whatever the order of their keys. */
export function sameContent(a: DagContent, b: DagContent): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** The version as its DAG had it: the version's content under the DAG's own name. */
export function atVersion(dag: Dag, version: DagVersion): Dag {
  return { ...withContent(dag, version.content), version: version.version, changeLog: version.changeLog };
}

export function versionOf(dag: Dag): DagVersion {
  const { id: dagId, domain, version, changeLog, modifiedBy: createdBy, updatedAt: createdAt } = dag;
  return { dagId, domain, version, changeLog, createdBy, createdAt, content: contentOf(dag) };
}

export function summaryOf(dag: Dag): DagSummary {
  const { id, domain, title, description, status, type, tags, labels, priority, version } = dag;
  const { createdBy, createdAt, updatedAt, modifiedBy, revision } = dag;
  return {
    ...{ id, domain, title, description, status, type, tags, labels, priority, version },
    ...{ createdBy, createdAt, updatedAt, modifiedBy, revision },
    trigger: triggerOf(dag),
  };
}

/** The coarse name of what starts a DAG: the first segment behind `@trigger/`; another operator's id as it stands. */
export function triggerOf(dag: Pick<DagContent, 'steps'>): string {
  const operator = dag.steps[0]?.operator ?? '';
  return /^@trigger\/([^/]+)/.exec(operator)?.[1] ?? operator;
}
