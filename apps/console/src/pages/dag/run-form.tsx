import { Accordion, Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { PlayIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { DAGS } from '../../api/dags.queries';
import { DataFields } from '../../parts/data-form/data-fields';
import { WHOLE } from '../../parts/data-form/fields';
import { useDataForm } from '../../parts/data-form/use-data-form';
import { FaultNote } from '../../parts/fault-note';

const PRIORITIES = ['lowest', 'low', 'medium', 'high', 'highest'] as const;
type Priority = (typeof PRIORITIES)[number];

interface Props {
  readonly dagId: string;
  /** Of what it takes; undefined where it takes anything, or nobody may know. */
  readonly schema: unknown;
}

export function RunForm({ dagId, schema }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useDataForm(schema);
  const [priority, setPriority] = useState<Priority | null>(null);
  const [labels, setLabels] = useState('');
  const [callbackUrl, setCallbackUrl] = useState('');
  const starting = useMutation({
    mutationFn: (data: Readonly<Record<string, unknown>>) =>
      call('POST /dags/{id}/run', {
        path: { id: dagId },
        body: {
          data,
          ...(priority !== null && { priority }),
          ...(labels.trim() !== '' && { labels: labelsOf(labels) }),
          ...(callbackUrl !== '' && { callbackUrl }),
        },
      }),
    onSuccess: async ({ id }) => {
      if (id !== undefined) await navigate({ to: '/instances/$instanceId', params: { instanceId: id } });
      await queryClient.invalidateQueries({ queryKey: DAGS });
    },
    onError: form.refuse,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const read = form.read();
    // What is no object the service refuses in its own words.
    if (read) starting.mutate((read.data ?? {}) as Readonly<Record<string, unknown>>);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm" maw={560}>
        {form.fields[0]?.key === WHOLE && <Text c="dimmed">{t('dag.run.anything')}</Text>}
        <DataFields form={form} />
        <Accordion variant="default" chevronPosition="left">
          <Accordion.Item value="more">
            <Accordion.Control fz="sm">{t('dag.run.more')}</Accordion.Control>
            <Accordion.Panel>
              <Stack gap="sm">
                <Select
                  label={t('dag.run.priority')}
                  clearable
                  data={PRIORITIES.map((value) => ({ value, label: t(`dag.run.priorities.${value}`) }))}
                  value={priority}
                  onChange={setPriority}
                />
                <Textarea
                  label={t('dag.run.labels')}
                  placeholder="team: shop"
                  value={labels}
                  onChange={({ currentTarget }) => setLabels(currentTarget.value)}
                />
                <TextInput
                  label={t('dag.run.callback')}
                  placeholder="https://"
                  value={callbackUrl}
                  onChange={({ currentTarget }) => setCallbackUrl(currentTarget.value)}
                />
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        {starting.isError && <FaultNote error={starting.error} />}
        <Group>
          <Button type="submit" leftSection={<PlayIcon />} loading={starting.isPending || form.isUploading}>
            {t('dag.run.start')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** `key: value` a line. */
const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [key = '', ...rest] = line.split(':');
        return [key.trim(), rest.join(':').trim()];
      }),
  );
