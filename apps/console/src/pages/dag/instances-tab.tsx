import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { dagInstancesQuery } from '../../api/dags.queries';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { InstancesTable } from '../../parts/instances-table';
import { PageLoading } from '../../shell/page-loading';
import type { DagTabProps } from './dag-tab';

const COLUMNS = ['status', 'instance', 'version', 'trigger', 'progress', 'created', 'took', 'reason'] as const;

/** The newest runs of the DAG; all of them, with filters, are a page of their own. */
export function InstancesTab({ read: { dag } }: DagTabProps) {
  const { t } = useTranslation();
  const { data: rows, error, refetch } = useQuery(dagInstancesQuery(dag.id));
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (rows === undefined) return <PageLoading />;
  if (rows.length === 0) {
    return (
      <EmptyNote title={t('dag.instances.none')} text={t('dag.instances.hint')}>
        <Link to="/dags/$dagId" params={{ dagId: dag.id }} search={{ tab: 'run' }}>
          {t('dag.action.run')}
        </Link>
      </EmptyNote>
    );
  }
  return <InstancesTable rows={rows} label={t('dag.tab.instances')} columns={COLUMNS} height="calc(100vh - 160px)" />;
}
