import type { DagId, DomainId } from '@flow/kernel';
import type { CalledDag, CalledDags } from './check-calls';
import type { DagStore } from './dag.store';
import { subflowCallsOf, type SubflowCall } from './subflow-calls';

/** DAGs of a domain as they are stored, each version read once; what is about to be stored stands in `coming`. */
export class CalledDagsReader implements CalledDags {
  private readonly newest = new Map<DagId, (CalledDag & { readonly version: string }) | undefined>();
  private readonly older = new Map<string, CalledDag | undefined>();

  constructor(
    private readonly store: DagStore,
    private readonly domain: DomainId,
    private readonly coming: ReadonlyMap<DagId, CalledDag & { readonly version: string }> = new Map(),
  ) {
    for (const [id, dag] of coming) this.newest.set(id, dag);
  }

  async read(calls: readonly SubflowCall[]): Promise<readonly (CalledDag | 'no version' | undefined)[]> {
    const unread = new Set(calls.map(({ dagId }) => dagId).filter((id) => !this.newest.has(id)));
    for (const id of unread) this.newest.set(id, undefined);
    for (const { id, title, version, steps } of await this.store.findMany(this.domain, [...unread]))
      this.newest.set(id, { title, version, calls: subflowCallsOf(steps) });
    return Promise.all(
      calls.map(async ({ dagId, version }) => {
        const newest = this.newest.get(dagId);
        if (!newest || version === undefined || version === newest.version) return newest;
        return (await this.version(dagId, version)) ?? 'no version';
      }),
    );
  }

  private async version(id: DagId, version: string): Promise<CalledDag | undefined> {
    const key = `${id} ${version}`;
    if (!this.older.has(key)) {
      const found = await this.store.version(this.domain, id, version);
      this.older.set(key, found && { title: found.content.title, calls: subflowCallsOf(found.content.steps) });
    }
    return this.older.get(key);
  }
}
