import { Alert, Button, Checkbox, Code, Group, List, Loader, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { AlertIcon, CheckIcon } from '@primer/octicons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import type { ShownInstance } from '../../api/shown-instance';
import type { RetryPoint } from './retry-preview';
import { useAction } from './use-action';
import { useRetryPreview, type RetryPreview } from './use-retry-preview';

interface Props {
  readonly instance: ShownInstance;
  readonly from: RetryPoint;
  readonly onClose: () => void;
}

const MOST_SHOWN = 12;

/** A retry, with what it will do a second time: nobody finds that out afterwards. */
export function RetryDialog({ instance, from, onClose }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [latest, setLatest] = useState(false);
  const preview = useRetryPreview(instance, from);
  const { id } = instance;
  const retry = useAction(
    id,
    () => call('POST /instances/{id}/retry', { path: { id }, body: { from, version: latest ? 'latest' : 'original' } }),
    ({ id: fresh = '', attempt = 2, kept = 0 }) => {
      notifications.show({ message: t('instance.retry.started', { attempt: String(attempt), count: kept }) });
      onClose();
      void navigate({ to: '/instances/$instanceId', params: { instanceId: fresh } });
    },
  );
  const count = preview.kind === 'known' ? preview.repeats.length : 0;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={
        from === 'failed'
          ? `${t('instance.retry.title')}: ${t('instance.retry.fromFailed')}`
          : `${t('instance.retry.title')}: ${t('instance.retry.fromStep', { path: from.path })}`
      }
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      <Stack gap="sm">
        <Text>{t('instance.retry.kept')}</Text>
        <Repeats preview={preview} />
        <Checkbox
          label={t('instance.retry.latest')}
          checked={latest}
          onChange={({ currentTarget }) => setLatest(currentTarget.checked)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
          <Button
            data-autofocus
            color={count > 0 ? 'orange.8' : undefined}
            disabled={preview.kind === 'working'}
            loading={retry.isPending}
            onClick={() => retry.mutate()}
          >
            {count > 0 ? t('instance.retry.confirmRepeats', { count }) : t('instance.retry.confirm')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Repeats({ preview }: { readonly preview: RetryPreview }) {
  const { t } = useTranslation();
  if (preview.kind === 'working')
    return (
      <Group gap="xs">
        <Loader size="xs" />
        <Text>{t('instance.retry.working')}</Text>
      </Group>
    );
  if (preview.kind === 'unknown')
    return (
      <Alert color="orange" icon={<AlertIcon />}>
        {t('instance.retry.unknown')}
      </Alert>
    );
  const { repeats } = preview;
  if (repeats.length === 0)
    return (
      <Alert color="green" icon={<CheckIcon />} p="xs">
        {t('instance.retry.repeatsNone')}
      </Alert>
    );
  return (
    <Alert color="orange" icon={<AlertIcon />} data-repeats={repeats.length}>
      <Text>{t('instance.retry.repeats', { count: repeats.length })}</Text>
      <List size="sm" mt={4}>
        {repeats.slice(0, MOST_SHOWN).map(({ path }) => (
          <List.Item key={path}>
            <Code>{path}</Code>
          </List.Item>
        ))}
      </List>
      {repeats.length > MOST_SHOWN && <Text>{t('instance.retry.more', { count: repeats.length - MOST_SHOWN })}</Text>}
    </Alert>
  );
}
