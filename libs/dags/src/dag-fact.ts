import { summaryOf, type Dag, type DagSummary } from './dag';

/** What can become of a DAG, in the order in which it does within one change. */
export type DagFactKind = 'created' | 'updated' | 'status_changed' | 'deleted';

/** Something that has become of a DAG; written in the very change that made it so. */
export interface DagFact {
  /** The same whenever it is told. */
  readonly id: string;
  /** Compared as text, the order in which facts of one DAG came to be. */
  readonly sequence: string;
  readonly kind: DagFactKind;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** The principal who did it. */
  readonly by: string;
  /** The DAG as it was from then on; of one that was deleted, as it was last. */
  readonly dag: DagSummary;
}

/** A sequence that is compared as text is in the order of the revisions. */
const REVISION_DIGITS = 10;

/** What a new DAG, or one that takes the place of `before`, is news of. A change of tags alone is none. */
export function factsOfChange(before: Dag | undefined, after: Dag): readonly DagFact[] {
  const { revision, updatedAt: at, modifiedBy: by } = after;
  const kinds: DagFactKind[] = before ? [] : ['created'];
  if (before && before.version !== after.version) kinds.push('updated');
  if (before && before.status !== after.status) kinds.push('status_changed');
  return factsOf(kinds, summaryOf(after), { revision, at, by });
}

/** Nothing follows it: a DAG that is deleted never changes again. */
export function factsOfRemoval(
  last: Dag,
  { at, by }: { readonly at: string; readonly by: string },
): readonly DagFact[] {
  return factsOf(['deleted'], summaryOf(last), { revision: last.revision + 1, at, by });
}

function factsOf(
  kinds: readonly DagFactKind[],
  dag: DagSummary,
  { revision, at, by }: { readonly revision: number; readonly at: string; readonly by: string },
): readonly DagFact[] {
  return kinds.map((kind, number) => {
    const sequence = `${String(revision).padStart(REVISION_DIGITS, '0')}.${number}`;
    return { id: `${dag.id}:${sequence}`, sequence, kind, at, by, dag };
  });
}
