import { Button, Checkbox, Group, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { FaultNote } from '../../parts/fault-note';
import type { ShownApproval } from '../instances/instances.queries';
import { dataOf, fieldsOf, type Field, type FieldFault, type Values } from './schema-fields';

interface Props {
  readonly approval: Pick<ShownApproval, 'id' | 'instanceId' | 'schema'>;
  readonly onDone?: () => void;
}

/** A decision with the data that its schema asks for; a rejection goes with words. */
export function DecisionForm({ approval: { id, instanceId, schema }, onDone }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const fields = fieldsOf(schema);
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries((fields ?? []).map(({ name, initial }) => [name, initial])),
  );
  const [note, setNote] = useState('');
  const [faults, setFaults] = useState<Readonly<Record<string, FieldFault>>>({});
  const decide = useMutation({
    mutationFn: ({ decision, data }: { readonly decision: 'approved' | 'rejected'; readonly data?: unknown }) =>
      call('POST /approvals/{id}', { path: { id }, body: { decision, ...(data !== undefined && { data }) } }),
    onSuccess: () => {
      notifications.show({ color: 'green', message: t('approvals.decided') });
      onDone?.();
    },
    // Also a refusal says something new: it is over, or was given before.
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['approvals'] });
      void queries.invalidateQueries({ queryKey: ['instance', instanceId] });
    },
  });
  const noted = note.trim() === '' ? {} : { note: note.trim() };
  const approve = () => {
    if (fields === undefined) {
      decide.mutate({ decision: 'approved', ...(note.trim() !== '' && { data: noted }) });
      return;
    }
    const read = dataOf(fields, values);
    setFaults('faults' in read ? read.faults : {});
    if ('data' in read) decide.mutate({ decision: 'approved', data: read.data });
  };
  const reject = () => decide.mutate({ decision: 'rejected', ...(note.trim() !== '' && { data: noted }) });
  return (
    <Stack gap="xs" mt="xs" maw={520}>
      {fields?.map((field) => (
        <SchemaField
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          fault={faults[field.name]}
          onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
        />
      ))}
      <Textarea
        label={fields === undefined ? t('approvals.note') : t('approvals.noteOfRejection')}
        description={t('approvals.noteHint')}
        autosize
        minRows={1}
        maxRows={5}
        value={note}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
      />
      {decide.error && <FaultNote error={decide.error} />}
      <Group gap="xs">
        <Button color="#1a7f37" loading={decide.isPending} onClick={approve}>
          {t('approvals.approve')}
        </Button>
        <Button variant="outline" color="red" disabled={decide.isPending} onClick={reject}>
          {t('approvals.reject')}
        </Button>
      </Group>
    </Stack>
  );
}

interface FieldProps {
  readonly field: Field;
  readonly value: string;
  readonly fault: FieldFault | undefined;
  readonly onChange: (value: string) => void;
}

function SchemaField({ field, value, fault, onChange }: FieldProps) {
  const { t } = useTranslation();
  const { title, description, kind, choices, isRequired } = field;
  const common = {
    label: title,
    description,
    error: fault && t(`approvals.${fault}`),
    withAsterisk: isRequired && kind !== 'boolean',
  };
  switch (kind) {
    case 'boolean':
      return (
        <Checkbox
          label={title}
          description={description}
          checked={value === 'true'}
          onChange={({ currentTarget }) => onChange(String(currentTarget.checked))}
        />
      );
    case 'number':
      return <NumberInput {...common} value={value} onChange={(next) => onChange(String(next))} />;
    case 'choice':
      return (
        <Select
          {...common}
          data={[...choices]}
          placeholder={t('approvals.choose')}
          value={value === '' ? null : value}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'json':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      );
    case 'text':
      return <TextInput {...common} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} />;
  }
}
