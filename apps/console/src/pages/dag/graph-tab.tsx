import { Button, CloseButton, Code, Flex, Group, ScrollArea, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphQuery } from '../../api/dags.queries';
import { FaultNote } from '../../parts/fault-note';
import { LazyFlowGraph } from '../../parts/flow-graph/lazy-flow-graph';
import { PageLoading } from '../../shell/page-loading';
import type { DagTabProps } from './dag-tab';
import { findStep } from './find-step';

const HEIGHT = 'calc(100vh - 200px)';

export function GraphTab({ read: { dag } }: DagTabProps) {
  const { t } = useTranslation();
  const { data: graph, error, refetch } = useQuery(graphQuery(dag.id));
  const [selected, setSelected] = useState<string>();
  const step = useMemo(
    () => (selected === undefined ? undefined : findStep(dag.steps ?? [], selected)),
    [dag, selected],
  );
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (graph === undefined) return <PageLoading />;
  return (
    <Flex direction={{ base: 'column', sm: 'row' }} align="stretch" gap="sm" h={HEIGHT}>
      <div style={{ flex: 1, minWidth: 0, minHeight: 240 }}>
        <Suspense fallback={<PageLoading />}>
          <LazyFlowGraph graph={graph} selected={selected} onSelect={setSelected} />
        </Suspense>
      </div>
      {step !== undefined && (
        <Stack
          w={{ base: '100%', sm: 360 }}
          mah={{ base: '50%', sm: 'none' }}
          gap={6}
          component="aside"
          aria-label={t('dag.graph.step')}
        >
          <Group justify="space-between" wrap="nowrap">
            <Title order={2}>{typeof step['title'] === 'string' ? step['title'] : selected}</Title>
            <CloseButton aria-label={t('parts.close')} onClick={() => setSelected(undefined)} />
          </Group>
          <Text c="dimmed">{String(step['operator'])}</Text>
          <ScrollArea flex={1}>
            <Code block>{JSON.stringify(step, null, 2)}</Code>
          </ScrollArea>
          <Button
            variant="default"
            onClick={() => void navigator.clipboard.writeText(`{{__${String(step['id'])}}}`)}
            title={`{{__${String(step['id'])}}}`}
          >
            {t('dag.graph.copyReference')}
          </Button>
        </Stack>
      )}
    </Flex>
  );
}
