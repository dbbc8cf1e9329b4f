import { Anchor, Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { DAGS, dagQuery, type ReadDag } from '../../api/dags.queries';
import { readText, writeText } from '../../parts/code-editor/definition-text';
import { FaultNote } from '../../parts/fault-note';
import { PageHeader } from '../../shell/page-header';
import { PageLoading } from '../../shell/page-loading';
import { DefinitionEditor, type Written } from './definition-editor';
import { definitionOf } from './definition-of';
import { LeaveGuard } from './leave-guard';

const route = getRouteApi('/console/dags/new');

/** As short as a DAG can be that says something when it runs. */
const BEGINNING = `title: My first DAG
description: Greets whoever is named.
steps:
  - id: start
    operator: '@trigger/form'
    parameters:
      fields:
        - { key: name, name: Who, type: string, required: true }
  - id: greet
    title: Greet
    operator: '@internal/return'
    parameters:
      text: Hello {{trigger.name}}
`;

/** A DAG that is not there yet: from a beginning, or from a copy of another one. */
export function NewDagPage() {
  const { t } = useTranslation();
  const { from } = route.useSearch();
  const { data: read, error } = useQuery({ ...dagQuery(from ?? ''), enabled: from !== undefined });
  const isLoading = from !== undefined && read === undefined;
  return (
    <>
      <PageHeader
        title={t('dag.new.title')}
        beside={
          <Anchor component={Link} to="/dags">
            {t('dag.back')}
          </Anchor>
        }
      />
      {error && <FaultNote error={error} />}
      {isLoading && !error && <PageLoading />}
      {!isLoading && <NewDag beginning={read ? copyOf(read, t('dag.new.copy')) : BEGINNING} />}
    </>
  );
}

function copyOf({ dag }: ReadDag, word: string): string {
  return writeText({ ...definitionOf(dag), title: `${dag.title} (${word})` }, 'yaml');
}

function NewDag({ beginning }: { beginning: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [written, setWritten] = useState<Written>({ text: beginning, format: 'yaml' });
  const creating = useMutation({
    mutationFn: ({ text, format }: Written) =>
      call('POST /dags', { body: readText(text, format).value as Readonly<Record<string, unknown>> }),
    onSuccess: async ({ id = '', title = '' }) => {
      await queryClient.invalidateQueries({ queryKey: DAGS });
      notifications.show({ color: 'green', message: t('dag.new.created', { title }) });
      await navigate({ to: '/dags/$dagId', params: { dagId: id }, ignoreBlocker: true });
    },
  });
  const isChanged = written.text !== beginning && !creating.isSuccess;
  const { fault } = readText(written.text, written.format);
  return (
    <>
      {creating.isError && <FaultNote error={creating.error} />}
      <DefinitionEditor written={written} onChange={setWritten}>
        <Button disabled={fault !== undefined} loading={creating.isPending} onClick={() => creating.mutate(written)}>
          {t('dag.new.create')}
        </Button>
      </DefinitionEditor>
      <LeaveGuard isChanged={isChanged} />
    </>
  );
}
