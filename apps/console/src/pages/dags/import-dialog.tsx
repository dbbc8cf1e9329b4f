import { Button, FileButton, Group, Modal, Stack, Switch, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { FileIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { DAGS } from '../../api/dags.queries';
import { FaultNote } from '../../parts/fault-note';
import { importDags } from '../../parts/first-flows/import-dags';

/** Definitions as JSON or YAML: pasted, chosen or dropped. Nothing is taken while one of them has a fault, and every fault is shown. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const [isUpsert, setUpsert] = useState(false);
  const importing = useMutation({
    mutationFn: () => importDags(text, isUpsert ? 'upsert' : 'create'),
    onSuccess: async (items) => {
      await queryClient.invalidateQueries({ queryKey: DAGS });
      notifications.show({ message: t('dags.import.done', { count: items.length }), color: 'green' });
      onClose();
      const [first] = items;
      if (items.length === 1 && first) await navigate({ to: '/dags/$dagId', params: { dagId: first.id } });
    },
  });
  const read = async (files: readonly File[]) => {
    importing.reset();
    const texts = await Promise.all(files.map((file) => file.text()));
    setText(texts.join('\n---\n'));
  };
  const drop = (event: DragEvent) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void read([...event.dataTransfer.files]);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('dags.import.title')}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <Stack gap="sm" onDrop={drop} onDragOver={(event) => event.preventDefault()}>
        <Group justify="space-between">
          <Text c="dimmed">{t('dags.import.hint')}</Text>
          <FileButton multiple accept=".json,.yaml,.yml" onChange={(files) => void read(files)}>
            {(props) => (
              <Button variant="default" leftSection={<FileIcon />} {...props}>
                {t('dags.import.choose')}
              </Button>
            )}
          </FileButton>
        </Group>
        <Textarea
          aria-label={t('dags.import.text')}
          placeholder={t('dags.import.placeholder')}
          value={text}
          onChange={({ currentTarget }) => {
            importing.reset();
            setText(currentTarget.value);
          }}
          rows={16}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
          data-autofocus
        />
        <Switch
          label={t('dags.import.upsert')}
          checked={isUpsert}
          onChange={({ currentTarget }) => setUpsert(currentTarget.checked)}
        />
        {importing.isError && <FaultNote error={importing.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <Button disabled={text.trim() === ''} loading={importing.isPending} onClick={() => importing.mutate()}>
            {t('dags.import.submit')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
