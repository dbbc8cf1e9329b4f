import type { DagId, DomainId, Fault } from '@flow/kernel';
import type { DagDefinition } from './dag';

/** A definition that is about to be saved. */
export type StartingDag = Pick<DagDefinition, 'title' | 'steps'> & {
  /** None for a DAG that does not stand yet. */
  readonly id: DagId | undefined;
};

/** What starts DAGs is known to libs above: they say what is wrong with what a definition says of it. */
export abstract class StartChecks {
  abstract faults(domain: DomainId, saved: StartingDag): Promise<readonly Fault[]>;
}
