import type { ReadDag } from '../../api/dags.queries';

/** What every tab of a DAG's page is given. */
export interface DagTabProps {
  readonly read: ReadDag;
}
