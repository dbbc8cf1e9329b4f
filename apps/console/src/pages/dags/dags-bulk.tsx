import { Button, Group, List, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { inBatches } from '../../api/in-batches';
import { DAGS } from '../../api/dags.queries';
import { Confirm } from '../../parts/confirm';
import { FaultNote } from '../../parts/fault-note';

const ACTIONS = ['activate', 'deactivate', 'run', 'delete'] as const;
type Action = (typeof ACTIONS)[number];

interface Result {
  readonly id: string;
  readonly error?: string;
}

interface Props {
  readonly selected: ReadonlySet<string>;
  readonly titleOf: (id: string) => string;
  readonly onClear: () => void;
}

/** What can be done with all that is selected; afterwards, what was not done and why, one by one. */
export function DagsBulk({ selected, titleOf, onClear }: Props) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Action>();
  const doing = useMutation({
    mutationFn: (action: Action) => doAll(action, [...selected]),
    onSuccess: (results) => {
      if (results.every(({ error }) => error === undefined)) onClear();
    },
    onSettled: async () => {
      setAsked(undefined);
      await queryClient.invalidateQueries({ queryKey: DAGS });
    },
  });
  const refused = doing.data?.filter(({ error }) => error !== undefined) ?? [];
  const count = selected.size;
  return (
    <>
      <Group gap="xs" mb="xs" mih={30}>
        <Text fw={600}>{t('dags.bulk.selected', { count })}</Text>
        {ACTIONS.map((action) => (
          <Button
            key={action}
            variant="default"
            c={action === 'delete' ? 'red' : undefined}
            onClick={() => setAsked(action)}
          >
            {t(`dags.bulk.${action}`)}
          </Button>
        ))}
        <Button variant="subtle" color="gray" onClick={onClear}>
          {t('dags.bulk.clear')}
        </Button>
      </Group>
      {doing.isError && <FaultNote error={doing.error} />}
      {doing.data && refused.length > 0 && (
        <>
          <Text c="red">
            {t('dags.bulk.some', { done: String(doing.data.length - refused.length), count: refused.length })}
          </Text>
          <List size="sm" mb="xs" mah={160} style={{ overflow: 'auto' }}>
            {refused.map(({ id, error }) => (
              <List.Item key={id}>
                {titleOf(id)}: {error}
              </List.Item>
            ))}
          </List>
        </>
      )}
      {asked !== undefined && (
        <Confirm
          title={t(`dags.bulk.ask.${asked}`, { count })}
          action={t(`dags.bulk.${asked}`)}
          isDangerous={asked === 'delete'}
          isPending={doing.isPending}
          onConfirm={() => doing.mutate(asked)}
          onClose={() => setAsked(undefined)}
        >
          <Text>
            {[...selected].slice(0, 8).map(titleOf).join(', ')}
            {count > 8 && ' ...'}
          </Text>
        </Confirm>
      )}
    </>
  );
}

async function doAll(action: Action, ids: readonly string[]): Promise<readonly Result[]> {
  const items = await inBatches(ids, (some) => call('POST /dags/batch', { body: { action, ids: [...some] } }));
  return items.map(({ id = '', error }) => ({ id, error: error && (error.message ?? error.code) }));
}
