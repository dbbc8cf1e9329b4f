import { Injectable } from '@nestjs/common';
import { demand, type Caller } from '@flow/auth';
import { Clock, type DagId, type Page, type PageRequest } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { type Dag, type DagVersion, type DagVersionSummary } from './dag';
import { VersionNotFound } from './dag.errors';
import { DagLimits } from './dag-limits';
import { DagPublisher, type ChangeOptions } from './dag-publisher.service';
import { DagStore } from './dag.store';
import { diffDags, type DagDiff } from './diff';
import { StartChecks } from './start-checks';
import { nextVersion } from './version';

/** The versions of a DAG: each stays as it was published. */
@Injectable()
export class VersionsService {
  private readonly publisher: DagPublisher;

  constructor(
    private readonly store: DagStore,
    catalogue: OperatorCatalogue,
    clock: Clock,
    limits: DagLimits,
    starts?: StartChecks,
  ) {
    this.publisher = new DagPublisher(store, catalogue, clock, limits, starts);
  }

  /** Highest first. Throws DagNotFound. */
  async list(caller: Caller, id: DagId, page: PageRequest): Promise<Page<DagVersionSummary>> {
    demand(caller, 'dag.view');
    await this.publisher.get(caller, id);
    return this.store.versions(caller.domain, id, page);
  }

  /** Throws DagNotFound and VersionNotFound. */
  async get(caller: Caller, id: DagId, version: string): Promise<DagVersion> {
    demand(caller, 'dag.view');
    await this.publisher.get(caller, id);
    return this.version(caller, id, version);
  }

  /** The version that the next change gets when it names none. */
  async next(caller: Caller, id: DagId): Promise<string> {
    demand(caller, 'dag.view');
    return nextVersion((await this.publisher.get(caller, id)).version);
  }

  /** What leads from version `from` to version `to`. Throws DagNotFound and VersionNotFound. */
  async diff(caller: Caller, id: DagId, from: string, to: string): Promise<DagDiff> {
    demand(caller, 'dag.view');
    await this.publisher.get(caller, id);
    const [before, after] = [await this.version(caller, id, from), await this.version(caller, id, to)];
    return diffDags(before.content, after.content);
  }

  /**
   * Publishes the content of an older version as a new one; status and tags stay. It is checked anew: what it needs may be gone.
   * Throws VersionNotFound and as DagPublisher.change does.
   */
  async rollback(
    caller: Caller,
    id: DagId,
    version: string,
    options: Pick<ChangeOptions, 'ifRevision'> & { readonly version?: string; readonly changeLog?: string } = {},
  ): Promise<Dag> {
    demand(caller, 'dag.modify');
    await this.publisher.get(caller, id);
    const { content } = await this.version(caller, id, version);
    const definition = {
      ...content,
      changeLog: options.changeLog ?? `Back to ${version}.`,
      ...(options.version !== undefined && { version: options.version }),
    };
    return this.publisher.change(caller, id, () => definition, {
      always: true,
      ...(options.ifRevision !== undefined && { ifRevision: options.ifRevision }),
    });
  }

  private async version(caller: Caller, id: DagId, version: string): Promise<DagVersion> {
    const found = await this.store.version(caller.domain, id, version);
    if (!found) throw new VersionNotFound(id, version);
    return found;
  }
}
