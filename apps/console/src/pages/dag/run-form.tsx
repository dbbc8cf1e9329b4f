import { Accordion, Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { PlayIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { DAGS } from '../../api/dags.queries';
import { ApiProblem } from '../../api/problem';
import { FieldInput } from '../../parts/data-form/field-input';
import { filled, type Field } from '../../parts/data-form/fields';
import { FaultNote } from '../../parts/fault-note';

const PRIORITIES = ['lowest', 'low', 'medium', 'high', 'highest'] as const;
type Priority = (typeof PRIORITIES)[number];

/** In the place of a form: one field that takes the whole data as JSON. */
const WHOLE: Field = {
  key: '',
  label: 'JSON',
  required: false,
  kind: 'json',
  choices: new Map(),
  initial: '{}',
};

interface Props {
  readonly dagId: string;
  readonly fields: readonly Field[] | undefined;
}

export function RunForm({ dagId, fields = [WHOLE] }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState(() => Object.fromEntries(fields.map(({ key, initial }) => [key, initial])));
  const [priority, setPriority] = useState<Priority | null>(null);
  const [labels, setLabels] = useState('');
  const [callbackUrl, setCallbackUrl] = useState('');
  const [shown, setShown] = useState<Readonly<Record<string, string>>>({});
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
    onError: (error) => {
      const faults = error instanceof ApiProblem ? error.errors : [];
      setShown(Object.fromEntries(faults.map(({ pointer, message }) => [pointer.split('/')[2] ?? '', message])));
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const { data, faults } = filled(fields, typed);
    setShown(Object.fromEntries(Object.entries(faults).map(([key, fault]) => [key, t(`parts.form.fault.${fault}`)])));
    if (Object.keys(faults).length > 0) return;
    starting.mutate(fields[0] === WHOLE ? ((data[''] ?? {}) as Readonly<Record<string, unknown>>) : data);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm" maw={560}>
        {fields[0] === WHOLE && <Text c="dimmed">{t('dag.run.anything')}</Text>}
        {fields.map((field) => (
          <FieldInput
            key={field.key}
            field={field === WHOLE ? { ...WHOLE, label: t('dag.run.data') } : field}
            value={typed[field.key] ?? ''}
            error={shown[field.key]}
            onChange={(value) => setTyped((before) => ({ ...before, [field.key]: value }))}
          />
        ))}
        <Accordion variant="default" chevronPosition="left">
          <Accordion.Item value="more">
            <Accordion.Control>{t('dag.run.more')}</Accordion.Control>
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
          <Button type="submit" leftSection={<PlayIcon />} loading={starting.isPending}>
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
