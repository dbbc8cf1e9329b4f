import { Button, Code, Skeleton, Stack, Text } from '@mantine/core';
import { SyncIcon } from '@primer/octicons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { InstancesTable } from '../../parts/instances-table';
import { PageHeader } from '../../shell/page-header';
import { BulkBar } from './bulk-bar';
import { InstanceFilters } from './instance-filters';
import { instancesQuery } from './instances.queries';
import type { InstancesSearch } from './instances.search';
import { StatusFilter } from './status-filter';

const COLUMNS = ['status', 'dag', 'instance', 'trigger', 'progress', 'created', 'took', 'labels'] as const;
const route = getRouteApi('/console/instances');

export function InstancesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch, isFetching } =
    useInfiniteQuery(instancesQuery(search));
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const change = (part: Partial<InstancesSearch>) => {
    setSelected(new Set());
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  };
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const isFiltered = [search.status, search.dag, search.label, search.from, search.to].some((one) => one !== undefined);
  return (
    <Stack gap="xs">
      <PageHeader title={t('instances.title')}>
        <Button
          variant="default"
          leftSection={<SyncIcon size={14} />}
          loading={isFetching && !isFetchingNextPage}
          onClick={() => {
            void queries.invalidateQueries({ queryKey: ['instances'] });
          }}
        >
          {t('instances.refresh')}
        </Button>
      </PageHeader>
      <StatusFilter search={search} onChange={(status) => change({ status })} />
      {selected.size > 0 ? (
        <BulkBar selected={selected} onDone={() => setSelected(new Set())} />
      ) : (
        <InstanceFilters search={search} onChange={change} />
      )}
      {error && <FaultNote error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton height={240} />}
      {data && items.length === 0 && <Nothing isFiltered={isFiltered} />}
      {items.length > 0 && (
        <>
          <InstancesTable
            label={t('instances.title')}
            columns={COLUMNS}
            rows={items}
            onEnd={more}
            selection={{ selected, onChange: setSelected }}
            height="max(240px, calc(100vh - 240px))"
          />
          <Text size="xs" c="dimmed">
            {t(hasNextPage ? 'parts.loaded' : 'parts.count', { count: items.length })}
          </Text>
        </>
      )}
    </Stack>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  const { t } = useTranslation();
  const texts = isFiltered
    ? t('instances.noMatch', { returnObjects: true })
    : t('instances.empty', { returnObjects: true });
  return (
    <EmptyNote title={texts.title} text={texts.text}>
      {!isFiltered && <Code>npx flowctl run &lt;dag&gt; --follow</Code>}
    </EmptyNote>
  );
}
