import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import type { ShownInstance } from '../api/shown-instance';
import { Moment } from '../shell/time';
import { durationText, tookMs } from '../shell/took';
import { useNow } from '../shell/use-now';
import type { Column } from './data-table';
import { StatusBadge } from './status-badge/status-badge';
import { triggerText } from './trigger-text';

export type InstanceColumn = keyof typeof WIDTHS;

const WIDTHS = {
  status: '104px',
  dag: 'minmax(150px, 1.4fr)',
  instance: 'minmax(220px, 1.3fr)',
  version: '70px',
  trigger: '90px',
  progress: '76px',
  created: '126px',
  took: '84px',
  reason: 'minmax(180px, 2fr)',
  labels: 'minmax(90px, 1fr)',
};

/** What lists of instances show of each; every list chooses among the same. */
export function instanceColumns(
  t: TFunction,
  titles: ReadonlyMap<string, string>,
  shown: readonly InstanceColumn[],
): readonly Column<ShownInstance>[] {
  const cells: Readonly<Record<InstanceColumn, Column<ShownInstance>['cell']>> = {
    status: ({ status }) => <StatusBadge status={status} />,
    dag: ({ dagId, version }) => (
      <>
        <Link to="/dags/$dagId" params={{ dagId }} title={titles.get(dagId)}>
          {titles.get(dagId) ?? dagId}
        </Link>{' '}
        <small className="dim">{version}</small>
      </>
    ),
    instance: ({ id, attempt }) => (
      <>
        <Link to="/instances/$instanceId" params={{ instanceId: id }} className="mono">
          {id}
        </Link>
        {attempt > 1 && <small className="dim"> {t('instances.attempt', { attempt: String(attempt) })}</small>}
      </>
    ),
    version: ({ version }) => version,
    trigger: ({ trigger: { kind }, debug }) => (debug === undefined ? triggerText(t, kind) : t('instances.debug')),
    progress: ({ progress: { done, total } }) => `${done}/${total}`,
    created: ({ createdAt }) => <Moment at={createdAt} />,
    took: (instance) => <Took instance={instance} />,
    reason: ({ reason }) => (
      <span className="dim" title={reason?.message}>
        {reason?.message}
      </span>
    ),
    labels: ({ labels }) => <Labels of={labels} />,
  };
  return shown.map((id) => ({
    id,
    header: t(`instances.column.${id}`),
    width: WIDTHS[id],
    cell: cells[id],
    isNumber: id === 'progress' || id === 'took',
  }));
}

function Took({ instance }: { readonly instance: ShownInstance }) {
  const { startedAt, endedAt } = instance;
  const nowMs = useNow(startedAt !== null && startedAt !== undefined && (endedAt === null || endedAt === undefined));
  const took = tookMs(instance, nowMs);
  return took === undefined ? '–' : durationText(took);
}

function Labels({ of }: { readonly of: ShownInstance['labels'] }) {
  const text = Object.entries(of)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ');
  return <span title={text}>{text}</span>;
}
