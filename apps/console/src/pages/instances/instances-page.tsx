import { Button, Code, Skeleton, Stack, Text } from '@mantine/core';
import { SyncIcon } from '@primer/octicons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FaultNote } from '../../parts/fault-note';
import { PageHeader } from '../../shell/page-header';
import { BulkBar } from './bulk-bar';
import { InstanceFilters } from './instance-filters';
import { InstanceTable } from './instance-table';
import { instancesQuery } from './instances.queries';
import type { InstancesSearch } from './instances.search';
import classes from './instances.module.css';
import { StatusFilter } from './status-filter';

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
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);
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
        <InstanceTable items={items} hasMore={hasNextPage} onMore={more} selected={selected} onSelect={setSelected} />
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
    <div className={classes.empty}>
      <Text fw={600}>{texts.title}</Text>
      <Text c="dimmed">{texts.text}</Text>
      {!isFiltered && <Code mt="xs">npx flowctl run &lt;dag&gt; --follow</Code>}
    </div>
  );
}
