import { ActionIcon, Badge, Button, Group, Menu, Paper, Switch, Text, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { KebabHorizontalIcon } from '@primer/octicons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client';
import { messageOf } from '../../../api/problem';
import { previewQuery, TRIGGERS, type TriggerRow } from '../../../api/triggers.queries';
import { Confirm } from '../../../parts/confirm';
import { Time } from '../../../shell/time';
import { FireDialog } from './fire-dialog';
import { HookNote } from './hook-note';
import { SchedulePreview } from './schedule-preview';
import { EditTrigger } from './trigger-drawer';
import { TriggerSummary } from './trigger-summary';

type Opened = 'edit' | 'fire' | 'rotate' | 'delete';

/** One trigger: what it waits for, whether it may, when next, and what can be done with it. */
export function TriggerCard({ trigger }: { trigger: TriggerRow }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [opened, setOpened] = useState<Opened>();
  const [isTold, setTold] = useState(false);
  const { id, kind, name, description, enabled, derived, lastFiredAt, nextFireAt, url, problem, disabled } = trigger;
  const path = { id };
  const close = () => setOpened(undefined);
  const doing = useMutation({
    mutationFn: async (action: 'enable' | 'disable' | 'rotate-hook' | 'delete') => {
      if (action === 'delete') await call('DELETE /triggers/{id}', { path });
      else await call(`POST /triggers/{id}/${action}`, { path });
    },
    onSuccess: (_done, action) => {
      if (action === 'rotate-hook') setTold(true);
      close();
    },
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: TRIGGERS }),
  });
  const word = problem?.message ?? disabled?.message;
  const title = name === '' ? (description ?? t(`dags.trigger.${kind}`)) : name;
  return (
    <Paper withBorder p="sm" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="xs">
        <Group gap="xs" flex="1 1 240px">
          <Badge color="gray">{t(`dags.trigger.${kind}`)}</Badge>
          <Text fw={600}>{title}</Text>
          {title !== description && <TriggerSummary trigger={trigger} />}
          {derived && <Text c="dimmed">{t('dag.triggers.derived')}</Text>}
        </Group>
        <Group gap="xs" wrap="nowrap">
          <Switch
            checked={enabled}
            disabled={doing.isPending}
            label={t(enabled ? 'dag.triggers.enabled' : 'dag.triggers.disabled')}
            onChange={() => doing.mutate(enabled ? 'disable' : 'enable')}
          />
          <Button variant="default" onClick={() => setOpened('fire')}>
            {t('dag.triggers.fire')}
          </Button>
          {!derived || kind === 'webhook' ? (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="default" size={30} aria-label={t('dag.triggers.actions', { title })}>
                  <KebabHorizontalIcon />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {!derived && <Menu.Item onClick={() => setOpened('edit')}>{t('dag.triggers.edit')}</Menu.Item>}
                {kind === 'webhook' && (
                  <Menu.Item onClick={() => setOpened('rotate')}>{t('dag.triggers.rotate')}</Menu.Item>
                )}
                {!derived && (
                  <Menu.Item color="red" onClick={() => setOpened('delete')}>
                    {t('parts.delete')}
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          ) : null}
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
        {url !== null && (
          <UnstyledButton className="link-button" aria-expanded={isTold} onClick={() => setTold(!isTold)}>
            {t('dag.triggers.howToCall')}
          </UnstyledButton>
        )}
      </Group>
      {kind === 'cron' && enabled && <NextTimes id={id} />}
      {isTold && <HookNote trigger={trigger} />}
      {opened === 'edit' && <EditTrigger id={id} title={t('dag.triggers.editOf', { title })} onClose={close} />}
      {opened === 'fire' && (
        <FireDialog trigger={trigger} title={t('dag.triggers.fireOf', { title })} onClose={close} />
      )}
      {(opened === 'rotate' || opened === 'delete') && (
        <Confirm
          title={t(opened === 'rotate' ? 'dag.triggers.askRotate' : 'dag.triggers.ask')}
          action={t(opened === 'rotate' ? 'dag.triggers.rotate' : 'parts.delete')}
          isDangerous
          isPending={doing.isPending}
          onConfirm={() => doing.mutate(opened === 'rotate' ? 'rotate-hook' : 'delete')}
          onClose={close}
        >
          <Text>{t(opened === 'rotate' ? 'dag.triggers.askRotateText' : 'dag.triggers.askText')}</Text>
        </Confirm>
      )}
    </Paper>
  );
}

function NextTimes({ id }: { id: string }) {
  const { data } = useQuery(previewQuery(id, 3));
  return data && <SchedulePreview items={data} />;
}
