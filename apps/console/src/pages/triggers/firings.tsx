import { Badge, Select, Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitles } from '../../api/titles';
import { firingsQuery, triggersQuery, type FiringRow, type TriggerRow } from '../../api/triggers.queries';
import { DataTable, type Column } from '../../parts/data-table';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { Time } from '../../shell/time';

const COLORS: Partial<Record<FiringRow['status'], string>> = {
  fired: 'green',
  failed: 'red',
  dead: 'red',
  pending: 'blue',
};

const route = getRouteApi('/console/triggers');

/** What one trigger has fired and skipped, and why. */
export function Firings() {
  const { t } = useTranslation();
  const { trigger } = route.useSearch();
  const navigate = useNavigate();
  const { data } = useInfiniteQuery(triggersQuery);
  const triggers = useMemo(() => (data?.pages ?? []).flatMap(({ items }) => items as readonly TriggerRow[]), [data]);
  const titles = useTitles(useMemo(() => triggers.map(({ dagId }) => dagId), [triggers]));
  return (
    <Stack gap="sm">
      <Select
        label={t('triggers.trigger')}
        searchable
        maw={420}
        data={triggers.map(({ id, dagId, kind, name }) => ({
          value: id,
          label: [titles.get(dagId) ?? dagId, t(`dags.trigger.${kind}`), name].filter(Boolean).join(' · '),
        }))}
        value={trigger ?? null}
        onChange={(next) => void navigate({ to: '/triggers', search: { tab: 'firings', trigger: next ?? undefined } })}
      />
      {trigger === undefined ? <EmptyNote title={t('triggers.choose')} /> : <FiringsOf id={trigger} />}
    </Stack>
  );
}

function FiringsOf({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(firingsQuery(id));
  const rows = useMemo(() => (data?.pages ?? []).flatMap(({ items }) => items as readonly FiringRow[]), [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns = useMemo(
    (): readonly Column<FiringRow>[] => [
      { id: 'at', header: t('triggers.column.at'), width: '120px', cell: ({ at }) => <Time at={at} /> },
      {
        id: 'status',
        header: t('triggers.column.status'),
        width: '120px',
        cell: ({ status }) => <Badge color={COLORS[status] ?? 'gray'}>{t(`triggers.firing.${status}`)}</Badge>,
      },
      { id: 'cause', header: t('triggers.column.cause'), width: '100px', cell: ({ cause }) => cause },
      {
        id: 'run',
        header: t('triggers.column.run'),
        width: '230px',
        cell: ({ instanceId }) =>
          instanceId === null ? null : (
            <Link to="/instances/$instanceId" params={{ instanceId }} className="mono">
              {instanceId}
            </Link>
          ),
      },
      {
        id: 'why',
        header: t('triggers.column.why'),
        width: 'minmax(200px, 1fr)',
        cell: ({ reason }) => <span title={reason?.code}>{reason?.message}</span>,
      },
    ],
    [t],
  );
  if (error) return <FaultNote error={error} />;
  if (data && rows.length === 0) return <EmptyNote title={t('triggers.noFirings')} />;
  return (
    <DataTable
      label={t('triggers.tab.firings')}
      columns={columns}
      rows={rows}
      keyOf={(row) => row.id}
      onEnd={more}
      height="calc(100vh - 250px)"
    />
  );
}
