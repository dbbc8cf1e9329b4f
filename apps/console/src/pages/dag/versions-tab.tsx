import { Button, Flex, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { DAGS, versionsQuery } from '../../api/dags.queries';
import { messageOf } from '../../api/problem';
import { Confirm } from '../../parts/confirm';
import { FaultNote } from '../../parts/fault-note';
import { PageLoading } from '../../shell/page-loading';
import { Time } from '../../shell/time';
import type { DagTabProps } from './dag-tab';
import { VersionDiff } from './version-diff';

const route = getRouteApi('/console/dags/$dagId');

/** What the DAG was before; what changed from one version to the next, and the way back. */
export function VersionsTab({ read: { dag } }: DagTabProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const search = route.useSearch();
  const [asked, setAsked] = useState<string>();
  const { data: versions, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(versionsQuery(dag.id));
  const rolling = useMutation({
    mutationFn: (version: string) =>
      call('POST /dags/{id}/versions/{version}/rollback', { path: { id: dag.id, version }, body: {} }),
    onSuccess: ({ version = '' }) =>
      notifications.show({ color: 'green', message: t('dag.definition.saved', { version }) }),
    onError: (fault) => notifications.show({ color: 'red', message: messageOf(fault) }),
    onSettled: async () => {
      setAsked(undefined);
      await queryClient.invalidateQueries({ queryKey: DAGS });
    },
  });
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (versions === undefined) return <PageLoading />;
  const shown = search.version ?? versions[0]?.version ?? dag.version;
  const before = versions[versions.findIndex(({ version }) => version === shown) + 1]?.version;
  const against = search.against ?? before;
  const show = (version: string, other?: string) =>
    void navigate({
      to: '/dags/$dagId',
      params: { dagId: dag.id },
      search: { tab: 'versions', version, against: other },
      replace: true,
    });
  return (
    <Flex direction={{ base: 'column', md: 'row' }} align={{ base: 'stretch', md: 'flex-start' }} gap="md">
      <Stack w={{ base: '100%', md: 430 }} gap="xs" style={{ flex: 'none' }}>
        <Table aria-label={t('dag.tab.versions')} highlightOnHover>
          <Table.Tbody>
            {versions.map(({ version, changeLog, createdBy, createdAt }, at) => (
              <Table.Tr
                key={version}
                bg={version === shown ? 'var(--console-raised)' : undefined}
                aria-selected={version === shown}
              >
                <Table.Td>
                  <Button variant="transparent" p={0} h="auto" onClick={() => show(version)}>
                    {version}
                  </Button>
                  <Text size="xs" c="dimmed">
                    {createdBy} · <Time at={createdAt} />
                  </Text>
                  {changeLog !== '' && <Text size="xs">{changeLog}</Text>}
                </Table.Td>
                <Table.Td ta="right">
                  {version !== shown && (
                    <Button variant="subtle" size="compact-xs" onClick={() => show(shown, version)}>
                      {t('dag.versions.compare', { version: shown })}
                    </Button>
                  )}
                  {at > 0 && (
                    <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAsked(version)}>
                      {t('dag.versions.rollback')}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {hasNextPage && (
          <Button variant="default" onClick={() => void fetchNextPage()}>
            {t('dag.versions.more')}
          </Button>
        )}
      </Stack>
      <div style={{ flex: 1, minWidth: 0 }}>
        {against === undefined ? (
          <Text c="dimmed">{t('dag.versions.first')}</Text>
        ) : (
          <VersionDiff key={`${against} ${shown}`} dagId={dag.id} from={against} to={shown} />
        )}
      </div>
      {asked !== undefined && (
        <Confirm
          title={t('dag.versions.ask', { version: asked })}
          action={t('dag.versions.rollback')}
          isPending={rolling.isPending}
          onConfirm={() => rolling.mutate(asked)}
          onClose={() => setAsked(undefined)}
        >
          <Text>{t('dag.versions.askText')}</Text>
        </Confirm>
      )}
    </Flex>
  );
}
