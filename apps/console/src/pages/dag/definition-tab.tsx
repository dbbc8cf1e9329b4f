import { Button, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { DAGS, dagQuery } from '../../api/dags.queries';
import { isStatus } from '../../api/problem';
import { readText, writeText } from '../../parts/code-editor/definition-text';
import { FaultNote } from '../../parts/fault-note';
import type { DagTabProps } from './dag-tab';
import { DefinitionEditor, type Written } from './definition-editor';
import { definitionOf } from './definition-of';
import { LeaveGuard } from './leave-guard';
import { MergeDialog } from './merge-dialog';

/** The definition as a text. It is saved on top of the version that it was read from, and of no other. */
export function DefinitionTab({ read }: DagTabProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [base, setBase] = useState(read);
  const [written, setWritten] = useState<Written>(() => ({
    text: writeText(definitionOf(read.dag), 'yaml'),
    format: 'yaml',
  }));
  const { text, format } = written;
  const setText = (next: string) => setWritten({ text: next, format });
  const [changeLog, setChangeLog] = useState('');
  const isChanged = text !== writeText(definitionOf(base.dag), format);
  const saving = useMutation({
    mutationFn: ({ from, etag }: { from: string; etag: string }) =>
      call(
        'PUT /dags/{id}',
        {
          path: { id: read.dag.id },
          body: { ...(readText(from, format).value as object), ...(changeLog !== '' && { changeLog }) },
        },
        { headers: { 'If-Match': etag } },
      ),
    onSuccess: async ({ version = '' }) => {
      await queryClient.invalidateQueries({ queryKey: DAGS });
      const saved = await queryClient.query({ ...dagQuery(read.dag.id), staleTime: 0 });
      setBase(saved);
      setText(writeText(definitionOf(saved.dag), format));
      setChangeLog('');
      notifications.show({ color: 'green', message: t('dag.definition.saved', { version }) });
    },
  });
  const isStale = isStatus(saving.error, 412);
  return (
    <>
      {saving.isError && !isStale && <FaultNote error={saving.error} />}
      <DefinitionEditor
        written={written}
        onChange={setWritten}
        beside={read.etag !== base.etag && <Text c="var(--state-waiting)">{t('dag.definition.newer')}</Text>}
      >
        <TextInput
          aria-label={t('dag.definition.changeLog')}
          placeholder={t('dag.definition.changeLog')}
          w={260}
          value={changeLog}
          onChange={({ currentTarget }) => setChangeLog(currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={!isChanged}
          onClick={() => setText(writeText(definitionOf(base.dag), format))}
        >
          {t('dag.definition.discard')}
        </Button>
        <Button
          disabled={!isChanged}
          loading={saving.isPending}
          onClick={() => saving.mutate({ from: text, etag: base.etag })}
        >
          {t('parts.save')}
        </Button>
      </DefinitionEditor>
      {isStale && (
        <MergeDialog
          dagId={read.dag.id}
          mine={text}
          format={format}
          onSave={(merged, current) => {
            setText(merged);
            setBase(current);
            saving.mutate({ from: merged, etag: current.etag });
          }}
          onClose={() => saving.reset()}
        />
      )}
      <LeaveGuard isChanged={isChanged} />
    </>
  );
}
