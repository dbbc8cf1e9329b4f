import { Button, Group, Stack, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { isThere } from '../../api/is-there';
import { DataFields } from '../../parts/data-form/data-fields';
import { useDataForm } from '../../parts/data-form/use-data-form';
import { FaultNote } from '../../parts/fault-note';
import type { ShownApproval } from '../instances/instances.queries';

interface Props {
  readonly approval: Pick<ShownApproval, 'id' | 'instanceId' | 'schema'>;
  readonly onDone?: () => void;
}

/** A decision with the data that its schema asks for; a rejection goes with words. */
export function DecisionForm({ approval: { id, instanceId, schema }, onDone }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useDataForm(schema);
  const hasForm = isThere(schema);
  const [note, setNote] = useState('');
  const decide = useMutation({
    mutationFn: ({ decision, data }: { readonly decision: 'approved' | 'rejected'; readonly data?: unknown }) =>
      call('POST /approvals/{id}', { path: { id }, body: { decision, ...(data !== undefined && { data }) } }),
    onSuccess: () => {
      notifications.show({ color: 'green', message: t('approvals.decided') });
      onDone?.();
    },
    onError: form.refuse,
    // Also a refusal says something new: it is over, or was given before.
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['approvals'] });
      void queries.invalidateQueries({ queryKey: ['instance', instanceId] });
    },
  });
  const noted = note.trim() === '' ? undefined : { note: note.trim() };
  const approve = () => {
    const read = hasForm ? form.read() : { data: noted };
    if (read) decide.mutate({ decision: 'approved', ...read });
  };
  const reject = () => decide.mutate({ decision: 'rejected', data: noted });
  return (
    <Stack gap="xs" mt="xs" maw={520}>
      {hasForm && <DataFields form={form} />}
      <Textarea
        label={hasForm ? t('approvals.noteOfRejection') : t('approvals.note')}
        description={t('approvals.noteHint')}
        autosize
        minRows={1}
        maxRows={5}
        value={note}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
      />
      {decide.isError && <FaultNote error={decide.error} />}
      <Group gap="xs">
        <Button color="#1a7f37" loading={decide.isPending || (hasForm && form.isUploading)} onClick={approve}>
          {t('approvals.approve')}
        </Button>
        <Button variant="outline" color="red" disabled={decide.isPending} onClick={reject}>
          {t('approvals.reject')}
        </Button>
      </Group>
    </Stack>
  );
}
