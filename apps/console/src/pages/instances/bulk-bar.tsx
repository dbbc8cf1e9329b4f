import { Button, Checkbox, Group, Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { inBatches } from '../../api/in-batches';
import { FaultNote } from '../../parts/fault-note';

interface Props {
  readonly selected: ReadonlySet<string>;
  readonly onDone: () => void;
}

type Action = 'cancel' | 'retry';

/** What can be done to all that are selected; each has an answer of its own. */
export function BulkBar({ selected, onDone }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Action>();
  const [compensate, setCompensate] = useState(false);
  const act = useMutation({
    mutationFn: (action: Action) =>
      inBatches([...selected], (ids) =>
        call('POST /instances/batch', {
          body: { action, ids: [...ids], ...(action === 'cancel' && compensate && { compensate }) },
        }),
      ),
    onSuccess: (items) => {
      const refused = items.filter(({ ok }) => ok !== true);
      notifications.show({
        color: refused.length > 0 ? 'orange' : 'green',
        title: `${t('instances.bulk.done', { count: items.length - refused.length })}${refused.length > 0 ? `, ${t('instances.bulk.refused', { count: refused.length })}` : ''}`,
        message: refused
          .slice(0, 3)
          .map(({ id, error }) => `${id}: ${error?.message}`)
          .join('\n'),
      });
      setAsked(undefined);
      onDone();
      return queries.invalidateQueries({ queryKey: ['instances'] });
    },
  });
  const ask = (action: Action) => {
    act.reset();
    setCompensate(false);
    setAsked(action);
  };
  const count = selected.size;
  return (
    <Group gap="xs">
      <Text fw={600}>{t('instances.selected', { count })}</Text>
      <Button variant="default" onClick={() => ask('cancel')}>
        {t('instances.bulk.cancel')}
      </Button>
      <Button variant="default" onClick={() => ask('retry')}>
        {t('instances.bulk.retry')}
      </Button>
      <Button variant="subtle" color="gray" onClick={onDone}>
        {t('instances.bulk.clear')}
      </Button>
      <Modal
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={asked === undefined ? '' : t(`instances.bulk.${asked}Title`, { count })}
        closeButtonProps={{ 'aria-label': t('parts.close') }}
      >
        {asked !== undefined && <Text>{t(`instances.bulk.${asked}Text`)}</Text>}
        {asked === 'cancel' && (
          <Checkbox
            mt="sm"
            label={t('instances.bulk.compensate')}
            checked={compensate}
            onChange={({ currentTarget }) => setCompensate(currentTarget.checked)}
          />
        )}
        {act.error && <FaultNote error={act.error} />}
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={() => setAsked(undefined)}>
            {t('parts.close')}
          </Button>
          <Button
            color={asked === 'cancel' ? 'red' : undefined}
            loading={act.isPending}
            onClick={() => asked !== undefined && act.mutate(asked)}
          >
            {asked !== undefined && t(`instances.bulk.${asked}`)}
          </Button>
        </Group>
      </Modal>
    </Group>
  );
}
