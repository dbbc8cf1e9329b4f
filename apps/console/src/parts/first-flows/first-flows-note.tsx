import { Button, Group, Stack, Text } from '@mantine/core';
import { PlayIcon, UploadIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { DAGS } from '../../api/dags.queries';
import { EmptyNote } from '../empty-note';
import { FaultNote } from '../fault-note';
import { FIRST_FLOWS, type FirstFlow } from './first-flows';
import { importDags } from './import-dags';

/** Where there is no DAG yet: one click imports an example and leads to its run. */
export function FirstFlowsNote({ onImport }: { onImport: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const trying = useMutation({
    mutationFn: (name: FirstFlow) => importDags(FIRST_FLOWS[name], 'upsert'),
    onSuccess: async ([dag]) => {
      await queryClient.invalidateQueries({ queryKey: DAGS });
      if (dag) await navigate({ to: '/dags/$dagId', params: { dagId: dag.id }, search: { tab: 'run' } });
    },
  });
  return (
    <EmptyNote title={t('dags.first.title')} text={t('dags.first.text')}>
      <Stack gap={8} mt="xs">
        {(Object.keys(FIRST_FLOWS) as FirstFlow[]).map((name) => (
          <Group key={name} gap="sm" wrap="nowrap">
            <Button
              variant="default"
              w={150}
              justify="flex-start"
              leftSection={<PlayIcon />}
              loading={trying.isPending && trying.variables === name}
              onClick={() => trying.mutate(name)}
            >
              {t(`dags.first.flows.${name}.title`)}
            </Button>
            <Text c="dimmed">{t(`dags.first.flows.${name}.text`)}</Text>
          </Group>
        ))}
        <Group gap="sm">
          <Button variant="default" w={150} justify="flex-start" leftSection={<UploadIcon />} onClick={onImport}>
            {t('dags.import.open')}
          </Button>
          <Text c="dimmed">{t('dags.first.own')}</Text>
        </Group>
      </Stack>
      {trying.isError && <FaultNote error={trying.error} />}
    </EmptyNote>
  );
}
