import { Badge, CloseButton, Group, SegmentedControl, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deadLettersQuery, type DeadLetter } from '../../../api/platform.queries';
import { useTitles } from '../../../api/titles';
import { DataTable, type Column } from '../../../parts/data-table';
import { EmptyNote } from '../../../parts/empty-note';
import { FaultNote } from '../../../parts/fault-note';
import { Time } from '../../../shell/time';
import { LETTER_KINDS, type TriggersSearch } from '../triggers.search';
import { BulkActions } from './bulk-actions';
import { LetterDrawer } from './letter-drawer';

const NOTHING: ReadonlySet<string> = new Set();
const route = getRouteApi('/console/triggers');

/** What was tried until it was given up: callbacks and firings, to be carried out anew once their cause is mended. */
export function DeadLetters() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { kind, trigger, letter } = route.useSearch();
  const [selected, setSelected] = useState(NOTHING);
  const filter = useMemo(() => ({ ...(kind && { kind }), ...(trigger !== undefined && { triggerId: trigger }) }), [kind, trigger]); // prettier-ignore
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    deadLettersQuery(filter),
  );
  const rows = useMemo(() => (data?.pages ?? []).flatMap(({ items }) => items as readonly DeadLetter[]), [data]);
  const titles = useTitles(useMemo(() => rows.flatMap(({ dagId }) => dagId ?? []), [rows]));
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const go = (change: Partial<TriggersSearch>) =>
    void navigate({ to: '/triggers', search: { tab: 'dead', kind, trigger, letter, ...change } });
  const columns = useMemo(
    (): readonly Column<DeadLetter>[] => [
      {
        id: 'kind',
        header: t('triggers.column.kind'),
        width: '80px',
        cell: (row) => <Badge color="gray">{t(`triggers.dead.${row.kind}`)}</Badge>,
      },
      {
        id: 'error',
        header: t('triggers.column.why'),
        width: 'minmax(240px, 2fr)',
        cell: ({ id, lastError, code }) => (
          <Link to="/triggers" search={{ tab: 'dead', kind, trigger, letter: id }} title={lastError}>
            {lastError ?? code ?? id}
          </Link>
        ),
      },
      {
        id: 'of',
        header: t('triggers.column.of'),
        width: 'minmax(180px, 1fr)',
        cell: ({ url, dagId = '', triggerId }) => url ?? titles.get(dagId) ?? triggerId,
      },
      { id: 'attempts', header: t('triggers.column.attempts'), width: '70px', cell: ({ attempts }) => attempts },
      { id: 'died', header: t('triggers.column.died'), width: '110px', cell: ({ diedAt }) => <Time at={diedAt} /> },
    ],
    [t, titles, kind, trigger],
  );
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  const isEmpty = data !== undefined && rows.length === 0;
  return (
    <>
      <Group mb="xs" gap="xs">
        <SegmentedControl
          aria-label={t('triggers.column.kind')}
          data={[
            { value: '', label: t('triggers.dead.all') },
            ...LETTER_KINDS.map((value) => ({ value, label: t(`triggers.dead.${value}s`) })),
          ]}
          value={kind ?? ''}
          onChange={(next) => go({ kind: LETTER_KINDS.find((one) => one === next) })}
        />
        {trigger !== undefined && (
          <Group gap={4}>
            <Text c="dimmed">{t('triggers.dead.ofOne')}</Text>
            <CloseButton size="sm" aria-label={t('triggers.dead.ofAll')} onClick={() => go({ trigger: undefined })} />
          </Group>
        )}
        {!isEmpty && <BulkActions filter={filter} selected={selected} onSelect={setSelected} />}
      </Group>
      {isEmpty ? (
        <EmptyNote title={t('triggers.dead.none')} text={t('triggers.dead.noneText')} />
      ) : (
        <DataTable
          label={t('triggers.tab.dead')}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          onEnd={more}
          onOpen={({ id }) => go({ letter: id })}
          selection={{ selected, onChange: setSelected }}
          height="calc(100vh - 250px)"
        />
      )}
      {letter !== undefined && (
        <LetterDrawer key={letter} id={letter} titles={titles} onClose={() => go({ letter: undefined })} />
      )}
    </>
  );
}
