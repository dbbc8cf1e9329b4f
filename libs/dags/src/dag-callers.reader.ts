import type { DagId, DomainId } from '@flow/kernel';
import type { Dag } from './dag';
import type { DagStore } from './dag.store';
import { subflowCallsOf } from './subflow-calls';

/** DAGs that are read at once: each may be as large as a definition can be. */
const AT_ONCE = 50;

export type DagCaller = Pick<Dag, 'id' | 'title'>;

/** Which DAGs call these in their newest version, by the id of the called one. Reads every DAG of the domain once. */
export async function callersOf(
  store: DagStore,
  domain: DomainId,
  called: ReadonlySet<DagId>,
): Promise<ReadonlyMap<DagId, readonly DagCaller[]>> {
  const callers = new Map<DagId, DagCaller[]>();
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await store.list(
      domain,
      { sort: 'createdAt' },
      { limit: AT_ONCE, ...(cursor !== undefined && { cursor }) },
    );
    const dags = await store.findMany(
      domain,
      page.items.map(({ id }) => id),
    );
    for (const { id, title, steps } of dags)
      for (const dagId of new Set(subflowCallsOf(steps).map((call) => call.dagId)))
        if (called.has(dagId)) callers.set(dagId, [...(callers.get(dagId) ?? []), { id, title }]);
    cursor = page.nextCursor;
  }
  return callers;
}

/** The ids in an order in which those that call others come before them. */
export function callersFirst(
  ids: readonly DagId[],
  callers: ReadonlyMap<DagId, readonly DagCaller[]>,
): readonly DagId[] {
  const wanted = new Set(ids);
  const order = new Set<DagId>();
  const seen = new Set<DagId>();
  const visit = (id: DagId): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const caller of callers.get(id) ?? []) if (wanted.has(caller.id)) visit(caller.id);
    order.add(id);
  };
  ids.forEach(visit);
  return [...order];
}
