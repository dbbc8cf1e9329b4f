import { Alert, Button, Checkbox, Code, Group, List, Loader, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { AlertIcon, CheckIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { FaultNote } from '../../parts/fault-note';
import type { ShownInstance } from '../../api/shown-instance';
import { retryOutlineQuery, type RetryOutline, type RetryPoint } from './retry.queries';
import { useAction } from './use-action';

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
  const { id } = instance;
  const version = latest ? 'latest' : 'original';
  const outline = useQuery(retryOutlineQuery(id, { from, version }));
  const retry = useAction(
    id,
    () => call('POST /instances/{id}/retry', { path: { id }, body: { from, version } }),
    ({ id: fresh, attempt = 2, kept = 0 }) => {
      notifications.show({ message: t('instance.retry.started', { attempt: String(attempt), count: kept }) });
      onClose();
      if (typeof fresh === 'string') void navigate({ to: '/instances/$instanceId', params: { instanceId: fresh } });
    },
  );
  const count = outline.data?.repeats.length ?? 0;
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
        {outline.error ? <FaultNote error={outline.error} /> : <Repeats outline={outline.data} />}
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
            disabled={!outline.data}
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

function Repeats({ outline }: { readonly outline: RetryOutline | undefined }) {
  const { t } = useTranslation();
  if (outline === undefined)
    return (
      <Group gap="xs">
        <Loader size="xs" />
        <Text>{t('instance.retry.working')}</Text>
      </Group>
    );
  const { again, repeats } = outline;
  const others = again.filter(({ effect }) => effect !== 'write');
  return (
    <>
      {repeats.length === 0 ? (
        <Alert color="green" icon={<CheckIcon />} p="xs">
          {t('instance.retry.repeatsNone')}
        </Alert>
      ) : (
        <Alert color="orange" icon={<AlertIcon />} data-repeats={repeats.length}>
          <Text>{t('instance.retry.repeats', { count: repeats.length })}</Text>
          <Paths of={repeats} />
        </Alert>
      )}
      {others.length > 0 && (
        <div data-others={others.length}>
          <Text c="dimmed">{t('instance.retry.others', { count: others.length })}</Text>
          <Paths of={others} />
        </div>
      )}
    </>
  );
}

function Paths({ of: tasks }: { readonly of: readonly { readonly path: string }[] }) {
  const { t } = useTranslation();
  return (
    <>
      <List size="sm" mt={4}>
        {tasks.slice(0, MOST_SHOWN).map(({ path }) => (
          <List.Item key={path}>
            <Code>{path}</Code>
          </List.Item>
        ))}
      </List>
      {tasks.length > MOST_SHOWN && <Text>{t('instance.retry.more', { count: tasks.length - MOST_SHOWN })}</Text>}
    </>
  );
}
