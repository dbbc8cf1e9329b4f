import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client';
import { ApiProblem } from '../../../api/problem';
import { formQuery, TRIGGERS, type FiringRow, type TriggerRow } from '../../../api/triggers.queries';
import { FieldInput } from '../../../parts/data-form/field-input';
import { fieldsOf, filled, type Field } from '../../../parts/data-form/fields';
import { FaultNote } from '../../../parts/fault-note';
import { JsonField } from '../../../parts/json-field';
import { readJson } from '../../../parts/json-text';
import { PageLoading } from '../../../shell/page-loading';

interface Props {
  readonly trigger: TriggerRow;
  readonly title: string;
  readonly onClose: () => void;
}

/** Fires a trigger by hand with data: the fields of its form, or any JSON; then it tells what came of it. */
export function FireDialog({ trigger, title, onClose }: Props) {
  const { t } = useTranslation();
  const form = useQuery(formQuery(trigger.id));
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': t('parts.close') }}>
      {form.isPending && <PageLoading />}
      {form.isError && <FaultNote error={form.error} onRetry={() => void form.refetch()} />}
      {form.data && <FireForm id={trigger.id} fields={fieldsOf(form.data)} onClose={onClose} />}
    </Modal>
  );
}

function FireForm({ id, fields, onClose }: { id: string; fields: readonly Field[] | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState(() =>
    Object.fromEntries((fields ?? []).map(({ key, initial }) => [key, initial])),
  );
  const [text, setText] = useState('{}');
  const [shown, setShown] = useState<Readonly<Record<string, string>>>({});
  const firing = useMutation({
    mutationFn: (data: Readonly<Record<string, unknown>>) =>
      call('POST /triggers/{id}/fire', { path: { id }, body: { data } }),
    onError: (error) => {
      const faults = error instanceof ApiProblem ? error.errors : [];
      setShown(Object.fromEntries(faults.map(({ pointer, message }) => [pointer.split('/')[2] ?? '', message])));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: TRIGGERS }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (fields === undefined) {
      const read = readJson(text);
      setShown('fault' in read ? { '': read.fault } : {});
      if ('value' in read) firing.mutate((read.value ?? {}) as Readonly<Record<string, unknown>>);
      return;
    }
    const { data, faults } = filled(fields, typed);
    setShown(Object.fromEntries(Object.entries(faults).map(([key, fault]) => [key, t(`parts.form.fault.${fault}`)])));
    if (Object.keys(faults).length === 0) firing.mutate(data);
  };
  if (firing.data) return <Outcome firing={firing.data as FiringRow} onClose={onClose} />;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Text c="dimmed">{t('dag.triggers.fireHint')}</Text>
        {fields === undefined && (
          <JsonField label={t('dag.run.data')} value={text} onChange={setText} error={shown['']} />
        )}
        {fields?.map((field) => (
          <FieldInput
            key={field.key}
            field={field}
            value={typed[field.key] ?? ''}
            error={shown[field.key]}
            onChange={(value) => setTyped((before) => ({ ...before, [field.key]: value }))}
          />
        ))}
        {firing.isError && <FaultNote error={firing.error} />}
        <Group>
          <Button type="submit" loading={firing.isPending}>
            {t('dag.triggers.fire')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Outcome({ firing: { status, instanceId, reason }, onClose }: { firing: FiringRow; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status">
      <Text>
        {t('dag.triggers.outcome')} <b>{t(`triggers.firing.${status}`)}</b>
        {reason?.message !== undefined && `: ${reason.message}`}
      </Text>
      {instanceId !== null && (
        <Link to="/instances/$instanceId" params={{ instanceId }}>
          {t('dag.triggers.openRun')}
        </Link>
      )}
      <Group>
        <Button onClick={onClose}>{t('parts.close')}</Button>
      </Group>
    </Stack>
  );
}
