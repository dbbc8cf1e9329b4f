import type { Caller } from '@flow/auth';
import type { Clock, DagId } from '@flow/kernel';
import type { OperatorCatalogue } from '@flow/operators';
import { CalledDagsReader } from './called-dags.reader';
import { faultsOfCalls } from './check-calls';
import { contentOf, sameContent, withContent, type Dag, type DagDefinition } from './dag';
import { DagInvalid, DagNotFound, DagStale, VersionTaken } from './dag.errors';
import type { DagCheck } from './dag-check';
import type { DagLimits } from './dag-limits';
import type { DagStore } from './dag.store';
import type { StartChecks } from './start-checks';
import { subflowCallsOf } from './subflow-calls';
import { checkDag } from './validate';
import { versionOfChange } from './version';

/** How often a change that names no revision is tried again when another one was faster. */
const ATTEMPTS = 5;

export interface ChangeOptions {
  /** The revision that the author has seen (If-Match); absent means whichever stands. */
  readonly ifRevision?: number;
  /** A version even when the content is the one that stands. */
  readonly always?: boolean;
}

/** The one way in which a standing DAG changes: checked, versioned, guarded by its revision. */
export class DagPublisher {
  constructor(
    private readonly store: DagStore,
    private readonly catalogue: OperatorCatalogue,
    private readonly clock: Clock,
    private readonly limits: DagLimits,
    private readonly starts?: StartChecks,
  ) {}

  /** What was sent, as a definition of the DAG with this id, if it has one yet. Throws DagInvalid with every fault. */
  async checked(caller: Caller, sent: unknown, id: DagId | undefined): Promise<DagDefinition> {
    const { faults } = await this.check(caller, sent, () => Promise.resolve(id));
    if (faults.length > 0) throw new DagInvalid(faults);
    return sent as DagDefinition;
  }

  /** What is wrong with the definition itself; when nothing is, what is wrong with the DAGs that it calls, and with what starts it. */
  async check(caller: Caller, sent: unknown, idOf: (title: string) => Promise<DagId | undefined>): Promise<DagCheck> {
    const check = checkDag(sent, { catalogue: this.catalogue, limits: this.limits });
    if (check.faults.length > 0) return check;
    const { title, steps } = sent as DagDefinition;
    const calls = subflowCallsOf(steps).length > 0;
    if (!calls && !this.starts) return check;
    const saved = { id: await idOf(title), title, steps };
    const called = calls ? await faultsOfCalls(saved, new CalledDagsReader(this.store, caller.domain)) : [];
    return { ...check, faults: [...called, ...((await this.starts?.faults(caller.domain, saved)) ?? [])] };
  }

  /** Throws DagNotFound. */
  async get(caller: Caller, id: DagId): Promise<Dag> {
    const dag = await this.store.find(caller.domain, id);
    if (!dag) throw new DagNotFound(id);
    return dag;
  }

  /** Throws DagInvalid, DagNotFound, DagStale, DagTitleTaken, VersionNotRising and VersionTaken. */
  async change(caller: Caller, id: DagId, draw: (standing: Dag) => unknown, options: ChangeOptions = {}): Promise<Dag> {
    for (let attempt = 1; ; attempt += 1) {
      const standing = await this.get(caller, id);
      if (options.ifRevision !== undefined && options.ifRevision !== standing.revision) throw new DagStale(id);
      const definition = await this.checked(caller, draw(standing), id);
      try {
        return await this.replace(caller, standing, definition, options.always ?? false);
      } catch (error) {
        if (error instanceof VersionTaken && options.ifRevision !== undefined) throw new DagStale(id);
        if (!(error instanceof DagStale) || options.ifRevision !== undefined || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async replace(caller: Caller, standing: Dag, definition: DagDefinition, always: boolean): Promise<Dag> {
    const content = contentOf(definition);
    const changed = always || !sameContent(content, contentOf(standing));
    const version = versionOfChange(standing.version, definition.version, changed);
    const status = definition.status ?? standing.status;
    const tags = definition.tags ?? standing.tags;
    if (version === undefined && status === standing.status && sameTags(tags, standing.tags)) return standing;
    const next: Dag = {
      ...withContent(standing, content),
      status,
      tags,
      version: version ?? standing.version,
      changeLog: version === undefined ? standing.changeLog : (definition.changeLog ?? ''),
      updatedAt: this.clock.now().toISOString(),
      modifiedBy: caller.principal,
    };
    return this.store.update(next, standing.revision, { publish: version !== undefined });
  }
}

function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag, i) => tag === b[i]);
}
