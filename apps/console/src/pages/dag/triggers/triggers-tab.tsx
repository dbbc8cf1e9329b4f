import { Button, Group, Menu, Stack, Text } from '@mantine/core';
import { PlusIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { dagTriggersQuery } from '../../../api/triggers.queries';
import { EmptyNote } from '../../../parts/empty-note';
import { FaultNote } from '../../../parts/fault-note';
import { PageLoading } from '../../../shell/page-loading';
import type { DagTabProps } from '../dag-tab';
import { ADDED_KINDS, type AddedKind } from './added-kinds';
import { TriggerCard } from './trigger-card';
import { NewTrigger } from './trigger-drawer';

const route = getRouteApi('/console/dags/$dagId');

/** What starts the DAG, and when next. */
export function TriggersTab({ read: { dag } }: DagTabProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { add: added } = route.useSearch();
  const setAdded = (add: AddedKind | undefined) =>
    void navigate({ to: '/dags/$dagId', params: { dagId: dag.id }, search: { tab: 'triggers', add } });
  const { data: triggers, error, refetch } = useQuery({ ...dagTriggersQuery(dag.id), refetchInterval: 15_000 });
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (triggers === undefined) return <PageLoading />;
  return (
    <Stack gap="sm" maw={860}>
      <Group>
        <Menu position="bottom-start" width={320}>
          <Menu.Target>
            <Button leftSection={<PlusIcon />}>{t('dag.triggers.add')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {ADDED_KINDS.map((kind) => (
              <Menu.Item key={kind} onClick={() => setAdded(kind)}>
                {t(`dag.triggers.kinds.${kind}`)}
                <Text c="dimmed" size="xs">
                  {t(`dag.triggers.kindHints.${kind}`)}
                </Text>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
      {triggers.length === 0 && <EmptyNote title={t('dag.triggers.none')} text={t('dag.triggers.hint')} />}
      {triggers.map((trigger) => (
        <TriggerCard key={trigger.id} trigger={trigger} />
      ))}
      {added && <NewTrigger dagId={dag.id} kind={added} onClose={() => setAdded(undefined)} />}
    </Stack>
  );
}
