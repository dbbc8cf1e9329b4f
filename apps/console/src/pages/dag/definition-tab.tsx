import { Badge, Button, Group, List, SegmentedControl, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { DAGS, dagQuery, schemaQuery } from '../../api/dags.queries';
import { isStatus } from '../../api/problem';
import { CodeEditor } from '../../parts/code-editor/code-editor';
import { readText, writeText, type TextFormat } from '../../parts/code-editor/definition-text';
import { Confirm } from '../../parts/confirm';
import { FaultNote } from '../../parts/fault-note';
import type { DagTabProps } from './dag-tab';
import { definitionOf } from './definition-of';
import { MergeDialog } from './merge-dialog';
import { useValidation } from './use-validation';

/** The definition as a text. It is saved on top of the version that it was read from, and of no other. */
export function DefinitionTab({ read }: DagTabProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [format, setFormat] = useState<TextFormat>('yaml');
  const [base, setBase] = useState(read);
  const [text, setText] = useState(() => writeText(definitionOf(read.dag), 'yaml'));
  const [changeLog, setChangeLog] = useState('');
  const { data: schema } = useQuery(schemaQuery);
  const { diagnostics, isValid, isChecking } = useValidation(text, format);
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
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged,
    enableBeforeUnload: () => isChanged,
    withResolver: true,
  });
  const change = (next: TextFormat) => {
    const { value, fault } = readText(text, format);
    if (fault) return;
    setText(writeText(value, next));
    setFormat(next);
  };
  const isStale = isStatus(saving.error, 412);
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Group gap="xs">
          <SegmentedControl
            aria-label={t('dag.definition.format')}
            data={[
              { value: 'yaml', label: 'YAML' },
              { value: 'json', label: 'JSON' },
            ]}
            value={format}
            onChange={(next) => change(next)}
          />
          <ValidationBadge count={diagnostics.length} isValid={isValid} isChecking={isChecking} />
          {read.etag !== base.etag && <Text c="var(--state-waiting)">{t('dag.definition.newer')}</Text>}
        </Group>
        <Group gap="xs">
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
        </Group>
      </Group>
      {saving.isError && !isStale && <FaultNote error={saving.error} />}
      <CodeEditor
        label={t('dag.tab.definition')}
        value={text}
        format={format}
        onChange={setText}
        schema={schema}
        diagnostics={diagnostics}
        height="calc(100vh - 320px)"
      />
      <List size="sm" mt="xs" mah={90} style={{ overflow: 'auto' }} listStyleType="none" aria-live="polite">
        {diagnostics.map(({ message, source, severity }) => (
          <List.Item
            key={`${source ?? ''} ${message}`}
            c={severity === 'error' ? 'var(--state-failed)' : 'var(--state-waiting)'}
          >
            {source !== undefined && <code>{source} </code>}
            {message}
          </List.Item>
        ))}
      </List>
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
      {blocker.status === 'blocked' && (
        <Confirm
          title={t('dag.definition.leave')}
          action={t('dag.definition.discard')}
          isDangerous
          onConfirm={blocker.proceed}
          onClose={blocker.reset}
        />
      )}
    </>
  );
}

function ValidationBadge({ count, isValid, isChecking }: { count: number; isValid: boolean; isChecking: boolean }) {
  const { t } = useTranslation();
  if (isChecking) return <Badge color="gray">{t('dag.definition.checking')}</Badge>;
  if (count > 0) return <Badge color={isValid ? 'yellow' : 'red'}>{t('dag.definition.faults', { count })}</Badge>;
  return isValid ? <Badge color="green">{t('dag.definition.valid')}</Badge> : null;
}
