import { Button, Drawer, Group, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client';
import { triggerQuery, TRIGGERS, type TriggerRow } from '../../../api/triggers.queries';
import { FaultNote } from '../../../parts/fault-note';
import { PageLoading } from '../../../shell/page-loading';
import type { AddedKind } from './added-kinds';
import { HookNote } from './hook-note';
import { draftOf, newDraft } from './trigger-draft';
import { TriggerForm } from './trigger-form';

interface DrawerProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function TriggerDrawer({ title, onClose, children }: DrawerProps) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(720px, 100vw)"
      title={title}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {children}
    </Drawer>
  );
}

/** Gives a DAG another trigger; of a webhook it then tells where and what to send. */
export function NewTrigger({ dagId, kind, onClose }: { dagId: string; kind: AddedKind; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [hook, setHook] = useState<TriggerRow>();
  const [initial] = useState(() => newDraft(kind, Intl.DateTimeFormat().resolvedOptions().timeZone));
  return (
    <TriggerDrawer title={t(hook ? 'dag.triggers.made' : `dag.triggers.adds.${kind}`)} onClose={onClose}>
      {hook ? (
        <Stack gap="sm">
          <HookNote trigger={hook} />
          <Group>
            <Button onClick={onClose}>{t('parts.close')}</Button>
          </Group>
        </Stack>
      ) : (
        <TriggerForm
          initial={initial}
          action={t('dag.triggers.submit')}
          onClose={onClose}
          onSave={async (body) => {
            const made = (await call('POST /dags/{id}/triggers', { path: { id: dagId }, body })) as TriggerRow;
            await queryClient.invalidateQueries({ queryKey: TRIGGERS });
            if (kind === 'webhook') setHook(made);
            else {
              notifications.show({ color: 'green', message: t('dag.triggers.made') });
              onClose();
            }
          }}
        />
      )}
    </TriggerDrawer>
  );
}

/** Changes a trigger on top of what was read, and of nothing else. */
export function EditTrigger({ id, title, onClose }: { id: string; title: string; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  // Read once: what is typed stands while others change it, and saving tells.
  const { data, error, refetch } = useQuery({
    ...triggerQuery(id),
    queryKey: [...triggerQuery(id).queryKey, 'to edit'],
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <TriggerDrawer title={title} onClose={onClose}>
      {error && <FaultNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && !error && <PageLoading />}
      {data && (
        <TriggerForm
          key={data.etag}
          initial={draftOf(data.trigger)}
          action={t('parts.save')}
          onClose={onClose}
          onReload={() => void refetch()}
          onSave={async (body) => {
            await call('PUT /triggers/{id}', { path: { id }, body }, { headers: { 'If-Match': data.etag } });
            onClose();
            await queryClient.invalidateQueries({ queryKey: TRIGGERS });
          }}
        />
      )}
    </TriggerDrawer>
  );
}
