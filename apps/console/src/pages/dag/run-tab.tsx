import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Text } from '@mantine/core';
import { dagTriggersQuery, formQuery } from '../../api/triggers.queries';
import { PageLoading } from '../../shell/page-loading';
import type { DagTabProps } from './dag-tab';
import { RunForm } from './run-form';

/** Starts a run: the fields of the DAG's form, or any JSON where it takes anything or its form may not be read. */
export function RunTab({ read: { dag } }: DagTabProps) {
  const { t } = useTranslation();
  const triggers = useQuery(dagTriggersQuery(dag.id));
  const derived = triggers.data?.find(
    ({ derived: isDerived, kind }) => isDerived && (kind === 'form' || kind === 'manual'),
  );
  const form = useQuery({ ...formQuery(derived?.id ?? ''), enabled: derived !== undefined });
  if (triggers.isPending || (derived !== undefined && form.isPending)) return <PageLoading />;
  return (
    <>
      {dag.status === 'stopped' && <Text c="dimmed">{t('dag.run.stopped')}</Text>}
      <RunForm key={dag.version} dagId={dag.id} schema={form.data} />
    </>
  );
}
