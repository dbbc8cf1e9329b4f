import { Badge, Button, Code, CopyButton, Group, Paper, Switch, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { messageOf } from '../../api/problem';
import { previewQuery, TRIGGERS, type TriggerRow } from '../../api/triggers.queries';
import { Confirm } from '../../parts/confirm';
import { Time } from '../../shell/time';

/** One trigger: what it waits for, whether it may, when next, and what can be done with it. */
export function TriggerCard({ trigger }: { trigger: TriggerRow }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [isDeleting, setDeleting] = useState(false);
  const { id, kind, name, description, enabled, derived, lastFiredAt, nextFireAt, url, problem, disabled } = trigger;
  const path = { id };
  const doing = useMutation({
    mutationFn: async (action: 'enable' | 'disable' | 'fire' | 'delete') => {
      if (action === 'delete') await call('DELETE /triggers/{id}', { path });
      else await call(`POST /triggers/{id}/${action}`, { path });
    },
    onSuccess: (_done, action) => {
      if (action === 'fire') notifications.show({ color: 'green', message: t('dag.triggers.fired') });
    },
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: TRIGGERS }),
  });
  const word = problem?.message ?? disabled?.message;
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" wrap="nowrap">
        <Group gap="xs">
          <Badge color="gray" tt="none">
            {t(`dags.trigger.${kind}`)}
          </Badge>
          <Text fw={600}>{name === '' ? (description ?? t(`dags.trigger.${kind}`)) : name}</Text>
          {name !== '' && description !== null && <Text c="dimmed">{description}</Text>}
          {derived && <Text c="dimmed">{t('dag.triggers.derived')}</Text>}
        </Group>
        <Group gap="xs" wrap="nowrap">
          <Switch
            checked={enabled}
            label={t(enabled ? 'dag.triggers.enabled' : 'dag.triggers.disabled')}
            onChange={() => doing.mutate(enabled ? 'disable' : 'enable')}
          />
          {kind !== 'form' && (
            <Button variant="default" disabled={doing.isPending} onClick={() => doing.mutate('fire')}>
              {t('dag.triggers.fire')}
            </Button>
          )}
          {!derived && (
            <Button variant="default" c="red" onClick={() => setDeleting(true)}>
              {t('parts.delete')}
            </Button>
          )}
        </Group>
      </Group>
      {word !== undefined && <Text c="var(--state-failed)">{word}</Text>}
      <Group gap="lg" mt={6}>
        <Text c="dimmed">
          {t('dag.triggers.last')} <Time at={lastFiredAt} />
        </Text>
        {kind === 'cron' && (
          <Text c="dimmed">
            {t('dag.triggers.next')} <Time at={nextFireAt} />
          </Text>
        )}
        <Link to="/triggers" search={{ tab: 'firings', trigger: id }}>
          {t('dag.triggers.history')}
        </Link>
      </Group>
      {kind === 'cron' && enabled && <NextTimes id={id} />}
      {url !== null && (
        <Group gap="xs" mt={6} wrap="nowrap">
          <Code style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{url}</Code>
          <CopyButton value={url}>
            {({ copied, copy }) => (
              <Button variant="subtle" size="compact-xs" onClick={copy}>
                {t(copied ? 'parts.copied' : 'parts.copy')}
              </Button>
            )}
          </CopyButton>
        </Group>
      )}
      {isDeleting && (
        <Confirm
          title={t('dag.triggers.ask')}
          action={t('parts.delete')}
          isDangerous
          isPending={doing.isPending}
          onConfirm={() => doing.mutate('delete')}
          onClose={() => setDeleting(false)}
        />
      )}
    </Paper>
  );
}

/** The next times in the zone of the schedule, as it counts them. */
function NextTimes({ id }: { id: string }) {
  const { data = [] } = useQuery(previewQuery(id));
  return (
    <Group gap="md" mt={4} className="mono">
      {data.map(({ at = '', local, note }) => (
        <span key={at} title={note}>
          {(local ?? at).replace('T', ' ')}
          {note !== undefined && ' *'}
        </span>
      ))}
    </Group>
  );
}
