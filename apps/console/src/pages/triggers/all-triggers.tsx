import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitles } from '../../api/titles';
import { triggersQuery, type TriggerRow } from '../../api/triggers.queries';
import { DataTable, type Column } from '../../parts/data-table';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { Time } from '../../shell/time';

/** Every trigger of the business domain; each leads to its history. */
export function AllTriggers() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(triggersQuery);
  const rows = useMemo(() => (data?.pages ?? []).flatMap(({ items }) => items as readonly TriggerRow[]), [data]);
  const titles = useTitles(useMemo(() => rows.map(({ dagId }) => dagId), [rows]));
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns = useMemo(
    (): readonly Column<TriggerRow>[] => [
      {
        id: 'dag',
        header: t('triggers.column.dag'),
        width: 'minmax(180px, 2fr)',
        cell: ({ dagId }) => (
          <Link to="/dags/$dagId" params={{ dagId }} search={{ tab: 'triggers' }}>
            {titles.get(dagId) ?? dagId}
          </Link>
        ),
      },
      { id: 'kind', header: t('triggers.column.kind'), width: '100px', cell: ({ kind }) => t(`dags.trigger.${kind}`) },
      {
        id: 'what',
        header: t('triggers.column.what'),
        width: 'minmax(160px, 2fr)',
        cell: ({ name, description }) => [name, description].filter(Boolean).join(': '),
      },
      {
        id: 'enabled',
        header: t('triggers.column.enabled'),
        width: '60px',
        cell: ({ enabled }) => t(enabled ? 'dag.triggers.enabled' : 'dag.triggers.disabled'),
      },
      {
        id: 'next',
        header: t('triggers.column.next'),
        width: '110px',
        cell: ({ nextFireAt }) => <Time at={nextFireAt} />,
      },
      {
        id: 'last',
        header: t('triggers.column.last'),
        width: '110px',
        cell: ({ lastFiredAt }) => <Time at={lastFiredAt} />,
      },
      {
        id: 'history',
        header: '',
        width: '70px',
        cell: ({ id }) => (
          <Link to="/triggers" search={{ tab: 'firings', trigger: id }}>
            {t('dag.triggers.history')}
          </Link>
        ),
      },
    ],
    [t, titles],
  );
  if (error) return <FaultNote error={error} />;
  if (data && rows.length === 0) return <EmptyNote title={t('triggers.none')} text={t('triggers.noneText')} />;
  return (
    <DataTable
      label={t('triggers.tab.all')}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      onEnd={more}
      onOpen={({ id }) => void navigate({ to: '/triggers', search: { tab: 'firings', trigger: id } })}
      height="calc(100vh - 190px)"
    />
  );
}
