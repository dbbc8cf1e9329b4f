import type { DagId, DomainId, Page, PageRequest } from '@flow/kernel';
import type { Dag, DagStatus, DagSummary, DagVersion, DagVersionSummary } from './dag';

export type DagSort = 'createdAt' | '-createdAt' | 'updatedAt' | '-updatedAt' | 'title' | '-title';
export const DAG_SORTS = [
  'createdAt',
  '-createdAt',
  'updatedAt',
  '-updatedAt',
  'title',
  '-title',
] as const satisfies readonly DagSort[];

export interface DagFilter {
  /** Found anywhere in the title, whatever the case of its letters. */
  readonly keyword?: string;
  readonly status?: DagStatus;
  /** The coarse name of what starts it: `manual`, `form`, `cron`... */
  readonly trigger?: string;
  readonly tag?: string;
  readonly createdBy?: string;
  /** Newest first when absent; titles sort whatever their case. */
  readonly sort?: DagSort;
}

/** The DAGs that name something: the first ones, and how many there are. */
export interface DagsNaming {
  readonly total: number;
  readonly dags: readonly Pick<Dag, 'id' | 'title'>[];
}

/**
 * DAGs and their versions. Everything is looked up within a business domain. A title is unique among the DAGs of a domain that
 * are not deleted, a version among those of its DAG, both by an index of the store: of two at the same moment one wins.
 */
export abstract class DagStore {
  /**
   * Stores a new DAG with its first version. When a DAG with this id stands already (a repeat of a request whose answer was lost),
   * that one comes back with `created: false` and nothing changes, even if it was deleted since. Throws DagTitleTaken.
   */
  abstract create(dag: Dag): Promise<{ readonly dag: Dag; readonly created: boolean }>;

  /** Undefined for unknown, foreign and deleted ones. */
  abstract find(domain: DomainId, id: DagId): Promise<Dag | undefined>;

  /** The one DAG of the domain with exactly this title, if it stands. */
  abstract findByTitle(domain: DomainId, title: string): Promise<Dag | undefined>;

  /** Those that stand, in the order of the ids; each once. */
  abstract findMany(domain: DomainId, ids: readonly DagId[]): Promise<readonly Dag[]>;

  /**
   * Puts `dag` in the place of the one with revision `fromRevision`; what is stored has the next revision. With `publish` its content
   * becomes the version `dag.version` in the same transaction; without, only status and tags are written. Throws VersionTaken when the version stands already, then DagStale when the
   * revision is another, DagNotFound when the DAG is gone, DagTitleTaken.
   */
  abstract update(dag: Dag, fromRevision: number, options: { readonly publish: boolean }): Promise<Dag>;

  /**
   * Deletes softly: the DAG is found no more and its title is free; its versions stay for the instances that run on them.
   * Throws DagNotFound, and DagStale when `fromRevision` is given and is not the stored one.
   */
  abstract remove(
    domain: DomainId,
    id: DagId,
    removal: { readonly at: string; readonly by: string; readonly fromRevision?: number },
  ): Promise<void>;

  /** Keyset pages: page 1,000 costs what page 1 costs. Throws RequestInvalid for a cursor of another sort order. */
  abstract list(domain: DomainId, filter: DagFilter, page: PageRequest): Promise<Page<DagSummary>>;

  /**
   * Which DAGs that stand name these secrets in their newest version (`secretNamesOf`), by the name: the `limit` oldest. A name
   * that no DAG has is absent. True from the moment that a version is stored.
   */
  abstract namingSecrets(
    domain: DomainId,
    names: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, DagsNaming>>;

  /** Highest version first. */
  abstract versions(domain: DomainId, id: DagId, page: PageRequest): Promise<Page<DagVersionSummary>>;

  /** Found for deleted DAGs too: an instance keeps the version that it started on. */
  abstract version(domain: DomainId, id: DagId, version: string): Promise<DagVersion | undefined>;
}
