import { Button, Group, Text } from '@mantine/core';
import { PlusIcon, UploadIcon } from '@primer/octicons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dagsQuery, type DagRow } from '../../api/dags.queries';
import { DataTable } from '../../parts/data-table';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { PageHeader } from '../../shell/page-header';
import { PageLoading } from '../../shell/page-loading';
import { DagsBulk } from './dags-bulk';
import { dagsColumns } from './dags-columns';
import { DagsFilters } from './dags-filters';
import { FirstFlowsNote } from '../../parts/first-flows/first-flows-note';
import { ImportDialog } from './import-dialog';

const route = getRouteApi('/console/dags');
const NOTHING: ReadonlySet<string> = new Set();

export function DagsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = useNavigate();
  const [selected, setSelected] = useState(NOTHING);
  const [isImporting, setImporting] = useState(false);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    dagsQuery({ sort: '-createdAt', ...search }),
  );
  const rows = useMemo(() => (data?.pages ?? []).flatMap(({ items }) => items as readonly DagRow[]), [data]);
  const columns = useMemo(() => dagsColumns(t), [t]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const { keyword, status, trigger, tag } = search;
  const isFiltered = [keyword, status, trigger, tag].some((filter) => filter !== undefined);
  return (
    <>
      <PageHeader title={t('dags.title')}>
        <Button variant="default" leftSection={<UploadIcon />} onClick={() => setImporting(true)}>
          {t('dags.import.open')}
        </Button>
        <Button component={Link} to="/dags/new" leftSection={<PlusIcon />}>
          {t('dags.new')}
        </Button>
      </PageHeader>
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
      {selected.size > 0 ? (
        <DagsBulk
          selected={selected}
          titleOf={(id) => rows.find((row) => row.id === id)?.title ?? id}
          onClear={() => setSelected(NOTHING)}
        />
      ) : (
        <DagsFilters search={search} onChange={(next) => void navigate({ to: '/dags', search: next, replace: true })} />
      )}
      {error && <FaultNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && !error && <PageLoading />}
      {data && rows.length === 0 && !isFiltered && <FirstFlowsNote onImport={() => setImporting(true)} />}
      {data && rows.length === 0 && isFiltered && (
        <EmptyNote title={t('dags.nothing.title')} text={t('dags.nothing.text')} />
      )}
      {rows.length > 0 && (
        <>
          <DataTable
            label={t('dags.title')}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
            nameOf={({ title }) => title}
            onEnd={more}
            onOpen={({ id }) => void navigate({ to: '/dags/$dagId', params: { dagId: id } })}
            keys={{
              r: ({ id }) => void navigate({ to: '/dags/$dagId', params: { dagId: id }, search: { tab: 'run' } }),
            }}
            selection={{ selected, onChange: setSelected }}
          />
          <Group mt={4}>
            <Text size="xs" c="dimmed">
              {t(hasNextPage ? 'parts.loaded' : 'parts.count', { count: rows.length })}
            </Text>
          </Group>
        </>
      )}
    </>
  );
}
