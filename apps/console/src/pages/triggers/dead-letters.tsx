import { Button, Group, List, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DEAD_LETTERS, deadLettersQuery, redrive, type DeadLetter } from '../../api/platform.queries';
import { DataTable, type Column } from '../../parts/data-table';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { Time } from '../../shell/time';

const NOTHING: ReadonlySet<string> = new Set();

/** What was tried until it was given up: callbacks and firings, to be carried out anew once their cause is mended. */
export function DeadLetters() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [selected, setSelected] = useState(NOTHING);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(deadLettersQuery);
  const rows = useMemo(() => (data?.pages ?? []).flatMap(({ items }) => items as readonly DeadLetter[]), [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const driving = useMutation({
    mutationFn: () => redrive([...selected]),
    onSuccess: (refused) => {
      notifications.show({
        message: t('triggers.dead.redriven', { count: selected.size - refused.size }),
        color: 'green',
      });
      setSelected(new Set(refused.keys()));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: DEAD_LETTERS }),
  });
  const columns = useMemo(
    (): readonly Column<DeadLetter>[] => [
      { id: 'kind', header: t('triggers.column.kind'), width: '90px', cell: ({ kind }) => t(`triggers.dead.${kind}`) },
      {
        id: 'of',
        header: t('triggers.column.of'),
        width: 'minmax(220px, 1fr)',
        cell: (row) => <Origin letter={row} />,
      },
      {
        id: 'error',
        header: t('triggers.column.why'),
        width: 'minmax(220px, 2fr)',
        cell: ({ lastError }) => <span title={lastError}>{lastError}</span>,
      },
      { id: 'attempts', header: t('triggers.column.attempts'), width: '80px', cell: ({ attempts }) => attempts },
      { id: 'died', header: t('triggers.column.died'), width: '110px', cell: ({ diedAt }) => <Time at={diedAt} /> },
    ],
    [t],
  );
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (data && rows.length === 0)
    return <EmptyNote title={t('triggers.dead.none')} text={t('triggers.dead.noneText')} />;
  return (
    <>
      <Group mb="xs">
        <Button disabled={selected.size === 0} loading={driving.isPending} onClick={() => driving.mutate()}>
          {t('triggers.dead.redrive')}
        </Button>
        <Text c="dimmed">{t('dags.bulk.selected', { count: selected.size })}</Text>
      </Group>
      {driving.isError && <FaultNote error={driving.error} />}
      {driving.data && driving.data.size > 0 && (
        <List size="sm" c="red">
          {[...driving.data].map(([id, message]) => (
            <List.Item key={id}>
              {id}: {message}
            </List.Item>
          ))}
        </List>
      )}
      <DataTable
        label={t('triggers.tab.dead')}
        columns={columns}
        rows={rows}
        keyOf={({ id }) => id}
        onEnd={more}
        selection={{ selected, onChange: setSelected }}
        height="calc(100vh - 230px)"
      />
    </>
  );
}

function Origin({ letter: { instanceId, url, triggerId } }: { letter: DeadLetter }) {
  if (instanceId !== undefined) {
    return (
      <Link to="/instances/$instanceId" params={{ instanceId }} title={url}>
        {url ?? instanceId}
      </Link>
    );
  }
  return (
    <Link to="/triggers" search={{ tab: 'firings', trigger: triggerId }} className="mono">
      {triggerId}
    </Link>
  );
}
